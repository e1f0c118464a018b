"""What a newer document changes, told from two lists of duties alone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import parse_rule
from core.replacing import Asked, Part, compare, moved

HALF = Asked("half", "Báo cáo 6 tháng {period}", "yearly before 06-10 2018..2022", {}, "a")
YEAR = Asked("year", "Báo cáo cuối năm {period}", "yearly before 11-20 2018..2022", {}, "b")
PLAN = Asked("plan", "Kế hoạch giai đoạn", "on before 2018-01-25", {"levels": ["TH"]}, "c")


def test_the_same_duties_are_no_change() -> None:
    found = compare([HALF, YEAR, PLAN], [PLAN, HALF, YEAR])
    assert found.is_empty
    assert [pair.after for pair in found.pairs] == [PLAN, HALF, YEAR]


def test_what_is_added_dropped_and_changed() -> None:
    later = Asked("half", HALF.title, "yearly before 06-15 2018..2022", {"levels": ["MN"]}, "z")
    new = Asked("model", "Mô hình {period}", "none 2018..2022")
    found = compare([HALF, YEAR, PLAN], [later, new, PLAN])
    assert found.added == (new,)
    assert found.dropped == (YEAR,)
    [changed] = found.changed
    assert (changed.before, changed.after) == (HALF, later)
    assert changed.parts == (Part.DEADLINE, Part.AUDIENCE, Part.CHECKLIST)


def test_a_duty_under_another_code_is_known_by_its_title() -> None:
    found = compare([HALF], [Asked("d1", "BÁO  CÁO 6 tháng {period}", HALF.due)])
    assert found.is_empty
    twice = Asked("d2", HALF.title, HALF.due)
    assert compare([HALF], [Asked("d1", HALF.title, HALF.due), twice]).dropped == (HALF,)


def test_a_duty_in_other_words_is_known_by_their_likeness_in_another_document_alone() -> None:
    safety = Asked("a", "Báo cáo an toàn {period}", "monthly by day 5 2026-10..2026-12")
    team = Asked("b", "Danh sách đội tuyển", "none")
    again = Asked("v1", "Báo cáo về an toàn", "on by 2026-11-16")
    money = Asked("v2", "Kế hoạch thu chi", "none")
    found = compare([safety, team], [money, again])
    assert (found.added, found.dropped) == ((money,), (team,))
    assert found.kept == {"v1": "a"}
    assert found.changed[0].parts == (Part.TITLE, Part.DEADLINE)
    assert compare([safety], [again], reworded=False).kept == {}
    both = compare([safety], [again, Asked("v3", "Báo cáo an toàn về", "none")])
    assert (both.kept, len(both.added)) == ({"v1": "a"}, 1)


def test_its_code_and_its_very_title_come_before_likeness() -> None:
    exact = Asked("v1", "Báo cáo cuối năm", YEAR.due)
    alike = Asked("v2", "Báo cáo vào cuối năm", YEAR.due)
    assert compare([YEAR], [alike, exact]).kept == {"v1": "year"}
    assert compare([YEAR], [exact, Asked("year", "Mô hình", "none")]).kept == {"year": "year"}


def test_what_a_duty_is_about_does_not_hide_which_one_it_is() -> None:
    after = Asked("v1", "Báo cáo cuối năm – Đề án tăng cường công tác dân vận", "none")
    assert compare([HALF, YEAR], [after]).kept == {"v1": "year"}
    other = Asked("v2", "Kế hoạch – An toàn trường học", "none")
    assert compare([HALF, YEAR], [other]).kept == {}


def test_what_is_not_known_of_a_duty_is_not_compared() -> None:
    unknown = Asked("plan", PLAN.title, PLAN.due, None)
    assert compare([PLAN], [unknown]).is_empty
    assert compare([unknown], [PLAN]).is_empty


@pytest.mark.parametrize(
    ("audience", "parts"),
    [
        ({"levels": ["TH"], "flags": []}, ()),
        ({"levels": ["TH", "MN"]}, (Part.AUDIENCE,)),
        ({}, (Part.AUDIENCE,)),
    ],
)
def test_an_audience_is_compared_by_what_it_asks_for(
    audience: dict[str, list[str]], parts: tuple[Part, ...]
) -> None:
    [pair] = compare([PLAN], [Asked("plan", PLAN.title, PLAN.due, audience)]).pairs
    assert pair.parts == parts


def days(before: str, after: str) -> dict[str, tuple[str, date | None] | None]:
    found = moved(parse_rule(before), parse_rule(after))
    return {period: (to.period, to.due_on) if to else None for period, to in found.items()}


def test_a_report_moves_to_the_new_day_of_its_period() -> None:
    assert days("yearly before 06-10 2018..2020", "yearly by 06-15 2019..2021") == {
        "2018": None,
        "2019": ("2019", date(2019, 6, 15)),
        "2020": ("2020", date(2020, 6, 15)),
    }
    assert days("none 2019..2019", "yearly by 01-24 2019..2022") == {
        "2019": ("2019", date(2019, 1, 24))
    }
    assert days("none", "on by 2018-04-23 09:00") == {"": ("", date(2018, 4, 23))}


def test_what_loses_its_period_goes_to_the_nearest_of_its_year() -> None:
    assert days("on before 2018-01-25", "yearly by 01-31 2018..2022") == {
        "": ("2018", date(2018, 1, 31))
    }
    found = days("quarterly by last-month day 20 2018-01..2018-12", "yearly by 11-20 2018..2019")
    assert found.pop("2018-Q4") == ("2018", date(2018, 11, 20))
    assert set(found.values()) == {None}
    assert days("on before 2017-12-25", "yearly by 01-31 2018..2022") == {"": None}


RULES = [
    "none",
    "none 2018..2020",
    "on before 2018-06-10",
    "yearly before 06-10 2018..2020",
    "quarterly by last-month day 20 2018-01..2019-12",
    "monthly by day 31 2018-02..2019-02",
    "weekly before fri 16:00 2018-05-03..2018-07-31",
    "window 2018-07-01..2018-09-30",
]


@given(st.sampled_from(RULES), st.sampled_from(RULES))
def test_no_two_reports_become_one(before: str, after: str) -> None:
    old, new = parse_rule(before), parse_rule(after)
    found = moved(old, new)
    assert set(found) == {one.period for one in old.occurrences()}
    to = [one for one in found.values() if one]
    assert len({one.period for one in to}) == len(to)
    assert set(to) <= set(new.occurrences())
    if before == after:
        assert to == old.occurrences()
