"""Questions proposed for a duty."""

import time

import pytest

from core.draft_items import MOST, item, proposed
from core.question import ItemKind


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("số học sinh lớp 1", ItemKind.NUMBER),
        ("tổng số giáo viên", ItemKind.NUMBER),
        ("tỷ lệ chuyên cần", ItemKind.NUMBER),
        ("số điện thoại", ItemKind.TEXT),
        ("họ tên", ItemKind.TEXT),
        ("ngày sinh", ItemKind.DATE),
        ("hình ảnh minh chứng", ItemKind.FILES),
        ("Trường có bếp ăn không?", ItemKind.YES_NO),
        ("Đã tập huấn chưa?", ItemKind.YES_NO),
    ],
)
def test_what_an_answer_to_some_words_is(words: str, kind: ItemKind) -> None:
    assert item(words, ())["kind"] == kind


def test_no_two_questions_share_a_key_and_the_report_itself_comes_last() -> None:
    made = proposed(["họ tên", "ngày sinh", "họ tên"], ["100% lớp có tủ sách"], "báo cáo")
    assert [one["key"] for one in made] == ["q1", "q2", "q3", "q4"]
    assert [one["kind"] for one in made] == ["text", "date", "yes_no", "files"]
    assert len(proposed(map(str, range(99)), ["an aim"], "báo cáo")) == MOST


@pytest.mark.parametrize("piece", ["co ", "so ", "ngay ", "100% "])
def test_words_without_end_take_no_time(piece: str) -> None:
    began = time.process_time()
    item(piece * 100_000, ())
    assert time.process_time() - began < 1
