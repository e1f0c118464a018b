"""Who changed what, when."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from storage.database import Instant, Json, primary_key


class Audit(SQLModel, table=True):
    """One change. subject: a table's name; subject_id: its row.

    person_id: None where the program did it.
    """

    id: int = primary_key()
    at: datetime = Field(sa_type=Instant)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    subject: str
    subject_id: int = Field(index=True)
    change: str
    before: dict[str, Any] | None = Field(default=None, sa_type=Json())
    after: dict[str, Any] | None = Field(default=None, sa_type=Json())


def last(session: Session, subject: SQLModel, change: str) -> dict[str, Any]:
    """What the last such change left behind; empty where there was none."""
    found = session.exec(
        select(Audit.after)
        .where(Audit.subject == str(subject.__tablename__), Audit.change == change)
        .where(Audit.subject_id == subject.id)  # type: ignore[attr-defined]
        .order_by(col(Audit.id).desc())
        .limit(1)
    ).first()
    return dict(found or {})


def record(
    session: Session,
    at: datetime,
    person_id: int | None,
    subject: SQLModel,
    change: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """subject: a row that has an id, that is one already flushed."""
    row = Audit(
        at=at,
        person_id=person_id,
        subject=str(subject.__tablename__),
        subject_id=subject.id,  # type: ignore[attr-defined]  # every table of ours has one
        change=change,
        before=before,
        after=after,
    )
    session.add(row)
