"""The bundled sample keeps the rules of its format and the words of its document."""

import re
import tomllib
from collections import Counter
from datetime import date
from typing import Any

import pytest

from core.calendar import opens_on, parse_rule
from core.fold import alike, fold
from storage.samples import PLAN, units

Row = dict[str, Any]

SOURCE = PLAN.read_text(encoding="utf-8")
SAMPLE: Row = tomllib.loads(SOURCE)
CHECKLISTS: dict[str, list[Row]] = {part["code"]: part["item"] for part in SAMPLE["checklist"]}
GROUPS = [
    pytest.param(item, id=f"{code}:{item['key']}")
    for code, items in CHECKLISTS.items()
    for item in items
    if item["kind"] == "group"
]
ITEMS = [
    pytest.param(inner, id=f"{code}:{item['key']}:{inner['key']}")
    for code, items in CHECKLISTS.items()
    for item in items
    for inner in (item, *item.get("item", ()))
]
ANCHORS = [clause["anchor"] for clause in SAMPLE["clause"]]
ALWAYS = {"key", "kind", "text"}
ANY = {"help", "clause", "section", "optional", "when", "same_as"}
FIELDS = {
    "yes_no": {"note"},
    "choice": {"options"},
    "choices": {"options"},
    "number": {"low", "high", "decimals", "unit", "over", "attended"},
    "date": set(),
    "text": {"longest"},
    "link": set(),
    "files": {"least", "most"},
    "group": {"each", "least", "most", "item"},
}
LONGEST_QUESTION = 90  # characters, three lines on a phone
LONGEST_LABEL = 32  # characters, one line of a button


def repeated(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def test_codes_anchors_and_keys_are_unique() -> None:
    assert repeated([unit["code"] for unit in units()]) == []
    assert repeated(ANCHORS) == []
    assert repeated([duty["code"] for duty in SAMPLE["duty"]]) == []
    for items in CHECKLISTS.values():
        assert repeated([item["key"] for item in items]) == []


def test_the_document_is_named_as_it_is_cited() -> None:
    document = SAMPLE["document"]
    assert f"{document['number']}/{document['symbol']}" == "09/KH-GD&ĐT"
    assert document["issued_on"] == date(2018, 1, 15)
    assert {document["issuer"]} | {duty["receiver"] for duty in SAMPLE["duty"]} == {"PHONG"}


@pytest.mark.parametrize("item", ITEMS)
def test_an_item_has_the_fields_of_its_kind(item: Row) -> None:
    fields = FIELDS[item["kind"]]
    assert set(item) >= ALWAYS | (fields - {"note", "decimals", "unit", "over", "attended"})
    assert set(item) <= ALWAYS | ANY | fields
    assert re.fullmatch("[a-z][a-z0-9_]{0,29}", item["key"])
    assert item.get("note", "no") in ("yes", "no", "either")


@pytest.mark.parametrize("item", ITEMS)
def test_an_item_is_short_and_within_its_bounds(item: Row) -> None:
    assert len(item["text"]) <= LONGEST_QUESTION
    assert item.get("clause", "III") in ANCHORS
    assert item.get("low", 0) < item.get("high", 1)
    assert 1 <= item.get("least", 1) <= item.get("most", 1) <= 10


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_asks_its_questions_about_at_least_one_thing(group: Row) -> None:
    assert group["least"] >= 1
    assert repeated([inner["key"] for inner in group["item"]]) == []
    assert all("section" not in inner for inner in group["item"])


@pytest.mark.parametrize("code", ["bc-6-thang", "bc-cuoi-nam"])
def test_a_report_compares_its_numbers(code: str) -> None:
    part = next(part for part in SAMPLE["checklist"] if part["code"] == code)
    compared = {key for check in part["check"] for key in (*check["left"], *check["right"])}
    assert {"kien_nghi_giai_quyet", "kien_nghi_nhan", "tap_huan_da", "tap_huan_dien"} <= compared


def test_the_year_counts_on_from_its_first_half() -> None:
    for item in CHECKLISTS["bc-cuoi-nam"]:
        assert "over" not in item or item["same_as"] == f"bc-6-thang.{item['key']}"


@pytest.mark.parametrize("item", ITEMS)
def test_options_are_short_and_differ(item: Row) -> None:
    options = item.get("options", [])
    assert repeated([option["value"] for option in options]) == []
    assert repeated([option["label"] for option in options]) == []
    for option in options:
        assert re.fullmatch("[a-z0-9_-]{1,20}", option["value"])
        assert len(option["label"]) <= LONGEST_LABEL


@pytest.mark.parametrize("items", CHECKLISTS.values(), ids=CHECKLISTS)
def test_a_condition_names_an_earlier_question_and_its_answers(items: list[Row]) -> None:
    earlier: dict[str, set[Any]] = {}
    for item in items:
        if when := item.get("when"):
            wanted = when["is"] if isinstance(when["is"], list) else [when["is"]]
            assert set(wanted) <= earlier[when["key"]], item["key"]
        values = {option["value"] for option in item.get("options", [])}
        earlier[item["key"]] = {True, False} if item["kind"] == "yes_no" else values


@pytest.mark.parametrize("items", CHECKLISTS.values(), ids=CHECKLISTS)
def test_a_section_is_not_left_and_entered_again(items: list[Row]) -> None:
    headings = [item["section"] for item in items]
    changes = [
        now for before, now in zip(["", *headings], headings, strict=False) if now != before
    ]
    assert repeated(changes) == []


@pytest.mark.parametrize("duty", SAMPLE["duty"], ids=lambda duty: duty["code"])
def test_a_duty_is_due_as_the_document_says(duty: Row) -> None:
    rule = parse_rule(duty["due"])
    assert str(rule) == duty["due"]
    assert duty["checklist"] in CHECKLISTS
    assert duty["clause"] in ANCHORS
    for occurrence in rule.occurrences():
        assert ("{period}" in duty["title"]) == bool(occurrence.period)
        if occurrence.due_on:
            opening = opens_on(duty.get("opens", ""), occurrence.due_on)
            assert opening is None or opening < occurrence.due_on


def test_a_school_owes_what_the_document_asks_over_the_years() -> None:
    asked = [found for duty in SAMPLE["duty"] for found in parse_rule(duty["due"]).occurrences()]
    assert sum(found.due_on is not None for found in asked) == 2 + 5 + 5 + 2
    assert sum(found.due_on is None for found in asked) == 4 + 5 + 5 + 5


def test_the_six_month_report_takes_minutes() -> None:
    always = [item for item in CHECKLISTS["bc-6-thang"] if "when" not in item]
    assert len(always) <= 20


@pytest.mark.parametrize("code", ["bc-6-thang", "bc-cuoi-nam"])
def test_both_reports_ask_about_every_goal(code: str) -> None:
    asked = {item.get("clause") for item in CHECKLISTS[code]}
    assert {anchor for anchor in ANCHORS if anchor.startswith("III.")} <= asked


def test_no_codes_of_a_study_slip_in() -> None:
    assert re.findall(r"\b[TMDAPEC]\d{1,2}[a-z]?\b", SOURCE) == []


def test_units_form_a_tree_with_three_levels() -> None:
    known: set[str] = set()
    for unit in units():
        assert unit.get("parent", unit["code"]) in known | {unit["code"]}
        assert re.fullmatch("[A-Z]{3,8}", unit["code"])
        known.add(unit["code"])
    levels = Counter(level for unit in units() for level in unit.get("levels", ()))
    assert set(levels) == {"MN", "TH", "THCS"}
    assert min(levels.values()) >= 10
    assert [unit["code"] for unit in units() if unit["kind"] == "office"] == ["PHONG"]


@pytest.mark.parametrize("unit", units(), ids=lambda unit: unit["code"])
def test_a_school_is_found_by_its_name_typed_without_marks(unit: Row) -> None:
    names = {other["code"]: other["name"] for other in units() if other["kind"] == "school"}
    if unit["kind"] == "school":
        assert alike(fold(unit["name"]), names)[0] == (unit["code"], 100.0)
