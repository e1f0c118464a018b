"""Everything the server knows: people and groups, their messages, and what the bot has set."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import count
from pathlib import Path
from random import Random

from bot.demo.commands import Commands
from bot.demo.faults import Faults
from bot.demo.files import Files, StoredFile
from bot.demo.ledger import Ledger
from bot.demo.limits import Limits, Throttle
from bot.demo.markup import buttons
from bot.demo.refusal import Json, Refused
from bot.demo.styled import Styled
from bot.demo.updates import Updates
from bot.demo.webhook import FIRST_PAUSE, Webhook

BOT = 0  # who sent a message of the bot's
# Not documented: how long a tap may be answered.
TAP_SECONDS = 15 * 60
FIRST_PERSON = 1001
FIRST_UPDATE = 500_000_001
SESSION_IDS = 1_000_000  # more than one session makes
# Groups have negative ids, supergroups start at -100 followed by ten digits.
FIRST_GROUP = -2001
FIRST_SUPERGROUP = -1_000_000_002_001


class Bell:
    """Lets any number of tasks wait for the next change."""

    def __init__(self) -> None:
        self._event: asyncio.Event | None = None

    def ring(self) -> None:
        if self._event:
            self._event.set()
            self._event = None

    async def heard(self) -> None:
        if self._event is None:
            self._event = asyncio.Event()
        await self._event.wait()


@dataclass(slots=True)
class Message:
    """sender: a person's id, or BOT. date: Unix seconds on the demo's clock.

    edited: when it was last edited, 0 if never.
    album: the name shared by the messages of one album. body: what else a Message of the Bot API
    carries: a contact, a sticker. keyboard: what the phone shows in place of its own keyboard.
    """

    id: int
    sender: int
    date: int
    words: Styled = field(default_factory=lambda: Styled(""))
    inline: Json | None = None
    keyboard: Json | None = None
    files: tuple[StoredFile, ...] = ()
    album: str | None = None
    body: Json = field(default_factory=dict)
    silent: bool = False
    edited: int = 0


@dataclass(slots=True)
class Chat:
    """A private talk, a group or a supergroup.

    name: the person's name or the group's title. language: as the person's app says it.
    opened: whether the person has written to the bot, without which it may not write to them.
    kicked: whether the bot was put out of the group. members: ids of people.
    migrated_to: the supergroup in which this group goes on, 0 if it stays.
    """

    id: int
    kind: str
    name: str
    language: str = "vi"
    opened: bool = False
    blocked: bool = False
    deactivated: bool = False
    kicked: bool = False
    migrated_to: int = 0
    members: tuple[int, ...] = ()
    messages: dict[int, Message] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    events: list[Json] = field(default_factory=list)
    bell: Bell = field(default_factory=Bell)

    @property
    def private(self) -> bool:
        return self.kind == "private"

    def tell(self, event: Json) -> None:
        """Add an event to what the phone is shown."""
        self.events.append(event)
        self.bell.ring()

    def as_user(self) -> Json:
        user = {"id": self.id, "is_bot": False, "first_name": self.name}
        return {**user, "language_code": self.language} if self.language else user

    def as_chat(self) -> Json:
        if self.private:
            return {"id": self.id, "type": "private", "first_name": self.name}
        return {"id": self.id, "type": self.kind, "title": self.name}


@dataclass(slots=True)
class Tap:
    """A tap on a button that the bot may still answer. at: machine time, seconds."""

    chat_id: int
    at: float


class _Ids:
    """Where the next new thing gets its id; those of chats are the same in every session."""

    def __init__(self, session: int) -> None:
        self.messages = count(1 + session * SESSION_IDS)
        self.people = count(FIRST_PERSON)
        self.groups = count(FIRST_GROUP, -1)
        self.supergroups = count(FIRST_SUPERGROUP, -1)
        self.taps = Random(session)  # noqa: S311  need not be secret


class State:
    """What one server knows while it runs; a server that was stopped needs a new one.

    token: what the bot must present; its digits before the colon are the bot's id.
    session: how many servers this bot has met before; the ids of updates, messages and files of
        each are new to it.
    ahead: seconds by which the demo's clock is ahead of the machine's.
    last_poll: when getUpdates was last called, as of time.monotonic(); None: never.
    closing: set when the server stops.
    hang_up: breaks the connection of the caller with that address and port.
    """

    ahead = 0.0
    calls = 0
    last_poll: float | None = None

    def __init__(
        self,
        token: str,
        *,
        ledger: Path | None = None,
        limits: Limits | None = None,
        faults: Faults | None = None,
        webhook_pause: float = FIRST_PAUSE,
        session: int = 0,
    ) -> None:
        self.token = token
        self.me = _me(token)
        self.chats: dict[int, Chat] = {}
        self.taps: dict[str, Tap] = {}
        self.files, self.commands = Files(session * SESSION_IDS), Commands()
        self.changed, self.closing = Bell(), asyncio.Event()
        self.ledger = Ledger(ledger, self.changed.ring)
        self.updates = Updates(self.ledger, FIRST_UPDATE + session * SESSION_IDS)
        self.webhook = Webhook(self.updates, webhook_pause)
        self.throttle = Throttle(limits)
        self.faults = faults or Faults()
        self.hang_up: Callable[[tuple[str, int]], None] = _cannot_hang_up
        self._ids = _Ids(session)

    def now(self) -> int:
        """Unix seconds on the demo's clock, which may be moved."""
        return int(time.time() + self.ahead)

    def close(self) -> None:
        """Let everybody go who waits for news."""
        self.closing.set()
        self.updates.stop()
        self.changed.ring()
        for chat in self.chats.values():
            chat.bell.ring()

    def add_person(self, name: str, language: str = "vi", opened: bool = False) -> Chat:
        chat = Chat(next(self._ids.people), "private", name, language, opened)
        return self._add(chat)

    def add_group(self, title: str, members: tuple[int, ...]) -> Chat:
        return self._add(Chat(next(self._ids.groups), "group", title, "", True, members=members))

    def add_supergroup(self, group: Chat) -> Chat:
        new = Chat(next(self._ids.supergroups), "supergroup", group.name, "", True)
        new.members = group.members
        group.migrated_to = new.id
        return self._add(new)

    def _add(self, chat: Chat) -> Chat:
        self.chats[chat.id] = chat
        chat.tell({"type": "commands", "commands": self.commands_of(chat)})
        return chat

    def commands_of(self, chat: Chat) -> list[Json]:
        return self.commands.shown(chat.id, chat.private, chat.language)

    def next_message_id(self) -> int:
        return next(self._ids.messages)

    def new_tap(self, chat_id: int) -> str:
        number = str(self._ids.taps.getrandbits(62))
        self.taps[number] = Tap(chat_id, time.monotonic())
        return number

    def tap(self, number: str) -> Tap:
        """Raises Refused."""
        tap = self.taps.get(number)
        if tap is None or time.monotonic() - tap.at >= TAP_SECONDS:
            raise Refused("query is too old and response timeout expired or query ID is invalid")
        return tap

    def expire_taps(self) -> None:
        """As if the time in which the bot may answer had passed."""
        for tap in self.taps.values():
            tap.at -= TAP_SECONDS

    def put(self, chat: Chat, message: Message) -> Json:
        """Add a message to a chat; the Message of the Bot API."""
        chat.messages[message.id] = message
        chat.tell({"type": "message", "message": self.shown(chat, message)})
        return self.described(chat, message)

    def changed_message(self, chat: Chat, message: Message) -> Json:
        chat.tell({"type": "edit", "message": self.shown(chat, message)})
        return self.described(chat, message)

    def remove(self, chat: Chat, message_id: int) -> None:
        del chat.messages[message_id]
        chat.gone.add(message_id)
        chat.tell({"type": "delete", "message_id": message_id})

    def described(self, chat: Chat, message: Message) -> Json:
        """Message of the Bot API."""
        sender = self.me if message.sender == BOT else self.chats[message.sender].as_user()
        body: Json = {"message_id": message.id, "from": sender, "chat": chat.as_chat()}
        body["date"] = message.date
        body |= message.body
        body |= self._words(message)
        for file in message.files:
            body[file.kind] = self._file(file)
        if message.album:
            body["media_group_id"] = message.album
        if message.edited:
            body["edit_date"] = message.edited
        if message.inline:
            body["reply_markup"] = message.inline
        return body

    @staticmethod
    def _words(message: Message) -> Json:
        name = "caption" if message.files else "text"
        body: Json = {name: message.words.text} if message.words.text else {}
        if message.words.entities:
            list_name = "caption_entities" if message.files else "entities"
            body[list_name] = list(message.words.entities)
        return body

    def _file(self, file: StoredFile) -> Json | list[Json]:
        if file.kind == "photo":
            return self.files.sizes(file)
        return {**file.described(), "file_name": file.name, "mime_type": file.mime}

    def shown(self, chat: Chat, message: Message) -> Json:
        """A message as a phone shows it."""
        mine = message.sender != BOT
        return {
            "message_id": message.id,
            "from": "me" if mine else "bot",
            "name": self.chats[message.sender].name if mine else self.me["first_name"],
            "date": message.date,
            "html": message.words.html() or _instead(message),
            "buttons": buttons(message.inline),
            "keyboard": message.keyboard,
            "files": [_shown_file(chat, file) for file in message.files],
            "album": message.album,
            "edited": message.edited > 0,
            "silent": message.silent,
        }

    def described_state(self) -> Json:
        hook = self.webhook.hook
        last = None if self.last_poll is None else round(time.monotonic() - self.last_poll, 1)
        return {
            "unanswered": len(self.updates.pending),
            "webhook": hook.url if hook else None,
            "last_poll_ago": last,
            "calls": self.calls,
        }

    def people(self) -> Iterator[Chat]:
        return (chat for chat in self.chats.values() if chat.private)


def _me(token: str) -> Json:
    facts = {"is_bot": True, "first_name": "Phòng Giáo dục", "username": "phongbot_demo_bot"}
    return {"id": int(token.partition(":")[0]), **facts}


def _cannot_hang_up(_: tuple[str, int]) -> None:
    raise RuntimeError("only a BotApiServer can break a caller's connection")


def _instead(message: Message) -> str:
    """What a phone shows of a message without words."""
    contact = message.body.get("contact")
    if contact:
        return f"📞 {escape(contact['first_name'])}: {escape(contact['phone_number'])}"
    return next((label for kind, label in _LABELS.items() if kind in message.body), "")


_LABELS = {"sticker": "🙂", "voice": "🎤 0:01", "migrate_to_chat_id": "→"}


def _shown_file(chat: Chat, file: StoredFile) -> Json:
    size = len(file.content)
    url = f"/phones/{chat.id}/files/{file.id}"
    return {"kind": file.kind, "name": file.name, "size": size, "url": url}
