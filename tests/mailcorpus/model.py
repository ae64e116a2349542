"""One message of the corpus: how it is made, why, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.mailcorpus.kit import Kit

Make = Callable[["Kit"], bytes]


@dataclass(frozen=True)
class Case:
    """A message and its result."""

    name: str
    why: str
    make: Make
    smime: str
    reason: str | None = None
    """One that must be among the reasons."""
    warning: str | None = None
    """One that must be among the warnings."""
    revocation: str = "off"


INVALID: dict[str, Case] = {}
VALID: dict[str, Case] = {}


def invalid(
    name: str,
    why: str,
    smime: str = "fail",
    reason: str | None = None,
    *,
    warning: str | None = None,
    revocation: str = "off",
) -> Callable[[Make], Make]:
    """Register a message that must not pass."""

    def register(make: Make) -> Make:
        assert name not in INVALID, name
        INVALID[name] = Case(name, why, make, smime, reason, warning, revocation)
        return make

    return register


def valid(name: str, why: str, *, warning: str | None = None, revocation: str = "off") -> Callable[[Make], Make]:
    """Register a message that must pass."""

    def register(make: Make) -> Make:
        assert name not in VALID, name
        VALID[name] = Case(name, why, make, "pass", None, warning, revocation)
        return make

    return register
