"""Commands of the program that answer from what is given to them alone."""

import json

import pytest

from bot.__main__ import understand


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "han bc 6 thang khi nao",
            {"intent": "deadline_of", "candidates": ["deadline_of"], "duty": "bao cao 6 thang"},
        ),
        ("tháng này nộp gì", {"intent": "whats_due", "period": "this_month"}),
        ("trời đẹp quá", {"intent": None, "candidates": [], "dates": []}),
        ("đã rõ ạ", {"intent": "thanks_smalltalk", "flow": "acknowledge"}),
        ("em bàn giao cho cô Mai", {"intent": None, "candidates": [], "flow": "hand_over"}),
        ("xin lùi sang 15/6/2018", {"intent": "extension_request", "dates": ["2018-06-15"]}),
    ],
)
def test_a_sentence_is_explained_in_json(
    text: str, told: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    understand(text)
    printed = json.loads(capsys.readouterr().out)
    assert printed.items() >= told.items()
