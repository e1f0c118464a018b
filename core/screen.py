"""What a person is shown and what they can do about it, the same on every channel."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.agenda import Agenda
from core.marks import Mark
from core.message import Message
from core.urging import Urging

BACK, SKIP, KEEP, DONE, SUBMIT = "back", "skip", "keep", "done", "submit"
MOVES = frozenset({BACK, SKIP, KEEP, DONE})  # beside a list of answers, however long it is
SAME, AGAIN, DROP, EDIT = "same", "again", "drop", "edit"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to pick: a button, or a numbered line where a channel has no buttons.

    action: a stable code of at most 40 ASCII characters, such as "answer:yes".
    """

    label: Message
    action: str


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file shown with a screen: one somebody sent, one the program ships, or one it writes.

    upload_id: row of `storage.files.Upload`. bundled: its name. qr: what a picture of it says.
    paper: to be written.
    """

    upload_id: int = 0
    bundled: str = ""
    qr: str = ""
    paper: Agenda | Urging | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """One message of the bot.

    typed: whether typed text is an answer here. Where it is, "2" means the number two and not
        the second choice, so channels without buttons must offer choices by name.
    asks_phone: whether to offer the reader's own contact card, where the channel has one.
    files: sent after the lines, in order.
    language: of a reader who just chose it; "" for the one they had before.
    anew: whether the message whose button was tapped stays as it is, where a channel could
        change it in place.
    """

    lines: tuple[Message, ...]
    choices: tuple[Choice, ...] = ()
    typed: bool = False
    asks_phone: bool = False
    files: tuple[Enclosed, ...] = ()
    language: str = ""
    anew: bool = False

    def under(self, *lines: Message) -> "Screen":
        """The same screen with lines above it."""
        return replace(self, lines=(*lines, *self.lines))


def joined(parts: Iterable[Screen]) -> Screen:
    """Lines and choices of all, in their order."""
    some = list(parts)
    return Screen(
        tuple(line for part in some for line in part.lines),
        tuple(choice for part in some for choice in part.choices),
    )


@dataclass(frozen=True, slots=True)
class Picked:
    action: str


@dataclass(frozen=True, slots=True)
class Typed:
    """marks: how the text was formatted."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file the person sent. upload_id: row of `storage.files.Upload`; bytes may follow.

    album: the channel's name for files that were sent together; None for a single file.
    caption: what was written under it, "" if nothing.
    number: grows with the time it was sent; 0 if unknown.
    spoken: whether it is a voice message.
    """

    upload_id: int
    name: str
    album: str | None = None
    caption: str = ""
    number: int = 0
    spoken: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact card. own: whether it is the sender's own, as the channel vouches."""

    phone: str
    own: bool


Input = Picked | Typed | Uploaded | Contact


def open_flow(flow: str, subject: int = 0, how: str = "") -> str:
    """The action that starts or resumes a conversation, for example about report 17."""
    return f"open:{flow}:{subject}:{how}" if how else f"open:{flow}:{subject}"


def number(about: str) -> int:
    """The number of a row, as an action names it; 0, which no row has, for anything else."""
    return int(about) if about.isascii() and about.isdecimal() and len(about) < 10 else 0


def show(query: str, about: str = "") -> str:
    """The action that answers a query, for example "due", or "status" about duty 3."""
    return f"show:{query}:{about}" if about else f"show:{query}"
