"""Cards to paste elsewhere, and the codes that come back."""

import pytest

from core.cards import HEADING, LIMIT, acknowledged, blocks, code


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#S12 đã rõ", [12]),
        ("Cô Lan: #s12 Da ro a\n#S7 đã nhận, #S12 rõ rồi", [12, 7]),
        ("#S12 chưa rõ\n#S13 đã rõ", [13]),
        ("#S12", []),
        ("đã rõ #S12", []),
        ("S12 đã rõ", []),
        ("#S9999999999 đã rõ", []),
        ("", []),
    ],
)
def test_codes_with_the_words_that_they_know(text: str, found: list[int]) -> None:
    assert acknowledged(text) == found


def test_a_long_list_is_cut_between_its_items() -> None:
    items = [f"{code(number)} Trường Tiểu học Quyết Thắng" for number in range(30)]
    made = list(blocks(items))
    assert all(block.startswith("#S") and len(block) <= LIMIT - HEADING for block in made)
    assert ", ".join(made) == ", ".join(items)
    assert list(blocks([])) == []
    assert list(blocks(["x" * 500])) == ["x" * (LIMIT - HEADING)]
