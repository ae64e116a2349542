"""The CMS of one signature, read and checked against the digest of what it covers (RFC 5652, EN 319 122-1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from gsign import cms, der
from gsign.cms import CmsError, SignedData, SignerInfo
from gsign.result import Indication, Kind
from gsign.syntax.digests import DigestPass, RangeDigest
from gsign.verification.coverage import Cover, ReasonError

__all__ = ["Envelope", "indication_of", "open_envelope", "sub_indication_of"]

CADES: Final = "ETSI.CAdES.detached"
PKCS7: Final = "adbe.pkcs7.detached"
TIMESTAMP: Final = "ETSI.RFC3161"
_OF_SHA1: Final = frozenset({"adbe.pkcs7.sha1", "adbe.x509.rsa_sha1"})
"""Kinds of ISO 32000-1 that know no other digest, deprecated in ISO 32000-2 (clause 12.8.3.2)."""
_BINDINGS: Final = ("1.2.840.113549.1.9.16.2.47", "1.2.840.113549.1.9.16.2.12")
_SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
_SUB_INDICATIONS: Final = {
    "message-digest-wrong": "HASH_FAILURE",
    "imprint-wrong": "HASH_FAILURE",
    "signature-wrong": "SIG_CRYPTO_FAILURE",
    "signer-certificate-missing": "NO_SIGNING_CERTIFICATE_FOUND",
    "certificate-missing": "NO_SIGNING_CERTIFICATE_FOUND",
    "subfilter-sha1": "CRYPTO_CONSTRAINTS_FAILURE",
}
_UNDECIDED: Final = frozenset({"subfilter-sha1"})
"""What tells nothing against a signature, and nothing for it."""


def sub_indication_of(reason: str) -> str:
    """Return the sub-indication of EN 319 102-1 that a failure of the signature itself has."""
    return _SUB_INDICATIONS.get(reason, "FORMAT_FAILURE")


def indication_of(reason: str) -> Indication:
    """Return the indication of EN 319 102-1 that a signature has which is not found to hold."""
    return Indication.INDETERMINATE if reason in _UNDECIDED else Indication.TOTAL_FAILED


class Envelope:
    """What stands in /Contents, and the digest it must be about.

    Args:
        kind: signature or document timestamp.
        subfilter: how it is encoded.
        raw: DER or BER of the SignedData, padding removed.
        signed: the same, read.
        info: the one signer's part of it.
        covered: digest of the bytes that are signed.
    """

    __slots__ = ("certificate", "covered", "info", "kind", "raw", "signed", "subfilter")

    def __init__(
        self, kind: Kind, subfilter: str, raw: bytes, signed: SignedData, info: SignerInfo, covered: RangeDigest
    ) -> None:
        self.kind = kind
        self.subfilter = subfilter
        self.raw = raw
        self.signed = signed
        self.info = info
        self.covered = covered
        self.certificate: bytes | None = None
        """DER of the signer's certificate, once the signature was found to hold."""

    def named_certificate(self) -> bytes | None:
        """Return the certificate that the signature carries and names, whether or not it made it."""
        return self.signed.signer_certificate(self.info)

    def check(self, others: Iterable[bytes] = ()) -> None:
        """Check that the signature holds over the covered bytes; the digest pass must have run.

        Args:
            others: DER of certificates beside those that the signature carries, such as the DSS's.

        Raises:
            ReasonError: why not.
        """
        if self.kind is Kind.DOCUMENT_TIMESTAMP:
            self._check_timestamp(tuple(others))
            return
        certificate = self.named_certificate()
        if certificate is None:
            certificate = next((c for c in others if self.info.identifies(c)), None)
        if certificate is None:
            raise ReasonError("signer-certificate-missing")
        cms.verify_signer_info(self.info, certificate, self.covered.digest())
        self.certificate = certificate

    def _check_timestamp(self, others: tuple[bytes, ...]) -> None:
        from gsign.trust.timestamp import TimestampError, read_token

        try:
            info, certificate, _ = read_token(self.raw, others)
        except TimestampError as error:
            raise ReasonError(error.reason) from error
        if info.digest != self.covered.name.replace("_", "-") or info.imprint != self.covered.digest():
            raise ReasonError("imprint-wrong")
        self.certificate = certificate

    @property
    def is_bound(self) -> bool:
        """Whether a signing-certificate attribute names the certificate, as every PAdES baseline level demands."""
        version_2, version_1 = _BINDINGS
        return self.info.signed_value(version_2) is not None or self.info.signed_value(version_1) is not None

    @property
    def is_short_of_pades(self) -> bool:
        """Whether it says that it is PAdES and binds no certificate, as libraries for JavaScript and Java leave it.

        It proves as much as one of the older kind, which need not bind any; which kind it is the signer has signed.
        """
        return self.subfilter == CADES and not self.is_bound

    def signing_time(self) -> datetime | None:
        """Return the signing time that the signer claims in the CMS."""
        try:
            node = self.info.signed_value(_SIGNING_TIME)
            return der.read_time(node, zones=True) if node is not None else None
        except (CmsError, der.DerError, ValueError):
            return None


def open_envelope(cover: Cover, digests: DigestPass) -> Envelope:
    """Read /Contents and ask the digest pass for the digest that it speaks of.

    Raises:
        ReasonError: it is none that can be judged.
    """
    dictionary = cover.dictionary or {}
    subfilter = dictionary.get("SubFilter")
    if subfilter in _OF_SHA1:
        raise ReasonError("subfilter-sha1")
    if subfilter not in (CADES, PKCS7, TIMESTAMP):
        raise ReasonError("subfilter-unsupported")
    raw = _without_padding(cover.contents)
    try:
        return _open(dictionary, str(subfilter), raw, cover, digests)
    except CmsError as error:
        raise ReasonError(error.reason) from error
    except (der.DerError, ValueError, IndexError) as error:
        raise error if isinstance(error, ReasonError) else ReasonError("cms-malformed") from error


def _open(dictionary: dict[str, Any], subfilter: str, raw: bytes, cover: Cover, digests: DigestPass) -> Envelope:
    signed = cms.read(raw)
    if len(signed.signer_infos) != 1:
        raise ReasonError("not-one-signer")
    (info,) = signed.signer_infos
    is_timestamp = subfilter == TIMESTAMP
    if is_timestamp != (dictionary.get("Type") == "DocTimeStamp"):
        raise ReasonError("signature-type-unclear")
    if is_timestamp:
        if signed.content_type != cms.ID_TST_INFO or signed.econtent is None:
            raise ReasonError("token-malformed")
        name = _imprint_digest(signed.econtent)
    else:
        if signed.econtent is not None or signed.content_type != cms.ID_DATA:
            raise ReasonError("content-not-detached")
        name = info.digest
    kind = Kind.DOCUMENT_TIMESTAMP if is_timestamp else Kind.SIGNATURE
    return Envelope(kind, subfilter, raw, signed, info, digests.want(name, cover.byte_range))


def _imprint_digest(content: bytes) -> str:
    from gsign.trust.signatures import digest_name

    imprint = der.parse(content).expect(der.SEQUENCE).children()[2]
    name = digest_name(imprint.expect(der.SEQUENCE).children()[0].children()[0].oid())
    if name is None:
        raise ReasonError("algorithm-unknown")
    return name


def _without_padding(contents: bytes) -> bytes:
    """Cut the zeros that fill /Contents up; anything else behind the value is nothing that a signature has."""
    try:
        end = der.parse(contents, trailing=True).end
    except (der.DerError, IndexError) as error:
        raise ReasonError("cms-malformed") from error
    if contents.count(0, end) != len(contents) - end:
        raise ReasonError("contents-padding")
    return contents[:end]
