"""What is done with photographed pages, all of it in a child process, see `bot.child`.

They are looked at (whether they are sound pictures), judged (whether they can be read), shown
small and numbered on one contact sheet, and bound into one PDF.
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 40_000_000  # cameras of phones make 12 or 24 million, and 48 where asked to
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "HEIF")

# Advice. On pictures of which the longer side is JUDGED_AT pixels, as the figures depend on size.
# tests/bot/test_pictures.py measures them: a printed page comes to about 2000, one with a few
# thin lines to over 100, and each to under 40 once it is so blurred that the letters run together;
# a page in dim light to 100 of 255.
JUDGED_AT = 1200
BLURRED = 60.0  # variance of the Laplacian, clipped to a byte
DARK = 60.0  # mean brightness, of 255
SMALL = 1200  # pixels of the longer side: a page of A4 at 100 dots an inch

# The contact sheet.
TILE, GAP, COLUMNS = 320, 12, 4  # pixels; Telegram shows photos up to 1280 wide undiminished
MANY, MORE_COLUMNS = 16, 6

# The PDF.
MOST_PDF_BYTES = 45_000_000  # core.telegram.org/bots/api#sending-files: bots send up to 50 MB
PAPER = (595.28, 841.89)  # A4, in points
# Longer side in pixels and quality of JPEG, best first: 300, 170 and 120 dots an inch of A4.
# Half of 4000 pixels, of a camera of 12 million, is read from a JPEG four times as quickly.
LIGHTER = ((3508, 80), (2000, 80), (2000, 60), (1400, 60), (1400, 40))
LIGHTER_BY = 0.7  # what quality 80 alone leaves of a photo's bytes; it is only a guess
AT_ONCE = 2  # pictures in memory together: 36 MB each


def look(content: bytes) -> None:
    """Raises Refused for a picture that is damaged or too large to be opened safely."""
    from core.filetype import Refusal, Refused

    try:
        with _opened(BytesIO(content)) as picture:
            picture.draft("L", (JUDGED_AT, JUDGED_AT))
            picture.load()
    except Exception as error:  # a decoder raises of all kinds
        raise Refused(Refusal.PICTURE, type(error).__name__) from None


def make_contact_sheet(given: bytes) -> bytes:
    """given: JSON {"pages": [{"number", "path"}…], "to": where the JPEG is written}.

    Returns JSON [{"number", "blurred", "dark", "small"}…].
    """
    asked = json.loads(given)
    pages: list[dict[str, Any]] = asked["pages"]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        tiles = list(threads.map(_tile, pages))
    _sheet([tile for tile, _verdict in tiles]).save(asked["to"], "JPEG", quality=80)
    return json.dumps([verdict for _tile, verdict in tiles]).encode()


def bind(given: bytes) -> bytes:
    """given: JSON {"pages": [path…], "to": where the PDF is written}.

    Each picture is a page of A4, upright. Photos go in as they are, without loss, unless the PDF
    would be over `MOST_PDF_BYTES`. Returns JSON {"lighter": whether they had to be made so}.
    """
    import img2pdf

    asked = json.loads(given)
    paths = [Path(path) for path in asked["pages"]]
    with TemporaryDirectory(dir=Path(asked["to"]).parent) as folder:
        ready, lighter = _ready(paths, Path(folder))
        layout = img2pdf.get_layout_fun(pagesize=PAPER, fit=img2pdf.FitMode.into, auto_orient=True)
        with Path(asked["to"]).open("wb") as file:
            img2pdf.convert(
                *map(str, ready),
                outputstream=file,
                layout_fun=layout,
                rotation=img2pdf.Rotation.ifvalid,
                first_frame_only=True,
                nodate=True,  # the same pages make the same bytes, also when made again
                engine=img2pdf.Engine.internal,
            )
    return json.dumps({"lighter": lighter}).encode()


# Opening


def _opened(source: Path | BytesIO) -> "Image":
    """Raises OSError, ValueError or a warning of a bomb; nothing is decoded yet."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    _know_heic()
    return Image.open(source, formats=_FORMATS)


def _know_heic() -> None:
    import pi_heif

    pi_heif.register_heif_opener(thumbnails=False)


def _small(path: Path, side: int) -> "Image":
    """Upright, in colour, the longer side at most `side` pixels. JPEG is decoded smaller."""
    from PIL import ImageOps

    with _opened(path) as picture:
        shrink = min(1.0, side / max(picture.size))
        picture.draft("RGB", (int(picture.width * shrink), int(picture.height * shrink)))
        picture.thumbnail((side, side), reducing_gap=2.0)
        return _on_white(ImageOps.exif_transpose(picture))


def _on_white(picture: "Image") -> "Image":
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    paper = Image.new("RGB", layered.size, "white")
    paper.paste(layered, mask=layered.getchannel("A"))
    return paper


# Judging and showing


def measure(picture: "Image") -> tuple[float, float]:
    """Variance of the Laplacian, and mean brightness."""
    from PIL import ImageFilter, ImageOps, ImageStat

    grey = picture.convert("L")
    edges = grey.filter(ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), 1, 128))
    edges = ImageOps.crop(edges, 1)  # the filter leaves the outermost pixels as they were
    return ImageStat.Stat(edges).var[0], ImageStat.Stat(grey).mean[0]


def _tile(page: Mapping[str, Any]) -> tuple["Image", dict[str, Any]]:
    """The small picture with its number, and what can be said of the large one."""
    path = Path(page["path"])
    with _opened(path) as picture:
        longer = max(picture.size)
    small = _small(path, JUDGED_AT)
    blur, brightness = measure(small)
    faults = {"blurred": blur < BLURRED, "dark": brightness < DARK, "small": longer < SMALL}
    return _numbered(small, str(page["number"])), {"number": page["number"], **faults}


def _numbered(picture: "Image", number: str) -> "Image":
    from PIL import Image, ImageDraw, ImageFont

    picture.thumbnail((TILE, TILE))
    tile = Image.new("RGB", (TILE, TILE), "white")
    tile.paste(picture, ((TILE - picture.width) // 2, (TILE - picture.height) // 2))
    draw, font = ImageDraw.Draw(tile), ImageFont.load_default(44)
    wide = draw.textlength(number, font)
    draw.rounded_rectangle((0, 0, wide + 28, 56), 10, fill="#0b57d0")
    draw.text((14 + wide / 2, 28), number, "white", font, anchor="mm")
    return tile


def _sheet(tiles: "Sequence[Image]") -> "Image":
    from PIL import Image

    columns = min(len(tiles), COLUMNS if len(tiles) <= MANY else MORE_COLUMNS)
    step = TILE + GAP
    size = (columns * step + GAP, ceil(len(tiles) / columns) * step + GAP)
    sheet = Image.new("RGB", size, "#c7cdd6")
    for at, tile in enumerate(tiles):
        row, column = divmod(at, columns)
        sheet.paste(tile, (GAP + column * step, GAP + row * step))
    return sheet


# Binding


def _ready(paths: Sequence[Path], folder: Path) -> tuple[list[Path], bool]:
    """Files that a PDF can hold as they are, and whether photos were made lighter for it."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        numbered = list(enumerate(paths))
        ready = list(threads.map(lambda one: _embeddable(one[1], folder / f"{one[0]}"), numbered))
        total = sum(path.stat().st_size for path in ready)
        if total <= MOST_PDF_BYTES:
            return ready, False
        share = 0.98 * MOST_PDF_BYTES / total  # the rest is for what a PDF adds
        light = threads.map(lambda one: _lighter(one[1], share, folder / f"{one[0]}l"), numbered)
        return list(light), True


def _embeddable(path: Path, to: Path) -> Path:
    """JPEG and plain PNG go into a PDF byte for byte; of others a copy is made."""
    with _opened(path) as picture:
        if picture.format in ("JPEG", "MPO"):
            return path
        if picture.format == "PNG" and not picture.has_transparency_data:
            return path
        is_photo = picture.format in ("HEIF", "WEBP")
    upright = _small(path, max(picture.size))
    upright.save(to, "JPEG" if is_photo else "PNG", quality=92)
    return to


def _lighter(path: Path, share: float, to: Path) -> Path:
    """share: of its size that the copy may have; the lightest that we make may have more."""
    room = path.stat().st_size * share
    for side, quality in _worth_trying(path, share):
        _small(path, side).save(to, "JPEG", quality=quality)
        if to.stat().st_size <= room:
            break
    return to


def _worth_trying(path: Path, share: float) -> list[tuple[int, int]]:
    """Without those that would be too heavy still, as making one takes long."""
    with _opened(path) as picture:
        longer = max(picture.size)
    fit = [
        (side, quality)
        for side, quality in LIGHTER
        if LIGHTER_BY * min(1.0, side / longer) ** 2 <= share
    ]
    return fit or [LIGHTER[-1]]
