"""Stamps as two renderers draw them, measured: that text can be extracted proves nothing about how it looks."""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gsign.appearance.colour import BLACK, RGB_SPACE
from gsign.appearance.embed import EmbeddedFont, embed
from gsign.appearance.fonts import Typeface
from gsign.appearance.layout import Block, Box, PlacedLine, fit
from gsign.appearance.sfnt import FontFile
from gsign.appearance.stamp import form, text_operators, text_stamp
from gsign.errors import UsageError
from gsign.syntax.objects import Indirect, Name, Stream
from tests.rendering import (
    CORNER,
    RENDERERS,
    as_freetype_draws,
    by_pdfium,
    by_poppler,
    colour_at,
    ink,
    page_with,
    text_by_pdfium,
    unmatched,
)
from tests.samples import png
from tests.typefaces import VIETNAMESE, fallback, scaled, system_fonts

LINES = [
    "Người ký: Nguyễn Thị Phương Thảo",
    "Email: ntpthao@hungyen.gov.vn",
    "Cơ quan: ỦY BAN NHÂN DÂN TỈNH HƯNG YÊN",
    "Thời gian ký: 2026-02-23T15:39:22+07:00",
]
FILES = [*(fallback(f"SourceSerifPro-{name}") for name in ("Regular.ttf", "Regular.otf", "Bold.ttf")), *system_fonts()]
ROWS = [VIETNAMESE[start : start + 18] for start in range(0, len(VIETNAMESE), 18)]
# Fine enough that hinting, which moves edges by a pixel, is less than a quarter of a point.
DPI = 576


@pytest.fixture(params=sorted(RENDERERS))
def render(request: pytest.FixtureRequest) -> Callable[[bytes], Image.Image]:
    return RENDERERS[request.param]


@pytest.fixture(scope="session")
def large_em(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The letters in a font of 2048 units per em."""
    return scaled(fallback(), tmp_path_factory.mktemp("fonts"), 2048, VIETNAMESE)


def _stamp(font: EmbeddedFont, block: Block, width: float, height: float) -> Stream:
    resources = {"Font": {"F1": font.resource}, "ColorSpace": {"RGB": RGB_SPACE}}
    return form(width, height, [text_operators("F1", font, block, BLACK)], resources)


def _sheet(path: Path) -> tuple[Stream, Block]:
    """Return all Vietnamese letters in one font at 13 points, and where their lines are."""
    font = embed(Typeface(FontFile(path)), sorted(set(VIETNAMESE)))
    block = fit(ROWS, font, Box(2, 2, 256, 156), size=13)
    return _stamp(font, block, 260, 160), block


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_vietnamese_letter_looks_and_stands_as_the_font_says(path: Path, render: Any) -> None:
    stamp, block = _sheet(path)
    assert unmatched(render(page_with(stamp), DPI).convert("L"), as_freetype_draws(path, block, DPI)) <= 3


def test_letters_of_a_font_with_2048_units_look_and_stand_right(large_em: Path, render: Any) -> None:
    stamp, block = _sheet(large_em)
    assert unmatched(render(page_with(stamp), DPI).convert("L"), as_freetype_draws(large_em, block, DPI)) <= 3


def test_the_comparison_sees_a_missing_tone_mark_and_a_wrong_width(large_em: Path) -> None:
    stamp, block = _sheet(large_em)
    drawn = by_pdfium(page_with(stamp), DPI).convert("L")
    toneless = [line._replace(text=line.text.replace("ộ", "ô")) for line in block.lines]
    moved = [line._replace(x=line.x + 1) for line in block.lines]
    for wrong in (toneless, moved):
        assert unmatched(drawn, as_freetype_draws(large_em, Block(block.size, tuple(wrong)), DPI)) > 3


@pytest.mark.parametrize(
    "mixed", [lambda s: unicodedata.normalize("NFD", s), lambda s: s.replace("ễ", "e\u0303\u0302")]
)
def test_decomposed_and_misordered_letters_are_drawn_as_composed_ones(mixed: Callable[[str], str]) -> None:
    composed = text_stamp(LINES, 220, 60)
    other = text_stamp([mixed(line) for line in LINES], 220, 60)
    assert zlib.decompress(other.data) == zlib.decompress(composed.data)
    assert other.dictionary["Resources"]["Font"]["F1"] is composed.dictionary["Resources"]["Font"]["F1"]


def test_text_is_as_wide_as_its_letters(render: Any) -> None:
    text = "HHHHHHHHHHHHHHHHHHHH"
    narrow, wide = (ink(render(page_with(text_stamp([text[:n]], 260, 30, font_size=12)))) for n in (1, 20))
    font = text_stamp([text], 260, 30).dictionary["Resources"]["Font"]["F1"].value["DescendantFonts"][0].value
    advance = max(float(width) for width in font["W"].data[3:-2].split()) * 12 / 1000
    letter = narrow.right - narrow.left
    assert wide.right - wide.left == pytest.approx(19 * advance + letter, abs=0.5)


@pytest.mark.parametrize("size", [6, 10, 14, 24])
@pytest.mark.parametrize("italic", [False, True], ids=["upright", "italic"])
def test_no_ink_is_clipped_in_the_tightest_box(render: Any, italic: bool, size: float) -> None:
    text = "fẪjgỄy(Ựf"
    roomy = ink(render(page_with(text_stamp([text], 200, 100, font_size=size, italic=italic))), darker_than=250)
    width, height = _tightest([text], size, italic=italic)
    tight = ink(
        render(page_with(text_stamp([text], width, height, font_size=size, italic=italic, margin=0))), darker_than=250
    )
    assert tight.right - tight.left == pytest.approx(roomy.right - roomy.left, abs=0.3)
    assert tight.top - tight.bottom == pytest.approx(roomy.top - roomy.bottom, abs=0.3)
    # The box is no larger than the ink needs.
    assert width < roomy.right - roomy.left + 0.15 * size
    assert height < roomy.top - roomy.bottom + 0.15 * size


def _tightest(lines: list[str], size: float, *, italic: bool) -> tuple[float, float]:
    """Return the smallest box that is not refused, to a twentieth of a point, each side found with the other ample."""
    sides = []
    for box in (lambda side: (side, 150.0), lambda side: (250.0, side)):
        low, high = 0.0, 150.0
        while high - low > 0.05:
            middle = (low + high) / 2
            try:
                stamp = text_stamp(lines, *box(middle), font_size=size, italic=italic, margin=0)
                assert zlib.decompress(stamp.data).count(b"Tj") == 1
                high = middle
            except (UsageError, AssertionError):
                low = middle
        sides.append(high)
    return sides[0], sides[1]


@pytest.mark.parametrize("align, edge", [("left", "left"), ("right", "right")])
def test_lines_stand_at_the_side_asked_for(render: Any, align: Any, edge: str) -> None:
    box = ink(render(page_with(text_stamp(["HHHH"], 200, 40, font_size=12, align=align))))
    expected = CORNER[0] + 2 if edge == "left" else CORNER[0] + 198
    assert getattr(box, edge) == pytest.approx(expected, abs=0.6)


def test_centred_lines_leave_as_much_on_the_left_as_on_the_right(render: Any) -> None:
    box = ink(render(page_with(text_stamp(["HHHH"], 200, 40, font_size=12, align="centre"))))
    assert box.left - CORNER[0] == pytest.approx(CORNER[0] + 200 - box.right, abs=0.6)
    assert box.bottom - CORNER[1] == pytest.approx(CORNER[1] + 40 - box.top, abs=0.6)


def test_text_has_the_colour_asked_for(render: Any) -> None:
    for colour in ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.5, 0.25, 0.75)):
        picture = render(page_with(text_stamp(["HHH"], 200, 90, font_size=60, colour=colour)), 144)
        colours = picture.getcolors(100_000)
        _, most = max((count, pixel) for count, pixel in colours if pixel != (255, 255, 255))
        assert most == pytest.approx([255 * part for part in colour], abs=6)


def test_the_text_block_of_a_plain_signature_fits_and_reads_back() -> None:
    pdf = page_with(text_stamp(LINES, 220, 60))
    boxes = [ink(draw(pdf)) for draw in RENDERERS.values()]
    for box in boxes:
        assert CORNER[0] <= box.left < box.right <= CORNER[0] + 220
        assert CORNER[1] <= box.bottom < box.top <= CORNER[1] + 60
    assert boxes[0] == pytest.approx(boxes[1], abs=0.6)
    assert text_by_pdfium(pdf) == LINES


def test_size_grows_to_eleven_and_no_further() -> None:
    assert _size(text_stamp(LINES, 290, 190)) == 11


def test_text_shrinks_before_it_wraps_and_wraps_before_it_is_refused() -> None:
    sizes, counts = [], []
    for width in range(260, 40, -10):
        try:
            stamp = text_stamp(LINES, width, 60)
        except UsageError:
            break
        sizes.append(_size(stamp))
        counts.append(zlib.decompress(stamp.data).count(b"Tj"))
    else:
        pytest.fail("never refused")
    assert sizes == sorted(sizes, reverse=True)
    assert counts == sorted(counts)
    assert all(size >= 8 for size, count in zip(sizes, counts, strict=True) if count == 4)
    assert min(sizes) >= 5
    assert max(counts) > 4


def _size(stamp: Stream) -> float:
    return float(zlib.decompress(stamp.data).split(b"/F1 ")[1].split()[0])


@pytest.mark.parametrize(
    "width, height, options",
    [(30, 60, {}), (220, 12, {}), (0, 0, {}), (3, 60, {}), (220, 60, {"font_size": 30}), (-220, 60, {})],
)
def test_what_does_not_fit_is_refused(width: float, height: float, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        text_stamp(LINES, width, height, **options)
    assert caught.value.code == "appearance-too-small"
    for language in ("vi", "en"):
        assert "?" not in caught.value.sentence(language)


def test_a_number_at_its_legal_size_fits_the_box_that_real_documents_give_it(render: Any) -> None:
    # Measured on issued documents: 14 points in fields of 24 x 20.
    picture = render(page_with(text_stamp(["286"], 24, 20, font_size=14, margin=0)))
    box = ink(picture)
    assert box.right - box.left == pytest.approx(21, abs=1.5)
    assert box.top - box.bottom == pytest.approx(0.67 * 14, abs=0.8)


def test_slanted_letters_of_the_fallback_lean_and_are_not_clipped(render: Any) -> None:
    font = embed(Typeface(FontFile(fallback()), slant=12), sorted(set("Hl")))
    line = PlacedLine("H", 10, 10)
    box = ink(render(page_with(_stamp(font, Block(40, (line,)), 60, 60))))
    upright = embed(Typeface(FontFile(fallback())), sorted(set("Hl")))
    straight = ink(render(page_with(_stamp(upright, Block(40, (line,)), 60, 60))))
    lean = 0.2126 * (straight.top - straight.bottom)
    assert box.right - straight.right == pytest.approx(lean, abs=0.8)
    assert box.left == pytest.approx(straight.left, abs=0.6)


def test_a_stamp_keeps_to_what_pdfa2_allows() -> None:
    picture = Image.new("RGBA", (40, 40), (200, 0, 0, 128))
    seen = _parts(text_stamp(LINES, 240, 80, image=png(picture)))
    assert not [part for part in seen if isinstance(part, dict) and part.get("Interpolate")]
    masks = [part["SMask"] for part in seen if isinstance(part, dict) and "SMask" in part]
    assert len(masks) == 1
    device = [
        part
        for part in seen
        if isinstance(part, dict)
        and str(part.get("ColorSpace", "")).startswith("Device")
        and part is not masks[0].dictionary
    ]
    assert not device
    contents = b" ".join(zlib.decompress(p.data) for p in seen if isinstance(p, Stream) and "BBox" in p.dictionary)
    assert not {b"rg", b"RG", b"g", b"G", b"k", b"K"} & set(contents.split())
    fonts = [part for part in seen if isinstance(part, dict) and part.get("Subtype") == "Type0"]
    assert all("ToUnicode" in font for font in fonts)
    assert fonts


def _parts(value: Any) -> list[Any]:
    """Return every object inside a stamp."""
    inside: list[Any] = []
    if isinstance(value, dict):
        inside = list(value.values())
    elif isinstance(value, list):
        inside = value
    elif isinstance(value, Stream):
        inside = [value.dictionary]
    elif isinstance(value, Indirect):
        inside = [value.value]
    return [value, *(part for one in inside for part in _parts(one))]


def test_a_field_without_anything_to_show_is_a_blank_form() -> None:
    stamp = text_stamp([], 20, 20)
    assert stamp.dictionary["Subtype"] == Name("Form")
    assert zlib.decompress(stamp.data) == b""


def test_both_renderers_agree_on_the_whole_stamp() -> None:
    pdf = page_with(text_stamp(LINES, 240, 80))
    one, other = (draw(pdf, DPI).convert("L") for draw in (by_pdfium, by_poppler))
    assert unmatched(one, other) <= 3
    assert colour_at(one.convert("RGB"), 5, 5) == (255, 255, 255)
