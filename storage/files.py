"""Files people sent: where they are and whether they have arrived."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from core.filetype import Kind, Refusal
from core.names import clean_name
from storage.database import Instant, insert_for, primary_key, words

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = "units"  # a sheet of units, to be taken in
READ = "read"  # a document, to be read
MADE = "made"  # the channel of files that the program made itself
MOST_CAPTION = 1_024  # letters; core.telegram.org/bots/api#sendphoto
VOICE = "voice"  # how a voice message is sent
PHOTO = "photo"  # how a picture is that an app shows at once
PHOTO_NAME = "photo.jpg"  # channels give photos no name


class Arrival(StrEnum):
    WAITING = "waiting"
    STORED = "stored"
    REFUSED = "refused"
    LOST = "lost"


class StoredFile(SQLModel, table=True):
    """The bytes one unit has given, once each. kind: see `core.filetype`. size: in bytes."""

    __tablename__ = "stored_file"
    __table_args__ = (UniqueConstraint("sha256", "unit_id"),)

    id: int = primary_key()
    sha256: str
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    kind: str
    size: int
    stored_at: datetime = Field(sa_type=Instant)


class Upload(SQLModel, table=True):
    """One time a person sent a file: recorded in the turn, fetched after it.

    remote_id: the channel's own id, by which it fetches the bytes or sends them on.
    name: as the person's app gave it, NFC, without control characters; never used as a path.
    number: of the message it came in; grows within a chat; 0 if unknown.
    caption: what was written under it, "" if nothing.
    try_at: machine time; not to be fetched before.
    refusal: why it was refused, if it was.
    purpose: what is to be done with it once it is here, see `UNITS` and `READ`; "" for nothing.
    """

    id: int = primary_key()
    person_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    channel: str
    remote_id: str
    name: str
    size: int | None = None
    sent_as: str = "document"
    album: str | None = None
    number: int = 0
    caption: str = ""
    sent_at: datetime = Field(sa_type=Instant)
    arrival: Arrival = words(Arrival, default=Arrival.WAITING, index=True)
    attempts: int = 0
    try_at: datetime = Field(sa_type=Instant)
    stored_file_id: int | None = Field(default=None, foreign_key="stored_file.id", index=True)
    refusal: Refusal | None = words(Refusal, default=None, nullable=True)
    purpose: str = Field(default="", index=True)


class Announced(Protocol):
    """A file as `bot.channels.base.Sent` announces it."""

    @property
    def remote_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def album(self) -> str | None: ...
    @property
    def number(self) -> int: ...
    @property
    def caption(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ToFetch:
    """A waiting upload. attempts: with the one that begins now. spoken: a voice message.

    to_read: a document, which may also be plain text or a saved web page.
    """

    id: int
    channel: str
    remote_id: str
    attempts: int
    spoken: bool = False
    to_read: bool = False


def record(
    session: Session,
    person_id: int,
    unit_id: int | None,
    channel: str,
    sent: Announced,
    now: datetime,
) -> Upload:
    """Remember that the file was sent; its bytes are fetched after the turn."""
    upload = Upload(
        person_id=person_id,
        unit_id=unit_id,
        channel=channel,
        remote_id=sent.remote_id,
        name=clean_name(sent.name or (PHOTO_NAME if sent.kind == PHOTO else "")),
        size=sent.size,
        sent_as=sent.kind,
        album=sent.album,
        number=sent.number,
        caption=sent.caption[:MOST_CAPTION],
        sent_at=now,
        try_at=AT_ONCE,
    )
    session.add(upload)
    session.flush()
    return upload


def for_sending(
    session: Session, upload_ids: Sequence[int], channel: str
) -> list[dict[str, str | None]]:
    """Those that can be sent on, in this order, as `Outgoing.files` wants them.

    remote: None where the file came by another channel than the one it goes to.
    sha256: None while the bytes have not arrived. kind: "photo", "document" or "voice".
    """
    if not upload_ids:
        return []
    rows = session.exec(
        select(Upload, StoredFile.sha256)
        .outerjoin(StoredFile, col(StoredFile.id) == Upload.stored_file_id)
        .where(
            col(Upload.id).in_(upload_ids),
            col(Upload.arrival).in_([Arrival.WAITING, Arrival.STORED]),
        )
    )
    found = {upload.id: _to_send(upload, sha, channel) for upload, sha in rows}
    return [found[id] for id in upload_ids if id in found]


def take_waiting(session: Session, now: datetime, lease: timedelta, most: int) -> list[ToFetch]:
    """Those to fetch now, oldest first. Nobody else takes them until the lease ends."""
    waiting = session.exec(
        select(Upload)
        .where(Upload.arrival == Arrival.WAITING, col(Upload.try_at) <= now)
        .order_by(col(Upload.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for upload in waiting:
        upload.attempts += 1
        upload.try_at = now + lease
    return [_to_fetch(upload) for upload in waiting]


def _to_fetch(upload: Upload) -> ToFetch:
    return ToFetch(
        upload.id,
        upload.channel,
        upload.remote_id,
        upload.attempts,
        upload.sent_as == VOICE,
        upload.purpose == READ,
    )


def get_waiting(session: Session, upload_id: int) -> Upload | None:
    """Locked until the commit; None if it is decided already, or the row is gone."""
    return session.exec(
        select(Upload)
        .where(Upload.id == upload_id, Upload.arrival == Arrival.WAITING)
        .with_for_update()
    ).first()


def mark_stored(
    session: Session, upload: Upload, sha256: str, kind: Kind, size: int, now: datetime
) -> None:
    """Only once the bytes are on the disk. size: in bytes. now: as of `sent_at`."""
    upload.stored_file_id = _stored_file(session, upload, sha256, kind, size, now).id
    upload.size = size
    upload.arrival = Arrival.STORED


def make(
    session: Session,
    person_id: int,
    unit_id: int,
    name: str,
    sent_as: str,
    kind: Kind,
    now: datetime,
    *,
    sha256: str,
    size: int,
) -> Upload:
    """A file that the program made for somebody, whose bytes are on the disk."""
    upload = Upload(
        person_id=person_id,
        unit_id=unit_id,
        channel=MADE,
        remote_id="",
        name=name,
        sent_as=sent_as,
        sent_at=now,
        try_at=AT_ONCE,
    )
    session.add(upload)
    session.flush()
    mark_stored(session, upload, sha256, kind, size, now)
    return upload


def _stored_file(
    session: Session, upload: Upload, sha256: str, kind: Kind, size: int, now: datetime
) -> StoredFile:
    """The unit's row for these bytes; made here unless the unit gave them before."""
    values = {"sha256": sha256, "unit_id": upload.unit_id, "kind": kind, "size": size}
    same = select(StoredFile).where(
        StoredFile.sha256 == sha256, StoredFile.unit_id == upload.unit_id
    )
    known = session.exec(same).first()
    if known is None:
        insert = insert_for(session.connection())(StoredFile).values(**values, stored_at=now)
        session.exec(insert.on_conflict_do_nothing())
        known = session.exec(same.limit(1)).one()
    return known


def _to_send(upload: Upload, sha256: str | None, channel: str) -> dict[str, str | None]:
    remote = upload.remote_id if upload.channel == channel else None
    return {"remote": remote, "sha256": sha256, "name": upload.name, "kind": upload.sent_as}


def arrivals(session: Session, upload_ids: Sequence[int]) -> list[tuple[str, Arrival]]:
    """Of each its name, and whether it is here."""
    if not upload_ids:
        return []
    uploads = session.exec(
        select(Upload).where(col(Upload.id).in_(upload_ids)).order_by(col(Upload.id))
    )
    return [(upload.name, upload.arrival) for upload in uploads]


def is_web_page(session: Session, upload: Upload) -> bool:
    """Whether it is here, and a saved page of the web."""
    stored = session.get(StoredFile, upload.stored_file_id) if upload.stored_file_id else None
    return stored is not None and stored.kind == Kind.HTML


def is_list(answer: object) -> bool:
    """Whether an answer is files, as `core.question.Files` stores them."""
    if not isinstance(answer, list) or not answer:
        return False
    return isinstance(answer[0], dict) and "upload" in answer[0]


def in_answers(answers: Iterable[Any]) -> list[int]:
    """The uploads that answers name, in order."""
    return [file["upload"] for answer in answers if is_list(answer) for file in answer]


def any_on_the_way(session: Session, answers: Iterable[Any]) -> bool:
    waiting = select(Upload.id).where(
        col(Upload.id).in_(in_answers(answers)), Upload.arrival == Arrival.WAITING
    )
    return session.exec(waiting.limit(1)).first() is not None


def same_before(session: Session, upload: Upload) -> list[Upload]:
    """The same bytes as its unit has sent them before, oldest first."""
    if upload.stored_file_id is None or upload.unit_id is None:
        return []
    return list(
        session.exec(
            select(Upload)
            .where(Upload.stored_file_id == upload.stored_file_id, Upload.id < upload.id)
            .order_by(col(Upload.id))
        )
    )


def own(session: Session, person_id: int, upload_id: str) -> Upload | None:
    """The file of this number, as a button gives it, if this person sent it."""
    if not (upload_id.isascii() and upload_id.isdecimal() and len(upload_id) < 10):
        return None
    upload = session.get(Upload, int(upload_id))
    return upload if upload and upload.person_id == person_id else None
