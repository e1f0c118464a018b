"""Says what runs when. The scheduler only ticks: what must happen is decided from the tables,
so a missed tick, two at once or a clock that jumps change nothing in what is sent.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """seconds: from one tick to the next."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[None]]


class Jobs:
    """Ticks until it is closed. ticked: machine time of each job's last success."""

    def __init__(self, jobs: list[Job], machine: Callable[[], datetime]) -> None:
        self.ticked: dict[str, datetime] = {}
        self.missed = 0
        self._machine = machine
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
        self._scheduler.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._scheduler.shutdown(wait=False)

    def now(self, name: str) -> None:
        """Tick at once, besides the ordinary ticks."""
        self._scheduler.modify_job(name, next_run_time=self._machine())

    async def _tick(self, job: Job) -> None:
        try:
            await job.run()
        except asyncio.CancelledError:  # we stop; what is left undone is due at the next start
            return
        self.ticked[job.name] = self._machine()

    def _note(self, event: JobExecutionEvent) -> None:
        self.missed += 1
        log.error("%s did not run: %s", event.job_id, type(event.exception).__name__)
