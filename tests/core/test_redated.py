"""A due rule that a person corrects."""

from datetime import date

import pytest

from core.redated import with_day, with_end

DAY = date(2026, 11, 12)  # a Thursday
REST = "16:00 2026-10-20..2027-05-31"


@pytest.mark.parametrize(
    ("rule", "corrected"),
    [
        ("on before 2026-11-10", "on before 2026-11-12"),
        ("on by 2026-11-10 16:30", "on by 2026-11-12 16:30"),
        ("window 2026-11-01..2026-11-10", "window 2026-11-01..2026-11-12"),
        ("window 2026-11-20..2026-11-30", "on by 2026-11-12"),
        ("yearly before 06-10 2026..2027", "yearly before 11-12 2026..2027"),
        ("monthly by day 25 2026-09..2027-05", "monthly by day 12 2026-09..2027-05"),
        (
            "weekly by fri 16:00 2026-10-20..2027-05-31",
            "weekly by thu 16:00 2026-10-20..2027-05-31",
        ),
        ("none", "on by 2026-11-12"),
    ],
)
def test_another_day_keeps_how_often(rule: str, corrected: str) -> None:
    assert with_day(rule, DAY) == corrected
    assert with_day(rule, None) == "none"


def test_a_day_that_does_not_come_every_year_is_due_once() -> None:
    assert with_day("yearly by 03-01 2027..2028", date(2028, 2, 29)) == "on by 2028-02-29"


def test_another_end_never_leaves_a_rule_that_asks_nothing() -> None:
    weekly = "weekly by fri 16:00 2026-10-20..2027-05-31"
    assert with_end(weekly, date(2026, 12, 1)) == "weekly by fri 16:00 2026-10-20..2026-12-01"
    assert with_end(weekly, date(2026, 1, 1)) == weekly
    assert with_end("on by 2026-11-10", DAY) == "on by 2026-11-10"
