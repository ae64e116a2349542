"""The process that judges documents and messages: it reads questions from one pipe and writes answers to another.

It answers one at a time. It cannot take more memory than its limit, leaves no core file, and ends when the caller is
gone. Its processor time is limited for each question, so that it ends even where the caller cannot end it.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from gsign.errors import GsignError
from gsign.isolation.digest import with_digest
from gsign.isolation.wire import Frame, error_of, pack, plain_error, plain_result, read_exactly, receive

if TYPE_CHECKING:
    from gsign.isolation.calls import Call
    from gsign.result import VerificationResult
    from gsign.trust.evidence import ValidationData
    from gsign.trust.material import Material
    from gsign.trust.revocation import RevocationClient

__all__ = ["Judge", "main", "serve_forked"]

_STDIN: Final = 0
_STDOUT: Final = 1
_DESCRIPTORS: Final = 64
_SPARE_SECONDS: Final = 2
_PIECE: Final = 1 << 20


class Judge:
    """Judges documents with the anchors and rules that the caller named.

    Args:
        settings: the fields of `gsign.isolation.pool.Settings`, as JSON holds them.

    Raises:
        ConfigurationError: anchors that cannot be read.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        # What every question needs is imported and read before the first one comes, and before the process is copied.
        from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: F401

        if settings["revocation"] != "off":
            import gsign.trust.status_sources  # noqa: F401
        from gsign.trust.store import TrustStore
        from gsign.verification.verdict import verify_document

        self._settings = settings
        self._last = b""
        """The document that the next question may be about."""
        self._rules: dict[str, Any] = {
            "trust": TrustStore.load(*map(Path, settings["trust"])),
            "at": datetime.fromisoformat(settings["at"]) if settings["at"] else None,
        }
        self._verify = verify_document
        self._known = _known(settings["known"])
        self._client(offline=settings["offline"])

    def answer(self, question: dict[str, Any], body: bytes, call: Call) -> dict[str, object]:
        """Do what is asked with a document or message, given by its path or its bytes.

        Args:
            question: what is asked.
            body: the bytes, where they are given.
            call: asks the caller.

        Returns:
            The answer; octets of it are its `body`.
        """
        last, self._last = self._last, b""
        if question["ask"] == "open":
            return self._open(question, body)
        source = body if question["file"] is None else question["file"]
        if question["ask"].endswith("-message"):
            from gsign.isolation.message_judge import answer

            rules = {**self._rules, "revocation": self._client(offline=question["offline"])}
            return answer(question, source, rules, call, known=self._known, material=self._material())
        if question["ask"] == "draw":
            return self._draw(source, question["ends"])
        if question["ask"] == "kind":
            return self._kind(body or last)
        judged = self._judge(source, offline=question["offline"])
        if question["ask"] == "examine":
            judged["is_alone"] = self._is_alone(body)
            self._last = body
        return judged

    def _is_alone(self, document: bytes) -> bool:
        """Tell whether nothing is embedded in a document, without taking out what is."""
        from gsign.mail.containers import Opened, Room, open_container

        return open_container("pdf", document, Room()) == Opened()

    def _open(self, question: dict[str, Any], body: bytes) -> dict[str, object]:
        from gsign.isolation.containers import plain_opened
        from gsign.mail.containers import Room, open_container

        return plain_opened(open_container(question["kind"], body, Room(*question["room"])))

    def _kind(self, document: bytes) -> dict[str, object]:
        from gsign.document_kind import kind_on_page
        from gsign.syntax.page_text import first_page_text

        return {"kind": kind_on_page(first_page_text(document))}

    def _draw(self, source: str | bytes, ends: dict[str, int]) -> dict[str, object]:
        from gsign.verification.drawing import DrawingError, differing_pages

        try:
            return {"pages": list(differing_pages(source, ends, self._settings["password"]).items())}
        except DrawingError:
            return {"pages": None}

    def _judge(self, source: str | bytes, *, offline: bool) -> dict[str, object]:
        began = time.monotonic()
        judge = partial(self._verified, source, self._client(offline=offline))
        result = with_digest(source, judge) if self._settings["file_digest"] else judge()
        facts = {**result.facts, "seconds": round(time.monotonic() - began, 4)}
        return plain_result(result._replace(facts=facts))

    def _verified(self, source: str | bytes, client: RevocationClient) -> VerificationResult:
        from gsign.syntax.source import open_source

        rules = {**self._rules, "revocation": client, "password": self._settings["password"], "known": self._known}
        with open_source(source) as opened:
            material = self._material()
            result = self._verify(opened, **rules, material=material)
        return result if material is None else result._replace(facts={**result.facts, "material": material.plain()})

    def _material(self) -> Material | None:
        if not self._settings["material"]:
            return None
        from gsign.trust.material import Material

        return Material()

    def _client(self, *, offline: bool) -> RevocationClient:
        from gsign.trust.clients import revocation_client

        return revocation_client(
            self._settings["revocation"],
            offline=offline,
            archive=self._settings["archive"],
            allow_private_addresses=self._settings["allow_private_addresses"],
        )


def _known(folder: str | None) -> ValidationData | None:
    if folder is None:
        return None
    from gsign.trust.evidence import ValidationData

    endings = ("*.cer", "*.ocsp", "*.crl")
    return ValidationData(*(tuple(f.read_bytes() for f in sorted(Path(folder).glob(ending))) for ending in endings))


def main() -> None:
    """Serve on standard input and output, with the settings and limits that the first frame holds."""
    first, _ = receive(partial(_read, _STDIN))
    _serve(partial(Judge, first["settings"]), first["seconds"], first["memory"], _STDIN, _STDOUT)


def _serve(prepare: Callable[[], Judge], seconds: float, memory: int, requests: int, answers: int) -> NoReturn:
    """Say when everything is ready, or why it is not; then answer questions until the caller goes away.

    Args:
        prepare: makes what answers them.
        memory: address space beyond what there is now, in bytes.
        seconds: processor time for each.
        requests: descriptor to read questions from.
        answers: descriptor to write answers to.
    """
    _shut_in()
    _limit_memory(memory)
    try:
        judge = prepare()
    except GsignError as error:
        _write(answers, pack({"error": plain_error(error)}))
        os._exit(1)
    _write(answers, pack({"done": None, "busy": _busy_seconds()}))
    call = partial(_call, requests, answers)
    # What is there now stays: nobody needs to look through it for garbage again, nor to copy its pages for that.
    gc.freeze()
    while True:
        try:
            question, body = receive(partial(_read, requests))
        except EOFError:
            os._exit(0)
        _allow(seconds)
        _write(answers, _answer(partial(judge.answer, question, body, call)))


def serve_forked(prepare: Callable[[], Judge], seconds: float, memory: int, requests: int, answers: int) -> NoReturn:
    """Answer questions in a copy of the caller's process."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    # What the caller left to be collected stays: memory given back here would widen the limit by as much.
    gc.freeze()
    _serve(prepare, seconds, memory, requests, answers)


def _call(requests: int, answers: int, question: dict[str, object], body: bytes) -> dict[str, Any]:
    """Ask the caller in the middle of a question of its own, and return its reply."""
    _write(answers, pack({"call": question}, body))
    try:
        reply, octets = receive(partial(_read, requests))
    except EOFError:
        os._exit(0)
    if "error" in reply:
        raise error_of(reply["error"])
    return {**reply["done"], "body": octets} if octets else dict(reply["done"])


def _answer(work: Callable[[], dict[str, object]]) -> Frame:
    try:
        done = work()
        body = done.pop("body", b"")
        return pack({"done": done, "busy": _busy_seconds()}, body if isinstance(body, bytes) else b"")
    except GsignError as error:
        return pack({"error": plain_error(error), "busy": _busy_seconds()})


def _busy_seconds() -> float:
    return time.process_time()


def _shut_in() -> None:
    # The terminal's Ctrl-C goes to the caller, who ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS)


def _limit_memory(memory: int) -> None:
    """Limit the address space to what there is and `memory` bytes: a copy of a large process starts large."""
    _limit(resource.RLIMIT_AS, _address_space() + memory)


def _allow(seconds: float) -> None:
    _limit_processor(int(_busy_seconds() + seconds) + _SPARE_SECONDS)


@lru_cache(maxsize=1)  # quick documents come by the hundred in a second, in which it stays what it is
def _limit_processor(seconds: int) -> None:
    _limit(resource.RLIMIT_CPU, seconds, for_good=False)


def _limit(kind: int, value: int, *, for_good: bool = True) -> None:
    """Set a limit, or keep the one that is there already where that is lower."""
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value if for_good else hard))


def _address_space() -> int:
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _read(descriptor: int, count: int) -> bytes:
    return read_exactly(lambda missing: os.read(descriptor, min(missing, _PIECE)), count)


def _write(descriptor: int, frame: Frame) -> None:
    for piece in frame:
        left = memoryview(piece)
        while left:
            left = left[os.write(descriptor, left) :]
