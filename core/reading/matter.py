"""What is asked for: its kind, its name, the things to hand in, and the form to use."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.reading.letters import flat
from core.reading.structure import CELLS


class Kind(StrEnum):
    REPORT = "report"
    PLAN = "plan"
    LIST = "list"
    REGISTRATION = "registration"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Matter:
    """name: what the duty is called. deliverables: what is handed in, in its words. form: the
    words that name one. fields: what has to be in it.
    """

    name: str
    kind: Kind
    deliverables: tuple[str, ...] = ()
    form: str = ""
    fields: tuple[str, ...] = ()


_KINDS = (
    (
        Kind.PLAN,
        re.compile(
            r"\b(?:gui|nop|xay dung|ban hanh|bao cao|trinh|lap|va|"
            r"dang ky) (?:[a-z]+ ){0,2}?(?<!phong )ke hoach\b(?! cua)(?! -)"
        ),
    ),
    (Kind.LIST, re.compile(r"\b(?:danh sach|gioi thieu \d+|de cu|van ban phan cong|cu \d+ )\b")),
    (Kind.REGISTRATION, re.compile(r"\b(?:dang ky|nhan (?:don|ho so)|ho so du)\b")),
    (Kind.REPORT, re.compile(r"\b(?:bao cao|thong ke|so lieu|so ket|tong ket)\b(?! vien)")),
)


def kind(segment: str, sentence: str) -> Kind:
    """By its own part of the sentence, else by the whole."""
    for text in (flat(segment), flat(sentence)):
        for name, pattern in _KINDS:
            if pattern.search(text):
                return name
    return Kind.OTHER


_THING = re.compile(
    r"\b(?:báo cáo(?! về| cho| lên| đến| gửi| kịp| nhanh về)|kế hoạch|danh sách|hồ sơ|"
    r"biên bản|văn bản|công văn (?!này)|bản cam kết|đăng ký|số liệu|tin, bài|bài viết|"
    r"bài dự thi|sản phẩm|phiếu|minh chứng|dự toán|quyết toán|đề án|phương án|biểu mẫu|"
    r"dữ liệu)\b",
    re.IGNORECASE,
)
_SENT = re.compile(r"\b(?:[Gg]ửi|[Nn]ộp|[Ll]ập|[Tt]rình) ")
_THING_ENDS = re.compile(
    r" (?:xong |không quá |về (?=[Pp]hòng|[Ss]ở|[Bb]ộ|UBND|[Vv]ụ|[Vv]ăn phòng|Ban|BTC)|"
    r"trước |chậm nhất|muộn nhất|gửi |nộp |đến (?:hết |ngày|phòng|Phòng|Sở)|là |từ ngày|"
    r"hạn |theo mẫu|cho |lên |bằng |gồm\b|bao gồm\b)|[;:.(|]|, (?:gửi|nộp|thời)"
)
_LABEL = re.compile(r"^[-+•* ]*(?P<label>[^:;.]{4,60}): ?")
_LONGEST = 160  # characters of a name
_AND = re.compile(
    r" (?:và|,) (?=(?:kế hoạch|báo cáo|danh sách|biểu mẫu|biên bản|hồ sơ|phiếu)\b)", re.IGNORECASE
)


def things(segment: str) -> list[str]:
    """What is handed in; "kế hoạch giai đoạn … và kế hoạch năm …" are two."""
    sent = _SENT.search(segment)
    found = _THING.search(segment, sent.end() if sent else 0) or _THING.search(segment)
    if found is None:
        return []
    ends = _THING_ENDS.search(segment, found.end())
    words = segment[found.start() : ends.start() if ends else len(segment)]
    return [piece.strip(" ,-")[:_LONGEST] for piece in _AND.split(words) if piece.strip(" ,-")]


def what(segment: str, ahead: str, title: str) -> str:
    """A name for the duty; with the title of the document where its own words are few."""
    label = _LABEL.match(segment)
    named = " và ".join(things(segment) or things(ahead))
    labelled = label and len(label["label"]) > len(named) and not _ACTOR.match(flat(segment))
    words = label["label"] if label and labelled else named
    words = words or max(segment.split(CELLS), key=len)
    words = words[:_LONGEST].strip(" ,;.-–")
    about = _ABOUT.sub("", title)
    if about and len(words.split()) < 6 and flat(about)[:30] not in flat(words):
        return f"{words} – {about[:_LONGEST]}"
    return words[:1].upper() + words[1:]


_ACTOR = re.compile(
    r"(?:\d[.)] )?(?:doi voi|cac truong|phong|so|ubnd|truong|nha truong|hieu truong)\b"
)
_ABOUT = re.compile(r"^(?:V/v|Về việc|v/v)[:.]? ?")
_FORM = re.compile(
    r"\b(?:theo )?(?:các )?(?:mẫu|biểu mẫu|phụ lục|"
    r"đề cương)(?: [^\s,;.()]+){0,3}? ?(?:gửi kèm|đính kèm|kèm theo|số \d+|[IVX]+\b|"
    r"\d+\b)|\btheo mẫu\b|\bMẫu [^.;]{2,40}đính kèm",
    re.IGNORECASE,
)
_FIELDS = re.compile(
    r"\b(?:gồm|bao gồm)(?: các)?(?: thông tin| nội dung| mục| cột)?:? (?P<list>[^.;:]{8,300})"
)
ASKS_DETAILS = re.compile(r"\b(?:thong tin|so lieu|noi dung|muc|cot) (?:sau|nhu sau|duoi day)")
_FIELDS_END = re.compile(r" (?:gửi|nộp|về|trước|chậm nhất|theo)\b")
_SUM = re.compile(r"\(\d\) ?= ?\(\d\)(?: ?\+ ?\(\d\)){1,8}")
_BLANK = re.compile(r"^(?P<label>[^:.…_]{3,60}):? ?(?:\.{4,}|…{2,}|_{4,})")


def form(texts: Sequence[str]) -> str:
    return next((found[0] for text in texts if (found := _FORM.search(text))), "")


def fields(texts: Sequence[str]) -> list[str]:
    """A list inside a sentence, and the sums that the columns of a table have to keep."""
    made: list[str] = []
    for text in texts:
        listed = _FIELDS.search(text)
        if listed:
            words = _FIELDS_END.split(listed["list"])[0]
            made += [one.strip() for one in re.split(r",|;| và (?!tên)", words) if one.strip()]
        made += [found[0] for found in _SUM.finditer(text)]
    return list(dict.fromkeys(made)) if len(made) > 1 or made[:1] != [] else []


def blanks(annexes: Sequence[str]) -> list[str]:
    """The labels of an attached form, where dots stand for what is to be filled in."""
    found = [label["label"].strip(" -–:") for line in annexes if (label := _BLANK.match(line))]
    return list(dict.fromkeys(found))
