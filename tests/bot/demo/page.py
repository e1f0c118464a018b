"""The demo's page in a real browser, in words a test can be read by."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LAPTOP, HAND = (1366, 768), (390, 844)
PATIENCE = 30_000  # milliseconds until a test gives up; nothing is expected to take so long

PREPARING = 120_000  # milliseconds; the data are made by four programs, one after another


@contextmanager
def browser() -> Iterator[Browser]:
    """Skips the test, in words, where there is no browser."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


class PhoneOnPage:
    """One phone: what its person does, and what they see. Asserts wait, up to PATIENCE."""

    def __init__(self, page: Page, owner: str) -> None:
        self.page = page
        self.root = page.locator(".phone").filter(has=page.locator(".who", has_text=owner))

    def show(self) -> "PhoneOnPage":
        """Turn to it, where there is room for one phone at a time."""
        number = str(self.root.get_attribute("id")).removeprefix("phone-")
        self.page.locator(f"#tab-{number}").click()
        return self

    def open_invitation(self) -> None:
        self.root.get_by_role("button", name="Mở thư mời").click(timeout=PREPARING)

    def begin(self) -> None:
        self.root.get_by_role("button", name="Bắt đầu").click()

    def say(self, text: str) -> None:
        self.write(text)
        self.root.locator("textarea").press("Enter")

    def write(self, text: str) -> None:
        self.root.locator("textarea").fill(text)

    def send(self) -> None:
        self.root.get_by_role("button", name="Gửi", exact=True).click()

    def tap(self, button: str) -> None:
        """The lowest button with this text under any message."""
        self.root.locator(".buttons").get_by_role("button", name=button, exact=True).last.click()

    def press_key(self, key: str) -> None:
        """A key of the keyboard that the bot shows."""
        self.root.locator(".keys").get_by_role("button", name=key, exact=True).click()

    def share_contact(self, key: str) -> None:
        self.press_key(key)
        self.page.get_by_role("dialog").get_by_role("button", name="Chia sẻ").click()

    def attach(self, *files: Path) -> None:
        """Put files ready to be sent."""
        self.root.locator("input[type=file]").set_input_files(list(files))

    def attach_samples(self, *samples: str) -> None:
        """Put ready the page's own: "Trang ký mẫu 1", "Trang ký mẫu 2", "Văn bản mẫu"."""
        for number, sample in enumerate(samples, 1):
            self.root.get_by_role("button", name="Đính kèm ảnh hoặc tệp").click()
            self.root.get_by_role("menuitem", name=sample).click()
            expect(self.root.locator(".tray li")).to_have_count(number)

    def choose_command(self, command: str) -> None:
        self.root.get_by_role("button", name="Menu", exact=True).click()
        self.root.locator(".commands").get_by_role("menuitem", name=command).click()

    def block(self) -> None:
        self.root.get_by_role("button", name="Tùy chọn").click()
        self.root.get_by_role("menuitem", name="Chặn bot").click()

    def unblock(self) -> None:
        self.root.locator(".unblock").click()

    def change(self, old: str, new: str) -> None:
        """Edit one's own message."""
        said = self.bubble(old)
        said.hover()
        said.get_by_role("button", name="Sửa tin nhắn này").click()
        self.say(new)

    @property
    def bubbles(self) -> Locator:
        return self.root.locator(".bubble")

    def bubble(self, text: str) -> Locator:
        """The lowest message with this text."""
        return self.bubbles.filter(has_text=text).last

    def sees(self, text: str) -> None:
        expect(self.bubble(text)).to_be_visible(timeout=PATIENCE)

    def sees_no(self, text: str) -> None:
        expect(self.bubbles.filter(has_text=text)).to_have_count(0, timeout=PATIENCE)

    def sees_button(self, button: str) -> None:
        found = self.root.locator(".buttons").get_by_role("button", name=button, exact=True)
        expect(found.last).to_be_visible(timeout=PATIENCE)


class DemoPage:
    """The whole page, opened and ready. size: width and height in pixels."""

    def __init__(self, browser: Browser, url: str, size: tuple[int, int] = LAPTOP) -> None:
        self.page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        self.page.set_default_timeout(PATIENCE)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.goto(url)
        self.page.locator("body[data-ready]").wait_for()

    def phone(self, owner: str) -> PhoneOnPage:
        return PhoneOnPage(self.page, owner)

    def new_phone(self, owner: str) -> PhoneOnPage:
        self.page.get_by_role("button", name="Điện thoại mới").first.click()
        self.page.get_by_label("Tên người dùng").fill(owner)
        self.page.get_by_role("button", name="Thêm").click()
        return self.phone(owner)

    def shows(self, text: str) -> None:
        """The line below the top bar, where the page speaks itself."""
        expect(self.page.locator("#notice")).to_contain_text(text, timeout=PATIENCE)

    def waits_until_prepared(self) -> None:
        """The data are there and the bot answers."""
        expect(self.page.locator("#notice")).to_be_hidden(timeout=PREPARING)

    def is_quiet(self) -> None:
        """Nothing is the matter."""
        expect(self.page.locator("#notice")).to_be_hidden(timeout=PATIENCE)

    def waiting(self, words: str) -> None:
        expect(self.page.locator("#waiting")).to_have_text(words, timeout=PATIENCE)

    def it_is(self, hour: str, day: str) -> None:
        """hour: as "08:00"; day: as "Thứ Năm, 07/06/2018"."""
        expect(self.page.locator(".now .day")).to_have_text(day, timeout=PATIENCE)
        expect(self.page.locator(".now .hour")).to_have_text(hour, timeout=PATIENCE)

    def next_morning(self) -> None:
        self.page.get_by_role("button", name="Sáng hôm sau").click()

    def three_days_before(self, day: str) -> None:
        """day: a deadline, as "10/06/2018"."""
        self.page.get_by_role("button", name="Ba ngày trước hạn…").click()
        self.page.get_by_role("menuitem", name=f"Hạn {day}").click()

    def to_day(self, day: str, hour: str) -> None:
        """day: as "2018-06-12"."""
        self.page.get_by_role("button", name="Đến ngày…").click()
        self.page.get_by_label("Ngày", exact=True).fill(day)
        self.page.get_by_label("Giờ", exact=True).fill(hour)
        self.page.get_by_role("button", name="Đi tới").click()

    def turn_off(self) -> None:
        self.page.get_by_role("button", name="Tắt bot", exact=True).click()

    def turn_on(self) -> None:
        self.page.get_by_role("button", name="Bật bot", exact=True).click()

    def pull_plug(self) -> None:
        self.page.get_by_role("button", name="Rút điện").click()

    def close(self) -> None:
        """Raises AssertionError where a script of the page failed meanwhile."""
        self.page.close()
        assert not self.faults
