"""Decide the reminders that are due and put them in the outbox, each exactly once."""

from datetime import datetime
from functools import partial

from sqlalchemy import Engine
from sqlmodel import Session

from bot.inbound import Desk, tell
from core.calendar import next_allowed
from handlers import nudge
from handlers.nudge import Due
from storage import nudges, outbox, reports
from storage.nudges import Nudge
from storage.outbox import Draft, Lane


def remind(engine: Engine, desk: Desk, now: datetime, machine_now: datetime) -> int:
    """Return how many messages were written. now: the program's clock.

    A tick that was missed is made up for by the next, and two ticks at once remind nobody twice:
    what was decided is in the tables.
    """
    if next_allowed(now, desk.zone) != now:
        return 0
    today = now.astimezone(desk.zone).date()
    with Session(engine) as session:
        drafts: list[Draft] = []
        for person_id, about in nudge.to_send(session, today):
            drafts += _remind_one(session, desk, person_id, about, now)
        session.flush()
        outbox.add(session.connection(), drafts, machine_now)
        session.commit()
    return len(drafts)


def _remind_one(
    session: Session, desk: Desk, person_id: int, about: list[Due], now: datetime
) -> list[Draft]:
    key = f"nudge:{person_id}:{now.isoformat()}"
    decide = partial(_decide, session, person_id, key, now)
    new = [item for item in about if decide(item)]
    if not new:
        return []
    screen = nudge.screen(session, new, now.astimezone(desk.zone).date())
    return tell(session, desk, person_id, screen, lane=Lane.NUDGE, key=key)


def _decide(session: Session, person_id: int, key: str, now: datetime, item: Due) -> bool:
    due_on = item.report.due_on
    if due_on is None or not reports.is_owed(session, item.report.id, due_on):
        return False
    decided = Nudge(
        report_id=item.report.id,
        person_id=person_id,
        due_on=due_on,
        rung=item.rung,
        decided_at=now,
        message_key=key,
    )
    return nudges.decide(session, decided)
