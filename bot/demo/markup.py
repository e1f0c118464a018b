"""What may hang under a message: buttons, or a keyboard in place of the phone's own."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.demo.refusal import Json, Refused

# Bot API, InlineKeyboardButton: callback_data, 1-64 bytes.
MOST_DATA_BYTES = 64
# Not documented: Telegram answers "reply markup is too long" beyond about these.
MOST_BUTTONS = 100
MOST_LABEL_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class Markup:
    """inline: InlineKeyboardMarkup. keyboard: as a phone shows it, None to leave it alone."""

    inline: Json | None = None
    keyboard: Json | None = None


NOTHING = Markup()


def read_markup(value: Any, private: bool = True) -> Markup:
    """Raises Refused. private: whether it is for a private chat."""
    if value is None or value == {}:
        return NOTHING
    if not isinstance(value, dict):
        raise Refused("object expected as reply markup")
    if "inline_keyboard" in value:
        rows = [[_inline(one) for one in row] for row in _rows(value["inline_keyboard"])]
        return Markup(inline={"inline_keyboard": rows} if any(rows) else None)
    if "keyboard" in value:
        rows = [[_key(one, private) for one in row] for row in _rows(value["keyboard"])]
        return Markup(keyboard={"rows": rows, "remove": False})
    if value.get("remove_keyboard"):
        return Markup(keyboard={"rows": [], "remove": True})
    return NOTHING


def only_inline(value: Any) -> Json | None:
    """Edited messages take no other markup. Raises Refused."""
    markup = read_markup(value)
    if markup.keyboard is not None:
        raise Refused("inline keyboard expected")
    return markup.inline


def buttons(inline: Json | None) -> list[list[Json]]:
    """As a phone shows them: text, and data or url."""
    rows = inline["inline_keyboard"] if inline else []
    return [[_button(one) for one in row] for row in rows]


def _rows(value: Any) -> list[list[Any]]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise Refused(
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
        )
    labels = [one for row in value for one in row]
    if len(labels) > MOST_BUTTONS or _size(labels) > MOST_LABEL_BYTES:
        raise Refused("reply markup is too long")
    return value


def _size(labels: list[Any]) -> int:
    texts = (one.values() if isinstance(one, dict) else (one,) for one in labels)
    return sum(len(text.encode()) for row in texts for text in row if isinstance(text, str))


def _inline(button: Any) -> Json:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise Refused("can't parse inline keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise Refused("can't parse inline keyboard button: Text must be non-empty")
    if "url" in button:
        _check_url(button["url"])
    elif "callback_data" in button:
        _check_data(button["callback_data"])
    else:
        raise Refused("text buttons are unallowed in the inline keyboard")
    return button


def _check_data(data: Any) -> None:
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= MOST_DATA_BYTES:
        raise Refused("BUTTON_DATA_INVALID")


def _check_url(url: Any) -> None:
    parts = urlsplit(str(url))
    if parts.scheme not in ("http", "https", "tg") or not parts.netloc:
        raise Refused(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def _key(button: Any, private: bool) -> Json:
    if isinstance(button, str):
        return {"text": button, "contact": False}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise Refused("can't parse keyboard button: Can't find field \"text\"")
    contact = bool(button.get("request_contact"))
    if contact and not private:
        raise Refused("phone number can be requested in private chats only")
    return {"text": button["text"], "contact": contact}


def _button(button: Json) -> Json:
    target = "url" if "url" in button else "data"
    return {"text": button["text"], target: button.get("url") or button["callback_data"]}
