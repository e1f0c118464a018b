"""About me: name, phone number, posts, and having one's data erased."""

from sqlmodel import Session, select

from bot.nudging import remind
from core.roles import Role, Standing
from core.screen import Contact, Picked
from storage import inbox
from storage.conversations import Conversation
from storage.events import Event
from storage.people import Person, Post
from tests.conftest import someone
from tests.databases import all_rows
from tests.handlers.test_event import invite
from tests.handlers.test_registration import REGISTER, says_all
from tests.handlers.test_report import FILLED, begin
from tests.phone import MACHINE_NOW, Office, Phone

ERASE = ("/toi", "[Erase my data]", "[Erase my data]")


def test_a_name_and_a_number_are_changed(lan: Phone) -> None:
    lan.plays("""
        > /toi
        Lan
        Phone: –
        • report writer, Trường TH Lê Lợi (you act for this one)
        [Change my name] [Change my phone number] [Time of reminders] …
        > [Change my name]
        Name
        Your full name, please.
        [Cancel]
        > Hoàng Thị Lan
        Hoàng Thị Lan
        Phone: –
        • report writer, Trường TH Lê Lợi (you act for this one)
        [Change my name] [Change my phone number] [Time of reminders] …
        > [Change my phone number]
        Phone number
        A phone number, so that the office can call you.
        [📱 Share my phone number] [Cancel]
        > later
        Please send a phone number such as 0912 345 678.
        Phone number
        A phone number, so that the office can call you.
        [📱 Share my phone number] [Cancel]
        > {0912 345 678}
        Your number is saved: 0912345678
    """)


def test_somebody_else_s_number_is_not_taken(lan: Phone) -> None:
    says_all(lan, "/toi", "[Change my phone number]")
    lan.gives(Contact("0912345678", own=False))
    assert lan.hears()[0] == "That is somebody else's contact. Please send your own number."


def test_a_stranger_has_nothing_to_change(stranger: Phone) -> None:
    assert stranger.says("/toi")[0] == "Hello! This is the office's assistant for its schools."
    for flow in ("name", "phone", "erase"):
        stranger.gives(Picked(f"open:{flow}:0"))
        assert stranger.hears()[0] == "Please register first."


def test_only_one_s_own_post_can_be_acted_for(office: Office, lan: Phone, hoa: Phone) -> None:
    with Session(office.engine) as session:
        of_hoa = session.exec(select(Post.id).join(Person).where(Person.name == hoa.name)).one()
    for about in (str(of_hoa), "", "0", "x", "9" * 30):
        lan.gives(Picked(f"show:act:{about}"))
        assert lan.hears()[0] == "You do not hold this post."


def test_erasing_is_asked_for_twice(lan: Phone) -> None:
    says_all(lan, "/toi")
    lan.plays("""
        > [Erase my data]
        Erase my data
        Shall we erase your data?
        Your name and phone number are erased and your posts end at once.
        Reports that were handed in stay with the office, as its archive must keep them.
        [Erase my data] [No, keep it]
        > [No, keep it]
        Lan
        Phone: –
        • report writer, Trường TH Lê Lợi (you act for this one)
        [Change my name] [Change my phone number] [Time of reminders] …
    """)


def test_nothing_of_a_person_stays_but_what_reports_need(
    office: Office, hoa: Phone, minh: Phone, stranger: Phone
) -> None:
    says_all(stranger, *REGISTER)
    minh.hears()
    minh.says("[Accept]")
    stranger.hears()
    begin(stranger, *FILLED, "[Submit]")
    begin(stranger, "[The old one]", report="[Fill in Safety plan]")
    says_all(stranger, "/toi", "[Change my name]")
    says_all(stranger, "/huy", "/toi", "[Change my phone number]", "0912 345 678")
    begin(hoa, report="[Continue Safety plan]")
    invite(office, minh, hoa, stranger)
    says_all(hoa, "[👥 Send somebody else]", "Lò Thị Tú 0912345678", "[Done]")
    with Session(office.engine) as session:
        session.exec(select(Event)).one().team = "Lò Thị Tú\nHà"
        session.commit()
    quarantine(office, stranger)
    for word in ("Lò Thị Tú", "0912345678", "words that are theirs"):
        assert word in as_text(office)
    assert says_all(stranger, *ERASE) == [
        "Done. Your name and phone number are erased. Thank you for your work!"
    ]
    for word in ("Lò Thị Tú", "0912345678", "words that are theirs"):
        assert word not in as_text(office)
    assert "words that are another's" in as_text(office)
    with Session(office.engine) as session:
        ended = session.exec(select(Post).where(Post.standing == Standing.ENDED)).one()
        gone = session.get_one(Person, ended.person_id)
        begun = select(Conversation).where(Conversation.person_id == gone.id)
        assert session.exec(begun).all() == []
    assert (gone.consent_at, gone.post_id, gone.conversation_id) == (None, None, None)
    assert stranger.says("hello")[0] == "Hello! This is the office's assistant for its schools."


def quarantine(office: Office, phone: Phone) -> None:
    """An update of theirs that could not be answered, and one of somebody else."""
    chats = {"theirs": int(phone.chat), "another's": int(phone.chat + "0")}
    with office.engine.begin() as connection:
        for update_id, chat in chats.items():
            raw = {"message": {"chat": {"id": chat}, "text": f"words that are {update_id}"}}
            how = {"error": "it failed", "raw": raw, "attempts": 3}
            inbox.quarantine(connection, phone.channel, update_id, MACHINE_NOW, **how)  # type: ignore[arg-type]


def as_text(office: Office) -> str:
    return str(all_rows(office.engine))


def test_colleagues_go_on_with_what_an_erased_person_began(lan: Phone, hoa: Phone) -> None:
    begin(lan, "[Yes]")
    says_all(lan, *ERASE)
    hoa.says("/due")
    hoa.plays("""
        > [Continue Fire safety tháng 10/2026]
        Fire safety tháng 10/2026
        somebody who has left is filling in this report, since 09:00 today.
        [Go on in place of somebody who has left] [What else is due?]
        > [Go on in place of somebody who has left]
        Fire safety tháng 10/2026 (2/4)
        How many extinguishers work?
        [Back]
    """)
    assert lan.hears() == []


def test_a_reminder_that_waits_goes_with_its_reader(office: Office, lan: Phone) -> None:
    assert remind(office.engine, office.desk, office.now, MACHINE_NOW) == 1
    lan.gives(Picked("open:erase:0"))
    lan.gives(Picked("answer:erase"), seen="1.0")
    heard = lan.hears()
    assert heard[-1].startswith("Done.")
    assert "A reminder: 1 report" not in heard


def test_the_last_administrator_stays(office: Office, channel: str) -> None:
    an = someone(office, channel, "An", "PHONG", Role.ADMIN)
    assert says_all(an, *ERASE)[0] == (
        "You are the office's last administrator; please invite another one first."
    )
    someone(office, channel, "Bình", "PHONG", Role.ADMIN)
    assert says_all(an, *ERASE)[0].startswith("Done.")


def test_erased_and_registered_anew(lan: Phone, minh: Phone) -> None:
    says_all(lan, *ERASE)
    assert says_all(lan, *REGISTER)[0].startswith("Thank you!")
    minh.hears()
    minh.says("[Accept]")
    assert lan.hears()[0] == "Welcome! You act as report writer, Trường TH Lê Lợi."
