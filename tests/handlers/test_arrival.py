"""Files once their bytes are here: refused, or known already, here or at another school."""

from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from core.filetype import Refusal
from core.roles import Role
from core.screen import Picked
from storage.evidence import Evidence, Place
from storage.files import Upload
from storage.reports import Report
from storage.units import Unit
from tests.conftest import someone
from tests.handlers.test_report import answers, begin
from tests.pages import Desk, jpeg, page
from tests.phone import Office, Phone

TO_THE_PHOTOS = ("[Yes]", "6", "[Skip]")
SAME = jpeg(page(7))


@pytest.fixture
def desk(office: Office, tmp_path: Path) -> Desk:
    return Desk(office, tmp_path)


def handed_in_before(phone: Phone, desk: Desk, name: str = "exit.jpg") -> None:
    begin(phone, *TO_THE_PHOTOS, f"({name})", "[Done]", "[Submit]")
    desk.arrive({name: SAME})
    desk.make_all()
    phone.hears()


def begins_november(office: Office, phone: Phone, *then: str) -> None:
    office.wait(days=20)
    begin(phone, *then, report="[Fill in Fire safety tháng 11/2026]")


@pytest.mark.parametrize("why", list(Refusal))
def test_a_refused_file_is_asked_for_again_and_loses_nothing_else(
    lan: Phone, desk: Desk, office: Office, why: Refusal
) -> None:
    begin(lan, *TO_THE_PHOTOS, "(a.jpg)", "(b.jpg)")
    desk.refuse("b.jpg", why)
    said = lan.hears()
    assert said[0].startswith("“b.jpg” ")
    assert said[0].endswith("so it was not kept.")
    assert said[1:] == [
        "Please send it again in another form.",
        "[Continue Fire safety tháng 10/2026] [Open the menu]",
    ]
    kept = answers(office)
    assert [file["name"] for file in kept.pop("photo")] == ["a.jpg"]
    assert kept == {"exits": True, "extinguishers": 6, "notes": None}
    desk.arrive({"a.jpg": SAME})
    assert desk.make_all() == 1


def test_a_file_the_school_has_may_be_used_again(lan: Phone, desk: Desk, office: Office) -> None:
    handed_in_before(lan, desk)
    begins_november(office, lan, *TO_THE_PHOTOS, "(again.jpg)")
    desk.arrive({"again.jpg": SAME})
    lan.plays("""
        You have “exit.jpg” already, since 27 October 2026. Use it again?
        [Use it again] [Send it as a new file] [Leave it out]
        > [Use it again]
        You were in the middle of this: question 4 of 4, 09:00 today.
        Fire safety tháng 11/2026 (4/4)
        Send photos of the main exit.
        Your answer so far: 1 file: exit.jpg
        [Done] [Send them again from the start] [Back]
    """)
    with Session(office.engine) as session:
        used = session.exec(select(Evidence).where(Evidence.state == Place.KEPT)).all()
        names = [session.get_one(Upload, one.upload_id).name for one in used]
    assert names == ["exit.jpg", "exit.jpg"]
    assert len({one.upload_id for one in used}) == 1  # one file, two reports
    with Session(office.engine) as session:
        again = session.exec(select(Upload.id).where(Upload.name == "again.jpg")).one()
    lan.gives(Picked(f"show:same:{again}.drop"))
    assert lan.hears()[0] == "That file waits for no answer any more."
    assert answers(office)["photo"][0]["name"] == "exit.jpg"  # decided already


@pytest.mark.parametrize(
    ("choice", "left"), [("[Send it as a new file]", ["again.jpg"]), ("[Leave it out]", [])]
)
def test_or_sent_anew_or_left_out(
    lan: Phone, desk: Desk, office: Office, choice: str, left: list[str]
) -> None:
    handed_in_before(lan, desk)
    begins_november(office, lan, *TO_THE_PHOTOS, "(again.jpg)")
    desk.arrive({"again.jpg": SAME})
    lan.hears()
    lan.says(choice)
    assert [file["name"] for file in answers(office)["photo"]] == left


def test_a_file_that_is_not_in_an_answer_is_not_asked_about(lan: Phone, desk: Desk) -> None:
    begin(lan, *TO_THE_PHOTOS, "(a.jpg)", "[Send them again from the start]", "(b.jpg)")
    desk.arrive({"a.jpg": SAME, "b.jpg": SAME})
    assert lan.hears() == []


def test_the_same_file_of_two_schools_is_marked_for_the_office_alone(
    lan: Phone, minh: Phone, desk: Desk, office: Office, channel: str
) -> None:
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    handed_in_before(mai, desk)
    handed_in_before(lan, desk, "ours.jpg")
    minh.says("/status")
    minh.says("[Fire safety tháng 10/2026 (2/2)]")
    mark = "“ours.jpg” is the same file as one from Trường TH Quyết Thắng."
    assert mark in minh.says("[Read Trường TH Lê Lợi]")
    assert mark in minh.says("[Review it]")
    assert "clean" not in minh.says("/duyet")[-1]  # copied ones are looked at one by one
    with Session(office.engine) as session:
        october = col(Report.title).endswith("10/2026")
        of_ll = select(Report.id).join(Unit).where(Unit.code == "LL", october)
        ours = session.exec(of_ll).one()
    lan.gives(Picked(f"show:read:{ours}"))
    said = lan.hears()
    assert said[0] == "Fire safety tháng 10/2026 – Trường TH Lê Lợi"
    assert mark not in said


def test_whoever_gave_the_draft_to_a_colleague_decides_no_more(
    lan: Phone, hoa: Phone, desk: Desk, office: Office
) -> None:
    handed_in_before(lan, desk)
    begins_november(office, lan, *TO_THE_PHOTOS, "(again.jpg)")
    desk.arrive({"again.jpg": SAME})
    lan.hears()
    with Session(office.engine) as session:
        again = session.exec(select(Upload.id).where(Upload.name == "again.jpg")).one()
    hoa.says("/due")
    hoa.says("[Continue Fire safety tháng 11/2026]")
    hoa.says("[Go on in place of Lan]")
    lan.hears()
    lan.gives(Picked(f"show:same:{again}.drop"))
    assert lan.hears()[0] == "That file waits for no answer any more."
    assert [file["name"] for file in answers(office)["photo"]] == ["again.jpg"]
