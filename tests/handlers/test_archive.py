"""What a school has handed in: by year and duty, searched, sent back on a tap."""

from pathlib import Path

import pytest

from bot.channels.base import Sent
from core.roles import Role
from tests.conftest import someone
from tests.handlers.test_report import begin
from tests.pages import Desk, jpeg, page
from tests.phone import Office, Phone


@pytest.fixture
def desk(office: Office, tmp_path: Path) -> Desk:
    return Desk(office, tmp_path)


def hand_in(phone: Phone, desk: Desk, *names: str) -> None:
    sent = (f"({name})" for name in names)
    begin(phone, "[Yes]", "6", "[Skip]", *sent, "[Done]", "[Submit]")
    desk.arrive({name: jpeg(page(at)) for at, name in enumerate(names)})
    desk.make_all()
    phone.hears()


def test_a_school_looks_through_what_it_handed_in(lan: Phone, desk: Desk) -> None:
    assert lan.says("/tailieu") == ["No files were handed in yet.", "[Open the menu]"]
    hand_in(lan, desk, "Cửa chính.jpg", "sân.jpg")
    lan.plays("""
        > /files
        Trường TH Lê Lợi
        3 files handed in
        [Search the files] [2026 · Fire safety tháng 10/2026 (3)] [Open the menu]
        > [2026 · Fire safety tháng 10/2026 (3)]
        Fire safety tháng 10/2026 – Trường TH Lê Lợi
        • LL_FIRE_2026-10_v1.pdf
        • Cửa chính.jpg
        • sân.jpg
        [LL_FIRE_2026-10_v1.pdf] [Cửa chính.jpg] [sân.jpg] [Get the files (3)] …
        > [sân.jpg]
        sân.jpg
        (sân.jpg)
        [Back]
        > [Back]
        Fire safety tháng 10/2026 – Trường TH Lê Lợi
        • LL_FIRE_2026-10_v1.pdf
        • Cửa chính.jpg
        • sân.jpg
        [LL_FIRE_2026-10_v1.pdf] [Cửa chính.jpg] [sân.jpg] [Get the files (3)] …
        > [LL_FIRE_2026-10_v1.pdf]
        LL_FIRE_2026-10_v1.pdf
        (LL_FIRE_2026-10_v1.pdf)
        [Back]
    """)


def test_words_find_it_without_accents_and_in_any_order(lan: Phone, desk: Desk) -> None:
    hand_in(lan, desk, "Cửa chính.jpg")
    found = "[2026 · Fire safety tháng 10/2026 (1)] [Search the files] [Open the menu]"
    lan.plays(f"""
        > /tailieu chinh cua
        1 report has it:
        {found}
        > /tailieu xe đạp
        Nothing that was handed in has “xe đạp” in it.
        [Search the files] [Open the menu]
        > [Search the files]
        Search the files
        What shall I look for? A few words of the title or of a file's name do.
        [Cancel]
        > FIRE 2026
        1 report has it:
        {found}
    """)


def test_the_office_looks_into_any_of_its_schools(
    lan: Phone, minh: Phone, desk: Desk, office: Office, channel: str
) -> None:
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    hand_in(lan, desk, "ours.jpg")
    hand_in(mai, desk, "theirs.jpg")
    minh.hears()
    minh.plays("""
        > /files
        Files of which school?
        [Search the files] [Trường TH Lê Lợi] [Trường TH Quyết Thắng]
        > [Trường TH Quyết Thắng]
        Trường TH Quyết Thắng
        1 file handed in
        [Search the files] [Trường TH Quyết Thắng · 2026 · Fire safety … (1)] [Another school]
        > /files OURS
        1 report has it:
        [Trường TH Lê Lợi · 2026 · Fire safety … (1)] [Search the files] [Another school]
    """)
    assert lan.says("/files theirs")[0] == "Nothing that was handed in has “theirs” in it."


def test_a_draft_is_not_in_it(lan: Phone, desk: Desk) -> None:
    begin(lan, "[Yes]", "6", "[Skip]", "(a.jpg)")
    desk.arrive({"a.jpg": jpeg(page(1))})
    assert lan.says("/files")[0] == "No files were handed in yet."


def test_a_caption_is_found_and_shown(lan: Phone, desk: Desk) -> None:
    begin(lan, "[Yes]", "6", "[Skip]")
    lan.gives(Sent("r", "u", "a.jpg", 9, "image/jpeg", "photo", caption="Biển báo thoát hiểm"))
    lan.hears()
    for line in ("[Done]", "[Submit]"):
        lan.says(line)
    desk.arrive({"a.jpg": jpeg(page(1))})
    assert lan.says("/files bien bao")[0] == "1 report has it:"
    assert "• a.jpg (“Biển báo thoát hiểm”)" in lan.says("[2026 · Fire safety tháng 10/2026 (1)]")
