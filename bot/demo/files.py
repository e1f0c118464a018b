"""The files of all chats: their ids, their paths, their bytes."""

import hashlib
import struct
from dataclasses import dataclass, field

from bot.demo.refusal import Json, Refused

MB = 1024 * 1024
# Bot API, "Sending files": 10 MB for photos, 50 MB for other files; getFile: up to 20 MB.
MOST_PHOTO_BYTES = 10 * MB
MOST_UPLOAD_BYTES = 50 * MB
MOST_DOWNLOAD_BYTES = 20 * MB
# Bot API, sendPhoto: width and height together at most 10000, ratio at most 20.
MOST_SIDES = 10_000
MOST_RATIO = 20

# A grey dot: what a bot gets that fetches the first size of a photo instead of the last.
THUMBNAIL = bytes.fromhex(
    "ffd8ffe000104a46494600010101004800480000ffdb004300ffffffffffffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    "ffc0000b080001000101011100ffc40014000100000000000000000000000000000003ffc4001410010000000000"
    "0000000000000000000000ffda0008010100003f0037ffd9"
)
FOLDERS = {"photo": "photos", "document": "documents", "voice": "voice", "sticker": "stickers"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in a request."""

    name: str
    mime: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """path: below /file/bot<token>/. width, height: in pixels, 0 if it is no picture."""

    id: str
    unique_id: str
    kind: str
    name: str
    mime: str
    path: str
    width: int
    height: int
    content: bytes = field(repr=False)

    def described(self) -> Json:
        """File of the Bot API."""
        size = len(self.content)
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": size}


class Files:
    """Keeps everything until the server ends. first: the number of the first file's id."""

    def __init__(self, first: int = 0) -> None:
        self._first = first
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._thumbnails: dict[str, StoredFile] = {}

    def add(self, kind: str, upload: Upload) -> StoredFile:
        number = self._first + len(self._by_id)
        width, height = picture_size(upload.content)
        ending = upload.name.rpartition(".")[2] if "." in upload.name else "bin"
        ending = ending if ending.isascii() and ending.isalnum() else "bin"
        stored = StoredFile(
            id=f"{kind[:2].upper()}AC{number:012d}",
            unique_id="AQ" + hashlib.sha256(upload.content).hexdigest()[:14],
            kind=kind,
            name=upload.name,
            mime=upload.mime,
            path=f"{FOLDERS[kind]}/file_{number}.{ending}",
            width=width,
            height=height,
            content=upload.content,
        )
        self._by_id[stored.id] = self._by_path[stored.path] = stored
        return stored

    def photo(self, upload: Upload) -> StoredFile:
        """Raises Refused where the bytes are no picture or too large a one."""
        size = len(upload.content)
        if size > MOST_PHOTO_BYTES:
            limit = f"the maximum size is {MOST_PHOTO_BYTES} bytes"
            raise Refused(f"file of size {size} bytes is too big for a photo; {limit}")
        width, height = picture_size(upload.content)
        if not width or not height:
            raise Refused("IMAGE_PROCESS_FAILED")
        if width + height > MOST_SIDES or max(width, height) > MOST_RATIO * min(width, height):
            raise Refused("PHOTO_INVALID_DIMENSIONS")
        stored = self.add("photo", upload)
        small = Upload("thumbnail.jpg", "image/jpeg", THUMBNAIL)
        self._thumbnails[stored.id] = self.add("photo", small)
        return stored

    def sizes(self, photo: StoredFile) -> list[Json]:
        """PhotoSize objects, smallest first as Telegram lists them."""
        small = self._thumbnails[photo.id]
        return [_size(small, 1, 1), _size(photo, photo.width, photo.height)]

    def get(self, file_id: str) -> StoredFile | None:
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)


def picture_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG or JPEG, else zeros."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    return _jpeg_size(content) if content.startswith(b"\xff\xd8") else (0, 0)


def _jpeg_size(content: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return 0, 0


def _size(stored: StoredFile, width: int, height: int) -> Json:
    return {**stored.described(), "width": width, "height": height}
