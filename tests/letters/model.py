"""One letter: its bytes, who signs it, and where things belong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.letters.parts import Blank, Signing
from tests.letters.sheet import Sheet, Text

LEADER = "Nguyễn Văn Hùng"


class At(NamedTuple):
    """A point of a page as shown: the middle of an image, or the middle of a text on its base line."""

    page: int
    x: float
    y: float


class Refused(NamedTuple):
    """The error that is due instead of a place."""

    code: str
    cause: str


Due = At | Refused | None
"""None: nothing is asked of this letter."""


class Letter(NamedTuple):
    """A document and what is due."""

    data: bytes
    signer: str = LEADER
    password: str | None = None
    leader: Due = None
    number: Due = None
    day: Due = None
    month: Due = None
    year: Due = None
    last: Due = None
    """Right end of the last line of text, on its base line."""
    incoming: Refused | None = None
    corner: Refused | None = None

    def moved(self, data: bytes, change: Callable[[At], At], password: str | None = None) -> Letter:
        """Return the same letter where every point has another place."""
        fields = ("leader", "number", "day", "month", "year", "last")
        new = {name: change(due) for name in fields if isinstance(due := getattr(self, name), At)}
        return self._replace(data=data, password=password, **new)


LETTERS: dict[str, Callable[[], Letter]] = {}
"""How each letter is made, by its name."""


def letter(name: str, **options: Any) -> Callable[[Callable[..., Letter]], Callable[..., Letter]]:
    """Put a letter into the collection; one maker may stand under several names with other options."""

    def register(make: Callable[..., Letter]) -> Callable[..., Letter]:
        assert name not in LETTERS, name
        LETTERS[name] = lambda: make(**options)
        return make

    return register


def finished(sheet: Sheet, **due: Any) -> Letter:
    """Close a sheet; what is due is given as it was set."""
    return Letter(sheet.finish(), **{name: _due(value) for name, value in due.items()})


def _due(value: Any) -> Any:
    if isinstance(value, Signing):
        return At(value.page, value.axis, value.middle)
    if isinstance(value, Blank):
        return At(value.page, value.axis, value.base)
    if isinstance(value, Text):
        return At(value.page, value.right, value.base)
    return value
