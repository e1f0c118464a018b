"""In time, late with leave, late."""

from datetime import date, datetime, time

import pytest

from core.calendar import Deadline, Operator
from core.lateness import Lateness, is_past, last_day, lateness

WRITTEN, DUE = (Deadline(date(2026, 6, day), Operator.BY) for day in (10, 12))
NOON = time(12)


def on(day: int, at: time = NOON) -> datetime:
    return datetime.combine(date(2026, 6, day), at)


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (9, Lateness.IN_TIME),
        (10, Lateness.IN_TIME),
        (11, Lateness.WITH_LEAVE),
        (12, Lateness.WITH_LEAVE),
        (13, Lateness.LATE),
    ],
)
def test_an_extension_tells_late_with_leave_from_late(day: int, found: Lateness) -> None:
    assert lateness(on(day), DUE, WRITTEN) is found


@pytest.mark.parametrize(("day", "found"), [(12, Lateness.IN_TIME), (13, Lateness.LATE)])
def test_without_an_extension_nothing_is_late_with_leave(day: int, found: Lateness) -> None:
    assert lateness(on(day), DUE) is found


def test_nothing_is_late_where_no_day_is_set() -> None:
    assert lateness(on(30), Deadline(None, Operator.BEFORE), strict=True) is Lateness.IN_TIME


@pytest.mark.parametrize(
    ("operator", "strict", "last"),
    [
        (Operator.BEFORE, False, 10),
        (Operator.BEFORE, True, 9),
        (Operator.BY, True, 10),
        (Operator.UNTIL_END_OF, True, 10),
    ],
)
def test_before_a_day_is_read_as_the_office_reads_it(
    operator: Operator, strict: bool, last: int
) -> None:
    due = Deadline(date(2026, 6, 10), operator)
    assert last_day(due, strict=strict) == date(2026, 6, last)
    assert not is_past(due, on(last, time(23, 59, 59)), strict=strict)
    assert is_past(due, on(last + 1, time(0)), strict=strict)


@pytest.mark.parametrize(
    ("operator", "strict", "last", "first_late"),
    [
        (Operator.BEFORE, False, time(16, 0, 59), time(16, 1)),
        (Operator.BEFORE, True, time(15, 59, 59), time(16)),
        (Operator.BY, True, time(16, 0, 59), time(16, 1)),
    ],
)
def test_an_hour_that_is_named_counts_to_the_minute(
    operator: Operator, strict: bool, last: time, first_late: time
) -> None:
    due = Deadline(date(2026, 6, 10), operator, time(16))
    assert last_day(due, strict=strict) == date(2026, 6, 10)
    assert not is_past(due, on(10, last), strict=strict)
    assert is_past(due, on(10, first_late), strict=strict)
    assert not is_past(due, on(9, time(23, 59)), strict=strict)
    assert is_past(due, on(11, time(0)), strict=strict)
