"""Which rung of a ladder has come on which day, and at which hour it is said."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ladder import (
    GIVE_UP,
    PUBLISHING,
    USUAL,
    Ladder,
    Look,
    days_told,
    look,
    next_day,
    read_steps,
    say_at,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
DUE = date(2026, 6, 30)
P = PUBLISHING


def looks(ladder: Ladder, first: int, missed: Collection[int] = ()) -> Iterator[tuple[int, Look]]:
    """Each look from so many days before the deadline on, with the days left; none when missed."""
    left, told_on = first, None
    while True:
        while left in missed:
            left -= 1
        seen = look(ladder, DUE, DUE - timedelta(left), told_on)
        yield left, seen
        if seen.again_on is None:
            return
        told_on, left = seen.told_on, (DUE - seen.again_on).days


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (40, [(40, P), (14, 14), (7, 7), (3, 3), (1, 1), (0, 0), (-1, -1), (-3, -3)]),
        (15, [(15, P), (7, 7), (3, 3), (1, 1), (0, 0), (-1, -1), (-3, -3)]),
        (9, [(9, P), (7, 7), (3, 3), (1, 1), (0, 0), (-1, -1), (-3, -3)]),
        (8, [(8, P), (3, 3), (1, 1), (0, 0), (-1, -1), (-3, -3)]),
        (4, [(4, P), (1, 1), (0, 0), (-1, -1), (-3, -3)]),
        (3, [(3, 3), (1, 1), (0, 0), (-1, -1), (-3, -3)]),
        (0, [(0, 0), (-1, -1), (-3, -3)]),
        (-2, [(-2, -1), (-3, -3)]),
        (-20, []),
    ],
)
def test_a_ladder_fits_the_notice_that_was_given(first: int, said: list[tuple[int, int]]) -> None:
    new: dict[int, int] = {}
    for left, seen in looks(USUAL, first):
        if seen.school is not None:
            new.setdefault(seen.school, left)
    assert [(left, rung) for rung, left in new.items()] == said


def test_the_office_hears_of_it_late() -> None:
    assert {left: seen.office for left, seen in looks(USUAL, 2)} == {
        2: None, 1: None, 0: None, -1: None, -3: -3, -5: -5,
    }  # fmt: skip


def test_a_rung_that_was_missed_is_made_up_for_once() -> None:
    days = {left: seen.school for left, seen in looks(USUAL, 40, {7, 6, 5, 1, 0})}
    assert days == {40: P, 14: 14, 4: 7, 3: 3, -1: -1, -3: -3, -5: -3}


def test_nobody_is_told_long_after() -> None:
    long_after = DUE + timedelta(3 + GIVE_UP + 1)
    assert look(USUAL, DUE, long_after - timedelta(1), None).school == -3
    assert look(USUAL, DUE, long_after, None).school is None


def test_a_duty_may_have_rungs_of_its_own() -> None:
    ladder = Ladder(read_steps([5, 0]), officer=None, letter=10)
    days = {left: (seen.school, seen.office) for left, seen in looks(ladder, 30)}
    assert days == {30: (None, None), 5: (5, None), 0: (0, None), -10: (None, -10)}
    assert list(looks(Ladder((), None, None), 30)) == [(30, Look(None, None, None, None))]


@pytest.mark.parametrize("written", [[3, 3], [400], ["soon"]])
def test_a_ladder_that_cannot_be_read(written: list[int | str]) -> None:
    with pytest.raises(ValueError, match=r"rung|invalid"):
        read_steps(written)


@given(st.integers(-30, 60), st.sets(st.integers(-20, 60), max_size=30))
def test_rungs_only_come_down_and_none_in_a_burst(first: int, missed: set[int]) -> None:
    """However short the notice and whatever was missed."""
    seen = list(looks(USUAL, first, missed))
    said = [one.school for _left, one in seen if one.school is not None]
    assert said == sorted(said, reverse=True)
    assert len({left for left, _one in seen}) == len(seen)


@pytest.mark.parametrize(
    ("rung", "now", "said"),
    [
        (7, "2026-06-23 06:30", "2026-06-23 07:15"),
        (7, "2026-06-23 10:00", "2026-06-23 10:00"),
        (7, "2026-06-23 22:00", "2026-06-24 06:30"),
        (P, "2026-06-23 06:30", "2026-06-23 07:15"),
        (P, "2026-06-23 10:00", "2026-06-24 07:15"),
        (P, "2026-11-19 10:00", "2026-11-21 07:15"),
        (0, "2026-06-22 23:30", "2026-06-23 06:30"),
        (0, "2026-06-23 00:30", "2026-06-23 07:15"),
    ],
)
def test_the_hour_at_which_it_is_said(rung: int, now: str, said: str) -> None:
    assert say_at(rung, at(now), time(7, 15), HANOI) == at(said)


def test_the_days_on_which_a_school_is_told() -> None:
    told = days_told(USUAL, date(2026, 11, 20), at("2026-10-27 09:00"), HANOI)
    assert [day.isoformat()[5:] for day in told] == [
        *("10-28", "11-06", "11-13", "11-17", "11-19"),
        *("11-21", "11-23"),  # the day itself is Teachers' Day, and its rung is past by then
    ]
    assert days_told(USUAL, date(2026, 11, 20), at("2027-01-01 09:00"), HANOI) == []


def test_who_heard_of_it_otherwise_is_not_told_of_it_as_new() -> None:
    now = at("2026-10-27 09:00")
    told = days_told(USUAL, date(2026, 11, 10), now, HANOI, told_on=now.date())
    assert [day.isoformat()[5:] for day in told] == [
        *("11-03", "11-07", "11-09", "11-10", "11-11", "11-13"),
    ]


def test_the_next_day_leaves_out_those_of_rest() -> None:
    assert next_day(at("2026-02-13 09:00"), time(9), HANOI, ()) == at("2026-02-23 07:15")
    closed = {date(2026, 6, 24)}
    assert next_day(at("2026-06-23 09:00"), time(9), HANOI, closed) == at("2026-06-25 07:15")


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=HANOI)
