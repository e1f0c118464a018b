"""Why a report need not come through the bot: it was handed in elsewhere, or it is excused."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from core.review import Move
from storage import nudges, reports
from storage.database import Instant, primary_key, words
from storage.files import Upload
from storage.reports import Report


class Place(StrEnum):
    """Where schools hand in besides this bot."""

    PAPER = "paper"
    ZALO = "zalo"
    MINISTRY = "ministry"
    OTHER = "other"


class Easing(SQLModel, table=True):
    """place: where it was handed in; None where it is excused, for a reason.

    document, upload_id: its proof, one or the other: the number of a document, or a file.
    ended_at: when it was taken back.
    """

    id: int = primary_key()
    report_id: int = Field(foreign_key="report.id", index=True)
    by_id: int = Field(foreign_key="person.id")
    at: datetime = Field(sa_type=Instant)
    place: Place | None = words(Place, default=None, nullable=True)
    document: str = ""
    upload_id: int | None = Field(default=None, foreign_key="upload.id")
    reason: str = ""
    ended_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def said(self) -> dict[str, Any]:
        """What the audit keeps of it."""
        facts = self.model_dump(mode="json", include={"place", "document", "upload_id", "reason"})
        return {name: value for name, value in facts.items() if value}


def current(session: Session, report_ids: list[int]) -> dict[int, Easing]:
    """Of those of these reports that are eased now, by report."""
    rows = session.exec(
        select(Easing).where(col(Easing.report_id).in_(report_ids), col(Easing.ended_at).is_(None))
    )
    return {row.report_id: row for row in rows}


def proved_by(session: Session, upload: Upload) -> list[Report]:
    """Reports that were noted as handed in elsewhere with this file as the proof."""
    return list(
        session.exec(
            select(Report)
            .join(Easing, col(Easing.report_id) == Report.id)
            .where(Easing.upload_id == upload.id, col(Easing.ended_at).is_(None))
        )
    )


def file_elsewhere(
    session: Session,
    report: Report,
    place: Place,
    proof: Upload | str,
    by_id: int,
    now: datetime,
) -> None:
    """proof: a file, or the number of a document. The draft stays. The caller tells the school."""
    easing = Easing(report_id=report.id, by_id=by_id, at=now, place=place)
    if isinstance(proof, str):
        easing.document = proof
    else:
        easing.upload_id = proof.id
    _ease(session, report, easing, Move.FILE_ELSEWHERE)


def excuse(session: Session, report: Report, reason: str, by_id: int, now: datetime) -> None:
    """The draft stays. The caller tells the school."""
    easing = Easing(report_id=report.id, by_id=by_id, at=now, reason=reason)
    _ease(session, report, easing, Move.EXCUSE)


def restore(session: Session, report: Report, by_id: int, now: datetime) -> None:
    """Back to the state before."""
    for easing in current(session, [report.id]).values():
        easing.ended_at = now
    reports.move(session, report, Move.RESTORE, by_id, now)


def _ease(session: Session, report: Report, easing: Easing, how: Move) -> None:
    nudges.withdraw(session, report)
    session.add(easing)
    reports.move(session, report, how, easing.by_id, easing.at, **easing.said)
