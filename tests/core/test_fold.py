"""Names are found again without marks, with slips, and by a part of them."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.fold import alike, fold

SCHOOLS = {
    school: school
    for school in (
        "Trường Tiểu học Quyết Thắng",
        "Trường Mầm non Quyết Thắng",
        "Trường Tiểu học Quyết Tâm",
        "Trường THCS Tô Hiệu",
        "Trường Mầm non Tô Hiệu",
        "Trường Tiểu học Kim Đồng",
        "Trường THCS Lê Quý Đôn",
        "Trường Mầm non Chiềng Cọ",
        "Trường Mầm non Chiềng Cơi",
        "Trường Tiểu học Chiềng Ngần A",
        "Trường Tiểu học Chiềng Ngần B",
        "Trường Mầm non Hoa Ban",
    )
}


def found(typed: str) -> list[str]:
    return [school for school, _score in alike(typed, SCHOOLS)]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Quyết  Thắng", "quyet thang"),
        (" ĐẶNG Đình\tđô\n", "dang dinh do"),
        (unicodedata.normalize("NFD", "Chiềng Cơi"), "chieng coi"),
        ("Hoà, hòa", "hoa, hoa"),
        ("", ""),
    ],
)
def test_marks_case_and_spaces_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@settings(deadline=None)
@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("th quyet thang", "Trường Tiểu học Quyết Thắng"),
        ("trường tiểu học quyết thắng", "Trường Tiểu học Quyết Thắng"),
        ("Tr. TH Quyết Thắng", "Trường Tiểu học Quyết Thắng"),
        ("mam non quyet thang", "Trường Mầm non Quyết Thắng"),
        ("mn quyetthang", "Trường Mầm non Quyết Thắng"),
        ("trung hoc co so to hieu", "Trường THCS Tô Hiệu"),
        ("cấp 2 tô hiệu", "Trường THCS Tô Hiệu"),
        ("em ở trường mn hoa ban tp sơn la ạ", "Trường Mầm non Hoa Ban"),
        ("kim dogn", "Trường Tiểu học Kim Đồng"),
        ("le qui don", "Trường THCS Lê Quý Đôn"),
        ("ngan b", "Trường Tiểu học Chiềng Ngần B"),
    ],
)
def test_the_meant_school_comes_first(typed: str, first: str) -> None:
    assert found(typed)[0] == first


def test_a_name_without_its_level_finds_every_level() -> None:
    assert found("quyet thang")[:2] == [
        "Trường Mầm non Quyết Thắng",
        "Trường Tiểu học Quyết Thắng",
    ]


def test_names_that_fold_nearly_alike_are_all_offered() -> None:
    assert set(found("mn chieng co voi")) >= {
        "Trường Mầm non Chiềng Cọ",
        "Trường Mầm non Chiềng Cơi",
    }


@pytest.mark.parametrize("typed", ["", "   ", "mn", "trường tiểu học", "/nop", "xin chào cả nhà"])
def test_nothing_is_found_for_what_names_no_school(typed: str) -> None:
    assert found(typed) == []


def test_no_more_are_offered_than_asked_for() -> None:
    assert len(alike("chieng", SCHOOLS, most=3)) == 3


def test_nothing_is_found_among_no_names() -> None:
    assert alike("kim dong", {}) == []


@pytest.mark.parametrize("school", SCHOOLS)
def test_one_wrong_letter_still_finds_the_school(school: str) -> None:
    name = fold(school).removeprefix("truong ")
    slips = [name[:at] + name[at + 1 :] for at in range(len(name))]
    slips += [name[:at] + "x" + name[at + 1 :] for at in range(len(name))]
    lost = [slip for slip in slips if school not in found(slip)]
    assert lost == []
