"""How each kind of question is offered, read and said back."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import say
from core.message import verbatim
from core.question import (
    AT_ONCE,
    Answer,
    Day,
    Files,
    Link,
    Misread,
    Moment,
    Number,
    OneChoice,
    Phone,
    Question,
    SeveralChoices,
    Text,
    When,
    YesNo,
)
from core.screen import Contact, Input, Picked, Typed, Uploaded

TODAY = date(2026, 10, 27)
OPTIONS = {"a": verbatim("Apple"), "b": verbatim("Banana"), "c": verbatim("Cherry")}

YES_NO = YesNo("q", verbatim("Question?"))
ONE = OneChoice("q", verbatim("Question?"), options=OPTIONS)
SEVERAL = SeveralChoices("q", verbatim("Question?"), options=OPTIONS)
WHOLE = Number("q", verbatim("Question?"), high=Decimal(500), unit="bình")
DECIMAL = Number("q", verbatim("Question?"), low=Decimal("-1.5"), decimals=2)
NOON = datetime(2026, 10, 27, 12, tzinfo=UTC)
MOMENT = Moment("q", verbatim("Question?"), now=NOON)
DAY = Day("q", verbatim("Question?"), today=TODAY)
TEXT = Text("q", verbatim("Question?"), longest=10)
LINK = Link("q", verbatim("Question?"))
FILES = Files("q", verbatim("Question?"), least=2, most=3)
PHONE = Phone("q", verbatim("Question?"))
ALL = (YES_NO, ONE, SEVERAL, WHOLE, DECIMAL, DAY, TEXT, LINK, FILES, PHONE)

inputs = st.one_of(
    st.builds(Typed, st.text(max_size=30)),
    st.builds(Picked, st.sampled_from(["done", "skip", "answer:a", "answer:yes", "answer:none"])),
    st.builds(Picked, st.text(max_size=30)),
    st.builds(Uploaded, st.integers(1, 99), st.text(max_size=10)),
    st.builds(Contact, st.text(max_size=20), st.booleans()),
)


def misread(question: Question, given: Input, so_far: Answer = None) -> str:
    with pytest.raises(Misread) as wrong:
        question.read(given, so_far)
    return say(wrong.value.hint, "en")


@pytest.mark.parametrize(
    ("question", "given", "answer", "said"),
    [
        (YES_NO, Picked("answer:yes"), True, "Yes"),
        (YES_NO, Picked("answer:no"), False, "No"),
        (ONE, Picked("answer:b"), "b", "Banana"),
        (WHOLE, Typed("12"), 12, "12 bình"),
        (WHOLE, Typed(" 500 bình "), 500, "500 bình"),
        (WHOLE, Typed("0"), 0, "0 bình"),
        (DECIMAL, Typed("12,5"), "12.5", "12.5"),
        (DECIMAL, Typed("-1,5"), "-1.5", "-1.5"),
        (DAY, Typed("5/6"), "2026-06-05", "5 June 2026"),
        (DAY, Typed("mai"), "2026-10-28", "28 October 2026"),
        (DAY, Picked("answer:2026-10-26"), "2026-10-26", "26 October 2026"),
        (TEXT, Typed("  nội dung "), "nội dung", "nội dung"),
        (LINK, Typed("truong.edu.vn"), "https://truong.edu.vn", "https://truong.edu.vn"),
        (LINK, Typed("HTTP://a.vn/x?y"), "HTTP://a.vn/x?y", "HTTP://a.vn/x?y"),
        (PHONE, Typed("0912.345-678"), "0912345678", "0912345678"),
        (PHONE, Contact("+84 912 345 678", own=True), "+84912345678", "+84912345678"),
    ],
)
def test_an_answer_is_read_and_said_back(
    question: Question, given: Input, answer: Answer, said: str
) -> None:
    assert question.read(given, None) == answer
    assert type(question.read(given, None)) is type(answer)
    assert say(question.show(answer), "en") == said
    assert question.enough(answer)


@pytest.mark.parametrize(
    ("question", "given", "hint"),
    [
        (YES_NO, Typed("maybe"), "Please choose Yes or No."),
        (YES_NO, Picked("answer:maybe"), "Please choose Yes or No."),
        (ONE, Picked("answer:d"), "Please choose one of the answers shown."),
        (ONE, Typed("a"), "Please choose one of the answers shown."),
        (SEVERAL, Picked("done"), "Please pick at least one answer, then choose Done."),
        (WHOLE, Typed("501"), "Please send a whole number from 0 to 500, such as 12."),
        (WHOLE, Typed("2,5"), "Please send a whole number from 0 to 500, such as 12."),
        (DECIMAL, Typed("1,234"), "Please send a number from -1.5 to 1,000,000, such as 12,5."),
        (DECIMAL, Typed("-1,6"), "Please send a number from -1.5 to 1,000,000, such as 12,5."),
        (DECIMAL, Typed("NaN"), "Please send a number from -1.5 to 1,000,000, such as 12,5."),
        (DAY, Typed("soon"), "Please send a date such as 5/6, 05-06-2026 or tomorrow."),
        (DAY, Picked("answer:x"), "Please send a date such as 5/6, 05-06-2026 or tomorrow."),
        (TEXT, Typed(" "), "Please send a text of up to 10 characters."),
        (TEXT, Typed("x" * 11), "Please send a text of up to 10 characters."),
        (LINK, Typed("javascript://x.vn"), "Please send a web address such as …"),
        (LINK, Typed("a b.vn"), "Please send a web address such as …"),
        (FILES, Typed("here"), "Please send photos or files here (2 at least)."),
        (PHONE, Typed("12"), "Please send a phone number such as 0912 345 678."),
        (PHONE, Contact("0912345678", own=False), "That is somebody else's contact. …"),
    ],
)
def test_a_wrong_answer_gets_one_sentence_that_says_what_to_send(
    question: Question, given: Input, hint: str
) -> None:
    assert misread(question, given).startswith(hint.removesuffix("…"))


def test_picks_are_added_and_taken_away_in_the_order_shown() -> None:
    picked = SEVERAL.read(Picked("answer:c"), None)
    picked = SEVERAL.read(Picked("answer:a"), picked)
    assert picked == ["a", "c"]
    assert [say(c.label, "en") for c in SEVERAL.choices(picked)] == [
        *("✓ Apple", "Banana", "✓ Cherry", "Done")
    ]
    assert SEVERAL.read(Picked("answer:a"), picked) == ["c"]
    assert SEVERAL.read(Picked("done"), picked) == picked
    assert say(SEVERAL.show(picked), "en") == "Apple, Cherry"
    assert SEVERAL.settles(Picked("done"))
    assert not SEVERAL.settles(Picked("answer:a"))
    assert not SEVERAL.enough([])


def test_an_option_that_is_asked_no_more_is_said_as_it_was_stored() -> None:
    assert say(ONE.show("old"), "en") == "old"
    assert not ONE.enough("old")
    assert say(SEVERAL.show(["a", "old"]), "en") == "Apple, old"


def test_files_are_gathered_within_their_bounds() -> None:
    assert FILES.choices(None) == ()
    one = FILES.read(Uploaded(1, "a.jpg"), None)
    assert [c.action for c in FILES.choices(one)] == ["answer:none"]
    assert not FILES.enough(one)
    assert misread(FILES, Picked("done"), one).startswith("Please send photos")
    three = FILES.read(Uploaded(3, "c.jpg"), FILES.read(Uploaded(2, "b.jpg"), one))
    assert [file["upload"] for file in three] == [1, 2, 3]
    assert misread(FILES, Uploaded(4, "d.jpg"), three) == "At most 3 files fit here."
    assert FILES.read(Picked("done"), three) == three
    assert FILES.read(Picked("answer:none"), three) == []
    assert say(FILES.show(three), "en") == "3 files: a.jpg, b.jpg, c.jpg"


def test_one_file_alone_goes_on_but_not_the_first_of_an_album() -> None:
    single = Files("q", verbatim("Question?"), most=1)
    assert single.settles(Uploaded(1, "a.jpg"))
    assert not single.settles(Uploaded(1, "a.jpg", album="x"))
    assert not FILES.settles(Uploaded(1, "a.jpg"))


def test_optional_files_still_say_what_to_send() -> None:
    optional = Files("q", verbatim("Question?"), optional=True, least=0)
    assert misread(optional, Typed("none")) == "Please send a photo or a file here (1 at least)."
    assert optional.enough([])


@pytest.mark.parametrize(
    ("values", "given", "asked"),
    [
        ((True,), True, True),
        ((True,), 1, False),
        ((1,), True, False),
        ((False,), None, False),
        ((False,), 0, False),
        (("a", "b"), "b", True),
        (("a", "b"), ["x", "a"], True),
        (("a", "b"), ["x"], False),
        (("a",), [], False),
        ((), None, False),
    ],
)
def test_when_looks_at_value_and_type(
    values: tuple[Answer, ...], given: Answer, asked: bool
) -> None:
    assert When("k", values).holds({"k": given}) == asked
    assert not When("k", values).holds({})


@pytest.mark.parametrize("question", ALL, ids=lambda question: type(question).__name__)
@given(given=inputs)
def test_whatever_comes_is_an_answer_or_a_hint(question: Question, given: Input) -> None:
    """And an answer can be said and stored as JSON."""
    try:
        answer = question.read(given, None)
    except Misread as wrong:
        hint = say(wrong.hint, "en")
        assert hint.startswith(("Please", "At most", "That is"))
        return
    assert answer == [] or say(question.show(answer), "en")
    assert json.loads(json.dumps(answer)) == answer
    for choice in question.choices(answer):
        assert choice.action.isascii()
        assert len(choice.action) <= 40


@pytest.mark.parametrize(
    ("answer", "fits", "enough"),
    [
        (AT_ONCE, True, True),
        ("2026-10-27T13:00:00+00:00", True, True),
        ("2026-10-27T11:00:00+00:00", True, False),
        ("2026-10-27T13:00:00", False, False),
        ("tomorrow", False, False),
        ([], False, False),
        (None, False, False),
    ],
)
def test_a_moment_has_to_be_one_and_to_come(answer: Answer, fits: bool, enough: bool) -> None:
    assert MOMENT.fits(answer) is fits
    assert MOMENT.enough(answer) is enough
