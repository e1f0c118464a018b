"""What a school asks of the office about a report: one such request waits at a time, and is
decided once. The report's lock keeps two who ask or decide at the same instant apart.
"""

from datetime import datetime
from typing import TypeVar

from sqlmodel import Field, Session, SQLModel, col, select

from core.review import EASED
from storage import reports
from storage.checklists import Duty
from storage.database import Instant, primary_key
from storage.people import Acting
from storage.reports import Report


class Request(SQLModel):
    """asked_by_id: of the school, or of the office where it acts unasked.

    decided_by_id, decided_at: None while it waits; the first also where the operator decided.
    answer: why not; "" where it was granted.
    """

    id: int = primary_key()
    report_id: int = Field(foreign_key="report.id", index=True)
    asked_by_id: int = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_type=Instant)
    reason: str
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    answer: str = ""


Kind = TypeVar("Kind", bound=Request)


def waiting(session: Session, kind: type[Kind], report: Report) -> Kind | None:
    return session.exec(
        select(kind).where(kind.report_id == report.id, col(kind.decided_at).is_(None))
    ).first()


def to_decide(
    session: Session, kind: type[Kind], me: Acting, request_id: int
) -> tuple[Kind, Report] | None:
    """A request and its report, both locked, if this person decides about it for the office.

    It may be decided already.
    """
    request = session.get(kind, request_id)
    report = reports.to_decide(session, me, request.report_id) if request else None
    if request is None or report is None:
        return None
    session.refresh(request)  # as it is now that the report is locked
    return request, report


def all_waiting(session: Session, kind: type[Kind], me: Acting) -> list[tuple[Kind, Report]]:
    """Of the person's office, the oldest first; but what is eased needs no answer."""
    if not me.at_the_office:
        return []
    return list(
        session.exec(
            select(kind, Report)
            .join(Report, col(Report.id) == kind.report_id)
            .join(Duty, col(Duty.id) == Report.duty_id)
            .where(Duty.receiver_id == me.unit_id, col(kind.decided_at).is_(None))
            .where(col(Report.state).not_in(EASED))
            .order_by(col(kind.id))
        )
    )


def decide(request: Request, by_id: int | None, now: datetime, answer: str = "") -> None:
    request.decided_by_id, request.decided_at, request.answer = by_id, now, answer
