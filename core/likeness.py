"""Which of the questions that were answered before is like a new one."""

from collections.abc import Mapping

from core.fold import fold

# Of 100. The same thing asked in other words comes to about 70, another thing to 30 to 50. The
# person sees what is found and may still ask, so one too many costs them a tap.
LIKE = 62.0


def likest(asked: str, known: Mapping[int, str]) -> int | None:
    """The key of the question that is most like it; None where none is. Accents do not count."""
    said = fold(asked)
    scored = [(_score(said, fold(text)), key) for key, text in known.items()]
    score, key = max(scored, default=(0.0, 0))
    return key if said and score >= LIKE else None


def _score(said: str, known: str) -> float:
    """Between all words of both, and those that both have: a long text may hold a short one."""
    from rapidfuzz import fuzz  # 4 MB, which a bot at rest does without

    return (fuzz.token_sort_ratio(said, known) + fuzz.token_set_ratio(said, known)) / 2
