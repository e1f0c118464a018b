"""Understand one typed sentence: what is wanted, and the time and the duty it names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import dropwhile, groupby
from typing import Any

from core.dates import read_date
from core.fold import fold
from core.understanding import phrasebook
from core.understanding.period import Period, Span, named_span
from core.understanding.phrasebook import DENIED, FILLER, NUMBER, UNKNOWN, Phrasebook, Piece
from core.understanding.rules import DENIABLE, TOLD_AS, Intent, meant

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

    span: the first and last day of a month or quarter that is named; None for none.
    duty: its words, folded, "" for none.
    again: "afternoon" or "tomorrow", where one of these is named.
    language: "vi" or "en" where one is asked for. file: the name of a file.
    """

    intent: Intent | None = None
    candidates: tuple[Intent, ...] = ()
    period: Period | None = None
    span: Span | None = None
    dates: tuple[date, ...] = ()
    duty: str = ""
    again: str = ""
    language: str = ""
    file: str = ""


def for_others(told: Understood) -> dict[str, Any]:
    """As JSON, with the intents that others know. flow: the one of this bot, None for none."""
    shown = asdict(told) | {"dates": [day.isoformat() for day in told.dates]}
    shown["span"] = [day.isoformat() for day in told.span] if told.span else None
    known = (TOLD_AS.get(intent, intent) for intent in told.candidates)
    candidates = list(dict.fromkeys(intent for intent in known if intent))
    intent = candidates[0] if len(candidates) == 1 and told.intent else None
    return shown | {"intent": intent, "candidates": candidates, "flow": told.intent}


def understand(text: str, today: date, books: Sequence[Phrasebook]) -> Understood:
    """books: of each language; of those that know a meaning the one that knows most words wins."""
    if len(text) > LONGEST:
        return Understood()
    read = [(book, book.read(text)) for book in books]
    for book, pieces in sorted(read, key=lambda one: _unknown(one[1])):
        if found := _meant(book, pieces):
            return _told(text, today, pieces, found)
    return Understood()


def _unknown(pieces: Sequence[Piece]) -> int:
    return sum(piece.about == UNKNOWN for piece in pieces)


def _meant(book: Phrasebook, pieces: Sequence[Piece]) -> list[Intent]:
    denied = book.denied(pieces, DENIABLE)
    about = {piece.about for at, piece in enumerate(pieces) if at not in denied}
    named = {kind.partition(":")[0] for kind in about} - {FILLER, UNKNOWN, NUMBER}
    if not named:
        return []
    if any(pieces[at].about in DENIABLE for at in denied):
        named.add(DENIED)
    return meant(named, _unknown(pieces))


def _told(text: str, today: date, pieces: Sequence[Piece], found: list[Intent]) -> Understood:
    about = [piece.about for piece in pieces]
    periods = [kind.removeprefix("period:") for kind in about if kind.startswith("period:")]
    return Understood(
        intent=found[0] if len(found) == 1 else None,
        candidates=tuple(found),
        period=Period(periods[0]) if periods else None,
        span=named_span(fold(text), today),
        dates=tuple(_dates(text, today)),
        duty=_duty(pieces),
        again=_again(about),
        language=next((LANGUAGES[kind] for kind in about if kind in LANGUAGES), ""),
        file=phrasebook.file_name(text),
    )


def _again(about: Sequence[str]) -> str:
    named = {"tomorrow" if kind == "period:tomorrow" else kind for kind in about}
    found = [time for time in ("afternoon", "tomorrow") if time in named]
    return found[0] if len(found) == 1 else ""


_ASKING = frozenset({"ask", "meet", "office", "person", "polite", "plea", "request", FILLER})


def question(text: str, books: Sequence[Phrasebook]) -> str:
    """What is asked, without what only says so; "" where nothing is asked yet."""
    head, colon, rest = text.partition(":")
    if colon and rest.strip() and not _asks(head, books):
        return rest.strip()
    return text.strip() if _asks(text, books) else ""


def _asks(text: str, books: Sequence[Phrasebook]) -> bool:
    pieces = min((book.read(text) for book in books), key=_unknown)
    words = [piece.words.split() for piece in pieces if piece.about not in _ASKING]
    return sum(map(len, words)) >= FEWEST


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
