"""Other documents that a text names: their numbers and dates are no deadlines of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from core.reading.letters import flat

_NUMBER = (
    r"\b(?P<number>\d{1,6}) ?(?:/ ?(?P<year>\d{4}) ?)?/? ?(?P<symbol>[A-ZĐ][A-ZĐa-z&]{1,14}(?: "
    r"?- ?[A-ZĐ][A-ZĐa-z&]{0,14}){0,4})"
)
_CITED = re.compile(rf"(?:[Ss]ố:? ?)?{_NUMBER}")
_DAY = re.compile(
    r"^.{0,3}?,? ?(?:ngay ?)?(?P<d>\d{1,2})(?: ?/ ?| thang ?)(?P<m>\d{1,2})(?: ?/ ?|"
    r" nam ?)(?P<y>\d{4})"
)
_ISSUER = re.compile(
    r"^\)?,? ?(?:của|do) (?P<who>(?:Bộ|Sở|UBND|U[ỶY] ban|[UỦ]y ban|Ủy ban|Phòng|Thủ tướng|"
    r"Chính phủ|Chủ tịch|"
    r"Giám đốc|Cục|Vụ|Huyện|Tỉnh|Thành|Ban|Hội|Liên|Tổng)[^,;.()]{0,60})"
)
_ENDS_ISSUER = re.compile(
    r" (?:về|quy định|phê duyệt|hướng dẫn|ban hành|triển khai|thực hiện|V/v|đề nghị|v/v|"
    r"theo|Hướng dẫn|Quy định)\b| và (?:Công|Kế|Quyết|Văn|Thông|Hướng|Chỉ)"
)
_KIND = re.compile(
    r"(cong van|ke hoach|quyet dinh|thong tu(?: lien tich)?|nghi dinh|nghi quyet|"
    r"huong dan|chi thi|"
    r"cong dien|thong bao|to trinh|van ban(?: hop nhat)?|chuong trinh|de an|bao cao|"
    r"giay moi)(?: [a-z:]{1,12}){0,2} ?\(?$"
)


@dataclass(frozen=True, slots=True)
class Cited:
    """start, end: of its number and date in the text it was found in."""

    number: str
    kind: str
    day: date | None
    issuer: str
    start: int
    end: int


@lru_cache(maxsize=64)
def cited(text: str) -> tuple[Cited, ...]:
    """Every document named by number, such as `Công văn số 12/SGDĐT-VP ngày 3/10/2020 của Sở`.

    The last texts are remembered, as every date of a sentence asks for them.
    """
    return tuple(_cited(text)) if "/" in text else ()


def _cited(text: str) -> Iterator[Cited]:
    flatted = flat(text)
    for found in _CITED.finditer(text):
        if not _is_symbol(found["symbol"]):
            continue
        day = _DAY.match(flatted[found.end() : found.end() + 45])
        end = found.end() + (day.end() if day else 0)
        issuer = _ISSUER.match(text[end : end + 120])
        who = _ENDS_ISSUER.split(issuer["who"])[0].strip(" 0123456789") if issuer else ""
        year = f"/{found['year']}" if found["year"] else ""
        before = text[max(0, found.start() - 40) : found.start()]
        kind = _KIND.search(flat(before))
        yield Cited(
            f"{found['number']}{year}/{found['symbol'].replace(' ', '')}",
            before[kind.start() : kind.end(1)] if kind else "",
            _date(day), who, found.start(), end,
        )  # fmt: skip


def _is_symbol(symbol: str) -> bool:
    """KH-UBND, SGDĐT-VP or QĐ: mostly capitals, so no word of a sentence."""
    capitals = sum(letter.isupper() for letter in symbol)
    return capitals >= 2 and capitals >= sum(letter.islower() for letter in symbol)


def _date(found: re.Match[str] | None) -> date | None:
    if found is None:
        return None
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return None
