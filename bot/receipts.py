"""Make the sheets of receipts that somebody of the office waits for, and send them as files."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session, select

from bot import sheets
from bot.i18n import say
from bot.inbound import Desk, Times, tell
from core.message import Message, _
from core.screen import Screen
from handlers import acknowledge, letters
from storage import broadcasts, despatches, outbox, receipts
from storage.blobs import Blobs
from storage.broadcasts import Broadcast
from storage.database import reading
from storage.events import Event
from storage.receipts import Receipt
from storage.surveys import Survey

SHEET_NAME = "nguoi-nhan.xlsx"

Row = TypeVar("Row", Broadcast, Event, Survey)  # of which a sheet is wanted


@dataclass(frozen=True, slots=True)
class Sheet:
    """screen: what is said of it. name: of the file."""

    content: bytes
    screen: Screen
    name: str


@dataclass(frozen=True, slots=True)
class Clerk:
    """What it takes to make them. blobs: where the bytes go."""

    engine: Engine
    desk: Desk
    blobs: Blobs

    def write(
        self, kind: type[Row], make: Callable[[Session, Desk, Row, Times], Sheet], times: Times
    ) -> int:
        """Those that are wanted; return how many messages were written to the outbox."""
        with reading(self.engine) as session:
            found = session.exec(select(kind.id, kind.sheet_for))
            wanted = [id for id, people in found if people]
        return sum(self._write(kind, id, make, times) for id in wanted)

    def _write(
        self,
        kind: type[Row],
        id: int,
        make: Callable[[Session, Desk, Row, Times], Sheet],
        times: Times,
    ) -> int:
        with reading(self.engine) as session:
            row = session.get_one(kind, id)
            sheet, wanted = make(session, self.desk, row, times), row.sheet_for

        def note(session: Session) -> None:
            row = session.get_one(kind, id, with_for_update=True)
            row.sheet_for = [person for person in row.sheet_for if person not in wanted]

        return self.hand_over(sheet, wanted, note, times)

    def hand_over(
        self, sheet: Sheet, people: Sequence[int], note: Callable[[Session], None], times: Times
    ) -> int:
        """Send it to these people; return how many messages were written to the outbox.

        Bytes first, the message that encloses them after; made again after a kill between.
        note: writes down, with the message, that they wait no more.
        """
        sha = self.blobs.put(sheet.content)
        file = {"remote": None, "sha256": sha, "name": sheet.name, "kind": "document"}
        return self.say(sheet.screen, people, note, times, file)

    def say(
        self,
        screen: Screen,
        people: Sequence[int],
        note: Callable[[Session], None],
        times: Times,
        *files: dict[str, Any],
    ) -> int:
        """As `hand_over`, with files that are on disk already, or none."""
        with Session(self.engine) as session:
            note(session)
            drafts = [draft for id in people for draft in tell(session, self.desk, id, screen)]
            session.flush()
            enclosed = [replace(draft, files=list(files)) for draft in drafts]
            outbox.add(session.connection(), enclosed, times.machine)
            session.commit()
        return len(drafts)


def write_wanted(clerk: Clerk, times: Times) -> int:
    """Return how many messages were written to the outbox."""
    return clerk.write(Broadcast, _sheet, times)


def _sheet(session: Session, desk: Desk, broadcast: Broadcast, times: Times) -> Sheet:
    now = times.now.astimezone(desk.zone)
    as_of = {"time": now.time(), "day": now.date()}
    words = letters.title(broadcast)
    said = _("Receipts of “{words}”, as of {time}, {day}.", words=words, **as_of)
    content = sheets.receipts(list(_rows(session, desk, broadcast)))
    return Sheet(content, Screen((said,)), SHEET_NAME)


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
