"""Have the documents that an officer gave read, as the running program does."""

import json
from collections.abc import Collection
from datetime import date
from pathlib import Path

from sqlmodel import Session, select

from bot import reading
from bot.documents import Reader
from bot.reading import Json
from bot.texts import Source
from core.filetype import Kind
from storage import files
from storage.blobs import Blobs
from storage.files import Arrival, Upload
from tests.phone import MACHINE_NOW, Office


def reads(office: Office, folder: Path, content: bytes = b"", kind: Kind = Kind.TEXT) -> None:
    """content: of the files that were sent and have not arrived yet."""
    blobs = Blobs(folder)
    with Session(office.engine) as session:
        waiting = select(Upload).where(Upload.arrival == Arrival.WAITING)
        for upload in session.exec(waiting).all():
            sha = blobs.put(content)
            files.mark_stored(session, upload, sha, kind, len(content), MACHINE_NOW)
        session.commit()
    reader = Reader(office.engine, blobs, office.desk, office.times, in_this_process)
    for document_id, sha_or_none in reader._waiting():
        reader.read_one(document_id, sha_or_none)


def in_this_process(
    source: Source, content: bytes, today: date, closed: Collection[date], pasted: bool
) -> Json:
    """As the child does it, without waiting for one to start."""
    asked = {"source": source, "today": str(today), "closed": list(closed), "pasted": pasted}
    return reading.found_in(
        json.loads(reading.parse(json.dumps(asked).encode() + b"\n" + content))
    )
