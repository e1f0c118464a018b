"""Handed in outside the system, excused, and both taken back."""

from sqlmodel import Session, col, select

from core.review import State
from core.roles import Role
from handlers.arrival import bad_news
from storage.audit import Audit
from storage.files import Arrival, Upload
from storage.reports import Report
from tests.conftest import someone
from tests.handlers.test_locking import look, states
from tests.handlers.test_nudge import tick
from tests.handlers.test_report import answers, begin
from tests.phone import Office, Phone

FIRE = "Fire safety tháng 10/2026"
ELSEWHERE = "[Handed in outside the system]"
PLACES = "[on paper] [by Zalo] [in the ministry's system] [elsewhere]"


def says(phone: Phone, *lines: str) -> list[str]:
    """What is shown after the last of these lines."""
    return [phone.says(line) for line in lines][-1]


def test_it_was_handed_in_on_paper(lan: Phone, hoa: Phone, minh: Phone) -> None:
    look(minh)
    minh.plays(f"""
        > {ELSEWHERE}
        {FIRE}, handed in outside the system (1/2)
        How was it handed in?
        {PLACES}
        > [on paper]
        {FIRE}, handed in outside the system (2/2)
        Its proof: send photos, files or the document's number.
        [Back]
        > {"x" * 101}
        Please send a photo, a file or the number of the document.
        {FIRE}, handed in outside the system (2/2)
        Its proof: send photos, files or the document's number.
        [Back]
        > 12/BC-THLL
        {FIRE}, Trường TH Lê Lợi: handed in outside the system
        [Look at the report] [Who has handed in]
        > [Look at the report]
        {FIRE} – Trường TH Lê Lợi
        Now: handed in on paper, 12/BC-THLL
        …
        • Lan, report writer, –
        • Hoa, head of school, –
        [Take it back] [Who has handed in]
    """)
    for phone in (lan, hoa):
        assert phone.hears() == [
            f"The office has noted that {FIRE} was handed in on paper. Thank you!"
        ]
        assert f"[Fill in {FIRE}]" not in phone.says("/han")[-1]


def test_photos_are_proof(lan: Phone, minh: Phone) -> None:
    look(minh)
    says(minh, ELSEWHERE, "[by Zalo]", "(blurred.jpg)", "(screen.jpg)")
    minh.plays(f"""
        > 12/BC-THLL
        Please send a photo, a file or the number of the document.
        {FIRE}, handed in outside the system (2/2)
        Its proof: send photos, files or the document's number.
        Your answer so far: 2 files: blurred.jpg, screen.jpg
        To correct the order, type for instance “remove 3” or “swap 2 4”.
        [Done] [Arrange them] [Send them again from the start] [Back]
        > remove 1
        {FIRE}, handed in outside the system (2/2)
        Its proof: send photos, files or the document's number.
        Your answer so far: 1 file: screen.jpg
        [Done] [Send them again from the start] [Back]
        > (page2.jpg)
        {FIRE}, handed in outside the system (2/2)
        Its proof: send photos, files or the document's number.
        Your answer so far: 2 files: screen.jpg, page2.jpg
        To correct the order, type for instance “remove 3” or “swap 2 4”.
        [Done] [Arrange them] [Send them again from the start] [Back]
        > [Done]
        {FIRE}, Trường TH Lê Lợi: handed in outside the system
        [Look at the report] [Who has handed in]
        > [Look at the report]
        {FIRE} – Trường TH Lê Lợi
        Now: handed in by Zalo, with its proof
        …
        • Lan, report writer, –
        [Get the proof] [Take it back] [Who has handed in]
        > [Get the proof]
        {FIRE} – Trường TH Lê Lợi
        (screen.jpg)
        (page2.jpg)
        [Look at the report]
    """)
    assert lan.hears()[0].startswith("The office has noted")


def test_a_proof_that_could_not_be_kept_is_asked_for_again(
    office: Office, lan: Phone, minh: Phone
) -> None:
    look(minh)
    says(minh, ELSEWHERE, "[by Zalo]", "(screen.jpg)", "[Done]")
    assert lan.hears() != []
    with Session(office.engine) as session:
        upload = session.exec(select(Upload)).one()
        upload.arrival = Arrival.LOST
        screen = bad_news(session, upload)
        report = session.exec(select(Report).where(Report.state == State.FILED_ELSEWHERE)).one()
    assert screen
    assert screen.choices[0].action == f"show:case:{report.id}"


def test_what_is_eased_asks_for_nothing(lan: Phone, minh: Phone) -> None:
    for line in ("/due", "[Ask for more time]", "5", "the flood"):
        lan.says(line)
    look(minh)
    says(minh, "[Excuse the school]", "the flood")
    assert "Schools that ask" not in minh.says("/tinhhinh")[-1]


def test_both_are_counted_apart(office: Office, lan: Phone, minh: Phone) -> None:
    look(minh)
    says(minh, ELSEWHERE, "[elsewhere]", "by hand")
    look(minh, "Trường TH Quyết Thắng")
    assert says(minh, "[Excuse the school]", "the school is flooded")[0] == (
        f"{FIRE}, Trường TH Quyết Thắng: excused"
    )
    minh.plays(f"""
        > /tinhhinh
        Who has handed in
        • {FIRE}: 0/2 schools, 1 outside the system, 1 excused; before 30 October, …
        • Safety plan: 0/2 schools; the office has not set a date yet
        [{FIRE} (0/2)] [Safety plan (0/2)] …
        > [{FIRE} (0/2)]
        {FIRE}
        before 30 October, better sent on Thursday 29 October
        0 of 2 schools have handed in.
        Outside the system (1):
        • Trường TH Lê Lợi: handed in elsewhere, by hand
        Excused (1):
        • Trường TH Quyết Thắng: excused: the school is flooded
        [Trường TH Lê Lợi] [Trường TH Quyết Thắng] [All duties]
    """)
    assert states(office) == {"LL": State.FILED_ELSEWHERE, "QT": State.EXCUSED}
    assert lan.hears() != []


def test_an_excuse_needs_a_reason_and_the_school_hears_it(lan: Phone, minh: Phone) -> None:
    look(minh)
    minh.says("[Excuse the school]")
    assert minh.says("   ")[0].startswith("Please send a text of up to 300")
    minh.says("the school is flooded")
    assert lan.hears() == [f"Your school need not hand in {FIRE}: the school is flooded"]


def test_what_was_answered_survives_and_can_be_gone_on_with(
    office: Office, lan: Phone, minh: Phone
) -> None:
    begin(lan, "[Yes]", "6")
    look(minh)
    says(minh, "[Excuse the school]", "the school is flooded")
    assert "This report no longer waits for your answers." in lan.says("some words")
    minh.says("[Look at the report]")
    minh.plays(f"""
        > [Take it back]
        Take it back
        Shall Trường TH Lê Lợi hand in {FIRE} again?
        [Yes, take it back] [No]
        > [Yes, take it back]
        {FIRE}, Trường TH Lê Lợi: being filled in
        [Look at the report] [Who has handed in]
    """)
    lan.plays(f"""
        {FIRE} is to be handed in here after all.
        [Continue {FIRE}]
        > [Continue {FIRE}]
        {FIRE} (3/4)
        Anything to add?
        [Skip] [Back]
    """)
    assert answers(office) == {"exits": True, "extinguishers": 6}


def test_both_stop_reminders(office: Office, lan: Phone, minh: Phone) -> None:
    someone(office, lan.channel, "Mai", "QT", Role.REPORTER)
    assert tick(office) == 2
    look(minh)
    says(minh, ELSEWHERE, "[on paper]")
    minh.does("12/BC")
    assert [line for line in lan.hears() if "reminder" in line] == []
    look(minh, "Trường TH Quyết Thắng")
    says(minh, "[Excuse the school]", "the school is flooded")
    office.wait(days=2)
    assert tick(office) == 0
    look(minh)
    says(minh, "[Take it back]", "[Yes, take it back]")
    assert tick(office) == 1


def test_each_is_in_the_audit(office: Office, lan: Phone, minh: Phone) -> None:
    assert lan.says("/han")
    look(minh)
    says(minh, ELSEWHERE, "[by Zalo]", "(screen.jpg)", "[Done]")
    look(minh)
    says(minh, "[Take it back]", "[Yes, take it back]")
    look(minh)
    says(minh, "[Excuse the school]", "flooded")
    with Session(office.engine) as session:
        rows = session.exec(
            select(Audit).where(Audit.subject == "report").order_by(col(Audit.id))
        ).all()
        said = [(row.change, row.after) for row in rows]
        assert session.exec(select(Report.state_before).where(Report.state == State.EXCUSED)).one()
    assert said == [
        ("file elsewhere", {"state": "filed_elsewhere", "place": "zalo", "files": [1]}),
        ("restore", {"state": "open"}),
        ("excuse", {"state": "excused", "reason": "flooded"}),
    ]
