"""Why a report need not come through the bot: it was handed in elsewhere, or it is excused."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

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

    document: its proof, the number of a document; "" where files prove it, see `Proof`.
    ended_at: when it was taken back.
    """

    id: int = primary_key()
    report_id: int = Field(foreign_key="report.id", index=True)
    by_id: int = Field(foreign_key="person.id")
    at: datetime = Field(sa_type=Instant)
    place: Place | None = words(Place, default=None, nullable=True)
    document: str = ""
    reason: str = ""
    ended_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def with_files(self) -> bool:
        """Whether files prove it."""
        return self.place is not None and not self.document

    @property
    def said(self) -> dict[str, Any]:
        """What the audit keeps of it."""
        facts = self.model_dump(mode="json", include={"place", "document", "reason"})
        return {name: value for name, value in facts.items() if value}


class Proof(SQLModel, table=True):
    """A file that shows that a report was handed in elsewhere; in the order of their ids."""

    __table_args__ = (UniqueConstraint("easing_id", "upload_id"),)

    id: int = primary_key()
    easing_id: int = Field(foreign_key="easing.id")
    upload_id: int = Field(foreign_key="upload.id", index=True)


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
            .join(Proof, col(Proof.easing_id) == Easing.id)
            .where(Proof.upload_id == upload.id, col(Easing.ended_at).is_(None))
        )
    )


def proofs(session: Session, easing: Easing) -> list[int]:
    """The uploads that prove it; none where a document does."""
    its = select(Proof.upload_id).where(Proof.easing_id == easing.id).order_by(col(Proof.id))
    return list(session.exec(its))


def file_elsewhere(
    session: Session,
    report: Report,
    place: Place,
    proof: Sequence[int] | str,
    by_id: int,
    now: datetime,
) -> None:
    """proof: files, by upload, or the number of a document.

    The draft stays. The caller tells the school.
    """
    easing = Easing(report_id=report.id, by_id=by_id, at=now, place=place)
    if isinstance(proof, str):
        easing.document, proof = proof, ()
    session.add(easing)
    session.flush()
    session.add_all(Proof(easing_id=easing.id, upload_id=upload) for upload in proof)
    _ease(session, report, easing, Move.FILE_ELSEWHERE, **({"files": [*proof]} if proof else {}))


def excuse(session: Session, report: Report, reason: str, by_id: int, now: datetime) -> None:
    """The draft stays. The caller tells the school."""
    easing = Easing(report_id=report.id, by_id=by_id, at=now, reason=reason)
    _ease(session, report, easing, Move.EXCUSE)


def restore(session: Session, report: Report, by_id: int, now: datetime) -> None:
    """Back to the state before."""
    for easing in current(session, [report.id]).values():
        easing.ended_at = now
    reports.move(session, report, Move.RESTORE, by_id, now)


def _ease(session: Session, report: Report, easing: Easing, how: Move, **said: Any) -> None:
    nudges.withdraw(session, report)
    session.add(easing)
    reports.move(session, report, how, easing.by_id, easing.at, **easing.said, **said)
