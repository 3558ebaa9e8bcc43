"""A privacy mailbox on a real dovecot over TLS, and letters to put in it."""

from __future__ import annotations

import imaplib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from tests.stories.small_house import SmallHouse

MARK = "Zonderlinge"
MIDNIGHT = '"31-Oct-2026 23:30:00 +0000"'  # already 1 November in Amsterdam


class Dovecot:
    """One server in a folder of its own: pytest closes its own folders to the user under which dovecot reads mail."""

    def __init__(self, folder: Path, *, tokens: str | None = None) -> None:
        self.folder, self.cert, self.config = folder, folder / "cert.pem", folder / "conf"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", str(folder / "key.pem"), "-out", str(self.cert), "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost"],
            check=True, capture_output=True,
        )  # fmt: skip
        folder.chmod(0o755)
        mail = folder / "mail"
        mail.mkdir()
        shutil.chown(mail, "mail", "mail")
        self.config.write_text(
            f"base_dir={folder}/run\nstate_dir={folder}/state\nlog_path={folder}/log\nprotocols=imap\nssl=required\n"
            f"ssl_cert=<{self.cert}\nssl_key=<{folder}/key.pem\nlisten=127.0.0.1\nmail_location=maildir:{mail}/%u\n"
            "mail_uid=mail\nmail_gid=mail\nfirst_valid_uid=1\nmail_fsync=never\nauth_failure_delay=0\n"
            "service imap-login {\n inet_listener imap {\n  port=0\n }\n"
            f" inet_listener imaps {{\n  port={self.port}\n ssl=yes\n }}\n}}\n"
            f"userdb {{\n driver=static\n args=uid=mail gid=mail home={mail}/%u\n}}\n" + _who_may_enter(folder, tokens)
        )
        self._server: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Serve, also again after `kill`."""
        self._server = subprocess.Popen(["dovecot", "-F", "-c", str(self.config)], start_new_session=True)
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except ConnectionError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"dovecot does not answer: {(self.folder / 'log').read_text()[-500:]}")

    def client(self, user: str) -> imaplib.IMAP4_SSL:
        context = ssl.create_default_context(cafile=self.cert)
        box = imaplib.IMAP4_SSL("localhost", self.port, ssl_context=context, timeout=30)
        box.login(user, "secret")
        return box

    def put(self, user: str, *messages: bytes, at: str = MIDNIGHT) -> None:
        """Deliver these; said with the server's own words and log where it refuses one."""
        with self.client(user) as box:
            for raw in messages:
                answer = box.append("INBOX", "", at, raw)
                assert answer[0] == "OK", f"{answer} {(self.folder / 'log').read_text()[-500:]}"

    def kept(self, user: str) -> tuple[int, int]:
        """How many messages lie in the inbox, and how many of them show that the ledger holds them."""
        with self.client(user) as box:
            box.select("INBOX")
            found = [box.search(None, what)[1][0].split() for what in ("ALL", "KEYWORD $TermijnKept")]
        return len(found[0]), len(found[1])

    def kill(self) -> None:
        """Every process of the server at once, as a machine that loses its power."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()
            self._server = None


def _who_may_enter(folder: Path, tokens: str | None) -> str:
    """By password; or also by a token, of which dovecot asks at this address whether it is good."""
    static = "passdb {\n driver=static\n args=password=secret\n mechanisms=plain login\n}\n"
    if tokens is None:
        return static
    (folder / "tokens").write_text(
        f"introspection_mode=auth\nintrospection_url={tokens}\nforce_introspection=yes\nusername_attribute=username\n"
        "active_attribute=active\nactive_value=true\n"
    )
    oauth = f"passdb {{\n driver=oauth2\n mechanisms=xoauth2 oauthbearer\n args={folder}/tokens\n}}\n"
    return f"auth_mechanisms=plain xoauth2 oauthbearer\n{static}{oauth}"


@contextmanager
def open_dovecot(*, tokens: str | None = None) -> Iterator[Dovecot]:
    """A server that ends with the test. `tokens`: where it asks whether a token is good."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory, prefix="termijn_mail_", ignore_cleanup_errors=True) as folder:
        server = Dovecot(Path(folder), tokens=tokens)
        try:
            yield server
        finally:
            server.kill()


def settings_of(small: SmallHouse, dovecot: Dovecot, user: str) -> dict[str, str]:
    """What an office needs to read this mailbox."""
    given = {
        "TERMIJN_REGISTER_DIR": small.register, "TERMIJN_LEDGER": f"sqlite:///{small.folder / 'ledger.db'}",
        "TERMIJN_OUT": small.folder / "out", "TERMIJN_MAILBOX_HOST": "localhost", "TERMIJN_MAILBOX_PORT": dovecot.port,
        "TERMIJN_MAILBOX_USER": user, "TERMIJN_MAILBOX_CA": dovecot.cert, "MAILBOX_SECRET": "secret",
        "TERMIJN_MAILBOX_LARGEST": 300_000, "TERMIJN_SKIN": "plain",
    }  # fmt: skip
    return {name: str(value) for name, value in given.items()}


def letter(
    text: str, *, number: int = 1, subject: str = f"Vraag van {MARK}", sender: str = "", **headers: str
) -> bytes:
    """A letter of somebody to the privacy mailbox."""
    message = EmailMessage()
    message["From"] = sender or f"{MARK}@example.org"
    message["To"], message["Subject"] = "privacy@12care.nl", subject
    message["Message-ID"] = f"<{number}@example.org>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()
