"""The same questions about several things: each keeps its keys, whatever happens to the others."""

import pytest

from bot.i18n import say
from core.form import CHANGE, REVIEW, Form, Progress, Submitted
from core.group import ADD, Group, More, drop
from core.message import verbatim
from core.question import Files, Misread, Text, When, YesNo
from core.screen import Input, Picked, Typed, Uploaded

YES, NO, BACK, DONE = (Picked(a) for a in ("answer:yes", "answer:no", "back", "done"))
PLUS = Picked(ADD)


def group(least: int = 1, most: int = 3) -> Group:
    more = More("model", verbatim("More?"), each=verbatim("Model"), least=least, most=most)
    return Group(
        more,
        (
            Text("name", verbatim("Name?")),
            YesNo("plan", verbatim("Planned?")),
            Files("proof", verbatim("Photo?"), optional=True, when=When("plan", (True,))),
        ),
    )


def form(least: int = 1, most: int = 3) -> Form:
    asked = (YesNo("any", verbatim("Any?")), group(least, most), Text("end", verbatim("End?")))
    return Form(verbatim("A form"), asked)


def walk(form: Form, *inputs: Input, at: Progress | None = None) -> Progress:
    here = form.resume(at or Progress())
    for one in inputs:
        here = form.resume(form.step(here, one))
    return here


def lines(form: Form, here: Progress) -> list[str]:
    return [say(line, "en") for line in form.screen(here).lines]


def offered(form: Form, here: Progress) -> list[str]:
    return [say(choice.label, "en") for choice in form.screen(here).choices]


TWO = (YES, Typed("Yard"), NO, PLUS, Typed("Choir"), YES, Uploaded(7, "choir.jpg"), DONE)


def test_as_many_as_must_be_are_asked_at_once_and_one_more_after_yes() -> None:
    here = walk(form(), *TWO)
    assert list(here.answers) == [
        "any",
        "model.1.name",
        "model.1.plan",
        "model",
        "model.2.name",
        "model.2.plan",
        "model.2.proof",
    ]
    assert here.at == "model"
    assert walk(form(), DONE, at=here).at == "end"
    assert walk(form(least=2), YES, Typed("Yard"), NO).at == "model.2.name"
    assert walk(form(least=0), YES).at == "model"
    assert walk(form(least=0), YES, DONE).at == "end"


def test_what_is_asked_is_named_by_its_place() -> None:
    here = walk(form(), *TWO[:4])
    assert lines(form(), here) == ["A form (4/7)", "Model 2: Name?"]
    assert offered(form(), here) == ["Back", "Take out Model 2"]


def test_a_review_stands_in_groups() -> None:
    here = walk(form(), *TWO, DONE, Typed("bye"))
    assert lines(form(), here) == [
        "A form: check your answers",
        "1. Any? → Yes",
        "Model 1",
        "2. Name? → Yard",
        "3. Planned? → No",
        "Model 2",
        "4. Name? → Choir",
        "5. Planned? → Yes",
        "6. Photo? → 1 file: choir.jpg",
        "7. More? → Model: 2",
        "8. End? → bye",
    ]
    assert offered(form(), walk(form(), Picked(CHANGE), at=here))[3] == "4. Choir – Model 2: Name?"


def test_one_is_taken_out_and_the_others_keep_their_answers() -> None:
    here = walk(form(), *TWO, PLUS, Typed("Garden"), NO, Typed("x"))
    before = dict(here.answers)
    assert here.at == REVIEW  # there may be no more than three
    here = walk(form(), Picked("edit:model"), at=here)
    assert offered(form(), here) == [
        "No, that is all",
        "Take out Model 1 – Yard",
        "Take out Model 2 – Choir",
        "Take out Model 3 – Garden",
        "Back",
    ]
    here = walk(form(), Picked(drop(1)), at=here)
    assert here.at == "model"
    assert {k: v for k, v in here.answers.items() if k != "model"} == {
        k: v for k, v in before.items() if k != "model"
    }
    with pytest.raises(Submitted) as submitted:
        walk(form(), DONE, Picked("submit"), at=here)
    sent = submitted.value.answers
    assert sent["model"] == {"present": [2, 3], "dropped": [1], "whole": True}
    assert sent["model.2.proof"] == [{"upload": 7, "name": "choir.jpg"}]
    assert sent["model.3.name"] == "Garden"
    assert "model.1.name" not in sent


def test_what_was_taken_out_can_be_put_back_and_gives_its_number_to_no_other() -> None:
    here = walk(form(), *TWO, Picked(drop(2)))
    assert offered(form(), here) == [
        "Yes, add one",
        "No, that is all",
        "Put back Model – Choir",
        "Back",
    ]
    assert walk(form(), PLUS, at=here).at == "model.3.name"
    back = walk(form(), Picked("restore:2"), DONE, at=here)
    assert back.at == "end"
    assert "model.2.proof" in form().asked(back.answers)


def test_one_that_was_added_by_mistake_can_go_before_it_is_filled_in() -> None:
    here = walk(form(), *TWO[:4], Picked("drop"))
    assert here.at == "model"
    assert offered(form(), here) == ["Yes, add one", "No, that is all", "Back"]
    assert walk(form(), DONE, at=here).at == "end"


def test_none_goes_below_the_least_nor_above_the_most() -> None:
    here = walk(form(), *TWO[:3])
    for wrong in (Picked(drop(1)), Picked("drop"), Picked("restore:1"), Typed("one")):
        with pytest.raises(Misread):
            form().step(here, wrong)
    full = walk(form(most=2), *TWO[:4], Typed("Choir"), NO)
    assert full.at == "end"
    with pytest.raises(Misread):
        form(most=2).step(walk(form(most=2), BACK, at=full), PLUS)


def test_nothing_is_asked_about_any_where_the_group_is_not_asked() -> None:
    more = More("model", verbatim("More?"), each=verbatim("Model"), when=When("any", (True,)))
    only_if_any = Form(
        verbatim("A form"), (YesNo("any", verbatim("Any?")), Group(more, group().questions))
    )
    assert walk(only_if_any, NO).at == REVIEW
    assert walk(only_if_any, YES).at == "model.1.name"
