from typing import Any

import pytest

from bot.channels.numbered import read, read_words, render
from tests.bot.channels.test_telegram_words import letter

YES_NO = [["Có", "12.5.answer:yes"], ["Không", "12.5.answer:no"]]
SHARE = [["Gửi số của tôi", "3.1.phone"], ["Bỏ qua", "3.1.skip"]]


def test_choices_are_numbered_lines() -> None:
    lines = [["strong", "Lối thoát hiểm"], ["", "Có thông thoáng không?"]]
    assert render(letter(*YES_NO, lines=lines)) == (
        "Lối thoát hiểm\nCó thông thoáng không?\n1. Có\n2. Không"
    )


def test_where_a_number_is_an_answer_choices_go_by_their_words() -> None:
    assert render(letter(["Quay lại", "12.5.back"], ["Bỏ qua", "12.5.skip"], typed=True)) == (
        "Chào\n[Quay lại | Bỏ qua]"
    )


def test_without_choices_there_are_only_lines() -> None:
    assert render(letter()) == render(letter(typed=True)) == "Chào"


def test_sharing_a_contact_card_is_not_offered() -> None:
    assert render(letter(*SHARE, asks_phone=True)) == "Chào\n1. Bỏ qua"
    assert read("1", SHARE, typed=False) == ("skip", "3.1")
    assert read("gửi số của tôi", SHARE, typed=True) is None


@pytest.mark.parametrize(
    ("text", "typed", "picked"),
    [
        ("1", False, ("answer:yes", "12.5")),
        (" 2. ", False, ("answer:no", "12.5")),
        ("2)", False, ("answer:no", "12.5")),
        ("1", True, None),
        ("0", False, None),
        ("3", False, None),
        ("1 2", False, None),
        ("có", True, ("answer:yes", "12.5")),
        ("KHÔNG ", False, ("answer:no", "12.5")),
        ("khong", True, ("answer:no", "12.5")),
        ("có thể", True, None),
        ("", False, None),
    ],
)
def test_a_choice_is_picked_by_its_number_or_its_words(
    text: str, typed: bool, picked: Any
) -> None:
    assert read(text, YES_NO, typed) == picked


def test_words_that_could_mean_two_choices_pick_none() -> None:
    alike = [["Chiềng Cọ", "1.1.a"], ["Chiềng Cơ", "1.1.b"]]
    assert read_words("chieng co", alike) is None
    assert read_words("chiềng cơ", alike) == ("b", "1.1")


def test_an_action_may_hold_dots() -> None:
    assert read_words("Mở", [["Mở", "1.2.open:report:3.4"]]) == ("open:report:3.4", "1.2")


def test_a_key_typed_or_tapped_on_the_keyboard_is_its_choice() -> None:
    assert read_words("Bỏ qua", SHARE) == ("skip", "3.1")
