"""Vietnamese text without its marks and case, and names found again though typed in a hurry."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key")

_STROKE = str.maketrans({"đ": "d", "Đ": "d"})  # the one letter that Unicode does not decompose

# Of 100. Two wrong letters in the shortest names, of seven letters, leave about 70;
# two schools of one city that share the first word of their names come to about 80.
LOWEST = 62.0
WORSE_THAN_BEST = 15.0
WRONG_LEVEL = 12.0
PART_OF_NAME = 0.95

_LEVELS = (
    (re.compile(r"\b(trung hoc co so|cap (2|ii))\b"), "thcs"),
    (re.compile(r"\b(tieu hoc|cap (1|i))\b"), "th"),
    (re.compile(r"\b(mam non|mau giao)\b"), "mn"),
)
_LEVEL_WORDS = frozenset({"mn", "th", "thcs"})
_SCHOOL = frozenset({"truong", "tr", "trg"})


def fold(text: str) -> str:
    """Lower case, no diacritics, single spaces: "Quyết  Thắng" becomes "quyet thang"."""
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFD", text.translate(_STROKE))
        if not unicodedata.combining(letter)
    )
    return " ".join(bare.casefold().split())


def alike(wanted: str, names: Mapping[Key, str], most: int = 5) -> list[tuple[Key, float]]:
    """The keys of the names that may be meant, best first, each with its score from 0 to 100.

    A level may be written out or left away, and a part of a name is enough. Only names about as
    good as the best are kept. Even a score of 100 has to be confirmed by the person: folding
    makes "Chiềng Cọ" of "Chiềng Cơ", and schools of two levels share one name.
    """
    said = _words(wanted)
    scored = [(key, _score(said, _words(name)), name) for key, name in names.items()]
    best = max((score for _key, score, _name in scored), default=0.0)
    least = max(LOWEST, best - WORSE_THAN_BEST)
    scored.sort(key=lambda found: (-found[1], found[2]))
    return [(key, score) for key, score, _name in scored if score >= least][:most]


def _words(text: str) -> list[str]:
    plain = re.sub(r"[^a-z0-9]+", " ", fold(text)).strip()
    for written_out, short in _LEVELS:
        plain = written_out.sub(short, plain)
    return [word for word in plain.split() if word not in _SCHOOL]


def _score(said: Sequence[str], name: Sequence[str]) -> float:
    said_levels, name_levels = _LEVEL_WORDS.intersection(said), _LEVEL_WORDS.intersection(name)
    score = _nearness(_proper(said), _proper(name))
    if said_levels and name_levels and not said_levels & name_levels:
        return score - WRONG_LEVEL
    return score


def _proper(words: Sequence[str]) -> list[str]:
    """The words of a name that are not its level."""
    return [word for word in words if word not in _LEVEL_WORDS]


def _nearness(said: Sequence[str], name: Sequence[str]) -> float:
    """Of the whole names, or of the shorter one to the part of the longer that fits it best."""
    short, long = sorted((said, name), key=len)
    if not short:
        return 0.0
    from rapidfuzz import fuzz  # 4 MB, which a bot at rest does without

    whole = fuzz.ratio(" ".join(said), " ".join(name))
    part = max(fuzz.ratio(" ".join(short), " ".join(piece)) for piece in _pieces(long, len(short)))
    return max(whole, PART_OF_NAME * part)


def _pieces(words: Sequence[str], length: int) -> Iterator[Sequence[str]]:
    return (words[at : at + length] for at in range(len(words) - length + 1))
