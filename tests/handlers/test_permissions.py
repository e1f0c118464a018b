"""Who may do what: every action, for every role, on what is theirs, another's and nobody's.

Actions come from buttons, links and commands, all of which can be forged. What may not be done
is answered alike whether it exists or not, and leaves the office's tables as they were.
"""

import random
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

import pytest
from sqlalchemy import Connection, event
from sqlmodel import Session, col, select

from bot.channels.base import Incoming
from bot.flood import Floods
from bot.inbound import answer
from core.draft_items import proposed
from core.events import EventKind, Held, News, Reply
from core.review import State
from core.roles import (
    AT_A_SCHOOL,
    AT_THE_OFFICE,
    MAY_ADMIT,
    MAY_ANSWER,
    MAY_BROADCAST,
    MAY_DECIDE,
    MAY_HAND_OVER,
    MAY_IMPORT,
    MAY_INVITE,
    MAY_REVIEW,
    Role,
)
from core.screen import Picked
from core.units import UnitKind
from handlers import CONVERSATIONS, QUERIES, replacing
from storage import (
    despatches,
    drafts,
    easings,
    event_duties,
    events,
    extensions,
    invitations,
    locks,
    proposals,
    questions,
    reviews,
    submissions,
    surveys,
    units,
)
from storage.broadcasts import Broadcast, Stage
from storage.checklists import Clause, Duty, SourceDocument
from storage.conversations import Conversation
from storage.drafts import DraftDuty, ReadDocument
from storage.easings import Easing, Place
from storage.events import Event
from storage.extensions import Extension
from storage.files import Upload
from storage.locks import UnlockRequest
from storage.outbox import Outgoing
from storage.people import Address, Person, Post
from storage.questions import Question, QuestionMessage
from storage.reports import Report
from storage.submissions import Submission
from storage.surveys import Survey
from storage.units import Unit
from tests.conftest import someone
from tests.databases import Rows, all_rows
from tests.handlers.test_registration import REGISTER, says_all
from tests.handlers.test_replacing import newer
from tests.handlers.test_report import begin
from tests.phone import Office, Phone

pytestmark = pytest.mark.parametrize("channel", ["telegram"], indirect=True)

Roles = Collection[Role | None]  # None is somebody without a post

PEOPLE: Roles = frozenset(Role)
ANYBODY: Roles = [None, *Role]
NOBODY: Roles = ()
PRIVATE = "for the eyes of Quyết Thắng"
ADMIT = [("{asked}", MAY_ADMIT), ("{post_of_other}", NOBODY), ("{none}", NOBODY)]
OTHERS_DRAFT: list[tuple[str, Roles]] = [("{draft_of_other}", NOBODY), ("{none}", NOBODY)]
OTHERS_MESSAGE: list[tuple[str, Roles]] = [("{message}", AT_THE_OFFICE), *OTHERS_DRAFT]
ASKED: list[tuple[str, Roles]] = [("{question_of_other}", MAY_ANSWER), ("{none}", NOBODY)]
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
HEADS = frozenset({Role.HEAD})
FOR_THE_HEAD = [
    ("{asked_about}.1", HEADS),
    ("{asked_about_of_other}.1", NOBODY),
    ("{none}.1", NOBODY),
]
NO_EVENT: list[tuple[str, Roles]] = [("{event_elsewhere}", NOBODY), ("{none}", NOBODY)]
INVITED: list[tuple[str, Roles]] = [
    ("{event}", AT_A_SCHOOL),
    ("{event_of_other}", NOBODY),
    ("{waiting}", NOBODY),
    ("{none}", NOBODY),
]
JUDGE = [("{review}", MAY_REVIEW), ("{none}", NOBODY)]

READ_PAPER: list[tuple[str, Roles]] = [("{read_paper}", MAY_BROADCAST), ("{none}", NOBODY)]
DRAFTED: list[tuple[str, Roles]] = [("{draft_duty}", MAY_BROADCAST), ("{none}", NOBODY)]
ANSWER_TIME = [("{asked_time}", MAY_DECIDE), ("{none}", NOBODY)]
ANSWER_LOCK = [("{asked_unlock}", MAY_DECIDE), ("{none}", NOBODY)]
OF_OPEN = [("{open}", MAY_DECIDE), ("{open_of_other}", MAY_DECIDE), ("{none}", NOBODY)]
OF_LOCKED = [("{locked}", MAY_DECIDE), ("{locked_of_other}", MAY_DECIDE), ("{none}", NOBODY)]

MATRIX: Mapping[str, list[tuple[str, Roles]]] = {
    "show:menu": [("", ANYBODY)],
    "show:start": [("", ANYBODY), ("ABCDEFGHJK", NOBODY)],
    "show:help": [("", ANYBODY)],
    "show:language": [("", ANYBODY)],
    "show:no_more": [("", ANYBODY)],
    "show:thanks": [("", ANYBODY)],
    "show:cancel": [("", ANYBODY)],
    "show:me": [("", ANYBODY)],
    "show:due": [("", AT_A_SCHOOL)],
    "show:fill": [("", AT_A_SCHOOL)],
    "show:handed": [("", AT_A_SCHOOL), *OWN],
    "show:already": [("", AT_A_SCHOOL)],
    "show:deadlines": OWN,
    "show:contact": [("", AT_A_SCHOOL)],
    "show:calendar": [("", AT_A_SCHOOL)],
    "show:subscribe": [("", AT_A_SCHOOL)],
    "show:unsubscribe": [("", AT_A_SCHOOL)],
    "show:act": [("{mine}", PEOPLE), ("{post_of_other}", NOBODY), ("{none}", NOBODY)],
    "show:admit": ADMIT,
    "show:status": [("", AT_THE_OFFICE), ("{duty}", AT_THE_OFFICE), ("{none}.2026", NOBODY)],
    "show:read": READ,
    "show:files": READ,
    "show:unacknowledged": [("", ANYBODY)],
    "show:before": [("", [Role.ADMIN]), ("strict", [Role.ADMIN])],
    "show:proposal": [("{proposal}", MAY_DECIDE), ("{none}", NOBODY)],
    "show:replace": [("{proposal}.{mark}", MAY_DECIDE), ("{none}.{mark}", NOBODY)],
    "show:keep_old": [("{proposal}", MAY_DECIDE), ("{none}", NOBODY)],
    "show:case": [
        ("{open}", AT_THE_OFFICE),
        ("{sent}", AT_THE_OFFICE),
        ("{open_of_other}", AT_THE_OFFICE),
        ("{none}", NOBODY),
    ],
    "show:asked": [("", MAY_DECIDE)],
    "show:more_time": [("", AT_A_SCHOOL)],
    "show:agree": ANSWER_TIME,
    "open:agree_until": ANSWER_TIME,
    "open:refuse_time": ANSWER_TIME,
    "open:give": OF_OPEN,
    "open:lock": OF_OPEN,
    "open:lock_round": OF_OPEN,
    "open:elsewhere": OF_OPEN,
    "open:excuse": OF_OPEN,
    "open:restore": [("{eased_of_other}", MAY_DECIDE), ("{none}", NOBODY)],
    "show:proof": [("{eased_of_other}", MAY_DECIDE), ("{none}", NOBODY)],
    "open:unlock": OF_LOCKED,
    "open:unlock_round": OF_LOCKED,
    "open:ask_unlock": [
        ("{locked}", AT_A_SCHOOL),
        ("{open}", NOBODY),
        ("{locked_of_other}", NOBODY),
        ("{none}", NOBODY),
    ],
    "show:grant_unlock": ANSWER_LOCK,
    "open:refuse_unlock": ANSWER_LOCK,
    "open:more_time": [
        ("{open}", AT_A_SCHOOL),
        ("{sent}", NOBODY),
        ("{open_of_other}", NOBODY),
        ("{none}", NOBODY),
    ],
    "show:sent": [("", AT_A_SCHOOL)],
    "show:recallable": [("", AT_A_SCHOOL)],
    "show:recall": [
        ("{version}", AT_A_SCHOOL),
        ("{version_of_other}", NOBODY),
        ("{none}", NOBODY),
    ],
    "show:changes": [("{sent}", NOBODY), ("{sent_of_other}", NOBODY), ("{none}", NOBODY)],
    "show:presented": FOR_THE_HEAD,
    "show:approve": FOR_THE_HEAD,
    "show:writer": FOR_THE_HEAD,
    "show:enclosed": FOR_THE_HEAD,
    "show:alone": [
        ("{asked_about}.1", AT_A_SCHOOL),
        ("{asked_about_of_other}.1", NOBODY),
        ("{none}.1", NOBODY),
    ],
    "open:sendback": [
        ("{asked_about}", HEADS),
        ("{asked_about_of_other}", NOBODY),
        ("{none}", NOBODY),
    ],
    "show:review": [
        ("", MAY_REVIEW),
        ("{sent}", MAY_REVIEW),
        ("{sent_of_other}", MAY_REVIEW),
        ("{elsewhere}", NOBODY),
    ],
    "show:accept": JUDGE,
    "show:undo": [("{none}", NOBODY)],
    "show:undo_all": [("{none}", NOBODY)],
    "show:clean": [("", MAY_REVIEW)],
    "open:return": JUDGE,
    "show:later": [("", ANYBODY)],
    "show:again": [("", ANYBODY)],
    "show:reread": [("{message}", NOBODY), ("{none}", NOBODY)],
    "open:hour": [("0", PEOPLE)],
    "open:hold": OF_OPEN,
    "show:free": OF_OPEN,
    "show:urge": [("{duty}", MAY_DECIDE)],
    "show:schedule": [("", MAY_DECIDE)],
    "show:schedule_day": [("", MAY_DECIDE)],
    "show:schedule_one": [("{none}", MAY_DECIDE)],
    "show:schedule_sheet": [("", MAY_DECIDE)],
    "show:archive": [("", PEOPLE), ("fire", PEOPLE)],
    "show:archive_of": [("{school}", AT_THE_OFFICE), ("{none}", NOBODY)],
    "show:archive_report": READ,
    "show:archive_file": [
        ("{file}", [*AT_A_SCHOOL, *AT_THE_OFFICE]),
        ("{file_of_other}", AT_THE_OFFICE),
        ("{sent}.{upload_of_other}", NOBODY),
        ("{none}.{upload_of_other}", NOBODY),
    ],
    "show:same": [("{upload_of_other}.use", NOBODY), ("{none}.use", NOBODY)],
    "show:units": [("", AT_THE_OFFICE), ("{school}", AT_THE_OFFICE), ("{none}", NOBODY)],
    "show:sheet": [("", MAY_IMPORT)],
    "show:undelivered": [("", AT_THE_OFFICE)],
    "show:broadcast": [
        ("", AT_THE_OFFICE),
        ("{message}", AT_THE_OFFICE),
        ("{draft_of_other}", NOBODY),
        ("{none}", NOBODY),
    ],
    "show:send": OTHERS_DRAFT,
    "show:urgent": OTHERS_DRAFT,
    "show:discard": OTHERS_DRAFT,
    "show:confirm": [("{to_confirm}", MAY_BROADCAST), *OTHERS_DRAFT],
    "show:give_back": [("{to_confirm}", MAY_BROADCAST), *OTHERS_DRAFT],
    "show:pause": OTHERS_DRAFT,
    "show:resume": OTHERS_DRAFT,
    "show:stop": [("{message}", MAY_BROADCAST), *OTHERS_DRAFT],
    "show:understood": [("{message}", NOBODY), ("{none}", NOBODY)],
    "show:who": OTHERS_MESSAGE,
    "show:receipts": OTHERS_DRAFT,
    "show:outside": OTHERS_MESSAGE,
    "show:card": OTHERS_MESSAGE,
    "show:documents": [("", PEOPLE)],
    "show:document": READ_PAPER,
    "show:forget": READ_PAPER,
    "show:task": [("{draft_duty}", NOBODY), ("{none}", NOBODY)],
    "show:draft": DRAFTED,
    "show:drop_draft": DRAFTED,
    "show:keep_draft": DRAFTED,
    "show:publish": READ_PAPER,
    "show:post": [("{read_paper}.0", MAY_BROADCAST), ("{none}.0", NOBODY)],
    "open:document": [("0", MAY_BROADCAST)],
    "open:slack": [("0", [Role.ADMIN])],
    "open:head": READ_PAPER,
    "open:words": READ_PAPER,
    "open:draft_day": DRAFTED,
    "open:draft_end": DRAFTED,
    "open:draft_owner": DRAFTED,
    "open:draft_receiver": DRAFTED,
    "open:draft_audience": DRAFTED,
    "open:draft_name": DRAFTED,
    "open:questions": DRAFTED,
    "show:paper": [("{paper}", PEOPLE), ("{none}", NOBODY)],
    "show:clause": [("{clause}", PEOPLE), ("{none}", NOBODY)],
    "show:late": [("{duty}", AT_THE_OFFICE), ("{none}.2026", NOBODY)],
    "show:ask": [("", PEOPLE)],
    "show:mine": [("", AT_A_SCHOOL), ("{question_of_other}", NOBODY), ("{none}", NOBODY)],
    "show:questions": [
        ("", AT_THE_OFFICE),
        ("{question_of_other}", MAY_ANSWER),
        ("{none}", NOBODY),
    ],
    "show:take": ASKED,
    "show:close": ASKED,
    "show:surveys": [("", PEOPLE), ("{survey_of_other}", AT_THE_OFFICE), ("{none}", NOBODY)],
    "show:survey_link": [
        ("{survey_of_other}.0", AT_THE_OFFICE),
        ("{survey_of_other}.{other_school}", AT_THE_OFFICE),
        ("{none}.0", NOBODY),
    ],
    "show:survey_results": [("{closed_survey}.0", AT_THE_OFFICE), ("{none}.0", NOBODY)],
    "show:survey_close": [("{survey_of_other}", MAY_BROADCAST), ("{none}", NOBODY)],
    "show:survey_sheet": [("{closed_survey}", MAY_BROADCAST), ("{none}", NOBODY)],
    "open:survey": [("0", MAY_BROADCAST), ("{none}", NOBODY)],
    "show:second": [("", [Role.ADMIN]), ("yes", [Role.ADMIN])],
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
    "show:handover": [("", MAY_HAND_OVER)],
    "open:handover": [
        ("{own}", MAY_HAND_OVER),
        ("{writer}", [Role.HEAD, Role.ADMIN]),
        ("{post_of_other}", [Role.ADMIN]),
        ("{asked}", NOBODY),
        ("{none}", NOBODY),
    ],
    "show:withdraw": [("{handover}", [Role.ADMIN]), ("{invitation}", NOBODY), ("{none}", NOBODY)],
    "open:find": [("0", PEOPLE)],
    "open:ask": [("0", AT_A_SCHOOL), ("{message}", NOBODY), ("{none}", NOBODY)],
    "open:further": [("{question_of_other}", NOBODY), ("{none}", NOBODY)],
    "open:outside": [("{message}", MAY_BROADCAST), ("{none}", NOBODY)],
    "open:despatch": [("{despatch}", MAY_BROADCAST), ("{none}", NOBODY)],
    "open:answer": ASKED,
    "open:pass_on": ASKED,
    "open:share": [("{answered}", MAY_ANSWER), ("{none}", NOBODY)],
    "open:correct": OTHERS_DRAFT,
    "show:events": [("", PEOPLE)],
    "show:event": [("{event}", AT_THE_OFFICE), *NO_EVENT],
    "show:participants": [("{event}", AT_THE_OFFICE), *NO_EVENT],
    "show:code": [("{event}", MAY_BROADCAST), *NO_EVENT],
    "show:tick": [("{event}", MAY_BROADCAST), *NO_EVENT],
    "open:event": [("0", MAY_BROADCAST), ("{waiting}", MAY_BROADCAST), *NO_EVENT],
    "open:event_day": [("{event}", MAY_BROADCAST), *NO_EVENT],
    "open:event_off": [("{event}", MAY_BROADCAST), *NO_EVENT],
    "open:erase_guest": [("{event}", MAY_BROADCAST), *NO_EVENT],
    "open:finding": [("{inspected}", MAY_BROADCAST), *NO_EVENT],
    "open:talks": [("{exchange}", MAY_BROADCAST), *NO_EVENT],
    "show:finding": [
        ("{found}", [*AT_A_SCHOOL, *AT_THE_OFFICE]),
        ("{found_of_other}", AT_THE_OFFICE),
        ("{open}", NOBODY),
        ("{none}", NOBODY),
    ],
    "show:invited": INVITED,
    "show:come": INVITED,
    "open:others": INVITED,
    "open:absent": INVITED,
    "show:attend": [("", PEOPLE), ("SKXXXXXX", NOBODY)],
    "open:broadcast": [("0", MAY_BROADCAST), *OTHERS_DRAFT],
}
REFUSED = (
    *(
        "This is no draft any more",
        "Only the office can",
        "You act for no school",
        "There is no such",
        "Please register first",
    ),
    *("You do not hold this post", "This registration is already decided"),
    *("This report no longer waits", "This code is not valid", "You have no post that"),
    *("Only an officer can", "That file waits for no answer"),
)
# Of what is said and of where each person is.
TALK = {"received", "outgoing", "conversation", "wrong_code", "address"}

DECIDED = {
    "report",
    "extension",
    "unlock_request",
    "easing",
}  # what the office changes of a school


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
    someone(office, channel, "Hạnh", "QT", Role.HEAD)
    someone(office, channel, "Hoa", "LL", Role.HEAD)
    says_all(stranger, *REGISTER)
    with Session(office.engine) as session:
        _ask(session, office)
        session.commit()
    thu = someone(office, channel, "Thu", "PHONG", Role.OFFICER)
    for words in ("draft_of_other", "to_confirm", "message"):
        says_all(thu, "/thongbao", "[Write a message]", words, "[Done]", "[All schools]")
        says_all(thu, "[Done]", "[At once]")
    for words in ("question_of_other", "answered"):
        says_all(mai, "/hoi", words, "[Done]")
    me = Phone(office, channel, "80012345", "Bình")
    if role:
        me = someone(office, channel, "Bình", "LL" if role in AT_A_SCHOOL else "PHONG", role)
    me.says("/start")
    with Session(office.engine) as session:
        _present_november(session, office)
        return World(office, me, dict(_ids(session, office)))


def _ask(session: Session, office: Office) -> None:
    """What the other school asks; some reports are locked, and more have a deadline."""
    asking = session.exec(select(Person).where(Person.name == "Mai")).one()
    for report in session.exec(select(Report)).all():
        theirs = session.get_one(Unit, report.unit_id).code == "QT"
        if report.title == "Safety plan":
            report.due_on = date(2026, 11, 30)
        if theirs and report.state is State.SUBMITTED:
            extensions.ask(session, report, date(2026, 12, 7), PRIVATE, asking.id, office.now)
        if report.title.endswith("11/2026"):
            locked = _another(session, report, "2027")
            locks.lock(session, locked, None, office.now)
            if theirs:
                locks.ask(session, locked, PRIVATE, asking.id, office.now)
                _ease(session, _another(session, report, "2028"), asking, office)


def _another(session: Session, like: Report, period: str) -> Report:
    report = Report(duty_id=like.duty_id, unit_id=like.unit_id, period=period, title="Another")
    session.add(report)
    session.flush()
    return report


def _ease(session: Session, report: Report, by: Person, office: Office) -> None:
    proof = session.exec(select(Upload)).first()
    assert proof
    easings.file_elsewhere(session, report, Place.PAPER, [proof.id], by.id, office.now)


def _present_november(session: Session, office: Office) -> None:
    """Each school's writer asks their head; and one school has sent a report to another office."""
    november = select(Report).where(Report.period == "2026-11").order_by(col(Report.id))
    for one in session.exec(november).all():
        of_october = select(Submission.holder_id).join(Report)
        writer = session.exec(of_october.where(Report.unit_id == one.unit_id)).first()
        draft = submissions.begin_draft(session, one, writer or 0, office.now)
        submissions.present(session, one, draft, draft.holder_id, office.now)
    plan = session.exec(select(Duty).where(Duty.code == "everything")).one()
    other = Unit(code="SO", name="Another office", kind=UnitKind.OFFICE)
    session.add(other)
    session.flush()
    values = plan.model_dump(exclude={"id"}) | {"code": "other", "receiver_id": other.id}
    session.add(duty := Duty(**values))
    session.flush()
    session.add(sent := Report(duty_id=duty.id, unit_id=one.unit_id, title="Elsewhere"))
    session.flush()
    submissions.submit(session, sent, draft.holder_id, (), office.now)


def _ids(session: Session, office: Office) -> Iterator[tuple[str, object]]:
    for code, whose in (("LL", ""), ("QT", "_of_other")):
        unit = units.with_code(session, code)
        assert unit
        theirs = select(Report).where(Report.unit_id == unit.id).order_by(col(Report.id))
        found = session.exec(theirs).all()
        sent = next(r for r in found if r.state is State.SUBMITTED)
        yield f"sent{whose}", sent.id
        locked = next(r for r in found if r.state is State.LOCKED)
        yield f"locked{whose}", locked.id
        upload = session.exec(select(Upload.id).where(Upload.unit_id == unit.id)).first()
        yield f"file{whose}", f"{sent.id}.{upload}"
        yield f"open{whose}", next(r.id for r in found if r.title == "Safety plan")
        waiting = next(r for r in found if r.state is State.AWAITING_HEAD)
        draft, version = (
            submissions.draft_of(session, waiting),
            submissions.last_sent(session, sent),
        )
        assert draft
        assert version
        yield from {f"asked_about{whose}": draft.id, f"version{whose}": version.id}.items()
        yield "duty", f"{sent.duty_id}.{sent.period}"
        yield "school", unit.id
        invitations.make(session, unit.id, Role.HEAD, None, office.now)
        if whose:
            begun = reviews.begin(session, sent, version, version.holder_id, office.now)
            yield "review", begun.id
    yield from _papers(session, office)
    yield "elsewhere", next(r.id for r in found if r.title == "Elsewhere")
    session.commit()
    yield "invitation", session.exec(select(invitations.Invitation.id)).first()
    posts = dict(session.exec(select(Person.name, Post.id).join(Person)).all())
    yield from {"asked": posts["Lò Thị Tú"], "post_of_other": posts["Mai"]}.items()
    yield "mine", posts.get("Bình")
    yield "own", posts.get("Bình", 999)
    yield "writer", posts["Lan"]
    of_mai = session.get_one(Post, posts["Mai"]).unit_id
    invitations.make(session, of_mai, Role.REPORTER, None, office.now, hands_over=posts["Mai"])
    session.commit()
    handed = select(invitations.Invitation.id).where(
        col(invitations.Invitation.hands_over).is_not(None)
    )
    yield "handover", session.exec(handed).first()
    yield "upload_of_other", session.exec(select(Upload.id)).first()
    yield "asked_time", session.exec(select(Extension.id)).first()
    yield "eased_of_other", session.exec(select(Easing.report_id)).first()
    yield "asked_unlock", session.exec(select(UnlockRequest.id)).first()
    for at, broadcast in enumerate(session.exec(select(Broadcast).order_by(col(Broadcast.id)))):
        broadcast.stage = (Stage.DRAFT, Stage.CONFIRMING, Stage.WAITING)[at]
        yield broadcast.letter["text"], broadcast.id
        if broadcast.stage is Stage.WAITING:
            despatches.add(session, broadcast, ["Website"])
            yield "despatch", despatches.of(session, broadcast)[0].id
    session.commit()
    for message in session.exec(select(QuestionMessage)).all():
        yield message.letter["text"], message.question_id
        if message.letter["text"] == "answered":
            asked = session.get_one(Question, message.question_id)
            answer_ = {"text": "Yes."}
            questions.add(session, asked, 1, answer_, office.now, by_office=True)
    yield "other_school", of_mai
    yield "survey_of_other", _survey(session, office, of_mai, date(2099, 1, 1))
    yield "closed_survey", _survey(session, office, of_mai, date(2020, 1, 1))
    session.commit()
    yield from _events(session, office)
    session.commit()
    yield from _proposal(session, office).items()
    yield "none", 999


def _events(session: Session, office: Office) -> Iterator[tuple[str, object]]:
    """One for both schools, one for the other alone, one nobody is invited to, a foreign one."""
    ids = {unit.code: unit.id for unit in session.exec(select(Unit))}
    invited = {
        "event": ["LL", "QT"],
        "event_of_other": ["QT"],
        "waiting": [],
        "event_elsewhere": [],
        "inspected": ["LL", "QT"],
        "exchange": ["QT"],
    }
    kinds = {"inspected": EventKind.INSPECTION, "exchange": EventKind.EXCHANGE}
    for name, codes in invited.items():
        home = "SO" if name == "event_elsewhere" else "PHONG"
        kind = kinds.get(name, EventKind.TRAINING)
        day = office.now.date() if name == "inspected" else date(2026, 11, 20)
        event = Event(unit_id=ids[home], kind=kind, title=name, made_at=office.now)
        event.hold(Held(day, day))
        session.add(event)
        session.flush()
        if codes:
            sent = Broadcast(unit_id=ids[home], author_id=1, made_at=office.now)
            sent.event_id, sent.news, sent.begun_at = event.id, News.INVITATION, office.now
            sent.stage, sent.unit_ids = Stage.SENT, [ids[code] for code in codes]
            sent.written = {"letter": {"text": name}}
            session.add(sent)
        yield name, event.id
        if name == "event":
            named = [{"name": "Nga", "phone": "0912345678"}]
            by = (ids["QT"], Reply.OTHERS, 1, office.now)
            events.answer(session, event, *by, people=named)
        if name == "inspected":
            for found, code in (("found", "LL"), ("found_of_other", "QT")):
                unit, said = session.get_one(Unit, ids[code]), {"text": PRIVATE}
                args = (event, unit, said, date(2026, 11, 20), 1, office.now)
                yield found, event_duties.find(session, *args).id


def _proposal(session: Session, office: Office) -> dict[str, object]:
    """A plan that waits for the office, and the mark of what it changes."""
    proposal = proposals.make(session, newer(), office.now)
    assert proposal is not None
    accept, _decline = replacing.proposal_card(session, proposal).choices
    session.commit()
    return {"proposal": proposal.id, "mark": accept.action.rpartition(".")[2]}


def _papers(session: Session, office: Office) -> Iterator[tuple[str, object]]:
    """A document that an officer had read, with a draft, and one that was published."""
    thu = session.exec(select(Person).where(Person.name == "Thu")).one()
    head = {"number": "5", "symbol": "TB", "kind": "", "issuer": "", "title": "Read"}
    read = ReadDocument(
        unit_id=units.office(session).id,
        person_id=thu.id,
        stage=drafts.Stage.READ,
        given_at=office.now,
        found={"head": head | {"issued_on": "2026-10-20"}, "clauses": [], "events": []},
    )
    session.add(read)
    session.flush()
    found = {"sentence": "", "place": "", "receiver": "", "topic": "", "channels": []}
    draft = DraftDuty(
        read_document_id=read.id,
        position=0,
        title="A draft",
        due="none",
        found=found | {"written": "", "condition": ""},
        items=proposed((), (), "The report"),
        audience={"everybody": True},
    )
    session.add(draft)
    session.flush()
    yield from {"read_paper": read.id, "draft_duty": draft.id}.items()
    yield "paper", session.exec(select(SourceDocument.id)).first()
    yield "clause", session.exec(select(Clause.id)).first()


def _survey(session: Session, office: Office, unit_id: int, closes_on: date) -> int:
    thu = session.exec(select(Person.id).where(Person.name == "Thu")).one()
    survey = Survey(
        unit_id=units.office(session).id,
        author_id=thu,
        title=PRIVATE,
        closes_on=closes_on,
        least=5,
        made_at=office.now,
    )
    surveys.make(session, survey, [unit_id])
    return survey.id


def tried(world: World, action: str) -> tuple[list[str], set[str]]:
    """What is said to an action, which is then undone, and the tables that it wrote to."""
    me, office = world.me, world.office
    with office.engine.connect() as connection, written(connection) as tables:
        incoming = Incoming(me.channel, "forged", me.chat, me.chat, Picked(action))
        unhurried = replace(office.desk, floods=Floods())
        answer(connection, unhurried, incoming, office.times())
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
    watched = set()
    for action, subjects in MATRIX.items():
        refusals = set()
        for about, may in subjects:
            said, tables = tried(world, f"{action}:{about.format(**world.ids)}")
            watched |= tables
            refused = said[0].startswith(REFUSED) or (said == menu and may is NOBODY)
            assert refused == (role not in may), f"{action}:{about} for {role}: {said}"
            if refused:
                refusals.add(tuple(said))
                assert tables <= TALK, f"{action}:{about}"
        # What one may not touch is answered like what there is not.
        assert len(refusals) <= 1, f"{action} for {role}: {refusals}"
    assert "conversation" in watched  # so writing was seen


@pytest.mark.parametrize("count", [60, pytest.param(2000, marks=pytest.mark.soak)])
def test_guessed_actions_touch_nothing_of_another_school(
    world: World, role: Role | None, count: int
) -> None:
    guess = random.Random(f"{role} {count}")  # noqa: S311  the same guesses every time
    before = of_others(world)
    heard: list[str] = []
    for _time in range(count):
        action = guessed(guess, role)
        world.me.gives(Picked(action), seen=guess.choice([in_front(world), "0.0", "1.0", "x"]))
        heard += world.me.hears()
        if guess.random() < 0.1:
            heard += world.me.says("some words")
    changed = {name for name, rows in of_others(world).items() if rows != before[name]}
    assert changed <= (DECIDED if role in MAY_DECIDE else set())
    if role not in AT_THE_OFFICE:
        assert PRIVATE not in "\n".join(heard)
    with Session(world.office.engine) as session:
        made = session.exec(select(invitations.Invitation)).all()
    assert len(made) == 3 or role in MAY_INVITE | MAY_HAND_OVER
    of_other = [one.uses_left for one in made if one.hands_over == world.ids["post_of_other"]]
    assert of_other == [1] or role is Role.ADMIN


PICKS = (
    *("answer:yes", "answer:no", "answer:agree", "answer:me", "answer:stay", "answer:reporter"),
    *("answer:make", "answer:lock", "answer:unlock", "answer:restore", "answer:paper"),
    *("answer:3", "submit", "done", "skip", "keep", "back", "-change", "edit:exits", "page:1", ""),
)
REVIEWING = (
    "show:review",
    "show:accept",
    "show:undo",
    "show:undo_all",
    "show:clean",
    "open:return",
)
NUMBERS = (*range(1, 30), 0, 999, 2**31, 2**63, 10**30, -1)


def guessed(guess: random.Random, role: Role | None) -> str:
    if guess.random() < 0.4:
        return guess.choice(PICKS)
    # Officers may well decide about other schools' reports.
    actions = [action for action in MATRIX if role not in MAY_REVIEW or action not in REVIEWING]
    action, number = guess.choice(actions), guess.choice(NUMBERS)
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
    for table in ("answer", "evidence"):
        kept[table] = [row for row in rows[table] if row["submission_id"] in answers]
    for table in ("extension", "unlock_request", "easing"):
        kept[table] = [row for row in rows[table] if row["report_id"] in ids]
    mai = next(row["id"] for row in rows["person"] if row["name"] == "Mai")
    kept["person"] = [row for row in rows["person"] if row["id"] == mai]
    kept["post"] = [row for row in rows["post"] if row["person_id"] == mai]
    return kept
