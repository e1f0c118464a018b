"""The states of a report and the moves between them."""

from enum import StrEnum


class State(StrEnum):
    OPEN = "open"
    DRAFT = "draft"
    AWAITING_HEAD = "awaiting_head"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    LOCKED = "locked"
    FILED_ELSEWHERE = "filed_elsewhere"
    EXCUSED = "excused"


OWED = frozenset({State.OPEN, State.DRAFT, State.RETURNED})
"""The school still has to do something."""

HANDED_IN = frozenset({State.SUBMITTED, State.ACCEPTED, State.FILED_ELSEWHERE})
"""The office has it."""


def begin(state: State) -> State:
    """After the first answer. Raises ValueError where a report cannot be filled in."""
    if state not in OWED:
        raise ValueError(f"a report that is {state} cannot be filled in")
    return State.DRAFT if state is State.OPEN else state


def submit(state: State) -> State:
    """Raises ValueError where there is nothing to submit."""
    if state not in (State.DRAFT, State.RETURNED):
        raise ValueError(f"a report that is {state} cannot be submitted")
    return State.SUBMITTED
