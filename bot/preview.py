"""Which reminders will be sent, decided by what decides them, with nothing written or sent."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine
from sqlmodel import Session

from bot import eves
from bot.inbound import Desk, tell
from handlers import nudge, rungs
from handlers.nudge import Due
from handlers.rungs import Planned
from storage import plans, reports
from storage.checklists import Duty
from storage.database import reading
from storage.people import Person
from storage.plans import Plan
from storage.reports import Report
from storage.units import Unit

PART = 500  # reports of one transaction, so that the running program is not held up

Sessions = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Reminder:
    """One report or event in one message. at: in the office's zone. unit, duty: their codes.

    kind: "published", "before", "on the day" or "after"; "event" for one that somebody comes to,
    where duty is its code, "" for one that no plan declares. text: the whole message, as the
    person reads it.
    """

    at: str
    person: str
    unit: str
    duty: str
    period: str
    kind: str
    text: str


def of(engine: Engine) -> Sessions:
    return lambda: reading(engine)


@contextmanager
def with_plan(engine: Engine, plan: Plan, now: datetime) -> Iterator[Sessions]:
    """As if a plan were published now, in a transaction that is rolled back. Raises BadPlan.

    On SQLite nobody else writes meanwhile, so this is for an hour at which few people do.
    """
    with Session(engine) as session:
        plans.publish(session, plan, now)
        session.flush()
        yield lambda: nullcontext(session)
        session.rollback()


def upcoming(
    sessions: Sessions, desk: Desk, first: date, last: date, now: datetime
) -> Iterator[Reminder]:
    """From the first to the last day, as if nothing were handed in or changed meanwhile.

    The earliest first. now: see `handlers.rungs.Span`.
    """
    by_message: dict[tuple[datetime, int], list[Planned]] = defaultdict(list)
    for one in planned(sessions, desk, first, last, now):
        by_message[one.at, one.person_id].append(one)
    with sessions() as session:
        expected = eves.planned(session, desk.zone, first, last, now)
    for at, person_id in sorted({*by_message, *expected}):
        key = at, person_id
        with sessions() as session:
            yield from told(session, desk, by_message.get(key, ()), expected.get(key, ()))


def planned(
    sessions: Sessions,
    desk: Desk,
    first: date,
    last: date,
    now: datetime,
    office_id: int | None = None,
) -> Iterator[Planned]:
    """As `upcoming`, in no order and without words. office_id: whose duties; None for all."""
    with sessions() as session:
        span = rungs.span(session, desk.zone, now, first, last, office_id)
        ids = reports.looked_at_until(session, last, office_id)
        yield from rungs.decided(session, span)
    for start in range(0, len(ids), PART):
        with sessions() as session:
            yield from rungs.to_come(session, ids[start : start + PART], span)


def told(
    session: Session,
    desk: Desk,
    found: Sequence[Planned],
    expected: Sequence[eves.Planned] = (),
) -> Iterator[Reminder]:
    """found, expected: of one message, which is about one of them at least."""
    one = found[0] if found else expected[0]
    about = [Due(session.get_one(Report, due.report_id), due.rung) for due in found]
    lines = [come.line for come in expected]
    local = one.at.astimezone(desk.zone)
    screen = nudge.screen(session, one.person_id, about, local, lines)
    drafts = tell(session, desk, one.person_id, screen)
    if not drafts:
        return  # they have no chat, or a closed one
    name, at = session.get_one(Person, one.person_id).name, local.isoformat()
    text = "\n".join(line for _style, line in drafts[0].lines)
    for due in about:
        unit = session.get_one(Unit, due.report.unit_id).code
        code = session.get_one(Duty, due.report.duty_id).code
        kind = nudge.kind(session, due, local.date())
        yield Reminder(at, name, unit, code, due.report.period, kind, text)
    for come in expected:
        unit = session.get_one(Unit, come.unit_id).code
        yield Reminder(at, name, unit, come.event.code or "", "", "event", text)
