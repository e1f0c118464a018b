"""Make the lists of an event's participants that the office waits for, and send them as files."""

from collections.abc import Iterator

from sqlalchemy import Engine
from sqlmodel import Session, select

from bot import sheets
from bot.i18n import say
from bot.inbound import Desk, Times
from bot.receipts import Clerk, local
from core.events import Reply
from core.message import _
from core.screen import Screen
from handlers import occasion
from storage import events, guests
from storage.events import Attendance, Event, EventReply, Guest
from storage.people import Person
from storage.units import Unit

SHEET_NAME = "nguoi-du.xlsx"


def write_wanted(clerk: Clerk, times: Times) -> int:
    """Return how many messages were written to the outbox."""
    return sum(_write(clerk, event_id, times) for event_id in _wanted(clerk.engine))


def _wanted(engine: Engine) -> list[int]:
    with Session(engine) as session:
        return [id for id, people in session.exec(select(Event.id, Event.sheet_for)) if people]


def _write(clerk: Clerk, event_id: int, times: Times) -> int:
    """Bytes first, the message that encloses them after; made again after a kill between."""
    now = times.now.astimezone(clerk.desk.zone)
    with Session(clerk.engine) as session:
        event = session.get_one(Event, event_id)
        content = sheets.participants(list(_rows(session, clerk.desk, event)))
        title, wanted = occasion.name(event), event.sheet_for
    as_of = {"time": now.time(), "day": now.date()}
    screen = Screen((_("{event}: the list as of {time}, {day}.", event=title, **as_of),))
    file = clerk.keep(content, SHEET_NAME)
    with Session(clerk.engine) as session:
        event = session.get_one(Event, event_id, with_for_update=True)
        event.sheet_for = [id for id in event.sheet_for if id not in wanted]
        return clerk.send(session, wanted, screen, file, times)


def _rows(session: Session, desk: Desk, event: Event) -> Iterator[list[str]]:
    """As `bot.sheets.PARTICIPANTS` heads them, in the office's own language, by school."""
    replies, there = events.replies(session, event.id), events.attendance(session, event.id)
    for unit in guests.invited(session, event.id):
        of_unit = [one for one in there if one.unit_id == unit.id]
        yield from _of_unit(session, desk, unit, replies.get(unit.id), of_unit)


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
