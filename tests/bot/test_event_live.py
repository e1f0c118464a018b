"""An event through the real program, over HTTP, in Vietnamese: invited to, come to, listed."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.sheets import read_sheet_now
from tests.databases import database_url
from tests.live import Live, LivePhone, live, until
from tests.people import office

pytestmark = pytest.mark.long

WRITE = (
    *("[Tạo hoạt động mới]", "[Tập huấn]", "Tập huấn dân vận", "8h 05/6/2018", "[Bỏ qua]"),
    *("Hội trường", "[Bỏ qua]", "2", "[Bỏ qua]", "[Bỏ qua]", "[Tất cả các trường]", "[Xong]"),
)
NAME, GUEST = "[Tập huấn dân vận]", ("Lò Văn Nam", "0987654321")


def test_a_school_comes_to_an_event_and_the_office_gets_the_list(tmp_path: Path) -> None:
    with database_url("sqlite", tmp_path) as url, live(tmp_path, url) as sonla:
        sonla.command("sample", str(tmp_path / "sample"))
        sonla.command("units", "import", str(tmp_path / "sample/units.xlsx"))
        sonla.start()
        ha, lan = office(sonla), sonla.phone("Lò Thị Lan")
        code = sonla.command("invite", "--unit", "THQT", "--role", "reporter").split()[0]
        says_all(lan, f"/start {code}", "[Tôi đồng ý]", "[Đúng, tôi là Lò Thị Lan]")
        says_all(ha, "/sukien", *WRITE, "[Gửi]")
        shows(lan, "Kính mời trường tham dự.")
        says_all(lan, "[✅ Tham gia]", "[👥 Cử người khác]", "[Lò Thị Lan]", " ".join(GUEST))
        assert "• Lò Văn Nam, 0987654321" in says_all(lan, "[Xong]")
        sonla.move_clock("2018-06-05T07:40:00+07:00")
        lan.says(f"/diemdanh {shown_code(ha)}")
        shows(lan, "Đã điểm danh thầy/cô lúc 07:4")
        rows = listed(sonla, ha, tmp_path)
        assert ["Lò Thị Lan", "", "tham gia"] in [row[2:5] for row in rows if row[6]]
        assert [*GUEST, "tham gia"] in [row[2:5] for row in rows if not row[6]]
        sonla.stop()
        log = sonla.log.read_text()
        assert [words for words in GUEST if words in log] == []


def says_all(phone: LivePhone, *lines: str) -> str:
    """Each once the one before is answered; what is shown at the end."""
    shown = ""
    for line in lines:
        phone.says(line)
        shown = phone.screen()
    return shown


def shown_code(ha: LivePhone) -> str:
    """What the office holds up on the day; it is told other news at the same time."""
    ha.says("/sukien")
    shows(ha, "Sắp tới")
    ha.says(NAME)
    shows(ha, "[Mã điểm danh]")
    ha.says("[Mã điểm danh]")
    shows(ha, "SK-")
    texts = " ".join(message["html"] for message in ha.messages())
    found = re.search("SK-[A-Z0-9]{6}", texts)
    assert found
    return found[0]


def shows(phone: LivePhone, words: str) -> None:
    """words: of a message, or of a button."""
    until(lambda: any(words in _text(message) for message in phone.messages()))


def _text(message: dict[str, Any]) -> str:
    labels = [f"[{button['text']}]" for row in message["buttons"] for button in row]
    return "\n".join([message["html"], *labels])


def listed(sonla: Live, ha: LivePhone, folder: Path) -> list[list[str]]:
    """The rows of the office's sheet, fetched as the app would."""
    ha.says("[Lấy danh sách (Excel)]")
    until(lambda: sheets(ha))
    path = folder / "list.xlsx"
    path.write_bytes(sonla.http.get(f"{sonla.api}{sheets(ha)[0]}").content)
    return read_sheet_now(path)


def sheets(phone: LivePhone) -> list[str]:
    """Where they are."""
    files = [file for message in phone.messages() for file in message["files"]]
    return [file["url"] for file in files if file["name"].endswith(".xlsx")]
