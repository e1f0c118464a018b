"""Documents and clauses as people ask for them."""

import pytest

from core.papers import Wanted, wanted


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("kế hoạch 09", Wanted("9")),
        ("cho em xem công văn số 31/PGDĐT", Wanted("31", "pgddt")),
        ("mục III.4 là gì", Wanted(anchor="III.4")),
        ("muc iii.4 ke hoach 09 noi gi", Wanted("9", anchor="III.4")),
        ("Công văn 31 mục 1.2 là gì?", Wanted("31", anchor="1.2")),
        ("clause II.1 of plan 7", Wanted("7", anchor="II.1")),
        ("cho xin file kế hoạch 09 với ạ", Wanted("9")),
        ("hạn kế hoạch 09 khi nào", None),
        ("kế hoạch năm 2018", None),
        ("nộp kế hoạch", None),
        ("tháng 9", None),
        ("muc " * 500, None),
    ],
)
def test_what_is_asked_for(text: str, meant: Wanted | None) -> None:
    assert wanted(text) == meant
