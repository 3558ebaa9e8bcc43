"""What stands in one message, however broken: headers, the readable text, and what is attached."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass, field
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from html.parser import HTMLParser

#: Beyond these a message is set aside whole: parsing it could take the machine down.
HEADER_BYTES, PARTS = 256_000, 200
#: So many characters of an HTML part are read for what they ask; all of it is kept.
HTML = 200_000
_TAG = re.compile(r"<[^<>]*>")


class Unparseable(Exception):
    """This message is not taken apart; its bytes are kept as they came."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment: its bytes stay inside the kept message."""

    media_type: str
    name: str = field(repr=False)
    size: int


@dataclass(frozen=True, slots=True)
class Mail:
    """One message taken apart. Everything in it is personal data."""

    headers: dict[str, str] = field(repr=False)
    sender: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    message_id: str = field(repr=False)
    thread: tuple[str, ...] = field(repr=False)
    attachments: tuple[Attachment, ...] = field(repr=False)


def take_apart(raw: bytes) -> Mail:
    """Read a message. Raises Unparseable, and nothing else, where it is a bomb or beyond repair."""
    head = re.split(rb"\r?\n\r?\n", raw[: HEADER_BYTES + 4], maxsplit=1)[0]
    if len(head) > HEADER_BYTES or len(re.findall(rb"(?i)content-type:", raw)) > PARTS:
        raise Unparseable
    try:
        return _read(email.message_from_bytes(raw))
    except (RecursionError, MessageError, ValueError, LookupError, AttributeError, TypeError, IndexError):
        # what the standard parser is known to raise on malformed headers and parameters
        raise Unparseable from None


def is_attached(part: Message) -> bool:
    """Whether a part is an attachment and not what the sender wrote."""
    named = bool(decoded(part.get_filename() or ""))
    return named or part.get_content_maintype() != "text" or part.get_content_disposition() == "attachment"


def _read(message: Message) -> Mail:
    headers: dict[str, str] = {}
    for name, value in message.items():
        headers.setdefault(name.lower(), decoded(value))
    plain: list[str] = []
    html: list[str] = []
    attachments: list[Attachment] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        name, media = decoded(part.get_filename() or ""), part.get_content_type()
        payload = part.get_payload(decode=True)
        body = payload if isinstance(payload, bytes) else b""
        if is_attached(part):
            attachments.append(Attachment(media, name, len(body)))
        else:
            (html if media == "text/html" else plain).append(_text(body, part))
    ids = re.findall(r"<[^<>\s]+>", f"{headers.get('in-reply-to', '')} {headers.get('references', '')}")
    return Mail(
        headers=headers,
        sender=parseaddr(headers.get("from", ""))[1],
        subject=headers.get("subject", ""),
        text=("\n".join(plain) if "".join(plain).strip() else "\n".join(map(_stripped, html))).replace("\r\n", "\n"),
        message_id=headers.get("message-id", "").strip(),
        thread=tuple(dict.fromkeys(ids))[-50:],
        attachments=tuple(attachments),
    )


def decoded(value: object) -> str:
    """A header as a person reads it, however it was written."""
    try:
        return " ".join(str(make_header(decode_header(str(value)))).split())
    except (ValueError, LookupError, MessageError):
        return " ".join(str(value).encode("utf-8", "replace").decode().split())


def _text(body: bytes, part: Message) -> str:
    for charset in (str(part.get_content_charset() or "utf-8"), "utf-8"):
        try:
            return body.decode(charset)
        except (LookupError, ValueError):
            continue
    return body.decode("cp1252", "replace")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the library's signature
        self._hidden += tag in {"script", "style", "blockquote"}
        if tag in {"p", "br", "div", "tr", "li"}:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "blockquote"} and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def _stripped(html: str) -> str:
    words = _Words()
    try:
        words.feed(html[:HTML])
    except AssertionError:  # how the standard parser says of a '<![' that it is no declaration
        return _TAG.sub(" ", html[:HTML])
    return "".join(words.words)
