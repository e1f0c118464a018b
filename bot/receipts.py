"""Make the sheets of receipts that somebody of the office waits for, and send them as files."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

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

SHEET_NAME = "nguoi-nhan.xlsx"


@dataclass(frozen=True, slots=True)
class Clerk:
    """What it takes to make them. blobs: where the bytes go."""

    engine: Engine
    desk: Desk
    blobs: Blobs

    def keep(self, content: bytes, name: str) -> dict[str, object]:
        """Put a sheet on disk; return it as `Outgoing.files` has it."""
        sha256 = self.blobs.put(content)
        return {"remote": None, "sha256": sha256, "name": name, "kind": "document"}

    def send(
        self,
        session: Session,
        to: Collection[int],
        screen: Screen,
        file: dict[str, object],
        times: Times,
    ) -> int:
        """Commit, and return how many messages were written. to: people's ids."""
        drafts = [draft for id in to for draft in tell(session, self.desk, id, screen)]
        session.flush()
        enclosed = [replace(draft, files=[file]) for draft in drafts]
        outbox.add(session.connection(), enclosed, times.machine)
        session.commit()
        return len(drafts)


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
    file = clerk.keep(content, SHEET_NAME)
    with Session(clerk.engine) as session:
        broadcast = session.get_one(Broadcast, broadcast_id, with_for_update=True)
        broadcast.sheet_for = [id for id in broadcast.sheet_for if id not in wanted]
        return clerk.send(session, wanted, screen, file, times)


def _rows(session: Session, desk: Desk, broadcast: Broadcast) -> Iterator[list[str]]:
    """As `bot.sheets.RECEIPTS` heads them, in the office's own language."""
    informed = set(broadcast.unit_ids) - broadcasts.silent(session, broadcast)
    for one in receipts.all_of(session, broadcast):
        when = [local(at, desk) for at in (one.sent_at, one.acknowledged_at)]
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


def local(at: datetime | None, desk: Desk) -> str:
    return f"{at.astimezone(desk.zone):%d/%m/%Y %H:%M}" if at else ""


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""
