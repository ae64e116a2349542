"""What an empty signature field demands of the signature that fills it (ISO 32000-2 clause 12.7.5.5, Table 237)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from gsign.errors import InputError
from gsign.result import Level
from gsign.signer import Digest
from gsign.signing.request import SignRequest
from gsign.syntax.reader import Document, decode_text

__all__ = ["Offer", "check_seed_values"]

_PDF_DIGESTS: Final = {"SHA256": Digest.SHA256, "SHA384": Digest.SHA384, "SHA512": Digest.SHA512} | {
    f"SHA3-{size}": Digest(f"sha3-{size}") for size in (256, 384, 512)
}
# Bit of /Ff → the constraint is required. What we cannot judge is refused only where it is required.
_FILTER, _SUBFILTER, _VERSION, _REASONS, _LEGAL, _ADD_REVOCATION, _DIGEST, _LOCK, _APPEARANCE = (
    1 << bit for bit in range(9)
)
_HIGHEST_VERSION: Final = 3


class Offer(NamedTuple):
    """What the signature will be."""

    subfilter: str
    digest: Digest
    reason: str | None
    certify: int | None
    is_timestamped: bool

    @classmethod
    def of(cls, request: SignRequest, digest: Digest) -> Offer:
        """Say what a request comes to, with the digest that was chosen for it."""
        is_timestamped = request.level is not Level.B_B
        return cls(request.subfilter, digest, request.reason, request.certify, is_timestamped)


def check_seed_values(document: Document, field: str, seed: dict[str, Any], offer: Offer) -> None:
    """Refuse a signature that does not meet what the field requires.

    Args:
        document: the document.
        field: name of the field.
        seed: its /SV dictionary.
        offer: what the signature will be.

    Raises:
        InputError: `field-seed-values`, naming the entry of /SV that is not met.
    """
    values = {key: document.get(value) for key, value in seed.items()}
    flags = values.get("Ff", 0)
    flags = flags if isinstance(flags, int) else -1
    met = {
        "Filter": (_FILTER, values.get("Filter") in (None, "Adobe.PPKLite")),
        "SubFilter": (_SUBFILTER, _is_among(offer.subfilter, values.get("SubFilter"))),
        "V": (_VERSION, _is_at_most(values.get("V"), _HIGHEST_VERSION)),
        "Reasons": (_REASONS, _reason_fits(values.get("Reasons"), offer.reason)),
        "LegalAttestation": (_LEGAL, "LegalAttestation" not in values),
        "AddRevInfo": (_ADD_REVOCATION, not values.get("AddRevInfo")),
        "DigestMethod": (_DIGEST, _digest_fits(values.get("DigestMethod"), offer.digest)),
        "LockDocument": (_LOCK, "LockDocument" not in values),
        "AppearanceFilter": (_APPEARANCE, "AppearanceFilter" not in values),
        # These three have no bit of their own in /Ff.
        "Cert": (0, not _requires(document, values.get("Cert"))),
        "TimeStamp": (0, offer.is_timestamped or not _requires(document, values.get("TimeStamp"))),
        "MDP": (0, _certification_fits(document, values.get("MDP"), offer.certify)),
    }
    for constraint, (bit, is_met) in met.items():
        if not is_met and (not bit or flags & bit):
            raise InputError("field-seed-values", field=field, constraint=constraint)


def _is_among(value: str, allowed: Any) -> bool:
    return not isinstance(allowed, list) or value in allowed


def _is_at_most(version: Any, highest: int) -> bool:
    return version is None or (isinstance(version, (int, float)) and version <= highest)


def _reason_fits(reasons: Any, reason: str | None) -> bool:
    if not isinstance(reasons, list):
        return True
    allowed = [decode_text(r) for r in reasons if isinstance(r, bytes)]
    # A single full stop, or nothing, means that no reason may be given.
    return not reason if allowed in ([], ["."]) else reason in allowed


def _digest_fits(methods: Any, digest: Digest) -> bool:
    if not isinstance(methods, list):
        return True
    return digest in [_PDF_DIGESTS.get(m.decode("latin-1").upper()) for m in methods if isinstance(m, bytes)]


def _requires(document: Document, constraint: Any) -> bool:
    return isinstance(constraint, dict) and bool(document.get(constraint.get("Ff", 0)))


def _certification_fits(document: Document, constraint: Any, certify: int | None) -> bool:
    if not isinstance(constraint, dict):
        return True
    wanted = document.get(constraint.get("P"))
    # 0 asks for an approval signature; 1 to 3 for a certification with these permissions.
    return bool(wanted == (certify or 0))
