"""What goes out to Telegram, over HTTP to a server that answers as Telegram is known to."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.channels.base import (
    Channel,
    ChatMoved,
    Rejected,
    SendError,
    TokenRefused,
    TryLater,
    Unreachable,
)
from bot.channels.telegram import TelegramChannel
from storage.outbox import Letter
from tests.bot.channels.test_telegram_words import letter
from tests.bot.scripted import TOKEN, Api, Upload, scripted

Talk = Callable[[Api, TelegramChannel], Awaitable[None]]
CHOICES = (["Có", "12.5.answer:yes"], ["Không", "12.5.answer:no"])
BUTTONS = {
    "inline_keyboard": [
        [
            {"text": "Có", "callback_data": "12.5.answer:yes"},
            {"text": "Không", "callback_data": "12.5.answer:no"},
        ]
    ]
}


def run(talk: Talk, store: Path = Path("/nowhere")) -> None:
    async def main() -> None:
        token = SecretStr(TOKEN)
        async with (
            scripted() as api,
            TelegramChannel(token, api.url, lambda sha256: store / sha256) as channel,
        ):
            await talk(api, channel)

    asyncio.run(main())


def file(remote: str | None, name: str, kind: str = "photo", sha256: str = "") -> dict[str, Any]:
    return {"remote": remote, "sha256": sha256, "name": name, "kind": kind}


def keep(store: Path, content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    (store / sha256).write_bytes(content)
    return sha256


def sent(*letters: Letter, store: Path = Path("/nowhere"), **refused: str) -> Any:
    """The ids of the letters, and what was called. refused: by method, the first time."""
    found: list[Any] = []

    async def talk(api: Api, channel: TelegramChannel) -> None:
        for method, why in refused.items():
            api.refuse(method, 400, f"Bad Request: {why}")
            api.accept(method, {"message_id": 70})
        found.append([await channel.send(one) for one in letters])
        found.append(api.calls)

    run(talk, store)
    return found


def test_it_is_a_channel() -> None:
    async def main() -> Channel:
        return TelegramChannel(SecretStr(TOKEN), "http://127.0.0.1:1", Path)

    channel = asyncio.run(main())
    assert channel.name == "telegram"
    assert TOKEN not in repr(channel)


def test_a_message_is_html_with_buttons_and_no_preview() -> None:
    ids, calls = sent(letter(*CHOICES, lines=[["strong", "Kế hoạch <1>"], ["quiet", "mục 2"]]))
    assert ids == ["70"]
    assert calls == [
        (
            "sendMessage",
            {
                "chat_id": "7",
                "text": "<b>Kế hoạch &lt;1&gt;</b>\n<i>mục 2</i>",
                "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": True},
                "reply_markup": BUTTONS,
            },
        )
    ]


def test_a_tap_is_answered_and_its_message_edited() -> None:
    ids, calls = sent(letter(*CHOICES, edits="40", tap="99"))
    assert ids == ["40"]
    assert dict(calls)["answerCallbackQuery"] == {"callback_query_id": "99"}
    edit = dict(calls)["editMessageText"]
    assert (edit["message_id"], edit["chat_id"], edit["text"]) == ("40", "7", "Chào")
    assert edit["reply_markup"] == BUTTONS


def test_an_edit_without_choices_takes_the_buttons_away() -> None:
    _ids, calls = sent(letter(edits="40"))
    assert "reply_markup" not in dict(calls)["editMessageText"]


def test_a_tap_that_got_too_old_is_no_failure() -> None:
    ids, _calls = sent(
        letter(edits="40", tap="99"),
        answerCallbackQuery="query is too old and response timeout expired or query ID is invalid",
    )
    assert ids == ["40"]


def test_an_edit_that_changes_nothing_is_sent() -> None:
    why = "message is not modified: specified new message content and reply markup are the same"
    ids, calls = sent(letter(edits="40"), editMessageText=why)
    assert ids == ["40"]
    assert [method for method, _data in calls] == ["editMessageText"]


@pytest.mark.parametrize(
    "why",
    [
        "message to edit not found",
        "message can't be edited",
        "there is no text in the message to edit",
        "MESSAGE_ID_INVALID",
    ],
)
def test_what_cannot_be_edited_is_sent_anew(why: str) -> None:
    ids, calls = sent(letter(*CHOICES, edits="40"), editMessageText=why)
    assert ids == ["70"]
    assert dict(calls)["sendMessage"]["reply_markup"] == BUTTONS


def test_a_long_text_goes_in_parts_with_the_buttons_under_the_last() -> None:
    lines = [["", "x" * 3000], ["", "y" * 3000]]
    ids, calls = sent(letter(*CHOICES, lines=lines, edits="40"))
    assert ids == ["70"]
    assert [(method, data["text"][0], "reply_markup" in data) for method, data in calls] == [
        ("sendMessage", "x", False),
        ("sendMessage", "y", True),
    ]


def test_asking_for_a_phone_is_a_new_message_with_keys() -> None:
    asked = letter(["Gửi số", "3.1.phone"], asks_phone=True, edits="40", tap="99")
    ids, calls = sent(asked)
    assert ids == ["70"]
    keys = dict(calls)["sendMessage"]["reply_markup"]["keyboard"]
    assert keys == [[{"text": "Gửi số", "request_contact": True}]]


def test_a_message_without_choices_takes_the_keys_away() -> None:
    _ids, calls = sent(letter())
    assert dict(calls)["sendMessage"]["reply_markup"] == {"remove_keyboard": True}


def test_tags_that_are_refused_are_left_out() -> None:
    lines = [["strong", "A & B"]]
    ids, calls = sent(letter(lines=lines), sendMessage="can't parse entities: unexpected end tag")
    assert ids == ["70"]
    assert [(data["text"], data.get("parse_mode")) for _method, data in calls] == [
        ("<b>A &amp; B</b>", "HTML"),
        ("A & B", None),
    ]


def test_a_file_goes_by_the_id_telegram_knows_it_by() -> None:
    one = letter(*CHOICES, files=[file("AgAC1", "a.jpg")])
    ids, calls = sent(one)
    assert ids == ["70"]
    assert calls == [
        (
            "sendPhoto",
            {
                "chat_id": "7",
                "photo": "AgAC1",
                "caption": "Chào",
                "parse_mode": "HTML",
                "reply_markup": BUTTONS,
            },
        )
    ]


@pytest.mark.parametrize(
    "why",
    [
        "wrong file identifier/HTTP URL specified",
        "wrong remote file identifier specified: Wrong string length",
        "can't use file of type Photo as Document",
    ],
)
def test_a_file_that_telegram_does_not_know_goes_from_disk(why: str, tmp_path: Path) -> None:
    sha256 = keep(tmp_path, b"%PDF-1.7")
    one = letter(files=[file("BQAC1", "Kế hoạch.pdf", "document", sha256)])
    ids, calls = sent(one, store=tmp_path, sendDocument=why)
    assert ids == ["70"]
    assert calls[-1][1]["document"] == Upload("Kế hoạch.pdf", b"%PDF-1.7")
    assert calls[-1][1]["caption"] == "Chào"


def test_a_file_of_another_channel_goes_from_disk(tmp_path: Path) -> None:
    one = letter(files=[file("", "a.jpg", "photo", keep(tmp_path, b"\xff\xd8\xff"))])
    _ids, calls = sent(one, store=tmp_path)
    assert dict(calls)["sendPhoto"]["photo"] == Upload("a.jpg", b"\xff\xd8\xff")


def test_several_files_are_an_album() -> None:
    ids, calls = sent(letter(files=[file("P1", "a.jpg"), file("P2", "b.jpg")]))
    assert ids == ["71"]
    ((method, data),) = calls
    assert method == "sendMediaGroup"
    assert data["media"] == [
        {"type": "photo", "media": "P1", "caption": "Chào", "parse_mode": "HTML"},
        {"type": "photo", "media": "P2"},
    ]


def test_an_album_goes_from_disk_where_it_must(tmp_path: Path) -> None:
    files = [
        file("D1", "a.pdf", "document", keep(tmp_path, b"1")),
        file(None, "b.pdf", "document", keep(tmp_path, b"2")),
    ]
    _ids, calls = sent(letter(files=files), store=tmp_path)
    data = dict(calls)["sendMediaGroup"]
    assert [entry["media"] for entry in data["media"]] == ["attach://file0", "attach://file1"]
    assert (data["file0"], data["file1"]) == (Upload("a.pdf", b"1"), Upload("b.pdf", b"2"))
    assert "caption" not in data["media"][0]
    assert data["media"][1]["caption"] == "Chào"


def test_files_of_two_kinds_are_two_albums_above_the_text() -> None:
    files = [*(file(f"P{n}", "a.jpg") for n in range(12)), file("D1", "b.pdf", "document")]
    ids, calls = sent(letter(files=files))
    assert ids == ["70"]
    assert [method for method, _data in calls] == [
        *("sendMediaGroup", "sendMediaGroup", "sendDocument", "sendMessage")
    ]
    assert [len(data["media"]) for _method, data in calls[:2]] == [10, 2]


def test_an_album_with_choices_has_them_under_a_text_of_its_own() -> None:
    ids, calls = sent(letter(*CHOICES, files=[file("P1", "a.jpg"), file("P2", "b.jpg")]))
    assert ids == ["70"]
    assert dict(calls)["sendMessage"]["reply_markup"] == BUTTONS
    assert all("caption" not in entry for entry in dict(calls)["sendMediaGroup"]["media"])


def test_a_text_too_long_for_a_caption_stands_below() -> None:
    _ids, calls = sent(letter(lines=[["", "x" * 1025]], files=[file("P1", "a.jpg")]))
    assert [method for method, _data in calls] == ["sendPhoto", "sendMessage"]
    assert "caption" not in calls[0][1]


def failures(letters: list[Letter], *answers: Any) -> list[SendError]:
    found: list[SendError] = []

    async def talk(api: Api, channel: TelegramChannel) -> None:
        api.answers["sendMessage"] = [*answers, {"ok": True, "result": {"message_id": 70}}]
        for one in letters:
            try:
                await channel.send(one)
            except SendError as error:
                found.append(error)

    run(talk)
    return found


def refused(status: int, why: str, **parameters: Any) -> dict[str, Any]:
    return {"ok": False, "error_code": status, "description": why, "parameters": parameters}


@pytest.mark.parametrize(
    ("status", "why", "kind"),
    [
        (403, "Forbidden: bot was blocked by the user", Unreachable),
        (403, "Forbidden: user is deactivated", Unreachable),
        (403, "Forbidden: bot was kicked from the group chat", Unreachable),
        (403, "Forbidden: bot can't initiate conversation with a user", Unreachable),
        (400, "Bad Request: chat not found", Unreachable),
        (400, "Bad Request: PEER_ID_INVALID", Unreachable),
        (400, "Bad Request: not enough rights to send text messages to the chat", Unreachable),
        (400, "Bad Request: message text is empty", Rejected),
        (400, "Bad Request: BUTTON_DATA_INVALID", Rejected),
        (500, "Internal Server Error", TryLater),
        (502, "Bad Gateway", TryLater),
        (401, "Unauthorized", TokenRefused),
    ],
)
def test_a_refusal_says_what_it_means(status: int, why: str, kind: type[SendError]) -> None:
    (error,) = failures([letter()], refused(status, why))
    assert type(error) is kind
    assert TOKEN not in repr(error)


def test_a_revoked_token_makes_everybody_wait() -> None:
    (error,) = failures([letter()], refused(401, "Unauthorized"))
    assert isinstance(error, TryLater)
    assert error.everybody


def test_a_chat_that_moved_says_where() -> None:
    why = "Bad Request: group chat was upgraded to a supergroup chat"
    (error,) = failures([letter()], refused(400, why, migrate_to_chat_id=-100555))
    assert isinstance(error, ChatMoved)
    assert error.chat == "-100555"


def test_no_answer_means_that_it_may_have_been_sent() -> None:
    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    (error,) = failures([letter()], hang_up)
    assert isinstance(error, TryLater)
    assert (error.seconds, error.everybody) == (None, False)


def waits(*chats: str, then_sent: str = "") -> list[tuple[float | None, bool]]:
    """What each of the chats in turn is told, all of them being refused; `then_sent` is not."""
    slow = refused(429, "Too Many Requests: retry after 9", retry_after=9)
    is_refused = [chat != then_sent for chat in chats]
    fine = {"ok": True, "result": {"message_id": 70}}
    letters = [letter(chat=chat) for chat in chats]
    found = failures(letters, *(slow if refuse else fine for refuse in is_refused))
    return [(e.seconds, e.everybody) for e in found if isinstance(e, TryLater)]


def test_being_told_to_wait_is_for_one_chat() -> None:
    assert waits("1", "1", "1", "2") == [(9, False)] * 4


def test_three_chats_told_to_wait_in_a_row_are_everybody() -> None:
    assert waits("1", "2", "3", "4") == [(9, False), (9, False), (9, True), (9, True)]


def test_a_message_that_was_sent_shows_that_it_is_not_everybody() -> None:
    assert waits("1", "2", "5", "3", "4", then_sent="5") == [(9, False)] * 4


def test_a_file_is_fetched_by_its_id() -> None:
    async def content(_request: web.Request) -> web.Response:
        return web.Response(body=b"%PDF-1.7")

    async def talk(api: Api, channel: TelegramChannel) -> None:
        api.accept("getFile", {"file_id": "BQ1", "file_path": "documents/file 1.pdf"})
        api.answers["file 1.pdf"] = [content]
        assert await channel.fetch("BQ1") == b"%PDF-1.7"
        assert api.asked("getFile") == [{"file_id": "BQ1"}]

    run(talk)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"ok": True, "result": {"file_path": "x", "file_size": 20_000_001}}, Rejected),
        ({"ok": True, "result": {"file_id": "x"}}, Rejected),
        (refused(400, "Bad Request: file is too big"), Rejected),
        (refused(400, "Bad Request: invalid file_id"), Rejected),
        (
            refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable"),
            TryLater,
        ),
        (refused(500, "Internal Server Error"), TryLater),
        ({"ok": True, "result": {"file_path": "gone.pdf"}}, TryLater),
    ],
)
def test_a_file_that_cannot_be_fetched_says_whether_to_try_again(
    answer: Any, kind: type[SendError]
) -> None:
    async def gone(_request: web.Request) -> web.Response:
        return web.Response(status=404)

    async def talk(api: Api, channel: TelegramChannel) -> None:
        api.answers.update({"getFile": [answer], "gone.pdf": [gone]})
        with pytest.raises(kind) as failed:
            await channel.fetch("BQ1")
        assert TOKEN not in repr(failed.value)

    run(talk)


def test_a_menu_is_set_where_it_is_another_one_now() -> None:
    menu = [("han", "Việc cần nộp"), ("huy", "Hủy")]
    shown = [{"command": name, "description": what} for name, what in menu]

    async def talk(api: Api, channel: TelegramChannel) -> None:
        api.accept("getMyCommands", [])
        api.accept("getMyCommands", shown)
        await channel.set_commands(menu)
        await channel.set_commands(menu)
        await channel.set_commands(menu, "en", "7")
        assert [method for method, _data in api.calls] == [
            *("getMyCommands", "setMyCommands", "getMyCommands")
        ]
        everybody = {"scope": {"type": "all_private_chats"}, "language_code": ""}
        assert api.asked("setMyCommands") == [{**everybody, "commands": shown}]
        one = {"scope": {"type": "chat", "chat_id": "7"}, "language_code": "en"}
        assert api.asked("getMyCommands")[1] == one

    run(talk)


def test_its_name_is_asked_once_and_then_known_to_the_reader() -> None:
    elsewhere = {
        "update_id": 1,
        "message": {
            **{"message_id": 1, "date": 1, "text": "/han@other_bot"},
            "chat": {"id": -5, "type": "group"},
            "from": {"id": 7, "is_bot": False, "first_name": "Hoa"},
        },
    }

    async def talk(api: Api, channel: TelegramChannel) -> None:
        assert channel.read(elsewhere)
        api.accept("getMe", {"id": 1, "username": "phong_bot"})
        assert [await channel.username() for _time in range(2)] == ["phong_bot"] * 2
        assert len(api.calls) == 1
        assert channel.read(elsewhere) is None

    run(talk)


def test_updates_are_asked_for_in_the_promised_way() -> None:
    async def talk(api: Api, channel: TelegramChannel) -> None:
        api.accept("getUpdates", [{"update_id": 5}])
        assert await channel.updates(5, 0) == [{"update_id": 5}]
        await channel.updates(None, 0)
        kinds = ["message", "edited_message", "callback_query", "my_chat_member"]
        usual = {"limit": 100, "timeout": 0, "allowed_updates": kinds}
        assert api.asked("getUpdates") == [{"offset": 5, **usual}, usual]

    run(talk)


def test_a_webhook_is_set_with_its_secret() -> None:
    async def talk(api: Api, channel: TelegramChannel) -> None:
        await channel.set_webhook("https://bot.example/telegram/x", "s3cret")
        (asked,) = api.asked("setWebhook")
        assert (asked["url"], asked["secret_token"]) == (
            "https://bot.example/telegram/x",
            "s3cret",
        )

    run(talk)
