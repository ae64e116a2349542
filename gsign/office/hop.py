"""The next hop of the configuration."""

from __future__ import annotations

from gsign.config import Relay
from gsign.office.tls import client_context
from gsign.smtp.pool import NextHop

__all__ = ["next_hop"]


def next_hop(relay: Relay) -> NextHop:
    """Open what leads to the next hop; it is connected to when it is needed.

    Raises:
        ConfigurationError: `tls-unreadable`.
    """
    return NextHop(
        relay.next_hop,
        hostname=relay.hostname,
        is_lmtp=relay.next_hop_protocol == "lmtp",
        tls=client_context(relay),
    )
