"""What a worker does with a document to be signed: it has a key of its own, opened once for all documents."""

from __future__ import annotations

import atexit
import hashlib
import os
import socket
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gsign.errors import ConfigurationError, GsignError
from gsign.isolation.wire import plain_error
from gsign.many.judging import password_in, require_version
from gsign.many.papers import Paper

if TYPE_CHECKING:
    from gsign.service import Service
    from gsign.signer import Signer

__all__ = ["Holder", "Wishes", "holder", "sign"]


class Wishes(NamedTuple):
    """How documents are to be signed, in a form that holds on any machine.

    Args:
        version: gsign's, where it was asked.
        certificate: SHA-256 of the signer's certificate, in hexadecimal: what other key a worker has stays unused.
        options: of `gsign.pdf.sign`; what names a file is the file's content.
        tsa: timestamp authorities instead of those that a worker's configuration names.
        trust: content of files with anchors, beside those of a worker's configuration.
        revocation: instead of the configured one.
        offline: fetch nothing.
        password_file: holds the password of encrypted documents, and is read by the worker.
    """

    version: str
    certificate: str
    options: Mapping[str, Any]
    tsa: tuple[str, ...] = ()
    trust: tuple[bytes, ...] = ()
    revocation: str | None = None
    offline: bool = False
    password_file: str | None = None


class Holder(NamedTuple):
    """Whose key a worker signs with."""

    certificate: str
    """SHA-256 of the certificate, in hexadecimal."""
    name: str
    serial: str


def holder(version: str) -> dict[str, Any]:
    """Open the key of this worker and tell whose it is; called by a worker."""
    from gsign.trust.certificate import Certificate

    try:
        require_version(version)
        signer = _KEY.signer()
    except GsignError as error:
        return {"error": plain_error(error)}
    who = Certificate.of(signer.certificate).signer_info()
    return {"done": Holder(_digest(signer), who.name or "?", who.serial or "?")._asdict()}


def sign(wishes: Wishes, paper: Paper, part: str) -> dict[str, Any]:
    """Sign a document; called by a worker.

    Args:
        wishes: how.
        paper: the document.
        part: where the signed one is written, unless the document was sent and is sent back.

    Returns:
        What JSON can hold, `done` or `error`, and the signed document as `data` where the document was sent.
    """
    try:
        require_version(wishes.version)
        signer = _KEY.signer()
        _require_key(signer, wishes.certificate)
        if paper.path is not None:
            return {"done": _sign(wishes, paper.opened(), part, signer)}
        with tempfile.TemporaryDirectory(prefix="gsign-") as folder:
            output = Path(folder, "signed.pdf")
            return {"done": _sign(wishes, paper.data, output, signer), "data": output.read_bytes()}
    except GsignError as error:
        return {"error": plain_error(paper.named_in(error))}


def _sign(wishes: Wishes, source: str | bytes, output: str | Path, signer: Signer) -> dict[str, object]:
    service = _service(wishes)
    options = {**wishes.options, "password": password_in(wishes.password_file)}
    # The output has a name of its own until the one who asked gives it the right one.
    readable: Any = source
    return service.sign_pdf(readable, Path(output), signer, force=True, **options).to_dict()


def _service(wishes: Wishes) -> Service:
    """Return the service of this worker's configuration, which also writes down what is signed where it says so.

    Kept for a few runs at a time, since paths to anchors are found, and the ledger is opened, once for many documents.
    """
    from gsign.config import load
    from gsign.service import Service

    with _LOCK:
        known = next((service for kept, service in _SERVICES if kept == wishes), None)
        if known is not None:
            return known
        trust: Any = wishes.trust
        opened = Service(load(), trust=trust, tsa=wishes.tsa, revocation=wishes.revocation, offline=wishes.offline)
        if not _SERVICES:
            atexit.register(_close_services)
        _SERVICES.append((wishes, opened))
        if len(_SERVICES) > _RUNS:
            _, oldest = _SERVICES.pop(0)
            oldest.close()
        return opened


def _close_services() -> None:
    while _SERVICES:
        _, service = _SERVICES.pop()
        # Nobody is there any more to be told.
        with suppress(GsignError):
            service.close()


def _require_key(signer: Signer, certificate: str) -> None:
    found = _digest(signer)
    if found != certificate:
        raise ConfigurationError(
            "worker-with-other-key", worker=socket.gethostname(), found=found[:16], wanted=certificate[:16]
        )


def _digest(signer: Signer) -> str:
    return hashlib.sha256(signer.certificate).hexdigest()


class _Key:
    """The key of this process, opened by its first use; a PIN that was wrong once is not tried again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._signer: Signer | None = None
        self._fault: GsignError | None = None

    def signer(self) -> Signer:
        """Return the signer.

        Raises:
            TokenError: no token, no key or several, or the PIN is wrong.
            ConfigurationError: `worker-without-pin`.
        """
        with self._lock:
            if self._fault is not None:
                raise self._fault
            if self._signer is None:
                try:
                    self._signer = _open()
                except GsignError as error:
                    if error.code.startswith("pin-"):
                        self._fault = error
                    raise
            return self._signer


def _open() -> Signer:
    from gsign.config import load
    from gsign.service import Service
    from gsign.token.memory import protect_memory
    from gsign.token.pin import read_pin_file

    protect_memory()
    configuration = load()
    token = configuration.token
    file = os.environ.get("GSIGN_PIN_FILE") or token.pin_file
    is_in_uri = token.uri is not None and "pin-source=" in token.uri
    if file is None and not is_in_uri:
        raise ConfigurationError("worker-without-pin", worker=socket.gethostname())
    pin = None if file is None else read_pin_file(Path(file))
    return Service(configuration).open_signer(pin=pin)


_KEY: Final = _Key()
_RUNS: Final = 4
_SERVICES: Final[list[tuple[Wishes, Service]]] = []
_LOCK: Final = threading.Lock()
