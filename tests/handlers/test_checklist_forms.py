"""Forms with several of a thing, with numbers that must agree, and with numbers of last time."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from core.review import State
from core.roles import Role
from storage import plans, submissions
from storage.audit import Audit
from storage.reports import Report
from storage.submissions import Submission
from tests.conftest import someone
from tests.phone import Office, Phone

FORMS = Path(__file__).parent.parent / "forms.toml"
HALF, YEAR_25, YEAR = (
    "[Fill in Half năm 2026]",
    "[Fill in Year năm 2025]",
    "[Fill in Year năm 2026]",
)
GO_ON = "[Continue Year năm 2026]"
NUMBERS = ("5", "40", "8", "7", "[Skip]")
YARD = ("Green yard", "[A plan]", "[Done]")
CHOIR = ("Choir", "[A review]", "[Done]", "(choir.jpg)", "[Done]")


@pytest.fixture(autouse=True)
def _with_forms(office: Office) -> None:
    publish(office, FORMS)


def publish(office: Office, file: Path) -> None:
    with Session(office.engine) as session:
        plans.publish(session, plans.read_plan(file), office.now)
        session.commit()


def publish_changed(office: Office, folder: Path, *changes: tuple[str, str]) -> None:
    """Publish the forms again, each first text exchanged for the second, once."""
    text = FORMS.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    changed = folder / "forms.toml"
    changed.write_text(text, encoding="utf-8")
    publish(office, changed)


def begin(phone: Phone, report: str, *then: str) -> list[str]:
    heard: list[str] = []
    for line in ("/due", report, *then):
        heard = phone.says(line)
    return heard


def hand_in(phone: Phone, report: str, *answers: str) -> None:
    heard = begin(phone, report, *answers, "[Submit]")
    assert heard[0].endswith("Thank you!"), heard


def answers(office: Office, title: str = "Year năm 2026") -> dict[str, Any]:
    with Session(office.engine) as session:
        found = session.exec(select(Submission).join(Report).where(Report.title == title))
        return {
            key: answer
            for version in found
            for key, answer in submissions.answers(session, version).items()
        }


# Several of a thing

PUPILS = (
    'key = "steps"',
    'key = "pupils"\nkind = "number"\ntext = "How many pupils?"\n\n'
    '[[checklist.item.item]]\nkey = "steps"',
)
ALL_PUPILS = (
    "[[checklist.check]]",
    '[[checklist.check]]\nleft = ["model.pupils"]\nis = "at most"\nright = ["members"]\n'
    'say = "The models cannot have more pupils than there are."\n\n[[checklist.check]]',
)


def test_a_number_of_all_models_together_is_compared(
    office: Office, lan: Phone, tmp_path: Path
) -> None:
    publish_changed(office, tmp_path, PUPILS, ALL_PUPILS)
    begin(lan, YEAR, *NUMBERS, "Green yard", "30", "[A plan]", "[Done]")
    for line in ("[Yes, add one]", "Choir", "11", "[A plan]", "[Done]"):
        lan.says(line)
    lan.plays("""
        > [No, that is all]
        The models cannot have more pupils than there are.
        • Model 1: How many pupils? → 30
        • Model 2: How many pupils? → 11
        • How many members? → 40
        Year năm 2026 (12/12)
        Is there one more model?
        Clause III.4, document 8/KH
        Your answer so far: Model: 2
        [Yes, add one] [No, that is all] [Take out Model 1 – Green yard] …
    """)
    lan.says("[Change: Model 2: How many pupils?]")
    assert lan.says("10")[0] == "Year năm 2026: check your answers"
    assert lan.says("[Submit]")[0] == "Year năm 2026 is handed in. Thank you!"


def test_models_are_told_one_by_one_and_reviewed_in_groups(
    office: Office, lan: Phone, minh: Phone
) -> None:
    begin(lan, YEAR, *NUMBERS)
    lan.plays("""
        > Green yard
        Year năm 2026 (7/8)
        Model 1: Which steps were taken?
        [A plan] [A review] [Done] [Back]
        > [A plan]
        Year năm 2026 (7/8)
        Model 1: Which steps were taken?
        Your answer so far: A plan
        [✓ A plan] [A review] [Done] [Back]
        > [Done]
        Year năm 2026 (8/8)
        Is there one more model?
        Clause III.4, document 8/KH
        [Yes, add one] [No, that is all] [Back]
        > [Yes, add one]
        Year năm 2026 (8/10)
        Model 2: What is it called?
        [Back] [Take out Model 2]
        > Choir
        Year năm 2026 (9/10)
        Model 2: Which steps were taken?
        [A plan] [A review] [Done] [Back] [Take out Model 2]
        > [A review]
        Year năm 2026 (9/11)
        Model 2: Which steps were taken?
        Your answer so far: A review
        [A plan] [✓ A review] [Done] [Back] [Take out Model 2]
        > [Done]
        Year năm 2026 (10/11)
        Model 2: Send photos of it.
        [Skip] [Back] [Take out Model 2]
        > (choir.jpg)
        Year năm 2026 (10/11)
        Model 2: Send photos of it.
        Your answer so far: 1 file: choir.jpg
        [Done] [Send them again from the start] [Skip] [Back] [Take out Model 2]
        > [Done]
        Year năm 2026 (11/11)
        Is there one more model?
        Clause III.4, document 8/KH
        Your answer so far: Model: 2
        [Yes, add one] [No, that is all] [Take out Model 1 – Green yard] …
        > [No, that is all]
        Year năm 2026: check your answers
        1. How many talks since January? → 5
        2. How many members? → 40
        3. How many complaints came? → 8
        4. How many complaints were settled? → 7
        5. What was the theme? → skipped
        Model 1
        6. What is it called? → Green yard
        7. Which steps were taken? → A plan
        Model 2
        8. What is it called? → Choir
        9. Which steps were taken? → A review
        10. Send photos of it. → 1 file: choir.jpg
        11. Is there one more model? → Model: 2
        [Submit] [Change an answer]
        > [Submit]
        Year năm 2026 is handed in. Thank you!
        Receipt …, 09:00 today.
        Received: 10 answers, 1 files.
        Files are still being fetched; you will hear if one is missing.
        [What else is due?] [Recall it]
    """)
    minh.hears()
    minh.says("/status")
    minh.says("[Year năm 2026 (1/2)]")
    assert minh.says("[Read Trường TH Lê Lợi]")[2:-1] == [
        "• How many talks since January? → 5",
        "• How many members? → 40",
        "• How many complaints came? → 8",
        "• How many complaints were settled? → 7",
        "• Model 1: What is it called? → Green yard",
        "• Model 1: Which steps were taken? → A plan",
        "• Model 2: What is it called? → Choir",
        "• Model 2: Which steps were taken? → A review",
        "• Model 2: Send photos of it. → 1 file: choir.jpg",
        "• Is there one more model? → Model: 2",
    ]
    assert answers(office)["model.2.proof"][0]["name"] == "choir.jpg"


def test_one_of_several_is_taken_out_from_the_review_and_the_others_stay(
    office: Office, lan: Phone
) -> None:
    begin(lan, YEAR, *NUMBERS, *YARD, "[Yes, add one]", *CHOIR, "[No, that is all]")
    lan.says("[Change an answer]")
    lan.says("[11. Model: 2 – Is there one more model?]")
    lan.plays("""
        > [Take out Model 1 – Green yard]
        Year năm 2026 (9/9)
        Is there one more model?
        Clause III.4, document 8/KH
        Your answer so far: Model: 1
        [Yes, add one] [No, that is all] [Put back Model – Green yard] [Back]
        > [No, that is all]
        Year năm 2026: check your answers
        1. How many talks since January? → 5
        2. How many members? → 40
        3. How many complaints came? → 8
        4. How many complaints were settled? → 7
        5. What was the theme? → skipped
        Model 1
        6. What is it called? → Choir
        7. Which steps were taken? → A review
        8. Send photos of it. → 1 file: choir.jpg
        9. Is there one more model? → Model: 1
        [Submit] [Change an answer]
    """)
    lan.says("[Submit]")
    sent = answers(office)
    assert sent["model.2.proof"][0]["name"] == "choir.jpg"
    assert "model.1.name" not in sent


def test_a_half_filled_model_waits_for_whoever_goes_on(
    office: Office, lan: Phone, hoa: Phone
) -> None:
    begin(lan, YEAR, *NUMBERS, *YARD, "[Yes, add one]", "Choir")
    office.wait(days=3)
    begin(hoa, GO_ON)
    hoa.plays("""
        > [Go on in place of Lan]
        Year năm 2026 (9/10)
        Model 2: Which steps were taken?
        [A plan] [A review] [Done] [Back] [Take out Model 2]
        > [Back]
        Year năm 2026 (8/10)
        Model 2: What is it called?
        Your answer so far: Choir
        [Keep this answer] [Back] [Take out Model 2]
        > [Keep this answer]
        Year năm 2026 (9/10)
        Model 2: Which steps were taken?
        [A plan] [A review] [Done] [Back] [Take out Model 2]
    """)


def test_a_model_added_by_mistake_is_taken_out_at_once(lan: Phone) -> None:
    begin(lan, YEAR, *NUMBERS, *YARD, "[Yes, add one]")
    lan.plays("""
        > [Take out Model 2]
        Year năm 2026 (8/8)
        Is there one more model?
        Clause III.4, document 8/KH
        Your answer so far: Model: 1
        [Yes, add one] [No, that is all] [Back]
    """)


# Numbers that must agree


def test_a_number_that_cannot_be_is_said_at_once_and_refused_at_the_end(lan: Phone) -> None:
    begin(lan, YEAR, "5", "40", "8")
    lan.plays("""
        > 9
        No more complaints can be settled than came.
        • How many complaints were settled? → 9
        • How many complaints came? → 8
        Year năm 2026 (4/8)
        How many complaints were settled?
        Your answer so far: 9
        [Correct it later] [Change: How many complaints came?] [Back]
        > [Correct it later]
        Year năm 2026 (5/8)
        What was the theme?
        [Skip] [Back]
    """)
    for line in ("[Skip]", *YARD):
        lan.says(line)
    heard = lan.says("[No, that is all]")
    assert heard[-2:] == [
        "⚠ No more complaints can be settled than came.",
        "[Change: How many complaints were settled?] [Change: How many complaints came?] "
        "[Change an answer]",
    ]
    lan.plays("""
        > [Change: How many complaints came?]
        No more complaints can be settled than came.
        • How many complaints were settled? → 9
        • How many complaints came? → 8
        Year năm 2026 (3/8)
        How many complaints came?
        Your answer so far: 8
        [Correct it later] [Change: How many complaints were settled?] [Back]
    """)
    assert lan.says("9")[-1] == "[Submit] [Change an answer]"


def test_the_last_period_takes_part_and_may_only_warn(lan: Phone) -> None:
    hand_in(lan, YEAR_25, "5", "40", "8", "2", "[Skip]", *YARD, "[No, that is all]")
    begin(lan, YEAR, "5", "40")
    lan.plays("""
        > 3
        Some complaints of the last period are missing.
        • How many complaints came? → 3
        • How many complaints came? → 8 (Year năm 2025)
        • How many complaints were settled? → 2 (Year năm 2025)
        Year năm 2026 (3/8)
        How many complaints came?
        Last time: 8 (Year năm 2025)
        Your answer so far: 3
        [It is right] [Same as last time] [Back]
        > [It is right]
        Year năm 2026 (4/8)
        How many complaints were settled?
        Last time: 2 (Year năm 2025)
        [Same as last time] [Back]
    """)
    for line in ("[Same as last time]", "[Skip]", *YARD):
        lan.says(line)
    heard = lan.says("[No, that is all]")
    assert heard[-2:] == [
        "⚠ Some complaints of the last period are missing.",
        "[Submit] [Change an answer]",
    ]
    assert lan.says("[Submit]")[0] == "Year năm 2026 is handed in. Thank you!"


# Numbers of last time


def test_a_number_over_the_year_falls_only_with_a_reason_which_the_office_reads(
    lan: Phone, minh: Phone
) -> None:
    hand_in(lan, HALF, "6", "40")
    begin(lan, YEAR)
    lan.plays("""
        > 3
        Year năm 2026 (2/9)
        Half năm 2026 said 6, now it is 3.
        Correct the number, or write why it is lower.
        How many talks since January?
        [Correct the number] [Back]
        > [Correct the number]
        Year năm 2026 (1/9)
        How many talks since January?
        Last time: 6 (Half năm 2026); count on from there.
        Your answer so far: 3
        [Keep this answer] [Same as last time]
        > 4
        Year năm 2026 (2/9)
        Half năm 2026 said 6, now it is 4.
        Correct the number, or write why it is lower.
        How many talks since January?
        [Correct the number] [Back]
        > Two were counted twice in June.
        Year năm 2026 (3/9)
        How many members?
        Last time: 40 (Half năm 2026)
        [Same as last time] [Back]
    """)
    for line in ("[Same as last time]", *NUMBERS[2:], *YARD, "[No, that is all]", "[Submit]"):
        lan.says(line)
    minh.hears()
    minh.says("/status")
    minh.says("[Year năm 2026 (1/2)]")
    assert minh.says("[Read Trường TH Lê Lợi]")[2:5] == [
        "• How many talks since January? → 4",
        "• Half năm 2026 said 6, now it is 4. → Two were counted twice in June.",
        "• How many members? → 40",
    ]


def test_each_model_stands_beside_that_of_last_time(lan: Phone) -> None:
    more = (*YARD, "[Yes, add one]", *CHOIR, "[Take out Model 1 – Green yard]")
    hand_in(lan, YEAR_25, *NUMBERS, *more, "[No, that is all]")
    begin(lan, YEAR, *NUMBERS)
    lan.plays("""
        > [Same as last time]
        Year năm 2026 (7/8)
        Model 1: Which steps were taken?
        Last time: A review (Year năm 2025)
        [A plan] [A review] [Done] [Same as last time] [Back]
        > [Same as last time]
        Year năm 2026 (8/9)
        Model 1: Send photos of it.
        [Skip] [Back]
    """)
    for line in ("[Skip]", "[Yes, add one]"):
        heard = lan.says(line)
    assert heard == [
        "Year năm 2026 (9/11)",
        "Model 2: What is it called?",
        "[Back] [Take out Model 2]",
    ]


def test_a_number_far_from_the_last_is_asked_about(lan: Phone) -> None:
    hand_in(lan, HALF, "6", "40")
    begin(lan, YEAR, "7")
    lan.plays("""
        > 400
        This is far from the last time (40). Is it right?
        Year năm 2026 (2/8)
        How many members?
        Last time: 40 (Half năm 2026)
        Your answer so far: 400
        [It is right] [Enter it again] [Same as last time] [Back]
        > [Enter it again]
        Year năm 2026 (2/8)
        How many members?
        Last time: 40 (Half năm 2026)
        [Same as last time] [Back]
        > 400
        This is far from the last time (40). Is it right?
        Year năm 2026 (2/8)
        How many members?
        Last time: 40 (Half năm 2026)
        Your answer so far: 400
        [It is right] [Enter it again] [Same as last time] [Back]
        > [It is right]
        Year năm 2026 (3/8)
        How many complaints came?
        [Back]
    """)


def test_the_own_period_before_comes_first_and_a_new_year_starts_anew(
    office: Office, lan: Phone
) -> None:
    hand_in(lan, YEAR_25, "9", "50", "8", "2", "Fire", *YARD, "[No, that is all]")
    hand_in(lan, HALF, "6", "40")
    heard = begin(lan, YEAR)
    assert "Last time: 6 (Half năm 2026); count on from there." in heard
    assert "Last time: 50 (Year năm 2025)" in lan.says("7")
    for line in ("[Same as last time]", "8", "2"):
        heard = lan.says(line)
    assert heard == [
        "Year năm 2026 (5/8)",
        "What was the theme?",
        "Last time: Fire (Year năm 2025)",
        "[Same as last time] [Skip] [Back]",
    ]
    lan.says("[Same as last time]")
    assert answers(office)["theme"] == "Fire"
    assert answers(office)["members"] == 50


def test_what_was_not_sent_or_comes_from_another_school_is_not_last(
    office: Office, channel: str, lan: Phone
) -> None:
    hand_in(someone(office, channel, "Mai", "QT", Role.REPORTER), HALF, "6", "40")
    begin(lan, HALF, "6", "40")
    assert begin(lan, YEAR) == [
        "Year năm 2026 (1/8)",
        "How many talks since January?",
    ]


# Forms that the office changes meanwhile

MORE_MEMBERS = (
    'How many members?"\nhigh = 500\nsame_as',
    'How many members now?"\nhigh = 30\nsame_as',
)
NO_THEME = (
    '[[checklist.item]]\nkey = "theme"\nkind = "text"\ntext = "What was the theme?"\n'
    "optional = true\n\n",
    "",
)
A_PLACE = (
    '[[checklist.item]]\nkey = "got"',
    '[[checklist.item]]\nkey = "place"\nkind = "text"\ntext = "Where?"\n\n'
    '[[checklist.item]]\nkey = "got"',
)


def test_a_begun_report_is_offered_the_new_form(
    office: Office, lan: Phone, tmp_path: Path
) -> None:
    begin(lan, YEAR, "5", "40", "8", "7", "Fire")
    publish_changed(office, tmp_path, MORE_MEMBERS, NO_THEME, A_PLACE)
    lan.says("/due")
    lan.plays("""
        > [Continue Year năm 2026]
        Year năm 2026
        The office has changed this form since you began.
        1 changed:
        • How many members now?
        1 added:
        • Where?
        1 dropped:
        • What was the theme?
        Your answers are kept. What fits no more is named and asked again.
        [Move to the new form] [Keep the old form]
        > [Move to the new form]
        You are on the new form now.
        Please answer again:
        • How many members? → 40
        No longer asked, so left out:
        • What was the theme? → Fire
        [Continue]
        > [Continue]
        You were in the middle of this: question 6 of 8, 09:00 today.
        Year năm 2026 (6/8)
        Model 1: What is it called?
        [Back]
    """)
    assert answers(office) == {"met": 5, "got": 8, "settled": 7}
    with Session(office.engine) as session:
        change = session.exec(select(Audit).where(Audit.change == "asked anew")).one()
        assert change.before
        assert change.before["answers"] == {"members": 40, "theme": "Fire"}
    for line in YARD:
        heard = lan.says(line)
    heard = lan.says("[No, that is all]")
    assert heard[1] == "How many members now?"
    assert lan.says("25")[1] == "Where?"
    assert lan.says("Here")[-1] == "[Submit] [Change an answer]"


def test_who_keeps_the_old_form_is_not_asked_again_until_the_next_change(
    office: Office, lan: Phone, tmp_path: Path
) -> None:
    begin(lan, YEAR, "5", "40")
    publish_changed(office, tmp_path, A_PLACE)
    begin(lan, GO_ON)
    assert lan.says("[Keep the old form]")[1] == "Year năm 2026 (3/8)"
    assert begin(lan, GO_ON)[1] == "Year năm 2026 (3/8)"
    publish_changed(office, tmp_path, A_PLACE, NO_THEME)
    assert "[Move to the new form] [Keep the old form]" in begin(lan, GO_ON)


def test_a_move_to_a_form_that_was_changed_again_is_described_anew(
    office: Office, lan: Phone, tmp_path: Path
) -> None:
    begin(lan, YEAR, "5", "40")
    publish_changed(office, tmp_path, A_PLACE)
    begin(lan, GO_ON)
    publish_changed(office, tmp_path, NO_THEME)
    heard = lan.says("[Move to the new form]")
    assert heard[2:4] == ["1 dropped:", "• What was the theme?"]


def test_the_questions_about_each_model_may_change_and_their_answers_stay(
    office: Office, lan: Phone, tmp_path: Path
) -> None:
    begin(lan, YEAR, *NUMBERS, *YARD, "[Yes, add one]", *CHOIR, "[No, that is all]")
    publish_changed(office, tmp_path, ("What is it called?", "What is its name?"))
    assert begin(lan, GO_ON)[2:4] == ["1 changed:", "• What is its name?"]
    heard = lan.says("[Move to the new form]")
    assert "8. What is its name? → Choir" in heard
    assert heard[-1] == "[Submit] [Change an answer]"
    assert answers(office)["model.2.proof"][0]["name"] == "choir.jpg"


def test_other_checks_alone_are_a_change_too(office: Office, lan: Phone, tmp_path: Path) -> None:
    begin(lan, YEAR, "5", "40")
    publish_changed(office, tmp_path, ('severity = "warn"', 'severity = "refuse"'))
    assert begin(lan, GO_ON)[2] == "The numbers are compared in another way."
    assert lan.says("[Move to the new form]")[1] == "Year năm 2026 (3/8)"


def test_a_report_nobody_answered_anything_in_takes_the_new_form_in_silence(
    office: Office, lan: Phone, tmp_path: Path
) -> None:
    begin(lan, YEAR)
    lan.says("/cancel")
    publish_changed(office, tmp_path, A_PLACE)
    assert begin(lan, YEAR)[0] == "Year năm 2026 (1/9)"


def test_only_who_is_at_it_is_offered_the_new_form(
    office: Office, lan: Phone, hoa: Phone, tmp_path: Path
) -> None:
    begin(lan, YEAR, "5", "40")
    publish_changed(office, tmp_path, A_PLACE)
    assert begin(hoa, GO_ON)[1] == "Lan is filling in this report, since 09:00 today."
    assert hoa.says("[Go on in place of Lan]")[-1] == "[Move to the new form] [Keep the old form]"


@pytest.mark.parametrize("state", [State.RETURNED, State.DRAFT])
def test_a_report_that_was_sent_before_keeps_its_form(
    office: Office, lan: Phone, tmp_path: Path, state: State
) -> None:
    hand_in(lan, YEAR, *NUMBERS, *YARD, "[No, that is all]")
    publish_changed(office, tmp_path, A_PLACE)
    with Session(office.engine) as session:
        report = session.exec(select(Report).where(Report.state == State.SUBMITTED)).one()
        report.state = state
        session.commit()
    report_again = YEAR.replace("Fill in", "Mend") if state is State.RETURNED else GO_ON
    assert begin(lan, report_again)[-1] == "[Submit] [Change an answer]"


def test_files_that_fit_no_more_do_not_come_back(
    office: Office, lan: Phone, tmp_path: Path
) -> None:
    got = '[[checklist.item]]\nkey = "got"'
    hall = '[[checklist.item]]\nkey = "hall"\nkind = "files"\ntext = "Hall?"\n'
    yard = '[[checklist.item]]\nkey = "yard"\nkind = "files"\ntext = "Yard?"\n'
    publish_changed(office, tmp_path, (got, yard + hall + got))
    begin(lan, YEAR, "5", "40", "(yard.jpg)", "[Done]", "(hall.jpg)", "[Done]")
    publish_changed(office, tmp_path, (got, yard.replace("files", "text") + hall + got))
    begin(lan, GO_ON, "[Move to the new form]")
    assert [file["name"] for file in answers(office)["hall"]] == ["hall.jpg"]
    assert "yard" not in answers(office)
    lan.says("[Continue]")
    for line in ("8", "7", "[Skip]", *YARD, "[No, that is all]", "Large."):
        lan.says(line)
    assert answers(office)["yard"] == "Large."
