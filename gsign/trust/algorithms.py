"""What an algorithm is worth at a time: a dated policy, as data.

For new signatures Circular 15/2025/TT-BKHCN allows RSA from 2048 bits, ECDSA from 256 and SHA-2 or SHA-3. What was
made before may still be believed where a trusted time shows that it existed while nobody could forge it; that is a
`legacy` verdict, which is never silent.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from gsign.trust.signatures import KeyFacts

__all__ = ["Purpose", "Worth", "judge_digest", "judge_key"]


class Purpose(enum.StrEnum):
    """What a digest protects; collisions threaten some uses earlier than others."""

    SIGNATURE = "signature"
    CERTIFICATE = "certificate"
    STATUS = "status"
    TIMESTAMP = "timestamp"
    IMPRINT = "imprint"


class Worth(enum.StrEnum):
    """Whether an algorithm may be relied upon."""

    GOOD = "good"
    LEGACY = "legacy"
    WEAK = "weak"


def _day(year: int, month: int = 1, day: int = 1) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


_STRONG_DIGESTS: Final = frozenset(
    {"sha256", "sha384", "sha512", "sha512-224", "sha512-256", "sha3-256", "sha3-384", "sha3-512"}
)

# Exclusive ends. The time that is compared must be proven, or be now: `--at` and a signer's own clock prove nothing.
#
# A chosen-prefix collision of SHA-1 was published in January 2020 (Leurent, Peyrin) and state agencies
# signed with it through that year. Certificates that the first government CA signed with it were in use through 2023. A
# timestamp's imprint needs a second preimage to be abused, and some authorities still take SHA-1 for it: NIST
# SP 800-131A retires the algorithm for every use after 2030, and with it SHA-224, which the Circular does not list.
_DIGEST_ENDS: Final[Mapping[tuple[str, Purpose], datetime]] = {
    ("sha1", Purpose.SIGNATURE): _day(2021),
    ("sha1", Purpose.CERTIFICATE): _day(2024),
    ("sha1", Purpose.STATUS): _day(2024),
    ("sha1", Purpose.TIMESTAMP): _day(2024),
    ("sha1", Purpose.IMPRINT): _day(2031),
    **{("sha224", purpose): _day(2031) for purpose in Purpose},
}

_GOOD_RSA_BITS: Final = 2048
_GOOD_EC_BITS: Final = 256
# RSA of 1024 bits was disallowed after 2013 (NIST SP 800-131A).
_LEGACY_RSA_BITS: Final = 1024
_LEGACY_RSA_END: Final = _day(2014)
_CURVES: Final = frozenset(
    {"secp256r1", "secp384r1", "secp521r1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1", "secp256k1"}
)


def judge_digest(name: str, purpose: Purpose, at: datetime) -> Worth:
    """Judge a digest by its name in `hashlib` spelling with hyphens.

    Args:
        name: such as `sha256`.
        purpose: what it protects.
        at: the proven time, else now.
    """
    if name in _STRONG_DIGESTS:
        return Worth.GOOD
    end = _DIGEST_ENDS.get((name, purpose))
    return Worth.LEGACY if end is not None and at < end else Worth.WEAK


def judge_key(key: KeyFacts, at: datetime) -> Worth:
    """Judge a public key's kind and size at a proven time, else now."""
    match key.kind:
        case "rsa" if key.bits >= _GOOD_RSA_BITS:
            return Worth.GOOD
        case "rsa" if key.bits >= _LEGACY_RSA_BITS and at < _LEGACY_RSA_END:
            return Worth.LEGACY
        case "ec" if key.curve in _CURVES and key.bits >= _GOOD_EC_BITS:
            return Worth.GOOD
        case "ed25519":
            return Worth.GOOD
    return Worth.WEAK
