"""Fonts to test with: those of this system, the one that is a dependency, and sizes of em that it does not come in."""

from __future__ import annotations

import itertools
import unicodedata
from importlib.util import find_spec
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

from gsign.appearance.fonts import font_folders

_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_LOWER = [unicodedata.normalize("NFC", vowel + tone) for vowel, tone in itertools.product(_VOWELS, _TONES)] + ["đ"]
VIETNAMESE = "".join(_LOWER) + "".join(_LOWER).upper()
"""Every vowel in every tone, and đ, in both cases: composed."""


def fallback(name: str = "SourceSerifPro-Regular.ttf") -> Path:
    """Return a file of the font that is installed along with gsign."""
    spec = find_spec("font_source_serif_pro")
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0], "files", name)


def cut_to(text: str, source: Path) -> TTFont:
    """Return a font with the letters of `text` alone."""
    font = TTFont(source)
    subsetter = Subsetter(Options(notdef_outline=True, layout_features=[], hinting=False))
    subsetter.populate(text=text)
    subsetter.subset(font)
    return font


def scaled(source: Path, folder: Path, units: int, text: str) -> Path:
    """Write the letters of `text` with another number of units per em, as Times New Roman and Tinos have it."""
    font = cut_to(text, source)
    scale_upem(font, units)
    target = folder / f"{source.stem}-{units}{source.suffix}"
    font.save(target)
    return target


def system_fonts() -> list[Path]:
    """Return the fonts with serifs of this system that have all Vietnamese letters."""
    wanted = (
        "times*.ttf",
        "texgyretermes-[!m]*.otf",
        "LiberationSerif-*.ttf",
        "Tinos-*.ttf",
        "DejaVuSerif.ttf",
        "DejaVuSerif-*.ttf",
    )
    files = {path for folder in font_folders() for name in wanted for path in folder.rglob(name)}
    return sorted(path for path in files if set(map(ord, VIETNAMESE)) <= TTFont(path).getBestCmap().keys())
