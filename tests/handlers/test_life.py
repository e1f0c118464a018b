"""The life of a report: whatever its people do, in any order, it moves only as drawn, no answer
and no file is lost, and each row of the audit explains exactly one change.

A step is what one person does for a while; they see only their phone, and may press any button
that ever stood on it.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.verdicts import offer_to_send_alone, tell_verdicts
from core import review
from core.review import Move, State
from core.roles import Role
from storage import files, reports
from storage.audit import Audit
from storage.reports import Report, Submission
from storage.reviews import Review
from tests.conftest import NOW, an_office, someone
from tests.databases import BOTH, empty_database, put_rows
from tests.handlers.test_approval import TITLE, ask_heads
from tests.phone import MACHINE_NOW, Office, Phone

Answers = dict[str, Any]
MOST_QUESTIONS = 8  # that one visit to a form answers


@dataclass
class Person:
    """Somebody at their phone. shown: the choices of what it showed last."""

    phone: Phone
    chance: random.Random
    shown: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def says(self, line: str) -> None:
        self.heard = self.phone.says(line)
        self.shown = re.findall(r"\[([^]]+)\]", "\n".join(self.heard[-1:]))

    def picks(self, *beginnings: str) -> bool:
        """Pick a choice that begins so; False where none is shown."""
        found = [label for label in self.shown if label.startswith(beginnings)]
        if found:
            self.says(f"[{self.chance.choice(found)}]")
        return bool(found)


def fill_in(me: Person) -> None:
    """Answer some questions, maybe all, and maybe hand it in."""
    me.says("/han")
    if not me.picks(f"Fill in {TITLE}", f"Mend {TITLE}", f"Continue {TITLE}"):
        return
    me.picks("Go on in place")
    for _time in range(me.chance.choice([2, MOST_QUESTIONS, MOST_QUESTIONS, MOST_QUESTIONS])):
        _answer(me)


def _answer(me: Person) -> None:
    screen = "\n".join(me.heard)
    if "check your answers" in screen:
        me.picks(*(("Submit", "Present") if me.chance.random() < 0.8 else ("Change",)))
    elif "Send photos" in screen:
        me.says(f"({me.chance.randrange(1000)}.jpg)")
        me.picks("Done")
    elif "How many" in screen:
        me.says(str(me.chance.randrange(9)))
    elif not me.picks("Yes", "No", "Skip"):
        me.picks("2.")


def recall(me: Person) -> None:
    me.says("/han")
    if me.picks("Handed in") and me.picks(f"Read {TITLE}"):
        me.picks("Recall it")


def send_alone(me: Person) -> None:
    me.says("/nop")
    me.picks(f"Send {TITLE}")


def decide_as_head(me: Person) -> None:
    me.says("/han")
    if me.picks("Decide about") and me.chance.random() < 0.6:
        me.picks("Approve")
    elif me.picks("Send back"):
        _say_what(me)
        me.picks("Send back")


def review_it(me: Person) -> None:
    me.says("/duyet")
    if me.picks("Trường TH Lê Lợi", "(") and me.chance.random() < 0.2:
        me.picks("Accept")
    elif me.chance.random() < 0.8 and me.picks("Return"):
        _say_what(me)
        me.says(me.chance.choice(["5/11", "tomorrow", "no idea"]))
        me.picks("Skip")  # where that was no day to come
        me.picks("Return")
    if me.chance.random() < 0.3:
        me.picks("Undo")


def _say_what(me: Person) -> None:
    me.picks("Are all", "How many", "Send photos")
    me.says("Please look again.")
    me.picks("That is all")


def accept_clean(me: Person) -> None:
    me.says("/duyet")
    if me.picks("Accept") and me.picks("Accept") and me.chance.random() < 0.7:
        me.picks("Undo")


def press_anything(me: Person) -> None:
    """Any button that ever stood on this phone, where old messages keep theirs."""
    if me.phone.labels and me.phone.channel == "telegram":
        me.says(f"[{me.chance.choice(sorted(me.phone.labels))}]")


SCHOOL = (fill_in, fill_in, fill_in, recall, send_alone, press_anything)
STEPS: Mapping[str, tuple[Callable[[Person], None], ...]] = {
    "Lan": SCHOOL,
    "Sơn": SCHOOL,
    "Hoa": (decide_as_head, decide_as_head, decide_as_head, fill_in, recall, press_anything),
    "Minh": (review_it, review_it, review_it, accept_clean, press_anything),
    "Nga": (review_it, review_it, review_it, accept_clean, press_anything),
}
STEP = st.tuples(st.sampled_from(["", *STEPS]), st.integers(0, 2**20))


def walk(database: str, channel: str, steps: list[tuple[str, int]]) -> Counter[str]:
    """Take the steps, checking after each. Return how often each change happened."""
    with empty_database(database) as engine:
        put_rows(engine, an_office())
        office = Office(engine, NOW)
        ask_heads(office)
        at = {"Hoa": ("LL", Role.HEAD), "Minh": ("PHONG", Role.OFFICER)}
        at |= {"Nga": at["Minh"], "Lan": ("LL", Role.REPORTER), "Sơn": ("LL", Role.REPORTER)}
        phones = {name: someone(office, channel, name, *at[name]) for name in STEPS}
        world = World(office)
        for name, seed in steps:
            chance = random.Random(seed)  # noqa: S311  the same walk every time
            fills = False
            if name:
                step = chance.choice(STEPS[name])
                step(Person(phones[name], chance))
                fills = step in (fill_in, press_anything)
            else:
                wait(office, chance)
            world.check(fills=fills)
        return world.changes


def wait(office: Office, chance: random.Random) -> None:
    office.wait(minutes=chance.choice([1, 1, 6, 60 * 25]))
    for tick in (tell_verdicts, offer_to_send_alone):
        tick(engine=office.engine, desk=office.desk, now=office.now, machine_now=MACHINE_NOW)


@dataclass
class World:
    """What was seen so far. sent: answers of each version by id; now: of the newest, by report."""

    office: Office
    sent: dict[int, Answers] = field(default_factory=dict)
    now: dict[int, Answers] = field(default_factory=dict)
    changes: Counter[str] = field(default_factory=Counter)

    def check(self, *, fills: bool) -> None:
        """fills: whether somebody may just have answered something."""
        with Session(self.office.engine) as session:
            rows = session.exec(select(Audit).order_by(col(Audit.id))).all()
            self.changes = Counter(row.change for row in rows)
            for report in session.exec(select(Report)):
                mine = [r for r in rows if (r.subject, r.subject_id) == ("report", report.id)]
                explains(report, mine)
                self._nothing_is_lost(session, report, fills=fills)
            reviews_are_explained(session, rows)
            holders_are_explained(session, rows)

    def _nothing_is_lost(self, session: Session, report: Report, *, fills: bool) -> None:
        draft, sent = reports.draft_of(session, report), reports.versions(session, report)
        versions = [one.version for one in (*sent, *([draft] if draft else []))]
        assert versions == list(range(1, len(versions) + 1))
        for one in sent:
            kept = reports.answers(session, one)
            assert self.sent.setdefault(one.id, kept) == kept
        newest = draft or (sent[-1] if sent else None)
        now = reports.answers(session, newest) if newest else {}
        before, self.now[report.id] = self.now.get(report.id, {}), now
        # What is not asked (any more) is left out when it is sent: here only a note can be.
        assert {key for key in before if not key.endswith(".note")} <= set(now)
        if not fills:
            assert {key: now.get(key, value) for key, value in before.items()} == before
            assert files.in_answers(now.values()) == files.in_answers(before.values())


def explains(report: Report, rows: list[Audit]) -> None:
    """From the first row to the last, each begins where the one before ended."""
    state, day = State.OPEN, rows_day(rows, report)
    for row in rows:
        assert row.before is not None
        assert row.after is not None
        if row.change == "due date":
            assert row.before != row.after
            assert row.before["due_on"] == day
            day = row.after["due_on"]
            continue
        assert row.before["state"] == state
        state = review.after(state, Move(row.change))
        assert row.after["state"] == state
    assert report.state is state
    assert (report.due_on and report.due_on.isoformat()) == day


def rows_day(rows: list[Audit], report: Report) -> str | None:
    """The day it was due at first."""
    days = [row.before["due_on"] for row in rows if row.change == "due date" and row.before]
    first: str | None = report.due_on.isoformat() if report.due_on else None
    return days[0] if days else first


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
@given(steps=st.lists(STEP, min_size=20, max_size=80))
def test_whatever_people_do_for_long(
    database: str, channel: str, steps: list[tuple[str, int]]
) -> None:
    walk(database, channel, steps)


def test_the_walks_come_by_every_move_of_school_head_and_office() -> None:
    chance = random.Random(7)  # noqa: S311
    seen: Counter[str] = Counter()
    for _time in range(4):
        names = [chance.choice(["", *STEPS]) for _step in range(60)]
        seen += walk("sqlite", "telegram", [(name, chance.randrange(2**20)) for name in names])

    wanted = {Move.BEGIN, Move.PRESENT, Move.SEND_BACK, Move.SUBMIT, Move.RECALL, Move.RETURN}
    wanted |= {Move.ACCEPT, Move.UNDO}
    assert {str(move) for move in wanted} <= set(seen)
