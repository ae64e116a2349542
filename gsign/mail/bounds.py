"""How much of one message is looked into."""

from __future__ import annotations

from typing import NamedTuple

from gsign.mail.containers import Room
from gsign.mime import Limits

__all__ = ["Bounds"]


class Bounds(NamedTuple):
    """Limits of one inspection; what lies beyond is unreadable, with its reason.

    Args:
        depth: how deep containers and messages may nest in each other; `too-deep`.
        seconds: until nothing more is begun, neither a container nor a document; `out-of-time`.
        room: what may come out of containers in all; `too-large`, `too-many-entries`.
        structure: of each message; see `gsign.mime.Limits`.
        with_readings: whether what is ambiguous is searched in its other readings too, which takes several passes;
            else it is `out-of-time` at once.
    """

    depth: int = 12
    seconds: float = 60.0
    room: Room = Room()
    structure: Limits = Limits()
    with_readings: bool = True
