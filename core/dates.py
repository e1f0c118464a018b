"""Dates and numbers as people type them; what is not clear is never guessed."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from core.fold import fold

OLDEST, LATEST = 1900, 2100  # years outside are slips of the finger
FURTHEST = 30  # years from today that a year of two digits may lie
LONGEST = 60  # characters; longer texts say more than a date or a number

Pick = Callable[[int, int], date]  # from a year and a month; ValueError where there is none

_NAMED_DAYS = {"hom nay": 0, "bua nay": 0, "nay": 0, "hom qua": -1, "hom kia": -2} | {
    "mai": 1,
    "ngay mai": 1,
    "mot": 2,
    "ngay mot": 2,
    "ngay kia": 2,
}
_NEARBY = {"nay": 0, "sau": 1, "toi": 1, "truoc": -1, "roi": -1, "qua": -1}
_ONE_TO_TWELVE = {"mot": 1, "hai": 2, "ba": 3, "tu": 4, "bon": 4, "nam": 5, "sau": 6, "bay": 7} | {
    "tam": 8,
    "chin": 9,
    "muoi": 10,
    "muoi mot": 11,
    "muoi hai": 12,
}
# Words that folding turns into another: mốt (in two days), sau (next) and kia (in two days).
_LOOKALIKES = {"một": "1", "sáu": "6", "kìa": "?"}

# June or next month? "Tháng năm" (May), or a month that was left out?
_UNCLEAR = re.compile(r"\bthang sau\b|\bth[aá]ng n[aă]m [0-9]")

_POLITE = re.compile(r"^(da|vang)\b[ ,]*|( (a|nhe|nha))?[ .!]*$")
_PART_OF_DAY = re.compile(r"^(sang|trua|chieu|toi) ")
_SPELT = re.compile(rf"\b(thang|thu) ({'|'.join(sorted(_ONE_TO_TWELVE, reverse=True))})\b")

_WEEKDAY = r"(?P<weekday>(?:thu|t) ?[2-7]|cn|chu nhat)"
_DAY = rf"(?:{_WEEKDAY},? )?(?:ngay )?(?:mung |mong )?(?P<day>[0-9]{{1,2}})"
_MONTH = r"thang (?P<month>[0-9]{1,2}|nay|sau|toi|truoc)"
_YEAR = r"(?P<year>[0-9]{4})"
_YEAR_IF_ANY = rf"(?:(?:,? nam | ?[/.-] ?| ){_YEAR})?"


def read_date(text: str, today: date) -> date | None:
    """The day meant by "5/6", "ngày 5 tháng 6", "mai", "t6 tuần sau", "cuối tháng" and the like.

    Without a year it is the nearest such day, past or coming. A weekday alone is the coming one,
    but not clear on that weekday itself. A weekday that contradicts its date is not clear.
    """
    if len(text) > LONGEST:
        return None
    said = _PART_OF_DAY.sub("", _digits(text))
    for pattern, reading in _READINGS:
        if found := re.fullmatch(pattern, said):
            with suppress(ValueError):  # no such day, such as 31/6
                return reading(found, today)
    return None


def _plain(text: str) -> str:
    return _POLITE.sub("", fold(text)).strip()


def _digits(text: str) -> str:
    """Folded, with the names of months and weekdays as numbers."""
    composed = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    if _UNCLEAR.search(composed):
        return ""
    for word, clear in _LOOKALIKES.items():
        composed = re.sub(rf"\b{word}\b", clear, composed)
    return _SPELT.sub(_as_digits, _plain(composed))


def _as_digits(found: re.Match[str]) -> str:
    if found[0] == "thang sau":
        return "thang sau"
    return f"{found[1]} {_ONE_TO_TWELVE[found[2]]}"


def _dated(found: re.Match[str], today: date) -> date | None:
    day = int(found["day"])
    meant = _in_month(found, today, lambda year, month: date(year, month, day))
    weekday = found["weekday"]
    if meant and weekday and meant.weekday() != _number_of(weekday):
        return None
    return meant


def _month_end(found: re.Match[str], today: date) -> date | None:
    return _in_month(found, today, last_day)


def last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _in_month(found: re.Match[str], today: date, pick: Pick) -> date | None:
    month, year = found["month"] or "nay", found["year"]
    if month in _NEARBY:
        months = today.year * 12 + today.month - 1 + _NEARBY[month]
        return None if year else pick(months // 12, months % 12 + 1)
    if year:
        return _sane(pick(int(year) + 2000 * (len(year) == 2), int(month)), today, len(year))
    return _nearest(pick, int(month), today)


def _sane(day: date, today: date, digits: int) -> date | None:
    if digits == 2 and abs(day.year - today.year) > FURTHEST:
        return None
    return day if OLDEST <= day.year <= LATEST else None


def _nearest(pick: Pick, month: int, today: date) -> date | None:
    days = []
    for year in (today.year - 1, today.year, today.year + 1):
        with suppress(ValueError):  # 29/2 is not in every year
            days.append(pick(year, month))
    return min(days, key=lambda day: abs(day - today), default=None)


def _named(found: re.Match[str], today: date) -> date:
    return today + timedelta(_NAMED_DAYS[found["name"]])


def _counted(found: re.Match[str], today: date) -> date:
    days = int(found["count"]) * (7 if found["step"] == "tuan" else 1)
    return today + timedelta(days if found["way"] == "nua" else -days)


def _in_week(found: re.Match[str], today: date) -> date:
    monday = today - timedelta(today.weekday())
    return monday + timedelta(7 * _NEARBY[found["week"]] + _number_of(found["weekday"]))


def _coming(found: re.Match[str], today: date) -> date | None:
    ahead = (_number_of(found["weekday"]) - today.weekday()) % 7
    return today + timedelta(ahead) if ahead else None


def _past(found: re.Match[str], today: date) -> date:
    return today - timedelta((today.weekday() - _number_of(found["weekday"]) - 1) % 7 + 1)


def _number_of(weekday: str) -> int:
    """0 for Monday, which Vietnamese calls the second day."""
    return int(weekday[-1]) - 2 if weekday[-1].isdecimal() else 6


_READINGS: tuple[tuple[str, Callable[[re.Match[str], date], date | None]], ...] = (
    (
        rf"(?P<weekday>){_YEAR}(?P<mark>[/.-])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}})",
        _dated,
    ),
    (
        rf"{_DAY}(?P<mark> ?[/.-] ?)(?P<month>[0-9]{{1,2}})"
        r"(?:(?:(?P=mark)| nam )(?P<year>[0-9]{4}|[0-9]{2}))?",
        _dated,
    ),
    (rf"{_DAY} {_MONTH}{_YEAR_IF_ANY}", _dated),
    (rf"(?:ngay )?(?:cuoi|het) (?:{_MONTH}{_YEAR_IF_ANY}|thang)", _month_end),
    (rf"(?P<name>{'|'.join(_NAMED_DAYS)})", _named),
    (r"(?P<count>[0-9]{1,3}) (?P<step>ngay|hom|tuan) (?P<way>nua|truoc)", _counted),
    (rf"{_WEEKDAY} tuan (?P<week>{'|'.join(_NEARBY)})", _in_week),
    (rf"hom {_WEEKDAY}", _past),
    (rf"{_WEEKDAY} (?:vua )?(?:roi|qua)", _past),
    (r"(?P<weekday>thu ?[2-7]|cn|chu nhat)(?: toi| nay)?", _coming),
)

_HOUR = re.compile(
    r"\b(?P<hour>[0-9]{1,2}) ?(?:h|g|giờ|gio|:) ?"
    r"(?P<minute>[0-9]{2}(?! ?[/.-] ?[0-9]))?(?: ?(?:phút|phut|p))?\b"  # in "8h 12/11" it is a day
)
_AFTERNOON = re.compile(r"\b(chiều|chieu|tối)\b")
_AROUND = re.compile(r"\b(lúc|luc|vào|vao|sáng|sang|trưa|trua|chiều|chieu|tối)\b|,")


def read_moment(text: str, now: datetime) -> datetime | None:
    """The moment meant by "14h30", "8:00 mai", "7h30 ngày 5/6", "3 giờ chiều thứ 6".

    now: local time; without a day it is its day. None without an hour.
    """
    said = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    found = _HOUR.search(said)
    if len(text) > LONGEST or found is None:
        return None
    rest = " ".join(_AROUND.sub(" ", said[: found.start()] + " " + said[found.end() :]).split())
    day = read_date(rest, now.date()) if rest else now.date()
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if hour < 12 and _AFTERNOON.search(said):
        hour += 12
    if day is None or hour > 23 or minute > 59:
        return None
    return datetime.combine(day, time(hour, minute), now.tzinfo)


_NONE = frozenset({"khong", "khong co", "ko", "ko co", "chua co"})
_WHOLE = (
    r"(?P<whole>[1-9][0-9]{0,2}(?P<group>[ .,])[0-9]{3}(?:(?P=group)[0-9]{3}){0,4}|0*[0-9]{1,15})"
)
_NUMBER = re.compile(rf"(?P<sign>-|am )? ?{_WHOLE}(?:(?P<mark>[.,])(?P<part>[0-9]{{1,9}}))?")


def read_number(text: str, decimals: bool, unit: str = "") -> Decimal | int | None:
    """The number meant by "1.250", "1 250", "12,5", "âm 3", "không"; None when it is not clear.

    Groups of three after a dot, a space or a comma are thousands. Where decimals are allowed,
    a comma or a dot begins them otherwise; "1.250" stays 1250, "0.125" is a part of one, and
    "1,250" is not clear, as Vietnamese and English read it differently. Words for none are 0
    where a whole number is asked. unit: may be typed after the number. At most 15 digits.
    """
    if len(text) > LONGEST:
        return None
    said = _plain(text).replace("−", "-").replace("–", "-")
    for name in (unit, *unit.split(",")):  # such as "tin, bài"
        said = said.removesuffix(fold(name)).strip()
    if said in _NONE and not decimals:
        return 0
    found = _NUMBER.fullmatch(said)
    if found is None or not _clear(found, decimals):
        return None
    digits = re.sub(r"[ .,]", "", found["whole"])
    size = Decimal(f"{digits}.{found['part'] or ''}") if decimals else int(digits)
    return -size if found["sign"] else size


def _clear(found: re.Match[str], decimals: bool) -> bool:
    group, mark = found["group"], found["mark"]
    if not decimals:
        return mark is None
    if mark:
        return mark != group and not re.match("0[0-9]", found["whole"])
    return group != "," or found["whole"].count(",") > 1
