"""To whom a message goes, by rule."""

import pytest

from core.audience import Audience, Place
from core.roles import Role

LE_LOI = Place(1, ["TH"], "Cụm 1", "Chiềng Lề", owes=["3.2026"], silent=[7])


def of(**values: set[object]) -> Audience:
    return Audience(**{name: frozenset(its) for name, its in values.items()})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("audience", "fits"),
    [
        (Audience(), True),
        (of(levels={"TH", "MN"}), True),
        (of(levels={"TH"}, clusters={"Cụm 2"}), False),
        (of(levels={"TH"}, wards={"Chiềng Lề"}, owes={"3.2026"}, silent={7, 8}), True),
        (of(owes={"3.2025"}), False),
        (of(silent={8}), False),
        (of(clusters={""}), False),
        (of(named={1}), True),
        (of(named={2}), False),
        (of(named={1}, levels={"MN"}), True),
        (of(named={1}, left_out={1}), False),
        (Audience(everybody=True, levels=frozenset({"MN"})), True),
        (Audience(everybody=True, left_out=frozenset({1})), False),
        (of(roles={"leader"}), False),
        (of(roles={"leader", "head"}), True),
    ],
)
def test_a_school_is_meant_or_not(audience: Audience, fits: bool) -> None:
    assert audience.has_school(LE_LOI) is fits


@pytest.mark.parametrize(
    ("audience", "role", "topics", "fits"),
    [
        (Audience(), Role.REPORTER, [], True),
        (Audience(), Role.LEADER, [], False),
        (of(roles={"leader"}), Role.LEADER, [], True),
        (of(roles={"leader"}), Role.OFFICER, [], False),
        (of(roles={"head"}), Role.REPORTER, [], False),
        (of(topics={"y tế"}), Role.REPORTER, [], True),
        (of(topics={"y tế"}), Role.REPORTER, ["thư viện"], False),
        (of(topics={"y tế"}), Role.REPORTER, ["thư viện", "y tế"], True),
    ],
)
def test_a_post_is_meant_or_not(
    audience: Audience, role: Role, topics: list[str], fits: bool
) -> None:
    assert audience.has_post(role, topics) is fits


def test_an_audience_is_kept_as_json() -> None:
    audience = Audience(everybody=True, levels=frozenset({"TH"}), named=frozenset({2, 1}))
    kept = {"everybody": True, "levels": ["TH"], "named": [1, 2]}
    assert audience.to_json() == kept
    assert Audience.from_json(kept) == audience
