"""One entry of the collection of documents: how it is made, and what a signing program has to do with it."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.pki import Pki


class Expect(enum.StrEnum):
    """What signing (without any option but the password) has to come to."""

    QUICK = "quick"  # signed; everything in it is common, so by the quick path
    THOROUGH = "thorough"  # signed, by whichever path can
    REFUSED = "refused"  # an error, and no output
    BOUNDED = "bounded"  # made to do harm: signed or refused, but soon, in little memory, and without a traceback


@dataclass(frozen=True)
class Document:
    """A document as bytes, with what is known of it."""

    name: str
    data: bytes
    why: str
    expect: Expect
    code: str | None
    """The error's code where it is refused."""
    password: str | None
    """What opens it."""
    fields: tuple[str, ...]
    """Empty signature fields, by full name."""
    signatures: int
    """How many signatures it bears."""
    tags: frozenset[str]

    @property
    def signable(self) -> bool:
        """Whether signing has to succeed."""
        return self.expect in (Expect.QUICK, Expect.THOROUGH)

    def write(self, folder: Path, name: str | None = None) -> Path:
        """Write it into `folder` and return the path."""
        path = folder / (name or f"{self.name}.pdf")
        path.write_bytes(self.data)
        return path


@dataclass(frozen=True)
class Entry:
    """A document to be made when asked for."""

    name: str
    why: str
    make: Callable[..., bytes]
    expect: Expect = Expect.QUICK
    code: str | None = None
    password: str | None = None
    fields: tuple[str, ...] = ()
    signatures: int = 0
    tags: frozenset[str] = frozenset()

    def document(self, pki: Pki) -> Document:
        """Make it."""
        data = self.make(pki) if "pki" in inspect.signature(self.make).parameters else self.make()
        return Document(
            self.name, data, self.why, self.expect, self.code, self.password, self.fields, self.signatures, self.tags
        )


ENTRIES: dict[str, Entry] = {}


def entry(
    name: str, why: str, *, tags: tuple[str, ...] = (), **facts: Any
) -> Callable[[Callable[..., bytes]], Callable[..., bytes]]:
    """Register the decorated function as the maker of document `name`; `facts` are fields of Entry."""

    def register(make: Callable[..., bytes]) -> Callable[..., bytes]:
        if name in ENTRIES:
            raise ValueError(f"two documents are called {name}")
        ENTRIES[name] = Entry(name, why, make, tags=frozenset(tags), **facts)
        return make

    return register
