"""What `/metrics` says, for Prometheus: how much was done since the start, and what waits.

No name, chat or text is in it. prometheus_client is loaded only where somebody asks: 3 MB.
"""

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs import Jobs
from bot.misses import Misses
from bot.sender import Sender
from storage import inbox, outbox
from storage.database import reading

if TYPE_CHECKING:
    from prometheus_client.core import Metric

Values = Iterable[tuple[str, float]]  # by the label's value
K = TypeVar("K")
V = TypeVar("V")

# Seconds of a turn. Most take a few milliseconds; a tenth of a second is one to look into.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Outcome(StrEnum):
    """What became of an update. Silent: nothing was to be said, as to one that came twice."""

    ANSWERED = "answered"
    SILENT = "silent"
    QUARANTINED = "quarantined"


class Turns:
    """How many updates ended how, and how long turns took without their shared commit."""

    def __init__(self) -> None:
        self.ended = Counter(dict.fromkeys(Outcome, 0))
        self.seconds = 0.0
        self._counts = [0] * (len(BOUNDS) + 1)

    def took(self, seconds: float) -> None:
        self.seconds += seconds
        self._counts[bisect_left(BOUNDS, seconds)] += 1

    def buckets(self) -> list[tuple[str, float]]:
        """By upper bound, inclusive, how many took no longer."""
        bounds = [*map(str, BOUNDS), "+Inf"]
        return list(zip(bounds, map(float, accumulate(self._counts)), strict=True))


class Metrics:
    """machine: machine time."""

    def __init__(
        self,
        engine: Engine,
        turns: Turns,
        sender: Sender,
        jobs: Jobs,
        misses: Misses,
        machine: Callable[[], datetime],
    ) -> None:
        self._engine, self._turns, self._sender = engine, turns, sender
        self._jobs, self._misses, self._machine = jobs, misses, machine

    async def text(self) -> bytes:
        """In Prometheus's text format 0.0.4; without what the database knows while it is away."""
        return await asyncio.to_thread(self._text)

    def collect(self) -> "Iterator[Metric]":
        """As `prometheus_client` asks its collectors."""
        from prometheus_client.core import HistogramMetricFamily

        turns = HistogramMetricFamily("phongbot_turn_seconds", "Working out one answer.")
        turns.add_metric([], self._turns.buckets(), self._turns.seconds)
        yield turns
        ended, tried = _copied(self._turns.ended), _copied(self._sender.counted)
        yield _counter("updates", "Updates taken.", ended, "outcome")
        yield _counter("sends", "Tries to send a message.", tried, "result")
        yield _counter("told_to_wait", "Sends answered with 429.", _one(self._sender.told_to_wait))
        ticked = [(name, at.timestamp()) for name, at in _copied(self._jobs.ticked)]
        yield _gauge("job_ticked_timestamp_seconds", "Last good run of a job.", ticked, "job")
        yield _not_understood(self._misses)
        yield from self._of_database()

    def _of_database(self) -> "Iterator[Metric]":
        now = self._machine()
        try:
            with reading(self._engine) as session:
                connection = session.connection()
                depth = outbox.depth(connection, now)
                quarantined = inbox.quarantined(connection)
        except SQLAlchemyError:
            return
        age = (now - depth.oldest).total_seconds() if depth.oldest else 0.0
        yield _gauge("outbox_waiting", "Messages that wait to be sent.", _one(depth.waiting))
        yield _gauge("outbox_oldest_seconds", "How long the longest due has waited.", _one(age))
        yield _gauge("quarantined_updates", "Updates kept unanswered.", _one(quarantined))

    def _text(self) -> bytes:
        from prometheus_client.exposition import generate_latest

        return generate_latest(self)


def _counter(subject: str, about: str, values: Values, label: str = "") -> "Metric":
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily(f"phongbot_{subject}", about, labels=[label] if label else [])
    for name, value in values:
        family.add_metric([name] if label else [], value)
    return family


def _not_understood(misses: Misses) -> "Metric":
    from prometheus_client.core import CounterMetricFamily

    labels = ["words", "digits", "language"]
    about = "Sentences that were not understood, by shape."
    family = CounterMetricFamily("phongbot_not_understood", about, labels=labels)
    for shape, count in misses.counts().items():
        digits = "yes" if shape.digits else "no"
        family.add_metric([shape.words, digits, shape.language], count)
    return family


def _gauge(subject: str, about: str, values: Values, label: str = "") -> "Metric":
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(f"phongbot_{subject}", about, labels=[label] if label else [])
    for name, value in values:
        family.add_metric([name] if label else [], value)
    return family


def _one(value: float) -> Values:
    return [("", value)]


def _copied(values: Mapping[K, V]) -> list[tuple[K, V]]:
    """At one moment, as the event loop may add to it meanwhile."""
    return list(dict(values).items())
