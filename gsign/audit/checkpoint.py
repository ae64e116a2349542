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
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from gsign import cms
from gsign.audit.entry import Chain, Entry, canonical
from gsign.audit.ledger import Ledger
from gsign.cms import CmsError, SignedData, SignerInfo
from gsign.errors import InputError
from gsign.result import Indication, plain
from gsign.signer import Digest, Signer

if TYPE_CHECKING:
    from gsign.trust.revocation import RevocationClient
    from gsign.trust.store import TrustStore

__all__ = ["Checkpoint", "Made", "make_checkpoint", "read_checkpoint", "write_down"]

_FORMAT: Final = "gsign-checkpoint"
_VERSION: Final = 1
_LARGEST: Final = 64 << 20


class Timestamps(Protocol):
    """Whoever gives timestamps."""

    def stamp(self, imprint: bytes, digest: Digest) -> bytes:
        """Get a timestamp over a digest.

        Raises:
            TemporaryError: none is to be had.
        """
        ...


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


def make_checkpoint(chains: list[Chain], signer: Signer, timestamps: Timestamps | None) -> Made:
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
    algorithm = signer.algorithm()
    digest = algorithm.digest.new(content).digest()
    attributes = cms.signed_attributes(signer.certificate, algorithm, digest, signing_time=now)
    signature = signer.sign(attributes.to_sign, algorithm)
    token = timestamps.stamp(algorithm.digest.new(signature).digest(), algorithm.digest) if timestamps else None
    pieces = cms.assemble_around(attributes, signature, [content], chain=signer.chain, timestamp_token=token)
    return Made(b"".join(pieces), heads, token is not None)


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
    from gsign.trust.certificate import Certificate
    from gsign.trust.identity import judge_identity, signature_timestamp

    signed, info = _opened(path)
    content = signed.econtent or b""
    heads, time = _content(path, content)
    held = _Signed(info, signed.signer_certificate(info))
    if held.certificate is None:
        raise _not_one(path, "signer-certificate-missing")
    context = _context(trust, revocation, at, signed.certificates)
    try:
        cms.verify_signer_info(info, held.certificate, hashlib.new(info.digest.replace("-", "_"), content).digest())
        named = Certificate.of(held.certificate).signer_info()
    except ValueError as error:
        raise _not_one(path, str(getattr(error, "reason", error))) from error
    proven = signature_timestamp(held, context)
    identity = judge_identity(held, proven.time, None, context)
    reasons = (*identity.reasons, *identity.warnings, *proven.warnings)
    return Checkpoint(
        str(path), heads, time, proven.time, named.name or named.serial or "?", identity.indication, reasons
    )


class _Signed(NamedTuple):
    info: SignerInfo
    certificate: bytes | None


def _opened(path: Path) -> tuple[SignedData, SignerInfo]:
    try:
        with open(path, "rb") as file:
            data = file.read(_LARGEST)
    except OSError as error:
        raise InputError("input-unreadable", file=str(path), cause=os.strerror(error.errno or 0)) from error
    try:
        signed = cms.read(data)
        (info,) = signed.signer_infos
    except CmsError as error:
        raise _not_one(path, error.reason) from error
    except ValueError as error:
        raise _not_one(path, "no-signer") from error
    return signed, info


def _content(path: Path, content: bytes) -> tuple[dict[str, tuple[int, str]], str]:
    try:
        found = json.loads(content)
        if (found["format"], found["version"]) == (_FORMAT, _VERSION):
            heads = {str(writer): (int(number), str(hash_)) for writer, (number, hash_) in found["heads"].items()}
            return heads, str(found["time"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise _not_one(path, "content-type-wrong")


def _context(
    trust: TrustStore | None, revocation: RevocationClient, at: datetime | None, others: tuple[bytes, ...]
) -> Any:
    from gsign.trust.evidence import ValidationData
    from gsign.trust.identity import Context
    from gsign.trust.store import default_store

    store = revocation.completing(trust or default_store(), strangers=True)
    return Context(store, revocation, at, datetime.now(UTC), others, ValidationData())


def _not_one(path: Path, cause: str) -> InputError:
    return InputError("checkpoint-not-one", file=str(path), cause=cause)
