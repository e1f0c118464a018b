"""Invented sentences, as offices vary them: until when each asks for something, or for nothing.

They stand in a letter of Monday 4 September 2023 for the school year 2023-2024.
"""

import pytest

from core.reading.reading import read
from core.reading.shape import shape
from tests.reading import told

BEFORE, BY, UNTIL, WINDOW = "before", "by", "until_end", "window"

DEADLINES = [
    # Before or by a day, with all ways to write one.
    ("Các trường gửi báo cáo về Phòng trước ngày 15/9/2023.", "2023-09-15", BEFORE),
    ("Các trường gửi báo cáo về Phòng trước ngày 15 tháng 9 năm 2023.", "2023-09-15", BEFORE),
    ("Báo cáo gửi về Phòng GD&ĐT trước 15 / 9 / 2023.", "2023-09-15", BEFORE),
    ("Báo cáo gửi về Phòng GD&ĐT trước ngày 15-9-2023.", "2023-09-15", BEFORE),
    ("Báo cáo gửi về Phòng GD&ĐT trước ngày 15.9.2023.", "2023-09-15", BEFORE),
    ("Nộp kế hoạch về Phòng trước ngày 15/9.", "2023-09-15", BEFORE),
    ("Nộp kế hoạch về Phòng trước ngày 15-9.", "2023-09-15", BEFORE),
    ("Trước 10/5, các trường nộp hồ sơ về Phòng.", "2024-05-10", BEFORE),
    ("Nộp kế hoạch về Phòng trước ngày 05 tháng 01.", "2024-01-05", BEFORE),
    ("Các trường kiểm kê tài sản xong trƣớc 01/10/2023.", "2023-10-01", BEFORE),
    ("Các đơn vị hoàn thành việc lắp camera trước ngày 20/10/2023.", "2023-10-20", BEFORE),
    ("Gửi danh sách về Phòng chậm nhất ngày 20/9/2023.", "2023-09-20", BY),
    ("Gửi danh sách về Phòng chậm nhất là ngày 20/9/2023.", "2023-09-20", BY),
    ("Gửi danh sách về Phòng chậm nhất vào ngày 20/9/2023.", "2023-09-20", BY),
    ("Gửi danh sách về Phòng chậm nhất 20/9/2023.", "2023-09-20", BY),
    ("Gửi danh sách về Phòng muộn nhất là 20/9/2023.", "2023-09-20", BY),
    ("Gửi danh sách về Phòng không muộn hơn ngày 20/9/2023.", "2023-09-20", BY),
    ("Gởi danh sách về Phòng không quá ngày 20/9/2023.", "2023-09-20", BY),
    ("Các trường nộp hồ sơ, hạn cuối: 20/9/2023.", "2023-09-20", BY),
    ("Hạn nộp báo cáo: ngày 20/9/2023.", "2023-09-20", BY),
    ("Thời hạn gửi danh sách về Phòng là ngày 20/9/2023.", "2023-09-20", BY),
    ("Thời gian nộp hồ sơ: 20/9/2023 tại bộ phận Văn thư.", "2023-09-20", BY),
    ("Các trường gửi biên bản về Phòng vào ngày 20/9/2023.", "2023-09-20", BY),
    # With an hour, a part of the day, a weekday.
    ("Gửi báo cáo về Phòng trước 9h00 ngày 22/9/2023.", "2023-09-22T09:00", BEFORE),
    ("Gửi báo cáo về Phòng trước 15h ngày 22 tháng 9 năm 2023.", "2023-09-22T15:00", BEFORE),
    ("Gửi báo cáo trước 16 giờ 30 phút, ngày 22/9/2023 (thứ Sáu).", "2023-09-22T16:30", BEFORE),
    ("Gửi báo cáo về Phòng trước 17g30 thứ Sáu ngày 22/9.", "2023-09-22T17:30", BEFORE),
    ("Gửi báo cáo về Phòng trước 16 giờ 00. ngày 22/9/2023.", "2023-09-22T16:00", BEFORE),
    ("Gửi báo cáo chậm nhất trước 10 giờ ngày 22/9/2023.", "2023-09-22T10:00", BY),
    ("Gửi báo cáo về Phòng đến 10h, ngày 22 tháng 9 năm 2023.", "2023-09-22T10:00", BY),
    ("Gửi báo cáo, hạn cuối cùng là 16h00 ngày 22/9.", "2023-09-22T16:00", BY),
    ("Gửi báo cáo chậm nhất vào sáng thứ Sáu, ngày 22/9/2023.", "2023-09-22T12:00", BY),
    ("Gửi báo cáo chậm nhất chiều ngày 22/9/2023.", "2023-09-22T17:00", BY),
    ("Gửi báo cáo trước 3 giờ chiều ngày 22/9/2023.", "2023-09-22T15:00", BEFORE),
    ("Gửi báo cáo chậm nhất cuối giờ chiều ngày 22/9/2023.", "2023-09-22T17:00", BY),
    ("Gửi báo cáo về Phòng trước 17h chiều nay.", "2023-09-04T17:00", BEFORE),
    ("Gửi báo cáo về Phòng trước 10 giờ sáng mai.", "2023-09-05T10:00", BEFORE),
    # Until the end of a day, from a day to a day, within a month.
    ("Nhận bài dự thi đến hết ngày 30/9/2023.", "2023-09-30", UNTIL),
    ("Thời gian nhận hồ sơ đến ngày 30/9/2023 (tính theo dấu bưu điện).", "2023-09-30", UNTIL),
    ("Hạn nộp bài đến hết ngày 30/9.", "2023-09-30", UNTIL),
    ("Nhận hồ sơ từ ngày 10/9/2023 đến ngày 15/9/2023.", "2023-09-10/2023-09-15", WINDOW),
    ("Nhận đơn từ ngày 10/9 đến hết ngày 15/9/2023.", "2023-09-10/2023-09-15", WINDOW),
    ("Nộp bài từ ngày ra thông báo đến hết ngày 15/10/2023.", "../2023-10-15", UNTIL),
    ("Các trường hoàn thành xong trong tháng 9.", "2023-09-30", UNTIL),
    ("Hoàn thành trong quý IV năm 2023.", "2023-12-31", UNTIL),
    # That come back.
    ("Báo cáo gửi trước ngày 20/11 hằng năm.", "yearly 11-20", BEFORE),
    ("Báo cáo gửi về Phòng chậm nhất 31/7 hàng năm.", "yearly 07-31", BY),
    ("Báo cáo gửi về Phòng trước ngày 25 hằng tháng.", "monthly day 25", BEFORE),
    ("Báo cáo tháng gửi trước ngày 15 của tháng.", "monthly day 15", BEFORE),
    ("Các trường gửi số liệu về Phòng vào ngày 05 tháng sau.", "monthly day 05", BY),
    ("Báo cáo quý gửi trước ngày 10 của tháng cuối quý.", "quarterly last-month day 10", BEFORE),
    ("Gửi trước ngày 05 tháng cuối cùng của mỗi quý.", "quarterly last-month day 05", BEFORE),
    ("Gửi chậm nhất ngày 20 của tháng cuối kỳ báo cáo.", "quarterly last-month day 20", BY),
    ("Báo cáo trước ngày 15 các tháng 3, 6, 9 và 12.", "quarterly last-month day 15", BEFORE),
    ("Các trường báo cáo trước 16 giờ, thứ Sáu hàng tuần.", "weekly Friday 16:00", BEFORE),
    ("Các trường báo cáo vào chiều thứ Năm hằng tuần.", "weekly Thursday 17:00", BY),
    # That wait for a day.
    ("Gửi hồ sơ trước ngày 10 tháng liền kề trước tháng đoàn đến làm việc.", None, BEFORE),
    ("Đề nghị các trường gửi danh sách giáo viên về Phòng GD&ĐT.", None, "none"),
    ("Các trường báo cáo kết quả về Phòng GD&ĐT theo quy định.", None, "none"),
    ("Hằng năm, các trường gửi bản cam kết về Phòng GD&ĐT.", "yearly (no day)", "none"),
]  # fmt: skip

# Not met in a real document yet: kept because offices are known to write so, proven only here.
NOT_MET = [
    ("Gửi báo cáo về Phòng sau 05 ngày kể từ ngày kết thúc đợt kiểm tra.", None, BY),
    ("Nộp báo cáo trong vòng 10 ngày kể từ ngày nhận được công văn này.", None, BY),
    ("Các trường gửi danh sách về Phòng trước ngày khai giảng.", None, BEFORE),
    ("Các trường gửi báo cáo sơ kết về Phòng cuối học kỳ I.", None, BY),
    ("Gửi danh sách về Phòng trước ngày 31/9/2023.", None, BEFORE),
    ("Các trường nộp báo cáo thu chi trong tháng 9.", "2023-09-30", UNTIL),
    ("Các trường hoàn thành xong trong tháng.", None, BY),
    ("Báo cáo thu chi gửi về Phòng trước ngày 25 hằng tháng.", "monthly day 25", BEFORE),
    ("Các trường báo cáo sĩ số về Phòng trước 16 giờ hàng ngày.", "daily 16:00", BEFORE),
    ("Định kỳ 6 tháng, 1 năm các trường báo cáo về Phòng GD&ĐT.", "half-yearly (no day)", "none"),
    ("Các trường trang trí xong trước ngày 10 tháng 3 âm lịch.", None, BEFORE),
    ("Trang trí xong trước ngày 10/3 âm lịch (tức ngày 18/4/2024).", "2024-04-18", BEFORE),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "deadline", "op"), DEADLINES + NOT_MET)
def test_a_deadline_is_read_exactly(sentence: str, deadline: str | None, op: str) -> None:
    duties = shape(read(told(sentence)))["duties"]
    assert [(duty["deadline"], duty["op"]) for duty in duties] == [(deadline, op)]


NOTHING = [
    # Dates of other documents, of laws, of effect.
    "Thực hiện Kế hoạch số 88/KH-UBND ngày 12/8/2023 của UBND huyện về phòng cháy.",
    "Nội dung này thay thế Công văn số 77/PGDĐT ngày 02 tháng 3 năm 2022.",
    "Thông tư có hiệu lực thi hành kể từ ngày 15/10/2023.",
    "Quy định được áp dụng từ ngày 20/9/2023 cho đến khi có văn bản mới.",
    "Căn cứ Luật Giáo dục ngày 14/6/2019, các trường tổ chức dạy học.",
    # Days at which data are counted.
    "Số liệu báo cáo tính đến ngày 31/8/2023.",
    "Số liệu tính đến thời điểm 31/8/2023 lấy trên phần mềm.",
    "Thời điểm báo cáo là ngày 30/9.",
    "Chốt số liệu trên hệ thống đến ngày 14 tháng 9.",
    # Conditions.
    "Trường nào đã tập huấn xong trước ngày 30/8/2023 thì không phải tham gia.",
    "Trẻ sinh trước ngày 01/01/2018 được nhận vào lớp 1.",
    "Giáo viên được tuyển dụng trước ngày 01/7/2020 giữ nguyên mức lương.",
    # Days to remember, to rest, of the moon.
    "Các trường trang trí pa nô chào mừng ngày Nhà giáo Việt Nam 20/11/2023.",
    "Học sinh được nghỉ Tết từ ngày 05/02/2024 đến hết ngày 14/02/2024.",
    "Các trường treo cờ dịp Quốc khánh 02/9/2023.",
    "Lễ hội diễn ra ngày 10 tháng 3 âm lịch.",
    # The word for report that asks for none.
    "Không đọc báo cáo về tình hình chung tại hội nghị.",
    "Cử báo cáo viên tham dự lớp bồi dưỡng.",
    "Nội dung đã nêu trong báo cáo tự đánh giá của trường.",
    "Nếu có vướng mắc, các trường báo cáo về Phòng GD&ĐT để được giải quyết theo quy định.",
    "Cập nhật tin tức hàng ngày, hàng tuần, hàng tháng trên trang web của trường.",
    "Các trường thực hiện tốt chế độ báo cáo định kỳ, đột xuất theo quy định.",
    "Kịp thời báo cáo về Phòng GD&ĐT khi có tình huống phát sinh.",
    "Nếu phát hiện học sinh sốt, báo cáo ngay về Phòng GD&ĐT theo quy định.",
    "Phối hợp với Ban chỉ đạo phòng, chống dịch lập danh sách học sinh.",
    "Gửi báo cáo đúng thời hạn theo quy định.",
    "Yêu cầu các trường thực hiện báo cáo đúng quy định.",
    "Hiệu trưởng chịu trách nhiệm về số liệu báo cáo kết quả hằng năm.",
    "Sở GD&ĐT tổng hợp, báo cáo kết quả về Bộ GD&ĐT theo quy định.",
    "Phòng GD&ĐT đã gửi danh sách về các trường để theo dõi.",
    # Numbers that look like days.
    "Giáo viên tiểu học hạng III, mã số V.07.03.29; liên hệ số 0900.11.2233.",
    "Mỗi tổ sinh hoạt 02 lần/1 tháng, ảnh cỡ 4cm x 6cm, điểm đạt 8,5/10.",
    "Cấp tiểu học đạt 24 học sinh/1 máy tính, đường truyền 0,25 Mbps/01 máy.",
    # Said to be over.
    "Ngày 10/8/2023 Phòng đã gửi mẫu biểu cho các trường.",
    "Đến ngày 25/8/2023 vẫn còn nhiều trường chưa mua sách.",
    # Plain exhortations and what happens.
    "Các trường nghiêm túc thực hiện, bảo đảm an toàn cho học sinh.",
    "Hội nghị tổ chức lúc 14 giờ ngày 12/9/2023 tại trường THCS Nà Lúa.",
    "Phấn đấu đến năm 2025 có 90% trường đạt chuẩn quốc gia.",
    "Kế hoạch thực hiện trong giai đoạn 2023-2025.",
]  # fmt: skip


@pytest.mark.parametrize("sentence", NOTHING)
def test_what_asks_for_nothing_gives_no_draft(sentence: str) -> None:
    assert [duty["phrase"] for duty in shape(read(told(sentence)))["duties"]] == []
