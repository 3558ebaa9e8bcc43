"""The shape of a tagged PDF as a reader aloud walks through it: its elements in order, one on a line, indented."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pikepdf


def outline(pdf: bytes) -> str:
    """The elements of a file; what repeats itself (the rows of a table) stands there once, with a +."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return "\n".join(_lines(opened.Root.StructTreeRoot)) + "\n"


def _lines(element: Any) -> Iterator[str]:
    for lines, alike in groupby(_of(kid) for kid in _kids(element)):
        repeated = len(list(alike)) > 1
        yield from (f"{lines[0]}+" if repeated else lines[0], *(f"  {line}" for line in lines[1:]))


def _of(element: Any) -> tuple[str, ...]:
    """An element and what is under it; what only words or a picture stand in has nothing under it."""
    return (str(element.S).lstrip("/") + _said(element), *_lines(element))


def _said(element: Any) -> str:
    """What beside its kind a reader aloud is told of it: which way a head of a table looks, that there is an Alt."""
    attributes = element.get("/A")
    every = attributes if isinstance(attributes, pikepdf.Array) else [attributes]
    told = [f" {key[1:]}={a[key]!s}".replace("/", "") for a in every if isinstance(a, pikepdf.Dictionary)
            for key in ("/Scope", "/ListNumbering", "/ColSpan", "/RowSpan") if key in a]  # fmt: skip
    return "".join(told) + (" Alt" if "/Alt" in element else "")


def _kids(element: Any) -> Iterator[Any]:
    kids = element.get("/K", ())
    for kid in kids if isinstance(kids, pikepdf.Array) else (kids,):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
