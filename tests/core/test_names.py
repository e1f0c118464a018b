"""No name that somebody gives to a file does harm, and good names stay as they are."""

import unicodedata
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.names import MOST_NAME_BYTES, bound_name, clean_name

WRAPPINGS = [
    "{}",
    "../{}",
    "..\\..\\{}",
    "/etc/{}",
    "C:\\{}",
    "~/{}",
    "{}/../..",
    "./{}/.",
    "{}\x00",
]
HOSTILE = [
    "passwd", "con.pdf", "NUL", "a\nb.pdf", "fdp.\u202eexe", "a\u200b.pdf", "..", ".", "", " ",
    "a" * 400 + ".docx", "ệ" * 200 + ".pdf", "%2e%2e%2f", "-rf", ".bashrc", "$(id).pdf",
    "a|b>c<d?.xlsx", "\ufeff.pdf", "a\u2028b", "COM1.docx.", "\ud800.pdf", "\x7f\x9b", "ổ.pdf ",
    "....//....//x",
]  # fmt: skip


def is_safe(name: str) -> bool:
    hidden = any(unicodedata.category(letter)[0] == "C" for letter in name)
    path = set(name) & set('/\\:*?"<>|')
    edges = name != name.strip() or name.startswith(("-", ".")) or name.endswith(".")
    return bool(name) and not (hidden or path or edges) and len(name.encode()) <= MOST_NAME_BYTES


def test_two_hundred_hostile_names_are_made_safe() -> None:
    names = [wrapping.format(name) for wrapping, name in product(WRAPPINGS, HOSTILE)]
    assert len(names) > 200
    assert [name for name in names if not is_safe(clean_name(name))] == []


@pytest.mark.parametrize(
    "name", ["Kế hoạch năm học 2026-2027.docx", "Ảnh (1).heic", "01_BC tuần.v2.xlsx", "đ"]
)
def test_a_good_name_stays(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        (unicodedata.normalize("NFD", "Kế hoạch.pdf"), "Kế hoạch.pdf"),
        ("KH 01/2018.docx", "KH 01-2018.docx"),
        ("fdp.\u202eexe", "fdp.exe"),
        ("nul.pdf", "_nul.pdf"),
        ("", "file"),
        ("../..", "file"),
        (".pdf", "pdf"),
    ],
)
def test_what_becomes_of_a_name(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def test_a_long_name_keeps_its_extension_and_whole_letters() -> None:
    clean = clean_name("Kế hoạch " * 60 + ".docx")
    assert clean.endswith(".docx")
    assert MOST_NAME_BYTES - 12 < len(clean.encode()) <= MOST_NAME_BYTES


@given(st.text(st.characters(), max_size=300))
def test_any_name_is_safe_and_cleaning_it_again_changes_nothing(name: str) -> None:
    clean = clean_name(name)
    assert is_safe(clean)
    assert clean_name(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)


@pytest.mark.parametrize(
    ("unit", "duty", "period", "version", "number", "name"),
    [
        ("THQT", "bc-6-thang", "2018", 1, 1, "THQT_BC6T_2018_v1.pdf"),
        ("THQT", "bc-6-thang", "2018", 2, 3, "THQT_BC6T_2018_v2-3.pdf"),
        ("MN Hoa Đào", "kh-giai-doan", "2018-06", 1, 1, "MN-HOA-DAO_KHGD_2018-06_v1.pdf"),
        ("LL", "fire", "", 1, 1, "LL_FIRE_v1.pdf"),
        ("../x", "kh-2018", "2018-Q2", 1, 1, "X_KH2018_2018-Q2_v1.pdf"),
    ],
)
def test_a_pdf_is_named_in_ascii(
    unit: str, duty: str, period: str, version: int, number: int, name: str
) -> None:
    assert bound_name(unit, duty, period, version, number) == name
    assert clean_name(name) == name
