"""To whom a message of the office goes: which schools, and who of their people."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from core.roles import AT_A_SCHOOL, AT_THE_OFFICE, Role

_AT_A_SCHOOL = frozenset(str(role) for role in AT_A_SCHOOL)


@dataclass(frozen=True, slots=True)
class Place:
    """A school, as far as an audience asks about it.

    owes: rounds of reports it has not handed in, each as "duty.period".
    silent: broadcasts that nobody there has acknowledged.
    """

    unit_id: int
    levels: Collection[str] = ()
    cluster: str = ""
    ward: str = ""
    owes: Collection[str] = ()
    silent: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Audience:
    """A school has to fit every field that is filled in, and one of the values in each.

    everybody: whatever else is asked of schools, except those left out.
    roles: none means the people of schools; those of the office only if named.
    topics: of posts; one for all topics fits each.
    named: schools that fit in any case. left_out: schools that never do.
    """

    everybody: bool = False
    levels: frozenset[str] = frozenset()
    clusters: frozenset[str] = frozenset()
    wards: frozenset[str] = frozenset()
    owes: frozenset[str] = frozenset()
    silent: frozenset[int] = frozenset()
    roles: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    named: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        given: dict[str, Any] = {
            name: value if name == "everybody" else frozenset(value)
            for name, value in kept.items()
        }
        return cls(**given)

    def to_json(self) -> dict[str, Any]:
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        return {n: v if n == "everybody" else sorted(v) for n, v in given.items() if v}

    @property
    def is_of_schools(self) -> bool:
        """Whether any school may be in it."""
        return not self.roles or bool(self.roles & _AT_A_SCHOOL)

    def has_school(self, place: Place) -> bool:
        if not self.is_of_schools or place.unit_id in self.left_out:
            return False
        return place.unit_id in self.named or self._fits(place)

    def has_post(self, role: Role, topics: Collection[str]) -> bool:
        """Whether the holder of a post is meant, at a school that is, or at the office."""
        if topics and self.topics and self.topics.isdisjoint(topics):
            return False
        if role in AT_THE_OFFICE or self.roles & _AT_A_SCHOOL:
            return role in self.roles
        return role in AT_A_SCHOOL

    def _fits(self, place: Place) -> bool:
        wanted = (
            (self.levels, place.levels),
            (self.clusters, (place.cluster,)),
            (self.wards, (place.ward,)),
            (self.owes, place.owes),
            (self.silent, place.silent),
        )
        asked = [not of.isdisjoint(its) for of, its in wanted if of]
        return self.everybody or (all(asked) if asked else not self.named)
