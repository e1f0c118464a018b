"""Contact sheets that nobody needs any more, as they were shown and others have followed."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from storage import files
from storage.evidence import Making, Product
from storage.files import StoredFile, Upload
from storage.outbox import Outgoing, Sending
from storage.submissions import Submission


def forget_sheets(session: Session, before: datetime) -> list[str]:
    """Forget sheets made before this moment, but those of drafts as they are now.

    Return the SHA-256 of bytes that no file has any more, to be removed after the commit.
    """
    sheets = _outdated(session, before)
    ids, stored = {u.id for u in sheets}, {u.stored_file_id for u in sheets}
    shown = update(Making).where(col(Making.upload_id).in_(ids))
    session.exec(shown.values(upload_id=None))
    session.exec(delete(Upload).where(col(Upload.id).in_(ids)))
    return _unused(session, {one for one in stored if one})


def _outdated(session: Session, before: datetime) -> list[Upload]:
    of_drafts = (
        select(Making.upload_id)
        .join(Submission, col(Submission.id) == Making.submission_id)
        .where(Making.product == Product.SHEET, col(Making.upload_id).is_not(None))
        .where(col(Submission.sent_at).is_(None))
    )
    found = session.exec(
        select(Upload, StoredFile.sha256)
        .join(StoredFile, col(StoredFile.id) == Upload.stored_file_id)
        .where(Upload.channel == files.MADE, Upload.sent_as == files.PHOTO)
        .where(Upload.sent_at < before, col(Upload.id).not_in(of_drafts))
    ).all()
    waiting = _waiting(session) if found else set()
    return [upload for upload, sha in found if sha not in waiting]


def _waiting(session: Session) -> set[str]:
    """What is still to be sent to somebody."""
    unsent = session.exec(select(Outgoing.files).where(Outgoing.sending == Sending.WAITING))
    return {file["sha256"] for listed in unsent for file in listed}


def _unused(session: Session, stored: Collection[int]) -> list[str]:
    named = select(Upload.stored_file_id).where(col(Upload.stored_file_id).in_(stored))
    unnamed = select(StoredFile).where(
        col(StoredFile.id).in_(stored), col(StoredFile.id).not_in(named)
    )
    gone = [(row.id, row.sha256) for row in session.exec(unnamed)]
    session.exec(delete(StoredFile).where(col(StoredFile.id).in_([one for one, _sha in gone])))
    shas = {sha for _id, sha in gone}
    kept = set(session.exec(select(StoredFile.sha256).where(col(StoredFile.sha256).in_(shas))))
    return sorted(shas - kept)
