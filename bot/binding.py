"""Make what was asked of photographed pages, after the turn: contact sheets and PDFs.

What waits stands in the table `making`, so a process killed in the middle loses nothing: its work
is done again after a while. The result and what is said of it are committed together, once.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from bot import beside, child
from bot.inbound import Desk, Times, tell, turn_of
from core.filetype import Kind
from core.names import bound_name
from core.screen import Enclosed, Screen
from handlers import pages, talk
from handlers.flow import Turn
from handlers.pages import LEAST, Faults
from storage import evidence, files, leftovers, outbox, plan_changes
from storage.blobs import Blobs
from storage.checklists import Duty
from storage.evidence import Making, Page, Product
from storage.reports import Report
from storage.submissions import Submission
from storage.units import Unit

log = logging.getLogger(__name__)

LIMITS = child.Limits(90, 150)  # thirty photos of 12 million points take 3 s of CPU
LEASE = timedelta(seconds=LIMITS.wall + 30)
SWEEP_SECONDS = 2.0
KEEP_SHEETS = timedelta(days=1)  # by then a sheet is in the chat, and the app keeps it


@dataclass(frozen=True, slots=True)
class ToMake:
    id: int
    person_id: int
    submission_id: int
    key: str
    product: Product
    attempts: int
    pages: list[Page]


@dataclass(frozen=True, slots=True)
class Made:
    """sha256, size: of bytes that are on the disk. said: what the child tells of them."""

    sha256: str
    size: int
    said: Any


class Binder:
    """committed: called in the event loop after a transaction, for instance to wake the sender."""

    def __init__(
        self,
        engine: Engine,
        blobs: Blobs,
        desk: Desk,
        times: Callable[[], Times],
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine, self._blobs, self._desk, self._times = engine, blobs, desk, times
        self._committed = committed
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be something to make; to be called in the event loop."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled. One thing at a time, as each takes all the memory it should."""
        while True:
            self._woken.clear()
            if await self._one():
                self._committed()
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self._woken.wait()

    async def _one(self) -> bool:
        try:
            return await beside.wait_for(self.make_one)
        except Exception:  # a fault of ours or the database's: tried again after the lease
            log.exception("a sheet or PDF was not made")
            return False

    def make_one(self) -> bool:
        """Blocks while it is made. False where nothing waits."""
        asked = self._take()
        if asked is None:
            return False
        try:
            made = self._make(asked)
        except child.Failed as failed:
            log.warning("%s %s is not made: %s", asked.product, asked.id, failed)
            self._put_off(asked)
        else:
            self._hand_over(asked, made)
        return True

    def _take(self) -> ToMake | None:
        with Session(self._engine) as session:
            making = evidence.take_waiting(session, self._times().machine, LEASE)
            if making is None:
                return None
            found = evidence.pages(session, making.submission_id, making.key)
            taken = ToMake(
                making.id,
                making.person_id,
                making.submission_id,
                making.key,
                making.product,
                making.attempts,
                found,
            )
            session.commit()
        return taken

    def _make(self, asked: ToMake) -> Made | None:
        """None where there is too little to make it of. Raises child.Failed."""
        if len(asked.pages) < (LEAST if asked.product is Product.PDF else 1):
            return None
        with TemporaryDirectory() as folder:
            to = Path(folder) / "made"
            paths = [str(self._blobs.path(page.sha256).absolute()) for page in asked.pages]
            given: dict[str, Any] = {"pages": paths, "to": str(to)}
            if asked.product is Product.SHEET:
                numbers = [page.number for page in asked.pages]
                given["pages"] = [
                    {"number": n, "path": p} for n, p in zip(numbers, paths, strict=True)
                ]
            said = child.work(_WORK[asked.product], json.dumps(given).encode(), LIMITS)
            content = to.read_bytes()
        return Made(self._blobs.put(content), len(content), json.loads(said))

    def _put_off(self, asked: ToMake) -> None:
        if asked.attempts < evidence.MOST_ATTEMPTS:
            return  # its lease ends, and it is taken again
        with Session(self._engine) as session:
            if making := evidence.get_waiting(session, asked.id):
                evidence.fail(session, making)
                self._tell(session, making.person_id, pages.failed(_report(session, making)))
            session.commit()

    def _hand_over(self, asked: ToMake, made: Made | None) -> None:
        with Session(self._engine) as session:
            times = self._times()
            turn = turn_of(session, self._desk, asked.person_id, times)
            making = evidence.get_waiting(session, asked.id)
            if making is None or making.person_id != asked.person_id:
                return
            if evidence.pages(session, asked.submission_id, asked.key) != asked.pages:
                making.try_at = times.machine  # of pages that changed meanwhile
            elif asked.product is Product.SHEET:
                self._finish_sheet(session, turn, making, asked, made)
            else:
                self._finish_pdf(session, making, asked, made)
            session.commit()

    def _finish_sheet(
        self,
        session: Session,
        turn: Turn | None,
        making: Making,
        asked: ToMake,
        made: Made | None,
    ) -> None:
        faults = [Faults(**said) for said in made.said] if made else []
        shown = 0
        if made and len(asked.pages) >= LEAST:
            name = f"{_draft(session, making).id}-{making.key}.jpg"
            shown = self._store(session, making, made, name, "photo", Kind.JPEG)
        evidence.finish(session, making, shown or None)
        if turn is None or not (shown or any(faults)):
            return
        enclosed = (Enclosed(shown),) if shown else ()
        if pages.is_there(turn, _report(session, making)):
            screen = talk.show_place(turn).under(*pages.advice(faults))
        else:
            screen = pages.sheet(_report(session, making), faults)
        self._tell(session, making.person_id, replace(screen, files=enclosed), turn)

    def _finish_pdf(
        self, session: Session, making: Making, asked: ToMake, made: Made | None
    ) -> None:
        if made is None:
            evidence.finish(session, making, None)
            return
        name = _pdf_name(session, making)
        bound = self._store(session, making, made, name, "document", Kind.PDF)
        evidence.finish(session, making, bound)
        lighter = bool(made.said["lighter"])
        count, report = len(asked.pages), _report(session, making)
        screen = pages.pdf(report, bound, count, lighter=lighter)
        self._tell(session, making.person_id, screen)

    def _store(
        self, session: Session, making: Making, made: Made, name: str, sent_as: str, kind: Kind
    ) -> int:
        return files.make(
            session,
            making.person_id,
            _report(session, making).unit_id,
            name,
            sent_as,
            kind,
            self._times().now,
            sha256=made.sha256,
            size=made.size,
        ).id

    def _tell(
        self, session: Session, person_id: int, screen: Screen, turn: Turn | None = None
    ) -> None:
        session.flush()
        drafts = tell(session, self._desk, person_id, screen, turn=turn)
        outbox.add(session.connection(), drafts, self._times().machine)


def forget_sheets(engine: Engine, blobs: Blobs, times: Times) -> None:
    """Those that were shown long enough ago and that no draft has any more."""
    with Session(engine) as session:
        unused = leftovers.forget_sheets(session, times.now - KEEP_SHEETS)
        session.commit()
    for sha in unused:
        blobs.remove(sha, times.machine - KEEP_SHEETS)


_WORK = {Product.SHEET: "contact", Product.PDF: "bind"}


def _draft(session: Session, making: Making) -> Submission:
    return session.get_one(Submission, making.submission_id)


def _report(session: Session, making: Making) -> Report:
    return session.get_one(Report, _draft(session, making).report_id)


def _pdf_name(session: Session, making: Making) -> str:
    submission, report = _draft(session, making), _report(session, making)
    duty = session.get_one(Duty, report.duty_id)
    sent_at: datetime | None = submission.sent_at
    year = report.due_on or (sent_at and sent_at.date())
    return bound_name(
        session.get_one(Unit, report.unit_id).code,
        plan_changes.code_once(duty),
        report.period or str(year.year if year else ""),
        submission.version,
        len(evidence.bound(session, submission.id)) + 1,
    )
