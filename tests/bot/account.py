"""What stands in the tables and what went over the wire, for tests that count both."""

from sqlalchemy import Engine
from sqlmodel import Session, func, select

from bot.demo import ledger
from storage.inbox import Received
from storage.outbox import Outgoing, Sending
from tests.live import Live, until

PLACES = 4  # messages on their way at the default rate, see `bot.sender`
CATCH_UP = 120.0  # seconds to answer what has piled up, at a message a second in each chat


def wait_until_answered(alive: Live, engine: Engine) -> None:
    until(
        lambda: not (alive.state()["unanswered"] or waiting(engine)),
        CATCH_UP,
        lambda: f"{alive.state()}, {waiting(engine)} not sent",
    )


def waiting(engine: Engine) -> int:
    with Session(engine) as session:
        rows = select(func.count()).where(Outgoing.sending == Sending.WAITING)
        return session.exec(rows).one()


def received(engine: Engine) -> int:
    with Session(engine) as session:
        return session.exec(select(func.count()).select_from(Received)).one()


def nothing_twice(engine: Engine, alive: Live, kills: int) -> None:
    """One reply a message in the tables; more on the wire only for what a kill cut off."""
    with Session(engine) as session:
        replies = session.exec(select(func.count()).select_from(Outgoing)).one()
    assert replies == received(engine)
    sent = len(list(ledger.calls(alive.entries(), "sendMessage", ledger.OK)))
    print(f"{sent - replies} of {replies} replies were sent again")  # noqa: T201
    assert replies <= sent <= replies + kills * PLACES
