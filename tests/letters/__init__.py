"""Letters as offices write them, made when the tests ask for them, with the places where things belong.

letters.names()      all names
letters.made(name)   the `Letter`: its bytes, its signer, and what is due; made once
"""

from __future__ import annotations

from functools import cache

from tests.letters import kinds, odd, paper, variants
from tests.letters.model import LEADER, LETTERS, At, Letter, Refused

__all__ = ["LEADER", "At", "Letter", "Refused", "kinds", "made", "names", "odd", "paper", "variants"]


def names() -> list[str]:
    """Return the names of all letters."""
    return list(LETTERS)


@cache
def made(name: str) -> Letter:
    """Return a letter."""
    return LETTERS[name]()
