"""Rungs of a school's reminders that the office holds back, for a reason."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage import audit, nudges, reports
from storage.database import Instant, primary_key
from storage.reports import Report


class NudgePause(SQLModel, table=True):
    """rung: see `core.ladder`; None for all of them. ended_at: None while it holds."""

    __tablename__ = "nudge_pause"

    id: int = primary_key()
    report_id: int = Field(foreign_key="report.id", index=True)
    rung: int | None = None
    reason: str
    by_id: int = Field(foreign_key="person.id")
    at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


Paused = set[tuple[int, int | None]]  # report and rung


def of_report(session: Session, report: Report) -> Sequence[NudgePause]:
    """Those that hold, the oldest first."""
    return session.exec(_holding([report.id]).order_by(col(NudgePause.id))).all()


def paused(session: Session, report_ids: Collection[int]) -> Paused:
    return {(row.report_id, row.rung) for row in session.exec(_holding(report_ids))}


def holds(paused: Paused, report_id: int, rung: int) -> bool:
    return (report_id, rung) in paused or (report_id, None) in paused


def pause(
    session: Session, report: Report, rung: int | None, reason: str, by_id: int, now: datetime
) -> None:
    """report: locked. What waits to be said of it goes, and is looked at again once it ends."""
    nudges.withdraw(session, report)
    row = NudgePause(report_id=report.id, rung=rung, reason=reason, by_id=by_id, at=now)
    session.add(row)
    session.flush()
    said = {"rung": rung, "reason": reason}
    audit.record(session, now, by_id, report, "reminders paused", None, said)
    reports.look_again(session, id=report.id)


def resume(session: Session, report: Report, by_id: int, now: datetime) -> int:
    """report: locked. Return how many pauses ended."""
    rows = of_report(session, report)
    for row in rows:
        row.ended_at = now
        before = {"rung": row.rung, "reason": row.reason}
        audit.record(session, now, by_id, report, "reminders resumed", before, None)
    reports.look_again(session, id=report.id)
    return len(rows)


def _holding(report_ids: Collection[int]) -> SelectOfScalar[NudgePause]:
    return select(NudgePause).where(
        col(NudgePause.report_id).in_(report_ids), col(NudgePause.ended_at).is_(None)
    )
