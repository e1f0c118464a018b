"""Take in the sheets of units that the office sent, once their bytes are here."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.inbound import Desk, Times, tell
from bot.sheets import BadSheet, read_sheet
from core.screen import Screen
from handlers import units as screens
from storage import excusing, outbox, plans, units
from storage.blobs import Blobs
from storage.database import reading
from storage.files import UNITS, Arrival, StoredFile, Upload

DONE = "units done"


async def read_waiting(
    engine: Engine, blobs: Blobs, desk: Desk, times: Callable[[], Times]
) -> int:
    """Return how many sheets were read. Their senders are told what became of them."""
    waiting = await asyncio.to_thread(_waiting, engine)
    for upload_id, sha in waiting:
        try:
            rows = await read_sheet(blobs.path(sha))
        except BadSheet as bad:
            await asyncio.to_thread(_answer, engine, desk, times, upload_id, bad)
        else:
            await asyncio.to_thread(_answer, engine, desk, times, upload_id, rows)
    return len(waiting)


def _waiting(engine: Engine) -> list[tuple[int, str]]:
    with reading(engine) as session:
        return list(
            session.exec(
                select(Upload.id, StoredFile.sha256)
                .join(StoredFile)
                .where(Upload.purpose == UNITS, Upload.arrival == Arrival.STORED)
            )
        )


def _answer(
    engine: Engine,
    desk: Desk,
    times: Callable[[], Times],
    upload_id: int,
    found: list[list[str]] | BadSheet,
) -> None:
    """The rows and what is said of them are committed together."""
    with Session(engine) as session:
        upload = session.get_one(Upload, upload_id, with_for_update=True)
        if upload.purpose != UNITS:
            return  # another process did it
        upload.purpose = DONE
        screen = _take_in(session, found, upload.person_id, times().now)
        drafts = tell(session, desk, upload.person_id, screen)
        session.flush()
        outbox.add(session.connection(), drafts, times().machine)
        session.commit()


def _take_in(
    session: Session, found: list[list[str]] | BadSheet, by_id: int, now: datetime
) -> Screen:
    if isinstance(found, BadSheet):
        return Screen((found.message,))
    imported = units.import_units(session, found, by_id, now)
    if not imported.faults:
        plans.open_all_reports(session)
        excusing.follow_units(session, now)
    return screens.imported(imported)
