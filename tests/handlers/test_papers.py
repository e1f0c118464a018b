"""Ask an official document: the file and the clause, in words of one's own."""

from pathlib import Path

from sqlmodel import Session, select

from storage.broadcasts import Broadcast, Stage
from tests.handlers.test_document import LETTER
from tests.handlers.test_registration import says_all
from tests.phone import Office, Phone
from tests.reader import reads


def test_a_school_asks_for_a_document_and_a_clause(
    office: Office, lan: Phone, minh: Phone, tmp_path: Path
) -> None:
    minh.says("(công văn.docx)")
    reads(office, tmp_path, LETTER.encode())
    minh.hears()
    says_all(minh, "[Publish 1 duty…]", "[Publish]")
    with Session(office.engine) as session:
        assert session.exec(select(Broadcast.stage)).one() is Stage.WAITING
    lan.plays("""
        > công văn 31
        Document 31/PGDĐT of 20 October 2026: V/v công tác an toàn trường học
        (công văn.docx)
        [1. Các trường gửi báo cáo công tác an toàn trường học gồm: số…] …
        > muc 3 cong van 31 la gi
        Clause 3, document 31/PGDĐT
        Hội nghị tổng kết tổ chức vào 7 giờ 30 phút ngày 24/11/2026.
        [The whole document]
        > mục II.1 là gì?
        Clause II.1, document 7/KH
        Fire safety
        [The whole document]
        > [The whole document]
        Document 7/KH of 1 October 2026: Safety in schools
        Its file was not given to the bot.
        [II.1. Fire safety] [II.2. Yearly plan]
        > /vanban
        Official documents
        Which document? You may also type its number, or “mục III.4 là gì”.
        [📄 31/PGDĐT] [📄 7/KH]
    """)


def test_what_no_document_has_is_not_answered_as_one(lan: Phone, stranger: Phone) -> None:
    assert "Sorry, I did not understand that." in lan.says("mục IX.9 là gì")
    assert "Clause" not in " ".join(stranger.says("mục II.1 là gì"))
