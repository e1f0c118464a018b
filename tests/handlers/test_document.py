"""Give the bot a document, check the duties it found in it, and publish them."""

import re
from datetime import date, datetime
from functools import partial
from pathlib import Path

from sqlmodel import Session, col, select

from bot.preview import upcoming
from core.events import EventKind, Held
from core.reading import flags
from core.review import State
from core.roles import Role
from core.screen import Picked
from handlers.draft import FLAGS
from storage import broadcasts
from storage.broadcasts import Broadcast, Stage
from storage.checklists import Duty, SourceDocument
from storage.drafts import DraftDuty
from storage.events import Event
from storage.files import Arrival, Upload
from storage.reports import Report
from tests.conftest import someone
from tests.handlers.test_registration import says_all
from tests.phone import HANOI, Office, Phone
from tests.reader import reads

HEAD = """PHÒNG GIÁO DỤC VÀ ĐÀO TẠO
Số: {number}/PGDĐT
V/v công tác an toàn trường học

Suối Trắng, ngày 20 tháng 10 năm 2026

Kính gửi: Hiệu trưởng các trường Tiểu học.

"""
FOOT = """

Nơi nhận:
- Như trên;
- Lưu: VT.
TRƯỞNG PHÒNG
Lò Văn Một
"""
REPORT = (
    "1. Các trường gửi báo cáo công tác an toàn trường học gồm: số lượng bình chữa cháy, tên "
    "người phụ trách về Phòng GD&ĐT trước ngày 10/11/2026."
)
TRAINING = (
    "2. Các trường gửi danh sách giáo viên dự tập huấn về Phòng GD&ĐT trước thứ Sáu ngày "
    "14/11/2026."
)
MEETING = "3. Hội nghị tổng kết tổ chức vào 7 giờ 30 phút ngày 24/11/2026."
LETTER = HEAD.format(number=31) + "\n".join((REPORT, TRAINING, MEETING)) + FOOT


def given(phone: Phone, folder: Path, text: str = LETTER) -> list[str]:
    """The card of a document that was pasted."""
    says_all(phone, "/vanban", "[Read a document]", text, "[Read this text]")
    reads(phone.office, folder)
    return phone.hears()


def test_a_file_is_recorded_read_after_the_turn_and_answered_by_a_card(
    minh: Phone, tmp_path: Path
) -> None:
    minh.plays("""
        > (công văn 31.txt)
        Reading “công văn 31.…txt”; you will hear in a moment.
    """)
    reads(minh.office, tmp_path, LETTER.encode())
    minh.plays("""
        Công văn 31/PGDĐT
        Issued by PHÒNG GIÁO DỤC VÀ ĐÀO TẠO, 20 October 2026
        V/v công tác an toàn trường học
        2 duties:
        1. Báo cáo công tác an toàn trường học: before 10 November 2026 (✓ ready)
        2. Danh sách giáo viên dự tập huấn: before 14 November 2026 (⚠ 2 things to settle)
        Dates without a report
        • Hội nghị tổng kết tổ chức vào 7 giờ 30 phút ngày…: 07:30 24 November 2026
        [Publish 1 duty…] [1. Báo cáo công tác an toàn trường học] [2. Danh sách giáo viên …
        > [1. Báo cáo công tác an toàn trường học]
        Báo cáo công tác an toàn trường học
        Who: TH
        To whom: Phòng GD&ĐT
        By when: before 10 November 2026 (“trước ngày 10/11/2026”)
        How often: once
        It says: “Các trường gửi báo cáo công tác an toàn trường học gồm: số lượng bình …
        The form asks 3 things:
        1. Số lượng bình chữa cháy
        2. Tên người phụ trách
        3. Báo cáo công tác an toàn trường học
        [Change the questions] [Change who is asked] [Change the day] [Change its name] …
    """)


def test_a_flag_stands_until_somebody_settles_it(minh: Phone, tmp_path: Path) -> None:
    given(minh, tmp_path)
    minh.plays("""
        > [2. Danh sách giáo viên dự tập huấn]
        Danh sách giáo viên dự tập huấn
        Who: TH
        To whom: Phòng GD&ĐT
        By when: before 14 November 2026 (“trước thứ Sáu ngày 14/11/2026”)
        How often: once
        It says: “Các trường gửi danh sách giáo viên dự tập huấn về Phòng GD&ĐT trước …
        The form asks 1 thing:
        1. Danh sách giáo viên dự tập huấn
        ⚠ the weekday does not fit the date
        ⚠ the date is on a weekend
        [⚠ Settle: the weekday does not fit the date] [Change the questions] …
        > [⚠ Settle: the weekday does not fit the date]
        Danh sách giáo viên dự tập huấn
        By which day? The document says “trước thứ Sáu ngày 14/11/2026”.
        the weekday does not fit the date, the date is on a weekend
        [Saturday 14 November 2026] [Friday 13 November 2026] [No day yet] [Cancel]
        > whenever
        Please tap a day, or type one such as 5/6/2026.
        Danh sách giáo viên dự tập huấn
        By which day? The document says “trước thứ Sáu ngày 14/11/2026”.
        the weekday does not fit the date, the date is on a weekend
        [Saturday 14 November 2026] [Friday 13 November 2026] [No day yet] [Cancel]
        > [Friday 13 November 2026]
        Danh sách giáo viên dự tập huấn
        Who: TH
        To whom: Phòng GD&ĐT
        By when: before 13 November 2026 (“trước thứ Sáu ngày 14/11/2026”)
        How often: once
        It says: “Các trường gửi danh sách giáo viên dự tập huấn về Phòng GD&ĐT trước …
        The form asks 1 thing:
        1. Danh sách giáo viên dự tập huấn
        [Change the questions] [Change who is asked] [Change the day] [Change its name] …
    """)


def test_the_questions_are_changed_by_typing_or_by_buttons(minh: Phone, tmp_path: Path) -> None:
    given(minh, tmp_path)
    says_all(minh, "[2. Danh sách giáo viên dự tập huấn]")
    minh.plays("""
        > [Change the questions]
        Danh sách giáo viên dự tập huấn
        Which questions shall the form ask?
        Your answer so far: 1 question
        1. Danh sách giáo viên dự tập huấn (files)
        Type a new question to add it; or for instance “remove 3”, “swap 2 4” or “change 2: …
        [Done] [Reword a question] [Leave out a question] [Cancel]
        > Có bao nhiêu giáo viên?
        Danh sách giáo viên dự tập huấn
        Which questions shall the form ask?
        Your answer so far: 2 questions
        1. Có bao nhiêu giáo viên? (a number)
        2. Danh sách giáo viên dự tập huấn (files)
        Type a new question to add it; or for instance “remove 3”, “swap 2 4” or “change 2: …
        [Done] [Reword a question] [Leave out a question] [Swap two questions] [Cancel]
        > [Reword a question]
        Which question shall be reworded?
        [No. 1] [No. 2] [Leave it as it is]
        > [No. 2]
        Danh sách giáo viên dự tập huấn
        Which questions shall the form ask?
        Your answer so far: 2 questions
        1. Có bao nhiêu giáo viên? (a number)
        2. Danh sách giáo viên dự tập huấn (files)
        Type the new words of number 2.
        [Leave it as it is] [Cancel]
        > Danh sách có chữ ký
        Danh sách giáo viên dự tập huấn
        Which questions shall the form ask?
        Your answer so far: 2 questions
        1. Có bao nhiêu giáo viên? (a number)
        2. Danh sách có chữ ký (files)
        Type a new question to add it; or for instance “remove 3”, “swap 2 4” or “change 2: …
        [Done] [Reword a question] [Leave out a question] [Swap two questions] [Cancel]
    """)
    assert says_all(minh, "swap 1 2")[3:5] == [
        "1. Danh sách có chữ ký (files)",
        "2. Có bao nhiêu giáo viên? (a number)",
    ]
    assert minh.says("đổi tên 2: Ngày tập huấn")[4] == "2. Ngày tập huấn (a day)"
    assert minh.says("remove 9")[0] == "There is no number 9 here; the last one is 2."
    assert minh.says("bỏ 1")[3] == "1. Ngày tập huấn (a day)"
    assert minh.says("remove 1")[0] == "At least one question has to stay."
    assert minh.says("[Done]")[6:8] == ["The form asks 1 thing:", "1. Ngày tập huấn"]


def test_what_is_ready_is_published_in_one_step(lan: Phone, minh: Phone, tmp_path: Path) -> None:
    given(minh, tmp_path)
    minh.plays("""
        > [Publish 1 duty…]
        📢 The office
        Công văn 31/PGDĐT: V/v công tác an toàn trường học
        • Báo cáo công tác an toàn trường học: trước ngày 10/11/2026
        ———
        To 2 schools, 1 person.
        Nobody registered (1): Trường TH Quyết Thắng
        • Báo cáo công tác an toàn trường học: before 10 November 2026, 2 schools
        Reminders before and after 10 November: 3 November, 7 November, 9 November, …
        [Publish] [Change the words] [Reminders to come] [Back to the document]
        > [Publish]
        1 duty is published.
        It is on its way; you will see here how far it is.
        [All messages]
    """)
    assert "[Fill in Báo cáo công tác an toàn trường học]" in " ".join(lan.says("/due"))
    with Session(minh.office.engine) as session:
        document = session.exec(select(SourceDocument).where(SourceDocument.number == "31")).one()
        duty = session.exec(select(Duty).where(Duty.document_id == document.id)).one()
        sent = session.exec(select(Broadcast)).one()
        reports = session.exec(select(Report).where(Report.duty_id == duty.id)).all()
    assert (duty.due, duty.written) == ("on before 2026-11-10", "trước ngày 10/11/2026")
    assert (duty.clause, duty.audience) == ("1", {"levels": ["TH"]})
    assert len(reports) == 2
    assert (sent.stage, sent.document_id) == (Stage.WAITING, document.id)
    minh.gives(Picked("show:post:1.1"))
    assert "published" in minh.hears()[0]
    with Session(minh.office.engine) as session:
        assert len(session.exec(select(Broadcast)).all()) == 1


def test_the_reminders_it_promises_are_those_that_are_sent(
    lan: Phone, minh: Phone, tmp_path: Path
) -> None:
    given(minh, tmp_path)
    heard = says_all(minh, "[Publish 1 duty…]")
    [promised] = [line for line in heard if "Reminders before" in line]
    minh.says("[Publish]")
    days = reminded(minh.office, lan.name)
    assert promised.endswith(f" 10 November: {', '.join(days)}")
    assert days[0] == "3 November"  # the message itself says it first
    assert len(days) == 6


def reminded(office: Office, name: str) -> list[str]:
    """The days on which somebody will be reminded of what was read in a document."""
    sessions = partial(Session, office.engine)
    sent = upcoming(sessions, office.desk, office.now.date(), date(2026, 11, 20), office.now)
    theirs = [one for one in sent if one.duty.startswith("vb") and one.person == name]
    return [f"{datetime.fromisoformat(one.at):%-d %B}" for one in theirs]


def test_a_long_text_out_of_nowhere_is_taken_in_as_many_messages_as_it_comes(
    lan: Phone, minh: Phone, tmp_path: Path
) -> None:
    first, second = LETTER[:300], LETTER[300:]
    heard = minh.says(first)
    assert heard[0] == "Read a document"
    assert heard[2] == "Your answer so far: 300 letters of text"
    assert minh.says(second)[3] == "[Read this text] [Start again] [Cancel]"
    assert minh.says("[Read this text]") == ["Reading it; you will hear in a moment."]
    reads(minh.office, tmp_path)
    assert minh.hears()[0] == "Công văn 31/PGDĐT"
    assert "Sorry, I did not understand that." in lan.says(first)


def test_a_paragraph_alone_is_enough_and_its_number_is_asked_for(
    minh: Phone, tmp_path: Path
) -> None:
    heard = given(minh, tmp_path, "Các trường gửi báo cáo sơ kết về Phòng trước ngày 10/12.")
    assert heard[-2].endswith(": before 10 December 2026 (⚠ 1 thing to settle)")
    label = next(label for label in minh.labels if label.startswith("1. "))
    minh.says(f"[{label}]")
    minh.says("[⚠ Settle: the year is not written]")
    minh.says("[Thursday 10 December 2026]")
    says_all(minh, "[Back to the document]")
    minh.plays("""
        > [⚠ Its number or day is missing]
        Các trường gửi báo cáo sơ kết về Phòng trước ngày… (1/2)
        Which number has it? For instance 215/PGDĐT-TH.
        [Skip]
        > [Skip]
        Các trường gửi báo cáo sơ kết về Phòng trước ngày… (2/2)
        When was it issued?
        [Today] [Back]
        > [Today]
        (1)
        …
        1 duty:
        …
        [Publish 1 duty…] …
    """)
    assert says_all(minh, "[Publish 1 duty…]", "[Publish]")[0] == "1 duty is published."


def test_a_scan_is_refused_in_words_and_its_file_is_kept(minh: Phone, tmp_path: Path) -> None:
    minh.says("(scan.pdf)")
    reads(minh.office, tmp_path, b"12")
    minh.plays("""
        There is no text in this file; please send the Word file, or paste it.
        “scan.pdf” is kept.
        [Read a document]
    """)
    with Session(minh.office.engine) as session:
        assert session.exec(select(Upload.arrival)).one() is Arrival.STORED


FROM_ABOVE = """UBND TỈNH SUỐI TRẮNG
SỞ GIÁO DỤC VÀ ĐÀO TẠO
Số: 77/SGDĐT-VP
V/v báo cáo chuyển đổi số

Suối Trắng, ngày 20 tháng 10 năm 2026

Kính gửi: Phòng Giáo dục và Đào tạo các huyện.

1. Phòng Giáo dục và Đào tạo gửi báo cáo chuyển đổi số về Sở GD&ĐT trước ngày 20/11/2026.

Nơi nhận:
- Như trên;
- Lưu: VT.
GIÁM ĐỐC
Lò Văn Hai
"""


def test_what_a_superior_office_asks_is_a_task_of_the_office_and_schools_are_asked_earlier(
    office: Office, channel: str, tmp_path: Path
) -> None:
    admin = someone(office, channel, "An", "PHONG", Role.ADMIN)
    says_all(admin, "/vanban", "[Days of slack]", "5")
    heard = given(admin, tmp_path, FROM_ABOVE)
    assert heard[3:7] == [
        "1 duty:",
        "1. Báo cáo chuyển đổi số: by 13 November 2026 (⚠ 1 thing to settle)",
        "For the office itself",
        "• Báo cáo chuyển đổi số: before 20 November 2026",
    ]
    admin.says("[1. Báo cáo chuyển đổi số]")
    label = "⚠ Settle: this day is proposed, so that the office can answer in time"
    says_all(admin, f"[{label}]", "[Friday 13 November 2026]", "[Back to the document]")
    heard = admin.says("[Publish 1 duty…]")
    # Not the date of the office itself.
    assert heard[2] == "• Báo cáo chuyển đổi số: trước ngày 13/11/2026"
    heard = says_all(admin, "[Publish]", "/vanban")
    assert "• Báo cáo chuyển đổi số: before 20 November 2026" in heard
    heard = admin.says("[Done: Báo cáo chuyển đổi số]")
    assert heard[0] == "Noted as done: Báo cáo chuyển đổi số"
    assert "For the office itself" not in heard
    with Session(office.engine) as session:
        duty = session.exec(select(Duty).order_by(col(Duty.id).desc())).first()
        assert duty
        issuer = session.get_one(SourceDocument, duty.document_id).issuer_id
        assert duty.due == "on by 2026-11-13"
        assert duty.receiver_id != issuer


def test_what_waits_for_a_day_may_be_published_without_one(minh: Phone, tmp_path: Path) -> None:
    words = "Các trường gửi báo cáo kết quả kiểm định chất lượng về Phòng GD&ĐT theo quy định."
    heard = given(minh, tmp_path, HEAD.format(number=32) + f"1. {words}" + FOOT)
    assert heard[4].endswith("no date set yet (⚠ 1 thing to settle)")
    label = next(label for label in minh.labels if label.startswith("1. "))
    minh.says(f"[{label}]")
    says_all(minh, "[⚠ Settle: no day is given]", "[No day yet]", "[Back to the document]")
    heard = says_all(minh, "[Publish 1 duty…]")
    assert "No reminders, as it has no day to come." in heard
    assert minh.says("[Publish]")[0] == "1 duty is published."


WEEKLY = "1. Các trường báo cáo tình hình dịch bệnh về Phòng GD&ĐT vào 16 giờ thứ Sáu hằng tuần."
INVITED = "2. Các trường gửi danh sách đội tuyển về Phòng Nội vụ trước ngày 12/11/2026."


def test_how_long_who_and_to_whom_are_settled_too(lan: Phone, minh: Phone, tmp_path: Path) -> None:
    given(minh, tmp_path, HEAD.format(number=33) + f"{WEEKLY}\n{INVITED}" + FOOT)
    labels = sorted(label for label in minh.labels if label[:2] in ("1.", "2."))
    minh.says(f"[{labels[0]}]")
    minh.plays("""
        > [⚠ Settle: until when it is repeated is not said]
        …
        Until which day shall it be repeated?
        [Friday 28 May 2027] [Thursday 31 December 2026] [Cancel]
    """)
    says_all(minh, "20/11/2026", "[Back to the document]", f"[{labels[1]}]")
    minh.plays("""
        > [⚠ Settle: it goes to another office]
        …
        The document says it goes to Phòng Nội vụ. Who shall receive it?
        [This office]
    """)
    says_all(minh, "[This office]", "[Back to the document]")
    heard = says_all(minh, "[Publish 2 duties…]", "[Publish]")
    assert heard[0] == "2 duties are published."
    with Session(minh.office.engine) as session:
        due = session.exec(select(Duty.due).order_by(col(Duty.id).desc())).all()[:2]
    assert due == [
        "on before 2026-11-12",
        "weekly by fri 16:00 2026-10-20..2026-11-20",
    ]
    assert lan.name == "Lan"


INSTEAD = "Công văn này thay thế Công văn số 31/PGDĐT ngày 20/10/2026.\n"
DRILL = "4. Các trường gửi kế hoạch phòng cháy về Phòng GD&ĐT trước ngày 17/11/2026."


def test_a_document_that_replaces_another_shows_what_is_otherwise(
    lan: Phone, minh: Phone, tmp_path: Path
) -> None:
    given(minh, tmp_path)
    says_all(minh, "[1. Báo cáo công tác an toàn trường học]", "[Change the questions]")
    says_all(minh, "bỏ 1 2", "[Done]", "[Back to the document]", "[Publish 1 duty…]", "[Publish]")
    of_before = _duty_of(minh.office, "an toàn trường học").checklist_id
    later = REPORT.replace("10/11/2026", "16/11/2026")
    text = f"{INSTEAD}{later}\n{DRILL}"
    heard = given(minh, tmp_path, HEAD.format(number=35) + text + FOOT)
    assert heard[3:9] == [
        "It replaces 31/PGDĐT.",
        "1 duty is new:",
        "• Kế hoạch phòng cháy – công tác an toàn trường học: before 17 November 2026; "
        "schools: TH",
        "1 duty changes:",
        "• Báo cáo công tác an toàn trường học",
        "– deadline: before 10 November 2026 → now before 16 November 2026",
    ]
    heard = minh.says("[1. Báo cáo công tác an toàn trường học]")
    assert heard[6:8] == ["The form asks 1 thing:", "1. Báo cáo công tác an toàn trường học"]
    says_all(minh, "[Back to the document]", "[Publish 2 duties…]", "[Publish]")
    assert lan.hears()[:3] == [
        "The office has changed deadlines:",
        "• Báo cáo công tác an toàn trường học: before 10 November → now before 16 November",
        "Everything you answered is kept.",
    ]
    due = " ".join(lan.says("/due"))
    assert "Báo cáo công tác an toàn trường học: before 16 November" in due
    assert "before 10 November" not in due
    with Session(minh.office.engine) as session:
        newest = session.exec(select(SourceDocument).where(SourceDocument.number == "35")).one()
        assert session.get_one(SourceDocument, newest.supersedes_id).number == "31"
        titles = session.exec(select(Report.title)).all()
    assert titles.count("Báo cáo công tác an toàn trường học") == 2  # one of each school
    assert _duty_of(minh.office, "an toàn trường học").checklist_id == of_before


def _duty_of(office: Office, words: str) -> Duty:
    with Session(office.engine) as session:
        return next(one for one in session.exec(select(Duty)) if one.title.endswith(words))


def test_what_a_document_that_replaces_another_drops_is_asked_no_more_and_said_once(
    lan: Phone, minh: Phone, tmp_path: Path
) -> None:
    given(minh, tmp_path)
    says_all(minh, "[Publish 1 duty…]", "[Publish]")
    heard = given(minh, tmp_path, HEAD.format(number=35) + INSTEAD + DRILL + FOOT)
    at = heard.index("1 duty is asked no more:")
    assert heard[at + 1] == "• Báo cáo công tác an toàn trường học"
    assert says_all(minh, "[Publish 1 duty…]", "[Publish]")[:3] == [
        "1 duty is published.",
        "2 reports are new.",
        "2 reports are asked no more.",
    ]
    assert lan.hears()[:2] == [
        "This is asked no more:",
        "• Báo cáo công tác an toàn trường học",
    ]
    assert "9 November" not in reminded(minh.office, lan.name)  # of the drill alone
    with Session(minh.office.engine) as session:
        title = "Báo cáo công tác an toàn trường học"
        states = session.exec(select(Report.state).where(Report.title == title)).all()
    assert states == [State.EXCUSED] * 2


def test_what_else_is_otherwise_is_shown_and_who_replaced_it_already(
    office: Office, minh: Phone, tmp_path: Path
) -> None:
    given(minh, tmp_path)
    says_all(minh, "[Publish 1 duty…]", "[Publish]")
    with Session(office.engine) as session:
        document = session.exec(select(SourceDocument).where(SourceDocument.number == "31")).one()
        duty = session.exec(select(Duty).where(Duty.document_id == document.id)).one()
        duty.also = [{"due": "on by 2026-11-12", "written": "12/11", "clause": "IX.9"}]
        session.add(_event(document, "Hội nghị tổng kết", date(2026, 11, 20)))
        session.add(_event(document, "Hội thi an toàn", date(2026, 12, 4)))
        session.commit()
    text = HEAD.format(number=35) + f"{INSTEAD}{REPORT}\n{MEETING}" + FOOT
    heard = given(minh, tmp_path, text)
    assert heard[3:11] == [
        "It replaces 31/PGDĐT.",
        "1 duty changes:",
        "• Báo cáo công tác an toàn trường học",
        "– other deadlines for the same: by 12 November 2026 → now none",
        "Events",
        "• Hội nghị tổng kết, 20 November 2026 → now Hội nghị tổng kết, 24 November 2026; "
        "it stays as it is until you change it",
        "• Hội thi an toàn, 4 December 2026: named no more; it stays until you cancel it",
        "1 duty:",
    ]
    says_all(minh, "[Publish 1 duty…]", "[Publish]")
    heard = given(minh, tmp_path, HEAD.format(number=36) + f"{INSTEAD}{DRILL}" + FOOT)
    assert heard[3] == "⚠ It says it replaces 31/PGDĐT, which 35/PGDĐT has replaced already."


def _event(document: SourceDocument, title: str, day: date) -> Event:
    event = Event(
        unit_id=document.issuer_id,
        document_id=document.id,
        kind=EventKind.MEETING,
        title=title,
        made_at=datetime(2026, 10, 1, tzinfo=HANOI),
    )
    event.hold(Held(day, day))
    return event


def test_a_duty_that_goes_on_is_settled_before_anything_replaces_it(
    minh: Phone, tmp_path: Path
) -> None:
    given(minh, tmp_path)
    says_all(minh, "[Publish 1 duty…]", "[Publish]")
    doubtful = REPORT.replace("ngày 10/11/2026", "thứ Sáu ngày 16/11/2026")
    text = HEAD.format(number=35) + f"{INSTEAD}{doubtful}\n{DRILL}" + FOOT
    given(minh, tmp_path, text)
    heard = minh.says("[Publish 1 duty…]")
    assert heard[0] == "Something has to be settled first; nothing was published."


def test_a_duty_that_goes_on_in_other_words_keeps_what_no_document_says(
    lan: Phone, minh: Phone, tmp_path: Path
) -> None:
    given(minh, tmp_path)
    says_all(minh, "[Publish 1 duty…]", "[Publish]")
    before = _duty_of(minh.office, "an toàn trường học")
    with Session(minh.office.engine) as session:
        kept = {"steps": [5, -1], "letter": None}
        session.get_one(Duty, before.id).nudges = kept
        session.commit()
    later = REPORT.replace("10/11/2026", "16/11/2026").replace("báo cáo công", "báo cáo về công")
    given(minh, tmp_path, HEAD.format(number=35) + INSTEAD + later + FOOT)
    heard = says_all(minh, "[Publish 1 duty…]")
    minh.says("[Publish]")
    [promised] = [line for line in heard if "Reminders before" in line]
    assert promised.endswith(f" 16 November: {', '.join(reminded(minh.office, lan.name))}")
    assert promised.endswith(": 11 November, 17 November")
    after = _duty_of(minh.office, "an toàn trường học")
    assert (after.id, after.code, after.nudges) == (before.id, before.code, kept)


def test_a_button_that_publishes_goes_stale_with_what_it_showed(
    minh: Phone, tmp_path: Path
) -> None:
    given(minh, tmp_path)
    says_all(minh, "[Publish 1 duty…]", "[Back to the document]")
    says_all(minh, "[1. Báo cáo công tác an toàn trường học]", "[Leave out this duty]")
    heard = minh.says("[Take it in again]")
    assert "It is left out." not in heard
    if minh.channel == "telegram":
        heard = minh.says("[Publish]")
        assert heard[0] == "This was changed meanwhile. It now reads:"
    with Session(minh.office.engine) as session:
        assert session.exec(select(DraftDuty.duty_id)).all() == [None, None]


def test_where_a_second_officer_has_to_agree_one_is_asked(
    office: Office, channel: str, lan: Phone, minh: Phone, tmp_path: Path
) -> None:
    with Session(office.engine) as session:
        broadcasts.set_needs_second(session, True, 1, office.now)
        session.commit()
    given(minh, tmp_path)
    heard = says_all(minh, "[Publish 1 duty…]", "[Publish]")
    assert heard[0] == "Nobody else at the office could agree; please invite a second officer."
    with Session(office.engine) as session:
        assert not session.exec(select(Broadcast)).all()
        assert not [code for code in session.exec(select(Duty.code)) if code.startswith("vb")]
    thu = someone(office, channel, "Thu", "PHONG", Role.OFFICER)
    heard = says_all(minh, "/vanban", "[31/PGDĐT]", "[Publish 1 duty…]")
    [promised] = [line for line in heard if "Reminders before" in line]
    assert minh.says("[Publish]")[0] == "1 duty is published."
    assert "Minh asks you to agree that this is sent." in thu.hears()
    days = reminded(office, lan.name)
    assert promised.endswith(f" 10 November: {', '.join(days)}")
    assert days[0] == "28 October"  # as new, as nobody knows when the message goes out


def test_a_document_is_thrown_away(minh: Phone, tmp_path: Path) -> None:
    given(minh, tmp_path)
    assert minh.says("[Throw it away]")[0] == "It is thrown away."
    assert "31/PGDĐT" not in " ".join(minh.says("/vanban"))


def test_every_doubt_that_rules_have_can_be_said() -> None:
    raised = re.findall(r'(?:yield |\[)"([a-z_]+)"', Path(flags.__file__).read_text())
    assert set(raised) - {"office_duty"} <= set(FLAGS)
    assert len(raised) > 10
