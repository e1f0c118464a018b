"""Files made to do harm are refused, each class of them, and what offices write is taken."""

import struct
import zlib
from io import BytesIO
from typing import Any
from uuid import UUID

import pikepdf
import pytest
from PIL import Image

from bot import child, gate
from core.filetype import Kind, Refusal, Refused
from tests.core.test_compound import NOTHING, compound
from tests.core.test_filetype import (
    RELS,
    TYPES,
    WORD_MACROS,
    excel,
    listing,
    relation,
    types,
    word,
    zipped,
)

MATHTYPE = UUID("0002ce03-0000-0000-c000-000000000046")
EQUATION_3 = UUID("0002ce02-0000-0000-c000-000000000046")
PACKAGE = UUID("0003000c-0000-0000-c000-000000000046")
EMBEDDED = "word/embeddings/oleObject1.bin"


def pdf(stream: bytes = b"q Q", *, lock: str = "", **more: object) -> bytes:
    """One page. more: of the page's stream."""
    made = BytesIO()
    with pikepdf.new() as document:
        page = document.add_blank_page()
        page.Contents = document.make_stream(stream, **more)
        how = pikepdf.Encryption(user=lock, owner="o") if lock else None
        document.save(made, encryption=how or False)
    return made.getvalue()


def flate(size: int) -> bytes:
    machine = zlib.compressobj(9)
    slices = [machine.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)]
    return b"".join(slices) + machine.flush()


def acting(action: dict[str, Any], *, indirect: bool = False) -> bytes:
    """A PDF that does something when it is opened."""
    made = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        does = pikepdf.Dictionary({f"/{key}": value for key, value in action.items()})
        document.Root.OpenAction = document.make_indirect(does) if indirect else does
        document.save(made)
    return made.getvalue()


def enclosing() -> bytes:
    made = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.attachments["more.exe"] = b"MZ"
        document.save(made)
    return made.getvalue()


LAUNCH: dict[str, Any] = {"S": pikepdf.Name.Launch, "F": "calc.exe"}
SCRIPT: dict[str, Any] = {"S": pikepdf.Name.JavaScript, "JS": "app.alert(1)"}


def picture(form: str, size: tuple[int, int] = (60, 40)) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, "white").save(made, form)
    return made.getvalue()


def large_png() -> bytes:
    """Says that it has 8000 × 8000 points."""
    small = picture("PNG")
    head = b"IHDR" + struct.pack(">2L", 8000, 8000) + small[24:29]
    return small[:12] + head + struct.pack(">L", zlib.crc32(head)) + small[33:]


def holding(content: bytes, name: str = EMBEDDED) -> bytes:
    return word(**{name: content})


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(pdf(), Kind.PDF, id="pdf"),
        pytest.param(pdf(flate(1_000_000), Filter=pikepdf.Name.FlateDecode), Kind.PDF, id="flate"),
        pytest.param(picture("JPEG"), Kind.JPEG, id="jpeg"),
        pytest.param(picture("PNG"), Kind.PNG, id="png"),
        pytest.param(picture("GIF"), Kind.GIF, id="gif"),
        pytest.param(picture("WEBP"), Kind.WEBP, id="webp"),
        pytest.param(picture("JPEG", (4000, 3000)), Kind.JPEG, id="12 million points"),
        pytest.param(word(), Kind.DOCX, id="word"),
        pytest.param(excel(), Kind.XLSX, id="excel"),
        pytest.param(holding(excel(), "word/embeddings/a.xlsx"), Kind.DOCX, id="a table in it"),
        pytest.param(
            holding(compound(MATHTYPE, "\1Ole", "Equation Native")), Kind.DOCX, id="a formula"
        ),
    ],
)
def test_what_offices_write_is_taken(content: bytes, kind: Kind) -> None:
    assert gate.check(content) is kind


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"MZ\x90\0", Refusal.KIND, id="a program"),
        pytest.param(b"<html><script>", Refusal.KIND, id="a page"),
        pytest.param(compound(NOTHING, "WordDocument"), Refusal.LOCKED, id="old or locked Word"),
        pytest.param(listing(WORD_MACROS), Refusal.MACROS, id="docm"),
        pytest.param(word(**{"word/vbaProject.bin": b"x"}), Refusal.MACROS, id="vba"),
        pytest.param(holding(compound(EQUATION_3, "Equation Native")), Refusal.MACROS, id="eqn"),
        pytest.param(holding(compound(PACKAGE, "\1Ole10Native")), Refusal.MACROS, id="package"),
        pytest.param(holding(compound(MATHTYPE, "_VBA_PROJECT")), Refusal.MACROS, id="vba inside"),
        pytest.param(
            holding(compound(PACKAGE), "word/media/picture.bin"), Refusal.MACROS, id="elsewhere"
        ),
        pytest.param(holding(b"x"), Refusal.KIND, id="an unknown object"),
        pytest.param(
            holding(listing(WORD_MACROS), "word/embeddings/a.docx"), Refusal.MACROS, id="docm in"
        ),
        pytest.param(
            holding(holding(compound(PACKAGE)), "word/embeddings/a.docx"),
            Refusal.MACROS,
            id="a package two deep",
        ),
        pytest.param(
            word(**{RELS: relation("attachedTemplate")}), Refusal.HARMFUL, id="outside template"
        ),
        pytest.param(word(**{"../up.xml": "<a/>"}), Refusal.HARMFUL, id="a path out"),
        pytest.param(
            word(**{"word/a.xml": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a/>'}),
            Refusal.HARMFUL,
            id="entities",
        ),
        pytest.param(
            word(**{"word/a.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16")}),
            Refusal.HARMFUL,
            id="entities in other letters",
        ),
        pytest.param(word(**{"word/a.xml": bytes(30_000_000)}), Refusal.HARMFUL, id="zip bomb"),
        pytest.param(zipped({TYPES: types(), "a": "b"}), Refusal.KIND, id="a plain zip"),
        pytest.param(word(**{"word/a.xml": "<a>"}), Refusal.DAMAGED, id="broken xml"),
        pytest.param(pdf(lock="1234"), Refusal.LOCKED, id="locked pdf"),
        pytest.param(
            pdf(flate(60_000_000), Filter=pikepdf.Name.FlateDecode), Refusal.HARMFUL, id="pdf bomb"
        ),
        pytest.param(
            pdf(
                flate(500_000_000),
                Filter=pikepdf.Name.FlateDecode,
                Subtype=pikepdf.Name.Image,
            ),
            Refusal.HARMFUL,
            id="a picture of a bomb",
        ),
        pytest.param(
            pdf(
                zlib.compress(flate(60_000_000)),
                Filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode]),
            ),
            Refusal.HARMFUL,
            id="a bomb packed twice",
        ),
        pytest.param(acting(LAUNCH), Refusal.MACROS, id="pdf that starts a program"),
        pytest.param(acting(LAUNCH, indirect=True), Refusal.MACROS, id="pdf with a link to one"),
        pytest.param(acting(SCRIPT), Refusal.MACROS, id="pdf with a script"),
        pytest.param(enclosing(), Refusal.MACROS, id="pdf with a file inside"),
        pytest.param(b"%PDF-1.7 not at all", Refusal.DAMAGED, id="no pdf"),
        pytest.param(large_png(), Refusal.PICTURE, id="too many points"),
        pytest.param(picture("JPEG", (900, 900))[:900], Refusal.PICTURE, id="half a picture"),
        pytest.param(b"\xff\xd8\xff\xe0 <html>", Refusal.PICTURE, id="a page called picture"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Refusal.PICTURE, id="no heic"),
    ],
)  # fmt: skip
def test_what_could_do_harm_is_refused(content: bytes, why: Refusal) -> None:
    with pytest.raises(Refused) as refused:
        gate.check(content)
    assert refused.value.why is why
    assert len(str(refused.value)) < 100  # no words of the file


def test_a_child_that_takes_all_memory_or_time_ends_alone() -> None:
    nested = b"[" * 5_000_000  # JSON that nests deeper than any parser goes
    with pytest.raises(child.Failed):
        child.work("bind", nested)
    with pytest.raises(child.Failed, match="out of time"):
        child.work("gate", b"pdf\n", child.Limits(10, 0.01))
    with pytest.raises(child.Failed):
        child.work("sheet", b"PK", child.Limits(1, 10))
