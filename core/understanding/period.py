"""The time a question is about, as days."""

import re
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


_MONTH = re.compile(r"(?<!\d )thang (\d{1,2})(?:(?: nam |/)(20\d\d))?(?![\d/])", re.ASCII)
_QUARTER = re.compile(r"\bquy (iii|ii|iv|i|[1-4])(?:(?: nam |/)(20\d\d))?\b", re.ASCII)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


def named_span(folded: str, today: date) -> Span | None:
    """The month or quarter that a text names, such as "tháng 10" or "quý III/2018".

    Without a year it is the one that ends next.
    """
    if (found := _MONTH.search(folded)) and 1 <= int(found[1]) <= 12:
        first = last = int(found[1])
    elif found := _QUARTER.search(folded):
        last = 3 * (_ROMAN.get(found[1]) or int(found[1]))
        first = last - 2
    else:
        return None
    year = int(found[2]) if found[2] else today.year + (last < today.month)
    return date(year, first, 1), last_day(year, last)


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
