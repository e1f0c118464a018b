"""Which schools a duty asks, by their levels, flags and days."""

from datetime import date

import pytest

from core.calendar import Occurrence, Operator
from core.scope import asks, fault, is_there

ISSUED = date(2018, 1, 15)


def due(period: str, day: str | None) -> Occurrence:
    return Occurrence(period, date.fromisoformat(day) if day else None, Operator.BEFORE)


@pytest.mark.parametrize(
    ("audience", "asked"),
    [
        ({}, True),
        ({"levels": ["TH"]}, True),
        ({"levels": ["MN", "THCS"]}, False),
        ({"flags": ["boarding"]}, True),
        ({"flags": ["bus", "boarding"]}, True),
        ({"flags": ["bus"]}, False),
        ({"without": ["boarding"]}, False),
        ({"without": ["bus"]}, True),
        ({"levels": ["TH"], "flags": ["bus"]}, False),
    ],
)
def test_a_school_is_asked_by_its_levels_and_flags(
    audience: dict[str, list[str]], asked: bool
) -> None:
    assert fault(audience) == ""
    assert asks(audience, ["TH"], ["boarding"]) is asked


def test_schools_may_be_named() -> None:
    assert asks({"units": ["LL"]}, ["TH"], [], "LL")
    assert not asks({"units": ["LL"]}, ["TH"], [], "QT")


def test_what_no_school_can_be_is_a_fault() -> None:
    assert fault({"levels": ["TH", "DH"]}) == "levels: DH is not one of MN, TH, THCS"
    assert fault({"wards": ["1"]}) == "wards: not one of flags, levels, units, without"


@pytest.mark.parametrize(
    ("occurrence", "first", "last", "owed"),
    [
        (due("2019", "2019-06-10"), None, None, True),
        (due("2019", "2019-06-10"), "2019-06-10", None, True),
        (due("2019", "2019-06-10"), "2019-06-11", None, False),
        (due("2019", "2019-06-10"), None, "2019-06-10", True),
        (due("2019", "2019-06-10"), None, "2019-06-09", False),
        (due("2019", None), "2019-08-01", None, True),
        (due("2019", None), "2020-01-01", None, False),
        (due("2019", None), None, "2019-01-31", True),
        (due("2019", None), None, "2018-12-31", False),
        (due("", None), None, "2018-01-14", False),
        (due("", None), None, "2018-01-15", True),
        (due("", None), "2021-08-01", None, True),
    ],
)
def test_a_school_owes_what_is_due_while_it_exists(
    occurrence: Occurrence, first: str | None, last: str | None, owed: bool
) -> None:
    days = [date.fromisoformat(day) if day else None for day in (first, last)]
    assert is_there(occurrence, days[0], days[1], ISSUED) is owed
