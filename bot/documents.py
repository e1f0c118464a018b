"""Read the documents that officers gave, once their bytes are here, and show what is in them.

Text and rules run in a child process with limits, so that no document holds up anybody.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session

from bot import beside, texts
from bot.inbound import Desk, Times, tell
from bot.reading import Json, Read, read_in_a_child
from bot.texts import BadText, Source
from core.message import Message, _
from core.reading.gate import Unreadable
from core.screen import Screen
from handlers import document as screens
from handlers.found import card as found_card
from storage import closed_days, drafts, outbox
from storage.blobs import Blobs
from storage.database import reading
from storage.drafts import ReadDocument, Stage

log = logging.getLogger(__name__)

_FAULT = _("Sorry, something went wrong here while this was read; please paste what matters.")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads what waits. One at a time, as each takes a child of its own.

    read: from the bytes to drafts; see `bot.reading`.
    """

    engine: Engine
    blobs: Blobs
    desk: Desk
    times: Callable[[], Times]
    read: Read = read_in_a_child

    async def read_waiting(self) -> int:
        """Return how many were read. Their senders are told what was found."""
        waiting = await asyncio.to_thread(self._waiting)
        for document_id, sha in waiting:
            await beside.wait_for(self._read_or_refuse, document_id, sha)
        return len(waiting)

    def _waiting(self) -> list[tuple[int, str | None]]:
        with reading(self.engine) as session:
            return drafts.waiting(session)

    def _read_or_refuse(self, document_id: int, sha: str | None) -> None:
        """A fault of ours with one document is said, and holds up no other."""
        try:
            self.read_one(document_id, sha)
        except Exception:
            log.exception("document %s was not read", document_id)
            self._answer(document_id, _FAULT)

    def read_one(self, document_id: int, sha: str | None) -> None:
        """sha: of its file, None for a pasted text. Blocks for as long as the child may take."""
        today = self.times().now.astimezone(self.desk.zone).date()
        with reading(self.engine) as session:
            closed = closed_days.days(session)
            text = session.get_one(ReadDocument, document_id).text
        try:
            source, content = (
                texts.opened(self.blobs.path(sha)) if sha else (Source.PLAIN, text.encode())
            )
            found: Json | Message = self.read(source, content, today, closed, not sha)
        except (BadText, Unreadable) as bad:
            found = bad.message
        self._answer(document_id, found)

    def _answer(self, document_id: int, found: Json | Message) -> None:
        """The drafts and what is said of them are committed together."""
        with Session(self.engine) as session:
            document = session.get_one(ReadDocument, document_id, with_for_update=True)
            if document.stage is not Stage.WAITING:
                return  # another process did it
            screen = self._take_in(session, document, found)
            drafts_of = tell(session, self.desk, document.person_id, screen)
            session.flush()
            outbox.add(session.connection(), drafts_of, self.times().machine)
            session.commit()

    def _take_in(self, session: Session, document: ReadDocument, found: Json | Message) -> Screen:
        if isinstance(found, Message):
            document.stage, document.why = Stage.REFUSED, found.id
            return screens.unreadable(session, document, found)
        drafts.take_in(session, document, found, closed_days.works(session))
        return found_card(session, document)
