"""Whether the program is well: what `/healthz` answers."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot.jobs import Jobs
from bot.sender import Sender
from bot.web import Health
from storage import facts, inbox, outbox
from storage.database import reading

log = logging.getLogger(__name__)

TICKED = "last tick"  # the fact that tells the next start how long nothing ran
LATELY = timedelta(seconds=60)  # the clock ticks and the sender looks far more often
SINCE = timedelta(days=1)  # failed messages are counted from then on


class Heartbeats:
    """machine: machine time.

    down: seconds from the last tick of any program on this database to the start of this one;
    negative where the clock went back meanwhile, None where there was none.
    """

    def __init__(
        self, engine: Engine, sender: Sender, jobs: Jobs, machine: Callable[[], datetime]
    ) -> None:
        self._engine, self._sender, self._jobs, self._machine = engine, sender, jobs, machine
        self._heard_at: datetime | None = None
        self.down = self._since_last_tick()
        if self.down is not None and abs(self.down) > LATELY.total_seconds():
            log.warning("nothing ran for %s s before this start", self.down)

    def beat(self) -> None:
        """Remember that the program runs. To be called now and then."""
        with Session(self._engine) as session:
            facts.put(session, TICKED, self._machine().isoformat())
            session.commit()

    def _since_last_tick(self) -> float | None:
        with reading(self._engine) as session:
            last = facts.get(session, TICKED)
        return self._seconds_since(datetime.fromisoformat(last)) if last else None

    def heard(self) -> None:
        """The channel answered a poll."""
        self._heard_at = self._machine()

    async def look(self) -> Health:
        """Well only if the database answers and the sender and the clock ticked lately."""
        told: dict[str, object] = {
            "sender": self._seconds_since(self._sender.looked_at),
            "clock": self._seconds_since(self._jobs.ticked.get("remind")),
            "poll": self._seconds_since(self._heard_at),
            "missed_ticks": self._jobs.missed.total(),
            "missed": dict(self._jobs.missed),
            "failed_ticks": self._jobs.failed,
            "clock_jumped": self._jobs.jumped,
            "down_before": self.down,
        }
        try:
            told |= await asyncio.to_thread(self._of_database)
        except SQLAlchemyError:
            return Health(ok=False, facts={**told, "database": False})
        lately = (self._sender.looked_at, self._jobs.ticked.get("remind"))
        well = all(at and self._machine() - at < LATELY for at in lately)
        return Health(ok=well, facts={**told, "database": True})

    def _of_database(self) -> dict[str, object]:
        now = self._machine()
        with reading(self._engine) as session:
            connection = session.connection()
            depth = outbox.depth(connection, now)
            return {
                "quarantine": inbox.quarantined(connection),
                "waiting": depth.waiting,
                "oldest": self._seconds_since(depth.oldest),
                "failed_today": len(outbox.failed(connection, now - SINCE)),
            }

    def _seconds_since(self, moment: datetime | None) -> float | None:
        return round((self._machine() - moment).total_seconds(), 1) if moment else None
