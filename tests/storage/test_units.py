"""A sheet of units is taken in whole or not at all."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from core.units import COLUMNS, UnitKind
from storage import units
from storage.samples import sheet as sample
from storage.units import OFFICE_CODE, Unit
from tests.phone import MACHINE_NOW as NOW

HEADER = list(COLUMNS)
LE_LOI = ["LL", "TH Lê Lợi", "Trường", "TH", "Cụm 1", "Phường 1", "Có", OFFICE_CODE]
MOC = ["MOC", "MN Mộc", "Trường", "MN", "", "", "Không", OFFICE_CODE]


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        session.add(Unit(code=OFFICE_CODE, name="Phòng", kind=UnitKind.OFFICE))
        session.flush()
        yield session


def get(session: Session, code: str) -> Unit:
    found = units.with_code(session, code)
    assert found is not None
    session.refresh(found)
    return found


def test_new_units_are_added(session: Session) -> None:
    done = units.import_units(session, [HEADER, LE_LOI, MOC], None, NOW)
    assert (done.added, done.changed, done.faults) == (2, [], [])
    school = get(session, "LL")
    assert (school.name, school.kind, school.levels) == ("TH Lê Lợi", UnitKind.SCHOOL, ["TH"])
    assert (school.cluster, school.ward, school.public) == ("Cụm 1", "Phường 1", True)
    assert school.parent_id == units.office(session).id
    assert get(session, "MOC").public is False


def test_the_same_sheet_again_changes_nothing(session: Session) -> None:
    units.import_units(session, sample(), None, NOW)
    done = units.import_units(session, sample(), None, NOW)
    assert (done.added, done.changed, done.faults) == (0, [], [])


def test_a_known_unit_is_changed_and_what_changed_is_said(session: Session) -> None:
    units.import_units(session, [HEADER, LE_LOI, MOC], None, NOW)
    id = get(session, "LL").id
    renamed = ["LL", "TH&THCS Lê Lợi", "Trường", "TH,THCS", *LE_LOI[4:]]
    done = units.import_units(session, [HEADER, renamed], None, NOW)
    ((code, before, after),) = done.changed
    assert (done.added, code) == (0, "LL")
    assert (before["name"], after["name"]) == ("TH Lê Lợi", "TH&THCS Lê Lợi")
    assert (before["levels"], after["levels"]) == (["TH"], ["TH", "THCS"])
    assert (get(session, "LL").id, get(session, "LL").name) == (id, "TH&THCS Lê Lợi")
    assert get(session, "MOC").name == "MN Mộc"


def test_what_the_sheet_has_no_column_for_stays(session: Session) -> None:
    units.import_units(session, [HEADER, LE_LOI, MOC], None, NOW)
    short = [["Mã", "Tên", "Loại", "Cấp"], ["MOC", "MN Mộc", "Trường", "MN"]]
    assert units.import_units(session, short, None, NOW).changed == []
    assert get(session, "MOC").public is False
    assert get(session, "MOC").parent_id == units.office(session).id


def test_one_bad_row_keeps_all_out(session: Session) -> None:
    bad = ["BAD", "", "Trường", "TH", "", "", "", ""]
    done = units.import_units(session, [HEADER, LE_LOI, bad, MOC], None, NOW)
    assert (done.added, done.changed, len(done.faults)) == (0, [], 1)
    assert session.exec(select(Unit.code)).all() == [OFFICE_CODE]


def test_a_unit_may_stand_below_one_that_comes_later_in_the_sheet(session: Session) -> None:
    site = ["SITE", "Điểm Bản", "Điểm trường", "", "", "", "", "LL"]
    assert units.import_units(session, [HEADER, site, LE_LOI], None, NOW).faults == []
    assert get(session, "SITE").parent_id == get(session, "LL").id


def test_a_circle_through_a_unit_that_the_sheet_does_not_name_is_refused(session: Session) -> None:
    site = ["SITE", "Điểm Bản", "Điểm trường", "", "", "", "", "LL"]
    units.import_units(session, [HEADER, LE_LOI, site], None, NOW)
    turned = [*LE_LOI[:7], "SITE"]
    assert len(units.import_units(session, [HEADER, turned], None, NOW).faults) == 1
