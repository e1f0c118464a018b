from typing import Any

import pytest

from bot.channels.telegram_words import LABEL_COLUMNS, html, markup, parts, plain, units
from storage.outbox import Lane, Letter


def letter(*choices: list[str], **more: Any) -> Letter:
    usual: dict[str, Any] = {
        **{"id": 1, "address_id": 1, "channel": "telegram", "chat": "7", "lane": Lane.REPLY},
        **{"lines": [["", "Chào"]], "choices": list(choices), "typed": False},
        **{"asks_phone": False, "files": [], "edits": None, "tap": None, "attempts": 0},
    }
    return Letter(**usual | more)


def choices(*labels: str) -> list[list[str]]:
    return [[label, f"12.5.pick:{number}"] for number, label in enumerate(labels)]


def labels(keyboard: dict[str, Any]) -> list[list[str]]:
    return [[key["text"] for key in row] for row in keyboard["inline_keyboard"]]


def codes(keyboard: dict[str, Any]) -> list[str]:
    return [key["callback_data"] for row in keyboard["inline_keyboard"] for key in row]


def test_lines_are_html_with_everything_escaped() -> None:
    lines = [["strong", "A & <B>"], ["", "</b><a href='x'>"], ["quiet", "&lt;"]]
    assert html(lines) == (
        "<b>A &amp; &lt;B&gt;</b>\n&lt;/b&gt;&lt;a href='x'&gt;\n<i>&amp;lt;</i>"
    )
    assert plain(lines) == "A & <B>\n</b><a href='x'>\n&lt;"


def test_short_choices_stand_side_by_side_and_long_ones_alone() -> None:
    shown = choices(
        "Có", "Không", "Quay lại", "Trường Mầm non Hoa Ban, phường Chiềng Lề", "Bỏ qua"
    )
    assert labels(markup(letter(*shown))) == [
        ["Có", "Không", "Quay lại"],
        ["Trường Mầm non Hoa Ban, phường Chiềng Lề"],
        ["Bỏ qua"],
    ]


def test_at_most_four_choices_stand_in_a_row() -> None:
    assert labels(markup(letter(*choices(*"12345")))) == [["1", "2", "3", "4"], ["5"]]


def test_the_code_of_a_choice_comes_back_whole() -> None:
    assert codes(markup(letter(*choices("Có", "Không")))) == ["12.5.pick:0", "12.5.pick:1"]


def test_a_long_label_is_cut_where_it_shows() -> None:
    ((label,),) = labels(markup(letter(*choices("Trường " * 20))))
    assert label.endswith("…")
    assert len(label) <= LABEL_COLUMNS


@pytest.mark.parametrize(
    ("page", "first", "turning"),
    [
        (0, "Trường số 0 của thành phố", ["1/3", "›"]),
        (1, "Trường số 8 của thành phố", ["‹", "2/3", "›"]),
        (2, "Trường số 16 của thành phố", ["‹", "3/3"]),
        (9, "Trường số 16 của thành phố", ["‹", "3/3"]),
        (-1, "Trường số 0 của thành phố", ["1/3", "›"]),
    ],
)
def test_many_choices_are_paged(page: int, first: str, turning: list[str]) -> None:
    many = choices(*(f"Trường số {number} của thành phố" for number in range(20)))
    shown = labels(markup(letter(*many, page=page)))
    assert shown[0] == [first]
    assert shown[-1] == turning
    assert len(shown) <= 9


@pytest.mark.parametrize("page", [0, 1, 2])
def test_how_to_go_on_stands_on_every_page(page: int) -> None:
    many = choices(*(f"Trường số {number} của thành phố" for number in range(20)))
    moves = [["Xong", "12.5.done"], ["Bỏ qua", "12.5.skip"], ["Quay lại", "12.5.back"]]
    shown = labels(markup(letter(*many, *moves, page=page)))
    assert shown[0] == [f"Trường số {page * 8} của thành phố"]
    assert shown[-2] == ["Xong", "Bỏ qua", "Quay lại"]
    assert shown[-1][-1 if page == 2 else -2] == f"{page + 1}/3"
    assert sum(label in ("Xong", "Bỏ qua", "Quay lại") for row in shown for label in row) == 3


def test_how_to_go_on_does_not_count_among_a_page() -> None:
    eight = [*choices(*"abcdefgh"), ["Quay lại", "12.5.back"]]
    assert labels(markup(letter(*eight))) == [list("abcd"), list("efgh"), ["Quay lại"]]


def test_turning_a_page_is_a_choice_of_the_same_turn() -> None:
    many = choices(*(f"Trường số {number} của thành phố" for number in range(20)))
    assert codes(markup(letter(*many, page=1)))[-3:] == [
        "12.5.page:0",
        "12.5.page:1",
        "12.5.page:2",
    ]


def test_eight_choices_need_no_pages() -> None:
    assert labels(markup(letter(*choices(*"abcdefgh")))) == [list("abcd"), list("efgh")]


def test_a_phone_is_asked_for_by_a_key_that_shares_it() -> None:
    asked = [["Gửi số điện thoại của tôi", "3.1.phone"], ["Bỏ qua", "3.1.skip"], ["Hủy", "3.1.x"]]
    assert markup(letter(*asked, asks_phone=True)) == {
        "keyboard": [
            [{"text": "Gửi số điện thoại của tôi", "request_contact": True}],
            [{"text": "Bỏ qua"}, {"text": "Hủy"}],
        ],
        "one_time_keyboard": True,
        "resize_keyboard": True,
    }


def test_keys_go_away_with_the_next_message_that_has_none() -> None:
    assert markup(letter()) == {"remove_keyboard": True}


def test_a_text_that_fits_stays_whole() -> None:
    lines = [["", "a" * 4000], ["", "b" * 95]]
    assert parts(lines) == [lines]
    assert len(parts([*lines, ["", "c"]])) == 2


def test_length_is_counted_in_utf_16() -> None:
    assert units("Hoà 👋") == 6
    assert len(parts([["", "👋" * 2048]])) == 1
    assert len(parts([["", "👋" * 2049]])) == 2


def test_a_long_text_is_broken_on_line_ends() -> None:
    lines = [["", f"{number}. {'x' * 400}"] for number in range(30)]
    broken = parts(lines)
    assert len(broken) == 3
    assert all(units(plain(part)) <= 4096 for part in broken)
    assert [line for part in broken for line in part] == [tuple(line) for line in lines]


@pytest.mark.parametrize("text", ["từ " * 5000, "x" * 9000, "👋" * 5000, "a\n" * 6000])
def test_a_long_line_is_broken_without_loss(text: str) -> None:
    broken = parts([["strong", text]])
    assert all(0 < units(plain(part)) <= 4096 and plain(part).strip() for part in broken)
    said = "".join(plain(part) for part in broken)
    assert said.split() == text.split() or "".join(said.split()) == "".join(text.split())
    assert all(style == "strong" for part in broken for style, _text in part)
