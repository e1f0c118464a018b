"""Fill a database with schools whose people talk to the bot: some idly, some mid-report."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path

from sqlmodel import Session, SQLModel, col, select

from bot.clock import machine_now
from core.review import State
from core.roles import Role, Standing
from core.units import Level, UnitKind
from storage import plans, schema, units
from storage.checklists import ChecklistRevision
from storage.conversations import Conversation
from storage.database import connect
from storage.people import Address, Person, Post
from storage.reports import Report
from storage.submissions import Submission
from storage.units import Unit

PLAN = Path(__file__).with_name("plan.toml")
MENU = "reporter.vi"  # what each chat already has, so that none is set meanwhile
IDLERS, WRITERS = 100_001, 200_001  # chats; so many of each follow as there are schools


def people(first: int, schools: int) -> Iterator[int]:
    """Chats in turn, so that nobody is written to faster than a chat may be."""
    return cycle(range(first, first + schools))


def fill(url: str, schools: int) -> None:
    """Migrate an empty database; each school gets one idler and one who is filling in a report."""
    engine = connect(url)
    schema.load_tables()
    schema.migrate(engine)
    with Session(engine) as session:
        units.make_office(session, "Phòng")
        session.flush()
        _add_schools(session, schools)
        plans.publish(session, plans.read_plan(PLAN), machine_now())
        _add_people(session)
        session.commit()
    engine.dispose()


def _add_schools(session: Session, count: int) -> None:
    office = units.office(session).id
    add = partial(Unit, kind=UnitKind.SCHOOL, parent_id=office, levels=[Level.TH])
    session.add_all(add(code=f"B{n}", name=f"Trường Tiểu học số {n}") for n in range(count))
    session.flush()


def _add_people(session: Session) -> None:
    reports = list(session.exec(select(Report).order_by(col(Report.unit_id))))
    for first in (IDLERS, WRITERS):
        known = [Person(name="Nguyễn Thị Lan", consent_at=machine_now()) for _ in reports]
        _put(session, known)
        # Heard just now, as in the middle of a talk: that is written only every few minutes.
        add = partial(Address, channel="telegram", menu=MENU, last_heard_at=machine_now())
        chats = [add(person_id=person.id, chat=str(first + n)) for n, person in enumerate(known)]
        _put(session, chats)
        _give_posts(session, known, reports)
    _begin(session, known, reports)


def _give_posts(session: Session, known: list[Person], reports: list[Report]) -> None:
    give = partial(
        Post, role=Role.REPORTER, standing=Standing.ACTIVE, since=machine_now(), caught_up=True
    )
    posts = [
        give(person_id=person.id, unit_id=report.unit_id, topics=[])
        for person, report in zip(known, reports, strict=True)
    ]
    _put(session, posts)
    for person, post in zip(known, posts, strict=True):
        person.post_id = post.id


def _begin(session: Session, known: list[Person], reports: list[Report]) -> None:
    now = machine_now()
    revision = session.exec(select(ChecklistRevision.id)).one()
    talks = []
    for person, report in zip(known, reports, strict=True):
        report.revision_id, report.state = revision, State.DRAFT
        report.told_on = now.date()
        draft = Submission(
            report_id=report.id, version=1, holder_id=person.id, held_since=now, touched_at=now
        )
        session.add(draft)
        talks.append(
            Conversation(person_id=person.id, flow="report", subject_id=report.id, touched_at=now)
        )
    _put(session, talks)
    for person, talk in zip(known, talks, strict=True):
        person.conversation_id = talk.id


def _put(session: Session, rows: Sequence[SQLModel]) -> None:
    session.add_all(rows)
    session.flush()
