"""What is wrong with the questions of a plan is said in one sentence, before anything is kept."""

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from storage import plans
from storage.plan_items import BadPlan, ChecklistPart, check_checklists
from tests.conftest import PLAN
from tests.phone import Office

Fields = dict[str, Any]
YES_NO = {"key": "any", "kind": "yes_no", "text": "Any?"}
COUNT = {"key": "count", "kind": "number", "text": "How many?"}
NAME = {"key": "name", "kind": "text", "text": "Name?"}
MODELS = {"key": "model", "kind": "group", "text": "More?", "each": "Model", "item": [NAME]}
CHECK = {"left": ["count"], "is": "at most", "right": ["last.count"], "say": "Too many."}


def checklist(*items: Fields, checks: tuple[Fields, ...] = (), code: str = "c") -> ChecklistPart:
    part = {"code": code, "title": "C", "item": list(items), "check": list(checks)}
    return ChecklistPart.model_validate(part)


def fault(*parts: ChecklistPart) -> str:
    with pytest.raises(BadPlan) as bad:
        check_checklists(list(parts), {"III.4"})
    return str(bad.value)


def test_a_checklist_without_fault() -> None:
    grouped = {**MODELS, "when": {"key": "any", "is": True}, "least": 0, "most": 50}
    inner = {**NAME, "key": "by", "when": {"key": "name", "is": "x"}}
    grouped["item"] = [NAME, inner]
    compared = {**COUNT, "over": "year", "same_as": "d.count"}
    parts = [
        checklist(YES_NO, compared, grouped, checks=(CHECK,)),
        checklist(COUNT, code="d"),
    ]
    check_checklists(parts, set())


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([YES_NO, YES_NO], "item any: the key stands twice"),
        (
            [{**YES_NO, "when": {"key": "count", "is": 1}}, COUNT],
            "item any: `when` must name an earlier item",
        ),
        (
            [MODELS, {**YES_NO, "when": {"key": "model", "is": 1}}],
            "item any: `when` cannot name a group",
        ),
        ([{**YES_NO, "clause": "IX"}], "item any: clause IX is not in this file"),
        ([{**YES_NO, "kind": "choice"}], "item any: needs options"),
        ([{**COUNT, "note": "no"}], "item count: `note` is for yes_no"),
        ([{**YES_NO, "note": "not"}], "item any: `note` is yes, no or either"),
        ([{**COUNT, "low": 3, "high": 2}], "item count: `low` is above its upper bound"),
        ([{**MODELS, "least": 3, "most": 2}], "item model: `least` is above its upper bound"),
        ([{**MODELS, "most": 51}], "item model: a group has from 0 to 50 things"),
        ([{**NAME, "over": "year"}], "item name: `over` is for a number"),
        ([{**NAME, "each": "Model"}], "item name: `each` and `item` are for a group"),
        ([{**MODELS, "item": []}], "item model: a group needs `each` and at least one item"),
        ([{**MODELS, "item": [MODELS]}], "item model: a group cannot stand in a group"),
        (
            [{**MODELS, "item": [{**COUNT, "over": "year"}]}],
            "item model, item count: nothing is compared inside a group",
        ),
        (
            [NAME, MODELS],
            "item model, item name: the key stands outside the group too",
        ),
        (
            [{**MODELS, "item": [{**NAME, "key": "a" * 22}]}],
            "item model, item " + "a" * 22 + ": both keys together may have 26 characters",
        ),
        (
            [{**MODELS, "item": [{**NAME, "kind": "choices"}]}],
            "item model, item name: needs options",
        ),
        ([{**COUNT, "same_as": "c.other"}], "item count: `same_as` c.other is not in this file"),
        (
            [YES_NO, {**COUNT, "same_as": "c.any"}],
            "item count: `same_as` must be of the same kind, and no files or group",
        ),
    ],
)
def test_a_fault_of_an_item(items: list[Fields], said: str) -> None:
    assert fault(checklist(*items)) == f"checklist c, {said}"


PUPILS = {**MODELS, "item": [NAME, {**COUNT, "key": "pupils"}]}
INSIDE = "last.model.pupils: nothing is recalled from inside a group"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"left": ["other"]}, "other is no item of this checklist"),
        ({"right": ["last.other"]}, "other is no item of this checklist"),
        ({"right": ["any"]}, "any is no number"),
        ({"left": ["last.count"]}, "compares nothing of this report"),
        ({"left": ["model.name"]}, "model.name is no number"),
        ({"left": ["model.count"]}, "model.count is no item of this checklist"),
        ({"left": ["last.model.pupils"]}, INSIDE),
    ],
)
def test_a_fault_of_a_check(changed: Fields, said: str) -> None:
    part = checklist(YES_NO, COUNT, PUPILS, checks=({**CHECK, **changed},))
    assert fault(part) == f"checklist c, check 1: {said}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda plan: plan["checklist"][0].update(check=[{**CHECK, "is": "under"}]), "check.0.is"),
        (lambda plan: plan["checklist"][0]["item"][0].update(over="month"), "item.0.over"),
    ],
)
def test_a_word_that_is_none_is_named_by_its_place(
    change: Callable[[Fields], None], said: str
) -> None:
    plan = tomllib.loads(PLAN.read_text(encoding="utf-8"))
    change(plan)
    with pytest.raises(ValueError, match=said):
        plans.Plan.model_validate(plan)


def test_checks_alone_make_a_new_revision(office: Office) -> None:
    plan = plans.read_plan(PLAN)
    check = {**CHECK, "left": ["extinguishers"], "right": ["last.extinguishers"]}
    part = plan.checklist[0].model_dump(by_alias=True) | {"check": [check]}
    changed = plan.model_copy(
        update={"checklist": [ChecklistPart.model_validate(part), *plan.checklist[1:]]}
    )
    with Session(office.engine) as session:
        assert plans.publish(session, plan, office.now).revisions == 0
        assert plans.publish(session, changed, office.now).revisions == 1
        assert plans.publish(session, changed, office.now).revisions == 0
