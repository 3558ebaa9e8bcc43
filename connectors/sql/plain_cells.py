"""A cell that says who somebody is as its one plain spelling, in SQL; a cell that is written otherwise is ODD.

In a plain cell nothing but ASCII stands, and one value. Only the domain reads the others, so they always come along.
The constants stand in the statement itself: an index on the same expression serves it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from domain.live import Kind
from domain.spelling import TAIL

Condition = sa.ColumnElement[bool]
Cell = sa.ColumnElement[Any]
#: What no plain spelling looks like.
ODD = "~~"
_NO_ASCII = "[^ -~]"
#: What makes a cell of a kind odd, and what may stand between its letters and digits.
_ODD = {
    "bsn": (_NO_ASCII,),
    "email": ("[^!-~]", "[;,|<>:]"),
    "phone": ("[^0-9 +().-]",),
    "client_number": (_NO_ASCII,),
    "iban": ("[^A-Za-z0-9 .-]",),
    "name": (_NO_ASCII,),
}
_BETWEEN = {"bsn": " .-", "email": ".", "phone": " +().-", "client_number": " ", "iban": " .-", "name": "'"}
_PUNCTUATION = "[!-/:-@[-`{-~]"


def spelled(kind: str, column: Cell, held: Kind, dialect: str) -> Cell:
    """The plain spelling of a cell: what `written` of the same kind makes of an identifier. A name as its words."""
    text: Cell = sa.type_coerce(sa.cast(column, sa.CHAR() if dialect == "mariadb" else sa.Text()), sa.Text())
    if kind == "email":
        text = sa.func.trim(text)
    odd = [_holds(text, c, dialect) for c in (_ODD[kind] if held is not Kind.NUMBER else ("[^0-9]",))]
    if dialect == "mariadb":  # a pattern there takes some letters outside ASCII for those inside
        odd.append(sa.func.length(text) != sa.func.char_length(text))
    if kind in ("bsn", "phone"):
        plain = _without(text, _BETWEEN[kind], dialect)
    else:
        plain = _without(_lower(text, dialect), _BETWEEN[kind], dialect)
    if kind == "phone":
        last: Cell = sa.literal_column(str(-TAIL if dialect == "sqlite" else TAIL))
        plain = (sa.func.substr if dialect == "sqlite" else sa.func.right)(plain, last)
    if kind == "name" and dialect == "postgresql":
        return _words(text, odd)
    return sa.type_coerce(sa.case((sa.or_(*odd), _constant(ODD)), else_=plain), sa.Text())


def written(kind: str, value: str) -> set[str]:
    """How an identifier reads in a plain cell; more than one where a source may write it in more ways."""
    plain = value
    if kind == "bsn":
        bare = value.lstrip("0")
        every = {bare.zfill(digits) for digits in range(len(bare), 10)}
        return every | {way + "0" for way in every}  # a spreadsheet's 123456782.0
    if kind == "phone":
        plain = "".join(c for c in value if c.isdecimal())[-TAIL:]
        return {plain, plain[1:] + "0"}
    if kind == "name":
        words = value.split() if value.isascii() else []
        return {max(words, key=len).replace("'", "")} if words else set()
    for mark in _BETWEEN[kind]:
        plain = plain.replace(mark, "")
    return {plain.lower()}


def is_one_of(kind: str, cell: Cell, spellings: set[str], dialect: str) -> Condition:
    """Whether a cell as `spelled` has one of these spellings, or is odd."""
    every = sorted({*spellings, ODD})
    if kind != "name":
        return cell.in_(every)
    if dialect == "postgresql":
        return cell.bool_op("&&")(sa.func.string_to_array(" ".join(every), _constant(" ")))
    return sa.or_(*(cell.contains(word, autoescape=True) for word in every))


def _words(text: Cell, odd: list[Condition]) -> Cell:
    """The words of a name as an array, which PostgreSQL can index."""
    lower = _lower(text, "postgresql")
    bare = sa.func.replace(lower, _constant("'"), _constant(""))
    parted = sa.func.regexp_replace(bare, _constant("[^a-z0-9]"), _constant(" "), _constant("g"))
    words = sa.case((sa.or_(*odd), _constant(ODD)), (_holds(text, _PUNCTUATION, "postgresql"), parted), else_=lower)
    return sa.func.string_to_array(words, _constant(" "))


def _holds(text: Cell, one_of: str, dialect: str) -> Condition:
    if dialect == "sqlite":
        return text.bool_op("GLOB")(_constant(f"*{one_of}*"))
    return text.bool_op("~" if dialect == "postgresql" else "REGEXP")(_constant(one_of))


def _lower(text: Cell, dialect: str) -> Cell:
    return sa.func.lower(sa.collate(text, "C") if dialect == "postgresql" else text)


def _without(text: Cell, marks: str, dialect: str) -> Cell:
    if dialect == "postgresql":
        return sa.func.translate(text, _constant(marks), _constant(""))
    for mark in marks:
        text = sa.func.replace(text, _constant(mark), _constant(""))
    return text


def _constant(words: str) -> Cell:
    return sa.literal_column("'" + words.replace("'", "''") + "'", sa.Text())
