"""PNG images of every kind in a stamp, as two renderers draw them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageDraw

from gsign.appearance import image as images
from gsign.appearance.image import MAX_PIXELS, picture
from gsign.appearance.stamp import text_stamp
from gsign.errors import InputError
from tests.rendering import CORNER, RENDERERS, colour_at, ink, page_with
from tests.samples import png

RED, BLUE, WHITE = (200, 16, 46), (20, 40, 190), (255, 255, 255)


@pytest.fixture(params=sorted(RENDERERS))
def render(request: pytest.FixtureRequest) -> Callable[[bytes], Image.Image]:
    return RENDERERS[request.param]


def _raw_png(width: int, height: int, depth: int, kind: int, rows: bytes, extra: bytes = b"") -> bytes:
    """Write a PNG of a kind that Pillow does not write; `rows` are unfiltered samples."""
    size = len(rows) // height
    filtered = b"".join(b"\0" + rows[at : at + size] for at in range(0, len(rows), size))
    header = _chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, depth, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + _chunk(b"IDAT", zlib.compress(filtered)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def _halves(mode: str, left: Any, right: Any) -> Image.Image:
    drawn = Image.new(mode, (40, 20), right)
    drawn.paste(left, (0, 0, 20, 20))
    return drawn


def _palette() -> Image.Image:
    drawn = _halves("P", 1, 2)
    drawn.putpalette([0, 0, 0, *RED, *BLUE])
    return drawn


WIDE_RED = b"".join(struct.pack(">H", part * 257) for part in RED)
WIDE_BLUE = b"".join(struct.pack(">H", part * 257) for part in BLUE)
GREY_ROW = struct.pack(">H", 0x4000) * 20 + struct.pack(">H", 0xC080) * 20
KINDS: dict[str, tuple[bytes, tuple[int, int, int], tuple[int, int, int]]] = {
    "RGB": (png(_halves("RGB", RED, BLUE)), RED, BLUE),
    "RGBA opaque": (png(_halves("RGBA", (*RED, 255), (*BLUE, 255))), RED, BLUE),
    "RGBA clear": (png(_halves("RGBA", (*RED, 255), (0, 0, 0, 0))), RED, WHITE),
    "RGBA half": (png(_halves("RGBA", (0, 0, 0, 255), (0, 0, 0, 128))), (0, 0, 0), (127, 127, 127)),
    "RGB with clear colour": (png(_halves("RGB", RED, BLUE), transparency=BLUE), RED, WHITE),
    "grey": (png(_halves("L", 64, 192)), (64, 64, 64), (192, 192, 192)),
    "grey with alpha": (png(_halves("LA", (64, 255), (0, 0))), (64, 64, 64), WHITE),
    "grey with clear level": (png(_halves("L", 64, 192), transparency=192), (64, 64, 64), WHITE),
    "palette": (png(_palette()), RED, BLUE),
    "palette with clear entry": (png(_palette(), transparency=2), RED, WHITE),
    "palette with alphas": (png(_palette(), transparency=b"\xff\xff\x00"), RED, WHITE),
    "palette of 2 bits": (png(_palette(), bits=2), RED, BLUE),
    "black and white": (png(_halves("1", 0, 1)), (0, 0, 0), WHITE),
    "grey of 16 bits": (_raw_png(40, 20, 16, 0, GREY_ROW * 20), (64, 64, 64), (192, 192, 192)),
    "grey of 16 bits with clear level": (
        _raw_png(40, 20, 16, 0, GREY_ROW * 20, _chunk(b"tRNS", struct.pack(">H", 0xC080))),
        (64, 64, 64),
        WHITE,
    ),
    "grey and alpha of 16 bits": (
        _raw_png(40, 20, 16, 4, (struct.pack(">HH", 0x4040, 0xFFFF) * 20 + bytes(80)) * 20),
        (64, 64, 64),
        WHITE,
    ),
    "RGB of 16 bits": (_raw_png(40, 20, 16, 2, (WIDE_RED * 20 + WIDE_BLUE * 20) * 20), RED, BLUE),
    "RGBA of 16 bits": (
        _raw_png(40, 20, 16, 6, ((WIDE_RED + b"\xff\xff") * 20 + (WIDE_BLUE + b"\0\0") * 20) * 20),
        RED,
        WHITE,
    ),
    "with colour profile": (png(_halves("RGB", RED, BLUE), icc_profile=b"no profile at all"), RED, BLUE),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_png_shows_its_colours_and_what_is_behind(kind: str, render: Any) -> None:
    png, left, right = KINDS[kind]
    drawn = render(page_with(text_stamp([], 80, 40, image=png, margin=0)), 144)
    x, y = CORNER
    assert colour_at(drawn, x + 20, y + 20) == pytest.approx(left, abs=8)
    assert colour_at(drawn, x + 60, y + 20) == pytest.approx(right, abs=8)


@pytest.mark.parametrize(
    "pixels, box, expected",
    [
        ((400, 100), (120, 90), (120, 30)),
        ((100, 400), (120, 90), (22.5, 90)),
        ((300, 300), (102.05, 102.05), (102.05, 102.05)),
    ],
    ids=["flat", "upright", "seal of 36 mm"],
)
def test_an_image_keeps_its_proportions_and_is_centred(
    render: Any, pixels: tuple[int, int], box: tuple[float, float], expected: tuple[float, float]
) -> None:
    stamp = text_stamp([], *box, image=png(Image.new("RGB", pixels, RED)), margin=0)
    drawn = ink(render(page_with(stamp)), darker_than=120)
    assert drawn.right - drawn.left == pytest.approx(expected[0], abs=0.5)
    assert drawn.top - drawn.bottom == pytest.approx(expected[1], abs=0.5)
    assert (drawn.left + drawn.right) / 2 == pytest.approx(CORNER[0] + box[0] / 2, abs=0.4)
    assert (drawn.top + drawn.bottom) / 2 == pytest.approx(CORNER[1] + box[1] / 2, abs=0.4)


@pytest.mark.parametrize("width, height", [(240, 60), (90, 150)], ids=["side by side", "one above the other"])
def test_image_and_text_stand_apart(render: Any, width: float, height: float) -> None:
    file = png(Image.new("RGB", (200, 150), RED))
    drawn = render(
        page_with(text_stamp(["Người ký: Lê Văn Tám", "Email: tam@hungyen.gov.vn"], width, height, image=file))
    )
    red = [pixel for pixel in _pixels(drawn) if pixel[2][0] > 150 and pixel[2][1] < 90]
    black = [pixel for pixel in _pixels(drawn) if max(pixel[2]) < 90]
    assert red
    assert black
    axis = 0 if width > height else 1
    assert max(pixel[axis] for pixel in red) < min(pixel[axis] for pixel in black)


def _pixels(drawn: Image.Image) -> list[tuple[int, int, tuple[int, int, int]]]:
    small = drawn.resize((drawn.width // 2, drawn.height // 2), Image.Resampling.NEAREST)
    data = small.tobytes()
    return [
        (at % small.width, at // small.width, (data[3 * at], data[3 * at + 1], data[3 * at + 2]))
        for at in range(small.width * small.height)
    ]


def test_a_blue_signature_over_clear_black_has_no_dark_fringe(render: Any) -> None:
    written = Image.new("RGBA", (1200, 600), (0, 0, 0, 0))
    ImageDraw.Draw(written).line([(40, 500), (300, 80), (400, 520), (700, 90), (1160, 400)], fill=(*BLUE, 255), width=9)
    drawn = render(page_with(text_stamp([], 120, 60, image=png(written))), 144)
    blues = [pixel[2][2] for pixel in _pixels(drawn)]
    # Between white and this blue no pixel is darker in blue than the blue itself.
    assert min(blues) >= BLUE[2] - 12


def test_without_soft_masks_each_pixel_is_opaque_or_clear(render: Any) -> None:
    faded = Image.new("RGBA", (40, 20), (*RED, 40))
    faded.paste((*RED, 200), (0, 0, 20, 20))
    stamp = text_stamp([], 80, 40, image=png(faded), margin=0, soft_mask=False)
    xobject = stamp.dictionary["Resources"]["XObject"]["Im1"].dictionary
    assert "SMask" not in xobject
    assert xobject["Mask"].dictionary["ImageMask"] is True
    drawn = render(page_with(stamp), 144)
    assert colour_at(drawn, CORNER[0] + 20, CORNER[1] + 20) == pytest.approx(RED, abs=8)
    assert colour_at(drawn, CORNER[0] + 60, CORNER[1] + 20) == WHITE


def test_an_opaque_alpha_channel_needs_no_mask() -> None:
    made = picture(png(Image.new("RGBA", (5, 5), (*RED, 255))))
    assert not {"SMask", "Mask"} & made.xobject.dictionary.keys()


def test_an_image_is_decoded_once_and_few_are_kept() -> None:
    file = png(Image.new("RGB", (7, 7), RED))
    assert picture(file) is picture(bytes(bytearray(file)))
    for level in range(40):
        picture(png(Image.new("L", (7, 7), level)))
    assert len(images._kept) <= 16
    assert picture(file).width == 7


GOOD = png(Image.new("RGB", (50, 50), RED))
HUGE = _raw_png(60_000, 60_000, 8, 2, bytes(60_000))


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "image-not-png"),
        (b"\xff\xd8\xff\xe0 JFIF", "image-not-png"),
        (b"<svg/>", "image-not-png"),
        (GOOD[:8], "image-damaged"),
        (GOOD[:40], "image-damaged"),
        (GOOD[:-30], "image-damaged"),
        (GOOD[:29] + bytes((GOOD[29] ^ 1,)) + GOOD[30:], "image-damaged"),
        (GOOD.replace(b"IDAT", b"IDAX"), "image-damaged"),
        (HUGE, "image-too-large"),
        (_raw_png(MAX_PIXELS // 4000 + 1, 4000, 1, 0, bytes(4000 * 501)), "image-too-large"),
    ],
    ids=["empty", "jpeg", "svg", "mark", "cut head", "cut data", "wrong sum", "no data", "bomb", "just too large"],
)
@pytest.mark.filterwarnings("error")
def test_what_is_no_usable_png_is_refused_with_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        text_stamp([], 80, 40, image=content)
    assert caught.value.code == code
    for language in ("vi", "en"):
        assert "?" not in caught.value.sentence(language)
        assert caught.value.advice(language)


def test_a_stamp_of_an_image_alone_asks_for_no_font() -> None:
    stamp = text_stamp(["", "  "], 80, 40, image=GOOD)
    assert "Font" not in stamp.dictionary["Resources"]
