"""Verdicts kept for a while by the document's digest: one circular sent to 700 addressees is judged once."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from typing import Final, NamedTuple

from gsign.mail.containers import Opened, Room
from gsign.mail.facts import Verifier
from gsign.result import Indication, VerificationResult

__all__ = ["Remembering"]

_FOR_GOOD: Final = frozenset((Indication.TOTAL_PASSED, Indication.TOTAL_FAILED, Indication.NO_SIGNATURE_FOUND))
_NOTHING: Final = Opened()


class _Kept(NamedTuple):
    until: float
    value: object


class Remembering:
    """A verifier that asks another one about each document once, also where several threads ask at the same time.

    Only what another look would not change soon is kept: neither what could not be told, nor what failed.

    Args:
        verifier: who is asked.
        seconds: how long an answer is kept: a certificate may be revoked meanwhile.
        most: how many answers are kept.
    """

    def __init__(self, verifier: Verifier, *, seconds: float = 300.0, most: int = 10_000) -> None:
        self._verifier = verifier
        self._seconds = seconds
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, bytes], _Kept] = OrderedDict()
        self._asked: dict[bytes, Future[VerificationResult]] = {}

    def verify(self, source: bytes, /) -> VerificationResult:
        """Verify a document, or say what came of it lately.

        Raises:
            InputError: it cannot be judged.
        """
        digest = hashlib.sha256(source).digest()
        with self._lock:
            known = self._recall("verify", digest)
            if isinstance(known, VerificationResult):
                return known
            asked = self._asked.get(digest)
            if asked is None:
                self._asked[digest] = mine = Future[VerificationResult]()
        return asked.result() if asked is not None else self._ask(source, digest, mine)

    def open_container(self, kind: str, data: bytes, room: Room, /) -> Opened:
        """Take out what a container holds; that a document has nothing embedded is kept."""
        if kind != "pdf":
            return self._verifier.open_container(kind, data, room)
        digest = hashlib.sha256(data).digest()
        with self._lock:
            if self._recall(kind, digest) is not None:
                return _NOTHING
        opened = self._verifier.open_container(kind, data, room)
        if opened == _NOTHING:
            with self._lock:
                self._keep(kind, digest, opened)
        return opened

    def _ask(self, source: bytes, digest: bytes, mine: Future[VerificationResult]) -> VerificationResult:
        try:
            result = self._verifier.verify(source)
        except BaseException as error:
            with self._lock:
                del self._asked[digest]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._asked[digest]
            if result.indication in _FOR_GOOD:
                self._keep("verify", digest, result)
        mine.set_result(result)
        return result

    def _recall(self, kind: str, digest: bytes) -> object | None:
        kept = self._kept.get((kind, digest))
        if kept is None or kept.until < time.monotonic():
            return None
        self._kept.move_to_end((kind, digest))
        return kept.value

    def _keep(self, kind: str, digest: bytes, value: object) -> None:
        self._kept[kind, digest] = _Kept(time.monotonic() + self._seconds, value)
        self._kept.move_to_end((kind, digest))
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
