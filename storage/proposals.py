"""Plans that replace an older document and wait for the office to accept what they change."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from storage import audit, plans
from storage.database import Instant, Json, primary_key
from storage.plans import Plan, Published


class Proposal(SQLModel, table=True):
    """plan: the file, as JSON of `storage.plans.Plan`.

    decided_by_id, decided_at: None while it waits. accepted: whether the plan was put in force.
    """

    id: int = primary_key()
    plan: dict[str, Any] = Field(sa_type=Json())
    made_at: datetime = Field(sa_type=Instant)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    accepted: bool = False


def plan_of(proposal: Proposal) -> Plan:
    return Plan.model_validate(proposal.plan)


def make(session: Session, plan: Plan, now: datetime) -> Proposal | None:
    """Let a plan wait, in place of an older file of its document; None if it waits already."""
    written = plan.model_dump(mode="json", by_alias=True)
    if any(one.plan == written for one in waiting(session)):
        return None
    withdraw(session, plan, now)
    proposal = Proposal(plan=written, made_at=now)
    session.add(proposal)
    session.flush()
    audit.record(session, now, None, proposal, "proposed", None, {"document": plan.document.name})
    return proposal


def withdraw(session: Session, plan: Plan, now: datetime) -> None:
    """Nobody has to decide about older files of the plan's document any more."""
    for one in waiting(session):
        if plan_of(one).document.name == plan.document.name:
            one.decided_at = now
            audit.record(session, now, None, one, "withdrawn", None, None)


def waiting(session: Session) -> list[Proposal]:
    """The oldest first."""
    return list(
        session.exec(
            select(Proposal).where(col(Proposal.decided_at).is_(None)).order_by(col(Proposal.id))
        )
    )


def to_decide(session: Session, proposal_id: int) -> Proposal | None:
    """One that nobody has decided, locked."""
    proposal = session.get(
        Proposal, proposal_id, with_for_update={"key_share": True}, populate_existing=True
    )
    return proposal if proposal and proposal.decided_at is None else None


def accept(session: Session, proposal: Proposal, by_id: int, now: datetime) -> Published:
    """Put the plan in force. The caller tells the schools. Raises `plan_items.BadPlan`."""
    published = plans.publish(session, plan_of(proposal), now, by_id)
    _decide(session, proposal, by_id, now, accepted=True)
    return published


def decline(session: Session, proposal: Proposal, by_id: int, now: datetime) -> None:
    _decide(session, proposal, by_id, now, accepted=False)


def _decide(
    session: Session, proposal: Proposal, by_id: int, now: datetime, *, accepted: bool
) -> None:
    proposal.decided_by_id, proposal.decided_at, proposal.accepted = by_id, now, accepted
    change = "accepted" if accepted else "declined"
    audit.record(session, now, by_id, proposal, change, None, None)
