"""Write an event that nobody is invited to yet; it ends in the preview of its invitation."""

from collections.abc import Iterator
from datetime import date
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
    held,
)
from core.form import Form
from core.message import Message, _
from core.question import Files, Number, OneChoice, Question, Text, When
from core.roles import MAY_BROADCAST
from core.screen import Screen, number
from handlers import audience, broadcast, invited, letters, occasion
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import events, guests
from storage.broadcasts import Broadcast, Stage
from storage.conversations import Conversation
from storage.events import Event

LONGEST, LONGEST_TEAM = 200, 500  # characters


class WriteEvent(FormFlow[Event | None]):
    """One that is not sent to anybody yet; ends in the preview of its invitation."""

    name = "event"

    def subject(self, turn: Turn, subject_id: int) -> Event | None:
        may(turn)
        if subject_id == 0:
            return None
        event = not_cancelled(turn, subject_id)
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
    meant = meant_by(answers)
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
    is_inspection = When("kind", (str(EventKind.INSPECTION),))
    team = _("Who is on the team? One name in each line.")
    return (
        OneChoice("kind", _("What kind of event is it?"), options=kinds),
        Text("title", _("What is it called?"), longest=LONGEST),
        *days(turn, answers, may_be_open=True),
        Text("place", _("Where is it held?"), optional=True, longest=LONGEST),
        Text("team", team, optional=True, longest=LONGEST_TEAM, when=is_inspection),
        Text("who", _("Who should come?"), optional=True, longest=LONGEST),
        Number("seats", seats, low=Decimal(1), high=most),
        Files("files", _("Files or photos to go with it?"), optional=True, least=0),
        answer_by,
    )


def days(
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
    meant = meant_by(answers)
    since = meant.first if meant else turn.today
    is_set = DayIsSet("begins")
    yield DayToCome("last", last, optional=True, when=is_set, today=turn.today, since=since)


def meant_by(answers: Answers) -> Held | None:
    begins = answers.get("begins")
    return held(begins, answers.get("last")) if isinstance(begins, str) else None


def _take_in(event: Event, answers: Answers) -> None:
    event.kind, event.title = EventKind(answers["kind"]), answers["title"]
    event.written = answers.get("written") or event.written
    event.place, event.who = answers.get("place") or "", answers.get("who") or ""
    event.team = answers.get("team") or ""
    event.seats = answers["seats"]
    answer_by = answers.get("answer_by")
    event.answer_by = date.fromisoformat(answer_by) if answer_by else None
    event.hold(meant_by(answers))


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


# Loading


def is_allowed(turn: Turn) -> bool:
    return turn.me.role in MAY_BROADCAST


def may(turn: Turn) -> None:
    if not is_allowed(turn):
        raise Gone(_("Only the office can invite schools."))


def one(turn: Turn, about: str) -> Event:
    """Raises Gone."""
    letters.may_see(turn)
    event = events.of_office(turn.session, turn.me, number(about))
    if event is None:
        raise Gone(invited.NONE)
    return event


def not_cancelled(turn: Turn, event_id: int) -> Event:
    """One that is not cancelled. Raises Gone."""
    event = one(turn, str(event_id))
    if event.cancelled_at:
        raise Gone(_("This event is cancelled: {why}", why=event.why))
    return event
