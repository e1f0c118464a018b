"""Tell a school what the office has of it, and when a report is due."""

from collections.abc import Iterable
from datetime import timedelta

from core.calendar import parse_rule
from core.message import Message, _, quiet, strong
from core.review import HANDED_IN, OWED
from core.screen import Choice, Screen, number, show
from handlers import before, contact, deadline, due, phrases, sent, version
from handlers.flow import Gone, Turn
from storage import checklists, extensions, reports, submissions
from storage.checklists import Duty
from storage.extensions import Extended
from storage.reports import Report

LOOK_BACK = timedelta(days=365)  # older reports are history
MOST_SHOWN = 12  # more lines than this and a phone has to scroll


def handed(turn: Turn, about: str) -> Screen:
    """Each report of late with its state. about: ids of some, joined with dots, else ""."""
    shown = _chosen(turn, about) if about else _of_late(turn)
    lines = [strong(_("What your school has handed in"))]
    lines += [_state(turn, report) for report in shown] or [_("Nothing was asked for so far.")]
    return Screen(tuple(lines), (*_to_read(turn, shown), _due()))


def already(turn: Turn, _about: str) -> Screen:
    """For somebody who says that it is handed in already: what the office has of it."""
    below = quiet(
        _(
            "What was sent in another way, such as on paper or over Zalo, is noted by the office; "
            "please tell your contact there."
        )
    )
    here = sent.handed_in(turn, "")
    return Screen((*here.lines, below), (*here.choices, contact.button()))


def deadlines(turn: Turn, about: str) -> Screen:
    """When these reports are due. about: their ids, joined with dots."""
    shown = _chosen(turn, about)
    moved = extensions.extended(turn.session, [report.id for report in shown])
    others = checklists.with_other_deadlines(turn.session)
    lines: list[Message] = []
    for report in shown:
        lines.append(_deadline(turn, report, moved.get(report.id)))
        lines += [*_written(turn, report), *_counted(turn, report)]
        lines += deadline.also_written(others, report)
    return Screen(tuple(lines), (*_to_fill(turn, shown), _due()))


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
    line = {"title": report.title, "state": version.standing(turn, report)}
    found = submissions.last_sent(turn.session, report) if report.state in HANDED_IN else None
    if found is None or found.sent_at is None:
        return _("• {title}: {state}", **line)
    when = phrases.moment(turn, found.sent_at)
    return _("• {title}: {state}, {when}, receipt {code}", **line, when=when, code=found.receipt)


def _deadline(turn: Turn, report: Report, moved: Extended | None) -> Message:
    if report.state not in OWED:
        return _state(turn, report)
    return deadline.line(turn, report, moved)


def _written(turn: Turn, report: Report) -> list[Message]:
    """The deadline in the document's words, beside the rule that was made of it."""
    duty = turn.session.get_one(Duty, report.duty_id)
    if not duty.written:
        return []
    rule = phrases.rule(parse_rule(duty.due))
    said = {"written": duty.written, "clause": duty.clause, "rule": rule}
    if not duty.clause:
        return [quiet(_("The document says “{written}”: {rule}.", **said))]
    return [quiet(_("Clause {clause} says “{written}”: {rule}.", **said))]


def _counted(turn: Turn, report: Report) -> list[Message]:
    return before.said(turn, report) if report.state in OWED else []


def _to_read(turn: Turn, shown: Iterable[Report]) -> list[Choice]:
    return [
        Choice(_("Read {title}", title=report.title), show("read", str(report.id)))
        for report in shown
        if report.state in HANDED_IN and submissions.last_sent(turn.session, report)
    ]


def _to_fill(turn: Turn, shown: Iterable[Report]) -> list[Choice]:
    owed = (report for report in shown if report.state in OWED)
    return [due.button(report) for report in owed if due.is_open(report, turn.today)]


def _due() -> Choice:
    return Choice(_("What is due"), show("due"))
