"""The calendar against another that walks day by day and knows nothing of the first."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import school_year
from core.calendar import (
    Deadline,
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
    is_rest,
    is_working,
    next_allowed,
    opens_on,
    parse_rule,
    working_days,
)
from core.lateness import is_past

DAY = timedelta(1)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
# Weekdays without work, as the government announced them: the New Year, Tết, the Hùng kings,
# 30/4 and 1/5, 2/9, and the days swapped for Saturdays.
CLOSED = {
    2018: "01-01 02-14 02-15 02-16 02-19 02-20 04-25 04-30 05-01 09-03 12-31",
    2019: "01-01 02-04 02-05 02-06 02-07 02-08 04-15 04-29 04-30 05-01 09-02",
    2020: "01-01 01-23 01-24 01-27 01-28 01-29 04-02 04-30 05-01 09-02",
    2021: "01-01 02-10 02-11 02-12 02-15 02-16 04-21 04-30 05-03 09-02 09-03",
    2022: "01-03 01-31 02-01 02-02 02-03 02-04 04-11 05-02 05-03 09-01 09-02",
    2023: "01-02 01-20 01-23 01-24 01-25 01-26 05-01 05-02 05-03 09-01 09-04",
    2024: "01-01 02-08 02-09 02-12 02-13 02-14 04-18 04-29 04-30 05-01 09-02 09-03",
    2025: "01-01 01-27 01-28 01-29 01-30 01-31 04-07 04-30 05-01 05-02 09-01 09-02",
}
SATURDAYS_WORKED = ("2019-01-05", "2019-05-04", "2024-05-04", "2025-04-26")
# Tết with the weekends that touch it: nobody is reminded.
TET = {
    2018: ("02-14", "02-20"),
    2019: ("02-02", "02-10"),
    2020: ("01-23", "01-29"),
    2021: ("02-10", "02-16"),
    2022: ("01-29", "02-06"),
    2023: ("01-20", "01-26"),
    2024: ("02-08", "02-14"),
    2025: ("01-25", "02-02"),
}
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
        for day in every_day(date(2018, 1, 1), date(2025, 12, 31))
        if day.weekday() > 4 and is_working(day)
    ]
    assert [day.isoformat() for day in saturdays] == list(SATURDAYS_WORKED)


def test_nobody_is_reminded_on_holidays_and_teachers_day() -> None:
    for year, (first, last) in TET.items():
        tet = every_day(
            date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last}")
        )
        announced = {date.fromisoformat(f"{year}-{day}") for day in CLOSED[year].split()}
        rest = {day for day in every_day(date(year, 1, 1), date(year, 12, 31)) if is_rest(day)}
        assert rest >= {*tet, date(year, 11, 20)}
        assert {day for day in rest if day.weekday() < 5} - announced <= {date(year, 11, 20)}
        assert announced <= rest


QUARTER = timedelta(minutes=15)


@given(st.dates(date(2018, 1, 1), date(2025, 12, 25)), st.integers(0, 95))
def test_what_waits_for_daytime_waits_no_longer_than_it_must(day: date, quarters: int) -> None:
    """Walked in steps, from one quarter of an hour to the next."""
    at = datetime.combine(day, time(0)) + quarters * QUARTER
    allowed = next_allowed(at.replace(tzinfo=HANOI), HANOI).astimezone(HANOI).replace(tzinfo=None)
    rested = False
    while is_rest(at.date()) or not time(6, 30) <= at.time() < time(20, 30):
        rested = rested or is_rest(at.date())
        at += QUARTER
    while rested and at.time() < time(7, 15):  # after a rest at the hour of the morning's message
        at += QUARTER
    assert allowed == at


@given(days, st.dates(date(2018, 1, 1), date(2018, 12, 31)))
def test_an_opening_by_its_day_is_the_last_one_before_the_deadline(due: date, day: date) -> None:
    if (day.month, day.day) == (2, 29):
        return
    past = (due - back * DAY for back in range(366 + 1))
    wanted = next(at for at in past if (at.month, at.day) == (day.month, day.day))
    assert opens_on(f"{day:%m-%d}", due) == wanted


@given(st.dates(date(2018, 1, 1), date(2025, 12, 31)))
def test_every_day_lies_in_one_school_year(day: date) -> None:
    year = school_year.of(day)
    assert year.first <= day <= year.last
    assert (year.first - DAY, year.last + DAY) == (
        school_year.of(year.first - DAY).last,
        school_year.of(year.last + DAY).first,
    )
    assert year.day(day.month, day.day) == day
    assert school_year.parse(str(year)) == year


@given(days, operators, st.none() | times, st.booleans(), st.integers(0, 3 * 24 * 60))
def test_late_is_what_comes_after_the_last_minute_in_time(
    day: date, operator: Operator, at: time | None, strict: bool, ahead: int
) -> None:
    """Told from the end of the time, walked in minutes to it."""
    leaves_out = strict and operator is Operator.BEFORE
    end = datetime.combine(day, at or time(0)) + (timedelta(minutes=1) if at else DAY)
    if leaves_out:
        end -= timedelta(minutes=1) if at else DAY
    sent = end - DAY + timedelta(minutes=ahead)
    assert is_past(Deadline(day, operator, at), sent, strict=strict) == (sent >= end)


@pytest.mark.parametrize(
    ("year", "june", "november"),
    [
        (2018, "2018-06-08", "2018-11-19"),
        (2019, "2019-06-07", "2019-11-19"),
        (2020, "2020-06-09", "2020-11-19"),
        (2021, "2021-06-09", "2021-11-19"),
        (2022, "2022-06-09", "2022-11-18"),
    ],
)
def test_the_days_to_send_both_yearly_reports(year: int, june: str, november: str) -> None:
    aims = [aim_on(date(year, month, day), Operator.BEFORE) for month, day in ((6, 10), (11, 20))]
    assert [aim.isoformat() for aim in aims] == [june, november]


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
