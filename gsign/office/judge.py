"""The relay's judge: documents in limited processes, each judged once however many messages carry it."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from gsign.mail.bounds import Bounds
from gsign.mail.facts import Inspection, SmimeKind
from gsign.mail.inspection import inspect
from gsign.result import Indication, MailResult, Smime, VerificationResult

if TYPE_CHECKING:
    from gsign.isolation.pool import VerifierPool
    from gsign.mail.containers import Opened, Room
    from gsign.service import Service

__all__ = ["Judge"]

_KEPT: Final = 10_000
_KEPT_SECONDS: Final = 300.0
"""How long a result counts: a certificate that is revoked meanwhile is seen after that."""
_SIGNED: Final = (SmimeKind.DETACHED, SmimeKind.OPAQUE, SmimeKind.OTHER)
_UNSIGNED: Final = MailResult(None, Indication.NO_SIGNATURE_FOUND, Smime.NONE)


class Judge:
    """Inspect messages and verify their signatures. Safe to share between threads.

    Args:
        service: verifies messages' signatures.
        pool: verifies documents and opens containers.
    """

    def __init__(self, service: Service, pool: VerifierPool) -> None:
        self._service = service
        self._pool = pool
        self._kept: OrderedDict[bytes, tuple[float, VerificationResult]] = OrderedDict()
        self._lock = threading.Lock()

    def inspect(self, message: bytes, deadline: float) -> Inspection:
        """Find and verify the documents in a message; `deadline` is on the clock of `time.monotonic`."""
        return inspect(message, self, Bounds(seconds=max(1.0, deadline - time.monotonic())))

    def verify_message(self, message: bytes, kind: SmimeKind) -> MailResult:
        """Verify a message's own signature, where its inspection has found the form of one."""
        return self._service.verify_mail(message) if kind in _SIGNED else _UNSIGNED

    def verify(self, source: bytes) -> VerificationResult:
        """Verify a document, or return what it came to a short while ago."""
        digest = hashlib.sha256(source).digest()
        with self._lock:
            since, result = self._kept.get(digest, (0.0, None))
        if result is not None and time.monotonic() - since < _KEPT_SECONDS:
            return result
        result = self._pool.verify(source)
        with self._lock:
            self._kept[digest] = (time.monotonic(), result)
            self._kept.move_to_end(digest)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return result

    def open_container(self, kind: str, data: bytes, room: Room) -> Opened:
        """Take out what a container holds."""
        return self._pool.open_container(kind, data, room)

    def close(self) -> None:
        """End the processes."""
        self._pool.close()
