"""Letters of many layouts and kinds, written for this and marked before they were ever read."""

from pathlib import Path

import pytest

from tests.bench.reading.__main__ import TARGETS, reading
from tests.bench.reading.gold import Count, Document, documents, score

LETTERS = documents(Path(__file__).parents[2] / "bench" / "reading" / "letters")
# Reports whose receiver stands in a paragraph of its own, below the list.
MISREAD = ["b08_nhiem_vu_quy_2018: receiver", "b08_nhiem_vu_quy_2018: receiver"]


@pytest.mark.parametrize("measure", TARGETS)
def test_they_are_read_as_well_as_real_ones(measure: str) -> None:
    counts = [score(one, reading(one.text)).counts[measure] for one in LETTERS]
    total = Count(sum(one.right for one in counts), sum(one.of for one in counts))
    assert total.of >= len(LETTERS)
    assert total.share >= TARGETS[measure]


def test_nothing_else_is_misread() -> None:
    missed = [
        f"{one.name}: {miss.partition(':')[0]}"
        for one in LETTERS
        for miss in score(one, reading(one.text)).misses
    ]
    assert missed == MISREAD


@pytest.mark.parametrize("document", LETTERS, ids=lambda one: one.name)
def test_what_asks_for_nothing_gives_no_draft(document: Document) -> None:
    if not document.gold["duties"]:
        assert reading(document.text)["duties"] == []
