"""Which network addresses are public: a stranger's document must not make this machine ask others in its network."""

from __future__ import annotations

import ipaddress
from typing import Final

__all__ = ["is_public_address"]

# RFC 6052: the last 32 bits are an IPv4 address that a gateway of this network reaches.
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def is_public_address(address: str) -> bool:
    """Tell whether a numeric address is reachable from everywhere and belongs to nobody's inner network.

    Loopback, private, link-local, shared, multicast, reserved and unspecified addresses are not public (RFC 6890), and
    neither are IPv6 addresses that stand for such an IPv4 address.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = _inner(found)
        if inner is not None:
            return _is_public(inner)
    return _is_public(found)


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
