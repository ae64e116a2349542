"""What goes into /Contents: signed attributes, the key's signature, a timestamp (EN 319 142-1 clauses 5.3 and 6.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from gsign import cms
from gsign.result import Level
from gsign.signer import Algorithm, Digest, Signer, sign_meanwhile
from gsign.signing.request import PKCS7, SignRequest

__all__ = ["TIMESTAMP_ROOM", "Seal", "Stamper", "imprint_digest"]

TIMESTAMP_ROOM: Final = 8_192
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


def imprint_digest(digest: Digest) -> Digest:
    """Return the digest that a TSA is asked to stamp with."""
    return _IMPRINTS.get(digest, digest)


class Seal:
    """Make the CMS of one signature from the digest of what it covers.

    Args:
        signer: the key.
        algorithm: what it signs with.
        chain: certificates to carry beside the signer's.
        stamper: makes the signature a B-T one.
        signing_time: for the CMS of `adbe.pkcs7.detached`; PAdES has it in /M alone.
    """

    def __init__(
        self,
        signer: Signer,
        algorithm: Algorithm,
        chain: tuple[bytes, ...],
        *,
        stamper: Stamper | None = None,
        signing_time: datetime | None = None,
    ) -> None:
        self.signer = signer
        self.algorithm = algorithm
        self.chain = chain
        self.stamper = stamper
        self.signing_time = signing_time
        self.meanwhile: Callable[[], object] | None = None
        """What is done ahead while the key is at work."""
        self.timestamp_token: bytes | None = None
        """What the stamper returned, once made."""

    @classmethod
    def of(cls, signer: Signer, request: SignRequest, chain: tuple[bytes, ...], now: datetime) -> Seal:
        """Make what a request asks for.

        Raises:
            TokenError: `algorithm-unsupported`.
        """
        return cls(
            signer,
            signer.algorithm(request.scheme, request.digest),
            chain,
            stamper=None if request.level is Level.B_B else request.timestamps,
            signing_time=now if request.subfilter == PKCS7 else None,
        )

    @property
    def room(self) -> int:
        """Bytes to reserve for it."""
        size = cms.size_of(self.signer.certificate, self.algorithm, self.chain)
        return size + (TIMESTAMP_ROOM if self.stamper else 0)

    def make(self, message_digest: bytes) -> bytes:
        """Return the CMS.

        Raises:
            TokenError: the token, key or PIN is at fault.
            TemporaryError: no TSA answered.
        """
        attributes = cms.signed_attributes(
            self.signer.certificate, self.algorithm, message_digest, signing_time=self.signing_time
        )
        signature = sign_meanwhile(self.signer, attributes.to_sign, self.algorithm, self.meanwhile)
        if self.stamper is not None:
            digest = imprint_digest(self.algorithm.digest)
            self.timestamp_token = self.stamper.stamp(digest.new(signature).digest(), digest)
        return cms.assemble(attributes, signature, chain=self.chain, timestamp_token=self.timestamp_token)

    def timestamp_time(self) -> datetime | None:
        """Return when the authority says that the signature existed."""
        if self.timestamp_token is None:
            return None
        from gsign.trust.timestamp import read_token

        info, _, _ = read_token(self.timestamp_token)
        return info.time
