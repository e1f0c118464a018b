"""The life of a report: whatever its people do, in any order, it moves only as drawn, no answer
and no file is lost, and each row of the audit explains exactly one change.

A step is what one person does for a while, see `tests.life`, or what the program does by itself.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, col, select

from bot.locking import lock_overdue
from bot.verdicts import offer_to_send_alone, tell_verdicts
from core import review
from core.review import Move, State
from core.roles import Standing
from storage import files, plans, submissions
from storage.audit import Audit
from storage.checklists import Approval
from storage.easings import Easing
from storage.extensions import Extension
from storage.locks import UnlockRequest
from storage.people import Person, Post
from storage.plan_items import Item
from storage.plans import Plan
from storage.reports import Report
from storage.reviews import Review
from storage.submissions import Submission
from tests.conftest import NOW, PLAN, an_office
from tests.databases import BOTH, empty_database, put_rows
from tests.life import POSTS, SEATS, Crew, visit
from tests.phone import HANOI, MACHINE_NOW, Office

Answers = dict[str, Any]
Kind = TypeVar("Kind", bound=SQLModel)

CLOCK = ""  # whose turn it is when nobody does anything
LOCKS_AFTER = 2  # days
TURNS = (CLOCK, CLOCK, *SEATS)
STEP = st.tuples(st.sampled_from(TURNS), st.integers(0, 2**20))


def walk(database: str, channel: str, steps: list[tuple[str, int]]) -> Counter[str]:
    """Take the steps, checking after each. Return how often each change happened."""
    with empty_database(database) as engine:
        put_rows(engine, an_office())
        office = Office(engine, NOW)
        publish(office, a_plan())
        crew = Crew.of(office, channel)
        world = World(office)
        world.check(set(POSTS), fills=False)
        for seat, seed in steps:
            chance = random.Random(seed)  # noqa: S311  the same walk every time
            crew.acted.clear()
            fills = False
            if seat != CLOCK:
                fills = visit(crew, seat, chance)
            elif chance.random() < 0.2:
                publish(office, a_plan(changed=chance.random() < 0.7))
            else:
                wait(office, chance)
            world.check(crew.acted, fills=fills)
        return world.changes


def wait(office: Office, chance: random.Random) -> None:
    office.wait(minutes=chance.choice([1, 1, 6, 60 * 25]))
    tell_verdicts(office.engine, office.desk, office.now, MACHINE_NOW)
    for tick in (offer_to_send_alone, lock_overdue):
        tick(office.engine, HANOI, office.now)


def publish(office: Office, plan: Plan) -> None:
    with Session(office.engine) as session:
        plans.publish(session, plan, office.now)
        session.commit()


@cache
def a_plan(*, changed: bool = False) -> Plan:
    """Heads approve, and the calendar locks. changed: with other questions about fire safety."""
    plan = plans.read_plan(PLAN)
    for duty in plan.duty:
        duty.approval, duty.locks_after = Approval.HEAD, LOCKS_AFTER
    if changed:
        exits, extinguishers, _notes, photo = plan.checklist[0].item
        extinguishers = extinguishers.model_copy(update={"high": 5})
        photo = photo.model_copy(update={"most": 1})
        hoses = Item.model_validate({"key": "hoses", "kind": "yes_no", "text": "Any hoses?"})
        plan.checklist[0].item = [exits, extinguishers, hoses, photo]
    return plan


@dataclass
class World:
    """What was seen so far.

    sent: answers of each version by id. now: of the newest, by report. row: the last of the audit.
    holders: the names of those who held a post.
    """

    office: Office
    sent: dict[int, Answers] = field(default_factory=dict)
    now: dict[int, Answers] = field(default_factory=dict)
    changes: Counter[str] = field(default_factory=Counter)
    row: int = 0
    holders: set[str] = field(default_factory=set)

    def check(self, acted: set[str], *, fills: bool) -> None:
        """acted: who did anything. fills: whether somebody may just have answered something."""
        with Session(self.office.engine) as session:
            rows = session.exec(select(Audit).order_by(col(Audit.id))).all()
            new = [row for row in rows if row.id > self.row]
            self._only_who_may(session, new, acted)
            for report in session.exec(select(Report)):
                mine = [r for r in rows if (r.subject, r.subject_id) == ("report", report.id)]
                explains(report, mine)
            for report in session.exec(select(Report).where(_is_begun)):
                self._nothing_is_lost(session, report, _left_out(new, report), fills=fills)
            reviews_are_explained(session, rows)
            requests_are_explained(session, rows)
            holders_are_explained(session, rows)
            self.changes = Counter(f"{row.subject} {row.change}" for row in rows)
            self.row = max((row.id for row in rows), default=0)

    def _only_who_may(self, session: Session, new: list[Audit], acted: set[str]) -> None:
        """Nobody without a post did anything, and nobody whose turn it was not."""
        names = {person.id: person.name for person in session.exec(select(Person))}
        held = {names[post.person_id] for post in _posts(session, Standing.ACTIVE)}
        for row in new:
            who = names[row.person_id] if row.person_id else None
            assert who is None or who in acted
            assert who is None or row.subject == "post" or who in held | self.holders
        self.holders = held

    def _nothing_is_lost(
        self, session: Session, report: Report, left_out: set[str], *, fills: bool
    ) -> None:
        draft, sent = submissions.draft_of(session, report), submissions.versions(session, report)
        versions = [one.version for one in (*sent, *([draft] if draft else []))]
        assert versions == list(range(1, len(versions) + 1))
        for one in sent:
            kept = submissions.answers(session, one)
            assert self.sent.setdefault(one.id, kept) == kept
        newest = draft or (sent[-1] if sent else None)
        now = submissions.answers(session, newest) if newest else {}
        before, self.now[report.id] = self.now.get(report.id, {}), now
        # What is not asked (any more) is left out when it is sent: here only a note can be.
        assert {key for key in before if not key.endswith(".note")} - left_out <= set(now)
        if not fills:
            assert {key: now.get(key, value) for key, value in before.items()} == before
            assert files.in_answers(now.values()) == files.in_answers(before.values())


_is_begun = col(Report.id).in_(select(Submission.report_id))


def _posts(session: Session, standing: Standing) -> Sequence[Post]:
    return session.exec(select(Post).where(Post.standing == standing)).all()


def _left_out(new: list[Audit], report: Report) -> set[str]:
    """Answers to questions that the office has changed, which their row keeps."""
    anew = [row for row in new if row.change == "asked anew" and row.subject_id == report.id]
    return {key for row in anew for key in (row.before or {})["answers"]}


def explains(report: Report, rows: list[Audit]) -> None:
    """From the first row to the last, each begins where the one before ended."""
    follows_on("due_on", report.due_on and report.due_on.isoformat(), rows)
    follows_on("revision", report.revision_id, rows)
    state = State.OPEN
    for row in rows:
        if row.before is None or row.after is None or "state" not in row.after:
            assert row.change in ("due date", "extended", "asked anew")
            continue
        assert row.before == {"state": state}
        state = review.after(state, Move(row.change), report_state_before(rows, row))
        assert row.after["state"] == state
    assert report.state is state


def report_state_before(rows: list[Audit], until: Audit) -> State | None:
    """The state in which it was locked or eased last."""
    left = [r.before["state"] for r in rows if r.id < until.id and r.change in _LEFT and r.before]
    return State(left[-1]) if left else None


_LEFT = {str(move) for move in Move if review.remembers(move)}


def follows_on(what: str, now: Any, rows: list[Audit]) -> None:
    """Each row about this begins where the one before ended, and changes it."""
    about = [(r.before, r.after) for r in rows if r.before and r.after and what in r.after]
    for (_old, after), (before, _new) in pairwise(about):
        assert before[what] == after[what]
    assert all(before != after for before, after in about)
    assert not about or about[-1][1][what] == now


def reviews_are_explained(session: Session, rows: Sequence[Audit]) -> None:
    """Each verdict and each undoing has its row, and each review that follows no other began."""
    found = session.exec(select(Review)).all()
    decided, undone = _named(rows, "accept", "return"), _named(rows, "undo")
    assert decided == Counter(one.id for one in found if one.verdict)
    assert undone == Counter(one.id for one in found if one.undone_at)
    began = [row for row in rows if row.change == "began"]
    assert len(began) + undone.total() == len(found)


def _named(rows: Sequence[Audit], *changes: str) -> Counter[int]:
    """The reviews that rows about these changes name."""
    return Counter(row.after["review"] for row in rows if row.change in changes and row.after)


def requests_are_explained(session: Session, rows: Sequence[Audit]) -> None:
    """Each thing asked of the office, each easing, each version and each post has its rows."""
    changes = Counter((row.subject, row.change) for row in rows)

    def all_of(table: type[Kind]) -> Sequence[Kind]:
        return session.exec(select(table)).all()

    time, keys, eased = all_of(Extension), all_of(UnlockRequest), all_of(Easing)
    sent, posts = all_of(Submission), all_of(Post)
    assert changes["extension", "asked"] == len(time)
    assert changes["extension", "refused"] == sum(one.answer != "" for one in time)
    assert changes["report", "extended"] == sum(one.granted_until is not None for one in time)
    assert changes["unlock_request", "asked"] == len(keys)
    assert changes["unlock_request", "refused"] == sum(one.answer != "" for one in keys)
    assert changes["report", "unlock"] >= sum(one.unlocked for one in keys)
    assert changes["report", "file elsewhere"] == sum(one.place is not None for one in eased)
    assert changes["report", "excuse"] == sum(one.place is None for one in eased)
    assert changes["report", "restore"] == sum(one.ended_at is not None for one in eased)
    assert changes["report", "present"] == sum(one.times_presented for one in sent)
    assert changes["report", "submit"] == sum(one.sent_at is not None for one in sent)
    assert changes["post", "handed over"] == sum(one.standing is Standing.ENDED for one in posts)
    assert changes["post", "taken over"] == changes["post", "handed over"]


def holders_are_explained(session: Session, rows: Sequence[Audit]) -> None:
    holder: dict[int, int] = {}
    for row in rows:
        if row.change == "took over" and row.before and row.after:
            assert holder.get(row.subject_id, row.before["holder"]) == row.before["holder"]
            assert row.before != row.after
            holder[row.subject_id] = row.after["holder"]
    for submission_id, person in holder.items():
        assert session.get_one(Submission, submission_id).holder_id == person


@pytest.mark.parametrize("channel", ["telegram", "numbered"])
@settings(max_examples=6, derandomize=True, database=None)
@given(steps=st.lists(STEP, min_size=15, max_size=25))
def test_whatever_people_do_a_report_moves_as_drawn_and_nothing_is_lost(
    channel: str, steps: list[tuple[str, int]]
) -> None:
    walk("sqlite", channel, steps)


@pytest.mark.soak
@pytest.mark.parametrize("channel", ["telegram", "numbered"])
@pytest.mark.parametrize("database", BOTH)
@settings(max_examples=60, database=None)
@given(steps=st.lists(STEP, min_size=20, max_size=100))
def test_whatever_people_do_for_long(
    database: str, channel: str, steps: list[tuple[str, int]]
) -> None:
    walk(database, channel, steps)


OTHER_CHANGES = {"report due date", "report extended", "report asked anew", "extension asked"}
OTHER_CHANGES |= {"extension refused", "unlock_request asked", "unlock_request refused"}
OTHER_CHANGES |= {"submission took over", "submission kept its questions", "review began"}
OTHER_CHANGES |= {"post handed over", "post taken over"}


SEEDS = (1, 4, 6, 7, 21, 22)  # that come by all of these


def stroll(seed: int, length: int) -> list[tuple[str, int]]:
    chance = random.Random(seed)  # noqa: S311
    return [(chance.choice(TURNS), chance.randrange(2**20)) for _step in range(length)]


@pytest.mark.postgres
def test_it_is_the_same_on_postgres() -> None:
    assert walk("postgres", "numbered", stroll(2, 40)) == walk("sqlite", "numbered", stroll(2, 40))


def test_the_walks_come_by_every_change() -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        seen += walk("sqlite", "telegram", stroll(seed, 60))

    assert {*OTHER_CHANGES, *(f"report {move}" for move in Move)} <= set(seen)
