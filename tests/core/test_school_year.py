"""A school year is a span of two years."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import school_year
from core.school_year import SchoolYear


def test_it_begins_in_august_and_ends_in_july() -> None:
    year = school_year.parse("2020-2021")
    assert (year.first, year.last) == (date(2020, 8, 1), date(2021, 7, 31))
    assert str(year) == "2020-2021"


@pytest.mark.parametrize("text", ["", "2020", "2020-2022", "2021-2020", "20-21", "1820-1821"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="school year"):
        school_year.parse(text)


@pytest.mark.parametrize(
    ("month", "day", "named"),
    [(9, 5, date(2020, 9, 5)), (1, 15, date(2021, 1, 15)), (7, 31, date(2021, 7, 31))],
)
def test_a_day_without_a_year_is_in_it(month: int, day: int, named: date) -> None:
    assert SchoolYear(2020).day(month, day) == named


@given(st.dates(date(1950, 1, 1), date(2090, 12, 31)))
def test_every_day_is_in_one(day: date) -> None:
    year = school_year.of(day)
    assert year.first <= day <= year.last
    assert school_year.parse(str(year)) == year
    assert year.day(day.month, day.day) == day
