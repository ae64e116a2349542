"""Containers opened within limits: each gives what it holds, what it hides, and what about it is off."""

from gsign.mail.containers.model import Member, Opened, Refusal, Room
from gsign.mail.containers.opening import open_container

__all__ = ["Member", "Opened", "Refusal", "Room", "open_container"]
