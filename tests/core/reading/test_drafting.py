"""What was read becomes drafts: due rules, who is meant, what a person has to settle."""

from datetime import date
from typing import Any

import pytest

from core.calendar import is_working, parse_rule
from core.reading.drafting import drafted
from core.reading.reading import read
from tests.reading import FOOT, HEAD, told

TODAY = date(2023, 9, 5)


def drafts(*sentences: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = drafted(read(told(*sentences), TODAY, is_working))["drafts"]
    return found


@pytest.mark.parametrize(
    ("deadline", "rule"),
    [
        ("trước ngày 10/10/2023", "on before 2023-10-10"),
        ("chậm nhất ngày 10/10/2023", "on by 2023-10-10"),
        ("đến hết ngày 10/10/2023", "on until end of 2023-10-10"),
        ("trước 16 giờ 30 phút ngày 10/10/2023", "on before 2023-10-10 16:30"),
        ("từ ngày 02/10/2023 đến hết ngày 10/10/2023", "window 2023-10-02..2023-10-10"),
        ("trước ngày 25 hằng tháng", "monthly before day 25 2023-09..2024-05"),
        ("trước ngày 03 hằng tháng", "monthly before day 3 2023-10..2024-05"),
        ("vào 16 giờ thứ Sáu hằng tuần", "weekly by fri 16:00 2023-09-04..2024-05-31"),
        ("trước ngày 05 tháng cuối quý", "quarterly before last-month day 5 2023-09..2024-05"),
        ("theo quy định", "none yet"),
    ],
)
def test_a_deadline_becomes_a_rule(deadline: str, rule: str) -> None:
    (draft,) = drafts(f"Các trường gửi báo cáo thư viện về Phòng GD&ĐT {deadline}.")
    assert (draft["due"], str(parse_rule(draft["due"]))) == (rule, rule.removesuffix(" yet"))
    assert ("no_date" in draft["flags"]) == (rule == "none yet")
    assert draft["title"].startswith("Báo cáo thư viện")


def test_until_when_something_is_repeated_is_asked_where_no_school_year_is_named() -> None:
    head = HEAD.replace("thư viện năm học 2023-2024", "thư viện")
    text = f"{head}\nCác trường báo cáo về Phòng trước ngày 25 hằng tháng.\n{FOOT}"
    (draft,) = drafted(read(text, TODAY, is_working))["drafts"]
    assert draft["due"] == "monthly before day 25 2023-09..2024-05"
    assert list(draft["flags"]) == ["end_guessed"]


def test_a_document_that_says_which_one_it_replaces() -> None:
    words = "Công văn này thay thế Công văn số 198/PGDĐT-TH ngày 21/8/2023 của Phòng."
    assert drafted(read(told(words)))["replaces"] == "198/PGDĐT-TH"
    assert drafted(read(told("Các trường cử giáo viên dạy thay thế.")))["replaces"] == ""


def test_the_words_of_each_clause_are_kept_under_its_number() -> None:
    found = drafted(read(told("1. Rà soát", "a) Sách giáo khoa;", "b) Sách tham khảo.")))
    clauses = {one["anchor"]: one["title"] for one in found["clauses"]}
    assert clauses["1"] == "Rà soát"
    assert clauses["1.b"] == "Sách tham khảo."
