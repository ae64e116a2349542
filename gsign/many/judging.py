"""What a worker does with a document to be verified: it has it judged in a process with limits, as on one machine."""

from __future__ import annotations

import socket
import ssl
import tempfile
import threading
import weakref
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import gsign
from gsign.errors import ConfigurationError, GsignError, InputError
from gsign.isolation.limits import Limits
from gsign.isolation.pool import Settings, VerifierPool
from gsign.isolation.wire import plain_error
from gsign.many.papers import Paper
from gsign.many.records import record_of

__all__ = ["Conditions", "conditions_of", "judge", "password_in", "require_version"]


class Conditions(NamedTuple):
    """What documents are judged with, in a form that holds on any machine.

    Args:
        version: gsign's, where it was asked.
        anchors: DER of the certificates that are believed beside the pinned ones; a worker whose user believes others
            refuses to judge.
        at: when to judge what no timestamp dates; None for now.
        revocation: `prefer`, `require` or `off`.
        offline: ask nobody.
        archive: folder of revocation lists; a worker that does not have it keeps its own.
        allow_private_addresses: whether a stranger's certificate may name an issuer inside the network.
        password_file: holds the password of encrypted documents, and is read by the worker.
        file_digest: also compute the SHA-256 of each file.
        render: also draw the pages of each signed revision.
        limits: on each document.
    """

    version: str
    anchors: tuple[bytes, ...]
    at: datetime | None
    revocation: str
    offline: bool
    archive: str | None
    allow_private_addresses: bool
    password_file: str | None
    file_digest: bool
    render: bool
    limits: Limits


def conditions_of(
    settings: Settings, limits: Limits | None = None, *, password_file: str | Path | None = None
) -> Conditions:
    """Describe for workers what a pool on this machine would judge with.

    Args:
        settings: for a pool here; a password in it stays here.
        limits: on each document.
        password_file: holds the password of encrypted documents.

    Raises:
        ConfigurationError: anchors that cannot be read.
    """
    from gsign.trust.files import read_certificates
    from gsign.trust.own_anchors import OwnAnchors

    own = (anchor.certificate.raw for anchor in OwnAnchors.of_user().all())
    named = (certificate for path in settings.trust for certificate in read_certificates(path))
    return Conditions(
        version=gsign.__version__,
        anchors=tuple(dict.fromkeys((*named, *own))),
        at=settings.at,
        revocation=settings.revocation,
        offline=settings.offline,
        archive=str(settings.archive.absolute()) if settings.archive else None,
        allow_private_addresses=settings.allow_private_addresses,
        password_file=str(Path(password_file).absolute()) if password_file else None,
        file_digest=settings.file_digest,
        render=settings.render,
        limits=limits or Limits(),
    )


def judge(conditions: Conditions, paper: Paper) -> dict[str, Any]:
    """Verify a document; called by a worker.

    Returns:
        What JSON can hold, `done` or `error`: the answer of a worker is read as that of a process that has looked at
        strangers' documents.
    """
    try:
        require_version(conditions.version)
        result = _pool(conditions).verify(paper.opened())
    except GsignError as error:
        return {"error": plain_error(paper.named_in(error))}
    return {"done": record_of(result._replace(file=paper.name))}


def require_version(version: str) -> None:
    """Refuse work that another version of the program asks for: it could be meant differently.

    Raises:
        ConfigurationError: `worker-of-other-version`.
    """
    if version != gsign.__version__:
        raise ConfigurationError(
            "worker-of-other-version", worker=socket.gethostname(), found=gsign.__version__, wanted=version
        )


# ---------------------------------------------------------------- a worker's pools

_HERE: Final = threading.local()


class _Kept:
    """The pool of one thread of a worker: ended with the thread, or when other conditions come."""

    def __init__(self, conditions: Conditions) -> None:
        _require_same_anchors(conditions.anchors)
        folder = tempfile.TemporaryDirectory(prefix="gsign-anchors-")
        self.conditions = conditions
        self.pool = VerifierPool(_settings(conditions, Path(folder.name)), limits=conditions.limits)
        self.end = weakref.finalize(self, _end, self.pool, folder)


def _end(pool: VerifierPool, folder: tempfile.TemporaryDirectory[str]) -> None:
    pool.close()
    folder.cleanup()


def _pool(conditions: Conditions) -> VerifierPool:
    """Return this thread's pool: its processes are started once, not for each document."""
    kept: _Kept | None = getattr(_HERE, "kept", None)
    if kept is None or kept.conditions != conditions:
        if kept is not None:
            kept.end()
        kept = _HERE.kept = _Kept(conditions)
    return kept.pool


def _settings(conditions: Conditions, folder: Path) -> Settings:
    archive = Path(conditions.archive) if conditions.archive else None
    return Settings(
        trust=_written(conditions.anchors, folder),
        at=conditions.at,
        revocation=conditions.revocation,
        offline=conditions.offline,
        archive=archive if archive is not None and archive.is_dir() else None,
        allow_private_addresses=conditions.allow_private_addresses,
        password=password_in(conditions.password_file),
        file_digest=conditions.file_digest,
        render=conditions.render,
    )


def _written(anchors: Sequence[bytes], folder: Path) -> tuple[Path, ...]:
    if not anchors:
        return ()
    file = folder / "anchors.pem"
    file.write_text("".join(map(ssl.DER_cert_to_PEM_cert, anchors)), encoding="ascii")
    return (file,)


def _require_same_anchors(anchors: Sequence[bytes]) -> None:
    """Refuse to judge by more than was asked for: the verdict would depend on which worker a document came to.

    Raises:
        ConfigurationError: `worker-believes-others`.
    """
    from gsign.trust.own_anchors import OwnAnchors

    more = [anchor.certificate.raw for anchor in OwnAnchors.of_user().all() if anchor.certificate.raw not in anchors]
    if more:
        raise ConfigurationError("worker-believes-others", worker=socket.gethostname(), count=len(more))


def password_in(file: str | None) -> str | None:
    """Read the password of encrypted documents from the first line of a file; None where none is named.

    Raises:
        InputError: `password-file-unreadable`.
    """
    if file is None:
        return None
    try:
        with open(file, encoding="utf-8") as opened:
            return opened.readline().removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", None) or "UTF-8"
        raise InputError("password-file-unreadable", file=file, cause=cause) from None
