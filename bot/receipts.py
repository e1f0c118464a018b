"""Make the sheets of receipts that somebody of the office waits for, and send them as files."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bot import sheets
from bot.i18n import say
from bot.inbound import Desk, Times, tell
from core.message import Message, _
from core.screen import Screen
from handlers import acknowledge, letters
from storage import broadcasts, despatches, outbox, receipts
from storage.blobs import Blobs
from storage.broadcasts import Broadcast
from storage.receipts import Receipt
from storage.surveys import Survey

SHEET_NAME = "nguoi-nhan.xlsx"

Kind = TypeVar("Kind", Broadcast, Survey)


@dataclass(frozen=True, slots=True)
class Clerk:
    """What it takes to make them. blobs: where the bytes go."""

    engine: Engine
    desk: Desk
    blobs: Blobs


def write_wanted(clerk: Clerk, times: Times) -> int:
    """Return how many messages were written to the outbox."""
    return sum(_write(clerk, broadcast_id, times) for broadcast_id in _wanted(clerk.engine))


def _wanted(engine: Engine) -> list[int]:
    with Session(engine) as session:
        found = session.exec(
            select(Broadcast.id, Broadcast.sheet_for).where(col(Broadcast.begun_at).is_not(None))
        )
        return [id for id, people in found if people]


def _write(clerk: Clerk, broadcast_id: int, times: Times) -> int:
    """Bytes first, the message that encloses them after; made again after a kill between."""
    now = times.now.astimezone(clerk.desk.zone)
    with Session(clerk.engine) as session:
        broadcast = session.get_one(Broadcast, broadcast_id)
        content = sheets.receipts(list(_rows(session, clerk.desk, broadcast)))
        title, wanted = letters.title(broadcast), broadcast.sheet_for
    as_of = {"time": now.time(), "day": now.date()}
    screen = Screen((_("Receipts of “{words}”, as of {time}, {day}.", words=title, **as_of),))
    return hand_over(clerk, Broadcast, broadcast_id, wanted, (SHEET_NAME, content), screen, times)


def hand_over(
    clerk: Clerk,
    kind: type[Kind],
    id: int,
    wanted: Sequence[int],
    sheet: tuple[str, bytes],
    screen: Screen,
    times: Times,
) -> int:
    """Enclose a sheet for those who waited for it. kind, id: the row that says who does."""
    name, content = sheet
    sha = clerk.blobs.put(content)
    file = {"remote": None, "sha256": sha, "name": name, "kind": "document"}
    with Session(clerk.engine) as session:
        row = session.get_one(kind, id, with_for_update=True)
        row.sheet_for = [person for person in row.sheet_for if person not in wanted]
        drafts = [draft for to in wanted for draft in tell(session, clerk.desk, to, screen)]
        session.flush()
        enclosed = [replace(draft, files=[file]) for draft in drafts]
        outbox.add(session.connection(), enclosed, times.machine)
        session.commit()
    return len(drafts)


def _rows(session: Session, desk: Desk, broadcast: Broadcast) -> Iterator[list[str]]:
    """As `bot.sheets.RECEIPTS` heads them, in the office's own language."""
    informed = set(broadcast.unit_ids) - broadcasts.silent(session, broadcast)
    for one in receipts.all_of(session, broadcast):
        when = [_local(at, desk) for at in (one.sent_at, one.acknowledged_at)]
        what = say(_outcome(one, informed, broadcast.told), desk.language)
        yield [one.code, one.unit, one.name, one.phone, *when, what]
    for despatch in despatches.of(session, broadcast):
        yield ["", despatch.place, "", "", _day(despatch.sent_on), "", despatch.number]


def _outcome(receipt: Receipt, informed: set[int], told: Collection[str]) -> Message:
    if receipt.acknowledged_at:
        return _("has acknowledged")
    if str(receipt.unit_id) in told:
        return _("acknowledged elsewhere")
    if receipt.unit_id in informed:
        return _("a colleague has acknowledged")
    return acknowledge.why([receipt])


def _local(at: datetime | None, desk: Desk) -> str:
    return f"{at.astimezone(desk.zone):%d/%m/%Y %H:%M}" if at else ""


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""
