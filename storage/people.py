"""People, the chats in which each is reached, and the posts they hold."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from core.roles import Role, Standing
from storage.database import Instant, Json, primary_key, words


class Person(SQLModel, table=True):
    """conversation_id: the conversation this person is in now; their other ones wait.

    name, phone: "" until told. language: "" until chosen, then the app's own is used.
    consent_at: when they agreed to be kept; nothing but the chat is kept before.
    post_id: for which post they act now.
    """

    id: int = primary_key()
    name: str = ""
    phone: str = ""
    language: str = ""
    consent_at: datetime | None = Field(default=None, sa_type=Instant)
    post_id: int | None = None
    conversation_id: int | None = None


class Address(SQLModel, table=True):
    """A chat on one channel. A person may have several, for instance Telegram and Zalo."""

    __table_args__ = (UniqueConstraint("channel", "chat"),)

    id: int = primary_key()
    person_id: int = Field(foreign_key="person.id", index=True)
    channel: str
    chat: str
    reachable: bool = True
    last_heard_at: datetime | None = Field(default=None, sa_type=Instant)


class Post(SQLModel, table=True):
    """A person's role at a unit. topics: empty for all."""

    id: int = primary_key()
    person_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    role: Role = words(Role)
    topics: list[str] = Field(default_factory=list, sa_type=Json())
    standing: Standing = words(Standing, default=Standing.PENDING)
    since: datetime = Field(sa_type=Instant)
    until: datetime | None = Field(default=None, sa_type=Instant)
