"""Reminders that were decided, each once."""

from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, delete, select

from storage.database import Instant, insert_for, primary_key
from storage.outbox import Outgoing, Sending
from storage.reports import Report


class Nudge(SQLModel, table=True):
    """rung: days before the due date; negative after it.

    message_key: of the message in the outbox that carries it, maybe with others.
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


def withdraw(session: Session, report: Report) -> None:
    """Take back what waits to be sent about a report that is no longer owed.

    A message about several reports goes with all its nudges; those of the others are decided
    anew by the next tick.
    """
    waiting = session.exec(
        select(Outgoing.key)
        .join(Nudge, col(Nudge.message_key) == Outgoing.key)
        .where(Nudge.report_id == report.id, Outgoing.sending == Sending.WAITING)
        .where(col(Outgoing.owner).is_(None))
        .with_for_update(of=Outgoing)
    ).all()
    session.exec(delete(Nudge).where(col(Nudge.message_key).in_(waiting)))
    session.exec(delete(Outgoing).where(col(Outgoing.key).in_(waiting)))
