"""Tell schools what the office decided, once it can be undone no more, each person once; and
have a writer offered to send without a head of school who has not answered for a day, and the
head told of it.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session

from bot.inbound import Desk, tell
from handlers import deadline, presenting, review
from storage import daily_lines, lateness, outbox, people, reviews, submissions
from storage.daily_lines import About, Kind
from storage.database import reading
from storage.outbox import Draft
from storage.reports import Report


def tell_verdicts(engine: Engine, desk: Desk, now: datetime, machine_now: datetime) -> int:
    """Return how many messages were written. now: the program's clock.

    A tick that was missed is made up for by the next, and of two at once one finds it told.
    """
    with reading(engine) as session:
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


def offer_to_send_alone(engine: Engine, zone: ZoneInfo, now: datetime) -> None:
    """In the writer's message of the day; at once where that would be too late."""
    with Session(engine) as session:
        for report, draft in submissions.silent(session, now - presenting.SILENCE):
            until = _last_day(session, report, now.astimezone(zone))
            about = About(Kind.SILENT_HEAD, draft.id, str(draft.times_presented), until)
            heads = [head.id for head in presenting.heads_of(session, report)]
            writers = set(presenting.writers(session, report, draft)) - set(heads)
            daily_lines.note(session, about, writers, now, zone)
            daily_lines.note(session, replace(about, kind=Kind.BEFORE_HEAD), heads, now, zone)
        session.commit()


def _last_day(session: Session, report: Report, local: datetime) -> date | None:
    """On which the offer helps to be in time; None where it does not matter any more."""
    last = lateness.last_day(session, report.deadline)
    if last is None or deadline.is_late(session, report, local):
        return None
    return last - timedelta(report.due_at is not None)
