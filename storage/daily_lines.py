"""What somebody is told in their message of a day besides deadlines, each once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from core.calendar import next_allowed
from core.ladder import AT, next_day, next_hour
from storage import closed_days
from storage.database import Instant, insert_for, primary_key, words
from storage.people import Person

OTHERS = "others"  # as `which` of UNREAD: of a silent school, who do not have the message yet


class Kind(StrEnum):
    """What a line tells, and of which row.

    UNREAD: a broadcast that nobody of the school has acknowledged. SILENT_HEAD: the draft of a
    report that may be sent without the head, BEFORE_HEAD: the same for the head. LOCKED: a report
    that the calendar locked. EVENT: one that the reader comes to. TO_REVIEW: a version of a
    report that waits for them.
    """

    UNREAD = "unread"
    SILENT_HEAD = "silent head"
    BEFORE_HEAD = "before head"
    LOCKED = "locked"
    EVENT = "event"
    TO_REVIEW = "to review"


class DailyLine(SQLModel, table=True):
    """which: tells one occasion from another, such as the day of an event that may be moved.

    until: the last day on which it helps to know; None for any.
    decided_at, send_at, message_key: as of a `storage.nudges.Nudge`, whose message it shares.
    """

    __tablename__ = "daily_line"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "about_id", "which"),
        Index(
            "ix_daily_line_waiting",
            "send_at",
            "person_id",
            sqlite_where=text("send_at IS NOT NULL"),
            postgresql_where=text("send_at IS NOT NULL"),
        ),
    )

    id: int = primary_key()
    person_id: int = Field(foreign_key="person.id")
    kind: Kind = words(Kind)
    about_id: int = Field(index=True)
    which: str = ""
    until: date | None = None
    decided_at: datetime = Field(sa_type=Instant)
    send_at: datetime | None = Field(default=None, sa_type=Instant)
    message_key: str = Field(default="", index=True)


@dataclass(frozen=True, slots=True)
class About:
    """What is to be told: see `DailyLine`."""

    kind: Kind
    id: int
    which: str = ""
    until: date | None = None


def note(
    session: Session, about: About, person_ids: Collection[int], now: datetime, zone: ZoneInfo
) -> None:
    """Have these people told in their next message; of what was noted before, nobody again."""
    insert = insert_for(session.connection())(DailyLine).on_conflict_do_nothing()
    if rows := _rows(session, about, person_ids, now, zone):
        session.connection().execute(insert, rows)


def planned(
    session: Session, about: About, person_ids: Collection[int], now: datetime, zone: ZoneInfo
) -> list[DailyLine]:
    """What `note` would note, but for those who are told already; nothing is written."""
    told = select(DailyLine.person_id).where(
        DailyLine.kind == about.kind,
        DailyLine.about_id == about.id,
        DailyLine.which == about.which,
        col(DailyLine.send_at).is_(None),
    )
    others = set(person_ids) - set(session.scalars(told))
    return [DailyLine(**row) for row in _rows(session, about, others, now, zone)]


def _rows(
    session: Session, about: About, person_ids: Collection[int], now: datetime, zone: ZoneInfo
) -> list[dict[str, Any]]:
    return [
        {
            "person_id": person.id,
            "kind": about.kind,
            "about_id": about.id,
            "which": about.which,
            "until": about.until,
            "decided_at": now,
            "send_at": _tell_at(session, about.until, now, person.told_at or AT, zone),
            "message_key": "",
        }
        for person in session.exec(select(Person).where(col(Person.id).in_(person_ids)))
    ]


def _tell_at(
    session: Session, until: date | None, now: datetime, hour: time, zone: ZoneInfo
) -> datetime:
    """Somebody's hour on the next day at work; where that is too late, as soon as may be."""
    closed, works = closed_days.days(session), closed_days.works(session)
    soonest = at = next_hour(now, hour, zone, closed)
    while not works(at.astimezone(zone).date()):
        at = next_day(at, hour, zone, closed)
    for moment in (at, soonest):
        if until is None or moment.astimezone(zone).date() <= until:
            return moment
    return next_allowed(now, zone, closed)


def waiting(
    session: Session, person_ids: Collection[int], now: datetime
) -> dict[int, list[DailyLine]]:
    """What each of them is to be told by now, in the order in which it was decided."""
    theirs = col(DailyLine.person_id).in_(person_ids) & (col(DailyLine.send_at) <= now)
    found: dict[int, list[DailyLine]] = defaultdict(list)
    for line in session.exec(select(DailyLine).where(theirs).order_by(col(DailyLine.id))):
        found[line.person_id].append(line)
    return found


def of_message(session: Session, person_id: int, key: str) -> Sequence[DailyLine]:
    theirs = select(DailyLine).where(DailyLine.person_id == person_id)
    return session.exec(theirs.where(DailyLine.message_key == key)).all()
