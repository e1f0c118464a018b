"""The channel against a Bot API server that refuses what Telegram refuses."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.channels.base import ChatMoved, Given, Rejected, Sent, TryLater, Unreachable
from bot.channels.telegram import TelegramChannel
from bot.demo import acts
from bot.demo.files import Upload
from bot.demo.limits import Limits
from bot.demo.server import BotApiServer
from bot.demo.state import Chat, State
from bot.receiver import poll
from core.screen import Contact, Picked, Typed
from tests.bot.channels.test_telegram import CHOICES, file, keep
from tests.bot.channels.test_telegram_words import letter
from tests.bot.scripted import TOKEN, until

JPEG = bytes.fromhex("ffd8ffe000104a46494600010101004800480000ffc0000b080258032001011100ffd9")

Talk = Callable[[State, TelegramChannel, Chat], Awaitable[None]]


def run(talk: Talk, store: Path = Path("/nowhere"), limits: Limits | None = None) -> None:
    async def main() -> None:
        state = State(TOKEN, limits=limits)
        hoa = state.add_person("Lò Thị Hoà", opened=True)
        async with (
            asyncio.timeout(60),
            BotApiServer(state) as server,
            TelegramChannel(
                SecretStr(TOKEN), server.url, lambda sha256: store / sha256
            ) as channel,
        ):
            await talk(state, channel, hoa)

    asyncio.run(main())


async def heard(channel: TelegramChannel) -> list[Given]:
    read = [channel.read(update) for update in await channel.updates(None, 0)]
    return [incoming.given for incoming in read if incoming]


def test_what_a_phone_does_is_read() -> None:
    async def talk(state: State, channel: TelegramChannel, hoa: Chat) -> None:
        await channel.updates(None, 0)
        acts.start(state, hoa, "K7QX2MPA9D")
        sent = await channel.send(letter(*CHOICES, chat=str(hoa.id)))
        acts.tap(state, hoa, int(sent), "12.5.answer:yes")
        acts.share_contact(state, hoa, "0912000111", own=True)
        acts.send_files(state, hoa, [Upload("a.jpg", "image/jpeg", JPEG)] * 2, "photo", "Hai ảnh")
        start, tap, contact, *photos = await heard(channel)
        assert start == Typed("/start K7QX2MPA9D")
        assert tap == Picked("answer:yes")
        assert contact == Contact("0912000111", own=True)
        assert [p.caption for p in photos if isinstance(p, Sent)] == ["Hai ảnh", ""]
        assert len({p.album for p in photos if isinstance(p, Sent)}) == 1

    run(talk)


def test_a_tap_changes_its_message_in_place() -> None:
    async def talk(state: State, channel: TelegramChannel, hoa: Chat) -> None:
        await channel.updates(None, 0)
        sent = await channel.send(letter(*CHOICES, chat=str(hoa.id)))
        acts.tap(state, hoa, int(sent), "12.5.answer:yes")
        (update,) = await channel.updates(None, 0)
        incoming = channel.read(update)
        assert incoming
        reply = letter(
            chat=incoming.chat,
            edits=incoming.message,
            tap=incoming.tap,
            lines=[["strong", "Đã ghi"]],
        )
        assert [await channel.send(reply) for _time in range(2)] == [sent, sent]
        assert len(hoa.messages) == 1
        assert hoa.messages[int(sent)].words.text == "Đã ghi"
        assert hoa.messages[int(sent)].inline is None
        assert len(state.ledger.calls("answercallbackquery")) == 2

    run(talk)


HOSTILE = [
    *("<b>", "</b></i>", "<a href='tg://user?id=1'>x</a>", "&lt;b&gt;", "&", "&#0;", "<", ">"),
    *("<!-- ", "<script>alert(1)</script>", "a\u202eb", "<b", "&amp;amp;", "\"'", "<pre><code>"),
    *("]]>", "<tg-spoiler>", "%s {name}", "*a* _b_ `c` [x](http://y)", "<\u200bb>", "<B>", "</"),
]


def test_no_name_makes_html_of_its_own() -> None:
    async def talk(state: State, channel: TelegramChannel, hoa: Chat) -> None:
        for first in HOSTILE:
            names = [["strong", first], *(["", f"{first}{second}"] for second in HOSTILE)]
            sent = await channel.send(letter([first, "1.1.x"], chat=str(hoa.id), lines=names))
            words = hoa.messages[int(sent)].words
            assert words.text == "\n".join(text for _style, text in names)
            assert {entity["type"] for entity in words.entities} <= {"bold", "url"}
        assert len(state.ledger.calls("sendmessage", "ok")) == len(HOSTILE)

    run(talk)


def test_the_longest_text_arrives_whole() -> None:
    async def talk(_state: State, channel: TelegramChannel, hoa: Chat) -> None:
        lines = [["", f"{number}. <Trường> & 👋 " + "ơ" * 200] for number in range(60)]
        sent = await channel.send(letter(*CHOICES, chat=str(hoa.id), lines=lines))
        parts = list(hoa.messages.values())
        assert "\n".join(part.words.text for part in parts) == "\n".join(t for _s, t in lines)
        assert [part.id for part in parts if part.inline] == [int(sent)]

    run(talk)


def test_files_go_round(tmp_path: Path) -> None:
    async def talk(state: State, channel: TelegramChannel, hoa: Chat) -> None:
        await channel.updates(None, 0)
        acts.send_files(state, hoa, [Upload("Kế hoạch.pdf", "x/y", b"%PDF-1.7")], "document")
        (given,) = await heard(channel)
        assert isinstance(given, Sent)
        assert given.name == "Kế hoạch.pdf"
        assert await channel.fetch(given.remote_id) == b"%PDF-1.7"
        with pytest.raises(TryLater):
            await channel.fetch("no such file")
        known = file(given.remote_id, given.name, "document")
        lost = file("AgACunknown", "ảnh.jpg", "photo", keep(tmp_path, JPEG))
        for one in (known, lost):
            await channel.send(letter(chat=str(hoa.id), files=[one], lines=[["", "Đây ạ"]]))
        await channel.send(letter(chat=str(hoa.id), files=[lost, lost]))
        *_theirs, again, uploaded, first, second = hoa.messages.values()
        assert again.files[0].content == b"%PDF-1.7"
        assert uploaded.files[0].content == JPEG
        assert uploaded.words.text == "Đây ạ"
        assert first.album == second.album is not None

    run(talk, tmp_path)


def test_who_cannot_be_reached_is_named_so() -> None:
    async def talk(state: State, channel: TelegramChannel, hoa: Chat) -> None:
        son = state.add_person("Sơn", opened=True)
        acts.block(state, hoa, True)
        acts.deactivate(son)
        stranger = state.add_person("Chưa mở")
        for chat in (hoa.id, son.id, stranger.id, 999_999):
            with pytest.raises(Unreachable):
                await channel.send(letter(chat=str(chat)))
        acts.block(state, hoa, False)
        with pytest.raises(Rejected):
            await channel.send(letter(["x", "1.1." + "x" * 70], chat=str(hoa.id)))

    run(talk)


def test_a_group_that_moved_is_followed() -> None:
    async def talk(state: State, channel: TelegramChannel, hoa: Chat) -> None:
        group = acts.make_group(state, "Trường Hoa Ban", (hoa.id,))
        new = acts.migrate(state, group)
        with pytest.raises(ChatMoved) as moved:
            await channel.send(letter(chat=str(group.id)))
        assert moved.value.chat == str(new.id)

    run(talk)


def test_one_busy_chat_waits_alone() -> None:
    async def talk(_state: State, channel: TelegramChannel, hoa: Chat) -> None:
        for _time in range(5):
            await channel.send(letter(chat=str(hoa.id)))
        with pytest.raises(TryLater) as told:
            await channel.send(letter(chat=str(hoa.id)))
        assert told.value.seconds
        assert not told.value.everybody

    run(talk, limits=Limits(private=0.01, burst=5))


def test_through_trouble_every_update_is_taken() -> None:
    async def talk(state: State, channel: TelegramChannel, hoa: Chat) -> None:
        await channel.updates(None, 0)
        state.faults.sequence = ["502", "drop_before", "429", "ok", "drop_after", "500"]
        state.faults.methods = frozenset({"getupdates"})
        state.faults.retry_after = 1
        said = [acts.say(state, hoa, f"tin {number}").update_id for number in range(250)]
        taken: list[Any] = []

        async def take(batch: Sequence[dict[str, Any]]) -> None:
            taken.extend(update["update_id"] for update in batch)

        async def soon(_seconds: float) -> None:
            await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            task = group.create_task(poll(channel, take, sleep=soon))
            await until(lambda: len(taken) >= 250 and not state.faults.sequence)
            task.cancel()
        assert taken == said

    run(talk)
