"""To whom outside this system a message goes as well: what the clerk has to send, and has sent."""

from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from core.roles import MAY_BROADCAST, Role
from core.units import UnitKind
from storage import audit, people
from storage.broadcasts import Broadcast
from storage.database import Instant, primary_key
from storage.people import Acting, Person
from storage.units import Unit

CLERK = "văn thư"  # the topic of an officer's post by which the clerk is known


class Despatch(SQLModel, table=True):
    """place: its name as on the document's list of recipients. number: of the outgoing letter.

    sent_on: None while it is to be done.
    """

    __table_args__ = (
        UniqueConstraint("broadcast_id", "place"),
        {"sqlite_autoincrement": True},
    )

    id: int = primary_key()
    broadcast_id: int = Field(foreign_key="broadcast.id")
    place: str
    number: str = ""
    sent_on: date | None = None
    done_by_id: int | None = Field(default=None, foreign_key="person.id")
    done_at: datetime | None = Field(default=None, sa_type=Instant)


def places(session: Session) -> list[str]:
    """The units outside that the office knows."""
    outside = select(Unit.name).where(Unit.kind == UnitKind.OUTSIDE).order_by(Unit.name)
    return list(session.exec(outside))


def of(session: Session, broadcast: Broadcast) -> list[Despatch]:
    return list(
        session.exec(
            select(Despatch)
            .where(Despatch.broadcast_id == broadcast.id)
            .order_by(col(Despatch.id))
        )
    )


def add(session: Session, broadcast: Broadcast, places: list[str]) -> None:
    """Those that are not on its list yet."""
    known = {despatch.place for despatch in of(session, broadcast)}
    for place in places:
        if place not in known:
            session.add(Despatch(broadcast_id=broadcast.id, place=place))
    session.flush()


def to_do(session: Session, me: Acting, despatch_id: int) -> Despatch | None:
    """Locked, if it is still to be done and the person may do it for their office."""
    despatch = session.get(Despatch, despatch_id, with_for_update=True, populate_existing=True)
    if despatch is None or despatch.sent_on or me.role not in MAY_BROADCAST:
        return None
    broadcast = session.get_one(Broadcast, despatch.broadcast_id)
    return despatch if broadcast.unit_id == me.unit_id else None


def done(
    session: Session, despatch: Despatch, number: str, day: date, person_id: int, now: datetime
) -> None:
    despatch.number, despatch.sent_on = number, day
    despatch.done_by_id, despatch.done_at = person_id, now
    sent = {"number": number, "sent_on": day.isoformat()}
    audit.record(session, now, person_id, despatch, "sent outside", None, sent)


def clerks(session: Session, broadcast: Broadcast) -> list[Person]:
    """The officers who are clerks; where nobody is, the author of the message."""
    officers = people.holders(session, broadcast.unit_id, {Role.OFFICER})
    found = {person.id: person for post, person in officers if CLERK in post.topics}
    return list(found.values()) or [session.get_one(Person, broadcast.author_id)]
