"""Messages to many: what is sent to whom, and what became of it for each of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, Index, bindparam, exists, func
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from core.audience import Audience, Place
from core.events import News
from core.review import OWED, State
from core.roles import AT_A_SCHOOL, Standing
from core.units import UnitKind
from storage import audit, checklists, events, facts, units
from storage.checklists import Duty, SourceDocument
from storage.database import Instant, Json, primary_key, words
from storage.people import Acting, Address, Person, Post
from storage.reports import Report
from storage.units import Unit

NEEDS_SECOND = "broadcasts need a second officer"  # a fact: "yes", or anything else for no
NOT_HANDED_IN = OWED | {State.AWAITING_HEAD}


class Stage(StrEnum):
    """Of a broadcast. WAITING for its moment, for its files, and to be begun."""

    DRAFT = "draft"
    CONFIRMING = "confirming"
    WAITING = "waiting"
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"
    SENT = "sent"


HALTED = (Stage.PAUSED, Stage.STOPPED)
MOVED = "broadcasts moved"  # in a session's info: by id, whether it is halted now


class Fate(StrEnum):
    """Of one recipient's copy. QUEUED in the outbox."""

    WAITING = "waiting"
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Why(StrEnum):
    """A copy failed. ENDED: the post by which its reader was meant."""

    NONE = ""
    CLOSED = "closed"
    ENDED = "ended"
    STOPPED = "stopped"
    REFUSED = "refused"


class Broadcast(SQLModel, table=True):
    """unit_id: the office whose message it is.

    written: the answers it was written with, see `handlers.broadcast`. audience: see
    `core.audience`. send_at: None for at once. begun_at: when its recipients were being made.
    unit_ids: of the schools that were meant then, also those without anybody registered.
    edition: grows by one whenever the draft is written again; a button is made for one of them.
    correction: what `core.writing` stored of it. version: 1, and one more with each correction.
    shown: the counts its author was shown last. shown_at: machine time. watched: whether they
        still look at them.
    reminded: how often those who keep silent were reminded by now.
    urgent: whether who keeps silent is reminded at once, and not in the message of a day.
    sheet_for: people who wait for the sheet of receipts.
    told: schools that acknowledged it elsewhere, by id, with the moment it was noted.
    event_id: of the event that it tells about, see `storage.events`; the way back is by this
        alone. news: what it tells of it. Of a later message `written["was"]` says when it was.
    """

    __table_args__ = {"sqlite_autoincrement": True}  # the buttons of a discarded one stay nobody's

    id: int = primary_key()
    unit_id: int = Field(foreign_key="unit.id")
    author_id: int = Field(foreign_key="person.id")
    stage: Stage = words(Stage, default=Stage.DRAFT, index=True)
    written: dict[str, Any] = Field(default_factory=dict, sa_type=Json())
    audience: dict[str, Any] = Field(default_factory=dict, sa_type=Json())
    document_id: int | None = Field(default=None, foreign_key="source_document.id")
    made_at: datetime = Field(sa_type=Instant)
    send_at: datetime | None = Field(default=None, sa_type=Instant)
    confirmed_by_id: int | None = Field(default=None, foreign_key="person.id")
    begun_at: datetime | None = Field(default=None, sa_type=Instant)
    unit_ids: list[int] = Field(default_factory=list, sa_type=Json())
    edition: int = 0
    correction: dict[str, Any] = Field(default_factory=dict, sa_type=Json())
    version: int = 1
    shown: dict[str, Any] = Field(default_factory=dict, sa_type=Json())
    shown_at: datetime | None = Field(default=None, sa_type=Instant)
    watched: bool = True
    reminded: int = 0
    urgent: bool = False
    sheet_for: list[int] = Field(default_factory=list, sa_type=Json())
    told: dict[str, str] = Field(default_factory=dict, sa_type=Json())
    event_id: int | None = Field(default=None, index=True)
    news: News | None = words(News, default=None, nullable=True)

    @property
    def letter(self) -> dict[str, Any]:
        """What `core.writing` stored, as it reads by now."""
        return {**self.written["letter"], **self.correction}


class Recipient(SQLModel, table=True):
    """One person, once, whatever their posts. post_id: the one by which they are meant.

    message_key: of their copy in the outbox. version: of the words they were sent; 0 for none.
    reminded: how often they were reminded.
    """

    __tablename__ = "broadcast_recipient"
    __table_args__ = (
        UniqueConstraint("broadcast_id", "person_id"),
        Index("ix_broadcast_recipient_fate", "broadcast_id", "fate"),
    )

    id: int = primary_key()
    broadcast_id: int = Field(foreign_key="broadcast.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    post_id: int = Field(foreign_key="post.id")
    message_key: str = Field(unique=True)
    fate: Fate = words(Fate, default=Fate.WAITING)
    why: Why = words(Why, default=Why.NONE)
    version: int = 0
    reminded: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Instant)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who is meant, by one of their posts."""

    person_id: int
    name: str
    unit_id: int
    unit_name: str
    post_id: int
    reachable: bool


@dataclass(slots=True)
class Reach:
    """Whom an audience means now. units: schools, from id to name. people: each once, by id.

    held: units where somebody is meant.
    """

    units: dict[int, str] = field(default_factory=dict)
    people: dict[int, Holder] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)

    @property
    def empty(self) -> list[str]:
        return [name for id, name in self.units.items() if id not in self.held]

    @property
    def reachable(self) -> list[Holder]:
        return [holder for holder in self.people.values() if holder.reachable]

    @property
    def closed(self) -> list[Holder]:
        return [holder for holder in self.people.values() if not holder.reachable]


# Whom it is for


def reach(session: Session, audience: Audience, office_id: int, today: date) -> Reach:
    owes = {round_: _owing(session, round_) for round_ in audience.owes}
    silent = {number: _silent(session, number) for number in audience.silent}
    found = Reach()
    for row in session.execute(_CANDIDATES, {"office": office_id, "today": today}):
        unit_id, name, kind, levels, cluster, ward = row[:6]
        if kind is UnitKind.SCHOOL:
            its_owes = [round_ for round_, ids in owes.items() if unit_id in ids]
            its_silent = [number for number, ids in silent.items() if unit_id in ids]
            place = Place(unit_id, levels, cluster, ward, its_owes, its_silent)
            if not audience.has_school(place):
                continue
            found.units[unit_id] = name
        _add_holder(found, audience, unit_id, name, row[6:])
    return found


def _add_holder(
    found: Reach, audience: Audience, unit_id: int, unit_name: str, held: Sequence[Any]
) -> None:
    post_id, role, topics, person_id, name, reachable = held
    if post_id is not None and audience.has_post(role, topics):
        holder = Holder(person_id, name, unit_id, unit_name, post_id, reachable)
        found.people.setdefault(person_id, holder)
        found.held.add(unit_id)


_reachable = exists().where(
    col(Address.person_id) == col(Person.id), col(Address.reachable).is_(True)
)
_CANDIDATES = (
    select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
        Unit.id,
        Unit.name,
        Unit.kind,
        Unit.levels,
        Unit.cluster,
        Unit.ward,
        Post.id,
        Post.role,
        Post.topics,
        Person.id,
        Person.name,
        _reachable,
    )
    .select_from(Unit)
    .outerjoin(Post, (col(Post.unit_id) == col(Unit.id)) & (col(Post.standing) == Standing.ACTIVE))
    .outerjoin(Person, col(Person.id) == col(Post.person_id))
    .where(units.valid_on(bindparam("today", type_=Date)))
    .where((col(Unit.kind) == UnitKind.SCHOOL) | (col(Unit.id) == bindparam("office")))
    .order_by(Unit.name, Unit.id, Post.id)
)


def _owing(session: Session, round_: str) -> set[int]:
    """The schools that have not handed in. round_: "duty.period"."""
    duty, _dot, period = round_.partition(".")
    return set(
        session.exec(
            select(Report.unit_id)
            .where(Report.duty_id == int(duty), Report.period == period)
            .where(col(Report.state).in_(NOT_HANDED_IN))
        )
    )


def _silent(session: Session, broadcast_id: int) -> set[int]:
    return silent(session, session.get_one(Broadcast, broadcast_id))


def silent(session: Session, broadcast: Broadcast) -> set[int]:
    """The schools none of whose people has acknowledged it; one whose post ended since counts.

    Of an invitation, those that have not answered it.
    """
    if broadcast.event_id:
        return set(broadcast.unit_ids) - events.answered(session, broadcast.event_id)
    informed = session.exec(
        select(Post.unit_id)
        .join(Recipient, col(Recipient.person_id) == Post.person_id)
        .where(Recipient.broadcast_id == broadcast.id)
        .where(col(Recipient.acknowledged_at).is_not(None))
        .distinct()
    )
    return set(broadcast.unit_ids) - set(informed) - set(map(int, broadcast.told))


def open_rounds(session: Session, office_id: int, today: date) -> list[tuple[str, str]]:
    """What some school still has to hand in to an office, as "duty.period" and title."""
    rows = session.exec(
        select(Duty.id, Report.period, func.min(Report.title), func.min(Report.due_on))
        .join(Report, col(Report.duty_id) == Duty.id)
        .where(Duty.receiver_id == office_id, col(Report.state).in_(NOT_HANDED_IN))
        .where(col(Report.opens_on).is_(None) | (col(Report.opens_on) <= today))
        .group_by(col(Duty.id), col(Report.period))
    ).all()
    by_day = sorted(rows, key=lambda row: (row[3] is None, row[3] or today, row[0]))
    return [(f"{duty}.{period}", title) for duty, period, title, _day in by_day]


def topics(session: Session) -> list[str]:
    """Of posts that are held at schools."""
    rows = session.exec(
        select(Post.topics)
        .where(Post.standing == Standing.ACTIVE, col(Post.role).in_(AT_A_SCHOOL))
        .distinct()
    )
    return sorted({topic for its in rows for topic in its})


# What is attached


def documents(session: Session, most: int) -> list[SourceDocument]:
    """The newest first."""
    return checklists.documents(session)[:most]


def files_of(session: Session, document_id: int) -> list[dict[str, Any]]:
    """Those that were last sent out with a document, as `core.writing` keeps them."""
    sent = session.exec(
        select(Broadcast)
        .where(Broadcast.document_id == document_id, Broadcast.stage != Stage.DRAFT)
        .order_by(col(Broadcast.id).desc())
    )
    return next((files for b in sent if (files := b.letter.get("files"))), [])


# From the first word to the last copy


def readable(session: Session, me: Acting, broadcast_id: int) -> Broadcast | None:
    """One of the person's office, locked; a draft is its author's alone."""
    broadcast = session.get(
        Broadcast, broadcast_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if broadcast is None or not me.at_the_office or broadcast.unit_id != me.unit_id:
        return None
    is_draft = broadcast.stage is Stage.DRAFT
    return broadcast if broadcast.author_id == me.id or not is_draft else None


def recent(session: Session, me: Acting, most: int) -> list[Broadcast]:
    """As `readable`, the newest first."""
    mine = (Broadcast.author_id == me.id) | (Broadcast.stage != Stage.DRAFT)
    return list(
        session.exec(
            select(Broadcast)
            .where(Broadcast.unit_id == me.unit_id, mine)
            .order_by(col(Broadcast.id).desc())
            .limit(most)
        )
    )


def newest_sent(session: Session, me: Acting) -> Broadcast | None:
    """The last message of the person's office that went out and is to be acknowledged, locked."""
    begun = (Stage.SENDING, Stage.PAUSED, Stage.SENT)
    return session.exec(
        select(Broadcast)
        .where(Broadcast.unit_id == me.unit_id, col(Broadcast.stage).in_(begun))
        .where(col(Broadcast.event_id).is_(None))
        .order_by(col(Broadcast.id).desc())
        .limit(1)
        .with_for_update(key_share=True)
    ).first()


def move(
    session: Session, broadcast: Broadcast, stage: Stage, person_id: int | None, now: datetime
) -> None:
    """The only way its stage changes, with its row in the audit. The caller locks it."""
    before, broadcast.stage = broadcast.stage, stage
    session.add(broadcast)
    session.flush()
    session.info.setdefault(MOVED, {})[broadcast.id] = stage in HALTED
    changed = ({"stage": before}, {"stage": stage})
    audit.record(session, now, person_id, broadcast, str(stage), *changed)


def halted(session: Session, since: datetime) -> list[int]:
    """Those that were begun since, and of which no copy may leave at present."""
    begun = col(Broadcast.begun_at) > since
    return list(session.exec(select(Broadcast.id).where(col(Broadcast.stage).in_(HALTED), begun)))


def needs_second(session: Session) -> bool:
    """Whether another officer has to agree before anything is sent."""
    return facts.get(session, NEEDS_SECOND) == "yes"


def set_needs_second(session: Session, wanted: bool, person_id: int, now: datetime) -> None:
    before = {NEEDS_SECOND: needs_second(session)}
    facts.put(session, NEEDS_SECOND, "yes" if wanted else "no")
    office = units.office(session)
    audit.record(session, now, person_id, office, "set", before, {NEEDS_SECOND: wanted})
