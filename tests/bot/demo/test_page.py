"""The page of the demo, as a person uses it. The bot is played by calls of the Bot API."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, expect

from bot.demo.program import Program
from bot.demo.server import BotApiServer
from bot.demo.show import routes
from bot.demo.stage import Stage
from bot.demo.state import State
from tests.bot.demo.page import HAND, PATIENCE, DemoPage, PhoneOnPage, browser

pytestmark = pytest.mark.browser

TOKEN = "1000000000:made-up-for-tests"  # noqa: S105
OFFICE, MAI, TUAN, NAM = "Nguyễn Thu Hà", "Lò Thị Mai", "Cầm Minh Tuấn", "Quàng Văn Nam"
ID = {OFFICE: 1001, MAI: 1002, TUAN: 1003, NAM: 1004}


class PlayedProgram(Program):
    """Says it runs, and leaves the answering to the test."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, {})
        self.folder = folder
        self.done: list[str] = []

    @property
    def running(self) -> bool:
        return self.done[-1:] == ["start"]

    async def ask(self, _clock: datetime, *words: str) -> str:
        if words == ("migrate",):
            with closing(sqlite3.connect(self.folder / "phongbot.db")) as database:
                database.execute("CREATE TABLE report (due_on DATE)")
                database.execute("INSERT INTO report VALUES ('2018-06-10'), ('2018-01-25')")
                database.commit()
        units = [word.removeprefix("--invite=").partition(":")[0] for word in words[1:]]
        return "".join(f"CODE{unit}\n" for unit in units)

    async def start(self, _clock: datetime) -> None:
        self.done.append("start")

    async def stop(self, pull: bool = False) -> None:
        self.done.append("pull" if pull else "stop")


class Played:
    """The demo with a bot that says what the test wants."""

    def __init__(self, url: str, program: PlayedProgram, state: State) -> None:
        self.url = url
        self.program = program
        self.state = state

    def call(self, method: str, **asked: object) -> Any:
        body = json.dumps(asked).encode()
        kind = {"Content-Type": "application/json"}
        request = Request(f"{self.url}/bot{TOKEN}/{method}", body, kind)  # noqa: S310  our own
        with urlopen(request) as answer:  # noqa: S310
            return json.load(answer)["result"]

    def says(self, to: str, text: str, *rows: list[dict[str, str]]) -> Any:
        markup = {"reply_markup": {"inline_keyboard": rows}} if rows else {}
        return self.call("sendMessage", chat_id=ID[to], text=text, parse_mode="HTML", **markup)

    def heard(self, offset: int = -1) -> Any:
        """The last update."""
        return self.call("getUpdates", offset=offset, timeout=0)[-1]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as chromium:
        yield chromium


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    @asynccontextmanager
    async def serving() -> Any:
        state, program = State(TOKEN), PlayedProgram(tmp_path)
        stage = Stage(state, program, tmp_path, "127.0.0.1:9")
        async with BotApiServer(state, routes=routes(stage)) as server:
            await stage.prepare()
            yield Played(server.url, program, state)

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(serving()) as played:
        played.call("getUpdates", timeout=0)
        yield played


@pytest.fixture
def demo(played: Played, chromium: Browser) -> Iterator[DemoPage]:
    demo = DemoPage(chromium, played.url)
    yield demo
    demo.close()


@pytest.fixture
def mai(demo: DemoPage) -> PhoneOnPage:
    """A phone that has written to the bot."""
    phone = demo.phone(MAI)
    phone.open_invitation()
    phone.sees("/start CODEMNHB")
    return phone


def test_four_phones_lie_side_by_side(demo: DemoPage) -> None:
    boxes = [demo.phone(name).root.bounding_box() for name in ID]
    assert all(box and box["width"] >= 290 and box["y"] + box["height"] <= 768 for box in boxes)
    assert len({box["y"] for box in boxes if box}) == 1
    assert demo.page.evaluate("document.documentElement.scrollWidth") == 1366
    demo.is_quiet()


def test_an_invitation_is_opened_like_a_link(demo: DemoPage, played: Played) -> None:
    office = demo.phone(OFFICE)
    expect(office.root.locator(".letter")).to_contain_text("người quản trị")
    office.open_invitation()
    office.sees("/start CODEPHONG")
    assert played.heard()["message"]["text"] == "/start CODEPHONG"
    expect(office.root.locator(".letter")).to_have_count(0)


def test_somebody_without_an_invitation_begins_by_a_button(demo: DemoPage, played: Played) -> None:
    nam = demo.phone(NAM)
    nam.begin()
    nam.sees("/start")
    nam.say("quyet thang")
    nam.sees("quyet thang")
    assert played.heard()["message"]["text"] == "quyet thang"


def test_a_tap_is_answered_and_the_message_changes_in_place(
    mai: PhoneOnPage, played: Played
) -> None:
    asked = played.says(MAI, "<b>Sẵn sàng?</b>", [{"text": "Có", "callback_data": "yes"}])
    mai.tap("Có")
    expect(mai.root.locator(".pending")).to_have_count(1)
    tap = played.heard()["callback_query"]
    assert tap["data"] == "yes"
    played.call("answerCallbackQuery", callback_query_id=tap["id"], text="Đã ghi")
    expect(mai.root.locator(".toast")).to_have_text("Đã ghi")
    expect(mai.root.locator(".pending")).to_have_count(0)
    message = {"chat_id": ID[MAI], "message_id": asked["message_id"]}
    played.call("editMessageText", **message, text="Cảm ơn!")
    mai.sees("Cảm ơn!")
    mai.sees_no("Sẵn sàng?")
    expect(mai.bubble("Cảm ơn!")).to_contain_text("đã sửa")
    expect(mai.root.locator(".buttons")).to_have_count(0)
    played.call("deleteMessage", **message)
    mai.sees_no("Cảm ơn!")


def test_what_the_bot_writes_is_shown_and_never_run(mai: PhoneOnPage, played: Played) -> None:
    played.says(MAI, "<b>đậm</b> &lt;img src=x onerror=alert(1)&gt; /han")
    shown = mai.bubble("đậm")
    expect(shown.locator("b")).to_have_text("đậm")
    expect(shown).to_contain_text("<img src=x onerror=alert(1)>")
    expect(shown.locator("img")).to_have_count(0)
    shown.get_by_role("button", name="/han").click()
    expect(mai.root.locator(".bubble-row.me").last).to_contain_text("/han", timeout=PATIENCE)
    assert played.heard()["message"]["text"] == "/han"


def test_sample_pages_go_as_one_album(mai: PhoneOnPage, played: Played) -> None:
    mai.attach_samples("Trang ký mẫu 1", "Trang ký mẫu 2")
    mai.write("Hai trang có chữ ký")
    mai.send()
    expect(mai.bubble("Hai trang có chữ ký").locator("img")).to_have_count(2)
    sent = played.call("getUpdates", timeout=0)[-2:]
    assert len({update["message"]["media_group_id"] for update in sent}) == 1
    assert sent[0]["message"]["caption"] == "Hai trang có chữ ký"
    assert sent[0]["message"]["photo"][-1]["width"] > 800


def test_a_file_goes_as_a_file(mai: PhoneOnPage, played: Played, tmp_path: Path) -> None:
    sheet = tmp_path / "Danh sách trường.xlsx"
    sheet.write_bytes(b"PK\x03\x04 not much")
    mai.attach(sheet)
    mai.send()
    mai.sees("Danh sách trường.xlsx")
    assert played.heard()["message"]["document"]["file_name"] == "Danh sách trường.xlsx"


def test_the_sample_document_is_a_pdf_of_two_pages(mai: PhoneOnPage, played: Played) -> None:
    mai.attach_samples("Văn bản mẫu")
    mai.send()
    mai.sees("bao-cao-mau.pdf")
    document = played.heard()["message"]["document"]
    path = played.call("getFile", file_id=document["file_id"])["file_path"]
    with urlopen(f"{played.url}/file/bot{TOKEN}/{path}") as answer:  # noqa: S310
        content = answer.read()
    assert content.startswith(b"%PDF-1.4")
    assert content.count(b"/Type/Page/Parent") == 2
    table = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    assert content[table:].startswith(b"xref")


def test_files_can_be_dropped_on_a_phone(mai: PhoneOnPage, played: Played) -> None:
    data = mai.page.evaluate_handle(
        """() => {
            const data = new DataTransfer()
            data.items.add(new File(['%PDF-1.4'], 'quyet-dinh.pdf', {type: 'application/pdf'}))
            return data
        }"""
    )
    mai.root.locator(".app").dispatch_event("drop", {"dataTransfer": data})
    expect(mai.root.locator(".tray li")).to_have_count(1)
    mai.send()
    mai.sees("quyet-dinh.pdf")
    assert played.heard()["message"]["document"]["file_name"] == "quyet-dinh.pdf"


def test_the_contact_key_sends_the_own_card(mai: PhoneOnPage, played: Played) -> None:
    keys = [[{"text": "Gửi số của tôi", "request_contact": True}], [{"text": "Bỏ qua"}]]
    markup = {"keyboard": keys, "one_time_keyboard": True}
    played.call("sendMessage", chat_id=ID[MAI], text="Số của cô?", reply_markup=markup)
    mai.share_contact("Gửi số của tôi")
    mai.sees("900001002")
    contact = played.heard()["message"]["contact"]
    assert contact["user_id"] == ID[MAI]
    away = {"remove_keyboard": True}
    played.call("sendMessage", chat_id=ID[MAI], text="Cảm ơn cô.", reply_markup=away)
    expect(mai.root.locator(".keys")).to_be_hidden()


def test_the_command_menu_lists_what_the_bot_set(mai: PhoneOnPage, played: Played) -> None:
    commands = [
        {"command": "han", "description": "Việc sắp đến hạn"},
        {"command": "trogiup", "description": "Trợ giúp"},
    ]
    played.call("setMyCommands", commands=commands)
    mai.write("/h")
    expect(mai.root.locator(".commands button")).to_have_count(1)
    mai.write("")
    mai.choose_command("Việc sắp đến hạn")
    mai.sees("/han")
    assert played.heard()["message"]["text"] == "/han"


def test_an_own_message_can_be_changed(mai: PhoneOnPage, played: Played) -> None:
    mai.say("12 gio")
    mai.sees("12 gio")
    mai.change("12 gio", "12 giờ")
    mai.sees("12 giờ")
    assert played.heard()["edited_message"]["text"] == "12 giờ"


def test_a_blocked_bot_hears_nothing_until_it_is_let_in_again(
    mai: PhoneOnPage, played: Played
) -> None:
    mai.block()
    expect(mai.root.locator("textarea")).to_be_hidden()
    status = played.heard()["my_chat_member"]["new_chat_member"]["status"]
    assert status == "kicked"
    mai.unblock()
    mai.say("Tôi đây")
    mai.sees("Tôi đây")


def test_many_phones_still_hear_the_bot(demo: DemoPage, played: Played) -> None:
    """More than the six connections that a browser opens to one place."""
    for number in range(5):
        demo.new_phone(f"Người mới {number}").begin()
    last = demo.phone("Người mới 4")
    last.sees("/start")
    played.call("sendMessage", chat_id=1009, text="Chào mừng!")
    last.sees("Chào mừng!")


def test_a_link_to_the_bot_opens_on_a_chosen_phone(mai: PhoneOnPage, played: Played) -> None:
    link = "https://t.me/phongbot_demo_bot?start=ABCDEFGHJK"
    played.says(MAI, f'Mời cô Hà: <a href="{link}">{link}</a>')
    mai.bubble("Mời cô Hà").get_by_role("link").click()
    mai.page.get_by_role("dialog").get_by_role("button", name=TUAN).click()
    PhoneOnPage(mai.page, TUAN).sees("/start ABCDEFGHJK")


def test_the_clock_goes_to_the_next_morning_and_to_a_day(demo: DemoPage) -> None:
    demo.turn_off()
    demo.shows("Bot đang tắt")
    demo.it_is("08:00", "Thứ Sáu, 01/06/2018")
    demo.next_morning()
    demo.it_is("08:00", "Thứ Bảy, 02/06/2018")
    demo.to_day("2018-06-12", "14:30")
    demo.it_is("14:30", "Thứ Ba, 12/06/2018")


def test_messages_bear_the_date_the_clock_was_moved_to(
    demo: DemoPage, mai: PhoneOnPage, played: Played
) -> None:
    demo.turn_off()  # nobody is there to be told the new time
    demo.shows("Bot đang tắt")
    demo.three_days_before("10/06/2018")
    demo.it_is("08:00", "Thứ Năm, 07/06/2018")
    played.says(MAI, "Còn ba ngày")
    mai.sees("Còn ba ngày")
    days = mai.root.locator(".lines > .day")
    expect(days).to_have_text(["Thứ Sáu, 01/06/2018", "Thứ Năm, 07/06/2018"])


def test_the_switch_stops_and_starts_the_program(
    demo: DemoPage, mai: PhoneOnPage, played: Played
) -> None:
    played.call("getUpdates", offset=played.heard()["update_id"] + 1, timeout=0)
    demo.waiting("Đã trả lời hết")
    demo.turn_off()
    demo.shows("Bot đang tắt")
    mai.say("Có ai không?")
    demo.waiting("1 tin chờ bot")
    demo.turn_on()
    demo.is_quiet()
    demo.pull_plug()
    demo.shows("1 tin đang được giữ")
    assert played.program.done == ["start", "stop", "start", "pull"]


def test_a_reload_shows_the_same_talk(mai: PhoneOnPage, played: Played) -> None:
    played.says(MAI, "Còn nhớ tôi?", [{"text": "Nhớ", "callback_data": "x"}])
    mai.sees("Còn nhớ tôi?")
    before = mai.bubbles.all_inner_texts()
    mai.page.reload()
    mai.sees_button("Nhớ")
    assert mai.bubbles.all_inner_texts() == before


def test_in_the_hand_one_phone_is_shown_at_a_time(played: Played, chromium: Browser) -> None:
    demo = DemoPage(chromium, played.url, HAND)
    demo.phone(OFFICE).open_invitation()
    expect(demo.phone(MAI).root).to_be_hidden()
    mai = demo.phone(MAI).show()
    mai.open_invitation()
    demo.phone(OFFICE).show()
    played.says(MAI, "Một tin mới")
    expect(demo.page.locator("#tab-1002 .count")).to_have_text("1")
    mai.show().sees("Một tin mới")
    expect(demo.page.locator("#tab-1002 .count")).to_have_count(0)
    assert demo.page.evaluate("document.documentElement.scrollWidth") == HAND[0]
    box = mai.root.locator(".say").bounding_box()
    assert box
    assert box["y"] + box["height"] <= HAND[1]
    demo.close()


def test_the_keyboard_alone_is_enough(mai: PhoneOnPage, played: Played) -> None:
    played.says(MAI, "Tiếp?", [{"text": "Tiếp tục", "callback_data": "go"}])
    mai.sees_button("Tiếp tục")
    mai.root.get_by_role("button", name="Tùy chọn").focus()
    keyboard = mai.page.keyboard
    for _place in range(20):
        keyboard.press("Tab")
        if mai.page.evaluate("document.activeElement.textContent") == "Tiếp tục":
            break
    keyboard.press("Enter")
    expect(mai.root.locator(".pending")).to_have_count(1)
    assert played.heard()["callback_query"]["data"] == "go"
