"""Says what runs when. The scheduler only ticks: what must happen is decided from the tables,
so a missed tick, two at once or a clock that jumps change nothing in what is sent.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

WATCH = 5.0  # seconds from one look at the machine's clock to the next
DRIFT = 2.0  # seconds by which it may be set right in that time, as network time does
SLACK = 1.0  # seconds by which a busy machine may be late


@dataclass(frozen=True, slots=True)
class Job:
    """seconds: from one tick to the next."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[None]]


class Jobs:
    """Ticks until it is closed.

    ticked: machine time of each job's last success. missed: how many ticks of each did not come,
    as the machine slept or was too busy; one that came while its forerunner still ran is none.
    failed: how often any ended in an error. jumped: seconds by which the machine's clock last
    jumped, negative for back; None while it never did.
    """

    def __init__(
        self,
        jobs: list[Job],
        machine: Callable[[], datetime],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ticked: dict[str, datetime] = {}
        self.missed: Counter[str] = Counter()
        self.failed = 0
        self.jumped: float | None = None
        self._machine, self._steady = machine, steady
        self._ended = dict.fromkeys((job.name for job in jobs), steady())
        self._seen = machine(), steady()
        self._watching: asyncio.TimerHandle | None = None
        # However late, a tick still counts, and several that are late become one.
        late = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=late)
        self._scheduler.add_listener(self._note, EVENT_JOB_MISSED | EVENT_JOB_ERROR)
        for job in jobs:
            self._scheduler.add_job(
                self._tick,
                "interval",
                (job,),
                id=job.name,
                seconds=job.seconds,
                next_run_time=machine(),
            )

    def __enter__(self) -> "Jobs":
        self._ended = dict.fromkeys(self._ended, self._steady())
        self._scheduler.start()
        self._watch()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._watching:
            self._watching.cancel()
        self._scheduler.shutdown(wait=False)

    def now(self, name: str) -> None:
        """Tick at once, besides the ordinary ticks."""
        self._scheduler.modify_job(name, next_run_time=self._machine())

    def look(self) -> None:
        """Find out whether the machine's clock has jumped, and tick at once where it has.

        The scheduler would wait until the clock reads again what it read before.
        """
        machine, steady = self._machine(), self._steady()
        jumped = (machine - self._seen[0]).total_seconds() - (steady - self._seen[1])
        self._seen = machine, steady
        if abs(jumped) <= DRIFT:
            return
        self.jumped = round(jumped, 1)
        log.warning("the machine's clock jumped by %s s", self.jumped)
        for name in self._ended:
            self.now(name)

    def _watch(self) -> None:
        self.look()
        self._watching = asyncio.get_running_loop().call_later(WATCH, self._watch)

    async def _tick(self, job: Job) -> None:
        self._count_missed(job)
        try:
            await job.run()
        except asyncio.CancelledError:  # we stop; what is left undone is due at the next start
            return
        finally:
            self._ended[job.name] = self._steady()
        self.ticked[job.name] = self._machine()

    def _count_missed(self, job: Job) -> None:
        """By the clock that never jumps, from the end of the last tick."""
        waited = self._steady() - self._ended[job.name]
        if missed := max(0, int((waited - SLACK) / job.seconds)):
            self.missed[job.name] += missed
            log.warning("%s missed %s ticks", job.name, missed)

    def _note(self, event: JobExecutionEvent) -> None:
        self.failed += 1
        log.error("%s did not run: %s", event.job_id, type(event.exception).__name__)
