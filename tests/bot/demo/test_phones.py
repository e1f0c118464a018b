"""What a phone does becomes an update the bot can read, and what the bot does is shown."""

import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from telegram import Message, Update
from telegram.constants import ChatType

from tests.bot.demo.scene import Json, Scene, png, run


async def updates(scene: Scene) -> list[Update]:
    """What waits, as python-telegram-bot reads it."""
    _, answer = await scene.call("getUpdates")
    return [Update.de_json(one) for one in answer["result"]]


async def heard(scene: Scene) -> Message:
    found = (await updates(scene))[-1].message
    assert found is not None
    return found


Check = Callable[[Message], object]

ACTS: tuple[tuple[str, Json, Check], ...] = (
    ("say", {"text": " Chào "}, lambda m: m.text == "Chào" and not m.entities),
    ("say", {"text": "/han mai"}, lambda m: m.entities[0].type == "bot_command"),
    ("say", {"text": "a/b 5/6"}, lambda m: not m.entities),
    (
        "say",
        {"text": "😀 https://a.vn/b"},
        lambda m: m.parse_entity(m.entities[0]) == "https://a.vn/b",
    ),
    ("start", {}, lambda m: m.text == "/start"),
    ("start", {"code": "aB_9-"}, lambda m: m.text == "/start aB_9-"),
    ("sticker", {}, lambda m: m.sticker),
    ("voice", {}, lambda m: m.voice),
    ("contact", {"phone": "0912"}, lambda m: m.contact and m.contact.user_id == m.chat_id),
    (
        "contact",
        {"phone": "0912", "own": False},
        lambda m: m.contact and m.contact.user_id != m.chat_id,
    ),
)


@pytest.mark.parametrize(
    ("act", "given", "check"), ACTS, ids=[f"{one[0]} {one[1]}" for one in ACTS]
)
def test_what_a_phone_sends_can_be_read(act: str, given: Json, check: Check) -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        await scene.do(f"{phone}/{act}", **given)
        message = await heard(scene)
        assert check(message)
        assert message.chat.type == ChatType.PRIVATE
        assert message.from_user
        assert message.from_user.language_code == "vi"
        shown = (await scene.messages(phone))[-1]
        assert (shown["message_id"], shown["from"]) == (message.message_id, "me")
        assert shown["html"]

    run(talk)


async def sent_files(
    scene: Scene, phone: str, kind: str, *contents: bytes, caption: str = "", name: str = "a"
) -> list[Json]:
    form = aiohttp.FormData({"as": kind, "caption": caption}, quote_fields=False)
    for content in contents:
        form.add_field("files", content, filename=name, content_type="application/x-test")
    async with scene.http.post(f"{phone}/files", data=form) as answer:
        assert answer.status == 200, await answer.text()
        done: list[Json] = await answer.json()
    return done


def test_photos_arrive_as_an_album_of_several_updates() -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        await sent_files(scene, phone, "photo", png(4, 3), png(8, 6), caption="Cổng trường")
        first, second = [update.message for update in await updates(scene)]
        assert first
        assert second
        assert first.media_group_id == second.media_group_id
        assert (first.caption, second.caption) == ("Cổng trường", None)
        assert (second.photo[-1].width, second.photo[-1].height) == (8, 6)
        assert len({one["album"] for one in (await scene.messages(phone))[-2:]}) == 1

    run(talk)


def test_a_single_photo_is_no_album_and_a_document_keeps_its_name() -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        await sent_files(scene, phone, "photo", png(4, 3))
        assert (await heard(scene)).media_group_id is None
        await sent_files(scene, phone, "document", b"<html>", name="kế hoạch.html")
        document = (await heard(scene)).document
        assert document
        assert document.file_name == "kế hoạch.html"
        assert document.mime_type == "application/x-test"
        async with scene.bot() as bot:
            file = await bot.get_file(document.file_id)
            assert bytes(await file.download_as_bytearray()) == b"<html>"
        shown = (await scene.messages(phone))[-1]["files"][0]
        async with scene.http.get(shown["url"]) as saved:
            assert saved.content_type == "application/octet-stream"
            assert saved.headers["X-Content-Type-Options"] == "nosniff"

    run(talk)


def test_an_edited_message_is_an_update_of_its_own() -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        said = await scene.do(f"{phone}/say", text="Một")
        await scene.do(f"{phone}/edit", message_id=said["message_id"], text="Hai")
        edited = (await updates(scene))[-1].edited_message
        assert edited
        assert (edited.text, edited.message_id) == ("Hai", said["message_id"])
        assert edited.edit_date
        assert (await scene.messages(phone))[-1]["edited"]

    run(talk)


def test_blocking_and_letting_in_again_are_told() -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        await scene.do(f"{phone}/block", blocked=True)
        assert await scene.refused(f"{phone}/say", text="Chào") == 409
        await scene.do(f"{phone}/block", blocked=True)
        await scene.do(f"{phone}/block", blocked=False)
        changes = [update.my_chat_member for update in await updates(scene)]
        assert [change.new_chat_member.status for change in changes if change] == [
            "kicked",
            "member",
        ]
        shown = [event for _, event in await scene.events(phone, 4)]
        assert shown[-2:] == [
            {"type": "blocked", "blocked": True},
            {"type": "blocked", "blocked": False},
        ]

    run(talk)


def test_a_group_speaks_and_moves() -> None:
    async def talk(scene: Scene) -> None:
        lan, hoa = await scene.phone("Lan"), await scene.phone("Hoa")
        members = [int(phone.rpartition("/")[2]) for phone in (lan, hoa)]
        group = await scene.do("/groups", title="Tổ một", members=members)
        await scene.do(f"/phones/{group['id']}/say", text="Chào", by=members[1])
        message = await heard(scene)
        assert message.from_user
        assert message.from_user.first_name == "Hoa"
        assert (message.chat.type, message.chat.title) == (ChatType.GROUP, "Tổ một")
        moved = await scene.do(f"/groups/{group['id']}/migrate")
        before, after = [update.message for update in (await updates(scene))[-2:]]
        assert before
        assert before.migrate_to_chat_id == moved["id"]
        assert after
        assert after.migrate_from_chat_id == group["id"]
        assert (after.chat.type, moved["kind"]) == (ChatType.SUPERGROUP, "supergroup")
        status, _ = await scene.call("sendMessage", chat_id=moved["id"], text="Chào")
        assert status == 200

    run(talk)


def test_a_button_of_a_deleted_message_can_still_be_tapped() -> None:
    """Bot API, InaccessibleMessage."""

    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        lan = int(phone.rpartition("/")[2])
        _, sent = await scene.call("sendMessage", chat_id=lan, text="Chọn")
        number = sent["result"]["message_id"]
        await scene.call("deleteMessage", chat_id=lan, message_id=number)
        await scene.do(f"{phone}/tap", message_id=number, data="x")
        query = (await updates(scene))[-1].callback_query
        assert query
        assert query.message
        assert (query.message.message_id, query.message.is_accessible) == (number, False)

    run(talk)


def test_phones_are_listed_and_greeted_with_the_menu() -> None:
    async def talk(scene: Scene) -> None:
        lan = await scene.do("/phones", name="Lan")
        hoa = await scene.do("/phones", name="Hoa", language="en")
        async with scene.http.get("/phones") as answer:
            assert await answer.json() == [lan, hoa]
        assert (lan["name"], lan["kind"], hoa["language"]) == ("Lan", "private", "en")
        event = (await scene.events(f"/phones/{lan['id']}", 1))[0]
        assert event == (1, {"type": "commands", "commands": []})

    run(talk)


def test_events_go_on_after_the_last_one_seen() -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        await scene.do(f"{phone}/say", text="Một")
        await scene.do(f"{phone}/say", text="Hai")
        number, event = (await scene.events(phone, 1, after=3))[0]
        assert (number, event["message"]["html"]) == (4, "Hai")
        seen = {"Last-Event-ID": "3"}
        async with scene.http.get(f"{phone}/events?after=0", headers=seen) as stream:
            assert await stream.content.readline() == b"id: 4\n"
        assert (await scene.events(phone, 1, after=999))[0][0] == 1

    run(talk)


def test_the_clock_of_chats_can_be_moved() -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        before = (await scene.messages(phone))[-1]["date"]
        await scene.do("/control/clock", offset=-3 * 86400)
        await scene.do(f"{phone}/say", text="Trước đó ba ngày")
        moved = (await heard(scene)).date.timestamp() - before
        assert -3 * 86400 <= moved < -3 * 86400 + 3600

    run(talk)


def test_the_state_counts_what_is_unanswered() -> None:
    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        async with scene.http.get("/state/events") as stream:
            first = await stream.content.readline()
            assert json.loads(first.removeprefix(b"data: "))["unanswered"] == 0
            assert await stream.content.readline() == b"\n"
            await scene.do(f"{phone}/say", text="Chào")
            changed = json.loads((await stream.content.readline()).removeprefix(b"data: "))
        assert changed["unanswered"] == 1
        async with scene.http.get("/state") as answer:
            state = await answer.json()
        assert state == {"unanswered": 1, "webhook": None, "last_poll_ago": None, "calls": 0}
        await scene.call("getUpdates")
        async with scene.http.get("/state") as answer:
            polled = await answer.json()
        assert polled["calls"] == 1
        assert polled["last_poll_ago"] >= 0

    run(talk)


WRONG: tuple[tuple[str, Json, int], ...] = (
    ("/phones", {}, 404),
    ("/phones", {"name": " "}, 409),
    ("/phones/7/say", {"text": "Chào"}, 404),
    ("/phones/1001/say", {}, 404),
    ("/phones/1001/say", {"text": " "}, 409),
    ("/phones/1001/start", {"code": "a b"}, 409),
    ("/phones/1001/start", {"code": "a" * 65}, 409),
    ("/phones/1001/tap", {"message_id": 99, "data": "x"}, 409),
    ("/phones/1001/tap", {"message_id": "x", "data": "x"}, 400),
    ("/phones/1001/edit", {"message_id": 99, "text": "x"}, 409),
    ("/phones/1001/files", {}, 400),
    ("/groups", {"title": "Tổ", "members": []}, 409),
    ("/groups", {"title": "Tổ", "members": [7]}, 409),
    ("/groups/1001/migrate", {}, 409),
    ("/control/faults", {"unheard_of": 1}, 400),
)


@pytest.mark.parametrize(("path", "given", "status"), WRONG)
def test_a_request_that_makes_no_sense_is_refused(path: str, given: Json, status: int) -> None:
    async def talk(scene: Scene) -> None:
        await scene.phone("Lan")
        assert await scene.refused(path, **given) == status
        assert not scene.state.updates.pending

    run(talk)


GUARDED = ("/phones", "/state", "/control/ledger", "/phones/1001/messages", "/elsewhere")


@pytest.mark.parametrize(
    "host",
    ["example.org", "127.0.0.1.example.org", "localhost.example.org:8080", "", "[", "10.0.0.1"],
)
@pytest.mark.parametrize("path", GUARDED)
def test_another_name_for_this_machine_is_not_answered(path: str, host: str) -> None:
    async def talk(scene: Scene) -> None:
        async with scene.http.get(path, headers={"Host": host}) as answer:
            assert answer.status in (400, 403)
            assert "Lan" not in await answer.text()

    run(talk)


@pytest.mark.parametrize(
    "origin",
    ["http://example.org", "null", "http://127.0.0.1:1", "https://{host}", "http://{host}.a.vn"],
)
def test_another_page_cannot_use_the_phones(origin: str) -> None:
    async def talk(scene: Scene) -> None:
        host = scene.url.removeprefix("http://")
        headers = {"Origin": origin.format(host=host), "Content-Type": "text/plain"}
        for path in ("/phones", "/control/clock", "/phones/1001/say"):
            async with scene.http.post(path, data=b'{"name":"Lan"}', headers=headers) as answer:
                assert answer.status == 403
        assert not scene.state.chats

    run(talk)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_own_page_can(name: str) -> None:
    async def talk(scene: Scene) -> None:
        host = scene.url.removeprefix("http://").replace("127.0.0.1", name)
        headers: Any = {"Origin": f"http://{host}", "Host": host}
        async with scene.http.post("/phones", json={"name": "Lan"}, headers=headers) as answer:
            assert answer.status == 200

    run(talk)
