"""Files people sent: where they are and whether they have arrived."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

from storage.database import Instant, primary_key, words


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
    try_at: machine time; not to be fetched before.
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
    sent_at: datetime = Field(sa_type=Instant)
    arrival: Arrival = words(Arrival, default=Arrival.WAITING, index=True)
    attempts: int = 0
    try_at: datetime = Field(sa_type=Instant)
    stored_file_id: int | None = Field(default=None, foreign_key="stored_file.id")
