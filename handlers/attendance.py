"""Who is there: by a code that is shown on the day and typed by those who come, or by ticks.

The code is one of an event, and works on its days alone. Wrong ones count as those of invitations
do, so that nobody guesses it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from core.events import Held
from core.message import Day, Message, Tappable, _, ngettext, quiet, strong, verbatim
from core.roles import MAY_BROADCAST
from core.screen import Choice, Enclosed, Screen, number, show
from handlers import invited, occasion, phrases
from handlers.flow import Gone, Turn
from storage import events, guests, invitations
from storage.events import PREFIX, Attendance, Event, EventReply
from storage.people import Person
from storage.units import Unit

# Those who come


def attend(turn: Turn, typed: str) -> Screen:
    """typed: the code; "" from somebody who does not know where it goes."""
    if turn.me.role is None:
        raise Gone(_("Please register first."))
    if not typed:
        return Screen((_("Please type the code that is shown there, such as SK-7QM4X2."),))
    event = _with_code(turn, typed)
    held = event.held
    unit_id = guests.seat(turn.session, event, turn.me)
    if held is None or unit_id is None:
        raise Gone(_("Your school is not on the list of this event; please tell the office."))
    if outside := _outside(turn, held):
        raise Gone(outside)
    there = Attendance(event_id=event.id, unit_id=unit_id, person_id=turn.me.id, at=turn.now)
    noted = events.note(turn.session, there)
    when = phrases.moment(turn, noted.at)
    if noted is there:
        said = _("You are on the list: {when}. Thank you for coming!", when=when)
    else:
        said = _("You are on the list already: {when}.", when=when)
    return Screen(
        (strong(occasion.name(event)), said), (Choice(_("Open the menu"), show("menu")),)
    )


def _with_code(turn: Turn, typed: str) -> Event:
    """Locked. Raises Gone, alike for every code that is none."""
    me = turn.session.get_one(Person, turn.me.id)
    try:
        invitations.may_try(turn.session, me, turn.now)
    except invitations.BadCode as bad:
        raise Gone(bad.message) from None
    event = events.with_code(turn.session, typed)
    if event is None:
        invitations.count_wrong(turn.session, me, turn.now)
        raise Gone(_("This code is not valid. Please look at it again."))
    return turn.session.get_one(Event, event.id, with_for_update=True, populate_existing=True)


def _outside(turn: Turn, held: Held) -> Message | None:
    """Why nobody can be noted now."""
    opens = held.opens(turn.zone)
    if turn.now < opens:
        at = {"time": opens.time(), "day": Day(opens.date())}
        return _("It is too early: the list opens at {time} on {day}.", **at)
    if turn.now >= held.closes(turn.zone):
        return _("It is too late: the list of this event is closed; please tell the office.")
    return None


# The office


def code(turn: Turn, about: str) -> Screen:
    """What is held up for all to see."""
    event = _to_note(turn, about)
    shown = events.code_of(turn.session, event)
    dashed = f"{PREFIX}-{shown.removeprefix(PREFIX)}"
    lines = [
        strong(occasion.name(event)),
        strong(_("Attendance code: {code}", code=dashed)),
        _("Type it to the bot, or point the camera at the picture."),
        *_window(turn, event),
        _so_far(turn, event),
    ]
    link = f"https://t.me/{turn.bot_name}?start={shown}" if turn.bot_name else ""
    if link:
        lines.append(_("Link: {link}", link=Tappable(link)))
    qr = (Enclosed(qr=link),) if link else ()
    tick_ = Choice(_("Tick who is there"), show("tick", str(event.id)))
    return Screen(tuple(lines), (tick_, occasion.look(event)), files=qr)


def _window(turn: Turn, event: Event) -> list[Message]:
    held = event.held
    if held is None:
        return []
    opens = held.opens(turn.zone)
    span = {"time": opens.time(), "day": Day(opens.date()), "last": Day(held.last)}
    return [quiet(_("It works from {time} on {day} to the end of {last}.", **span))]


def _so_far(turn: Turn, event: Event) -> Message:
    count = len(events.attendance(turn.session, event.id))
    return ngettext("{count} person was there.", "{count} people were there.", count)


@dataclass(frozen=True, slots=True)
class _Tick:
    """Somebody who can be ticked. key: names them in an action."""

    unit_id: int
    key: str
    label: Message
    person_id: int | None = None
    name: str | None = None


def tick(turn: Turn, about: str) -> Screen:
    """about: the id of an event, and behind dots the unit and the key of who is ticked, if any."""
    event_id, _dot, who = about.partition(".")
    event = _to_note(turn, event_id)
    there = events.attendance(turn.session, event.id)
    ticks = list(_ticks(turn, event, there))
    chosen = next((t for t in ticks if f"{t.unit_id}.{t.key}" == who), None)
    above = _ticked(turn, event, chosen, there) if chosen else []
    there = events.attendance(turn.session, event.id)
    lines = [*above, strong(occasion.name(event)), _so_far(turn, event)]
    lines.append(_("Tap who is there; tap again to take it back."))
    choices = [_box(event, one, there) for one in ticks]
    return Screen(tuple(lines), (*choices, occasion.look(event)))


def _ticks(turn: Turn, event: Event, there: list[Attendance]) -> Iterator[_Tick]:
    """Whom the schools named, who came besides, and each school for somebody unnamed."""
    replies = events.replies(turn.session, event.id)
    for unit in guests.invited(turn.session, event.id):
        named = list(_named(turn, unit, replies.get(unit.id)))
        people = {one.person_id for one in named}
        for known in there:
            if known.unit_id == unit.id and known.person_id not in people | {None}:
                named.append(_person(turn, unit, known.person_id or 0))
        yield from named
        if not named:
            yield _Tick(unit.id, "0", verbatim(unit.name), name="")


def _named(turn: Turn, unit: Unit, reply: EventReply | None) -> Iterator[_Tick]:
    for guest in reply.people if reply else ():
        if "person" in guest:
            yield _person(turn, unit, guest["person"])
        else:
            name = guest["name"]
            label = _("{name}, {unit}", name=name, unit=unit.name)
            yield _Tick(unit.id, f"n{crc32(name.encode()):08x}", label, name=name)


def _person(turn: Turn, unit: Unit, person_id: int) -> _Tick:
    name = phrases.name(turn.session.get_one(Person, person_id))
    label = _("{name}, {unit}", name=name, unit=unit.name)
    return _Tick(unit.id, f"p{person_id}", label, person_id=person_id)


def _known(one: _Tick, there: list[Attendance]) -> Attendance | None:
    same = (k for k in there if events.is_same(k, one.unit_id, one.person_id, one.name))
    return next(same, None)


def _box(event: Event, one: _Tick, there: list[Attendance]) -> Choice:
    is_there = _known(one, there) is not None
    label = Message("✓ {label}", {"label": one.label}) if is_there else one.label
    return Choice(label, show("tick", f"{event.id}.{one.unit_id}.{one.key}"))


def _ticked(turn: Turn, event: Event, one: _Tick, there: list[Attendance]) -> list[Message]:
    """Note it, or take a tick of the office back."""
    known = _known(one, there)
    if known and known.noted_by_id is None:
        return [_("They gave the code themselves, so they stay on the list.")]
    if known:
        events.take_back(turn.session, known, turn.me.id, turn.now)
        return []
    if too_early := _before(turn, event):
        raise Gone(too_early)
    noted = Attendance(
        event_id=event.id,
        unit_id=one.unit_id,
        person_id=one.person_id,
        name=one.name,
        noted_by_id=turn.me.id,
        at=turn.now,
    )
    events.note(turn.session, noted)
    return []


def _before(turn: Turn, event: Event) -> Message | None:
    """The office may tick later, too, from a list on paper."""
    held = event.held
    return _outside(turn, held) if held and turn.now < held.opens(turn.zone) else None


def _to_note(turn: Turn, about: str) -> Event:
    """Locked. Raises Gone."""
    if turn.me.role not in MAY_BROADCAST:
        raise Gone(_("Only the office can note who is there."))
    event = events.of_office(turn.session, turn.me, number(about))
    if event is None:
        raise Gone(invited.NONE)
    if event.cancelled_at:
        raise Gone(_("This event is cancelled: {why}", why=event.why))
    sent = guests.invitation(turn.session, event.id)
    if event.held is None or sent is None or not sent.begun_at:
        raise Gone(_("First set the day of this event, and invite schools."))
    return event
