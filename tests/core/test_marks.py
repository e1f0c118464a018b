"""Formatting of people's own words."""

import pytest

from core.marks import Look, Mark, later, read, runs, write

MARKS = (Mark(Look.BOLD, 0, 5), Mark(Look.ITALIC, 7, 9))


def test_marks_are_written_and_read() -> None:
    assert write(MARKS) == "b0-5 i7-9"
    assert read("b0-5 i7-9") == MARKS


@pytest.mark.parametrize("text", ["", "strong", "quiet", "b0-5 ", "x1-2", "b0-5 i7", "b٠-٥"])
def test_other_words_are_no_marks(text: str) -> None:
    assert read(text) == ()


def test_pieces_never_lose_a_letter() -> None:
    marks = [Mark(Look.BOLD, 1, 3), Mark(Look.ITALIC, 2, 99)]
    assert list(runs("abcd", marks)) == [
        ("a", frozenset()),
        ("b", {Look.BOLD}),
        ("c", {Look.BOLD, Look.ITALIC}),
        ("d", {Look.ITALIC}),
    ]
    assert list(runs("", marks)) == []


def test_marks_move_with_their_text() -> None:
    assert later([Mark(Look.BOLD, 0, 2)], 3) == [Mark(Look.BOLD, 3, 5)]
