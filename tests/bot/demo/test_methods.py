"""Each method, driven by python-telegram-bot as a real program would."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    MenuButtonCommands,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter

from bot.demo.faults import Faults
from tests.bot.demo.scene import TOKEN, Json, Scene, png, run

BUTTONS = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("Có", callback_data="có"),
            InlineKeyboardButton("Không", callback_data="k"),
        ],
        [InlineKeyboardButton("Trang", url="https://example.org/a?b=1&c=2")],
    ]
)


@asynccontextmanager
async def chat(scene: Scene) -> AsyncIterator[tuple[Bot, str, int]]:
    """A bot, the path of a phone, and its chat."""
    phone = await scene.phone("Lan")
    async with scene.bot() as bot:
        yield bot, phone, int(phone.rpartition("/")[2])


async def last(scene: Scene, phone: str) -> Json:
    return (await scene.messages(phone))[-1]


def test_a_message_is_shown_with_its_marks_and_buttons() -> None:
    async def talk(scene: Scene) -> None:
        async with chat(scene) as (bot, phone, lan):
            sent = await bot.send_message(
                lan, "  <b>Hạn</b>: <i>mai</i> &lt;8 giờ&gt; ", "HTML", reply_markup=BUTTONS
            )
            assert sent.text == "Hạn: mai <8 giờ>"
            assert sent.text_html == "<b>Hạn</b>: <i>mai</i> &lt;8 giờ&gt;"
            assert sent.reply_markup == BUTTONS
            assert sent.from_user == await bot.get_me()
            shown = await last(scene, phone)
            assert shown["message_id"] == sent.message_id
            assert shown["html"] == "<b>Hạn</b>: <i>mai</i> &lt;8 giờ&gt;"
            assert shown["buttons"] == [
                [{"text": "Có", "data": "có"}, {"text": "Không", "data": "k"}],
                [{"text": "Trang", "url": "https://example.org/a?b=1&c=2"}],
            ]
            assert (shown["from"], shown["keyboard"], shown["edited"]) == ("bot", None, False)

    run(talk)


def test_a_keyboard_takes_the_place_of_the_phones_own() -> None:
    async def talk(scene: Scene) -> None:
        async with chat(scene) as (bot, phone, lan):
            keys = [[KeyboardButton("Gửi số", request_contact=True)], [KeyboardButton("Thôi")]]
            await bot.send_message(lan, "Số?", reply_markup=ReplyKeyboardMarkup(keys))
            asking = (await last(scene, phone))["keyboard"]
            await bot.send_message(lan, "Cảm ơn", reply_markup=ReplyKeyboardRemove())
            rows = [[{"text": "Gửi số", "contact": True}], [{"text": "Thôi", "contact": False}]]
            assert asking == {"rows": rows, "remove": False}
            assert (await last(scene, phone))["keyboard"] == {"rows": [], "remove": True}

    run(talk)


def test_a_message_is_edited_in_place_and_deleted() -> None:
    async def talk(scene: Scene) -> None:
        async with chat(scene) as (bot, phone, lan):
            sent = await bot.send_message(lan, "Một", reply_markup=BUTTONS)
            edited = await sent.edit_text("Hai")
            assert not isinstance(edited, bool)
            assert (edited.text, edited.message_id) == ("Hai", sent.message_id)
            assert edited.edit_date is not None
            shown = await last(scene, phone)
            assert (shown["html"], shown["buttons"], shown["edited"]) == ("Hai", [], True)
            await sent.edit_reply_markup(BUTTONS)
            assert len((await last(scene, phone))["buttons"]) == 2
            assert await sent.delete()
            assert len(await scene.messages(phone)) == 1
            events = await scene.events(phone, 6)
            kinds = " ".join(event["type"] for _, event in events)
            assert kinds == "commands message message edit edit delete"
            assert events[-1][1] == {"type": "delete", "message_id": sent.message_id}

    run(talk)


def test_a_tap_is_answered_once_it_is_known() -> None:
    async def talk(scene: Scene) -> None:
        async with chat(scene) as (bot, phone, lan):
            sent = await bot.send_message(lan, "Chọn", reply_markup=BUTTONS)
            await scene.do(f"{phone}/tap", message_id=sent.message_id, data="có")
            query = (await bot.get_updates())[0].callback_query
            assert query is not None
            assert (query.data, query.from_user.id) == ("có", lan)
            assert query.message == sent
            assert await query.answer("Đã ghi")
            scene.state.expire_taps()
            with pytest.raises(BadRequest, match="Query is too old"):
                await query.answer()
            toast = {"type": "toast", "text": "Đã ghi", "alert": False}
            assert (await scene.events(phone, 4))[-1][1] == toast

    run(talk)


def test_files_go_out_and_come_back() -> None:
    async def talk(scene: Scene) -> None:
        async with chat(scene) as (bot, phone, lan):
            sent = await bot.send_document(
                lan,
                b"%PDF-1.7 \r\n--x",
                filename='Kế hoạch "1".pdf',
                caption="Kế <u>hoạch</u>",
                parse_mode="HTML",
            )
            assert sent.document is not None
            assert (sent.document.file_name, sent.caption) == ('Kế hoạch "1".pdf', "Kế hoạch")
            file = await bot.get_file(sent.document.file_id)
            assert bytes(await file.download_as_bytearray()) == b"%PDF-1.7 \r\n--x"
            again = await bot.send_document(lan, sent.document.file_id)
            assert again.document == sent.document
            shown = (await last(scene, phone))["files"][0]
            assert (shown["kind"], shown["name"]) == ("document", sent.document.file_name)
            assert shown["size"] == len(b"%PDF-1.7 \r\n--x")
            async with scene.http.get(shown["url"]) as download:
                assert await download.read() == b"%PDF-1.7 \r\n--x"
                assert download.headers["Content-Disposition"] == "attachment"

    run(talk)


def test_a_photo_has_sizes_of_which_the_last_is_whole() -> None:
    async def talk(scene: Scene) -> None:
        async with chat(scene) as (bot, phone, lan):
            sent = await bot.send_photo(lan, png(640, 480), caption="Cổng trường")
            sizes = [(size.width, size.height) for size in sent.photo]
            assert (sizes[-1], sent.caption) == ((640, 480), "Cổng trường")
            assert sizes[0] < sizes[-1]
            file = await bot.get_file(sent.photo[-1].file_id)
            assert bytes(await file.download_as_bytearray()) == png(640, 480)
            async with scene.http.get((await last(scene, phone))["files"][0]["url"]) as shown:
                assert (shown.content_type, await shown.read()) == ("image/png", png(640, 480))

    run(talk)


def test_an_album_is_several_messages_of_one_group() -> None:
    async def talk(scene: Scene) -> None:
        async with chat(scene) as (bot, phone, lan):
            media = [
                InputMediaPhoto(png(3 + n, 2), caption=f"<b>{n}</b>", parse_mode="HTML")
                for n in range(3)
            ]
            sent = await bot.send_media_group(lan, media)
            assert len({message.media_group_id for message in sent}) == 1
            assert [message.caption_html for message in sent] == [
                "<b>0</b>",
                "<b>1</b>",
                "<b>2</b>",
            ]
            papers = [
                InputMediaDocument(b"a", filename="a.txt"),
                InputMediaDocument(b"b", filename="b.txt"),
            ]
            await bot.send_media_group(lan, papers)
            shown = (await scene.messages(phone))[1:]
            assert [one["files"][0]["kind"] for one in shown] == ["photo"] * 3 + ["document"] * 2
            assert len({one["album"] for one in shown}) == 2

    run(talk)


def test_menus_are_chosen_by_chat_and_language() -> None:
    """Bot API, BotCommandScope: determining list of commands."""

    async def talk(scene: Scene) -> None:
        async with chat(scene) as (bot, phone, lan):
            private, own = BotCommandScopeAllPrivateChats(), BotCommandScopeChat(lan)
            await bot.set_my_commands([BotCommand("help", "Help")])
            await bot.set_my_commands([BotCommand("han", "Hạn")], private, language_code="vi")
            await bot.set_my_commands([BotCommand("due", "Due")], private)
            await bot.set_my_commands([BotCommand("duyet", "Duyệt")], own)
            assert [one.command for one in await bot.get_my_commands(private, "vi")] == ["han"]
            await bot.delete_my_commands(own)
            menus = [
                e["commands"] for _, e in await scene.events(phone, 6) if e["type"] == "commands"
            ]
            names = [[one["command"] for one in menu] for menu in menus]
            assert names == [[], ["help"], ["han"], ["duyet"], ["han"]]

    run(talk)


def test_what_only_has_to_be_accepted_is() -> None:
    async def talk(scene: Scene) -> None:
        async with chat(scene) as (bot, phone, lan):
            assert await bot.send_chat_action(lan, "typing")
            assert await bot.set_chat_menu_button(lan, MenuButtonCommands())
            assert await bot.set_my_description("Nộp báo cáo")
            assert await bot.set_my_short_description("Báo cáo")
            assert (await bot.get_chat(lan)).first_name == "Lan"
            assert (await scene.events(phone, 3))[-1][1] == {"type": "action", "action": "typing"}

    run(talk)


async def _to_blocked(scene: Scene, bot: Bot, lan: int) -> None:
    await scene.do(f"/phones/{lan}/block", blocked=True)
    await bot.send_message(lan, "A")


async def _to_moved(scene: Scene, bot: Bot, lan: int) -> None:
    group = await scene.do("/groups", title="Tổ", members=[lan])
    await scene.do(f"/groups/{group['id']}/migrate")
    await bot.send_message(group["id"], "A")


async def _limited(scene: Scene, bot: Bot, lan: int) -> None:
    scene.state.faults = Faults(sequence=["429"], retry_after=7)
    await bot.send_message(lan, "A")


async def _beside_a_webhook(_: Scene, bot: Bot, __: int) -> None:
    await bot.set_webhook("http://127.0.0.1:1/")
    await bot.get_updates()


async def _with_another_token(scene: Scene, _: Bot, __: int) -> None:
    async with Bot("4242:wrong", base_url=f"{scene.url}/bot"):
        pass


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (_to_blocked, Forbidden, "bot was blocked by the user"),
        (_to_moved, ChatMigrated, "New chat id: -1000000002001"),
        (_limited, RetryAfter, "Retry in 0:00:07"),
        (_beside_a_webhook, Conflict, "webhook is active"),
        (_with_another_token, InvalidToken, "rejected by the server"),
    ],
)
def test_the_library_knows_our_refusals(
    monkeypatch: pytest.MonkeyPatch,
    wrong: Callable[[Scene, Bot, int], Awaitable[None]],
    error: type[Exception],
    says: str,
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")

    async def talk(scene: Scene) -> None:
        async with chat(scene) as (bot, _, lan):
            with pytest.raises(error, match=says):
                await wrong(scene, bot, lan)

    run(talk)


@pytest.mark.parametrize("how", ["address", "form", "json", "multipart", "post with address"])
def test_parameters_may_come_in_every_documented_way(how: str) -> None:
    """Bot API, Making requests: URL query string, urlencoded, JSON, multipart."""

    async def talk(scene: Scene) -> None:
        phone = await scene.phone("Lan")
        path = f"/bot{TOKEN}/sendMessage"
        given = {"chat_id": phone.rpartition("/")[2], "text": "Đủ + 100%\n&=;"}
        boundary = "multipart/form-data; boundary=xyz"
        sending = {
            "address": lambda: scene.http.get(path, params=given),
            "form": lambda: scene.http.post(path, data=given),
            "json": lambda: scene.http.post(
                path, json={**given, "chat_id": int(given["chat_id"])}
            ),
            "multipart": lambda: scene.http.post(
                path, data=_parts(given), headers={"Content-Type": boundary}
            ),
            "post with address": lambda: scene.http.post(path, params=given),
        }
        async with sending[how]() as answer:
            assert (await answer.json())["result"]["text"] == given["text"]
        assert scene.state.ledger.calls()[-1]["chat_id"] == int(given["chat_id"])

    run(talk)


def _parts(given: dict[str, str]) -> bytes:
    head = 'Content-Disposition: form-data; name="{}"\r\n\r\n'
    body = "".join(f"--xyz\r\n{head.format(name)}{value}\r\n" for name, value in given.items())
    return (body + "--xyz--\r\n").encode()


def test_the_token_is_not_in_the_ledger(tmp_path: Path) -> None:
    async def talk(scene: Scene) -> None:
        async with chat(scene) as (bot, _, lan):
            sent = await bot.send_document(lan, b"a")
            assert sent.document
            await (await bot.get_file(sent.document.file_id)).download_as_bytearray()
            await scene.call("nothing")
            async with scene.http.get("/control/ledger") as ledger:
                assert TOKEN not in await ledger.text()

    run(talk, ledger=tmp_path / "ledger")
    written = (tmp_path / "ledger").read_text()
    assert TOKEN not in written
    assert [json.loads(line)["n"] for line in written.splitlines()] == list(
        range(1, len(written.splitlines()) + 1)
    )
