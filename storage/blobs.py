"""Bytes on disk under their SHA-256: written whole or not at all, the same bytes once."""

import os
import re
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class Blobs:
    """folder: made when needed; only this class writes there. No name of a file is a path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Return the SHA-256, once the bytes are on the disk and not only in its cache."""
        sha = sha256(content).hexdigest()
        path = self.path(sha)
        try:
            os.utime(path)  # so that nobody who removes old bytes takes these for such
        except FileNotFoundError:
            self._write(path, content)
        for folder in (path.parent, self._folder):  # a name is safe once its folder is
            _sync_folder(folder)
        return sha

    def try_out(self) -> None:
        """Raises OSError where no file can be kept."""
        self._unfinished.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._unfinished):
            pass

    def path(self, sha: str) -> Path:
        """Where these bytes are or would be. Raises ValueError for anything but a SHA-256."""
        if not _SHA256.match(sha):
            raise ValueError("not a SHA-256")
        return self._folder / sha[:2] / sha

    def read(self, sha: str) -> bytes:
        return self.path(sha).read_bytes()

    def remove(self, sha: str, before: datetime) -> None:
        """Take away bytes that nobody needs, unless somebody has put them since this moment.

        Moved first, so that a `put` meanwhile either finds them gone or is seen here.
        """
        path, aside = self.path(sha), self._unfinished / sha
        self._unfinished.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            path.rename(aside)
            if aside.stat().st_mtime < before.timestamp():
                aside.unlink()
            else:
                aside.rename(path)

    def tidy(self, before: datetime) -> None:
        """Remove what a killed process left half-written before this moment."""
        for left in self._unfinished.glob("*"):
            if left.stat().st_mtime < before.timestamp():
                left.unlink(missing_ok=True)

    @property
    def _unfinished(self) -> Path:
        return self._folder / "unfinished"

    def _write(self, path: Path, content: bytes) -> None:
        for folder in (self._unfinished, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._unfinished, delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
