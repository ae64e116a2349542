"""A rectangle of a page as it is shown: what finding a place and drawing there agree on."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["POINTS", "Place", "Rectangle"]

POINTS: Final = 72 / 25.4
"""Points in a millimetre."""


class Rectangle(NamedTuple):
    """Lower-left corner and size, in points."""

    x: float
    y: float
    width: float
    height: float


class Place(NamedTuple):
    """Where something is to stand: page from 1 (negative from the end), and a rectangle of the page as shown."""

    page: int
    x: float
    y: float
    width: float
    height: float
