"""What every channel must be able to do, what it hears, and the ways sending can fail."""

from dataclasses import dataclass
from typing import Protocol

from core.screen import Contact, Picked, Typed
from storage.outbox import Letter


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as the channel announces it, before anything of it is fetched.

    remote_id: what the channel wants to be asked for to give the bytes, or to send it on.
    unique_id: the same for the same file, whoever sent it.
    size: in bytes; None where the channel does not say.
    kind: "photo" or "document".
    number: of its message; grows within a chat, so that files can be put in the order they were
        sent; 0 where the channel has none.
    """

    remote_id: str
    unique_id: str
    name: str
    size: int | None
    mime: str
    kind: str
    album: str | None = None
    caption: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Edited:
    """The person changed a message they had sent before."""


@dataclass(frozen=True, slots=True)
class Membership:
    """The person blocked the bot, or let it in again."""

    reachable: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """The chat goes on under another name."""

    chat: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something no conversation can use: a sticker, a voice message, a location."""


Given = Typed | Picked | Contact | Sent | Edited | Membership | Moved | Unknown


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update of a channel.

    chat, user: the channel's own ids; the same in a private talk.
    name, language: as the person set them in the app, "" if unknown.
    seen: what the picked choice's code began with ("12.5": conversation and turn), "" if typed.
    message: the channel's id of the message whose button was tapped, to be edited in place.
    tap: the channel's id of the tap, which must be answered.
    private: False in a group or channel.
    """

    channel: str
    update_id: str
    chat: str
    user: str
    given: Given
    name: str = ""
    language: str = ""
    seen: str = ""
    message: str | None = None
    tap: str | None = None
    private: bool = True


class Unreadable(ValueError):
    """An update that is not what its channel promises. Says what is wrong, without its words."""


class SendError(Exception):
    """Base of every failure to send."""


class TryLater(SendError):
    """The channel is down, did not answer, or asks us to slow down; it may have sent.

    seconds: how long to wait; None leaves it to the sender's back-off.
    everybody: whether the whole bot must wait, not only this chat.
    """

    def __init__(self, why: str, seconds: float | None = None, everybody: bool = False) -> None:
        super().__init__(why)
        self.seconds = seconds
        self.everybody = everybody


class TokenRefused(TryLater):
    """The channel does not know this bot; it may know it again, as where a proxy is to blame."""

    def __init__(self) -> None:
        super().__init__("the token is refused", everybody=True)


class Unreachable(SendError):
    """This chat gets nothing any more: blocked, deactivated or not found."""


class ChatMoved(SendError):
    """The chat goes on under another name, where the message can be sent."""

    def __init__(self, chat: str) -> None:
        super().__init__("the chat moved")
        self.chat = chat


class Rejected(SendError):
    """The channel refuses this message for good; another one may go."""


class Channel(Protocol):
    name: str

    async def send(self, letter: Letter) -> str:
        """Send or edit one message; return the channel's id for it. Raises SendError."""

    async def fetch(self, remote_id: str) -> bytes:
        """The bytes of a file somebody sent, at most 20 MB. Raises TryLater or Rejected."""
