"""The questions proposed for a duty, from what its document wants to know."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.fold import fold
from core.question import ItemKind

Item = dict[str, Any]  # as `storage.plan_items.Item` writes it

MOST = 40  # of one form; a paper form of a page has fewer
LONGEST = 300  # characters of a question
MOST_FILES = 10
_KINDS: tuple[tuple[ItemKind, re.Pattern[str]], ...] = (
    (ItemKind.FILES, re.compile(r"\b(?:minh chung|hinh anh|anh chup|tep|file|ban quet)\b")),
    (ItemKind.YES_NO, re.compile(r"\b(?:co|da)\b.*\b(?:khong|chua) ?\??$|^100 ?%")),
    (ItemKind.NUMBER, re.compile(r"\b(?:ty|ti) le\b|\btong so\b|\bso luong\b|\bbao nhieu\b")),
    (ItemKind.DATE, re.compile(r"^ngay\b|\bngay(?:,? thang(?:,? nam)?)? (?:sinh|cap|vao)\b")),
    (
        ItemKind.NUMBER,
        re.compile(r"(?:^|\b(?:va|gom|may) )so (?!dien thoai|hieu|tai khoan|cccd|cmnd|dinh danh)"),
    ),
)
_SHARE = re.compile(r"\b(?:ty|ti) le\b|%")


def kind_of(text: str) -> ItemKind:
    """What an answer to these words is."""
    said = fold(text[:LONGEST])
    return next((kind for kind, pattern in _KINDS if pattern.search(said)), ItemKind.TEXT)


def item(text: str, known: Sequence[Mapping[str, Any]], kind: ItemKind | None = None) -> Item:
    """A question of these words, with a key that none of the known ones has."""
    kind = kind or kind_of(text)
    words = " ".join(text.split())[:LONGEST].strip(" ;,.")
    made: Item = {
        "key": _free_key(known),
        "kind": str(kind),
        "text": words[:1].upper() + words[1:],
    }
    if kind is ItemKind.FILES:
        return made | {"least": 1, "most": MOST_FILES}
    if kind is ItemKind.NUMBER and _SHARE.search(fold(text)):
        return made | {"high": 100, "decimals": 2, "unit": "%"}
    return made


def _free_key(known: Sequence[Mapping[str, Any]]) -> str:
    numbers = [int(one["key"][1:]) for one in known if re.fullmatch(r"q\d{1,4}", one["key"])]
    return f"q{max(numbers, default=0) + 1}"


def proposed(fields: Iterable[str], objectives: Iterable[str], handed_in: str) -> list[Item]:
    """What has to be filled in, then whether each aim is met, then the signed document itself."""
    made: list[Item] = []
    for words in list(dict.fromkeys(fields))[: MOST - 1]:
        made.append(item(words, made))
    for words in list(objectives)[: max(0, MOST - 1 - len(made))]:
        made.append(item(words, made, ItemKind.YES_NO) | {"note": "no"})
    return [*made, item(handed_in, made, ItemKind.FILES)]
