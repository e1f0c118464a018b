"""Whether a report came in time: one rule for receipts, boards and reading."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from core.calendar import Deadline, Operator


class Lateness(StrEnum):
    """WITH_LEAVE: after the time that the document names, within that which the office gave."""

    IN_TIME = "in time"
    WITH_LEAVE = "late with leave"
    LATE = "late"


def lateness(
    sent_at: datetime, due: Deadline, written: Deadline | None = None, *, strict: bool = False
) -> Lateness:
    """sent_at: the time at the office, without a zone.

    due: with every extension. written: the document's own, None where it was never moved.
    strict: whether "before" a day, or an hour, leaves that day or minute out.
    """
    if is_past(due, sent_at, strict=strict):
        return Lateness.LATE
    if written is not None and is_past(written, sent_at, strict=strict):
        return Lateness.WITH_LEAVE
    return Lateness.IN_TIME


def is_past(due: Deadline, at: datetime, *, strict: bool) -> bool:
    """Whether what is sent at this time, to the minute, is late; never where no day is set."""
    last = last_day(due, strict=strict)
    if last is None or at.date() != last or due.due_at is None:
        return last is not None and at.date() > last
    minute = at.time().replace(second=0, microsecond=0)
    return minute >= due.due_at if _leaves_out(due, strict) else minute > due.due_at


def last_day(due: Deadline, *, strict: bool) -> date | None:
    """The last day on which a report is in time; that of its hour, where one is named."""
    if due.due_on is None or due.due_at is not None:
        return due.due_on
    return due.due_on - timedelta(_leaves_out(due, strict))


def _leaves_out(due: Deadline, strict: bool) -> bool:
    return strict and due.operator is Operator.BEFORE
