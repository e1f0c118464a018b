"""What the owner of a phone does, and the updates the bot gets of it."""

import re
from dataclasses import dataclass

from bot.demo.files import StoredFile, Upload
from bot.demo.refusal import Json
from bot.demo.state import BOT, Chat, Message, State
from bot.demo.styled import plain

# Bot API features, "Deep linking".
_START_CODE = re.compile(r"[A-Za-z0-9_-]{0,64}")
STRANGER = 999_001  # the user of a contact card that is not the sender's


class NotPossible(Exception):
    """A phone cannot do that now; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Act:
    """update_id: None where the bot did not ask for such updates."""

    update_id: int | None
    message_id: int = 0


def say(state: State, chat: Chat, text: str, by: int = 0) -> Act:
    """by: the member who speaks in a group, its first one by default. Raises NotPossible."""
    words = plain(text, commands=True)
    if not words.text:
        raise NotPossible("There is nothing to send.")
    return _send(state, chat, Message(0, _speaker(chat, by), 0, words))


def start(state: State, chat: Chat, code: str = "") -> Act:
    """Like opening the bot's link with ?start=code. Raises NotPossible."""
    if not _START_CODE.fullmatch(code):
        raise NotPossible("A start code has at most 64 of A-Z, a-z, 0-9, _ and -.")
    return say(state, chat, f"/start {code}")


def tap(state: State, chat: Chat, message_id: int, data: str, by: int = 0) -> Act:
    """Any message of the bot's, however old, with any data. Raises NotPossible."""
    if message_id not in chat.messages and message_id not in chat.gone:
        raise NotPossible("There is no such message.")
    person = state.chats[_speaker(chat, by)]
    query: Json = {"id": state.new_tap(chat.id), "from": person.as_user()}
    query |= {"message": _tapped(state, chat, message_id), "data": data}
    query["chat_instance"] = str(chat.id)
    return Act(state.updates.add("callback_query", chat.id, query), message_id)


def _tapped(state: State, chat: Chat, message_id: int) -> Json:
    """InaccessibleMessage where the message was deleted."""
    message = chat.messages.get(message_id)
    if message is None:
        return {"chat": chat.as_chat(), "message_id": message_id, "date": 0}
    return state.described(chat, message)


def send_files(
    state: State, chat: Chat, uploads: list[Upload], kind: str, caption: str = "", by: int = 0
) -> list[Act]:
    """Several files are one album, of which the first bears the caption. Raises NotPossible."""
    speaker = _speaker(chat, by)
    store = state.files.photo if kind == "photo" else lambda one: state.files.add(kind, one)
    files: list[StoredFile] = [store(one) for one in uploads]
    album = str(state.next_message_id()) if len(files) > 1 else None
    acts: list[Act] = []
    for file in files:
        words = plain("" if acts else caption)
        message = Message(0, speaker, 0, words, files=(file,), album=album)
        acts.append(_send(state, chat, message))
    return acts


def share_contact(state: State, chat: Chat, phone: str, own: bool, by: int = 0) -> Act:
    """own: whether it is the sender's own card, as the button sends it. Raises NotPossible."""
    person = state.chats[_speaker(chat, by)]
    card: Json = {"phone_number": phone, "first_name": person.name if own else "Người khác"}
    card["user_id"] = person.id if own else STRANGER
    return _send(state, chat, Message(0, person.id, 0, body={"contact": card}))


def send_sticker(state: State, chat: Chat, by: int = 0) -> Act:
    upload = Upload("sticker.webp", "image/webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ")
    file = state.files.add("sticker", upload).described()
    facts = {"type": "regular", "width": 512, "height": 512, "emoji": "🙂"}
    sticker = {**file, **facts, "is_animated": False, "is_video": False}
    return _send(state, chat, Message(0, _speaker(chat, by), 0, body={"sticker": sticker}))


VOICE = b"OggS" + bytes(24) + b"OpusHead"  # a first page, as the speech would follow


def send_voice(state: State, chat: Chat, by: int = 0) -> Act:
    file = state.files.add("voice", Upload("voice.ogg", "audio/ogg", VOICE)).described()
    voice = {**file, "duration": 1, "mime_type": "audio/ogg"}
    return _send(state, chat, Message(0, _speaker(chat, by), 0, body={"voice": voice}))


def edit(state: State, chat: Chat, message_id: int, text: str) -> Act:
    """Raises NotPossible."""
    message = chat.messages.get(message_id)
    if message is None or message.sender == BOT or message.files:
        raise NotPossible("Only one's own words can be changed.")
    message.words, message.edited = plain(text, commands=True), state.now()
    body = state.changed_message(chat, message)
    return Act(state.updates.add("edited_message", chat.id, body), message_id)


def block(state: State, chat: Chat, blocked: bool) -> Act:
    if chat.blocked == blocked:
        return Act(None)
    chat.blocked = blocked
    chat.tell({"type": "blocked", "blocked": blocked})
    return _membership(state, chat, chat.id, "kicked" if blocked else "member")


def kick(state: State, chat: Chat) -> Act:
    """A member puts the bot out of the group."""
    chat.kicked = True
    return _membership(state, chat, _speaker(chat, 0, whatever=True), "kicked")


def deactivate(chat: Chat) -> None:
    """The account ends; the bot is told nothing."""
    chat.deactivated = True


def make_group(state: State, title: str, members: tuple[int, ...]) -> Chat:
    """A group with the bot in it. Raises NotPossible."""
    if not members or not all(one in {chat.id for chat in state.people()} for one in members):
        raise NotPossible("A group needs members that exist.")
    group = state.add_group(title, members)
    _membership(state, group, members[0], "member", before="left")
    _send(state, group, Message(0, members[0], 0, body={"group_chat_created": True}))
    return group


def migrate(state: State, group: Chat) -> Chat:
    """The group becomes a supergroup with an id of its own. Raises NotPossible."""
    if group.kind != "group" or group.migrated_to:
        raise NotPossible("Only a group can become a supergroup, once.")
    speaker = group.members[0]
    new = state.add_supergroup(group)
    _put(state, group, Message(0, speaker, 0, body={"migrate_to_chat_id": new.id}))
    _put(state, new, Message(0, speaker, 0, body={"migrate_from_chat_id": group.id}))
    return new


def _speaker(chat: Chat, by: int, whatever: bool = False) -> int:
    """Who acts, if they can. Raises NotPossible."""
    if not whatever and (chat.blocked or chat.deactivated or chat.kicked or chat.migrated_to):
        raise NotPossible("Nothing can be sent in this chat any more.")
    if chat.private:
        return chat.id
    if by and by not in chat.members:
        raise NotPossible("That person is not in the group.")
    return by or chat.members[0]


def _send(state: State, chat: Chat, message: Message) -> Act:
    chat.opened = True
    return _put(state, chat, message)


def _put(state: State, chat: Chat, message: Message) -> Act:
    message.id, message.date = state.next_message_id(), state.now()
    body = state.put(chat, message)
    return Act(state.updates.add("message", chat.id, body), message.id)


def _membership(
    state: State, chat: Chat, person: int, status: str, before: str | None = None
) -> Act:
    old = before or ("member" if status == "kicked" else "kicked")
    body: Json = {"chat": chat.as_chat(), "from": state.chats[person].as_user()}
    body |= {"date": state.now(), "old_chat_member": _member(state, old)}
    body["new_chat_member"] = _member(state, status)
    return Act(state.updates.add("my_chat_member", chat.id, body))


def _member(state: State, status: str) -> Json:
    member: Json = {"user": state.me, "status": status}
    return {**member, "until_date": 0} if status == "kicked" else member
