"""Find the reports that a few words of a sentence name."""

import re
from collections.abc import Mapping
from typing import TypeVar

from core.fold import fold

Key = TypeVar("Key")
SHORTEST_INSIDE = 5  # letters of a word that may be two of a title run together, as "danvan"


def named(words: str, titles: Mapping[Key, str]) -> list[Key]:
    """The keys of the titles with most of these words, in their order; none with under half.

    words: folded, as `Understood.duty`.
    """
    wanted = words.split()
    scores = {key: _score(wanted, title) for key, title in titles.items()}
    best = max(scores.values(), default=0)
    if best == 0 or 2 * best < len(wanted):
        return []
    return [key for key, score in scores.items() if score == best]


def _score(wanted: list[str], title: str) -> int:
    said = re.findall(r"\w+", fold(title))
    together = "".join(said)
    return sum(
        word in said or (len(word) >= SHORTEST_INSIDE and word in together) for word in wanted
    )
