"""A new request, asked step by step at the terminal: each answer is checked at once, and asked again when wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import typer

if TYPE_CHECKING:
    from domain.cases import CaseKind
    from domain.representatives import Asker

_T = TypeVar("_T")
_CHANNELS = ("letter", "telephone", "desk", "mail", "portal")


def ask_kinds() -> tuple[CaseKind, ...]:
    """What is asked: one kind or several."""
    from domain.cases import CaseKind

    def read(written: str) -> tuple[CaseKind, ...]:
        return tuple(_word(one, CaseKind) for one in _listed(written))

    kinds = ", ".join(CaseKind)
    return _ask(f"What is asked, with commas between ({kinds})", read, default=CaseKind.ACCESS.value)


def ask_channel() -> str:
    """How it came."""
    return _ask(f"How it came ({', '.join(_CHANNELS)})", lambda w: _one_of(w, _CHANNELS), default=_CHANNELS[0])


def ask_day(as_of: date) -> date:
    """The day on which it came: the clock runs from there."""

    def read(written: str) -> date:
        day = _day(written)
        if day > as_of:
            raise typer.BadParameter("a request cannot be received in the future")
        return day

    return _ask("Received on (2026-12-31 or 31-12-2026)", read, default=as_of.isoformat())


def ask_language() -> str:
    """In which language the person is written to."""
    from domain.cases import LANGUAGES

    return _ask(f"Language ({', '.join(LANGUAGES)})", lambda w: _one_of(w, LANGUAGES), default="nl")


def ask_subject() -> dict[str, Any]:
    """About whom: an empty answer leaves a field out; a number that cannot be right is asked again."""
    typer.echo("About whom; leave out what is not known. Two of: BSN, e-mail, phone, client number, birth date.")
    given: dict[str, Any] = {"name": _ask("name", _needed)}
    given["surname"] = _ask("surname", str.strip, default="")
    given["born_on"] = _ask("born_on (1980-12-31 or 31-12-1980)", lambda w: _day(w).isoformat(), default="")
    for name in ("bsn", "email", "phone", "client_number"):
        given[name] = _ask(name, partial(_normal, name), default="")
    given["address"] = _ask("address (lines separated by ;)", _lines, default="")
    return {name: value for name, value in given.items() if value}


def ask_asker() -> tuple[Asker | None, dict[str, Any]]:
    """Who asks: the person, or somebody else in some capacity with a name and an address."""
    from domain.representatives import Asker, Capacity, Part

    capacity = _ask(f"Who asks ({', '.join(Capacity)})", lambda w: _word(w, Capacity), default=Capacity.SELF.value)
    if capacity is Capacity.SELF:
        return None, {}
    parts = _ask(
        f"About which data, with commas between ({', '.join(Part)})",
        lambda w: tuple(_word(one, Part) for one in _listed(w)),
        default=",".join(Part),
    )
    person: dict[str, Any] = {"name": _ask("name of who asks", _needed)}
    person["address"] = _ask("address of who asks (lines separated by ;)", _lines, default="")
    person["email"] = _ask("e-mail of who asks", lambda w: _normal("email", w), default="")
    person["phone"] = _ask("phone of who asks", lambda w: _normal("phone", w), default="")
    return Asker(capacity=capacity, about=parts), {name: value for name, value in person.items() if value}


def _ask(text: str, read: Callable[[str], _T], *, default: str | None = None) -> _T:
    """One question; an empty answer to one that may stay empty is an empty answer."""

    def checked(written: str) -> Any:
        return "" if default == "" and not written.strip() else read(written)

    answer: _T = typer.prompt(text, default=default, show_default=bool(default), value_proc=checked)
    return answer


def _needed(written: str) -> str:
    if not written.strip():
        raise typer.BadParameter("this cannot be left out")
    return written.strip()


def _normal(kind: str, written: str) -> str:
    """The answer as it was given, where it can be read as what it should be."""
    from domain.identity import normalise

    if normalise(kind, written) is None:
        raise typer.BadParameter(f"this cannot be read as {kind}: look at it again")
    return written.strip()


def _day(written: str) -> date:
    text = written.strip()
    if text[2:3] == "-":
        text = "-".join(reversed(text.split("-")))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("this is not a day; write it as 2026-12-31") from None


def _lines(written: str) -> list[str]:
    return [line.strip() for line in written.split(";") if line.strip()]


def _listed(written: str) -> list[str]:
    return [one.strip() for one in written.split(",") if one.strip()]


def _one_of(written: str, words: Sequence[str]) -> str:
    if written.strip() not in words:
        raise typer.BadParameter(f"choose one of: {', '.join(words)}")
    return written.strip()


def _word(written: str, words: Callable[[str], _T]) -> _T:
    try:
        return words(written.strip())
    except ValueError:
        raise typer.BadParameter(f"{written.strip()!r} is none of these words") from None
