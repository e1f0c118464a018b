"""The office's own closed days move the day to aim at, and leave a trace."""

from datetime import date

from sqlmodel import Session, select

from core.calendar import Operator, aim_on
from storage import closed_days
from storage.audit import Audit
from tests.phone import Office, Phone

THURSDAY = date(2026, 10, 29)


def test_a_closed_day_is_noted_once_changed_and_taken_out(office: Office) -> None:
    with Session(office.engine) as session:
        assert closed_days.close(session, THURSDAY, "lũ", None, office.now)
        assert not closed_days.close(session, THURSDAY, "lũ", None, office.now)
        assert closed_days.close(session, THURSDAY, "lũ lớn", None, office.now)
        assert [(d.day, d.why) for d in closed_days.all_days(session)] == [(THURSDAY, "lũ lớn")]
        works = closed_days.works(session)
        aim = aim_on(date(2026, 10, 30), Operator.BEFORE, works)
        assert aim == date(2026, 10, 28)
        assert closed_days.open_again(session, THURSDAY, None, office.now)
        assert not closed_days.open_again(session, THURSDAY, None, office.now)
        assert closed_days.works(session)(THURSDAY)
        changes = session.exec(select(Audit.change).where(Audit.subject == "closed_day")).all()
        assert changes == ["closed", "closed", "opened again"]


def test_what_is_due_aims_before_a_closed_day(office: Office, lan: Phone) -> None:
    with Session(office.engine) as session:
        closed_days.close(session, THURSDAY, "lũ", None, office.now)
        session.commit()
    line = lan.says("/due")[2]
    assert "better sent on Wednesday 28 October (3 days left)" in line
