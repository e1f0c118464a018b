"""The main job through the real program, over HTTP, in Vietnamese, on the plan of 2018.

A school registers, sees what is due, and files its six-month report from a phone; the office sees
it arrive.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import BOTH, database_url
from tests.live import Live, live
from tests.people import fill_in, load, office, register

pytestmark = pytest.mark.long


@pytest.fixture(params=BOTH)
def sonla(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Live]:
    """The sample's schools and plan, and the program running."""
    with database_url(request.param, tmp_path) as url, live(tmp_path, url) as alive:
        load(alive, tmp_path / "sample")
        alive.start()
        yield alive


def test_a_school_registers_files_its_report_and_the_office_sees_it(sonla: Live) -> None:
    ha = office(sonla)
    lan = sonla.phone("Lò Thị Lan")
    register(lan, ha)
    lan.plays("""
        > /han
        Trường mình còn 6 báo cáo phải nộp:
        Quá hạn
        • Kế hoạch dân vận giai đoạn 2018-2022: trước 25/01, trễ 127 ngày
        Văn bản còn ghi “xong trong quý I năm 2018” (mục III.1): đến hết 31/3.
        • Kế hoạch dân vận năm 2018: trước 25/01, trễ 127 ngày
        Văn bản còn ghi “xong trong quý I năm 2018” (mục III.1): đến hết 31/3.
        Sau đó
        • Báo cáo 6 tháng năm 2018: trước 10/6 (nên gửi thứ Sáu 08/6), còn 9 ngày
        Chưa có hạn
        • Kế hoạch thực hiện Quy chế dân chủ năm 2018: Phòng chưa ấn định ngày
        • Kiểm điểm công tác dân vận năm 2018: Phòng chưa ấn định ngày
        • Mô hình dân vận khéo năm 2018: Phòng chưa ấn định ngày
        Sắp tới: Báo cáo cuối năm 2018, trước 20/11 (nên gửi thứ Hai 19/11); mở từ 25/10/2018.
        [Làm: Kế hoạch dân vận giai đoạn 2018-2022] * [Làm: Mô hình dân vận khéo *]
    """)
    lan.says("[Làm: Báo cáo 6 tháng năm 2018]")
    fill_in(lan)
    lan.plays("""
        > [Nộp]
        Đã nộp Báo cáo 6 tháng năm 2018. Cảm ơn thầy/cô.
        Mã biên nhận: *, * hôm nay.
        Phòng đã nhận: * câu trả lời, 2 tệp.
        Đang ghép 2 trang thành một tệp PDF…
        ? Đang tải tệp về; nếu thiếu tệp nào, thầy/cô sẽ được báo.
        [Báo cáo còn lại] [Thu hồi]
    """)
    lan.hears(
        [
            "Báo cáo 6 tháng năm 2018: 2 trang trong một tệp PDF.",
            "(document)",
            "[Báo cáo 6 tháng năm 2018]",
        ]
    )
    ha.hears(["TH Quyết Thắng vừa nộp Báo cáo 6 tháng năm 2018.", "[Xem báo cáo]"])
    ha.says("[Xem báo cáo]")
    assert "Lò Thị Lan nộp lúc" in ha.screen()
    ha.says("[Lấy tệp (2)]")
    ha.receives(files=1)
    ha.says("[Lấy ảnh gốc]")
    ha.receives(files=3)


def test_a_talk_goes_on_where_the_program_was_killed(sonla: Live) -> None:
    ha = office(sonla)
    lan = sonla.phone("Lò Thị Lan")
    register(lan, ha)
    lan.says("/nop")
    lan.screen()
    lan.says("[Làm: Báo cáo 6 tháng năm 2018]")
    lan.screen()
    sonla.stop(kill=True)
    lan.says("[Có]")
    sonla.start()
    assert "(2/" in lan.screen()
