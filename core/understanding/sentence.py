"""Understand one typed sentence: what is wanted, and the time and the duty it names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import dropwhile, groupby

from core.dates import read_date
from core.fold import fold
from core.understanding import phrasebook
from core.understanding.period import Period
from core.understanding.phrasebook import FILLER, NUMBER, UNKNOWN, Phrasebook, Piece
from core.understanding.rules import Intent, meant

LONGEST = 200  # characters; more is a story, and no rule is made for one
LANGUAGES = {"english": "en", "vietnamese": "vi"}
_DATE = re.compile(
    r"(?<![\w/.-])(?:\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{4}|[/.-]\d{2})?(?![\w/-])"
    r"|(?:ngay )?\d{1,2} thang \d{1,2}(?: nam \d{4})?"
    r"|(?:thu (?:[2-7]|hai|ba|tu|nam|sau|bay)|t[2-7]|chu nhat)(?: tuan (?:nay|sau|toi|truoc))?"
    r"|hom nay|ngay mai)(?![\w/])"
)


@dataclass(frozen=True, slots=True)
class Understood:
    """intent: None where nothing or more than one thing may be meant, see candidates.

    duty: its words, folded, "" for none.
    language: "vi" or "en" where one is asked for. file: the name of a file.
    """

    intent: Intent | None = None
    candidates: tuple[Intent, ...] = ()
    period: Period | None = None
    dates: tuple[date, ...] = ()
    duty: str = ""
    language: str = ""
    file: str = ""


def understand(text: str, today: date, books: Sequence[Phrasebook]) -> Understood:
    """books: of each language, in the order in which they are asked; the first that knows wins."""
    if len(text) > LONGEST:
        return Understood()
    for book in books:
        pieces = book.read(text)
        if found := _meant(pieces):
            return _told(text, today, pieces, found)
    return Understood()


def _meant(pieces: Sequence[Piece]) -> list[Intent]:
    about = {piece.about for piece in pieces}
    named = {kind.partition(":")[0] for kind in about} - {FILLER, UNKNOWN, NUMBER}
    if not named:
        return []
    unknown = sum(piece.about == UNKNOWN for piece in pieces)
    return meant(named, unknown)


def _told(text: str, today: date, pieces: Sequence[Piece], found: list[Intent]) -> Understood:
    about = [piece.about for piece in pieces]
    periods = [kind.removeprefix("period:") for kind in about if kind.startswith("period:")]
    return Understood(
        intent=found[0] if len(found) == 1 else None,
        candidates=tuple(found),
        period=Period(periods[0]) if periods else None,
        dates=tuple(_dates(text, today)),
        duty=_duty(pieces),
        language=next((LANGUAGES[kind] for kind in about if kind in LANGUAGES), ""),
        file=phrasebook.file_name(text),
    )


def _dates(text: str, today: date) -> Iterator[date]:
    for found in _DATE.finditer(fold(text)):
        if day := read_date(found[0], today):
            yield day


_OF_A_DUTY = frozenset({"report", "which", "doc"})
_MAYBE = frozenset({NUMBER, UNKNOWN})
FEWEST = 2  # words that may name a duty, where none says that it is one


def _duty(pieces: Sequence[Piece]) -> str:
    """The words in a row that name a duty, else the most in a row that say nothing else."""
    runs = [list(run) for is_name, run in groupby(pieces, _may_name) if is_name]
    named = [run for run in runs if any(piece.about in _OF_A_DUTY for piece in run)]
    if named:
        return " ".join(piece.words for piece in dropwhile(_is_before, named[0]))
    longest = max(runs, key=len, default=[])
    return " ".join(piece.words for piece in longest) if len(longest) >= FEWEST else ""


def _may_name(piece: Piece) -> bool:
    return piece.about in _OF_A_DUTY or piece.about in _MAYBE


def _is_before(piece: Piece) -> bool:
    """Such as the name of a school before the word for a report."""
    return piece.about not in _OF_A_DUTY
