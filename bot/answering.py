"""Answer many people at once, each of them in order.

Turns run in worker threads, as the database is spoken to synchronously. A chat always goes to the
same worker, so nobody overtakes themselves.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Executor
from typing import Any, Protocol
from zlib import crc32

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from bot.channels.base import Incoming, Sent, Unreadable
from bot.inbound import Desk, Times, answer, apologize
from storage import inbox
from storage.outbox import Added, Letter

log = logging.getLogger(__name__)

TRIES = 3  # of an update that fails for a reason of its own
IN_A_ROW = 4  # turns of one worker; a reply's mark waits for no more than these
PAUSE = 0.05  # seconds between tries

Raw = dict[str, Any]
Done = tuple[Incoming | None, Added]


class Reader(Protocol):
    name: str

    def read(self, raw: Raw) -> Incoming | None:
        """None for an update nobody must answer. Raises Unreadable."""


class Deliver(Protocol):
    """What sends: letters are handed over in the event loop, after their commit."""

    @property
    def owner(self) -> int | None: ...

    def take(self, letters: Iterable[Letter]) -> None: ...

    def wake(self) -> None:
        """Something was written that anybody may send."""


class Answering:
    """workers: one turn at a time each. times: what time it is now.

    fetch: called in the event loop once a turn is committed that left a file to be fetched.
    """

    def __init__(
        self,
        engine: Engine,
        desk: Desk,
        times: Callable[[], Times],
        sender: Deliver,
        workers: Sequence[Executor],
        fetch: Callable[[], None],
    ) -> None:
        self._engine, self._desk, self._times = engine, desk, times
        # SQLite waits for its disk at each commit, so a few turns share one. On PostgreSQL, where
        # workers write at once, each could then hold rows that another waits for.
        self._together = engine.dialect.name == "sqlite"
        self._sender, self._workers, self._fetch = sender, workers, fetch

    def taker(self, channel: Reader) -> Callable[[Sequence[Raw]], Awaitable[None]]:
        """What takes a batch of raw updates, and returns once all are committed.

        It raises where the database cannot be reached; then nothing may be confirmed.
        """

        async def take(batch: Sequence[Raw]) -> None:
            shares = zip(self._workers, self._shares(batch), strict=True)
            await asyncio.gather(*(self._share(channel, *both) for both in shares))

        return take

    async def _share(self, channel: Reader, worker: Executor, share: Sequence[Raw]) -> None:
        """In small parts, between which the worker does what else waits for it, such as marks."""
        loop = asyncio.get_running_loop()
        for start in range(0, len(share), IN_A_ROW):
            part, committed = share[start : start + IN_A_ROW], list[Done]()
            try:
                await loop.run_in_executor(worker, self._work, channel, part, committed)
            finally:
                self._hand_over(committed)

    def _shares(self, batch: Sequence[Raw]) -> list[list[Raw]]:
        shares: list[list[Raw]] = [[] for _worker in self._workers]
        for raw in batch:
            shares[_chat(raw) % len(shares)].append(raw)
        return shares

    def _work(self, channel: Reader, part: Sequence[Raw], committed: list[Done]) -> None:
        """committed: is added to, also where this raises."""
        if self._together and self._answer_together(channel, part, committed):
            return
        for raw in part:
            committed.append(self._answer_or_quarantine(channel, raw))

    def _answer_together(
        self, channel: Reader, part: Sequence[Raw], committed: list[Done]
    ) -> bool:
        """All in one transaction; False where one of them fails, so that none is answered yet."""
        try:
            with self._engine.begin() as connection:
                given = [channel.read(raw) for raw in part]
                done = [(one, self._answer(connection, one)) for one in given if one]
        except OperationalError:
            raise
        except Exception:
            return False  # each by itself will show which, and why
        committed += done
        return True

    def _hand_over(self, done: list[Done]) -> None:
        self._sender.take([letter for _incoming, added in done for letter in added.letters])
        if any(added.waiting for _incoming, added in done):
            self._sender.wake()
        if any(incoming and isinstance(incoming.given, Sent) for incoming, _added in done):
            self._fetch()

    def _answer_or_quarantine(self, channel: Reader, raw: Raw) -> Done:
        try:
            incoming = channel.read(raw)
        except Unreadable as unreadable:
            return None, self._quarantine(channel, raw, None, unreadable, attempts=1)
        return incoming, self._try(channel, raw, incoming) if incoming else Added()

    def _try(self, channel: Reader, raw: Raw, incoming: Incoming) -> Added:
        for attempt in range(1, TRIES + 1):
            try:
                with self._engine.begin() as connection:
                    return self._answer(connection, incoming)
            except OperationalError:
                raise  # the database is away, or busy beyond its time-out: nothing is lost
            except Exception as error:
                # Without its words: they may repeat what the person wrote.
                log.error("update failed, try %d of %d: %s", attempt, TRIES, _place(error))
                if attempt == TRIES:
                    return self._quarantine(channel, raw, incoming, error, attempts=attempt)
                time.sleep(PAUSE)
        return Added()

    def _answer(self, connection: Connection, incoming: Incoming) -> Added:
        return answer(connection, self._desk, incoming, self._times(), self._sender.owner)

    def _quarantine(
        self,
        channel: Reader,
        raw: Raw,
        incoming: Incoming | None,
        error: Exception,
        *,
        attempts: int,
    ) -> Added:
        times = self._times()
        update_id = incoming.update_id if incoming else str(raw.get("update_id", ""))[:40]
        with self._engine.begin() as connection:
            inbox.quarantine(
                connection,
                channel.name,
                update_id,
                times.machine,
                error=_place(error),
                raw=raw,
                attempts=attempts,
            )
            if incoming is None:
                return Added()
            return apologize(connection, self._desk, incoming, times, self._sender.owner)


def _chat(raw: Raw) -> int:
    """A number that is the same for all updates of one person."""
    for part in raw.values():
        if isinstance(part, dict):
            who = part.get("from") or part.get("chat")
            if isinstance(who, dict):
                return crc32(str(who.get("id")).encode())
    return 0


def _place(error: Exception) -> str:
    """What failed and where, never with which words."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "nowhere"
    return f"{type(error).__name__} at {where}"
