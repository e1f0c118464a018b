"""What a school owes because of an event, shown to it and to the office."""

from collections.abc import Sequence

from core import writing
from core.events import EventKind
from core.message import Message, _, strong, verbatim
from core.review import OWED, TO_COME, State
from core.screen import Choice, Enclosed, Screen, number, open_flow, show
from handlers import deadline, office, phrases
from handlers.asking import found
from handlers.flow import Gone, Turn
from handlers.report import FillReport
from storage import event_duties, guests, reports
from storage.events import Event
from storage.reports import Report

MOST_SHOWN = 20  # schools; more would fill a phone


def finding(turn: Turn, about: str) -> Screen:
    """What was found at a school, with its files. about: the report's id."""
    report = reports.readable(turn.session, turn.me, number(about))
    if report is None or report.finding is None:
        raise Gone(_("There is no such report for you."))
    choices = to_do(report) if turn.me.at_a_school else [office.look(report)]
    return found_at(turn, report, choices)


def found_at(turn: Turn, report: Report, choices: Sequence[Choice]) -> Screen:
    dates = deadline.both_dates(turn.session, report, turn.today)
    by = _("To be remedied: {dates}.", dates=dates)
    enclosed = tuple(map(Enclosed, writing.uploads(report.finding or {})))
    lines = (strong(verbatim(report.title)), *found(report), by)
    return Screen(lines, tuple(choices), files=enclosed)


def of_school(turn: Turn, event: Event) -> tuple[list[Message], list[Choice]]:
    """For the school's card of an event."""
    report = event_duties.of_school(turn.session, event, turn.me.unit_id or 0)
    if report is None:
        return [], []
    moves = to_do(report)
    if report.finding:
        moves.append(Choice(_("See what was found"), show("finding", str(report.id))))
    return [_line(turn, verbatim(report.title), report)], moves


def to_do(report: Report) -> list[Choice]:
    """How the school answers."""
    if report.state not in OWED:
        return []
    label = _("✅ It is remedied") if report.finding else _("Send the talk")
    return [Choice(label, open_flow(FillReport.name, report.id))]


def lines(turn: Turn, event: Event) -> list[Message]:
    """For the office's card: how many have answered, and who has not."""
    every = event_duties.all_of(turn.session, event).values()
    known = [one for one in every if one.state is not State.EXCUSED]
    if not known:
        return []
    missing = [one for one in known if one.standing in TO_COME]
    counts = {"done": len(known) - len(missing), "all": len(known)}
    names = {unit.id: unit.name for unit in guests.invited(turn.session, event.id)}
    rows = [_line(turn, verbatim(names.get(one.unit_id, "")), one) for one in missing]
    if event.kind is EventKind.EXCHANGE:
        return [_("Talks: {done} of {all} are here.", **counts), *rows[:MOST_SHOWN]]
    counted = _("{done} of {all} schools say that what was found is remedied.", **counts)
    return [counted, *rows[:MOST_SHOWN]]


def _line(turn: Turn, name: Message, report: Report) -> Message:
    dates = deadline.both_dates(turn.session, report, turn.today)
    of = {"name": name, "state": phrases.STATE[report.state], "dates": dates}
    return _("• {name}: {state}; {dates}", **of)
