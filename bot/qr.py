"""Draw what a phone's camera can read."""

from functools import lru_cache
from io import BytesIO

from storage.blobs import Blobs

SCALE = 8  # dots for each square; a picture of about 300 dots a side


@lru_cache(64)
def draw_qr(blobs: Blobs, text: str) -> str:
    """The SHA-256 of the picture. It is a few hundred bytes, drawn and stored in milliseconds."""
    import segno  # only the office sends such pictures, and seldom

    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=SCALE)
    return blobs.put(drawn.getvalue())
