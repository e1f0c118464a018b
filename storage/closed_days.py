"""Days on which the office is closed besides weekends and public holidays."""

from datetime import date, datetime

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, col, select

from core.calendar import IsWorking, working_days
from storage import audit
from storage.database import primary_key, reading


class ClosedDay(SQLModel, table=True):
    """why: for those who read the list, such as a flood."""

    __tablename__ = "closed_day"

    id: int = primary_key()
    day: date = Field(unique=True)
    why: str = ""


def all_days(session: Session) -> list[ClosedDay]:
    return list(session.exec(select(ClosedDay).order_by(col(ClosedDay.day))))


def days(session: Session) -> frozenset[date]:
    return frozenset(session.exec(select(col(ClosedDay.day))))


def known(engine: Engine) -> frozenset[date]:
    """As they are now, for who has no session."""
    with reading(engine) as session:
        return days(session)


def works(session: Session) -> IsWorking:
    """Whether the office works on a day; looked up once in a session."""
    if _KNOWN not in session.info:
        session.info[_KNOWN] = working_days(days(session))
    known: IsWorking = session.info[_KNOWN]
    return known


_KNOWN = "when the office works"


def close(session: Session, day: date, why: str, by_id: int | None, now: datetime) -> bool:
    """Whether that is new. by_id: None for the operator. The caller commits."""
    session.info.pop(_KNOWN, None)
    found = _on(session, day)
    if found is not None and found.why == why:
        return False
    before = {"day": day.isoformat(), "why": found.why} if found else None
    closed = found or ClosedDay(day=day)
    closed.why = why
    session.add(closed)
    session.flush()
    after = {"day": day.isoformat(), "why": why}
    audit.record(session, now, by_id, closed, "closed", before, after)
    return True


def open_again(session: Session, day: date, by_id: int | None, now: datetime) -> bool:
    """Whether it was closed. The caller commits."""
    session.info.pop(_KNOWN, None)
    found = _on(session, day)
    if found is None:
        return False
    before = {"day": day.isoformat(), "why": found.why}
    audit.record(session, now, by_id, found, "opened again", before, None)
    session.delete(found)
    return True


def _on(session: Session, day: date) -> ClosedDay | None:
    return session.exec(select(ClosedDay).where(ClosedDay.day == day)).first()
