"""What a moment in a sentence is: a deadline, an event, or one of the many that are neither."""

import re
from dataclasses import dataclass
from enum import StrEnum

from core.reading.cited import cited
from core.reading.letters import flat
from core.reading.moments import Every, Moment, Op, Tie, Unit
from core.reading.structure import CELLS


class Use(StrEnum):
    DUTY = "duty"
    EVENT = "event"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Judged:
    """rule: the name of what decided."""

    use: Use
    rule: str


SUBMIT = re.compile(
    r"\b(?:gui|nop|dang ky|lap danh sach|cung cap|trinh|chuyen ve|chuyen den|de xuat|"
    r"de cu|gioi thieu|nhap (?:so lieu|du lieu|lieu)|"
    r"cap nhat|ke khai|bao cao(?! vien)|tong hop|goi (?:ve|cho|qua|den)|phan hoi|gop y|"
    r"thong ke|tra loi|nhan (?:ho so|bai|dang ky|bao cao|du thi|san pham|tac pham)|"
    r"thu (?:ho so|bai)|tham muu|lap bao cao)\b"
)
ACT = re.compile(
    r"\b(?:hoan thanh|hoan thien|hoan tat|thuc hien|xay dung|ban hanh|cong bo|to chuc|"
    r"ra soat|trien khai|thu nop|kiem tra|tham gia|xong|bo sung|"
    r"khac phuc|phe duyet|tham dinh|niem yet|cong khai|thanh lap|kien toan|phan cong|"
    r"tu danh gia|danh gia|so ket|tong ket|mua sam|quyet toan|thanh toan|chuan bi|cu |"
    r"phat dong|binh chon|xet|ket thuc|"
    r"bo tri|cai dat|lap|ky cam ket|tuyen truyen|thong bao|nhap|tiep nhan|ban giao|"
    r"nghiem thu|soan|thu)\b"
)
_NAMED_COLUMN = re.compile(
    r"\b(?:thoi han|han nop|ngay nop|han hoan thanh|thoi gian (?:nop|gui|bao cao|"
    r"hoan thanh))\b[^:]*\|"
    r"|\|[^:]*\b(?:thoi han|han nop|ngay nop|han hoan thanh|thoi gian (?:nop|gui|bao cao|"
    r"hoan thanh))\b"
)
_NAMED_TIME = re.compile(
    r"(?:thoi gian|lich|han|thoi han) (?:nop|gui|goi|bao cao|dang ky|hoan thanh)\b[^:]{0,40}:"
)
_LABEL = re.compile(
    r"\b(?:thoi han|han|han nop|thoi gian (?:nop|gui|nhan|bao cao|hoan thanh|dang ky)|"
    r"lich (?:nop|nhan)|tien do)\b"
)
_CONDITION = re.compile(
    r"\b(?:nao (?:da|chua|con|khong|co)|neu (?:da|chua)|sinh (?:tu |truoc|trong|ngay)|"
    r"(?:ai|nguoi|ho so|don vi|truong|co so) da (?:[a-z]+ ){0,8}?$)|"
    r"\b(?:da|duoc) (?:ban hanh|ky|tuyen dung|bo nhiem|cong nhan|cap|giao ket|nhap hoc|"
    r"tot nghiep) $|"
    r"\b(?:tuyen dung|vao nganh|co hieu luc|phat sinh|cu tru|"
    r"(?<!hoc )(?<!tuyen )(?<!thi )(?<!ve )sinh) $"
)
_THEN = re.compile(r"^,? ?(?:thi|duoc|khong (?:phai|thuoc|duoc|tinh))\b")
_PAST = re.compile(
    r"\b(?:truoc do|vua qua|da (?:gui|nop|co|trien khai|ban hanh|to chuc|chuyen|goi|"
    r"bao cao|thong bao))\b"
)
_CUT_OFF = re.compile(
    r"\b(?:tinh(?: den| tu| toi)?|thoi diem(?: bao cao| thong ke| chot|"
    r" lay so lieu)?(?: la)?|chot(?: so lieu| danh sach)?(?: [a-z]+){0,5}? (?:den|tai|"
    r"vao)|(?:so lieu|du lieu)(?: [a-z]+){0,6}? (?:tinh )?(?:den|tai)|"
    r"lay so lieu)(?: den)?(?: het)?(?: thoi diem)?(?: ngay)?[ :]*$"
)
_STATUS = re.compile(r"^.{0,25}\b(?:van|con|nhieu|chua|moi co|co \d|da co|chi co|hien)\b")
_EFFECT = re.compile(r"\b(?:hieu luc|ap dung|thi hanh)(?: thi hanh)?(?: ke)?(?: tu)?[ :]*$")
_OBJECTIVE = re.compile(r"\b(?:muc tieu|chi tieu|phan dau)\b")
_LAW = re.compile(r"\b(?:luat|nghi quyet|hien phap|phap lenh|nq/tw)\b[^;]{0,80}$")
_LUNAR = re.compile(r"\b(?:am lich|tuc(?: la)? ngay)\b")
_REMEMBERED = re.compile(
    r"\b(?:ky niem|chao mung|ngay nha giao|dip le|dip|thanh lap doan|quoc khanh|nhan ngay|"
    r"ngay hoi|huong ung)\b[^;,.]{0,40}$"
)
_REST = re.compile(r"\b(?:nghi|hoc bu|di hoc tro lai|duoc nghi)\b")
_EVENT = re.compile(
    r"\b(?:to chuc|dien ra|bat dau|khai mac|hoi nghi|hop|tap huan|thi\b|hoi thi|vong thi|"
    r"cuoc thi|khao sat|nghi|le |cong bo|thoi gian|ket noi|kiem tra|boi duong|tham du|"
    r"co mat|trien khai|"
    r"so ket|tong ket|giao luu|toa dam|cham|xet|phat dong|lich|bu\b|thu duong truyen|"
    r"hoat dong|trien lam|hoi thao)"
)
_RECEIVE = re.compile(
    r"\b(?:nop|gui|goi|nhan (?:ho so|bai|dang ky|bao cao|don|san pham|tac pham)|dang ky|"
    r"thu (?:ho so|bai)|bao cao|cap nhat|nhap|hoan thanh|tiep nhan ho so|du thi|gia han|"
    r"lui|han|thoi han|ke khai|gop y|binh chon|xong)\b"
)
_SENT_ON = re.compile(
    r"\b(?:gui|nop|goi|chuyen|bao cao)\b[^;.]{0,90}\b(?:ve|den|len|cho|tai|qua|truc tiep|"
    r"bai|ho so|danh sach|bao cao)\b[^;.]{0,90}?(?:vao|trong)? ?$"
)
_DONE_IN = re.compile(r"\b(?:xong|hoan thanh|bao cao|nop|gui|hoan tat|ket thuc)\b")


def judge(moment: Moment, sentence: str, segment: str, context: str) -> Judged:
    """segment: the part of the sentence that the moment belongs to. context: headings above it."""
    flatted = flat(sentence)
    before = flatted[: moment.start]
    guard = _guard(moment, sentence, flatted, before, flat(context))
    if guard:
        return Judged(Use.NOTHING, guard)
    part = flat(segment)
    if moment.tie is Tie.LIMIT and moment.op in (Op.BEFORE, Op.BY):
        return _limited(moment, part, flatted, flat(context))
    if moment.tie in (Tie.LIMIT, Tie.UNTIL):
        return _until(moment, part, flat(context))
    return _on(moment, part, flatted, flat(context))


_PLENTY = 200  # characters before a date that are looked at


def _guard(moment: Moment, sentence: str, flatted: str, before: str, context: str) -> str:
    """The rule by which a date is no deadline, "" for none."""
    near = before[-_PLENTY:]
    after = flatted[moment.end : moment.end + 40]
    if any(one.start <= moment.start < one.end + 2 for one in cited(sentence)):
        return "cited"
    if _REVIEWS.match(flatted) or _REVIEWS.match(context):
        return "review"
    if _OBJECTIVE.search(context) and not SUBMIT.search(near):
        return "objective"
    return _used_otherwise(moment, near, after) or _named_day(moment, flatted, near)


def _used_otherwise(moment: Moment, near: str, after: str) -> str:
    """By the words right around the date."""
    until = moment.tie is Tie.UNTIL
    if _CUT_OFF.search(near) or (until and _CUT_OFF.search(near + " den ")):
        return "cut-off"
    limits = moment.tie is Tie.LIMIT and moment.op is not Op.WINDOW
    if limits and (_CONDITION.search(near) or _THEN.match(after)):
        return "condition"
    if _EFFECT.search(near):
        return "effect"
    return "status" if until and _STATUS.match(after) else ""


_REVIEWS = re.compile(
    r"^(?:[a-z]*[0-9.)]* ?)?(?:uu diem|han che|ton tai|ket qua dat duoc|nhung mat|nguyen nhan)\b"
)


def _named_day(moment: Moment, flatted: str, near: str) -> str:
    if moment.tie is not Tie.ON:
        return ""
    if flatted.startswith("can cu") or _LAW.search(near):
        return "cited"
    if _REMEMBERED.search(near):
        return "commemoration"
    return "lunar" if not _EVENT.search(flatted) and _LUNAR.search(flatted) else ""


def _limited(moment: Moment, part: str, flatted: str, context: str) -> Judged:
    """Before or by a day: something has to be done."""
    if _LABEL.search(part) or moment.label in ("hạn", "thời gian nộp"):
        return Judged(Use.DUTY, "label")
    for name, text in (("in its part", part), ("in its sentence", flatted), ("above it", context)):
        if SUBMIT.search(text) or ACT.search(text):
            return Judged(Use.DUTY, f"verb {name}")
    return Judged(Use.NOTHING, "no verb")


def _until(moment: Moment, part: str, context: str) -> Judged:
    """From or until a day: handing in, or something that lasts."""
    if moment.unit in (Unit.MONTH, Unit.QUARTER):
        use = Use.DUTY if _DONE_IN.search(part) and moment.op is not Op.WINDOW else Use.EVENT
        return Judged(use, "within a month")
    if not _REST.search(part) and (_RECEIVE.search(part) or _LABEL.search(context)):
        return Judged(Use.DUTY, "receiving")
    lasts = moment.first or (moment.label == "trong" and _EVENT.search(part))
    return Judged(Use.EVENT if lasts else Use.NOTHING, "lasts")


def _on(moment: Moment, part: str, sentence: str, context: str) -> Judged:
    before = sentence[: moment.start]
    on_day = moment.unit is Unit.DAY and moment.tie is Tie.ON
    if on_day and _NAMED_TIME.match(sentence):
        return Judged(Use.DUTY, "label")
    if on_day and CELLS in sentence and _NAMED_COLUMN.search(context):
        return Judged(Use.DUTY, "column")
    if moment.every is not Every.ONCE and SUBMIT.search(part):
        return Judged(Use.DUTY, "recurring")
    sent = moment.tie is Tie.ON and moment.unit is Unit.DAY and _SENT_ON.search(before[-_PLENTY:])
    if sent and not _PAST.search(part):
        return Judged(Use.DUTY, "sent on")
    happens = _EVENT.search(part) and not _PAST.search(part)
    return Judged(Use.EVENT if happens else Use.NOTHING, "on a day")


# Without any date: a demand is one only if it says what to hand in, and to whom or when at last.

_DEMAND = re.compile(
    r"\b(?:de nghi|yeu cau|giao(?! (?:duc|vien|an|trinh|thong))|nhac nho|nhac|"
    r"(?<!ban )chi dao)(?: [a-z,]+){0,3}? (?:cac|moi|"
    r"tat ca|truong|nha truong|hieu truong|thu truong|don vi|so|phong|co so|ubnd|dong chi|"
    r"thay co|giam doc)\b"
)
_WAITING = re.compile(
    r"\b(?:theo (?:dung )?(?:quy|qui) dinh|theo (?:ke hoach|huong dan|thong bao|lich|"
    r"chi dao) cua|trong thoi gian som nhat|som nhat|khi co yeu cau|"
    r"dung (?:thoi gian|thoi han|han)|hang nam|moi nam|dinh ky|tung nam|"
    r"hang thang|hang quy)\b"
)
ON_DEMAND = re.compile(
    r"\b(?:trong thoi gian som nhat|som nhat|khi co yeu cau|dot xuat|ngay khi)\b"
)
_HAND_IN = re.compile(
    r"\b(?:bao cao (?:ket qua|ve|so lieu|tinh hinh|nhanh|so|ubnd|bo|phong|uy ban)|"
    r"gui (?:bao cao|ke hoach|danh sach|ve|san pham|ho so)|nop (?:bao cao|ke hoach|"
    r"danh sach|ve|ho so)|"
    r"lap danh sach|gioi thieu \d+|de cu \d+|dang ky (?:ve|voi|tham gia)|noi dung bao cao|"
    r"gui [a-z ]{2,40} ve|(?:co|ky|lap|gui)(?: ban)? cam ket (?:voi|gui))\b"
)
# On letters without marks, Sở is also số and Phòng is phong, so what follows has to fit.
_RECEIVER = re.compile(
    r"\b(?:ve|cho|len|den|qua|voi|bao cao) (?:[a-z]+ ){0,2}?(?:phong (?:gd(?:dt)?|giao duc|"
    r"noi vu|van hoa)|"
    r"so (?:gd(?:dt)?|giao duc|noi vu|van hoa)|bo (?:gd(?:dt)?|giao duc)|(?:phong|so|"
    r"bo)(?= ?[,.;(]| theo|$)|"
    r"ubnd|uy ban|cap tren|co quan quan ly|ban to chuc|btc|van phong|he thong)\b"
)
_NOT_ASKED = re.compile(
    r"\b(?:(?:neu|khi) (?:co(?! yeu cau)|gap|phat sinh|phat hien|xay ra|de xay ra)|"
    r"che do (?:thong tin )?bao cao|khong (?:doc|nop|gui|"
    r"yeu cau)|tham muu|bao cao vien|tong hop de bao cao|trong bao cao)\b"
)


def waiting_words(sentence: str) -> str:
    """What stands instead of a day, as in "theo quy định"; "" for nothing."""
    found = _WAITING.search(flat(sentence))
    return sentence[found.start() : found.end()] if found else ""


def is_undated_demand(sentence: str) -> str:
    """The rule by which a sentence without a date asks for something; "" for none."""
    flatted = flat(sentence)
    if _NOT_ASKED.search(flatted) or _PAST.search(flatted) or not _HAND_IN.search(flatted):
        return ""
    if _RECEIVER.search(flatted) and _WAITING.search(flatted):
        return "waiting"
    asked = _DEMAND.search(flatted)
    return "demand" if asked and _HAND_IN.search(flatted, asked.end()) else ""


_ON_CONDITION = re.compile(
    r"\b(?:co so|don vi|truong|nha truong|phong|xa|phuong)(?: [a-z]+){0,3} nao (?:da|chua|"
    r"con|co)\b.{5,160}?\b(?:phai|thi phai|de nghi|yeu cau)\b.{0,60}?"
    r"\b(?:cap nhat|bao cao|gui|nop|bo sung|lap|hoan thanh)\b"
)


def is_conditional_demand(sentence: str) -> bool:
    """ "Đơn vị nào đã … phải cập nhật lại": for those alone."""
    return bool(_ON_CONDITION.search(flat(sentence)))


_REMINDS = re.compile(
    r"\b(?:tuy nhien|den nay|cho den nay|den ngay [\d/ -]{3,12}|"
    r"hien nay)\b.{0,60}\b(?:chua|van con|con (?:mot so|nhieu))\b|\bnhac (?:nho|lan)"
)


def looks_back(sentence: str, rest: str) -> bool:
    """Whether what follows says that it was not done: the deadline has passed."""
    return bool(_REMINDS.search(flat(rest[:200]))) or bool(_REMINDS.match(flat(sentence)))


_EXTENDS = re.compile(
    r"\b(?:lui|gia han|keo dai|dieu chinh)(?: lan (?:thu )?[a-z0-9]+)? (?:thoi (?:gian|han)|han)\b"
)


def extends(sentence: str) -> bool:
    return bool(_EXTENDS.search(flat(sentence)))
