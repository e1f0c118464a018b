"""How Telegram shows a message: its text as HTML in parts that fit, and its choices as buttons."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any
from unicodedata import combining, east_asian_width

from bot.channels.numbered import SHARE_PHONE, split
from core import marks
from core.marks import Look
from core.message import Style
from core.screen import MOVES
from storage.outbox import Letter

# In UTF-16 units, counted without the tags: core.telegram.org/bots/api#sendmessage, #sendphoto
TEXT_LIMIT, CAPTION_LIMIT = 4096, 1024

PAGE = 8  # choices of a list shown at a time; more and a phone has to scroll
ROW_COLUMNS, ROW_CHOICES = (
    30,
    4,
)  # letters that a narrow phone shows side by side, at most four keys
LABEL_COLUMNS = 60  # two lines of a phone; Telegram cuts off the rest without a word

_TAGS: Mapping[str, tuple[str, str]] = {
    Style.STRONG: ("<b>", "</b>"),
    Style.QUIET: ("<i>", "</i>"),
}

Line = Sequence[str]
Key = dict[str, Any]


def html(lines: Sequence[Line]) -> str:
    return "\n".join(_tagged(style, text) for style, text in lines)


def plain(lines: Sequence[Line]) -> str:
    return "\n".join(text for _style, text in lines)


def units(text: str) -> int:
    """Length as Telegram counts it: in UTF-16, where an emoji has two."""
    return len(text.encode("utf-16-le")) // 2


def parts(lines: Sequence[Line], limit: int = TEXT_LIMIT) -> list[list[Line]]:
    """The lines in as few messages as fit, broken between lines where possible."""
    if units(plain(lines)) <= limit:
        return [list(lines)]
    whole: list[list[Line]] = [[]]
    for style, text in lines:
        for piece in _pieces(text, limit):
            if units(plain([*whole[-1], (style, piece)])) > limit:
                whole.append([])
            whole[-1].append((style, piece))
    return [part for part in whole if plain(part).strip()] or [list(lines)]


def _pieces(text: str, limit: int) -> Iterator[str]:
    """One line, broken at line ends within it, else at spaces, else between any two letters."""
    while units(text) > limit:
        fitting = text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", errors="ignore")
        end = max(fitting.rfind("\n"), 0) or max(fitting.rfind(" "), 0) or len(fitting)
        yield text[:end]
        text = text[end:].lstrip("\n ")
    yield text


@lru_cache(256)  # many get the same words, one after the other
def _tagged(style: str, text: str) -> str:
    before, after = _TAGS.get(style, ("", ""))
    pieces = marks.runs(text, marks.read(style))
    return f"{before}{''.join(_piece(piece, looks) for piece, looks in pieces)}{after}"


def _piece(text: str, looks: Collection[Look]) -> str:
    """Every piece has its tags to itself, so they are always well nested. Code has no others."""
    tagged = escape(text, quote=False)
    for look in (Look.CODE,) if Look.CODE in looks else sorted(looks):
        tagged = f"<{_LOOKS[look]}>{tagged}</{_LOOKS[look]}>"
    return tagged


_LOOKS: Mapping[Look, str] = {
    Look.BOLD: "b",
    Look.ITALIC: "i",
    Look.UNDERLINE: "u",
    Look.STRUCK: "s",
    Look.CODE: "code",
}


def markup(letter: Letter) -> dict[str, Any]:
    """What is under a message. Where there is nothing to pick, keys of an earlier one go away."""
    if not letter.choices:
        return {"remove_keyboard": True}
    if letter.asks_phone:
        return {
            "keyboard": _phone_keys(letter),
            "one_time_keyboard": True,
            "resize_keyboard": True,
        }
    return {"inline_keyboard": buttons(letter)}


def buttons(letter: Letter) -> list[list[Key]]:
    """Inline buttons. Of a list `PAGE` at a time; below it how to go on, and to turn the page."""
    if len(letter.choices) <= PAGE:
        return _keys(letter.choices)
    moves = [choice for choice in letter.choices if split(choice[1])[0] in MOVES]
    listed = [choice for choice in letter.choices if choice not in moves]
    last = max(len(listed) - 1, 0) // PAGE
    if not last:
        return _keys(letter.choices)
    page = min(max(letter.page, 0), last)
    shown = _keys(listed[page * PAGE : (page + 1) * PAGE]) + _keys(moves)
    return [*shown, _turning(split(listed[0][1])[1], page, last)]


def _keys(choices: Sequence[Line]) -> list[list[Key]]:
    return [[_button(label, code) for label, code in row] for row in _rows(choices)]


def _turning(seen: str, page: int, last: int) -> list[Key]:
    """Picking "2/5" shows the same page again."""
    before = [_button("‹", f"{seen}.page:{page - 1}")] if page else []
    after = [_button("›", f"{seen}.page:{page + 1}")] if page < last else []
    return [*before, _button(f"{page + 1}/{last + 1}", f"{seen}.page:{page}"), *after]


def _phone_keys(letter: Letter) -> list[list[Key]]:
    """Keys in the place of the keyboard; only they can share one's own contact card."""
    is_share = [split(code)[0] == SHARE_PHONE for _label, code in letter.choices]
    share = [c for c, it_is in zip(letter.choices, is_share, strict=True) if it_is]
    others = [c for c, it_is in zip(letter.choices, is_share, strict=True) if not it_is]
    keys = [[{"text": label, "request_contact": True}] for label, _code in share]
    return keys + [[{"text": label} for label, _code in row] for row in _rows(others)]


def _button(label: str, code: str) -> Key:
    return {"text": _cut(label), "callback_data": code}


def _rows(choices: Sequence[Line]) -> Iterator[list[Line]]:
    """Side by side in their order while all fit, as the keys of a row are equally wide."""
    row: list[Line] = []
    widest = 0
    for choice in choices:
        columns = _columns(choice[0])
        widest = max(widest, columns)
        if row and (len(row) == ROW_CHOICES or widest * (len(row) + 1) > ROW_COLUMNS):
            yield row
            row, widest = [], columns
        row.append(choice)
    if row:
        yield row


def _cut(label: str) -> str:
    if _columns(label) <= LABEL_COLUMNS:
        return label
    while _columns(label) >= LABEL_COLUMNS:
        label = label[:-1]
    return label.rstrip() + "…"


@lru_cache(1024)  # the same few labels go out again and again
def _columns(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text if not combining(c))
