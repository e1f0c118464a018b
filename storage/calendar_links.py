"""Secret addresses from which a calendar program fetches the due dates of a school."""

import hashlib
import secrets
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from core.roles import AT_A_SCHOOL, Standing
from storage import audit
from storage.database import Instant, primary_key
from storage.people import Acting, Person, Post
from storage.units import Unit

SECRET_BYTES = 24  # 32 letters of an address; nobody guesses it


class CalendarLink(SQLModel, table=True):
    """digest: SHA-256 of the secret, in hex; the secret itself is kept nowhere."""

    __tablename__ = "calendar_link"
    __table_args__ = (UniqueConstraint("person_id", "unit_id"),)

    id: int = primary_key()
    unit_id: int = Field(foreign_key="unit.id")
    person_id: int = Field(foreign_key="person.id")
    digest: str = Field(unique=True)
    made_at: datetime = Field(sa_type=Instant)


def make(session: Session, me: Acting, now: datetime) -> str:
    """The secret of a new link to the calendar of their school; an older one ends."""
    revoke(session, me, now)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    link = CalendarLink(
        unit_id=me.unit_id or 0, person_id=me.id, digest=_digest(secret), made_at=now
    )
    session.add(link)
    session.flush()
    audit.record(session, now, me.id, link, "made", None, {"unit": link.unit_id})
    return secret


def has_one(session: Session, me: Acting) -> bool:
    return _of(session, me) is not None


def revoke(session: Session, me: Acting, now: datetime) -> bool:
    """Whether there was a link to end."""
    link = _of(session, me)
    if link is None:
        return False
    audit.record(session, now, me.id, link, "revoked", {"unit": link.unit_id}, None)
    session.delete(link)
    session.flush()
    return True


def opened_by(session: Session, secret: str) -> tuple[Unit, Person] | None:
    """The school whose dates the secret opens, and whose link it is.

    It opens them only while that person holds a post at the school.
    """
    found = session.exec(
        select(Unit, Person)
        .join(CalendarLink, col(CalendarLink.unit_id) == Unit.id)
        .join(Person, col(Person.id) == CalendarLink.person_id)
        .join(Post, (col(Post.unit_id) == Unit.id) & (col(Post.person_id) == Person.id))
        .where(CalendarLink.digest == _digest(secret), Post.standing == Standing.ACTIVE)
        .where(col(Post.role).in_(AT_A_SCHOOL))
        .limit(1)
    ).first()
    return found and (found[0], found[1])


def _of(session: Session, me: Acting) -> CalendarLink | None:
    return session.exec(
        select(CalendarLink).where(
            CalendarLink.person_id == me.id, CalendarLink.unit_id == me.unit_id
        )
    ).first()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
