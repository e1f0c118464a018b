"""Official letters as Word files, laid out as Nghị định 30/2020/NĐ-CP, appendix I, wants them.

They are drafts: number, day and signature are left to those who give them.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from core.urging import LateSchool, Urging

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph

URGING_NAME = "cong-van-don-doc.docx"
FONT, SIZE, SMALL, SMALLEST = "Times New Roman", 14, 13, 11  # points
INDENT = 12.7  # mm, of a paragraph's first line
WIDTH = 165  # mm between the margins
MARGINS = {"top_margin": 20, "bottom_margin": 20, "left_margin": 30, "right_margin": 15}  # mm
HEADS = ("TT", "Đơn vị", "Hạn nộp", "Số ngày chậm", "Số lần đã nhắc", "Nhắc lần cuối")
WIDTHS = (10, 55, 29, 20, 22, 29)  # mm
BLANK = "……"


def write_urging(letter: Urging) -> bytes:
    # Imported here because it takes a third of a second, and few people ask for it.
    from docx import Document

    document = Document()
    _page(document)
    _head(document, letter)
    _paragraph(document, "Kính gửi: Các đơn vị có tên trong danh sách dưới đây", "center")
    for text in _body(letter):
        _paragraph(document, text)
    _list(document, letter.schools)
    for text in _demand(letter):
        _paragraph(document, text)
    _foot(document)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def _body(letter: Urging) -> list[str]:
    asked = f"Thực hiện {letter.document} ngày {letter.issued_on:%d/%m/%Y} của {letter.office}"
    clause = f"mục {letter.clause}" if letter.clause else ""
    where = ", ".join(filter(None, (clause, letter.written)))
    return [
        f"{asked}, các đơn vị phải nộp {letter.title}" + (f" ({where})." if where else "."),
        f"Đến ngày {letter.today:%d/%m/%Y}, {len(letter.schools)} đơn vị sau đây chưa nộp, dù đã"
        " được nhắc trên hệ thống:",
    ]


def _demand(letter: Urging) -> list[str]:
    return [
        f"{letter.office} đề nghị Thủ trưởng các đơn vị nêu trên khẩn trương hoàn thành và nộp"
        f" {letter.title} trước ngày {BLANK}/{BLANK}/{letter.today:%Y}; nếu có vướng mắc, báo cáo"
        " ngay bằng văn bản để được xem xét, giải quyết.",
        "Yêu cầu các đơn vị nghiêm túc thực hiện./.",
    ]


def _page(document: "Document") -> None:
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for name, width in MARGINS.items():
        setattr(section, name, Mm(width))
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(SIZE)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(0)


def _head(document: "Document", letter: Urging) -> None:
    """Who writes, on the left; the state's name and motto, on the right."""
    left, right = _columns(document, (66, WIDTH - 66))
    if letter.above:
        _line(left, letter.above.upper(), size=SMALL)
    _line(left, letter.office.upper(), size=SMALL, bold=True)
    _rule(left, 24)
    _line(left, f"Số:       /{BLANK}", size=SMALL)
    _line(left, f"V/v đôn đốc nộp {letter.title}", size=12)
    _line(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=SMALL, bold=True)
    _line(right, "Độc lập - Tự do - Hạnh phúc", size=SIZE, bold=True)
    _rule(right, 42)
    day = f"{BLANK}{BLANK}, ngày     tháng {letter.today:%m} năm {letter.today:%Y}"
    _line(right, day, size=SIZE, italic=True)
    document.add_paragraph()


def _list(document: "Document", schools: Sequence[LateSchool]) -> None:
    table = document.add_table(rows=1, cols=len(HEADS), style="Table Grid")
    _fix(table, WIDTHS)
    _repeat(table)
    for cell, head in zip(table.rows[0].cells, HEADS, strict=True):
        _line(cell, head, size=SMALL, bold=True)
    for number, one in enumerate(schools, start=1):
        last = f"{one.last:%d/%m/%Y}" if one.last else "–"
        words = (str(number), one.school, f"{one.due_on:%d/%m/%Y}", str(one.days))
        cells = table.add_row().cells
        _fix(table, WIDTHS)
        for place, text in enumerate((*words, str(one.reminders), last)):
            _line(cells[place], text, size=SMALL, align="left" if place == 1 else "center")


def _foot(document: "Document") -> None:
    from docx.shared import Pt

    document.add_paragraph().paragraph_format.space_after = Pt(0)
    left, right = _columns(document, (82, WIDTH - 82))
    _line(left, "Nơi nhận:", size=12, bold=True, italic=True, align="left")
    for text in ("- Như trên;", "- Lãnh đạo đơn vị;", "- Lưu: VT."):
        _line(left, text, size=SMALLEST, align="left")
    _line(right, "TRƯỞNG PHÒNG", size=SIZE, bold=True)
    for _number in range(4):
        _line(right, "", size=SIZE)


def _paragraph(document: "Document", text: str, align: str = "justify") -> None:
    from docx.shared import Mm, Pt

    paragraph = document.add_paragraph()
    paragraph.add_run(text)
    _align(paragraph, align)
    paragraph.paragraph_format.space_before = Pt(6)
    paragraph.paragraph_format.space_after = Pt(6)
    if align == "justify":
        paragraph.paragraph_format.first_line_indent = Mm(INDENT)


def _columns(document: "Document", widths: tuple[int, int]) -> tuple["_Cell", "_Cell"]:
    """Two columns without lines, widths in mm."""
    table = document.add_table(rows=1, cols=2)
    _fix(table, widths)
    left, right = table.rows[0].cells
    return left, right


def _fix(table: "Table", widths: Sequence[int]) -> None:
    """Word takes the width of each cell, others that of the column; in mm."""
    from docx.shared import Mm

    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for cell, width in zip(table.rows[-1].cells, widths, strict=True):
        cell.width = Mm(width)


def _repeat(table: "Table") -> None:
    """The first row stands on every page."""
    from docx.oxml import OxmlElement

    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _line(
    cell: "_Cell",
    text: str,
    *,
    size: int,
    bold: bool = False,
    italic: bool = False,
    align: str = "center",
) -> None:
    from docx.shared import Pt

    first = cell.paragraphs[0]
    paragraph = cell.add_paragraph() if first.runs or len(cell.paragraphs) > 1 else first
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    _align(paragraph, align)


def _rule(cell: "_Cell", width: int) -> None:
    """A line under a heading, in mm."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from docx.shared import Mm, Pt

    paragraph = cell.add_paragraph()
    paragraph.paragraph_format.line_spacing = Pt(6)
    border = '<w:pBdr {}><w:top w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>'
    paragraph._p.get_or_add_pPr().append(parse_xml(border.format(nsdecls("w"))))
    free = max(int(cell.width or 0) - Mm(width), 0) // 2 - Mm(2)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = free


def _align(paragraph: "Paragraph", align: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
