"""The time a question is about, as days."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from core import school_year
from core.dates import last_day

Span = tuple[date, date]


class Period(StrEnum):
    TODAY = "today"
    TOMORROW = "tomorrow"
    THIS_WEEK = "this_week"
    NEXT_WEEK = "next_week"
    THIS_MONTH = "this_month"
    NEXT_MONTH = "next_month"
    THIS_QUARTER = "this_quarter"
    THIS_YEAR = "this_year"
    THIS_SCHOOL_YEAR = "this_school_year"


def span(period: Period, today: date) -> Span:
    """Its first and last day; weeks begin on Monday."""
    return _SPANS[period](today)


def _day(ahead: int) -> Callable[[date], Span]:
    return lambda today: (today + timedelta(ahead), today + timedelta(ahead))


def _week(ahead: int) -> Callable[[date], Span]:
    def days(today: date) -> Span:
        monday = today - timedelta(today.weekday()) + timedelta(7 * ahead)
        return monday, monday + timedelta(6)

    return days


def _this_month(today: date) -> Span:
    return today.replace(day=1), last_day(today.year, today.month)


def _next_month(today: date) -> Span:
    return _this_month(last_day(today.year, today.month) + timedelta(1))


def _this_quarter(today: date) -> Span:
    first = (today.month - 1) // 3 * 3 + 1
    return date(today.year, first, 1), last_day(today.year, first + 2)


def _this_year(today: date) -> Span:
    return date(today.year, 1, 1), date(today.year, 12, 31)


def _this_school_year(today: date) -> Span:
    year = school_year.of(today)
    return year.first, year.last


_SPANS: Mapping[Period, Callable[[date], Span]] = {
    Period.TODAY: _day(0),
    Period.TOMORROW: _day(1),
    Period.THIS_WEEK: _week(0),
    Period.NEXT_WEEK: _week(1),
    Period.THIS_MONTH: _this_month,
    Period.NEXT_MONTH: _next_month,
    Period.THIS_QUARTER: _this_quarter,
    Period.THIS_YEAR: _this_year,
    Period.THIS_SCHOOL_YEAR: _this_school_year,
}
