"""The sender's side of the database: what it takes from there, and what it writes back.

Everything but `listen` blocks, and is called in the writer's thread.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine

from bot.pace import REPLIES_FIRST
from storage import copies, deliveries, nudges, outbox
from storage.outbox import BULK, Lane, Letter
from storage.processes import Process

SWEEP_EVERY = timedelta(seconds=2)  # how soon it is noticed that a process died
STRAY_AFTER = timedelta(seconds=30)  # more than a turn takes from its commit to the sender
DATABASE_WAIT = 1.0  # seconds between tries while there is no database


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to bring for one channel, of the lanes that are open now.

    slots: for bulk messages in memory, beyond those for what is found.
    owed: how many slots replies have used besides; they count against `rate`, a second.
    """

    lanes: Collection[Lane]
    replies: int
    bulk: int
    slots: int
    owed: int
    rate: float


@dataclass(slots=True)
class Found:
    """Of one channel. first_slot: machine time of the first of `slots`.

    next_at: when anybody may send what was left, by lane; past, if it waits for something else.
    """

    letters: list[Letter] = field(default_factory=list)
    bulk: int = 0
    slots: int = 0
    first_slot: datetime | None = None
    next_at: dict[Lane, datetime] = field(default_factory=dict)


class Leasing:
    """now: machine time. today: at the office, by the program's clock."""

    def __init__(
        self,
        engine: Engine,
        process: Process,
        now: Callable[[], datetime],
        today: Callable[[], date],
    ) -> None:
        self._engine, self._process, self._now, self._today = engine, process, now, today
        self._sweep_at = now()
        self._strays: dict[int, datetime] = {}

    def look(
        self, wanted: Mapping[str, Wanted], held: Collection[int]
    ) -> tuple[bool, dict[str, Found]]:
        """Lease what may be sent. held: the ids of the letters in memory.

        Answers also whether this process had lost its number, so that what it held and has not
        begun to send is no longer its own. Raises SQLAlchemyError.
        """
        now = self._now()
        sweep = now >= self._sweep_at
        lost = sweep and not self._process.held()
        if lost:
            self._process.enter_again()
        with self._engine.begin() as connection:
            if sweep:
                self._sweep(connection, now, held)
            found = {name: self._find(connection, name, w, now) for name, w in wanted.items()}
        if sweep:
            self._sweep_at = now + SWEEP_EVERY
        return lost, found

    def leave(self) -> None:
        """Let others send what this process owns. Raises SQLAlchemyError."""
        with self._engine.begin() as connection:
            deliveries.free(connection, {self._process.number})

    def _find(self, connection: Connection, channel: str, wanted: Wanted, now: datetime) -> Found:
        found = Found(next_at=deliveries.next_at(connection, channel))
        for lane in Lane:
            if lane in wanted.lanes and lane in found.next_at and found.next_at[lane] <= now:
                self._lease(connection, channel, lane, wanted, now, found)
        if found.letters:
            found.next_at = deliveries.next_at(connection, channel)
        found.slots = wanted.slots + found.bulk
        if found.slots:
            left_out = min(wanted.owed, REPLIES_FIRST * found.slots)
            count = left_out + found.slots
            first = deliveries.reserve(connection, channel, now, count, wanted.rate)
            found.first_slot = first + timedelta(seconds=left_out / wanted.rate)
        return found

    def _lease(
        self,
        connection: Connection,
        channel: str,
        lane: Lane,
        wanted: Wanted,
        now: datetime,
        found: Found,
    ) -> None:
        most = wanted.replies if lane is Lane.REPLY else wanted.bulk - found.bulk
        if most > 0:
            me = self._process.number
            letters = deliveries.lease(connection, me, now, channel, lane, most)
            if letters and lane in BULK:
                dropped = self._drop(connection, lane, [letter.id for letter in letters])
                letters = [letter for letter in letters if letter.id not in dropped]
            found.letters += letters
            found.bulk += len(letters) if lane in BULK else 0

    def _drop(self, connection: Connection, lane: Lane, letters: Collection[int]) -> set[int]:
        """Take back what is not to be sent any more, just before it would be."""
        if lane is Lane.BROADCAST:
            return copies.drop_unwanted(connection, letters)
        return nudges.drop_old(connection, letters, self._today())

    def _sweep(self, connection: Connection, now: datetime, held: Collection[int]) -> None:
        owners = deliveries.owners(connection)
        deliveries.free(connection, owners - self._process.alive())
        deliveries.fail_unreachable(connection, now)
        self._release_strays(connection, now, held)

    def _release_strays(
        self, connection: Connection, now: datetime, held: Collection[int]
    ) -> None:
        """Let go of what was committed for this process but never came to it."""
        mine = set(deliveries.owned(connection, self._process.number)) - set(held)
        self._strays = {letter: self._strays.get(letter, now) for letter in mine}
        old = [letter for letter, at in self._strays.items() if now - at >= STRAY_AFTER]
        deliveries.release(connection, self._process.number, old)


async def listen(engine: Engine, wake: Callable[[], None]) -> None:
    """Wake at what other processes leave to anybody, for ever. Only for PostgreSQL."""
    from psycopg import AsyncConnection, Error

    where = engine.dialect.create_connect_args(engine.url)[1]
    while True:
        with suppress(Error):
            async with await AsyncConnection.connect(**where, autocommit=True) as connection:
                await connection.execute(f"LISTEN {outbox.WAKE}")
                wake()
                async for _notice in connection.notifies():
                    wake()
        await asyncio.sleep(DATABASE_WAIT)
