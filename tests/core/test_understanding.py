"""Sentences as teachers type them: understood, or left alone, and never acted upon wrongly."""

import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fold import fold
from core.understanding.named import named
from core.understanding.period import Period, named_span, span
from core.understanding.rules import IN_PASSING, RULES, TOLD_AS, Intent
from core.understanding.sentence import LONGEST, Understood, understand
from core.understanding.shape import Shape, shape
from storage.phrasebooks import FOLDER, LANGUAGES, all_books

SENTENCES = Path(__file__).with_name("sentences")
FRIDAY = date(2018, 6, 1)
LEAST_RIGHT = 0.95
Row = dict[str, Any]


def told(text: str) -> Understood:
    return understand(text, FRIDAY, all_books())


def rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def judged(path: Path) -> tuple[float, list[str]]:
    """The share that is right, and the sentences that something else would be done for."""
    right, wrong = 0, []
    for row in (all_rows := rows(path)):
        fine = {row["intent"], *row.get("also_acceptable", [])}
        intent = told(row["text"]).intent
        meant = intent if intent in fine else TOLD_AS.get(intent, intent) if intent else None
        right += meant in fine
        if meant is not None and meant not in fine:
            wrong.append(row["text"])
    return right / len(all_rows), wrong


@pytest.mark.parametrize("half", ["looked_at", "held_out"])
def test_sentences_are_understood_and_none_is_mistaken(half: str) -> None:
    """The lists were written with the one half in sight, and only measured with the other."""
    share, wrong = judged(SENTENCES / f"{half}.jsonl")
    assert wrong == []
    assert share >= LEAST_RIGHT


def test_each_half_has_every_intent_and_many_sentences_of_none() -> None:
    for half in ("looked_at", "held_out"):
        count = Counter(row["intent"] for row in rows(SENTENCES / f"{half}.jsonl"))
        assert set(count) == {*Intent, None}
        assert count[None] >= 30


@pytest.mark.skipif("UTTERANCES" not in os.environ, reason="UTTERANCES names no file of sentences")
def test_sentences_of_another_hand_are_understood() -> None:
    path = Path(os.environ["UTTERANCES"])
    _share, wrong = judged(path)
    assert wrong == []
    missed = [row for row in rows(path) if told(row["text"]).intent is None]
    assert len(missed) <= 1


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Báo cáo 6 tháng hạn khi nào?", Intent.DEADLINE_OF),
        ("BC 6 THANG HAN KHI NAO", Intent.DEADLINE_OF),
        ("baos caos 6 thangs hanj khi naof", Intent.DEADLINE_OF),
        ("bao cao 6 thang han khi nao", Intent.DEADLINE_OF),
        ("huy dang ky", Intent.STOP),
        ("dang ky", Intent.REGISTER),
        ("em muốn nộp muộn được không", Intent.EXTENSION_REQUEST),
        ("em muốn nộp báo cáo", Intent.SUBMIT_REPORT),
        ("gửi lại em mẫu báo cáo", Intent.RESEND_FILE),
        ("em gửi lại báo cáo", Intent.UPLOAD_DOCUMENT),
        ("dealine bao cao", Intent.DEADLINE_OF),
        ("?", Intent.HELP),
        ("báo cáo?", None),
        ("đúng", None),
        ("", None),
    ],
)
def test_marks_slips_and_order_decide(text: str, intent: Intent | None) -> None:
    assert told(text).intent == intent


def test_two_meanings_are_both_offered() -> None:
    both = told("em nộp báo cáo, cho gặp chuyên viên với")
    assert both.intent is None
    assert set(both.candidates) == {Intent.SUBMIT_REPORT, Intent.ASK_PHONG}


def test_the_time_the_days_and_the_duty_are_told() -> None:
    assert told("tuần này nộp bc gì").period is Period.THIS_WEEK
    assert told("xin lùi sang 15/6 hoặc thứ hai tuần sau").dates == (
        date(2018, 6, 15),
        date(2018, 6, 4),
    )
    assert told("hạn bc dân vận 6 tháng khi nào").duty == "bao cao dan van 6 thang"
    assert told("chuyển sang tiếng anh").language == "en"
    assert told("đây ạ KH_danvan_2018.docx").file == "KH_danvan_2018.docx"


def test_a_story_is_nobody_s_wish() -> None:
    assert told("hạn báo cáo khi nào " * 20) == Understood()
    assert len("hạn báo cáo khi nào " * 20) > LONGEST


@given(st.text(max_size=LONGEST + 10))
def test_whatever_is_typed_is_read(text: str) -> None:
    found = told(text)
    assert found.intent is None or found.candidates == (found.intent,)
    shape(text, all_books())


def test_every_word_of_the_rules_is_in_the_phrasebook() -> None:
    marks = {"=", "~"}
    asked = {
        about.lstrip("!?")
        for rules in RULES.values()
        for rule in rules
        for word in rule.split()
        if word not in marks and not word.startswith("<")
        for about in word.split("|")
    }
    assert asked - set(written("vi")["about"]) == {"period"}
    assert set(written("vi")["about"]) - asked - IN_PASSING == set()
    assert set(written("en")["about"]) <= set(written("vi")["about"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phrase_is_folded_and_about_one_thing(language: str) -> None:
    phrases = list(phrases_of(written(language)))
    assert [phrase for phrase in phrases if fold(phrase) != phrase] == []
    assert [phrase for phrase, count in Counter(phrases).items() if count > 1] == []
    short = written(language)["short"]
    assert [key for key, said in short.items() if key == said or key in phrases] == []


def written(language: str) -> Row:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def phrases_of(book: Row) -> Iterator[str]:
    yield from book["filler"].split()
    for part in (book["period"], book["about"]):
        for phrases in part.values():
            yield from phrases


def test_nothing_is_read_before_the_first_sentence() -> None:
    program = (
        "import handlers; from storage.phrasebooks import all_books;"
        "raise SystemExit(all_books.cache_info().currsize)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (Period.TODAY, "2018-06-01", "2018-06-01"),
        (Period.TOMORROW, "2018-06-02", "2018-06-02"),
        (Period.THIS_WEEK, "2018-05-28", "2018-06-03"),
        (Period.NEXT_WEEK, "2018-06-04", "2018-06-10"),
        (Period.THIS_MONTH, "2018-06-01", "2018-06-30"),
        (Period.NEXT_MONTH, "2018-07-01", "2018-07-31"),
        (Period.THIS_QUARTER, "2018-04-01", "2018-06-30"),
        (Period.THIS_YEAR, "2018-01-01", "2018-12-31"),
    ],
)
def test_a_period_is_days(period: Period, first: str, last: str) -> None:
    assert span(period, FRIDAY) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("thang 10 nop gi", ("2018-10-01", "2018-10-31")),
        ("thang 6", ("2018-06-01", "2018-06-30")),
        ("thang 2", ("2019-02-01", "2019-02-28")),
        ("thang 12/2019", ("2019-12-01", "2019-12-31")),
        ("quy iii nam 2020 co gi", ("2020-07-01", "2020-09-30")),
        ("quy 2", ("2018-04-01", "2018-06-30")),
        ("quy 1", ("2019-01-01", "2019-03-31")),
        ("bao cao 6 thang 2018", None),
        ("20 thang 11 nop gi", None),
        ("thang 13", None),
        ("quy che", None),
    ],
)
def test_a_month_or_quarter_that_is_named_is_days(text: str, days: tuple[str, str] | None) -> None:
    found = named_span(text, FRIDAY)
    assert (found and tuple(day.isoformat() for day in found)) == days


TITLES = {
    1: "Báo cáo 6 tháng năm 2018",
    2: "Báo cáo cuối năm 2018",
    3: "Kế hoạch dân vận năm 2018",
    4: "Kế hoạch thực hiện Quy chế dân chủ năm 2018",
}


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("6 thang", [1]),
        ("bao cao", [1, 2]),
        ("bao cao danvan cuoi nam", [2]),
        ("ke hoach danvan", [3]),
        ("quy che dan chu", [4]),
        ("nuoi duong", []),
        ("cong van phong chong dich benh", []),
    ],
)
def test_a_duty_is_found_by_its_words(words: str, keys: list[int]) -> None:
    assert named(words, TITLES) == keys


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("Trời đẹp quá", Shape("2-3", False, "vi")),
        ("truong em co 12 lop hoc", Shape("4-7", True, "vi without marks")),
        ("12", Shape("1", True, "other")),
        ("what is this for you and me my friend", Shape("8+", False, "en")),
        ("привет", Shape("1", False, "other")),
    ],
)
def test_only_the_shape_of_a_miss_is_noted(text: str, noted: Shape) -> None:
    assert shape(text, all_books()) == noted
