"""Events of the office, what each school answers to its invitation, and who was there."""

import secrets
from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from core.events import EventKind, Held, Reply
from core.fold import fold
from core.replacing import Gathering
from storage import audit
from storage.database import Instant, Json, primary_key, words
from storage.invitations import ALPHABET, plain
from storage.people import Acting

PREFIX, LETTERS = "SK", 6  # of a code; 32 ** 6 of them, and few wrong ones a day
CODE = len(PREFIX) + LETTERS

Guest = dict[str, Any]


class Event(SQLModel, table=True):
    """unit_id: the office whose event it is. author_id: None where a plan declares it.

    code: of a plan's event, with its period. clause: of the document. written: what the document
        says about the day, shown while none is set.
    first_day, last_day: both or neither; at: see `core.events.Held`.
    who: who should come, in the office's words. seats: people whom one school may send.
    team: who inspects, a name in each line.
    attendance_code: what people type there; None until somebody of the office looks at it.
    sheet_for: people who wait for the list of participants.
    """

    __table_args__ = {"sqlite_autoincrement": True}  # the buttons of a discarded one stay nobody's

    id: int = primary_key()
    unit_id: int = Field(foreign_key="unit.id", index=True)
    author_id: int | None = Field(default=None, foreign_key="person.id")
    code: str | None = Field(default=None, unique=True)
    document_id: int | None = Field(default=None, foreign_key="source_document.id")
    clause: str = ""
    kind: EventKind = words(EventKind)
    title: str
    written: str = ""
    first_day: date | None = None
    last_day: date | None = None
    at: time | None = None
    place: str = ""
    who: str = ""
    team: str = ""
    seats: int = 1
    answer_by: date | None = None
    made_at: datetime = Field(sa_type=Instant)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    why: str = ""
    attendance_code: str | None = Field(default=None, unique=True)
    sheet_for: list[int] = Field(default_factory=list, sa_type=Json())

    @property
    def held(self) -> Held | None:
        if self.first_day is None:
            return None
        return Held(self.first_day, self.last_day or self.first_day, self.at)

    def has_begun(self, today: date) -> bool:
        """Whether nothing about it can be answered or changed any more."""
        return self.first_day is not None and self.first_day <= today

    def hold(self, held: Held | None) -> None:
        self.first_day = held.first if held else None
        self.last_day = held.last if held else None
        self.at = held.at if held else None
        if held and self.answer_by and self.answer_by > held.first:
            self.answer_by = None


class EventReply(SQLModel, table=True):
    """A school's one answer. why: it is absent.

    people: who comes: [{"person": id}] for who is registered, else [{"name", "phone"}].
    """

    __tablename__ = "event_reply"
    __table_args__ = (UniqueConstraint("event_id", "unit_id"),)

    id: int = primary_key()
    event_id: int = Field(foreign_key="event.id")
    unit_id: int = Field(foreign_key="unit.id")
    reply: Reply = words(Reply)
    people: list[Guest] = Field(default_factory=list, sa_type=Json())
    why: str = ""
    by_id: int = Field(foreign_key="person.id")
    at: datetime = Field(sa_type=Instant)


class Attendance(SQLModel, table=True):
    """Somebody was there. name: of somebody who is not registered, "" for a school's unnamed one.

    noted_by_id: who of the office ticked it; None where they gave the code.
    """

    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        UniqueConstraint("event_id", "unit_id", "name"),
    )

    id: int = primary_key()
    event_id: int = Field(foreign_key="event.id")
    unit_id: int = Field(foreign_key="unit.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    name: str | None = None
    noted_by_id: int | None = Field(default=None, foreign_key="person.id")
    at: datetime = Field(sa_type=Instant)


def of_documents(
    session: Session, ids: Collection[int], codes: Collection[str] = ()
) -> list[Event]:
    """Those that these documents brought and nobody has cancelled, and those of these codes."""
    theirs = col(Event.document_id).in_(ids) & col(Event.cancelled_at).is_(None)
    found = select(Event).where(theirs | col(Event.code).in_(codes))
    return list(session.exec(found.order_by(col(Event.id))))


def gathering(event: Event) -> Gathering:
    """As documents are compared by it."""
    return Gathering(event.code or "", event.title, event.first_day)


# The office


def of_office(session: Session, me: Acting, event_id: int) -> Event | None:
    """One of the office a person acts for, locked."""
    if not me.at_the_office:
        return None
    event = session.get(Event, event_id, with_for_update=True, populate_existing=True)
    return event if event and event.unit_id == me.unit_id else None


def all_of(session: Session, unit_id: int) -> list[Event]:
    """An office's, by day, those without one first."""
    found = session.exec(select(Event).where(Event.unit_id == unit_id).order_by(col(Event.id)))
    return sorted(found, key=lambda event: event.first_day or date.min)


def hold(session: Session, event: Event, held: Held, by_id: int, now: datetime) -> None:
    """Set or change its day. The caller locks it."""
    before = event.held.to_json() if event.held else None
    event.hold(held)
    session.flush()
    audit.record(session, now, by_id, event, "dated", before, held.to_json())


def cancel(session: Session, event: Event, why: str, by_id: int, now: datetime) -> None:
    event.cancelled_at, event.why = now, why
    session.flush()
    audit.record(session, now, by_id, event, "cancelled", None, {"why": why})


# What schools answer


def answered(session: Session, event_id: int) -> set[int]:
    """The schools that have."""
    return set(session.exec(select(EventReply.unit_id).where(EventReply.event_id == event_id)))


def replies(session: Session, event_id: int) -> dict[int, EventReply]:
    """By school."""
    found = session.exec(select(EventReply).where(EventReply.event_id == event_id))
    return {reply.unit_id: reply for reply in found}


def reply_of(session: Session, event_id: int, unit_id: int) -> EventReply | None:
    of_school = (EventReply.event_id == event_id, EventReply.unit_id == unit_id)
    return session.exec(select(EventReply).where(*of_school)).first()


def answer(
    session: Session,
    event: Event,
    unit_id: int,
    reply: Reply,
    by_id: int,
    now: datetime,
    *,
    people: Sequence[Guest] = (),
    why: str = "",
) -> EventReply:
    """A school's answer, in place of the one before. The caller locks the event."""
    kept = reply_of(session, event.id, unit_id)
    before = _said(kept) if kept else None
    kept = kept or EventReply(event_id=event.id, unit_id=unit_id, reply=reply, by_id=by_id, at=now)
    kept.reply, kept.people, kept.why = reply, list(people), why
    kept.by_id, kept.at = by_id, now
    session.add(kept)
    session.flush()
    if before != _said(kept):
        audit.record(session, now, by_id, kept, "answered", before, _said(kept))
    return kept


def _said(reply: EventReply) -> dict[str, Any]:
    registered = [guest["person"] for guest in reply.people if "person" in guest]
    return {"reply": reply.reply, "people": len(reply.people), "registered": registered}


# Who was there


def code_of(session: Session, event: Event) -> str:
    """Made when it is first asked for, one for each event. The caller locks the event."""
    if event.attendance_code is None:
        letters = (secrets.choice(ALPHABET) for _letter in range(LETTERS))
        event.attendance_code = PREFIX + "".join(letters)
        session.flush()
    return event.attendance_code


def is_code(typed: str) -> bool:
    """Whether it is written as a code of an event, which no answer to a question looks like."""
    meant = plain(typed) if len(typed) < 2 * CODE else ""
    letters = meant.removeprefix(PREFIX)
    return len(meant) == CODE and len(letters) == LETTERS and set(letters) <= set(ALPHABET)


def with_code(session: Session, typed: str) -> Event | None:
    """That of this code, unless it is cancelled."""
    coded = select(Event).where(Event.attendance_code == plain(typed))
    return session.exec(coded.where(col(Event.cancelled_at).is_(None))).first()


def attendance(session: Session, event_id: int) -> list[Attendance]:
    by_time = (col(Attendance.at), col(Attendance.id))
    found = select(Attendance).where(Attendance.event_id == event_id).order_by(*by_time)
    return list(session.exec(found))


def note(session: Session, there: Attendance) -> Attendance:
    """Note that somebody was there, once; return what stands. The caller locks the event."""
    for known in attendance(session, there.event_id):
        if is_same(known, there.unit_id, there.person_id, there.name):
            return known
    session.add(there)
    session.flush()
    who = {"person": there.person_id, "unit": there.unit_id}
    by_id = there.noted_by_id or there.person_id
    audit.record(session, there.at, by_id, there, "was there", None, who)
    return there


def take_back(session: Session, there: Attendance, by_id: int, now: datetime) -> None:
    """A tick that was a slip."""
    who = {"person": there.person_id, "unit": there.unit_id}
    audit.record(session, now, by_id, there, "was not there", who, None)
    session.delete(there)
    session.flush()


def is_same(known: Attendance, unit_id: int, person_id: int | None, name: str | None) -> bool:
    if person_id is not None:
        return known.person_id == person_id
    return known.person_id is None and (known.unit_id, known.name) == (unit_id, name)


def attended(session: Session, unit_id: int, year: int) -> list[tuple[EventKind, int, str]]:
    """Of a school in the events of a year: kind, event, and who, each once an event."""
    rows = session.exec(
        select(Event.kind, Event.id, Attendance.person_id, Attendance.name)
        .join(Attendance, col(Attendance.event_id) == Event.id)
        .where(Attendance.unit_id == unit_id, col(Event.cancelled_at).is_(None))
        .where(col(Event.first_day).between(date(year, 1, 1), date(year, 12, 31)))
    )
    return [(EventKind(kind), id, _who(person, name)) for kind, id, person, name in rows]


def _who(person_id: int | None, name: str | None) -> str:
    return str(person_id) if person_id is not None else fold(name or "")
