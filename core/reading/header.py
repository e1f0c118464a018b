"""The head and foot of an official document: who issued it, its number, day, title, to whom, and
who signed. The order follows Nghị định 30/2020 and Thông tư 01/2011; columns may come out of a
file in any order, and a number or day that was stamped stands loose at the foot of its page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.reading.cited import Cited, cited
from core.reading.letters import flat
from core.reading.page import posted_on
from core.reading.reposted import reposted

HEAD_LINES = 70  # lines; the head of a flattened two-column page is long
KINDS = {
    "KH": "kế hoạch", "HD": "hướng dẫn", "TB": "thông báo", "QĐ": "quyết định", "CT": "chỉ thị",
    "BC": "báo cáo", "TTr": "tờ trình", "GM": "giấy mời", "CĐ": "công điện", "QC": "quy chế",
    "TT": "thông tư", "NĐ": "nghị định", "NQ": "nghị quyết", "PA": "phương án", "ĐA": "đề án",
    "CTr": "chương trình", "BB": "biên bản", "HĐ": "hợp đồng", "KL": "kết luận",
    "QyĐ": "quy định", "TC": "thông cáo", "DA": "dự án", "GTT": "giấy triệu tập",
}  # fmt: skip
LETTER = "công văn"
_BY_NAME = {flat(name): name for name in KINDS.values()}

_NUMBER = re.compile(
    r"^so ?:? ?(?P<number>\d{1,6})? ?/ ?(?:(?P<year>\d{4}) ?/ ?)?(?P<symbol>[a-z][a-z&]*(?: "
    r"?- ?[a-z&]+)*)"
)
_SPOILT_NUMBER = re.compile(
    r"^so ?:? ?(?P<number>\d{1,6})?\b.{0,12}?/ ?(?P<symbol>[a-z][a-z&-]+)$"
)
_BARE = re.compile(r"^so ?: ?(?P<number>\d{1,6})(?P<symbol>)$")
_PLACE = re.compile(
    r"(?P<place>(?:tp\.?|tx\.?|[a-z])[a-z .-]{1,30}?), ?(?:hoi [^,]{3,24}?,? ?)?"
    r"ngay ?(?P<day>\d{1,2})? ?(?:thang|"
    r"/) ?(?P<month>\d{1,2})? ?"
    r"(?:nam|/) ?(?P<year>\d{4})"
)
_ABOUT = re.compile(r"^(?:v/v|ve viec|v\.v)\b ?:?\.? ?")
_NATION, _MOTTO = "cong hoa xa hoi", "doc lap"
_OFFICE = re.compile(
    r"(?:ubnd|uy ban|so |phong |bo |truong |hd[a-z]{1,5} |hoi dong|ban |tong cuc|cuc |vu |"
    r"trung tam|lien doan|"
    r"cong doan|chi cuc|dang uy|huyen uy|thanh uy|van phong|thanh tra|hdnd|chinh phu|thu tuong)"
)
_OPENING = re.compile(
    r"(?:can cu|thuc hien|theo |de |nham |tiep theo|ngay |trong |qua |hien nay|do |"
    r"sau khi|phong |so |bo )"
)
_PERIOD = re.compile(
    r"(?:nam hoc (\d{4}) ?- ?(\d{4})|giai doan (\d{4}) ?- ?(\d{4})|"
    r"(?:tu )?nam (\d{4})(?: ?- ?| den (?:nam )?)(\d{4})|nam (\d{4}))"
)
_FOR = re.compile(r"^(?:tm|kt|tl|tuq|q)\.")
_TITLE = re.compile(
    r"^(?:pho )?(?:truong phong|truong ban|giam doc|hieu truong|chu tich|bo truong|"
    r"thu truong|cuc truong|vu truong|"
    r"tong giam doc|chanh van phong|thu tuong|tong cuc truong)\b"
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the document says of itself; "" or empty where it does not say.

    kind: "công văn" for a letter, which has no name of its own. posted_on: a web page's day, which
    is not the day of issue. span: the first and last year it is for; school_year likewise.
    """

    number: str = ""
    symbol: str = ""
    kind: str = ""
    superior: str = ""
    issuer: str = ""
    place: str = ""
    issued_on: date | None = None
    issued_in: tuple[int, int] | None = None
    title: str = ""
    addressees: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    signer: str = ""
    grounds: tuple[Cited, ...] = ()
    posted_on: date | None = None
    span: tuple[int, int] | None = None
    school_year: tuple[int, int] | None = None

    @property
    def reference(self) -> date | None:
        """The day from which dates without a year are counted."""
        if self.issued_on is None and self.issued_in:
            return date(*self.issued_in, 1)
        return self.issued_on or self.posted_on


def header(head: Sequence[str], foot: Sequence[str], everything: Sequence[str]) -> Header:
    """head: the first lines. foot: from the list of receivers on. everything: all the lines."""
    lines = [piece for line in head[:HEAD_LINES] for piece in _columns(line)]
    number = _number(lines)
    official = bool(number) or any(_NATION in flat(line) for line in lines)
    superior, issuer = _issuers(lines) if official else ("", "")
    kind, title = _kind_and_title(lines, foot)
    found = Header(
        symbol=number.get("symbol", ""),
        kind=kind or _kind_of_symbol(number.get("symbol", "")),
        superior=superior,
        issuer=issuer,
        title=title,
        addressees=_addressees(lines),
        receivers=_receivers(foot),
        signer=_signer(foot),
        grounds=_grounds(lines),
    )
    found = _numbered_and_dated(found, number, _place_and_day(lines), everything)
    if not (official and found.issued_on):
        found = replace(found, posted_on=posted_on(everything))
    return _filled(found, lines)


def _numbered_and_dated(
    found: Header, number: dict[str, str], slots: dict[str, str], everything: Sequence[str]
) -> Header:
    """With the number and day, which may have been stamped."""
    digits, day, month = _stamped(number, slots, _loose(everything))
    year = int(slots.get("year", 0))
    return replace(
        found,
        number=digits,
        place=slots.get("place", ""),
        issued_on=_day(year, month, day),
        issued_in=(year, month) if year and 1 <= month <= 12 else None,
    )


def _columns(line: str) -> list[str]:
    """Two columns that came out as one line: the office beside the name of the country."""
    flatted = flat(line)
    for words in (_NATION, _MOTTO + " - tu do", _MOTTO + "- tu do"):
        at = flatted.find(words)
        if at > 0:
            return [_PAGE.sub("", line[:at]).strip(), line[at:]]
    number = _NUMBER.match(flatted)
    if number and len(line) > number.end() + 4 and _PLACE.search(flatted[number.end() :]):
        return [line[: number.end()], line[number.end() :].strip()]
    return [_PAGE.sub("", line)]


_PAGE = re.compile(r"^Trang \d{1,3} ?")


def _number(lines: Sequence[str]) -> dict[str, str]:
    for line in lines:
        flatted = flat(line[:60])
        found = _NUMBER.match(flatted) or _SPOILT_NUMBER.match(flatted) or _BARE.match(flatted)
        if found:
            symbol = line[found.start("symbol") : found.end("symbol")].strip(" -")
            year = found.groupdict().get("year")
            return {
                "number": found["number"] or "",
                "symbol": f"{year}/{symbol}" if year else symbol,
            }
    return {}


def _place_and_day(lines: Sequence[str]) -> dict[str, str]:
    for number, line in enumerate(lines):
        both = f"{line} {lines[number + 1]}" if number + 1 < len(lines) else line
        for text in (line, both):
            found = _PLACE.search(flat(text[:120])) if "nam" in flat(text[:120]) else None
            alone = found and not (text[: found.start()] + text[found.end() : 120]).strip(" .-_")
            if found and alone:
                slots = {key: value or "" for key, value in found.groupdict().items()}
                return slots | {"place": text[found.start("place") : found.end("place")].strip()}
    return {}


def _loose(lines: Sequence[str]) -> list[str]:
    """The first group of numbers that stand alone in lines and are not those of pages."""
    page, group = 1, list[str]()
    for line in [*lines, "end"]:
        if re.fullmatch(r"\d{1,4}(?: +\d{1,2})?", line):
            group.append(line)
        elif line and group:
            if group[-1] in (str(page), str(page + 1)):
                page = int(group.pop())
            if group:
                return " ".join(group).split()
            group = []
    return []


def _stamped(
    number: dict[str, str], day_slots: dict[str, str], loose: Sequence[str]
) -> tuple[str, int, int]:
    """The number, day and month, where they were stamped taken from the loose numbers."""
    digits = number.get("number", "")
    day, month = day_slots.get("day", ""), day_slots.get("month", "")
    waiting = list(loose)
    if waiting and number and not digits:
        digits = waiting.pop(_which_is_the_number(waiting)) if len(waiting) > 1 or day else ""
    if waiting and day_slots and not day:
        day = waiting.pop(0)
    if waiting and day_slots and not month:
        month = waiting.pop(0)
    return digits, int(day or 0), int(month or 0)


def _which_is_the_number(loose: Sequence[str]) -> int:
    """The order may be swapped: what cannot be a day is the number."""
    large = [place for place, one in enumerate(loose) if int(one) > 31]
    return large[0] if large else 0


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _issuers(lines: Sequence[str]) -> tuple[str, str]:
    """The superior and the issuing office: the lines in capitals over the number."""
    offices: list[str] = []
    open_ = False
    for line in lines:
        flatted = flat(line)
        if _ends_issuers(flatted):
            open_ = False
            if offices and not flatted.startswith((_NATION, _MOTTO)):
                break
        elif line and _is_capital(line) and _OFFICE.match(flatted):
            offices.append(line)
            open_ = True
        elif line and open_ and line.isupper():
            offices[-1] += f" {line}"
        elif line:
            open_ = False
    return (offices[0], offices[1]) if len(offices) > 1 else ("", offices[0] if offices else "")


def _ends_issuers(flatted: str) -> bool:
    if flatted.startswith((_NATION, _MOTTO)):
        return True
    return (
        bool(_NUMBERED.match(flatted) or _ABOUT.match(flatted)) or flatted.strip(": ") in _BY_NAME
    )


_NUMBERED = re.compile(r"so ?:|so ?\d* ?/")


def _is_capital(line: str) -> bool:
    """Nearly all capitals; a scan leaves a small letter here and there."""
    letters = [letter for letter in line if letter.isalpha()]
    return len(letters) > 2 and sum(letter.isupper() for letter in letters) >= 0.8 * len(letters)


def _kind_and_title(lines: Sequence[str], foot: Sequence[str]) -> tuple[str, str]:
    for number, line in enumerate(lines):
        name = _BY_NAME.get(flat(line).strip(" :."))
        if name and line.isupper():
            return name, _title_from(lines[number + 1 :])
    for number, line in enumerate([*lines, *foot]):
        found = _ABOUT.match(flat(line[:20]))
        if found:
            rest = [*lines, *foot][number + 1 :]
            return LETTER, _title_from([line, *rest])
    addressed = any(flat(line).startswith("kinh gui") for line in lines)
    return (LETTER if addressed else ""), ""


_LONGEST_TITLE = 8  # lines


def _title_from(lines: Sequence[str]) -> str:
    """The lines up to a blank one, or to the next part of the head."""
    title: list[str] = []
    blank = False
    for line in lines[:_LONGEST_TITLE]:
        if title and line and _ends_title(title[-1], line, blank):
            break
        blank = not line
        title += [line] if line else []
    return " ".join(title)


def _ends_title(before: str, line: str, blank: bool) -> bool:
    if _is_next_part(line, flat(line)) or (blank and not line[0].islower()):
        return True
    return before[-1] in ".:" or line[-1] in ".;:" or line.startswith(("-", "+", "–"))


def _is_next_part(line: str, flatted: str) -> bool:
    if _OPENS.match(flatted) and line[0].isupper():
        return True
    if line.isupper() or flatted.startswith(
        (_NATION, _MOTTO, "kinh gui", "can cu ", "---", "___")
    ):
        return True
    return bool(_PLACE.match(flatted) or _NUMBER.match(flatted))


_OPENS = re.compile(
    r"(?:can cu|thoi gian|dia diem|(?:phong|so|bo) (?:giao duc|gd)|uy ban nhan dan|ubnd|"
    r"kinh moi|de )"
)


def _kind_of_symbol(symbol: str) -> str:
    first = re.split(r"[-/& ]", symbol.split("/")[-1])[0]
    return KINDS.get(first, LETTER if symbol else "")


_LONGEST_ADDRESS = 12  # lines


def _addressees(lines: Sequence[str]) -> tuple[str, ...]:
    for number, line in enumerate(lines):
        at = flat(line[:40]).replace("kinhgui", "kinh gui").find("kinh gui")
        if flat(line).endswith(" dien:") and _is_capital(line.rpartition(" ")[0]):
            return _list_of(["", *lines[number + 1 : number + _LONGEST_ADDRESS]])
        if at == 0:
            first = line.partition(":")[2].strip() or line[8:].strip(" :")
            return _list_of([first, *lines[number + 1 : number + _LONGEST_ADDRESS]])
    return ()


def _list_of(lines: Sequence[str]) -> tuple[str, ...]:
    items: list[str] = []
    for line in lines:
        if line.startswith(("-", "–", "+", "•")):
            items.append(line.lstrip("-–+• "))
        elif items and line and _OPENING.match(flat(line)) and line[0].isupper():
            break
        elif items and items[-1] and line and items[-1][-1] not in ".;":
            items[-1] += f" {line}"
        elif items and line:
            break
        elif line:
            items.append(line)
    return tuple(item.strip(" ;.,") for item in items if item.strip(" ;.,"))


def _receivers(foot: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        line.lstrip("-–• ").strip(" ;.") for line in foot if line.startswith(("-", "–", "•"))
    )


def _signer(foot: Sequence[str]) -> str:
    """The titles under which it was signed, as in "KT. GIÁM ĐỐC - PHÓ GIÁM ĐỐC"."""
    titles: list[str] = []
    for line in foot:
        flatted = flat(line)
        if line.isupper() and (_FOR.match(flatted) or _TITLE.match(flatted)):
            titles.append(line)
        elif titles and line and not line.startswith("("):
            break
    return " - ".join(titles)


def _grounds(lines: Sequence[str]) -> tuple[Cited, ...]:
    """Of the opening, up to the first numbered clause."""
    text = " ".join(line for line in lines if line)
    flatted = flat(text)
    starts = [
        flatted.find(words) for words in ("can cu ", "thuc hien ", "theo ") if words in flatted
    ]
    opening = text[min(starts, default=len(text)) :]
    found = [one for one in cited(opening) if one.day]
    return tuple(found)


def _filled(found: Header, lines: Sequence[str]) -> Header:
    """With the years it is for; and where there is no head, what its first sentences say."""
    if not found.issuer:
        told = reposted(lines)
        found = replace(
            found,
            number=found.number or told.number,
            symbol=found.symbol or told.symbol,
            kind=told.kind if not found.symbol else found.kind,
            issuer=told.issuer,
            issued_on=found.issued_on or told.issued_on,
            title=found.title or told.title,
            addressees=found.addressees or told.addressees,
        )
    years = _PERIOD.search(flat(found.title))
    if years is None:
        return found
    first, last = int(years[1] or 0), int(years[2] or 0)
    if first:
        return replace(found, school_year=(first, last))
    given = [int(year) for year in years.groups()[2:] if year]
    return replace(found, span=(given[0], given[-1]))
