"""The main job through the real program, over HTTP, in Vietnamese, on the plan of 2018.

A school registers, sees what is due, and files its six-month report from a phone; the office sees
it arrive.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import BOTH, database_url
from tests.filling import PHOTOS, REVIEW, answer
from tests.live import Live, LivePhone, live


@pytest.fixture(params=BOTH)
def sonla(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    """The sample's schools and plan, and the program running."""
    with database_url(request.param, tmp_path) as url, live(tmp_path, url) as alive:
        alive.command("sample", str(tmp_path / "sample"))
        alive.command("units", "import", str(tmp_path / "sample" / "units.xlsx"))
        alive.command("plan", "publish", str(tmp_path / "sample" / "plan.toml"))
        alive.start()
        yield alive


def test_a_school_registers_files_its_report_and_the_office_sees_it(sonla: Live) -> None:
    ha = _office(sonla)
    lan = sonla.phone("Lò Thị Lan")
    _register(lan, ha)
    lan.plays("""
        > /han
        Trường mình còn 6 báo cáo phải nộp:
        Quá hạn
        • Kế hoạch dân vận giai đoạn 2018-2022: trước 25/01 (trễ 127 ngày)
        Văn bản còn ghi “xong trong quý I năm 2018” (mục III.1): đến hết 31/3.
        • Kế hoạch dân vận năm 2018: trước 25/01 (trễ 127 ngày)
        Văn bản còn ghi “xong trong quý I năm 2018” (mục III.1): đến hết 31/3.
        Sau đó
        • Báo cáo 6 tháng năm 2018: trước 10/6, nên gửi thứ Sáu 08/6 (còn 9 ngày)
        Chưa có hạn
        • Kế hoạch thực hiện Quy chế dân chủ năm 2018: Phòng chưa ấn định ngày
        • Kiểm điểm công tác dân vận năm 2018: Phòng chưa ấn định ngày
        • Mô hình dân vận khéo năm 2018: Phòng chưa ấn định ngày
        Sắp tới: Báo cáo cuối năm 2018, trước 20/11, nên gửi thứ Hai 19/11; mở từ 25/10/2018.
        [Làm: Kế hoạch dân vận giai đoạn 2018-2022] * [Làm: Mô hình dân vận khéo *]
    """)
    lan.says("[Làm: Báo cáo 6 tháng năm 2018]")
    _fill_in(lan)
    lan.plays("""
        > [Nộp]
        Đã nộp Báo cáo 6 tháng năm 2018. Cảm ơn thầy/cô.
        Mã biên nhận: *, * hôm nay.
        Phòng đã nhận: * câu trả lời, 2 tệp.
        ? Đang tải tệp về; nếu thiếu tệp nào, thầy/cô sẽ được báo.
        [Báo cáo còn lại]
    """)
    ha.hears(["TH Quyết Thắng vừa nộp Báo cáo 6 tháng năm 2018.", "[Xem báo cáo]"])
    ha.says("[Xem báo cáo]")
    assert "Lò Thị Lan nộp lúc" in ha.screen()
    ha.says("[Lấy tệp (2)]")
    ha.receives(files=2)


def test_a_talk_goes_on_where_the_program_was_killed(sonla: Live) -> None:
    ha = _office(sonla)
    lan = sonla.phone("Lò Thị Lan")
    _register(lan, ha)
    lan.says("/nop")
    lan.screen()
    lan.says("[Làm: Báo cáo 6 tháng năm 2018]")
    lan.screen()
    sonla.stop(kill=True)
    lan.says("[Có]")
    sonla.start()
    assert "(2/" in lan.screen()


def _office(sonla: Live) -> LivePhone:
    """The phone of the first administrator, who opens the invitation."""
    code = sonla.command("invite", "--role", "admin").split()[0]
    ha = sonla.phone("Nguyễn Thu Hà")
    ha.plays(f"""
        > /start {code}
        Lời mời (1/2)
        Trước khi bắt đầu
        Mời thầy/cô tham gia: Người quản trị, Phòng GD&ĐT thành phố Sơn La.
        Hệ thống lưu *
        Lúc nào cũng xóa được: gõ /toi, rồi chọn Xóa dữ liệu của tôi.
        [Tôi đồng ý]
        > [Tôi đồng ý]
        Lời mời (2/2)
        Mời thầy/cô tham gia: Người quản trị, Phòng GD&ĐT thành phố Sơn La.
        [Đúng, tôi là Nguyễn Thu Hà] [Ghi tên khác] [Quay lại]
        > [Đúng, tôi là Nguyễn Thu Hà]
        Chào mừng thầy/cô. Vai trò: Người quản trị, Phòng GD&ĐT thành phố Sơn La.
        [Tình hình nộp báo cáo] [Mở menu]
    """)
    return ha


def _register(lan: LivePhone, ha: LivePhone) -> None:
    """Without a code, by the school's name typed without accents."""
    lan.plays("""
        > /start
        Chào thầy/cô. Đây là trợ lý của Phòng dành cho các trường.
        Thầy/cô xem hạn, nộp báo cáo, gửi tệp và được nhắc đúng lúc, ngay trên điện thoại.
        Nếu có mã mời, thầy/cô gõ /start, cách ra, rồi gõ mã.
        [Đăng ký cho trường mình] [Tiếng Việt / English]
        > [Đăng ký cho trường mình]
        Đăng ký (1/6)
        Trước khi bắt đầu
        Hệ thống lưu *
        Lúc nào cũng xóa được: gõ /toi, rồi chọn Xóa dữ liệu của tôi.
        [Tôi đồng ý]
        > [Tôi đồng ý]
        Đăng ký (2/6)
        Thầy/cô ở trường nào? Gõ tên trường, không dấu cũng được.
        [Quay lại]
        > truong th quyet thang
        Đăng ký (3/6)
        Thầy/cô chọn đúng trường. Không thấy thì chọn Quay lại.
        [TH Quyết Thắng] *
        > [TH Quyết Thắng]
        Đăng ký (4/6)
        Vai trò của thầy/cô ở trường?
        [Người làm báo cáo] [Hiệu trưởng] [Quay lại]
        > [Người làm báo cáo]
        Đăng ký (5/6)
        Họ và tên của thầy/cô?
        [Quay lại]
        > Lò Thị Lan
        Đăng ký (6/6)
        Số điện thoại của thầy/cô, để Phòng gọi khi cần?
        [📱 Gửi số của tôi] [Bỏ qua] [Quay lại]
        > {0912345678}
        Cảm ơn thầy/cô. Đăng ký tại TH Quyết Thắng đã gửi đến Phòng GD&ĐT thành phố Sơn La.
        Có kết quả, thầy/cô sẽ nhận tin ngay tại đây.
    """)
    ha.hears(
        [
            "Đăng ký mới, chờ duyệt",
            "Lò Thị Lan đăng ký: Người làm báo cáo, TH Quyết Thắng.",
            "Điện thoại: 0912345678",
            "[Duyệt] [Từ chối]",
        ]
    )
    ha.plays("""
        > [Duyệt]
        Đã duyệt: Lò Thị Lan, TH Quyết Thắng.
    """)
    lan.hears(
        [
            "Chào mừng thầy/cô. Vai trò: Người làm báo cáo, TH Quyết Thắng.",
            "[Báo cáo cần nộp] [Mở menu]",
        ]
    )


def _fill_in(phone: LivePhone) -> None:
    """Answer every question, until the review."""
    screen = phone.screen()
    while REVIEW not in screen:
        for line in answer(screen):
            phone.says("(page1.jpg, page2.jpg)" if line == PHOTOS else line)
            screen = phone.screen()
