"""Dates, hours and recurrences as offices write them, each with the words that tie it to a duty.

One sentence in, its moments out. Nothing is decided here: a year that is not written stays None,
a weekday that does not fit is kept, and a day that no calendar has is marked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import time
from enum import StrEnum

from core.reading.letters import flat


class Op(StrEnum):
    BEFORE = "before"
    BY = "by"
    UNTIL_END = "until_end"
    WINDOW = "window"
    CONDITIONAL = "conditional"  # "đơn vị nào đã … phải …": for those it applies to
    NONE = "none"


class Tie(StrEnum):
    """How the words before a date use it, where they set no limit."""

    LIMIT = "limit"
    START = "start"  # từ ngày, kể từ ngày
    UNTIL = "until"  # đến ngày: a limit or a state of affairs
    ON = "on"  # vào ngày, ngày


class Every(StrEnum):
    ONCE = ""
    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


class Unit(StrEnum):
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Point:
    """month: 1 to 12, or the quarter's number for Unit.QUARTER; 0 where none is written."""

    day: int = 0
    month: int = 0
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """start, end: in the sentence, with the words before and after that belong to it.

    point: what is written; first: the beginning of a window, None for none, Point() for one that
    began already. weekday: 0 is Monday. words: of a relative deadline, as written.
    rule: the name of the phrase that was recognised.
    """

    start: int
    end: int
    point: Point
    unit: Unit = Unit.DAY
    op: Op = Op.NONE
    tie: Tie = Tie.ON
    every: Every = Every.ONCE
    at: time | None = None
    weekday: int | None = None
    first: Point | None = None
    words: str = ""
    rule: str = ""
    label: str = ""


_D, _M = r"(?P<d>\d{1,2})", r"(?P<m>\d{1,2})"
_TAIL_Q = (
    r",? ?(?:/ ?)?(?:cua |hang |moi |vao )*thang (?:cuoi|thu ba|"
    r"thu 3)(?: cung)?(?: cua)?(?: moi| hang| cac)? ?(?:quy|ky)(?: bao cao)?"
)
_TAIL_M = (
    r",? ?(?:/ ?)?(?:cua )?(?:(?:hang|moi|cac) thang\b|cua thang(?! ?\d)\b|thang (?:sau|"
    r"ke tiep|tiep theo|lien sau|ke sau)\b)"
)
_DATES = (
    (
        "spelt",
        re.compile(rf"\bngay ?{_D} ?(?:/ ?)?thang ?{_M}(?:,? ?(?:/|nam) ?(?P<y>\d{{4}}))?(?!\d)"),
    ),
    ("spelt", re.compile(rf"(?<![\d/.,-]){_D} thang {_M},? nam (?P<y>\d{{4}})(?!\d)")),
    (
        "slashed",
        re.compile(
            rf"(?<![\d/.,-]){_D} ?/ ?{_M}(?: ?/ ?(?P<y>\d{{4}}|\d{{2}}))?(?![\d/])(?! ?/ ?\d)"
        ),
    ),
    ("dashed", re.compile(rf"(?<![\d/.,-]){_D}(?P<s>[-.]){_M}(?P=s)(?P<y>\d{{4}})(?!\d)")),
    ("dashed", re.compile(rf"(?<=ngay ){_D} ?[-.] ?{_M}(?![\d-])(?!\.\d)")),
    (
        "of named months",
        re.compile(
            rf"\bngay {_D}(?: cua)?,? cac thang (?P<list>\d{{1,2}}(?:(?:, ?| va |"
            rf"; ?)\d{{1,2}}){{1,11}})"
        ),
    ),
    ("of the quarter", re.compile(rf"(?:\bngay |(?<=truoc )|(?<=nhat )){_D}(?P<q>{_TAIL_Q})")),
    ("of the month", re.compile(rf"(?:\bngay |(?<=truoc )|(?<=nhat )){_D}(?P<mo>{_TAIL_M})")),
    ("today", re.compile(r"\b(?:hom|sang|chieu) nay\b")),
    ("tomorrow", re.compile(r"\b(?:ngay|sang|chieu) mai\b")),
    ("of this month", re.compile(rf"\bngay {_D} (?:cua )?thang nay\b")),
    (
        "relative",
        re.compile(rf"\bngay {_D} (?:cua )?thang (?:lien )?(?:ke|lien) ?(?:truoc|ke)?\b.{{0,80}}"),
    ),
    (
        "end of the month",
        re.compile(
            r"\bngay (?:cuoi|lam viec cuoi)(?: cung)? (?:cua )?(?P<mo>(?:hang |"
            r"moi )?thang)(?! ?\d)"
        ),
    ),
    (
        "quarter",
        re.compile(r"\bquy (?P<quarter>i{1,3}|iv|[1-4])(?:(?: ?[/-] ?| nam )(?P<y>\d{4}))?\b"),
    ),
    (
        "month",
        re.compile(r"(?<!\d )\bthang (?P<m>\d{1,2})(?:(?: ?[/-] ?| nam )(?P<y>\d{4}))?(?![\d/])"),
    ),
)
_HOUR = (
    r"(?P<hour>\d{1,2}) ?(?:h|g|gio)(?: ?(?P<minute>\d{2})(?: ?(?:phut|p|"
    r"'))?)?(?![a-z0-9])|(?P<hour2>\d{1,2}):(?P<minute2>\d{2})(?![\d:])"
)
_WEEKDAY = r"(?:thu (?P<weekday>hai|ba|tu|nam|sau|bay|[2-7])\b|(?P<sunday>chu nhat|cn)\b)"
_PART = r"(?P<part>dau gio sang|sang|trua|cuoi gio chieu|dau gio chieu|chieu|cuoi gio|cuoi ngay)\b"
_FILL = r"(?:ngay|luc|vao|hoi|cua)\b"
_LEFT = re.compile(rf"(?:\b(?:{_HOUR})|\b{_WEEKDAY}|\b{_PART}|\b{_FILL})[ ,.(]*$")
_RIGHT = re.compile(
    rf"^ ?[,(]? ?(?:truoc |luc |vao |vao luc |hoi )*(?:(?:{_HOUR})|{_WEEKDAY}|"
    rf"(?:ngay )?{_PART}) ?\)?"
)
_YEARLY = re.compile(r"^ ?[,(/]? ?(?:(?:cua )?(?:hang|moi) nam|(?:cua )?nam(?! ?\d))\b")
_DAYS = {"hai": 0, "2": 0, "ba": 1, "3": 1, "tu": 2, "4": 2, "nam": 3, "5": 3} | {
    "sau": 4, "6": 4, "bay": 5, "7": 5,
}  # fmt: skip
_PARTS = {"dau gio sang": 8, "sang": 12, "trua": 12, "dau gio chieu": 14}  # else the end, 17:00
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}

# What stands right before a date; tried in this order, at the end of the words before.
_NOUN = r"(?: [a-z&-]+){0,8}?"
_TIES = (
    (
        "chậm nhất",
        Op.BY,
        Tie.LIMIT,
        re.compile(
            r"\b(?:cham|muon|tre|tre nhat la|lau) nhat(?: la| vao| den| trong| truoc| het| luc|"
            r" ngay| hang nam| hang thang)*[ :,]*$"
        ),
    ),
    (
        "không quá",
        Op.BY,
        Tie.LIMIT,
        re.compile(r"\bkhong (?:qua|muon hon|cham hon|tre hon|sau|duoc qua)(?: ngay)?[ :,]*$"),
    ),
    (
        "trước",
        Op.BEFORE,
        Tie.LIMIT,
        re.compile(r"\b(?:truoc|xong truoc)(?: luc| thoi diem| khi het| thoi han)*[ :,]*$"),
    ),
    (
        "đến hết",
        Op.UNTIL_END,
        Tie.LIMIT,
        re.compile(r"\b(?:(?:(?:den|toi|cho den) )?het|(?:den|toi) cuoi)(?: ngay)?[ :,]*$"),
    ),
    (
        "hạn đến",
        Op.UNTIL_END,
        Tie.LIMIT,
        re.compile(
            rf"\b(?:han|thoi han|han chot|han cuoi|gia han|thoi gian (?:nop|nhan|gui|"
            rf"dang ky)){_NOUN} (?:den|toi)[ :,]*$"
        ),
    ),
    (
        "hạn",
        Op.BY,
        Tie.LIMIT,
        re.compile(
            rf"\b(?:han|thoi han|han chot|deadline)(?: cuoi(?: cung)?)?{_NOUN}(?: la| vao|"
            rf" trong)?[ :,]*$"
        ),
    ),
    (
        "thời gian nộp",
        Op.BY,
        Tie.LIMIT,
        re.compile(
            r"\b(?:thoi gian|lich|ngay) (?:nop|gui|goi|bao cao|hoan thanh|"
            r"nhan)(?: [a-z&-]+){0,8}?(?: la| vao| trong)?[ :,]*$"
        ),
    ),
    ("trong", Op.UNTIL_END, Tie.LIMIT, re.compile(r"\b(?:xong |ngay )?trong[ :,]*$")),
    ("kể từ", Op.NONE, Tie.START, re.compile(r"\b(?:tu|ke tu|bat dau tu|tinh tu|sau)[ :,]*$")),
    ("đến", Op.UNTIL_END, Tie.UNTIL, re.compile(r"\b(?:den|toi)[ :,]*$")),
)
_NO_DIGIT = re.compile(r"\b(?:quy i|hom nay|ngay mai|(?:sang|chieu) (?:nay|mai)|ngay cuoi)")
_REACH = 70  # characters before a date within which its words stand


def moments(sentence: str) -> list[Moment]:
    """In the order of the sentence; windows joined into one."""
    flatted = flat(sentence)
    dates = (
        list(_dated(flatted))
        if any(map(str.isdigit, flatted)) or _NO_DIGIT.search(flatted)
        else []
    )
    found = [_widened(one, flatted, sentence) for one in dates]
    found = _solar([_tied(one, flatted) for one in found], flatted)
    taken = [(one.start, one.end) for one in found]
    found += [one for one in _without_dates(flatted, sentence) if not _meets(one, taken)]
    return _windows(sorted(found, key=lambda one: one.start), flatted)


_OF_THE_MOON = re.compile(r"^ ?\(?am lich")
_GLOSSED = re.compile(r"^[ ,()a-z]{0,30}\btuc(?: la)?[ ,:]*$")


def _solar(found: list[Moment], flatted: str) -> list[Moment]:
    """A day of the moon is the solar one that explains it, or waits for somebody to say."""
    made: list[Moment] = []
    for one in found:
        moon = made[-1] if made and made[-1].rule == "lunar" else None
        if moon and _GLOSSED.match(flatted[moon.end : one.start]):
            made[-1] = replace(one, start=moon.start, op=moon.op, tie=moon.tie, label=moon.label)
        elif one.unit is Unit.DAY and _OF_THE_MOON.match(flatted[one.end : one.end + 12]):
            words = flatted[one.start : one.end]
            made.append(replace(one, unit=Unit.NONE, words=words, rule="lunar"))
        else:
            made.append(one)
    return made


def _meets(one: Moment, taken: list[tuple[int, int]]) -> bool:
    return any(one.start < end and start < one.end for start, end in taken)


def _dated(flatted: str) -> Iterator[Moment]:
    taken: list[tuple[int, int]] = []
    for rule, pattern in _DATES:
        for found in pattern.finditer(flatted):
            moment = _moment(rule, found)
            if moment and not _meets(moment, taken):
                taken.append(found.span())
                yield moment


def _moment(rule: str, found: re.Match[str]) -> Moment | None:
    groups = found.groupdict()
    start, end = found.span()
    if rule in _SPECIAL:
        return _SPECIAL[rule](found)
    day, month = int(groups.get("d") or 0), int(groups["m"])
    year = _year(groups.get("y"))
    unit = Unit.MONTH if rule == "month" else Unit.DAY
    if not 1 <= month <= 12 or (unit is Unit.DAY and not 1 <= day <= 31):
        return None
    return Moment(start, end, Point(day, month, year), unit, rule=rule)


def _year(written: str | None) -> int | None:
    if not written:
        return None
    return int(written) if len(written) == 4 else 2000 + int(written)


def _of_quarter(found: re.Match[str]) -> Moment:
    return Moment(
        *found.span(), Point(int(found["d"])), every=Every.QUARTER, rule="of the quarter"
    )


def _of_month(found: re.Match[str]) -> Moment:
    return Moment(*found.span(), Point(int(found["d"])), every=Every.MONTH, rule="of the month")


def _of_named_months(found: re.Match[str]) -> Moment:
    months = {int(month) for month in re.findall(r"\d+", found["list"])}
    every = Every.QUARTER if months == {3, 6, 9, 12} else Every.MONTH
    words = "" if every is Every.QUARTER else found[0]
    return Moment(
        *found.span(), Point(int(found["d"])), every=every, words=words, rule="of named months"
    )


def _of_this_month(found: re.Match[str]) -> Moment:
    return Moment(*found.span(), Point(int(found["d"])), rule="of this month")


def _today(found: re.Match[str]) -> Moment:
    """Counted from the day of issue."""
    rule = "tomorrow" if found[0].endswith("mai") else "today"
    return Moment(*found.span(), Point(), rule=rule)


def _relative(found: re.Match[str]) -> Moment:
    return Moment(*found.span(), Point(), Unit.NONE, words=found[0].strip(), rule="relative")


def _end_of_month(found: re.Match[str]) -> Moment:
    return Moment(*found.span(), Point(31), every=Every.MONTH, rule="end of the month")


def _quarter(found: re.Match[str]) -> Moment:
    number = _ROMAN.get(found["quarter"]) or int(found["quarter"])
    return Moment(*found.span(), Point(0, number, _year(found["y"])), Unit.QUARTER, rule="quarter")


_SPECIAL = {
    "of the quarter": _of_quarter,
    "of the month": _of_month,
    "of named months": _of_named_months,
    "of this month": _of_this_month,
    "today": _today,
    "tomorrow": _today,
    "relative": _relative,
    "end of the month": _end_of_month,
    "quarter": _quarter,
}


def _widened(moment: Moment, flatted: str, sentence: str) -> Moment:
    """With the hour, weekday and part of day around it."""
    start, end = moment.start, moment.end
    yearly = _YEARLY.match(flatted[end : end + 20])
    if yearly and moment.every is Every.ONCE and moment.point.year is None:
        moment, end = replace(moment, every=Every.YEAR), end + yearly.end()
    around: list[re.Match[str]] = []
    for _step in range(6):
        left = _LEFT.search(flatted[max(0, start - 32) : start])
        if left is None or not _is_meant(left, sentence[max(0, start - 32) : start]):
            break
        around.append(left)
        start -= len(left[0])
    for _step in range(3):
        right = _RIGHT.match(flatted[end : end + 32])
        if right is None or not _is_meant(right, sentence[end : end + 32]):
            break
        around.append(right)
        end += right.end()
    for one in sorted(around, key=lambda one: bool(one["part"])):
        moment = _with(moment, one)
    return replace(moment, start=start, end=end)


def _is_meant(found: re.Match[str], written: str) -> bool:
    """Thứ and sáng, not thu and sang, which say other things."""
    if found["weekday"]:
        return "thứ" in written[found.start() : found.end()].lower()
    if found["part"] and "sang" in found["part"]:
        return "sáng" in written[found.start() : found.end()].lower()
    return True


def _with(moment: Moment, found: re.Match[str]) -> Moment:
    hour = found["hour"] or found["hour2"]
    if hour and moment.at is None and int(hour) < 24:
        return replace(
            moment, at=time(int(hour), min(int(found["minute"] or found["minute2"] or 0), 59))
        )
    if found["weekday"]:
        return replace(moment, weekday=_DAYS[found["weekday"]])
    if found["sunday"]:
        return replace(moment, weekday=6)
    if found["part"]:
        return _in_part(moment, found["part"])
    return moment


def _in_part(moment: Moment, part: str) -> Moment:
    """The hour that ends a part of the day; "3 giờ chiều" is 15:00."""
    if moment.at is None:
        return replace(moment, at=time(_PARTS.get(part, 17)))
    if "chieu" in part and moment.at.hour < 12:
        return replace(moment, at=moment.at.replace(hour=moment.at.hour + 12))
    return moment


def _tied(moment: Moment, flatted: str) -> Moment:
    """With the operator right before it."""
    before = flatted[max(0, moment.start - _REACH) : moment.start]
    for name, op, tie, pattern in _TIES:
        found = pattern.search(before)
        if found is None:
            continue
        start = moment.start - len(before) + found.start()
        if name == "đến" and moment.at and moment.unit is Unit.DAY:
            op, tie = Op.BY, Tie.LIMIT
        if (
            name == "trong"
            and moment.unit is Unit.DAY
            and not found[0].strip().startswith(("xong", "ngay"))
        ):
            tie = Tie.UNTIL
        return replace(moment, start=start, op=op, tie=tie, label=name)
    return moment


_WINDOW_GAP = re.compile(r"^[ ,()\w.:/]{0,24}$")
_OPEN_START = re.compile(
    r"\btu (?:ngay|khi|nay)(?: (?:ra|co|nhan|duoc|ban hanh|phat dong|thong bao|ky|"
    r"cong van|nay)){0,6} (?:cho )?$"
)


def _windows(found: list[Moment], flatted: str) -> list[Moment]:
    """từ ngày A đến (hết) ngày B is one moment."""
    made: list[Moment] = []
    for one in found:
        before = made[-1] if made else None
        ends = one.label in ("đến", "đến hết") and one.unit is not Unit.NONE
        if ends and before and _begins(before, one, flatted):
            made[-1] = replace(
                one,
                start=before.start,
                first=before.point,
                op=Op.WINDOW,
                tie=Tie.LIMIT,
                label="từ … đến",
            )
        elif ends and _OPEN_START.search(flatted[max(0, one.start - 50) : one.start]):
            made.append(
                replace(one, first=Point(), op=Op.UNTIL_END, tie=Tie.LIMIT, label="từ … đến")
            )
        else:
            made.append(one)
    return made


def _begins(first: Moment, last: Moment, flatted: str) -> bool:
    close = last.start - first.end < 12 and bool(
        _WINDOW_GAP.match(flatted[first.end : last.start])
    )
    return (
        close
        and first.unit is last.unit
        and first.tie in (Tie.START, Tie.ON)
        and first.op is Op.NONE
    )


_LIMIT = r"(?P<op>(?:cham|muon) nhat(?: la| vao| truoc)*|truoc|den|vao)"
_WEEKLY = re.compile(
    rf"(?:{_LIMIT} )?(?:(?:luc |vao )?(?P<hour>\d{{1,2}}) ?(?:h|g|"
    rf"gio) ?(?P<minute>\d{{2}})?(?: ?phut)?,? ?)?(?:{_PART} )?"
    rf"(?:vao )?(?:ngay )?{_WEEKDAY},? ?(?:cua )?(?:hang|moi|cac) tuan\b"
)
_DAILY = re.compile(
    rf"{_LIMIT} (?:luc )?(?P<hour>\d{{1,2}}) ?(?:h|g|"
    rf"gio) ?(?P<minute>\d{{2}})?(?: ?phut)?,? ?(?:cua )?(?:(?:hang|moi) ngay|trong ngay)\b"
)
_WITHIN = re.compile(
    r"\b(?:sau|trong|trong vong|trong thoi han|cham nhat(?: la)?(?: sau)?|"
    r"thoi han)(?: la)? ?(?P<n>\d{1,3}|[a-z]{2,5}) (?P<u>ngay|tuan|thang|gio)"
    r"(?: lam viec)?,? ?(?:ke tu|tinh tu|tu|sau|sau khi)(?: ngay| khi| thoi diem)?[^,;.]{0,80}"
)
_EVENTS = re.compile(
    r"(?:truoc|cham nhat(?: la| vao| truoc)*|den het|den|"
    r"vao) (?:ngay )?(?P<what>khai giang|be giang|tong ket nam hoc|ket thuc (?:nam hoc|"
    r"hoc ky (?:i{1,2}|[12]))|"
    r"cuoi (?:hoc ky|hoc ki|hk) ?(?:i{1,2}|[12])|cuoi nam hoc|dau nam hoc|tet nguyen dan|"
    r"tet)\b|\bcuoi (?:hoc ky|hoc ki|hk) ?(?:i{1,2}|[12])\b|\b(?:trong|"
    r"cuoi) thang(?! ?\d)(?= |$|[.,;])"
)
_PERIODIC = re.compile(
    r"\bdinh ky (?:(?:hang|moi) )?(?P<p>tuan|thang|quy|6 thang(?:,? (?:va )?(?:(?:1|mot|"
    r"hang) )?nam)?|sau thang|nam|hoc ky)\b|\b(?P<h>hang|moi) (?P<q>tuan|thang|quy|nam)\b|"
    r"\btung nam\b"
)


def _without_dates(flatted: str, sentence: str) -> Iterator[Moment]:
    for weekly in _WEEKLY.finditer(flatted):
        if _is_meant(weekly, sentence):
            day = 6 if weekly["sunday"] else _DAYS[weekly["weekday"]]
            yield replace(_recurring(weekly, Every.WEEK, "weekly"), weekday=day)
    if "gio" in flatted or re.search(r"\dh", flatted):
        yield from (_recurring(found, Every.DAY, "daily") for found in _DAILY.finditer(flatted))
    for found in _WITHIN.finditer(flatted):
        words = sentence[found.start() : found.end()].strip()
        yield Moment(
            *found.span(), Point(), Unit.NONE, Op.BY, Tie.LIMIT, words=words, rule="within days of"
        )
    for found in _EVENTS.finditer(flatted):
        op = Op.BEFORE if found[0].startswith("truoc") else Op.BY
        words = sentence[found.start() : found.end()].strip()
        yield Moment(
            *found.span(), Point(), Unit.NONE, op, Tie.LIMIT, words=words, rule="school calendar"
        )


def _recurring(found: re.Match[str], every: Every, rule: str) -> Moment:
    hour = found["hour"]
    at = time(int(hour), int(found["minute"] or 0)) if hour and int(hour) < 24 else None
    if at is None and found.groupdict().get("part"):
        at = time(_PARTS.get(found["part"], 17))
    op = Op.BEFORE if (found["op"] or "") == "truoc" else Op.BY
    tie = Tie.LIMIT if found["op"] else Tie.ON
    return Moment(*found.span(), Point(), Unit.NONE, op, tie, every, at, rule=rule)


def periodic(sentence: str) -> str:
    """The recurrence that a sentence names without a day: "year", "half", … or ""."""
    found = _PERIODIC.search(flat(sentence))
    if found is None:
        return ""
    word = found["p"] or found["q"] or "nam"
    names = {"tuan": "week", "thang": "month", "quy": "quarter", "nam": "year", "hoc ky": "half"}
    return names.get(word, "half")
