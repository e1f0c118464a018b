"""The offices and schools, as a tree."""

from datetime import date
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from storage.database import Json, primary_key, words

OFFICE_CODE = "PHONG"  # of the office this program serves; the first migration makes it


class UnitKind(StrEnum):
    OFFICE = "office"
    SCHOOL = "school"
    SITE = "site"
    OUTSIDE = "outside"


class Level(StrEnum):
    """Of teaching, in the office's own short words."""

    MN = "MN"
    TH = "TH"
    THCS = "THCS"


class Unit(SQLModel, table=True):
    """levels: members of `Level`. valid_from, valid_to: first and last day, None for open."""

    id: int = primary_key()
    code: str = Field(unique=True)
    name: str
    kind: UnitKind = words(UnitKind)
    parent_id: int | None = Field(default=None, foreign_key="unit.id")
    levels: list[str] = Field(default_factory=list, sa_type=Json())
    cluster: str = ""
    ward: str = ""
    public: bool = True
    flags: list[str] = Field(default_factory=list, sa_type=Json())
    valid_from: date | None = None
    valid_to: date | None = None


def make_office(session: Session, name: str) -> None:
    """The office this program serves, if it is not there; a later change of name stays its own."""
    if with_code(session, OFFICE_CODE) is None:
        session.add(Unit(code=OFFICE_CODE, name=name, kind=UnitKind.OFFICE))


def office(session: Session) -> Unit:
    """The office this program serves."""
    return session.exec(select(Unit).where(Unit.code == OFFICE_CODE)).one()


def with_code(session: Session, code: str) -> Unit | None:
    return session.exec(select(Unit).where(Unit.code == code)).first()


def schools(session: Session, today: date) -> list[Unit]:
    """Those that exist today, by name."""
    return list(
        session.exec(
            select(Unit)
            .where(Unit.kind == UnitKind.SCHOOL)
            .where(col(Unit.valid_from).is_(None) | (col(Unit.valid_from) <= today))
            .where(col(Unit.valid_to).is_(None) | (col(Unit.valid_to) >= today))
            .order_by(Unit.name)
        )
    )
