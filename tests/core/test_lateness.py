"""In time, late with leave, late."""

from datetime import date

import pytest

from core.lateness import Lateness, lateness

WRITTEN, DUE = date(2026, 6, 10), date(2026, 6, 12)


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
    assert lateness(date(2026, 6, day), DUE, WRITTEN) is found


@pytest.mark.parametrize(("day", "found"), [(12, Lateness.IN_TIME), (13, Lateness.LATE)])
def test_without_an_extension_nothing_is_late_with_leave(day: int, found: Lateness) -> None:
    assert lateness(date(2026, 6, day), DUE) is found


def test_nothing_is_late_where_no_day_is_set() -> None:
    assert lateness(DUE, None) is Lateness.IN_TIME
