"""What people of the sample do on their phones, in Vietnamese, with the real program."""

from pathlib import Path

from tests.filling import PHOTOS, REVIEW, answer
from tests.live import Live, LivePhone


def load(alive: Live, folder: Path) -> None:
    """The sample's schools and plan. folder: for its files."""
    alive.command("sample", str(folder))
    alive.command("units", "import", str(folder / "units.xlsx"))
    alive.command("plan", "publish", str(folder / "plan.toml"))


def office(sonla: Live) -> LivePhone:
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


def register(lan: LivePhone, ha: LivePhone) -> None:
    """Without a code, by the school's name typed without accents."""
    lan.plays("""
        > /start
        Chào thầy/cô. Đây là trợ lý của Phòng dành cho các trường.
        Thầy/cô xem hạn, nộp báo cáo, gửi tệp và được nhắc đúng lúc, ngay trên điện thoại.
        Nếu có mã mời, thầy/cô gõ mã vào đây.
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


def fill_in(phone: LivePhone) -> None:
    """Answer every question, until the review."""
    screen = phone.screen()
    while REVIEW not in screen:
        for line in answer(screen):
            phone.says("(page1.jpg, page2.jpg)" if line == PHOTOS else line)
            if line == PHOTOS:
                phone.receives(files=1)  # the numbered sheet
            screen = phone.screen()
