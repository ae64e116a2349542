"""Verdicts kept for a while by the document's digest: one circular sent to 700 addressees is judged once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, NamedTuple

from gsign.mail.containers import Opened, Room
from gsign.mail.facts import Verifier, sha256_of
from gsign.result import Indication, VerificationResult

__all__ = ["Digesting", "HarmlessFiles", "Remembering"]

_FOR_GOOD: Final = frozenset((Indication.TOTAL_PASSED, Indication.TOTAL_FAILED, Indication.NO_SIGNATURE_FOUND))
_NOTHING: Final = Opened()


class Examined(NamedTuple):
    """What is found out about a document at once."""

    result: VerificationResult
    is_alone: bool = False
    """Whether it is known that nothing is embedded in it."""
    kind: str | None = None
    """What its first page says that it is; None where that does not tell."""


class HarmlessFiles:
    """Files in which nothing was found, so that what comes in many messages is looked into once. See `Harmless`.

    What is in a file never changes, and no certificate has a part in it: it is remembered until others take its place.

    Args:
        most: how many are remembered.
    """

    def __init__(self, *, most: int = 10_000) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._files: OrderedDict[bytes, None] = OrderedDict()

    def knows(self, file: bytes, /) -> bool:
        """Whether a file is one of them."""
        with self._lock:
            is_known = file in self._files
            if is_known:
                self._files.move_to_end(file)
        return is_known

    def keep(self, file: bytes, /) -> None:
        """Remember one; the one that was asked for longest ago is forgotten."""
        with self._lock:
            self._files[file] = None
            while len(self._files) > self._most:
                self._files.popitem(last=False)


class Digesting:
    """A `Remembering` asked about one message: of a document that is asked about again, the digest is at hand.

    Args:
        remembering: who is asked.
    """

    def __init__(self, remembering: Remembering) -> None:
        self._remembering = remembering
        self._last, self._digest = b"", sha256_of(b"")

    def digest_of(self, data: bytes) -> bytes:
        """Return the SHA-256 of octets."""
        if data is not self._last:
            self._last, self._digest = data, sha256_of(data)
        return self._digest

    def verify(self, source: bytes, /) -> VerificationResult:
        """See `Remembering`."""
        return self._remembering.verify_known(source, self.digest_of(source))

    def kind_of_page(self, document: bytes) -> str | None:
        """See `Remembering`."""
        return self._remembering.kind_known(document, self.digest_of(document))

    def open_container(self, kind: str, data: bytes, room: Room, /) -> Opened:
        """See `Remembering`."""
        return self._remembering.open_known(kind, data, room, self.digest_of)


class _Kept(NamedTuple):
    until: float
    value: object


class Remembering:
    """A verifier that asks another one about each document once, also where several threads ask at the same time.

    Only what another look would not change soon is kept: neither what could not be told, nor what failed.

    Args:
        verifier: who is asked.
        examine: finds out at once whatever is asked about documents; None where nobody can.
        kind_of_page: tells a document's kind by its first page; None where nobody does.
        seconds: how long an answer is kept: a certificate may be revoked meanwhile.
        most: how many answers are kept.
    """

    def __init__(
        self,
        verifier: Verifier,
        examine: Callable[[bytes], Examined] | None = None,
        *,
        kind_of_page: Callable[[bytes], str | None] = lambda _: None,
        seconds: float = 300.0,
        most: int = 10_000,
    ) -> None:
        self._verifier = verifier
        self._examine = examine
        self._kind_of_page = kind_of_page
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
        return self.verify_known(source, sha256_of(source))

    def verify_known(self, source: bytes, digest: bytes) -> VerificationResult:
        """Verify a document whose SHA-256 is known."""
        with self._lock:
            known = self._recall("verify", digest)
            if isinstance(known, VerificationResult):
                return known
            asked = self._asked.get(digest)
            if asked is None:
                self._asked[digest] = mine = Future[VerificationResult]()
        return asked.result() if asked is not None else self._ask(source, digest, mine)

    def kind_known(self, document: bytes, digest: bytes) -> str | None:
        """Tell a document's kind by its first page, or say what came of it lately; its SHA-256 is known."""
        with self._lock:
            known = self._recall("kind", digest)
        if known is None:
            known = self._kind_of_page(document) or ""
            with self._lock:
                self._keep("kind", digest, known)
        return str(known) or None

    def open_container(self, kind: str, data: bytes, room: Room, /) -> Opened:
        """Take out what a container holds; that a document has nothing embedded is kept."""
        return self.open_known(kind, data, room, sha256_of)

    def open_known(self, kind: str, data: bytes, room: Room, digest_of: Callable[[bytes], bytes]) -> Opened:
        """Take out what a container holds, with somebody who may know its SHA-256."""
        if kind != "pdf":
            return self._verifier.open_container(kind, data, room)
        digest = digest_of(data)
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
            found = self._examine(source) if self._examine else Examined(self._verifier.verify(source))
        except BaseException as error:
            with self._lock:
                del self._asked[digest]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._asked[digest]
            if found.result.indication in _FOR_GOOD:
                self._keep("verify", digest, found.result)
            if found.is_alone:
                self._keep("pdf", digest, _NOTHING)
            if self._examine:
                self._keep("kind", digest, found.kind or "")
        mine.set_result(found.result)
        return found.result

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
