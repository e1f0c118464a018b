"""What files prove: which stand in which answer and in what order, and what is made of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import column, table
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select, update

from core.filetype import PICTURES
from storage import files
from storage.database import Instant, insert_for, primary_key, words
from storage.files import Arrival, StoredFile, Upload
from storage.units import Unit

MOST_ATTEMPTS = 3  # of making one thing; then its pages stay single


class Place(StrEnum):
    """KEPT: it stands in the answer. REMOVED: its school took it out, or another version did."""

    KEPT = "kept"
    REMOVED = "removed"


class Evidence(SQLModel, table=True):
    """One file in one answer. position: from 0, in the order in which it is shown and bound.

    It is the only record of that: the `Answer` to a question for files holds an empty list.
    """

    __table_args__ = (UniqueConstraint("submission_id", "key", "upload_id"),)

    id: int = primary_key()
    submission_id: int = Field(foreign_key="submission.id")
    key: str
    upload_id: int = Field(foreign_key="upload.id", index=True)
    position: int
    state: Place = words(Place, default=Place.KEPT)


class Product(StrEnum):
    """What is made of the pictures of an answer, after the turn that asked for it."""

    SHEET = "sheet"  # small and numbered, to look them over
    PDF = "pdf"


class Progress(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Making(SQLModel, table=True):
    """A product that was asked for, once for each answer; asking again makes it anew.

    person_id: who is shown it. try_at: machine time; not before this moment.
    upload_id: the product; None until it is made, and where the answer had too few pictures.
    """

    __table_args__ = (UniqueConstraint("submission_id", "key", "product"),)

    id: int = primary_key()
    submission_id: int = Field(foreign_key="submission.id")
    key: str
    product: Product = words(Product)
    person_id: int = Field(foreign_key="person.id")
    progress: Progress = words(Progress, default=Progress.WAITING, index=True)
    try_at: datetime = Field(sa_type=Instant)
    attempts: int = 0
    upload_id: int | None = Field(default=None, foreign_key="upload.id")


@dataclass(frozen=True, slots=True)
class Page:
    """A picture of an answer. number: its place among all files of the answer, from 1."""

    number: int
    upload_id: int
    sha256: str


# Answers


def put(
    session: Session, submission_id: int, key: str, listed: Sequence[Mapping[str, Any]]
) -> None:
    """These files, in this order, are the answer now; all others of it are removed."""
    session.exec(
        update(Evidence)
        .where(col(Evidence.submission_id) == submission_id, col(Evidence.key) == key)
        .values(state=Place.REMOVED)
        .execution_options(synchronize_session="fetch")
    )
    insert = insert_for(session.connection())(Evidence)
    again = insert.on_conflict_do_update(
        index_elements=["submission_id", "key", "upload_id"],
        set_={"position": insert.excluded.position, "state": insert.excluded.state},
    )
    about = {"submission_id": submission_id, "key": key, "state": Place.KEPT}
    rows = [{**about, "upload_id": f["upload"], "position": at} for at, f in enumerate(listed)]
    if rows:
        session.connection().execute(again, rows)


def remove_all_but(session: Session, submission_id: int, keys: Collection[str]) -> None:
    """Remove what stands in other answers of the submission."""
    session.exec(
        update(Evidence)
        .where(col(Evidence.submission_id) == submission_id, col(Evidence.key).not_in(keys))
        .values(state=Place.REMOVED)
        .execution_options(synchronize_session="fetch")
    )


def lists(session: Session, submission_id: int) -> dict[str, list[dict[str, Any]]]:
    """The files of each answer that has any, as `core.question.Files` knows them."""
    rows = session.exec(
        select(Evidence.key, Upload)
        .join(Upload, col(Upload.id) == Evidence.upload_id)
        .where(Evidence.submission_id == submission_id, Evidence.state == Place.KEPT)
        .order_by(col(Evidence.position))
    )
    answers: dict[str, list[dict[str, Any]]] = {}
    for key, upload in rows:
        answers.setdefault(key, []).append(_listed(upload))
    return answers


def _listed(upload: Upload) -> dict[str, Any]:
    more = {"caption": upload.caption, "number": upload.number}
    known = {part: value for part, value in more.items() if value}
    return {"upload": upload.id, "name": upload.name, **known}


def on_the_shelf(session: Session, submissions: Collection[int]) -> dict[int, list[Upload]]:
    """Of each submission the PDFs of its pages, then its files in order."""
    made = (
        select(Making.submission_id, Upload)
        .join(Upload, col(Upload.id) == Making.upload_id)
        .where(Making.product == Product.PDF, col(Making.submission_id).in_(submissions))
        .order_by(col(Making.id))
    )
    given = (
        select(Evidence.submission_id, Upload)
        .join(Upload, col(Upload.id) == Evidence.upload_id)
        .where(Evidence.state == Place.KEPT, col(Evidence.submission_id).in_(submissions))
        .order_by(col(Evidence.key), col(Evidence.position))
    )
    shelf: dict[int, list[Upload]] = {}
    for submission_id, upload in [*session.exec(made), *session.exec(given)]:
        shelf.setdefault(submission_id, []).append(upload)
    return shelf


def stands(session: Session, upload_id: int) -> bool:
    """Whether any answer has this file."""
    anywhere = select(Evidence.id).where(
        Evidence.upload_id == upload_id, Evidence.state == Place.KEPT
    )
    return session.exec(anywhere.limit(1)).first() is not None


def of_others(session: Session, submission_id: int) -> list[tuple[str, str]]:
    """The names of files whose very bytes another unit has handed in, each with that unit's."""
    mine, theirs = aliased(Upload), aliased(Upload)
    here, there = aliased(StoredFile), aliased(StoredFile)
    also = aliased(Evidence)
    rows = session.exec(
        select(mine.name, Unit.name)
        .join_from(Evidence, mine, col(mine.id) == Evidence.upload_id)
        .join(here, col(here.id) == mine.stored_file_id)
        .join(there, (col(there.sha256) == here.sha256) & (col(there.unit_id) != here.unit_id))
        .join(Unit, col(Unit.id) == there.unit_id)
        .join(theirs, col(theirs.stored_file_id) == there.id)
        .join(also, (col(also.upload_id) == theirs.id) & (col(also.state) == Place.KEPT))
        .join(_sent, (_sent.c.id == also.submission_id) & _sent.c.sent_at.is_not(None))
        .where(Evidence.submission_id == submission_id, Evidence.state == Place.KEPT)
        .order_by(mine.name, Unit.name)
        .distinct()
    )
    return [(name, unit) for name, unit in rows]


_sent = table("submission", column("id"), column("sent_at"))  # whose own file imports this one

# What is made of them


def ask(
    session: Session,
    submission_id: int,
    key: str,
    product: Product,
    person_id: int,
    at: datetime = files.AT_ONCE,
) -> None:
    """Have something made after the turn, or made anew. at: machine time; not before."""
    about = {"submission_id": submission_id, "key": key, "product": product}
    again = {
        "person_id": person_id,
        "progress": Progress.WAITING,
        "try_at": at,
        "attempts": 0,
        "upload_id": None,
    }
    insert = insert_for(session.connection())(Making).values(**about, **again)
    unique = ["submission_id", "key", "product"]
    session.exec(insert.on_conflict_do_update(index_elements=unique, set_=again))


def take_waiting(session: Session, now: datetime, lease: timedelta) -> Making | None:
    """The next whose files have all arrived. Nobody else takes it until the lease ends."""
    still_coming = (
        select(Evidence.id)
        .join(Upload, col(Upload.id) == Evidence.upload_id)
        .where(Evidence.submission_id == Making.submission_id, Evidence.key == Making.key)
        .where(Evidence.state == Place.KEPT, Upload.arrival == Arrival.WAITING)
    )
    making = session.exec(
        select(Making)
        .where(Making.progress == Progress.WAITING, col(Making.try_at) <= now)
        .where(~still_coming.exists())
        .order_by(col(Making.try_at), col(Making.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if making:
        making.attempts += 1
        making.try_at = now + lease
    return making


def get_waiting(session: Session, making_id: int) -> Making | None:
    """Locked until the commit; None if it is made already."""
    return session.exec(
        select(Making)
        .where(Making.id == making_id, Making.progress == Progress.WAITING)
        .with_for_update()
    ).first()


def pages(session: Session, submission_id: int, key: str) -> list[Page]:
    """The pictures of an answer, in order."""
    rows = session.exec(
        select(Upload.id, StoredFile.sha256, StoredFile.kind)
        .select_from(Evidence)
        .join(Upload, col(Upload.id) == Evidence.upload_id)
        .outerjoin(StoredFile, col(StoredFile.id) == Upload.stored_file_id)
        .where(Evidence.submission_id == submission_id, Evidence.key == key)
        .where(Evidence.state == Place.KEPT)
        .order_by(col(Evidence.position))
    )
    return [
        Page(number, upload_id, sha)
        for number, (upload_id, sha, kind) in enumerate(rows, start=1)
        if kind in PICTURES
    ]


def bound(session: Session, submission_id: int) -> dict[str, int]:
    """The uploads that are the PDFs of a submission's answers, by key."""
    rows = session.exec(
        select(Making.key, Making.upload_id)
        .where(Making.submission_id == submission_id, Making.product == Product.PDF)
        .where(col(Making.upload_id).is_not(None))
        .order_by(col(Making.id))
    )
    return {key: upload_id for key, upload_id in rows if upload_id}


def to_hand_out(session: Session, submission_id: int) -> list[int]:
    """The uploads of a submission, pages as the PDF they were bound into."""
    made = bound(session, submission_id)
    handed: list[int] = []
    for key, listed in lists(session, submission_id).items():
        in_it = {page.upload_id for page in pages(session, submission_id, key)}
        handed += [made[key]] if key in made else []
        handed += [f["upload"] for f in listed if key not in made or f["upload"] not in in_it]
    return handed


def finish(session: Session, making: Making, upload_id: int | None) -> None:
    making.progress, making.upload_id = Progress.DONE, upload_id
    session.add(making)


def fail(session: Session, making: Making) -> None:
    making.progress = Progress.FAILED
    session.add(making)
