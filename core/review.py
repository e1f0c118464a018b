"""The states of a report, and the only moves between them."""

from collections.abc import Mapping
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


class Move(StrEnum):
    """What somebody does to a report; the audit names it by its value."""

    BEGIN = "begin"
    PRESENT = "present"  # Trình: the head of school is asked
    SEND_BACK = "send back"  # the head returns it inside the school
    SUBMIT = "submit"
    RECALL = "recall"
    RETURN = "return"
    ACCEPT = "accept"
    UNDO = "undo"  # of a verdict
    LOCK = "lock"
    UNLOCK = "unlock"
    FILE_ELSEWHERE = "file elsewhere"
    EXCUSE = "excuse"
    RESTORE = "restore"  # of what was filed elsewhere or excused


class NotAllowed(ValueError):
    """The report is in a state from which there is no such move."""


OWED = frozenset({State.OPEN, State.DRAFT, State.RETURNED})
"""The school still has to do something."""

TO_COME = OWED | {State.AWAITING_HEAD}
"""The office still waits for it."""

HANDED_IN = frozenset({State.SUBMITTED, State.ACCEPTED, State.FILED_ELSEWHERE})
"""The office has it."""

EASED = frozenset({State.FILED_ELSEWHERE, State.EXCUSED})
"""Nothing is to come with the bot, by a word of the office."""

_BEFORE = None  # where a move leads back to the state before
_EASED = {Move.FILE_ELSEWHERE: State.FILED_ELSEWHERE, Move.EXCUSE: State.EXCUSED}
_LOCK = {Move.LOCK: State.LOCKED}

MOVES: Mapping[State, Mapping[Move, State | None]] = {
    State.OPEN: {Move.BEGIN: State.DRAFT, **_EASED, **_LOCK},
    State.DRAFT: {
        Move.PRESENT: State.AWAITING_HEAD,
        Move.SUBMIT: State.SUBMITTED,
        **_EASED,
        **_LOCK,
    },
    State.AWAITING_HEAD: {Move.SUBMIT: State.SUBMITTED, Move.SEND_BACK: State.DRAFT, **_LOCK},
    State.SUBMITTED: {
        Move.RECALL: State.DRAFT,
        Move.RETURN: State.RETURNED,
        Move.ACCEPT: State.ACCEPTED,
        **_LOCK,
    },
    State.RETURNED: {
        Move.PRESENT: State.AWAITING_HEAD,
        Move.SUBMIT: State.SUBMITTED,
        Move.UNDO: State.SUBMITTED,
        **_EASED,
        **_LOCK,
    },
    State.ACCEPTED: {Move.UNDO: State.SUBMITTED, **_LOCK},
    State.LOCKED: {Move.UNLOCK: _BEFORE},
    State.FILED_ELSEWHERE: {Move.RESTORE: _BEFORE},
    State.EXCUSED: {Move.RESTORE: _BEFORE},
}


def may(state: State, move: Move) -> bool:
    return move in MOVES[state]


def after(state: State, move: Move, before: State | None = None) -> State:
    """The state a move leads to. before: the one remembered when it was locked or eased.

    Raises NotAllowed.
    """
    if not may(state, move):
        raise NotAllowed(f"no {move} from {state}")
    to = MOVES[state][move] or before
    if to is None:
        raise NotAllowed(f"no state is remembered from before {state}")
    return to


def remembers(move: Move) -> bool:
    """Whether the state it leaves is to be kept, for the way back."""
    return move in (*_EASED, *_LOCK)
