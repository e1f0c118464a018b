"""Sheets are read in a child process that can do no harm, and what is written has no formula."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
import xlsxwriter
from sqlalchemy import Engine
from sqlmodel import Session

from bot import sheets
from bot.child import Limits
from bot.sheets import BadSheet, read_sheet, read_sheet_now, template, write_units
from core.units import COLUMNS, UnitKind
from storage import samples, units
from storage.units import OFFICE_CODE, Unit
from tests.phone import MACHINE_NOW as NOW


def saved(path: Path, *rows: Sequence[object]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    book.save(path.with_suffix(".xlsx"))
    return path.with_suffix(".xlsx").rename(path)


def repacked(path: Path, name: str, change: tuple[bytes, bytes]) -> None:
    """Replace bytes in one part of an Excel file."""
    with ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    parts[name] = parts[name].replace(*change)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


def refusal(path: Path) -> str:
    with pytest.raises(BadSheet) as refused:
        read_sheet_now(path)
    return refused.value.message.id


def test_a_stored_file_without_extension_is_read(tmp_path: Path) -> None:
    path = saved(tmp_path / ("a" * 64), ["Mã", "Tên"], ["LL", "Lê Lợi"])
    assert [row[:2] for row in asyncio.run(read_sheet(path))] == [["Mã", "Tên"], ["LL", "Lê Lợi"]]


def test_numbers_and_gaps_are_read_as_they_are_shown(tmp_path: Path) -> None:
    rows = read_sheet_now(
        saved(tmp_path / "a", [12.0, None, 1.5, "x"], [], ["", None], ["y"], [None])
    )
    assert rows[0][:4] == ["12", "", "1.5", "x"]
    assert rows[3][0] == "y"
    assert len(rows) == 4


def test_a_wrong_size_noted_in_the_file_hides_no_rows(tmp_path: Path) -> None:
    """Some programs note the size of an empty table and then write a full one."""
    path = saved(tmp_path / "a", ["a", "b"], ["c", "d"])
    repacked(path, "xl/worksheets/sheet1.xml", (b'<dimension ref="A1:B2"', b'<dimension ref="A1"'))
    assert [row[:2] for row in read_sheet_now(path)] == [["a", "b"], ["c", "d"]]


def test_the_sample_comes_back_as_it_was_written(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "units.xlsx"
    write_units(path, samples.units())
    with Session(engine) as session:
        session.add(Unit(code=OFFICE_CODE, name="Phòng", kind=UnitKind.OFFICE))
        units.import_units(session, samples.sheet(), None, NOW)
        done = units.import_units(session, read_sheet_now(path), None, NOW)
        assert (done.added, done.changed, done.faults) == (0, [], [])


def test_the_template_is_taken_in_as_it_is(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(template())
    rows = read_sheet_now(path)
    assert tuple(rows[0][: len(COLUMNS)]) == COLUMNS
    assert openpyxl.load_workbook(path).sheetnames == ["Đơn vị", "Hướng dẫn"]
    with Session(engine) as session:
        session.add(Unit(code=OFFICE_CODE, name="Phòng", kind=UnitKind.OFFICE))
        session.flush()
        assert units.import_units(session, rows, None, NOW).faults == []


@pytest.mark.parametrize(
    "words",
    [
        "=1+1",
        "=cmd|'/c calc'!A1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "{=1}",
        "https://a.example",
        "a\nb",
    ],
)
def test_nothing_written_becomes_a_formula_or_a_link(tmp_path: Path, words: str) -> None:
    path = tmp_path / "units.xlsx"
    write_units(path, [{"code": words, "name": words, "kind": "school", "ward": words}])
    with ZipFile(path) as archive:
        written = b"".join(archive.read(name) for name in archive.namelist() if "sheet" in name)
    assert b"<f" not in written.replace(b"<fonts", b"")
    assert b"<hyperlink" not in written
    assert read_sheet_now(path)[1][0].strip() == words.strip()


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.xlsx")


@pytest.mark.parametrize("content", [b"", b"M\xc3\xa3,T\xc3\xaan\n", b"%PDF-1.7", b"PK\x03\x04"])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    assert "Excel" in refusal(tmp_path / "a.xlsx")


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a", ["a"])
    repacked(path, "xl/worksheets/sheet1.xml", (b"<sheetData>", b"<sheetData"))
    assert "damaged" in refusal(path)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    path = saved(tmp_path / "a", ["a"])
    bomb = b'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet'
    repacked(path, "xl/worksheets/sheet1.xml", (b"<worksheet", bomb))
    assert "damaged" in refusal(path)


def test_a_table_with_too_many_rows_is_refused(tmp_path: Path) -> None:
    many = saved(tmp_path / "a", *(["x"] for _ in range(sheets.MOST_ROWS + 1)))
    assert "too large" in refusal(many)


def test_a_long_text_that_stands_in_many_cells_is_refused(tmp_path: Path) -> None:
    """Kept once in the file, so that it looks small."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for row in range(100):
            sheet.write_row(row, 0, ["x" * 32_000])
    assert (tmp_path / "a.xlsx").stat().st_size < 10_000
    assert "too large" in refusal(tmp_path / "a.xlsx")


def test_a_table_that_takes_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "a", ["a"])
    monkeypatch.setattr(sheets, "LIMITS", Limits(10, 0.01))
    assert "too large" in refusal(path)


def test_the_child_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for Python, which tells with what it was started."""
    stand_in = tmp_path / "python"
    stand_in.write_text(f"#!/bin/sh\nenv > {tmp_path}/told\necho '[]'\n")
    stand_in.chmod(0o700)
    monkeypatch.setenv("PHONGBOT_TELEGRAM_TOKEN", "12345:secret")
    monkeypatch.setattr(sys, "executable", str(stand_in))
    assert read_sheet_now(saved(tmp_path / "a", ["a"])) == []
    assert "secret" in os.environ["PHONGBOT_TELEGRAM_TOKEN"]
    assert "secret" not in (tmp_path / "told").read_text()
