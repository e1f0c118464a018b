"""Spreadsheets in and out. One that somebody sent is parsed in a child process, see `bot.child`:
a small file can hold a huge table.
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from bot import beside, child
from core.filetype import Kind, sniff
from core.message import Message, _
from core.units import COLUMNS, KINDS, NO, YES, Level, cells
from handlers.units import UNITS_SHEET
from storage.blobs import Blobs

MOST_ROWS, MOST_CELLS = 5_000, 30  # of the first sheet; ten times what a city has
MOST_LETTERS = 2_000_000  # of all cells; one long text can stand in a thousand of them
LIMITS = child.QUICK


class BadSheet(Exception):
    """message: one sentence for whoever sent it."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.id)
        self.message = message


async def read_sheet(path: Path) -> list[list[str]]:
    """The rows of the first sheet, as text. Raises BadSheet."""
    return await beside.wait_for(read_sheet_now, path)


def read_sheet_now(path: Path) -> list[list[str]]:
    """As `read_sheet`, blocking for at most `LIMITS.wall` seconds."""
    try:
        content = path.read_bytes()
    except OSError:
        raise BadSheet(_("The file {name} cannot be read.", name=path.name)) from None
    if sniff(content) is not Kind.XLSX:
        raise BadSheet(_("This is not an Excel file (.xlsx) that can be taken in."))
    try:
        rows: list[list[str]] = json.loads(child.work("sheet", content, LIMITS))
    except child.Failed:
        raise BadSheet(_("This Excel file is too large or damaged.")) from None
    return rows


def write_units(path: Path, units: Iterable[dict[str, Any]]) -> None:
    """A sheet that `units import` takes in. units: as `storage.samples.units` has them."""
    path.write_bytes(_units([cells(unit) for unit in units]))


def template() -> bytes:
    """The empty sheet, with an example in it and a page that explains the columns."""
    example = ["THQT", "TH Quyết Thắng", "Trường", "TH", "Cụm 1", "Quyết Thắng", YES, "PHONG"]
    return _units([example])


@lru_cache
def bundled(blobs: Blobs, name: str) -> str:
    """The SHA-256 of a sheet that the program ships; it is written when first asked for."""
    return blobs.put({UNITS_SHEET: template}[name]())


def _units(rows: Sequence[Sequence[str]]) -> bytes:
    return _workbook(rows, "Đơn vị", COLUMNS, _WIDTHS, _HELP)


def receipts(rows: Sequence[Sequence[str]]) -> bytes:
    """Who got a message and when, for the archive. rows: as `RECEIPTS` heads them."""
    return _workbook(rows, "Nơi nhận", RECEIPTS, (10, 32, 26, 16, 18, 18, 30), ())


RECEIPTS = ("Mã", "Đơn vị", "Người nhận", "Điện thoại", "Gửi lúc", "Đã rõ lúc", "Kết quả")


def participants(rows: Sequence[Sequence[str]]) -> bytes:
    """Who comes to an event and who was there. rows: as `PARTICIPANTS` heads them."""
    widths = (10, 32, 26, 16, 20, 36, 18, 18)
    return _workbook(rows, "Người dự", PARTICIPANTS, widths, ())


PARTICIPANTS = (
    *("Mã", "Đơn vị", "Người dự", "Điện thoại", "Trả lời", "Lý do", "Có mặt lúc"),
    "Tham luận",
)


def totals(rows: Sequence[Sequence[str]]) -> bytes:
    """What was answered to a survey. rows: as `TOTALS` heads them."""
    return _workbook(rows, "Khảo sát", TOTALS, (10, 32, 10, 50, 36, 12, 12), ())


TOTALS = ("Mã", "Đơn vị", "Số phiếu", "Câu hỏi", "Trả lời", "Số người", "Tỉ lệ (%)")


def rehearsal(rows: Sequence[Sequence[str]], warned: Sequence[str]) -> bytes:
    """All reminders to come. rows: as `REHEARSAL` heads them."""
    explained = [(str(number), line) for number, line in enumerate(warned, start=1)]
    widths = (12, 10, 8, 24, 12, 34, 16, 80)
    return _workbook(rows, "Lịch nhắc thử", REHEARSAL, widths, explained, "Cảnh báo")


REHEARSAL = ("Ngày", "Thứ", "Giờ", "Người nhận", "Đơn vị", "Nhiệm vụ", "Loại", "Nội dung tin")
WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
REMINDER_KINDS = {
    "published": "Việc mới",
    "before": "Trước hạn",
    "on the day": "Đúng hạn",
    "after": "Sau hạn",
}

_HELP = (
    ("Mã", "Viết tắt không dấu, mỗi đơn vị một mã, ví dụ THQT."),
    ("Tên", "Tên thường gọi, ví dụ TH Quyết Thắng."),
    ("Loại", f"Một trong: {', '.join(KINDS)}."),
    ("Cấp", f"Cấp học: {', '.join(Level)}; trường nhiều cấp ghi cách nhau dấu phẩy."),
    ("Cụm", "Cụm trường, có thể để trống."),
    ("Xã/phường", "Nơi trường đóng, có thể để trống."),
    ("Công lập", f"{YES} hoặc {NO}; để trống là {YES}."),
    ("Cấp trên", "Mã của đơn vị quản lý, ví dụ PHONG; có thể để trống."),
)


def _workbook(
    rows: Sequence[Sequence[str]],
    title: str,
    columns: Sequence[str],
    widths: Sequence[int],
    explained: Sequence[tuple[str, str]],
    explained_as: str = "Hướng dẫn",
) -> bytes:
    """Every cell is text: nothing a person wrote becomes a formula or a link."""
    from xlsxwriter import Workbook

    made = BytesIO()
    with Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#DCE9F7", "bottom": 1})
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)  # as wide as the paper, however long
        for column, (name, width) in enumerate(zip(columns, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, name, head)
        for number, cells in enumerate(rows, start=1):
            for column, cell in enumerate(cells):
                sheet.write_string(number, column, cell)
        if explained:
            _explain(book.add_worksheet(explained_as), explained, head)
    return made.getvalue()


def _explain(sheet: Any, explained: Sequence[tuple[str, str]], head: Any) -> None:
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 80)
    for number, (name, words) in enumerate(explained):
        sheet.write_string(number, 0, name, head)
        sheet.write_string(number, 1, words)


_WIDTHS = (12, 32, 14, 12, 12, 24, 10, 12)


def parse(content: bytes) -> bytes:
    """In the child: the rows, as JSON. Raises anything, also MemoryError."""
    from openpyxl import load_workbook

    book = load_workbook(BytesIO(content), read_only=True, data_only=True)
    read = book.worksheets[0].iter_rows(
        max_row=MOST_ROWS + 1, max_col=MOST_CELLS, values_only=True
    )
    rows = [list(map(_text, row)) for row in read]
    while rows and not any(rows[-1]):
        rows.pop()
    if len(rows) > MOST_ROWS or sum(len(cell) for row in rows for cell in row) > MOST_LETTERS:
        raise OverflowError("a larger table than any office has")
    return json.dumps(rows).encode()


def _text(cell: object) -> str:
    """As it is shown: Excel keeps 12 as 12.0."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell)
