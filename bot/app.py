"""Builds the running bot from its settings; the only place where parts are joined."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from starlette.routing import Route

from bot import (
    broadcasting,
    garbage,
    gate,
    ics,
    imports,
    menus,
    participants,
    receipts,
    receiver,
    rehearsal,
    survey_sheets,
    web,
)
from bot.answering import Answering
from bot.binding import Binder, forget_sheets
from bot.broadcasting import Post
from bot.channels.base import Rejected, SendError, TokenRefused
from bot.channels.telegram import TelegramChannel
from bot.clock import Clock, machine_now
from bot.documents import Reader
from bot.eves import remind_of_events
from bot.files import Fetcher
from bot.health import Heartbeats
from bot.inbound import Desk, Times, tell
from bot.jobs import Job, Jobs
from bot.locking import lock_overdue
from bot.metrics import Metrics
from bot.nudging import remind
from bot.qr import draw_qr
from bot.receipts import Clerk
from bot.sender import Sender
from bot.settings import Settings, WrongSetting
from bot.sheets import bundled
from bot.surveys import Surveys
from bot.verdicts import offer_to_send_alone, tell_verdicts
from bot.writing import Writer
from core.calendar import next_allowed
from handlers import agenda
from handlers.arrival import news
from storage import calendar_links, closed_days, facts, inbox, outbox, processes, schema
from storage.blobs import Blobs
from storage.database import connect, reading
from storage.files import Upload
from storage.outbox import Lane

log = logging.getLogger(__name__)

KEEP_RECEIVED = timedelta(hours=48)  # channels repeat an update for a day at most
KEEP_SENT = timedelta(days=90)  # until then the pages of an old message can be turned
# Seconds that a long tick may keep a reply from going on; with Python's own 0.005, replies came
# half a second later while a message to 50,000 was begun.
GIVE_WAY = 0.0005
THREADS = 3  # for ticks and looks, which are short; each holds a megabyte
TRY_AGAIN = 3.0  # seconds, while the channel is away or another program is the poller


class NotReady(Exception):
    """One sentence for the operator."""


def connect_to(settings: Settings) -> Engine:
    """Raises WrongSetting where there is no database."""
    try:
        if not settings.database_url:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        # Parameters are what people wrote, and must not appear in errors.
        engine = connect(settings.database, hide_parameters=True)
        engine.connect().close()
    except (OSError, ValueError, SQLAlchemyError):  # whose words may repeat a part of the password
        at = "DATABASE_URL" if settings.database_url else "DATA_DIR"
        raise WrongSetting(f"PHONGBOT_{at}: no database can be opened there.") from None
    return engine


def store_of(settings: Settings) -> Blobs:
    """The files. Raises WrongSetting where none can be kept."""
    blobs = Blobs(settings.files)
    try:
        blobs.try_out()
    except OSError as error:
        at = "FILES_URL" if settings.files_url else "DATA_DIR"
        raise WrongSetting(
            f"PHONGBOT_{at}: no file can be kept there: {error.strerror}."
        ) from None
    return blobs


async def run_until_told_to_stop(settings: Settings) -> None:
    """SIGTERM and SIGINT stop it: nothing new is taken, and what is on its way is finished.

    Raises NotReady, AnotherProcess, CannotPoll, WrongSetting.
    """
    loop = asyncio.get_running_loop()
    running = asyncio.ensure_future(App(settings).run())
    garbage.settle()
    sys.setswitchinterval(GIVE_WAY)
    loop.set_default_executor(ThreadPoolExecutor(THREADS, "worker"))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        log.info("stopped")
    except ExceptionGroup as group:
        if reason := group.subgroup((receiver.CannotPoll, WrongSetting)):
            raise reason.exceptions[0] from None
        raise


class App:
    """One running program. Raises NotReady, AnotherProcess, WrongSetting."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = connect_to(settings)
        if not schema.is_current(self._engine):
            raise NotReady("The database is behind this program: run `phongbot migrate` first.")
        self._process = processes.enter(self._engine)
        self._clock = Clock(settings.timezone, settings.clock)
        self._blobs = store_of(settings)
        self._desk = Desk(
            settings.timezone,
            settings.language,
            bundled=partial(bundled, self._blobs),
            draw=partial(draw_qr, self._blobs),
            public_url=settings.public_url,
            keep=self._blobs.put,
            survey_least=settings.survey_least,
        )
        self._telegram = TelegramChannel(
            settings.telegram_token, settings.telegram_api, self._blobs.path, settings.timezone
        )
        self._closed_days = closed_days.known(self._engine)
        self._join()

    def _join(self) -> None:
        """Who hands what to whom, and who wakes whom."""
        channels = {self._telegram.name: self._telegram}
        self._writer = Writer(self._engine, ThreadPoolExecutor(1, "writer"))
        self._sender = Sender(
            self._engine,
            channels,
            self._process,
            self._settings.send_rate,
            writer=self._writer,
            closed=self._closed_lanes,
            today=self._clock.today,
        )
        self._fetcher = Fetcher(
            self._engine,
            channels,
            self._blobs,
            self._arrived,
            self._clock.now,
            self._file_decided,
            check=gate.check,
        )
        self._binder = Binder(
            self._engine, self._blobs, self._desk, self._times, self._sender.wake
        )
        self._answering = Answering(
            self._engine, self._desk, self._times, self._sender, self._writer, self._fetcher.wake
        )
        self._jobs = Jobs(self._to_do(), machine_now)
        self._heartbeats = Heartbeats(self._engine, self._sender, self._jobs, machine_now)
        self._metrics = Metrics(
            self._engine,
            self._answering.turns,
            self._sender,
            self._jobs,
            self._desk.misses,
            machine_now,
        )

    async def run(self) -> None:
        """Until cancelled. Raises an ExceptionGroup of CannotPoll or WrongSetting."""
        try:
            async with self._telegram, asyncio.TaskGroup() as group:
                with self._jobs:
                    for part in self._parts():
                        group.create_task(part)
                    await asyncio.Event().wait()
        finally:
            self._writer.close()
            self._process.close()

    def _parts(self) -> list[Coroutine[Any, Any, None]]:
        take = self._answering.taker(self._telegram)
        parts = [self._sender.run(), self._fetcher.run(), self._binder.run()]
        parts += [self._introduce(), self._web(take)]
        if self._settings.telegram_mode == "poll":
            parts.append(self._poll(take))
        return parts

    def _times(self) -> Times:
        return Times(self._clock.now(), machine_now())

    def _closed_lanes(self) -> set[Lane]:
        """A reminder that waited too long is not sent at night either."""
        now, zone = self._clock.now(), self._settings.timezone
        return {Lane.NUDGE} if next_allowed(now, zone, self._closed_days) != now else set()

    def _arrived(self, session: Session, upload: Upload) -> None:
        if screen := news(session, upload, self._settings.timezone):
            drafts = tell(session, self._desk, upload.person_id, screen)
            session.flush()
            outbox.add(session.connection(), drafts, machine_now())

    def _file_decided(self) -> None:
        self._sender.wake()
        self._binder.wake()

    # What runs beside the turns

    async def _poll(self, take: receiver.Take) -> None:
        """One program at a time polls; the others wait for it to end."""
        while (lock := await self._in_thread(processes.try_hold, self._engine, "poller")) is None:
            log.info("another phongbot receives the messages of this bot; waiting for it")
            await asyncio.sleep(TRY_AGAIN)
        try:
            await receiver.poll(self._telegram, take, heard=self._heartbeats.heard)
        finally:
            lock.let_go()

    async def _web(self, take: receiver.Take) -> None:
        by_webhook = self._settings.telegram_mode == "webhook"
        app = web.make_app(
            self._heartbeats.look,
            take if by_webhook else None,
            self._settings.webhook_secret.get_secret_value(),
            self._move_clock if self._settings.clock else None,
            self._metrics.text,
            self._calendar if self._settings.public_url else None,
            self._pages(),
        )
        try:
            await web.serve(app, self._settings.listen)
        except OSError as error:
            raise WrongSetting(f"PHONGBOT_LISTEN: {error.strerror}.") from None

    def _pages(self) -> list[Route]:
        settings = self._settings
        if not settings.public_url:
            return []
        now, url = self._clock.now, settings.public_url
        return [Surveys(self._engine, settings.language, settings.timezone, now, url).route]

    async def _calendar(self, secret: str) -> bytes | None:
        return await asyncio.to_thread(self._calendar_now, secret)

    def _calendar_now(self, secret: str) -> bytes | None:
        now, zone = self._clock.now(), self._settings.timezone
        with reading(self._engine) as session:
            opened = calendar_links.opened_by(session, secret)
            if opened is None:
                return None
            school, reader = opened
            dates = agenda.of(session, school, now.astimezone(zone).date())
            return ics.write(dates, reader.language or self._settings.language, zone, now)

    def _move_clock(self, moment: Any) -> None:
        self._clock.move(moment)
        for name in ("lock", "eves", "heads", "remind", "verdicts"):
            self._jobs.now(name)

    async def _introduce(self) -> None:
        """Learn the bot's own name for links, and say where updates are to be sent."""
        while True:
            try:
                name = await self._telegram.username()
                await menus.for_newcomers(self._telegram, self._settings.language)
                await self._ask_for_webhook()
                break
            except TokenRefused:
                raise receiver.WrongToken from None
            except SendError as error:
                log.warning("Telegram does not answer yet: %s", type(error).__name__)
                await asyncio.sleep(TRY_AGAIN)
        self._desk.bot_names[self._telegram.name] = name
        await self._in_thread(self._remember_name, name)

    async def _ask_for_webhook(self) -> None:
        if self._settings.telegram_mode == "webhook":
            secret = self._settings.webhook_secret.get_secret_value()
            url = self._settings.public_url.rstrip("/") + web.webhook_path(secret)
            try:
                await self._telegram.set_webhook(url, secret)
            except Rejected as error:
                raise WrongSetting(f"PHONGBOT_PUBLIC_URL: Telegram refuses it: {error}.") from None

    def _remember_name(self, name: str) -> None:
        with Session(self._engine) as session:
            facts.put(session, facts.BOT_NAME, name)
            session.commit()

    def _to_do(self) -> list[Job]:
        return [
            Job("remind", 20, self._remind),
            Job("lock", 60, partial(self._note, lock_overdue)),
            Job("eves", 30, partial(self._note, remind_of_events)),
            Job("heads", 30, partial(self._note, offer_to_send_alone)),
            Job("verdicts", 10, partial(self._tick, tell_verdicts)),
            Job("broadcasts", 1, self._broadcast),
            Job("receipts", 2, self._write_receipts),
            Job("menus", 2, self._menus),
            Job("sheets", 1, self._read_sheets),
            Job("documents", 1, self._read_documents),
            Job("beat", 60, self._beat),
            Job("tidy", 3600, self._tidy),
        ]

    async def _tick(self, work: Callable[[Engine, Desk, datetime, datetime], int]) -> None:
        times = self._times()
        if await self._in_thread(work, self._engine, self._desk, times.now, times.machine):
            self._sender.wake()

    async def _note(self, work: Callable[[Engine, ZoneInfo, datetime], object]) -> None:
        """What is then told by reminders."""
        await self._in_thread(work, self._engine, self._settings.timezone, self._times().now)

    async def _remind(self) -> None:
        self._closed_days = await self._in_thread(closed_days.known, self._engine)
        await self._tick(remind)

    async def _broadcast(self) -> None:
        post = Post(self._engine, self._desk, self._settings.send_rate)
        began = asyncio.get_running_loop().time()
        halted = await self._in_thread(broadcasting.halted, self._engine, self._times())
        self._sender.halt(dict.fromkeys(halted, True), began)
        if await self._in_thread(broadcasting.tick, post, self._times()):
            self._sender.wake()

    async def _write_receipts(self) -> None:
        clerk = Clerk(self._engine, self._desk, self._blobs)
        for kind in (receipts, participants, survey_sheets, rehearsal):
            if await self._in_thread(kind.write_wanted, clerk, self._times()):
                self._sender.wake()

    async def _menus(self) -> None:
        channels = {self._telegram.name: self._telegram}
        await menus.bring_up_to_date(self._engine, channels, self._settings.language)

    async def _read_sheets(self) -> None:
        if await imports.read_waiting(self._engine, self._blobs, self._desk, self._times):
            self._sender.wake()

    async def _beat(self) -> None:
        await self._in_thread(self._heartbeats.beat)

    async def _read_documents(self) -> None:
        reader = Reader(self._engine, self._blobs, self._desk, self._times)
        if await reader.read_waiting():
            self._sender.wake()

    async def _tidy(self) -> None:
        await self._in_thread(self._forget)

    def _forget(self) -> None:
        now = machine_now()
        with self._engine.begin() as connection:
            inbox.forget(connection, now - KEEP_RECEIVED)
            outbox.forget(connection, now - KEEP_SENT)
        forget_sheets(self._engine, self._blobs, self._times())

    async def _in_thread(self, work: Callable[..., Any], *given: Any) -> Any:
        return await asyncio.to_thread(partial(work, *given))
