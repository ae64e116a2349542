"""Who may connect, how often, and who may speak for others."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from typing import Final

from gsign.smtp.reply import Reply

__all__ = ["Admission"]

_REMEMBERED: Final = 10_000
"""Addresses."""
_WINDOW_SECONDS: Final = 60.0


class Admission:
    """Count connections and messages. Nobody is let in before limits are set; new ones leave the counts as they are."""

    def __init__(self) -> None:
        self._total = self._each = self._rate = 0
        self._trusted: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
        self._known: dict[str, bool] = {}
        """Of addresses that were looked up, whether they are trusted."""
        self._open: Counter[str] = Counter()
        self._recent: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def limit(self, *, total: int, each: int, rate: int, trusted: Sequence[str]) -> None:
        """Set the limits.

        Args:
            total: connections at once.
            each: connections at once from one address.
            rate: messages a minute from one address.
            trusted: networks whose servers may speak for others; their rate is not limited.
        """
        self._total, self._each, self._rate = total, each, rate
        self._trusted = tuple(ipaddress.ip_network(network) for network in trusted)
        self._known = {}

    def admit(self, address: str) -> Reply | None:
        """Count a connection in; a reply refuses it."""
        with self._lock:
            if self._open.total() >= self._total or self._open[address] >= self._each:
                return Reply.of(421, "4.7.0", "too many connections; try again later")
            self._open[address] += 1
        return None

    def leave(self, address: str) -> None:
        """Count a connection out."""
        with self._lock:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    def is_trusted(self, address: str) -> bool:
        """Tell whether a peer may speak for others."""
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[address] = self._is_listed(address)
        return known

    def _is_listed(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        # At a socket for both, an IPv4 client shows an IPv6 address that stands for its own (RFC 4291 clause 2.5.5.2).
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self._trusted if network.version == found.version)

    def may_send(self, address: str) -> bool:
        """Count a message, and tell whether it is one too many."""
        if self.is_trusted(address):
            return True
        now = time.monotonic()
        with self._lock:
            times = self._recent.setdefault(address, deque())
            while times and times[0] < now - _WINDOW_SECONDS:
                times.popleft()
            if len(times) >= self._rate:
                return False
            times.append(now)
            if len(self._recent) > _REMEMBERED:
                self._recent = {a: t for a, t in self._recent.items() if t and t[-1] > now - _WINDOW_SECONDS}
        return True
