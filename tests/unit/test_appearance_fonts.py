"""Fonts read and subset by gsign, judged by fontTools."""

from __future__ import annotations

import string
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.misc.psCharStrings import T2CharString
from fontTools.pens.boundsPen import ControlBoundsPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from gsign.appearance import embed, fonts
from gsign.appearance.cff import CffOutlines
from gsign.appearance.charstring import expand
from gsign.appearance.embed import EmbeddedFont, embedded_font
from gsign.appearance.fonts import Typeface, typefaces_for
from gsign.appearance.glyf import TrueTypeOutlines
from gsign.appearance.sfnt import FontError, FontFile
from gsign.errors import UsageError
from tests.typefaces import VIETNAMESE, cut_to, fallback, scaled, system_fonts

FILES = [*(fallback(f"SourceSerifPro-{name}") for name in ("Regular.ttf", "Bold.ttf", "Regular.otf")), *system_fonts()]
TEXT = "Ông Đặng Hữu Nghĩa, số 05/QĐ-UBND (2026)"


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def file(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The fonts folder of a user who has none."""
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".fonts"
    folder.mkdir()
    for cached in (fonts._system_fonts, fonts._usable, embed._prepared):
        cached.cache_clear()
    yield folder
    for cached in (fonts._system_fonts, fonts._usable, embed._prepared):
        cached.cache_clear()


def _drawn(glyphs: Any, name: str) -> list[Any]:
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    return pen.value


def _program(font: EmbeddedFont) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Return the descendant font, its descriptor and the font program."""
    descendant = font.resource.value["DescendantFonts"][0].value
    descriptor = descendant["FontDescriptor"].value
    stream = descriptor.get("FontFile2") or descriptor["FontFile3"]
    return descendant, descriptor, zlib.decompress(stream.data)


def test_every_outline_of_a_subset_is_the_original_one(file: Path) -> None:
    font = FontFile(file)
    original = TTFont(file)
    glyphs = [font.glyph(ord(c)) for c in VIETNAMESE + TEXT]
    program = (CffOutlines(font) if font.has_cff else TrueTypeOutlines(font)).subset(glyphs)
    if font.has_cff:
        subset = CFFFontSet()
        subset.decompile(BytesIO(program), None)
        drawn: Any = subset[0].CharStrings
        names = subset[0].charset
        assert subset[0].ROS == ("Adobe", "Identity", 0)
        assert names == [".notdef", *(f"cid{number:05d}" for number in range(1, len(glyphs) + 1))]
    else:
        read = TTFont(BytesIO(program), checkChecksums=2)
        drawn, names = read.getGlyphSet(), read.getGlyphOrder()
    order, outlines = original.getGlyphOrder(), original.getGlyphSet()
    for number, glyph in enumerate([0, *glyphs]):
        assert _drawn(drawn, names[number]) == _drawn(outlines, order[glyph])


def test_characters_widths_and_boxes_are_those_of_the_file(file: Path) -> None:
    font = FontFile(file)
    original = TTFont(file)
    names, cmap, outlines = original.getGlyphOrder(), original.getBestCmap(), original.getGlyphSet()
    boxes = CffOutlines(font) if font.has_cff else TrueTypeOutlines(font)
    for code in range(0x20, 0x2200):
        glyph = font.glyph(code)
        assert names[glyph] == cmap.get(code, ".notdef"), hex(code)
        assert font.advance(glyph) == original["hmtx"][names[glyph]][0]
    for character in VIETNAMESE:
        glyph = font.glyph(ord(character))
        pen = ControlBoundsPen(outlines)
        outlines[names[glyph]].draw(pen)
        # A TrueType box is the curve's, which the control points enclose.
        if font.has_cff:
            assert pen.bounds == boxes.box(glyph)
        else:
            table = original["glyf"][names[glyph]]
            assert boxes.box(glyph) == (table.xMin, table.yMin, table.xMax, table.yMax)


@pytest.mark.parametrize("units", [1000, 2048])
@pytest.mark.parametrize("suffix", ["ttf", "otf"])
def test_the_font_dictionary_is_in_thousandths_of_an_em_whatever_the_file_is_in(
    tmp_path: Path, suffix: str, units: int
) -> None:
    path = scaled(fallback(f"SourceSerifPro-Regular.{suffix}"), tmp_path, units, TEXT)
    font = embed.embed(Typeface(FontFile(path)), sorted(set(TEXT)))
    original = TTFont(fallback())
    descendant, descriptor, program = _program(font)
    widths = [float(width) for width in descendant["W"].data[3:-2].split()]
    for number, character in enumerate(sorted(set(TEXT)), 1):
        expected = original["hmtx"][original.getBestCmap()[ord(character)]][0]
        assert abs(widths[number] - expected) < 1
        assert abs(font.advances[character] * 1000 - expected) < 1
        assert font.codes[character] == f"{number:04x}"
    assert abs(descriptor["Ascent"] - original["hhea"].ascent) <= 1
    assert abs(descriptor["Descent"] - original["hhea"].descent) <= 1
    assert abs(descriptor["CapHeight"] - 670) <= 1
    if suffix == "ttf":
        assert TTFont(BytesIO(program))["head"].unitsPerEm == units
        assert descendant["CIDToGIDMap"] == "Identity"
    else:
        read = CFFFontSet()
        read.decompile(BytesIO(program), None)
        assert read[0].FontMatrix[0] == pytest.approx(1 / units)


def test_each_subset_has_a_name_of_its_own_and_no_cidset() -> None:
    some, other = embedded_font("Trần"), embedded_font("Phạm")
    names = []
    for font in (some, other):
        descendant, descriptor, _ = _program(font)
        names.append(str(font.resource.value["BaseFont"]))
        tag, _, plain = names[-1].partition("+")
        assert len(tag) == 6
        assert tag.isupper()
        assert plain
        assert font.resource.value["BaseFont"] == descendant["BaseFont"] == descriptor["FontName"]
        assert "CIDSet" not in descriptor
    assert names[0] != names[1]


def test_another_time_or_number_finds_the_subset_ready() -> None:
    first = embedded_font("Thời gian ký: 2026-02-23T15:39:22+07:00")
    later = embedded_font("Thời gian ký: 1847-05-06T18:47:58-08:00")
    assert later is first
    assert embedded_font("Thời gian ký: 2026-02-23T15:39:22+07:00", italic=True) is not first


def test_prepared_subsets_are_bounded() -> None:
    maximum = embed._prepared.cache_info().maxsize
    assert maximum is not None
    assert maximum <= 128


def test_times_new_roman_of_the_user_comes_before_its_twins(home: Path) -> None:
    (home / "times.ttf").write_bytes(fallback("SourceSerifPro-Bold.ttf").read_bytes())
    assert next(typefaces_for(VIETNAMESE)).font.path == home / "times.ttf"


def test_a_font_without_the_letters_of_the_text_is_passed_over(home: Path) -> None:
    cut_to("Nguyen Van An" + string.printable, fallback()).save(home / "times.ttf")
    assert next(typefaces_for("Nguyen Van An")).font.path == home / "times.ttf"
    assert next(typefaces_for("Nguyễn Văn An")).font.path != home / "times.ttf"


def test_a_second_file_of_the_same_name_is_tried_where_the_first_lacks_letters(home: Path) -> None:
    for version, letters in (("1", "Nguyen Van An"), ("2", VIETNAMESE)):
        (home / version).mkdir()
        cut_to(letters + string.printable, fallback()).save(home / version / "times.ttf")
    assert next(typefaces_for("Nguyen Van An")).font.path == home / "1" / "times.ttf"
    assert next(typefaces_for("Ấp Ỗ Ự")).font.path == home / "2" / "times.ttf"


@pytest.mark.parametrize("bits, taken", [(0, True), (0x8, True), (0x2, False), (0x100, False), (0x200, False)])
def test_the_licence_bits_of_a_font_are_heeded(home: Path, bits: int, taken: bool) -> None:
    font = TTFont(fallback())
    font["OS/2"].fsType = bits
    font.save(home / "times.ttf")
    assert (next(typefaces_for("An")).font.path == home / "times.ttf") is taken


@pytest.mark.parametrize(
    "content",
    [b"", b"OTTO", b"true", b"\0\1\0\0" + bytes(8), b"ttcf" + bytes(100), b"\0\1\0\0\xff\xff" + b"\xff" * 500],
    ids=["empty", "only the mark", "wrong mark", "no tables", "collection", "tables beyond the end"],
)
def test_a_file_that_is_no_font_is_passed_over(home: Path, content: bytes) -> None:
    (home / "times.ttf").write_bytes(content)
    assert embedded_font("Hưng Yên").width("Hưng Yên") > 0


def test_a_font_with_damaged_outlines_is_passed_over(home: Path) -> None:
    data = bytearray(fallback().read_bytes())
    tables = TTFont(fallback()).reader.tables
    start, length = tables["glyf"].offset, tables["glyf"].length
    data[start : start + length] = b"\xff" * length
    (home / "times.ttf").write_bytes(data)
    taken = embedded_font("Hưng Yên")
    assert next(typefaces_for("Hưng Yên")).font.path == home / "times.ttf"
    _, _, program = _program(taken)
    assert b"\xff" * 50 not in program


def test_italics_without_vietnamese_are_replaced_by_slanted_letters() -> None:
    # What is installed along has no Vietnamese italics.
    faces = list(fonts._fallback(italic=True, bold=False))
    assert [face.slant for face in faces] == [12.0]
    slanted = embed.embed(faces[0], sorted(set(TEXT)))
    assert slanted.slope == pytest.approx(0.2126, abs=1e-3)
    upright = embed.embed(next(fonts._fallback(italic=False, bold=False)), sorted(set(TEXT)))
    assert slanted.inks["Đ"].after > upright.inks["Đ"].after


def test_what_no_font_has_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        embedded_font("An \U000f1234 \U000f1235")
    assert caught.value.code == "appearance-character-missing"
    assert "\U000f1234 \U000f1235" in str(caught.value.facts["characters"])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["SourceSerifPro-Regular.ttf", "SourceSerifPro-Regular.otf"]), st.data())
def test_a_damaged_font_is_refused_and_nothing_else_happens(name: str, data: st.DataObject) -> None:
    content = bytearray(fallback(name).read_bytes())
    tables = TTFont(fallback(name)).reader.tables.values()
    # Half of the flips go to the heads of tables, where counts and offsets are.
    heads = st.sampled_from(sorted(table.offset for table in tables)).flatmap(lambda at: st.integers(at, at + 40))
    for place in data.draw(st.lists(st.one_of(heads, st.integers(0, len(content) - 1)), max_size=30)):
        content[place % len(content)] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.sampled_from([len(content), len(content) // 2, 300]))]
    try:
        font = _font_of(bytes(content))
        embed.embed(Typeface(font), [c for c in sorted(set(TEXT)) if font.glyph(ord(c))] or ["?"])
    except FontError:
        pass


def _font_of(content: bytes) -> FontFile:
    class InMemory:
        stem = "font"

        def read_bytes(self) -> bytes:
            return content

    return FontFile(InMemory())  # type: ignore[arg-type]


_NUMBER = st.integers(-1100, 1100) | st.integers(-40000, 40000).map(lambda n: n / 65536 * 3)


def _numbers(*counts: int) -> st.SearchStrategy[list[float]]:
    return st.sampled_from(counts).flatmap(lambda n: st.lists(_NUMBER, min_size=n, max_size=n))


_OPERATORS = {
    "rmoveto": (2,),
    "hmoveto": (1,),
    "vmoveto": (1,),
    "rlineto": (2, 4, 6),
    "hlineto": (1, 2, 3, 4),
    "vlineto": (1, 2, 3, 4),
    "rrcurveto": (6, 12),
    "rcurveline": (8, 14),
    "rlinecurve": (8, 10),
    "vvcurveto": (4, 5, 8, 9),
    "hhcurveto": (4, 5, 8, 9),
    "vhcurveto": (4, 5, 8, 9, 12, 13),
    "hvcurveto": (4, 5, 8, 9, 12, 13),
    "hflex": (7,),
    "flex": (13,),
    "hflex1": (9,),
    "flex1": (11,),
}


@st.composite
def _steps(draw: st.DrawFn) -> list[list[Any]]:
    names = draw(st.lists(st.sampled_from(sorted(_OPERATORS)), min_size=1, max_size=8))
    return [["rmoveto"], *[[*draw(_numbers(*_OPERATORS[name])), name] for name in names]]


@settings(max_examples=300, deadline=None)
@given(_steps(), st.integers(0, 6), st.booleans())
def test_any_path_is_the_same_without_subroutines(steps: list[list[Any]], cut: int, masked: bool) -> None:
    steps[0] = [10, 20, "rmoveto"]
    first = [50, 10, 20, 30, 40, "hstemhm", 5, 6, "hintmask", b"\xa0"] if masked else []
    moved = [token for step in steps[cut : cut + 2] for token in step]
    called = first + [t for step in steps[:cut] for t in step] + [-107, "callsubr"]
    called += [t for step in steps[cut + 2 :] for t in step] + ["endchar"]
    local = _compiled([*moved, -106, "callsubr", "return"]), _compiled([-107, "callgsubr", "return"])
    outline = expand(_compiled(called), local, [_compiled([5, "hlineto", "return"])])

    straight = list(called)
    at = straight.index("callsubr") - 1
    straight[at : at + 2] = [*moved, 5, "hlineto"]
    expected, got = T2CharString(program=straight), T2CharString(bytecode=outline.data)
    # Bytes of numbers, operators and masks are the very same ones.
    assert outline.data == _compiled(straight)
    private = type("Private", (), {"nominalWidthX": 0, "defaultWidthX": 0, "Subrs": []})
    pens = []
    for charstring in (expected, got):
        charstring.private, charstring.globalSubrs = private, []
        pen = ControlBoundsPen(None, ignoreSinglePoints=True)
        charstring.draw(pen)
        pens.append(pen.bounds)
    assert pens[0] == pens[1]
    assert outline.box == pytest.approx(pens[0], abs=1e-3)


def _compiled(program: list[Any]) -> bytes:
    charstring = T2CharString(program=list(program))
    charstring.compile()
    return charstring.bytecode


@pytest.mark.parametrize(
    "code",
    [b"\x0a", b"\xff\x00", b"\x1c", _compiled([0, "callsubr"]), _compiled([-107, "callgsubr"]), b"\x0c\x03", b"\x00"],
    ids=["call of nothing", "half a number", "no number", "no such subroutine", "endless", "unknown escape", "unknown"],
)
def test_a_damaged_charstring_is_refused(code: bytes) -> None:
    with pytest.raises(FontError):
        expand(code, [], [_compiled([-107, "callgsubr"])])
