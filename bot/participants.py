"""Make the lists of an event's participants that the office waits for, and send them as files."""

from collections.abc import Iterator

from sqlmodel import Session

from bot import sheets
from bot.i18n import say
from bot.inbound import Desk, Times
from bot.receipts import Clerk, Sheet, local
from core.events import EventKind, Reply
from core.message import _
from core.screen import Screen
from handlers import occasion, phrases
from storage import event_duties, events, guests
from storage.events import Attendance, Event, EventReply, Guest
from storage.people import Person
from storage.reports import Report
from storage.units import Unit

SHEET_NAME = "nguoi-du.xlsx"


def write_wanted(clerk: Clerk, times: Times) -> int:
    """Return how many messages were written to the outbox."""
    return clerk.write(Event, _sheet, times)


def _sheet(session: Session, desk: Desk, event: Event, times: Times) -> Sheet:
    now = times.now.astimezone(desk.zone)
    as_of = {"time": now.time(), "day": now.date()}
    said = _("{event}: the list as of {time}, {day}.", event=occasion.name(event), **as_of)
    content = sheets.participants(list(_rows(session, desk, event)))
    return Sheet(content, Screen((said,)), SHEET_NAME)


def _rows(session: Session, desk: Desk, event: Event) -> Iterator[list[str]]:
    """As `bot.sheets.PARTICIPANTS` heads them, in the office's own language, by school."""
    replies, there = events.replies(session, event.id), events.attendance(session, event.id)
    asked = event_duties.all_of(session, event)
    for unit in guests.invited(session, event.id):
        of_unit = [one for one in there if one.unit_id == unit.id]
        talk = _state(desk, asked.get(unit.id) if event.kind is EventKind.EXCHANGE else None)
        for row in _of_unit(session, desk, unit, replies.get(unit.id), of_unit):
            yield [*row, talk]


def _state(desk: Desk, talk: Report | None) -> str:
    return say(phrases.STATE[talk.state], desk.language) if talk else ""


def _of_unit(
    session: Session, desk: Desk, unit: Unit, reply: EventReply | None, there: list[Attendance]
) -> Iterator[list[str]]:
    said = say(occasion.REPLY[reply.reply] if reply else _("not answered yet"), desk.language)
    why = reply.why if reply and reply.reply is Reply.ABSENT else ""
    named: list[Guest] = reply.people if reply else []
    left = list(there)
    for guest in named:
        came = next((one for one in left if _is(one, guest)), None)
        if came:
            left.remove(came)
        at = local(came.at if came else None, desk)
        yield [unit.code, unit.name, *occasion.called(session, guest), said, why, at]
    for one in left:
        who = _who(session, one)
        yield [unit.code, unit.name, *who, said, why, local(one.at, desk)]
    if not named and not left:
        yield [unit.code, unit.name, "", "", said, why, ""]


def _is(there: Attendance, guest: Guest) -> bool:
    return events.is_same(there, there.unit_id, guest.get("person"), guest.get("name"))


def _who(session: Session, there: Attendance) -> tuple[str, str]:
    if there.person_id is None:
        return there.name or "", ""
    person = session.get_one(Person, there.person_id)
    return person.name, person.phone
