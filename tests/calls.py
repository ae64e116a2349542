"""What functions of ours are called with, noted while they do what they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

__all__ = ["calls_of"]


def calls_of(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[tuple[Any, ...]]:
    """Let a function do what it does, and return what it is called with from now on."""
    calls: list[tuple[Any, ...]] = []
    really: Callable[..., Any] = getattr(owner, name)

    def noting(*arguments: Any, **named: Any) -> Any:
        calls.append(arguments)
        return really(*arguments, **named)

    monkeypatch.setattr(owner, name, noting)
    return calls
