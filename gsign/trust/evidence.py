"""What an OCSP response or a CRL says about one certificate, and what that is worth at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from gsign.result import Revocation

__all__ = ["Evidence", "ValidationData"]

SKEW: Final = timedelta(minutes=5)
# An OCSP response without nextUpdate is about the moment (RFC 6960 2.4).
_MOMENT: Final = timedelta(minutes=10)
# unspecified, affiliationChanged, superseded, cessationOfOperation
_WITHOUT_HARM: Final = frozenset({0, 3, 4, 5})


class Evidence(NamedTuple):
    """A verified statement about one certificate."""

    is_ocsp: bool
    raw: bytes
    """DER of the OCSPResponse or CertificateList."""
    status: Revocation
    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None = None
    reason: int | None = None
    """Why it was revoked (CRLReason, RFC 5280 5.3.1); None where the authority does not say."""
    retained_from: datetime | None = None
    """Certificates that expired since are still answered for (archiveCutoff, expiredCertsOnCRL)."""
    responder: bytes | None = None
    """DER of the delegated OCSP responder's certificate."""

    @property
    def usable_until(self) -> datetime:
        """When to ask again."""
        return self.next_update or self.this_update + _MOMENT

    def at(self, moment: datetime, not_after: datetime, now: datetime) -> Revocation:
        """Say what the status was at `moment`.

        Args:
            moment: the judged time.
            not_after: end of the certificate's validity: an authority may forget what expired.
            now: no statement from the future counts.

        Returns:
            UNKNOWN where the statement does not cover that time.
        """
        if self.this_update > now + SKEW:
            return Revocation.UNKNOWN
        if self.status is Revocation.REVOKED and self.revoked_at is not None:
            return Revocation.REVOKED if self.revoked_at <= moment else Revocation.GOOD
        if self.status is not Revocation.GOOD or not self._covers(moment):
            return Revocation.UNKNOWN
        if self.this_update > not_after and not self._retains(not_after):
            return Revocation.UNKNOWN
        return Revocation.GOOD

    @property
    def voids_timestamps(self) -> bool:
        """Tell whether an authority's revocation takes the worth of all its timestamps, also of those before.

        Who has the key can stamp any time; only a reason that rules this out spares the earlier ones (RFC 3161 4).
        """
        return self.status is Revocation.REVOKED and self.reason not in _WITHOUT_HARM

    def is_later_than(self, moment: datetime) -> bool:
        """Tell whether nothing newer is needed for `moment`."""
        return self.this_update >= moment

    def _covers(self, moment: datetime) -> bool:
        return self.this_update >= moment or moment <= self.usable_until + SKEW

    def _retains(self, not_after: datetime) -> bool:
        return self.retained_from is not None and self.retained_from <= not_after


class ValidationData(NamedTuple):
    """What a DSS carries (EN 319 142-1 5.4.2): DER of certificates, OCSP responses and CRLs."""

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    def __add__(self, other: ValidationData) -> ValidationData:  # type: ignore[override]  # no concatenation
        """Join, each value once."""
        return ValidationData(
            tuple(dict.fromkeys(self.certificates + other.certificates)),
            tuple(dict.fromkeys(self.ocsps + other.ocsps)),
            tuple(dict.fromkeys(self.crls + other.crls)),
        )
