"""How fast a channel may be used, whatever is asked of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pace import (
    CHATS,
    LONGEST_WAIT,
    MOST_ATTEMPTS,
    SAVED_UP,
    Allowance,
    ChatPace,
    Slots,
    back_off,
)

Pauses = st.lists(st.floats(0, 20, allow_nan=False), min_size=1, max_size=80)


def moments(pace: ChatPace, chat: str, pauses: list[float]) -> list[float]:
    """When messages go to a chat that are wanted after these pauses, each after the last."""
    now, went = 0.0, []
    for pause in pauses:
        now = max(now + pause, pace.free_at(chat, now + pause))
        pace.spend(chat, now)
        went.append(now)
    return went


def most_within(went: list[float], seconds: float) -> int:
    return max(sum(start <= m < start + seconds for m in went) for start in went)


@given(Pauses)
def test_a_private_chat_gets_one_a_second_after_a_burst(pauses: list[float]) -> None:
    went = moments(ChatPace(), "17", pauses)
    assert most_within(went, 1) <= 5 + 1
    assert most_within(went, 10) <= 5 + 10


@given(Pauses)
def test_a_group_gets_twenty_a_minute(pauses: list[float]) -> None:
    assert most_within(moments(ChatPace(), "-100", pauses), 60 - 1e-6) <= 20


def test_a_burst_goes_at_once_and_another_after_a_rest() -> None:
    pace = ChatPace()
    assert moments(pace, "17", [0] * 7) == [0, 0, 0, 0, 0, 1, 2]
    assert [pace.free_at("17", 7.0) <= 7, pace.free_at("18", 2.0) <= 2] == [True, True]
    assert moments(pace, "17", [7.0, 0, 0, 0, 0])[-1] == 7


def test_a_paused_chat_waits_and_others_do_not() -> None:
    pace = ChatPace()
    pace.pause("17", 30)
    pace.pause("17", 10)
    assert pace.free_at("17", 1) == 30
    assert pace.free_at("18", 1) <= 1


def test_chats_that_rest_are_forgotten() -> None:
    pace = ChatPace(private=Allowance(burst=1, interval=1))
    for chat in range(3 * CHATS):
        pace.spend(str(chat), now=chat * 2.0)
        pace.pause(str(chat), until=chat * 2.0)
    assert len(pace._rested_at) <= CHATS
    assert len(pace._paused_until) <= CHATS + 1


def test_a_message_is_tried_for_an_hour() -> None:
    waits = [back_off(attempts, 0) for attempts in range(1, MOST_ATTEMPTS)]
    assert waits[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert 3600 <= sum(waits) < 3700
    assert back_off(10**9, 1) == LONGEST_WAIT * 1.25


def test_slots_open_one_by_one_and_late_ones_are_gone() -> None:
    slots = Slots()
    assert slots.open_at(0) is None
    slots.add(10, 3, rate=10)
    assert slots.open_at(9) == 10
    slots.take()
    assert slots.open_at(10.1) == pytest.approx(10.1)
    assert slots.open_at(10.1 + 2 * SAVED_UP) == pytest.approx(10.2)
    assert slots.open_at(11) is None


def test_a_reply_takes_a_slot_but_never_all_of_them() -> None:
    slots = Slots()
    slots.add(0, 10, rate=10)
    for _reply in range(6):
        slots.give_way()
    assert slots.open_at(0) == pytest.approx(0.4)
    slots.take()
    slots.give_way()
    assert slots.open_at(0) == pytest.approx(0.6)


def test_replies_without_a_slot_are_owed_one_for_a_second() -> None:
    slots = Slots()
    slots.give_way()
    assert slots.owed(100) == 0
    for _reply in range(3):
        slots.give_way()
    assert slots.owed(100.5) == 3
    assert slots.owed(100.6) == 0
