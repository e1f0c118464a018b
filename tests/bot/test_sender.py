"""Sending through trouble, on a clock that jumps: a fake messenger, and the real database."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select, text, update
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from bot.channels.base import ChatMoved, Rejected, TryLater, Unreachable
from bot.pace import Allowance, ChatPace
from bot.sender import STOP_WITHIN, Sender
from bot.writing import Writer
from storage import outbox, processes
from storage.outbox import Draft, Lane, Letter, Outgoing, Sending
from storage.people import Address
from storage.processes import Process
from tests.letters import CHANNEL, chats, draft, words
from tests.timeless import AtOnce, now, play

HOUR = 3600
ON_THE_WAY = 0.06  # seconds a call takes
Answer = Callable[[Letter], None]


@dataclass
class Messenger:
    """Answers each call as `trouble` says, by raising. went: when each call began, and of what."""

    trouble: Answer = lambda _letter: None
    takes: float = ON_THE_WAY
    went: list[tuple[float, Letter]] = field(default_factory=list)
    arrived: list[int] = field(default_factory=list)
    name: str = CHANNEL

    async def send(self, letter: Letter) -> str:
        self.went.append((seconds(), letter))
        await asyncio.sleep(self.takes)
        self.trouble(letter)
        self.arrived.append(letter.id)
        return f"reference {letter.id}"

    async def fetch(self, remote_id: str) -> bytes:
        raise NotImplementedError(remote_id)

    def times(self, chat: int | None = None) -> list[float]:
        return [at for at, letter in self.went if chat in (None, letter.address_id)]


@dataclass
class Scene:
    engine: Engine
    messenger: Messenger
    process: Process
    sender: Sender

    def add(self, *drafts: Draft, owned: bool = True) -> list[Letter]:
        """Commit messages; what this process owns still has to be handed to the sender."""
        with self.engine.begin() as connection:
            owner = self.sender.owner if owned else None
            return outbox.add(connection, drafts, now(), owner).letters

    def rows(self) -> dict[int, Any]:
        with self.engine.connect() as connection:
            rows = connection.execute(select(*map(col, READ)).order_by(col(Outgoing.id)))
            return {row.id: row for row in rows}

    def waiting(self) -> int:
        with self.engine.connect() as connection:
            return outbox.depth(connection, now()).waiting


READ: Any = (
    *(Outgoing.id, Outgoing.sending, Outgoing.attempts, Outgoing.reference),
    *(Outgoing.error, Outgoing.owner, Outgoing.try_at),
)


def act(
    engine: Engine,
    what: Callable[[Scene], Awaitable[None]],
    messenger: Messenger | None = None,
    *,
    rate: float = 25,
    running: bool = False,
    executor: Executor | None = None,
    **options: Any,
) -> None:
    """Play a scene on a timeless loop, with or without the sender's own look at the database."""

    async def scene() -> None:
        process = processes.enter(engine)
        channel = messenger or Messenger()
        writer = Writer(engine, executor or AtOnce())
        sender = Sender(
            engine, {CHANNEL: channel}, process, rate, writer=writer, now=now, **options
        )
        try:
            async with asyncio.TaskGroup() as group:
                run = group.create_task(sender.run()) if running else None
                await what(Scene(engine, channel, process, sender))
                if run:
                    run.cancel()
        finally:
            writer.close()
            process.close()

    play(scene())


def seconds() -> float:
    return asyncio.get_running_loop().time()


async def until(condition: Callable[[], bool], most: float = 2 * HOUR, every: float = 0.1) -> None:
    """Wait, on the timeless clock."""
    limit = seconds() + most
    while not condition():
        assert seconds() < limit, "it never comes"
        await asyncio.sleep(every)


def raises(*errors: Exception | None) -> Answer:
    """Each call of a chat fails as the next one says; those after the last arrive."""
    left: dict[int, list[Exception | None]] = defaultdict(lambda: list(errors))

    def answer(letter: Letter) -> None:
        if (of_chat := left[letter.address_id]) and (error := of_chat.pop(0)):
            raise error

    return answer


def only(chat: int, answer: Answer) -> Answer:
    return lambda letter: answer(letter) if letter.address_id == chat else None


@pytest.fixture(autouse=True)
def _people(engine: Engine) -> None:
    chats(engine, 40)


# Replies


def test_a_reply_leaves_at_the_commit_and_is_marked(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        [letter] = scene.add(draft(1))
        scene.sender.take([letter])
        await scene.sender.drain()
        assert scene.messenger.times() == [0]
        row = scene.rows()[letter.id]
        assert (row.sending, row.reference) == (Sending.SENT, f"reference {letter.id}")
        assert scene.sender.counted == {Sending.SENT: 1}

    act(engine, what)


def test_a_chat_gets_its_replies_in_order(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(draft(1, "a"), draft(1, "b"), draft(2, "c")))
        scene.sender.take(scene.add(draft(1, "d")))
        await scene.sender.drain()
        to_first = [letter for _at, letter in scene.messenger.went if letter.address_id == 1]
        assert words(to_first) == ["a", "b", "d"]

    act(engine, what)


def test_what_is_not_handed_over_is_leased_on_time(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        album = now() + timedelta(seconds=1.5)
        scene.add(draft(1, "now"), draft(2, "album", try_at=album), owned=False)
        scene.sender.wake()
        await until(lambda: len(scene.messenger.went) == 2)
        [(_first, _letter), (second, _other)] = scene.messenger.went
        assert 1.5 <= second < 1.8

    act(engine, what, running=True)


def test_what_waits_behind_another_leaves_when_that_is_sent(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(draft(1)))
        scene.add(draft(1), owned=False)
        scene.sender.wake()
        await until(lambda: len(scene.messenger.went) == 2)
        first, second = scene.messenger.times()
        assert first + 3.33 <= second < first + 3.4

    act(engine, what, Messenger(takes=3.33), running=True)


def test_a_place_is_free_only_when_its_mark_is_committed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Slow()
    monkeypatch.setattr("bot.writing.can_write_at_once", lambda _engine: False)

    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(*(draft(number) for number in range(1, 11))))
        await asyncio.sleep(30)
        assert len(scene.messenger.arrived) == 4
        database.catch_up()
        await asyncio.sleep(30)
        assert len(scene.messenger.arrived) == 8
        database.catch_up()
        await asyncio.sleep(1)
        assert len(scene.messenger.arrived) == 10

    act(engine, what, executor=database)


class Slow(Executor):
    """Works only when told to."""

    def __init__(self) -> None:
        self.work: list[Callable[[], None]] = []

    def submit(self, fn: Any, /, *args: Any, **_kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.work.append(lambda: future.set_result(fn(*args)))
        return future

    def catch_up(self) -> None:
        work, self.work = self.work, []
        for each in work:
            each()


def test_the_number_of_places_follows_the_rate(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(*(draft(number) for number in range(1, 41))))
        await asyncio.sleep(ON_THE_WAY / 2)
        assert len(scene.messenger.went) == 30

    act(engine, what, rate=200)


def test_marks_are_committed_together(engine: Engine) -> None:
    commits: Counter[str] = Counter()
    event.listen(engine, "commit", lambda _connection: commits.update(["commit"]))

    async def what(scene: Scene) -> None:
        letters = scene.add(*(draft(number) for number in range(1, 31)))
        commits.clear()
        scene.sender.take(letters)
        await until(lambda: scene.waiting() == 0)
        assert commits["commit"] <= 3

    act(engine, what, rate=200)


# Trouble


def test_a_chat_waits_as_long_as_it_is_told_and_others_do_not(engine: Engine) -> None:
    slow_down = only(1, raises(TryLater("slow down", 30)))

    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(draft(1, "a"), draft(1, "b"), draft(2, "c")))
        await until(lambda: scene.waiting() == 0)
        assert scene.messenger.times(2) == [0]
        first, again, after = scene.messenger.times(1)
        assert first == 0
        assert 30 <= again < after < 31
        assert scene.rows()[1].attempts == 1
        assert scene.sender.told_to_wait == 1

    act(engine, what, Messenger(slow_down))


def test_everybody_waits_when_the_whole_bot_is_told_to(engine: Engine) -> None:
    stop_all = only(1, raises(TryLater("slow down", 30, everybody=True)))

    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(draft(1)))
        await asyncio.sleep(1)
        scene.sender.take(scene.add(draft(2)))
        await until(lambda: scene.waiting() == 0)
        assert min(scene.messenger.times(2)) >= 30

    act(engine, what, Messenger(stop_all))


def test_what_fails_for_an_hour_is_kept_as_failed_and_frees_the_chat(engine: Engine) -> None:
    def trouble(letter: Letter) -> None:
        if letter.lines == [["", "bad"]]:
            raise TryLater("502 Bad Gateway")

    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(draft(1, "bad"), draft(1, "good")))
        await until(lambda: scene.waiting() == 0, every=30)
        *_tries, last_try = (at for at, letter in scene.messenger.went if letter.id == 1)
        assert HOUR <= last_try <= HOUR * 1.3
        bad, good = scene.rows().values()
        assert (bad.sending, bad.error) == (Sending.FAILED, "502 Bad Gateway")
        assert good.sending is Sending.SENT
        with scene.engine.connect() as connection:
            [told] = outbox.failed(connection, now() - timedelta(minutes=1))
        assert (told.id, told.error) == (1, "502 Bad Gateway")

    act(engine, what, Messenger(trouble))


def test_what_is_rejected_fails_at_once(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(draft(1), draft(1)))
        await scene.sender.drain()
        bad, good = scene.rows().values()
        assert (bad.sending, bad.attempts, bad.error) == (Sending.FAILED, 1, "too long")
        assert good.sending is Sending.SENT

    act(engine, what, Messenger(raises(Rejected("too long"))))


def test_who_blocked_the_bot_gets_nothing_more(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        scene.add(draft(1, lane=Lane.NUDGE))
        scene.sender.take(scene.add(draft(1), draft(1), draft(2)))
        await asyncio.sleep(1)
        await scene.sender.drain()
        assert len(scene.messenger.times(1)) == 1
        assert not reachable(engine, 1)
        assert reachable(engine, 2)
        with engine.connect() as connection:
            told = outbox.failed(connection, now() - timedelta(seconds=9))
        assert [(f.address_id, f.error) for f in told] == [(1, "blocked")] * 3

    act(engine, what, Messenger(only(1, raises(Unreachable("blocked")))))


def test_who_comes_back_is_answered(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(draft(1)))
        await scene.sender.drain()
        with engine.begin() as connection:
            connection.execute(update(Address).values(reachable=True))
        scene.sender.take(scene.add(draft(1)))
        await scene.sender.drain()
        assert scene.messenger.arrived == [2]

    act(engine, what, Messenger(raises(Unreachable("blocked"))))


def reachable(engine: Engine, number: int) -> bool:
    with engine.connect() as connection:
        where = col(Address.id) == number
        return connection.execute(select(col(Address.reachable)).where(where)).scalar_one()


def test_a_chat_is_followed_where_it_moved(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(draft(1, "a"), draft(1, "b")))
        await until(lambda: scene.waiting() == 0)
        assert [letter.chat for _at, letter in scene.messenger.went] == ["1", "-100", "-100"]
        with engine.connect() as connection:
            chat = select(col(Address.chat)).where(col(Address.id) == 1)
            assert connection.execute(chat).scalar_one() == "-100"

    act(engine, what, Messenger(raises(ChatMoved("-100"))))


def test_our_own_mistake_is_tried_three_times_and_its_words_are_not_kept(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(draft(1)))
        await until(lambda: scene.waiting() == 0)
        row = scene.rows()[1]
        assert (row.sending, row.attempts, row.error) == (Sending.FAILED, 3, "KeyError")

    act(engine, what, Messenger(raises(*(KeyError("secret") for _try in range(9)))))
    assert "for a reason nobody foresaw" in caplog.text


def test_a_channel_that_is_not_connected_is_named(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        letters = scene.add(Draft(1, "zalo", "1", []))
        scene.sender.take(letters)
        await until(lambda: scene.waiting() == 0)
        assert scene.rows()[1].error == "zalo is not connected"

    act(engine, what)


def test_without_the_database_nothing_sent_is_sent_again(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    away = Away()
    event.listen(engine, "begin", away.begin)

    async def what(scene: Scene) -> None:
        letters = scene.add(*(draft(number) for number in range(1, 11)))
        away.is_away = True
        scene.sender.take(letters)
        await asyncio.sleep(60)
        assert len(scene.messenger.arrived) == 4
        away.is_away = False
        await until(lambda: scene.waiting() == 0)
        assert sorted(scene.messenger.arrived) == [letter.id for letter in letters]

    try:
        act(engine, what, running=True)
    finally:
        event.remove(engine, "begin", away.begin)
    assert "cannot write down what was sent: OperationalError" in caplog.text


class Away:
    """A database that may be away."""

    is_away = False

    def begin(self, _connection: Connection) -> None:
        if self.is_away:
            raise OperationalError("", {}, Exception("the server closed the connection"))


# Bulk messages


def test_bulk_messages_are_evenly_paced_and_nudges_go_first(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        numbers = range(1, 41)
        scene.add(*(draft(number, lane=Lane.BROADCAST) for number in numbers))
        scene.add(*(draft(number, lane=Lane.NUDGE) for number in numbers))
        scene.sender.wake()
        await until(lambda: scene.waiting() == 0)
        lanes = [letter.lane for _at, letter in scene.messenger.went]
        assert lanes == [Lane.NUDGE] * 40 + [Lane.BROADCAST] * 40
        times = scene.messenger.times()
        assert 7.8 <= times[-1] - times[0] <= 9
        assert min(later - earlier for earlier, later in pairwise(times)) >= 0.049

    act(engine, what, running=True, rate=10)


def test_looks_that_find_no_room_leave_no_gap_in_bulk_messages(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        scene.add(*(draft(n, lane=Lane.BROADCAST) for n in range(1, 41) for _copy in range(3)))
        scene.sender.wake()
        async with asyncio.TaskGroup() as group:
            group.create_task(wake_twice_at_a_time(scene))
            await until(lambda: scene.waiting() == 0)
        gaps = [later - earlier for earlier, later in pairwise(scene.messenger.times())]
        assert max(gaps) <= 0.1

    act(engine, what, running=True)


async def wake_twice_at_a_time(scene: Scene) -> None:
    """As others do who have something to send."""
    while scene.waiting():
        for _time in range(2):
            scene.sender.wake()
            await asyncio.sleep(0.03)
        await asyncio.sleep(0.4)


def test_replies_take_the_place_of_bulk_messages(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        scene.add(*(draft(n, lane=Lane.BROADCAST) for n in range(1, 41) for _copy in range(2)))
        scene.sender.wake()
        for turn in range(45):
            scene.sender.take(scene.add(draft(turn % 40 + 1)))
            await asyncio.sleep(1 / 15)
        assert busiest_second(scene.messenger.times()) <= 30
        assert len(scene.messenger.went) > 45 + 20

    act(engine, what, running=True)


def test_a_closed_lane_waits_until_it_opens(engine: Engine) -> None:
    def at_night() -> set[Lane]:
        return {Lane.NUDGE} if seconds() < 60 else set()

    async def what(scene: Scene) -> None:
        scene.add(draft(1, lane=Lane.NUDGE), draft(2, lane=Lane.BROADCAST))
        scene.sender.wake()
        await until(lambda: scene.waiting() == 0)
        assert scene.messenger.times(2)[0] < 1
        assert 60 <= scene.messenger.times(1)[0] < 65

    act(engine, what, running=True, closed=at_night)


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 12))]
)
def test_a_broadcast_through_trouble(engine: Engine, seed: int) -> None:
    schools = 700 if engine.dialect.name == "sqlite" else 150
    chats(engine, schools + 60, since=41)
    messenger = Trouble(Random(seed))  # noqa: S311  the same trouble every time

    async def what(scene: Scene) -> None:
        told = range(101, 101 + schools)
        scene.add(*(draft(n, lane=Lane.BROADCAST) for n in told))
        scene.sender.wake()
        replies = await replies_meanwhile(scene, messenger.random)
        await until(lambda: scene.waiting() == 0)
        rows = scene.rows().values()
        failed = sum(row.sending is Sending.FAILED for row in rows)
        assert failed == sum(map(messenger.is_blocked, told))
        again = Counter(messenger.arrived)
        assert len(again) == len(rows) - failed
        assert again.total() - len(again) <= messenger.timeouts
        assert busiest_second(messenger.times()) <= 30
        assert all(busiest_second(messenger.times(n)) <= 6 for n in told)
        waits = sorted(min(messenger.of(letter)) - since for letter, since in replies.items())
        assert waits[int(len(waits) * 0.95)] <= 2

    act(engine, what, messenger, running=True)


class Trouble(Messenger):
    """One in ten calls is told to slow down, one in twenty fails, one in twenty times out."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.random = random
        self.timeouts = 0

    def is_blocked(self, number: int) -> bool:
        return number > 100 and number % 50 == 0

    async def send(self, letter: Letter) -> str:
        self.went.append((seconds(), letter))
        await asyncio.sleep(self.random.uniform(0.04, 0.15))
        if self.is_blocked(letter.address_id):
            raise Unreachable("blocked")
        luck = self.random.random()
        if luck < 0.1:
            raise TryLater("slow down", self.random.randint(1, 5))
        if luck < 0.15:
            raise TryLater("502 Bad Gateway")
        self.arrived.append(letter.id)
        if luck < 0.2:
            self.timeouts += 1
            await asyncio.sleep(20)
            raise TryLater("no answer")
        return "reference"

    def of(self, id: int) -> list[float]:
        return [at for at, letter in self.went if letter.id == id]


async def replies_meanwhile(scene: Scene, random: Random) -> dict[int, float]:
    """A hundred people write, about three a second; return when each reply was committed."""
    replies: dict[int, float] = {}
    for number in range(1, 101):
        await asyncio.sleep(random.expovariate(3))
        letters = scene.add(draft(number))
        replies |= {letter.id: seconds() for letter in letters}
        scene.sender.take(letters)
    return replies


def busiest_second(times: list[float]) -> int:
    return max((sum(start <= at < start + 1 for at in times) for start in times), default=0)


# Stopping, and what others left


def test_stopping_finishes_what_is_on_its_way_and_leaves_the_rest(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(*(draft(number) for number in range(1, 11))))
        await asyncio.sleep(ON_THE_WAY / 2)

    messenger = Messenger()
    act(engine, what, messenger, running=True)
    assert len(messenger.arrived) == 4
    assert states(engine) == {(Sending.SENT, True): 4, (Sending.WAITING, False): 6}


def test_stopping_does_not_wait_for_ever(engine: Engine) -> None:
    messenger = Messenger(takes=HOUR)
    times: list[float] = []

    async def what(scene: Scene) -> None:
        scene.sender.take(scene.add(draft(1)))
        await asyncio.sleep(0)
        times.append(seconds())

    act(engine, what, messenger, running=True)
    assert messenger.arrived == []
    assert states(engine) == {(Sending.WAITING, False): 1}
    assert STOP_WITHIN < 10


def states(engine: Engine) -> dict[tuple[Sending, bool], int]:
    """How many messages are in each state, with and without an owner."""
    with engine.connect() as connection:
        rows = connection.execute(select(col(Outgoing.sending), col(Outgoing.owner))).all()
    return dict(Counter((sending, owner is not None) for sending, owner in rows))


def test_what_a_dead_process_owned_is_sent(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        with engine.begin() as connection:
            outbox.add(connection, [draft(1), draft(1)], now(), owner=1)
        await until(lambda: scene.waiting() == 0)
        assert scene.messenger.arrived == [1, 2]

    act(engine, what, running=True)


def test_what_was_committed_but_never_handed_over_is_sent(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        scene.add(draft(1))
        await until(lambda: scene.waiting() == 0, most=40)
        assert scene.messenger.times()[0] >= 30

    act(engine, what, running=True)


on_postgres = pytest.mark.parametrize(
    "engine", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@on_postgres
def test_a_process_the_database_forgot_goes_on_under_another_number(engine: Engine) -> None:
    async def what(scene: Scene) -> None:
        number = scene.process.number
        letters = scene.add(*(draft(n) for n in range(1, 21)))
        scene.sender.take(letters)
        end_connections(engine)
        await until(lambda: scene.waiting() == 0)
        assert sorted(scene.messenger.arrived) == [letter.id for letter in letters]
        await until(lambda: scene.process.number != number, most=10)
        scene.sender.take(scene.add(draft(1)))
        await until(lambda: scene.waiting() == 0)

    act(engine, what, Messenger(takes=3), running=True)


def end_connections(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()  # the scene itself looks through new ones


@on_postgres
def test_two_processes_send_each_message_once_in_order_at_one_rate(engine: Engine) -> None:
    at_will = ChatPace(private=Allowance(burst=1_000, interval=0))
    messenger = Messenger()

    async def what(scene: Scene) -> None:
        process = processes.enter(engine)
        channels = {CHANNEL: messenger}
        writer = Writer(engine, AtOnce())
        other = Sender(engine, channels, process, 25, writer=writer, now=now, pace=at_will)
        numbers = range(1, 41)
        scene.add(*(draft(n, lane=Lane.BROADCAST) for n in numbers for _copy in range(3)))
        async with asyncio.TaskGroup() as group:
            run = group.create_task(other.run())
            for turn in range(120):
                sender = (scene.sender, other)[turn % 2]
                with engine.begin() as connection:
                    one = draft(turn % 3 + 1)
                    letters = outbox.add(connection, [one], now(), sender.owner).letters
                sender.take(letters)
                await asyncio.sleep(0.05)
            await until(lambda: scene.waiting() == 0)
            run.cancel()
        writer.close()
        process.close()
        check_order(messenger)

    act(engine, what, messenger, running=True, pace=at_will)
    assert len(messenger.arrived) == len(set(messenger.arrived)) == 240
    bulk = [at for at, letter in messenger.went if letter.lane is Lane.BROADCAST]
    assert busiest_second(bulk) <= 28
    assert busiest_second(messenger.times()) <= 30 + 20  # replies come at twenty a second here


def check_order(messenger: Messenger) -> None:
    ids = defaultdict(list)
    for _at, letter in messenger.went:
        ids[letter.address_id, letter.lane].append(letter.id)
    assert all(of_chat == sorted(of_chat) for of_chat in ids.values())
