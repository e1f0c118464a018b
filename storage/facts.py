"""What the running program found out and other commands want to know, by name."""

from sqlmodel import Field, Session, SQLModel

BOT_NAME = "telegram username"


class Fact(SQLModel, table=True):
    name: str = Field(primary_key=True)
    value: str


def get(session: Session, name: str) -> str:
    """Empty where it is not known yet."""
    fact = session.get(Fact, name)
    return fact.value if fact else ""


def put(session: Session, name: str, value: str) -> None:
    session.merge(Fact(name=name, value=value))
