"""The steps that duties rest on: letters, lines, parts, clauses, heads, cited documents, dates."""

import unicodedata
from datetime import date, time

import pytest

from core.reading import gate
from core.reading.cited import cited
from core.reading.deadline import Setting, deadline
from core.reading.gate import Unreadable
from core.reading.header import header
from core.reading.hygiene import clean
from core.reading.letters import flat, vietnamese_share
from core.reading.matter import Kind, kind, things
from core.reading.moments import moments
from core.reading.page import is_menu, posted_on, stamp
from core.reading.structure import clauses, paragraphs, parts, sentences

# Letters and lines


def test_flat_text_has_its_letters_at_the_same_places() -> None:
    text = "Hạn NỘP: đến hết ngày 15–9, “Quý Ⅰ” và ﬁ"
    assert len(flat(text)) == len(text)
    assert flat(text).startswith('han nop: den het ngay 15-9, "quy')


def test_letters_are_mended_before_any_rule_looks() -> None:
    for written, mended in (
        (unicodedata.normalize("NFD", "trước ngày"), "trước ngày"),
        ("trƣớc 01/10", "trước 01/10"),
        ("d ạy  học t ừng\u00a0lớp", "dạy học từng lớp"),
        ("B ộ GIÁO DỤC", "Bộ GIÁO DỤC"),
        ("điểm c khoản 2", "điểm c khoản 2"),
        ("Phòng GD &ĐT, GD& ĐT, GD & ĐT", "Phòng GD&ĐT, GD&ĐT, GD&ĐT"),
        ("mật\u200b kh\u00adẩu", "mật khẩu"),
    ):
        assert clean(written) == [mended]


def test_one_word_a_line_becomes_a_line_with_its_numbers() -> None:
    words = "gửi về Phòng trước ngày 16 tháng 10 năm 2021"
    assert clean("\n".join(words.split())) == [words]
    assert clean("Môn\nLớp\n5\nToán") == ["Môn", "Lớp", "5", "Toán"]


def test_a_blank_line_after_every_broken_line_is_no_paragraph() -> None:
    first = ["Các trường nộp", "báo cáo về", "phòng trước", "ngày mai."]
    lines = [*first, "", "Phòng sẽ", "đọc hết", "và trả lời", "từng trường."]
    assert clean("\n\n".join(lines)) == lines


def test_broken_letters_are_told_from_whole_ones() -> None:
    assert vietnamese_share("Các trường gửi báo cáo về Phòng.") > gate.LEAST_SHARE
    assert vietnamese_share("Cac tnrong giri bao cao vS Phong.") < gate.LEAST_SHARE
    for text, why in (("Số 1 " * 9, "no text"), ("Phong GD&DT " * 40, "broken")):
        with pytest.raises(Unreadable) as refused:
            gate.check(text)
        assert why in refused.value.message.id


# Parts, paragraphs, clauses, sentences


def test_page_numbers_stamps_and_signatures_are_no_text() -> None:
    lines = [
        "Các trường " * 20,
        "12",
        "12           10",
        "Ký bởi Phòng",
        "Giờ ký: 2020-08-07T08:25",
    ]
    assert parts(lines).body == lines[:1]


def test_the_first_foot_ends_the_letter() -> None:
    lines = ["Nội dung " * 30, "- Như trên;", "TRƯỞNG PHÒNG", "PHỤ LỤC", "Mẫu báo cáo"]
    cut = parts(lines)
    assert (cut.body, cut.foot, cut.annexes) == (lines[:1], lines[1:3], lines[3:])


def test_lines_cut_by_the_margin_are_one_paragraph() -> None:
    wide = "Căn cứ Công văn của Sở Giáo dục và Đào tạo về việc thực hiện báo cáo của"
    lines = [wide, "Sở, Phòng GD&ĐT yêu cầu", "", "đặc biệt là các trường.", "Các trường nộp."]
    assert paragraphs(lines) == [f"{wide} {lines[1]} {lines[3]}", "Các trường nộp."]


def test_each_report_of_a_list_without_marks_is_its_own_paragraph() -> None:
    lines = [
        "Báo cáo học kỳ I: Báo cáo sơ kết công tác thư viện trước ngày 05/01/2024",
        "Báo cáo cuối năm: Báo cáo tổng kết công tác thư viện trước ngày",
        "31/5/2024",
    ]
    assert paragraphs(lines) == [lines[0], f"{lines[1]} {lines[2]}"]


def test_a_clause_knows_its_place_and_its_headings() -> None:
    body = [
        "II. TỔ CHỨC",
        "2. Các trường",
        "2.1. Tiểu học",
        "- Nộp kế hoạch;",
        "a) Ngoài ra",
        "III. KHÁC",
    ]
    found = [(one.place, one.headings) for one in clauses(body)]
    assert found == [
        ("II", ()),
        ("II.2", ("TỔ CHỨC",)),
        ("II.2.1", ("TỔ CHỨC", "Các trường")),
        ("II.2.1", ("TỔ CHỨC", "Các trường", "Tiểu học")),
        ("II.2.1.a", ("TỔ CHỨC", "Các trường", "Tiểu học")),
        ("III", ()),
    ]


def test_a_lead_in_stands_over_its_list_only() -> None:
    found = clauses(["Các trường báo cáo:", "Kỳ một, trước 30/10;", "Kỳ hai, trước 30/6.", "Hết."])
    assert [len(one.headings) for one in found] == [0, 1, 1, 0]


def test_a_number_before_a_percentage_is_of_a_list() -> None:
    assert [one.place for one in clauses(["I. MỤC TIÊU", "1. 100% các trường đạt."])] == [
        "I",
        "I.1",
    ]


def test_abbreviations_and_hours_end_no_sentence() -> None:
    text = "V/v. họp ở TP. Lào Cai lúc 16 giờ 00. Ngày mai. Các trường dự."
    assert sentences(text) == ["V/v. họp ở TP. Lào Cai lúc 16 giờ 00. Ngày mai.", "Các trường dự."]


# Cited documents and the head

NO_NUMBER, NO_DAY, NO_MONTH = (
    "Số:    /PGDĐT",
    "Xa, ngày   tháng 4 năm 2020",
    "Xa, ngày   tháng   năm 2020",
)


def test_cited_documents_are_read_whole() -> None:
    text = "Thực hiện Kế hoạch số 31/KH-UBND ngày 14 tháng 02 năm 2019 của UBND thị xã về việc"
    one = cited(text)[0]
    assert (one.number, one.kind, one.issuer) == ("31/KH-UBND", "Kế hoạch", "UBND thị xã")
    assert one.day == date(2019, 2, 14)
    assert cited("tỷ lệ 24 học sinh/1 máy, 0,25 Mbps/01 máy, 02 lần/Tuần") == ()
    assert cited("Thông tư số 12/2020/TT-BGDĐT")[0].number == "12/2020/TT-BGDĐT"


@pytest.mark.parametrize(
    ("lines", "number", "day"),
    [
        (["Số: 12/PGDĐT", "Xa, ngày 3 tháng 4 năm 2020"], "12", date(2020, 4, 3)),
        ([NO_NUMBER, NO_DAY, "Chữ", "309", "02"], "309", date(2020, 4, 2)),
        ([NO_NUMBER, NO_MONTH, "Chữ", "453", "12   10"], "453", date(2020, 10, 12)),
        ([NO_NUMBER, NO_DAY, "Chữ", "08", "348"], "348", date(2020, 4, 8)),
        (["1", NO_NUMBER, NO_DAY, "Chữ", "21", "12", "2"], "21", date(2020, 4, 12)),
        ([NO_NUMBER, "Xa, ngày 5 tháng 4 năm 2020", "Chữ", "25", "2"], "25", date(2020, 4, 5)),
        (["Số: 7/PGDĐT", "Xa, ngày", "tháng 04 năm 2020"], "7", None),
        (["Số: 7/PGDĐT", "Xa, ngày 31 tháng 4 năm 2020"], "7", None),
    ],
)  # fmt: skip
def test_stamped_numbers_and_days_go_where_they_were_left_out(
    lines: list[str], number: str, day: date | None
) -> None:
    everything = clean("\n".join(lines))
    found = header(everything, [], everything)
    assert (found.number, found.issued_on) == (number, day)


def test_a_day_of_the_page_is_no_day_of_issue() -> None:
    for line in (
        "(18-1-2018)",
        "Thứ Tư, 25/03/2020, 08:28 [GMT+7]",
        "date 2025-11-01 Sở",
        "ngày 31/01/2018",
    ):
        assert stamp(line) is not None
    assert stamp("Chậm nhất ngày 04/8/2020.") is None
    assert posted_on(["21/10/2020", "An - 11/01/2019, 19:15"]) == date(2019, 1, 11)
    assert stamp("8/24/2011 9:49:07 AM") == date(2011, 8, 24)
    assert is_menu("Tìm kiếm")
    assert not is_menu("Các trường tìm kiếm học sinh bỏ học.")


# Deadlines and what they are for


@pytest.mark.parametrize(
    ("words", "setting", "text"),
    [
        ("trước ngày 5/01", Setting(date(2020, 10, 12)), "2021-01-05"),
        ("trước ngày 16-10", Setting(date(2025, 11, 1), backwards=True), "2025-10-16"),
        ("trước ngày 25/8", Setting(same_item=[date(2011, 8, 25)]), "2011-08-25"),
        ("trước ngày 25/8", Setting(school_year=(2020, 2021)), "2020-08-25"),
        ("trước ngày 25/5", Setting(school_year=(2020, 2021)), "2021-05-25"),
        ("trước ngày 10/6", Setting(date(2018, 1, 15), yearly=True), "yearly 06-10"),
        ("trước ngày 10/6/2018", Setting(date(2018, 1, 15), yearly=True), "2018-06-10"),
        ("trước ngày 10/6", Setting(), ""),
        ("trong quý I năm 2018", Setting(), "2018-03-31"),
        ("từ ngày 20/12 đến ngày 05/01/2024", Setting(), "2023-12-20/2024-01-05"),
    ],
)  # fmt: skip
def test_a_year_that_is_not_written_is_counted_from_what_is(
    words: str, setting: Setting, text: str
) -> None:
    assert deadline(moments(words)[0], setting).text == text


def test_hours_and_weekdays_stand_on_either_side() -> None:
    for words in ("trước 17h thứ Hai ngày 29/8", "trước ngày 29/8 (thứ Hai), lúc 17 giờ 00"):
        found = moments(words)[0]
        assert (found.at, found.weekday) == (time(17), 0)


def test_kinds_and_things_are_told_by_their_own_part() -> None:
    assert kind("gửi kế hoạch về Phòng", "") is Kind.PLAN
    assert kind("gửi về Phòng Kế hoạch - Tài chính báo cáo", "") is Kind.REPORT
    assert kind("nộp trước ngày 5/9", "lập danh sách học sinh") is Kind.LIST
    assert kind("cử báo cáo viên", "") is Kind.OTHER
    assert things("gửi báo cáo và danh sách học sinh về Phòng") == [
        "báo cáo",
        "danh sách học sinh",
    ]
