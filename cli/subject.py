"""How the operator says who a person is: a file, standard input, or questions; never the command line."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.questions import ask_subject
from domain.trouble import NotFound, Refused

if TYPE_CHECKING:
    from domain.representatives import Asker


def read_subject(file: str) -> dict[str, Any]:
    """The fields of a subject file, of standard input (-), or asked for where no file is named. Refused, NotFound."""
    if not file:
        return ask_subject()
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return tomllib.loads(text)
    except FileNotFoundError:
        raise NotFound("the subject file does not exist", do="correct --subject") from None
    except tomllib.TOMLDecodeError:
        raise Refused("the subject file is not TOML", do='write lines such as email = "…"') from None


def read_request(file: str) -> tuple[dict[str, Any], Asker | None, dict[str, Any]]:
    """(person, who asks, representative) of a subject file with or without a table [asks]. Raises Refused, NotFound."""
    from domain.representatives import Asker, Capacity, Part

    given = read_subject(file)
    asks = given.pop("asks", None)
    if asks is None:
        return given, None, {}
    try:
        person = dict(asks)
        capacity, about = Capacity(person.pop("capacity")), person.pop("about", [])
        parts = tuple(Part(one) for one in (about if isinstance(about, list) else [about]))
    except (KeyError, TypeError, ValueError):
        raise Refused(
            "the table [asks] does not say who asks",
            do=f"write capacity ({', '.join(Capacity)}), about ({', '.join(Part)}), name, address, email, phone",
        ) from None
    return given, Asker(capacity=capacity, about=parts), person
