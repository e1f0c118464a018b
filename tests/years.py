"""Years of the sample plan, with schools that do as they like, and a program that is off, killed,
run twice and set back. What was done and sent is noted, for a test to judge.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine
from sqlmodel import Session, col, select, update

from bot import nudging
from bot.inbound import Desk, Times, turn_of
from core.review import OWED, Move, State
from core.roles import AT_A_SCHOOL, Role, Standing
from core.units import Level, UnitKind
from handlers.flow import Turn
from handlers.report import Filling, FillReport, hand_in
from storage import (
    easings,
    extensions,
    nudges,
    outbox,
    people,
    plans,
    reports,
    samples,
    submissions,
    succession,
)
from storage.easings import Place
from storage.nudges import Nudge
from storage.outbox import Outgoing, Sending
from storage.people import Address, Person, Post
from storage.reports import Report
from storage.units import OFFICE_CODE, Unit
from tests.phone import HANOI

PUBLISHED = datetime(2018, 1, 18, 9, tzinfo=HANOI)
HOURS = (time(6, 30), time(7, 15), time(11, 30), time(16, 30))
NIGHTS = (time(0, 30), time(3), time(21), time(23, 30))
EVER = datetime(9999, 1, 1, tzinfo=HANOI)
MEANWHILE, SENT = timedelta(seconds=1), timedelta(seconds=2)  # after a tick began
# Public holidays and Tết with the days off beside it, and Teachers' Day, on which ticks fall.
REST = {
    *(date(year, 11, 20) for year in range(2018, 2023)),
    *(date(year, 9, 2) for year in range(2018, 2023)),
    *(date(2018, 2, day) for day in range(14, 21)),
    *(date(2018, 9, 3), date(2020, 9, 2), date(2022, 9, 1)),
}  # fmt: skip

About = tuple[int, int, date, int]  # report, person, due date, rung


class Killed(Exception):
    """The program ends in the middle of a tick."""


@dataclass(frozen=True)
class Tick:
    """began, at: when it looked, and when what it wrote was sent.

    whole: it was not killed. heard: the channel answered.
    """

    began: datetime
    whole: bool
    heard: bool

    @property
    def at(self) -> datetime:
        return self.began + SENT

    @property
    def day(self) -> date:
        return self.began.date()


@dataclass(frozen=True)
class Letter:
    """What was sent. about: the rungs that its sending said."""

    at: datetime
    key: str
    person_id: int
    text: str
    about: list[About]


@dataclass
class Member:
    """Somebody with one post. hour: when they are told; until: they were there before it."""

    unit_id: int
    hour: time
    since: datetime
    until: datetime = EVER

    def is_there(self, at: datetime) -> bool:
        return self.since <= at < self.until


@dataclass
class World:
    """What was done, for the oracle: states of each report over time, ticks, people and letters.

    members: by person. office: the unit. acts: how often people did something.
    """

    engine: Engine
    chance: Random
    ticks: list[Tick] = field(default_factory=list)
    changes: dict[int, list[tuple[datetime, bool, date]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    granted: dict[tuple[int, date], date] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    office: int = 0
    acts: int = 0
    letters: list[Letter] = field(default_factory=list)
    desk: Desk = field(default_factory=lambda: Desk(HANOI))

    def owed(self, report_id: int, at: datetime) -> date | None:
        """By which day it was owed at that moment."""
        past = [change for change in self.changes[report_id] if change[0] <= at]
        _when, is_owed, due_on = past[-1]
        return due_on if is_owed else None


def live_through(world: World, until: date, *, schools: int, ticks: int, share: float) -> None:
    """ticks: at the hour of somebody, each day; besides some at any time. share: see `days`."""
    begin(world, schools)
    for day in days(world.chance, until, share):
        acts_at = datetime.combine(day, world.chance.choice((time(5), time(13))), HANOI)
        for moment, jumps in moments(world.chance, day, ticks):
            if moment >= acts_at:
                behave(world, acts_at)
                acts_at += timedelta(1)
            tick(world, moment)
            last = world.ticks[-1]
            if jumps and last.whole and last.heard and daytime(last.at):  # so nothing is left
                tick_late(world, moment - timedelta(hours=world.chance.randint(1, 72)))


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
                join(world, session, unit.id, role)
        join(world, session, office.id, Role.OFFICER)
        world.office = office.id
        plans.publish(session, plans.read_plan(samples.PLAN), PUBLISHED)
        for report in dated(session):
            note(world, report, PUBLISHED)
        session.commit()


def join(world: World, session: Session, unit_id: int, role: Role) -> None:
    person = newcomer(world, session, unit_id, PUBLISHED)
    active = Standing.ACTIVE
    post = people.give_post(session, person.id, unit_id, role, PUBLISHED, standing=active)
    people.act_for(session, person.id, post.id)


def newcomer(world: World, session: Session, unit_id: int, now: datetime) -> Person:
    hour = world.chance.choice(HOURS)
    person = Person(name="Lan", language="vi", consent_at=now, told_at=hour)
    session.add(person)
    session.flush()
    session.add(Address(person_id=person.id, channel="telegram", chat=str(person.id)))
    world.members[person.id] = Member(unit_id, hour, now)
    return person


def dated(session: Session) -> list[Report]:
    query = select(Report).where(col(Report.due_on).is_not(None)).order_by(col(Report.id))
    return list(session.exec(query))


def note(world: World, report: Report, now: datetime) -> None:
    world.acts += 1
    due_on = report.due_on or date.max
    world.changes[report.id].append((now, report.state in OWED, due_on))


def days(chance: Random, until: date, share: float) -> Iterator[date]:
    """A share of those around deadlines, and some others, but none while all was off."""
    off_until = date.min
    for ahead in range((until - PUBLISHED.date()).days):
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


# What people do


def behave(world: World, now: datetime) -> None:
    """Some schools hand in, are given time, or get it back; some people leave for others."""
    if now < PUBLISHED:
        return
    with Session(world.engine) as session:
        for report in dated(session):
            if -12 <= days_left(report, now) <= 30 and world.chance.random() < 0.06:
                act(world, session, report, now)
        leave(world, session, now, set(session.exec(select(Unit.id))), 0.01)
        session.commit()


def days_left(report: Report, now: datetime) -> int:
    return ((report.due_on or date.max) - now.date()).days


def act(world: World, session: Session, report: Report, now: datetime) -> None:
    left = days_left(report, now)
    if report.state in OWED and left > 0 and world.chance.random() < 0.2:
        grant(world, session, report, now.date() + timedelta(left + 3 + left % 17), now)
    elif report.state in OWED:
        finish(world, session, report, now)
    elif report.state is State.AWAITING_HEAD:
        decide(world, session, report, now)
    elif report.state is State.SUBMITTED and world.chance.random() < 0.5:
        reports.move(session, report, Move.RETURN, None, now)
    note(world, report, now)


def leave(world: World, session: Session, now: datetime, units: set[int], likely: float) -> None:
    for post in session.exec(select(Post).order_by(col(Post.id))).all():
        at_school = post.unit_id in units and post.role in AT_A_SCHOOL
        if at_school and post.standing is Standing.ACTIVE and world.chance.random() < likely:
            hand_over(world, session, post, now)


def grant(world: World, session: Session, report: Report, until: date, now: datetime) -> None:
    by = session.exec(select(Person.id)).first() or 0
    asked = extensions.ask(session, report, until, "lũ", by, now)
    extensions.grant(session, asked, report, until, by, now, now.date())
    world.granted[report.id, until] = now.date()


def finish(world: World, session: Session, report: Report, now: datetime) -> None:
    """As the school does it, to the head where there is one; or on paper."""
    turn = somebody(world, session, report, now)
    if turn is None or world.chance.random() < 0.2:
        by = session.exec(select(Person.id)).first() or 0
        easings.file_elsewhere(session, report, Place.PAPER, "12/CV", by, now)
        return
    draft = submissions.begin_draft(session, report, turn.me.id, now)
    FillReport().finish(turn, Filling(report, draft), {})


def decide(world: World, session: Session, report: Report, now: datetime) -> None:
    turn = somebody(world, session, report, now)
    if turn is None or world.chance.random() < 0.5:
        reports.move(session, report, Move.SEND_BACK, None, now)
    else:
        hand_in(turn, report, {})


def somebody(world: World, session: Session, report: Report, now: datetime) -> Turn | None:
    held = people.at_school(session, report.unit_id)
    one = world.chance.choice(held).id if held else 0
    return turn_of(session, world.desk, one, Times(now, now)) if held else None


def hand_over(world: World, session: Session, post: Post, now: datetime) -> None:
    world.acts += 1
    world.members[post.person_id].until = now
    person = newcomer(world, session, post.unit_id, now)
    taken = succession.take_over(
        session, people.lock_post(session, post.id), person, "report", now
    )
    people.act_for(session, person.id, taken.id)


# What the program does


def tick(world: World, moment: datetime) -> None:
    """One, maybe killed at some point, or done by two programs; then what is written is sent.

    Meanwhile people go on, before they are written to and before that is sent.
    """
    acts, now = world.acts, Tick(moment, world.chance.random() > 0.1, world.chance.random() > 0.1)
    with suppress(Killed), kills(world.chance, now.whole), people_between(world, moment):
        looked = remind(world, moment)
    if now.whole and world.chance.random() < 0.3:
        remind_blindly(world, moment - timedelta(minutes=world.chance.choice((0, 20))), looked)
    world.ticks.append(now)
    if now.heard:
        interfere(world, moment, Outgoing.sending == Sending.WAITING)
        if send(world, now.at) or world.acts > acts:
            write(world, now.at)  # what was taken back is written by the next tick
            send(world, now.at)


def tick_late(world: World, moment: datetime) -> None:
    """The clock was set back: nothing is said that was said, and nothing that is to come."""
    assert write(world, moment) == 0


def write(world: World, moment: datetime) -> int:
    written = nudging.remind(world.engine, world.desk, moment, moment)
    assert not written or daytime(moment)
    return written


@dataclass
class Looked:
    """What a tick found: the reports each time, and the rungs that were known of them."""

    found: list[list[int]] = field(default_factory=list)
    known: list[dict[nudges.About, int]] = field(default_factory=list)


def remind(world: World, moment: datetime) -> Looked:
    looked, look, know = Looked(), reports.to_look_at, nudges.lowest

    def to_look_at(*given: Any) -> Any:
        found = look(*given)
        looked.found.append([report.id for report in found])
        return found

    def lowest(*given: Any) -> Any:
        looked.known.append(know(*given))
        return dict(looked.known[-1])

    with patch.object(reports, "to_look_at", to_look_at), patch.object(nudges, "lowest", lowest):
        write(world, moment)
    return looked


def remind_blindly(world: World, moment: datetime, looked: Looked) -> None:
    """By another program, which looked before the first had written anything."""
    found, known = iter(looked.found), iter(looked.known)

    def to_look_at(session: Session, *_given: Any) -> Any:
        return reports.some(session, next(found, []))

    with (
        patch.object(reports, "to_look_at", to_look_at),
        patch.object(nudges, "lowest", lambda *_given: next(known)),
    ):
        write(world, moment)


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


@contextmanager
def people_between(world: World, moment: datetime) -> Iterator[None]:
    """After the rungs are noted and before anybody is written to, people go on.

    What they do began before, so that it takes back nothing of what it cannot see yet.
    """
    to_tell = nudges.to_tell

    def gap(*given: Any) -> Any:
        with patch.object(nudges, "withdraw"), patch.object(nudges, "withdraw_from"):
            if not waiting(world):
                interfere(world, moment, col(Nudge.send_at).is_not(None))
        return to_tell(*given)

    with patch.object(nudges, "to_tell", gap):
        yield


def waiting(world: World) -> dict[int, Outgoing]:
    with Session(world.engine) as session:
        query = select(Outgoing).where(Outgoing.sending == Sending.WAITING)
        return {row.id: row for row in session.exec(query)}


def interfere(world: World, moment: datetime, which: Any) -> None:
    """At schools to which just something is to be said, people hand in, get time, or leave."""
    now = moment + MEANWHILE
    about = select(Report.unit_id).join(Nudge)
    about = about.outerjoin(Outgoing, col(Outgoing.key) == Nudge.message_key).where(which)
    with Session(world.engine) as session:
        busy = set(session.exec(about))
        if not busy:
            return
        for report in dated(session):
            left = days_left(report, now)
            pressing = report.unit_id in busy and -12 <= left <= 14 and report.state in OWED
            if pressing and world.chance.random() < 0.1:
                act(world, session, report, now)
        leave(world, session, now, busy, 0.03)
        session.commit()


def send(world: World, now: datetime) -> bool:
    """As the sender does: by day alone, and nothing of an earlier day; whether there was some."""
    if not daytime(now):
        return False
    found = waiting(world)
    with world.engine.begin() as connection:
        old = nudges.drop_old(connection, list(found), now.date())
        left = [id for id in found if id not in old]
        sent = update(Outgoing).where(col(Outgoing.id).in_(left))
        connection.execute(sent.values(sending=Sending.SENT))
    for id in left:
        world.letters.append(letter(world, found[id], now))
    return bool(old)


def letter(world: World, row: Outgoing, now: datetime) -> Letter:
    key = str(row.key)
    with Session(world.engine) as session:
        rows = session.exec(select(Nudge).where(Nudge.message_key == key)).all()
    text = "\n".join(line for _style, line in row.lines)
    about = [(*one.about, one.rung) for one in rows]
    return Letter(now, key, int(key.split(":")[1]), text, about)


def daytime(moment: datetime) -> bool:
    return time(6, 30) <= moment.time() < time(20, 30) and moment.date() not in REST
