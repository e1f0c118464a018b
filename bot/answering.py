"""Answer what people say, in the order they said it.

A few turns share a transaction: what each costs is mostly its wait for the disk. Several threads
would only fight for the interpreter, and answer half as many on PostgreSQL.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from threading import Event
from typing import Any, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from bot.channels.base import Incoming, Sent, Unreadable
from bot.inbound import Desk, Times, answer, apologize
from bot.metrics import Outcome, Turns
from bot.writing import Writer
from storage import inbox
from storage.outbox import Added, Letter

log = logging.getLogger(__name__)

TRIES = 3  # of an update that fails for a reason of its own
IN_A_ROW = 16  # turns in one transaction; a reply's mark waits for no more than these
PAUSE = 0.05  # seconds between tries

Raw = dict[str, Any]
Done = tuple[Incoming | None, Added, Outcome]


class CutShort(Exception):
    """An update before this one failed, and both come again."""


class Reader(Protocol):
    name: str

    def read(self, raw: Raw) -> Incoming | None:
        """None for an update nobody must answer. Raises Unreadable."""

    async def answer_tap(self, tap: str) -> None:
        """A tap that nothing is said to."""


class Deliver(Protocol):
    """What sends: letters are handed over in the event loop, after their commit."""

    @property
    def owner(self) -> int | None: ...

    def take(self, letters: Iterable[Letter]) -> None: ...

    def wake(self) -> None:
        """Something was written that anybody may send."""

    def halt(self, which: Mapping[int, bool]) -> None:
        """Messages to many were halted, or go on."""


class Answering:
    """times: what time it is now.

    fetch: called in the event loop once a turn is committed that left a file to be fetched.
    turns: what is counted of them.
    """

    def __init__(
        self,
        engine: Engine,
        desk: Desk,
        times: Callable[[], Times],
        sender: Deliver,
        writer: Writer,
        fetch: Callable[[], None],
    ) -> None:
        self._engine, self._desk, self._times = engine, desk, times
        self._sender, self._writer, self._fetch = sender, writer, fetch
        self.turns = Turns()
        self._tapped: set[asyncio.Task[None]] = set()

    def taker(self, channel: Reader) -> Callable[[Sequence[Raw]], Awaitable[None]]:
        """What takes a batch of raw updates, and returns once all are committed.

        In small parts, so that the first replies leave while the others are being written. It
        raises where the database cannot be reached; then nothing may be confirmed.
        """

        async def take(batch: Sequence[Raw]) -> None:
            if len(batch) <= IN_A_ROW:
                await self._take(channel, batch, Event())
            else:
                await self._take_parts(channel, batch)
            await asyncio.sleep(0)  # so that replies leave before the next poll is asked for

        return take

    async def _take_parts(self, channel: Reader, batch: Sequence[Raw]) -> None:
        cut_short = Event()
        parts = [batch[at : at + IN_A_ROW] for at in range(0, len(batch), IN_A_ROW)]
        taken = [self._take(channel, part, cut_short) for part in parts]
        for outcome in await asyncio.gather(*taken, return_exceptions=True):
            if outcome:
                raise outcome

    async def _take(self, channel: Reader, part: Sequence[Raw], cut_short: Event) -> None:
        """cut_short: once one part fails, those after it are left, or they would go first."""
        committed: list[Done] = []
        try:
            committed += await self._writer.write(
                partial(self._answer_together, channel, part, cut_short),
                partial(self._answer_each, channel, part, cut_short, committed),
            )
        finally:
            self._hand_over(committed)
            self._answer_taps(channel, committed)

    def _answer_together(
        self, channel: Reader, part: Sequence[Raw], cut_short: Event, connection: Connection
    ) -> list[Done]:
        if cut_short.is_set():
            raise CutShort
        given = [channel.read(raw) for raw in part]
        return [_done(one, self._answer(connection, one) if one else Added()) for one in given]

    def _answer_each(
        self, channel: Reader, part: Sequence[Raw], cut_short: Event, committed: list[Done]
    ) -> list[Done]:
        """Which of them fails, and why. committed: is added to, also where this raises."""
        for raw in part:
            if cut_short.is_set():
                raise CutShort
            try:
                committed.append(self._answer_or_quarantine(channel, raw))
            except Exception:
                cut_short.set()
                raise
        return []

    def _hand_over(self, done: list[Done]) -> None:
        self.turns.ended.update(outcome for _incoming, _added, outcome in done)
        for _incoming, added, _outcome in done:
            if added.halted:
                self._sender.halt(added.halted)
        self._sender.take([letter for _incoming, added, _o in done for letter in added.letters])
        if any(added.waiting for _incoming, added, _outcome in done):
            self._sender.wake()
        if any(incoming and isinstance(incoming.given, Sent) for incoming, _added, _o in done):
            self._fetch()

    def _answer_taps(self, channel: Reader, done: list[Done]) -> None:
        """Those without a reply, which would answer them: a button shows a clock until then."""
        for incoming, _added, outcome in done:
            if incoming and incoming.tap and outcome is Outcome.SILENT:
                task = asyncio.get_running_loop().create_task(channel.answer_tap(incoming.tap))
                self._tapped.add(task)  # kept until it ends, as the loop itself would not keep it
                task.add_done_callback(self._tapped.discard)

    def _answer_or_quarantine(self, channel: Reader, raw: Raw) -> Done:
        try:
            incoming = channel.read(raw)
        except Unreadable as unreadable:
            return self._quarantine(channel, raw, None, unreadable, attempts=1)
        return self._try(channel, raw, incoming) if incoming else _done(None, Added())

    def _try(self, channel: Reader, raw: Raw, incoming: Incoming) -> Done:
        for attempt in range(1, TRIES + 1):
            try:
                with self._engine.begin() as connection:
                    added = self._answer(connection, incoming)
                return _done(incoming, added)
            except OperationalError:
                raise  # the database is away, or busy beyond its time-out: nothing is lost
            except Exception as error:
                # Without its words: they may repeat what the person wrote.
                log.error("update failed, try %d of %d: %s", attempt, TRIES, _place(error))
                if attempt == TRIES:
                    return self._quarantine(channel, raw, incoming, error, attempts=attempt)
                time.sleep(PAUSE)
        return _done(incoming, Added())

    def _answer(self, connection: Connection, incoming: Incoming) -> Added:
        begin = time.perf_counter()
        added = answer(connection, self._desk, incoming, self._times(), self._sender.owner)
        self.turns.took(time.perf_counter() - begin)
        return added

    def _quarantine(
        self,
        channel: Reader,
        raw: Raw,
        incoming: Incoming | None,
        error: Exception,
        *,
        attempts: int,
    ) -> Done:
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
            added = Added()
            if incoming:
                added = apologize(connection, self._desk, incoming, times, self._sender.owner)
        return incoming, added, Outcome.QUARANTINED


def _done(incoming: Incoming | None, added: Added) -> Done:
    said = added.letters or added.waiting
    return incoming, added, Outcome.ANSWERED if said else Outcome.SILENT


def _place(error: Exception) -> str:
    """What failed and where, never with which words."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "nowhere"
    return f"{type(error).__name__} at {where}"
