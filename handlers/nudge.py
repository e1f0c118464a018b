"""The one message a day: what is overdue, today, this week, returned and unread, each with its
button; what else waits for its reader; and for officers the schools that are late.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from core.ladder import PUBLISHING
from core.message import Day, Message, _, ngettext, quiet, strong
from core.review import State
from core.roles import AT_A_SCHOOL, Standing
from core.screen import Choice, Screen, joined, show
from handlers import daily, deadline, due, overdue
from storage import extensions, people, reports, reviews
from storage.daily_lines import DailyLine, Kind
from storage.overdue import last_day as last_before_lock
from storage.reports import Report

MOST_BUTTONS = 6
WEEK = 7  # days
LOCKED_SOON = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Due:
    """One report that somebody is to be reminded of, and the rung that has come."""

    report: Report
    rung: int


def screen(
    session: Session,
    person_id: int,
    about: Sequence[Due],
    local: datetime,
    besides: Sequence[DailyLine] = (),
) -> Screen:
    """One message about all that somebody has to know. about, besides: why it is sent.

    local: when they read it, by the clock of the office.
    """
    held = [
        (post, unit)
        for post, unit in people.posts_of(session, person_id)
        if post.standing is Standing.ACTIVE
    ]
    schools = {unit.id for post, unit in held if post.role in AT_A_SCHOOL}
    mine = [item for item in about if item.report.unit_id in schools]
    others = [item for item in about if item.report.unit_id not in schools]
    parts = []
    if mine or any(line.kind is not Kind.TO_REVIEW for line in besides):
        parts.append(_own(session, person_id, sorted(schools), mine, local))
        parts.append(daily.section(session, besides))
    parts.append(overdue.section(session, others, local.date()))
    if any(post.role not in AT_A_SCHOOL for post, _unit in held):
        parts.append(daily.to_receive(session, person_id, local))
    return joined([*parts, Screen((), again(local.date()))])


def _own(
    session: Session, person_id: int, units: Sequence[int], mine: Sequence[Due], local: datetime
) -> Screen:
    """For somebody at a school: what it owes, and what nobody there has read."""
    day = local.date()
    named = {report.id: report for report in _once([item.report for item in mine])}
    owed = {
        report.id: report
        for unit_id in units
        for report in reports.owed(session, unit_id)
        if report.due_on and due.is_open(report, day) and _days(session, report, day) <= WEEK
    }
    for untold in reviews.being_decided(session, owed.keys() - named.keys()):
        del owed[untold]
    told = sorted({**owed, **named}.values(), key=lambda one: (one.due_on or date.max, one.id))
    count = ngettext("A reminder: {count} report", "A reminder: {count} reports", len(told))
    unread = daily.unread(session, person_id, local)
    heading = strong(count if told else _("A reminder"))
    lines = [heading, *_sections(session, told, mine, local), *unread.lines]
    buttons = [due.button(report) for report in told[:MOST_BUTTONS]]
    return Screen(tuple(lines), (*buttons, *unread.choices, Choice(_("What is due"), show("due"))))


def _once(named: Sequence[Report]) -> Iterator[Report]:
    """Of what is asked each year and has no date yet, only the first year."""
    said: set[tuple[int, int]] = set()
    for report in sorted(named, key=lambda one: one.period):
        duty = report.duty_id, report.unit_id
        if report.due_on or duty not in said:
            yield report
        if report.due_on is None:
            said.add(duty)


def _sections(
    session: Session, told: Sequence[Report], mine: Sequence[Due], local: datetime
) -> Iterator[Message]:
    new = {item.report.id for item in mine if item.rung == PUBLISHING}
    returned = [one for one in told if one.state is State.RETURNED]
    rest = [one for one in told if one.state is not State.RETURNED]
    announced = [one for one in rest if one.id in new]
    rest = [one for one in rest if one.id not in new]
    late = [one for one in rest if deadline.is_late(session, one, local)]
    left = {one.id: _days(session, one, local.date()) for one in rest if one not in late}
    groups = (
        (_("Overdue"), late),
        (_("Today"), [one for one in rest if left.get(one.id) == 0]),
        (_("Within seven days"), [one for one in rest if 0 < left.get(one.id, 0) <= WEEK]),
        (_("Later"), [one for one in rest if left.get(one.id, 0) > WEEK]),
        (_("Returned by the office"), returned),
        (_("New"), announced),
    )
    moved = extensions.extended(session, [report.id for report in told])
    for heading, group in groups:
        lines = [line for one in group for line in _line(session, one, local, moved.get(one.id))]
        yield from daily.headed(heading, lines)


def _line(
    session: Session, report: Report, local: datetime, moved: extensions.Extended | None
) -> Iterator[Message]:
    yield deadline.line_at(session, report, local, moved)
    last = last_before_lock(session, report)
    if last and timedelta(0) <= last - local.date() <= LOCKED_SOON:
        yield quiet(_("After {day} it is locked.", day=Day(last, weekday=True)))


def _days(session: Session, report: Report, day: date) -> int:
    return deadline.days_left(session, report, day) or 0


def again(day: date) -> tuple[Choice, ...]:
    """day: of the message, so that an old one's buttons ask for nothing."""
    return (
        Choice(_("Again this afternoon"), show("later", f"afternoon.{day}")),
        Choice(_("Again tomorrow"), show("later", f"tomorrow.{day}")),
    )


def kind(session: Session, item: Due, day: date) -> str:
    """ "published", "before", "on the day" or "after", for those who read a list of reminders."""
    left = _days(session, item.report, day)
    if item.rung == PUBLISHING:
        return "published"
    if left == 0:
        return "on the day"
    return "before" if left > 0 else "after"


AFTERNOON = timedelta(hours=14)  # after midnight
AT_LEAST = timedelta(hours=2)  # until somebody wants to be reminded again


def afternoon(now: datetime, midnight: datetime) -> datetime:
    """When somebody is reminded who asked for the afternoon. midnight: of the same day."""
    return max(midnight + AFTERNOON, now + AT_LEAST)
