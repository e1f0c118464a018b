"""Deadlines, days to aim at, nudges and hours of quiet follow from rules alone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import (
    Occurrence,
    Operator,
    aim_on,
    is_rest,
    is_working,
    next_allowed,
    occurrences,
    opens_on,
    parse_rule,
    period_name,
    working_days,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
RULES = [
    "none",
    "none 2019..2022",
    "on before 2018-01-25",
    "on by 2018-04-23 09:00",
    "on until end of 2021-02-28",
    "window 2020-07-01..2020-09-30",
    "yearly before 06-10 2018..2022",
    "monthly before day 15 2018-01..2018-12",
    "quarterly until end of last-month day 20 2018-01..2018-12",
    "weekly before fri 16:00 2018-09-03..2019-05-31",
]


@pytest.mark.parametrize("text", RULES)
def test_a_rule_prints_as_it_was_read(text: str) -> None:
    assert str(parse_rule(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "on 2018-01-25",
        "on after 2018-01-25",
        "on before 2018-02-30",
        "on before 25/01/2018",
        "window 2020-09-30..2020-07-01",
        "yearly before 02-29 2018..2020",
        "yearly before 06-10 2022..2018",
        "none 2022..2019",
        "monthly before day 0 2018-01..2018-02",
        "monthly before day 32 2018-01..2018-02",
        "quarterly by last-month day 20 2018-01..2018-02",
        "weekly before fri 25:00 2018-09-03..2019-05-31",
    ],
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the message is for people
        parse_rule(text)


def periods(text: str) -> list[tuple[str, date | None]]:
    return [(found.period, found.due_on) for found in occurrences(parse_rule(text))]


def test_a_rule_without_a_date_never_falls_due() -> None:
    assert periods("none") == [("", None)]
    assert periods("none 2019..2020") == [("2019", None), ("2020", None)]


def test_what_is_asked_once_has_no_period() -> None:
    assert occurrences(parse_rule("on by 2018-04-23 09:00")) == [
        Occurrence("", date(2018, 4, 23), Operator.BY, time(9))
    ]


def test_a_window_is_due_at_the_end_of_its_last_day() -> None:
    assert occurrences(parse_rule("window 2020-07-01..2020-09-30")) == [
        Occurrence("", date(2020, 9, 30), Operator.UNTIL_END_OF)
    ]


def test_a_year_has_one_deadline() -> None:
    assert periods("yearly before 06-10 2018..2020") == [
        ("2018", date(2018, 6, 10)),
        ("2019", date(2019, 6, 10)),
        ("2020", date(2020, 6, 10)),
    ]


def test_a_short_month_is_due_on_its_last_day() -> None:
    assert periods("monthly by day 31 2019-12..2020-02") == [
        ("2019-12", date(2019, 12, 31)),
        ("2020-01", date(2020, 1, 31)),
        ("2020-02", date(2020, 2, 29)),
    ]


def test_a_quarter_is_due_in_its_last_month() -> None:
    assert periods("quarterly before last-month day 5 2018-02..2018-12") == [
        ("2018-Q1", date(2018, 3, 5)),
        ("2018-Q2", date(2018, 6, 5)),
        ("2018-Q3", date(2018, 9, 5)),
        ("2018-Q4", date(2018, 12, 5)),
    ]


def test_weeks_are_numbered_over_the_new_year() -> None:
    assert periods("weekly before fri 16:00 2018-12-27..2019-01-10") == [
        ("2018-W52", date(2018, 12, 28)),
        ("2019-W01", date(2019, 1, 4)),
    ]


@pytest.mark.parametrize(
    ("period", "name"),
    [
        ("", ""),
        ("2018", "năm 2018"),
        ("2018-06", "tháng 6/2018"),
        ("2018-Q2", "quý II/2018"),
        ("2019-W01", "tuần 1/2019"),
    ],
)
def test_a_period_is_named_as_offices_write_it(period: str, name: str) -> None:
    assert period_name(period) == name


@pytest.mark.parametrize(
    ("opening", "due_on", "day"),
    [
        ("05-15", date(2019, 6, 10), date(2019, 5, 15)),
        ("12-15", date(2019, 1, 24), date(2018, 12, 15)),
        ("06-10", date(2019, 6, 10), date(2019, 6, 10)),
        ("2020-05-15", date(2020, 9, 30), date(2020, 5, 15)),
        ("30 days", date(2018, 3, 1), date(2018, 1, 30)),
        ("", date(2018, 1, 25), None),
    ],
)
def test_a_report_opens_before_it_is_due(opening: str, due_on: date, day: date | None) -> None:
    assert opens_on(opening, due_on) == day


@pytest.mark.parametrize("opening", ["soon", "15/05", "13-01", "30 weeks", "2020-02-30"])
def test_what_is_no_opening_is_refused(opening: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the message is for people
        opens_on(opening, date(2018, 6, 10))


@pytest.mark.parametrize(
    ("due_on", "operator", "aim"),
    [
        (date(2018, 1, 25), Operator.BEFORE, date(2018, 1, 24)),
        (date(2018, 6, 10), Operator.BEFORE, date(2018, 6, 8)),
        (date(2019, 6, 10), Operator.BEFORE, date(2019, 6, 7)),
        (date(2020, 6, 10), Operator.BEFORE, date(2020, 6, 9)),
        (date(2021, 6, 10), Operator.BEFORE, date(2021, 6, 9)),
        (date(2022, 6, 10), Operator.BEFORE, date(2022, 6, 9)),
        (date(2018, 11, 20), Operator.BEFORE, date(2018, 11, 19)),
        (date(2019, 11, 20), Operator.BEFORE, date(2019, 11, 19)),
        (date(2020, 11, 20), Operator.BEFORE, date(2020, 11, 19)),
        (date(2021, 11, 20), Operator.BEFORE, date(2021, 11, 19)),
        (date(2022, 11, 20), Operator.BEFORE, date(2022, 11, 18)),
        (date(2020, 9, 30), Operator.UNTIL_END_OF, date(2020, 9, 30)),
        (date(2020, 11, 15), Operator.BY, date(2020, 11, 13)),
        (date(2018, 2, 21), Operator.BEFORE, date(2018, 2, 13)),  # over Tết
        (date(2026, 8, 22), Operator.BY, date(2026, 8, 22)),  # a Saturday that is worked
    ],
)
def test_the_day_to_aim_at_is_a_working_day_in_time(
    due_on: date, operator: Operator, aim: date
) -> None:
    assert aim_on(due_on, operator) == aim


def test_a_day_with_an_hour_counts_itself() -> None:
    friday = date(2018, 9, 7)
    assert aim_on(friday, Operator.BEFORE, due_at=time(16)) == friday


def test_the_office_may_be_closed_on_further_days() -> None:
    closed = [date(2018, 6, 8), date(2018, 6, 7)]
    assert aim_on(date(2018, 6, 10), Operator.BEFORE, working_days(closed)) == date(2018, 6, 6)


def test_where_all_is_closed_the_last_day_remains() -> None:
    assert aim_on(date(2018, 6, 10), Operator.BY, lambda _day: False) == date(2018, 6, 10)


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        ("2018-06-01 20:29:59", "2018-06-01 20:29:59"),
        ("2018-06-01 20:30", "2018-06-02 06:30"),
        ("2018-06-01 23:30", "2018-06-02 06:30"),
        ("2018-06-02 00:30", "2018-06-02 06:30"),
        ("2018-06-02 06:30", "2018-06-02 06:30"),
        ("2018-11-20 09:00", "2018-11-21 07:15"),
        ("2018-11-19 22:00", "2018-11-21 07:15"),
        ("2018-02-16 03:00", "2018-02-21 07:15"),
        ("2018-10-31 22:00", "2018-11-01 06:30"),
        ("2018-08-31 22:00", "2018-09-01 06:30"),
        ("2018-09-01 22:00", "2018-09-04 07:15"),  # National Day, and the Monday after it
        ("2018-12-31 09:00", "2019-01-02 07:15"),
    ],
)
def test_a_nudge_waits_for_the_morning(wanted: str, allowed: str) -> None:
    found = next_allowed(at_the_office(wanted), HANOI)
    assert found == at_the_office(allowed)
    assert found.tzinfo is UTC


def test_days_on_which_the_office_is_closed_are_quiet_too() -> None:
    closed = {date(2018, 6, 8), date(2018, 6, 9)}
    found = next_allowed(at_the_office("2018-06-08 09:00"), HANOI, closed)
    assert found == at_the_office("2018-06-10 07:15")


def at_the_office(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=HANOI)


YEARS_2018_TO_2027 = (1_514_764_800, 1_830_297_599)  # seconds


@settings(deadline=None)
@given(st.integers(*YEARS_2018_TO_2027))
def test_what_is_allowed_is_later_daytime_and_stays_allowed(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    allowed = next_allowed(moment, HANOI)
    local = allowed.astimezone(HANOI)
    assert allowed >= moment
    assert time(6, 30) <= local.time() < time(20, 30)
    assert not is_rest(local.date())
    assert next_allowed(allowed, HANOI) == allowed


def test_tet_takes_in_the_days_off_around_it() -> None:
    rest = [day for day in range(1, 29) if is_rest(date(2019, 2, day))]
    assert rest == list(range(2, 11))


@pytest.mark.parametrize("year", [2018, 2022, 2026])
def test_days_off_are_those_of_the_whole_package(year: int) -> None:
    vietnam = country_holidays("VN", years=year, expand=False)
    days = [date(year, 1, 1) + timedelta(number) for number in range(365)]
    assert [is_working(day) for day in days] == [vietnam.is_working_day(day) for day in days]
