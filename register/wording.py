"""How an error in a register file is put into words: where it is, what was found, and what is allowed.

A value that may be a secret is never repeated: a key's name is shown, what stood behind it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

#: Values that are safe to repeat: a word or a few, as an id, a class or a term is written. No `://`, no `@`.
_PLAIN = re.compile(r"[\w .,'-]{0,60}\Z")
_NEVER_SHOWN = frozenset({"url", "token"})


def dotted(loc: tuple[int | str, ...], table: Any) -> str:
    """`dataset.patient.columns.bsn.class`; the third block of a list is `term[#3]`.

    A step that is not in the file (pydantic names the branch of a union it tried) is left out.
    """
    written, here = "", table
    for step in loc:
        if isinstance(step, int):
            written += f"[#{step + 1}]"
            here = here[step] if isinstance(here, list | tuple) and step < len(here) else None
        elif isinstance(here, dict):
            written += f".{step}"
            here = here.get(step)
    return written.lstrip(".")


def explain(model: type[BaseModel], detail: ErrorDetails) -> str:
    """What was found, and what is allowed."""
    key = str(detail["loc"][-1]) if detail["loc"] else ""
    match detail["type"]:
        case "extra_forbidden":
            return f"the register does not know this key.{did_you_mean(key, _known_keys(model, detail['loc'][:-1]))}"
        case "missing":
            return "this key is missing, and it may not be left out"
        case "value_error":
            return str(detail["msg"]).removeprefix("Value error, ")
        case _:
            allowed = detail["msg"][0].lower() + detail["msg"][1:]
            secret = not _NEVER_SHOWN.isdisjoint(map(str, detail["loc"]))
            return f"found {'a value that is not repeated here' if secret else shown(detail['input'])}; {allowed}"


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """The closest known word, and all of them."""
    known = sorted(known)
    close = get_close_matches(written, known, n=1)
    meant = f" Did you mean {close[0]!r}?" if close else ""
    return f"{meant} Known are: {', '.join(known)}"


def shown(value: object) -> str:
    """A value as far as it may be repeated: never what could be an address or a secret."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if _PLAIN.match(str(value)) is None:
        return "a value that is not repeated here"
    return repr(value) if isinstance(value, str) else str(value)


def _known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the model at `loc` knows, as a file writes them."""
    here: Any = model
    for step in loc:
        here = _step(here, step)
    if not (isinstance(here, type) and issubclass(here, BaseModel)):
        return []
    return sorted(f.alias or name for name, f in here.model_fields.items())


def _step(here: Any, step: int | str) -> Any:
    """The type behind one step of a location: a field of a model, a value of a dict, a member of a tuple."""
    if isinstance(here, type) and issubclass(here, BaseModel):
        for name, f in here.model_fields.items():
            if step in (name, f.alias):
                return _bare(f.annotation)
        return None
    arguments = [a for a in get_args(here) if a is not Ellipsis]
    return _bare(arguments[-1]) if arguments else None


def _bare(annotation: Any) -> Any:
    """The type without `Annotated[…]` and without `| None`."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        given = [a for a in get_args(annotation) if a is not type(None)]
        return _bare(given[0]) if len(given) == 1 else annotation
    return annotation
