"""Tell a school what the office has of it, when a report is due, and how to get more time."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import chain

from core.calendar import parse_rule
from core.message import Message, _, quiet, strong
from core.review import HANDED_IN, OWED
from core.screen import Choice, Screen, number, show
from handlers import contact, due, phrases
from handlers.flow import Gone, Turn
from storage import checklists, reports
from storage.checklists import Duty
from storage.reports import Report

LOOK_BACK = timedelta(days=365)  # older reports are history
MOST_SHOWN = 12  # more lines than this and a phone has to scroll


def handed(turn: Turn, about: str) -> Screen:
    """Each report of late with its state. about: ids of some, joined with dots, else ""."""
    shown = _chosen(turn, about) if about else _of_late(turn)
    lines = [strong(_("What your school has handed in"))]
    lines += [_state(turn, report) for report in shown] or [_("Nothing was asked for so far.")]
    return Screen(tuple(lines), (*_to_read(turn, shown), _due()))


def elsewhere(turn: Turn, _about: str) -> Screen:
    """For somebody who says that it is handed in already."""
    below = quiet(
        _(
            "What was sent in another way, such as on paper or over Zalo, is noted by the office; "
            "please tell your contact there."
        )
    )
    return _with(handed(turn, ""), below, contact.button())


def again(turn: Turn, _about: str) -> Screen:
    """For somebody who asks for a file."""
    below = quiet(
        _(
            "What your school sent can be read here again. Documents and templates of the office "
            "are not kept here; please ask your contact there."
        )
    )
    return _with(handed(turn, ""), below, contact.button())


def deadlines(turn: Turn, about: str) -> Screen:
    """When these reports are due. about: their ids, joined with dots."""
    shown = _chosen(turn, about)
    others = checklists.with_other_deadlines(turn.session)
    lines = [[_deadline(turn, r), *_written(turn, r), *due.also_written(others, r)] for r in shown]
    return Screen(tuple(chain.from_iterable(lines)), (*_to_fill(turn, shown), _due()))


def more_time(turn: Turn, about: str) -> Screen:
    """For somebody who asks for it. about: ids of reports, "" where none is named."""
    shown = _chosen(turn, about) if about else []
    _check_school(turn)
    lines = [_deadline(turn, report) for report in shown]
    lines.append(_("More time is given by the office; please tell your contact there why."))
    return Screen(tuple(lines), (*_to_fill(turn, shown), contact.button(), _due()))


def _chosen(turn: Turn, about: str) -> list[Report]:
    """Those of the ids that are reports of the person's school. Raises Gone for none."""
    _check_school(turn)
    found = [reports.readable(turn.session, turn.me, number(id)) for id in about.split(".")]
    mine = [report for report in found if report is not None]
    if not mine:
        raise Gone(_("There is no such report for you."))
    return mine


def _check_school(turn: Turn) -> None:
    if not turn.me.at_a_school:
        raise Gone(_("You act for no school, so nothing is due from you."))


def _of_late(turn: Turn) -> list[Report]:
    """What could be filled in during the last year, the latest first."""
    _check_school(turn)
    oldest = turn.today - LOOK_BACK
    mine = reports.of_unit(turn.session, turn.me.unit_id or 0)
    of_late = [r for r in mine if due.is_open(r, turn.today) and (r.due_on or oldest) >= oldest]
    return of_late[::-1][:MOST_SHOWN]


def _state(turn: Turn, report: Report) -> Message:
    line = {"title": report.title, "state": phrases.STATE[report.state]}
    sent = reports.last_sent(turn.session, report) if report.state in HANDED_IN else None
    if sent is None or sent.sent_at is None:
        return _("• {title}: {state}", **line)
    when = phrases.moment(turn, sent.sent_at)
    return _("• {title}: {state}, {when}, receipt {code}", **line, when=when, code=sent.receipt)


def _deadline(turn: Turn, report: Report) -> Message:
    if report.state not in OWED:
        return _state(turn, report)
    return due.line(report, turn)


def _written(turn: Turn, report: Report) -> list[Message]:
    """The deadline in the document's words, beside the rule that was made of it."""
    duty = turn.session.get_one(Duty, report.duty_id)
    if not duty.written:
        return []
    rule = phrases.rule(parse_rule(duty.due))
    said = {"written": duty.written, "clause": duty.clause, "rule": rule}
    return [quiet(_("Clause {clause} says “{written}”: {rule}.", **said))]


def _to_read(turn: Turn, shown: Iterable[Report]) -> list[Choice]:
    return [
        Choice(_("Read {title}", title=report.title), show("read", str(report.id)))
        for report in shown
        if report.state in HANDED_IN and reports.last_sent(turn.session, report)
    ]


def _to_fill(turn: Turn, shown: Iterable[Report]) -> list[Choice]:
    owed = (report for report in shown if report.state in OWED)
    return [due.button(report) for report in owed if due.is_open(report, turn.today)]


def _with(screen: Screen, line: Message, choice: Choice) -> Screen:
    return replace(screen, lines=(*screen.lines, line), choices=(*screen.choices, choice))


def _due() -> Choice:
    return Choice(_("What is due"), show("due"))
