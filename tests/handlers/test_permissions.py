"""Who may do what: every action, for every role, on what is theirs, another's and nobody's.

Actions come from buttons, links and commands, all of which can be forged. What may not be done
is answered alike whether it exists or not, and leaves the office's tables as they were.
"""

import random
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, event
from sqlmodel import Session, col, select

from bot.channels.base import Incoming
from bot.inbound import answer
from core.review import State
from core.roles import AT_A_SCHOOL, AT_THE_OFFICE, MAY_ADMIT, MAY_IMPORT, MAY_INVITE, Role
from core.screen import Picked
from handlers import CONVERSATIONS, QUERIES
from storage import invitations, units
from storage.conversations import Conversation
from storage.files import Upload
from storage.outbox import Outgoing
from storage.people import Address, Person, Post
from storage.reports import Report
from tests.conftest import someone
from tests.databases import Rows, all_rows
from tests.handlers.test_registration import REGISTER, says_all
from tests.handlers.test_report import begin
from tests.phone import Office, Phone

pytestmark = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

Roles = Collection[Role | None]  # None is somebody without a post

PEOPLE: Roles = frozenset(Role)
ANYBODY: Roles = [None, *Role]
NOBODY: Roles = ()
PRIVATE = "for the eyes of Quyết Thắng"
ADMIT = [("{asked}", MAY_ADMIT), ("{post_of_other}", NOBODY), ("{none}", NOBODY)]
READ = [
    ("{sent}", [*AT_A_SCHOOL, *AT_THE_OFFICE]),
    ("{sent_of_other}", AT_THE_OFFICE),
    ("{open}", NOBODY),
    ("{none}", NOBODY),
]
OWN = [
    ("{sent}", AT_A_SCHOOL),
    ("{open}", AT_A_SCHOOL),
    ("{sent_of_other}", NOBODY),
    ("{open_of_other}", NOBODY),
    ("{none}", NOBODY),
]

MATRIX: Mapping[str, list[tuple[str, Roles]]] = {
    "show:menu": [("", ANYBODY)],
    "show:start": [("", ANYBODY), ("ABCDEFGHJK", NOBODY)],
    "show:help": [("", ANYBODY)],
    "show:language": [("", ANYBODY)],
    "show:stop": [("", ANYBODY)],
    "show:thanks": [("", ANYBODY)],
    "show:cancel": [("", ANYBODY)],
    "show:me": [("", ANYBODY)],
    "show:due": [("", AT_A_SCHOOL)],
    "show:fill": [("", AT_A_SCHOOL)],
    "show:handed": [("", AT_A_SCHOOL), *OWN],
    "show:elsewhere": [("", AT_A_SCHOOL)],
    "show:again": [("", AT_A_SCHOOL)],
    "show:deadlines": OWN,
    "show:more_time": [("", AT_A_SCHOOL), *OWN],
    "show:contact": [("", AT_A_SCHOOL)],
    "show:calendar": [("", AT_A_SCHOOL)],
    "show:subscribe": [("", AT_A_SCHOOL)],
    "show:unsubscribe": [("", AT_A_SCHOOL)],
    "show:act": [("{mine}", PEOPLE), ("{post_of_other}", NOBODY), ("{none}", NOBODY)],
    "show:admit": ADMIT,
    "show:status": [("", AT_THE_OFFICE), ("{duty}", AT_THE_OFFICE), ("{none}.2026", NOBODY)],
    "show:read": READ,
    "show:files": READ,
    "show:units": [("", AT_THE_OFFICE), ("{school}", AT_THE_OFFICE), ("{none}", NOBODY)],
    "show:sheet": [("", MAY_IMPORT)],
    "show:undelivered": [("", AT_THE_OFFICE)],
    "show:import": [("{upload_of_other}", NOBODY), ("{none}", NOBODY)],
    "show:invite": [("", MAY_INVITE)],
    "open:report": [
        ("{open}", AT_A_SCHOOL),
        ("{sent}", NOBODY),
        ("{open_of_other}", NOBODY),
        ("{sent_of_other}", NOBODY),
        ("{none}", NOBODY),
    ],
    "open:register": [("0", ANYBODY)],
    "open:join": [("{invitation}", NOBODY), ("{none}", NOBODY)],
    "open:refuse": ADMIT,
    "open:name": [("0", PEOPLE)],
    "open:phone": [("0", PEOPLE)],
    "open:erase": [("0", PEOPLE)],
    "open:invite": [("0", MAY_INVITE)],
}
REFUSED = (
    *("Only the office can", "You act for no school", "There is no such", "Please register first"),
    *("You do not hold this post", "This registration is already decided"),
    *("This report no longer waits", "This code is not valid"),
)
# Of what is said and of where each person is.
TALK = {"received", "outgoing", "conversation", "wrong_code", "address"}


@dataclass
class World:
    """A school's report and another's, and who tries. ids: of what the matrix names."""

    office: Office
    me: Phone
    ids: dict[str, object]


@pytest.fixture(params=ANYBODY, ids=lambda role: role or "stranger")
def role(request: pytest.FixtureRequest) -> Role | None:
    chosen: Role | None = request.param
    return chosen


@pytest.fixture
def world(office: Office, channel: str, role: Role | None, stranger: Phone) -> World:
    mai = someone(office, channel, "Mai", "QT", Role.REPORTER)
    lan = someone(office, channel, "Lan", "LL", Role.REPORTER)
    for phone in (mai, lan):
        begin(phone, "[No]", PRIVATE if phone is mai else "a note", "6", "[Skip]", "(exit.jpg)")
        says_all(phone, "[Done]", "[Submit]")
    says_all(stranger, *REGISTER)
    me = Phone(office, channel, "80012345", "Bình")
    if role:
        me = someone(office, channel, "Bình", "LL" if role in AT_A_SCHOOL else "PHONG", role)
    me.says("/start")
    with Session(office.engine) as session:
        return World(office, me, dict(_ids(session, office)))


def _ids(session: Session, office: Office) -> Iterator[tuple[str, object]]:
    for code, whose in (("LL", ""), ("QT", "_of_other")):
        unit = units.with_code(session, code)
        assert unit
        theirs = select(Report).where(Report.unit_id == unit.id).order_by(col(Report.id))
        reports = session.exec(theirs).all()
        sent = next(r for r in reports if r.state is State.SUBMITTED)
        yield f"sent{whose}", sent.id
        yield f"open{whose}", next(r.id for r in reports if r.title == "Safety plan")
        yield "duty", f"{sent.duty_id}.{sent.period}"
        yield "school", unit.id
        invitations.make(session, unit.id, Role.HEAD, None, office.now)
    session.commit()
    yield "invitation", session.exec(select(invitations.Invitation.id)).first()
    posts = dict(session.exec(select(Person.name, Post.id).join(Person)).all())
    yield from {"asked": posts["Lò Thị Tú"], "post_of_other": posts["Mai"]}.items()
    yield "mine", posts.get("Bình")
    yield "upload_of_other", session.exec(select(Upload.id)).first()
    yield "none", 999


def tried(world: World, action: str) -> tuple[list[str], set[str]]:
    """What is said to an action, which is then undone, and the tables that it wrote to."""
    me, office = world.me, world.office
    with office.engine.connect() as connection, written(connection) as tables:
        incoming = Incoming(me.channel, "forged", me.chat, me.chat, Picked(action))
        answer(connection, office.desk, incoming, office.times())
        shown = connection.execute(
            select(Outgoing.lines)
            .join(Address)
            .where(Address.chat == me.chat)
            .order_by(col(Outgoing.id).desc())
            .limit(1)
        ).scalar_one()
        connection.rollback()
    return [text for _style, text in shown], tables


@contextmanager
def written(connection: Connection) -> Iterator[set[str]]:
    """The names of tables that are written to meanwhile."""
    tables: set[str] = set()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        tables.update(re.findall(r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)", statement))

    event.listen(connection, "before_cursor_execute", note)
    yield tables


def test_every_action_is_in_the_matrix(channel: str) -> None:
    assert channel
    actions = {f"show:{name}" for name in QUERIES} | {f"open:{name}" for name in CONVERSATIONS}
    assert set(MATRIX) == actions


def test_the_matrix(world: World, role: Role | None) -> None:
    menu, _tables = tried(world, "show:menu")
    for action, subjects in MATRIX.items():
        refusals = set()
        for about, may in subjects:
            said, tables = tried(world, f"{action}:{about.format(**world.ids)}")
            assert "received" in tables
            refused = said[0].startswith(REFUSED) or (said == menu and may is NOBODY)
            assert refused == (role not in may), f"{action}:{about} for {role}: {said}"
            if refused:
                refusals.add(tuple(said))
                assert tables <= TALK, f"{action}:{about}"
        # What one may not touch is answered like what there is not.
        assert len(refusals) <= 1, f"{action} for {role}: {refusals}"


@pytest.mark.parametrize("count", [60, pytest.param(2000, marks=pytest.mark.soak)])
def test_guessed_actions_touch_nothing_of_another_school(
    world: World, role: Role | None, count: int
) -> None:
    guess = random.Random(f"{role} {count}")  # noqa: S311  the same guesses every time
    before = of_others(world)
    heard: list[str] = []
    for _time in range(count):
        action = guessed(guess)
        world.me.gives(Picked(action), seen=guess.choice([in_front(world), "0.0", "1.0", "x"]))
        heard += world.me.hears()
        if guess.random() < 0.1:
            heard += world.me.says("some words")
    assert of_others(world) == before
    if role not in AT_THE_OFFICE:
        assert PRIVATE not in "\n".join(heard)
    with Session(world.office.engine) as session:
        made = session.exec(select(invitations.Invitation)).all()
    assert len(made) == 2 or role in MAY_INVITE


PICKS = (
    *("answer:yes", "answer:no", "answer:agree", "answer:me", "answer:stay", "answer:reporter"),
    *("answer:3", "submit", "done", "skip", "keep", "back", "-change", "edit:exits", "page:1", ""),
)
NUMBERS = (*range(1, 30), 0, 999, 2**31, 2**63, 10**30, -1)


def guessed(guess: random.Random) -> str:
    if guess.random() < 0.4:
        return guess.choice(PICKS)
    action, number = guess.choice(list(MATRIX)), guess.choice(NUMBERS)
    return f"{action}:{number}{guess.choice(['', '', ':take', ':x', '.2026-10', 'x', ':' * 9])}"


def in_front(world: World) -> str:
    """What a button of the conversation in front begins with."""
    with Session(world.office.engine) as session:
        talking = session.exec(
            select(Conversation)
            .join(Person, col(Person.conversation_id) == Conversation.id)
            .join(Address, col(Address.person_id) == Person.id)
            .where(Address.chat == world.me.chat)
        ).first()
    return f"{talking.id}.{talking.turn}" if talking else "0.0"


def of_others(world: World) -> Rows:
    """The rows of the other school, and of people who have nothing to do with who tries."""
    rows = all_rows(world.office.engine)
    other = next(unit["id"] for unit in rows["unit"] if unit["code"] == "QT")
    reports = [row for row in rows["report"] if row["unit_id"] == other]
    ids = {row["id"] for row in reports}
    sent = [row for row in rows["submission"] if row["report_id"] in ids]
    answers = {row["id"] for row in sent}
    kept = defaultdict(list, report=reports, submission=sent, unit=list(rows["unit"]))
    kept["answer"] = [row for row in rows["answer"] if row["submission_id"] in answers]
    mai = next(row["id"] for row in rows["person"] if row["name"] == "Mai")
    kept["person"] = [row for row in rows["person"] if row["id"] == mai]
    kept["post"] = [row for row in rows["post"] if row["person_id"] == mai]
    return kept
