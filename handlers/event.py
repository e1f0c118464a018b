"""The office's events: listed, made and sent to schools, given a day, moved, cancelled.

An event is made by a form, or declared by a plan whose day is still open. Its invitation is a
message to many like any other, see `handlers/broadcast.py`; what schools answer to it is in
`handlers/invited.py`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from core.events import (
    MOST_SEATS,
    OPEN,
    Beginning,
    DayIsSet,
    DayToCome,
    EventKind,
    Held,
    News,
    Reply,
    held,
)
from core.form import Form
from core.message import Message, _, ngettext, quiet, strong
from core.question import Files, Number, OneChoice, Question, Text, When
from core.roles import MAY_BROADCAST
from core.screen import Choice, Screen, number, open_flow, show
from handlers import acknowledge, audience, broadcast, invited, letters, occasion, phrases
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import events, guests
from storage.broadcasts import Broadcast, Stage
from storage.checklists import SourceDocument
from storage.conversations import Conversation
from storage.events import Event, EventReply
from storage.units import Unit

LONGEST, LONGEST_WHY = 200, 500  # characters
LOOK_BACK = timedelta(days=60)  # at events that are over


class WriteEvent(FormFlow[Event | None]):
    """One that is not sent to anybody yet; ends in the preview of its invitation."""

    name = "event"

    def subject(self, turn: Turn, subject_id: int) -> Event | None:
        _may(turn)
        if subject_id == 0:
            return None
        event = _open(turn, subject_id)
        sent = guests.invitation(turn.session, event.id)
        if sent and sent.stage is not Stage.DRAFT:
            stage = letters.STAGE[sent.stage]
            raise Gone(_("This message is already: {stage}.", stage=stage))
        return event

    def answers(self, turn: Turn, subject: Event | None, talking: Conversation) -> Answers:
        return {**(_written(turn, subject) if subject else {}), **talking.answers}

    def form(self, turn: Turn, subject: Event | None, answers: Answers) -> Form:  # noqa: ARG002
        return Form(
            _("Event"), (*_about(turn, answers), *audience.questions(turn)), reviewed=False
        )

    def finish(self, turn: Turn, subject: Event | None, answers: Answers) -> Screen:
        event = subject or Event(
            unit_id=turn.me.unit_id or 0,
            author_id=turn.me.id,
            kind=EventKind.TRAINING,
            title="",
            made_at=turn.now,
        )
        _take_in(event, answers)
        turn.session.add(event)
        turn.session.flush()
        return broadcast.preview(turn, _draft(turn, event, answers))


def _about(turn: Turn, answers: Answers) -> tuple[Question, ...]:
    """What is asked of an event itself."""
    kinds = {str(kind): label for kind, label in occasion.KIND.items()}
    meant = _meant(answers)
    answer_by = DayToCome(
        "answer_by",
        _("By which day should the schools answer?"),
        optional=True,
        today=turn.today,
        since=turn.today,
        until=meant.first if meant else None,
    )
    seats = _("How many people may one school send?")
    most = Decimal(MOST_SEATS)
    return (
        OneChoice("kind", _("What kind of event is it?"), options=kinds),
        Text("title", _("What is it called?"), longest=LONGEST),
        *_days(turn, answers, may_be_open=True),
        Text("place", _("Where is it held?"), optional=True, longest=LONGEST),
        Text("who", _("Who should come?"), optional=True, longest=LONGEST),
        Number("seats", seats, low=Decimal(1), high=most),
        Files("files", _("Files or photos to go with it?"), optional=True, least=0),
        answer_by,
    )


def _days(
    turn: Turn, answers: Answers, *, may_be_open: bool = False, under: tuple[Message, ...] = ()
) -> Iterator[Question]:
    """When it is held; where that is open, what it waits for."""
    when = _("When does it begin? Send a day and an hour.")
    now = turn.now.astimezone(turn.zone)
    yield Beginning("begins", when, now=now, may_be_open=may_be_open, under=under)
    waits = _("What does its day wait for? These words are shown meanwhile.")
    is_open = When("begins", (OPEN,))
    yield Text("written", waits, optional=True, longest=LONGEST, when=is_open)
    last = _("If it takes several days: which is the last?")
    meant = _meant(answers)
    since = meant.first if meant else turn.today
    is_set = DayIsSet("begins")
    yield DayToCome("last", last, optional=True, when=is_set, today=turn.today, since=since)


def _meant(answers: Answers) -> Held | None:
    begins = answers.get("begins")
    return held(begins, answers.get("last")) if isinstance(begins, str) else None


def _take_in(event: Event, answers: Answers) -> None:
    event.kind, event.title = EventKind(answers["kind"]), answers["title"]
    event.written = answers.get("written") or event.written
    event.place, event.who = answers.get("place") or "", answers.get("who") or ""
    event.seats = answers["seats"]
    answer_by = answers.get("answer_by")
    event.answer_by = date.fromisoformat(answer_by) if answer_by else None
    event.hold(_meant(answers))


def _draft(turn: Turn, event: Event, answers: Answers) -> Broadcast:
    """The invitation, not sent yet; it is whose hand was on it last."""
    draft = guests.invitation(turn.session, event.id, lock=True) or Broadcast(
        unit_id=event.unit_id,
        author_id=turn.me.id,
        made_at=turn.now,
        event_id=event.id,
        news=News.INVITATION,
    )
    letter = {"text": event.title, "marks": "", "files": answers.get("files") or []}
    draft.author_id = turn.me.id
    draft.written = {**answers, "letter": letter}
    draft.audience = audience.meant(turn, answers).to_json()
    draft.document_id = event.document_id
    draft.edition = (draft.edition or 0) + 1
    turn.session.add(draft)
    turn.session.flush()
    return draft


def _written(turn: Turn, event: Event) -> Answers:
    """What is answered of it already: by its draft, or by the plan that declares it."""
    draft = guests.invitation(turn.session, event.id)
    kept = dict(draft.written) if draft else {}
    kept.pop("letter", None)
    return {**kept, **_of(event)}


def _of(event: Event) -> Answers:
    said: Answers = {"kind": str(event.kind), "title": event.title, "seats": event.seats}
    if event.who:
        said["who"] = event.who
    if when := event.held:
        at = f"T{when.at:%H:%M}" if when.at else ""
        said |= {"begins": f"{when.first}{at}", "last": None}
        if when.last != when.first:
            said["last"] = when.last.isoformat()
    if event.written:
        said["written"] = event.written
    return said


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
    make = [Choice(_("Make an event"), open_flow(WriteEvent.name))] if _is_allowed(turn) else []
    looks = [occasion.look(event) for _heading, group in groups for event in group]
    return Screen(tuple(lines), (*make, *looks))


def shown(turn: Turn, about: str) -> Screen:
    """about: the id of an event."""
    return card(turn, _one(turn, about))


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
    if _is_allowed(turn) and not event.cancelled_at:
        found += _acts(turn, event, sent)
    if is_sent:
        found.append(Choice(_("Get the list as a sheet"), show("participants", id)))
    if sent and is_sent and not event.cancelled_at:
        found.append(Choice(_("Card for the Zalo group"), show("card", str(sent.id))))
    if sent:
        found.append(letters.look(sent))
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
    event = _one(turn, about)
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
        _may(turn)
        event = _open(turn, subject_id)
        if event.has_begun(turn.today):
            raise Gone(_("This event has begun, so its day stays as it is."))
        return event

    def form(self, turn: Turn, subject: Event, answers: Answers) -> Form:
        is_now = quiet(_("When: {when}", when=occasion.when(subject.held, subject.written)))
        days = tuple(_days(turn, answers, under=(is_now,)))
        return Form(occasion.name(subject), days, reviewed=False)

    def finish(self, turn: Turn, subject: Event, answers: Answers) -> Screen:
        was, meant = subject.held, _meant(answers)
        if meant is None or meant == was:
            return card(turn, subject).under(_("It is held on that day already."))
        events.hold(turn.session, subject, meant, turn.me.id, turn.now)
        news = News.MOVED if was else News.DATED
        told = guests.tell(turn.session, subject, news, turn.me.id, turn.now, was=was)
        return _done(turn, subject, told=told)


class CancelEvent(FormFlow[Event]):
    name = "event_off"

    def subject(self, turn: Turn, subject_id: int) -> Event:
        _may(turn)
        event = _open(turn, subject_id)
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
        guests.stop_inviting(turn.session, subject, turn.me.id, turn.now)
        return _done(turn, subject, told=told)


def _done(turn: Turn, event: Event, *, told: bool) -> Screen:
    said = (
        _("Everybody who is invited is told now, once.") if told else _("Nobody had to be told.")
    )
    return card(turn, event).under(strong(said))


# Loading


def _is_allowed(turn: Turn) -> bool:
    return turn.me.role in MAY_BROADCAST


def _may(turn: Turn) -> None:
    if not _is_allowed(turn):
        raise Gone(_("Only the office can invite schools."))


def _one(turn: Turn, about: str) -> Event:
    """Raises Gone."""
    letters.may_see(turn)
    event = events.of_office(turn.session, turn.me, number(about))
    if event is None:
        raise Gone(invited.NONE)
    return event


def _open(turn: Turn, event_id: int) -> Event:
    """One that is not cancelled. Raises Gone."""
    event = _one(turn, str(event_id))
    if event.cancelled_at:
        raise Gone(_("This event is cancelled: {why}", why=event.why))
    return event


def _all_events() -> Choice:
    return Choice(_("All events"), show("events"))
