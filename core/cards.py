"""Plain text to paste into another messenger's group, and the answers that come back."""

import re
from collections.abc import Iterable, Iterator

from core.events import Reply
from core.fold import fold

LIMIT = 400  # letters; what a group on a phone shows without folding it away
HEADING = 30  # letters kept free for what stands above a list

_CODE = re.compile(r"#s([0-9]{1,9})\b([^#]*)")
_LINE = re.compile(r"#[sS]([0-9]{1,9})\b([^#\n]*)")  # as typed, for the words of a reason
_ABSENT = re.compile(r"(?<!khong )\bvang\b|\bkhong (?:the )?tham (?:gia|du)\b")
_COMES = re.compile(r"\btham (?:gia|du)\b")
_DOUBT = re.compile(r"\b(?:chua|khong|ko)\b")
_KNOWS = re.compile(r"\b(da ro|ro roi|da nhan)\b")


def code(unit_id: int) -> str:
    """By which a school is named there."""
    return f"#S{unit_id}"


def acknowledged(text: str) -> list[int]:
    """The schools whose code stands in a text with the words that they know, such as "đã rõ"."""
    found = [int(number) for number, words in _CODE.findall(fold(text)) if _KNOWS.search(words)]
    return list(dict.fromkeys(found))


def answered(text: str) -> dict[int, tuple[Reply, str]]:
    """What schools whose code stands in a text say to an invitation, such as “#S12 vắng: ốm”.

    With the reason why a school is absent: what follows the colon, else all its words.
    """
    found: dict[int, tuple[Reply, str]] = {}
    for number, words in _LINE.findall(text):
        said = fold(words)
        if _ABSENT.search(said):
            found[int(number)] = (Reply.ABSENT, (words.partition(":")[2] or words).strip())
        elif _COMES.search(said) and not _DOUBT.search(said):
            found[int(number)] = (Reply.COMING, "")
    return found


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
