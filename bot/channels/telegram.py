"""Telegram: choices are inline buttons, and a tap changes the tapped message in place."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from pydantic import SecretStr
from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

from bot.channels import telegram_updates
from bot.channels.base import (
    ChatMoved,
    Incoming,
    Rejected,
    SendError,
    TokenRefused,
    TryLater,
    Unreachable,
)
from bot.channels.request import (
    FETCH_LIMIT,
    POLL,
    POLL_GRACE,
    Request,
    SlowDown,
    TooLarge,
    plain_data,
)
from bot.channels.telegram_words import CAPTION_LIMIT, buttons, html, markup, parts, plain, units
from storage.outbox import Letter

ALBUM = 10  # files in one message, core.telegram.org/bots/api#sendmediagroup
BATCH = 100  # updates in one answer, core.telegram.org/bots/api#getupdates

# A refusal says for how long but not for whom. One chat alone is over its own limit; so many
# different ones, with nothing sent to anybody in between, mean that the whole bot is.
CHATS_TOLD_TO_WAIT = 3

# Telegram's refusals have no codes of their own, so they are told apart by their English words.
_GONE = (
    *("chat not found", "user not found", "peer_id_invalid", "user_is_blocked"),
    *("input_user_deactivated", "group chat was deactivated", "chat_write_forbidden"),
    *("have no rights to send", "not enough rights to send", "need administrator rights"),
)
_NO_LONGER_EDITABLE = (
    *("message to edit not found", "message can't be edited", "message_id_invalid"),
    *("there is no text in the message to edit", "message identifier is not specified"),
)
_NOT_A_FILE = (
    *("wrong file identifier", "wrong remote file identifier", "wrong file_id", "file_id_invalid"),
    *("invalid file_id", "file reference", "can't use file of type", "wrong type of the web page"),
    *("type of file mismatch", "wrong string length"),
)

Data = dict[str, Any]
Lines = Sequence[Sequence[str]]


class TelegramChannel:
    """To be entered as a context, which opens and closes its connections.

    file_path: where the bytes with that SHA-256 are. zone: of the day in the names of photos.
    """

    name = telegram_updates.NAME

    def __init__(
        self,
        token: SecretStr,
        api: str,
        file_path: Callable[[str], Path],
        zone: tzinfo = UTC,
    ) -> None:
        self._request = Request()
        self._bot = _Bot(
            token.get_secret_value(),
            base_url=f"{api.rstrip('/')}/bot",
            base_file_url=f"{api.rstrip('/')}/file/bot",
            request=self._request,
            get_updates_request=self._request,
        )
        self._file_path = file_path
        self._zone = zone
        self._username = ""
        self._told_to_wait: dict[str, float] = {}
        self._menus: dict[tuple[str, str | None], list[dict[str, str]]] = {}

    async def __aenter__(self) -> Self:
        await self._request.initialize()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._request.shutdown()

    def read(self, raw: object) -> Incoming | None:
        """None where nobody waits for an answer. Raises Unreadable."""
        return telegram_updates.read(raw, self._zone, self._username)

    async def updates(self, offset: int | None, seconds: int = POLL) -> list[Any]:
        """Ask for updates from `offset` on, which confirms all before it. Raises TelegramError.

        seconds: how long Telegram holds its answer while there is nothing to tell.
        """
        asked = {
            "offset": offset,
            "limit": BATCH,
            "timeout": seconds,
            "allowed_updates": telegram_updates.UPDATES,
        }
        answer = await self._bot.call("getUpdates", asked, seconds + POLL_GRACE)
        return answer if isinstance(answer, list) else []

    async def delete_webhook(self) -> None:
        """Raises TelegramError. What waits is kept for the poll."""
        await self._bot.call("deleteWebhook", {})

    async def set_webhook(self, url: str, secret: str) -> None:
        """Raises SendError. secret: 1 to 256 of A-Z a-z 0-9 _ - in a header of each update."""
        kinds = telegram_updates.UPDATES
        asked = {"url": url, "secret_token": secret, "allowed_updates": kinds}
        try:
            await self._bot.call("setWebhook", asked)
        except TelegramError as error:
            raise self._failure("", error) from None

    async def username(self) -> str:
        """The bot's own, without the @. Raises SendError the first time it is asked."""
        if not self._username:
            try:
                self._username = (await self._bot.call("getMe", {}))["username"]
            except TelegramError as error:
                raise self._failure("", error) from None
        return self._username

    async def set_commands(
        self, commands: Sequence[tuple[str, str]], language: str = "", chat: str | None = None
    ) -> None:
        """Set the menu of one chat, or of all private ones, if it is another one now.

        commands: without the slash, each with what it does. language: of the app, "" for all
        without a menu of their own. Raises SendError.
        """
        scope: Data = {"type": "all_private_chats"}
        if chat is not None:
            scope = {"type": "chat", "chat_id": chat}
        menu = [{"command": name, "description": what} for name, what in commands]
        where = {"scope": scope, "language_code": language}
        try:
            if self._menus.get((language, chat)) != menu:
                if await self._bot.call("getMyCommands", where) != menu:
                    await self._bot.call("setMyCommands", {**where, "commands": menu})
                self._menus[language, chat] = menu
        except TelegramError as error:
            raise self._failure(chat or "", error) from None

    async def fetch(self, remote_id: str) -> bytes:
        try:
            file = await self._bot.call("getFile", {"file_id": remote_id})
            if file.get("file_size", 0) > FETCH_LIMIT or "file_path" not in file:
                raise TooLarge("file is too big")
            # Holds the token, so it is neither kept nor shown to anybody.
            url = f"{self._bot.base_file_url}/{quote(file['file_path'])}"
            return await self._request.download(url, FETCH_LIMIT)
        except TooLarge as error:
            raise Rejected(error.message) from None
        except TelegramError as error:
            if "temporarily unavailable" in error.message.lower():
                raise TryLater(error.message) from None
            raise self._failure("", error) from None

    async def send(self, letter: Letter) -> str:
        try:
            if letter.tap is None:
                reference = await self._deliver(letter)
            else:
                both = asyncio.gather(self._deliver(letter), self.answer_tap(letter.tap))
                reference = (await both)[0]
        except TelegramError as error:
            raise self._failure(letter.chat, error) from None
        self._told_to_wait.clear()
        return reference

    async def answer_tap(self, tap: str) -> None:
        """Stop the clock on a tapped button. A tap soon gets too old for it, which is no harm."""
        try:
            await self._bot.call("answerCallbackQuery", {"callback_query_id": tap})
        except TelegramError:
            return

    async def _deliver(self, letter: Letter) -> str:
        if letter.files:
            return await self._enclose(letter)
        if letter.edits and not letter.asks_phone and await self._edited(letter):
            return letter.edits
        return await self._say(letter)

    async def _say(self, letter: Letter) -> str:
        """Buttons go under the last part, whose id is returned: it is the one to edit."""
        *first, last = parts(letter.lines)
        for lines in first:
            await self._worded("sendMessage", "text", lines, {"chat_id": letter.chat, **_QUIETLY})
        under = {"chat_id": letter.chat, "reply_markup": markup(letter), **_QUIETLY}
        return _id(await self._worded("sendMessage", "text", last, under))

    async def _edited(self, letter: Letter) -> bool:
        """False where the message cannot be edited any more, so that a new one is due."""
        if len(parts(letter.lines)) > 1:
            return False
        data: Data = {"chat_id": letter.chat, "message_id": letter.edits, **_QUIETLY}
        if letter.choices:
            data["reply_markup"] = {"inline_keyboard": buttons(letter)}
        try:
            await self._worded("editMessageText", "text", letter.lines, data)
        except BadRequest as error:
            if _says(error, _NO_LONGER_EDITABLE):
                return False
            if not _says(error, ("message is not modified",)):
                raise
        return True

    async def _enclose(self, letter: Letter) -> str:
        """Files with the text as their caption, or above the text where that cannot be."""
        albums = list(_albums(letter.files))
        is_caption = (
            len(albums) == 1
            and (len(letter.files) == 1 or not letter.choices)
            and units(plain(letter.lines)) <= CAPTION_LIMIT
        )
        if is_caption:
            return await self._album(letter, albums[0], letter.lines)
        sent = [await self._album(letter, album, None) for album in albums]
        return await self._say(letter) if letter.lines else sent[0]

    async def _album(self, letter: Letter, files: Sequence[Data], caption: Lines | None) -> str:
        """By the ids that Telegram knows them by; where it does not, from disk.

        caption: None where the text follows in a message of its own.
        """
        if all(file.get("remote") for file in files):
            try:
                return await self._sent(letter, files, [f["remote"] for f in files], caption)
            except BadRequest as error:
                if not _says(error, _NOT_A_FILE):
                    raise
        return await self._sent(letter, files, [await self._load(f) for f in files], caption)

    async def _load(self, file: Data) -> InputFile:
        try:
            content = await asyncio.to_thread(self._file_path(file["sha256"]).read_bytes)
        except (OSError, KeyError, TypeError, ValueError):
            raise Rejected("a file is not on disk") from None
        return InputFile(content, filename=file["name"])

    async def _sent(
        self,
        letter: Letter,
        files: Sequence[Data],
        media: Sequence[str | InputFile],
        caption: Lines | None,
    ) -> str:
        kind = files[0]["kind"]
        data: Data = {"chat_id": letter.chat}
        if len(files) == 1:
            data[kind] = media[0]
            if caption is not None:
                data["reply_markup"] = markup(letter)
            return _id(await self._worded(f"send{kind.title()}", "caption", caption or (), data))
        entries: list[Data] = [{"type": kind, "media": medium} for medium in media]
        for number, entry in enumerate(entries):
            if isinstance(entry["media"], InputFile):
                data[f"file{number}"], entry["media"] = entry["media"], f"attach://file{number}"
        # Under all: of photos the first one's caption is shown there, of documents the last one's.
        under = entries[0 if kind == "photo" else -1]
        if caption:
            under.update(caption=html(caption), parse_mode="HTML")
        messages = await self._bot.call("sendMediaGroup", {**data, "media": entries})
        return _id(messages[0] if isinstance(messages, list) and messages else None)

    async def _worded(self, method: str, words: str, lines: Lines, data: Data) -> Any:
        """words: what the method calls its text. Tags that Telegram refuses are left out."""
        if not lines:
            return await self._bot.call(method, data)
        try:
            styled = {**data, words: html(lines), "parse_mode": "HTML"}
            return await self._bot.call(method, styled)
        except BadRequest as error:
            if not _says(error, ("can't parse entities",)):
                raise
        return await self._bot.call(method, {**data, words: plain(lines)})

    def _failure(self, chat: str, error: TelegramError) -> SendError:
        match error:
            case SlowDown():
                return self._wait(chat, error.retry_after.total_seconds())
            case ChatMigrated():
                return ChatMoved(str(error.new_chat_id))
            case Forbidden():
                return Unreachable(error.message)
            case BadRequest():
                return (Unreachable if _says(error, _GONE) else Rejected)(error.message)
            case InvalidToken():
                return TokenRefused()
        return TryLater(error.message)

    def _wait(self, chat: str, seconds: float) -> TryLater:
        now = time.monotonic()
        waiting = {c: until for c, until in self._told_to_wait.items() if until > now}
        self._told_to_wait = {**waiting, chat: now + seconds}
        everybody = len(self._told_to_wait) >= CHATS_TOLD_TO_WAIT
        return TryLater("told to slow down", seconds, everybody)


_QUIETLY = {"link_preview_options": {"is_disabled": True}}


class _Bot(Bot):
    """PTB's own methods make objects of every answer, which costs more than the answer."""

    async def call(self, method: str, data: Data, seconds: float | None = None) -> Any:
        """The plain result. seconds: for the call, if not as usual. Raises TelegramError."""
        given = {key: value for key, value in data.items() if value is not None}
        if any(isinstance(value, InputFile) for value in given.values()):
            return await self._do_post(method, given, read_timeout=seconds)
        url = f"{self.base_url}/{method}"
        return await self.request.post(url, plain_data(given), read_timeout=seconds)


def _albums(files: Sequence[Data]) -> Iterator[list[Data]]:
    """Files next to each other of one kind, at most `ALBUM` together; others cannot be."""
    for kind, same in groupby(files, key=lambda file: str(file["kind"])):
        together = list(same)
        most = 1 if kind == "voice" else ALBUM
        yield from (together[at : at + most] for at in range(0, len(together), most))


def _id(message: Any) -> str:
    if isinstance(message, dict) and isinstance(number := message.get("message_id"), int):
        return str(number)
    raise NetworkError("the server's answer is not the Bot API's")


def _says(error: TelegramError, words: Sequence[str]) -> bool:
    message = error.message.lower()
    return any(word in message for word in words)
