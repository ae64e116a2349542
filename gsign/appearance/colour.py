"""Colours that look the same in every document (ISO 32000-2, 8.6.5).

Device colours are forbidden in a PDF/A whose output intent is of another kind (ISO 19005-2, 6.2.4.3); calibrated ones
are allowed in all. The parameters are those of sRGB (IEC 61966-2-1) with its gamma taken as 2.2.
"""

from __future__ import annotations

from typing import Final

from gsign.syntax.objects import Raw

__all__ = ["BLACK", "GREY_SPACE", "RGB_SPACE", "Colour", "fill"]

Colour = tuple[float, float, float]
"""Red, green and blue from 0 to 1."""
BLACK: Final[Colour] = (0.0, 0.0, 0.0)

_WHITE: Final = b"/WhitePoint[.9505 1 1.089]"
RGB_SPACE: Final = Raw(
    b"[/CalRGB<<" + _WHITE + b"/Gamma[2.2 2.2 2.2]/Matrix[.4124 .2126 .0193 .3576 .7152 .1192 .1805 .0722 .9505]>>]"
)
GREY_SPACE: Final = Raw(b"[/CalGray<<" + _WHITE + b"/Gamma 2.2>>]")


def fill(colour: Colour) -> str:
    """Return the operators that choose a fill colour; /RGB must be among the colour spaces of the resources."""
    return "/RGB cs {:.4g} {:.4g} {:.4g} sc".format(*colour)
