"""How late reports are, as the office reads the word "before"."""

from datetime import date, datetime

from sqlmodel import Session

from core.calendar import Deadline, Operator
from core.lateness import Lateness, lateness
from core.lateness import last_day as last_in_time
from storage import audit, facts, reports, units
from storage.extensions import Extended
from storage.reports import Report

STRICT = "before is strict"


def is_strict(session: Session) -> bool:
    """Whether what is sent on the day itself is late where a document says "before" it.

    Looked up once in a session.
    """
    if STRICT not in session.info:
        session.info[STRICT] = facts.get(session, STRICT) == "yes"
    return bool(session.info[STRICT])


def set_strict(session: Session, wanted: bool, person_id: int, now: datetime) -> None:
    """Reminders of what is due "before" a day are decided anew."""
    before = {STRICT: is_strict(session)}
    facts.put(session, STRICT, "yes" if wanted else "no")
    session.info[STRICT] = wanted
    reports.look_again(session, operator=Operator.BEFORE)
    office = units.office(session)
    audit.record(session, now, person_id, office, "set", before, {STRICT: wanted})


def last_day(session: Session, due: Deadline) -> date | None:
    """The last day in time; None where no day is set."""
    return last_in_time(due, strict=is_strict(session))


def how_late(
    session: Session, report: Report, sent_at: datetime, moved: Extended | None
) -> Lateness:
    """sent_at: the time at the office. moved: where the office gave more time."""
    written = moved.written if moved else None
    local = sent_at.replace(tzinfo=None)
    return lateness(local, report.deadline, written, strict=is_strict(session))
