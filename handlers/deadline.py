"""What is said of a report's deadline: as written, as moved, and the day to aim at."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlmodel import Session

from core.calendar import Operator, aim_on, parse_rule
from core.lateness import is_past
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
    return line_at(turn.session, report, turn.now.astimezone(turn.zone), moved)


def line_at(
    session: Session, report: Report, local: datetime, moved: Extended | None = None
) -> Message:
    """As `line`, for whoever reads it at that time at the office."""
    dates = both_dates(session, report, local.date(), moved)
    title = {"title": report.title, "dates": dates}
    if report.due_on is None:
        return _("• {title}: {dates}", **title)
    return _("• {title}: {dates} ({left})", **title, left=left(session, report, local))


def days_left(session: Session, report: Report, today: date) -> int | None:
    """To the last day in time, negative after it; None where no day is set."""
    last = lateness.last_day(session, report.deadline)
    return (last - today).days if last else None


def is_late(session: Session, report: Report, local: datetime) -> bool:
    """Whether what is sent at that time at the office would be late."""
    strict = lateness.is_strict(session)
    return is_past(report.deadline, local.replace(tzinfo=None), strict=strict)


def left(session: Session, report: Report, local: datetime) -> Message:
    """How many days are left, or how late it is."""
    days = days_left(session, report, local.date()) or 0
    if days == 0 and is_late(session, report, local) and report.due_at:
        return _("late since {time} today", time=report.due_at)
    return phrases.days_left(days)


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
