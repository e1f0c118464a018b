"""Answer "what's due?": what a school still owes, soonest first, each with its button."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import chain

from core.calendar import IsWorking, Operator, aim_on, is_working, parse_rule
from core.message import Day, Message, _, ngettext, quiet, strong
from core.review import State
from core.screen import Choice, Screen, open_flow, show
from core.understanding.period import Period, span
from handlers import phrases
from handlers.flow import Gone, Opens, Turn
from handlers.report import FillReport
from storage import checklists, closed_days, conversations, reports
from storage.checklists import Duty
from storage.reports import Report

COMING = timedelta(days=180)  # how far ahead duties that are not open yet are announced


def whats_due(turn: Turn, about: str) -> Screen:
    """about: a `Period` for what is due in it, else ""."""
    owed = _owed(turn)
    if about in list(Period):
        return _due_in(turn, owed, Period(about))
    now = [report for report in owed if is_open(report, turn.today)]
    if not now:
        lines = [_("Nothing is due. Enjoy your day!")]
        return Screen((*lines, *_coming(owed, turn.today)), (_menu(),))
    week_ends = turn.today + timedelta(days=7)
    lines = [strong(ngettext("{count} report is due:", "{count} reports are due:", len(now)))]
    lines += _group(_("Overdue"), [r for r in now if _days(r, turn) < 0], turn)
    lines += _group(_("Within seven days"), [r for r in now if 0 <= _days(r, turn) <= 7], turn)
    later = [r for r in now if r.due_on and r.due_on > week_ends]
    lines += _group(_("Later"), later, turn)
    lines += _group(_("No date set yet"), [r for r in now if r.due_on is None], turn)
    lines += _coming(owed, turn.today)
    return Screen(tuple(lines), (*(button(report) for report in now), _into_calendar()))


def _due_in(turn: Turn, owed: list[Report], period: Period) -> Screen:
    """What falls due in that time; what is late already is due in any that has begun."""
    first, last = span(period, turn.today)
    since = date.min if first <= turn.today else first
    then = [r for r in owed if r.due_on and since <= r.due_on <= last]
    when = {"period": _PERIODS[period]}
    if not then:
        lines = [_("Nothing is due {period}.", **when)]
    else:
        heading = ngettext(
            "{count} report is due {period}:",
            "{count} reports are due {period}:",
            len(then),
            **when,
        )
        lines = [strong(heading), *(line(report, turn) for report in then)]
    buttons = [button(report) for report in then if is_open(report, turn.today)]
    return Screen(tuple(lines), (*buttons, Choice(_("All that is due"), show("due"))))


_PERIODS: Mapping[Period, Message] = {
    Period.TODAY: _("today"),
    Period.TOMORROW: _("tomorrow"),
    Period.THIS_WEEK: _("this week"),
    Period.NEXT_WEEK: _("next week"),
    Period.THIS_MONTH: _("this month"),
    Period.NEXT_MONTH: _("next month"),
    Period.THIS_QUARTER: _("this quarter"),
    Period.THIS_YEAR: _("this year"),
    Period.THIS_SCHOOL_YEAR: _("this school year"),
}


def fill(turn: Turn, about: str) -> Screen | Opens:
    """Continue the report in hand, or choose one. about: ids of some, joined with dots."""
    talking = conversations.current(turn.session, turn.me)
    if talking and talking.flow == FillReport.name:
        return Opens(FillReport.name, talking.subject_id)
    now = [report for report in _owed(turn) if is_open(report, turn.today)]
    named = about.split(".")
    now = [report for report in now if str(report.id) in named] or now
    if not now:
        return whats_due(turn, "")
    choices = tuple(button(report) for report in now)
    return Screen((_("Which report shall we fill in?"),), choices)


def button(report: Report) -> Choice:
    if report.state is State.DRAFT:
        label = _("Continue {title}", title=report.title)
    else:
        label = _("Fill in {title}", title=report.title)
    return Choice(label, open_flow(FillReport.name, report.id))


def both_dates(report: Report, today: date, works: IsWorking = is_working) -> Message:
    """The deadline as written, and the day to aim at where that is another and not yet past.

    works: see `storage.closed_days`.
    """
    if report.due_on is None:
        return _("the office has not set a date yet")
    written = phrases.deadline(report.due_on, report.operator, report.due_at)
    aim = aim_on(report.due_on, report.operator, works, report.due_at)
    if aim == report.due_on or aim < today:
        return written
    return _("{deadline}, better sent on {day}", deadline=written, day=Day(aim, weekday=True))


def _owed(turn: Turn) -> list[Report]:
    """Raises Gone for somebody who acts for no school."""
    if not turn.me.at_a_school:
        raise Gone(_("You act for no school, so nothing is due from you."))
    return reports.owed(turn.session, turn.me.unit_id or 0)


def is_open(report: Report, today: date) -> bool:
    return report.opens_on is None or report.opens_on <= today


def _days(report: Report, turn: Turn) -> int:
    """Days left; far away where no date is set."""
    return (report.due_on - turn.today).days if report.due_on else 10_000


def _group(heading: Message, group: list[Report], turn: Turn) -> Iterable[Message]:
    if not group:
        return []
    others = checklists.with_other_deadlines(turn.session)
    lines = [[line(report, turn), *also_written(others, report)] for report in group]
    return [heading, *chain.from_iterable(lines)]


def also_written(others: Mapping[int, Duty], report: Report) -> list[Message]:
    """Other deadlines that the document gives for the same, so that nobody is misled by one.

    others: see `storage.checklists`.
    """
    duty = others.get(report.duty_id)
    return [
        quiet(_also(part, due_on, found.operator))
        for part in (duty.also or [] if duty else [])
        for found in parse_rule(part["due"]).occurrences()
        if found.period == report.period and (due_on := found.due_on)
    ]


def _also(part: Mapping[str, str], due_on: date, operator: Operator) -> Message:
    return _(
        "The document also says “{written}” (clause {clause}): {deadline}.",
        written=part["written"],
        clause=part["clause"],
        deadline=phrases.deadline(due_on, operator),
    )


def line(report: Report, turn: Turn) -> Message:
    works = closed_days.works(turn.session)
    title = {"title": report.title, "dates": both_dates(report, turn.today, works)}
    if report.due_on is None:
        return _("• {title}: {dates}", **title)
    return _("• {title}: {dates} ({left})", **title, left=phrases.days_left(_days(report, turn)))


def _coming(owed: list[Report], today: date) -> list[Message]:
    coming = [r for r in owed if r.opens_on and today < r.opens_on <= today + COMING]
    return [
        quiet(
            _(
                "Coming: {title}, {deadline}; opens on {day}.",
                title=report.title,
                deadline=both_dates(report, today),
                day=report.opens_on,
            )
        )
        for report in coming
    ]


def _into_calendar() -> Choice:
    return Choice(_("Into my calendar"), show("calendar"))


def _menu() -> Choice:
    return Choice(_("Open the menu"), show("menu"))
