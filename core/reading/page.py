"""A page of a website around a document: its menus, and the day it was posted."""

import re
from collections.abc import Sequence
from datetime import date

from core.reading.letters import flat

_LONGEST_STAMP = 70  # characters of a line that says when a page was posted
_DAY = re.compile(r"(?<!\d)(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)")
_CLOCK = re.compile(r"\d{1,2}:\d\d")
_ALONE = re.compile(
    r"[( ]*(?:(?:thu [a-z0-9]+|chu nhat),? )?(?:ngay |date |cap nhat:? |"
    r"dang ngay:? )?[\d/-]{8,10}[). ]*"
)


def posted_on(lines: Sequence[str]) -> date | None:
    """A line that is a date alone, best one with a clock time; never the day of issue."""
    found = [(day, line) for line in lines if (day := stamp(line)) is not None]
    timed = [day for day, line in found if _CLOCK.search(line)]
    return next(iter([*timed, *(day for day, _line in found)]), None)


def stamp(line: str) -> date | None:
    """The day that a short line says and nothing else."""
    words = flat(line[:_LONGEST_STAMP])
    if words.startswith("date ") and (iso := _ISO.search(words)):
        return _day(iso[1], iso[2], iso[3])
    day = _DAY.search(words) if len(line) < _LONGEST_STAMP else None
    if day is None or not (_CLOCK.search(words) or _ALONE.fullmatch(words)):
        return None  # in a longer line it is part of a sentence
    return _day(day[4], day[3], day[1]) or _day(day[4], day[1], day[3])


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


_MENU = re.compile(
    r"(?:trang chu|tim kiem|dang nhap|lien ket|thoi tiet|so luot|so nguoi online|mod_|"
    r"tin moi hon|tin cu hon|"
    r"thong tin moi|banner|rssheader|ban in|ket noi|xem them|y kien cua ban|ban con \d|"
    r"chia se|facebook|zalo|"
    r"nguon |theo bo |views?:|anh minh hoa|nhung tep tin|cac tin khac|quay lai|"
    r"ve dau trang|menu|gioi thieu$|"
    r"copyright|ban quyen|luot xem|gui email|download|tai ve$)"
)


def is_menu(line: str) -> bool:
    """A line of the page, not of the document."""
    return len(line) < _LONGEST_STAMP and bool(_MENU.match(flat(line)))
