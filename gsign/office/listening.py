"""The sockets at which mail is taken: our own, or those that systemd holds for us."""

from __future__ import annotations

import os
import socket

from gsign.errors import InputError
from gsign.smtp.client import split_address

__all__ = ["activated_sockets", "bound_sockets"]

_FIRST: int = 3
"""Number of the first socket that is passed on (sd_listen_fds(3))."""


def activated_sockets() -> list[socket.socket]:
    """Return the listening sockets that systemd passed to this process, such as one for IPv4 and one for IPv6.

    Raises:
        InputError: `listen-impossible`: there is one at which nobody connects.
    """
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()):
        return []
    count = int(os.environ.pop("LISTEN_FDS", "0"))
    os.environ.pop("LISTEN_FDNAMES", None)
    passed = [socket.socket(fileno=number) for number in range(_FIRST, _FIRST + count)]
    for one in passed:
        if one.type != socket.SOCK_STREAM:
            raise InputError("listen-impossible", address="LISTEN_FDS", cause=one.type.name)
    return passed


def bound_sockets(listen: str) -> list[socket.socket]:
    """Return sockets for an address, one for each that a name stands for, at which nobody listens yet.

    The relay's processes share them: whichever has time takes the next client. A port that each had for itself
    (SO_REUSEPORT) would give clients out blindly, lose with a process those that it had not yet greeted, and let a
    second relay, with another policy, share it as well.

    Raises:
        InputError: `listen-impossible`: somebody else has it, or it is none of ours.
    """
    bound: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(*split_address(listen), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in dict.fromkeys(found):
            bound.append(socket.socket(family, kind, protocol))
            bound[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                # Else it would take what the one for IPv4 is there for.
                bound[-1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            bound[-1].bind(address)
    except OSError as error:
        for opened in bound:
            opened.close()
        raise InputError("listen-impossible", address=listen, cause=str(error)) from error
    return bound
