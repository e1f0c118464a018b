"""The offices and schools, as a tree."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from core.fold import fold
from core.message import Message
from core.units import UnitKind, UnitRow, check
from storage import audit
from storage.database import Json, primary_key, words

OFFICE_CODE = "PHONG"  # of the office this program serves; the first migration makes it


class Unit(SQLModel, table=True):
    """levels: members of `core.units.Level`. valid_from, valid_to: its first and last day."""

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
            select(Unit).where(Unit.kind == UnitKind.SCHOOL, valid_on(today)).order_by(Unit.name)
        )
    )


def outside(session: Session) -> list[Unit]:
    """Other offices, by name."""
    kinds = (UnitKind.OFFICE, UnitKind.OUTSIDE)
    found = select(Unit).where(col(Unit.kind).in_(kinds), Unit.code != OFFICE_CODE)
    return list(session.exec(found.order_by(Unit.name)))


def issuer(session: Session, name: str) -> Unit:
    """The office that a document names as its own; made where it is not known yet."""
    if known := known_issuer(session, name):
        return known
    code = f"{OUTSIDE}{len(outside(session)) + 1}"
    made = Unit(code=code, name=name, kind=UnitKind.OUTSIDE)
    session.add(made)
    session.flush()
    return made


def known_issuer(session: Session, name: str) -> Unit | None:
    """What is issued by a Phòng, or by nobody who is named, is the own office's."""
    folded, own = fold(name), office(session)
    if not folded or folded.startswith("phong ") or folded == fold(own.name):
        return own
    return next((unit for unit in outside(session) if fold(unit.name) == folded), None)


OUTSIDE = "NGOAI-"  # begins the code of an office that a document made known


def valid_on(day: Any) -> Any:
    """Whether a unit exists on a day, as a condition of a statement."""
    begun = col(Unit.valid_from).is_(None) | (col(Unit.valid_from) <= day)
    return begun & (col(Unit.valid_to).is_(None) | (col(Unit.valid_to) >= day))


def set_days(
    session: Session, unit: Unit, first: date | None, last: date | None, now: datetime
) -> None:
    """Say from when and until when a unit exists. The operator does it; the caller commits.

    first, last: both included; None for always.
    """
    before = _days(unit)
    unit.valid_from, unit.valid_to = first, last
    session.add(unit)
    if before != _days(unit):
        audit.record(session, now, None, unit, "days", before, _days(unit))


def set_flags(session: Session, unit: Unit, flags: Collection[str], now: datetime) -> None:
    """Say what is special about a school, which duties may ask for. The caller commits."""
    before, unit.flags = {"flags": unit.flags}, sorted(set(flags))
    session.add(unit)
    if before["flags"] != unit.flags:
        audit.record(session, now, None, unit, "flags", before, {"flags": unit.flags})


def _days(unit: Unit) -> dict[str, str | None]:
    days = {"valid_from": unit.valid_from, "valid_to": unit.valid_to}
    return {name: day.isoformat() if day else None for name, day in days.items()}


@dataclass(frozen=True, slots=True)
class Imported:
    """added: how many are new. changed: of older ones: code, fields before and after.

    faults: of bad rows.
    """

    added: int = 0
    changed: list[tuple[str, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    faults: list[Message] = field(default_factory=list)


def import_units(
    session: Session, sheet: Sequence[Sequence[str]], by_id: int | None, now: datetime
) -> Imported:
    """Take in a sheet, see `core.units`: every row, or none where one is bad. The caller commits.

    A unit that the sheet does not name stays as it is, and so does what it has no column for.
    by_id: the person who sends it, None for the operator.
    """
    known = {unit.code: unit for unit in session.exec(select(Unit))}
    checked = check(sheet, _codes_above(known))
    if checked.faults:
        return Imported(faults=checked.faults)
    old = set(known)
    for row in checked.rows:
        unit = known.setdefault(row.code, Unit(code=row.code, name=row.name, kind=row.kind))
        session.add(unit)
    session.flush()
    done = Imported(added=len(known) - len(old))
    for row in checked.rows:
        unit = known[row.code]
        before, after = _update(unit, _given(row, known, checked.columns))
        if row.code in old and before != after:
            done.changed.append((row.code, before, after))
        if row.code not in old or before != after:
            audit.record(session, now, by_id, unit, "imported", before, after)
    return done


def _codes_above(units: dict[str, Unit]) -> dict[str, str]:
    codes = {unit.id: code for code, unit in units.items()}
    return {code: codes[u.parent_id] if u.parent_id else "" for code, u in units.items()}


def _given(row: UnitRow, units: dict[str, Unit], columns: Collection[str]) -> dict[str, Any]:
    """What the sheet says of this unit, by field."""
    fields = {
        "Tên": ("name", row.name),
        "Loại": ("kind", row.kind),
        "Cấp": ("levels", list(row.levels)),
        "Cụm": ("cluster", row.cluster),
        "Xã/phường": ("ward", row.ward),
        "Công lập": ("public", row.public),
        "Cấp trên": ("parent_id", units[row.parent].id if row.parent else None),
    }
    return dict(field for column, field in fields.items() if column in columns)


def _update(unit: Unit, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the same fields before and after."""
    before = {name: getattr(unit, name) for name in values}
    for name, value in values.items():
        setattr(unit, name, value)
    return before, values
