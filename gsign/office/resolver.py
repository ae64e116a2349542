"""Questions to the domain name system, asked of the server that the configuration names."""

from __future__ import annotations

import threading
import time
from typing import Final

from gsign.errors import TemporaryError
from gsign.smtp.client import split_address

__all__ = ["Resolver"]

_SECONDS: Final = 5.0
"""For one question, with all its repetitions."""
_BUSY_SECONDS: Final = 0.5
_KEPT: Final = 4096
_SILENCES: Final = 3
"""Questions without an answer, one after the other, after which nobody waits for the server for a while."""
_PAUSE_SECONDS: Final = 15.0
_AT_ONCE: Final = 8
"""Questions that wait for an answer: names of somebody who answers late must not keep all who deal with mail."""


class Resolver:
    """Look up TXT records; answers are kept as long as their domain allows. Safe to share between threads.

    Args:
        address: `host:port` of a server that resolves for us, and that validates (DNSSEC) if it is to be relied on.
    """

    def __init__(self, address: str) -> None:
        from dns.resolver import LRUCache
        from dns.resolver import Resolver as Stub

        host, port = split_address(address)
        self._stub = Stub(configure=False)
        self._stub.nameservers = [host]
        self._stub.port = port
        self._stub.cache = LRUCache(_KEPT)
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        self._silences = 0
        self._silent_since = 0.0

    def texts(self, name: str, deadline: float) -> tuple[bytes, ...]:
        """Return the TXT records of a name, the pieces of each joined; none where there are none.

        Raises:
            TemporaryError: `dns-unreachable`.
        """
        from dns.exception import DNSException, Timeout
        from dns.resolver import NXDOMAIN, NoAnswer, NoNameservers

        now = time.monotonic()
        remaining = min(_SECONDS, deadline - now)
        if remaining <= 0:
            raise TemporaryError("dns-unreachable", name=name, cause="out of time")
        if self._silences >= _SILENCES and now - self._silent_since < _PAUSE_SECONDS:
            raise TemporaryError("dns-unreachable", name=name, cause="silent")
        if not self._room.acquire(timeout=min(_BUSY_SECONDS, remaining)):
            raise TemporaryError("dns-unreachable", name=name, cause="busy")
        try:
            answer = self._stub.resolve(f"{name}.", "TXT", lifetime=remaining)
            texts = tuple(b"".join(record.strings) for record in answer)
        except (Timeout, OSError) as error:
            self._silences, self._silent_since = self._silences + 1, time.monotonic()
            raise TemporaryError("dns-unreachable", name=name, cause=type(error).__name__) from error
        except NoNameservers as error:
            raise TemporaryError("dns-unreachable", name=name, cause=type(error).__name__) from error
        except (NXDOMAIN, NoAnswer):
            texts = ()
        except DNSException:
            # A name that cannot be.
            return ()
        finally:
            self._room.release()
        self._silences = 0
        return texts
