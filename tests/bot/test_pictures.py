"""Judging, showing and binding photographed pages, in this process and in a child."""

import json
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageFilter

from bot import child, pictures
from bot.pictures import BLURRED, DARK, JUDGED_AT, measure
from tests.pages import jpeg, page

Change = Callable[[Image.Image], Image.Image]

# A photo of a page that was sent as a file: HEIC made by an encoder, 64 × 48 points, red.
HEIC = Path(__file__).parent / "red.heic"


def blur(radius: float) -> Change:
    """radius: in points of a page that is 1754 high."""
    return lambda picture: picture.filter(ImageFilter.GaussianBlur(radius))


def light(share: float) -> Change:
    return lambda picture: picture.point(lambda value: value * share)


def judged(picture: Image.Image) -> tuple[float, float]:
    """As it is judged once it was sent as a JPEG."""
    sent = Image.open(BytesIO(jpeg(picture)))
    sent.thumbnail((JUDGED_AT, JUDGED_AT))
    return measure(sent)


@pytest.mark.parametrize("lines", [40, 20, 3])
@pytest.mark.parametrize("change", [light(1), light(0.5), blur(1.5)])
def test_pages_that_can_be_read_are_far_from_the_thresholds(lines: int, change: Change) -> None:
    sharpness, brightness = judged(change(page(1, lines=lines)))
    assert sharpness > BLURRED * 1.3 or lines == 3
    assert brightness > DARK * 1.5


@pytest.mark.parametrize("lines", [40, 20, 3])
@pytest.mark.parametrize("radius", [4, 6, 10])
def test_pages_that_cannot_are_beyond_them(lines: int, radius: float) -> None:
    assert judged(blur(radius)(page(1, lines=lines)))[0] < BLURRED * 0.7
    assert judged(light(0.2)(page(1, lines=lines)))[1] < DARK * 0.9


# Showing


def sheet_of(folder: Path, *contents: bytes) -> tuple[Image.Image, list[dict[str, object]]]:
    pages = []
    for number, content in enumerate(contents, start=1):
        (folder / str(number)).write_bytes(content)
        pages.append({"number": number, "path": str(folder / str(number))})
    given = json.dumps({"pages": pages, "to": str(folder / "sheet")})
    said = json.loads(child.work("contact", given.encode()))
    return Image.open(BytesIO((folder / "sheet").read_bytes())), said


@pytest.mark.parametrize(
    ("count", "size"), [(1, (344, 344)), (5, (1340, 676)), (30, (2004, 1672))]
)
def test_a_sheet_has_a_tile_for_each_page(
    tmp_path: Path, count: int, size: tuple[int, int]
) -> None:
    small = jpeg(page(1, (620, 877)))
    sheet, said = sheet_of(tmp_path, *[small] * count)
    assert sheet.size == size
    assert said == [
        {"number": n, "blurred": False, "dark": False, "small": True} for n in range(1, count + 1)
    ]


def test_pages_are_shown_upright(tmp_path: Path) -> None:
    """A red bar on the left of a lying photo is on top once it is turned clockwise."""
    lying = Image.new("RGB", (800, 400), "white")
    lying.paste("red", (0, 0, 100, 400))
    sheet, _said = sheet_of(tmp_path, jpeg(lying, turned=6))
    red, green, _blue = sheet.getpixel((12 + 160, 12 + 20))  # type: ignore[misc]
    assert red > 200 > 60 > green


# Binding


def bound(folder: Path, *contents: bytes) -> tuple[bytes, bool]:
    """The PDF, and whether photos were made lighter for it."""
    paths = [folder / str(number) for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    given = json.dumps({"pages": list(map(str, paths)), "to": str(folder / "pdf")})
    said = json.loads(child.work("bind", given.encode(), child.Limits(60, 120)))
    return (folder / "pdf").read_bytes(), said["lighter"]


def saved(form: str, picture: Image.Image) -> bytes:
    made = BytesIO()
    picture.save(made, form)
    return made.getvalue()


def two_in_one() -> bytes:
    """As some phones add a second picture for bright screens."""
    made, first = BytesIO(), page(1, (310, 438))
    first.save(made, "MPO", save_all=True, append_images=[page(2, (155, 219))])
    return made.getvalue()


CLEAR = Image.new("RGBA", (300, 200), (255, 0, 0, 90))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(saved("PNG", page(1, (310, 438))), id="png"),
        pytest.param(saved("PNG", CLEAR), id="see-through png"),
        pytest.param(saved("PNG", CLEAR.quantize()), id="png of few colours"),
        pytest.param(saved("GIF", page(1, (310, 438))), id="gif"),
        pytest.param(saved("WEBP", page(1, (310, 438))), id="webp"),
        pytest.param(saved("JPEG", page(1, (310, 438)).convert("CMYK")), id="jpeg of a printer"),
        pytest.param(saved("JPEG", page(1, (310, 438)).convert("L")), id="grey jpeg"),
        pytest.param(jpeg(page(1, (310, 438)), turned=0), id="turned nowhere"),
        pytest.param(HEIC.read_bytes(), id="heic"),
        pytest.param(two_in_one(), id="two pictures in one"),
        pytest.param(saved("PNG", Image.new("I;16", (300, 200), 40_000)), id="deep png"),
        pytest.param(saved("PNG", page(1, (310, 438)).convert("1")), id="png of two colours"),
        pytest.param(saved("JPEG", Image.new("RGB", (9000, 90), "red")), id="a long strip"),
    ],
)
def test_every_kind_of_picture_becomes_a_page_of_a4(tmp_path: Path, content: bytes) -> None:
    pdf, lighter = bound(tmp_path, content, jpeg(page(2, (310, 438))))
    assert not lighter
    with pikepdf.open(BytesIO(pdf)) as opened:
        sizes = [sorted(map(float, one.mediabox[2:])) for one in opened.pages]
    assert sizes == [[595.28, 841.89]] * 2


def test_photos_go_in_byte_for_byte(tmp_path: Path) -> None:
    contents = [jpeg(page(n), turned=n % 8 + 1) for n in range(4)]
    pdf, lighter = bound(tmp_path, *contents)
    assert not lighter
    assert all(content in pdf for content in contents)
    assert len(pdf) < sum(map(len, contents)) + 10_000


def test_what_would_be_too_large_is_made_lighter_and_stays_readable(tmp_path: Path) -> None:
    """Four photos of 15 MB, as cameras of 48 million points make them, scaled to this test."""
    noise = Image.effect_noise((3000, 4000), 90).convert("RGB")
    heavy = jpeg(Image.blend(page(1, (3000, 4000)), noise, 0.3), quality=97)
    pdf, lighter = bound(tmp_path, *[heavy] * (60_000_000 // len(heavy) + 1))
    assert lighter
    assert len(pdf) <= pictures.MOST_PDF_BYTES
    with pikepdf.open(BytesIO(pdf)) as opened:
        (picture,) = opened.pages[0].Resources.XObject.values()
        assert max(picture.Width, picture.Height) >= 1400


def test_the_same_pages_make_the_same_bytes(tmp_path: Path) -> None:
    contents = [jpeg(page(n)) for n in range(2)]
    assert bound(tmp_path, *contents) == bound(tmp_path, *contents)


def test_the_program_itself_loads_nothing_of_it() -> None:
    """What rests in memory and what a start takes would double."""
    look = "import bot.app, sys; print({'PIL', 'img2pdf', 'pikepdf', 'pi_heif'} & {*sys.modules})"
    said = subprocess.run([sys.executable, "-c", look], capture_output=True, check=True)  # noqa: S603
    assert said.stdout.strip() == b"set()"
