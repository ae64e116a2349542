"""What workers do in tests of how work is spread; it imports little, since each of them imports it."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

__all__ = ["BOMB", "die_once", "echo_or_die", "echo_or_stay"]

BOMB = 600 << 20
"""More than a worker may have, in bytes."""


def echo_or_die(item: str) -> str:
    """Return the item, unless it is one that does harm."""
    if item.startswith("poison"):
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "bomb":
        held = bytearray(BOMB)
        threading.Event().wait(60)  # until somebody has seen it
        return str(len(held))
    if item.startswith("slow"):
        threading.Event().wait(0.2)  # so that it is at work when another one does harm
    if item == "odd":
        raise ValueError(item)
    return item


def echo_or_stay(item: str) -> object:
    """Return the item, or what cannot be sent back."""
    return (lambda: item) if item.startswith("stays") else item


def die_once(folder: str, item: str) -> str:
    """Return the item; what is weak dies of it the first time."""
    mark = Path(folder, item)
    if item.startswith("weak") and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item
