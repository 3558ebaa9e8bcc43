"""Where this office keeps its things: register, ledger, output, and the names of its secrets."""

from __future__ import annotations

import os
from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.trouble import SourceUnreadable

_PREFIX = "TERMIJN_"


class Settings(BaseSettings):
    """Read from TERMIJN_… variables. None holds a secret; secrets are named `env:NAME` in the register."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True)

    register_dir: Path | None = None
    ledger: str = "sqlite:///var/ledger.db"
    out: Path = Path("out")
    env_file: Path | None = None
    store: str | None = None
    seal: str | None = None
    seal_password: str | None = None
    batch: int = 500
    smtp_host: str | None = None
    smtp_port: int = 25
    mail_per_minute: int = 60
    mailbox_host: str | None = None
    mailbox_port: int = 993
    mailbox_user: str = ""
    mailbox_secret: str = "env:MAILBOX_SECRET"
    mailbox_oauth: bool = False
    mailbox_token_url: str | None = None
    mailbox_client: str = ""
    mailbox_scope: str = "https://outlook.office365.com/.default"
    mailbox_since: date | None = None
    mailbox_ca: Path | None = None
    mailbox_largest: int = 50_000_000
    mail_from: str = "termijn@localhost"
    mail_dpo: str = "fg@localhost"
    mail_handler: str = "privacy@localhost"
    mail_management: str = "directie@localhost"


def read_settings() -> Settings:
    """The settings of this process, as its environment is now."""
    return _read(tuple(sorted(one for one in os.environ.items() if one[0].upper().startswith(_PREFIX))))


@lru_cache(maxsize=4)
def _read(told: tuple[tuple[str, str], ...]) -> Settings:  # noqa: ARG001 - another environment is another reading
    return Settings()


def secret(name: str) -> str:
    """The value of a secret that the register calls `env:NAME`: from the environment, else from the env file."""
    variable = name.removeprefix("env:")
    value = os.environ.get(variable)
    if value is None:
        file = read_settings().env_file
        value = _env_file(file).get(variable) if file is not None else None
    if value is None:
        raise SourceUnreadable(
            f"the secret {variable} is not set",
            do=f"export {variable}=…, or put it in a file and name that file in TERMIJN_ENV_FILE",
        )
    return value


@lru_cache(maxsize=4)
def _env_file(file: Path) -> dict[str, str]:
    if not file.is_file():
        raise SourceUnreadable(
            "TERMIJN_ENV_FILE names a file that does not exist", where=file.name, do="correct the name"
        )
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}
