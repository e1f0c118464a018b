"""Roles, and what each may do."""

from enum import StrEnum


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
