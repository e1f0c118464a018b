"""A form: whatever a person does, no answer is lost, and the way ends in a review."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.checks import Check, Relation
from core.form import CHANGE, REVIEW, Form, Progress, Submitted
from core.group import ADD, Group, More
from core.message import verbatim
from core.question import (
    Answer,
    Files,
    Last,
    Misread,
    Number,
    OneChoice,
    Question,
    SeveralChoices,
    Text,
    When,
    YesNo,
)
from core.screen import Input, Picked, Typed, Uploaded

TITLE = verbatim("A form")
OPTIONS = {"a": verbatim("Apple"), "b": verbatim("Banana")}
VALUES: dict[type[Question], tuple[Answer, ...]] = {
    YesNo: (True, False),
    OneChoice: ("a", "b"),
    SeveralChoices: ("a", "b"),
}


def ask(key: str, kind: type[Question] = Text, **how: object) -> Question:
    if kind in (OneChoice, SeveralChoices):
        how["options"] = OPTIONS
    return kind(key, verbatim(key), **how)  # type: ignore[arg-type]


CHAIN = Form(
    TITLE,
    (
        ask("plan", YesNo),
        ask("signed", YesNo, when=When("plan", (True,))),
        ask("by", Text, when=When("signed", (True,))),
        ask("notes", Text, optional=True),
    ),
)


def walk(form: Form, *inputs: Input, at: Progress | None = None) -> Progress:
    here = form.resume(at or Progress())
    for one in inputs:
        here = form.step(here, one)
    return here


def edit(number: int) -> Input:
    return Picked(f"edit:q{number}")


YES, NO, BACK = Picked("answer:yes"), Picked("answer:no"), Picked("back")
SKIP, KEEP, SUBMIT = Picked("skip"), Picked("keep"), Picked("submit")


def test_when_chains_are_asked_only_while_all_hold() -> None:
    assert walk(CHAIN, NO).at == "notes"
    assert CHAIN.place(walk(CHAIN, NO)) == (2, 2)
    assert CHAIN.place(walk(CHAIN, YES, YES)) == (3, 4)
    here = walk(CHAIN, YES, YES, Typed("An"), SKIP)
    assert here.at == REVIEW
    changed = walk(CHAIN, Picked("edit:plan"), NO, at=here)
    assert changed.at == REVIEW
    assert CHAIN.place(changed) == (2, 2)
    with pytest.raises(Submitted) as submitted:
        walk(CHAIN, SUBMIT, at=changed)
    assert submitted.value.answers == {"plan": False, "notes": None}
    back_again = walk(CHAIN, Picked("edit:plan"), YES, at=changed)
    assert back_again.at == REVIEW
    assert back_again.answers["by"] == "An"


def test_back_goes_through_what_is_asked() -> None:
    here = walk(CHAIN, NO, BACK)
    assert here.at == "plan"
    assert walk(CHAIN, BACK, at=here).at == "plan"
    assert walk(CHAIN, KEEP, at=here).at == "notes"


def test_an_answer_can_be_kept_only_once_there_is_one() -> None:
    with pytest.raises(Misread):
        walk(CHAIN, KEEP)
    with pytest.raises(Misread):
        walk(CHAIN, NO, SKIP, Picked("edit:plan"), SKIP)


def test_on_the_review_only_its_choices_act() -> None:
    here = walk(CHAIN, NO, SKIP)
    for one in (Typed("yes"), YES, KEEP, Picked("edit:signed"), Picked("plan x"), SKIP):
        with pytest.raises(Misread):
            CHAIN.step(here, one)
    assert walk(CHAIN, Picked(CHANGE), BACK, at=here).at == REVIEW
    assert walk(CHAIN, BACK, at=here).at == "notes"


def test_a_form_without_a_review_ends_with_its_last_answer() -> None:
    form = Form(TITLE, (ask("plan", YesNo), ask("by")), reviewed=False)
    with pytest.raises(Submitted) as submitted:
        walk(form, YES, Typed("An"))
    assert submitted.value.answers == {"plan": True, "by": "An"}


def test_a_question_called_like_a_place_is_asked() -> None:
    form = Form(TITLE, (ask("review"), ask("change"), ask("submit")))
    here = walk(form, *(Typed("x"),) * 3)
    assert here.at == REVIEW
    assert here.answers == {"review": "x", "change": "x", "submit": "x"}
    assert walk(form, Picked("edit:change"), Typed("y"), at=here).answers["change"] == "y"


def test_a_question_that_vanished_is_passed_over() -> None:
    here = walk(CHAIN, YES)
    assert here.at == "signed"
    shorter = Form(TITLE, (ask("plan", YesNo), ask("notes", optional=True)))
    assert shorter.resume(here) == replace(here, at="notes")
    assert shorter.resume(replace(here, answers={"plan": True, "notes": "x"})).at == REVIEW


def test_a_question_that_is_new_is_asked_before_the_review() -> None:
    here = walk(CHAIN, NO, SKIP)
    longer = replace(CHAIN, questions=(*CHAIN.questions, ask("new")))
    assert longer.resume(here).at == "new"


# Whatever the form, whatever is done

kinds = st.sampled_from([YesNo, OneChoice, SeveralChoices, Number, Text, Files])
lasts = st.none() | st.sampled_from([Last(0, "June"), Last(500, "June")])
Draw = Callable[[st.SearchStrategy[Any]], Any]


@st.composite
def questions(draw: Draw, key: str, known: list[Question]) -> Question:
    """known: those before it, on whose answers it may depend."""
    when = None
    deciding = [question for question in known if type(question) in VALUES]
    if deciding and draw(st.booleans()):
        on = draw(st.sampled_from(deciding))
        values = draw(st.lists(st.sampled_from(VALUES[type(on)]), min_size=1, max_size=2))
        when = When(on.key, tuple(values))
    kind = draw(kinds)
    last = draw(lasts) if kind is Number else None
    return ask(key, kind, optional=draw(st.booleans()), when=when, last=last)


@st.composite
def groups(draw: Draw, key: str, known: list[Question]) -> Group:
    least = draw(st.integers(0, 2))
    most = draw(st.integers(max(least, 1), 3))
    named: dict[str, Any] = {"each": verbatim("Thing"), "least": least, "most": most}
    inner: list[Question] = []
    for number in range(draw(st.integers(1, 3))):
        inner.append(draw(questions(f"i{number}", inner)))
    when = draw(questions(key, known)).when
    return Group(More(key, verbatim("More?"), when=when, **named), tuple(inner))


@st.composite
def forms(draw: Draw) -> Form:
    """With up to two checks, which numbers of nought always pass."""
    asked: list[Question | Group] = []
    plain: list[Question] = []
    for number in range(draw(st.integers(1, 6))):
        if draw(st.integers(0, 3)) == 0:
            asked.append(draw(groups(f"q{number}", plain)))
        else:
            plain.append(draw(questions(f"q{number}", plain)))
            asked.append(plain[-1])
    numbers = [question.key for question in plain if isinstance(question, Number)]
    checks = draw(st.lists(checks_of(numbers), max_size=2)) if len(numbers) > 1 else []
    return Form(TITLE, tuple(asked), checks=tuple(checks))


def checks_of(numbers: list[str]) -> st.SearchStrategy[Check]:
    return st.builds(
        lambda keys, relation, refuses: Check(
            tuple(keys[:1]), relation, tuple(keys[1:]), verbatim("They differ."), refuses
        ),
        st.lists(st.sampled_from(numbers), min_size=2, unique=True),
        st.sampled_from(Relation),
        st.booleans(),
    )


anything = st.one_of(
    st.sampled_from([Typed("5"), Typed("0"), Typed("words"), Uploaded(1, "a.jpg")]),
    st.sampled_from(
        [BACK, SKIP, KEEP, YES, NO, *map(Picked, ("done", "answer:a", "answer:b", "answer:none"))]
    ),
    st.sampled_from([*map(Picked, (ADD, "drop", "drop:1", "drop:2", "restore:1"))]),
    st.sampled_from([*map(Picked, ("same", "again", CHANGE)), *map(edit, range(6))]),
)
places = st.text(max_size=5) | st.sampled_from(["q0", "q3", REVIEW, CHANGE])
STORED: dict[type[Question], st.SearchStrategy[Answer]] = {
    YesNo: st.booleans(),
    OneChoice: st.sampled_from(["a", "b", "an option of before"]),
    SeveralChoices: st.sampled_from([[], ["a"], ["b", "an option of before"]]),
    Number: st.integers(),
    Text: st.text(),
    Files: st.sampled_from([[], [{"upload": 1, "name": "a.jpg"}]]),
    More: st.sampled_from(
        [
            True,
            {"present": [], "dropped": [], "whole": False},
            {"present": [1, 3], "dropped": [2], "whole": True},
        ]
    ),
}


@given(forms(), places, st.data())
def test_to_resume_loses_nothing_and_can_be_shown(
    form: Form, at: str, data: st.DataObject
) -> None:
    stored = {key: st.none() | STORED[type(one)] for key, one in form.every({}).items()}
    kept = data.draw(st.fixed_dictionaries({"of another form": st.just("x")}, optional=stored))
    here = form.resume(Progress(at, kept))
    assert here.answers == kept
    assert form.screen(here).lines
    assert form.resume(here) == here
    number, total = form.place(here)
    assert (1 <= number <= total) or here.at in (REVIEW, CHANGE)


@settings(max_examples=200)
@given(forms(), st.lists(anything, max_size=25))
def test_any_walk_keeps_what_was_answered_and_can_end_in_a_review(
    form: Form, inputs: list[Input]
) -> None:
    here = form.resume(Progress())
    for one in inputs:
        try:
            there = form.step(here, one)
        except Misread:
            there = here
        changed = {k for k, v in there.answers.items() if here.answers.get(k, "?") != v}
        assert changed <= {here.at, here.at.partition(".")[0]}
        assert here.answers.keys() <= there.answers.keys()
        assert form.resume(there) == there
        assert Progress(there.at, json.loads(json.dumps(there.answers))) == there
        assert form.screen(there).lines
        here = there
    with pytest.raises(Submitted) as submitted:
        form.step(to_the_review(form, here), SUBMIT)
    check_whole(form, submitted.value.answers)


def to_the_review(form: Form, here: Progress) -> Progress:
    """Answer each question that is shown, and set to nought what the review objects to."""
    for _step in range(200):
        if here.at == REVIEW and SUBMIT in offered(form, here):
            return here
        here = once(form, here)
    raise AssertionError(f"no review after {here}")


def once(form: Form, here: Progress) -> Progress:
    """One step on from wherever one is."""
    if here.at == REVIEW:
        failing = [way for way in offered(form, here) if way != Picked(CHANGE)]
        for way in failing:
            here = form.step(here, way)
            here = Progress(REVIEW, form.step(here, Typed("0")).answers)
        return form.resume(here)
    for one in (BACK,) if here.at == CHANGE else (KEEP, *ANSWERS):
        try:
            return form.step(here, one)
        except Misread:
            continue
    raise AssertionError(f"nothing leads on from {here}")


def offered(form: Form, here: Progress) -> list[Input]:
    return [Picked(choice.action) for choice in form.screen(here).choices]


ANSWERS = (Picked("done"), Picked(ADD), YES, Picked("answer:a"), Typed("5"), Uploaded(1, "a.jpg"))


def check_whole(form: Form, given_answers: dict[str, Answer]) -> None:
    """Exactly what is asked is handed in, and all of it is answered."""
    asked = form.asked(given_answers)
    assert list(asked) == list(given_answers)
    assert all(question.enough(given_answers[key]) for key, question in asked.items())
    for question in form.questions:
        if not isinstance(question, Group) and question.when:
            assert (question.key in asked) is question.when.holds(given_answers)
    assert not any(check.refuses and check.fails(given_answers) for check in form.checks)


# Asked once more


AGAIN = Form(TITLE, (ask("a"), ask("b"), ask("c", Text, optional=True), ask("d")))
FULL = {"a": "1", "b": "2", "c": None, "d": "4"}


def test_what_is_to_be_looked_at_again_is_asked_in_order_and_then_reviewed() -> None:
    here = walk(AGAIN, at=Progress(answers=dict(FULL), again=frozenset({"b", "d"})))
    assert here.at == "b"
    there = walk(AGAIN, KEEP, at=here)
    assert (there.at, there.again) == ("d", frozenset({"d"}))
    done = walk(AGAIN, Typed("5"), at=there)
    assert (done.at, done.again) == (REVIEW, frozenset())
    assert done.answers == {**FULL, "d": "5"}


def test_an_answer_changed_from_the_review_leads_back_to_it() -> None:
    done = walk(AGAIN, KEEP, at=Progress(answers=dict(FULL), again=frozenset({"d"})))
    assert walk(AGAIN, Picked("edit:a"), Typed("9"), at=done).at == REVIEW


def test_what_is_asked_no_more_is_not_looked_at_again() -> None:
    answers: dict[str, Answer] = {"plan": False, "by": "An", "notes": None}
    here = walk(CHAIN, at=Progress(answers=answers, again=frozenset({"by"})))
    assert here.at == REVIEW
