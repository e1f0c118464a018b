"""The list of an event's participants, as a spreadsheet."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.participants import write_wanted
from bot.receipts import Clerk
from bot.sheets import read_sheet_now
from core.events import EventKind
from core.roles import Role
from core.screen import Picked
from storage.blobs import Blobs
from storage.events import Event
from storage.outbox import Outgoing
from tests.conftest import someone
from tests.handlers.test_broadcast import put
from tests.handlers.test_event import invite
from tests.handlers.test_registration import says_all
from tests.phone import HANOI, Office, Phone


@pytest.mark.parametrize("channel", ["telegram"], indirect=True)
def test_the_list_comes_as_a_sheet_without_formulas(
    office: Office, channel: str, lan: Phone, hoa: Phone, minh: Phone, tmp_path: Path
) -> None:
    put(office, "QT", name="=HYPERLINK(1)")
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    invite(office, minh, lan, hoa, mai, kind=EventKind.EXCHANGE)
    minh.gives(Picked("open:talks:1"))
    says_all(minh, "=HYPERLINK(1)", "[Done]")
    mai.hears()
    says_all(lan, "[👥 Send somebody else]", "Nga 0912345678", "[Lan]", "[Done]")
    mai.gives(Picked("open:absent:1"))
    mai.says("=1+1")
    minh.gives(Picked("show:code:1"))
    with Session(office.engine) as session:
        code = session.exec(select(Event.attendance_code)).one()
    office.now = datetime(2026, 11, 12, 8, 5, tzinfo=HANOI)
    for phone in (lan, hoa):
        phone.says(f"/diemdanh {code}")
    minh.hears()
    minh.gives(Picked("show:participants:1"))
    assert minh.hears()[0] == "The sheet is being made; it comes in a moment."
    clerk = Clerk(office.engine, office.desk, Blobs(tmp_path))
    assert write_wanted(clerk, office.times()) == 1
    assert minh.hears() == [
        "Fire training: the list as of 08:05, 12 November 2026.",
        "(nguoi-du.xlsx)",
    ]
    with Session(office.engine) as session:
        newest = session.exec(select(Outgoing).order_by(col(Outgoing.id).desc())).first()
        assert newest
        sha = newest.files[0]["sha256"]
    school, at = ["LL", "Trường TH Lê Lợi"], "12/11/2026 08:05"
    assert [row[:8] for row in read_sheet_now(clerk.blobs.path(sha))] == [
        ["Mã", "Đơn vị", "Người dự", "Điện thoại", "Trả lời", "Lý do", "Có mặt lúc", "Tham luận"],
        ["QT", "=HYPERLINK(1)", "", "", "does not come", "=1+1", "", "not handed in"],
        [*school, "Nga", "0912345678", "comes", "", "", ""],
        [*school, "Lan", "", "comes", "", at, ""],
        [*school, "Hoa", "", "comes", "", at, ""],
    ]
    assert write_wanted(clerk, office.times()) == 0
