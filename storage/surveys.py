"""Anonymous surveys: what is asked, of which schools, under which links, and the bare answers.

An answer is kept with its school and with nothing that says who gave it or when. That a device
has answered is a row of its own, which leads to no answer.
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from core.question import Answer
from storage import audit
from storage.database import Instant, Json, insert_for, primary_key
from storage.people import Acting
from storage.units import Unit

CODE_BYTES = 9  # 12 letters of an address; nobody comes upon another survey by chance


class Survey(SQLModel, table=True):
    """unit_id: the office whose survey it is. asked: see `core.survey`.

    closes_on: the last day on which it can be answered. closed_at: when the office ended it
    earlier. least: how many answers there must be before anything is told of them; it is fixed
    with the survey, as those who answer are told so. sheet_for: people who wait for the sheet.
    """

    id: int = primary_key()
    unit_id: int = Field(foreign_key="unit.id", index=True)
    author_id: int = Field(foreign_key="person.id")
    title: str
    asked: list[Any] = Field(default_factory=list, sa_type=Json())
    closes_on: date
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    least: int
    made_at: datetime = Field(sa_type=Instant)
    sheet_for: list[int] = Field(default_factory=list, sa_type=Json())

    def is_open(self, today: date) -> bool:
        return self.closed_at is None and today <= self.closes_on


class SurveyLink(SQLModel, table=True):
    """One way to a survey. unit_id: the school it is for; None where whoever answers says it."""

    __tablename__ = "survey_link"
    __table_args__ = (UniqueConstraint("survey_id", "unit_id"),)

    id: int = primary_key()
    survey_id: int = Field(foreign_key="survey.id")
    unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    code: str = Field(unique=True)


class SurveyAnswer(SQLModel, table=True):
    """answers: by the key of the question."""

    __tablename__ = "survey_answer"

    id: int = primary_key()
    survey_id: int = Field(foreign_key="survey.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=Json())


class SurveyDevice(SQLModel, table=True):
    """digest: SHA-256 of a survey and the random word that a device was given for it, in hex."""

    __tablename__ = "survey_device"

    digest: str = Field(primary_key=True)


def make(session: Session, survey: Survey, schools: Collection[int]) -> None:
    """Keep it, with a link for each school and one for all. The caller commits."""
    session.add(survey)
    session.flush()
    for unit_id in (None, *schools):
        code = secrets.token_urlsafe(CODE_BYTES)
        session.add(SurveyLink(survey_id=survey.id, unit_id=unit_id, code=code))
    session.flush()
    audit.record(session, survey.made_at, survey.author_id, survey, "made")


def close(session: Session, survey: Survey, me: Acting, now: datetime) -> None:
    survey.closed_at = now
    session.add(survey)
    audit.record(session, now, me.id, survey, "closed")


def readable(session: Session, me: Acting, survey_id: int) -> Survey | None:
    """One of the person's office, or one that asks about their school; locked."""
    survey = session.get(Survey, survey_id, with_for_update=True, populate_existing=True)
    if survey is None:
        return None
    if me.at_the_office:
        return survey if survey.unit_id == me.unit_id else None
    return survey if link_of(session, survey.id, me.unit_id or 0) else None


def recent(session: Session, me: Acting, most: int) -> list[Survey]:
    """As `readable`, the newest first."""
    found = select(Survey).order_by(col(Survey.id).desc()).limit(most)
    if me.at_the_office:
        return list(session.exec(found.where(Survey.unit_id == me.unit_id)))
    links = select(SurveyLink.survey_id).where(SurveyLink.unit_id == (me.unit_id or 0))
    return list(session.exec(found.where(col(Survey.id).in_(links))))


def link_of(session: Session, survey_id: int, unit_id: int | None) -> SurveyLink | None:
    """unit_id: None for the one for all."""
    return session.exec(
        select(SurveyLink).where(SurveyLink.survey_id == survey_id, SurveyLink.unit_id == unit_id)
    ).first()


def schools(session: Session, survey_id: int) -> list[Unit]:
    """Those it asks about, by name."""
    return list(
        session.exec(
            select(Unit)
            .join(SurveyLink, col(SurveyLink.unit_id) == Unit.id)
            .where(SurveyLink.survey_id == survey_id)
            .order_by(Unit.name, col(Unit.id))
        )
    )


def opened_by(session: Session, code: str) -> tuple[Survey, SurveyLink] | None:
    """What a link's code leads to."""
    found = session.exec(
        select(Survey, SurveyLink)
        .join(SurveyLink, col(SurveyLink.survey_id) == Survey.id)
        .where(SurveyLink.code == code)
    ).first()
    return found and (found[0], found[1])


# Answers


def locked(session: Session, survey_id: int) -> Survey:
    """As it is while nobody closes it; others may read it and answer at the same time."""
    return session.get_one(Survey, survey_id, with_for_update={"read": True})


def has_answered(session: Session, survey_id: int, device: str) -> bool:
    """device: the random word that it was given."""
    return session.get(SurveyDevice, _digest(survey_id, device)) is not None


def answer(
    session: Session, survey_id: int, unit_id: int, device: str, answers: dict[str, Answer]
) -> bool:
    """Keep an answer; False where this device gave one before. The caller commits."""
    connection = session.connection()
    once = insert_for(connection)(SurveyDevice).on_conflict_do_nothing()
    row = {"digest": _digest(survey_id, device)}
    if connection.execute(once.returning(col(SurveyDevice.digest)), row).first() is None:
        return False
    session.add(SurveyAnswer(survey_id=survey_id, unit_id=unit_id, answers=answers))
    session.flush()
    return True


def counts(session: Session, survey_id: int) -> dict[int, int]:
    """From a school to how many answered there; those where nobody did are left out."""
    rows = session.exec(
        select(SurveyAnswer.unit_id, func.count())
        .where(SurveyAnswer.survey_id == survey_id)
        .group_by(col(SurveyAnswer.unit_id))
    )
    return dict(rows.all())


def answers(
    session: Session, survey_id: int, unit_id: int | None = None
) -> list[dict[str, Answer]]:
    """unit_id: of one school; None for all."""
    found = select(SurveyAnswer.answers).where(SurveyAnswer.survey_id == survey_id)
    if unit_id is not None:
        found = found.where(SurveyAnswer.unit_id == unit_id)
    return [dict(given) for given in session.exec(found)]


def _digest(survey_id: int, device: str) -> str:
    return hashlib.sha256(f"{survey_id}:{device}".encode()).hexdigest()
