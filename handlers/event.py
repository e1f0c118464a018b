"""The office's events: listed, looked at, given a day, moved, cancelled.

An event is made by a form, see `handlers/event_form.py`, or declared by a plan whose day is still
open. Its invitation is a message to many like any other, see `handlers/broadcast.py`; what schools
answer to it is in `handlers/invited.py`.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from core.events import News, Reply
from core.form import Form
from core.message import Message, _, ngettext, quiet, strong
from core.question import OneChoice, Text
from core.screen import Choice, Screen, open_flow, show
from handlers import acknowledge, event_asking, event_duties, invited, letters, occasion, phrases
from handlers.event_form import WriteEvent, days, is_allowed, may, meant_by, not_cancelled, one
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import erasing, events, guest_names, guests
from storage import event_duties as owed
from storage.broadcasts import Broadcast, Stage
from storage.checklists import SourceDocument
from storage.events import Event, EventReply
from storage.units import Unit

LONGEST_WHY = 500  # characters
LOOK_BACK = timedelta(days=60)  # at events that are over


# What there is


def list_events(turn: Turn, _about: str) -> Screen:
    """For a school, those it is invited to."""
    if turn.me.at_a_school:
        return invited.list_invitations(turn)
    letters.may_see(turn)
    found = [e for e in events.all_of(turn.session, turn.me.unit_id or 0) if not e.cancelled_at]
    groups = [(heading, group) for heading, group in _groups(found, turn.today) if group]
    lines = [strong(_("Events"))]
    for heading, group in groups:
        lines += [heading, *map(occasion.line, group)]
    if not groups:
        lines.append(_("There is none yet."))
    make = [Choice(_("Make an event"), open_flow(WriteEvent.name))] if is_allowed(turn) else []
    looks = [occasion.look(event) for _heading, group in groups for event in group]
    return Screen(tuple(lines), (*make, *looks))


def shown(turn: Turn, about: str) -> Screen:
    """about: the id of an event."""
    return card(turn, one(turn, about))


def _groups(found: Sequence[Event], today: date) -> list[tuple[Message, list[Event]]]:
    dated = [(event, event.last_day or event.first_day) for event in found if event.first_day]
    over = [e for e, last in dated if last and today - LOOK_BACK <= last < today]
    return [
        (_("Coming"), [e for e, last in dated if last and last >= today]),
        (_("Waiting for a day"), [e for e in found if e.first_day is None]),
        (_("Over"), over[::-1]),
    ]


def card(turn: Turn, event: Event) -> Screen:
    """All that the office knows of it, and what can be done."""
    lines = [strong(occasion.name(event)), *occasion.details(event)]
    if event.document_id:
        document = turn.session.get_one(SourceDocument, event.document_id)
        clause = {"clause": event.clause, "document": document.name}
        lines.append(quiet(_("Clause {clause}, document {document}", **clause)))
    if event.cancelled_at:
        lines.append(strong(_("This event is cancelled: {why}", why=event.why)))
    sent = guests.invitation(turn.session, event.id)
    lines += _answers(turn, event, sent) if sent else [_("Nobody is invited yet.")]
    lines += event_duties.lines(turn, event)
    return Screen(tuple(lines), tuple(_moves(turn, event, sent)))


def _answers(turn: Turn, event: Event, sent: Broadcast) -> list[Message]:
    if not sent.begun_at:
        return [_("The invitation: {stage}.", stage=letters.STAGE[sent.stage])]
    replies = events.replies(turn.session, event.id)
    counts = Counter(reply.reply for reply in replies.values())
    missing = acknowledge.silent_schools(turn.session, sent)
    lines = [
        _(
            "Schools: {coming} come, {others} send somebody else, {absent} do not come, "
            "{silent} have not answered.",
            coming=counts[Reply.COMING],
            others=counts[Reply.OTHERS],
            absent=counts[Reply.ABSENT],
            silent=len(missing),
        )
    ]
    if there := len(events.attendance(turn.session, event.id)):
        lines.append(ngettext("{count} person was there.", "{count} people were there.", there))
    lines += [_absent(turn, reply) for reply in replies.values() if reply.reply is Reply.ABSENT]
    if missing:
        lines.append(_("Not answered yet ({count}):", count=len(missing)))
    return lines + acknowledge.missing_lines(missing)


def _absent(turn: Turn, reply: EventReply) -> Message:
    unit = turn.session.get_one(Unit, reply.unit_id).name
    return _("• {unit} does not come: {why}", unit=unit, why=phrases.short(reply.why))


def _moves(turn: Turn, event: Event, sent: Broadcast | None) -> list[Choice]:
    id, found = str(event.id), []
    is_sent = bool(sent and sent.begun_at)
    if is_allowed(turn) and not event.cancelled_at:
        found += _acts(turn, event, sent)
    if is_sent:
        found += event_asking.choices(turn, event)
        found.append(Choice(_("Get the list as a sheet"), show("participants", id)))
    if sent and is_sent and not event.cancelled_at:
        found.append(Choice(_("Card for the Zalo group"), show("card", str(sent.id))))
    if sent:
        found.append(letters.look(sent))
    if is_allowed(turn) and guest_names.typed(turn.session, event.id):
        found.append(Choice(_("Erase a guest's name"), open_flow(EraseGuest.name, event.id)))
    return [*found, _all_events()]


def _acts(turn: Turn, event: Event, sent: Broadcast | None) -> list[Choice]:
    id, found = str(event.id), []
    if sent is None or sent.stage is Stage.DRAFT:
        found.append(Choice(_("Invite schools"), open_flow(WriteEvent.name, event.id)))
    elif sent.begun_at and event.held:
        found.append(Choice(_("Attendance code"), show("code", id)))
        found.append(Choice(_("Tick who is there"), show("tick", id)))
    if event.held is None:
        found.append(Choice(_("Set the day"), open_flow(SetDay.name, event.id)))
    elif not event.has_begun(turn.today):
        found.append(Choice(_("Move it"), open_flow(SetDay.name, event.id)))
    if not _has_ended(event, turn.today):
        found.append(Choice(_("Cancel the event"), open_flow(CancelEvent.name, event.id)))
    return found


def _has_ended(event: Event, today: date) -> bool:
    return event.last_day is not None and event.last_day < today


def sheet(turn: Turn, about: str) -> Screen:
    """Have the list of participants written after this turn; it comes as a file."""
    event = one(turn, about)
    sent = guests.invitation(turn.session, event.id)
    if sent is None or not sent.begun_at:
        raise Gone(_("Nobody is invited yet."))
    event.sheet_for = sorted({*event.sheet_for, turn.me.id})
    made = _("The sheet is being made; it comes in a moment.")
    return Screen((made,), (occasion.look(event), _all_events()))


# Days and cancelling


class SetDay(FormFlow[Event]):
    """Give it the day that was open, or another one; everybody invited is told once."""

    name = "event_day"

    def subject(self, turn: Turn, subject_id: int) -> Event:
        may(turn)
        event = not_cancelled(turn, subject_id)
        if event.has_begun(turn.today):
            raise Gone(_("This event has begun, so its day stays as it is."))
        return event

    def form(self, turn: Turn, subject: Event, answers: Answers) -> Form:
        is_now = quiet(_("When: {when}", when=occasion.when(subject.held, subject.written)))
        asked = tuple(days(turn, answers, under=(is_now,)))
        return Form(occasion.name(subject), asked, reviewed=False)

    def finish(self, turn: Turn, subject: Event, answers: Answers) -> Screen:
        was, meant = subject.held, meant_by(answers)
        if meant is None or meant == was:
            return card(turn, subject).under(_("It is held on that day already."))
        events.hold(turn.session, subject, meant, turn.me.id, turn.now)
        news = News.MOVED if was else News.DATED
        owed.follow(turn.session, subject)
        told = guests.tell(turn.session, subject, news, turn.me.id, turn.now, was=was)
        return _done(turn, subject, told=told)


class CancelEvent(FormFlow[Event]):
    name = "event_off"

    def subject(self, turn: Turn, subject_id: int) -> Event:
        may(turn)
        event = not_cancelled(turn, subject_id)
        if _has_ended(event, turn.today):
            raise Gone(_("This event is over."))
        return event

    def form(self, turn: Turn, subject: Event, answers: Answers) -> Form:  # noqa: ARG002
        why = Text(
            "why", _("Why is it cancelled? The schools will read this."), longest=LONGEST_WHY
        )
        return Form(occasion.name(subject), (why,), reviewed=False)

    def finish(self, turn: Turn, subject: Event, answers: Answers) -> Screen:
        events.cancel(turn.session, subject, answers["why"], turn.me.id, turn.now)
        told = guests.tell(turn.session, subject, News.CANCELLED, turn.me.id, turn.now)
        owed.end(turn.session, subject, turn.me.id, turn.now)
        guests.stop_inviting(turn.session, subject, turn.me.id, turn.now)
        return _done(turn, subject, told=told)


class EraseGuest(FormFlow[Event]):
    """Take out the name and number of somebody whom a school named, and who asks for it."""

    name = "erase_guest"

    def subject(self, turn: Turn, subject_id: int) -> Event:
        may(turn)
        event = one(turn, str(subject_id))
        if not guest_names.typed(turn.session, event.id):
            raise Gone(_("No name of a guest is kept here."))
        return event

    def form(self, turn: Turn, subject: Event, answers: Answers) -> Form:  # noqa: ARG002
        named = guest_names.typed(turn.session, subject.id)
        options = {
            key: _("{name}, {unit}", name=guest["name"], unit=unit.name)
            for key, (guest, unit) in named.items()
        }
        warning = quiet(_("The name and number are erased for good; who was there still counts."))
        who = OneChoice("who", _("Whose name?"), options=options, under=(warning,))
        return Form(occasion.name(subject), (who,), reviewed=False)

    def finish(self, turn: Turn, subject: Event, answers: Answers) -> Screen:
        guest, _unit = guest_names.typed(turn.session, subject.id)[answers["who"]]
        erasing.erase_guest(turn.session, subject, guest, turn.me.id, turn.now)
        return card(turn, subject).under(strong(_("The name and number are erased.")))


def _done(turn: Turn, event: Event, *, told: bool) -> Screen:
    said = (
        _("Everybody who is invited is told now, once.") if told else _("Nobody had to be told.")
    )
    return card(turn, event).under(strong(said))


def _all_events() -> Choice:
    return Choice(_("All events"), show("events"))
