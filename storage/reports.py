"""Reports due from each school: which there are, who may see them, and how they change."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import event, inspect
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from core import review
from core.calendar import Deadline, Operator
from core.review import OWED, Move, State
from core.roles import MAY_DECIDE
from storage import audit
from storage.checklists import Duty
from storage.database import Json, primary_key, words
from storage.people import Acting
from storage.units import Unit


class Report(SQLModel, table=True):
    """One school, one duty, one period.

    period: "" for a one-off. title: the duty's, with the period in it.
    due_on, operator: the deadline as written; None where no day is set yet.
    due_at: the local time of that day, None for its end.
    opens_on: first day it can be filled in; None for at once.
    revision_id: the questions it was begun with; None before.
    state_before: where unlocking or restoring leads back to; None in every other state.
    locked_for: the deadline after which the calendar locked it, which it does once for each.
    look_on: the day on which there may be something to remind of; None for never.
    told_on: when its school first heard of this deadline; see `core.ladder`.
    finding: what an inspection found at this school, as `core.writing` stores it.
    """

    __table_args__ = (UniqueConstraint("duty_id", "unit_id", "period"),)

    id: int = primary_key()
    duty_id: int = Field(foreign_key="duty.id")
    unit_id: int = Field(foreign_key="unit.id", index=True)
    period: str = ""
    title: str
    due_on: date | None = Field(default=None, index=True)
    operator: Operator = words(Operator, default=Operator.BY)
    due_at: time | None = None
    opens_on: date | None = None
    revision_id: int | None = Field(default=None, foreign_key="checklist_revision.id")
    state: State = words(State, default=State.OPEN)
    state_before: State | None = words(State, default=None, nullable=True)
    locked_for: date | None = None
    look_on: date | None = Field(default=None, index=True)
    told_on: date | None = None
    finding: dict[str, Any] | None = Field(default=None, sa_type=Json(), nullable=True)

    @property
    def standing(self) -> State:
        """Its state, and of a locked one that in which it was locked."""
        return self.state_before or self.state if self.state is State.LOCKED else self.state

    @property
    def deadline(self) -> Deadline:
        return Deadline(self.due_on, self.operator, self.due_at)

    def set_deadline(self, to: Deadline) -> None:
        self.due_on, self.operator, self.due_at = to.due_on, to.operator, to.due_at
        self.told_on = None


AT_ONCE = date.min  # as `look_on`: a past day, the same for every clock


@event.listens_for(Report, "before_insert")
@event.listens_for(Report, "before_update")
def _look_again(_mapper: object, _connection: object, report: Report) -> None:
    """Whatever makes it owed, or moves its deadline, has it looked at for reminders.

    One without a date is announced, and no more.

    Here, as no code that does so could be trusted never to forget it. Looking again says nothing
    twice.
    """
    attributes = inspect(report).attrs
    if any(attributes[name].history.has_changes() for name in ("state", "due_on", "opens_on")):
        unheard = report.due_on is None and report.told_on is None
        to_come = report.state in OWED and (report.due_on is not None or unheard)
        report.look_on = (report.opens_on or AT_ONCE) if to_come else None


def owed(session: Session, unit_id: int) -> list[Report]:
    """What a school still has to hand in, soonest first, those without a date last."""
    return of_school(session, unit_id, OWED)


def to_look_at(session: Session, today: date, most: int) -> Sequence[Report]:
    """Of which there may be something to remind, locked, the longest due first.

    What somebody is just changing is left for later.
    """
    return session.exec(
        select(Report)
        .where(col(Report.look_on) <= today)
        .order_by(col(Report.look_on), col(Report.id))
        .limit(most)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()


def looked_at_until(session: Session, last: date, office_id: int | None) -> list[int]:
    """Ids of reports that will be looked at on that day or earlier.

    office_id: that is to get them; None for any.
    """
    until = select(Report.id).where(col(Report.look_on) <= last)
    return list(session.exec(_received_by(office_id, until).order_by(col(Report.id))))


def _received_by(office_id: int | None, found: SelectOfScalar[Any]) -> SelectOfScalar[Any]:
    if office_id is None:
        return found
    return found.join(Duty, col(Duty.id) == Report.duty_id).where(Duty.receiver_id == office_id)


def units_owing(
    session: Session,
    first: date,
    last: date,
    office_id: int | None,
    duties: Collection[int] | None = None,
) -> list[int]:
    """Ids of schools that owe something by one of these days, both in. office_id: as above.

    duties: of which; None for all.
    """
    found = select(Report.unit_id).where(col(Report.due_on).between(first, last))
    found = _received_by(office_id, found.where(col(Report.state).in_(OWED)))
    if duties is not None:
        found = found.where(col(Report.duty_id).in_(duties))
    return list(session.exec(found.distinct().order_by(col(Report.unit_id))))


def last_due(session: Session, office_id: int | None) -> date | None:
    """The last deadline that somebody is still to be reminded of. office_id: as above."""
    last = select(func.max(Report.due_on)).where(col(Report.look_on).is_not(None))
    found: date | None = session.exec(_received_by(office_id, last)).one()
    return found


def some(session: Session, report_ids: Collection[int]) -> Sequence[Report]:
    return session.exec(
        select(Report).where(col(Report.id).in_(report_ids)).order_by(col(Report.id))
    ).all()


def owed_of(session: Session, duty_ids: Collection[int]) -> Sequence[Report]:
    """What is owed of some duties."""
    owed = select(Report).where(col(Report.duty_id).in_(duty_ids), col(Report.state).in_(OWED))
    return session.exec(owed.order_by(col(Report.id))).all()


def unchanging(session: Session, report_ids: Collection[int]) -> dict[int, Report]:
    """Those of these reports that nobody is just changing, as they are until the commit."""
    rows = session.exec(
        select(Report)
        .where(col(Report.id).in_(report_ids))
        .order_by(col(Report.id))
        .with_for_update(read=True, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    return {row.id: row for row in rows}


def look_again_at_school(session: Session, unit_id: int) -> bool:
    """As `look_again`, unless somebody is just changing a report of the school: then False."""
    theirs = select(Report.id).where(Report.unit_id == unit_id, col(Report.state).in_(OWED))
    free = theirs.with_for_update(skip_locked=True, key_share=True)
    if len(session.exec(free).all()) < len(session.exec(theirs).all()):
        return False
    look_again(session, unit_id=unit_id)
    return True


def look_again(session: Session, **which: int | Operator) -> None:
    """Have what is owed looked at for reminders. which: fields of the reports that are meant."""
    dated = col(Report.due_on).is_not(None) & col(Report.state).in_(OWED)
    again = update(Report).where(dated).filter_by(**which)
    opens = func.coalesce(col(Report.opens_on), AT_ONCE)
    session.exec(again.values(look_on=opens).execution_options(synchronize_session=False))


def of_school(session: Session, unit_id: int, states: Collection[State]) -> list[Report]:
    """A school's reports in one of these states, soonest first, those without a date last."""
    return list(
        session.exec(
            select(Report)
            .where(Report.unit_id == unit_id, col(Report.state).in_(states))
            .order_by(col(Report.due_on).is_(None), col(Report.due_on), col(Report.id))
        )
    )


def of_unit(session: Session, unit_id: int) -> list[Report]:
    """Every report of a school, in the same order."""
    return of_school(session, unit_id, set(State))


def lock(session: Session, report_id: int) -> Report | None:
    """The report as it is now, which nobody else changes until the transaction ends."""
    how = {"key_share": True}  # others may write rows about it meanwhile
    return session.get(Report, report_id, with_for_update=how, populate_existing=True)


def to_fill(session: Session, me: Acting, report_id: int) -> Report | None:
    """The report, locked against others, if it is this person's school that owes it.

    While the office has locked it, it can be looked at, but not handed in.
    """
    report = lock(session, report_id)
    if report is None or not me.at_a_school or report.unit_id != me.unit_id:
        return None
    return report if report.standing in OWED else None


def to_decide(session: Session, me: Acting, report_id: int) -> Report | None:
    """The report, locked, if this person's post lets them decide about it for the office."""
    lock = {"key_share": True}
    report = session.get(Report, report_id, with_for_update=lock, populate_existing=True)
    return report if report and may_decide(session, me, report) else None


def round_to_decide(session: Session, me: Acting, report_id: int) -> Sequence[Report]:
    """As `to_decide`, every school's report of the same duty and period; none where they may not.

    They are locked in the order of their ids, as by whoever else locks several.
    """
    report = session.get(Report, report_id)
    if report is None or not may_decide(session, me, report):
        return []
    return session.exec(
        select(Report)
        .where(Report.duty_id == report.duty_id, Report.period == report.period)
        .order_by(col(Report.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def may_decide(session: Session, me: Acting, report: Report) -> bool:
    receiver = session.get_one(Duty, report.duty_id).receiver_id
    return me.role in MAY_DECIDE and receiver == me.unit_id


def readable(session: Session, me: Acting, report_id: int) -> Report | None:
    """The report if this person's post lets them read it: their school's, or their office's."""
    report = session.get(Report, report_id)
    if report is None:
        return None
    if me.at_a_school and report.unit_id == me.unit_id:
        return report
    receiver = session.get_one(Duty, report.duty_id).receiver_id
    return report if me.at_the_office and receiver == me.unit_id else None


def start(session: Session, report: Report, person_id: int, now: datetime) -> None:
    """Note that its school has begun, at the first answer."""
    if report.state is State.OPEN:
        move(session, report, Move.BEGIN, person_id, now)


def by_duty(session: Session, me: Acting) -> list[tuple[Duty, Report, Unit]]:
    """Every report that the person's office receives, with its duty and school."""
    if not me.at_the_office:
        return []
    return list(
        session.exec(
            select(Duty, Report, Unit)
            .join(Report, col(Report.duty_id) == Duty.id)
            .join(Unit, col(Unit.id) == Report.unit_id)
            .where(Duty.receiver_id == me.unit_id)
            .order_by(col(Report.due_on).is_(None), col(Report.due_on))
            .order_by(col(Duty.id), col(Unit.name))
        )
    )


def move(
    session: Session, report: Report, how: Move, person_id: int | None, now: datetime, **said: Any
) -> None:
    """The only way a report changes its state, with its row in the audit. The caller locks it.

    person_id: None where the program does it. said: JSON that the audit keeps beside the state,
    such as a reason. Raises NotAllowed.
    """
    before, to = report.state, review.after(report.state, how, report.state_before)
    report.state_before = before if review.remembers(how) else None
    report.state = to
    audit.record(
        session, now, person_id, report, str(how), {"state": before}, {"state": to, **said}
    )
