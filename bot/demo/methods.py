"""The methods of the Bot API that this server knows, by name."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.demo.commands import CHAT_SCOPES
from bot.demo.files import MOST_DOWNLOAD_BYTES
from bot.demo.refusal import Json, Refused
from bot.demo.request import Call
from bot.demo.sending import (
    answer_callback_query,
    delete_message,
    edit_message_reply_markup,
    edit_message_text,
    find_chat,
    send_chat_action,
    send_document,
    send_media_group,
    send_message,
    send_photo,
)
from bot.demo.state import State
from bot.demo.webhook import Hook

Method = Callable[[State, Call], Any]

# Bot API, setWebhook: secret_token, 1-256 characters of A-Z, a-z, 0-9, _ and -; max_connections.
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")
MOST_CONNECTIONS = 100
WEBHOOK_PORTS = (None, 80, 88, 443, 8443)
DEFAULT_CONNECTIONS = 40
# Bot API, setMyDescription and setMyShortDescription.
MOST_DESCRIPTION = 512
MOST_SHORT_DESCRIPTION = 120


def get_me(state: State, _: Call) -> Json:
    can = {"can_join_groups": True, "can_read_all_group_messages": True}
    return {**state.me, **can, "supports_inline_queries": False, "has_main_web_app": False}


def get_chat(state: State, call: Call) -> Json:
    chat = find_chat(state, call.text("chat_id"))
    return {**chat.as_chat(), "accent_color_id": 0, "max_reaction_count": 11} | {
        "accepted_gift_types": _NO_GIFTS
    }


_NO_GIFTS = {
    "unlimited_gifts": False,
    "limited_gifts": False,
    "unique_gifts": False,
    "premium_subscription": False,
    "gifts_from_channels": False,
}


def get_file(state: State, call: Call) -> Json:
    file = state.files.get(call.text("file_id"))
    if file is None:
        raise Refused("wrong file_id or the file is temporarily unavailable")
    if len(file.content) > MOST_DOWNLOAD_BYTES:
        raise Refused("file is too big")
    return {**file.described(), "file_path": file.path}


def set_webhook(state: State, call: Call) -> bool:
    url, secret = call.text("url"), call.text("secret_token")
    if not url:
        return delete_webhook(state, call)
    if not _SECRET.fullmatch(secret):
        raise Refused("secret token contains unallowed characters")
    if not url.startswith(("http://", "https://")):
        raise Refused("bad webhook: invalid webhook URL specified")
    if url.startswith("https://") and urlsplit(url).port not in WEBHOOK_PORTS:
        raise Refused("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    state.updates.allow(call.json("allowed_updates"))
    if call.flag("drop_pending_updates"):
        state.updates.drop()
    connections = call.number("max_connections", DEFAULT_CONNECTIONS)
    state.webhook.set(Hook(url, secret, max(1, min(connections, MOST_CONNECTIONS))))
    state.changed.ring()
    return True


def delete_webhook(state: State, call: Call) -> bool:
    if call.flag("drop_pending_updates"):
        state.updates.drop()
    state.webhook.set(None)
    state.changed.ring()
    return True


def get_webhook_info(state: State, _: Call) -> Json:
    return state.webhook.described()


def set_my_commands(state: State, call: Call) -> bool:
    scope = _scope(state, call)
    state.commands.set(scope, call.text("language_code"), call.json("commands"))
    return _menus_changed(state)


def delete_my_commands(state: State, call: Call) -> bool:
    state.commands.delete(_scope(state, call), call.text("language_code"))
    return _menus_changed(state)


def get_my_commands(state: State, call: Call) -> list[Json]:
    return state.commands.get(_scope(state, call), call.text("language_code"))


def set_chat_menu_button(state: State, call: Call) -> bool:
    if call.text("chat_id"):
        find_chat(state, call.text("chat_id"))
    button = call.json("menu_button")
    if button and (not isinstance(button, dict) or button.get("type") not in _MENU_BUTTONS):
        raise Refused("can't parse menu button: MenuButton has unsupported type")
    return True


_MENU_BUTTONS = ("default", "commands", "web_app")


def set_my_description(_: State, call: Call) -> bool:
    return _short_enough(call.text("description"), MOST_DESCRIPTION)


def set_my_short_description(_: State, call: Call) -> bool:
    return _short_enough(call.text("short_description"), MOST_SHORT_DESCRIPTION)


def _short_enough(text: str, most: int) -> bool:
    if len(text) > most:
        raise Refused("the specified description is too long")
    return True


def _scope(state: State, call: Call) -> Json | None:
    scope = call.json("scope")
    if isinstance(scope, dict) and scope.get("type") in CHAT_SCOPES:
        find_chat(state, str(scope.get("chat_id", "")))
    return scope if isinstance(scope, dict) else None


def _menus_changed(state: State) -> bool:
    for chat in state.chats.values():
        menu = state.commands_of(chat)
        if menu != _last_menu(chat.events):
            chat.tell({"type": "commands", "commands": menu})
    return True


def _last_menu(events: list[Json]) -> list[Json]:
    shown = (event["commands"] for event in reversed(events) if event["type"] == "commands")
    return next(shown, [])


METHODS: Mapping[str, Method] = {
    "getme": get_me,
    "getchat": get_chat,
    "getfile": get_file,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "senddocument": send_document,
    "sendmediagroup": send_media_group,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
    "sendchataction": send_chat_action,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "setchatmenubutton": set_chat_menu_button,
    "setmydescription": set_my_description,
    "setmyshortdescription": set_my_short_description,
}
