"""What Telegram refuses is refused, in Telegram's words; each row cites the Bot API."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest

from bot.demo import acts
from bot.demo.files import MB, Upload
from bot.demo.state import BOT, Chat, Message, State
from bot.demo.styled import plain
from tests.bot.demo.scene import TOKEN, Scene, png, run

Json = dict[str, Any]


class World:
    """Chats in every condition, with one message of each kind."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.lan = state.add_person("Lan", opened=True)
        self.met = state.add_person("Bình")
        self.unseen = state.add_person("Sơn")
        self.blocked = state.add_person("Hoa", opened=True)
        self.gone = state.add_person("Tú", opened=True)
        self.group = acts.make_group(state, "Tổ một", (self.lan.id, self.met.id))
        self.moved = acts.make_group(state, "Tổ hai", (self.lan.id,))
        self.left = acts.make_group(state, "Tổ ba", (self.lan.id,))
        acts.block(state, self.blocked, True)
        acts.deactivate(self.gone)
        acts.kick(state, self.left)
        acts.migrate(state, self.moved)
        self.text = self._said("Xin chào")
        self.typed = acts.say(state, self.lan, "Chào").message_id
        self.old = self._said("Cũ", age=48 * 3600)
        self.with_keyboard = self._said("Gửi số", keyboard={"rows": [], "remove": False})
        photo = state.files.photo(Upload("a.png", "image/png", png(30, 20)))
        self.photo = self._said("", files=(photo,))
        self.photo_id = photo.id
        self.in_group = acts.say(state, self.group, "Chào cả nhà").message_id

    def large_file(self) -> str:
        large = Upload("phim.zip", "application/zip", b"0" * (20 * MB + 1))
        return self.state.files.add("document", large).id

    def _said(self, text: str, age: int = 0, **more: Any) -> int:
        date = self.state.now() - age
        message = Message(self.state.next_message_id(), BOT, date, plain(text), **more)
        self.state.put(self.lan, message)
        return message.id


@dataclass(frozen=True)
class Row:
    """source: where the Bot API says so. given: the call's parameters."""

    source: str
    method: str
    given: Callable[[World], Json]
    description: str
    status: int = 400
    parameters: Callable[[World], Json] = field(default=lambda _: {})


def to_lan(**given: Any) -> Callable[[World], Json]:
    return lambda world: {"chat_id": world.lan.id, **given}


def html(text: str) -> Callable[[World], Json]:
    return to_lan(text=text, parse_mode="HTML")


def to(chat: Callable[[World], Chat]) -> Callable[[World], Json]:
    return lambda world: {"chat_id": chat(world).id, "text": "Chào"}


def edit(message: Callable[[World], int], **given: Any) -> Callable[[World], Json]:
    return lambda world: {"chat_id": world.lan.id, "message_id": message(world), **given}


def button(**facts: Any) -> Callable[[World], Json]:
    return to_lan(text="Chọn", reply_markup={"inline_keyboard": [[{"text": "A", **facts}]]})


def album(count: int, *kinds: str) -> Callable[[World], Json]:
    def given(world: World) -> Json:
        media = [{"type": kind, "media": world.photo_id} for kind in (kinds or ("photo",) * count)]
        return {"chat_id": world.lan.id, "media": media}

    return given


TEXT = "Bot API, sendMessage: text, 1–4096 characters after entities parsing"
CAPTION = "Bot API, sendPhoto: caption, 0–1024 characters after entities parsing"
HTML = "Bot API, HTML style: tags must be closed and only the listed ones are supported"
ESCAPES = "Bot API, HTML style: < > & must be replaced; named entities are lt, gt, amp and quot"
CHAT = "Bot API, sendMessage: chat_id"
REPLIES = "Bot API, Making requests: error_code, description"
DATA = "Bot API, InlineKeyboardButton: callback_data, 1–64 bytes"
MARKUP = "Bot API, sendMessage: reply_markup"
EDIT = "Bot API, editMessageText"
CONTACT = "Bot API, KeyboardButton: request_contact, available in private chats only"
DELETE = "Bot API, deleteMessage: less than 48 hours ago"
ALBUM = "Bot API, sendMediaGroup: media must include 2–10 items"
MIXED = "Bot API, sendMediaGroup: documents can be only grouped with messages of the same type"
FILE = "Bot API, getFile: bots can download files of up to 20MB in size"
PHOTO = "Bot API, sendPhoto: width and height must not exceed 10000 in total, ratio at most 20"
TAP = "Bot API, answerCallbackQuery: callback_query_id"
TOAST = "Bot API, answerCallbackQuery: text, 0–200 characters"
ACTION = "Bot API, sendChatAction: action"
COMMAND = "Bot API, BotCommand: 1–32 characters of a-z, 0-9 and _; description 1–256"
COMMANDS = "Bot API, setMyCommands: at most 100 commands"
SCOPE = "Bot API, BotCommandScope"
SECRET = "Bot API, setWebhook: secret_token, 1–256 characters of A-Z, a-z, 0-9, _ and -"  # noqa: S105
REPLY = "Bot API, ReplyParameters: message_id"
METHOD = "Bot API, Making requests: METHOD_NAME"
MODE = "Bot API, Formatting options: parse_mode"
JSON = "Bot API, Making requests: application/json"
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)
PARSE = "Bad Request: can't parse entities: "
MANY = [[{"text": "A", "callback_data": "a"}] for _ in range(101)]
LONG = [[{"text": "A" * 300, "callback_data": "a"}] for _ in range(40)]
PHONE_KEY = {"keyboard": [[{"text": "Gửi số", "request_contact": True}]]}

ROWS = (
    Row(TEXT, "sendMessage", to_lan(), "Bad Request: message text is empty"),
    Row(TEXT, "sendMessage", to_lan(text=" \n "), "Bad Request: message text is empty"),
    Row(TEXT, "sendMessage", html("<b></b>"), "Bad Request: message text is empty"),
    Row(TEXT, "sendMessage", to_lan(text="a" * 4097), "Bad Request: message is too long"),
    Row(TEXT, "sendMessage", to_lan(text="😀" * 2049), "Bad Request: message is too long"),
    Row(TEXT, "editMessageText", edit(lambda w: w.text), "Bad Request: message text is empty"),
    Row(
        CAPTION,
        "sendPhoto",
        lambda w: {"chat_id": w.lan.id, "photo": w.photo_id, "caption": "a" * 1025},
        "Bad Request: message caption is too long",
    ),
    Row(HTML, "sendMessage", html("<p>A"), f'{PARSE}Unsupported start tag "p" at byte offset 0'),
    Row(HTML, "sendMessage", html("đ < 5>"), f'{PARSE}Unsupported start tag "" at byte offset 3'),
    Row(HTML, "sendMessage", html("A <b"), f"{PARSE}Unclosed start tag at byte offset 2"),
    Row(
        HTML,
        "sendMessage",
        html("<b>A"),
        f'{PARSE}Can\'t find end tag corresponding to start tag "b"',
    ),
    Row(HTML, "sendMessage", html("A</b>"), f"{PARSE}Unexpected end tag at byte offset 1"),
    Row(
        HTML,
        "sendMessage",
        html("<b><i>A</b></i>"),
        f'{PARSE}Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
    ),
    Row(
        HTML,
        "sendMessage",
        html("<span>A</span>"),
        f'{PARSE}Tag "span" must have class "tg-spoiler" at byte offset 0',
    ),
    Row(
        ESCAPES,
        "sendMessage",
        html("A&nbsp;B"),
        f"{PARSE}Unsupported HTML entity at byte offset 1",
    ),
    Row(ESCAPES, "sendMessage", html("A & B"), f"{PARSE}Unsupported HTML entity at byte offset 2"),
    Row(
        MODE,
        "sendMessage",
        to_lan(text="*A*", parse_mode="BBCode"),
        "Bad Request: unsupported parse_mode",
    ),
    Row(CHAT, "sendMessage", lambda _: {"text": "A"}, "Bad Request: chat_id is empty"),
    Row(CHAT, "sendMessage", lambda _: {"chat_id": 5, "text": "A"}, "Bad Request: chat not found"),
    Row(
        CHAT,
        "sendMessage",
        lambda _: {"chat_id": "@ai", "text": "A"},
        "Bad Request: chat not found",
    ),
    Row(CHAT, "sendMessage", to(lambda w: w.unseen), "Bad Request: chat not found"),
    Row(CHAT, "getChat", lambda _: {"chat_id": 5}, "Bad Request: chat not found"),
    Row(
        REPLIES,
        "sendMessage",
        to(lambda w: w.met),
        "Forbidden: bot can't initiate conversation with a user",
        403,
    ),
    Row(
        REPLIES,
        "sendMessage",
        to(lambda w: w.blocked),
        "Forbidden: bot was blocked by the user",
        403,
    ),
    Row(REPLIES, "sendMessage", to(lambda w: w.gone), "Forbidden: user is deactivated", 403),
    Row(
        REPLIES,
        "sendMessage",
        to(lambda w: w.left),
        "Forbidden: bot was kicked from the group chat",
        403,
    ),
    Row(
        "Bot API, ResponseParameters: migrate_to_chat_id",
        "sendMessage",
        to(lambda w: w.moved),
        "Bad Request: group chat was upgraded to a supergroup chat",
        parameters=lambda w: {"migrate_to_chat_id": w.moved.migrated_to},
    ),
    Row(DATA, "sendMessage", button(callback_data="a" * 65), "Bad Request: BUTTON_DATA_INVALID"),
    Row(DATA, "sendMessage", button(callback_data="đ" * 33), "Bad Request: BUTTON_DATA_INVALID"),
    Row(DATA, "sendMessage", button(callback_data=""), "Bad Request: BUTTON_DATA_INVALID"),
    Row(
        MARKUP,
        "sendMessage",
        button(),
        "Bad Request: text buttons are unallowed in the inline keyboard",
    ),
    Row(
        "Bot API, InlineKeyboardButton: url",
        "sendMessage",
        button(url="javascript:alert(1)"),
        "Bad Request: inline keyboard button URL 'javascript:alert(1)' is invalid: Wrong HTTP URL",
    ),
    Row(
        MARKUP,
        "sendMessage",
        to_lan(text="A", reply_markup={"inline_keyboard": MANY}),
        "Bad Request: reply markup is too long",
    ),
    Row(
        MARKUP,
        "sendMessage",
        to_lan(text="A", reply_markup={"inline_keyboard": LONG}),
        "Bad Request: reply markup is too long",
    ),
    Row(
        MARKUP,
        "sendMessage",
        to_lan(text="A", reply_markup="{"),
        "Bad Request: can't parse reply markup JSON object",
    ),
    Row(
        MARKUP,
        "sendMessage",
        to_lan(text="A", reply_markup=[1]),
        "Bad Request: object expected as reply markup",
    ),
    Row(
        CONTACT,
        "sendMessage",
        lambda w: {"chat_id": w.group.id, "text": "A", "reply_markup": PHONE_KEY},
        "Bad Request: phone number can be requested in private chats only",
    ),
    Row(
        REPLY,
        "sendMessage",
        to_lan(text="A", reply_parameters={"message_id": 999_999}),
        "Bad Request: message to be replied not found",
    ),
    Row(EDIT, "editMessageText", edit(lambda w: w.text, text="Xin chào"), NOT_MODIFIED),
    Row(EDIT, "editMessageReplyMarkup", edit(lambda w: w.text), NOT_MODIFIED),
    Row(
        EDIT,
        "editMessageText",
        edit(lambda _: 999_999, text="A"),
        "Bad Request: message to edit not found",
    ),
    Row(
        EDIT,
        "editMessageText",
        to_lan(text="A"),
        "Bad Request: message identifier is not specified",
    ),
    Row(
        EDIT,
        "editMessageText",
        edit(lambda w: w.typed, text="A"),
        "Bad Request: message can't be edited",
    ),
    Row(
        EDIT,
        "editMessageText",
        edit(lambda w: w.with_keyboard, text="A"),
        "Bad Request: message can't be edited",
    ),
    Row(
        EDIT,
        "editMessageText",
        edit(lambda w: w.photo, text="A"),
        "Bad Request: there is no text in the message to edit",
    ),
    Row(
        EDIT,
        "editMessageText",
        edit(lambda w: w.text, text="A", reply_markup=PHONE_KEY),
        "Bad Request: inline keyboard expected",
    ),
    Row(
        DELETE,
        "deleteMessage",
        edit(lambda w: w.old),
        "Bad Request: message can't be deleted for everyone",
    ),
    Row(
        DELETE,
        "deleteMessage",
        edit(lambda _: 999_999),
        "Bad Request: message to delete not found",
    ),
    Row(
        DELETE,
        "deleteMessage",
        lambda w: {"chat_id": w.group.id, "message_id": w.in_group},
        "Bad Request: message can't be deleted",
    ),
    Row(ALBUM, "sendMediaGroup", album(1), "Bad Request: an album must include 2-10 items"),
    Row(ALBUM, "sendMediaGroup", album(11), "Bad Request: too many messages to send as an album"),
    Row(
        MIXED,
        "sendMediaGroup",
        album(2, "photo", "document"),
        "Bad Request: document can't be mixed with other media types",
    ),
    Row(
        "Bot API, InputMedia",
        "sendMediaGroup",
        album(2, "sticker", "sticker"),
        "Bad Request: can't parse InputMedia: type is unsupported",
    ),
    Row(FILE, "getFile", lambda w: {"file_id": w.large_file()}, "Bad Request: file is too big"),
    Row(
        FILE,
        "getFile",
        lambda _: {"file_id": "AAA"},
        "Bad Request: wrong file_id or the file is temporarily unavailable",
    ),
    Row(
        "Bot API, Sending files: file_id",
        "sendDocument",
        to_lan(document="AAA"),
        "Bad Request: wrong file identifier/HTTP URL specified",
    ),
    Row(
        "Bot API, Sending files: it is not possible to change the file type when resending",
        "sendDocument",
        lambda w: {"chat_id": w.lan.id, "document": w.photo_id},
        "Bad Request: can't use file of type Photo as Document",
    ),
    Row(
        "Bot API, sendDocument: document",
        "sendDocument",
        to_lan(),
        "Bad Request: there is no document in the request",
    ),
    Row(
        TAP,
        "answerCallbackQuery",
        lambda _: {"callback_query_id": "17"},
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    ),
    Row(
        TOAST,
        "answerCallbackQuery",
        lambda w: {"callback_query_id": w.state.new_tap(w.lan.id), "text": "a" * 201},
        "Bad Request: MESSAGE_TOO_LONG",
    ),
    Row(
        ACTION,
        "sendChatAction",
        to_lan(action="dancing"),
        "Bad Request: wrong parameter action in request",
    ),
    Row(
        COMMAND,
        "setMyCommands",
        lambda _: {"commands": [{"command": "Hạn", "description": "A"}]},
        "Bad Request: BOT_COMMAND_INVALID",
    ),
    Row(
        COMMAND,
        "setMyCommands",
        lambda _: {"commands": [{"command": "han", "description": ""}]},
        "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID",
    ),
    Row(
        COMMANDS,
        "setMyCommands",
        lambda _: {"commands": [{"command": "han", "description": "A"}] * 101},
        "Bad Request: BOT_COMMANDS_TOO_MUCH",
    ),
    Row(
        SCOPE,
        "setMyCommands",
        lambda _: {"commands": [], "scope": {"type": "chat", "chat_id": 5}},
        "Bad Request: chat not found",
    ),
    Row(
        SCOPE,
        "getMyCommands",
        lambda _: {"scope": {"type": "everybody"}},
        "Bad Request: can't parse BotCommandScope: Unsupported type specified",
    ),
    Row(
        SECRET,
        "setWebhook",
        lambda _: {"url": "http://127.0.0.1:1/", "secret_token": "a b"},
        "Bad Request: secret token contains unallowed characters",
    ),
    Row(
        "Bot API, setWebhook: url",
        "setWebhook",
        lambda _: {"url": "ftp://127.0.0.1/"},
        "Bad Request: bad webhook: invalid webhook URL specified",
    ),
    Row(METHOD, "sendEverything", to_lan(text="A"), "Not Found: method not found", 404),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method}-{row.description[:60]}")
def test_a_call_is_refused_as_the_bot_api_says(row: Row) -> None:
    async def talk(scene: Scene) -> None:
        world = World(scene.state)
        before = {chat.id: len(chat.events) for chat in scene.state.chats.values()}

        status, answer = await scene.call(row.method, **row.given(world))

        expected: Json = {"ok": False, "error_code": row.status, "description": row.description}
        if parameters := row.parameters(world):
            expected["parameters"] = parameters
        assert (status, answer) == (row.status, expected), row.source
        assert scene.state.ledger.calls()[-1]["outcome"] == row.description
        assert before == {chat.id: len(chat.events) for chat in scene.state.chats.values()}

    run(talk)


ACCEPTED = (
    Row(TEXT, "sendMessage", to_lan(text="a" * 4096), ""),
    Row(TEXT, "sendMessage", to_lan(text="😀" * 2048), ""),
    Row(TEXT, "sendMessage", html("<b>" + "&amp;" * 4096 + "</b>"), ""),
    Row(DATA, "sendMessage", button(callback_data="đ" * 32), ""),
    Row(MARKUP, "sendMessage", to_lan(text="A", reply_markup={"inline_keyboard": MANY[:100]}), ""),
    Row(CONTACT, "sendMessage", to_lan(text="A", reply_markup=PHONE_KEY), ""),
    Row(ALBUM, "sendMediaGroup", album(2), ""),
    Row(ALBUM, "sendMediaGroup", album(10), ""),
    Row(EDIT, "editMessageText", edit(lambda w: w.old, text="Mới"), ""),
    Row(DELETE, "deleteMessage", edit(lambda w: w.typed), ""),
    Row(
        CAPTION,
        "sendPhoto",
        lambda w: {"chat_id": w.lan.id, "photo": w.photo_id, "caption": "a" * 1024},
        "",
    ),
    Row(METHOD, "SENDMESSAGE", to_lan(text="A"), ""),
)


@pytest.mark.parametrize("row", ACCEPTED, ids=lambda row: row.source)
def test_a_call_at_the_limit_is_carried_out(row: Row) -> None:
    async def talk(scene: Scene) -> None:
        world = World(scene.state)
        status, answer = await scene.call(row.method, **row.given(world))
        assert (status, answer["ok"]) == (200, True), (row.source, answer)
        assert scene.state.ledger.calls()[-1]["outcome"] == "ok"

    run(talk)


@pytest.mark.parametrize("token", ["4242:wrong", "x", "4242:a-token-that-must-not-leaK"])
def test_another_token_is_not_answered(token: str) -> None:
    """Bot API, Authorizing your bot."""

    async def talk(scene: Scene) -> None:
        async with scene.http.get(f"/bot{token}/getMe") as answer:
            assert (answer.status, await answer.json()) == (
                401,
                {"ok": False, "error_code": 401, "description": "Unauthorized"},
            )
        async with scene.http.get(f"/file/bot{token}/documents/file_0.pdf") as answer:
            assert answer.status == 401

    run(talk)


@pytest.mark.parametrize(
    ("size", "status", "description"),
    [
        (50 * MB + 1, 413, "Request Entity Too Large"),
        (60 * MB, 413, "Request Entity Too Large"),
        (0, 400, "Bad Request: file must be non-empty"),
    ],
)
def test_a_file_of_a_wrong_size_is_not_taken(size: int, status: int, description: str) -> None:
    """Bot API, Sending files: 10 MB max size for photos, 50 MB for other files."""

    async def talk(scene: Scene) -> None:
        world = World(scene.state)
        given = {"chat_id": str(world.lan.id), "document": BytesIO(b"0" * size)}
        assert await upload(scene, "sendDocument", given) == (status, description)

    run(talk)


@pytest.mark.parametrize(
    ("content", "description"),
    [
        (b"%PDF-1.7", "Bad Request: IMAGE_PROCESS_FAILED"),
        (png(9000, 1001), "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (png(21, 1), "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (
            png(30, 20) + b"0" * 10 * MB,
            f"Bad Request: file of size {10 * MB + len(png(1, 1))} bytes is too big for a photo; "
            f"the maximum size is {10 * MB} bytes",
        ),
    ],
    ids=["no picture", "too wide", "too narrow", "too big"],
)
def test_a_picture_that_telegram_cannot_show_is_not_taken(
    content: bytes, description: str
) -> None:
    """Bot API, sendPhoto: photo."""

    async def talk(scene: Scene) -> None:
        world = World(scene.state)
        given = {"chat_id": str(world.lan.id), "photo": BytesIO(content)}
        assert await upload(scene, "sendPhoto", given) == (400, description)

    run(talk)


@pytest.mark.parametrize(
    ("mime", "body", "description"),
    [
        ("application/json", b"{", "Bad Request: can't parse request JSON object"),
        ("application/json", b"[]", "Bad Request: can't parse request JSON object"),
        (
            "application/json",
            b'{"text":"\\ud800"}',
            "Bad Request: strings must be encoded in UTF-8",
        ),
        (
            "application/x-www-form-urlencoded",
            b"text=%ff",
            "Bad Request: strings must be encoded in UTF-8",
        ),
        ("multipart/form-data", b"--", "Bad Request: can't find multipart boundary"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(mime: str, body: bytes, description: str) -> None:
    """Bot API, Making requests."""

    async def talk(scene: Scene) -> None:
        headers = {"Content-Type": mime}
        path = f"/bot{TOKEN}/sendMessage"
        async with scene.http.post(path, data=body, headers=headers) as answer:
            assert (answer.status, (await answer.json())["description"]) == (400, description)

    run(talk)


async def upload(scene: Scene, method: str, given: Json) -> tuple[int, str]:
    async with scene.http.post(f"/bot{TOKEN}/{method}", data=given) as answer:
        return answer.status, json.loads(await answer.text())["description"]
