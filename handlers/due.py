"""Answer "what's due?": what a school still owes, soonest first, each with its button."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import chain

from core.message import Message, _, ngettext, quiet, strong
from core.review import HANDED_IN, OWED, State
from core.screen import Choice, Screen, open_flow, show
from core.understanding.period import Period, Span, span
from handlers import deadline, invited, phrases, presenting
from handlers.flow import Gone, Opens, Turn
from handlers.report import FillReport, ask_to_unlock
from storage import conversations, locks, people, reports, submissions
from storage.reports import Report
from storage.submissions import Submission

Presented = tuple[Report, Submission]  # a report that waits for its head, and the draft of it

SOON = 7  # days
COMING = timedelta(days=180)  # how far ahead duties that are not open yet are announced


def whats_due(turn: Turn, about: str) -> Screen:
    """about: a `Period` or two days for what is due in it, such as 2018-10-01..2018-10-31."""
    owed = _owed(turn)
    if about in list(Period):
        period = Period(about)
        return _due_in(turn, owed, span(period, turn.today), _PERIODS[period])
    if days := _days(about):
        between = {"first": days[0], "last": days[1]}
        return _due_in(turn, owed, days, _("from {first} to {last}", **between))
    now, waiting = [report for report in owed if is_open(report, turn.today)], _presented(turn)
    locked = locks.locked(turn.session, turn.me.unit_id or 0)
    events = invited.coming(turn)
    others = [*_waiting(turn, waiting), *_coming(owed, turn), *invited.lines(turn, events)]
    if not now and not locked:
        none = _("Nothing is due. Enjoy your day!")
        elsewhere = (*invited.buttons(events), *_elsewhere(turn, waiting), _menu())
        return Screen((none, *others), elsewhere)
    count = strong(ngettext("{count} report is due:", "{count} reports are due:", len(now)))
    lines = [count] if now else []
    lines += [*_groups(now, locked, turn), *others]
    choices = [*map(button, now), *map(ask_to_unlock, locked), *_about_dates(now)]
    choices += invited.buttons(events)
    return Screen(tuple(lines), (*choices, *_elsewhere(turn, waiting)))


def _days(about: str) -> Span | None:
    first, _dots, last = about.partition("..")
    try:
        return date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None


def _due_in(turn: Turn, owed: list[Report], days: Span, named: Message) -> Screen:
    """What falls due in that time; what is late already is due in any that has begun."""
    first, last = days
    since = date.min if first <= turn.today else first
    then = [r for r in owed if r.due_on and since <= r.due_on <= last]
    when = {"period": named}
    if not then:
        lines = [_("Nothing is due {period}.", **when)]
    else:
        heading = ngettext(
            "{count} report is due {period}:",
            "{count} reports are due {period}:",
            len(then),
            **when,
        )
        lines = [strong(heading), *chain.from_iterable(deadline.lines(turn, then).values())]
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
    now = open_now(turn)
    if not now:
        return whats_due(turn, "")
    choices = (*map(button, named(now, about) or now), *_without_the_head(turn, _presented(turn)))
    return Screen((_("Which report shall we fill in?"),), choices)


def open_now(turn: Turn) -> list[Report]:
    """What can be filled in today. Raises Gone for somebody who acts for no school."""
    return [report for report in _owed(turn) if is_open(report, turn.today)]


def named(some: list[Report], about: str) -> list[Report]:
    """about: ids, joined with dots."""
    ids = about.split(".")
    return [report for report in some if str(report.id) in ids]


def button(report: Report) -> Choice:
    if report.state is State.DRAFT:
        label = _("Continue {title}", title=report.title)
    elif report.state is State.RETURNED:
        label = _("Mend {title}", title=report.title)
    else:
        label = _("Fill in {title}", title=report.title)
    return Choice(label, open_flow(FillReport.name, report.id))


def way_on(report: Report) -> Choice:
    """To go on with it where the school can, else to what is due."""
    return button(report) if report.state in OWED else Choice(_("What is due"), show("due"))


def _owed(turn: Turn) -> list[Report]:
    """Raises Gone for somebody who acts for no school."""
    if not turn.me.at_a_school:
        raise Gone(_("You act for no school, so nothing is due from you."))
    return reports.owed(turn.session, turn.me.unit_id or 0)


def _presented(turn: Turn) -> list[Presented]:
    """What waits inside the school, for its head."""
    unit_id, states = turn.me.unit_id or 0, {State.AWAITING_HEAD}
    waiting = reports.of_school(turn.session, unit_id, states)
    drafts = ((report, submissions.draft_of(turn.session, report)) for report in waiting)
    return [(report, draft) for report, draft in drafts if draft]


def _waiting(turn: Turn, waiting: list[Presented]) -> list[Message]:
    lines = [_("Waiting for the head of school")] if waiting else []
    for report, draft in waiting:
        when = phrases.moment(turn, draft.presented_at or turn.now)
        lines.append(_("• {title}: presented {when}", title=report.title, when=when))
    return lines


def _elsewhere(turn: Turn, waiting: list[Presented]) -> list[Choice]:
    """What can be done about reports that are not owed any more."""
    if waiting and people.is_head(turn.session, turn.me.id, turn.me.unit_id):
        choices = [presenting.decide(report, draft) for report, draft in waiting]
    else:
        choices = _without_the_head(turn, waiting)
    if sent := reports.of_school(turn.session, turn.me.unit_id or 0, HANDED_IN):
        choices.append(Choice(_("Handed in ({count})", count=len(sent)), show("sent")))
    return choices


def _without_the_head(turn: Turn, waiting: list[Presented]) -> list[Choice]:
    return [
        presenting.send_alone(report, draft)
        for report, draft in waiting
        if presenting.is_silent(turn, report, draft)
    ]


def is_open(report: Report, today: date) -> bool:
    return report.opens_on is None or report.opens_on <= today


def _groups(now: list[Report], locked: list[Report], turn: Turn) -> Iterator[Message]:
    local = turn.now.astimezone(turn.zone)
    late = [r for r in now if deadline.is_late(turn.session, r, local)]
    dated = [r for r in now if r.due_on and r not in late]
    left = {r.id: deadline.days_left(turn.session, r, turn.today) or 0 for r in dated}
    groups = (
        (_("Overdue"), late),
        (_("Within seven days"), [r for r in now if left.get(r.id, SOON + 1) <= SOON]),
        (_("Later"), [r for r in now if left.get(r.id, 0) > SOON]),
        (_("No date set yet"), [r for r in now if r.due_on is None]),
        (_("Locked by the office"), locked),
    )
    told = deadline.lines(turn, [*now, *locked])
    for heading, group in groups:
        if group:
            yield heading
            yield from chain.from_iterable(told[report.id] for report in group)


def _about_dates(now: list[Report]) -> list[Choice]:
    """One choice of each for all of them, as a phone shows few."""
    if not any(report.due_on for report in now):
        return []
    return [
        Choice(_("Ask for more time"), show("more_time")),
        Choice(_("Into my calendar"), show("calendar")),
    ]


def _coming(owed: list[Report], turn: Turn) -> list[Message]:
    today = turn.today
    coming = [r for r in owed if r.opens_on and today < r.opens_on <= today + COMING]
    return [
        quiet(
            _(
                "Coming: {title}, {deadline}; opens on {day}.",
                title=report.title,
                deadline=deadline.both_dates(turn.session, report, today),
                day=report.opens_on,
            )
        )
        for report in coming
    ]


def _menu() -> Choice:
    return Choice(_("Open the menu"), show("menu"))
