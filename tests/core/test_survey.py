"""What may be told of a survey, so that nothing told gives away what few people answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.survey import may_be_told

LEAST = 5
Counts = st.dictionaries(st.integers(1, 9), st.integers(0, 12), max_size=8)


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({1: 5, 2: 9}, {1, 2}),
        ({1: 4, 2: 9}, set()),  # what 2 leaves of the total is all that 1 has
        ({1: 4, 2: 9, 3: 7}, {2}),
        ({1: 4, 2: 4, 3: 7}, {3}),
        ({1: 1, 2: 1, 3: 7, 4: 8}, {4}),
        ({1: 0, 2: 9, 3: 7}, {2, 3}),
        ({1: 4}, set()),
    ],
)
def test_a_school_with_few_answers_hides_behind_another(
    counts: dict[int, int], told: set[int]
) -> None:
    assert may_be_told(counts, LEAST) == told


@given(Counts)
def test_no_subtraction_leaves_few(counts: dict[int, int]) -> None:
    told = may_be_told(counts, LEAST)
    assert all(counts[id] >= LEAST for id in told)
    rest = [count for id, count in counts.items() if id not in told and count]
    assert not rest or not told or (len(rest) >= 2 and sum(rest) >= LEAST)
