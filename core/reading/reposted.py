"""A document told on a web page, or pasted without its head: what its sentences say of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.reading.cited import Cited, cited
from core.reading.letters import flat
from core.reading.page import is_menu

_OPENING_LETTERS = 2_500  # characters; who issued what is said at the beginning
_CLOSING_LETTERS = 600  # or in a last line, "Xem chi tiết tại công văn …"
_SHORTEST_TITLE, _LONGEST_TITLE = 15, 220  # characters
_OFFICE = re.compile(
    r"(?:(?<=^)|(?<=[ (\n-]))(?P<who>(?:UBND|Ủy ban nhân dân|Sở|Phòng|Bộ|BTC|"
    r"Ban [Tt]ổ chức|Cục|Vụ)"
    r"(?:(?:[^,;.:()\n]|\bTP\.){1,70}?)??),? (?:cũng |đã |vừa |xin |trân trọng |vừa có |"
    r"có |ra ){0,3}"
    r"(?:yêu cầu|đề nghị|thông báo|nhắc nhở|ban hành|văn bản|công văn|chỉ đạo|lưu ý|"
    r"hướng dẫn|quy định)"
)
_ISSUED = re.compile(r"(?:ban hanh|xem(?: chi tiet)?(?: tai)?|co)(?: [a-z]{1,10}){0,3}:? ?$")
_DAY = re.compile(r"ngay (\d{1,2})/(\d{1,2})/(\d{4})")
_MENTIONED = re.compile(r"\b(?:Phòng|Sở|Bộ) (?:GD ?[&-]? ?ĐT|Giáo dục(?: và |- ?)Đào tạo)")
_ASKED = re.compile(
    r"(?:[đĐ]ề nghị|[yY]êu cầu|gửi|đến|cho|chỉ đạo):? (?P<whom>(?:Trưởng|Hiệu trưởng|"
    r"Thủ trưởng|[Cc]ác|tất cả|mỗi)"
    r"[^.:]{4,300}?)(?=[.:]| (?:chỉ đạo|thực hiện|báo cáo|triển khai|rà soát|tổ chức|"
    r"giới thiệu|xây dựng|gửi|về|khẩn)\b|, đến)"
)
_TITLE_WITHIN = 3  # lines
_NO_TITLE = re.compile(r"(?:kinh gui|ngay |thu |de nghi|http|can cu |thuc hien |theo |date )")
_NAMED = (
    (re.compile(r"^thong bao khan\b"), "thông báo khẩn"),
    (re.compile(r"\b(?:theo|trong) thong tu\b|\bthong tu nay\b"), "thông tư"),
    (re.compile(r"\bcong van nay\b|\bkinh gui\b"), "công văn"),
    (re.compile(r"^thong bao\b|\btrong thong bao\b"), "thông báo"),
)


@dataclass(frozen=True, slots=True)
class Reposted:
    number: str = ""
    symbol: str = ""
    kind: str = "tin"
    issuer: str = ""
    issued_on: date | None = None
    title: str = ""
    addressees: tuple[str, ...] = ()


def reposted(lines: Sequence[str]) -> Reposted:
    text = "\n".join(line for line in lines if line and not is_menu(line))
    opening = text[:_OPENING_LETTERS]
    told = _told(opening) or _told(text[-_CLOSING_LETTERS:])
    title = _title(opening)
    number, symbol = told.number.rsplit("/", 1) if told else ("", "")
    return Reposted(
        number=number,
        symbol=symbol,
        kind=_kind(told, opening),
        issuer=_issuer(told, opening),
        issued_on=_issued_on(told, opening) or _day(flat(title)),
        title=title,
        addressees=_addressees(opening),
    )


def _told(text: str) -> Cited | None:
    """The document that the text tells of, not one that it only refers to."""
    flatted = flat(text)
    for one in cited(text):
        before = flatted[max(0, one.start - 45) : one.start].replace("so ", " ").rstrip(" so:")
        if _ISSUED.search(before):
            return one
    return None


def _kind(told: Cited | None, opening: str) -> str:
    if told and told.kind:
        return "công văn" if flat(told.kind) == "van ban" else told.kind.lower()
    flatted = flat(opening)
    return next((name for words, name in _NAMED if words.search(flatted)), "tin")


def _issuer(told: Cited | None, opening: str) -> str:
    """Who asks or announces; else the first education office that is named at all."""
    found = _OFFICE.search(opening)
    named = _MENTIONED.search(opening)
    said = found["who"].strip() if found else named[0] if named else ""
    return (told.issuer if told else "") or said


def _issued_on(told: Cited | None, opening: str) -> date | None:
    if told is None:
        return None
    return told.day or _day(flat(opening[max(0, told.start - 120) : told.start]))


def _day(flatted: str) -> date | None:
    found = _DAY.search(flatted)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def _addressees(opening: str) -> tuple[str, ...]:
    found = _ASKED.search(opening)
    return tuple(part.strip() for part in found["whom"].split(";")) if found else ()


def _title(opening: str) -> str:
    """The first line that is a heading; a line said twice is a menu's."""
    lines = [
        line
        for line in opening.split("\n")
        if line[: len(line) // 2] != line[len(line) // 2 + 1 :]
    ]
    for line in lines[:_TITLE_WITHIN]:
        if not _SHORTEST_TITLE <= len(line) <= _LONGEST_TITLE or line[-1] in ".,;:":
            continue
        if not _NO_TITLE.match(flat(line)) and line[0].isalpha():
            return line
    return ""
