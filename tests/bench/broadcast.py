"""Measure a message to many: how fast it leaves, what it costs, what replies notice of it."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

from sqlalchemy import Engine, insert
from sqlmodel import Session

from bot.clock import machine_now
from core.roles import Role, Standing
from core.units import UnitKind
from storage import outbox, units
from storage.broadcasts import Broadcast, Stage
from storage.outbox import Draft, Lane
from storage.people import Address, Person, Post
from storage.units import Unit
from tests.bench import contestants, office
from tests.bench.contestants import Bot, Running
from tests.bench.server import BenchServer
from tests.databases import opened

CROWD = 1_000_001  # the first chat of those who only read
SCHOOLS = 1_000  # people enough to talk, so that nobody is written to faster than a chat may be
TALKERS = 20
PAUSE = 0.2  # seconds between an answer and the next message
SETTLE = 3.0  # seconds after the start, for what a program does once
DONE_WITHIN = 1.5  # times what it should take, until a measurement is given up
PART = 1_000  # rows of one INSERT


@dataclass(frozen=True, slots=True)
class Pace:
    """Of a broadcast. share: of the time that its rate allows. most: copies in any one second.

    cores: seconds of CPU since the order, for each second of sending.
    late: seconds from the order to the first copy.
    """

    copies: int
    share: float
    most: int
    cores: float
    late: float


@dataclass(frozen=True, slots=True)
class Replies:
    """Seconds at the 99th percentile, and how many were measured."""

    p99: float
    count: int
    copies: int


async def pace(bot: Bot, rate: int, copies: int) -> Pace:
    """Send so many copies at this rate."""
    async with _running(replace(bot, rate=rate), copies) as (running, engine):
        cpu, asked_at = running.cpu(), time.perf_counter()
        _order(engine)
        went = running.server.went
        patience = 10 + DONE_WITHIN * copies / rate
        async with asyncio.timeout(patience):
            while len(went) < copies:
                await asyncio.sleep(0.02)
        took, cores = went[-1] - went[0], (running.cpu() - cpu) / (went[-1] - went[0])
        late = went[0] - asked_at
        return Pace(len(went), took * rate / copies, _most_in_a_second(went), cores, late)


async def replies(bot: Bot, copies: int, updates: int) -> tuple[Replies, ...]:
    """Without anything else to send; beside a broadcast; beside as many in the outbox."""
    async with _running(bot, copies) as (running, engine):
        alone = await _talk(running, updates)
        _order(engine)
        beside = await _talk(running, updates)
        await asyncio.to_thread(_fill_outbox, engine, copies)
        return alone, beside, await _talk(running, updates)


@asynccontextmanager
async def _running(bot: Bot, crowd: int) -> AsyncIterator[tuple[Running, Engine]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = stack.enter_context(contestants.prepared(bot, folder, SCHOOLS))
        engine = stack.enter_context(opened(settings["PHONGBOT_DATABASE_URL"]))
        _add_crowd(engine, crowd)
        server = BenchServer(quiet_from=CROWD + 1)
        await server.start()
        stack.callback(server.stop)
        process = stack.enter_context(contestants.started(bot, folder, server, settings))
        people = cycle(range(office.IDLERS, office.IDLERS + SCHOOLS))
        running = Running(bot, server, process, {"idle": people})
        await contestants.first_answer(running, "idle")
        await asyncio.sleep(SETTLE)
        yield running, engine


async def _talk(running: Running, updates: int) -> Replies:
    before = len(running.server.went)
    talk = await running.answer("idle", updates, TALKERS, PAUSE)
    latencies = sorted(talk.latencies)
    copies = len(running.server.went) - before
    return Replies(latencies[int((len(latencies) - 1) * 0.99)], len(latencies), copies)


def _most_in_a_second(went: list[float]) -> int:
    most = first = 0
    for last, moment in enumerate(went):
        while went[first] <= moment - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


# Filling the database


def _add_crowd(engine: Engine, count: int) -> None:
    """So many readers at one school of their own, and one officer."""
    now = machine_now()
    with Session(engine) as session:
        head = units.office(session).id
        school = Unit(code="CROWD", name="Trường", kind=UnitKind.SCHOOL, parent_id=head)
        session.add(school)
        session.flush()
        for start in range(CROWD, CROWD + count + 1, PART):
            ids = range(start, min(start + PART, CROWD + count + 1))
            _add_people(session, ids, {"unit_id": school.id, "role": Role.REPORTER, "since": now})
        session.get_one(Post, CROWD).unit_id = head
        session.get_one(Post, CROWD).role = Role.OFFICER
        session.commit()


def _add_people(session: Session, ids: range, held: dict[str, object]) -> None:
    """Their ids, and those of all that is theirs, are also their chats."""
    now, connection = machine_now(), session.connection()
    known = {"name": "Nguyễn Thị Lan", "phone": "", "language": "vi", "consent_at": now}
    reached = {"channel": "telegram", "reachable": True, "menu": office.MENU, "last_heard_at": now}
    held = {**held, "topics": [], "standing": Standing.ACTIVE, "caught_up": True}
    connection.execute(insert(Person), [{"id": id, "post_id": id, **known} for id in ids])
    chats = [{"id": id, "person_id": id, "chat": str(id), **reached} for id in ids]
    connection.execute(insert(Address), chats)
    connection.execute(insert(Post), [{"id": id, "person_id": id, **held} for id in ids])


def _order(engine: Engine) -> None:
    """A message to the crowd, to be sent at once."""
    with Session(engine) as session:
        school = units.with_code(session, "CROWD")
        assert school
        broadcast = Broadcast(
            unit_id=units.office(session).id,
            author_id=CROWD,
            stage=Stage.WAITING,
            written={"letter": {"text": "Mời thầy cô xem lịch diễn tập chữa cháy vào thứ Sáu."}},
            audience={"named": [school.id]},
            made_at=machine_now(),
        )
        session.add(broadcast)
        session.commit()


def _fill_outbox(engine: Engine, copies: int) -> None:
    now, words = machine_now(), [["", "Mời thầy cô xem lịch diễn tập chữa cháy."]]
    for start in range(CROWD + 1, CROWD + 1 + copies, PART):
        chats = range(start, min(start + PART, CROWD + 1 + copies))
        with engine.begin() as connection:
            drafts = [Draft(chat, "telegram", str(chat), words, Lane.BROADCAST) for chat in chats]
            outbox.add(connection, drafts, now)
