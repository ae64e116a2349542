"""How large what is to be placed is; the drawings of `gsign.appearance` are such."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from gsign.place import POINTS

__all__ = ["Extent", "Sized", "SizedText", "in_millimetres"]


class Sized(Protocol):
    """Something with a size in points as shown."""

    @property
    def width(self) -> float:
        """Of its box."""
        ...

    @property
    def height(self) -> float:
        """Of its box."""
        ...


class SizedText(Sized, Protocol):
    """A line of text with a size."""

    @property
    def baseline(self) -> float:
        """Height of its base line above the lower edge of its box."""
        ...


class Extent(NamedTuple):
    """A size, where there is no drawing yet."""

    width: float
    height: float
    baseline: float = 0.0


def in_millimetres(size: Sized) -> str:
    """Write a size as people say it."""
    return f"{size.width / POINTS:.0f} x {size.height / POINTS:.0f} mm"
