"""What is said of a report's deadline: as written, as moved, and the day to aim at."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlmodel import Session

from core.calendar import Operator, aim_on, parse_rule
from core.lateness import is_past, last_day
from core.message import Day, Message, _, quiet
from handlers import phrases
from handlers.flow import Turn
from storage import checklists, closed_days, extensions, lateness
from storage.checklists import Duty
from storage.extensions import Extended
from storage.reports import Report


def lines(turn: Turn, about: Sequence[Report]) -> dict[int, list[Message]]:
    """By id of each report its line, and below it the other deadlines that the document gives."""
    moved = extensions.extended(turn.session, [report.id for report in about])
    others = checklists.with_other_deadlines(turn.session)
    return {
        report.id: [line(turn, report, moved.get(report.id)), *also_written(others, report)]
        for report in about
    }


def line(turn: Turn, report: Report, moved: Extended | None = None) -> Message:
    """One report with its dates. moved: as in `both_dates`."""
    dates = both_dates(turn.session, report, turn.today, moved)
    title = {"title": report.title, "dates": dates}
    if report.due_on is None:
        return _("• {title}: {dates}", **title)
    return _("• {title}: {dates} ({left})", **title, left=_left(turn, report))


def days_left(turn: Turn, report: Report) -> int | None:
    """To the last day in time, negative after it; None where no day is set."""
    last = last_day(report.deadline, strict=lateness.is_strict(turn.session))
    return (last - turn.today).days if last else None


def is_late(turn: Turn, report: Report) -> bool:
    """Whether it would be late now."""
    at = turn.now.astimezone(turn.zone).replace(tzinfo=None)
    return is_past(report.deadline, at, strict=lateness.is_strict(turn.session))


def _left(turn: Turn, report: Report) -> Message:
    left = days_left(turn, report) or 0
    if left == 0 and is_late(turn, report) and report.due_at:
        return _("late since {time} today", time=report.due_at)
    return phrases.days_left(left)


def both_dates(
    session: Session, report: Report, today: date, moved: Extended | None = None
) -> Message:
    """The deadline as written, and the day to aim at where that is another and not yet past.

    moved: where the office gave more time, that and why.
    """
    if report.due_on is None:
        return _("the office has not set a date yet")
    if moved and moved.until == report.due_on:
        given = {"day": Day(moved.until), "reason": phrases.short(moved.reason)}
        return _("extended until {day} ({reason})", **given)
    written = phrases.deadline(report.due_on, report.operator, report.due_at)
    works = closed_days.works(session)
    aim = aim_on(report.due_on, report.operator, works, report.due_at)
    if aim == report.due_on or aim < today:
        return written
    return _("{deadline}, better sent on {day}", deadline=written, day=Day(aim, weekday=True))


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
