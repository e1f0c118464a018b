"""Whether a report came in time: one rule for receipts, boards and reading."""

from datetime import date
from enum import StrEnum


class Lateness(StrEnum):
    """WITH_LEAVE: after the day that the document names, within the time the office gave."""

    IN_TIME = "in time"
    WITH_LEAVE = "late with leave"
    LATE = "late"


def lateness(sent_on: date, due_on: date | None, written_on: date | None = None) -> Lateness:
    """Both days are the last that are in time.

    due_on: with every extension; None while no day is set. written_on: the document's own, None
    where it was never moved.
    """
    if due_on is None:
        return Lateness.IN_TIME
    if sent_on > due_on:
        return Lateness.LATE
    if written_on is not None and sent_on > written_on:
        return Lateness.WITH_LEAVE
    return Lateness.IN_TIME
