"""What schools ask the office in their own words, its answers, and those worth sharing."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from core.roles import MAY_ANSWER, Role
from core.units import Level
from storage import audit, people
from storage.database import Instant, Json, primary_key, words
from storage.people import Acting, Person
from storage.units import Unit


class Standing(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Question(SQLModel, table=True):
    """unit_id: the asker's school. topic: "" for none in particular.

    broadcast_id: the message that it is about. officer_id: who of the office has it.
    answered_at: of the first answer.
    """

    __table_args__ = {"sqlite_autoincrement": True}

    id: int = primary_key()
    asker_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    office_id: int = Field(foreign_key="unit.id")
    topic: str = ""
    broadcast_id: int | None = Field(default=None, foreign_key="broadcast.id")
    officer_id: int | None = Field(default=None, foreign_key="person.id")
    standing: Standing = words(Standing, default=Standing.OPEN, index=True)
    asked_at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)


class QuestionMessage(SQLModel, table=True):
    """letter: what `core.writing` stored. by_office: whether it is an answer."""

    __tablename__ = "question_message"

    id: int = primary_key()
    question_id: int = Field(foreign_key="question.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    by_office: bool
    letter: dict[str, Any] = Field(default_factory=dict, sa_type=Json())
    at: datetime = Field(sa_type=Instant)


class Note(SQLModel, table=True):
    """An answer worth sharing. asked: as others would ask it. letter: as in `QuestionMessage`."""

    id: int = primary_key()
    office_id: int = Field(foreign_key="unit.id", index=True)
    question_id: int = Field(foreign_key="question.id", unique=True)
    asked: str
    letter: dict[str, Any] = Field(default_factory=dict, sa_type=Json())
    made_by_id: int = Field(foreign_key="person.id")
    made_at: datetime = Field(sa_type=Instant)


def ask(session: Session, question: Question, letter: dict[str, Any]) -> None:
    session.add(question)
    session.flush()
    add(session, question, question.asker_id, letter, question.asked_at, by_office=False)


def add(
    session: Session,
    question: Question,
    person_id: int,
    letter: dict[str, Any],
    now: datetime,
    *,
    by_office: bool,
) -> None:
    """One more message. An answer makes it its author's question, if it was nobody's."""
    session.add(
        QuestionMessage(
            question_id=question.id,
            person_id=person_id,
            by_office=by_office,
            letter=letter,
            at=now,
        )
    )
    question.standing = Standing.ANSWERED if by_office else Standing.OPEN
    if by_office:
        question.officer_id = question.officer_id or person_id
        question.answered_at = question.answered_at or now
    session.add(question)


def give_to(
    session: Session, question: Question, officer_id: int, by_id: int, now: datetime
) -> None:
    before, question.officer_id = question.officer_id, officer_id
    changed = ({"officer": before}, {"officer": officer_id})
    audit.record(session, now, by_id, question, "given to", *changed)


def close(session: Session, question: Question, by_id: int, now: datetime) -> None:
    before, question.standing = question.standing, Standing.CLOSED
    changed = ({"standing": before}, {"standing": Standing.CLOSED})
    audit.record(session, now, by_id, question, "closed", *changed)


def to_answer(session: Session, me: Acting, question_id: int) -> Question | None:
    """Locked, if it was asked of the person's office and they may answer there."""
    question = _locked(session, question_id)
    may = me.role in MAY_ANSWER and question is not None and question.office_id == me.unit_id
    return question if may else None


def own(session: Session, me: Acting, question_id: int) -> Question | None:
    """Locked, if the person asked it, for the school they act for."""
    question = _locked(session, question_id)
    if question is None or question.asker_id != me.id or question.unit_id != me.unit_id:
        return None
    return question


def _locked(session: Session, question_id: int) -> Question | None:
    lock = {"key_share": True}  # others may write rows about it meanwhile
    return session.get(Question, question_id, with_for_update=lock, populate_existing=True)


def messages(session: Session, question: Question) -> list[QuestionMessage]:
    return list(
        session.exec(
            select(QuestionMessage)
            .where(QuestionMessage.question_id == question.id)
            .order_by(col(QuestionMessage.id))
        )
    )


def of_office(session: Session, office_id: int, most: int) -> list[tuple[Question, Unit]]:
    """Those that are not closed, the ones without an answer first, then the oldest."""
    return list(
        session.exec(
            select(Question, Unit)
            .join(Unit, col(Unit.id) == Question.unit_id)
            .where(Question.office_id == office_id, Question.standing != Standing.CLOSED)
            .order_by((col(Question.standing) == Standing.OPEN).desc(), col(Question.id))
            .limit(most)
        )
    )


def of_person(session: Session, me: Acting, most: int) -> list[Question]:
    """What somebody asked for the school they act for, the newest first."""
    return list(
        session.exec(
            select(Question)
            .where(Question.asker_id == me.id, Question.unit_id == me.unit_id)
            .order_by(col(Question.id).desc())
            .limit(most)
        )
    )


def until_first_answer(session: Session, office_id: int, since: datetime) -> timedelta | None:
    """The median of what was asked since a moment and is answered; None where nothing is."""
    rows = session.exec(
        select(Question.asked_at, Question.answered_at).where(
            Question.office_id == office_id,
            Question.asked_at >= since,
            col(Question.answered_at).is_not(None),
        )
    )
    took = [(answered - asked).total_seconds() for asked, answered in rows if answered]
    return timedelta(seconds=median(took)) if took else None


# Who answers


def responsible(
    session: Session, office_id: int, topic: str, levels: Collection[str]
) -> list[Person]:
    """The officers of a topic and of the school's level, as far as any are; else all of them.

    Levels of teaching stand among the topics of an officer's post.
    """
    officers = people.holders(session, office_id, {Role.OFFICER})
    of_topic = [(post, p) for post, p in officers if topic and topic in post.topics] or officers
    of_level = [(post, p) for post, p in of_topic if set(levels) & set(post.topics)]
    found = of_level or [(post, p) for post, p in of_topic if not _levels(post.topics)] or of_topic
    if not found:
        found = people.holders(session, office_id, {Role.ADMIN})
    return list({person.id: person for _post, person in found}.values())


def holder(session: Session, question: Question) -> Person | None:
    """Who of the office has it, if they still may answer there."""
    held = people.holders(session, question.office_id, MAY_ANSWER)
    return next((p for _post, p in held if p.id == question.officer_id), None)


def topics(session: Session, office_id: int) -> list[str]:
    """What its officers are responsible for, but for levels of teaching."""
    held = people.holders(session, office_id, {Role.OFFICER})
    all_topics = {topic for post, _person in held for topic in post.topics}
    return sorted(all_topics - _levels(all_topics))


def _levels(topics: Collection[str]) -> set[str]:
    return set(topics) & {str(level) for level in Level}


# Answers worth sharing


def notes(session: Session, office_id: int) -> dict[int, str]:
    """What was asked in each, by its id."""
    rows = select(Note.id, Note.asked).where(Note.office_id == office_id)
    return dict(session.exec(rows).all())


def share(session: Session, note: Note) -> None:
    """In place of an earlier note about the same question."""
    before = session.exec(select(Note).where(Note.question_id == note.question_id)).first()
    if before:
        before.asked, before.letter = note.asked, note.letter
    else:
        session.add(note)
