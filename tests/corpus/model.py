"""One document of the corpus: how it is made, why, and what the verdict must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gsign.result import Indication

if TYPE_CHECKING:
    from tests.corpus.kit import Kit

Make = Callable[["Kit"], bytes]


@dataclass(frozen=True)
class Case:
    """A document and its verdict."""

    name: str
    why: str
    make: Make
    indication: Indication
    reason: str | None = None
    """One that must be among the reasons of the file or of its signatures."""
    warning: str | None = None
    password: str | None = None
    signatures: int | None = None
    """How many must be found."""


FORGERIES: dict[str, Case] = {}
GENUINE: dict[str, Case] = {}


def forgery(
    name: str, why: str, reason: str | None = None, indication: Indication = Indication.TOTAL_FAILED
) -> Callable[[Make], Make]:
    """Register a document that must not pass."""

    def register(make: Make) -> Make:
        assert name not in FORGERIES, name
        FORGERIES[name] = Case(name, why, make, indication, reason)
        return make

    return register


def genuine(
    name: str,
    why: str,
    *,
    signatures: int = 1,
    warning: str | None = None,
    password: str | None = None,
) -> Callable[[Make], Make]:
    """Register a document that must pass."""

    def register(make: Make) -> Make:
        assert name not in GENUINE, name
        GENUINE[name] = Case(name, why, make, Indication.TOTAL_PASSED, None, warning, password, signatures)
        return make

    return register
