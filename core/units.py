"""Kinds of units, and the sheet in which an office lists its own: columns, rows, faults."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.fold import fold
from core.message import Message, _


class UnitKind(StrEnum):
    OFFICE = "office"
    SCHOOL = "school"
    SITE = "site"
    OUTSIDE = "outside"


class Level(StrEnum):
    """Of teaching, in the office's own short words."""

    MN = "MN"
    TH = "TH"
    THCS = "THCS"


COLUMNS = ("Mã", "Tên", "Loại", "Cấp", "Cụm", "Xã/phường", "Công lập", "Cấp trên")
NEEDED = COLUMNS[:3]
KINDS: Mapping[str, UnitKind] = {
    "Phòng": UnitKind.OFFICE,
    "Trường": UnitKind.SCHOOL,
    "Điểm trường": UnitKind.SITE,
    "Đơn vị ngoài": UnitKind.OUTSIDE,
}
YES, NO = "Có", "Không"
LONGEST_NAME = 120  # characters; a longer one fits no button and no line of a phone
CODE_FORM = r"[A-Z0-9][A-Z0-9_-]{1,19}"
_KINDS = {fold(word): kind for word, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One good row. row: its number in the sheet, from 1. parent: a code, "" for none."""

    row: int
    code: str
    name: str
    kind: UnitKind
    levels: tuple[str, ...]
    cluster: str
    ward: str
    public: bool
    parent: str


@dataclass(frozen=True, slots=True)
class Checked:
    """rows: good ones, which may be taken in only where there are no faults.

    columns: those of `COLUMNS` that the sheet has; what it has not, it says nothing of.
    """

    rows: list[UnitRow]
    faults: list[Message]
    columns: frozenset[str] = frozenset()


def cells(unit: dict[str, Any]) -> list[str]:
    """A row of the sheet. unit: its fields by the names of `UnitRow`; some may be left out."""
    kinds = {kind: word for word, kind in KINDS.items()}
    return [
        unit["code"],
        unit["name"],
        kinds[UnitKind(unit["kind"])],
        ", ".join(unit.get("levels", [])),
        unit.get("cluster", ""),
        unit.get("ward", ""),
        YES if unit.get("public", True) else NO,
        unit.get("parent", ""),
    ]


def check(sheet: Sequence[Sequence[str]], known: Mapping[str, str]) -> Checked:
    """Read a sheet whose first row names the columns.

    known: units there are already, each code with that of the unit above it, "" for none.
    """
    if not sheet or (missing := _missing_columns(sheet[0])):
        names = ", ".join(missing if sheet else NEEDED)
        return Checked([], [_("The first row must name these columns: {names}.", names=names)])
    columns = _columns(sheet[0])
    rows: dict[str, UnitRow] = {}
    faults: list[Message] = []
    for number, cells in _filled(sheet):
        row = _row(number, cells)
        wrong = list(_faults(row, cells, rows))
        faults += [_("Row {row}: {fault}", row=number, fault=fault) for fault in wrong]
        rows.setdefault(row.code, row)
    if not rows:
        faults.append(_("The sheet has no rows below its first."))
    faults += _parent_faults(rows, known)
    return Checked(list(rows.values()), faults, columns)


def _columns(header: Sequence[str]) -> frozenset[str]:
    given = {fold(name) for name in header}
    return frozenset(name for name in COLUMNS if fold(name) in given)


def _missing_columns(header: Sequence[str]) -> list[str]:
    return [name for name in NEEDED if name not in _columns(header)]


def _filled(sheet: Sequence[Sequence[str]]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with something in them, as cells by the folded name of their column."""
    header = [fold(name) for name in sheet[0]]
    for number, row in enumerate(sheet[1:], start=2):
        cells = list(map(_tidy, row))
        if any(cells):
            yield number, dict(zip(header, cells, strict=False))


def _tidy(cell: str) -> str:
    """One line in NFC, without unseen letters."""
    seen = "".join(c for c in cell if c.isspace() or unicodedata.category(c)[0] != "C")
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def _row(number: int, cells: Mapping[str, str]) -> UnitRow:
    code, name, kind, levels, cluster, ward, public, parent = (
        cells.get(fold(column), "") for column in COLUMNS
    )
    return UnitRow(
        number,
        code.upper(),
        name,
        _KINDS.get(fold(kind), UnitKind.SCHOOL),
        tuple(part for part in re.split(r"[,;/&\s]+", levels.upper()) if part),
        cluster,
        ward,
        fold(public) != fold(NO),
        parent.upper(),
    )


def _faults(row: UnitRow, cells: Mapping[str, str], earlier: Collection[str]) -> Iterator[Message]:
    if not re.fullmatch(CODE_FORM, row.code):
        yield _("the code “{code}” must be 2 to 20 of A–Z, 0–9, - and _", code=row.code)
    elif row.code in earlier:
        yield _("the code {code} stands twice", code=row.code)
    if not 0 < len(row.name) <= LONGEST_NAME:
        yield _("the name must have 1 to {most} characters", most=LONGEST_NAME)
    if max(len(row.cluster), len(row.ward)) > LONGEST_NAME:
        yield _("cluster and ward must have at most {most} characters", most=LONGEST_NAME)
    yield from _unknown_words(row, cells)


def _unknown_words(row: UnitRow, cells: Mapping[str, str]) -> Iterator[Message]:
    if fold(cells.get(fold("Loại"), "")) not in _KINDS:
        yield _("the kind must be one of: {kinds}", kinds=", ".join(KINDS))
    yield from _level_faults(row)
    if fold(cells.get(fold("Công lập"), "")) not in ("", fold(YES), fold(NO)):
        yield _("the column Công lập takes Có or Không")


def _level_faults(row: UnitRow) -> Iterator[Message]:
    if wrong := [level for level in row.levels if level not in list(Level)]:
        yield _("unknown level {level}; it must be MN, TH or THCS", level=wrong[0])
    elif row.kind is UnitKind.SCHOOL and not row.levels:
        yield _("a school needs its levels (MN, TH, THCS)")


def _parent_faults(rows: Mapping[str, UnitRow], known: Mapping[str, str]) -> Iterator[Message]:
    parents = {**known, **{code: row.parent for code, row in rows.items()}}
    for row in rows.values():
        if row.parent and row.parent not in parents:
            fault = _("there is no unit {code} to stand above it", code=row.parent)
            yield _("Row {row}: {fault}", row=row.row, fault=fault)
        elif _in_a_circle(row.code, parents):
            fault = _("the units above it lead back to itself")
            yield _("Row {row}: {fault}", row=row.row, fault=fault)


def _in_a_circle(code: str, parents: Mapping[str, str]) -> bool:
    above, seen = parents[code], set[str]()
    while above and above in parents and above not in seen:
        if above == code:
            return True
        seen.add(above)
        above = parents[above]
    return False
