"""The calendar against another that walks day by day and knows nothing of the first."""

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.calendar import (
    Monthly,
    NoneYet,
    Occurrence,
    On,
    Operator,
    Quarterly,
    Weekly,
    Window,
    Yearly,
    aim_on,
    is_working,
    parse_rule,
    working_days,
)

DAY = timedelta(1)
# Weekdays without work, as the government announced them: the New Year, Tết, the Hùng kings,
# 30/4 and 1/5, 2/9, and the days swapped for Saturdays.
CLOSED = {
    2018: "01-01 02-14 02-15 02-16 02-19 02-20 04-25 04-30 05-01 09-03 12-31",
    2019: "01-01 02-04 02-05 02-06 02-07 02-08 04-15 04-29 04-30 05-01 09-02",
    2020: "01-01 01-23 01-24 01-27 01-28 01-29 04-02 04-30 05-01 09-02",
    2021: "01-01 02-10 02-11 02-12 02-15 02-16 04-21 04-30 05-03 09-02 09-03",
    2022: "01-03 01-31 02-01 02-02 02-03 02-04 04-11 05-02 05-03 09-01 09-02",
}
SATURDAYS_WORKED = ("2019-01-05", "2019-05-04")
QUARTERS = {3: "Q1", 6: "Q2", 9: "Q3", 12: "Q4"}

operators = st.sampled_from(Operator)
days = st.dates(date(2018, 1, 1), date(2020, 12, 31))
spans = st.tuples(days, days).map(sorted)
times = st.sampled_from([time(9), time(16, 30)])


def every_day(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += DAY


def is_last_of_its_month(day: date) -> bool:
    return (day + DAY).month != day.month


def falls(day: date, wanted: int) -> bool:
    """Whether the day is that of its month, or its last where the month is shorter."""
    return day.day == wanted or (day.day < wanted and is_last_of_its_month(day))


def named(first: date, last: date, is_due: Callable[[date], bool]) -> list[date]:
    return [day for day in every_day(first, last) if is_due(day)]


def due_days(found: list[Occurrence]) -> list[date | None]:
    assert len({one.period for one in found}) == len(found)
    return [one.due_on for one in found]


@given(operators, st.integers(1, 31), spans)
def test_monthly(operator: Operator, day: int, span: list[date]) -> None:
    first, last = (at.replace(day=1) for at in span)
    end = next(at for at in every_day(last, last + 31 * DAY) if is_last_of_its_month(at))
    rule = Monthly(operator, day, first, last)
    assert due_days(rule.occurrences()) == named(first, end, lambda at: falls(at, day))
    assert parse_rule(str(rule)) == rule


@given(operators, st.integers(1, 31), spans)
def test_quarterly(operator: Operator, day: int, span: list[date]) -> None:
    first, last = (at.replace(day=1) for at in span)
    end = next(at for at in every_day(last, last + 31 * DAY) if is_last_of_its_month(at))
    wanted = named(first, end, lambda at: at.month in (3, 6, 9, 12) and falls(at, day))
    found = Quarterly(operator, day, first, last).occurrences()
    assert due_days(found) == wanted
    assert [one.period for one in found] == [f"{at.year}-{QUARTERS[at.month]}" for at in wanted]


@given(operators, st.integers(0, 6), times, spans)
def test_weekly(operator: Operator, weekday: int, at: time, span: list[date]) -> None:
    rule = Weekly(operator, weekday, at, span[0], span[1])
    found = rule.occurrences()
    assert due_days(found) == named(span[0], span[1], lambda day: day.weekday() == weekday)
    assert {one.due_at for one in found} <= {at}
    if found:
        assert parse_rule(str(rule)) == rule


@given(operators, days, st.integers(2018, 2022), st.integers(0, 4))
def test_yearly(operator: Operator, day: date, first: int, more: int) -> None:
    if (day.month, day.day) == (2, 29):
        return
    rule = Yearly(operator, day.month, day.day, first, first + more)
    wanted = named(
        date(first, 1, 1),
        date(first + more, 12, 31),
        lambda at: (at.month, at.day) == (day.month, day.day),
    )
    assert due_days(rule.occurrences()) == wanted
    assert parse_rule(str(rule)) == rule


@given(operators, days, st.none() | times, spans)
def test_once(operator: Operator, day: date, at: time | None, span: list[date]) -> None:
    for rule in (On(operator, day, at), Window(span[0], span[1], operator)):
        assert parse_rule(str(rule)) == rule
        assert [one.operator for one in rule.occurrences()] == [operator]
    assert parse_rule("none yet") == parse_rule("none") == NoneYet()
    assert parse_rule("none yet 2018..2019") == NoneYet(range(2018, 2020))


def test_offices_work_on_the_days_that_were_announced() -> None:
    for year, closed in CLOSED.items():
        announced = {date.fromisoformat(f"{year}-{day}") for day in closed.split()}
        weekdays = [
            day for day in every_day(date(year, 1, 1), date(year, 12, 31)) if day.weekday() < 5
        ]
        assert {day for day in weekdays if not is_working(day)} == announced
    saturdays = [
        day
        for day in every_day(date(2018, 1, 1), date(2022, 12, 31))
        if day.weekday() > 4 and is_working(day)
    ]
    assert [day.isoformat() for day in saturdays] == list(SATURDAYS_WORKED)


@given(days, operators, st.none() | times, st.sets(days, max_size=5))
def test_the_day_to_aim_at(
    day: date, operator: Operator, at: time | None, closed: set[date]
) -> None:
    works = working_days(closed)
    aim = aim_on(day, operator, works, at)
    latest = day - DAY if operator is Operator.BEFORE and at is None else day
    assert aim <= latest
    assert works(aim)
    assert aim not in closed
    assert not any(works(later) for later in every_day(aim + DAY, latest))
