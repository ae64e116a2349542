"""One way of hiding, and the register of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Make = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Way:
    """A way to hide a document.

    Args:
        name: of the way.
        why: what makes it hide, in a line.
        make: turns a document into a message.
        ambiguous: what an inspection must say is ambiguous.
        unreadable: why an inspection must say that it cannot look into something.
        finds: whether the document must be found, octet for octet.
        exact: whether it is the document octet for octet; else a reader may get only a part of it.
    """

    name: str
    why: str
    make: Make
    ambiguous: str | None = None
    unreadable: str | None = None
    finds: bool = True
    exact: bool = True

    @property
    def carries(self) -> bool:
        """Whether nothing but this document is in the message: no other document around it."""
        return not self.name.startswith(("embedded-", "zip-embedded"))

    @property
    def is_plain(self) -> bool:
        """Whether this is no more than an uncommon way of sending a file."""
        return self.ambiguous is None and self.unreadable is None


WAYS: dict[str, Way] = {}


def add(name: str, why: str, make: Make, **expected: object) -> None:
    """Register a way."""
    assert name not in WAYS, name
    WAYS[name] = Way(name, why, make, **expected)  # type: ignore[arg-type]


def way(why: str, **expected: object) -> Callable[[Make], Make]:
    """Register a function as a way, by its own name."""

    def register(make: Make) -> Make:
        add(make.__name__.replace("_", "-"), why, make, **expected)
        return make

    return register
