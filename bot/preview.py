"""Which reminders will be sent, decided by what decides them, with nothing written or sent."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine
from sqlmodel import Session

from bot.inbound import Desk, tell
from handlers import nudge, rungs
from handlers.nudge import Due
from handlers.rungs import Planned
from storage import plans, reports
from storage.checklists import Duty
from storage.people import Person
from storage.plans import Plan
from storage.reports import Report
from storage.units import Unit

PART = 500  # reports of one transaction, so that the running program is not held up

Sessions = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Reminder:
    """One report in one message. at: in the office's zone. unit, duty: their codes.

    kind: "published", "before", "on the day" or "after". text: the whole message, as the person
    reads it.
    """

    at: str
    person: str
    unit: str
    duty: str
    period: str
    kind: str
    text: str


def of(engine: Engine) -> Sessions:
    return lambda: Session(engine)


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
    for at, person_id in sorted(by_message):
        with sessions() as session:
            yield from told(session, desk, by_message[at, person_id])


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


def words(session: Session, desk: Desk, found: Sequence[Planned]) -> str:
    """What one person reads; "" where they have no chat, or a closed one. found: at least one."""
    first = found[0]
    about = [Due(session.get_one(Report, one.report_id), one.rung) for one in found]
    screen = nudge.screen(session, first.person_id, about, first.at)
    drafts = tell(session, desk, first.person_id, screen)
    return "\n".join(line for _style, line in drafts[0].lines) if drafts else ""


def told(session: Session, desk: Desk, found: Sequence[Planned]) -> Iterator[Reminder]:
    """found: of one message."""
    text = words(session, desk, found)
    for one in found if text else ():
        report = session.get_one(Report, one.report_id)
        yield Reminder(
            one.at.isoformat(),
            session.get_one(Person, one.person_id).name,
            session.get_one(Unit, report.unit_id).code,
            session.get_one(Duty, report.duty_id).code,
            report.period,
            nudge.kind(session, Due(report, one.rung), one.at.date()),
            text,
        )
