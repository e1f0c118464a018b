"""The office asks single schools for something because of an event: a remedy, or a talk."""

from datetime import date, timedelta

from core.events import DayToCome, EventKind
from core.form import Form
from core.message import Day, _, strong, verbatim
from core.question import OneChoice
from core.review import OWED
from core.screen import Choice, Screen, open_flow, show
from core.writing import Writing
from handlers import audience, deadline, event_duties, event_form, occasion, office
from handlers.flow import Answers, FormFlow, Gone, Turn
from storage import event_duties as owed
from storage import guests, nudges, people
from storage.events import Event
from storage.reports import Report
from storage.units import Unit


class WriteFinding(FormFlow[Event]):
    """What an inspection found at one school, and by when that is to be remedied."""

    name = "finding"

    def subject(self, turn: Turn, subject_id: int) -> Event:
        event = _to_ask(turn, subject_id, EventKind.INSPECTION)
        if not event.has_begun(turn.today):
            raise Gone(_("What was found is written once the inspection has begun."))
        if not _unsettled(turn, event):
            raise Gone(_("Every school has answered already."))
        return event

    def form(self, turn: Turn, subject: Event, answers: Answers) -> Form:  # noqa: ARG002
        names = {str(unit.id): verbatim(unit.name) for unit in _unsettled(turn, subject)}
        what = _("What was found there? Write it; files and photos may go with it.")
        tomorrow = turn.today + timedelta(1)
        by = _("By which day shall the school answer that it is remedied?")
        asked = (
            OneChoice("school", _("At which school?"), options=names),
            Writing("finding", what),
            DayToCome("due", by, today=turn.today, since=tomorrow),
        )
        return Form(occasion.name(subject), asked, reviewed=False)

    def finish(self, turn: Turn, subject: Event, answers: Answers) -> Screen:
        unit = turn.session.get_one(Unit, int(answers["school"]))
        due_on = date.fromisoformat(answers["due"])
        args = (answers["finding"], due_on, turn.me.id, turn.now)
        report = owed.find(turn.session, subject, unit, *args)
        _tell_school(turn, report, event_duties.found_at(turn, report, event_duties.to_do(report)))
        said = {"unit": unit.name, "day": Day(due_on)}
        done = _("{unit} has it now, and answers by {day}.", **said)
        return Screen((strong(done),), (_again(subject), occasion.look(subject)))


def _again(event: Event) -> Choice:
    return Choice(_("Write what was found"), open_flow(WriteFinding.name, event.id))


def _unsettled(turn: Turn, event: Event) -> list[Unit]:
    """The invited schools that have not handed in what they did about a finding."""
    known = owed.all_of(turn.session, event)
    settled = {id for id, report in known.items() if report.state not in OWED}
    return [unit for unit in guests.invited(turn.session, event.id) if unit.id not in settled]


class AskForTalks(FormFlow[Event]):
    """Schools that are to speak, and to send what they will say before the day."""

    name = "talks"

    def subject(self, turn: Turn, subject_id: int) -> Event:
        event = _to_ask(turn, subject_id, EventKind.EXCHANGE)
        if event.has_begun(turn.today):
            raise Gone(_("This event has begun, so no talk can be asked for any more."))
        return event

    def form(self, turn: Turn, subject: Event, answers: Answers) -> Form:  # noqa: ARG002
        invited = guests.invited(turn.session, subject.id)
        names = tuple((unit.id, unit.name) for unit in invited)
        which = audience.Schools("schools", _("Which schools shall give a talk?"), names=names)
        return Form(occasion.name(subject), (which,), reviewed=False)

    def finish(self, turn: Turn, subject: Event, answers: Answers) -> Screen:
        for unit_id in answers["schools"]:
            unit = turn.session.get_one(Unit, unit_id)
            report = owed.ask_for_talk(turn.session, subject, unit, turn.me.id, turn.now)
            if report:
                _tell_school(turn, report, _asked(turn, subject, report))
        done = strong(_("The schools are told, and are reminded until the text is here."))
        return Screen((done, *event_duties.lines(turn, subject)), (occasion.look(subject),))


def _asked(turn: Turn, event: Event, report: Report) -> Screen:
    """For a school that is to give a talk."""
    dates = deadline.both_dates(turn.session, report, turn.today)
    asks = strong(_("Your school is asked to give a talk at {event}.", event=event.title))
    send = _("Please send its text before the day: {dates}.", dates=dates)
    return Screen((asks, send), tuple(event_duties.to_do(report)))


def _to_ask(turn: Turn, event_id: int, kind: EventKind) -> Event:
    """Locked. Raises Gone."""
    event_form.may(turn)
    event = event_form.not_cancelled(turn, event_id)
    sent = guests.invitation(turn.session, event.id)
    if event.kind is not kind or sent is None or not sent.begun_at:
        raise Gone(_("First invite schools to an event of that kind."))
    return event


def _tell_school(turn: Turn, report: Report, screen: Screen) -> None:
    """This is how the school hears of it, so no reminder says it again as new."""
    office.tell_school(turn, report, screen)
    held = [person.id for person in people.at_school(turn.session, report.unit_id)]
    nudges.heard(turn.session, report, held, turn.today, turn.now)


def choices(turn: Turn, event: Event) -> list[Choice]:
    """For the office's card, by who may act."""
    moves, begun = [], event.has_begun(turn.today)
    if event_form.is_allowed(turn):
        if event.kind is EventKind.INSPECTION and begun:
            moves.append(_again(event))
        if event.kind is EventKind.EXCHANGE and not begun:
            moves.append(Choice(_("Ask for talks"), open_flow(AskForTalks.name, event.id)))
    if duty := owed.duty_of(turn.session, event):
        moves.append(Choice(verbatim(duty.title), show("status", f"{duty.id}.")))
    return moves
