"""Words and files in any order, until Done."""

import pytest

from bot.i18n import say
from core.message import verbatim
from core.question import Answer
from core.screen import DONE, Input, Picked, Typed, Uploaded
from core.writing import Writing, body, excerpt, uploads

LETTER = Writing("letter", verbatim("Write."), documents={"7": verbatim("7/KH")})


def written(*given: Input) -> Answer:
    answer = None
    for one in given:
        answer = LETTER.read(one, answer)
    return answer


def test_words_and_files_come_in_any_order() -> None:
    answer = written(
        Uploaded(3, "a.jpg", caption="first"), Typed("second"), Picked("document:7"), Picked(DONE)
    )
    assert answer["text"] == "first\nsecond"
    assert uploads(answer) == [3]
    assert say(LETTER.show(answer), "en") == "first second, 7/KH, 1 file"
    assert LETTER.settles(Picked(DONE))
    assert not LETTER.settles(Typed("more"))


def test_it_is_written_anew() -> None:
    assert written(Typed("first"), Picked("answer:none")) is None
    assert written(Typed("first"), Picked("answer:none"), Typed("second"))["text"] == "second"


def test_a_document_that_is_offered_no_more_is_still_named() -> None:
    later = Writing("letter", verbatim("Write."))
    assert say(later.show({"document": "7"}), "en") == "a document"


def test_a_text_is_known_again_by_its_first_words() -> None:
    assert excerpt(" one\n\ntwo ") == "one two"
    assert excerpt("x" * 99) == "x" * 60 + "…"
    assert body({"files": []}) is None


@pytest.mark.parametrize("answer", ["a text", ["a.jpg"], {}, {"upload": 3}, 7])
def test_what_was_stored_of_another_kind_is_asked_again(answer: Answer) -> None:
    assert not LETTER.fits(answer)
    assert not LETTER.enough(answer)
