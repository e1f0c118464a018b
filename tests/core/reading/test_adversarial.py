"""No text makes the reader fail or take long: what people write, damaged and repeated."""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import parse_rule
from core.reading.drafting import drafted
from core.reading.gate import Unreadable
from core.reading.hygiene import clean
from core.reading.moments import moments
from core.reading.reading import read
from core.reading.shape import shape
from tests.reading import HEAD, letter

PIECES = [
    "ngày ", "1/", "15/9/2023 ", "trước ngày ", "chậm nhất là vào ", "thời hạn gửi báo cáo ",
    "từ ngày 1/1 đến ", "thứ Sáu ", "16 giờ ", "hằng tháng ", "quý I ", "tháng 3, 6, 9 ",
    "đơn vị nào đã ", "đề nghị các trường ", "gửi về Phòng ", "(qua ", "Công văn số 1/SGDĐT-VP ",
    "theo quy định ", "gồm a, b, ", "a@a.", "http://", "x.vn/", "; ", ". ", ", ", ":", "\n",
    "\n- ",
    "\n1.1. ", "\nI. ", "\nNơi nhận:\n", "\nSố: ", "\nV/v ", "\nKính gửi: ", "\nUBND TỈNH\n",
    "CỘNG HÒA XÃ HỘI ", "d ạy ", "a\nb\n", "ă", "\u0301", "(", "12\n", "./.", "...... ", "\x00",
]  # fmt: skip
SLOWEST = 10.0  # seconds; ordinary ones take 0.01, and one that runs away takes minutes
LONG, LONGEST = 20_000, 1_000_000  # characters


def reads(text: str) -> None:
    """Or is refused, which is as good."""
    with suppress(Unreadable):
        found = read(text)
        shape(found)
        for one in drafted(found)["drafts"]:
            parse_rule(one["due"])


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
@settings(max_examples=150, deadline=None)
def test_no_order_of_usual_words_makes_it_fail(body: str) -> None:
    reads(HEAD + body)


@given(st.text(max_size=400))
@settings(max_examples=100, deadline=None)
def test_no_text_at_all_makes_it_fail(body: str) -> None:
    reads(HEAD + body)
    for sentence in clean(body):
        found = moments(sentence)
        assert all(0 <= one.start < one.end <= len(sentence) for one in found)


@given(st.integers(0, len(letter())), st.integers(0, 40))
@settings(max_examples=100, deadline=None)
def test_a_torn_letter_is_read_or_refused(at: int, missing: int) -> None:
    reads(letter()[:at] + letter()[at + missing :])


@pytest.mark.parametrize("piece", PIECES)
def test_a_piece_said_endlessly_takes_no_time(piece: str) -> None:
    start = time.process_time()
    reads((HEAD + piece * (LONG // len(piece)))[:LONG])
    assert time.process_time() - start < SLOWEST


@pytest.mark.soak
@pytest.mark.parametrize("length", [190_000, LONGEST])
@pytest.mark.parametrize("piece", PIECES)
def test_a_megabyte_of_a_piece_takes_less_than_a_second(piece: str, length: int) -> None:
    start = time.process_time()
    reads((HEAD + piece * (length // len(piece)))[:length])
    assert time.process_time() - start < 1
