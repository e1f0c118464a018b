"""What this program counts for its operator, in the text that Prometheus reads."""

from collections import Counter
from collections.abc import Mapping
from threading import Lock

from core.understanding.shape import Shape

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Misses:
    """Sentences that nobody understood, by their shape; since this program started."""

    def __init__(self) -> None:
        self._counts: Counter[Shape] = Counter()
        self._lock = Lock()  # turns run in several threads

    def note(self, shape: Shape) -> None:
        with self._lock:
            self._counts[shape] += 1

    def counts(self) -> dict[Shape, int]:
        with self._lock:
            return dict(self._counts)

    def lines(self) -> list[str]:
        counts = self.counts()
        name = "phongbot_not_understood_total"
        samples = [_sample(name, _labels(shape), count) for shape, count in counts.items()]
        told = "Sentences that were not understood, by shape."
        return [f"# HELP {name} {told}", f"# TYPE {name} counter", *sorted(samples)]


def _labels(shape: Shape) -> Mapping[str, str]:
    digits = "yes" if shape.digits else "no"
    return {"words": shape.words, "digits": digits, "language": shape.language}


def _sample(name: str, labels: Mapping[str, str], value: int) -> str:
    """Labels of our own making: none has a quote, a backslash or a new line to escape."""
    told = ",".join(f'{label}="{said}"' for label, said in labels.items())
    return f"{name}{{{told}}} {value}"
