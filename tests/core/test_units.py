"""A sheet of units is read as people write it, and every bad row is named."""

import unicodedata

import pytest

from core.message import Message
from core.units import COLUMNS, Checked, UnitKind, check

HEADER = list(COLUMNS)
OFFICE = ["PHONG", "Phòng GD&ĐT", "Phòng", "", "", "", "", ""]
SCHOOL = ["THQT", "TH Quyết Thắng", "Trường", "TH, THCS", "Cụm 1", "Quyết Thắng", "Có", "PHONG"]


def changed(**cells: str) -> list[str]:
    """The good school with other cells: code, name, kind, levels, cluster, ward, public, above."""
    names = ("code", "name", "kind", "levels", "cluster", "ward", "public", "above")
    return [cells.get(name, good) for name, good in zip(names, SCHOOL, strict=True)]


def read(*rows: list[str], header: list[str] = HEADER) -> Checked:
    return check([header, *rows], {"PHONG": "", "OLD": "PHONG"})


def fault(*rows: list[str]) -> tuple[object, Message]:
    """The row and the fault of the only one there is."""
    (found,) = read(*rows).faults
    inner = found.values["fault"]
    assert isinstance(inner, Message)
    return found.values["row"], inner


def test_a_good_row_is_read() -> None:
    checked = read(SCHOOL)
    assert checked.faults == []
    (row,) = checked.rows
    assert (row.row, row.code, row.name, row.kind) == (
        2,
        "THQT",
        "TH Quyết Thắng",
        UnitKind.SCHOOL,
    )
    assert (row.levels, row.cluster, row.ward) == (("TH", "THCS"), "Cụm 1", "Quyết Thắng")
    assert (row.public, row.parent) == (True, "PHONG")


@pytest.mark.parametrize(
    "header",
    [
        [name.upper() for name in HEADER],
        ["ma", "ten", "loai", "cap", "cum", "xa/phuong", "cong lap", "cap tren"],
        [f"  {name} " for name in HEADER],
        [unicodedata.normalize("NFD", name) for name in HEADER],
    ],
)
def test_headers_are_read_without_marks_case_and_spaces(header: list[str]) -> None:
    assert read(SCHOOL, header=header) == read(SCHOOL)


@pytest.mark.parametrize(
    "row",
    [
        changed(code=" thqt "),
        changed(name="TH  Quyết\nThắng"),
        changed(name=unicodedata.normalize("NFD", "TH Quyết Thắng")),
        changed(name="TH Quyết\u200b Thắng\u202e"),
        changed(kind="truong", levels="th;THCS"),
        changed(public="", above="phong"),
        [*SCHOOL, "a column too many"],
    ],
)
def test_cells_are_read_as_people_write_them(row: list[str]) -> None:
    assert read(row) == read(SCHOOL)


def test_empty_rows_are_passed_over_and_numbers_stay_those_of_the_sheet() -> None:
    checked = read([""] * 8, [" "], SCHOOL, [], [""] * 8)
    assert checked.faults == []
    assert [row.row for row in checked.rows] == [4]


def test_columns_may_stand_in_another_order_or_be_left_out() -> None:
    checked = check([["Tên", "Mã", "Cấp", "Loại"], ["Lê Lợi", "LL", "MN", "Trường"]], {})
    assert checked.faults == []
    assert checked.columns == {"Mã", "Tên", "Loại", "Cấp"}
    assert (checked.rows[0].code, checked.rows[0].levels) == ("LL", ("MN",))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (changed(code=""), "code"),
        (changed(code="Q"), "code"),
        (changed(code="TRƯỜNG"), "code"),
        (changed(code="A" * 21), "code"),
        (changed(code="A/../B"), "code"),
        (changed(name=""), "name"),
        (changed(name="x" * 121), "name"),
        (changed(cluster="x" * 121), "cluster"),
        (changed(ward="x" * 121), "ward"),
        (changed(kind=""), "kind"),
        (changed(kind="Trung tâm"), "kind"),
        (changed(levels="THPT"), "level"),
        (changed(levels=""), "level"),
        (changed(public="chắc là có"), "Công lập"),
        (changed(above="NOWHERE"), "no unit"),
        (changed(above="THQT"), "back to itself"),
    ],
)
def test_a_bad_row_is_named_with_its_number_and_reason(row: list[str], words: str) -> None:
    number, reason = fault(OFFICE, row)
    assert number == 3
    assert words in reason.id


def test_a_code_that_stands_twice_is_a_fault_of_the_second_row() -> None:
    number, reason = fault(SCHOOL, OFFICE, changed(code="thqt", name="Another"))
    assert (number, reason.values) == (4, {"code": "THQT"})


def test_units_may_stand_above_each_other_in_any_order() -> None:
    site = changed(code="SITE", kind="Điểm trường", above="THQT")
    assert read(site, SCHOOL).faults == []


def test_every_fault_of_every_row_is_named() -> None:
    bad = changed(code="", kind="?", public="?")
    assert [found.values["row"] for found in read(bad, SCHOOL, bad).faults] == [2, 2, 2, 4, 4, 4]


def test_a_circle_names_all_who_are_in_it() -> None:
    rows = [
        changed(code="A1", above="B1"),
        changed(code="B1", above="C1"),
        changed(code="C1", above="A1"),
        changed(code="D1", above="A1"),
    ]
    assert [found.values["row"] for found in read(*rows).faults] == [2, 3, 4]


def test_a_circle_that_closes_through_a_known_unit_is_found() -> None:
    known = {"ABOVE": "BELOW", "BELOW": ""}
    (found,) = check([HEADER, changed(code="BELOW", above="ABOVE")], known).faults
    assert found.values["row"] == 2


@pytest.mark.parametrize("header", [["Mã", "Tên"], ["Code", "Name", "Kind"], [""], []])
def test_a_missing_column_is_named(header: list[str]) -> None:
    (found,) = read(SCHOOL, header=header).faults
    assert "Loại" in str(found.values["names"])


def test_nothing_at_all_is_a_fault() -> None:
    assert len(check([], {}).faults) == len(read().faults) == 1
