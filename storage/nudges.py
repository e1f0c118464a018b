"""Reminders that were decided, each once, and the one message a day that carries them.

Beside reminders of deadlines it carries what `storage.daily_lines` notes.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Index, bindparam, text, union_all
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, delete, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from core.ladder import PUBLISHING
from core.roles import AT_A_SCHOOL, Standing
from storage.checklists import Duty
from storage.daily_lines import DailyLine, Kind
from storage.database import Instant, insert_for, primary_key
from storage.outbox import Outgoing, Sending
from storage.people import Address, Person, Post
from storage.reports import Report

DIGEST = "digest"
NOBODY = 0  # as the owner of a message
AGAIN = "again"  # ends the key of a message that its reader asked for once more


class Nudge(SQLModel, table=True):
    """rung: days before the last day in time, negative after it; see `core.ladder`.

    due_on: as the document has it, `date.max` while it has none.

    decided_at: when the rung was reached. send_at: when its person is to be told; None once they
        are, or when they were told otherwise.
    message_key: of the message in the outbox that carries it, maybe with others; while it waits
        that of the message it is to be in, "" for the next one of a day.
    """

    __table_args__ = (
        UniqueConstraint("report_id", "person_id", "due_on", "rung"),
        Index(
            "ix_nudge_waiting",
            "send_at",
            "person_id",
            sqlite_where=text("send_at IS NOT NULL"),
            postgresql_where=text("send_at IS NOT NULL"),
        ),
    )

    id: int = primary_key()
    report_id: int = Field(foreign_key="report.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    due_on: date
    rung: int
    decided_at: datetime = Field(sa_type=Instant)
    send_at: datetime | None = Field(default=None, sa_type=Instant)
    message_key: str = Field(index=True)

    @property
    def about(self) -> tuple[int, int, date]:
        """What it has in common with those of other rungs."""
        return self.report_id, self.person_id, self.due_on


About = tuple[int, int, date]  # report, person, due date


def key_of(person_id: int, day: date, end: str = "") -> str:
    """Of a person's message of a day, unique in the outbox."""
    return ":".join(filter(None, (DIGEST, str(person_id), day.isoformat(), end)))


def lowest(session: Session, report_ids: Collection[int]) -> dict[About, int]:
    """The last rung that was decided of each report for each person."""
    about = col(Nudge.report_id), col(Nudge.person_id), col(Nudge.due_on)
    rows = session.execute(
        select(*about, func.min(Nudge.rung)).where(about[0].in_(report_ids)).group_by(*about)
    )
    return {(report, person, due_on): rung for report, person, due_on, rung in rows}


def decide(session: Session, new: Sequence[Nudge]) -> None:
    """Note reminders; those that another process just decided are left out."""
    insert = insert_for(session.connection())(Nudge).on_conflict_do_nothing()
    if new:
        session.connection().execute(insert, [row.model_dump(exclude={"id"}) for row in new])


def heard(
    session: Session, report: Report, person_ids: Iterable[int], today: date, now: datetime
) -> None:
    """Note that these people just heard of the deadline, so that it is not said as new."""
    report.told_on = today
    told = [
        Nudge(
            report_id=report.id,
            person_id=person_id,
            due_on=report.due_on or date.max,
            rung=PUBLISHING,
            decided_at=now,
            message_key="",
        )
        for person_id in person_ids
    ]
    decide(session, told)


# Telling


def to_tell(session: Session, now: datetime) -> Sequence[int]:
    """Who is to be told something by now, each once, the longest waiting first."""
    both = [
        select(kind.person_id, kind.send_at).where(col(kind.send_at) <= now)
        for kind in (Nudge, DailyLine)
    ]
    waiting = union_all(*both).subquery().c
    longest = func.min(waiting.send_at)
    rows = session.execute(select(waiting.person_id).group_by(waiting.person_id).order_by(longest))
    return rows.scalars().all()


def take(session: Session, person_ids: Collection[int]) -> Sequence[Person]:
    """These people, locked, but for those who are just being answered or told."""
    return session.exec(
        select(Person)
        .where(col(Person.id).in_(person_ids))
        .order_by(col(Person.id))
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def waiting(
    session: Session, person_ids: Collection[int], now: datetime
) -> dict[int, list[Nudge]]:
    """By person, what they are to be told by now; those that are most pressing first."""
    rows = session.exec(
        select(Nudge)
        .where(col(Nudge.person_id).in_(person_ids), col(Nudge.send_at) <= now)
        .order_by(col(Nudge.due_on), col(Nudge.report_id), col(Nudge.rung))
    )
    found: dict[int, list[Nudge]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def all_waiting(session: Session, office_id: int | None) -> Sequence[Nudge]:
    """What is decided, and to be said later. office_id: whose duties; None for all."""
    found = select(Nudge).where(col(Nudge.send_at).is_not(None))
    if office_id is not None:
        found = found.join(Report, col(Report.id) == Nudge.report_id).join(Duty)
        found = found.where(Duty.receiver_id == office_id)
    return session.exec(found).all()


def of_message(session: Session, person_id: int, key: str) -> Sequence[Nudge]:
    return session.exec(
        select(Nudge).where(Nudge.person_id == person_id, Nudge.message_key == key)
    ).all()


def days_said(
    session: Session, report_ids: Collection[int], zone: ZoneInfo
) -> dict[int, set[date]]:
    """On which days the people of its school were reminded of each of these reports."""
    theirs = select(Post.person_id).where(
        Post.unit_id == Report.unit_id, col(Post.role).in_(AT_A_SCHOOL)
    )
    rows = session.execute(
        select(col(Nudge.report_id), col(Nudge.decided_at))
        .join(Report, col(Report.id) == Nudge.report_id)
        .where(col(Nudge.report_id).in_(report_ids), col(Nudge.person_id).in_(theirs))
        .where(Nudge.message_key != "", col(Nudge.send_at).is_(None))
    )
    found: dict[int, set[date]] = {}
    for report_id, at in rows:
        found.setdefault(report_id, set()).add(at.astimezone(zone).date())
    return found


def written(session: Session, keys: Collection[str]) -> set[str | None]:
    """Those of these keys of which there is a message already."""
    return set(session.exec(select(Outgoing.key).where(col(Outgoing.key).in_(keys))))


# Taking back


def withdraw(session: Session, report: Report) -> None:
    """Take back what waits to be said of a report that is no longer owed, or not by that day.

    Messages to its school's people go whole, and what else they said is decided anew by the next
    tick.
    """
    theirs = select(Post.person_id).where(
        Post.unit_id == report.unit_id,
        Post.standing == Standing.ACTIVE,
        col(Post.role).in_(AT_A_SCHOOL),
    )
    about = col(Nudge.report_id) == report.id
    told = select(Nudge.message_key).where(about | col(Nudge.person_id).in_(theirs))
    besides = select(DailyLine.message_key).where(col(DailyLine.person_id).in_(theirs))
    key = col(Outgoing.key)
    _take_back(session, _unsent().where(key.in_(told) | key.in_(besides)))
    session.exec(delete(Nudge).where(about, col(Nudge.send_at).is_not(None)))


def withdraw_from(session: Session, person_id: int) -> None:
    """Take back what waits to be said to somebody."""
    take_back_from(session, [person_id])
    for kind in (Nudge, DailyLine):
        theirs = col(kind.person_id) == person_id
        session.exec(delete(kind).where(theirs, col(kind.send_at).is_not(None)))


def take_back_about(session: Session, kind: Kind, about_id: int) -> None:
    """Have messages that say this, and wait in the outbox, written anew without what is past."""
    told = select(DailyLine.message_key).where(
        DailyLine.kind == kind, DailyLine.about_id == about_id
    )
    _take_back(session, _unsent().where(col(Outgoing.key).in_(told)))


def take_back_from(session: Session, person_ids: Collection[int]) -> None:
    """Have what waits in the outbox for these people said in other messages."""
    chats = select(Address.id).where(col(Address.person_id).in_(person_ids))
    _take_back(session, _unsent().where(col(Outgoing.address_id).in_(chats)))


def drop_old(connection: Connection, letters: Collection[int], today: date) -> set[int]:
    """Take back messages of earlier days, just before they would be sent; return their ids.

    What they said is in the message of today instead, so that a backlog never becomes a burst.
    """
    found = connection.execute(_DIGESTS, {"letters": list(letters)}).all()
    old = {id: str(key) for id, key in found if _day(str(key)) < today}
    if old:
        _reopen(connection, list(old.values()))
        connection.execute(_DROP, {"letters": list(old)})
    return set(old)


def _day(key: str) -> date:
    """Of a key that `key_of` made."""
    return date.fromisoformat(key.split(":")[2])


def _unsent() -> SelectOfScalar[Any]:
    """Keys of messages that nobody has begun to send, and are not begun until the commit."""
    # Not "owner IS NULL": an outbox is mostly empty, so PostgreSQL takes reading all that is free
    # to be as quick as what is asked for, and does so for each one of the many that are told.
    free = func.coalesce(col(Outgoing.owner), NOBODY) == NOBODY
    return (
        select(col(Outgoing.key))
        .where(col(Outgoing.key).startswith(f"{DIGEST}:"), Outgoing.sending == Sending.WAITING)
        .where(free)
        .with_for_update(of=Outgoing)
    )


def _take_back(session: Session, unsent: SelectOfScalar[Any]) -> None:
    session.flush()
    keys = list(session.exec(unsent))
    if keys:
        _reopen(session.connection(), keys)
        session.exec(delete(Outgoing).where(col(Outgoing.key).in_(keys)))


def _reopen(connection: Connection, keys: Collection[str]) -> None:
    """Have what these messages said wait for another one."""
    for statement in _REOPEN:
        connection.execute(statement, {"keys": list(keys)})


_REOPEN = [
    update(kind)
    .where(col(kind.message_key).in_(bindparam("keys", expanding=True)))
    .values(send_at=kind.decided_at, message_key="")
    for kind in (Nudge, DailyLine)
]
_DIGESTS = select(col(Outgoing.id), col(Outgoing.key)).where(
    col(Outgoing.id).in_(bindparam("letters", expanding=True)),
    col(Outgoing.key).startswith(f"{DIGEST}:"),
)
_DROP = delete(Outgoing).where(col(Outgoing.id).in_(bindparam("letters", expanding=True)))
