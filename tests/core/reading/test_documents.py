"""Kinds of documents that offices write, invented: what each asks for, or that it informs."""

import pytest

from core.reading.reading import read
from core.reading.shape import shape

HEAD = """UBND HUYỆN TÀ LÈNG
PHÒNG GIÁO DỤC VÀ ĐÀO TẠO
Số: {number}
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Tà Lèng, ngày {day}
{opening}
"""
FOOT = """
Nơi nhận:
- Như trên;
- Lưu: VT.
TRƯỞNG PHÒNG
Giàng A Mười
"""


def letter(number: str, day: str, opening: str, *body: str) -> str:
    return HEAD.format(number=number, day=day, opening=opening) + "\n".join(body) + FOOT


HOLIDAY = letter(
    "5/TB-PGDĐT", "20 tháng 12 năm 2023", "THÔNG BÁO\nVề việc nghỉ Tết Dương lịch\n",
    "Cán bộ, giáo viên, học sinh nghỉ từ thứ Bảy ngày 30/12/2023 đến hết ngày 01/01/2024; đi học "
    "lại từ ngày 02/01/2024.",
    "Các trường phân công trực, treo cờ ngày 01/01/2024, báo cáo ngay về Phòng nếu có sự cố.",
)  # fmt: skip
DECISION = letter(
    "77/QĐ-PGDĐT", "5 tháng 10 năm 2022", "QUYẾT ĐỊNH\nVề việc thành lập Ban Giám khảo\n",
    "Căn cứ Quyết định số 12/2019/QĐ-UBND ngày 05/4/2019 của UBND huyện;",
    "QUYẾT ĐỊNH:",
    "Điều 1. Thành lập Ban Giám khảo gồm các ông, bà có tên trong danh sách kèm theo.",
    "Điều 2. Ban Giám khảo làm việc từ ngày 15/10/2022 và giải thể khi hoàn thành nhiệm vụ.",
    "Điều 3. Quyết định có hiệu lực kể từ ngày ký.",
)  # fmt: skip
RESULTS = letter(
    "91/TB-PGDĐT", "20 tháng 11 năm 2022", "THÔNG BÁO\nKết quả kiểm tra hồ sơ phổ cập",
    "Từ ngày 01/11/2022 đến ngày 10/11/2022, Đoàn kiểm tra đã kiểm tra 12 trường.",
    "1. Ưu điểm: Các trường nộp báo cáo đúng hạn, trước ngày 30/10/2022 theo kế hoạch.",
    "2. Hạn chế: Một số trường cập nhật số liệu chậm so với thời hạn quy định.",
    "3. Yêu cầu: Các trường rút kinh nghiệm, khắc phục tồn tại trong năm học.",
)  # fmt: skip
PAY = letter(
    "64/PGDĐT", "2 tháng 6 năm 2022", "V/v hướng dẫn chế độ thai sản\n\nKính gửi: Các trường.\n",
    "Giáo viên sinh con trước ngày 01/01/2021 được hưởng chế độ theo luật cũ.",
    "Người lao động nghỉ việc trước ngày 01/7/2022 thì hưởng trợ cấp theo quy định. Các trường "
    "phổ biến đến giáo viên. Mọi vướng mắc liên hệ Phòng GD&ĐT để được hướng dẫn.",
)  # fmt: skip
INVITATION = letter(
    "40/GM-PGDĐT", "10 tháng 8 năm 2022", "GIẤY MỜI\nDự hội nghị tổng kết năm học",
    "Thời gian: 7 giờ 30 phút, ngày 18 tháng 8 năm 2022 (thứ Năm).",
    "Các đại biểu chuẩn bị tham luận, không đọc báo cáo về tình hình đơn vị. Đề nghị các đồng chí "
    "có mặt trước 7 giờ 15 phút.",
)  # fmt: skip
NEWS = """Trang chủ
Sôi nổi hội thi kể chuyện ở Tà Lèng
Thứ Sáu, 10/11/2023, 09:12 GMT+7
Sáng ngày 09/11/2023, Phòng GD&ĐT huyện Tà Lèng tổ chức hội thi kể chuyện. Trước đó, các
trường đã tổ chức thi cấp trường xong trước ngày 25/10/2023 và gửi danh sách về Phòng.
Ban tổ chức báo cáo kết quả và trao 10 giải. Hội thi cấp tỉnh dự kiến diễn ra vào tháng 3/2024.
"""


@pytest.mark.parametrize("text", [HOLIDAY, DECISION, RESULTS, PAY, INVITATION, NEWS])
def test_what_only_informs_gives_no_draft(text: str) -> None:
    assert [one["phrase"] for one in shape(read(text))["duties"]] == []


def test_when_a_meeting_is_held_is_an_event() -> None:
    events = shape(read(INVITATION))["events"]
    assert [one["when"] for one in events] == ["2022-08-18T07:30"]


Asked = list[tuple[str, str | None, str | None]]

CONTEST = letter(
    "150/KH-PGDĐT", "15 tháng 9 năm 2021", "KẾ HOẠCH\nTổ chức Hội thi năm học 2021-2022\n",
    "I. ĐỐI TƯỢNG",
    "Giáo viên có thời gian công tác từ 03 năm trở lên tính đến ngày 30/9/2021.",
    "II. THỜI GIAN, ĐỊA ĐIỂM",
    "1. Nộp hồ sơ: Từ ngày 01/10/2021 đến hết ngày 08/10/2021, tại Phòng GD&ĐT.",
    "2. Họp Ban tổ chức: 14 giờ 00 ngày 11/10/2021.",
    "3. Thi thực hành: Từ 18/10/2021 đến 29/10/2021.",
    "III. TỔ CHỨC THỰC HIỆN",
    "1. Phòng GD&ĐT: Thành lập Ban giám khảo trước ngày 10/10/2021; công bố kết quả chậm nhất "
    "ngày 05/11/2021.",
    "2. Các trường: Tổ chức thi cấp trường xong trước ngày 30/9/2021, gửi danh sách về email "
    "taleng@pgd.example trước 17h00 ngày 01/10/2021.",
)  # fmt: skip
MONEY = letter(
    "8/PGDĐT-KT", "4 tháng 01 năm 2024", "V/v báo cáo thu chi\n\nKính gửi: Các trường.\n",
    "Để có số liệu báo cáo HĐND huyện tại kỳ họp tháng 7/2024, Phòng yêu cầu các trường:",
    "a) Báo cáo quyết toán năm 2023 (mẫu B01) trước 31/01;",
    "b) Công khai dự toán chậm nhất 15 ngày kể từ ngày được giao dự toán;",
    "c) Từ tháng 02/2024, hàng tháng gửi bảng đối chiếu về Phòng trước ngày 05 của tháng sau;",
    "d) 06 tháng đầu năm: báo cáo trước 10/7; cả năm: trước 10/01/2025.",
)  # fmt: skip
STORM = letter(
    "15/CĐ-PGDĐT", "09 tháng 9 năm 2024", "CÔNG ĐIỆN\nVề việc ứng phó với mưa lũ\n",
    "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO ĐIỆN:",
    "- Hiệu trưởng các trường;",
    "Yêu cầu Hiệu trưởng cho học sinh nghỉ học từ ngày 09/9/2024 cho đến khi có thông báo mới.",
    "Thống kê thiệt hại, báo cáo nhanh về Phòng trước 15h hôm nay; sau đó báo cáo trước 16h hằng "
    "ngày.",
)  # fmt: skip
COMMUNE = (
    """ỦY BAN NHÂN DÂN
XÃ NẬM PIA
Số: 77/UBND-VX
V/v rà soát trẻ em ra lớp
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Nậm Pia, ngày 01 tháng 8 năm 2025
Kính gửi:
- Hiệu trưởng các trường MN, TH&THCS trên địa bàn xã;
- Trưởng các bản.
UBND xã đề nghị:
1. Các trường điều tra trẻ từ 0-5 tuổi, lập danh sách, báo cáo về UBND xã trước 10h00
ngày 12/8/2025.
2. Trưởng các bản đưa trẻ đến trường làm thủ tục nhập học trước ngày 20/8/2025.
3. Công an xã cung cấp dữ liệu dân cư cho các trường, xong trước ngày 05/8/2025.
4. UBND xã tổng hợp, báo cáo Sở GD&ĐT trước ngày 25/8/2025.
"""
    + FOOT
)
CHAPTERS = letter(
    "33/PGDĐT", "20 tháng 9 năm 2022", "V/v đăng ký thi đua\n\nKính gửi: Các trường.\n",
    "Các trường gửi hồ sơ đăng ký về Phòng GD&ĐT (đồng chí Lý A Páo; hộp thư: pao@taleng.example) "
    "trong ngày 30/9/2022.",
    "Riêng hồ sơ đề nghị tặng thưởng: Nộp làm 02 đợt. Đợt 1: trước 25/12/2022. Đợt 2: trước ngày "
    "30 tháng 5 năm 2023.",
    "Thời gian nộp sáng kiến: Khối mầm non: 13/3/2023; Khối tiểu học: 14/3/2023.",
    "Phòng GD&ĐT yêu cầu 12 trường nộp minh chứng về Phòng trước ngày 15/10/2022.",
    "Nêu rõ ngày thành lập trường (trước ngày 01/01/2010 thì ghi theo quyết định cũ).",
)  # fmt: skip
TABLE = letter(
    "90/PGDĐT", "5 tháng 9 năm 2023", "V/v chế độ báo cáo\n\nKính gửi: Các trường.\n",
    "Phòng GD&ĐT quy định các loại báo cáo như sau:",
    "TT | Loại báo cáo | Thời hạn nộp | Nơi nhận",
    "1 | Báo cáo đầu năm học | 15/9/2023 | Bộ phận Tiểu học",
    "2 | Báo cáo sơ kết học kỳ I | Trước 10/01/2024 | Bộ phận Tiểu học",
    "Báo cáo gửi về Phòng GD&ĐT để tổng hợp báo cáo Sở GD&ĐT.",
)  # fmt: skip
MIXED = letter(
    "91/PGDĐT", "1 tháng 10 năm 2023", "V/v phong trào thi đua\n\nKính gửi: Các trường.\n",
    "1. Phát động từ ngày 05/10/2023. Kết thúc đợt thi đua trước ngày 20/11, báo cáo kết quả về "
    "Phòng trước ngày 25/11/2023 để tổng hợp báo cáo Sở GD&ĐT.",
    "2. Từ nay đến hết ngày 30/10/2023, các trường hoàn thành vệ sinh trường lớp.",
    "3. Trong tháng 10/2023, các trường tổ chức Tuần lễ đọc sách (hạn báo cáo: 10/11).",
    "4. Nộp về Phòng 01 bộ, lưu tại trường 01 bộ, thời hạn: trước 12/10/2023.",
    "5. Giáo viên nghỉ hưu trước ngày 01/01/2024 không thuộc diện xét.",
    "6. Sáng thứ Hai hằng tuần chào cờ; chiều thứ Sáu hằng tuần gửi lịch tuần về Phòng.",
)  # fmt: skip
YEARS = letter(
    "92/KH-PGDĐT", "1 tháng 3 năm 2021", "KẾ HOẠCH\nPhòng, chống đuối nước giai đoạn 2021-2025\n",
    "I. MỤC TIÊU",
    "- 80% học sinh biết bơi trước ngày 31/12/2025.",
    "II. TỔ CHỨC THỰC HIỆN",
    "1. Phòng GD&ĐT: Sơ kết vào tháng 12/2023, báo cáo UBND huyện.",
    "2. Các trường: Báo cáo kết quả trước ngày 05/12. Riêng năm 2021 báo cáo trước ngày "
    "20/12/2021.",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        (TABLE, [
            ("school", "2023-09-15", "Phòng GD&ĐT"),
            ("school", "2024-01-10", "Phòng GD&ĐT"),
        ]),
        (MIXED, [
            ("school", "2023-11-20", None),
            ("school", "2023-11-25", "Phòng"),
            ("school", "../2023-10-30", None),
            ("school", "2023-11-10", "Phòng"),
            ("school", "2023-10-12", "Phòng"),
            ("school", "weekly Friday 17:00", "Phòng"),
        ]),
        (YEARS, [
            ("school", "yearly 12-05", "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO"),
            ("school", "2021-12-20", "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO"),
        ]),
        (CONTEST, [
            ("school", "2021-10-01/2021-10-08", "Phòng GD&ĐT"),
            ("office", "2021-10-10", None),
            ("office", "2021-11-05", None),
            ("school", "2021-09-30", None),
            ("school", "2021-10-01T17:00", "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO"),
        ]),
        (MONEY, [
            ("school", "2024-01-31", "Phòng"),
            ("school", None, None),
            ("school", "monthly day 05", "Phòng"),
            ("school", "2024-07-10", "Phòng"),
            ("school", "2025-01-10", "Phòng"),
        ]),
        (STORM, [
            ("school", "2024-09-09T15:00", "Phòng"),
            ("school", "daily 16:00", "Phòng"),
        ]),
        (COMMUNE, [
            ("school", "2025-08-12T10:00", "UBND xã"),
            ("other", "2025-08-20", None),
            ("other", "2025-08-05", "trường"),
            ("office", "2025-08-25", "Sở GD&ĐT"),
        ]),
        (CHAPTERS, [
            ("school", "2022-09-30", "Phòng GD&ĐT"),
            ("school", "2022-12-25", "Phòng"),
            ("school", "2023-05-30", "Phòng"),
            ("school", "2023-03-13", "Phòng"),
            ("school", "2023-03-14", "Phòng"),
            ("school", "2022-10-15", "Phòng"),
        ]),
    ],
)  # fmt: skip
def test_every_duty_is_found_with_its_owner_and_receiver(text: str, asked: Asked) -> None:
    found = shape(read(text))["duties"]
    assert [(one["who"], one["deadline"], one["recipient"]) for one in found] == asked
