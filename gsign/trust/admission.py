"""Whether a certificate that somebody hands over may be taken in: by its pin, or by a person's word for its SHA-256.

Nothing in a certificate counts for this, its name least of all: anybody can make one that says anything.
"""

from __future__ import annotations

import enum
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from gsign.errors import ConfigurationError, TemporaryError, UsageError
from gsign.trust.anchors import LOCAL, Anchor, Use, pinned_authorities
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.fetch import FetchError, fetch
from gsign.trust.files import certificates_in, read_certificates
from gsign.trust.kept import KeptCertificates
from gsign.trust.own_anchors import OwnAnchor, OwnAnchors

__all__ = ["Candidate", "Standing", "candidates_at", "find_own", "take_in"]

_MAX_FILE = 1 << 20


class Standing(enum.StrEnum):
    """What is known about a certificate that somebody hands over."""

    PINNED = "pinned"
    """It is the very certificate of an anchor or intermediate in certs/anchors.toml: nothing to decide."""
    CONFIRMED = "confirmed"
    """The user confirmed it before."""
    UNCONFIRMED = "unconfirmed"
    """A person must confirm its SHA-256."""


class Candidate(NamedTuple):
    """A certificate that somebody hands over."""

    certificate: Certificate
    standing: Standing
    pin: Anchor | None
    """The pinned authority whose very certificate it is."""
    namesake: Anchor | None
    """A pinned authority that has the same name and is another one."""

    @property
    def domain(self) -> str:
        """Trust domain that it stands for, or will once it is confirmed."""
        return self.pin.domain if self.pin else LOCAL


def candidates_at(place: str, *, timeout: float) -> list[Candidate]:
    """Read the certificates of a file, a folder or an address, and say what is known about each.

    Args:
        place: path or http(s) URL.
        timeout: seconds for the whole exchange.

    Raises:
        ConfigurationError: `trust-unreadable`, `trust-not-a-certificate` or `trust-empty`.
        TemporaryError: `trust-not-fetched`.
    """
    raws = _fetched(place, timeout) if place.startswith(("http://", "https://")) else read_certificates(Path(place))
    confirmed = {own.certificate.sha256 for own in OwnAnchors.of_user().all()}
    return [_examine(Certificate.of(raw), confirmed) for raw in dict.fromkeys(raws)]


def take_in(candidate: Candidate, source: str, now: datetime) -> None:
    """Take a certificate in that is pinned or that a person has just confirmed.

    Raises:
        ConfigurationError: `trust-unwritable`.
    """
    if candidate.standing is Standing.PINNED:
        kept = KeptCertificates.of_user()
        if not kept.keep(candidate.certificate.raw):
            raise ConfigurationError("trust-unwritable", path=str(kept.folder), cause="–")
    elif candidate.standing is Standing.UNCONFIRMED:
        OwnAnchors.of_user().add(candidate.certificate.raw, source, now)


def find_own(wanted: str) -> OwnAnchor:
    """Find one of the user's own anchors.

    Args:
        wanted: the beginning of its SHA-256, at least four characters, or its name.

    Raises:
        UsageError: `trust-no-such`, `trust-ambiguous`, or `trust-pinned` for what is not the user's own.
    """
    prefix = wanted.replace(":", "").lower()
    found = [own for own in OwnAnchors.of_user().all() if _fits(own.certificate, prefix, wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError("trust-ambiguous", wanted=wanted, found=", ".join(own.certificate.sha256 for own in found))
    if any(_fits(pin, prefix, wanted) or pin.identifier == wanted for pin in pinned_authorities()):
        raise UsageError("trust-pinned", wanted=wanted)
    raise UsageError("trust-no-such", wanted=wanted)


def _fits(holder: Certificate | Anchor, prefix: str, name: str) -> bool:
    return (len(prefix) >= 4 and holder.sha256.startswith(prefix)) or holder.label.casefold() == name.casefold()


def _fetched(url: str, timeout: float) -> list[bytes]:
    try:
        return certificates_in(fetch(url, timeout=timeout, max_bytes=_MAX_FILE))
    except FetchError as error:
        raise TemporaryError("trust-not-fetched", url=url, cause=error.reason) from error
    except CertificateError as error:
        raise TemporaryError("trust-not-fetched", url=url, cause="no-certificate") from error


def _examine(certificate: Certificate, confirmed: set[str]) -> Candidate:
    pin = next((a for a in pinned_authorities() if a.sha256 == certificate.sha256), None)
    namesake = next((a for a in pinned_authorities() if a.name.normal == certificate.subject.normal), None)
    if certificate.sha256 in confirmed:
        standing = Standing.CONFIRMED
    elif pin is not None and pin.use != Use.KNOWN:
        standing = Standing.PINNED
    else:
        standing = Standing.UNCONFIRMED
    return Candidate(certificate, standing, pin, namesake if pin is None else None)
