"""Numbers that must agree, with each other and with the last period's."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.i18n import say
from core.checks import Check, Fell, Reason, Relation, is_far
from core.form import REVIEW, Form, Progress, Submitted
from core.group import Group, More
from core.message import verbatim
from core.question import Answer, Last, Misread, Number, Part, Question, When, YesNo
from core.screen import Input, Picked, Typed

KEEP, AGAIN, SUBMIT = Picked("keep"), Picked("again"), Picked("submit")


def number(key: str, last: int | None = None, **how: object) -> Number:
    before = None if last is None else Last(last, "June")
    return Number(key, verbatim(f"{key}?"), last=before, **how)  # type: ignore[arg-type]


def form(*checks: Check, questions: tuple[Question, ...] = ()) -> Form:
    asked = questions or (number("got"), number("done"), number("late"))
    return Form(verbatim("A form"), asked, checks=checks)


def check(left: str, is_: str, right: str, **how: object) -> Check:
    sentence = verbatim(f"{left} {is_} {right}!")
    return Check((left,), Relation(is_), tuple(right.split("+")), sentence, **how)  # type: ignore[arg-type]


def walk(form: Form, *inputs: Input, at: Progress | None = None) -> Progress:
    here = form.resume(at or Progress())
    for one in inputs:
        here = form.resume(form.step(here, one))
    return here


def lines(form: Form, here: Progress) -> list[str]:
    return [say(line, "en") for line in form.screen(here).lines]


def offered(form: Form, here: Progress) -> list[str]:
    return [say(choice.label, "en") for choice in form.screen(here).choices]


@pytest.mark.parametrize(
    ("is_", "answers", "fails"),
    [
        ("at most", {"a": 3, "b": 2, "c": 1}, False),
        ("at most", {"a": 4, "b": 2, "c": 1}, True),
        ("at least", {"a": 2, "b": 2, "c": 1}, True),
        ("equal to", {"a": "3.0", "b": "1.5", "c": "1.5"}, False),
        ("equal to", {"a": 4, "b": 2, "c": 1}, True),
        ("at most", {"a": 9, "b": 2}, False),
        ("at most", {"a": 9, "b": 2, "c": None}, False),
        ("at most", {"a": 9, "b": 2, "c": "many"}, False),
    ],
)
def test_sums_stand_to_each_other_once_all_of_them_are_numbers(
    is_: str, answers: dict[str, Answer], fails: bool
) -> None:
    assert check("a", is_, "b+c").fails(answers) is fails


def test_the_last_period_counts_in_a_sum() -> None:
    with_last = check("a", "at most", "b", before=(Decimal(0), Decimal(2)))
    assert not with_last.fails({"a": 3, "b": 1})
    assert with_last.fails({"a": 4, "b": 1})


def test_a_failing_check_is_said_once_at_the_question_and_refuses_to_be_sent() -> None:
    asked = form(check("done", "at most", "got"))
    here = walk(asked, Typed("5"), Typed("9"))
    assert here.at == "done"
    assert lines(asked, here) == [
        "done at most got!",
        "• done? → 9",
        "• got? → 5",
        "A form (2/3)",
        "done?",
        "Your answer so far: 9",
    ]
    assert offered(asked, here) == ["Correct it later", "Change: got?", "Back"]
    here = walk(asked, KEEP, Typed("0"), at=here)
    assert here.at == REVIEW
    assert lines(asked, here)[-1] == "⚠ done at most got!"
    assert offered(asked, here) == ["Change: done?", "Change: got?", "Change an answer"]
    with pytest.raises(Misread) as refused:
        asked.step(here, SUBMIT)
    assert say(refused.value.hint, "en") == "done at most got!"
    mended = walk(asked, Picked("edit:got"), Typed("9"), at=here)
    assert mended.at == REVIEW
    with pytest.raises(Submitted):
        asked.step(mended, SUBMIT)


def test_the_other_number_can_be_changed_at_once() -> None:
    asked = form(check("done", "at most", "got"))
    here = walk(asked, Typed("5"), Typed("9"), Picked("edit:got"))
    assert here.at == "got"
    assert walk(asked, Typed("7"), at=here).at == "got"
    assert walk(asked, Typed("9"), at=here).at == "late"


def with_models(least: int = 1) -> Form:
    """How many pupils each model has, of all that there are."""
    more = More("model", verbatim("More?"), each=verbatim("Model"), least=least, most=3)
    when = When("pupils", (5,))
    group = Group(more, (number("pupils"), Number("girls", verbatim("girls?"), when=when)))
    checks = (check("model.pupils", "at most", "all"), check("model.girls", "at most", "all"))
    return Form(verbatim("A form"), (number("all"), group), checks=checks)


def test_a_sum_over_the_things_of_a_group_is_looked_at_once_all_are_told() -> None:
    asked = with_models()
    here = walk(asked, Typed("10"), Typed("7"), Picked("answer:add"), Typed("6"))
    assert here.at == "model"
    assert lines(asked, here)[0] == "A form (4/4)"
    here = walk(asked, Picked("done"), at=here)
    assert lines(asked, here)[:4] == [
        "model.pupils at most all!",
        "• Model 1: pupils? → 7",
        "• Model 2: pupils? → 6",
        "• all? → 10",
    ]
    assert offered(asked, here)[-5:-1] == [
        "Correct it later",
        "Change: Model 1: pupils?",
        "Change: Model 2: pupils?",
        "Change: all?",
    ]
    here = walk(asked, KEEP, at=here)
    with pytest.raises(Misread) as refused:
        asked.step(here, SUBMIT)
    assert say(refused.value.hint, "en") == "model.pupils at most all!"
    here = walk(asked, Picked("edit:model.2.pupils"), Typed("3"), at=here)
    with pytest.raises(Submitted):
        asked.step(here, SUBMIT)


def test_what_is_not_asked_about_a_thing_is_not_in_the_sum() -> None:
    asked = with_models()
    here = walk(asked, Typed("10"), Typed("5"), Typed("9"), Picked("answer:add"), Typed("2"))
    assert walk(asked, Picked("done"), at=here).at == REVIEW
    here = walk(asked, Picked("done"), Picked("edit:all"), Typed("8"), at=here)
    assert lines(asked, here)[0] == "model.girls at most all!"


def test_no_things_are_nought() -> None:
    asked = with_models(least=0)
    assert walk(asked, Typed("0"), Picked("done")).at == REVIEW


def test_a_warning_stands_in_nobodys_way() -> None:
    asked = form(check("done", "at most", "got", refuses=False))
    here = walk(asked, Typed("5"), Typed("9"))
    assert offered(asked, here) == ["It is right", "Change: got?", "Back"]
    here = walk(asked, KEEP, Typed("0"), at=here)
    assert lines(asked, here)[-1] == "⚠ done at most got!"
    with pytest.raises(Submitted):
        asked.step(here, SUBMIT)


def test_a_check_of_what_is_not_asked_any_more_says_nothing() -> None:
    questions = (YesNo("any", verbatim("Any?")), number("got"), number("done"))
    asked = form(check("done", "at most", "got"), questions=questions)
    here = walk(asked, Picked("answer:yes"), Typed("5"), Typed("9"), KEEP)
    without = form(check("done", "at most", "got"), questions=questions[:2])
    assert lines(without, without.resume(here)) == [
        "A form: check your answers",
        "1. Any? → Yes",
        "2. got? → 5",
    ]


@pytest.mark.parametrize(
    ("now", "last", "far"),
    [
        (12, 12, False),
        (60, 12, True),
        (59, 12, False),
        (6, 1, False),
        (20, 0, True),
        (19, 0, False),
        (4, 24, True),
        (5, 24, False),
        (950, 900, False),
        ("2.5", 100, True),
        ("a", 100, False),
    ],
)
def test_how_far_is_far(now: Answer, last: int, far: bool) -> None:
    assert is_far(number("n", last), now) is far


def test_without_a_last_time_nothing_is_far() -> None:
    assert not is_far(number("n"), 1000)
    assert not is_far(YesNo("n", verbatim("n?"), last=Last(True, "June")), True)


def test_a_far_number_is_asked_about_and_can_be_entered_again() -> None:
    asked = form(questions=(number("pupils", 12), number("got")))
    here = walk(asked, Typed("120"))
    assert lines(asked, here)[0] == "This is far from the last time (12). Is it right?"
    assert offered(asked, here) == ["It is right", "Enter it again", "Same as last time"]
    assert walk(asked, KEEP, at=here).at == "got"
    again = walk(asked, AGAIN, at=here)
    assert lines(asked, again) == ["A form (1/2)", "pupils?", "Last time: 12 (June)"]
    assert walk(asked, Typed("13"), at=again).at == "got"
    assert walk(asked, Picked("same"), at=again).answers["pupils"] == 12


def test_a_number_over_the_year_falls_only_with_a_reason() -> None:
    reason = Reason("met.note", verbatim("Why?"), when=Fell("met", Decimal(100)), about="met")
    asked = form(questions=(number("met", 100, grows=True), reason))
    here = walk(asked, Typed("3"))
    assert here.at == "met.note"
    assert offered(asked, here) == ["Correct the number", "Back"]
    assert walk(asked, Typed("Counted twice"), at=here).at == REVIEW
    corrected = walk(asked, Picked("edit:met"), Typed("101"), at=here)
    assert corrected.at == REVIEW
    with pytest.raises(Misread):
        walk(asked, Picked("skip"), at=here)


def test_the_first_of_several_things_may_be_another_than_last_time() -> None:
    pupils = number("pupils", last=10)
    assert is_far(pupils, 900)
    assert not is_far(replace(pupils, part=Part("model", 1, verbatim("Model 1"), True)), 900)
