"""Files are told by their content, and those made to do harm are refused before expanding."""

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from core.filetype import MOST_BYTES, Kind, sniff

OFFICE = "application/vnd.openxmlformats-officedocument."
WORD = f"{OFFICE}wordprocessingml.document.main+xml"
SLIDES = f"{OFFICE}presentationml.presentation.main+xml"
WORD_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
EXCEL_MACROS = "application/vnd.ms-excel.sheet.macroEnabled.12"
TYPES, RELS = "[Content_Types].xml", "word/_rels/document.xml.rels"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def types(*content_types: str) -> str:
    parts = "".join(
        f'<Override PartName="/p{n}" ContentType="{t}"/>' for n, t in enumerate(content_types)
    )
    return f"<Types>{parts}</Types>"


def zipped(parts: dict[str, str | bytes], packing: int = ZIP_DEFLATED) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", packing) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def listing(*content_types: str, packing: int = ZIP_DEFLATED) -> bytes:
    """A zip with nothing but a list of these types."""
    return zipped({TYPES: types(*content_types)}, packing)


def word(**parts: str | bytes) -> bytes:
    """A small Word file, with these parts as well."""
    return zipped({TYPES: types(WORD), "word/document.xml": "<d/>", **parts})


def relation(kind: str, mode: str = "External") -> str:
    target = f'Target="https://a.example" TargetMode="{mode}"'
    return f'<R><Relationship Type="{RELATIONS}/{kind}" {target}/></R>'


def box(major: bytes, *compatible: bytes) -> bytes:
    content = b"ftyp" + major + b"\0\0\0\0" + b"".join(compatible)
    return struct.pack(">I", len(content) + 4) + content + b"\0\0\0\x08free"


def excel() -> bytes:
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.add_worksheet().write_string(0, 0, "Lê Lợi")
    return made.getvalue()


def excel_of_openpyxl() -> bytes:
    made = BytesIO()
    openpyxl.Workbook().save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", Kind.PDF),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", Kind.JPEG),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind.PNG),
        (b"GIF89a\1\0\1\0", Kind.GIF),
        (b"RIFF\x24\0\0\0WEBPVP8 ", Kind.WEBP),
        (box(b"heic", b"mif1", b"heic"), Kind.HEIC),
        (box(b"mif1", b"mif1", b"heic", b"MiHE"), Kind.HEIC),
        (word(), Kind.DOCX),
        (listing(WORD, packing=ZIP_STORED), Kind.DOCX),
        (word(**{RELS: relation("hyperlink")}), Kind.DOCX),
        (word(**{RELS: relation("image", "Internal")}), Kind.DOCX),
        (word(**{"word/embeddings/Microsoft_Excel_Sheet.xlsx": excel()}), Kind.DOCX),
        (excel(), Kind.XLSX),
        (excel_of_openpyxl(), Kind.XLSX),
    ],
    ids=lambda value: value if isinstance(value, Kind) else "content",
)  # fmt: skip
def test_types_that_are_taken(content: bytes, kind: Kind) -> None:
    assert sniff(content) is kind


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"MZ\x90\0\3", id="program"),
        pytest.param(b"\x7fELF", id="linux program"),
        pytest.param(b"<html><script>", id="page"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="svg"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), id="old Word or encrypted"),
        pytest.param(b"{\\rtf1", id="rtf"),
        pytest.param(b"Rar!\x1a\7\1\0", id="rar"),
        pytest.param(box(b"isom", b"mp42"), id="film"),
        pytest.param(box(b"avif", b"mif1"), id="avif"),
        pytest.param(b"RIFF\x24\0\0\0WAVEfmt ", id="sound"),
        pytest.param(zipped({"a.txt": "a"}), id="a zip"),
        pytest.param(listing(), id="no main part"),
        pytest.param(listing(WORD, f"{OFFICE}spreadsheetml.sheet.main+xml"), id="two main parts"),
        pytest.param(listing(SLIDES), id="slides"),
        pytest.param(listing(WORD_MACROS), id="docm"),
        pytest.param(listing(WORD, EXCEL_MACROS), id="macros inside"),
        pytest.param(word(**{"word/vbaProject.bin": b"x"}), id="vba"),
        pytest.param(word(**{"word/activeX/activeX1.xml": "<a/>"}), id="activeX"),
        pytest.param(word(**{RELS: relation("attachedTemplate")}), id="template"),
        pytest.param(word(**{RELS: relation("image")}), id="picture elsewhere"),
        pytest.param(word(**{"../../evil.xml": "<a/>"}), id="path up"),
        pytest.param(word(**{"/etc/passwd": "x"}), id="path from the root"),
        pytest.param(word(**{"WORD/document.XML": "<other/>"}), id="two of one name"),
        pytest.param(word(**{TYPES: "<Types"}), id="broken xml"),
        pytest.param(
            word(**{TYPES: f'<!DOCTYPE T [<!ENTITY a "{WORD}">]>' + types(WORD)}),
            id="entities",
        ),
        pytest.param(word() + b"MZ something after", id="tail"),
        pytest.param(b"MZ something before" + word(), id="head"),
        pytest.param(word()[:200], id="cut off"),
        pytest.param(b"%PDF-" + bytes(MOST_BYTES), id="too long"),
    ],
)  # fmt: skip
def test_types_that_are_refused(content: bytes) -> None:
    assert sniff(content) is None


def test_an_encrypted_part_is_refused() -> None:
    content = bytearray(word())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert sniff(bytes(content)) is None


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(word(**{"word/a.xml": bytes(30_000_000)}), id="one large part"),
        pytest.param(
            word(**{f"word/{n}.xml": bytes(100_000) for n in range(300)}), id="many parts"
        ),
        pytest.param(word(**{f"word/{n}": b"" for n in range(5_000)}), id="flood of parts"),
        pytest.param(
            word(**{"word/_rels/a.rels": b"<R>" + bytes(3_000_000)}), id="long relations"
        ),
        pytest.param(zipped({TYPES: bytes(5_000_000)}, ZIP_STORED), id="long types"),
    ],
)
def test_bombs_are_refused_before_anything_expands(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expand(*_: object) -> bytes:
        raise AssertionError("expanded")

    monkeypatch.setattr(ZipFile, "read", expand)
    assert sniff(content) is None


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    """Declared as 100 bytes, and five million when expanded."""
    long = types(WORD).ljust(5_000_000).encode()
    content = zipped({TYPES: long})
    lie = content.replace(struct.pack("<I", len(long)), struct.pack("<I", 100))
    assert sniff(lie) is None


def test_well_packed_tables_of_an_office_are_no_bomb() -> None:
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n * 7) for n in range(99_999)
    )
    assert len(zlib.compress(rows)) * 5 < len(rows)
    assert sniff(word(**{"word/a.xml": rows})) is Kind.DOCX


GOOD = [
    word(**{RELS: relation("hyperlink")}),
    excel(),
    box(b"heic", b"mif1"),
]


@given(st.sampled_from(GOOD), st.data())
def test_damaged_files_are_answered_and_never_raise(good: bytes, data: st.DataObject) -> None:
    content = bytearray(good)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert sniff(bytes(content)) in {None, *Kind}


@given(st.binary(max_size=300))
def test_any_bytes_after_the_sign_of_a_zip_are_answered(tail: bytes) -> None:
    assert sniff(b"PK\x03\x04" + tail) is None
    assert sniff(b"PK\x03\x04" + tail + b"PK\x05\x06" + tail) is None
