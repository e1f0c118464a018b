"""Which letter goes next, and how many at once."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pace import Allowance, ChatPace
from bot.queue import SLOW_FOR_A_PLACE, Queue
from storage.outbox import Lane, Letter

FREELY = Allowance(burst=1_000_000, interval=0)


def letter(id: int, chat: int = 1, lane: Lane = Lane.REPLY, attempts: int = 0) -> Letter:
    return Letter(
        *(id, chat, "talk", str(chat), lane, [], [], False, False, [], None, None),
        attempts=attempts,
    )


@pytest.fixture
def queue() -> Queue:
    queue = Queue(4, ChatPace(private=FREELY))
    queue.slots.add(-0.04, 1000, rate=100_000)
    return queue


def started(queue: Queue, now: float = 0) -> list[int]:
    """The letters that start now."""
    return [letter.id for letter in iter(lambda: queue.next(now), None)]


def test_a_chat_gets_the_letters_of_a_lane_one_by_one(queue: Queue) -> None:
    first, second, elsewhere = letter(1), letter(2), letter(3, chat=2)
    for each in (first, second, elsewhere):
        queue.put(each)
    assert started(queue) == [1, 3]
    queue.done(first)
    assert started(queue) == [2]
    queue.done(second)
    queue.done(elsewhere)
    assert queue.held == 0


def test_letters_handed_over_in_the_wrong_order_go_in_the_right_one(queue: Queue) -> None:
    on_its_way = letter(5)
    queue.put(on_its_way)
    assert started(queue) == [5]
    for id in (4, 9, 7, 8):
        queue.put(letter(id))
    queue.done(on_its_way)
    for id in (4, 7, 8, 9):
        assert started(queue) == [id]
        queue.done(letter(id))


def test_replies_go_before_nudges_and_nudges_before_broadcasts(queue: Queue) -> None:
    queue.put(letter(1, 1, Lane.BROADCAST))
    queue.put(letter(2, 2, Lane.NUDGE))
    queue.put(letter(3, 3))
    assert started(queue) == [3, 2, 1]


def test_bulk_messages_leave_a_place_to_replies(queue: Queue) -> None:
    for id in range(1, 9):
        queue.put(letter(id, id, Lane.BROADCAST))
    assert started(queue) == [1, 2, 3]
    queue.put(letter(9, 9))
    queue.put(letter(10, 10))
    assert started(queue) == [9]
    queue.done(letter(1, 1, Lane.BROADCAST))
    assert started(queue) == [10]


def test_a_bulk_message_needs_a_slot(queue: Queue) -> None:
    queue = Queue(4, ChatPace(private=FREELY))
    queue.put(letter(1, 1, Lane.NUDGE))
    queue.put(letter(2, 2))
    assert started(queue) == [2]
    assert (queue.lacking(10), queue.due(0)) == (1, None)
    queue.slots.add(5, 1, rate=1)
    assert (queue.lacking(10), queue.due(0)) == (0, 5)
    assert started(queue, 5) == [1]


def test_a_closed_lane_waits(queue: Queue) -> None:
    queue.put(letter(1, 1, Lane.NUDGE))
    queue.put(letter(2, 2, Lane.BROADCAST))
    queue.closed = frozenset({Lane.NUDGE})
    assert started(queue) == [2]
    queue.closed = frozenset()
    assert started(queue) == [1]


def test_a_letter_that_is_tried_again_holds_back_those_behind_it(queue: Queue) -> None:
    queue.put(letter(1))
    queue.put(letter(2))
    assert started(queue) == [1]
    queue.rest(letter(1, attempts=1), until=30)
    assert started(queue, 29) == []
    assert (queue.due(29), queue.active) == (30, False)
    again = queue.next(30)
    assert again is not None
    assert (again.id, again.attempts) == (1, 1)


def test_a_pause_of_all_stops_all_and_one_of_a_chat_only_that(queue: Queue) -> None:
    queue.put(letter(1, chat=1))
    queue.put(letter(2, chat=2))
    queue.pause(10, chat="1")
    assert started(queue, 1) == [2]
    queue.put(letter(3, chat=3))
    queue.pause(20)
    assert started(queue, 11) == []
    assert queue.due(11) == 20
    assert started(queue, 20) == [3, 1]


def test_a_chat_is_not_written_to_faster_than_it_may_be() -> None:
    queue = Queue(4, ChatPace(private=Allowance(burst=2, interval=1)))
    went = []
    for id in range(1, 5):
        queue.put(letter(id))
    now = 0.0
    while queue.held:
        for id in started(queue, now):
            went.append((id, now))
            queue.done(letter(id))
        now = max(now, queue.due(now) or now)
    assert went == [(1, 0), (2, 0), (3, 1), (4, 2)]


def test_slow_letters_give_up_their_place_but_only_so_many(queue: Queue) -> None:
    most = 4 * SLOW_FOR_A_PLACE
    for id in range(1, most + 20):
        queue.put(letter(id, chat=id))
    went = started(queue)
    for id in range(1, most + 10):
        queue.slow(letter(id, chat=id))
        went += started(queue)
    assert len(went) == most + 4
    for id in went:
        queue.done(letter(id, chat=id))
    assert len(started(queue)) == 4


def test_what_waits_for_a_closed_chat_is_taken_out(queue: Queue) -> None:
    for id, lane in enumerate((Lane.REPLY, Lane.REPLY, Lane.NUDGE, Lane.BROADCAST), 1):
        queue.put(letter(id, 1, lane))
    queue.closed = frozenset({Lane.NUDGE, Lane.BROADCAST})
    assert started(queue) == [1]
    assert [dropped.id for dropped in queue.drop(1)] == [2, 3, 4]
    queue.closed = frozenset()
    queue.put(letter(5, 1, Lane.NUDGE))
    assert started(queue) == [5]
    queue.done(letter(1))
    queue.done(letter(5, 1, Lane.NUDGE))
    assert queue.held == 0


def test_what_is_not_on_its_way_can_be_let_go(queue: Queue) -> None:
    for id in range(1, 9):
        queue.put(letter(id, chat=id % 5))
    assert started(queue) == [1, 2, 3, 4]
    queue.clear()
    assert [kept.id for kept in queue.letters()] == [1, 2, 3, 4]


def test_a_moved_chat_is_written_to_under_its_new_name(queue: Queue) -> None:
    queue.put(letter(1))
    queue.put(letter(2))
    assert started(queue) == [1]
    queue.move(1, "-100")
    assert [each.chat for each in queue.letters()] == ["-100", "-100"]


Action = st.tuples(st.sampled_from(["put", "done", "rest", "drop", "slow"]), st.integers(0, 5))


@settings(max_examples=200)
@given(st.lists(st.tuples(Action, st.sampled_from(Lane)), max_size=60))
def test_whatever_happens_order_and_places_are_kept(
    actions: list[tuple[tuple[str, int], Lane]],
) -> None:
    queue = Queue(4, ChatPace(private=Allowance(burst=3, interval=1)))
    on_the_way: list[Letter] = []
    slow: set[int] = set()
    finished: dict[tuple[int, Lane], int] = {}
    for now, ((action, chat), lane) in enumerate(actions, 1):
        queue.slots.add(now, 2, rate=10)
        if action == "put":
            queue.put(letter(now, chat, lane))
        elif action == "drop":
            queue.drop(chat)
        elif on_the_way:
            one = on_the_way[chat % len(on_the_way)]
            if action == "slow":
                queue.slow(one) if one.id not in slow else None
                slow.add(one.id)
            else:
                on_the_way.remove(one)
                slow.discard(one.id)
            if action == "done":
                assert finished.get((one.address_id, one.lane), 0) < one.id
                finished[one.address_id, one.lane] = one.id
                queue.done(one)
            elif action == "rest":
                queue.rest(letter(one.id, one.address_id, one.lane, 1), now + 3)
        on_the_way += starting(queue, now)
        assert len(on_the_way) - len(slow) <= 4
        keys = [(each.address_id, each.lane) for each in on_the_way]
        assert len(keys) == len(set(keys))


def starting(queue: Queue, now: float) -> Iterator[Letter]:
    return iter(lambda: queue.next(now), None)
