"""Read Telegram's updates: what one says, that it is none of ours, or that it makes no sense.

Updates come as plain JSON and are read straight from it: building the objects of a library costs
more than the rest of a turn, and fails for a whole batch where one update is odd. Fields are those
of core.telegram.org/bots/api#update; none is trusted to be there or to be of its kind.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar

from bot.channels.base import Edited, Given, Incoming, Membership, Moved, Sent, Unknown, Unreadable
from core.names import clean_name
from core.screen import Contact, Picked, Typed

NAME = "telegram"
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

_LARGEST = 2**31 - 1  # of the database's whole numbers; the platform's own files go up to 4 GB
_LARGEST_ID = 2**63 - 1
_LAST_DATE = 2**32

# What people send that no conversation can use. Whatever else a message may hold is a note of
# the platform's own (somebody joined, a message was pinned), which nobody must answer.
_OTHER_MEDIA = frozenset(
    {
        *("animation", "audio", "checklist", "dice", "game", "live_photo", "location"),
        *("paid_media", "poll", "sticker", "story", "venue", "video", "video_note", "voice"),
    }
)
_IN_THE_CHAT = frozenset({"creator", "administrator", "member", "restricted"})

_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_CODE = re.compile(r"([0-9]{1,18}\.[0-9]{1,18})\.(.+)", re.DOTALL)
_COMMAND = re.compile(r"(/[a-zA-Z0-9_]{1,32})@([a-zA-Z0-9_]{1,64})")

Kind = TypeVar("Kind")
Json = Mapping[str, Any]


def read(update: object, zone: tzinfo = UTC, username: str = "") -> Incoming | None:
    """None where nobody waits for an answer. Raises Unreadable.

    zone: of the day in the names given to photos. username: the bot's own, "" if unknown.
    """
    if not isinstance(update, dict):
        raise Unreadable("the update is not an object")
    update_id = _id(update, "update_id")
    for kind, reader in _READERS.items():
        if kind in update:
            return reader(_Update(update_id, zone, username), _need(update, kind, dict))
    return None


class _Update:
    """What is the same for all kinds of update."""

    __slots__ = ("id", "username", "zone")

    def __init__(self, update_id: str, zone: tzinfo, username: str) -> None:
        self.id, self.zone, self.username = update_id, zone, username.casefold()

    def incoming(self, chat: Json, sender: Json, given: Given, **more: Any) -> Incoming:
        first, last = _text(sender, "first_name"), _text(sender, "last_name")
        return Incoming(
            NAME,
            self.id,
            _id(chat),
            _id(sender),
            given,
            name=_visible(f"{first} {last}").strip(),
            language=_text(sender, "language_code"),
            private=_need(chat, "type", str) == "private",
            **more,
        )


def _message(update: _Update, message: Json) -> Incoming | None:
    chat = _need(message, "chat", dict)
    if moved := _moved(update, message, chat):
        return moved
    sender = _person(message)
    if sender is None or chat.get("type") == "channel":
        return None
    given = _given(update, message, sender)
    return None if given is None else update.incoming(chat, sender, given)


def _moved(update: _Update, message: Json, chat: Json) -> Incoming | None:
    """A group that became a supergroup says so twice, once under each of its names."""
    if "migrate_to_chat_id" in message:
        old, new = _id(chat), _id(message, "migrate_to_chat_id")
    elif "migrate_from_chat_id" in message:
        old, new = _id(message, "migrate_from_chat_id"), _id(chat)
    else:
        return None
    return Incoming(NAME, update.id, old, "", Moved(new), private=False)


def _given(update: _Update, message: Json, sender: Json) -> Given | None:
    if "text" in message:
        return _typed(_need(message, "text", str), update.username)
    if "photo" in message:
        return _photo(message, update.zone)
    if "contact" in message:
        return _contact(_need(message, "contact", dict), sender)
    if not _OTHER_MEDIA.isdisjoint(message):
        return Unknown()
    if "document" in message:
        return _document(message, update.zone)
    return None


def _typed(text: str, username: str) -> Typed | None:
    """In a group a command may name the bot it is meant for, as in /han@somebot."""
    text = _clean(text)
    if text.startswith("/") and (command := _COMMAND.match(text)):
        if username and command[2].casefold() != username:
            return None
        text = command[1] + text[command.end() :]
    return Typed(text)


def _photo(message: Json, zone: tzinfo) -> Sent:
    """Comes in several sizes, always as JPEG and without a name."""
    sizes = [size for size in _need(message, "photo", list) if isinstance(size, dict)]
    if not sizes:
        raise Unreadable("a photo without sizes")
    largest = max(
        sizes, key=lambda size: _may(size, "width", int, 0) * _may(size, "height", int, 0)
    )
    return _sent(
        message, largest, f"ảnh_{_when_and_which(message, zone)}.jpg", "image/jpeg", "photo"
    )


def _document(message: Json, zone: tzinfo) -> Sent:
    document = _need(message, "document", dict)
    name = _text(document, "file_name").strip()
    name = clean_name(name) if name else f"tệp_{_when_and_which(message, zone)}"
    return _sent(message, document, name, _text(document, "mime_type"), "document")


def _sent(message: Json, file: Json, name: str, mime: str, kind: str) -> Sent:
    size = _may(file, "file_size", int, -1)
    return Sent(
        remote_id=_word(file, "file_id"),
        unique_id=_word(file, "file_unique_id"),
        name=name,
        size=min(size, _LARGEST) if size >= 0 else None,
        mime=mime,
        kind=kind,
        album=_text(message, "media_group_id") or None,
        caption=_text(message, "caption").strip(),
        number=min(max(_need(message, "message_id", int), 0), _LARGEST),
    )


def _when_and_which(message: Json, zone: tzinfo) -> str:
    date = _need(message, "date", int)
    if not 0 <= date < _LAST_DATE:
        raise Unreadable("date is out of range")
    day = datetime.fromtimestamp(date, zone).date()
    return f"{day.isoformat()}_{_id(message, 'message_id')}"


def _contact(contact: Json, sender: Json) -> Contact:
    """Telegram itself sets the id in a card, so it can be trusted to be that person's."""
    own = contact.get("user_id") == _need(sender, "id", int)
    return Contact(_word(contact, "phone_number"), own)


def _edited(update: _Update, message: Json) -> Incoming | None:
    """A shared live location is "edited" whenever the phone moves; that is nothing said."""
    chat, sender = _need(message, "chat", dict), _person(message)
    if sender is None or chat.get("type") == "channel" or "location" in message:
        return None
    return update.incoming(chat, sender, Edited())


def _tap(update: _Update, query: Json) -> Incoming | None:
    """A button older than the platform remembers comes without its message, or with an empty one.

    A code that we never made picks nothing, and was made for no conversation.
    """
    sender = _person(query)
    if sender is None:
        return None
    message = _may(query, "message", dict, {})
    chat = _need(message, "chat", dict) if message else {**sender, "type": "private"}
    code = _CODE.fullmatch(_clean(_may(query, "data", str, "")))
    return update.incoming(
        chat,
        sender,
        Picked(code[2] if code else ""),
        seen=code[1] if code else "0.0",
        message=_id(message, "message_id") if message.get("date") else None,
        tap=_word(query, "id"),
    )


def _membership(update: _Update, change: Json) -> Incoming | None:
    chat, sender = _need(change, "chat", dict), _need(change, "from", dict)
    if chat.get("type") == "channel":
        return None
    status = _need(_need(change, "new_chat_member", dict), "status", str)
    return update.incoming(chat, sender, Membership(status in _IN_THE_CHAT))


_READERS: Mapping[str, Callable[[_Update, Json], Incoming | None]] = {
    "message": _message,
    "callback_query": _tap,
    "edited_message": _edited,
    "my_chat_member": _membership,
}


def _visible(text: str) -> str:
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def _clean(text: str) -> str:
    """NFC, without what a database or UTF-8 cannot hold."""
    return unicodedata.normalize("NFC", _UNSTORABLE.sub("", text))


def _person(holder: Json) -> Json | None:
    """Who sent it; None for bots, and for channels, which post as nobody."""
    sender: Json | None = _may(holder, "from", dict, None)
    return None if sender is None or sender.get("is_bot") else sender


def _id(holder: Json, key: str = "id") -> str:
    number = _need(holder, key, int)
    if abs(number) > _LARGEST_ID:
        raise Unreadable(f"{key} is out of range")
    return str(number)


def _word(holder: Json, key: str) -> str:
    if word := _clean(_need(holder, key, str)):
        return word
    raise Unreadable(f"{key} is empty")


def _text(holder: Json, key: str) -> str:
    return _clean(_may(holder, key, str, ""))


def _need(holder: Json, key: str, kind: type[Kind]) -> Kind:
    value = holder.get(key)
    if type(value) is not kind:  # not isinstance, for which True is a number
        raise Unreadable(f"{key} is missing or not of its kind")
    return value


def _may(holder: Json, key: str, kind: type[Kind], otherwise: Any) -> Any:
    return otherwise if holder.get(key) is None else _need(holder, key, kind)
