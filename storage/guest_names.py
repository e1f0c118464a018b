"""Names that schools and the office typed of those who take part in events: found and erased."""

import json
from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, Text, cast, or_
from sqlmodel import Session, col, select

from storage import events
from storage.broadcasts import Broadcast
from storage.events import Attendance, Event, EventReply, Guest
from storage.units import Unit

ERASED = "–"  # stands where the words were


def typed(session: Session, event_id: int) -> dict[str, tuple[Guest, Unit]]:
    """Those whom schools named and who are not registered, by a key of the answer and place."""
    units = {reply.unit_id: reply for reply in events.replies(session, event_id).values()}
    found = select(Unit).where(col(Unit.id).in_(units)).order_by(Unit.name)
    return {
        f"{units[unit.id].id}.{place}": (guest, unit)
        for unit in session.exec(found)
        for place, guest in enumerate(units[unit.id].people)
        if guest.get("name") and not guest["name"].startswith(ERASED)
    }


def erase(session: Session, name: str, phone: str, unit_ids: Collection[int]) -> None:
    """Of one person, in all events: by the number, and by the name at these units.

    Each gets a mark in place of the name, so that who was there is still counted.
    """
    if not (name or phone):
        return
    for reply in session.exec(select(EventReply).where(_holds(EventReply.people, name, phone))):
        known = reply.unit_id in unit_ids
        reply.people = [
            _marked(session, reply, place) if _is(guest, name if known else "", phone) else guest
            for place, guest in enumerate(reply.people)
        ]
        session.flush()
    _erase_from_teams(session, name)


def _is(guest: Guest, name: str, phone: str) -> bool:
    if "name" not in guest:
        return False
    return bool(phone and guest["phone"] == phone) or bool(name and guest["name"] == name)


def _marked(session: Session, reply: EventReply, place: int) -> Guest:
    mark = f"{ERASED} {reply.unit_id}.{place + 1}"
    there = select(Attendance).where(
        Attendance.event_id == reply.event_id,
        Attendance.unit_id == reply.unit_id,
        Attendance.name == reply.people[place]["name"],
    )
    for row in session.exec(there):
        row.name = mark
    return {"name": mark, "phone": ""}


def _erase_from_teams(session: Session, name: str) -> None:
    """Also where the invitation keeps what it was written with."""
    in_team = col(Event.team).contains(name, autoescape=True)
    for event in session.exec(select(Event).where(Event.team != "", in_team)):
        event.team = "\n".join(_lines(event.team, name))
        for sent in session.exec(select(Broadcast).where(Broadcast.event_id == event.id)):
            if team := sent.written.get("team"):
                sent.written = {**sent.written, "team": "\n".join(_lines(team, name))}


def _lines(team: str, name: str) -> Iterator[str]:
    return (ERASED if line.strip() == name else line for line in team.splitlines())


def _holds(column: object, *words: str) -> ColumnElement[bool]:
    """Whether some of the words stand in a column of JSON; SQLite stores it escaped."""
    forms = {form for word in words if word for form in (word, json.dumps(word)[1:-1])}
    return or_(*(cast(column, Text).contains(form, autoescape=True) for form in forms))
