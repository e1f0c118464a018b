"""Official documents, the duties in them, and the checklists that are asked.

A checklist is never edited in place: a change makes a new revision, and a report keeps the
revision it was opened with, so nobody's questions change under their fingers.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from core.ladder import USUAL, Ladder, read_steps
from core.question import ItemKind
from storage.database import Instant, Json, primary_key, words


class SourceDocument(SQLModel, table=True):
    """year: of issue, as numbers begin again each year.

    number: "" where it has none, and is no document that anybody could ask for.
    """

    __tablename__ = "source_document"
    __table_args__ = (UniqueConstraint("issuer_id", "number", "symbol", "year"),)

    id: int = primary_key()
    issuer_id: int = Field(foreign_key="unit.id")
    number: str
    symbol: str
    year: int
    issued_on: date
    title: str
    supersedes_id: int | None = Field(default=None, foreign_key="source_document.id")

    @property
    def name(self) -> str:
        return f"{self.number}/{self.symbol}" if self.number else self.symbol


class Clause(SQLModel, table=True):
    """anchor: as the document numbers it, for example "III.4"."""

    __table_args__ = (UniqueConstraint("document_id", "anchor"),)

    id: int = primary_key()
    document_id: int = Field(foreign_key="source_document.id", index=True)
    anchor: str
    title: str
    text: str = ""


class Checklist(SQLModel, table=True):
    id: int = primary_key()
    code: str = Field(unique=True)
    title: str


class ChecklistRevision(SQLModel, table=True):
    """checks: between its numbers, as `storage.plan_items.CheckPart` writes them.

    digest: the same only for the same items and checks; "" where it was published without one.
    """

    __tablename__ = "checklist_revision"
    __table_args__ = (UniqueConstraint("checklist_id", "number"),)

    id: int = primary_key()
    checklist_id: int = Field(foreign_key="checklist.id")
    number: int
    published_at: datetime = Field(sa_type=Instant)
    checks: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json())
    digest: str = ""


class ChecklistItem(SQLModel, table=True):
    """One question. options: what its kind needs, such as bounds; see `storage.plans`."""

    __tablename__ = "checklist_item"
    __table_args__ = (UniqueConstraint("revision_id", "key"),)

    id: int = primary_key()
    revision_id: int = Field(foreign_key="checklist_revision.id")
    position: int
    key: str
    kind: ItemKind = words(ItemKind)
    text: str
    help: str = ""
    section: str = ""
    clause: str = ""
    optional: bool = False
    when_key: str | None = None
    when_values: list[Any] | None = Field(default=None, sa_type=Json())
    options: dict[str, Any] = Field(default_factory=dict, sa_type=Json())


class Approval(StrEnum):
    """Who of the school must approve a report before it goes to the office."""

    HEAD = "head"
    NONE = "none"


class Duty(SQLModel, table=True):
    """What is asked of schools.

    title: with "{period}" where the period goes. written: the deadline in the document's words.
    due, opens: see `core.calendar`. audience: see `core.audience`, empty for every school.
    also: other deadlines that the document gives for the same: [{"due", "written", "clause"}]. The
    one of `due` counts; these are shown beside it and never chosen. None for none.
    topic: which officers of the receiving unit it reaches.
    locks_after: days after the deadline in which it can still be sent; None for ever.
    approval: where a school has nobody in that post, none is needed.
    nudges: when it is reminded of, as `storage.plans.DutyPart` has it; None for the usual ladder.
    """

    id: int = primary_key()
    code: str = Field(unique=True)
    title: str
    document_id: int = Field(foreign_key="source_document.id")
    clause: str
    checklist_id: int = Field(foreign_key="checklist.id")
    due: str
    opens: str = ""
    written: str = ""
    audience: dict[str, Any] = Field(default_factory=dict, sa_type=Json())
    also: list[dict[str, str]] | None = Field(default=None, sa_type=Json())
    receiver_id: int = Field(foreign_key="unit.id")
    topic: str = ""
    locks_after: int | None = None
    approval: Approval = words(Approval, default=Approval.HEAD)
    nudges: dict[str, Any] | None = Field(default=None, sa_type=Json(), nullable=True)

    @property
    def ladder(self) -> Ladder:
        said = self.nudges or {}
        steps = read_steps(said["steps"]) if said.get("steps") is not None else USUAL.steps
        rest = {name: said.get(name, getattr(USUAL, name)) for name in ("officer", "letter")}
        return Ladder(steps, **rest)


def receivers(session: Session, duty_ids: Collection[int]) -> dict[int, int]:
    """By duty, the unit that receives its reports."""
    return dict(
        session.exec(select(Duty.id, Duty.receiver_id).where(col(Duty.id).in_(duty_ids))).all()
    )


PLAIN = ("key", "kind", "text", "help", "section", "clause", "optional", "when")
"""What an item has columns for."""


def items(session: Session, revision_id: int) -> list[ChecklistItem]:
    return list(
        session.exec(
            select(ChecklistItem)
            .where(ChecklistItem.revision_id == revision_id)
            .order_by(col(ChecklistItem.position))
        )
    )


def items_in(group: ChecklistItem) -> list[ChecklistItem]:
    """The questions that are asked about each thing of a group; no rows of the table."""
    return [
        made(item, group.revision_id, place) for place, item in enumerate(group.options["item"])
    ]


def made(item: Mapping[str, Any], revision_id: int, position: int) -> ChecklistItem:
    """item: as `storage.plan_items.Item` writes it."""
    rest = {name: value for name, value in item.items() if name not in PLAIN}
    plain = {name: item[name] for name in PLAIN if name in item and name != "when"}
    when = item.get("when")
    return ChecklistItem(
        **{**plain, "kind": ItemKind(item["kind"])},
        revision_id=revision_id,
        position=position,
        when_key=when["key"] if when else None,
        when_values=listed(when["is"]) if when else None,
        options=rest,
    )


def written(item: ChecklistItem) -> dict[str, Any]:
    """As `storage.plan_items.Item` writes it; the other way round than `made`."""
    plain = {"key": item.key, "kind": str(item.kind), "text": item.text}
    small = {name: getattr(item, name) for name in ("help", "section", "clause", "optional")}
    when = {"when": {"key": item.when_key, "is": item.when_values}} if item.when_key else {}
    return {**plain, **{name: its for name, its in small.items() if its}, **when, **item.options}


def latest_revision(session: Session, checklist_id: int) -> ChecklistRevision:
    return session.exec(
        select(ChecklistRevision)
        .where(ChecklistRevision.checklist_id == checklist_id)
        .order_by(col(ChecklistRevision.number).desc())
        .limit(1)
    ).one()


def with_other_deadlines(session: Session) -> dict[int, Duty]:
    """By id the duties for which the document gives more than one deadline."""
    found = session.exec(select(Duty).where(col(Duty.also).is_not(None)))
    return {duty.id: duty for duty in found}


def in_force() -> ColumnElement[bool]:
    """Whether a duty is still asked: those that a newer document drops stay with the older one."""
    replaced = select(SourceDocument.supersedes_id).where(
        col(SourceDocument.supersedes_id).is_not(None)
    )
    return col(Duty.document_id).not_in(replaced)


def documents(session: Session) -> list[SourceDocument]:
    """Those with a number, the newest first."""
    newest = select(SourceDocument).order_by(col(SourceDocument.issued_on).desc())
    newest = newest.where(SourceDocument.number != "")
    return list(session.exec(newest.order_by(col(SourceDocument.id).desc())))


def clauses(session: Session, document_id: int) -> list[Clause]:
    """In the order in which they were stored, which is the document's."""
    found = select(Clause).where(Clause.document_id == document_id)
    return list(session.exec(found.order_by(col(Clause.id))))


def document_of(session: Session, duty: Duty) -> SourceDocument:
    return session.get_one(SourceDocument, duty.document_id)


@dataclass(frozen=True, slots=True)
class Head:
    """What is needed of a revision before its items. document: the name of the duty's."""

    digest: str
    checks: list[dict[str, Any]]
    document: str


def head(session: Session, revision_id: int, duty_id: int) -> Head:
    about = {"of_revision": revision_id, "of_duty": duty_id}
    digest, checks, number, symbol = session.exec(_HEAD, params=about).one()
    return Head(digest, list(checks), f"{number}/{symbol}")


_HEAD = (
    select(
        ChecklistRevision.digest,
        ChecklistRevision.checks,
        SourceDocument.number,
        SourceDocument.symbol,
    )
    .select_from(Duty)
    .join(SourceDocument, col(SourceDocument.id) == Duty.document_id)
    .join(ChecklistRevision, col(ChecklistRevision.id) == bindparam("of_revision"))
    .where(col(Duty.id) == bindparam("of_duty"))
)


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
