"""The main job as a visitor of the demo sees it, in a real browser."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.bot.demo.page import PATIENCE, DemoPage, PhoneOnPage, browser
from tests.filling import PHOTOS, REVIEW, answer

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
REPORT = "Báo cáo 6 tháng năm 2018"


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser() as chromium:
        yield chromium


@pytest.fixture
def address() -> Iterator[str]:
    """Of the demo, started as `make demo` does."""
    call = [sys.executable, "-m", "bot", "demo", "--port", "0"]
    with subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, text=True) as demo:  # noqa: S603
        assert demo.stdout
        yield demo.stdout.readline().strip()
        demo.terminate()


@pytest.mark.browser
def test_a_teacher_files_the_six_month_report_and_the_office_reads_it(
    address: str, chromium: Browser
) -> None:
    demo = DemoPage(chromium, address)
    demo.waits_until_prepared()
    office, mai = demo.phone("Nguyễn Thu Hà"), demo.phone("Lò Thị Mai")
    for phone, name in ((office, "Nguyễn Thu Hà"), (mai, "Lò Thị Mai")):
        phone.open_invitation()
        phone.tap("Tôi đồng ý")
        phone.tap(f"Đúng, tôi là {name}")
    mai.sees("Vai trò: Người làm báo cáo, MN Hoa Ban.")
    mai.say("/han")
    mai.tap(f"Làm: {REPORT}")
    _fill_in(mai)
    mai.tap("Nộp")
    mai.sees("Phòng đã nhận:")
    mai.sees("2 trang trong một tệp PDF.")
    office.sees(f"MN Hoa Ban vừa nộp {REPORT}.")
    office.tap("Xem báo cáo")
    office.tap("Lấy tệp (2)")
    office.sees("_BC6T_2018_v1.pdf")
    office.tap("Lấy ảnh gốc")
    expect(office.root.locator(".bubble img")).to_have_count(2, timeout=PATIENCE)
    demo.close()


def _fill_in(phone: PhoneOnPage) -> None:
    shown = phone.root.locator(".bubble-row.bot .text").last
    expect(shown).to_contain_text(re.compile(r"\(1/\d+\)"), timeout=PATIENCE)
    screen = shown.inner_text()
    while REVIEW not in screen:
        for line in answer(screen):
            _say(phone, line)
            expect(shown).not_to_have_text(screen, timeout=PATIENCE)
            screen = shown.inner_text()


def _say(phone: PhoneOnPage, line: str) -> None:
    if line == PHOTOS:
        phone.attach_samples("Trang ký mẫu 1", "Trang ký mẫu 2")
        phone.send()
        phone.sees("Đã nhận 2/2")
        sheet = phone.root.locator(".bubble-row.bot .bubble img")
        expect(sheet).to_have_count(1, timeout=PATIENCE)
    elif line.startswith("["):
        phone.tap(line.strip("[]"))
    else:
        phone.say(line)
