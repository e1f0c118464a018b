"""Photographed pages for tests, and what becomes of them after a turn."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from sqlmodel import Session, select

from bot.binding import Binder
from bot.inbound import Times, tell
from core.filetype import Refusal, look_at
from handlers import arrival
from storage import files, outbox
from storage.blobs import Blobs
from storage.files import Arrival, Upload
from tests.phone import HANOI, MACHINE_NOW, Office

LATER = MACHINE_NOW + timedelta(seconds=10)  # an album is settled by then


def page(number: int, size: tuple[int, int] = (1240, 1754), lines: int = 40) -> Image.Image:
    """A printed page; number: makes it another one."""
    width, height = size
    paper = Image.new("RGB", size, "#f4f2ec")
    draw, font = ImageDraw.Draw(paper), ImageFont.load_default(width / 50)
    for line in range(lines):
        words = f"{line + 1}. Page {number} of a report on safety in schools, {line * number}"
        draw.text((width / 10, height * (line + 4) / 48), words, "#222222", font)
    return paper


def jpeg(picture: Image.Image, turned: int = 1, quality: int = 85) -> bytes:
    """turned: EXIF's orientation; 6 is to be turned clockwise to stand upright."""
    made, exif = BytesIO(), Image.Exif()
    exif[0x0112] = turned
    picture.save(made, "JPEG", quality=quality, exif=exif)
    return made.getvalue()


class Desk:
    """The parts of the program that work after a turn, on a test's database."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office, self.blobs = office, Blobs(folder / "files")
        self.machine = LATER

    def arrive(self, contents: Mapping[str, bytes] | Callable[[str], bytes]) -> None:
        """The bytes of all files that were sent, by their names."""
        get = contents.__getitem__ if isinstance(contents, Mapping) else contents
        with Session(self.office.engine) as session:
            for upload in session.exec(select(Upload).where(Upload.arrival == Arrival.WAITING)):
                content = get(upload.name)
                sha, kind = self.blobs.put(content), look_at(content)
                now = self.office.now
                files.mark_stored(session, upload, sha, kind, len(content), now)
                self._decided(session, upload)
            session.commit()

    def refuse(self, name: str, why: Refusal) -> None:
        with Session(self.office.engine) as session:
            upload = session.exec(select(Upload).where(Upload.name == name)).one()
            upload.arrival, upload.refusal = Arrival.REFUSED, why
            self._decided(session, upload)
            session.commit()

    def _decided(self, session: Session, upload: Upload) -> None:
        session.flush()
        if screen := arrival.news(session, upload, HANOI):
            drafts = tell(session, self.office.desk, upload.person_id, screen)
            session.flush()
            outbox.add(session.connection(), drafts, self.machine)

    def binder(self) -> Binder:
        return Binder(self.office.engine, self.blobs, self.office.desk, self._times)

    def make_all(self) -> int:
        """Return how many things were made."""
        binder, count = self.binder(), 0
        while binder.make_one():
            count += 1
        return count

    def _times(self) -> Times:
        return Times(self.office.now, self.machine)
