"""Publish a plan from the command line: at once, or by the office's word where it replaces one."""

from sqlmodel import Session

from bot.inbound import Desk, Times, tell
from core.message import Message
from core.roles import MAY_DECIDE
from handlers import replacing
from storage import outbox, people, plans, proposals, units
from storage.outbox import Draft, Lane
from storage.plans import Plan, Published


def changes(session: Session, plan: Plan) -> list[Message]:
    """What it changes of duties that are asked already, none for none. Raises BadPlan."""
    found = plans.changes(session, plan)
    return replacing.lines(plan, found) if found.pairs or found.dropped else []


def publish(session: Session, desk: Desk, plan: Plan, times: Times, *, accepted: bool) -> str:
    """What was done, for the operator. The caller commits. Raises BadPlan.

    accepted: whether the office need not be asked.
    """
    found = plans.changes(session, plan)
    if plan.document.replaces and not found.is_empty and not accepted:
        asked = _propose(session, desk, plan, times)
        said = "The office is asked." if asked else "The office was asked before."
        return f"{said} Nothing changes until somebody there accepts; --accept does it at once."
    return _told(_publish(session, desk, plan, times))


def _told(done: Published) -> str:
    moves = done.moves
    said = [
        f"New: {done.duties} duties, {done.revisions} checklist revisions, {done.reports} reports."
    ]
    if moves.moved or moves.dropped:
        said.append(
            f"Moved: {len(moves.moved)} reports; asked no more: {len(moves.dropped)};"
            f" done already, so untouched: {moves.stood}."
        )
    return "\n".join(said)


def _publish(session: Session, desk: Desk, plan: Plan, times: Times) -> Published:
    """Put it in force, and tell the schools what changed."""
    done = plans.publish(session, plan, times.now)
    proposals.withdraw(session, plan, times.now)
    session.flush()
    today = times.now.astimezone(desk.zone).date()
    drafts: list[Draft] = []
    for person_id, screen in replacing.news(session, done.moves, today, times.now):
        drafts += tell(session, desk, person_id, screen, lane=Lane.NUDGE)
    outbox.add(session.connection(), drafts, times.machine)
    return done


def _propose(session: Session, desk: Desk, plan: Plan, times: Times) -> bool:
    """Ask the office; False where it is asked already."""
    proposal = proposals.make(session, plan, times.now)
    if proposal is None:
        return False
    screen = replacing.proposal_card(session, proposal)
    held = people.holders(session, units.office(session).id, MAY_DECIDE)
    drafts: list[Draft] = []
    for person_id in dict.fromkeys(person.id for _post, person in held):
        drafts += tell(session, desk, person_id, screen, lane=Lane.NUDGE)
    outbox.add(session.connection(), drafts, times.machine)
    return True
