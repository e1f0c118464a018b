"""The whole demo: its page, its server, and the real program that it starts, kills and ends."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from bot.demo import acts, cast
from bot.demo.show import TOKEN, main, make_stage
from bot.demo.stage import ZONE, next_morning, three_days_before
from core.roles import Role
from storage import samples
from storage.units import OFFICE_CODE
from tests.bot.demo.page import DemoPage, browser
from tests.live import until

ROOT = Path(__file__).parents[3]
OFFICER = "Nguyễn Thu Hà"
SHOW = "from pathlib import Path; from bot.demo.show import main; main(0, Path('kept'))"


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser() as chromium:
        yield chromium


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The demo as a process; `.env` and the environment hold what must not reach its program."""
    (tmp_path / ".env").write_text("PHONGBOT_DATABASE_URL=postgresql://elsewhere/real\n")
    own = {"PYTHONPATH": str(ROOT), "PHONGBOT_LANGUAGE": "nonsense"}
    with subprocess.Popen(  # noqa: S603  our own words
        [sys.executable, "-c", SHOW],
        cwd=tmp_path,
        env=os.environ | own,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.browser
def test_the_real_program_answers_and_nothing_is_lost_when_its_plug_is_pulled(
    shown: subprocess.Popen[str], chromium: Browser, tmp_path: Path
) -> None:
    assert shown.stdout
    demo = DemoPage(chromium, shown.stdout.readline().strip())
    demo.waits_until_prepared()
    office = demo.phone(OFFICER)
    office.open_invitation()
    answer = office.root.locator(".bubble-row.bot")
    answer.first.wait_for()
    demo.is_quiet()
    demo.waiting("Đã trả lời hết")
    demo.pull_plug()
    demo.shows("Bot đang tắt")
    before = answer.count()
    office.say("Bot còn đó không?")
    demo.waiting("1 tin chờ bot")
    demo.turn_on()
    demo.waiting("Đã trả lời hết")
    answer.nth(before).wait_for()
    demo.three_days_before("10/06/2018")
    demo.it_is("08:00", "Thứ Năm, 07/06/2018")
    demo.is_quiet()
    demo.close()
    shown.send_signal(signal.SIGINT)
    assert shown.wait(20) == 0
    assert not _programs_in(tmp_path)


def test_killed_the_demo_leaves_no_program_behind(
    shown: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert shown.stdout
    url = shown.stdout.readline().strip()
    until(lambda: httpx.get(f"{url}/demo").json()["running"])
    shown.kill()
    shown.wait()
    until(lambda: not _programs_in(tmp_path))


def _programs_in(folder: Path) -> list[str]:
    """Processes that still work in a folder, or below it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            place = (process / "cwd").readlink()
            if place.is_relative_to(folder):
                found.append(process.name)
    return found


def test_it_does_not_start_beside_a_real_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(TOKEN, "123456:secret")
    with pytest.raises(SystemExit) as refused:
        main(0, None)
    assert TOKEN in str(refused.value)
    assert "secret" not in str(refused.value)
    monkeypatch.delenv(TOKEN)
    (tmp_path / ".env").write_text(f"{TOKEN}=123456:secret\n")
    with pytest.raises(SystemExit):
        main(0, None)


def test_a_taken_port_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(TOKEN, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as refused:
            main(port, None)
    assert str(port) in str(refused.value)


def test_the_cast_is_of_the_sample() -> None:
    units = {unit["code"]: unit for unit in samples.units()}
    assert cast.OFFICE_CODE == OFFICE_CODE
    assert units[OFFICE_CODE]["kind"] == "office"
    assert [units[guest.unit]["kind"] for guest in cast.CAST[1:]] == ["school"] * 3
    phone = cast.described(1002, cast.CAST[1], "ABC")
    assert phone["place"] == "MN Hoa Ban"
    shorts = [cast.described(1, guest, None)["short"] for guest in cast.CAST]
    assert shorts == ["Phòng", "MN Hoa Ban", "HT MN Hoa Ban", "TH Quyết Thắng"]
    assert phone["invitation"]["code"] == "ABC"
    assert all(guest.role in cast.INVITED_AS for guest in cast.CAST if guest.role)
    assert cast.CAST[0].role is Role.ADMIN


def _at(day: int, hour: int) -> datetime:
    return datetime(2018, 6, day, hour, tzinfo=ZONE)


def test_the_morning_is_the_next_one_at_the_office() -> None:
    assert next_morning(_at(1, 6)) == _at(2, 8)
    late_in_utc = _at(1, 23) + timedelta(minutes=59)
    assert next_morning(late_in_utc) == _at(2, 8)


def test_three_days_before_is_of_the_first_deadline_still_so_far_away() -> None:
    days = [date(2018, 6, 10), date(2018, 6, 20)]
    assert three_days_before(days, _at(1, 8)) == _at(7, 8)
    assert three_days_before(days, _at(7, 8)) == _at(17, 8)
    assert three_days_before(days, _at(17, 9)) is None


def test_what_is_kept_goes_on_with_new_ids_and_the_same_phones(tmp_path: Path) -> None:
    first = make_stage(tmp_path, "http://127.0.0.1:9")
    phone = first.state.add_person("Người mới")
    acts.start(first.state, phone)
    (update,) = first.state.updates.pending
    asyncio.run(first.end())
    second = make_stage(tmp_path, "http://127.0.0.1:9")
    again = second.state.chats[phone.id]
    assert (again.name, again.opened) == ("Người mới", True)
    assert acts.say(second.state, again, "Tôi lại đến").update_id not in (None, update)
    assert second.snapshot()["phones"][-1]["met"]
