"""Images that do not follow the rules are named, and good ones are not."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from gsign.appearance import drawings
from gsign.appearance.image import picture
from gsign.appearance.traits import line_edges
from gsign.sentences import reason_advice, reason_sentence
from tests.samples import PEN, STAMP, handwriting, png, seal

DPI_36 = 500 / 36 * 25.4


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content)).convert("RGBA")


def on_white(content: bytes) -> bytes:
    """Put an image on white paper, as a scan that nobody cut out."""
    drawn = opened(content)
    paper = Image.new("RGBA", drawn.size, (252, 251, 248, 255))
    paper.alpha_composite(drawn)
    return png(paper.convert("RGB"), dpi=(DPI_36, DPI_36))


def disc_of_paper(content: bytes) -> bytes:
    """Leave the paper inside a seal and cut it away outside."""
    drawn = opened(content)
    paper = Image.new("RGBA", drawn.size, (255, 255, 255, 0))
    edge = 60
    ImageDraw.Draw(paper).ellipse([edge, edge, drawn.width - edge, drawn.height - edge], fill=(255, 255, 255, 255))
    paper.alpha_composite(drawn)
    return png(paper, dpi=(DPI_36, DPI_36))


def worn(content: bytes) -> bytes:
    """Blur a seal and make its ink uneven, as a stamp pad does."""
    drawn = opened(content).filter(ImageFilter.GaussianBlur(2))
    return png(drawn, dpi=(DPI_36, DPI_36))


SEALS: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "good": (lambda: seal(dpi=DPI_36), ()),
    "worn": (lambda: worn(seal()), ()),
    "vermilion": (lambda: seal(dpi=DPI_36, ink=(230, 70, 30)), ()),
    "crimson": (lambda: seal(dpi=DPI_36, ink=(190, 20, 70)), ()),
    "on paper": (lambda: on_white(seal()), ("image-not-transparent",)),
    "on opaque white": (lambda: seal(dpi=DPI_36, behind=(255, 255, 255, 255)), ("image-not-transparent",)),
    "paper inside": (lambda: disc_of_paper(seal()), ("image-not-transparent",)),
    "blue": (lambda: seal(dpi=DPI_36, ink=PEN), ("image-not-red",)),
    "black": (lambda: seal(dpi=DPI_36, ink=(20, 20, 20)), ("image-not-red",)),
    "grey": (lambda: seal(dpi=DPI_36, ink=(120, 118, 121)), ("image-not-red",)),
    "small": (lambda: seal(200, 20, dpi=200 / 36 * 25.4), ("image-low-resolution",)),
    "unknown size": (seal, ("seal-size-assumed",)),
    "cut": (lambda: png(opened(seal()).crop((0, 0, 620, 440)), dpi=(DPI_36, DPI_36)), ("seal-not-round",)),
    "squeezed": (lambda: png(opened(seal()).resize((620, 560)), dpi=(DPI_36, DPI_36)), ("seal-not-round",)),
    "all at once": (
        lambda: png(Image.new("RGB", (150, 100), (0, 0, 90))),
        ("image-not-transparent", "image-low-resolution", "image-not-red", "seal-not-round", "seal-size-assumed"),
    ),
}
SIGNATURES: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "good": (handwriting, ()),
    "light blue": (lambda: handwriting(ink=(70, 130, 220)), ()),
    "violet blue": (lambda: handwriting(ink=(60, 40, 150)), ()),
    "dark blue": (lambda: handwriting(ink=(20, 25, 70)), ()),
    "unknown size": (lambda: handwriting(dpi=None), ()),
    "on paper": (lambda: on_white(handwriting()), ("image-not-transparent",)),
    "black": (lambda: handwriting(ink=(10, 10, 12)), ("image-not-blue",)),
    "red": (lambda: handwriting(ink=STAMP), ("image-not-blue",)),
    "small": (lambda: handwriting(240, 120, dpi=None), ("image-low-resolution",)),
}


@pytest.mark.parametrize("kind", sorted(SEALS))
def test_a_seal_is_warned_of_for_what_is_off_and_nothing_else(kind: str) -> None:
    content, expected = SEALS[kind]
    assert drawings.seal(content()).warnings == expected


@pytest.mark.parametrize("kind", sorted(SIGNATURES))
def test_a_signature_is_warned_of_for_what_is_off_and_nothing_else(kind: str) -> None:
    content, expected = SIGNATURES[kind]
    assert drawings.leader(content()).warnings == expected


def test_initials_may_have_any_colour() -> None:
    assert drawings.initials(handwriting(dpi=None, ink=(10, 10, 10))).warnings == ()
    assert drawings.initials(on_white(handwriting())).warnings == ("image-not-transparent",)


@pytest.mark.parametrize(
    "code", sorted({code for _, codes in (*SEALS.values(), *SIGNATURES.values()) for code in codes})
)
def test_each_warning_says_what_is_wrong_and_what_to_do(code: str) -> None:
    for language in ("vi", "en"):
        assert reason_sentence(code, language) != code
        assert reason_advice(code, language)


# ---------------------------------------------------------------- where the lines are


def test_specks_do_not_make_a_seal_smaller() -> None:
    dusty = opened(seal(500, 150))
    pen = ImageDraw.Draw(dusty)
    for x, y in ((3, 3), (790, 20), (12, 780), (795, 795), (400, 4)):
        pen.point((x, y), fill=(*STAMP, 255))
    drawing = drawings.seal(png(dusty, dpi=(DPI_36, DPI_36)))
    assert drawing.width == pytest.approx(36 * 72 / 25.4 + 2, abs=0.5)


def test_paper_around_a_seal_that_was_not_cut_out_does_not_make_it_smaller() -> None:
    assert drawings.seal(on_white(seal(500, 120))).width == pytest.approx(36 * 72 / 25.4 + 2, abs=0.5)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_edges_enclose_all_lines_exactly(data: st.DataObject) -> None:
    wide, high = data.draw(st.integers(20, 900)), data.draw(st.integers(20, 900))
    left, upper = data.draw(st.integers(0, wide - 10)), data.draw(st.integers(0, high - 10))
    right, lower = data.draw(st.integers(left + 10, wide)), data.draw(st.integers(upper + 10, high))
    drawn = Image.new("RGBA", (wide, high), (255, 255, 255, 0))
    ImageDraw.Draw(drawn).rectangle([left, upper, right - 1, lower - 1], outline=(*PEN, 255), width=3)
    assert line_edges(drawn) == (left, upper, right, lower)


@pytest.mark.parametrize("mode, colour", [("RGB", (255, 255, 255)), ("RGBA", (0, 0, 0, 0))])
def test_an_image_of_nothing_is_left_whole(mode: str, colour: tuple[int, ...]) -> None:
    assert line_edges(Image.new(mode, (30, 20), colour)) == (0, 0, 30, 20)
    drawings.leader(png(Image.new(mode, (30, 20), colour)))


def test_resolutions_of_unlike_axes_are_no_resolution() -> None:
    for dpi, expected in (((300, 300), 300), ((300, 299), 300), ((300, 150), None), ((0, 0), None)):
        traits = picture(png(Image.new("L", (9, 9)), dpi=dpi), lines=True).traits
        assert traits
        assert traits.dpi == (None if expected is None else pytest.approx(expected, abs=1))


def test_traits_are_found_once_per_image() -> None:
    content = seal(50, 5)
    assert picture(content, lines=True) is picture(bytes(bytearray(content)), lines=True)
    assert picture(content) is not picture(content, lines=True)
    assert picture(content).width == 60
    assert picture(content, lines=True).width == pytest.approx(50, abs=1)
