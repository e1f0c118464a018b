"""One person takes over another's post, with everything that was begun in it."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.roles import Standing
from storage import audit, conversations, invitations, nudges, people, submissions
from storage.people import Person, Post
from storage.reports import Report
from storage.submissions import Submission


def take_over(session: Session, post: Post, person: Person, flow: str, now: datetime) -> Post:
    """End the post, see `people.lock_post`, and return that of who holds it from now on.

    flow: in which reports are filled in. The leaver's drafts, places in them and reminders move,
    and its topics are kept. The caller commits.
    """
    leaver = session.get_one(Person, post.person_id, populate_existing=True)
    taken = _give(session, post, person, now)
    people.end_post(session, post, person.id, now, "handed over")
    drafts = _drafts(session, post)
    for draft in drafts:
        submissions.take_over(session, draft, person.id, now)
    about = [draft.report_id for draft in drafts]
    conversations.hand_over(session, leaver, person.id, flow, about)
    nudges.withdraw_from(session, leaver.id)
    invitations.withdraw_handovers_by(session, leaver.id, now)
    people.act_for_another(session, leaver.id)
    return taken


def _give(session: Session, post: Post, person: Person, now: datetime) -> Post:
    """With the topics of both where they held the like already; no topics are all topics."""
    topics = set(post.topics)
    for held, _unit in people.posts_of(session, person.id):
        if (held.unit_id, held.role, held.standing) == (post.unit_id, post.role, Standing.ACTIVE):
            topics = topics | set(held.topics) if topics and held.topics else set()
    taken = people.give_post(
        session, person.id, post.unit_id, post.role, now, standing=Standing.ACTIVE
    )
    before, taken.topics = {"topics": taken.topics}, sorted(topics)
    after = {"topics": taken.topics, "from": post.person_id}
    audit.record(session, now, person.id, taken, "taken over", before, after)
    return taken


def _drafts(session: Session, post: Post) -> list[Submission]:
    """What the leaver is filling in for the unit."""
    return list(
        session.exec(
            select(Submission)
            .join(Report, col(Report.id) == Submission.report_id)
            .where(Report.unit_id == post.unit_id, Submission.holder_id == post.person_id)
            .where(col(Submission.sent_at).is_(None))
        )
    )
