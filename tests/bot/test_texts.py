"""The text of every kind of file, and one sentence for each that cannot be read."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pypdf
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from bot import texts
from bot.child import Limits
from bot.texts import BadText, read_text, read_text_now
from core.filetype import MOST_BYTES
from tests.reading import letter

ROOT = Path(__file__).parents[2]


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(BadText) as refused:
        read_text_now(path)
    return refused.value.message.id


# Word


def word(write: Callable[[Document], object]) -> bytes:
    document = docx.Document()
    write(document)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def test_paragraphs_and_tables_of_word_come_in_their_order(tmp_path: Path) -> None:
    def write(document: Document) -> None:
        document.sections[0].header.paragraphs[0].text = "Bản lưu"
        head = document.add_table(1, 2)
        head.cell(0, 0).text = "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO"
        head.cell(0, 1).text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
        document.add_paragraph("Kính gửi: Các trường")
        data = document.add_table(2, 3)
        for place, cell in enumerate(cell for row in data.rows for cell in row.cells):
            cell.text = f"ô {place}"
        document.add_paragraph("Nơi nhận:")

    lines = read_text_now(saved(tmp_path / "a", word(write))).split("\n")
    assert lines == [
        "Bản lưu",
        "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Kính gửi: Các trường",
        "ô 0 | ô 1 | ô 2",
        "ô 3 | ô 4 | ô 5",
        "Nơi nhận:",
    ]


def test_a_merged_cell_is_said_once(tmp_path: Path) -> None:
    def write(document: Document) -> None:
        table = document.add_table(1, 3)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "Tổng số"
        table.cell(0, 2).text = "12"

    assert read_text_now(saved(tmp_path / "a", word(write))) == "Tổng số | 12"


def test_numbers_that_word_counts_itself_are_written(tmp_path: Path) -> None:
    def write(document: Document) -> None:
        document.add_paragraph("Phòng GD&ĐT", "List Number")
        document.add_paragraph("Các trường", "List Number")
        for text in ("Nộp kế hoạch", "Nộp báo cáo"):
            numbered(document, document.add_paragraph(text)._p, "List Number")

    text = read_text_now(saved(tmp_path / "a", word(write)))
    assert text.split("\n")[2:] == ["1. Nộp kế hoạch", "2. Nộp báo cáo"]


def numbered(document: Document, paragraph: object, style: str) -> None:
    """Put a paragraph into the list that a style counts."""
    of_style = document.styles[style].element.find(f".//{qn('w:numId')}")
    properties, number = OxmlElement("w:numPr"), OxmlElement("w:numId")
    number.set(qn("w:val"), of_style.get(qn("w:val")))
    properties.append(number)
    paragraph.get_or_add_pPr().append(properties)  # type: ignore[attr-defined]


def test_a_word_file_that_expands_too_far_is_refused(tmp_path: Path) -> None:
    with ZipFile(BytesIO(word(lambda document: document.add_paragraph("a")))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = b"<a>" + b" " * 60_000_000 + b"</a>"
    bomb = BytesIO()
    with ZipFile(bomb, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert refusal(saved(tmp_path / "a.docx", bomb.getvalue())).startswith("This is no Word file")


# PDF


def pdf(*pages: str, password: str = "") -> bytes:
    """Pages of a line each, in the letters that every reader knows."""
    writer = pypdf.PdfWriter()
    for text in pages:
        page = writer.add_blank_page(595, 842)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        drawn = DecodedStreamObject()
        drawn.set_data(f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(drawn)
    if password:
        writer.encrypt(password)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def test_the_pages_of_a_pdf_come_in_their_order(tmp_path: Path) -> None:
    assert read_text_now(saved(tmp_path / "a", pdf("trang dau", "trang sau"))).split("\n") == [
        "trang dau",
        "trang sau",
    ]


def test_a_pdf_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    whole = pdf("a")
    for content, why in (
        (pdf("a", password="1"), "This PDF is locked"),  # noqa: S106
        (pdf(*["a"] * 500), "This PDF has too many pages"),
        (whole[: len(whole) // 3], "This file is too large or damaged"),
        (b"%PDF-1.7\n" + b"\x00\xff" * 500, "This file is too large or damaged"),
    ):
        assert refusal(saved(tmp_path / "a.pdf", content)).startswith(why)


# Text and web pages


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_plain_text_is_taken_in_unicode(tmp_path: Path, encoding: str) -> None:
    path = saved(tmp_path / "a", "Hạn nộp: 15/9".encode(encoding))
    assert asyncio.run(read_text(path)) == "Hạn nộp: 15/9"


PAGE = """<!doctype html><html><head><title>Tin</title><style>p {}</style></head><body>
<nav><a href="/">Trang chủ</a><p>Liên kết</p></nav>
<div class="main-menu"><ul><li>Giới thiệu<br>trường</ul></div>
<ul><li><a href="/1">Tin một</a></li><li><a href="/2">Tin hai</a></li></ul>
<h1>Kế hoạch &amp; báo cáo</h1>
<div class="content"><p>Các trường nộp <b>báo cáo</b> về
<a href="/p">Phòng</a>.</p><table><tr><td>Hạn</td><td>15/9</td></tr></table></div>
<script>var a = "<p>mã</p>";</script><footer>Bản quyền</footer></body></html>"""


def test_a_web_page_is_read_without_its_menus(tmp_path: Path) -> None:
    lines = read_text_now(saved(tmp_path / "a.html", PAGE.encode())).split("\n")
    kept = [" ".join(line.split()) for line in lines if line.strip()]
    assert kept[:2] == ["Kế hoạch & báo cáo", "Các trường nộp báo cáo về Phòng."]
    assert "15/9" in kept[-1]
    assert len(kept) <= 4


# What is none of these


def test_a_file_that_is_no_document_says_so_in_one_sentence(tmp_path: Path) -> None:
    for name, content, why in (
        ("a.pdf", b"\xff\xd8\xff\xe0" + b"\x00" * 50, "This is a picture"),
        ("a.docx", b"", "This file is empty"),
        ("a.txt", b" \n\n ", "This file is empty"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 50, "This Word file is locked"),
        ("a.docx", b"PK\x03\x04 broken", "This is no Word file"),
        ("a.txt", "Hạn nộp".encode("utf-16-le"), "This is no Word file"),
        ("a.exe", b"MZ\x90\x00\x03", "This is no Word file"),
        ("a.txt", b"a" * (MOST_BYTES + 1), "This file is too large"),
    ):
        assert refusal(saved(tmp_path / name, content)).startswith(why)
    assert refusal(tmp_path / "nowhere") == "The file {name} cannot be read."
    assert refusal(tmp_path) == "The file {name} cannot be read."


def test_what_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "LIMITS", Limits(10, 0.001))
    assert refusal(saved(tmp_path / "a", b"text")) == "This file is too large or damaged."


# The command


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "bot", "read", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, env={"PHONGBOT_LANGUAGE": "vi"},
    )  # fmt: skip


def test_the_command_prints_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(letter(), encoding="utf-8")
    done = run(str(path))
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert found["readable"]
    assert found["header"]["so"] == "215"
    assert {"phrase", "what", "who", "recipient", "deadline", "op", "kind", "flags"} <= set(
        found["duties"][0]
    )


def test_the_command_says_in_one_sentence_that_a_file_cannot_be_read(tmp_path: Path) -> None:
    done = run(str(saved(tmp_path / "a.pdf", b"\x89PNG\r\n\x1a\n")))
    assert done.returncode == 3
    assert done.stderr == "Đây là tệp ảnh; thầy/cô gửi tệp Word hoặc dán đoạn cần đọc.\n"
    assert json.loads(done.stdout)["readable"] is False
