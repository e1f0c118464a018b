"""How late reports are, as the office reads the word "before"."""

from datetime import datetime

from sqlmodel import Session

from core.lateness import Lateness, lateness
from storage import audit, facts, units
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
    before = {STRICT: is_strict(session)}
    facts.put(session, STRICT, "yes" if wanted else "no")
    session.info[STRICT] = wanted
    office = units.office(session)
    audit.record(session, now, person_id, office, "set", before, {STRICT: wanted})


def how_late(
    session: Session, report: Report, sent_at: datetime, moved: Extended | None
) -> Lateness:
    """sent_at: the time at the office. moved: where the office gave more time."""
    written = moved.written if moved else None
    local = sent_at.replace(tzinfo=None)
    return lateness(local, report.deadline, written, strict=is_strict(session))
