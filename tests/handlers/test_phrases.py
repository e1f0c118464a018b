"""Due rules in words, in both languages."""

from datetime import date, time

import pytest

from bot.i18n import say
from core.calendar import Operator, parse_rule
from handlers import phrases


@pytest.mark.parametrize(
    ("rule", "vi", "en"),
    [
        ("on before 2018-01-25", "trước 25/01/2018", "before 25 January 2018"),
        (
            "on by 2018-04-23 09:00",
            "chậm nhất 09:00 ngày 23/4/2018",
            "by 09:00 on 23 April 2018",
        ),
        (
            "window 2020-07-01..2020-09-30",
            "từ 01/7/2020, đến hết 30/9/2020",
            "from 1 July 2020, until the end of 30 September 2020",
        ),
        (
            "window before 2020-10-05..2020-10-15",
            "từ 05/10/2020, trước 15/10/2020",
            "from 5 October 2020, before 15 October 2020",
        ),
        (
            "yearly before 06-10 2018..2022",
            "hằng năm trước 10/6, 2018–2022",
            "every year before 10 June, 2018–2022",
        ),
        (
            "monthly before day 15 2018-01..2018-12",
            "hằng tháng trước ngày 15",
            "every month before day 15",
        ),
        (
            "quarterly until end of last-month day 20 2018-01..2018-12",
            "hằng quý đến hết ngày 20 tháng cuối quý",
            "every quarter until the end of day 20 of the last month",
        ),
        (
            "weekly before fri 16:00 2018-09-03..2019-05-31",
            "hằng tuần trước 16:00 thứ Sáu",
            "every week before 16:00 on Friday",
        ),
        ("none yet", "chưa định ngày", "no date set yet"),
        (
            "none 2019..2022",
            "hằng năm, chưa định ngày, 2019–2022",
            "every year, no day set yet, 2019–2022",
        ),
    ],
)
def test_a_rule_is_said_in_both_languages(rule: str, vi: str, en: str) -> None:
    said = phrases.rule(parse_rule(rule))
    assert (say(said, "vi"), say(said, "en")) == (vi, en)


def test_a_deadline_with_an_hour() -> None:
    said = phrases.deadline(date(2018, 9, 7), Operator.BEFORE, time(16))
    assert say(said, "vi") == "trước 16:00 ngày 07/9"
    assert say(said, "en") == "before 16:00 on 7 September"
