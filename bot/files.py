"""Fetch the bytes of files people sent, after the turn that recorded them."""

import asyncio
import logging
from asyncio import TaskGroup
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from bot import beside
from bot.channels.base import Channel, Rejected, TryLater
from bot.clock import machine_now
from core.filetype import Kind, Refusal, Refused, look_at, text_kind
from storage import files
from storage.blobs import Blobs
from storage.files import Arrival, ToFetch, Upload

log = logging.getLogger(__name__)

AT_ONCE = 4  # files in memory together: 4 of 20 MB
FETCH_SECONDS = 60.0  # for 20 MB that is 2.7 Mbit/s
LEASE = timedelta(seconds=FETCH_SECONDS + 15)  # a killed process's files are tried after it
SWEEP_SECONDS = 5.0  # for what another process recorded, and for files to be tried again

FIRST_PAUSE = timedelta(seconds=5)  # doubled with each attempt
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)  # of trying: the time this program was off does not count

Arrived = Callable[[Session, Upload], None]


class Fetcher:
    """arrived: called in the transaction that decides an upload (stored, refused or lost).

    committed: called after it, for instance to wake the sender.
    now: the program's clock, for `stored_at`; machine: machine time, for leases and pauses.
    check: tells what the bytes are, or raises Refused; may block.
    """

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        blobs: Blobs,
        arrived: Arrived,
        now: Callable[[], datetime],
        committed: Callable[[], None] = lambda: None,
        machine: Callable[[], datetime] = machine_now,
        check: Callable[[bytes], Kind] = look_at,
    ) -> None:
        self._engine = engine
        self._channels = channels
        self._blobs = blobs
        self._arrived = arrived
        self._now = now
        self._committed = committed
        self._machine = machine
        self._check = check
        self._woken = asyncio.Event()
        self._busy = 0

    def wake(self) -> None:
        """There may be something to fetch; to be called in the event loop."""
        self._woken.set()

    def is_busy(self) -> bool:
        """Whether anything is being fetched or written down."""
        return self._busy > 0

    async def run(self) -> None:
        """Until cancelled."""
        await asyncio.to_thread(self._blobs.tidy, self._machine() - 2 * LEASE)
        async with TaskGroup() as group:
            while True:
                self._woken.clear()
                for upload in await self._take():
                    self._busy += 1
                    group.create_task(self._fetch_and_go_on(upload))
                with suppress(TimeoutError):  # wait_for of Python 3.11 can swallow a cancellation
                    async with asyncio.timeout(SWEEP_SECONDS):
                        await self._woken.wait()

    async def _take(self) -> list[ToFetch]:
        free = AT_ONCE - self._busy
        try:
            return await asyncio.to_thread(self._take_now, free) if free else []
        except Exception:
            log.exception("waiting files cannot be read; trying again")
            return []

    def _take_now(self, most: int) -> list[ToFetch]:
        with Session(self._engine) as session:
            taken = files.take_waiting(session, self._machine(), LEASE, most)
            session.commit()
        return taken

    async def _fetch_and_go_on(self, upload: ToFetch) -> None:
        try:
            await self._fetch(upload)
            self._committed()
        except Exception:  # a fault of ours or the database's: tried again after the lease
            log.exception("upload %s was not decided", upload.id)
        finally:
            self._busy -= 1
            self.wake()

    async def _fetch(self, upload: ToFetch) -> None:
        channel = self._channels.get(upload.channel)
        if channel is None:  # switched off at present
            await asyncio.to_thread(self._put_off, upload)
            return
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                content = await channel.fetch(upload.remote_id)
        except Rejected:
            await asyncio.to_thread(self._decide, upload, Arrival.LOST)
        except TryLater as later:
            await asyncio.to_thread(self._put_off, upload, later.seconds or 0)
        except TimeoutError:
            await asyncio.to_thread(self._put_off, upload)
        else:
            await beside.wait_for(self._keep, upload, content)

    def _keep(self, upload: ToFetch, content: bytes) -> None:
        """Bytes first, row after: a crash between them leaves bytes that are put there again."""
        try:
            kind = self._kind(upload, content)
        except Refused as refused:
            log.warning("upload %s is refused: %s, %s", upload.id, refused.why, refused)
            self._decide(upload, Arrival.REFUSED, refused.why)
            return
        sha = self._blobs.put(content)
        with Session(self._engine) as session:
            row = files.get_waiting(session, upload.id)
            if row:
                files.mark_stored(session, row, sha, kind, len(content), self._now())
                self._arrived(session, row)
            session.commit()

    def _kind(self, upload: ToFetch, content: bytes) -> Kind:
        """Raises Refused."""
        try:
            kind = self._check(content)
        except Refused as refused:
            text = upload.to_read and refused.why is Refusal.KIND and text_kind(content)
            if not text:
                raise
            return text
        if kind is Kind.OGG and not upload.spoken:  # a letter takes speech; no report does
            raise Refused(Refusal.KIND, "speech that is no voice message")
        return kind

    def _decide(self, upload: ToFetch, arrival: Arrival, why: Refusal | None = None) -> None:
        with Session(self._engine) as session:
            row = files.get_waiting(session, upload.id)
            if row:
                row.arrival, row.refusal = arrival, why
                self._arrived(session, row)
            session.commit()
        log.info("upload %s is %s after %s attempts", upload.id, arrival, upload.attempts)

    def _put_off(self, upload: ToFetch, at_least: float = 0) -> None:
        """at_least: seconds the channel asked for."""
        if _paused(upload.attempts) >= GIVE_UP_AFTER:
            self._decide(upload, Arrival.LOST)
            return
        pause = max(_pause(upload.attempts), timedelta(seconds=at_least))
        with Session(self._engine) as session:
            row = files.get_waiting(session, upload.id)
            if row:
                row.try_at = self._machine() + pause
            session.commit()


def _pause(attempts: int) -> timedelta:
    """After this many attempts in vain."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)


def _paused(attempts: int) -> timedelta:
    """All pauses before this attempt."""
    return sum(map(_pause, range(1, attempts)), timedelta())
