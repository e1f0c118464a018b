"""When an event can be attended and reminded of."""

from datetime import date, datetime, time

import pytest

from core.events import Held
from tests.phone import HANOI


@pytest.mark.parametrize(
    ("at", "opens"),
    [(time(8), "07:00"), (time(0, 30), "00:00"), (None, "00:00")],
)
def test_the_list_opens_an_hour_before_and_on_the_day(at: time | None, opens: str) -> None:
    held = Held(date(2026, 11, 12), date(2026, 11, 13), at)
    assert f"{held.opens(HANOI):%d %H:%M}" == f"12 {opens}"
    assert held.closes(HANOI) == datetime(2026, 11, 14, tzinfo=HANOI)


def test_nobody_is_reminded_on_a_day_of_rest() -> None:
    assert Held(date(2026, 11, 21), date(2026, 11, 21)).reminded_on() == date(2026, 11, 19)
    after_tet = Held(date(2026, 2, 23), date(2026, 2, 23)).reminded_on()
    assert after_tet < date(2026, 2, 15)


@pytest.mark.parametrize("at", [time(8), None])
def test_it_is_kept_as_json(at: time | None) -> None:
    held = Held(date(2026, 11, 12), date(2026, 11, 13), at)
    assert Held.from_json(held.to_json()) == held
