"""A post goes to a new person in one step, with all that was begun in it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlmodel import Session, col, select

from bot.flood import Floods
from core.roles import Role, Standing
from core.screen import Picked
from handlers import QUERIES
from storage.audit import Audit
from storage.invitations import Invitation
from storage.people import Person, Post
from storage.submissions import Submission
from tests.conftest import someone
from tests.databases import BOTH
from tests.handlers.test_nudge import tick, waiting_reminders
from tests.handlers.test_report import begin
from tests.phone import Office, Phone

only_on_postgres = pytest.mark.parametrize("engine", BOTH[1:], indirect=True)
only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

FIRE = "Fire safety tháng 10/2026"
TRUONG = "Trường TH Lê Lợi"
NOT_VALID = "This invitation is no longer valid. Please ask for a new one."


def make_code(giver: Phone, whose: str) -> str:
    """Ask for a code for a post of the giver's unit, such as "Hoa, head of school"."""
    giver.says("/toi")
    giver.says("[Hand over a post]")
    giver.says(f"[Hand over: {whose}]")
    shown = giver.says("[Make the code]")
    return next(line for line in shown if line.startswith("Code: ")).removeprefix("Code: ")


def opens(phone: Phone, code: str) -> list[str]:
    """Agree, where asked, and take the name of the app; return what is shown last."""
    shown = phone.says(f"/start {code}")
    for line in ("[I agree]", f"[Yes, I am {phone.name}]"):
        if line in shown[-1]:
            shown = phone.says(line)
    return shown


def held(office: Office) -> set[tuple[str, str, str]]:
    """Every post: whose, what, and whether it is held."""
    with Session(office.engine) as session:
        rows = session.exec(select(Person.name, Post.role, Post.standing).join(Post)).all()
    return {(name, str(role), str(standing)) for name, role, standing in rows}


# The whole of it


def test_a_head_hands_over_the_writer_s_post(
    office: Office, lan: Phone, hoa: Phone, minh: Phone, stranger: Phone
) -> None:
    begin(lan, "[Yes]")
    hoa.says("/toi")
    hoa.plays("""
        > [Hand over a post]
        Which post shall be handed over?
        [Hand over: Lan, report writer] [Hand over: Hoa, head of school]
        > [Hand over: Lan, report writer]
        Handing over
        Hand over the post of Lan (report writer, Trường TH Lê Lợi)?
        Nothing changes until the new person opens the code.
        Then drafts and reminders go to them, and Lan has no access any more.
        [Make the code] [No]
        > [Make the code]
        To take over from Lan (report writer, Trường TH Lê Lợi)
        Code: …
        Link: https://t.me/phong_bot?start=…
        Good for one person, until 09:00 on 3 November 2026.
        [Withdraw the code for Lan]
    """)
    assert lan.says("6")[1] == "Anything to add?"  # nothing has changed yet
    code = make_code(hoa, "Lan, report writer")
    stranger.says(f"/start {code}")
    stranger.plays("""
        > [I agree]
        Invitation (2/2)
        You take over from Lan as report writer, Trường TH Lê Lợi.
        [Yes, I am Tú] [Write another name] [Back]
        > [Yes, I am Tú]
        Welcome! You act as report writer, Trường TH Lê Lợi.
        [What is due] [Open the menu]
    """)
    assert lan.hears() == [
        "Tú has taken over your post: report writer, Trường TH Lê Lợi.",
        "You have no access to it any more. Thank you for your work!",
        "[Open the menu]",
    ]
    news = "Tú has taken over from Lan: report writer, Trường TH Lê Lợi."
    assert hoa.hears() == minh.hears() == [news]
    stranger.says("/han")
    stranger.plays(f"""
        > [Continue {FIRE}]
        You were in the middle of this: question 3 of 4, 09:00 today.
        {FIRE} (3/4)
        Anything to add?
        [Skip] [Back]
    """)
    assert held(office) >= {("Lan", "reporter", "ended"), ("Tú", "reporter", "active")}


def test_it_is_said_in_vietnamese(office: Office, channel: str, stranger: Phone) -> None:
    hoa = someone(office, channel, "Hoa", "LL", Role.HEAD, language="vi")
    hoa.says("/toi")
    hoa.says("[Bàn giao]")
    hoa.plays(f"""
        > [Bàn giao: Hoa, Hiệu trưởng]
        Bàn giao
        Bàn giao vai trò của Hoa (Hiệu trưởng, {TRUONG})?
        Chưa có gì thay đổi cho đến khi người mới mở mã.
        Sau đó báo cáo đang làm và tin nhắc chuyển sang người mới, Hoa không còn quyền truy cập.
        [Tạo mã bàn giao] [Không]
        > [Không]
        Bàn giao vai trò nào?
        [Bàn giao: Hoa, Hiệu trưởng]
    """)
    assert stranger.hears() == []


# The leaver


@only_with_buttons
def test_the_leaver_s_buttons_and_commands_are_those_of_anybody(
    office: Office, lan: Phone, hoa: Phone, stranger: Phone
) -> None:
    begin(lan, "[Yes]", "6")
    nobody = Phone(office, lan.channel, "80099", "Ai đó")
    welcome = nobody.says("/start")
    code = make_code(hoa, "Lan, report writer")
    opens(stranger, code)
    lan.hears()
    for action in [f"show:{name}" for name in QUERIES if name != "me"]:
        office.desk = replace(office.desk, floods=Floods())  # nobody is told to be slower
        for phone in (lan, nobody):
            phone.gives(Picked(f"{action}:1"))
        assert lan.hears() == nobody.hears(), action
    for line in ("[Skip]", "some words"):
        assert lan.says(line)[-1] == welcome[-1]
    lan.gives(Picked("open:report:1"))
    assert "This report no longer waits for your answers." in lan.hears()
    assert lan.says("/han")[0] == "You act for no school, so nothing is due from you."


def test_who_holds_another_post_goes_on_with_that(
    office: Office, lan: Phone, hoa: Phone, stranger: Phone
) -> None:
    with Session(office.engine) as session:
        me = session.exec(select(Person).where(Person.name == "Lan")).one()
        mine = session.exec(select(Post).where(Post.person_id == me.id)).one()
        other = Post(
            person_id=me.id,
            unit_id=mine.unit_id + 1,
            role=Role.REPORTER,
            standing=Standing.ACTIVE,
            since=office.now,
        )
        session.add(other)
        session.commit()
    opens(stranger, make_code(hoa, "Lan, report writer"))
    lan.hears()
    assert "report writer, Trường TH Quyết Thắng" in "".join(lan.says("/start"))


def test_the_writer_s_chat_is_not_reminded_any_more(
    office: Office, lan: Phone, hoa: Phone, stranger: Phone
) -> None:
    code = make_code(hoa, "Lan, report writer")
    assert tick(office) == 2
    opens(stranger, code)
    assert len(waiting_reminders(office)) == 1  # that of the head
    assert [line for line in lan.hears() if "reminder" in line] == []
    assert tick(office) == 1
    assert stranger.hears()[0] == "A reminder: 1 report"


# Officers and administrators


def test_an_officer_s_topics_and_work_go_to_the_new_one(
    office: Office, channel: str, lan: Phone, stranger: Phone
) -> None:
    an = someone(office, channel, "An", "PHONG", Role.OFFICER, topics=["safety"])
    chief = someone(office, channel, "Chi", "PHONG", Role.ADMIN)
    opens(stranger, make_code(an, "An, officer"))
    an.hears()
    assert chief.hears() == ["Tú has taken over from An: officer, The office."]
    for line in ("/due", "[Ask for more time]", "5", "the flood"):
        lan.says(line)
    assert an.hears() == []
    assert stranger.hears()[0] == f"{TRUONG} asks for more time"
    with Session(office.engine) as session:
        post = session.exec(
            select(Post).where(Post.role == Role.OFFICER, Post.standing == Standing.ACTIVE)
        ).one()
        assert post.topics == ["safety"]


def test_the_last_admin_hands_over_and_does_not_vanish(
    office: Office, channel: str, stranger: Phone
) -> None:
    chief = someone(office, channel, "Chi", "PHONG", Role.ADMIN)
    code = make_code(chief, "Chi, administrator")
    assert opens(chief, code)[0] == (
        "This is your own post; whoever takes it over has to open the code."
    )
    assert ("Chi", "admin", "active") in held(office)
    opens(stranger, code)
    assert held(office) >= {("Chi", "admin", "ended"), ("Tú", "admin", "active")}
    assert stranger.says("/donvi")[0] == "2 schools"


def test_an_admin_hands_over_any_post(
    office: Office, channel: str, lan: Phone, stranger: Phone
) -> None:
    chief = someone(office, channel, "Chi", "PHONG", Role.ADMIN)
    chief.says("/donvi")
    assert chief.says(f"[{TRUONG}]")[-1] == "[Hand over: Lan, report writer] [All schools]"
    chief.says("[Hand over: Lan, report writer]")
    shown = chief.says("[Make the code]")
    code = next(line for line in shown if line.startswith("Code: ")).removeprefix("Code: ")
    opens(stranger, code)
    assert chief.hears() == [f"Tú has taken over from Lan: report writer, {TRUONG}."]
    assert lan.hears()[0].startswith("Tú has taken over your post")


def test_a_colleague_who_holds_the_like_keeps_one_post(
    office: Office, channel: str, hoa: Phone, lan: Phone
) -> None:
    mai = someone(office, channel, "Mai", "LL", Role.REPORTER)
    begin(lan, "[Yes]")
    opens(mai, make_code(hoa, "Lan, report writer"))
    with Session(office.engine) as session:
        posts = session.exec(select(Post).join(Person).where(Person.name == "Mai")).all()
        assert [post.standing for post in posts] == [Standing.ACTIVE]
        holder = session.exec(
            select(Person.name).join(Submission, col(Submission.holder_id) == Person.id)
        ).one()
    assert holder == "Mai"


@pytest.mark.parametrize(
    ("mine", "theirs", "topics"),
    [(["a"], ["b"], ["a", "b"]), ([], ["b"], []), (["a"], [], [])],
)
def test_topics_of_both_are_kept(
    office: Office, channel: str, mine: list[str], theirs: list[str], topics: list[str]
) -> None:
    an = someone(office, channel, "An", "PHONG", Role.OFFICER, topics=mine)
    binh = someone(office, channel, "Bình", "PHONG", Role.OFFICER, topics=theirs)
    opens(binh, make_code(an, "An, officer"))
    with Session(office.engine) as session:
        post = session.exec(select(Post).where(Post.standing == Standing.ACTIVE)).one()
        assert post.topics == topics


# Withdrawing


def test_the_giver_can_withdraw_it(
    office: Office, hoa: Phone, lan: Phone, stranger: Phone
) -> None:
    code = make_code(hoa, "Lan, report writer")
    hoa.says("/toi")
    hoa.plays("""
        > [Hand over a post]
        Which post shall be handed over?
        • Lan, report writer: a code waits until 09:00 on 3 November 2026
        [Hand over: Hoa, head of school] [Hand over: Lan, report writer] …
        > [Withdraw the code for Lan]
        The code is withdrawn; the post stays with its holder.
        [Open the menu]
    """)
    assert stranger.says(f"/start {code}")[0].startswith("This code is not valid")
    assert ("Lan", "reporter", "active") in held(office)
    assert lan.hears() == []


def test_it_can_be_withdrawn_while_it_is_being_opened(
    hoa: Phone, lan: Phone, stranger: Phone
) -> None:
    code = make_code(hoa, "Lan, report writer")
    stranger.says(f"/start {code}")
    stranger.says("[I agree]")
    hoa.says("[Withdraw the code for Lan]")
    assert stranger.says("[Yes, I am Tú]")[0] == NOT_VALID
    assert lan.says("/han")[0] == "2 reports are due:"


def test_a_second_code_takes_the_place_of_the_first(
    hoa: Phone, lan: Phone, stranger: Phone
) -> None:
    first = make_code(hoa, "Lan, report writer")
    second = make_code(hoa, "Lan, report writer")
    assert stranger.says(f"/start {first}")[0].startswith("This code is not valid")
    assert opens(stranger, second)[0].startswith("Welcome!")
    assert lan.hears() != []


def test_a_code_for_a_post_that_ended_opens_nothing(
    hoa: Phone, lan: Phone, stranger: Phone
) -> None:
    code = make_code(hoa, "Lan, report writer")
    for line in ("/toi", "[Erase my data]", "[Erase my data]"):
        lan.says(line)
    assert NOT_VALID in stranger.says(f"/start {code}")


@pytest.mark.parametrize("how", ["handed over", "erased"])
def test_who_has_left_hands_over_nothing(
    office: Office, channel: str, hoa: Phone, lan: Phone, stranger: Phone, how: str
) -> None:
    code = make_code(hoa, "Lan, report writer")
    if how == "erased":
        for line in ("/toi", "[Erase my data]", "[Erase my data]"):
            hoa.says(line)
    else:
        nga = Phone(office, channel, "90011", "Nga")
        opens(nga, make_code(hoa, "Hoa, head of school"))
    assert stranger.says(f"/start {code}")[0].startswith("This code is not valid")
    assert ("Lan", "reporter", "active") in held(office)
    assert lan.hears() == []


# Who may not


def test_a_writer_has_nothing_to_hand_over(lan: Phone) -> None:
    assert "[Hand over a post]" not in lan.says("/toi")[-1]
    lan.gives(Picked("show:handover"))
    assert lan.hears()[0] == "You have no post that you could hand over."


def test_a_head_hands_over_no_other_head_and_no_other_school(
    office: Office, channel: str, hoa: Phone
) -> None:
    someone(office, channel, "Mai", "QT", Role.REPORTER)
    someone(office, channel, "Nga", "LL", Role.HEAD)
    with Session(office.engine) as session:
        others = session.exec(
            select(Post.id).join(Person).where(col(Person.name).in_(["Mai", "Nga"]))
        ).all()
    for post_id in others:
        hoa.gives(Picked(f"open:handover:{post_id}"))
        assert hoa.hears()[0] == "There is no such post for you."


@only_on_postgres
@only_with_buttons
def test_of_two_who_open_a_code_at_once_one_takes_over(
    office: Office, hoa: Phone, lan: Phone
) -> None:
    code = make_code(hoa, "Lan, report writer")
    phones = [Phone(office, "telegram", f"chat {name}", name) for name in ("A", "B")]
    for phone in phones:
        phone.says(f"/start {code}")
        phone.says("[I agree]")
    start = threading.Barrier(2)

    def work(phone: Phone) -> str:
        start.wait()
        return phone.says(f"[Yes, I am {phone.name}]")[0]

    with ThreadPoolExecutor(2) as threads:
        heard = sorted(threads.map(work, phones))
    assert heard[1].startswith("Welcome!")
    assert not heard[0].startswith("Welcome!")
    assert len([post for post in held(office) if post[1:] == ("reporter", "active")]) == 1
    assert len([line for line in lan.hears() if "taken over your post" in line]) == 1


def test_each_step_is_in_the_audit(
    office: Office, hoa: Phone, lan: Phone, stranger: Phone
) -> None:
    begin(lan, "[Yes]")
    make_code(hoa, "Lan, report writer")
    opens(stranger, make_code(hoa, "Lan, report writer"))
    with Session(office.engine) as session:
        invited = session.exec(select(Invitation).order_by(col(Invitation.id))).all()
        assert [one.uses_left for one in invited] == [0, 0]
        rows = session.exec(select(Audit).order_by(col(Audit.id)))
        changes = [(row.subject, row.change) for row in rows]
    assert changes[-7:] == [
        ("invitation", "invited"),
        ("invitation", "withdrawn"),
        ("invitation", "invited"),
        ("post", "post active"),
        ("post", "taken over"),
        ("post", "handed over"),
        ("submission", "took over"),
    ]
