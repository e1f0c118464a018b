"""Official letters invented for the tests. No office, school or person in them exists."""

HEAD = """ỦY BAN NHÂN DÂN HUYỆN SUỐI TRẮNG
PHÒNG GIÁO DỤC VÀ ĐÀO TẠO

Số: 215/PGDĐT-TH
V/v báo cáo công tác thư viện năm học 2023-2024

CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc

Suối Trắng, ngày 04 tháng 9 năm 2023

Kính gửi: Hiệu trưởng các trường Mầm non, Tiểu học, THCS trực thuộc.

Căn cứ Công văn số 1840/SGDĐT-GDTH ngày 28/8/2023 của Sở Giáo dục và Đào tạo về công tác thư viện \
trường học, Phòng Giáo dục và Đào tạo yêu cầu các trường thực hiện những nội dung sau:
"""
FOOT = """
Phòng Giáo dục và Đào tạo yêu cầu các trường nghiêm túc thực hiện./.

Nơi nhận:
- Như trên;
- Lãnh đạo phòng (để b/c);
- Lưu: VT, TH.

KT. TRƯỞNG PHÒNG
PHÓ TRƯỞNG PHÒNG

(đã ký)

Lò Thị Mận
"""
_PAGE = """1. Rà soát vốn sách

Các trường kiểm kê sách, báo và thiết bị của thư viện; lập sổ riêng cho từng loại, \
ghi rõ số còn dùng được, số phải sửa và số đề nghị thanh lý theo Thông tư số 16/2022/TT-BGDĐT \
ngày 22/11/2022 của Bộ trưởng Bộ Giáo dục và Đào tạo.

2. Tổ chức hoạt động

Mỗi tháng nhà trường tổ chức ít nhất một buổi giới thiệu sách trong giờ chào cờ; khuyến khích
học sinh kể lại câu chuyện mình thích, vẽ tranh theo sách, viết cảm nhận và chia sẻ sách hay với
bạn cùng lớp. Thư viện mở cửa đủ thời gian quy định, sắp xếp gọn gàng, có góc đọc thân thiện cho
học sinh lớp 1 và lớp 2; nhân viên thư viện ghi nhật ký mượn trả, nhắc học sinh giữ gìn sách.

Các trường phối hợp với cha mẹ học sinh vận động quyên góp sách cũ còn tốt, không đặt mức đóng
góp, không so sánh giữa các lớp; sách quyên góp được phân loại, đóng dấu và vào sổ.

- Bố trí giờ đọc sách trong thời khóa biểu, phân công giáo viên hướng dẫn học sinh chọn sách.
- Gửi kết quả kiểm kê về Phòng GD&ĐT (bộ phận Tiểu học) trước ngày {day:02}/10/2023.
"""


def letter(pages: int = 1) -> str:
    """A letter of about that many pages of 3,000 characters."""
    rows = [
        _PAGE.format(day=1 + number % 28) for number in range(max(1, pages * 3000 // len(_PAGE)))
    ]
    return HEAD + "\n".join(rows) + FOOT


def told(*sentences: str) -> str:
    """The letter with these sentences as its body."""
    return HEAD + "\n" + "\n\n".join(sentences) + FOOT
