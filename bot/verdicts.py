"""Tell schools what the office decided, once it can be undone no more, each person once; and
offer a writer to send without a head of school who has not answered for a day, and tell the head.
"""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from bot.inbound import Desk, tell
from core.calendar import next_allowed
from handlers import presenting, review
from storage import outbox, people, reports, reviews
from storage.outbox import Draft, Lane


def tell_verdicts(engine: Engine, desk: Desk, now: datetime, machine_now: datetime) -> int:
    """Return how many messages were written. now: the program's clock.

    A tick that was missed is made up for by the next, and of two at once one finds it told.
    """
    with Session(engine) as session:
        waiting = reviews.untold(session, now - reviews.UNDO)
    return sum(_tell_one(engine, desk, one, now, machine_now) for one in waiting)


def _tell_one(
    engine: Engine, desk: Desk, review_id: int, now: datetime, machine_now: datetime
) -> int:
    with Session(engine) as session:
        drafts: list[Draft] = []
        if case := reviews.take_untold(session, review_id, now):
            screen = review.news(session, case, now.astimezone(desk.zone).date())
            for person in people.at_school(session, case.report.unit_id):
                key = f"verdict:{review_id}:{person.id}"
                drafts += tell(session, desk, person.id, screen, key=key)
        session.flush()
        outbox.add(session.connection(), drafts, machine_now)
        session.commit()
    return len(drafts)


def offer_to_send_alone(engine: Engine, desk: Desk, now: datetime, machine_now: datetime) -> int:
    """Return how many messages were written; none at night."""
    if next_allowed(now, desk.zone) != now:
        return 0
    with Session(engine) as session:
        drafts: list[Draft] = []
        for report, draft in reports.silent(session, now - presenting.SILENCE):
            heads = [head.id for head in presenting.heads_of(session, report)]
            writers = [w for w in presenting.writers(session, report, draft) if w not in heads]
            offer, warning = presenting.offer(report, draft), presenting.warning(report, draft)
            told = [*((one, offer) for one in writers), *((one, warning) for one in heads)]
            for person_id, screen in told:
                key = f"silent:{presenting.asked_as(draft)}:{person_id}"
                drafts += tell(session, desk, person_id, screen, lane=Lane.NUDGE, key=key)
        written = outbox.add(session.connection(), drafts, machine_now)
        session.commit()
    return len(drafts) - written.skipped
