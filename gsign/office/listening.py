"""The socket at which mail is taken: our own, or the one that systemd holds for us."""

from __future__ import annotations

import os
import socket

from gsign.errors import InputError
from gsign.smtp.client import split_address

__all__ = ["activated_socket", "require_free"]

_FIRST: int = 3
"""Number of the first socket that is passed on (sd_listen_fds(3))."""


def activated_socket() -> socket.socket | None:
    """Return the listening socket that systemd passed to this process; None where it passed none.

    Raises:
        InputError: `listen-impossible`: there are several, of which only one could be served.
    """
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()):
        return None
    count = int(os.environ.pop("LISTEN_FDS", "0"))
    os.environ.pop("LISTEN_FDNAMES", None)
    if count == 0:
        return None
    if count > 1:
        raise InputError("listen-impossible", address="LISTEN_FDS", cause=f"{count} sockets")
    return socket.socket(fileno=_FIRST)


def require_free(listen: str) -> None:
    """Refuse an address that somebody else takes mail at.

    The relay's processes share their port, which would let a second relay, with another policy, share it as well.

    Raises:
        InputError: `listen-impossible`.
    """
    try:
        found = socket.getaddrinfo(*split_address(listen), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tried.bind(address)
    except OSError as error:
        raise InputError("listen-impossible", address=listen, cause=str(error)) from error
