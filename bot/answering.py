"""Answer many people at once, each of them in order.

Turns run in worker threads, as the database is spoken to synchronously. A chat always goes to the
same worker, so nobody overtakes themselves.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager, nullcontext
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
        self._on_postgres = engine.dialect.name == "postgresql"
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
        together: list[Done] = []
        with self._shared() as shared:
            for raw in part:
                done = self._answer_or_quarantine(shared, channel, raw)
                (together if shared else committed).append(done)
        committed += together

    def _hand_over(self, done: list[Done]) -> None:
        for incoming, added in done:
            if added.letters:
                self._sender.take(added.letters)
            if added.waiting:
                self._sender.wake()
            if incoming and isinstance(incoming.given, Sent):
                self._fetch()

    def _shared(self) -> AbstractContextManager[Connection | None]:
        """On SQLite, which waits for its disk at each commit, one transaction for several turns.

        On PostgreSQL, where workers write at once, each could hold rows another waits for.
        """
        return nullcontext() if self._on_postgres else self._engine.begin()

    @contextmanager
    def _transaction(self, shared: Connection | None) -> Iterator[Connection]:
        """Undone as a whole where it fails, also within a shared one."""
        if shared is None:
            with self._engine.begin() as own:
                yield own
        else:
            with shared.begin_nested():
                yield shared

    def _answer_or_quarantine(self, shared: Connection | None, channel: Reader, raw: Raw) -> Done:
        try:
            incoming = channel.read(raw)
        except Unreadable as unreadable:
            return None, self._quarantine(shared, channel, raw, None, unreadable, attempts=1)
        return incoming, self._try(shared, channel, raw, incoming) if incoming else Added()

    def _try(
        self, shared: Connection | None, channel: Reader, raw: Raw, incoming: Incoming
    ) -> Added:
        for attempt in range(1, TRIES + 1):
            try:
                return self._answer(shared, incoming)
            except OperationalError:
                raise  # the database is away, or busy beyond its time-out: nothing is lost
            except Exception as error:
                # Without its words: they may repeat what the person wrote.
                log.error("update failed, try %d of %d: %s", attempt, TRIES, _place(error))
                if attempt == TRIES:
                    return self._quarantine(
                        shared, channel, raw, incoming, error, attempts=attempt
                    )
                time.sleep(PAUSE)
        return Added()

    def _answer(self, shared: Connection | None, incoming: Incoming) -> Added:
        with self._transaction(shared) as connection:
            return answer(connection, self._desk, incoming, self._times(), self._sender.owner)

    def _quarantine(
        self,
        shared: Connection | None,
        channel: Reader,
        raw: Raw,
        incoming: Incoming | None,
        error: Exception,
        *,
        attempts: int,
    ) -> Added:
        times = self._times()
        update_id = incoming.update_id if incoming else str(raw.get("update_id", ""))[:40]
        with self._transaction(shared) as connection:
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
