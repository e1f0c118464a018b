"""Once somebody stops a message to many, what was leased already does not leave either."""

import asyncio

import pytest

from bot import broadcasting
from bot.answering import Answering
from bot.channels.base import Incoming
from bot.inbound import Times
from bot.writing import Writer
from core.screen import Picked
from storage.broadcasts import Fate, Why
from storage.copies import broadcast_of
from tests.bot.test_broadcasting import SEND, crowd, fates, tick
from tests.bot.test_sender import Scene, act, until
from tests.handlers.test_broadcast import write
from tests.letters import CHANNEL
from tests.phone import Office, Phone
from tests.timeless import AtOnce, now

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)


class Taps:
    """A channel whose updates are actions that an officer taps. chat: theirs."""

    name = "telegram"

    def __init__(self, chat: str) -> None:
        self.chat = chat

    def read(self, raw: dict[str, str]) -> Incoming:
        return Incoming(self.name, raw["id"], self.chat, self.chat, Picked(raw["action"]))

    async def answer_tap(self, tap: str) -> None:
        """Theirs have no id."""


def send_to_twenty(office: Office, minh: Phone) -> None:
    crowd(office, 20, CHANNEL)
    write(minh, "Fire drill", *SEND)
    tick(office)


async def under_way(scene: Scene) -> None:
    await until(lambda: len(scene.messenger.went) >= 3, every=0.01)


async def nothing_leaves(scene: Scene) -> None:
    gone = len(scene.messenger.went)
    await asyncio.sleep(3)
    assert len(scene.messenger.went) == gone < 7  # seven were leased


async def tap(office: Office, minh: Phone, scene: Scene, action: str) -> None:
    """Through what answers, which tells the sender."""
    writer = Writer(office.engine, AtOnce())
    times = Times(office.now, now())
    desk = Answering(office.engine, office.desk, lambda: times, scene.sender, writer, lambda: None)
    await desk.taker(Taps(minh.chat))([{"id": action, "action": action}])
    writer.close()


@only_with_buttons
def test_nothing_leased_leaves_after_a_stop(office: Office, minh: Phone) -> None:
    send_to_twenty(office, minh)

    async def scene(scene: Scene) -> None:
        await under_way(scene)
        await tap(office, minh, scene, "show:stop:1")
        await nothing_leaves(scene)

    act(office.engine, scene, running=True)
    tick(office, seconds=4)
    assert set(fates(office).values()) == {(Fate.SENT, Why.NONE), (Fate.FAILED, Why.STOPPED)}


@only_with_buttons
def test_a_pause_holds_and_what_it_held_goes_on(office: Office, minh: Phone) -> None:
    send_to_twenty(office, minh)

    async def scene(scene: Scene) -> None:
        await under_way(scene)
        await tap(office, minh, scene, "show:pause:1")
        await nothing_leaves(scene)
        await tap(office, minh, scene, "show:resume:1")
        tick(office, seconds=4)
        await until(lambda: len(scene.messenger.arrived) == 20)

    act(office.engine, scene, running=True)
    assert len(fates(office)) == 20


@only_with_buttons
def test_another_process_s_stop_is_known_by_the_next_tick(office: Office, minh: Phone) -> None:
    send_to_twenty(office, minh)

    async def scene(scene: Scene) -> None:
        await under_way(scene)
        minh.gives(Picked("show:stop:1"))
        began = asyncio.get_running_loop().time()
        found = broadcasting.halted(office.engine, office.times())
        scene.sender.halt(dict.fromkeys(found, True), began)
        await nothing_leaves(scene)

    act(office.engine, scene, running=True)


def test_a_correction_is_no_copy() -> None:
    assert broadcast_of("broadcast:12:7") == 12
    assert [broadcast_of(key) for key in (None, "broadcast:12:7:2", "digest:1")] == [None] * 3
