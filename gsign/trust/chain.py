"""A certification path as found and judged."""

from __future__ import annotations

from typing import NamedTuple

from gsign.cms.names import Name
from gsign.trust.anchors import Anchor
from gsign.trust.certificate import Certificate

__all__ = ["Chain", "Link"]


class Link(NamedTuple):
    """A certificate of a path with its issuer's name and key."""

    certificate: Certificate
    issuer: Name
    issuer_spki: bytes
    issuer_certificate: bytes | None
    """DER, where it is at hand."""


class Chain(NamedTuple):
    """A path from a certificate up to, and without, its anchor; `reasons` say what is wrong with it."""

    path: tuple[Certificate, ...]
    anchor: Anchor | None = None
    sub_indication: str | None = None
    """As ETSI EN 319 102-1 5.1.3 names it; None where the path holds."""
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """DER of the path's certificates, leaf first."""
        return tuple(certificate.raw for certificate in self.path)

    @property
    def is_trusted(self) -> bool:
        """Whether the path ends at an anchor and nothing is wrong with it."""
        return self.anchor is not None and self.sub_indication is None

    @property
    def domain(self) -> str | None:
        """Trust domain of the anchor: `vgca`, `national`, `local`, or None."""
        return self.anchor.domain if self.anchor else None

    def links(self) -> tuple[Link, ...]:
        """List each certificate that an authority of the path can answer for, leaf first."""
        if self.anchor is None or self.path[0].sha256 == self.anchor.sha256:
            return ()
        issuers = [(c.subject, c.spki, c.raw) for c in self.path[1:]]
        issuers.append((self.anchor.name, self.anchor.spki, self.anchor.certificate))  # type: ignore[arg-type]
        return tuple(Link(c, *issuer) for c, issuer in zip(self.path, issuers, strict=True))

    def __bool__(self) -> bool:
        raise TypeError("a chain is neither true nor false: look at .is_trusted")
