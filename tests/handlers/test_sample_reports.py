"""The two reports of the sample, filled in one after the other as a school does in a year."""

from datetime import datetime

import pytest
from sqlmodel import Session

from core.roles import Role
from storage import plans, samples
from tests.conftest import someone
from tests.filling import PHOTOS, REVIEW, answer
from tests.phone import HANOI, Office, Phone

SAME = "Như kỳ trước"


@pytest.fixture
def lan(office: Office, channel: str) -> Phone:
    office.now = datetime(2018, 6, 1, 8, tzinfo=HANOI)
    with Session(office.engine) as session:
        plans.publish(session, plans.read_plan(samples.PLAN), office.now)
        session.commit()
    return someone(office, channel, "Lan", "LL", Role.REPORTER, language="vi")


def fill_in(phone: Phone, title: str) -> list[list[str]]:
    """Every screen that was shown until the review, with it; what was said last time is kept."""
    phone.says("/han")
    screens = [phone.says(f"[Làm: {title}]")]
    while REVIEW not in screens[-1][0]:
        assert len(screens) < 150, screens[-3:]
        if f"[{SAME}]" in screens[-1][-1]:
            screens.append(phone.says(f"[{SAME}]"))
            continue
        for said in answer("\n".join(screens[-1])):
            screens.append(phone.says("(a.jpg)" if said == PHOTOS else said))
    return screens


def test_the_year_goes_on_from_its_first_half(office: Office, lan: Phone) -> None:
    half = fill_in(lan, "Báo cáo 6 tháng năm 2018")
    assert len(half) - 1 <= 40  # a quarter of a minute for each makes ten minutes
    assert "Mô hình 1" in half[-1]
    assert lan.says("[Nộp]")[0].startswith("Đã nộp")
    office.now = datetime(2018, 11, 1, 8, tzinfo=HANOI)
    year = fill_in(lan, "Báo cáo cuối năm 2018")
    said = [line for screen in year for line in screen]
    assert "Kỳ trước: 7 cuộc (Báo cáo 6 tháng năm 2018); nay cộng dồn từ đầu năm." in said
    assert "Kỳ trước: Tốt (Báo cáo 6 tháng năm 2018)" in said
    assert any(line.startswith("Mô hình 1: Mô hình thuộc lĩnh vực nào?") for line in said)
    lan.says("[Sửa câu trả lời]")
    [settled] = [label for label in lan.labels if "Bao nhiêu kiến nghị đã giải quyết?" in label]
    lan.says(f"[{settled}]")
    heard = lan.says("15")
    assert heard[0] == (
        "Số kiến nghị đã giải quyết không thể nhiều hơn số mới nhận cộng số còn từ kỳ trước."
    )
    assert lan.says("5")[0] == "Số giải quyết đúng hạn không thể nhiều hơn số đã giải quyết."
    assert lan.says("[Để sửa sau]")[1:3] == [
        "Báo cáo 6 tháng năm 2018 ghi 7 kiến nghị, nay 5 kiến nghị.",
        "Thầy/cô sửa lại số, hay ghi rõ vì sao giảm?",
    ]
    assert "[Nộp]" not in lan.says("Một việc tính hai lần.")[-1]
