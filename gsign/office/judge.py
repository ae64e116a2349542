"""The relay's judge: documents in limited processes, each judged once however many messages carry it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from gsign.mail.bounds import Bounds
from gsign.mail.containers import Opened, Room
from gsign.mail.facts import Inspection, SmimeKind
from gsign.mail.inspection import inspect
from gsign.mail.remembering import Digesting, HarmlessFiles, Remembering
from gsign.mime.limits import Limits
from gsign.result import Indication, MailResult, Smime, VerificationResult

if TYPE_CHECKING:
    from gsign.isolation.pool import VerifierPool
    from gsign.mime.fields import HeaderBlock
    from gsign.service import Service

__all__ = ["Judge"]

_SIGNED: Final = (SmimeKind.DETACHED, SmimeKind.OPAQUE, SmimeKind.OTHER)
_GLANCE: Final = Bounds(
    depth=3, seconds=0.02, structure=Limits(parts=20, depth=5, fields=500, header=1 << 15), with_readings=False
)
"""What is looked into while others wait. What does not fit is looked into again, in a thread."""
_CUT_SHORT: Final = frozenset(
    ("too-deep", "too-many-parts", "too-many-fields", "header-too-large", "too-many-entries", "out-of-time")
)
_UNSIGNED: Final = MailResult(None, Indication.NO_SIGNATURE_FOUND, Smime.NONE)


class _NotAtOnceError(Exception):
    """There is something that takes its time."""


class _Nobody:
    """Verifies nothing, and opens nothing."""

    def verify(self, source: bytes, /) -> VerificationResult:
        raise _NotAtOnceError

    def open_container(self, kind: str, data: bytes, room: Room, /) -> Opened:
        raise _NotAtOnceError


_NOBODY: Final = _Nobody()


class Judge:
    """Inspect messages and verify their signatures. Safe to share between threads.

    Args:
        service: verifies messages' signatures, in processes of the pool.
        pool: verifies documents and opens containers.
    """

    def __init__(self, service: Service, pool: VerifierPool) -> None:
        self._service = service
        self._pool = pool
        # A certificate that is revoked meanwhile is seen once the answer has been forgotten.
        self._documents = Remembering(pool, pool.examine, kind_of_page=pool.kind_of_page)
        self._harmless = HarmlessFiles()

    def inspect(
        self, message: bytes, deadline: float, *, is_checked: bool = False, header: HeaderBlock | None = None
    ) -> Inspection:
        """Find and verify the documents in a message.

        Args:
            message: with CRLF ends of lines.
            deadline: when to give up, on the clock of `time.monotonic`.
            is_checked: whether it is known to hold no bare CR or LF and no NUL.
            header: its own, where it has been read.
        """
        bounds = Bounds(seconds=max(1.0, deadline - time.monotonic()))
        documents = Digesting(self._documents)
        return inspect(
            message,
            documents,
            bounds,
            is_checked=is_checked,
            header=header,
            digest_of=documents.digest_of,
            kind_of_page=documents.kind_of_page,
            harmless=self._harmless,
        )

    def glance(self, message: bytes, header: HeaderBlock | None = None) -> Inspection | None:
        """Inspect a message here and now, where that takes next to no time: it is small, and nothing is in it."""
        try:
            inspection = inspect(message, _NOBODY, _GLANCE, is_checked=True, header=header, harmless=self._harmless)
        except _NotAtOnceError:
            return None
        is_whole = _CUT_SHORT.isdisjoint(found.reason for found in inspection.unreadables)
        return inspection if is_whole and inspection.smime not in _SIGNED else None

    def verify_message(self, message: bytes, kind: SmimeKind) -> MailResult:
        """Verify a message's own signature, where its inspection has found the form of one."""
        return self._service.verify_mail(message, self._pool) if kind in _SIGNED else _UNSIGNED

    def close(self) -> None:
        """End the processes."""
        self._pool.close()
