"""Fill a placeholder: digest, signed attributes, the key's signature, a timestamp (EN 319 142-1 clauses 6.3, 5.3)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from gsign import cms
from gsign.signer import Algorithm, Digest, Signer
from gsign.signing.placeholder import Placeholder

__all__ = ["TIMESTAMP_ROOM", "Stamper", "TooSmall", "imprint_digest", "seal", "seal_with_timestamp"]

TIMESTAMP_ROOM: Final = 12_288
"""Room reserved for a timestamp token at first, in bytes; one that needs more is signed again with enough."""

# Few TSAs know SHA-3: what they stamp is imprinted by the SHA-2 digest of the same strength.
_IMPRINTS: Final = {
    Digest.SHA3_256: Digest.SHA256,
    Digest.SHA3_384: Digest.SHA384,
    Digest.SHA3_512: Digest.SHA512,
}


class Stamper(Protocol):
    """Whatever gets a checked timestamp token for an imprint."""

    def stamp(self, imprint: bytes, digest: Digest) -> bytes:
        """Return the DER of a TimeStampToken."""
        ...


class TooSmall(Exception):  # noqa: N818 - an answer ("more room, please") rather than a fault
    """/Contents needs `size` bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


@dataclass(frozen=True, slots=True)
class Sealed:
    """What went into /Contents."""

    contents: bytes
    timestamp_token: bytes | None


def imprint_digest(digest: Digest) -> Digest:
    """Return the digest that a TSA is asked to stamp with."""
    return _IMPRINTS.get(digest, digest)


def seal(
    placeholder: Placeholder,
    before: hashlib._Hash,
    signer: Signer,
    algorithm: Algorithm,
    chain: tuple[bytes, ...],
    *,
    stamper: Stamper | None = None,
    signing_time: datetime | None = None,
) -> Sealed:
    """Sign the revision and all before it, and fill the placeholder.

    Args:
        placeholder: the revision.
        before: hash, by the algorithm's digest, of all bytes before the revision; it is used up.
        signer: the key.
        algorithm: what it signs with.
        chain: certificates to carry beside the signer's.
        stamper: makes the signature a B-T one.
        signing_time: for the CMS of `adbe.pkcs7.detached`; PAdES has it in /M alone.

    Raises:
        TooSmall: a timestamp did not fit; the placeholder is left empty.
        TokenError: the token, key or PIN is at fault.
        TemporaryError: no TSA answered.
    """
    attributes = cms.signed_attributes(
        signer.certificate, algorithm, _finish(before, placeholder), signing_time=signing_time
    )
    signature = signer.sign(attributes.to_sign, algorithm)
    token = None
    if stamper is not None:
        digest = imprint_digest(algorithm.digest)
        token = stamper.stamp(digest.new(signature).digest(), digest)
    contents = cms.assemble(attributes, signature, chain=chain, timestamp_token=token)
    _fill(placeholder, contents)
    return Sealed(contents, token)


def seal_with_timestamp(placeholder: Placeholder, before: hashlib._Hash, digest: Digest, stamper: Stamper) -> bytes:
    """Fill the placeholder of a document timestamp and return the token."""
    token = stamper.stamp(_finish(before, placeholder), digest)
    _fill(placeholder, token)
    return token


def _finish(before: hashlib._Hash, placeholder: Placeholder) -> bytes:
    for part in placeholder.covered():
        before.update(part)
    return before.digest()


def _fill(placeholder: Placeholder, contents: bytes) -> None:
    if len(contents) > placeholder.reserved:
        raise TooSmall(len(contents))
    placeholder.fill(contents)
