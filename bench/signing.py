"""Signing documents in memory, with a key on a token: beside pyHanko's API, and beside the token alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from typing import Any

from bench.desk import Desk
from bench.harness import Case, Race, beside, seconds
from bench.names import FIELD
from bench.peers import bare_key, bare_sign, pdf_signer, pyhanko_sign
from gsign import pdf
from gsign.appearance.fonts import typefaces_for
from gsign.appearance.plain import plain_lines
from gsign.result import VIETNAM
from gsign.trust.certificate import Certificate

__all__ = ["CASES"]

_PLACE = (1, 300.0, 60.0, 200.0, 80.0)


@contextmanager
def one_page(desk: Desk) -> Iterator[Race]:
    """Sign one page invisibly, at B-B; the certificate's status was asked for once, as in a batch."""
    data = desk.document("one-page")
    with desk.signer() as signer, bare_key(desk.module) as key:
        theirs = pdf_signer(key)
        yield Race(
            {
                "gsign": seconds(lambda: pdf.sign(data, signer, trust=desk.trust)),
                "pyHanko": seconds(lambda: pyhanko_sign(theirs, data)),
                "the token alone": seconds(lambda: bare_sign(key)),
            },
            (beside("pyHanko", at_most=0.08), beside("the token alone", at_most=1.6)),
        )


@contextmanager
def unknown_issuer(desk: Desk) -> Iterator[Race]:
    """The same with nothing but the pinned anchors, none of which issued the certificate."""
    data = desk.document("one-page")
    with desk.signer() as signer, bare_key(desk.module) as key:
        theirs = pdf_signer(key)
        yield Race(
            {
                "gsign": seconds(lambda: pdf.sign(data, signer)),
                "pyHanko": seconds(lambda: pyhanko_sign(theirs, data)),
            },
            (beside("pyHanko", at_most=0.08),),
        )


@contextmanager
def appearance(desk: Desk) -> Iterator[Race]:
    """Sign one page visibly: the same lines, font and image; what either program keeps between calls it may keep."""
    data, image = desk.document("one-page"), _seal()
    with desk.signer() as signer, bare_key(desk.module) as key:
        theirs = pdf_signer(key, **_their_appearance(desk, image))
        yield Race(
            {
                "gsign": seconds(lambda: pdf.sign(data, signer, trust=desk.trust, at=_PLACE, image=image)),
                "pyHanko": seconds(lambda: pyhanko_sign(theirs, data)),
            },
            (beside("pyHanko", at_most=0.02),),
        )


@contextmanager
def many_pages(desk: Desk) -> Iterator[Race]:
    """Sign 500 pages invisibly."""
    data = desk.document("500-pages")
    with desk.signer() as signer, bare_key(desk.module) as key:
        theirs = pdf_signer(key)
        yield Race(
            {
                "gsign": seconds(lambda: pdf.sign(data, signer, trust=desk.trust)),
                "pyHanko": seconds(lambda: pyhanko_sign(theirs, data)),
                "the token alone": seconds(lambda: bare_sign(key)),
            },
            (beside("pyHanko", at_most=0.1), beside("the token alone")),
        )


def _seal() -> bytes:
    """Draw a round red seal with a transparent ground, 36 mm at 200 dpi."""
    from PIL import Image, ImageDraw

    image = Image.new("RGBA", (284, 284), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    for inset, width in ((4, 8), (60, 4)):
        draw.ellipse((inset, inset, 284 - inset, 284 - inset), outline=(214, 0, 0, 255), width=width)
    draw.regular_polygon((142, 142, 50), 5, fill=(214, 0, 0, 255))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _their_appearance(desk: Desk, image: bytes) -> dict[str, Any]:
    """Describe to pyHanko what gsign shows."""
    from PIL import Image
    from pyhanko.pdf_utils.font.opentype import GlyphAccumulatorFactory
    from pyhanko.pdf_utils.images import PdfImage
    from pyhanko.pdf_utils.text import TextBoxStyle
    from pyhanko.sign.fields import SigFieldSpec
    from pyhanko.stamp import TextStampStyle

    # It warns once for each signature, about a font that it then embeds well.
    logging.getLogger("pyhanko").setLevel(logging.ERROR)
    who = Certificate.of(desk.leaf.der).signer_info()
    text = "\n".join(plain_lines(who, datetime.now(VIETNAM)))
    font = next(typefaces_for(set(text) - {"\n"})).font.path
    style = TextStampStyle(
        stamp_text=text,
        text_box_style=TextBoxStyle(font=GlyphAccumulatorFactory(str(font)), font_size=8),
        background=PdfImage(Image.open(BytesIO(image)), writer=None),
        border_width=0,
    )
    _, x, y, width, height = _PLACE
    box = (int(x), int(y), int(x + width), int(y + height))
    return {"stamp_style": style, "new_field_spec": SigFieldSpec(FIELD, on_page=0, box=box)}


CASES = (
    Case("one-page", "one page", one_page),
    Case("unknown-issuer", "one page, issuer unknown", unknown_issuer),
    Case("appearance", "one page, text and image shown", appearance),
    Case("500-pages", "500 pages", many_pages),
)
