"""What is asked of a container, and what comes of it."""

from __future__ import annotations

from typing import Final, NamedTuple

from gsign.mime.notes import Note

__all__ = ["ContainerError", "Ledger", "Member", "Opened", "Refusal", "Room"]

_FREE: Final = 16 << 20


class ContainerError(ValueError):
    """The container cannot be read; the argument is the reason's identifier."""


class Room(NamedTuple):
    """How much may come out of a container.

    Args:
        octets: in all.
        entries: members in all.
        ratio: octets for each octet that goes in, once more than 16 MiB come out.
    """

    octets: int = 256 << 20
    entries: int = 10_000
    ratio: int = 200


class Member(NamedTuple):
    """A file in a container."""

    name: str
    data: bytes


class Refusal(NamedTuple):
    """A member, or with an empty name the container itself, that cannot be read, and why."""

    name: str
    reason: str


class Opened(NamedTuple):
    """What a container holds, what of it cannot be read, and what readers take differently."""

    members: tuple[Member, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[Note, ...] = ()


class Ledger:
    """What has come out of a container so far.

    Args:
        room: how much may.
        size: octets of the container.
    """

    def __init__(self, room: Room, size: int) -> None:
        self._most = min(room.octets, max(_FREE, room.ratio * size))
        self._entries = room.entries
        self.members: list[Member] = []
        self.refusals: list[Refusal] = []
        self.notes: dict[Note, None] = {}

    @property
    def left(self) -> int:
        """Octets that may still come."""
        return self._most

    def take(self, name: str, data: bytes) -> None:
        """Keep a member.

        Raises:
            ContainerError: `too-large`, `too-many-entries`.
        """
        self.count()
        self._most -= len(data)
        if self._most < 0:
            raise ContainerError("too-large")
        self.members.append(Member(name, data))

    def refuse(self, name: str, reason: str) -> None:
        """Keep that a member cannot be read.

        Raises:
            ContainerError: `too-many-entries`.
        """
        self.count()
        self.refusals.append(Refusal(name, reason))

    def count(self) -> None:
        """Count an entry.

        Raises:
            ContainerError: `too-many-entries`.
        """
        self._entries -= 1
        if self._entries < 0:
            raise ContainerError("too-many-entries")

    def note(self, id_: str, detail: str = "") -> None:
        """Keep that readers take something differently."""
        self.notes[Note(id_, detail)] = None

    def close(self) -> Opened:
        """Return what came out."""
        return Opened(tuple(self.members), tuple(self.refusals), tuple(self.notes))
