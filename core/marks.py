"""How somebody formatted their words: which letters are bold, in italics and so on.

Kept beside the text and never in it, so that nothing anybody types can become a tag.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise


class Look(StrEnum):
    BOLD = "b"
    ITALIC = "i"
    UNDERLINE = "u"
    STRUCK = "s"
    CODE = "c"


@dataclass(frozen=True, slots=True)
class Mark:
    """start, end: letters of the text, counted as Python does; the end is exclusive."""

    look: Look
    start: int
    end: int


def write(marks: Iterable[Mark]) -> str:
    """In one word each, such as "b0-5 i7-9"."""
    return " ".join(f"{mark.look}{mark.start}-{mark.end}" for mark in marks)


def read(written: str) -> tuple[Mark, ...]:
    """What `write` gave; nothing for any other text."""
    if not _ALL.fullmatch(written):
        return ()
    return tuple(Mark(Look(f[1]), int(f[2]), int(f[3])) for f in _ONE.finditer(written))


_ONE = re.compile(r"([biusc])([0-9]{1,5})-([0-9]{1,5})", re.ASCII)
_ALL = re.compile(rf"{_ONE.pattern}( {_ONE.pattern})*", re.ASCII)


def later(marks: Iterable[Mark], letters: int) -> list[Mark]:
    """As they are once so many letters were put before their text."""
    return [replace(m, start=m.start + letters, end=m.end + letters) for m in marks]


def runs(text: str, marks: Sequence[Mark]) -> Iterator[tuple[str, frozenset[Look]]]:
    """The text in pieces, each with how all its letters look."""
    edges = {0, len(text)} | {min(e, len(text)) for m in marks for e in (m.start, m.end)}
    ends = sorted(edges)
    for start, end in pairwise(ends):
        looks = (mark.look for mark in marks if mark.start <= start and end <= mark.end)
        yield text[start:end], frozenset(looks)
