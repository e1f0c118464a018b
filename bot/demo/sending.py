"""The methods that show something in a chat: sending, editing, deleting, answering a tap."""

from typing import Any

from bot.demo.files import MOST_UPLOAD_BYTES, StoredFile, Upload
from bot.demo.markup import NOTHING, Markup, only_inline, read_markup
from bot.demo.refusal import Json, Refused, too_large
from bot.demo.request import Call
from bot.demo.state import BOT, Chat, Message, State
from bot.demo.styled import Styled, parse_html, plain, units

# Bot API, sendMessage: text, 1-4096 characters after entities parsing.
MOST_TEXT = 4096
# Bot API, sendPhoto: caption, 0-1024 characters after entities parsing.
MOST_CAPTION = 1024
# Bot API, answerCallbackQuery: text, 0-200 characters.
MOST_TOAST = 200
# Bot API, sendMediaGroup: media must include 2-10 items.
FEWEST_IN_ALBUM, MOST_IN_ALBUM = 2, 10
# Bot API, deleteMessage: a message can only be deleted if it was sent less than 48 hours ago.
DELETE_SECONDS = 48 * 3600
# Bot API, sendChatAction: action.
ACTIONS = frozenset(
    (
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    )
)

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def send_message(state: State, call: Call) -> Json:
    words = _text(call)
    chat, markup = _addressed(state, call)
    state.throttle.check(chat.id)
    return state.put(chat, _new(state, call, words, markup))


def send_photo(state: State, call: Call) -> Json:
    return _send_file(state, call, "photo")


def send_document(state: State, call: Call) -> Json:
    return _send_file(state, call, "document")


def send_voice(state: State, call: Call) -> Json:
    return _send_file(state, call, "voice")


def send_media_group(state: State, call: Call) -> list[Json]:
    media = _album(call)
    chat, _ = _addressed(state, call)
    captions = [_caption(one, str(one.get("parse_mode") or "")) for one in media]
    files = [_file(state, call, one["type"], one.get("media")) for one in media]
    state.throttle.check(chat.id, len(media))
    album = str(state.next_message_id())
    messages = [_new(state, call, words, NOTHING) for words in captions]
    for message, file in zip(messages, files, strict=True):
        message.files, message.album = (file,), album
    return [state.put(chat, message) for message in messages]


def edit_message_text(state: State, call: Call) -> Json:
    words = _text(call)
    chat, message = _to_edit(state, call)
    if message.files:
        raise Refused("there is no text in the message to edit")
    inline = only_inline(call.json("reply_markup"))
    if (message.words, message.inline) == (words, inline):
        raise Refused(NOT_MODIFIED)
    state.throttle.check(chat.id)
    message.words = words
    return _edited(state, chat, message, inline)


def edit_message_reply_markup(state: State, call: Call) -> Json:
    chat, message = _to_edit(state, call)
    inline = only_inline(call.json("reply_markup"))
    if message.inline == inline:
        raise Refused(NOT_MODIFIED)
    state.throttle.check(chat.id)
    return _edited(state, chat, message, inline)


def delete_message(state: State, call: Call) -> bool:
    chat = reachable(state, call)
    message = chat.messages.get(_message_id(call))
    if message is None:
        raise Refused("message to delete not found")
    if message.sender != BOT and not chat.private:
        raise Refused("message can't be deleted")
    if state.now() - message.date >= DELETE_SECONDS:
        raise Refused("message can't be deleted for everyone")
    state.remove(chat, message.id)
    return True


def answer_callback_query(state: State, call: Call) -> bool:
    tap = state.tap(call.text("callback_query_id"))
    text = call.text("text")
    if units(text) > MOST_TOAST:
        raise Refused("MESSAGE_TOO_LONG")
    if text:
        toast = {"type": "toast", "text": text, "alert": call.flag("show_alert")}
        state.chats[tap.chat_id].tell(toast)
    return True


def send_chat_action(state: State, call: Call) -> bool:
    action = call.text("action")
    if action not in ACTIONS:
        raise Refused("wrong parameter action in request")
    reachable(state, call).tell({"type": "action", "action": action})
    return True


def find_chat(state: State, chat_id: str) -> Chat:
    """Raises Refused."""
    if not chat_id:
        raise Refused("chat_id is empty")
    number = chat_id.removeprefix("-")
    chat = state.chats.get(int(chat_id)) if number.isascii() and number.isdigit() else None
    if chat is None or not (chat.opened or _met(state, chat)):
        raise Refused("chat not found")
    return chat


def reachable(state: State, call: Call) -> Chat:
    """The chat a call is addressed to, if the bot may write there. Raises Refused."""
    chat = find_chat(state, call.text("chat_id"))
    if not chat.opened:
        raise Refused("bot can't initiate conversation with a user", 403)
    if chat.deactivated:
        raise Refused("user is deactivated", 403)
    if chat.blocked:
        raise Refused("bot was blocked by the user", 403)
    if chat.kicked:
        raise Refused(f"bot was kicked from the {chat.kind} chat", 403)
    if chat.migrated_to:
        why = "group chat was upgraded to a supergroup chat"
        raise Refused(why, migrate_to_chat_id=chat.migrated_to)
    return chat


def _met(state: State, chat: Chat) -> bool:
    """Whether the bot knows the person from a group."""
    return any(chat.id in group.members for group in state.chats.values())


def _addressed(state: State, call: Call) -> tuple[Chat, Markup]:
    chat = reachable(state, call)
    markup = NOTHING
    if "reply_markup" in call.values:
        markup = read_markup(call.json("reply_markup"), chat.private)
    if "reply_parameters" in call.values:
        _check_reply(chat, call.json("reply_parameters"))
    return chat, markup


def _check_reply(chat: Chat, reply: Any) -> None:
    if not isinstance(reply, dict):
        raise Refused("object expected as reply parameters")
    known = reply.get("message_id") in chat.messages
    if not known and not reply.get("allow_sending_without_reply"):
        raise Refused("message to be replied not found")


def _text(call: Call) -> Styled:
    words = _styled(call.text("text"), call.text("parse_mode"), call.json("entities"))
    if not words.text:
        raise Refused("message text is empty")
    if units(words.text) > MOST_TEXT:
        raise Refused("message is too long")
    return words


def _caption(given: Json, parse_mode: str) -> Styled:
    words = _styled(str(given.get("caption") or ""), parse_mode, given.get("caption_entities"))
    if units(words.text) > MOST_CAPTION:
        raise Refused("message caption is too long")
    return words


def _styled(text: str, parse_mode: str, entities: Any) -> Styled:
    mode = parse_mode.lower()
    if mode == "html":
        return parse_html(text)
    if mode:
        raise Refused("unsupported parse_mode")
    if entities:
        return Styled(text, _entities(entities))
    return plain(text)


def _entities(entities: Any) -> tuple[Json, ...]:
    if not isinstance(entities, list) or not all(map(_is_entity, entities)):
        raise Refused("can't parse entities: expected an Array of MessageEntity")
    return tuple(entities)


def _is_entity(entity: Any) -> bool:
    if not isinstance(entity, dict) or not isinstance(entity.get("type"), str):
        return False
    offset, length = entity.get("offset"), entity.get("length")
    return isinstance(offset, int) and isinstance(length, int) and offset >= 0 and length > 0


def _new(state: State, call: Call, words: Styled, markup: Markup) -> Message:
    return Message(
        state.next_message_id(),
        BOT,
        state.now(),
        words,
        inline=markup.inline,
        keyboard=markup.keyboard,
        silent=call.flag("disable_notification"),
    )


def _send_file(state: State, call: Call, kind: str) -> Json:
    given = {"caption": call.text("caption"), "caption_entities": call.json("caption_entities")}
    words = _caption(given, call.text("parse_mode"))
    chat, markup = _addressed(state, call)
    upload = call.upload(kind)
    file = _stored(state, kind, upload) if upload else _file(state, call, kind, call.text(kind))
    state.throttle.check(chat.id)
    message = _new(state, call, words, markup)
    message.files = (file,)
    return state.put(chat, message)


def _file(state: State, call: Call, kind: str, reference: Any) -> StoredFile:
    """A file by "attach://name" or by its id. Raises Refused."""
    if not reference or not isinstance(reference, str):
        raise Refused(f"there is no {kind} in the request")
    if reference.startswith("attach://"):
        upload = call.upload(reference.removeprefix("attach://"))
        if upload is None:
            raise Refused(f"there is no {kind} in the request")
        return _stored(state, kind, upload)
    if "://" in reference:
        raise Refused("failed to get HTTP URL content")
    stored = state.files.get(reference)
    if stored is None:
        raise Refused("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        raise Refused(f"can't use file of type {stored.kind.capitalize()} as {kind.capitalize()}")
    return stored


def _stored(state: State, kind: str, upload: Upload) -> StoredFile:
    if len(upload.content) > MOST_UPLOAD_BYTES:
        raise too_large()
    if not upload.content:
        raise Refused("file must be non-empty")
    return state.files.photo(upload) if kind == "photo" else state.files.add(kind, upload)


def _album(call: Call) -> list[Json]:
    media = call.json("media")
    if not isinstance(media, list) or not all(isinstance(one, dict) for one in media):
        raise Refused("can't parse media: expected an Array of InputMedia")
    if len(media) > MOST_IN_ALBUM:
        raise Refused("too many messages to send as an album")
    if len(media) < FEWEST_IN_ALBUM:
        raise Refused("an album must include 2-10 items")
    kinds = {one.get("type") for one in media}
    if not kinds <= {"photo", "document"}:
        raise Refused("can't parse InputMedia: type is unsupported")
    if len(kinds) > 1:
        raise Refused("document can't be mixed with other media types")
    return media


def _to_edit(state: State, call: Call) -> tuple[Chat, Message]:
    chat = reachable(state, call)
    message = chat.messages.get(_message_id(call))
    if message is None:
        raise Refused("message to edit not found")
    # A message that came with a keyboard of its own cannot be edited either.
    if message.sender != BOT or message.keyboard is not None:
        raise Refused("message can't be edited")
    return chat, message


def _message_id(call: Call) -> int:
    number = call.number("message_id")
    if not number:
        raise Refused("message identifier is not specified")
    return number


def _edited(state: State, chat: Chat, message: Message, inline: Json | None) -> Json:
    message.inline = inline
    message.edited = state.now()
    return state.changed_message(chat, message)
