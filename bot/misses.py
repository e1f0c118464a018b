"""How often nobody understood a sentence, for the operator."""

from collections import Counter
from threading import Lock

from core.understanding.shape import Shape


class Misses:
    """Sentences that nobody understood, by their shape; since this program started."""

    def __init__(self) -> None:
        self._counts: Counter[Shape] = Counter()
        self._lock = Lock()  # turns run in a thread, and another asks

    def note(self, shape: Shape) -> None:
        with self._lock:
            self._counts[shape] += 1

    def counts(self) -> dict[Shape, int]:
        with self._lock:
            return dict(self._counts)
