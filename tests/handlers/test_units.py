"""The office's schools and their people, inviting somebody, and the sheet of schools."""

import re

from sqlmodel import Session, select

from core.roles import Role
from core.screen import Picked
from storage.files import READ, UNITS, Upload
from tests.conftest import someone
from tests.handlers.test_registration import REGISTER, says_all
from tests.phone import Office, Phone


def test_schools_and_their_people(lan: Phone, hoa: Phone, minh: Phone) -> None:
    says_all(lan, "/toi", "[Change my phone number]", "0912 345 678")
    assert hoa.name == "Hoa"
    minh.plays("""
        > /donvi
        2 schools
        Without anybody registered (1):
        • Trường TH Quyết Thắng
        [Invite somebody] [Get the sheet to fill in] [Trường TH Lê Lợi] [Trường TH Quyết Thắng]
        > [Trường TH Lê Lợi]
        Trường TH Lê Lợi
        Code LL
        • Lan, report writer, 0912345678
        • Hoa, head of school, –
        [All schools]
        > [All schools]
        2 schools
        Without anybody registered (1):
        • Trường TH Quyết Thắng
        [Invite somebody] [Get the sheet to fill in] [Trường TH Lê Lợi] [Trường TH Quyết Thắng]
        > [Trường TH Quyết Thắng]
        Trường TH Quyết Thắng
        Code QT
        Nobody is registered yet.
        [All schools]
    """)


def test_who_waits_for_the_office_is_not_among_them(minh: Phone, stranger: Phone) -> None:
    says_all(stranger, *REGISTER)
    minh.hears()
    minh.says("/donvi")
    assert minh.says("[Trường TH Lê Lợi]")[2] == "Nobody is registered yet."


def test_an_officer_invites(minh: Phone) -> None:
    minh.plays("""
        > /moi
        Invitation (1/3)
        To which school? Type its name.
        > nowhere
        No school here is called “nowhere”. Please type its name again.
        Invitation (1/3)
        To which school? Type its name.
        > quyet thang
        Invitation (2/3)
        Is it one of these?
        [Trường TH Quyết Thắng] [Back]
        > [Trường TH Quyết Thắng]
        Invitation (3/3)
        As what?
        [report writer] [head of school] [Back]
        > [head of school]
        Invitation as head of school, Trường TH Quyết Thắng
        Code: …
        Link: https://t.me/phong_bot?start=…
        Good for one person, until 09:00 on 3 November 2026.
        [Invite somebody else]
    """)


def test_the_code_and_the_link_are_the_same_and_good_once(
    office: Office, channel: str, minh: Phone, stranger: Phone
) -> None:
    heard = says_all(minh, "/moi", "le loi", "[Trường TH Lê Lợi]", "[report writer]")
    code = heard[1].removeprefix("Code: ")
    assert re.fullmatch("[2-9A-HJ-NP-Z]{10}", code)
    assert heard[2].endswith(f"?start={code}")
    assert says_all(stranger, f"/start {code}", "[I agree]", "[Yes, I am Tú]")[0] == (
        "Welcome! You act as report writer, Trường TH Lê Lợi."
    )
    another = Phone(office, channel, "another chat", "Mai")
    assert another.says(f"/start {code}")[0].startswith("This code is not valid.")


def test_an_administrator_invites_to_the_office(
    office: Office, channel: str, stranger: Phone
) -> None:
    admin = someone(office, channel, "An", "PHONG", Role.ADMIN)
    admin.plays("""
        > /moi
        Invitation (1/4)
        Invite somebody to where?
        [A school] [This office]
        > [This office]
        Invitation (2/2)
        As what?
        [officer] [leader of the office] [administrator] [viewer] [Back]
    """)
    heard = admin.says("[viewer]")
    assert heard[0] == "Invitation as viewer, The office"
    assert heard[3] == "Good for one person, until 09:00 on 29 October 2026."
    code = heard[1].removeprefix("Code: ")
    assert says_all(stranger, f"/start {code}", "[I agree]", "[Yes, I am Tú]")[0] == (
        "Welcome! You act as viewer, The office."
    )


def test_only_those_who_may_invite_can(office: Office, channel: str, lan: Phone) -> None:
    leader = someone(office, channel, "Chi", "PHONG", Role.LEADER)
    for phone in (lan, leader):
        assert phone.says("/moi")[0] == "Only the office can invite."
    assert leader.says("/donvi")[-1] == "[Trường TH Lê Lợi] [Trường TH Quyết Thắng]"


def test_the_sheet_to_fill_in(lan: Phone, minh: Phone) -> None:
    minh.says("/donvi")
    minh.plays("""
        > [Get the sheet to fill in]
        Fill in one school a row and send the file back here.
        Either every row is taken in, or none, and each wrong row is named.
        (units.xlsx)
    """)
    lan.gives(Picked("show:sheet"))
    assert lan.hears()[0] == "Only the office can do this."


def test_a_sheet_that_comes_is_taken_in_when_wanted(office: Office, minh: Phone) -> None:
    minh.plays("""
        > (Trường.XLSX)
        Shall we take in the list of schools from “Trường.XLSX”?
        [Yes, take it in] [No]
        > [No]
        Hello Minh!
        You act as officer, The office.
        What shall we do?
        [Who has handed in] [Reports to review] [Messages to the schools] …
        > (units.xlsx)
        Shall we take in the list of schools from “units.xlsx”?
        [Yes, take it in] [No]
        > [Yes, take it in]
        Reading the sheet; you will hear in a moment.
        > (photo.jpg)
        Reading “photo.jpg”; you will hear in a moment.
    """)
    with Session(office.engine) as session:
        purposes = session.exec(select(Upload.name, Upload.purpose).order_by(Upload.name)).all()
    assert sorted(purposes) == [("Trường.XLSX", ""), ("photo.jpg", READ), ("units.xlsx", UNITS)]


def test_a_sheet_of_a_school_or_of_somebody_else_is_not_taken_in(
    office: Office, lan: Phone, minh: Phone
) -> None:
    assert lan.says("(units.xlsx)")[0].startswith("Your file has arrived, but I do not know")
    with Session(office.engine) as session:
        upload_id = session.exec(select(Upload.id)).one()
    for phone in (lan, minh):
        for about in (str(upload_id), "", "0", "x", "9" * 30):
            phone.gives(Picked(f"show:import:{about}"))
            assert phone.hears()[0] == "There is no such file for you."
    with Session(office.engine) as session:
        assert session.exec(select(Upload.purpose)).one() == ""
