"""The process that judges documents: reads questions from the socket on its standard input, answers, one at a time.

It cannot take more memory than its limit, leaves no core file, and ends when the caller's end of the socket closes. Its
processor time is limited for each question, so that it ends even where the caller is gone and cannot end it.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gsign.errors import GsignError
from gsign.isolation.digest import with_digest
from gsign.isolation.wire import pack, plain_error, plain_result, receive

if TYPE_CHECKING:
    from gsign.trust.revocation import RevocationClient
    from gsign.trust.store import TrustStore

__all__ = ["main"]

_CHANNEL: Final = 0
_DESCRIPTORS: Final = 64
_SPARE_SECONDS: Final = 2
_PIECE: Final = 1 << 20


class Judge:
    """Judges documents with the anchors and rules that the caller named.

    Args:
        settings: the fields of `gsign.isolation.pool.Settings`, as JSON holds them.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._at = datetime.fromisoformat(settings["at"]) if settings["at"] else None

    @cached_property
    def _trust(self) -> TrustStore | None:
        from gsign.trust.store import TrustStore

        return TrustStore.load(*map(Path, self._settings["trust"]))

    def _client(self, *, offline: bool) -> RevocationClient:
        from gsign.signing.request import revocation_client

        return revocation_client(
            self._settings["revocation"],
            offline=offline,
            archive=self._settings["archive"],
            allow_private_addresses=self._settings["allow_private_addresses"],
        )

    def prepare(self) -> None:
        """Import and read what every question needs.

        Raises:
            ConfigurationError: anchors that cannot be read.
        """
        import gsign.pdf
        import gsign.verification.verdict  # noqa: F401

        _ = self._trust

    def verify(self, source: str | bytes, *, offline: bool) -> dict[str, object]:
        """Verify a document, given by its path or its bytes."""
        from gsign.pdf import verify

        judge = partial(
            verify,
            source,
            trust=self._trust,
            at=self._at,
            revocation=self._client(offline=offline or self._settings["offline"]),
            password=self._settings["password"],
        )
        began = time.monotonic()
        result = with_digest(source, judge) if self._settings["file_digest"] else judge()
        result.facts["seconds"] = round(time.monotonic() - began, 4)
        return plain_result(result)


def main() -> None:
    """Serve until the caller goes away."""
    first, _ = receive(_read)
    _shut_in(first["memory"])
    judge = Judge(first["settings"])
    _write(_answer(judge.prepare))
    while True:
        try:
            question, body = receive(_read)
        except EOFError:
            os._exit(0)
        _allow(first["seconds"])
        source = body if question["file"] is None else question["file"]
        _write(_answer(partial(judge.verify, source, offline=question["offline"])))


def _answer(work: Callable[[], object]) -> bytes:
    try:
        return pack({"done": work()})
    except GsignError as error:
        return pack({"error": plain_error(error)})


def _shut_in(memory: int) -> None:
    # The terminal's Ctrl-C goes to the caller, who ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))


def _allow(seconds: float) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = int(usage.ru_utime + usage.ru_stime + seconds) + _SPARE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _read(count: int) -> bytes:
    pieces = []
    while count:
        piece = os.read(_CHANNEL, min(count, _PIECE))
        if not piece:
            raise EOFError
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(_CHANNEL, view) :]
