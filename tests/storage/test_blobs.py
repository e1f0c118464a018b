"""Bytes on disk: whole, once, and never where a name could lead."""

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from storage.blobs import Blobs

CONTENT = b"signed page"
SHA = sha256(CONTENT).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "files")


def everything(blobs: Blobs) -> list[Path]:
    return [path for path in blobs.path(SHA).parents[1].rglob("*") if path.is_file()]


def test_bytes_are_found_by_their_hash(blobs: Blobs) -> None:
    assert blobs.put(CONTENT) == SHA
    assert blobs.read(SHA) == blobs.path(SHA).read_bytes() == CONTENT


def test_the_same_bytes_are_kept_once(blobs: Blobs) -> None:
    blobs.put(CONTENT)
    blobs.put(CONTENT)
    assert everything(blobs) == [blobs.path(SHA)]


def test_only_the_owner_may_read_them(blobs: Blobs) -> None:
    blobs.put(CONTENT)
    assert blobs.path(SHA).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "sha",
    ["", "..", "../../etc/passwd", SHA.upper(), SHA[:-1], SHA + "\n", "/" + SHA[1:], SHA + "0"],
)
def test_nothing_but_a_hash_leads_to_a_path(blobs: Blobs, sha: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        blobs.path(sha)


def test_a_write_that_fails_leaves_no_bytes_under_the_hash(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        blobs.put(CONTENT)
    assert not blobs.path(SHA).exists()


def test_what_was_left_half_written_is_tidied_away(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", _fail)
        with pytest.raises(OSError, match="full"):
            blobs.put(CONTENT)
    (left,) = everything(blobs)
    kept = blobs.put(b"another")
    written = datetime.fromtimestamp(left.stat().st_mtime, UTC)
    blobs.tidy(written - timedelta(seconds=1))
    assert left.exists()
    blobs.tidy(written + timedelta(seconds=1))
    assert everything(blobs) == [blobs.path(kept)]


def _fail(_file: int) -> None:
    raise OSError("full")


def test_bytes_are_removed_unless_they_were_put_again(blobs: Blobs) -> None:
    day = datetime(1970, 1, 2, tzinfo=UTC)
    blobs.put(CONTENT)
    os.utime(blobs.path(SHA), (0, 0))
    blobs.put(CONTENT)
    blobs.remove(SHA, day)
    assert everything(blobs) == [blobs.path(SHA)]
    os.utime(blobs.path(SHA), (0, 0))
    for _twice in range(2):
        blobs.remove(SHA, day)
    assert everything(blobs) == []
