"""Five years of the sample plan, as `tests.years` lives them: everybody is reminded at each rung
exactly once, of nothing that is done, by day, and in one message a day.

What has to be sent is worked out here from the days alone, apart from the program's own rules.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from storage.reports import Report
from tests.databases import empty_database
from tests.years import About, Letter, Tick, World, daytime, live_through

UNTIL = date(2022, 12, 31)
SCHOOL_RUNGS, OFFICE_RUNGS, GIVE_UP = (14, 7, 3, 1, 0, -1, -3), (-3, -5), 7
NEAR = 3  # days left at which a deadline is said at once


@settings(
    max_examples=1,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.integers(1, 2**32))
def test_five_years_of_four_schools(seed: int) -> None:
    judge(seed, "sqlite", schools=4, ticks=1, share=0.6)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
@settings(
    max_examples=3,
    derandomize=True,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(1, 2**32))
def test_five_years_of_forty_schools(kind: str, seed: int) -> None:
    judge(seed, kind, schools=40, ticks=3, share=0.95)


def judge(seed: int, kind: str, *, schools: int, ticks: int, share: float) -> None:
    with empty_database(kind) as engine:
        world = World(engine, Random(seed))  # noqa: S311
        live_through(world, UNTIL, schools=schools, ticks=ticks, share=share)
        with Session(engine) as session:
            oracle = Oracle(world, session.exec(select(Report)).all())
    check_days(world)
    for letter in world.letters:
        oracle.check_true(letter)
    for report in oracle.reports.values():
        for person_id, member in world.members.items():
            if member.unit_id == report.unit_id:
                oracle.check_rungs(report, person_id, SCHOOL_RUNGS)
            elif member.unit_id == world.office:
                oracle.check_rungs(report, person_id, OFFICE_RUNGS)


def check_days(world: World) -> None:
    """One message a day to each, by day, and each rung in one of them."""
    days = Counter((letter.person_id, letter.at.date()) for letter in world.letters)
    assert len(days) > 100
    assert set(days.values()) == {1}
    assert all(daytime(letter.at) for letter in world.letters)
    assert all(letter.key.endswith(f":{letter.at.date()}") for letter in world.letters)
    said = Counter(about for letter in world.letters for about in letter.about)
    assert set(said.values()) == {1}, said.most_common(3)


class Oracle:
    """What has to be said, and what was."""

    def __init__(self, world: World, found: Sequence[Report]) -> None:
        self.world = world
        self.reports = {report.id: report for report in found if report.due_on}
        self.said = {about: letter.at for letter in world.letters for about in letter.about}
        self.told = {(one.person_id, one.at.date()): one.at for one in world.letters}
        self.ticks: dict[date, list[Tick]] = defaultdict(list)
        for tick in world.ticks:
            if daytime(tick.at):
                self.ticks[tick.day].append(tick)

    def check_true(self, letter: Letter) -> None:
        """It says what is owed when it is sent, and by that day, to somebody who is there."""
        at, member = letter.at, self.world.members[letter.person_id]
        assert member.is_there(at)
        for report_id, _person, due_on, _rung in letter.about:
            if report_id not in self.reports:
                continue  # without a date: announced, and that once
            assert self.world.owed(report_id, at) == due_on, letter
            report = self.reports[report_id]
            assert member.unit_id != report.unit_id or f"• {report.title}:" in letter.text
        for report in self.reports.values():
            if report.unit_id == member.unit_id and f"• {report.title}:" in letter.text:
                assert self.world.owed(report.id, at), letter

    def check_rungs(self, report: Report, person_id: int, ladder: tuple[int, ...]) -> None:
        """Each rung was said at the first tick that could say it, and no other was."""
        for due_on in {due for _at, owed, due in self.world.changes[report.id] if owed}:
            told = self.heard_of(report, due_on) if ladder is SCHOOL_RUNGS else None
            steps = [step for step in ladder if fits(step, (due_on - told).days if told else None)]
            for step, after in pairwise((*steps, steps[-1] - GIVE_UP - 1)):
                days = [due_on - timedelta(left) for left in range(step, after, -1)]
                usable = [
                    tick
                    for day in days
                    for tick in self.ticks[day]
                    if self.can_say(tick, report, person_id, due_on)
                ]
                self.check_one(usable, (report.id, person_id, due_on, step), days[0])

    def can_say(self, tick: Tick, report: Report, person_id: int, due_on: date) -> bool:
        member, at = self.world.members[person_id], tick.at
        return (
            opened(report, tick.day)
            and at.time() >= member.hour
            and member.is_there(at)
            and self.world.owed(report.id, at) == due_on
            and self.told.get((person_id, tick.day), at) >= at
        )

    def check_one(self, usable: Sequence[Tick], about: About, first: date) -> None:
        sure = next((tick.at for tick in usable if tick.whole and tick.heard), None)
        at = self.said.get(about)
        where = f"{about}: {at}, not {sure}"
        if sure is not None:
            assert at is not None, where
            assert usable[0].at <= at <= sure, where
        elif at is not None:  # with what came after it, in one message
            assert at.date() >= first, where

    def heard_of(self, report: Report, due_on: date) -> date | None:
        """The day on which its school first heard of a deadline that was not near."""
        if (report.id, due_on) in self.world.granted:
            return self.world.granted[report.id, due_on]
        for day, ticks in self.ticks.items():
            owed = any(self.world.owed(report.id, one.began) == due_on for one in ticks)
            if opened(report, day) and owed:
                return day if (due_on - day).days > NEAR else None
        return None


def opened(report: Report, day: date) -> bool:
    return report.opens_on is None or report.opens_on <= day


def fits(step: int, told: int | None) -> bool:
    return told is None or (step < told and (step <= 0 or step <= told - 2))
