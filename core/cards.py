"""Plain text to paste into another messenger's group, and the answers that come back."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.events import Reply
from core.fold import fold

LIMIT = 400  # letters; what a group on a phone shows without folding it away
LONGEST_REPLY = 60  # letters; longer words tell more than that
HEADING = 30  # letters kept free for what stands above a list
EXAMPLE = "#S…"  # no code: the card itself may be pasted back with the answers

_CODE = re.compile(r"#s([0-9]{1,9})\b([^#]*)")
_LINE = re.compile(r"#[sS]([0-9]{1,9})\b([^#\n]*)")  # as typed, for the words of a reason
_ABSENT = re.compile(r"(?<!khong )\bvang\b|\bkhong (?:the )?tham (?:gia|du)\b")
_COMES = re.compile(r"\btham (?:gia|du)\b")
_EVENT = re.compile(r"\s*\b[eE]([0-9]{1,9})\b")
_BEFORE_WHY = re.compile(
    r"^.*?(?:vắng|vang|tham (?:gia|dự|du))\s*(?:mặt|mat)?\s*(?:vì|vi|do)?\b\s*", re.I
)
_DOUBT = re.compile(r"\b(?:chua|khong|ko)\b")
_KNOWS = re.compile(r"\b(da ro|ro roi|da nhan)\b")


def code(unit_id: int) -> str:
    """By which a school is named there."""
    return f"#S{unit_id}"


def event_code(event_id: int) -> str:
    """By which an invitation is named, where several are to be answered."""
    return f"E{event_id}"


@dataclass(frozen=True, slots=True)
class Answer:
    """why: "" where nothing was said. event_id: 0 where no event was named."""

    reply: Reply
    why: str = ""
    event_id: int = 0


def acknowledged(text: str) -> list[int]:
    """The schools whose code stands in a text with the words that they know, such as "đã rõ"."""
    found = [int(number) for number, words in _CODE.findall(fold(text)) if _KNOWS.search(words)]
    return list(dict.fromkeys(found))


def answered(text: str) -> dict[int, Answer]:
    """What schools whose code stands in a text say to an invitation, such as “#S12 vắng: ốm”.

    With the reason why a school is absent: what follows the colon, else the word for it.
    """
    found: dict[int, Answer] = {}
    for number, words in _LINE.findall(text):
        named, said = _EVENT.search(words), fold(words)
        event_id = int(named[1]) if named else 0
        if _ABSENT.search(said):
            found[int(number)] = Answer(Reply.ABSENT, _why(_EVENT.sub("", words)), event_id)
        elif _COMES.search(said) and not _DOUBT.search(said):
            found[int(number)] = Answer(Reply.COMING, "", event_id)
    return found


def _why(words: str) -> str:
    return (words.partition(":")[2] or _BEFORE_WHY.sub("", words)).strip()


def is_reply(text: str) -> bool:
    """Whether these are a few words that say whether somebody comes."""
    said = fold(text)
    return len(text) <= LONGEST_REPLY and bool(_ABSENT.search(said) or _COMES.search(said))


def is_pasted(text: str) -> bool:
    """Whether lines with codes stand in it that say either."""
    return bool(acknowledged(text) or answered(text))


def blocks(items: Iterable[str], room: int = LIMIT - HEADING) -> Iterator[str]:
    """The items one after the other, in texts of at most so many letters."""
    block = ""
    for item in items:
        longer = f"{block}, {item}" if block else item
        if block and len(longer) > room:
            yield block
            longer = item
        block = longer[:room]
    if block:
        yield block
