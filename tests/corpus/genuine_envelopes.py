"""CMS as programs of others spell it, each signed by a real key over the real digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from gsign import cms, der
from gsign.cms.identifiers import (
    EC_PUBLIC_KEY,
    ID_CONTENT_TYPE,
    MGF1,
    RSA_ENCRYPTION,
    RSA_PSS,
    issuer_and_serial,
    subject_key_identifier,
)
from tests.corpus.kit import Kit
from tests.corpus.model import genuine
from tests.pki import LEADER, Identity

_OID: Final = {"sha256": "2.16.840.1.101.3.4.2.1", "sha1": "1.3.14.3.2.26"}
_HASH: Final[dict[str, hashes.HashAlgorithm]] = {"sha256": hashes.SHA256(), "sha1": hashes.SHA1()}
_EOC: Final = b"\x00\x00"


@dataclass(frozen=True)
class Spelling:
    """How a program writes its CMS; the first of everything is what most write."""

    algorithm: bytes = der.sequence(der.oid(RSA_ENCRYPTION), der.NULL)
    mask: str | None = None
    """Digest of the mask generation, where it is RSASSA-PSS."""
    salt: int = 32
    version: int = 1
    digests: tuple[str, ...] = (_OID["sha256"],)
    signer: str = "issuer"
    """How the signer is named: by issuer and serial, by the identifier of the key, by an issuer spelled otherwise."""
    sorted: bool = True
    streamed_attributes: bool = False
    """Whether the signed attributes are written with an indefinite length."""
    pieces: bool = False
    """Whether the signature's value is written in pieces."""
    others: tuple[bytes, ...] = ()
    """What else stands among the certificates."""
    bound: bool = False
    attributes: tuple[bytes, ...] = ()
    """Further signed attributes."""


_PLAIN: Final = Spelling()


def spelled(kit: Kit, digest: bytes, spelling: Spelling, who: Identity | None = None) -> bytes:
    """Return a CMS over a digest in somebody's spelling."""
    who = who or kit.leader
    attributes = [cms_attribute(ID_CONTENT_TYPE, der.oid(cms.ID_DATA)), *spelling.attributes]
    attributes.append(cms_attribute("1.2.840.113549.1.9.4", der.octet_string(digest)))
    if spelling.bound:
        named = der.sequence(der.octet_string(hashlib.sha256(who.der).digest()))
        attributes.append(cms_attribute("1.2.840.113549.1.9.16.2.47", der.sequence(der.sequence(named))))
    content = b"".join(sorted(attributes) if spelling.sorted else attributes)
    value = _value(who, der.tlv(der.SET, content), spelling)
    signed = b"\xa0\x80" + content + _EOC if spelling.streamed_attributes else der.context(0, content)
    info = der.sequence(
        der.integer(3 if spelling.signer == "key" else 1),
        _named(who, spelling.signer),
        der.sequence(der.oid(_OID["sha256"]), der.NULL),
        signed,
        _pss(spelling) if spelling.mask else spelling.algorithm,
        _in_pieces(value) if spelling.pieces else der.octet_string(value),
    )
    certificates = der.context(0, b"".join((who.der, *spelling.others, *who.chain)))
    digests = der.tlv(der.SET, b"".join(der.sequence(der.oid(oid), der.NULL) for oid in spelling.digests))
    data = der.sequence(
        der.integer(spelling.version), digests, der.sequence(der.oid(cms.ID_DATA)), certificates,
        der.tlv(der.SET, info),
    )  # fmt: skip
    return der.sequence(der.oid(cms.ID_SIGNED_DATA), der.explicit(0, data))


def cms_attribute(oid: str, value: bytes) -> bytes:
    """Write an attribute of one value."""
    return der.sequence(der.oid(oid), der.tlv(der.SET, value))


def _value(who: Identity, message: bytes, spelling: Spelling) -> bytes:
    digest = _HASH["sha256"]
    if isinstance(who.key, ec.EllipticCurvePrivateKey):
        return who.key.sign(message, ec.ECDSA(digest))
    assert isinstance(who.key, rsa.RSAPrivateKey)
    if spelling.mask is None:
        return who.key.sign(message, padding.PKCS1v15(), digest)
    return who.key.sign(message, padding.PSS(padding.MGF1(_HASH[spelling.mask]), spelling.salt), digest)


def _pss(spelling: Spelling) -> bytes:
    """Write the algorithm with all its parameters, as programs do that leave out no default."""
    mask = der.sequence(der.oid(MGF1), der.sequence(der.oid(_OID[spelling.mask or ""]), der.NULL))
    parameters = der.sequence(
        der.explicit(0, der.sequence(der.oid(_OID["sha256"]), der.NULL)),
        der.explicit(1, mask),
        der.explicit(2, der.integer(spelling.salt)),
        der.explicit(3, der.integer(1)),
    )
    return der.sequence(der.oid(RSA_PSS), parameters)


def _named(who: Identity, how: str) -> bytes:
    issuer, serial = issuer_and_serial(who.der)
    if how == "key":
        identifier = subject_key_identifier(who.der)
        assert identifier is not None
        return der.context(0, identifier, constructed=False)
    return der.sequence(_respelled(issuer) if how == "respelled" else issuer, serial)


def _respelled(name: bytes) -> bytes:
    """Write the texts of a name as BMPString, as some libraries write names anew."""
    parts = []
    for relative in der.parse(name).children():
        kind, text = relative.children()[0].children()
        value = der.tlv(0x1E, text.content.decode("utf-8").encode("utf-16-be")) if text.tag == 0x0C else text.raw
        parts.append(der.tlv(der.SET, der.sequence(kind.raw, value)))
    return der.sequence(*parts)


def _in_pieces(value: bytes) -> bytes:
    return b"\x24\x80" + b"".join(map(der.octet_string, (value[:100], value[100:]))) + _EOC


def _genuine(name: str, why: str, spelling: Spelling, key: str = "rsa2048") -> None:
    subfilter = "ETSI.CAdES.detached" if spelling.bound else "adbe.pkcs7.detached"

    @genuine(f"cms-{name}", why)
    def make(kit: Kit) -> bytes:
        who = kit.pki.leaf(LEADER, key=key)
        return kit.custom(kit.plain(), lambda digest: spelled(kit, digest, spelling, who), subfilter=subfilter)


_ITEXT_EC: Final = replace(_PLAIN, algorithm=der.sequence(der.oid(EC_PUBLIC_KEY), der.NULL))
_ARCHIVED: Final = cms_attribute("1.2.840.113583.1.1.8", der.sequence(der.explicit(0, der.sequence())))
_genuine("plain", "no binding, no signing time", _PLAIN)
_genuine("bound", "the same, bound", replace(_PLAIN, bound=True))
_genuine("ec-key-for-algorithm", "iText names the kind of key where the algorithm belongs", _ITEXT_EC, key="p256")
_genuine("unsorted", "attributes are not in the order of DER", replace(_PLAIN, sorted=False))
_genuine("streamed-attributes", "attributes of indefinite length", replace(_PLAIN, streamed_attributes=True))
_genuine("by-key", "the signer is named by the key", replace(_PLAIN, signer="key", version=3))
_genuine("issuer-respelled", "the issuer is written in other kinds of strings", replace(_PLAIN, signer="respelled"))
_genuine("value-in-pieces", "the value is written in pieces", replace(_PLAIN, pieces=True))
_genuine("version-5", "another version", replace(_PLAIN, version=5))
_genuine("no-digests", "the set of digests is empty", replace(_PLAIN, digests=()))
_genuine("more-digests", "the set of digests names one more", replace(_PLAIN, digests=(_OID["sha1"], _OID["sha256"])))
_genuine("attribute-certificate", "one is carried", replace(_PLAIN, others=(der.context(2, b"\x30\x00"),)))
_genuine("pss-long-salt", "as much salt as there is room for", replace(_PLAIN, mask="sha256", salt=222))
_genuine("pss-short-salt", "less salt than usual", replace(_PLAIN, mask="sha256", salt=20))
_genuine("pss-mask-sha1", "the mask is left at its default", replace(_PLAIN, mask="sha1"))
_genuine("revocation-archived", "Acrobat signs what it knows of revocation", replace(_PLAIN, attributes=(_ARCHIVED,)))


@genuine("cms-unbound", "libraries write the older CMS and call it PAdES", warning="signing-certificate-missing")
def unbound(kit: Kit) -> bytes:
    return kit.custom(kit.plain(), lambda digest: spelled(kit, digest, _PLAIN))


def _signing_time(tag: int, text: bytes) -> Spelling:
    return replace(_PLAIN, attributes=(cms_attribute("1.2.840.113549.1.9.5", der.tlv(tag, text)),))


_genuine("signing-time-general", "a signing time of the other kind", _signing_time(0x18, b"20260127083922.5Z"))
_genuine("signing-time-zone", "a signing time with a zone", _signing_time(0x17, b"260127153922+0700"))
