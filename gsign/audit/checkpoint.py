"""A checkpoint: where the chains end, signed with a key that the ledger's keepers cannot use alone.

A ledger that was written anew, with hashes that fit, does not have the entries that a checkpoint kept elsewhere knows.
It is a CMS SignedData (RFC 5652) around JSON, with the signing certificate bound (RFC 5035), and a timestamp of the
signature (RFC 3161) where an authority is configured: any CMS tool can open it.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gsign.audit import signature
from gsign.audit.entry import Chain, Entry, canonical
from gsign.audit.ledger import Ledger
from gsign.errors import InputError
from gsign.result import Indication, plain
from gsign.signer import Signer

if TYPE_CHECKING:
    from gsign.trust.revocation import RevocationClient
    from gsign.trust.store import TrustStore

__all__ = ["Checkpoint", "Made", "make_checkpoint", "read_checkpoint", "write_down"]

_FORMAT: Final = "gsign-checkpoint"
_VERSION: Final = 1
_LARGEST: Final = 64 << 20


class Made(NamedTuple):
    """A checkpoint that was made."""

    content: bytes
    """DER of the CMS."""
    heads: Mapping[str, tuple[int, str]]
    """Of each chain the number and the hash (hexadecimal) of its last entry."""
    stamped: bool


class Checkpoint(NamedTuple):
    """A checkpoint that was read, and what its signature is worth."""

    file: str
    heads: Mapping[str, tuple[int, str]]
    time: str
    """When it says that it was made."""
    proven: datetime | None
    """When its timestamp proves that it was there."""
    signer: str
    """Whom its certificate names."""
    indication: Indication
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        found = {name: plain(value) for name, value in self._asdict().items() if name != "heads"}
        return {**found, "chains": len(self.heads)}


def make_checkpoint(chains: list[Chain], signer: Signer, timestamps: signature.Timestamps | None) -> Made:
    """Sign where chains end.

    Args:
        chains: of a ledger.
        signer: signs.
        timestamps: stamps the signature; None where no authority is configured.

    Raises:
        TokenError: as the signer.
        TemporaryError: no timestamp is to be had.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    heads = {chain.writer: (chain.number, chain.hash.hex()) for chain in chains}
    content = canonical({"format": _FORMAT, "version": _VERSION, "time": now.isoformat(), "heads": heads}).encode()
    signed = signature.sign(content, signer, timestamps, now)
    return Made(signed.around(content), heads, signed.timestamp is not None)


def write_down(ledger: Ledger, made: Made, file: Path, signer: Signer) -> Entry:
    """Write down that a checkpoint was made; the entry holds the heads itself, as one that anchors chains does.

    Raises:
        TemporaryError: `ledger-unwritable`.
    """
    from gsign.trust.certificate import Certificate

    named = Certificate.of(signer.certificate).signer_info()
    body = {
        "by": getpass.getuser(),
        "heads": made.heads,
        "sha256": hashlib.sha256(made.content).hexdigest(),
        "file": file.name,
        "key": "token" if signer.is_token else "file",
        "signer": {"name": named.name, "email": named.email, "serial": named.serial},
        "stamped": made.stamped,
    }
    return ledger.append("checkpoint", body)


def read_checkpoint(
    path: Path, *, trust: TrustStore | None, revocation: RevocationClient, at: datetime | None = None
) -> Checkpoint:
    """Read a checkpoint, and judge its signature.

    (1) It is a CMS of one signer around JSON of ours; (2) the signature holds; (3) its timestamp, where there is one;
    (4) the certificate, at the proven time or now (EN 319 102-1 clause 5).

    Args:
        path: of the file.
        trust: anchors; None for the pinned ones.
        revocation: looks after the status of certificates.
        at: when to judge what no timestamp dates; None for now.

    Raises:
        InputError: `checkpoint-not-one`, `input-unreadable`.
    """
    try:
        signed = signature.read(_octets(path))
        content = signed.econtent or b""
        heads, time = _content(path, content)
        judged = signature.judge(signed, content, trust=trust, revocation=revocation, at=at)
    except signature.SignatureError as error:
        raise _not_one(path, str(error)) from error
    return Checkpoint(str(path), heads, time, judged.proven, judged.signer, judged.indication, judged.reasons)


def _octets(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise InputError("input-unreadable", file=str(path), cause=os.strerror(error.errno or 0)) from error


def _content(path: Path, content: bytes) -> tuple[dict[str, tuple[int, str]], str]:
    try:
        found = json.loads(content)
        if (found["format"], found["version"]) == (_FORMAT, _VERSION):
            heads = {str(writer): (int(number), str(hash_)) for writer, (number, hash_) in found["heads"].items()}
            return heads, str(found["time"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise _not_one(path, "content-type-wrong")


def _not_one(path: Path, cause: str) -> InputError:
    return InputError("checkpoint-not-one", file=str(path), cause=cause)
