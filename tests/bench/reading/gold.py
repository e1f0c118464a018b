"""Marked documents, and how far a reading of one agrees with its marks.

A folder holds `<name>.txt` beside `<name>.gold.json`: `readable`, `header`, `duties` (`phrase`,
`who`, `recipient`, `deadline`, `op`), `events`, and for plans `activities` and `objectives`.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from core.fold import fold

Json = dict[str, Any]


@dataclass(frozen=True)
class Document:
    name: str
    text: str
    gold: Json


def documents(folder: Path) -> list[Document]:
    return [
        Document(path.stem.removesuffix(".gold"), _text(path), json.loads(path.read_text()))
        for path in sorted(folder.glob("*.gold.json"))
    ]


def _text(path: Path) -> str:
    return path.with_name(path.name.replace(".gold.json", ".txt")).read_text()


@dataclass
class Count:
    right: int = 0
    of: int = 0

    def add(self, right: bool) -> None:
        self.right += right
        self.of += 1

    @property
    def share(self) -> float:
        return self.right / self.of if self.of else 1.0


MEASURES = ("recall", "precision", "deadline and operator", "owner", "receiver", "header")


@dataclass
class Score:
    counts: dict[str, Count] = field(default_factory=lambda: {name: Count() for name in MEASURES})
    misses: list[str] = field(default_factory=list)
    left_out: int = 0  # fields of heads that the text does not hold

    def add(self, measure: str, right: bool, miss: str) -> None:
        self.counts[measure].add(right)
        if not right:
            self.misses.append(f"{measure}: {miss}")


def score(document: Document, found: Json) -> Score:
    """found: in the shape that `phongbot read` prints."""
    made = Score()
    if not document.gold.get("readable", True):
        made.add("precision", not found["readable"], "it was read though its text is broken")
        return made
    _score_duties(made, document, found["duties"])
    _score_header(made, document, found["header"])
    return made


# Duties


def _score_duties(made: Score, document: Document, found: Sequence[Json]) -> None:
    gold = document.gold["duties"]
    pairs = _pairs(document.text, gold, found)
    matched = {id(one) for _duty, one in pairs}
    before: set[str] = set()
    for duty in gold:
        one = next((other for it, other in pairs if it is duty), None)
        whose = owners(duty["who"]) or before
        before = whose
        if duty.get("optional"):
            continue
        made.add("recall", one is not None, duty["phrase"][:90])
        if one is not None:
            _score_fields(made, duty, one, whose)
    for one in found:
        expected = id(one) in matched or _is_office_draft(document.gold, one)
        made.add("precision", expected, f"no duty: {one['phrase'][:90]}")


def _score_fields(made: Score, duty: Json, one: Json, whose: set[str]) -> None:
    wanted, got = (normal(duty["deadline"]), duty["op"]), (one["deadline"], one["op"])
    made.add("deadline and operator", wanted == got, f"{got} instead of {wanted}")
    made.add("owner", one["who"] in whose, f"{one['who']} instead of {duty['who']}")
    units = receivers(duty["recipient"])
    same = bool(units & receivers(one["recipient"] or "")) or not (units or one["recipient"])
    made.add("receiver", same, f"{one['recipient']} instead of {duty['recipient']}")


def normal(deadline: str) -> str | None:
    return None if deadline.startswith("undated") else deadline


def _is_office_draft(gold: Json, one: Json) -> bool:
    """A plan's marks list what the office itself has to do apart from its duties of schools."""
    ideal = [draft for draft in gold.get("ideal_drafts", []) if draft["draft"] == "office"]
    return bool(ideal) and one["who"] == "office"


def _pairs(text: str, gold: Sequence[Json], found: Sequence[Json]) -> list[tuple[Json, Json]]:
    """Every marked duty with the finding whose phrase overlaps it most."""
    squeezed = squeeze(text)
    pairs = []
    for duty in gold:
        spans = list(_spans(squeezed, duty["phrase"]))
        scored = [
            ((normal(duty["deadline"]) == one["deadline"]), _overlap(spans, squeezed, one), number)
            for number, one in enumerate(found)
        ]
        best = max((item for item in scored if item[1] > 0), default=None)
        if best:
            pairs.append((duty, found[best[2]]))
    return pairs


def _overlap(spans: Sequence[tuple[int, int]], squeezed: str, one: Json) -> int:
    others = [
        span for phrase in (one["phrase"], *one["also"]) for span in _spans(squeezed, phrase)
    ]
    return max((min(b, d) - max(a, c) for a, b in spans for c, d in others), default=0)


def squeeze(text: str) -> str:
    """Letters and digits alone: page numbers, line ends and spelling of marks do not count."""
    return re.sub(r"[^a-z0-9]", "", fold(unicodedata.normalize("NFC", text).replace("ƣ", "ư")))


def _spans(squeezed: str, phrase: str) -> Iterator[tuple[int, int]]:
    wanted = squeeze(phrase)
    head, tail = wanted[:30], wanted[-30:]
    at = squeezed.find(head)
    while at >= 0:
        end = squeezed.find(tail, at)
        yield at, (end + len(tail) if 0 <= end - at <= 2 * len(wanted) else at + len(wanted))
        at = squeezed.find(head, at + 1)


_OWNERS = (
    (
        "other",
        r"\bso gd|\bcac so\b|^so\b|\bso,|ubnd|hoi dong thi|phu huynh|dai hoc|gddh|dia phuong",
    ),
    ("office", r"phong gd|phong\b(?! van hoa)"),
    (
        "school",
        r"truong|don vi(?!, dia)|co so (?:gdmn|giao duc|da)|gdmn|hieu truong|giao vien|\bgv\b",
    ),
)


def owners(who: str) -> set[str]:
    return {name for name, words in _OWNERS if re.search(words, fold(who))}


_UNITS = {
    "phong noi vu": r"phong noi vu", "phong gd": r"phong (?:gd|giao duc)|\bphong\b",
    "so gd": r"\bso(?: gd| giao duc|$| \()", "so khac": r"\bso (?:noi vu|thong tin)",
    "bo": r"\bbo(?: gd| giao duc|$)", "ubnd": r"ubnd|uy ban nhan dan", "btc": r"btc|ban to chuc",
    "he thong": r"he thong|csdl|moet|quanly", "cap tren": r"cap tren",
    "truong": r"truong (?:th|mn)",
}  # fmt: skip


def receivers(recipient: str) -> set[str]:
    words = fold(recipient)
    return {name for name, pattern in _UNITS.items() if re.search(pattern, words)}


# Heads

_FIELDS = (
    "so", "ky_hieu", "loai", "co_quan_chu_quan", "co_quan", "noi", "ngay_ban_hanh", "trich_yeu",
    "kinh_gui", "chuc_vu", "can_cu",
)  # fmt: skip
ALIKE = 80  # of 100, after abbreviations are written out
HELD = 0.8  # share of the words of a value that the text has to hold
_SHORT = (
    (r"\bgd ?[&-]? ?dt\b", "giao duc va dao tao"),
    (r"\bubnd\b|\buy ban nhan dan\b", "ubnd"), (r"\bmn\b", "mam non"), (r"\bth\b", "tieu hoc"),
    (r"\bthcs\b", "trung hoc co so"), (r"\bthpt\b", "trung hoc pho thong"),
    (r"\btt&tt\b", "thong tin va truyen thong"),
    (r"\bpcgdmn\b", "pho cap giao duc mam non"), (r"[^a-z0-9]+", " "),
)  # fmt: skip


def _score_header(made: Score, document: Document, found: Json) -> None:
    gold = document.gold["header"]
    for name in _FIELDS:
        wanted = _wanted(gold.get(name))
        if name == "ngay_ban_hanh" and "(" in str(gold.get(name)):
            wanted = ""  # the day of a page, or a guess
        if not wanted:
            continue
        if not _is_held(name, wanted, document.text):
            made.left_out += 1
            continue
        made.add(
            "header",
            _agrees(name, gold[name], found[name]),
            f"{name}: {found[name]}, not {wanted}",
        )


def _wanted(value: Any) -> str:
    """Without what the marks say about the value, as in "(page date)"."""
    if isinstance(value, list):
        return "; ".join(_number(item) if isinstance(item, dict) else item for item in value)
    return re.sub(r" \([^)]*\)?", "", str(value)) if value else ""


def _number(ground: Json) -> str:
    return str(ground.get("so") or ground["so_ky_hieu"])


def plain(text: str) -> str:
    words = fold(text)
    for pattern, full in _SHORT:
        words = re.sub(pattern, full, words)
    return words.strip()


def _is_held(name: str, wanted: str, text: str) -> bool:
    """Marks also hold what was known from elsewhere; that cannot be read."""
    if name == "ngay_ban_hanh":
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", wanted):
            return False
        _year, month, day = (int(part) for part in wanted.split("-"))
        return bool(
            re.search(
                rf"\b0?{day}\b.{{0,30}}\b0?{month}\b|\b0?{day} +0?{month}\b", text, re.DOTALL
            )
        )
    if name == "so":
        return bool(re.search(rf"(?<!\d){wanted}(?!\d)", text))
    if name == "loai":
        return plain(wanted) in plain(text) or plain(wanted) == "cong van" or wanted == "tin"
    words = plain(wanted).split()
    have = set(plain(text).split())
    return sum(word in have for word in words) >= HELD * len(words)


def _agrees(name: str, gold: Any, found: Any) -> bool:
    if name == "can_cu":
        have = {(one["so"], one["ngay"]) for one in found or []}
        return {(_number(one), one["ngay"]) for one in gold} <= have
    wanted, got = plain(_wanted(gold)), plain(_wanted(found))
    if name in ("so", "ngay_ban_hanh"):
        return wanted == got
    return bool(got) and (fuzz.token_set_ratio(wanted, got) >= ALIKE or wanted in got)
