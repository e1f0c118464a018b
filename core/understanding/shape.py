"""What is noted of a sentence nobody understood: its shape, and never its words."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.fold import fold
from core.understanding.phrasebook import NUMBER, UNKNOWN, Phrasebook

_SIZES = ((1, "1"), (3, "2-3"), (7, "4-7"))  # most words, and what so many are called


@dataclass(frozen=True, slots=True)
class Shape:
    """words: how many, such as "4-7". language: "vi", "vi without marks", "en" or "other"."""

    words: str
    digits: bool
    language: str


def shape(text: str, books: Sequence[Phrasebook]) -> Shape:
    count = len(text.split())
    size = next((name for most, name in _SIZES if count <= most), "8+")
    return Shape(size, any(letter.isdigit() for letter in text), _language(text, books))


def _language(text: str, books: Sequence[Phrasebook]) -> str:
    """By the marks, else by the phrasebook that knows more of the words."""
    if fold(text) != " ".join(text.casefold().split()):
        return "vi"
    known = {book.language: _known(text, book) for book in books}
    best = max(known, key=lambda language: known[language], default="")
    if not known.get(best):
        return "other"
    return "vi without marks" if best == "vi" else best


def _known(text: str, book: Phrasebook) -> int:
    return sum(piece.about not in (NUMBER, UNKNOWN) for piece in book.read(text))
