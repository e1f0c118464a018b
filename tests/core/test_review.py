"""The states of a report: what is drawn, and nothing else."""

import pytest

from core import review
from core.review import Move, NotAllowed, State

DRAWN = {
    "open": "draft filed_elsewhere excused locked",
    "draft": "awaiting_head submitted filed_elsewhere excused locked",
    "awaiting_head": "submitted draft locked",
    "submitted": "draft returned accepted locked",
    "returned": "awaiting_head submitted filed_elsewhere excused locked",
    "accepted": "submitted locked",
}


@pytest.mark.parametrize("state", DRAWN)
def test_a_report_moves_only_as_drawn(state: str) -> None:
    reached = {review.after(State(state), move) for move in Move if review.may(State(state), move)}

    assert {str(one) for one in reached} == set(DRAWN[state].split())


@pytest.mark.parametrize("state", [s for s in State if s not in DRAWN])
@pytest.mark.parametrize("before", DRAWN)
def test_what_was_locked_or_eased_goes_back_to_where_it_was(state: State, before: str) -> None:
    (back,) = (move for move in Move if review.may(state, move))

    assert review.after(state, back, State(before)) == before
    with pytest.raises(NotAllowed):
        review.after(state, back)


def test_a_move_that_is_not_drawn_is_refused() -> None:
    with pytest.raises(NotAllowed):
        review.after(State.OPEN, Move.ACCEPT)


def test_the_way_back_is_remembered_by_the_moves_that_have_one() -> None:
    remembering = {move for move in Move if review.remembers(move)}

    assert remembering == {Move.LOCK, Move.FILE_ELSEWHERE, Move.EXCUSE}
