"""Dates and numbers are read as people type them, and never guessed."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dates import last_day, read_date, read_moment, read_number

WEDNESDAY = date(2018, 6, 6)
NINE = datetime(2018, 6, 6, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("5/6", date(2018, 6, 5)),
        ("05-06-2026", date(2026, 6, 5)),
        ("5.6.26", date(2026, 6, 5)),
        (" 11 / 11 / 2020 ", date(2020, 11, 11)),
        ("2018-06-05", date(2018, 6, 5)),
        ("ngày 5 tháng 6 năm 2018", date(2018, 6, 5)),
        ("Ngay 05 thang 06, nam 2018.", date(2018, 6, 5)),
        ("5/6 năm 2018", date(2018, 6, 5)),
        ("mùng 5 tháng sáu", date(2018, 6, 5)),
        ("5 tháng mười hai", date(2018, 12, 5)),
        ("ngày 5 tháng này", date(2018, 6, 5)),
        ("ngày 5 tháng sau", date(2018, 7, 5)),
        ("ngày 5 tháng năm năm 2019", date(2019, 5, 5)),
        ("hôm nay", date(2018, 6, 6)),
        ("chiều nay ạ", date(2018, 6, 6)),
        ("mai", date(2018, 6, 7)),
        ("Dạ ngày mai nhé!", date(2018, 6, 7)),
        ("hom qua", date(2018, 6, 5)),
        ("mốt", date(2018, 6, 8)),
        ("ngay kia", date(2018, 6, 8)),
        ("hôm kia", date(2018, 6, 4)),
        ("thứ sáu", date(2018, 6, 8)),
        ("thu sau", date(2018, 6, 8)),
        ("thứ 2", date(2018, 6, 11)),
        ("sáng thứ hai", date(2018, 6, 11)),
        ("chủ nhật", date(2018, 6, 10)),
        ("t6 tuần sau", date(2018, 6, 15)),
        ("T2 tuan nay", date(2018, 6, 4)),
        ("cn tuần trước", date(2018, 6, 3)),
        ("hôm thứ 6", date(2018, 6, 1)),
        ("hôm thứ tư", date(2018, 5, 30)),
        ("thứ năm vừa rồi", date(2018, 5, 31)),
        ("thứ sáu 8/6", date(2018, 6, 8)),
        ("thứ hai, ngày 11/6/2018", date(2018, 6, 11)),
        ("3 ngày nữa", date(2018, 6, 9)),
        ("2 tuần trước", date(2018, 5, 23)),
        ("cuối tháng", date(2018, 6, 30)),
        ("cuối tháng sau", date(2018, 7, 31)),
        ("hết tháng 2", date(2018, 2, 28)),
        ("cuối tháng 2 năm 2020", date(2020, 2, 29)),
    ],
)
def test_a_date_is_read(typed: str, meant: date) -> None:
    assert read_date(typed, WEDNESDAY) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "5",
        "tháng 6",
        "năm 2018",
        "khoảng 5/6",
        "5/6 hoặc 6/6",
        "31/6",
        "29/2",
        "6/25/2018",
        "5/6/78",
        "5/6/0018",
        "5/6-2018",
        "99/99/9999",
        "t6",  # Friday or June
        "thứ tư",  # said on a Wednesday
        "thứ bảy 8/6",  # which is a Friday
        "ngày một",
        "một",
        "ngày kìa",
        "5 thang sau",  # June or next month
        "cuoi thang sau",
        "ngày 5 tháng     năm 2018",  # a form with the month left out
        "chưa họp",
        "/huy",
        "5/6 " * 1000,
    ],
)
def test_what_is_not_clear_is_not_guessed(typed: str) -> None:
    assert read_date(typed, WEDNESDAY) is None


@pytest.mark.parametrize(
    ("today", "typed", "meant"),
    [
        (date(2019, 1, 5), "20/12", date(2018, 12, 20)),
        (date(2018, 12, 20), "5/1", date(2019, 1, 5)),
        (date(2019, 12, 1), "29/2", date(2020, 2, 29)),
        (date(2018, 12, 31), "mai", date(2019, 1, 1)),
        (date(2018, 12, 10), "ngày 3 tháng tới", date(2019, 1, 3)),
    ],
)
def test_the_nearest_year_is_taken(today: date, typed: str, meant: date) -> None:
    assert read_date(typed, today) == meant


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)))
def test_a_full_date_is_read_in_every_way_of_writing_it(day: date) -> None:
    for form in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "ngày %d tháng %m năm %Y"):
        assert read_date(day.strftime(form), date(2030, 1, 1)) == day


@settings(deadline=None)
@given(st.text(max_size=80), st.dates(date(2000, 1, 1), date(2060, 12, 31)))
def test_any_text_is_a_date_or_none(text: str, today: date) -> None:
    assert read_date(text, today) is None or isinstance(read_date(text, today), date)


@pytest.mark.parametrize(
    ("year", "month", "day"), [(2018, 2, 28), (2020, 2, 29), (2018, 12, 31), (2018, 6, 30)]
)
def test_the_last_day_of_a_month(year: int, month: int, day: int) -> None:
    assert last_day(year, month) == date(year, month, day)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0", 0),
        ("6", 6),
        ("05", 5),
        ("1.250", 1250),
        ("1,250", 1250),
        ("1 250", 1250),
        ("1\u202f250", 1250),
        ("12.500.000", 12_500_000),
        ("-5", -5),
        ("−5", -5),
        ("âm 5", -5),
        ("không", 0),
        ("Khong co a", 0),
        ("chưa có", 0),
        ("5 buổi", 5),
        ("5buoi", 5),
        ("dạ 6 ạ.", 6),
        ("999999999999999", 999_999_999_999_999),
    ],
)
def test_a_whole_number_is_read(typed: str, meant: int) -> None:
    read = read_number(typed, decimals=False, unit="buổi")
    assert (type(read), read) == (int, meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("12,5 %", "12.5"),
        ("6", "6"),
        ("1.250", "1250"),
        ("1 250,5", "1250.5"),
        ("1.250,5", "1250.5"),
        ("1,250.5", "1250.5"),
        ("1,250,500", "1250500"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("-0,5", "-0.5"),
    ],
)
def test_a_decimal_number_is_read(typed: str, meant: str) -> None:
    read = read_number(typed, decimals=True, unit="%")
    assert (type(read), read) == (Decimal, Decimal(meant))


@pytest.mark.parametrize(
    ("typed", "decimals"),
    [
        ("", False),
        ("khoảng sáu", False),
        ("5/6", False),
        ("5-6", False),
        ("5 người", False),
        ("2 triệu", False),
        ("12,5", False),
        ("12.0", False),
        ("1.25", False),
        ("1.2.3", False),
        ("1250.500", False),
        ("1e5", False),
        ("٣", False),
        ("9" * 16, False),
        ("9" * 5000, False),
        ("1,250", True),  # 1,25 in Vietnam, 1250 elsewhere
        ("01,5", True),
        ("1.250.5", True),
        ("1..2", True),
        ("không", True),
        ("NaN", True),
    ],
)
def test_what_is_no_clear_number_is_refused(typed: str, decimals: bool) -> None:
    assert read_number(typed, decimals) is None


@settings(deadline=None)
@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_number_is_read_with_and_without_groups(number: int) -> None:
    for typed in (str(number), f"{number:,}", f"{number:,}".replace(",", ".")):
        assert read_number(typed, decimals=False) == number


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("14h30", "2018-06-06 14:30"),
        ("8:00 mai", "2018-06-07 08:00"),
        ("7h30 ngày 10/6", "2018-06-10 07:30"),
        ("3 giờ chiều thứ 6", "2018-06-08 15:00"),
        ("10/6/2018 lúc 14:00", "2018-06-10 14:00"),
        ("8 giờ 15 phút sáng mai", "2018-06-07 08:15"),
        ("8h thứ 2 tới", "2018-06-11 08:00"),
        ("8h 10/6", "2018-06-10 08:00"),
        ("8h 10 - 6 - 2018", "2018-06-10 08:00"),
        ("mai", None),
        ("99h", None),
        ("8h99", None),
        ("8h hôm nào đó", None),
        ("", None),
        ("8h" + " " * 70, None),
    ],
)
def test_a_moment_is_read_as_people_type_it(typed: str, meant: str | None) -> None:
    read = read_moment(typed, NINE)
    assert (read and f"{read:%Y-%m-%d %H:%M}") == meant
    assert read is None or read.tzinfo is NINE.tzinfo
