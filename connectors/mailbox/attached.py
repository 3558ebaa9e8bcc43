"""What is attached to a message, each with its bytes; and the same message without some of it."""

from __future__ import annotations

import email
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message

from connectors.mailbox.message import Unparseable, decoded, is_attached

_TAKEN_OUT = "[hier zat een kopie van een identiteitsbewijs; die is uit dit bericht gehaald]"
#: What the standard parser and generator are known to raise on malformed messages.
_BROKEN = (
    RecursionError, MessageError, ValueError, LookupError, AttributeError, TypeError, IndexError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attached:
    """One attachment, by its place among all parts of the message."""

    nth: int
    media_type: str
    name: str = field(repr=False)
    body: bytes = field(repr=False)


def attachments_of(raw: bytes) -> tuple[Attached, ...]:
    """Every attachment of a message. Raises Unparseable."""
    try:
        return tuple(
            Attached(nth, part.get_content_type(), decoded(part.get_filename() or ""), _body(part))
            for nth, part in _parts(email.message_from_bytes(raw))
            if is_attached(part)
        )
    except _BROKEN:
        raise Unparseable from None


def without(raw: bytes, taken: Collection[int]) -> bytes:
    """The message with a line of text in the place of these attachments. Raises Unparseable, and nothing else."""
    try:
        message = email.message_from_bytes(raw)
        for nth, part in _parts(message):
            if nth in taken:
                for name in ("Content-Transfer-Encoding", "Content-Type", "Content-Disposition", "Content-ID"):
                    del part[name]
                part.set_payload(_TAKEN_OUT, "utf-8")
        return message.as_bytes()
    except _BROKEN:
        raise Unparseable from None


def _parts(message: Message) -> Iterator[tuple[int, Message]]:
    for nth, part in enumerate(message.walk()):
        if not part.is_multipart():
            yield nth, part


def _body(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
