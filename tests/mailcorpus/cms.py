"""SignedData of any shape, right and wrong, put together without gsign: asn1crypto writes, `cryptography` signs."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

from tests.pki import Identity, now

__all__ = ["Signing", "attribute", "signed_data"]

_HASHES = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}

Attributes = list[cms.CMSAttribute]


def attribute(kind: str, *values: Any) -> cms.CMSAttribute:
    """Make a signed attribute."""
    return cms.CMSAttribute({"type": kind, "values": list(values)})


@dataclass(frozen=True)
class Signing:
    """How one signer signs; `change` may rearrange the signed attributes before that."""

    who: Identity
    digest: str = "sha256"
    scheme: str = "pkcs1"
    time: dt.datetime | None = field(default_factory=now)
    content_type: str = "data"
    change: Callable[[Attributes], Attributes] = lambda attributes: attributes
    attributes: bool = True
    spoil: bool = False
    """Whether a bit of the signature is turned."""
    said_digest: str | None = None
    """Another digest named than was used."""
    said_scheme: str | None = None
    pss: dict[str, Any] = field(default_factory=dict)
    """Changed RSASSA-PSS parameters."""
    by_key_id: bool = False
    stamp: Callable[[bytes], bytes] | None = None
    """Returns a timestamp token for the signature."""
    bind: Identity | None = None
    """Whose certificate the signing-certificate attribute names, if there is one."""


def signed_data(
    content: bytes,
    *signings: Signing,
    econtent: bytes | None = None,
    certificates: Sequence[Identity] | None = None,
    extra: Sequence[bytes] = (),
) -> bytes:
    """Make a ContentInfo of SignedData in DER.

    Args:
        content: what is signed.
        signings: the signers.
        econtent: what is carried inside, if anything.
        certificates: whose certificates come along, with their issuers below the root; None for the signers'.
        extra: DER of further certificates.
    """
    carried = [s.who for s in signings] if certificates is None else certificates
    ders = dict.fromkeys(der for who in carried for der in (who.der, *who.chain[:-1]))
    encapsulated: dict[str, Any] = {"content_type": "data"}
    if econtent is not None:
        encapsulated["content"] = core.OctetString(econtent)
    signed = cms.SignedData({
        "version": "v1",
        "digest_algorithms": [{"algorithm": s.said_digest or s.digest} for s in signings],
        "encap_content_info": encapsulated,
        "certificates": [x509.Certificate.load(der) for der in (*ders, *extra)],
        "signer_infos": [_signer_info(content, s) for s in signings],
    })  # fmt: skip
    return cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()


def _signer_info(content: bytes, signing: Signing) -> cms.SignerInfo:
    attributes = _attributes(content, signing) if signing.attributes else None
    message = content if attributes is None else cms.CMSAttributes(attributes).dump()
    signature = _sign(signing, message)
    if signing.spoil:
        signature = signature[:-1] + bytes((signature[-1] ^ 1,))
    certificate = x509.Certificate.load(signing.who.der)
    if signing.by_key_id:
        sid = cms.SignerIdentifier("subject_key_identifier", certificate.key_identifier)
    else:
        names = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        sid = cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(names))
    fields: dict[str, Any] = {
        "version": "v3" if signing.by_key_id else "v1",
        "sid": sid,
        "digest_algorithm": {"algorithm": signing.said_digest or signing.digest},
        "signature_algorithm": _algorithm(signing),
        "signature": signature,
    }
    if attributes is not None:
        fields["signed_attrs"] = attributes
    if signing.stamp is not None:
        # Taken as it comes: asn1crypto would write the token anew, and takes minutes for it.
        token = core.Set(contents=signing.stamp(signature)).dump()
        kind = core.ObjectIdentifier("1.2.840.113549.1.9.16.2.14").dump()
        fields["unsigned_attrs"] = [cms.CMSAttribute.load(core.Sequence(contents=kind + token).dump())]
    return cms.SignerInfo(fields)


def _attributes(content: bytes, signing: Signing) -> Attributes:
    attributes = [
        attribute("content_type", signing.content_type),
        attribute("message_digest", hashlib.new(signing.digest, content).digest()),
    ]
    if signing.time is not None:
        attributes.append(attribute("signing_time", cms.Time({"utc_time": signing.time})))
    if signing.bind is not None:
        named = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(signing.bind.der).digest()})
        attributes.append(attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [named]})))
    return signing.change(attributes)


def _algorithm(signing: Signing) -> dict[str, Any]:
    scheme, digest = signing.said_scheme or signing.scheme, signing.said_digest or signing.digest
    if scheme == "pss":
        parameters = {
            "hash_algorithm": {"algorithm": digest},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": digest}},
            "salt_length": hashlib.new(digest).digest_size,
            **signing.pss,
        }
        return {"algorithm": "rsassa_pss", "parameters": algos.RSASSAPSSParams(parameters)}
    if scheme == "ecdsa":
        return {"algorithm": f"{digest}_ecdsa"}
    return {"algorithm": f"{digest}_rsa"}


def _sign(signing: Signing, message: bytes) -> bytes:
    key, kind = signing.who.key, _HASHES[signing.digest]()
    digest = utils.Prehashed(kind)
    hashed = hashlib.new(signing.digest, message).digest()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(hashed, ec.ECDSA(digest))
    if signing.scheme == "pss":
        return key.sign(hashed, padding.PSS(padding.MGF1(kind), kind.digest_size), digest)
    return key.sign(hashed, padding.PKCS1v15(), digest)
