"""The command menus a bot has set, and which of them a phone shows."""

import re

from bot.demo.refusal import Json, Refused

# Bot API, BotCommand and setMyCommands.
MOST_COMMANDS = 100
MOST_DESCRIPTION = 256
_COMMAND = re.compile(r"/?[a-z0-9_]{1,32}")

CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")
PLAIN_SCOPES = (
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
)


class Commands:
    """Menus by (scope, chat id or 0, language)."""

    def __init__(self) -> None:
        self._menus: dict[tuple[str, int, str], list[Json]] = {}

    def set(self, scope: Json | None, language: str, commands: object) -> None:
        """Raises Refused."""
        self._menus[(*read_scope(scope), language)] = _checked(commands)

    def get(self, scope: Json | None, language: str) -> list[Json]:
        return self._menus.get((*read_scope(scope), language), [])

    def delete(self, scope: Json | None, language: str) -> None:
        self._menus.pop((*read_scope(scope), language), None)

    def shown(self, chat_id: int, private: bool, language: str) -> list[Json]:
        """Bot API, "Determining list of commands": the first that is set, narrowest first."""
        wide = "all_private_chats" if private else "all_group_chats"
        for scope in (("chat", chat_id), (wide, 0), ("default", 0)):
            for spoken in (language, ""):
                if menu := self._menus.get((*scope, spoken)):
                    return menu
        return []


def read_scope(scope: Json | None) -> tuple[str, int]:
    """Kind and chat id (0 if for no single chat). Raises Refused."""
    kind = scope.get("type") if isinstance(scope, dict) else "default"
    if kind in PLAIN_SCOPES:
        return str(kind), 0
    if kind not in CHAT_SCOPES or scope is None:
        raise Refused("can't parse BotCommandScope: Unsupported type specified")
    try:
        return str(kind), int(scope["chat_id"])
    except (KeyError, TypeError, ValueError):
        raise Refused("chat not found") from None


def _checked(commands: object) -> list[Json]:
    if not isinstance(commands, list):
        raise Refused("can't parse commands: expected an Array of BotCommand")
    if len(commands) > MOST_COMMANDS:
        raise Refused("BOT_COMMANDS_TOO_MUCH")
    return [_command(one) for one in commands]


def _command(command: object) -> Json:
    name = command.get("command") if isinstance(command, dict) else None
    about = command.get("description") if isinstance(command, dict) else None
    if not isinstance(name, str) or not _COMMAND.fullmatch(name):
        raise Refused("BOT_COMMAND_INVALID")
    if not isinstance(about, str) or not 1 <= len(about) <= MOST_DESCRIPTION:
        raise Refused("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name.removeprefix("/"), "description": about}
