"""Messages to send: who owns them, in what order they go, and what becomes of them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlmodel import Session, col

from storage import deliveries, outbox
from storage.deliveries import Fate
from storage.outbox import BULK, Draft, Lane, Letter, Outgoing, Sending
from storage.people import Address
from tests.letters import CHANNEL, NOW, chats, draft, lease, put, words

ME, OTHER = 7, 8
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    chats(engine, 4)
    with engine.connect() as connection:
        yield connection


def row(connection: Connection, letter: int) -> Outgoing:
    with Session(connection) as session:
        return session.get_one(Outgoing, letter)


def sent(letter: Letter, reference: str = "55") -> Fate:
    return Fate(letter, Sending.SENT, NOW, reference=reference)


def waits(letter: Letter) -> Fate:
    return Fate(letter, Sending.WAITING, LATER, attempts=1, error="busy")


def cut_off(letter: Letter) -> Fate:
    return Fate(letter, Sending.FAILED, NOW, attempts=1, error="blocked", unreachable=True)


def reachable(connection: Connection, number: int) -> bool:
    where = col(Address.id) == number
    return connection.execute(select(col(Address.reachable)).where(where)).scalar_one()


# Writing


def test_a_reply_is_born_with_its_owner_and_all_it_says(connection: Connection) -> None:
    full = draft(
        2,
        choices=[["Có", "1.2:yes"]],
        typed=True,
        asks_phone=True,
        page=3,
        files=[{"remote": "f", "kind": "document"}],
        edits="17",
        tap="t",
    )
    added = outbox.add(connection, [full], NOW, ME)
    [letter] = added.letters
    assert (added.waiting, added.skipped) == (0, 0)
    assert row(connection, letter.id).owner == ME
    deliveries.release(connection, ME, [letter.id])
    assert lease(connection) == [letter]


def test_one_owner_keeps_the_order_of_a_chat(connection: Connection) -> None:
    first = outbox.add(connection, [draft(1, "a"), draft(1, "b")], NOW, ME)
    then = outbox.add(connection, [draft(1, "c")], NOW, ME)
    assert words(first.letters + then.letters) == ["a", "b", "c"]


def test_a_reply_behind_one_of_another_process_is_anybodys(connection: Connection) -> None:
    [before] = outbox.add(connection, [draft(1)], NOW, OTHER).letters
    added = outbox.add(connection, [draft(1), draft(2)], NOW, ME)
    assert (words(added.letters), added.waiting) == (["Xin chào"], 1)
    assert lease(connection) == []
    deliveries.mark(connection, [sent(before)])
    assert len(lease(connection)) == 1


def test_a_reply_behind_one_of_nobody_is_anybodys(connection: Connection) -> None:
    outbox.add(connection, [draft(1)], NOW)
    assert outbox.add(connection, [draft(1)], NOW, ME).waiting == 1


def test_bulk_messages_and_those_for_later_are_anybodys(connection: Connection) -> None:
    drafts = [draft(1, lane=lane) for lane in BULK] + [draft(1, try_at=LATER)]
    added = outbox.add(connection, drafts, NOW, ME)
    assert (added.letters, added.waiting) == ([], 3)
    assert lease(connection) == []
    assert len(lease(connection, now=LATER)) == 1


def test_a_key_is_used_once(connection: Connection) -> None:
    twice = [draft(1, key="digest"), draft(1, key="digest")]
    assert outbox.add(connection, twice, NOW, ME).skipped == 1
    nudges = [draft(2, lane=Lane.NUDGE, key=key) for key in ("digest", "x", "x", "y")]
    added = outbox.add(connection, nudges, NOW)
    assert (added.waiting, added.skipped) == (2, 2)


# Taking the place of an earlier message


def album(count: int, **more: object) -> Draft:
    return draft(1, f"{count} photos", key="album", **more)


def test_a_message_nobody_has_begun_to_send_is_rewritten(connection: Connection) -> None:
    outbox.replace_waiting(connection, album(1, try_at=LATER), NOW, ME)
    again = LATER + timedelta(seconds=1)
    added = outbox.replace_waiting(connection, album(2, try_at=again), NOW, ME)
    assert (added.letters, added.waiting) == ([], 1)
    assert lease(connection, now=LATER) == []
    assert words(lease(connection, now=again)) == ["2 photos"]


def test_a_sent_message_is_edited_by_a_new_one(connection: Connection) -> None:
    [first] = outbox.replace_waiting(connection, album(1), NOW, ME).letters
    deliveries.mark(connection, [sent(first, "55")])
    [second] = outbox.replace_waiting(connection, album(2), NOW, ME).letters
    deliveries.mark(connection, [sent(second, "55")])
    [third] = outbox.replace_waiting(connection, album(3), NOW, ME).letters
    assert [letter.edits for letter in (first, second, third)] == [None, "55", "55"]


def test_a_message_on_its_way_is_followed_by_a_new_one(connection: Connection) -> None:
    [first] = outbox.replace_waiting(connection, album(1), NOW, ME).letters
    [second] = outbox.replace_waiting(connection, album(2), NOW, ME).letters
    assert first.id != second.id
    assert second.edits is None
    assert row(connection, second.id).key == "album"


# Leasing


def test_the_longest_due_goes_first_and_one_of_each_chat(connection: Connection) -> None:
    for number, minutes in ((1, 3), (1, 4), (2, 1), (3, 2), (4, -1)):
        at = NOW - timedelta(minutes=minutes)
        outbox.add(connection, [draft(number, f"{number} {minutes}", try_at=at)], NOW)
    assert words(lease(connection, most=2)) == ["1 3", "3 2"]
    assert words(lease(connection)) == ["2 1"]
    assert lease(connection) == []


def test_lanes_do_not_hold_up_each_other(connection: Connection) -> None:
    outbox.add(connection, [draft(1, lane=Lane.NUDGE, try_at=LATER)], NOW)
    outbox.add(connection, [draft(1, lane=Lane.NUDGE)], NOW)
    outbox.add(connection, [draft(1, lane=Lane.BROADCAST)], NOW)
    assert lease(connection, Lane.NUDGE) == []
    assert len(lease(connection, Lane.BROADCAST)) == 1


def test_other_channels_and_closed_chats_are_left_alone(connection: Connection) -> None:
    letters = outbox.add(connection, [draft(1), draft(2)], NOW, ME).letters
    deliveries.mark(connection, [cut_off(letters[0])])
    outbox.add(connection, [draft(1)], NOW)
    assert deliveries.lease(connection, ME, NOW, "another", Lane.REPLY, 9) == []
    assert lease(connection) == []
    assert deliveries.fail_unreachable(connection, NOW) == 1


def test_two_processes_never_lease_the_same(engine: Engine) -> None:
    chats(engine, 4)
    put(engine, [draft(number) for number in (1, 2, 3, 4)])
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with engine.connect() as one, engine.connect() as other:
        other.execute(text("SET lock_timeout = '5s'"))
        mine, theirs = lease(one, most=3), lease(other, most=3)
        one.commit()
        other.commit()
    assert [len(mine), len(theirs)] == [3, 1]
    assert not {letter.id for letter in mine} & {letter.id for letter in theirs}


def test_the_next_moment_of_each_lane(connection: Connection) -> None:
    assert deliveries.next_at(connection, CHANNEL) == {}
    outbox.add(connection, [draft(1), draft(2, lane=Lane.NUDGE, try_at=LATER)], NOW, ME)
    assert deliveries.next_at(connection, CHANNEL) == {Lane.NUDGE: LATER}


# What became of them


def test_marks_are_kept(connection: Connection) -> None:
    drafts = [draft(number) for number in (1, 2, 3)]
    gone, late, bad = outbox.add(connection, drafts, NOW, ME).letters
    failed = Fate(bad, Sending.FAILED, NOW, attempts=1, error="too long")
    deliveries.mark(connection, [failed, sent(gone), waits(late)])
    rows = [row(connection, letter.id) for letter in (gone, late, bad)]
    assert [r.sending for r in rows] == [Sending.SENT, Sending.WAITING, Sending.FAILED]
    assert [r.reference for r in rows] == ["55", None, None]
    assert [(r.attempts, r.error) for r in rows] == [(0, None), (1, "busy"), (1, "too long")]
    assert [r.owner for r in rows] == [ME, ME, ME]


def test_a_late_mark_does_not_revive_what_another_process_sent(connection: Connection) -> None:
    [letter] = outbox.add(connection, [draft(1)], NOW, ME).letters
    deliveries.mark(connection, [sent(letter)])
    deliveries.mark(connection, [waits(letter)])
    assert row(connection, letter.id).sending is Sending.SENT


def test_what_waits_for_a_closed_chat_fails_with_the_reason(connection: Connection) -> None:
    [letter] = outbox.add(connection, [draft(1)], NOW, ME).letters
    outbox.add(connection, [draft(1, lane=Lane.NUDGE), draft(2, lane=Lane.NUDGE)], NOW)
    deliveries.mark(connection, [cut_off(letter)])
    assert not reachable(connection, 1)
    assert reachable(connection, 2)
    told = outbox.failed(connection, NOW)
    assert [(f.address_id, f.lane, f.error) for f in told] == [
        (1, Lane.REPLY, "blocked"),
        (1, Lane.NUDGE, "blocked"),
    ]


def test_a_chat_is_followed_to_its_new_name(connection: Connection) -> None:
    [letter] = outbox.add(connection, [draft(1)], NOW, ME).letters
    deliveries.mark(connection, [Fate(letter, Sending.WAITING, NOW, moved_to="-100")])
    deliveries.release(connection, ME, [letter.id])
    assert [moved.chat for moved in lease(connection)] == ["-100"]


def test_a_chat_that_is_known_under_its_new_name_is_closed(connection: Connection) -> None:
    [letter] = outbox.add(connection, [draft(1)], NOW, ME).letters
    deliveries.mark(connection, [Fate(letter, Sending.WAITING, NOW, moved_to="2")])
    assert not reachable(connection, 1)
    assert reachable(connection, 2)


# Owners


def test_what_dead_processes_owned_is_anybodys(connection: Connection) -> None:
    outbox.add(connection, [draft(1)], NOW, ME)
    outbox.add(connection, [draft(2)], NOW, OTHER)
    assert deliveries.owners(connection) == {ME, OTHER}
    assert deliveries.free(connection, {OTHER}) == 1
    assert deliveries.free(connection, set()) == 0
    assert [letter.address_id for letter in lease(connection)] == [2]
    assert len(deliveries.owned(connection, ME)) == 2


# The rate


def test_slots_are_evenly_apart_whoever_asks(connection: Connection) -> None:
    first, second = (deliveries.reserve(connection, "a", NOW, 5, rate=25) for _ in range(2))
    elsewhere = deliveries.reserve(connection, "b", NOW, 5, rate=25)
    assert [first, second, elsewhere] == [NOW, NOW + timedelta(seconds=0.2), NOW]


def test_time_in_which_nobody_sent_is_not_saved_up(connection: Connection) -> None:
    deliveries.reserve(connection, "a", NOW, 5, rate=25)
    assert deliveries.reserve(connection, "a", LATER, 5, rate=25) == LATER


def test_a_clock_that_was_set_back_holds_up_nothing(connection: Connection) -> None:
    deliveries.reserve(connection, "a", LATER, 5, rate=25)
    assert deliveries.reserve(connection, "a", NOW, 5, rate=25) == NOW


# Looking


def test_what_a_chat_shows_is_the_newest_it_was_sent(connection: Connection) -> None:
    assert outbox.last_shown(connection, 1) is None
    old, new = outbox.add(connection, [draft(1), draft(1, page=2)], NOW, ME).letters
    outbox.add(connection, [draft(1, lane=Lane.NUDGE)], NOW)
    deliveries.mark(connection, [sent(old, "55")])
    shown = outbox.last_shown(connection, 1)
    assert shown is not None
    assert (shown.id, shown.page, shown.reference) == (new.id, 2, None)
    deliveries.mark(connection, [cut_off(new)])
    shown = outbox.last_shown(connection, 1)
    assert shown is not None
    assert (shown.id, shown.reference) == (old.id, "55")


def test_a_message_is_found_by_what_the_channel_calls_it(connection: Connection) -> None:
    [letter] = outbox.add(connection, [draft(1, choices=[["A", "1.2:a"]])], NOW, ME).letters
    deliveries.mark(connection, [sent(letter, "55")])
    assert outbox.shown_as(connection, 1, "55") == draft(1, choices=[["A", "1.2:a"]])
    assert outbox.shown_as(connection, 2, "55") is None


def test_failed_messages_are_named_since_a_moment(connection: Connection) -> None:
    [letter] = outbox.add(connection, [draft(3)], NOW, ME).letters
    deliveries.mark(connection, [cut_off(letter)])
    [told] = outbox.failed(connection, NOW)
    assert (told.id, told.person_id, told.channel, told.at) == (letter.id, 3, CHANNEL, NOW)
    assert outbox.failed(connection, LATER) == []


def test_how_much_waits_and_since_when(connection: Connection) -> None:
    assert outbox.depth(connection, NOW) == outbox.Depth(0, 0, None)
    [letter] = outbox.add(connection, [draft(1)], NOW, ME).letters
    outbox.add(connection, [draft(1), draft(2, try_at=LATER)], NOW, ME)
    deliveries.mark(connection, [sent(letter)])
    assert outbox.depth(connection, LATER - timedelta(minutes=1)) == outbox.Depth(2, 1, NOW)


def test_what_was_sent_long_ago_is_forgotten(connection: Connection) -> None:
    letter, _waiting = outbox.add(connection, [draft(1, key="a"), draft(2)], NOW, ME).letters
    deliveries.mark(connection, [sent(letter)])
    assert outbox.forget(connection, NOW) == 0
    assert outbox.forget(connection, LATER) == 1
    assert outbox.depth(connection, NOW).waiting == 1
