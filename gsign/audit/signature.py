"""CMS signatures over what a ledger is proved by, made and judged: checkpoints, and the manifest of evidence.

Any CMS tool reads them (RFC 5652); the signing certificate is bound (RFC 5035), and a timestamp of the signature
(RFC 3161) says when it was there.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from gsign import cms
from gsign.cms import CmsError, SignedAttributes, SignedData, SignerInfo
from gsign.result import Indication
from gsign.signer import Digest, Signer

if TYPE_CHECKING:
    from gsign.trust.revocation import RevocationClient
    from gsign.trust.store import TrustStore

__all__ = ["Judged", "SignatureError", "Signed", "Timestamps", "judge", "read", "sign"]


class Timestamps(Protocol):
    """Whoever gives timestamps."""

    def stamp(self, imprint: bytes, digest: Digest) -> bytes:
        """Get a timestamp over a digest.

        Raises:
            TemporaryError: none is to be had.
        """
        ...


class Signed(NamedTuple):
    """What a signature is put together from."""

    attributes: SignedAttributes
    signature: bytes
    chain: tuple[bytes, ...]
    timestamp: bytes | None

    def around(self, content: bytes) -> bytes:
        """Return DER of a SignedData that carries its content."""
        return b"".join(
            cms.assemble_around(
                self.attributes, self.signature, [content], chain=self.chain, timestamp_token=self.timestamp
            )
        )

    def detached(self) -> bytes:
        """Return DER of a SignedData without its content."""
        return cms.assemble(self.attributes, self.signature, chain=self.chain, timestamp_token=self.timestamp)


class Judged(NamedTuple):
    """What a signature is worth."""

    signer: str
    """Whom the certificate names."""
    certificate: bytes
    proven: datetime | None
    """When its timestamp proves that it was there."""
    indication: Indication
    reasons: tuple[str, ...]


class SignatureError(ValueError):
    """It is no signature of one signer, or does not hold; its text says why."""


def sign(content: bytes, signer: Signer, timestamps: Timestamps | None, now: datetime) -> Signed:
    """Sign some content.

    Args:
        content: what is signed.
        signer: signs.
        timestamps: stamps the signature; None where no authority is configured.
        now: aware, of whole seconds.

    Raises:
        TokenError: as the signer.
        TemporaryError: no timestamp is to be had.
    """
    algorithm = signer.algorithm()
    digest = algorithm.digest.new(content).digest()
    attributes = cms.signed_attributes(signer.certificate, algorithm, digest, signing_time=now)
    signature = signer.sign(attributes.to_sign, algorithm)
    token = timestamps.stamp(algorithm.digest.new(signature).digest(), algorithm.digest) if timestamps else None
    return Signed(attributes, signature, signer.chain, token)


def read(octets: bytes) -> SignedData:
    """Read a SignedData of one signer.

    Raises:
        SignatureError: it is none.
    """
    try:
        signed = cms.read(octets)
    except CmsError as error:
        raise SignatureError(error.reason) from error
    if len(signed.signer_infos) != 1:
        raise SignatureError("no-signer")
    return signed


def judge(
    signed: SignedData,
    content: bytes,
    *,
    trust: TrustStore | None,
    revocation: RevocationClient,
    at: datetime | None = None,
) -> Judged:
    """Judge a signature.

    (1) It holds; (2) its timestamp, where there is one; (3) the certificate, at the proven time or now (EN 319 102-1
    clause 5).

    Args:
        signed: as `read` returned it.
        content: what was signed.
        trust: anchors; None for the pinned ones.
        revocation: looks after the status of certificates.
        at: when to judge what no timestamp dates; None for now.

    Raises:
        SignatureError: it does not hold.
    """
    from gsign.trust.certificate import Certificate
    from gsign.trust.identity import judge_identity, signature_timestamp

    (info,) = signed.signer_infos
    held = _Held(info, signed.signer_certificate(info))
    if held.certificate is None:
        raise SignatureError("signer-certificate-missing")
    try:
        cms.verify_signer_info(info, held.certificate, hashlib.new(info.digest.replace("-", "_"), content).digest())
        named = Certificate.of(held.certificate).signer_info()
    except ValueError as error:
        raise SignatureError(str(getattr(error, "reason", error))) from error
    context = _context(trust, revocation, at, signed.certificates)
    proven = signature_timestamp(held, context)
    identity = judge_identity(held, proven.time, None, context)
    reasons = (*identity.reasons, *identity.warnings, *proven.warnings)
    name = named.name or named.serial or "?"
    return Judged(name, held.certificate, proven.time, identity.indication, reasons)


class _Held(NamedTuple):
    info: SignerInfo
    certificate: bytes | None


def _context(
    trust: TrustStore | None, revocation: RevocationClient, at: datetime | None, others: tuple[bytes, ...]
) -> Any:
    from gsign.trust.evidence import ValidationData
    from gsign.trust.identity import Context
    from gsign.trust.store import default_store

    store = revocation.completing(trust or default_store(), strangers=True)
    return Context(store, revocation, at, datetime.now(UTC), others, ValidationData())
