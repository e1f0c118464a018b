"""Roles, and what each may do."""

from collections.abc import Collection
from enum import StrEnum

from core.units import Level


class Role(StrEnum):
    REPORTER = "reporter"
    HEAD = "head"
    OFFICER = "officer"
    LEADER = "leader"
    ADMIN = "admin"
    VIEWER = "viewer"


class Standing(StrEnum):
    """Of a post: asked for, held, over."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


AT_A_SCHOOL = frozenset({Role.REPORTER, Role.HEAD})
AT_THE_OFFICE = frozenset({Role.OFFICER, Role.LEADER, Role.ADMIN, Role.VIEWER})

MAY_SEE_ALL = AT_THE_OFFICE
MAY_ADMIT = frozenset({Role.OFFICER, Role.ADMIN})
MAY_DECIDE = frozenset({Role.OFFICER, Role.ADMIN})  # about a report, for the office
MAY_INVITE = frozenset({Role.OFFICER, Role.ADMIN})
MAY_IMPORT = frozenset({Role.ADMIN, Role.OFFICER})
MAY_HAND_OVER = frozenset({Role.HEAD, Role.OFFICER, Role.ADMIN})


def may_hand_over(mine: Role, other: Role, *, own: bool, same_unit: bool) -> bool:
    """Whether somebody who acts in one role may hand over a post with the other.

    own: it is the very post they act for. same_unit: it is at the unit they act for.
    """
    if mine is Role.ADMIN or (own and mine in MAY_HAND_OVER):
        return True
    return mine is Role.HEAD and other is Role.REPORTER and same_unit


MAY_REVIEW = frozenset({Role.OFFICER, Role.ADMIN})


def covers(topics: Collection[str], topic: str, levels: Collection[str]) -> bool:
    """Whether an officer's topics cover a duty of this topic at a school of these levels.

    topics: empty for all; a level of teaching among them narrows them to its schools.
    """
    subjects = [one for one in topics if one not in LEVELS]
    return (not subjects or topic in subjects) and at_level(topics, levels)


def at_level(topics: Collection[str], levels: Collection[str]) -> bool:
    """As `covers`, whatever the duty's topic is."""
    narrowed = LEVELS & set(topics)
    return not narrowed or bool(narrowed & set(levels))


LEVELS = frozenset(map(str, Level))
