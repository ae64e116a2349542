"""Trust anchors: a name and a public key each (RFC 5280 6.1.1 d), pinned as facts or added by the user."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from gsign.cms.names import COMMON_NAME, COUNTRY, ORGANISATION, UNIT, Name
from gsign.trust.certificate import Certificate

__all__ = ["Anchor", "Use", "anchor_of", "pinned_authorities"]

LOCAL: Final = "local"

_ATTRIBUTES: Final = {"C": COUNTRY, "O": ORGANISATION, "OU": UNIT, "CN": COMMON_NAME}


class Use:
    """What a pinned authority counts for; see certs/README.md."""

    ANCHOR: Final = "anchor"
    INTERMEDIATE: Final = "intermediate"
    KNOWN: Final = "known"


class Anchor(NamedTuple):
    """An authority whose key is believed without a further signature, within its validity."""

    name: Name
    spki: bytes
    domain: str
    sha256: str
    not_before: datetime
    not_after: datetime
    certificate: bytes | None = None
    """DER, where it is at hand: pinned anchors are facts only."""
    is_ca: bool = True
    path_length: int | None = None
    identifier: str = ""
    """Name of a pinned authority in certs/anchors.toml."""
    use: str = Use.ANCHOR
    issuer: str | None = None
    """Identifier of the pinned authority that signed this one."""
    serial: int | None = None
    certificate_urls: tuple[str, ...] = ()
    crl_urls: tuple[str, ...] = ()
    ocsp_urls: tuple[str, ...] = ()
    corroboration: str = ""
    """How well a pinned fact is known."""

    @property
    def label(self) -> str:
        """A name for messages."""
        return self.name.first(COMMON_NAME) or str(self.name)


def anchor_of(certificate: bytes, domain: str = LOCAL) -> Anchor:
    """Make an anchor of a certificate that the user believes.

    Raises:
        gsign.trust.certificate.CertificateError: no certificate.
    """
    facts = Certificate.of(certificate)
    return Anchor(
        name=facts.subject,
        spki=facts.spki,
        domain=domain,
        sha256=facts.sha256,
        not_before=facts.not_before,
        not_after=facts.not_after,
        certificate=facts.raw,
        is_ca=facts.is_ca and facts.allows("keyCertSign"),
        path_length=facts.extensions.path_length,
        serial=facts.serial,
    )


@lru_cache(maxsize=1)
def pinned_authorities() -> tuple[Anchor, ...]:
    """Load certs/anchors.toml: what is trusted, what stands in between, and what is known only."""
    import tomllib

    with _facts_file().open("rb") as file:
        return tuple(_pinned(entry) for entry in tomllib.load(file)["authority"])


def _facts_file() -> Path:
    # Installed, the file lies inside the package; in a checkout it has its fixed place at the top.
    package = Path(__file__).resolve().parent.parent
    installed = package / "data" / "anchors.toml"
    return installed if installed.exists() else package.parent / "certs" / "anchors.toml"


def _pinned(entry: Mapping[str, Any]) -> Anchor:
    attributes = (line.partition("=") for line in entry["subject"])
    return Anchor(
        name=Name(b"", tuple(((_ATTRIBUTES[kind], text),) for kind, _, text in attributes)),
        spki=base64.b64decode(entry["public_key"]),
        domain=entry["domain"],
        sha256=entry["sha256"],
        not_before=entry["not_before"],
        not_after=entry["not_after"],
        path_length=entry.get("path_length"),
        identifier=entry["id"],
        use=entry["use"],
        issuer=entry.get("issuer"),
        serial=int(entry["serial"], 16),
        certificate_urls=tuple(entry.get("certificate_urls", ())),
        crl_urls=tuple(entry.get("crl_urls", ())),
        ocsp_urls=tuple(entry.get("ocsp_urls", ())),
        corroboration=entry.get("corroboration", ""),
    )
