"""Photos of an answer: their order, the numbered sheet, advice, and the PDF of them."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageFilter
from sqlmodel import Session, col, select

from bot import binding
from bot.channels.base import Sent
from core.roles import Role
from storage.evidence import Evidence, Place
from storage.files import StoredFile, Upload
from tests.conftest import someone
from tests.handlers.test_report import answers, begin
from tests.pages import Desk, jpeg, page
from tests.phone import Office, Phone

PHOTOS = ("[Yes]", "6", "[Skip]")
PAGES = {f"{name}.jpg": jpeg(page(n)) for n, name in enumerate("abcdef")}


@pytest.fixture
def desk(office: Office, tmp_path: Path) -> Desk:
    return Desk(office, tmp_path)


def names(office: Office) -> list[str]:
    return [file["name"] for file in answers(office).get("photo") or []]


def photo(name: str, number: int = 0, caption: str = "", album: str | None = None) -> Sent:
    return Sent(f"remote {name}", name, name, 1000, "image/jpeg", "photo", album, caption, number)


def sheet_of(desk: Desk, name: str) -> Image.Image:
    with Session(desk.office.engine) as session:
        made = session.exec(
            select(Upload).where(Upload.name == name).order_by(col(Upload.id).desc())
        ).first()
        assert made
        return Image.open(BytesIO(stored(desk, made)))


def stored(desk: Desk, upload: Upload) -> bytes:
    with Session(desk.office.engine) as session:
        return desk.blobs.read(session.get_one(StoredFile, upload.stored_file_id).sha256)


def test_photos_come_back_on_a_numbered_sheet_and_can_be_arranged(lan: Phone, desk: Desk) -> None:
    begin(lan, *PHOTOS, "(a.jpg)")
    lan.plays("""
        > (b.jpg)
        Putting 2 photos on a numbered sheet…
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        Your answer so far: 2 files: a.jpg, b.jpg
        To correct the order, type for instance “remove 3” or “swap 2 4”.
        [Done] [Arrange them] [Send them again from the start] [Back]
    """)
    desk.arrive(PAGES)
    assert desk.make_all() == 1
    lan.plays("""
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        Your answer so far: 2 files: a.jpg, b.jpg
        To correct the order, type for instance “remove 3” or “swap 2 4”.
        (1-photo.jpg)
        [Done] [Arrange them] [Send them again from the start] [Back]
        > đổi 1 2
        Putting 2 photos on a numbered sheet…
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        Your answer so far: 2 files: b.jpg, a.jpg
        To correct the order, type for instance “remove 3” or “swap 2 4”.
        [Done] [Arrange them] [Send them again from the start] [Back]
    """)
    assert desk.make_all() == 1
    assert "(1-photo.jpg)" in lan.hears()
    assert lan.says("bo 5")[0] == "There is no number 5 here; the last one is 2."
    lan.plays("""
        > bỏ 1
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        Your answer so far: 1 file: a.jpg
        [Done] [Send them again from the start] [Back]
    """)
    assert desk.make_all() == 1
    assert lan.hears() == []  # a single sound photo needs no sheet
    with Session(desk.office.engine) as session:
        states = {e.state for e in session.exec(select(Evidence).where(Evidence.position == 1))}
    assert states <= {Place.REMOVED, Place.KEPT}


def test_the_menu_does_the_same(lan: Phone, office: Office) -> None:
    begin(lan, *PHOTOS, "(a.jpg)", "(b.jpg)", "(c.jpg)")
    lan.plays("""
        > [Arrange them]
        What shall we do?
        [Leave one out] [Swap two] [Leave it as it is]
        > [Swap two]
        Which one shall change places?
        [No. 1] [No. 2] [No. 3] [Leave it as it is]
        > [No. 2]
        With which one shall number 2 change places?
        [No. 1] [No. 3] [Leave it as it is]
    """)
    lan.says("[No. 3]")
    assert names(office) == ["a.jpg", "c.jpg", "b.jpg"]
    for line in ("[Arrange them]", "[Leave one out]", "[No. 1]"):
        lan.says(line)
    assert names(office) == ["c.jpg", "b.jpg"]
    for line in ("[Arrange them]", "[Leave it as it is]"):
        lan.says(line)
    assert names(office) == ["c.jpg", "b.jpg"]


def test_photos_stand_in_the_order_they_were_sent_though_they_come_otherwise(
    lan: Phone, office: Office
) -> None:
    begin(lan, *PHOTOS)
    for name, number in (("b.jpg", 12), ("a.jpg", 11), ("c.jpg", 13)):
        lan.gives(photo(name, number, album="7"))
    assert names(office) == ["a.jpg", "b.jpg", "c.jpg"]


def test_a_caption_is_kept_and_shown_with_the_photo(lan: Phone, minh: Phone) -> None:
    begin(lan, *PHOTOS)
    lan.gives(photo("a.jpg", caption="Cửa chính, đã dọn"))
    assert "Your answer so far: 1 file: a.jpg (“Cửa chính, đã dọn”)" in lan.hears()
    for line in ("[Done]", "[Submit]"):
        lan.says(line)
    minh.hears()
    said = minh.says("[Read it]")
    assert "• Send photos of the main exit. → 1 file: a.jpg (“Cửa chính, đã dọn”)" in said


def test_advice_names_the_photo_and_refuses_nothing(lan: Phone, desk: Desk) -> None:
    blurred = page(2).filter(ImageFilter.GaussianBlur(6))
    dark = page(3).point(lambda value: value * 0.2)
    begin(lan, *PHOTOS, "(a.jpg)", "(b.jpg)", "(c.jpg)")
    desk.arrive({"a.jpg": jpeg(page(1, (600, 800))), "b.jpg": jpeg(blurred), "c.jpg": jpeg(dark)})
    lan.hears()
    desk.make_all()
    assert lan.hears()[:3] == [
        "Photo 1 is small; it may be hard to read. Better sent as a file.",
        "Photo 2 looks blurred; it may be hard to read.",
        "Photo 3 is dark; it may be hard to read.",
    ]
    assert lan.says("[Done]")[0] == "Fire safety tháng 10/2026: check your answers"


def test_a_single_bad_photo_is_advised_on_without_a_sheet(lan: Phone, desk: Desk) -> None:
    begin(lan, *PHOTOS, "(a.jpg)")
    desk.arrive({"a.jpg": jpeg(page(1, (600, 800)))})
    desk.make_all()
    said = lan.hears()
    assert said[0] == "Photo 1 is small; it may be hard to read. Better sent as a file."
    assert not any(line.startswith("(") for line in said)


def test_whoever_is_at_another_question_stays_there(lan: Phone, desk: Desk) -> None:
    begin(lan, *PHOTOS, "(a.jpg)", "(b.jpg)", "[Back]")
    desk.arrive(PAGES)
    desk.make_all()
    lan.plays("""
        Fire safety tháng 10/2026 (3/4)
        Anything to add?
        (1-photo.jpg)
        [Skip] [Back]
        > [Skip]
        Fire safety tháng 10/2026: check your answers
        1. Are all exits clear? → Yes
        2. How many extinguishers work? → 6
        3. Anything to add? → skipped
        4. Send photos of the main exit. → 2 files: a.jpg, b.jpg
        [Submit] [Change an answer]
    """)


def test_whoever_is_elsewhere_gets_the_sheet_with_a_way_back(lan: Phone, desk: Desk) -> None:
    begin(lan, *PHOTOS, "(a.jpg)", "(b.jpg)", "/cancel")
    desk.arrive(PAGES)
    desk.make_all()
    lan.plays("""
        Photos of Fire safety tháng 10/2026
        (1-photo.jpg)
        [Continue Fire safety tháng 10/2026]
    """)


def test_the_pages_become_one_pdf_when_the_report_is_handed_in(
    lan: Phone, minh: Phone, desk: Desk
) -> None:
    begin(lan, *PHOTOS, "(a.jpg)", "(b.jpg)", "[Done]")
    on_its_side = jpeg(page(2).rotate(90, expand=True), turned=6)
    desk.arrive({"a.jpg": jpeg(page(1)), "b.jpg": on_its_side})
    desk.make_all()
    lan.hears()
    assert "Putting 2 pages into one PDF…" in lan.says("[Submit]")
    assert desk.make_all() == 1
    lan.plays("""
        Fire safety tháng 10/2026: 2 pages in one PDF.
        (LL_FIRE_2026-10_v1.pdf)
        [Fire safety tháng 10/2026]
    """)
    minh.hears()
    minh.says("[Read it]")
    minh.plays("""
        > [Get the files (2)]
        Files of Fire safety tháng 10/2026 – Trường TH Lê Lợi
        (LL_FIRE_2026-10_v1.pdf)
        [Get the photos as they were sent] [Back to the report]
        > [Get the photos as they were sent]
        Files of Fire safety tháng 10/2026 – Trường TH Lê Lợi
        (a.jpg)
        (b.jpg)
        [Back to the report]
    """)
    with Session(desk.office.engine) as session:
        made = session.exec(select(Upload).where(col(Upload.name).endswith(".pdf"))).one()
    bound = stored(desk, made)
    with pikepdf.open(BytesIO(bound)) as pdf:
        assert [int(one.get("/Rotate", 0)) for one in pdf.pages] == [0, 90]
    assert jpeg(page(1)) in bound  # byte for byte
    assert on_its_side in bound


def test_the_pdf_waits_for_bytes_that_are_on_their_way(lan: Phone, desk: Desk) -> None:
    begin(lan, *PHOTOS, "(a.jpg)", "(b.jpg)", "[Done]", "[Submit]")
    assert desk.make_all() == 0
    desk.arrive(PAGES)
    desk.make_all()
    assert "(LL_FIRE_2026-10_v1.pdf)" in lan.hears()


def test_what_cannot_be_made_is_said_and_the_photos_stay(lan: Phone, desk: Desk) -> None:
    begin(lan, *PHOTOS, "(a.jpg)", "(b.jpg)", "[Done]", "[Submit]")
    desk.arrive(PAGES)
    lan.hears()
    for path in (desk.blobs.path("0" * 64).parents[1]).glob("*/*"):
        path.write_bytes(b"\xff\xd8\xff damaged on the disk")
    for _attempt in range(3):
        desk.make_all()
        desk.machine += binding.LEASE
    assert lan.hears()[0].startswith("The photos of Fire safety tháng 10/2026 could not be put")
    assert desk.make_all() == 0


def test_in_vietnamese(office: Office, channel: str) -> None:
    lan = someone(office, channel, "Lan", "LL", Role.REPORTER, language="vi")
    for line in ("/han", "[Làm: Fire safety tháng 10/2026]", "[Có]", "6", "[Bỏ qua]", "(a.jpg)"):
        lan.says(line)
    lan.plays("""
        > (b.jpg)
        Đang ghép 2 ảnh thành trang xem trước có đánh số…
        Fire safety tháng 10/2026 (4/4)
        Send photos of the main exit.
        Đã trả lời: 2 tệp (a.jpg, b.jpg)
        Muốn sửa thứ tự, thầy/cô gõ ví dụ “bỏ 3” hoặc “đổi 2 4”.
        [Xong] [Sắp xếp lại] [Gửi lại từ đầu] [Quay lại]
        > [Sắp xếp lại]
        Thầy/cô cần làm gì ạ?
        [Bỏ một tệp] [Đổi chỗ hai tệp] [Giữ nguyên]
        > [Đổi chỗ hai tệp]
        Tệp nào cần đổi chỗ?
        [Số 1] [Số 2] [Giữ nguyên]
        > [Số 1]
        Đổi chỗ số 1 với số mấy?
        [Số 2] [Giữ nguyên]
    """)
