"""How fast a message to many leaves, on a clock that jumps, and what a reply notices of it."""

import asyncio

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from bot import broadcasting
from bot.broadcasting import Post
from bot.inbound import Times
from core.roles import Role
from storage import people, units
from storage.broadcasts import Broadcast, Stage
from storage.outbox import Lane
from storage.units import OFFICE_CODE
from tests.bot.test_broadcasting import crowd
from tests.bot.test_sender import Messenger, Scene, act, busiest_second, seconds, until
from tests.conftest import someone
from tests.letters import CHANNEL, chats, draft
from tests.phone import Office
from tests.timeless import now

MOST = 1.03  # times the number of copies, divided by the rate
EVERY = 1  # second, from one tick to the next
BURST = 0.15  # of the rate, in any second above it
LATER = 0.2  # seconds that a reply may leave later beside copies
TALKERS, REPLIES, PAUSE = 20, 200, 0.1  # seconds
TAKES = 0.2  # seconds of a call; so long that copies alone could fill all places
COPIES = 1000


@pytest.mark.parametrize(("rate", "count"), [(25, 250), (1000, 1500)])
def test_a_broadcast_takes_no_longer_than_its_rate_allows(
    office: Office, rate: int, count: int
) -> None:
    messenger = Messenger()
    order(office, count)

    async def what(scene: Scene) -> None:
        ticking = asyncio.ensure_future(tick(scene, office, rate))
        await until(lambda: len(messenger.arrived) == count, every=0.01)
        ticking.cancel()

    act(office.engine, what, messenger, running=True, rate=rate)
    went = messenger.times()
    assert went[-1] <= MOST * count / rate
    assert busiest_second(went) <= rate * (1 + BURST)


def order(office: Office, count: int) -> None:
    """A message to so many people, to be sent at once."""
    someone(office, CHANNEL, "Minh", OFFICE_CODE, Role.OFFICER)
    crowd(office, count, CHANNEL)
    with Session(office.engine) as session:
        [(_post, minh)] = people.holders(session, units.office(session).id, {Role.OFFICER})
        broadcast = Broadcast(
            unit_id=units.office(session).id,
            author_id=minh.id,
            stage=Stage.WAITING,
            written={"letter": {"text": "Fire drill"}},
            audience={"everybody": True},
            made_at=office.now,
        )
        session.add(broadcast)
        session.commit()


async def tick(scene: Scene, office: Office, rate: float) -> None:
    while True:
        times = Times(office.now, now())
        if broadcasting.tick(Post(scene.engine, office.desk, rate), times):
            scene.sender.wake()
        await asyncio.sleep(EVERY)


def test_replies_hardly_notice_a_thousand_copies(engine: Engine) -> None:
    chats(engine, TALKERS + COPIES)
    alone, beside = talk(engine, 0), talk(engine, COPIES)
    assert len(alone) == len(beside) == REPLIES
    assert slowest_but_one_in_a_hundred(beside) <= slowest_but_one_in_a_hundred(alone) + LATER


def talk(engine: Engine, copies: int) -> list[float]:
    """Seconds from the commit of each reply until it left."""
    messenger, handed = Messenger(takes=TAKES), dict[int, float]()

    async def what(scene: Scene) -> None:
        scene.add(*(draft(TALKERS + n, lane=Lane.BROADCAST) for n in range(1, copies + 1)))
        scene.sender.wake()
        await asyncio.sleep(1)
        for number in range(REPLIES):
            [letter] = scene.add(draft(1 + number % TALKERS))
            handed[letter.id] = seconds()
            scene.sender.take([letter])
            await asyncio.sleep(PAUSE)
        await until(lambda: handed.keys() <= set(messenger.arrived))
        assert copies == 0 or scene.waiting()

    act(engine, what, messenger, running=True)
    return [at - handed[letter.id] for at, letter in messenger.went if letter.id in handed]


def slowest_but_one_in_a_hundred(waits: list[float]) -> float:
    return sorted(waits)[int((len(waits) - 1) * 0.99)]
