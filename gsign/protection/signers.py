"""The signers of a SignedData, each held against what was signed (RFC 5652 clause 5.6, RFC 8551 clause 2.5)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from gsign import cms, der
from gsign.cms import CmsError, SignedData, SignerInfo
from gsign.cms.identifiers import ID_SIGNING_TIME
from gsign.protection.documents import is_signed_document
from gsign.protection.layers import OPAQUE, Layer

__all__ = ["DOMAIN_SIGNATURE", "SIGNATURE_TYPE", "CheckedSigner", "Content", "check_signers", "open_signed"]

SIGNATURE_TYPE: Final = "1.2.840.113549.1.9.16.2.28"
DOMAIN_SIGNATURE: Final = "1.2.840.113549.1.9.16.9.2"
"""The type of an agency's signature over what its author wrote (RFC 3183 clause 3.2)."""
_MAX_SIGNERS: Final = 8


class CheckedSigner(NamedTuple):
    """One signer's part, its certificate, and why it does not hold; None where it does."""

    info: SignerInfo
    certificate: bytes | None
    reason: str | None = None
    signing_time: datetime | None = None
    is_agency: bool = False
    """Whether it says to be an agency's signature over what its author wrote (RFC 3183 clause 3.2)."""


class Content(NamedTuple):
    """What was signed: the octets, and the CMS about them."""

    octets: bytes | memoryview
    signed: SignedData


def open_signed(layer: Layer) -> Content:
    """Read the CMS of a signed layer, and find what it is about.

    Raises:
        CmsError: it cannot be read, has no signer or too many, or content where there should be none, or none where
            there should be; `signature-of-document`.
    """
    signed = cms.read(layer.cms)
    if not 0 < len(signed.signer_infos) <= _MAX_SIGNERS:
        raise CmsError("no-signer" if not signed.signer_infos else "too-many-signers")
    if signed.content_type != cms.ID_DATA:
        raise CmsError("content-type-wrong")
    if layer.form == OPAQUE:
        if signed.econtent is None:
            raise CmsError("content-missing")
        return _content(signed.econtent, signed)
    if signed.econtent is not None or layer.entity is None:
        raise CmsError("content-not-detached")
    return _content(layer.entity.raw, signed)


def _content(octets: bytes | memoryview, signed: SignedData) -> Content:
    # Whoever signed a document has not signed a message, whatever else its octets are.
    if is_signed_document(octets):
        raise CmsError("signature-of-document")
    return Content(octets, signed)


def check_signers(content: Content) -> list[CheckedSigner]:
    """Check every signer; each digest is computed once."""
    digests: dict[str, bytes] = {}

    def digest_of(name: str) -> bytes:
        if name not in digests:
            digests[name] = hashlib.new(name.replace("-", "_"), content.octets, usedforsecurity=False).digest()
        return digests[name]

    return [_check(info, content.signed, digest_of) for info in content.signed.signer_infos]


def _check(info: SignerInfo, signed: SignedData, digest_of: Callable[[str], bytes]) -> CheckedSigner:
    certificate = None
    try:
        certificate = signed.signer_certificate(info)
        if certificate is None:
            return CheckedSigner(info, None, "signer-certificate-missing")
        cms.verify_signer_info(info, certificate, digest_of(info.digest))
        kind = info.signed_value(SIGNATURE_TYPE)
        return CheckedSigner(info, certificate, None, _signing_time(info), kind is not None and _is_domain(kind))
    except CmsError as error:
        return CheckedSigner(info, certificate, error.reason)
    except (ValueError, IndexError, TypeError):
        return CheckedSigner(info, certificate, "cms-malformed")


def _signing_time(info: SignerInfo) -> datetime | None:
    node = info.signed_value(ID_SIGNING_TIME)
    return der.read_time(node) if node is not None else None


def _is_domain(kind: der.Node) -> bool:
    return any(node.oid() == DOMAIN_SIGNATURE for node in kind.expect(der.SEQUENCE).children())
