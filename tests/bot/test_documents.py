"""Documents that officers give: fetched, looked at and read in a child, whatever they are."""

import asyncio
import time
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from sqlmodel import Session, select

from bot import gate, texts
from bot.child import Limits
from bot.documents import Reader
from bot.files import Fetcher
from bot.inbound import tell
from handlers.arrival import news
from storage import outbox
from storage.blobs import Blobs
from storage.drafts import ReadDocument, Stage
from storage.files import StoredFile, Upload
from tests.bot.test_texts import pdf, word
from tests.databases import BOTH
from tests.handlers.test_document import LETTER
from tests.handlers.test_registration import says_all
from tests.phone import HANOI, MACHINE_NOW, Phone
from tests.reader import in_this_process

pytestmark = pytest.mark.parametrize("engine", BOTH[:1], indirect=True)  # no query is new here


def sends(minh: Phone, folder: Path, name: str, content: bytes) -> list[str]:
    """As the running program does it, from the turn to the answer."""
    minh.says(f"({name})")
    office, blobs = minh.office, Blobs(folder)

    def arrived(session: Session, upload: Upload) -> None:
        if screen := news(session, upload, HANOI):
            said = tell(session, office.desk, upload.person_id, screen)
            session.flush()
            outbox.add(session.connection(), said, MACHINE_NOW)

    fetcher = Fetcher(
        office.engine, {}, blobs, arrived, lambda: office.now, machine=lambda: MACHINE_NOW,
        check=gate.check,
    )  # fmt: skip
    for waiting in fetcher._take_now(1):
        fetcher._keep(waiting, content)
    reader = Reader(office.engine, blobs, office.desk, office.times)
    for document_id, sha in reader._waiting():
        reader.read_one(document_id, sha)
    return minh.hears()


def bomb() -> bytes:
    with ZipFile(BytesIO(word(lambda document: document.add_paragraph("a")))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = b"<a>" + b" " * 60_000_000 + b"</a>"
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def picture() -> bytes:
    from PIL import Image

    made = BytesIO()
    Image.new("RGB", (60, 40)).save(made, "PNG")
    return made.getvalue()


BAD: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "locked.pdf": (lambda: pdf("a", password="1"), "“locked.pdf” has a password"),  # noqa: S106
    "damaged.docx": (lambda: b"PK\x03\x04 broken", "“damaged.docx” is built in a way that could"),
    "empty.txt": (lambda: b"", "“empty.txt” is not a PDF, Word"),
    "long.pdf": (lambda: pdf(*["a"] * 500), "This PDF has too many pages"),
    "bomb.docx": (bomb, "“bomb.docx” is built in a way that could do harm"),
    "picture.pdf": (picture, "This is a picture; please send the Word file"),
    "scan.pdf": (lambda: pdf("", ""), "There is no text in this file"),
    "huge.txt": (lambda: b"ng\xc3\xa0y 1/2 " * 1_800_000, "This file is too large or damaged"),
}


@pytest.mark.parametrize("channel", ["telegram"], indirect=True)
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_answered_in_a_sentence_and_nothing_is_lost(
    minh: Phone, tmp_path: Path, name: str
) -> None:
    make, sentence = BAD[name]
    content, began = make(), time.monotonic()
    heard = sends(minh, tmp_path, name, content)
    assert time.monotonic() - began < texts.LIMITS.wall
    assert heard[0].replace("\u2060", "").startswith(sentence)
    with Session(minh.office.engine) as session:
        assert session.exec(select(ReadDocument.stage)).all() == [Stage.REFUSED]
        kept = session.exec(select(StoredFile)).all()
    assert len(kept) == (not sentence.startswith("“"))
    assert sends(minh, tmp_path, "good.txt", LETTER.encode())[0] == "Công văn 31/PGDĐT"


@pytest.mark.parametrize("channel", ["telegram"], indirect=True)
def test_word_and_web_pages_are_read_and_only_officers_may_send_text(
    minh: Phone, lan: Phone, tmp_path: Path
) -> None:
    letter = word(lambda document: [document.add_paragraph(line) for line in LETTER.split("\n")])
    assert sends(minh, tmp_path, "a.docx", letter)[0] == "Công văn 31/PGDĐT"
    page = "<html><body>" + "".join(f"<p>{line}</p>" for line in LETTER.split("\n")) + "</body>"
    assert sends(minh, tmp_path, "a.html", page.encode())[0] == "Công văn 31/PGDĐT"
    assert "is not a PDF, Word" in sends(lan, tmp_path, "a.txt", LETTER.encode())[0]


@pytest.mark.parametrize("channel", ["telegram"], indirect=True)
def test_a_document_that_takes_too_long_is_given_up_alone(
    minh: Phone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "LIMITS", Limits(10, 0.001))
    assert sends(minh, tmp_path, "a.txt", LETTER.encode())[0] == (
        "This file is too large or damaged."
    )


@pytest.mark.parametrize("channel", ["telegram"], indirect=True)
def test_a_fault_of_ours_is_said_and_holds_up_no_other_document(
    minh: Phone, tmp_path: Path
) -> None:
    for text in (LETTER, LETTER):
        says_all(minh, "/vanban", "[Read a document]", text, "[Read this text]")
    faults = [RuntimeError("a fault")]

    def read(*asked: Any) -> dict[str, Any]:
        if faults:
            raise faults.pop()
        return in_this_process(*asked)

    office = minh.office
    reader = Reader(office.engine, Blobs(tmp_path), office.desk, office.times, read)
    assert asyncio.run(reader.read_waiting()) == 2
    heard = minh.hears()
    assert heard[0].startswith("Sorry, something went wrong here while this was read")
    assert "Công văn 31/PGDĐT" in heard
    assert asyncio.run(reader.read_waiting()) == 0
