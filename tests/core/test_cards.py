"""Cards to paste elsewhere, and the codes that come back."""

import pytest

from core.cards import EXAMPLE, HEADING, LIMIT, Answer, acknowledged, answered, blocks, code
from core.events import Reply


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#S12 tham gia", {12: Answer(Reply.COMING)}),
        ("Cô Lan: #s7 xin tham dự ạ", {7: Answer(Reply.COMING)}),
        ("#S12 vắng: thi học kỳ\nCô Mai", {12: Answer(Reply.ABSENT, "thi học kỳ")}),
        ("#S12 xin vắng", {12: Answer(Reply.ABSENT)}),
        ("#S12 không tham gia: ốm", {12: Answer(Reply.ABSENT, "ốm")}),
        ("#S12 vắng: a\n#S12 tham gia", {12: Answer(Reply.COMING)}),
        ("#S12 chưa chắc tham gia", {}),
        ("#S12 không vắng", {}),
        ("#S12 đã rõ", {}),
        ("tham gia", {}),
        ("#S13 vang vi om", {13: Answer(Reply.ABSENT, "om")}),
        ("#S13 vắng E4: ốm", {13: Answer(Reply.ABSENT, "ốm", 4)}),
        ("#S13 tham gia e4", {13: Answer(Reply.COMING, "", 4)}),
        (f"{EXAMPLE} tham gia E4, hoặc {EXAMPLE} vắng E4: lý do", {}),
    ],
)
def test_codes_with_answers_to_an_invitation(text: str, found: dict[int, Answer]) -> None:
    assert answered(text) == found


def test_a_long_list_is_cut_between_its_items() -> None:
    items = [f"{code(number)} Trường Tiểu học Quyết Thắng" for number in range(30)]
    made = list(blocks(items))
    assert all(block.startswith("#S") and len(block) <= LIMIT - HEADING for block in made)
    assert ", ".join(made) == ", ".join(items)
    assert list(blocks([])) == []
    assert list(blocks(["x" * 500])) == ["x" * (LIMIT - HEADING)]
