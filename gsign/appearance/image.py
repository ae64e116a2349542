"""A PNG image as a PDF image XObject, its transparency as a soft mask (ISO 32000-2, 8.9 and 11.6.5.2).

Decoded and compressed once per image: the same seal goes on every document of a batch.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from gsign.appearance.colour import RGB_SPACE
from gsign.appearance.traits import Traits, line_edges, traits_of
from gsign.errors import InputError
from gsign.syntax.objects import Name, Stream

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["MAX_PIXELS", "Picture", "picture"]

MAX_PIXELS: Final = 16_000_000
"""An A5 page at 600 dpi; more is a scan that wants cropping, or a file that wants our memory."""
_MAX_KEPT: Final = 16
_MAX_KEPT_BYTES: Final = 32_000_000
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER_END: Final = 24
_SIXTEEN_BIT: Final = frozenset(("I", "I;16", "I;16B", "I;16L", "I;16N"))


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An image ready to be drawn.

    Args:
        xobject: the image XObject, for /Resources /XObject.
        width, height: in pixels.
        traits: what the file looks like, where its lines were asked for.
    """

    xobject: Stream
    width: int
    height: int
    traits: Traits | None = None


# By content: Python hashes the same bytes object only once, so the image of a batch costs nothing after its first use.
_Key = tuple[bytes, bool, bool]
_kept: OrderedDict[_Key, Picture] = OrderedDict()
_lock = Lock()


def picture(png: bytes, *, soft: bool = True, lines: bool = False) -> Picture:
    """Return the image of a PNG file.

    Args:
        png: the file's content.
        soft: keep partial transparency; False makes each pixel wholly opaque or wholly clear, which PDF/A-1 requires
            (ISO 19005-1, 6.4).
        lines: cut off the margin around what is drawn, and look at its traits.

    Raises:
        InputError: `image-not-png`, `image-damaged`, `image-too-large`.
    """
    key = (png, soft, lines)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = _lines(_decode(png), soft=soft) if lines else _make(_decode(png), soft=soft)
    with _lock:
        _kept[key] = made
        while len(_kept) > _MAX_KEPT or sum(map(_size, _kept.items())) > _MAX_KEPT_BYTES:
            _kept.popitem(last=False)
    return made


def _lines(image: Image.Image, *, soft: bool) -> Picture:
    traits = traits_of(image, image.info.get("dpi"))
    return replace(_make(image.crop(line_edges(image)), soft=soft), traits=traits)


def _size(item: tuple[_Key, Picture]) -> int:
    (png, _, _), kept = item
    mask = kept.xobject.dictionary.get("SMask") or kept.xobject.dictionary.get("Mask")
    return len(png) + len(kept.xobject.data) + (len(mask.data) if mask else 0)


def _decode(png: bytes) -> Image.Image:
    """Return an image of mode RGB or RGBA."""
    from PIL import Image

    _check_size(png)
    try:
        image = Image.open(BytesIO(png), formats=["PNG"])
        image.load()
        return _eight_bits(image)
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error) as error:
        raise InputError("image-damaged") from error


def _check_size(png: bytes) -> None:
    """Refuse by the header alone what would take too much memory, before anything is decompressed."""
    if not png.startswith(_SIGNATURE):
        raise InputError("image-not-png")
    if png[12:16] != b"IHDR" or len(png) < _HEADER_END:
        raise InputError("image-damaged")
    width, height = struct.unpack_from(">LL", png, 16)
    if width * height > MAX_PIXELS:
        raise InputError("image-too-large", width=width, height=height, limit=MAX_PIXELS // 1_000_000)


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BIT:
        image = _upper_bits(image)
    clear = "transparency" in image.info or image.mode in ("LA", "RGBA")
    return image.convert("RGBA" if clear else "RGB")


def _upper_bits(image: Image.Image) -> Image.Image:
    """Keep the upper half of each grey sample (Pillow would cut off at 255); one level may stand for clear (tRNS)."""
    from PIL import Image

    wide = image.convert("I")
    grey = wide.point(lambda level: level * (1 / 256)).convert("L")
    clear = image.info.get("transparency")
    if not isinstance(clear, int):
        return grey
    samples = wide.tobytes()
    level = clear.to_bytes(4, sys.byteorder)
    alpha = bytes(0 if samples[i : i + 4] == level else 255 for i in range(0, len(samples), 4))
    return Image.merge("LA", (grey, Image.frombytes("L", image.size, alpha)))


def _make(image: Image.Image, *, soft: bool) -> Picture:
    entries: dict[str, Any] = {"ColorSpace": RGB_SPACE}
    if image.mode == "RGBA":
        alpha = image.getchannel("A")
        image = _without_hidden_colour(image, alpha)
        if alpha.getextrema()[0] != 255:
            entries |= {"SMask": _soft_mask(alpha)} if soft else {"Mask": _stencil(alpha)}
    return Picture(_xobject(image, entries), image.width, image.height)


def _without_hidden_colour(image: Image.Image, alpha: Image.Image) -> Image.Image:
    """Give clear pixels the mean colour of the others.

    Readers that scale down average the colour with the pixels beside: black behind clear pixels would draw a dark
    fringe around a blue signature.
    """
    from PIL import ImageStat

    plain = image.convert("RGB")
    seen = alpha.point(lambda a: 255 if a else 0)
    if seen.getbbox():
        mean = tuple(round(value) for value in ImageStat.Stat(plain, seen).mean)
        plain.paste(mean, mask=seen.point(lambda a: 255 - a))
    return plain


def _soft_mask(alpha: Image.Image) -> Stream:
    return _xobject(alpha, {"ColorSpace": Name("DeviceGray")})


def _stencil(alpha: Image.Image) -> Stream:
    from PIL import Image

    # A set bit is masked out.
    bits = alpha.point(lambda a: 0 if a >= 128 else 255).convert("1", dither=Image.Dither.NONE)
    return _xobject(bits, {"ImageMask": True})


def _xobject(image: Image.Image, entries: dict[str, Any]) -> Stream:
    dictionary = {
        "Type": Name("XObject"),
        "Subtype": Name("Image"),
        "Width": image.width,
        "Height": image.height,
        "BitsPerComponent": 1 if image.mode == "1" else 8,
        **entries,
        "Filter": Name("FlateDecode"),
    }
    return Stream(dictionary, zlib.compress(image.tobytes(), 6))
