"""The offices and schools, as a tree."""

from datetime import date
from enum import StrEnum

from sqlmodel import Field, SQLModel

from storage.database import Json, primary_key, words


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
