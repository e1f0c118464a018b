"""Write to the database in few transactions: what waits at the same time is committed together.

Each transaction costs the wait for a disk, so turns and the marks of what was sent share them.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from storage.database import at_once, can_write_at_once

MOST_TOGETHER = 8  # jobs; each waits for all that are committed with it
BREATH = 0.001  # seconds in which replies leave before the next are written
BREATHER = 0.03  # seconds

T = TypeVar("T")


def let_others_write(engine: Engine) -> None:
    """Between two of a tick's transactions. On SQLite one writes at a time, and other programs,
    which cannot wait in our line, look again only every few hundredths of a second.
    """
    if engine.dialect.name == "sqlite":
        time.sleep(BREATHER)


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Connection], Any]
    alone: Callable[[], Any] | None
    outcome: asyncio.Future[Any]


_Group = Sequence[_Job]
_Work = Callable[[_Group], list[Any]]


class Writer:
    """Does what it is given in the order given, through one connection.

    Where SQLite can be written at once it is, in the event loop's own thread: to hand a turn to
    another thread and back takes longer than its wait for the disk.

    executor: the thread for all else, which may have to wait for locks.
    """

    def __init__(self, engine: Engine, executor: Executor) -> None:
        self._engine, self._executor = engine, executor
        self._waiting: list[_Job] = []
        self._busy = self._again = False
        self._connection: Connection | None = None

    async def write(
        self,
        work: Callable[[Connection], T],
        alone: Callable[[], T] | None = None,
        *,
        patience: float = 0,
    ) -> T:
        """What `work` answers, once it is committed. Raises what it raises; then it is undone.

        Where one of those that share a transaction fails, all are undone and then done again,
        each by itself: by `alone`, which commits by itself, or else by `work`.

        patience: for how many seconds it may wait for something else to be written with.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, alone, loop.create_future())
        self._waiting.append(job)
        if patience:
            loop.call_later(patience, self._begin)
        else:
            self._begin()
        outcome: T = await job.outcome
        return outcome

    async def call(self, work: Callable[[], T]) -> T:
        """As soon as it can be done, in no transaction of this writer's.

        work: begins with its only transaction, as it may be begun a second time.
        """
        if not self._busy and can_write_at_once(self._engine):
            # Where another program is just writing, a thread waits for it.
            with suppress(OperationalError), at_once(self._engine):
                return work()
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def close(self) -> None:
        """Let go of the connection, when nothing is being written any more."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _begin(self) -> None:
        self._again = self._busy
        if self._busy or not self._waiting:
            return
        group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
        self._busy = True
        if can_write_at_once(self._engine):
            self._try_at_once(group)
        else:
            self._to_thread(self._together, group)

    def _try_at_once(self, group: _Group) -> None:
        try:
            with at_once(self._engine):
                outcomes = self._in_a_transaction(group)
        except OperationalError:
            self._to_thread(self._together, group)  # another program is just writing
        except Exception:
            self._to_thread(self._each, group)  # which may take long
        else:
            self._done(group, outcomes)

    def _to_thread(self, work: _Work, group: _Group) -> None:
        self._executor.submit(self._work, work, group, asyncio.get_running_loop())

    def _done(self, group: _Group, outcomes: Sequence[Any]) -> None:
        for job, outcome in zip(group, outcomes, strict=True):
            if job.outcome.done():
                continue  # nobody waits for it any more
            if isinstance(outcome, Exception):
                job.outcome.set_exception(outcome)
            else:
                job.outcome.set_result(outcome)
        # Those who waited may have more to write, which then is written with what waits already.
        asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        self._busy = False
        if self._again or len(self._waiting) >= MOST_TOGETHER:
            asyncio.get_running_loop().call_later(BREATH, self._begin)

    # In the thread

    def _work(self, work: _Work, group: _Group, loop: asyncio.AbstractEventLoop) -> None:
        outcomes = work(group)
        with suppress(RuntimeError):  # the loop may be closed, where the program was cut short
            loop.call_soon_threadsafe(self._done, group, outcomes)

    def _together(self, group: _Group) -> list[Any]:
        try:
            return self._in_a_transaction(group)
        except Exception:
            return self._each(group)

    def _each(self, group: _Group) -> list[Any]:
        return [self._by_itself(job) for job in group]

    def _in_a_transaction(self, group: _Group) -> list[Any]:
        with self._transaction() as connection:
            return [job.work(connection) for job in group]

    def _by_itself(self, job: _Job) -> Any:
        try:
            if job.alone:
                return job.alone()
            with self._transaction() as connection:
                return job.work(connection)
        except Exception as error:
            return error

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """On the connection kept for it; a fresh one after trouble, as that may be broken."""
        if self._connection is None:
            self._connection = self._engine.connect()
        try:
            with self._connection.begin():
                yield self._connection
        except BaseException:
            self.close()
            raise
