"""Send what waits in the outbox, at least once each, in order within a chat and lane.

A reply comes here from the turn that wrote it and leaves at once; everything else is leased from
the database. What became of letters is committed for several together, and only then is their
place free for others: that bounds what is sent again after a crash. What is known to be sent is
never sent again by this process, however long the database is away.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from math import ceil
from random import SystemRandom
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.base import Channel, ChatMoved, Rejected, SendError, TryLater, Unreachable
from bot.clock import machine_now
from bot.leasing import DATABASE_WAIT, Found, Leasing, Wanted, listen
from bot.pace import MOST_ATTEMPTS, SAVED_UP, ChatPace, back_off
from bot.queue import Queue
from bot.writing import Writer
from storage import copies, deliveries
from storage.deliveries import Fate
from storage.outbox import Lane, Letter, Sending
from storage.processes import Process

log = logging.getLogger(__name__)

# A messenger answers within 60 to 150 ms; this many calls at once keep the rate up to that.
SECONDS_ON_THE_WAY = 0.15
FEWEST_PLACES = 4
SLOW_AFTER = 1.0  # seconds without an answer, after which another may start as well
AHEAD = 0.25  # seconds; how far ahead slots for bulk messages are taken
MARK_WITHIN = 0.005  # seconds; how long a mark waits for others, to be committed with them
MOST_HELD = 4_000  # chats with letters in memory; what comes on top waits in the database
MOST_BULK_HELD = 1_000  # from here on no bulk messages are leased: the channel must be down
MOST_LEASED = 100  # replies in one look
LOOKS_APART = 0.02  # seconds, at least
LOOK_EVERY = 2.0  # seconds, while nothing happens
LOOK_AGAIN = 0.2  # seconds, while a reply waits behind one that another process sends
STOP_WITHIN = 8.0  # seconds for what is on its way; service managers kill after ten
MOST_SURPRISES = 3  # attempts where our own code fails; an hour would only hold up the chat
LONGEST_ERROR = 500  # characters kept


class Sender:
    """Sends through `channels`, by name, as `process`.

    All methods belong to the event loop's thread. `take` works without `run`, which leases what
    others left, wakes on time, and finishes what is on its way when it is cancelled.

    rate: bulk messages a second on each channel, over all processes.
    now: machine time.
    writer: where the database is used.
    pace: how fast each chat may be written to.
    closed: the lanes of which nothing is sent at present, such as nudges at night.
    today: the day at the office; a message about an earlier day is written anew.
    counted: how many tries ended as "sent", "waiting" (delayed) and "failed".
    told_to_wait: how often the channel asked to slow down.
    looked_at: machine time of the last good look at the database.
    """

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        process: Process,
        rate: float,
        *,
        writer: Writer,
        now: Callable[[], datetime] = machine_now,
        pace: ChatPace | None = None,
        closed: Callable[[], Collection[Lane]] = tuple,
        today: Callable[[], date] = lambda: date.min,
    ) -> None:
        places = max(FEWEST_PLACES, ceil(rate * SECONDS_ON_THE_WAY))
        self._engine, self._channels, self._process = engine, channels, process
        self._rate, self._now, self._closed = rate, now, closed
        self._writer = writer
        self._leasing = Leasing(engine, process, now, today)
        self._queues = {name: Queue(places, pace or ChatPace()) for name in channels}
        self._many_fates = max(FEWEST_PLACES, places // 2)
        self.counted: Counter[Sending] = Counter()
        self.told_to_wait = 0
        self.looked_at: datetime | None = None
        self._begin()

    def _begin(self) -> None:
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._fates: list[Fate] = []
        self._halted: dict[int, float] = {}
        self._marking: asyncio.Task[None] | None = None
        self._mark_timer: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at: float | None = None
        self._woken, self._changed = asyncio.Event(), asyncio.Event()
        self._looking = asyncio.Lock()
        self._random = SystemRandom()
        self._behind = self._stopping = False

    @property
    def owner(self) -> int | None:
        """Whom turns should name as the owner of the replies they add."""
        full = any(queue.held >= MOST_HELD for queue in self._queues.values())
        return None if full or self._stopping else self._process.number

    def take(self, letters: Iterable[Letter]) -> None:
        """Send letters this process owns. Hand them over after the commit that wrote them."""
        for letter in letters:
            if letter.channel in self._queues:
                self._queues[letter.channel].put(letter)
            else:
                self._became(letter, Sending.FAILED, error=f"{letter.channel} is not connected")
        self._pump()

    def wake(self) -> None:
        """Something was committed that anybody may send."""
        self._woken.set()

    def halt(self, which: Mapping[int, bool], at: float | None = None) -> None:
        """No copy of these messages to many leaves any more, or, where that is false, they go on.

        Those in memory were leased before, and are let go when it would be their turn.

        at: when that was so, on the loop's clock; None for now.
        """
        for broadcast_id, halted in which.items():
            if halted:
                known = self._halted.get(broadcast_id, 0)
                self._halted[broadcast_id] = max(known, _time() if at is None else at)
            else:
                self._halted.pop(broadcast_id, None)

    async def run(self) -> None:
        """Until cancelled; then stop within ten seconds, and leave the rest to others."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._look_forever())
                if self._engine.dialect.name == "postgresql":
                    group.create_task(listen(self._engine, self.wake))
        finally:
            await self._stop()

    async def drain(self) -> None:
        """Send what can go now, and return once this is committed; retries are not awaited."""
        while True:
            await self._look()
            if not (self._fates or any(queue.active for queue in self._queues.values())):
                return
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOKS_APART):
                    await self._changed.wait()

    # Sending

    def _pump(self) -> None:
        """Start what may go now, and come back when something else may."""
        now = _time()
        moments = []
        for name, queue in self._queues.items():
            while not self._stopping and (letter := queue.next(now)):
                # Kept until it ends, as the loop itself would not keep it.
                self._sending[letter.id] = _loop().create_task(self._send(name, letter))
            due = queue.due(now)
            moments += [] if due is None else [due]
            if queue.lacking(1):
                self.wake()
        self._wait_until(min(moments, default=None))

    def _wait_until(self, moment: float | None) -> None:
        if moment == self._timer_at:
            return
        if self._timer:
            self._timer.cancel()
        self._timer_at, self._timer = moment, None
        if moment is not None and not self._stopping:
            self._timer = _loop().call_at(moment, self._on_time)

    def _on_time(self) -> None:
        self._timer_at = self._timer = None
        self._pump()

    async def _send(self, channel: str, letter: Letter) -> None:
        if self._halted and copies.broadcast_of(letter.key) in self._halted:
            self._became(letter, Sending.WAITING, letter.attempts, released=True)
            return
        patience = _loop().call_later(SLOW_AFTER, self._slow, letter)
        try:
            reference = await self._channels[channel].send(letter)
        except Exception as error:
            self._failed(letter, error)
        else:
            self._became(letter, Sending.SENT, letter.attempts, reference=reference)
        finally:
            patience.cancel()

    def _slow(self, letter: Letter) -> None:
        self._queues[letter.channel].slow(letter)
        self._pump()

    def _failed(self, letter: Letter, error: Exception) -> None:
        attempts, why = letter.attempts + 1, _words(error)
        match error:
            case Unreachable():
                self._became(letter, Sending.FAILED, attempts, error=why, unreachable=True)
                for other in self._queues[letter.channel].drop(letter.address_id):
                    self._became(other, Sending.FAILED, other.attempts, error=why)
            case Rejected():
                self._became(letter, Sending.FAILED, attempts, error=why)
            case ChatMoved():
                self._again(letter, attempts, why, 0, moved_to=error.chat)
            case TryLater():
                self._obey(letter, error)
                wait = max(back_off(attempts, self._random.random()), error.seconds or 0)
                self._again(letter, attempts, why, wait)
            case _:
                log.error("sending failed for a reason nobody foresaw", exc_info=error)
                self._again(letter, attempts, why, back_off(attempts, 0), most=MOST_SURPRISES)

    def _obey(self, letter: Letter, error: TryLater) -> None:
        if error.seconds is not None:
            self.told_to_wait += 1
            chat = None if error.everybody else letter.chat
            self._queues[letter.channel].pause(_time() + error.seconds, chat)

    def _again(
        self,
        letter: Letter,
        attempts: int,
        why: str,
        wait: float,
        *,
        most: int = MOST_ATTEMPTS,
        moved_to: str | None = None,
    ) -> None:
        sending = Sending.WAITING if attempts < most else Sending.FAILED
        self._became(letter, sending, attempts, wait, error=why, moved_to=moved_to)

    # Writing down what became of letters

    def _became(
        self, letter: Letter, sending: Sending, attempts: int = 0, wait: float = 0, **more: Any
    ) -> None:
        at = self._now() + timedelta(seconds=wait)
        self._fates.append(Fate(letter, sending, at, attempts, **more))
        self.counted[sending] += not more.get("released", False)
        if self._marking is not None:
            return  # it comes back for this one
        if len(self._fates) >= min(self._many_fates, len(self._sending)):
            self._mark_now()
        elif self._mark_timer is None:
            self._mark_timer = _loop().call_later(MARK_WITHIN, self._mark_now)

    def _mark_now(self) -> None:
        if self._mark_timer:
            self._mark_timer.cancel()
            self._mark_timer = None
        self._marking = _loop().create_task(self._mark())

    async def _mark(self) -> None:
        try:
            await self._mark_all()
        finally:
            self._marking = None

    async def _mark_all(self) -> None:
        while self._fates:
            fates, self._fates = self._fates, []
            try:
                await self._writer.write(
                    partial(deliveries.mark, fates=fates), patience=MARK_WITHIN
                )
            except Exception as error:
                _complain("cannot write down what was sent", error)
                self._fates = fates + self._fates
                await asyncio.sleep(DATABASE_WAIT)
            else:
                self._settle(fates)

    def _settle(self, fates: list[Fate]) -> None:
        """What became of these is committed: their places are free."""
        for fate in fates:
            if self._sending.pop(fate.letter.id, None):
                self._free_place(self._queues[fate.letter.channel], fate)
        self._changed.set()
        if self._behind or any(fate.released for fate in fates):
            self.wake()
        self._pump()

    def _free_place(self, queue: Queue, fate: Fate) -> None:
        if fate.moved_to:
            queue.move(fate.letter.address_id, fate.moved_to)
        if fate.sending is Sending.WAITING and not fate.released:
            chat = fate.moved_to or fate.letter.chat
            letter = replace(fate.letter, attempts=fate.attempts, chat=chat)
            queue.rest(letter, self._in_loop_time(fate.at))
        else:
            queue.done(fate.letter)

    # Leasing what others left

    async def _look_forever(self) -> None:
        while True:
            self._woken.clear()
            wait = await self._look()
            await asyncio.sleep(LOOKS_APART)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._woken.wait()

    async def _look(self) -> float:
        """Take in what this process may lease; return in how many seconds to look again."""
        async with self._looking:
            wanted = {name: self._wanted(queue) for name, queue in self._queues.items()}
            held = {letter.id for queue in self._queues.values() for letter in queue.letters()}
            look, began = self._leasing.look, _time()
            try:
                lost, found = await self._writer.call(partial(look, wanted, held))
            except Exception as error:
                _complain("cannot look for messages to send", error)
                return DATABASE_WAIT
            if lost:
                self._let_go()
            for name, of_channel in found.items():
                self._receive(self._queues[name], of_channel, began)
            self.looked_at = self._now()
            self._behind = any(self._is_behind(f) for f in found.values())
            self._pump()
            waits = [self._next_look(self._queues[name], f) for name, f in found.items()]
            return min(waits, default=LOOK_EVERY)

    def _is_behind(self, found: Found) -> bool:
        """Whether a reply waits for another, perhaps for one that is just being sent."""
        at = found.next_at.get(Lane.REPLY)
        return at is not None and at <= self._now()

    def _wanted(self, queue: Queue) -> Wanted:
        batch = max(1, ceil(self._rate * AHEAD))
        queue.closed = frozenset(self._closed())
        bulk = batch - queue.ready_bulk if queue.held < MOST_BULK_HELD else 0
        return Wanted(
            lanes=frozenset(Lane) - queue.closed,
            replies=min(MOST_LEASED, MOST_HELD - queue.held),
            bulk=bulk,
            slots=queue.lacking(batch),
            owed=queue.slots.owed(_time()),
            rate=self._rate,
        )

    def _let_go(self) -> None:
        """The database forgot this process; others may send what it has not begun to send."""
        log.warning("the connection that says this process lives was lost, and is there again")
        for queue in self._queues.values():
            queue.clear()

    def _receive(self, queue: Queue, found: Found, began: float) -> None:
        """began: when the look did that found them; what was halted before that goes on again."""
        for letter in found.letters:
            broadcast_id = copies.broadcast_of(letter.key) if self._halted else None
            if broadcast_id and self._halted.get(broadcast_id, began) < began:
                del self._halted[broadcast_id]
            if letter.id not in self._sending:
                queue.put(letter)
        if found.first_slot:
            # On a slow machine a slot may be long past when it gets here; were such ones gone at
            # once, what waits for one would wait for ever.
            first = max(self._in_loop_time(found.first_slot), _time() - SAVED_UP / 2)
            queue.slots.add(first, found.slots, self._rate)

    def _next_look(self, queue: Queue, found: Found) -> float:
        now = self._now()
        goes_on = queue.ready_bulk and not queue.is_paused(_time())
        waits = [AHEAD / 2] if found.bulk or goes_on else [LOOK_EVERY]
        for lane in found.next_at.keys() - queue.closed:
            again = LOOK_AGAIN if lane is Lane.REPLY else AHEAD * 2
            waits.append(max(again, (found.next_at[lane] - now).total_seconds()))
        return min(waits)

    # Stopping

    async def _stop(self) -> None:
        self._stopping = True
        self._wait_until(None)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._finish(), STOP_WITHIN)
        for task in self._sending.values():
            task.cancel()
        with suppress(SQLAlchemyError):
            await self._writer.call(self._leasing.leave)

    async def _finish(self) -> None:
        while self._sending or self._fates:
            self._changed.clear()
            await self._changed.wait()

    def _in_loop_time(self, moment: datetime) -> float:
        return _time() + (moment - self._now()).total_seconds()


def _complain(what: str, error: Exception) -> None:
    """Whatever it is, it is tried again. A database's own text shows people's messages."""
    if isinstance(error, SQLAlchemyError):
        log.warning("%s: %s", what, type(error).__name__)
    else:
        log.error("%s", what, exc_info=error)


def _words(error: Exception) -> str:
    """Why it failed, for the office. Other errors' texts may hold an address with its token."""
    if not isinstance(error, SendError):
        return type(error).__name__
    return str(error).replace("\0", "")[:LONGEST_ERROR]


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def _time() -> float:
    return _loop().time()
