"""How an event reads: what it is, when and where it is held, and what is told about it."""

from collections.abc import Mapping

from sqlmodel import Session

from core.events import EventKind, Held, News, Reply
from core.message import Day, Message, _, quiet, strong, verbatim
from core.screen import Choice, open_flow, show
from storage.broadcasts import Broadcast
from storage.events import Event, EventReply, Guest
from storage.people import Person

KIND: Mapping[EventKind, Message] = {
    EventKind.TRAINING: _("Training"),
    EventKind.EXCHANGE: _("Exchange of experience"),
    EventKind.CONTEST: _("Contest"),
    EventKind.INSPECTION: _("Inspection"),
    EventKind.MEETING: _("Meeting"),
}

REPLY: Mapping[Reply, Message] = {
    Reply.COMING: _("comes"),
    Reply.OTHERS: _("sends somebody else"),
    Reply.ABSENT: _("does not come"),
}


def name(event: Event) -> Message:
    return verbatim(event.title)


def when(held: Held | None, written: str = "") -> Message:
    """written: what a document says about the day."""
    if held is None:
        return _("no day yet (“{words}”)", words=written) if written else _("no day yet")
    first = Day(held.first, weekday=True, year=True)
    day = Message("{day}", {"day": first})
    begins = _("{time}, {day}", time=held.at, day=first) if held.at else day
    if held.last == held.first:
        return begins
    return _("{first} until {last}", first=begins, last=Day(held.last, weekday=True, year=True))


def line(event: Event) -> Message:
    """For a list."""
    about = {"event": name(event), "when": when(event.held, event.written)}
    if event.place:
        return _("• {event}: {when}, {place}", **about, place=event.place)
    return _("• {event}: {when}", **about)


def details(event: Event) -> list[Message]:
    """All that is said of it under its name."""
    lines = [quiet(KIND[event.kind]), _("When: {when}", when=when(event.held, event.written))]
    if event.place:
        lines.append(_("Where: {place}", place=event.place))
    if event.team:
        names = [Message("• {name}", {"name": name}) for name in event.team.splitlines()]
        lines += [_("The team:"), *names]
    if event.who:
        lines.append(_("Who: {people}", people=event.who))
    if event.seats > 1:
        lines.append(_("Up to {count} people of a school", count=event.seats))
    if event.answer_by:
        lines.append(_("Please answer by {day}.", day=Day(event.answer_by)))
    return lines


def told(session: Session, broadcast: Broadcast) -> list[Message]:
    """What a message of the office tells about an event, below its title."""
    event = session.get_one(Event, broadcast.event_id)
    if broadcast.news is News.CANCELLED:
        was = _("When: {when}", when=when(event.held, event.written))
        return [strong(_("This event is cancelled: {why}", why=event.why)), was]
    return [*_news(broadcast), *details(event)]


def _news(broadcast: Broadcast) -> list[Message]:
    if broadcast.news is News.DATED:
        return [strong(_("The day of this event is set."))]
    was = broadcast.written.get("was")
    if broadcast.news is News.MOVED and was:
        return [strong(_("This event is moved. It was: {when}.", when=when(Held.from_json(was))))]
    return [strong(_("Your school is invited."))]


def choices(event_id: int) -> tuple[Choice, ...]:
    """How a school answers."""
    return (
        Choice(_("✅ We come"), show("come", str(event_id))),
        Choice(_("👥 Send somebody else"), open_flow("others", event_id)),
        Choice(_("✖ We cannot come"), open_flow("absent", event_id)),
    )


def look(event: Event) -> Choice:
    """For the office."""
    return Choice(name(event), show("event", str(event.id)))


def open_invitation(event: Event) -> Choice:
    """For a school."""
    return Choice(name(event), show("invited", str(event.id)))


def guest(session: Session, one: Guest) -> Message:
    """One of those a school names."""
    who, phone = called(session, one)
    if phone:
        return _("{name}, {phone}", name=who, phone=phone)
    return verbatim(who) if who else _("somebody who has left")


def called(session: Session, one: Guest) -> tuple[str, str]:
    """Name and phone; "" for somebody whose data are erased."""
    if "person" in one:
        person = session.get_one(Person, one["person"])
        return person.name, person.phone
    return one["name"], one["phone"]


def answer(session: Session, reply: EventReply) -> list[Message]:
    """What a school said."""
    if reply.reply is Reply.ABSENT:
        return [_("Your school does not come: {why}", why=reply.why)]
    return [
        strong(_("Your school comes:")),
        *(Message("• {guest}", {"guest": guest(session, one)}) for one in reply.people),
    ]
