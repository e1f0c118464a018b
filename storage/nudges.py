"""Reminders that were decided, each once."""

from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, delete, select

from core.calendar import rung
from storage.database import Instant, insert_for, primary_key
from storage.outbox import Outgoing, Sending
from storage.reports import Report


class Nudge(SQLModel, table=True):
    """rung: days before the due date; negative after it.

    message_key: of the message in the outbox that carries it, maybe with others; "" where
        the deadline was told otherwise.
    """

    __table_args__ = (UniqueConstraint("report_id", "person_id", "due_on", "rung"),)

    id: int = primary_key()
    report_id: int = Field(foreign_key="report.id")
    person_id: int = Field(foreign_key="person.id")
    due_on: date
    rung: int
    decided_at: datetime = Field(sa_type=Instant)
    message_key: str = Field(index=True)


Decided = tuple[int, int, date | None, int]  # report, person, due date, rung


def decided(session: Session, report_ids: list[int]) -> set[Decided]:
    """What was decided about these reports."""
    rows = session.exec(select(Nudge).where(col(Nudge.report_id).in_(report_ids)))
    return {(row.report_id, row.person_id, row.due_on, row.rung) for row in rows}


def decide(session: Session, nudge: Nudge) -> bool:
    """Note a reminder; False where another process just decided the same."""
    insert = insert_for(session.connection())(Nudge).on_conflict_do_nothing()
    values = nudge.model_dump(exclude={"id"})
    return session.exec(insert.values(**values).returning(col(Nudge.id))).first() is not None


def heard(
    session: Session, report: Report, person_ids: set[int], today: date, now: datetime
) -> None:
    """Note that these people just heard of the deadline, so that its rung is not said again."""
    step = rung((report.due_on - today).days) if report.due_on else None
    if report.due_on is None or step is None:
        return
    for person_id in person_ids:
        nudge = Nudge(
            report_id=report.id,
            person_id=person_id,
            due_on=report.due_on,
            rung=step,
            decided_at=now,
            message_key="",
        )
        decide(session, nudge)


def withdraw(session: Session, report: Report) -> None:
    """Take back what waits to be sent about a report that is no longer owed.

    A message about several reports goes with all its nudges; those of the others are decided
    anew by the next tick.
    """
    _withdraw(session, col(Nudge.report_id) == report.id)


def withdraw_from(session: Session, person_id: int) -> None:
    """Take back what waits to be sent to somebody; what is still theirs is decided anew."""
    _withdraw(session, col(Nudge.person_id) == person_id)


def _withdraw(session: Session, about: ColumnElement[bool]) -> None:
    waiting = session.exec(
        select(Outgoing.key)
        .join(Nudge, col(Nudge.message_key) == Outgoing.key)
        .where(about, Outgoing.sending == Sending.WAITING)
        .where(col(Outgoing.owner).is_(None))
        .with_for_update(of=Outgoing)
    ).all()
    session.exec(delete(Nudge).where(col(Nudge.message_key).in_(waiting)))
    session.exec(delete(Outgoing).where(col(Outgoing.key).in_(waiting)))
