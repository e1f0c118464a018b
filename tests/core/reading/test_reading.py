"""Whole documents, invented: heads old and new, owners, receivers, merging, flags, what is cut."""

from datetime import date
from typing import Any

import pytest

from core.calendar import is_working
from core.reading.gate import MOST_LETTERS, Unreadable
from core.reading.reading import read
from core.reading.shape import shape
from tests.reading import HEAD, letter, told

Json = dict[str, Any]

PLAN = """Tìm kiếm
Thông tin mới

UBND THỊ XÃ CHIỀNG SAO
PHÒNG GIÁO DỤC VÀ ĐÀO TẠO

Số:      /KH-PGDĐT

CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc

Chiềng Sao, ngày      tháng 02 năm 2019

KẾ HOẠCH
Xây dựng trường học xanh, sạch, đẹp
giai đoạn 2019-2023

Căn cứ Kế hoạch số 31/KH-UBND ngày 10/01/2019 của UBND thị xã về trồng cây, Phòng GD&ĐT xây dựng \
kế hoạch như sau:
I. MỤC TIÊU
1. 100% các trường có vườn trường (xong trong quý II năm 2019).
2. Hằng năm mỗi trường trồng ít nhất 50 cây.
47
19
2
II. NỘI DUNG
1. Tập huấn chăm sóc cây
- Thành phần: Giáo viên phụ trách lao động.
- Thời gian: trong năm 2019 (theo kế hoạch của UBND thị xã).
2. Hội thi vườn trường đẹp
- Đối tượng: Các trường trong thị xã.
- Thời gian: sơ khảo vào quý I/2020; chung khảo vào quý II/2020.
3. Kiểm tra thực tế
- Thành phần: Lãnh đạo và chuyên viên Phòng.
III. TỔ CHỨC THỰC HIỆN
1. Phòng Giáo dục và Đào tạo
Kiểm tra, đôn đốc các trường. Tổng hợp kết quả từng năm, báo cáo UBND thị xã theo quy định.
2. Đối với các trường
Lập kế hoạch giai đoạn 2019-2023 và kế hoạch năm 2019 gửi về Phòng GD&ĐT trước ngày 05/3/2019; \
định kỳ tổng hợp báo cáo kết quả về Phòng Giáo dục và Đào tạo (qua bộ phận Tiểu học); báo cáo 6 \
tháng trước ngày 15/6 và báo cáo cuối năm trước ngày 10/12.

Nơi nhận:
- UBND thị xã (b/c);
- Các trường;
- Lưu: VT.

TRƯỞNG PHÒNG
(đã kí)
Quàng Văn Tám

LIÊN KẾT WEBSITE
PHỤ LỤC
Họ và tên: ....................
Số điện thoại: ...............
Các trường gửi phụ lục về Phòng trước ngày 01/4 hằng năm.
"""


def duties(text: str, today: date | None = None) -> list[Json]:
    found: list[Json] = shape(read(text, today, is_working))["duties"]
    return found


@pytest.fixture(scope="module")
def plan() -> Json:
    return shape(read(PLAN))


def test_the_head_is_read_with_what_was_stamped(plan: Json) -> None:
    head = plan["header"]
    assert (head["so"], head["ky_hieu"], head["loai"]) == ("47", "KH-PGDĐT", "kế hoạch")
    assert head["ngay_ban_hanh"] == "2019-02-19"
    assert head["co_quan_chu_quan"] == "UBND THỊ XÃ CHIỀNG SAO"
    assert head["co_quan"] == "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO"
    assert head["trich_yeu"] == "Xây dựng trường học xanh, sạch, đẹp giai đoạn 2019-2023"
    assert head["thoi_ky"] == "2019-2023"
    assert head["chuc_vu"] == "TRƯỞNG PHÒNG"
    ground = {"so": "31/KH-UBND", "ngay": "2019-01-10", "issuer": "UBND thị xã"}
    assert head["can_cu"] == [ground]


def test_a_plan_gives_its_drafts_once_each(plan: Json) -> None:
    assert [(one["who"], one["deadline"], one["kind"]) for one in plan["duties"]] == [
        ("office", "yearly (no day)", "report"),
        ("school", "2019-03-05", "plan"),
        ("school", "yearly 06-15", "report"),
        ("school", "yearly 12-10", "report"),
    ]


def test_two_things_of_one_clause_are_one_draft(plan: Json) -> None:
    assert plan["duties"][1]["deliverables"] == [
        "kế hoạch giai đoạn 2019-2023",
        "kế hoạch năm 2019",
    ]


def test_the_receiver_of_a_summary_is_that_of_what_it_sums_up(plan: Json) -> None:
    assert plan["duties"][2]["recipient"] == "Phòng Giáo dục và Đào tạo"
    assert plan["duties"][2]["via"] == "qua bộ phận Tiểu học"


def test_activities_with_and_without_a_time_are_events(plan: Json) -> None:
    assert [(one["place"], one["when"]) for one in plan["events"]] == [
        ("II.1", "2019-01-01/2019-12-31"),
        ("II.2", "2020-01-01/2020-06-30"),
        ("II.3", None),
    ]
    assert plan["events"][0]["waiting"] == "theo kế hoạch của UBND thị xã"
    assert plan["events"][1]["milestones"] == ["2020-01-01/2020-03-31", "2020-04-01/2020-06-30"]


def test_aims_are_no_duties(plan: Json) -> None:
    assert [one["place"] for one in plan["objectives"]] == ["I.1", "I.2"]


def test_an_annex_is_kept_for_its_form_alone(plan: Json) -> None:
    assert plan["form_fields"] == ["Họ và tên", "Số điện thoại"]
    assert all("phụ lục" not in one["phrase"] for one in plan["duties"])


def test_columns_that_came_out_as_one_line_are_told_apart() -> None:
    text = letter().replace(
        HEAD[: HEAD.index("Kính gửi")],
        "UBND HUYỆN SUỐI TRẮNG     CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n"
        "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO   Độc lập - Tự do - Hạnh phúc\n"
        "Số : 215/TB-PGDĐT      Suối Trắng, ngày 4 tháng 9 năm 2023.\n\n"
        "THÔNG BÁO\nVề việc báo cáo công tác thư viện\n\n",
    )
    head = shape(read(text))["header"]
    assert (head["so"], head["ky_hieu"], head["loai"]) == ("215", "TB-PGDĐT", "thông báo")
    assert (head["co_quan_chu_quan"], head["noi"]) == ("UBND HUYỆN SUỐI TRẮNG", "Suối Trắng")
    assert (head["ngay_ban_hanh"], head["chuc_vu"]) == (
        "2023-09-04",
        "KT. TRƯỞNG PHÒNG - PHÓ TRƯỞNG PHÒNG",
    )
    assert head["kinh_gui"] == ["Hiệu trưởng các trường Mầm non, Tiểu học, THCS trực thuộc"]


@pytest.mark.parametrize(
    ("sentence", "who"),
    [
        ("Các trường nộp báo cáo trước ngày 15/9/2023.", "school"),
        ("Phòng GD&ĐT thẩm định hồ sơ chậm nhất ngày 15/9/2023.", "office"),
        ("Phòng GD&ĐT yêu cầu các trường nộp báo cáo trước ngày 15/9/2023.", "school"),
        ("UBND các xã gửi số liệu về huyện trước ngày 15/9/2023.", "other"),
        ("Phụ huynh nộp đơn tại trường trước ngày 15/9/2023.", "other"),
        ("Công bố kết quả hội thi: chậm nhất ngày 15/9/2023.", "office"),
        ("1. Phòng Giáo dục và Đào tạo\n- Tổng hợp, báo cáo trước ngày 15/9/2023.", "office"),
        ("2. Đối với các trường\n- Tổng hợp, báo cáo trước ngày 15/9/2023.", "school"),
        ("Tổng hợp, báo cáo trước ngày 15/9/2023.", "school"),
    ],
)
def test_whose_duty_it_is(sentence: str, who: str) -> None:
    assert [one["who"] for one in duties(told(sentence))] == [who]


@pytest.mark.parametrize(
    ("sentence", "unit", "via", "channels"),
    [
        ("Gửi về Phòng GD&ĐT (văn thư) trước ngày 15/9/2023.", "Phòng GD&ĐT", "văn thư", []),
        ("Gửi về Phòng Nội vụ trước ngày 15/9/2023.", "Phòng Nội vụ", None, []),
        ("Gửi báo cáo trước ngày 15/9/2023.", "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO", None, []),
        ("Các trường hoàn thành trước ngày 15/9/2023.", None, None, []),
        (
            "Gửi về Phòng GD&ĐT (qua đ/c Tòng Thị Chín) theo địa chỉ chin@suoitrang.example trước "
            "ngày 15/9/2023.",
            "Phòng GD&ĐT", "qua đ/c Tòng Thị Chín", ["chin@suoitrang.example"],
        ),
        (
            "Báo cáo trên trang baocao.suoitrang.edu.vn trước ngày 15/9/2023.",
            "baocao.suoitrang.edu.vn", None, ["baocao.suoitrang.edu.vn"],
        ),
    ],
)  # fmt: skip
def test_who_receives_it(sentence: str, unit: str, via: str, channels: list[str]) -> None:
    one = duties(told(sentence))[0]
    assert (one["recipient"], one["via"], one["channels"]) == (unit, via, channels)


@pytest.mark.parametrize(
    ("sentence", "flag"),
    [
        ("Gửi báo cáo trước thứ Tư ngày 15/9/2023.", "wrong_weekday"),
        ("Gửi báo cáo trước ngày 16/9/2023.", "weekend"),
        ("Gửi báo cáo trước ngày 01/01/2024.", "holiday"),
        ("Gửi báo cáo trước ngày 04/9/2023.", "due_at_issue"),
        ("Gửi báo cáo trước ngày 15/9.", "year_guessed"),
        ("Gửi báo cáo trước ngày 31/9/2023.", "no_such_date"),
        ("Các trường báo cáo kết quả về Phòng GD&ĐT theo quy định.", "no_date"),
        ("Gửi báo cáo về Sở Giáo dục và Đào tạo trước ngày 15/9/2023.", "other_receiver"),
        ("Nộp báo cáo thu chi trước 15/9/2023. Nộp báo cáo thu chi trước 18/9/2023.", "two_dates"),
        ("Gửi kế hoạch năm học 2022-2023 trước ngày 15/9/2023.", "other_school_year"),
        ("Lùi thời gian nhận bài dự thi đến ngày 15/9/2023.", "extension"),
    ],
)  # fmt: skip
def test_a_draft_says_what_to_look_at(sentence: str, flag: str) -> None:
    assert flag in duties(told(sentence))[0]["flags"]


def test_an_owner_that_nobody_names_is_not_guessed() -> None:
    text = "Kế hoạch chăm sóc vườn trường và bồn hoa trong khuôn viên. " * 5
    found = duties(text + "Hoàn thành việc trồng cây trước ngày 15/9/2023.")
    assert found[0]["who"] == "unclear"
    assert "owner_unclear" in found[0]["flags"]


def test_what_is_past_today_says_so() -> None:
    text = told("Gửi báo cáo trước ngày 15/9/2023.")
    assert "past" in duties(text, date(2023, 9, 15))[0]["flags"]
    assert "past" not in duties(text, date(2023, 9, 14))[0]["flags"]


def test_a_slip_of_the_year_is_mended_only_where_the_weekday_proves_it() -> None:
    mended = duties(told("Gửi bài trước 10 giờ ngày 25 tháng 9 năm 2022 (thứ Hai)."))[0]
    assert (mended["deadline"], mended["literal"]) == ("2023-09-25T10:00", "2022-09-25T10:00")
    assert "year_mended" in mended["flags"]
    kept = duties(told("Gửi bài trước 10 giờ ngày 25 tháng 9 năm 2022 (thứ Ba)."))[0]
    assert (kept["deadline"], kept["literal"]) == ("2022-09-25T10:00", None)


def test_the_weeks_of_a_weekly_report_are_one_duty() -> None:
    text = told(
        "Các trường báo cáo trước 16 giờ, thứ Sáu hàng tuần, cụ thể:",
        "Tuần 1: Trước 16 giờ 00, ngày 08/9/2023",
        "Tuần 2: Trước 16 giờ 00, ngày 15/9/2023",
    )
    found = duties(text)
    assert [one["deadline"] for one in found] == ["weekly Friday 16:00"]
    assert found[0]["instances"] == ["2023-09-08T16:00", "2023-09-15T16:00"]


def test_what_is_told_of_the_past_is_no_draft() -> None:
    text = told(
        "Thời hạn nộp báo cáo: Trước ngày 25/8. Tuy nhiên đến ngày 31/8/2023 vẫn còn nhiều trường "
        "chưa nộp báo cáo về Phòng."
    )
    found = duties(text)
    assert [(one["deadline"], one["draftable"]) for one in found] == [("2023-08-25", False)]
    assert "reminder" in found[0]["flags"]


def test_what_is_wanted_when_it_happens_is_no_draft() -> None:
    text = told("Các trường báo cáo về Phòng GD&ĐT trong thời gian sớm nhất.")
    assert [(one["deadline"], one["draftable"]) for one in duties(text)] == [(None, False)]


def test_those_who_did_it_early_have_a_duty_of_their_own() -> None:
    found = duties(
        told(
            "Lập báo cáo gửi lên hệ thống trước ngày 15/9/2023.",
            "Trường nào đã lập báo cáo xong trước ngày 01/9/2023 phải cập nhật lại.",
        )
    )
    assert [(one["deadline"], one["op"]) for one in found] == [
        ("2023-09-15", "before"),
        (None, "conditional"),
    ]


def test_only_those_with_something_may_be_meant() -> None:
    text = told("Các trường có tổ chức bán trú gửi thực đơn về Phòng trước ngày 15/9/2023.")
    assert duties(text)[0]["condition"] == "có tổ chức bán trú"


def test_fields_of_a_form_are_kept() -> None:
    text = told("Gửi danh sách gồm họ và tên, chức vụ, số điện thoại về Phòng trước 15/9/2023.")
    assert duties(text)[0]["fields"] == ["họ và tên", "chức vụ", "số điện thoại"]


def test_a_page_of_a_website_tells_when_it_was_posted_and_who_asks() -> None:
    text = """Bản in

Nộp bài thi vẽ tranh về biển

Thứ Tư, 06/3/2024, 08:28 [GMT+7]

Sở Giáo dục và Đào tạo tỉnh Nậm Pia vừa ban hành Công văn 512/SGDĐT-CTTT về cuộc thi vẽ tranh; sở
đề nghị các trường tổ chức cho học sinh tham gia và gửi bài về Sở trước ngày 20/3 để chấm chọn.

Nhiều trường đã tổ chức cho học sinh vẽ tranh tại sân trường trong tuần này.
"""
    found = shape(read(text))
    assert found["header"]["co_quan"] == "Sở Giáo dục và Đào tạo tỉnh Nậm Pia"
    assert (found["header"]["so"], found["header"]["ky_hieu"]) == ("512", "SGDĐT-CTTT")
    assert (found["header"]["ngay_ban_hanh"], found["header"]["ngay_dang"]) == (None, "2024-03-06")
    assert [one["deadline"] for one in found["duties"]] == ["2024-03-20"]


def test_broken_and_endless_texts_are_refused() -> None:
    for text in ("", "Kính gửi", "Kinh giri: cac dan vi tren dia ban huyen " * 20):
        with pytest.raises(Unreadable):
            read(text)
    with pytest.raises(Unreadable):
        read(HEAD + "Các trường thực hiện. " * (MOST_LETTERS // 10))
