"""Register: by invitation in two taps, or by asking the office."""

import pytest
from sqlmodel import Session, select

from core.roles import Role
from core.screen import Contact, Picked
from storage import invitations, units
from storage.invitations import Invitation
from storage.people import Address, Person, Post
from tests.conftest import someone
from tests.databases import all_rows
from tests.phone import Office, Phone, photo

only_with_buttons = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

REGISTER = (
    *("/start", "[Register for my school]", "[I agree]", "le loi", "[Trường TH Lê Lợi]"),
    *("[report writer]", "Lò Thị Tú", "0912 345 678"),
)


def invited(office: Office, unit: str = "LL", role: Role = Role.REPORTER, uses: int = 1) -> str:
    """An invitation's code."""
    with Session(office.engine) as session:
        at = units.with_code(session, unit)
        assert at
        code = invitations.make(session, at.id, role, None, office.now, uses)
        session.commit()
        return code


def says_all(phone: Phone, *lines: str) -> list[str]:
    """Say each; return what is shown last."""
    return [phone.says(line) for line in lines][-1]


def person_of(office: Office, phone: Phone) -> Person:
    with Session(office.engine) as session:
        return session.exec(select(Person).join(Address).where(Address.chat == phone.chat)).one()


# By invitation


def test_an_invitation_is_taken_up_in_two_taps(office: Office, stranger: Phone) -> None:
    code = invited(office)
    assert stranger.says(f"/start {code}") == [
        "Invitation (1/2)",
        "Before we begin",
        "You are invited as report writer, Trường TH Lê Lợi.",
        "We keep your name, phone number, chat and what you send here, so that the office and "
        "your school can work together. Your office and your school see it; nobody else does.",
        "You may have it erased at any time: /me, then Erase my data.",
        "[I agree]",
    ]
    stranger.plays("""
        > [I agree]
        Invitation (2/2)
        You are invited as report writer, Trường TH Lê Lợi.
        [Yes, I am Tú] [Write another name] [Back]
        > [Yes, I am Tú]
        Welcome! You act as report writer, Trường TH Lê Lợi.
        [What is due] [Open the menu]
        > /due
        2 reports are due:
        Within seven days
        • Fire safety tháng 10/2026: …
        No date set yet
        • Safety plan: the office has not set a date yet
        Coming: …
        [Fill in Fire …] [Fill in Safety plan] [Ask for more time] [Into my calendar]
    """)


def test_in_vietnamese(office: Office, stranger: Phone) -> None:
    stranger.gives(Picked("show:language:vi"))
    stranger.hears()
    assert stranger.says(f"/start {invited(office)}")[0] == "Lời mời (1/2)"
    stranger.plays("""
        > [Tôi đồng ý]
        Lời mời (2/2)
        Mời thầy/cô tham gia: Người làm báo cáo, Trường TH Lê Lợi.
        [Đúng, tôi là Tú] [Ghi tên khác] [Quay lại]
        > [Đúng, tôi là Tú]
        Chào mừng thầy/cô. Vai trò: Người làm báo cáo, Trường TH Lê Lợi.
        [Báo cáo cần nộp] [Mở menu]
    """)


def test_asking_the_office_in_vietnamese(office: Office, channel: str, stranger: Phone) -> None:
    minh = someone(office, channel, "Minh", "PHONG", Role.OFFICER, language="vi")
    says_all(stranger, "/ngonngu", "[Tiếng Việt]", "[Đăng ký cho trường mình]")
    stranger.plays("""
        > [Tôi đồng ý]
        Đăng ký (2/6)
        Thầy/cô ở trường nào? Gõ tên trường, không dấu cũng được.
        [Quay lại]
        > quyet thag
        Đăng ký (3/6)
        Thầy/cô chọn đúng trường. Không thấy thì chọn Quay lại.
        [Trường TH Quyết Thắng] [Quay lại]
        > [Trường TH Quyết Thắng]
        Đăng ký (4/6)
        Vai trò của thầy/cô ở trường?
        [Người làm báo cáo] [Hiệu trưởng] [Quay lại]
        > [Hiệu trưởng]
        Đăng ký (5/6)
        Họ và tên của thầy/cô?
        [Quay lại]
        > Lò Thị Mai
        Đăng ký (6/6)
        Số điện thoại của thầy/cô, để Phòng gọi khi cần?
        [📱 Gửi số của tôi] [Bỏ qua] [Quay lại]
        > 0912345678
        Cảm ơn thầy/cô. Đăng ký tại Trường TH Quyết Thắng đã gửi đến The office.
        Có kết quả, thầy/cô sẽ nhận tin ngay tại đây.
    """)
    minh.plays("""
        Đăng ký mới, chờ duyệt
        Lò Thị Mai đăng ký: Hiệu trưởng, Trường TH Quyết Thắng.
        Điện thoại: 0912345678
        [Duyệt] [Từ chối]
        > [Duyệt]
        Đã duyệt: Lò Thị Mai, Trường TH Quyết Thắng.
    """)
    assert stranger.hears()[0] == "Chào mừng thầy/cô. Vai trò: Hiệu trưởng, Trường TH Quyết Thắng."


def test_an_invitation_under_another_name(office: Office, stranger: Phone) -> None:
    stranger.says(f"/start {invited(office)}")
    stranger.says("[I agree]")
    stranger.plays("""
        > [Write another name]
        Invitation (3/3)
        Your full name, please.
        [Back]
        > Tú
        Please write your full name, such as Lò Thị Mai.
        Invitation (3/3)
        Your full name, please.
        [Back]
        > Lò Thị Tú
        Welcome! You act as report writer, Trường TH Lê Lợi.
        [What is due] [Open the menu]
    """)
    assert person_of(office, stranger).name == "Lò Thị Tú"


def test_a_code_is_read_as_people_type_it(office: Office, stranger: Phone) -> None:
    code = invited(office).lower()
    heard = stranger.says(f"/start  {code[:5]}-{code[5:]} ")
    assert "You are invited as report writer, Trường TH Lê Lợi." in heard


def test_codes_that_open_nothing_are_all_answered_alike(
    office: Office, channel: str, stranger: Phone
) -> None:
    used, old = invited(office), invited(office)
    other = Phone(office, channel, "another chat", "Mai")
    says_all(other, f"/start {used}", "[I agree]", "[Yes, I am Mai]")
    office.wait(days=8)
    wrong = [stranger.says(f"/start {code}") for code in (used, old, "ABCDEFGHJK", "x")]
    assert wrong == [
        [
            "This code is not valid. Please check it, or ask whoever gave it for a new one.",
            "[Register for my school]",
        ]
    ] * len(wrong)


def test_after_five_wrong_codes_one_waits_a_day(office: Office, stranger: Phone) -> None:
    code = invited(office)
    for _time in range(5):
        stranger.says("/start ABCDEFGHJK")
    assert stranger.says(f"/start {code}")[0] == (
        "Too many wrong codes today. Please try again tomorrow."
    )
    office.wait(days=1, minutes=1)
    assert stranger.says(f"/start {code}")[0] == "Invitation (1/2)"


def test_a_code_used_up_meanwhile_gives_no_post(
    office: Office, channel: str, stranger: Phone
) -> None:
    code = invited(office)
    other = Phone(office, channel, "another chat", "Mai")
    for phone in (stranger, other):
        says_all(phone, f"/start {code}", "[I agree]")
    other.says("[Yes, I am Mai]")
    assert stranger.says("[Yes, I am Tú]")[0] == (
        "This invitation is no longer valid. Please ask for a new one."
    )
    with Session(office.engine) as session:
        assert len(session.exec(select(Post)).all()) == 1


def test_a_head_of_school_joins_an_officer_too(office: Office, stranger: Phone) -> None:
    code = invited(office, "PHONG", Role.OFFICER)
    heard = says_all(stranger, f"/start {code}", "[I agree]", "[Yes, I am Tú]")
    assert heard == [
        "Welcome! You act as officer, The office.",
        "[Who has handed in] [Open the menu]",
    ]


@only_with_buttons
def test_a_code_is_enough_without_its_command(office: Office, stranger: Phone) -> None:
    code = invited(office)
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert stranger.says(f" {wrong.lower()} ")[0].startswith("This code is not valid.")
    assert stranger.says(code)[0] == "Invitation (1/2)"


# By asking the office


def test_a_school_is_found_as_people_type_it(stranger: Phone) -> None:
    stranger.plays("""
        > hello
        Hello! This is the office's assistant for its schools.
        It shows what is due, takes reports and files, and reminds you in time.
        Have you got an invitation code? Type it here.
        [Register for my school] [Tiếng Việt / English]
    """)
    assert stranger.says("[Register for my school]")[:2] == [
        "Registration (1/6)",
        "Before we begin",
    ]
    stranger.plays("""
        > [I agree]
        Registration (2/6)
        Which school are you from? Type its name.
        [Back]
        > xyzxyz
        No school here is called “xyzxyz”. Please type its name again.
        Registration (2/6)
        Which school are you from? Type its name.
        [Back]
        > tieu hoc quyet thắg
        Registration (3/6)
        Is it one of these?
        [Trường TH Quyết Thắng] [Back]
        > [Back]
        Registration (2/6)
        Which school are you from? Type its name.
        Your answer so far: tieu hoc quyet thắg
        [Keep this answer] [Back]
        > le loy
        Registration (3/6)
        Is it one of these?
        [Trường TH Lê Lợi] [Back]
        > [Trường TH Lê Lợi]
        Registration (4/6)
        What do you do there?
        [report writer] [head of school] [Back]
        > [head of school]
        Registration (5/6)
        Your full name, please.
        [Back]
        > Lò Thị Tú
        Registration (6/6)
        A phone number, so that the office can call you.
        [📱 Share my phone number] [Skip] [Back]
        > [Skip]
        Thank you! The office will check your registration at Trường TH Lê Lợi.
        You will get a message here as soon as it is decided.
        > hello
        Your registration at Trường TH Lê Lợi waits for the office.
        You will get a message here as soon as it is decided.
    """)


def test_one_s_own_contact_card_gives_the_number(office: Office, stranger: Phone) -> None:
    says_all(stranger, *REGISTER[:-1])
    stranger.gives(Contact("+84 999 999 999", own=False))
    assert stranger.hears()[0] == ("That is somebody else's contact. Please send your own number.")
    assert stranger.says("12")[0] == ("Please send a phone number such as 0912 345 678.")
    stranger.gives(Contact("+84 912 345 678", own=True))
    assert stranger.hears()[0].startswith("Thank you!")
    assert person_of(office, stranger).phone == "+84912345678"


def test_the_office_accepts(minh: Phone, stranger: Phone) -> None:
    says_all(stranger, *REGISTER)
    minh.plays("""
        A registration
        Lò Thị Tú asks to act as report writer, Trường TH Lê Lợi.
        Phone: 0912345678
        [Accept] [Decline]
        > [Accept]
        Lò Thị Tú now acts for Trường TH Lê Lợi.
    """)
    stranger.plays("""
        Welcome! You act as report writer, Trường TH Lê Lợi.
        [What is due] [Open the menu]
        > [Open the menu]
        Hello Lò Thị Tú!
        You act as report writer, Trường TH Lê Lợi.
        What shall we do?
        [What is due] [Fill in or continue a report] [Files handed in] …
    """)


def test_the_office_declines_with_a_reason(minh: Phone, stranger: Phone) -> None:
    says_all(stranger, *REGISTER)
    minh.hears()
    minh.plays("""
        > [Decline]
        Decline a registration
        Why not? Your words are passed on.
        [Cancel]
        > You work at another school.
        Declined, and your reason passed on.
    """)
    stranger.plays("""
        The office did not accept your registration at Trường TH Lê Lợi: You work …
        [Register for my school]
        > [Register for my school]
        Registration (1/3)
        Which school are you from? Type its name.
    """)


@only_with_buttons
def test_an_officer_who_comes_second_is_told_so(
    office: Office, channel: str, minh: Phone, stranger: Phone
) -> None:
    second = someone(office, channel, "Bình", "PHONG", Role.OFFICER)
    says_all(stranger, *REGISTER)
    for officer in (minh, second):
        assert officer.hears()[0] == "A registration"
    minh.says("[Accept]")
    stranger.hears()
    for late in ("[Accept]", "[Decline]"):
        assert second.says(late)[0] == "This registration is already decided."
    assert stranger.hears() == []


def test_asked_twice_it_is_one_registration(office: Office, stranger: Phone) -> None:
    says_all(stranger, *REGISTER)
    says_all(stranger, "/toi", "[Register for another school]", "le loi", "[Trường TH Lê Lợi]")
    stranger.says("[report writer]")
    with Session(office.engine) as session:
        assert len(session.exec(select(Post)).all()) == 1


# Nothing before consent


def test_before_consent_nothing_is_kept(office: Office, stranger: Phone) -> None:
    stranger.says("My name is Tú, 0912345678")
    stranger.gives(photo("passport.jpg"))
    stranger.gives(Contact("0912345678", own=True))
    says_all(stranger, "[Register for my school]", "My name is Tú, 0912345678")
    stranger.gives(photo("passport.jpg"))
    stranger.gives(Contact("0912345678", own=True))
    kept = str({table: rows for table, rows in all_rows(office.engine).items() if rows})
    for word in ("0912345678", "Tú", "passport", "remote-"):
        assert word not in kept


def test_given_up_half_way_nothing_is_kept(office: Office, stranger: Phone) -> None:
    says_all(stranger, *REGISTER[:-1])
    assert stranger.says("/huy")[0] == "Stopped."
    assert "Lò Thị Tú" not in str(all_rows(office.engine))


# Several posts


def test_a_second_post_leaves_one_where_one_is(lan: Phone, minh: Phone) -> None:
    says_all(lan, "/due", "[Fill in Fire safety tháng 10/2026]", "[Yes]")
    says_all(lan, "/toi", "[Register for another school]", "quyet thang")
    heard = says_all(lan, "[Trường TH Quyết Thắng]", "[head of school]")
    assert heard[0].startswith("Thank you!")
    says_all(lan, "/nop", "[Continue Fire safety tháng 10/2026]")
    minh.hears()
    minh.says("[Accept]")
    lan.plays("""
        The office accepted you as head of school, Trường TH Quyết Thắng, too.
        [Act for Trường TH Quyết Thắng]
        > 6
        Fire safety tháng 10/2026 (3/4)
        Anything to add?
        [Skip] [Back]
        > /toi
        Lan
        Phone: –
        • report writer, Trường TH Lê Lợi (you act for this one)
        • head of school, Trường TH Quyết Thắng
        [Act for Trường TH Quyết Thắng] [Change my name] [Change my phone number] …
        > [Act for Trường TH Quyết Thắng]
        You act as head of school, Trường TH Quyết Thắng.
        [Open the menu]
        > /nop
        Which report shall we fill in?
        [Fill in Fire safety tháng 10/2026] [Fill in Safety plan]
    """)


@only_with_buttons
def test_a_report_of_the_other_post_says_for_whom_to_act(office: Office, lan: Phone) -> None:
    says_all(lan, "/due", "[Fill in Fire safety tháng 10/2026]", "[Yes]", "/due")
    code = invited(office, "QT", Role.HEAD)
    says_all(lan, f"/start {code}", "[Yes, I am Lan]")
    lan.plays("""
        > [Continue Fire safety tháng 10/2026]
        This is for Trường TH Lê Lợi. Choose in /me to act for it.
        Hello Lan!
        You act as head of school, Trường TH Quyết Thắng.
        What shall we do?
        [What is due] [Fill in or continue a report] [Files handed in] …
    """)
    says_all(lan, "/toi", "[Act for Trường TH Lê Lợi]", "/due")
    assert lan.says("[Continue Fire safety tháng 10/2026]")[0].startswith(
        "You were in the middle of this: question 2 of 4"
    )


# Forged


@only_with_buttons
def test_forged_actions_open_nothing(office: Office, stranger: Phone, lan: Phone) -> None:
    says_all(stranger, *REGISTER)
    invited(office)
    with Session(office.engine) as session:
        post = max(p.id for p in session.exec(select(Post)))
        invitation = session.exec(select(Invitation.id)).one()
    before = rows_but_talk(office)
    for phone in (stranger, lan):
        for action in (
            f"open:join:{invitation}",
            f"show:join:{invitation}",
            f"show:admit:{post}",
            f"open:refuse:{post}",
            "open:invite:0",
            f"show:act:{post}",
        ):
            phone.gives(Picked(action))
            phone.gives(Picked("answer:agree"), seen="1.0")
            phone.gives(Picked("answer:me"), seen="1.0")
    assert rows_but_talk(office) == before


def rows_but_talk(office: Office) -> object:
    """All tables but those of messages."""
    rows = dict(all_rows(office.engine))
    for table in ("received", "outgoing", "conversation"):
        del rows[table]
    for row in rows["address"]:
        row["last_heard_at"] = None  # type: ignore[index]
    for row in rows["person"]:
        row["conversation_id"] = None  # type: ignore[index]
    return rows
