"""Five years of the sample plan, with schools that do as they like, and a program that is off,
killed, run twice and set back: everybody is reminded at each rung exactly once.

What has to be sent is worked out here from the days alone, apart from the program's own rules.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, select, update

from bot import nudging
from bot.inbound import Desk
from core.review import OWED, Move, State
from core.roles import Role, Standing
from core.units import Level, UnitKind
from storage import extensions, nudges, outbox, people, plans, reports, samples
from storage.nudges import Nudge
from storage.outbox import Outgoing, Sending
from storage.people import Address, Person
from storage.reports import Report
from storage.units import OFFICE_CODE, Unit
from tests.databases import empty_database
from tests.phone import HANOI

PUBLISHED = datetime(2018, 1, 18, 9, tzinfo=HANOI)
HOURS = (time(6, 30), time(7, 15), time(11, 30), time(16, 30))
NIGHTS = (time(0, 30), time(3), time(21), time(23, 30))
NEW = 1_000
SCHOOL_RUNGS, OFFICE_RUNGS, GIVE_UP = (14, 7, 3, 1, 0, -1, -3), (-3, -5), 7
# Public holidays and Tết with the days off beside it, and Teachers' Day, on which ticks fall.
REST = {
    *(date(year, 11, 20) for year in range(2018, 2023)),
    *(date(year, 9, 2) for year in range(2018, 2023)),
    *(date(2018, 2, day) for day in range(14, 21)),
    *(date(2018, 9, 3), date(2020, 9, 2), date(2022, 9, 1)),
}  # fmt: skip


class Killed(Exception):
    """The program ends in the middle of a tick."""


@dataclass(frozen=True)
class Tick:
    """whole: it was not killed. heard: the channel answered."""

    at: datetime
    whole: bool
    heard: bool

    @property
    def day(self) -> date:
        return self.at.date()


@dataclass
class World:
    """What was done, for the oracle: states of each report over time, and all ticks."""

    engine: Engine
    chance: Random
    ticks: list[Tick] = field(default_factory=list)
    changes: dict[int, list[tuple[datetime, bool, date]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    granted: dict[tuple[int, date], date] = field(default_factory=dict)
    sent: dict[str, datetime] = field(default_factory=dict)
    told: dict[tuple[int, date], datetime] = field(default_factory=dict)
    desk: Desk = field(default_factory=lambda: Desk(HANOI))

    def owed(self, report_id: int, at: datetime) -> date | None:
        """By which day it was owed at that moment."""
        past = [change for change in self.changes[report_id] if change[0] <= at]
        _when, is_owed, due_on = past[-1]
        return due_on if is_owed else None


@settings(
    max_examples=1,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.integers(1, 2**32))
def test_five_years_of_four_schools(seed: int) -> None:
    live_through(seed, "sqlite", schools=4, ticks=1, share=0.6)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
@settings(
    max_examples=3,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(1, 2**32))
def test_five_years_of_forty_schools(kind: str, seed: int) -> None:
    live_through(seed, kind, schools=40, ticks=3, share=0.95)


def live_through(seed: int, kind: str, *, schools: int, ticks: int, share: float) -> None:
    """ticks: at the hour of somebody, each day; besides some at any time. share: see `days`."""
    with empty_database(kind) as engine:
        world = World(engine, Random(seed))  # noqa: S311
        begin(world, schools)
        for day in days(world.chance, share):
            acts_at = datetime.combine(day, world.chance.choice((time(5), time(13))), HANOI)
            for moment, jumps in moments(world.chance, day, ticks):
                if moment >= acts_at:
                    behave(world, acts_at)
                    acts_at += timedelta(1)
                tick(world, moment)
                if jumps and world.ticks[-1].whole and world.ticks[-1].heard:
                    tick_late(world, moment - timedelta(hours=world.chance.randint(1, 72)))
        check(world)


# What happens


def begin(world: World, schools: int) -> None:
    with Session(world.engine) as session:
        office = Unit(code=OFFICE_CODE, name="Phòng", kind=UnitKind.OFFICE)
        session.add(office)
        session.flush()
        for number in range(schools):
            unit = Unit(
                code=f"S{number}",
                name=f"Trường số {number}",
                kind=UnitKind.SCHOOL,
                parent_id=office.id,
                levels=[world.chance.choice(list(Level))],
            )
            session.add(unit)
            session.flush()
            for role in (Role.REPORTER, Role.HEAD)[: world.chance.randint(0, 2)]:
                join(session, unit.id, role, world.chance, PUBLISHED)
        join(session, office.id, Role.OFFICER, world.chance, PUBLISHED)
        plans.publish(session, plans.read_plan(samples.PLAN), PUBLISHED)
        for report in session.exec(select(Report).where(col(Report.due_on).is_not(None))):
            note(world, report, PUBLISHED)
        session.commit()


def join(session: Session, unit_id: int, role: Role, chance: Random, now: datetime) -> None:
    person = Person(name="Lan", language="vi", consent_at=now, told_at=chance.choice(HOURS))
    session.add(person)
    session.flush()
    session.add(Address(person_id=person.id, channel="telegram", chat=str(person.id)))
    people.give_post(session, person.id, unit_id, role, now, standing=Standing.ACTIVE)


def note(world: World, report: Report, now: datetime) -> None:
    due_on = report.due_on or date.max
    world.changes[report.id].append((now, report.state in OWED, due_on))


def days(chance: Random, share: float) -> Iterator[date]:
    """A share of those around deadlines, and some others, but none while all was off."""
    off_until = date.min
    for ahead in range((date(2022, 12, 31) - PUBLISHED.date()).days):
        day = PUBLISHED.date() + timedelta(ahead)
        if chance.random() < 0.02:
            off_until = day + timedelta(chance.randint(1, 6))
        busy = day < date(2018, 2, 12) or (day.month, day.day) in SEASON or chance.random() < 0.02
        if busy and day >= off_until and chance.random() < share:
            yield day


SEASON = {
    *((5, day) for day in range(15, 32)), *((6, day) for day in range(1, 26)),
    *((9, day) for day in range(14, 31)), *((10, day) for day in range(1, 14)),
    *((10, day) for day in range(25, 32)), *((11, day) for day in range(1, 31)),
    *((12, day) for day in range(1, 6)),
}  # fmt: skip


def moments(chance: Random, day: date, ticks: int) -> Iterator[tuple[datetime, bool]]:
    """Some ticks of a day, and after which of them the clock jumps back for one more."""
    some = {*chance.sample(HOURS, ticks), time(chance.randint(6, 20), 47)}
    some |= {chance.choice(NIGHTS)} if chance.random() < 0.3 else set()
    for at in sorted(some):
        moment = datetime.combine(day, at, HANOI)
        if moment > PUBLISHED:
            yield moment, chance.random() < 0.05


def behave(world: World, now: datetime) -> None:
    """Some schools hand in, are given time, or get it back."""
    day, chance = now.date(), world.chance
    if now < PUBLISHED:
        return
    with Session(world.engine) as session:
        for report in session.exec(select(Report).where(col(Report.due_on).is_not(None))).all():
            left = (report.due_on - day).days if report.due_on else 0
            if -12 <= left <= 30 and chance.random() < 0.06:
                act(session, report, left, chance, now)
                note(world, report, now)
                if report.told_on == day and report.due_on:
                    world.granted[report.id, report.due_on] = day
        session.commit()


def act(session: Session, report: Report, left: int, chance: Random, now: datetime) -> None:
    by = session.exec(select(Person.id)).first() or 0
    if report.state in OWED and left > 0 and chance.random() < 0.2:
        until = now.date() + timedelta(left + chance.randint(2, 20))
        asked = extensions.ask(session, report, until, "lũ", by, now)
        extensions.grant(session, asked, report, until, by, now, now.date())
    elif report.state in OWED:
        if report.state is State.OPEN:
            reports.move(session, report, Move.BEGIN, by, now)
        reports.move(session, report, Move.SUBMIT, by, now)
        nudges.withdraw(session, report)
    elif report.state is State.SUBMITTED and chance.random() < 0.5:
        reports.move(session, report, Move.RETURN, by, now)


# What the program does


def tick(world: World, moment: datetime) -> None:
    """One, maybe killed at some point, or done by two programs; then what is written is sent."""
    whole = world.chance.random() > 0.1
    heard = world.chance.random() > 0.1
    for _program in range(world.chance.choice((1, 1, 2)) if whole else 1):
        with suppress(Killed), kills(world.chance, whole):
            written = nudging.remind(world.engine, world.desk, moment, moment)
            assert not written or daytime(moment)
    world.ticks.append(Tick(moment, whole, heard))
    if heard and send(world, moment):  # what was dropped is written by the next tick
        nudging.remind(world.engine, world.desk, moment, moment)
        send(world, moment)


def tick_late(world: World, moment: datetime) -> None:
    """The clock was set back: nothing is said that was said, and nothing that is to come."""
    assert nudging.remind(world.engine, world.desk, moment, moment) == 0


@contextmanager
def kills(chance: Random, whole: bool) -> Iterator[None]:
    """Before any of the commits with which people are written to."""
    left = [10**9 if whole else chance.randint(0, 3)]

    def add(*given: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return outbox.add(*given)

    with patch.object(nudging, "outbox", SimpleNamespace(add=add)):
        yield


def send(world: World, now: datetime) -> bool:
    """As the sender does: by day alone, and nothing of an earlier day; whether there was some."""
    if not daytime(now):
        return False
    with world.engine.begin() as connection:
        unsent = select(Outgoing.id, Outgoing.key).where(Outgoing.sending == Sending.WAITING)
        found = {id: str(key) for id, key in connection.execute(unsent)}
        old = nudges.drop_old(connection, list(found), now.date())
        left = [id for id in found if id not in old]
        sent = update(Outgoing).where(col(Outgoing.id).in_(left))
        connection.execute(sent.values(sending=Sending.SENT))
        world.sent |= {found[id]: now for id in left}
    return bool(old)


def daytime(moment: datetime) -> bool:
    return time(6, 30) <= moment.time() < time(20, 30) and moment.date() not in REST


# What has to hold


def check(world: World) -> None:
    with Session(world.engine) as session:
        rows = session.exec(select(Nudge)).all()
        texts = {
            str(key): "\n".join(text for _style, text in lines)
            for key, lines in session.exec(select(Outgoing.key, Outgoing.lines))
        }
        all_reports = {report.id: report for report in session.exec(select(Report))}
        held = {unit.id: people.at_school(session, unit.id) for unit in session.exec(select(Unit))}
        officers = session.exec(select(Person).order_by(col(Person.id).desc())).first()
    assert all(map(daytime, world.sent.values()))
    for key, at in world.sent.items():
        world.told[int(key.split(":")[1]), at.date()] = at
    assert len(world.sent) == len(world.told) > 100
    check_done(world, rows, texts, all_reports, held)
    said = {(*row.about, row.rung): world.sent.get(row.message_key) for row in rows}
    for report in all_reports.values():
        for due_on in {due_on for _at, owed, due_on in world.changes[report.id] if owed}:
            for person in held[report.unit_id]:
                check_rungs(world, said, report, person, due_on, SCHOOL_RUNGS)
            assert officers is not None
            check_rungs(world, said, report, officers, due_on, OFFICE_RUNGS)


def check_done(
    world: World,
    rows: Sequence[Nudge],
    texts: dict[str, str],
    all_reports: dict[int, Report],
    held: dict[int, list[Person]],
) -> None:
    """No message is about what was done when it was sent, or due by another day."""
    for row in rows:
        if row.message_key in world.sent:
            assert world.owed(row.report_id, world.sent[row.message_key]) == row.due_on
    units = {person.id: unit_id for unit_id, those in held.items() for person in those}
    for key, at in world.sent.items():
        mine = units.get(int(key.split(":")[1]))
        for report in all_reports.values():
            if report.unit_id == mine and f"• {report.title}:" in texts[key]:
                assert world.owed(report.id, at)


def check_rungs(
    world: World,
    said: dict[tuple[int, int, date, int], datetime | None],
    report: Report,
    person: Person,
    due_on: date,
    ladder: tuple[int, ...],
) -> None:
    """Each rung was said at the first tick that could say it, and no other was."""
    told = heard_of(world, report, due_on) if ladder is SCHOOL_RUNGS else None
    steps = [step for step in ladder if fits(step, (due_on - told).days if told else None)]
    for number, step in enumerate(steps):
        after = steps[number + 1] if number + 1 < len(steps) else step - GIVE_UP - 1
        span = due_on - timedelta(step), due_on - timedelta(after)
        usable = [
            one
            for one in world.ticks
            if span[0] <= one.day < span[1]
            and opened(report, one.day)
            and daytime(one.at)
            and one.at.time() >= (person.told_at or HOURS[1])
            and world.owed(report.id, one.at) == due_on
            and world.told.get((person.id, one.day), one.at) >= one.at
        ]
        sure = next((one.at for one in usable if one.whole and one.heard), None)
        at = said.get((report.id, person.id, due_on, step))
        where = f"{report.title}, {person.id}, {due_on}, {step}: {at}, not {sure}"
        if sure is not None:
            assert at is not None, where
            assert usable[0].at <= at <= sure, where
        elif at is not None:  # with what came after it, in one message
            assert at.date() >= span[0], where


def heard_of(world: World, report: Report, due_on: date) -> date | None:
    """The day on which its school first heard of a deadline that was not near."""
    if (report.id, due_on) in world.granted:
        return world.granted[report.id, due_on]
    for one in world.ticks:
        can_be = daytime(one.at) and opened(report, one.day)
        if can_be and world.owed(report.id, one.at) == due_on:
            return one.day if (due_on - one.day).days > 3 else None
    return None


def opened(report: Report, day: date) -> bool:
    return report.opens_on is None or report.opens_on <= day


def fits(step: int, told: int | None) -> bool:
    return told is None or (step < told and (step <= 0 or step <= told - 2))
