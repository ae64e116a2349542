"""Which font draws a text: Times New Roman or a metric twin of it on this system, else the one that is installed along.

Decree 30/2020 asks for Times New Roman. A font is taken only where it has every character of the text as one glyph:
Liberation Serif before version 2, for one, lacks half of the Vietnamese letters.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from gsign.appearance.sfnt import DAMAGE, FontFile
from gsign.errors import UsageError

__all__ = ["Typeface", "font_folders", "typefaces", "typefaces_for"]

# Families in the order of preference; of each the file names of regular, italic, bold and bold italic, in lower case.
_FAMILIES: Final = (
    (("times.ttf",), ("timesi.ttf",), ("timesbd.ttf",), ("timesbi.ttf",)),
    (
        ("times new roman.ttf", "times_new_roman.ttf"),
        ("times new roman italic.ttf", "times_new_roman_italic.ttf"),
        ("times new roman bold.ttf", "times_new_roman_bold.ttf"),
        ("times new roman bold italic.ttf", "times_new_roman_bold_italic.ttf"),
    ),
    (
        ("texgyretermes-regular.otf",),
        ("texgyretermes-italic.otf",),
        ("texgyretermes-bold.otf",),
        ("texgyretermes-bolditalic.otf",),
    ),
    (
        ("liberationserif-regular.ttf",),
        ("liberationserif-italic.ttf",),
        ("liberationserif-bold.ttf",),
        ("liberationserif-bolditalic.ttf",),
    ),
    (("tinos-regular.ttf",), ("tinos-italic.ttf",), ("tinos-bold.ttf",), ("tinos-bolditalic.ttf",)),
)
_FALLBACK_MODULE: Final = "font_source_serif_pro"
# Its italics lack Vietnamese letters: the upright letters are slanted instead.
_FALLBACK_FILES: Final = ("SourceSerifPro-Regular.ttf", "SourceSerifPro-Bold.ttf")
_SLANT: Final = 12.0


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font to draw with.

    Args:
        font: the file.
        slant: degrees by which its letters are slanted when drawn, where no italic has them.
    """

    font: FontFile
    slant: float = 0.0


def font_folders() -> tuple[Path, ...]:
    """Return the folders where this system keeps fonts."""
    home = Path.home()
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", home / "AppData/Local"))
        return (Path(os.environ.get("SYSTEMROOT", "C:/Windows")) / "Fonts", local / "Microsoft/Windows/Fonts")
    if sys.platform == "darwin":
        return (home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts"))
    return (
        home / ".fonts",
        home / ".local/share/fonts",
        Path("/usr/local/share/fonts"),
        Path("/usr/share/fonts"),
        Path("/usr/share/texmf/fonts"),
    )


def typefaces_for(characters: Iterable[str], *, italic: bool = False, bold: bool = False) -> Iterator[Typeface]:
    """Yield the typefaces that have every character, best first, and fail when they are used up.

    Args:
        characters: what is to be drawn, composed (NFC).
        italic: whether slanted.
        bold: whether heavy.

    Raises:
        UsageError: `appearance-character-missing` names what the last font lacks.
    """
    wanted = sorted(set(characters))
    missing = wanted
    for face in typefaces(italic=italic, bold=bold):
        missing = [c for c in wanted if not face.font.glyph(ord(c))]
        if not missing:
            yield face
    raise UsageError("appearance-character-missing", characters=" ".join(missing))


def typefaces(*, italic: bool = False, bold: bool = False) -> Iterator[Typeface]:
    """Yield the usable typefaces of a style, best first; the last one is installed along with gsign."""
    for path in _files_of(_system_fonts(), 2 * bold + italic):
        if font := _usable(path):
            yield Typeface(font)
    yield from _fallback(italic=italic, bold=bold)


def _files_of(fonts: dict[str, list[Path]], style: int) -> Iterator[Path]:
    for family in _FAMILIES:
        for name in family[style]:
            yield from fonts.get(name, ())


@lru_cache(maxsize=1)
def _system_fonts() -> dict[str, list[Path]]:
    """Return the files of the known families that are on this system, by name in lower case; first folder first.

    All of one name: Debian keeps an old Liberation Serif, without Vietnamese, beside the new one.
    """
    wanted = {name for family in _FAMILIES for names in family for name in names}
    found: dict[str, list[Path]] = {}
    for folder in font_folders():
        for parent, folders, names in os.walk(folder):
            folders.sort()
            for name in names:
                if name.lower() in wanted:
                    found.setdefault(name.lower(), []).append(Path(parent, name))
    return found


def _fallback(*, italic: bool, bold: bool) -> Iterator[Typeface]:
    spec = find_spec(_FALLBACK_MODULE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        font = _usable(Path(place, "files", _FALLBACK_FILES[bold]))
        if font:
            yield Typeface(font, _SLANT if italic else 0.0)


@lru_cache(maxsize=32)
def _usable(path: Path) -> FontFile | None:
    # A damaged or forbidden font is no reason not to sign: the next one is taken.
    try:
        font = FontFile(path)
        return font if font.embeddable and (font.has_cff or "glyf" in font.tables) else None
    except (*DAMAGE, OSError):
        return None
