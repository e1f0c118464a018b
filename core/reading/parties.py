"""Whose duty it is, who receives it and through which channel, and whom of many it is for."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.reading.header import Header
from core.reading.letters import flat


class Owner(StrEnum):
    SCHOOL = "school"
    OFFICE = "office"  # the Phòng itself
    OTHER = "other"  # a Sở, another office, parents or pupils
    UNCLEAR = "unclear"


class Level(StrEnum):
    """Of the office that issued a document."""

    MINISTRY = "ministry"
    PROVINCE = "province"
    EDUCATION_DEPARTMENT = "education department"
    OFFICE = "office"
    UNKNOWN = "unknown"


_OTHER = (
    r"(?:cac )?so (?:giao duc|gd|nganh|noi vu|tai chinh)|cac so\b|so gddt|ubnd|"
    r"uy ban nhan dan|bo giao duc|bo gd|hoi dong thi|hoi dong coi thi|ban to chuc|"
    r"phu huynh|cha me|truong (?:cac )?(?:ban|thon|to dan pho|khu)\b|bi thu|cong doan nganh|"
    r"(?:cac (?:em )?)?hoc sinh|thi sinh|cong an|tram y te|"
    r"(?:cac )?co quan, don vi, dia phuong|giao duc dai hoc|co so (?:gd|giao duc) dai hoc|"
    r"cac dai hoc|cao dang|benh vien|buu dien|giam doc so|phong noi vu|"
    r"phong van hoa(?! ?(?:-|va|,) ?xa hoi)|phong tai chinh"
)
_OFFICE = (
    r"(?:cac |truong )?phong (?:giao duc|gd|van hoa ?(?:-|va|,) ?xa hoi)|"
    r"(?:cac )?bo phan (?:chuyen mon|(?:[a-z]+ ){0,4}cua phong)|"
    r"(?:cac )?chuyen vien (?:cua )?phong"
)
_SCHOOL = (
    r"(?:cac )?(?:don vi truong hoc|don vi nha truong|co quan, don vi truong hoc)|"
    r"nha truong|cac truong|truong (?:hoc|mn|mam non|th\b|thcs|tieu hoc|trung hoc|"
    r"pho thong|ptdtnt|thpt|mau giao)|"
    r"(?:moi|tung) truong|co so (?:giao duc|gdmn|gd|mam non)|hieu truong|giao duc mam non|"
    r"gdmn|(?:can bo, )?giao vien"
)
_GENERIC = (
    r"(?:cac |moi |tat ca cac |tung |thu truong (?:cac )?)?don vi(?: con lai| truc thuoc|"
    r" chua (?:bao cao|nop))?|thu truong"
)
_ACTORS = re.compile(
    rf"\b(?:(?P<other>{_OTHER})|(?P<office>{_OFFICE})|(?P<school>{_SCHOOL})|"
    rf"(?P<generic>{_GENERIC}))"
)
# "giao", to hand to, but not giáo dục, giáo viên and the like.
_TOLD = re.compile(
    r"\b(?:yeu cau|de nghi|giao(?! (?:duc|vien|an|trinh|thong|luu|khoa))|nhac nho|"
    r"(?<!ban )chi dao|nhac) "
    r"(?:toan the |tat ca |[0-9]+ )?"
)
_LEADING = re.compile(
    r"^(?:[^:]{0,40}: )?(?:(?:theo (?:quy dinh|do|thong tu|noi dung)[^,]{0,40}|dinh ky|"
    r"hang nam|hang thang|hang quy|dong thoi|ngoai ra|doi voi|rieng|ve phia|"
    r"trach nhiem cua|sau khi [^,]{3,40}|can cu [^,]{3,80}|"
    r"bao cao(?: thong ke)?(?= giao duc| cua)),? ?){0,2}"
)
_OWN = re.compile(
    r"^[^a-z]*(?:cong bo|tham dinh|phe duyet|xet duyet|tra ket qua|thong bao ket qua|"
    r"tong hop ket qua|cham thi|ra de)\b"
)
_OF_PUPILS = re.compile(r"\b(?:tuyen sinh|du tuyen|nhap hoc)\b")
_COLLECTS = re.compile(r"[^a-z]*tong hop\b")  # of a district's schools, for an office above
ABOVE = (Level.MINISTRY, Level.PROVINCE, Level.EDUCATION_DEPARTMENT)
_HANDS_IN_PAPERS = re.compile(r"\b(?:nhan|nop|thu) (?:don|ho so)\b")


def level(header: Header) -> Level:
    words = flat(header.issuer or header.symbol)
    superior = flat(header.superior)
    if words.startswith(("bo ", "chinh phu", "thu tuong", "vu ", "cuc ")):
        return Level.MINISTRY
    if re.match(
        r"(?:ubnd|uy ban nhan dan) (?:tinh|thanh pho (?:ho chi minh|ha noi|da nang|can tho|"
        r"hai phong|hue))",
        words,
    ):
        return Level.PROVINCE
    if words.startswith("so ") or (not words.startswith("phong ") and "so " in superior):
        return Level.EDUCATION_DEPARTMENT
    if words.startswith(("phong ", "ubnd", "uy ban", "hd", "hoi dong")) or _OF_A_PHONG.search(
        f"{flat(header.symbol)} {superior}"
    ):
        return Level.OFFICE
    return Level.UNKNOWN


_OF_A_PHONG = re.compile(r"\bpgd|^[^ ]* ?phong ")  # a centre, or a board, that writes for one


def owner(segment: str, before: str, headings: Sequence[str], header: Header) -> tuple[Owner, str]:
    """And the name of the rule. before: the sentences of its clause up to the segment."""
    if _HANDS_IN_PAPERS.search(flat(segment)) and _OF_PUPILS.search(flat(header.title)):
        return Owner.OTHER, "papers of pupils"
    if _COLLECTS.match(flat(segment)) and level(header) in ABOVE:
        return Owner.OFFICE, "who collects"
    for name, text in (("its subject", segment), ("the sentence", before)):
        found = _told_or_subject(text, header, last=text is before)
        if found:
            return found, name
    headings = [one for one in reversed(headings) if not _ANNOUNCES.search(flat(one))]
    short = [heading for heading in headings if len(heading) <= _NAMES_ITS_OWNER]
    for heading in short:
        found = _told_or_subject(heading, header, last=True) or _actor(flat(heading), header)
        if found:
            return found, "heading"
    if _OWN.match(flat(segment)):
        return Owner.OFFICE, "what an office does"
    leads = (_told_or_subject(heading, header, last=True) for heading in headings)
    found = next((one for one in leads if one), None)
    return (found, "lead-in") if found else _addressed(header)


def _same(name: str, issuer: str) -> bool:
    """Whether a name, as "UBND", is how the issuer calls itself."""
    return (
        flat(issuer)
        .replace("uy ban nhan dan", "ubnd")
        .startswith(name.replace("uy ban nhan dan", "ubnd"))
    )


_ANNOUNCES = re.compile(
    r"^(?:phong|so|bo|ubnd|uy ban)\b[^:]{3,60} (?:dien|thong bao|quyet dinh):$"
)
_NAMES_ITS_OWNER = 120  # characters of a heading; in longer ones offices are named in passing


def _told_or_subject(text: str, header: Header, *, last: bool) -> Owner | None:
    """Who is asked in it, else whom it begins with. last: of several, the last one asked."""
    flatted = flat(text)
    asked = list(_TOLD.finditer(flatted))
    for told in reversed(asked) if last else asked:
        found = _ACTORS.match(flatted, told.end())
        if found:
            return _named(found, header)
    pieces = re.split(r"[.;] ", flatted.strip())
    for piece in reversed(pieces):
        start = _LEADING.match(piece)
        at = start.end() if start else 0
        found = _ACTORS.match(piece, at) or _ACTORS.match(piece)
        if found and not _TOLD.search(piece, found.end(), found.end() + _ASKS_WITHIN):
            return _named(found, header)
    return None


_ASKS_WITHIN = 60  # characters after a subject; where it asks others, it is not its duty


def _actor(flatted: str, header: Header) -> Owner | None:
    found = _ACTORS.search(flatted)
    return _named(found, header) if found else None


def _named(found: re.Match[str], header: Header) -> Owner | None:
    if found["generic"]:
        return _units(header)
    if found["other"] and _same(found[0], header.issuer) and level(header) is Level.OFFICE:
        return Owner.OFFICE  # schools may belong to another office of a commune
    return Owner(found.lastgroup or Owner.UNCLEAR)


def _units(header: Header) -> Owner | None:
    """ "Các đơn vị" are those it is addressed to, and schools where nobody is named."""
    for addressee in header.addressees:
        found = _ACTORS.search(flat(addressee))
        if found and not found["generic"]:
            return Owner(found.lastgroup or Owner.UNCLEAR)
    return Owner.SCHOOL if level(header) is not Level.PROVINCE else Owner.OTHER


def _addressed(header: Header) -> tuple[Owner, str]:
    for addressee in header.addressees:
        found = _actor(flat(addressee), header)
        if found:
            return found, "addressee"
    by_level = {
        Level.MINISTRY: Owner.OTHER,
        Level.PROVINCE: Owner.OTHER,
        Level.EDUCATION_DEPARTMENT: Owner.OFFICE,
        Level.OFFICE: Owner.SCHOOL,
    }
    return by_level.get(level(header), Owner.UNCLEAR), "level of the issuer"


def is_of_another(text: str) -> bool:
    """Whether a clause says what an office does itself, so that its receiver is not a school's."""
    flatted = flat(text[:200])
    return bool(_OFFICE_FIRST.match(flatted)) and not _TOLD.search(flatted)


_OFFICE_FIRST = re.compile(r"(?:cac )?(?:phong|so|ubnd|uy ban|cong an|bo)\b")


def is_issuers_own(headings: Iterable[str], header: Header) -> bool:
    """Under "3.1. Sở Giáo dục và Đào tạo" a Sở says what it will do itself."""
    if level(header) in (Level.OFFICE, Level.UNKNOWN):
        return False
    own = flat(header.issuer)[:6]
    return any(
        re.sub(r"^(?:doi voi|trach nhiem cua) ", "", flat(one)).startswith(own) for one in headings
    )


@dataclass(frozen=True, slots=True)
class Receiver:
    """unit: as written, "" for a thing to do and not to send. channel: mailboxes, addresses.

    topic: the section, post or person it goes through.
    """

    unit: str = ""
    topic: str = ""
    channels: tuple[str, ...] = ()


_UNIT = (
    r"(?:[Pp]hòng|Sở|sở|Bộ|UBND|U[ỷy] ban|Ủy ban|Vụ|Cục|Ban|BTC|Hội đồng|[Vv]ăn phòng|"
    r"[Tt]rường|[Hh]ệ thống|phần mềm|[Tt]òa soạn|Thanh tra|Trung tâm|bộ phận|cấp trên|"
    r"cơ quan quản lý|[Tt]hường trực|đơn vị thường trực)"
)
_UNIT_ENDS = (
    r"(?= (?:xong|định kỳ|hằng|hàng|trước|chậm|muộn|để|theo|vào|bằng|qua|đồng thời|ngày|"
    r"từ|hạn|trong|là|sau|nhằm|"
    r"gồm|số|năm|cùng|xét|khi|làm|đúng|phê duyệt|xem xét|quyết định|ban hành|cho ý kiến|"
    r"về việc|gửi|nộp|tổng hợp|thẩm định|và (?!Đào|đào|Truyền|truyền|Du|Thể|Xã|Công nghệ|"
    r"Thanh|Môi))\b| \d|[,;.:()/|]|$)"
)
_TO = re.compile(
    rf"\b(?:về|cho|đến|lên|tới|tại|(?:trên|vào)(?= (?:hệ thống|phần mềm))|"
    rf"[Nn]ơi nhận(?: báo cáo| hồ sơ| đăng ký)?:|(?:cam kết|ký|đăng ký) với|gửi|báo cáo|"
    rf"trình)(?: về)? (?:các )?(?P<unit>{_UNIT}\b[^,;.:()]{{0,80}}?){_UNIT_ENDS}(?P<upper>, (?:Sở|"
    rf"Bộ|Phòng)[^,;.:()]{{3,50}}?{_UNIT_ENDS})?(?: ?\((?P<topic>[^)]{{2,80}})\))?"
)
_THROUGH = re.compile(
    r"\b(?:qua|thông qua) (?P<topic>(?:bộ phận|Phòng|phòng|Văn phòng|văn thư|Vụ|đồng chí|"
    r"đ/c|tổ|\(?Vụ)[^,;.()]{2,60})"
)
_PERSON = re.compile(
    r"(?<!\w)(?:[Đđ]ồng chí|[đĐ]/c|[Ôô]ng|[Bb]à|[Tt]hầy|"
    r"[Cc]ô) [A-ZĐÀ-Ỹ][a-zà-ỹ]{0,8} [A-ZĐÀ-Ỹ][^,;.:()]{1,40}"
)
_SITE = re.compile(
    r"\b(?:trang|địa chỉ|cổng|"
    r"website)(?: web)?:? (?P<unit>(?:https?://)?[a-z0-9-]+(?:\.[a-z0-9-]+){1,4}[^\s,;()]{0,60})"
)
_CHANNEL = re.compile(
    r"[A-Za-z0-9._-]{1,60}@[A-Za-z0-9-]{1,60}(?:\.[A-Za-z0-9-]{1,30}){1,4}|"
    r"\[email protected\]|https?://[^\s,;()]{3,150}|"
    r"\b[a-z0-9-]{2,30}(?:\.[a-z0-9-]{2,30}){1,3}\.(?:vn|com|org|net|"
    r"gov)\b(?:/[^\s,;()]{1,80})?"
)
_MANNER = re.compile(
    r"\b(?:bản giấy|bản mềm|bản cứng|bản scan|bản in|văn bản giấy|đường công văn|"
    r"đường bưu điện|chuyển phát nhanh|fax|[Ff]ax|hệ thống quản lý văn bản|"
    r"biểu mẫu trực tuyến|zalo|Zalo)\b"
)


def receiver(
    places: Sequence[str], beyond: Sequence[str], header: Header, *, hands_in: bool
) -> Receiver:
    """places: texts to look in, the nearest first. hands_in: whether anything is sent at all.

    beyond: texts in which only the address of a system is looked for.
    """
    near = places[:2]
    channels = tuple(dict.fromkeys(one for text in places[:3] for one in channels_in(text)))
    if not hands_in:
        return Receiver(_first(near)[0], channels=channels)
    unit, topic = _first(places)
    if not unit:
        texts = [*places, *beyond]
        sites = [found["unit"] for text in texts if (found := _SITE.search(text))]
        unit = sites[0] if sites else _issuer(header)
    if not topic:
        through = [found["topic"] for text in places if (found := _THROUGH.search(text))]
        people = [
            found[0] for text in places if _TAKES.search(text) and (found := _PERSON.search(text))
        ]
        topic = (through + people + [""])[0]
    return Receiver(unit.strip(), topic.strip(), channels)


# "để tổng hợp báo cáo Sở" says why, not to whom.
_PURPOSE = re.compile(r"\b[Đđ]ể (?!gửi|nộp|chuyển)[^,;.]{0,160}|\blưu tại [^,;.]{0,60}")
_TAKES = re.compile(r"(?:[Nn]hận|[Gg]ửi|[Ll]iên hệ|[Đđ]ầu mối|[Nn]ộp)\b")
_SENDS = re.compile(
    r"\b(?:[Gg]ửi|[Nn]ộp|[Bb]áo cáo|[Nn]hập|[Cc]ập nhật|[Nn]hận|[Tt]hu|[Cc]ung cấp)\b[^.]{0,100}$"
)
_NEAR = 4  # of the texts; from others a receiver is taken only where it follows a verb of sending


def _first(places: Sequence[str]) -> tuple[str, str]:
    """In the nearest text that names a receiver, the last one it names."""
    for place, written in enumerate(places):
        text = _PURPOSE.sub(lambda said: " " * len(said[0]), written)
        found = [
            one
            for one in _TO.finditer(text)
            if (place < _NEAR and not flat(one["unit"]).startswith("truong"))
            or _SENDS.search(text[max(0, one.start() - 110) : one.start() + 8])
        ]
        if found:
            last = found[-1]
            return last["unit"] + (last["upper"] or ""), last["topic"] or ""
    return "", ""


def _issuer(header: Header) -> str:
    """What names no receiver goes to who asks; by a circular, to the level above."""
    return "cấp trên" if header.kind in ("thông tư", "nghị định") else header.issuer


def channels_in(text: str) -> list[str]:
    return [found[0] for found in _CHANNEL.finditer(text)] + [
        found[0] for found in _MANNER.finditer(text)
    ]


@dataclass(frozen=True, slots=True)
class Audience:
    """levels: MN, TH, THCS and so on, empty for all. condition: those of them that are meant."""

    levels: tuple[str, ...] = ()
    condition: str = ""


_LEVELS = (
    ("MN", re.compile(r"\b(?:mn|mam non|mau giao|mg|gdmn)\b")),
    (
        "TH&THCS",
        re.compile(r"\bth ?& ?thcs\b|tieu hoc (?:va|&) (?:trung hoc co so|thcs)|lien cap"),
    ),
    ("TH", re.compile(r"\b(?:tieu hoc|th)\b(?! ?&)")),
    ("THCS", re.compile(r"(?<!& )(?<!&)\b(?:thcs|trung hoc co so)\b")),
    ("THPT", re.compile(r"\b(?:thpt|trung hoc pho thong)\b")),
)
_CONDITION = re.compile(
    r"(?:(?:các )?(?:đơn vị|trường|cơ sở)[^,;.]{0,30}? )(?P<c>(?:có tổ chức|còn lại|"
    r"chưa (?:nộp|báo cáo|gửi|thực hiện)|được (?:đánh giá|kiểm tra|công nhận|giao)|"
    r"nào (?:đã|chưa|có))[^,;.]{0,80}?)(?= (?:gửi|nộp|báo cáo|lập|hoàn thành|thực hiện|"
    r"đăng ký|khẩn trương|tiếp tục|phải)\b|[,;.]|$)"
)


def audience(text: str, header: Header) -> Audience:
    condition = _CONDITION.search(text)
    named = (
        _levels(text)
        or _levels(" ".join(header.addressees))
        or _levels(" ".join(header.receivers))
    )
    return Audience(named, condition["c"].strip() if condition else "")


def _levels(text: str) -> tuple[str, ...]:
    flatted = flat(text)
    return tuple(name for name, pattern in _LEVELS if pattern.search(flatted))
