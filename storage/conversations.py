"""Where each person is in each conversation, so that any process can carry on."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select, update

from storage.database import Instant, Json, primary_key
from storage.people import Acting, Person


class Conversation(SQLModel, table=True):
    """One person's way through one flow about one subject, for example filling in report 17.

    answers: only of flows whose subject has no table to keep them in.
    turn: grows by one with every answer; a button from an earlier turn is stale.
    album: the files being sent together: {"id", "got", "of"}.
    """

    __table_args__ = (
        UniqueConstraint("person_id", "flow", "subject_id"),
        {"sqlite_autoincrement": True},  # an ended conversation's buttons must stay nobody's
    )

    id: int = primary_key()
    person_id: int = Field(foreign_key="person.id", index=True)
    flow: str
    subject_id: int
    at: str = ""
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=Json())
    turn: int = 0
    touched_at: datetime = Field(sa_type=Instant)
    album: dict[str, Any] | None = Field(default=None, sa_type=Json())


def find(session: Session, person_id: int, flow: str, subject_id: int) -> Conversation | None:
    about = {"of_person": person_id, "of_flow": flow, "about": subject_id}
    return session.exec(_FIND, params=about).first()


_FIND = select(Conversation).where(
    Conversation.person_id == bindparam("of_person"),
    Conversation.flow == bindparam("of_flow"),
    Conversation.subject_id == bindparam("about"),
)


def enter(
    session: Session, person_id: int, flow: str, subject_id: int, now: datetime
) -> Conversation:
    """Bring a conversation to the front, starting it if there is none yet."""
    conversation = find(session, person_id, flow, subject_id) or Conversation(
        person_id=person_id, flow=flow, subject_id=subject_id, touched_at=now
    )
    session.add(conversation)
    session.flush()
    _bring_to_front(session, person_id, conversation.id)
    return conversation


def latest(session: Session, person_id: int, flow: str) -> Conversation | None:
    """The one of a flow that the person went on with last, whether in front or not."""
    return session.exec(
        select(Conversation)
        .where(Conversation.person_id == person_id, Conversation.flow == flow)
        .order_by(col(Conversation.touched_at).desc())
        .limit(1)
    ).first()


def leave(session: Session, conversation: Conversation) -> None:
    """End it; what was answered in it is gone unless its flow keeps answers elsewhere."""
    pause(session, conversation.person_id)
    session.delete(conversation)


def pause(session: Session, person_id: int) -> None:
    """Nothing is in front any more; every conversation stays and can be entered again."""
    _bring_to_front(session, person_id, None)


def hand_over(
    session: Session, leaver: Person, to_id: int, flow: str, about: Collection[int]
) -> None:
    """Give somebody else the leaver's places in a flow, where they have none of their own."""
    for subject_id in about:
        theirs = find(session, leaver.id, flow, subject_id)
        if theirs is None or find(session, to_id, flow, subject_id):
            continue
        theirs.person_id = to_id
        theirs.turn += 1  # buttons shown to the leaver are not for the new person
        session.add(theirs)
    if leaver.conversation_id is not None:
        pause(session, leaver.id)


def current(session: Session, me: Acting) -> Conversation | None:
    """The one in front, also where this session has just changed it."""
    in_front = session.info.get((_IN_FRONT, me.id), me.conversation_id)
    return session.get(Conversation, in_front) if in_front else None


def last_turn(session: Session, person: Person) -> datetime | None:
    """When somebody who is in the middle of a conversation went on with it last."""
    talking = session.get(Conversation, person.conversation_id) if person.conversation_id else None
    return talking.touched_at if talking else None


def _bring_to_front(session: Session, person_id: int, conversation_id: int | None) -> None:
    session.exec(_BRING, params={"of_person": person_id, "to_front": conversation_id})
    session.info[_IN_FRONT, person_id] = conversation_id


_IN_FRONT = "the conversation in front"
_BRING = (
    update(Person)
    .where(col(Person.id) == bindparam("of_person"))
    .values(conversation_id=bindparam("to_front", type_=Integer))
    .execution_options(synchronize_session=False)
)
