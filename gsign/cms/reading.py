"""A SignedData, read: exact bytes are kept, BER is tolerated, attributes are parsed only when they are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from gsign import der
from gsign.cms.identifiers import (
    DIGESTS_READ,
    ID_SIGNED_DATA,
    ID_SIGNING_CERTIFICATE,
    ID_SIGNING_CERTIFICATE_V2,
    ID_TIMESTAMP_TOKEN,
    RSA_PSS,
    SIGNATURES_READ,
    CmsError,
    issuer_and_serial,
    names_certificate,
)
from gsign.cms.names import parse_name
from gsign.der import Node
from gsign.signer import Scheme

__all__ = ["SignedData", "SignerInfo", "is_bound", "read"]

# What is read comes from strangers; these are far beyond what anybody writes.
_MOST: Final = 4_096
_MOST_TIMESTAMPS: Final = 8
"""Timestamps of a signature that are looked at: each has a path, and its status may be asked for."""
_LARGEST_CERTIFICATE: Final = 1 << 16
_LARGEST_ATTRIBUTE: Final = 1 << 20
_KEPT: Final = 1024


class SignerInfo(NamedTuple):
    """One signer's part of a SignedData, attributes unparsed but for their types."""

    issuer: bytes | None
    serial: bytes | None
    key_identifier: bytes | None
    digest: str
    """Name of the digest as `hashlib` spells it, with hyphens."""
    scheme: Scheme
    signature_identifier: Node
    digest_identifier: Node
    signature: bytes
    signed: Node | None
    signed_attributes: Mapping[str, list[Node]]
    unsigned_attributes: Mapping[str, list[Node]]
    values_read: dict[str, Node | None]
    """Values of signed attributes that somebody asked for."""

    def identifies(self, certificate: bytes) -> bool:
        """Say whether the signer identifier names this certificate."""
        return names_certificate(self.issuer, self.serial, self.key_identifier, certificate)

    def identifies_respelled(self, certificate: bytes) -> bool:
        """Say the same where the issuer's name may be spelled in other kinds of strings (RFC 5280 clause 7.1)."""
        if self.issuer is None:
            return False
        try:
            issuer, serial = issuer_and_serial(certificate)
            return serial == self.serial and parse_name(issuer).normal == parse_name(self.issuer).normal
        except (ValueError, IndexError):
            return False

    def signed_value(self, oid: str) -> Node | None:
        """Return the only value of a signed attribute, None where it is absent.

        Raises:
            CmsError: `attribute-repeated` where it stands twice or has several values.
        """
        known = self.values_read
        if oid not in known:
            known[oid] = _only_value(self.signed_attributes, oid)
        return known[oid]

    def timestamp_tokens(self) -> list[bytes]:
        """Return the signature timestamps; several authorities may have given one each (RFC 5126 clause 6.1.1).

        Raises:
            CmsError: `cms-malformed`.
        """
        found = self.unsigned_attributes.get(ID_TIMESTAMP_TOKEN) or ()
        return [value.raw for attribute in found for value in _values(attribute)][:_MOST_TIMESTAMPS]


class SignedData(NamedTuple):
    """A SignedData as read; certificates as DER in the order found."""

    content_type: str
    econtent: bytes | None
    certificates: tuple[bytes, ...]
    signer_infos: tuple[SignerInfo, ...]

    def signer_certificate(self, info: SignerInfo) -> bytes | None:
        """Return the certificate that `info` names and that its signing-certificate attribute binds, if carried.

        Raises:
            CmsError: `cms-malformed`, `attribute-repeated`.
        """
        carried = dict.fromkeys(self.certificates)
        named = [c for c in carried if info.identifies(c)]
        if not named:
            # Libraries that write names anew spell the issuer with other kinds of strings.
            named = [c for c in carried if info.identifies_respelled(c)]
        return next((c for c in named if is_bound(info, c) is not False), named[0] if named else None)


def read(data: bytes, *, trailing: bool = False) -> SignedData:
    """Read a ContentInfo that holds a SignedData.

    Args:
        data: DER or BER.
        trailing: allow octets behind the value, such as the zeros that pad /Contents.

    Raises:
        CmsError: `cms-malformed`, or `algorithm-unknown` where a digest or signature algorithm is none we know.
    """
    try:
        return _read_content_info(der.parse(data, trailing=trailing))
    except CmsError:
        raise
    except (ValueError, IndexError) as error:  # also what unpacks into too few or too many parts
        raise CmsError("cms-malformed") from error


def _read_content_info(node: Node) -> SignedData:
    content_type, content = node.expect(der.SEQUENCE).children(_MOST)
    if content_type.oid() != ID_SIGNED_DATA:
        raise CmsError("cms-malformed")
    fields = content.expect(0xA0).children(_MOST)[0].expect(der.SEQUENCE).children(_MOST)
    fields[0].expect(der.INTEGER)
    fields[1].expect(der.SET)
    encapsulated = fields[2].expect(der.SEQUENCE).children(_MOST)
    certificates: tuple[bytes, ...] = ()
    rest = fields[3:]
    if rest and rest[0].tag == 0xA0:
        # Attribute certificates and other formats ([1]…[3]) are passed over: none of them is a signer's.
        certificates = tuple(c.raw for c in rest[0].children(_MOST) if _is_certificate(c))
        rest = rest[1:]
    if rest and rest[0].tag == 0xA1:
        rest = rest[1:]
    if len(rest) != 1:
        raise CmsError("cms-malformed")
    econtent = _content(encapsulated[1]) if len(encapsulated) > 1 else None
    signer_infos = tuple(_read_signer_info(n) for n in rest[0].expect(der.SET).children(_MOST))
    return SignedData(encapsulated[0].oid(), econtent, certificates, signer_infos)


def _content(explicit: Node) -> bytes:
    """Return the octets inside [0]: one OCTET STRING, whole or in pieces."""
    (content,) = explicit.expect(0xA0).children(_MOST)
    if content.tag & ~0x20 != der.OCTET_STRING:
        raise CmsError("cms-malformed")
    return content.octets()


def _is_certificate(node: Node) -> bool:
    return node.tag == der.SEQUENCE and node.end - node.start <= _LARGEST_CERTIFICATE


def _read_signer_info(node: Node) -> SignerInfo:
    fields = node.expect(der.SEQUENCE).children(_MOST)
    fields[0].expect(der.INTEGER)
    issuer = serial = key_identifier = None
    if fields[1].tag == der.SEQUENCE:
        issuer_node, serial_node = fields[1].children(_MOST)
        issuer, serial = issuer_node.raw, serial_node.raw
    else:
        key_identifier = fields[1].octets() if fields[1].tag == 0xA0 else fields[1].expect(0x80).content
    signed = fields[3] if fields[3].tag == 0xA0 else None
    at = 4 if signed else 3
    digest = DIGESTS_READ.get(_algorithm(fields[2]))
    scheme = _read_scheme(_algorithm(fields[at]), digest)
    unsigned = fields[at + 2] if len(fields) > at + 2 else None
    if digest is None or scheme is None:
        raise CmsError("algorithm-unknown")
    return SignerInfo(
        issuer=issuer,
        serial=serial,
        key_identifier=key_identifier,
        digest=digest,
        scheme=scheme,
        signature_identifier=fields[at],
        digest_identifier=fields[2],
        signature=fields[at + 1].octets(),
        signed=signed,
        signed_attributes=_read_attributes(signed),
        unsigned_attributes=_read_attributes(unsigned.expect(0xA1) if unsigned else None),
        values_read={},
    )


def _algorithm(identifier: Node) -> str:
    """Return the OID of an AlgorithmIdentifier, of which few are in use."""
    raw = identifier.raw
    return (_oid_of if len(raw) <= _KEPT else _oid_of.__wrapped__)(raw)


@lru_cache(maxsize=64)
def _oid_of(identifier: bytes) -> str:
    return der.parse(identifier).expect(der.SEQUENCE).children(_MOST)[0].oid()


def _read_scheme(oid: str, digest: str | None) -> Scheme | None:
    if oid == RSA_PSS:
        return Scheme.PSS
    scheme, own_digest = SIGNATURES_READ.get(oid, (None, None))
    if own_digest is not None and own_digest != digest:
        raise CmsError("algorithms-differ")
    return scheme


def _read_attributes(node: Node | None) -> dict[str, list[Node]]:
    """Map each attribute type to its SETs of values; a value is parsed only when it is asked for."""
    attributes: dict[str, list[Node]] = {}
    if node is None:
        return attributes
    for attribute in node.children(_MOST):
        kind, values = attribute.expect(der.SEQUENCE).children(_MOST)
        attributes.setdefault(kind.oid(), []).append(values.expect(der.SET))
    return attributes


def _only_value(attributes: Mapping[str, list[Node]], oid: str) -> Node | None:
    found = attributes.get(oid)
    if found is None:
        return None
    values = _values(found[0])
    if len(found) != 1 or len(values) != 1:
        raise CmsError("attribute-repeated")
    return values[0]


def _values(attribute: Node) -> list[Node]:
    if attribute.end - attribute.start > _LARGEST_ATTRIBUTE:
        raise CmsError("cms-malformed")
    try:
        return attribute.children(_MOST)
    except ValueError as error:
        raise CmsError("cms-malformed") from error


def is_bound(info: SignerInfo, certificate: bytes) -> bool | None:
    """Say whether signing-certificate(-v2) names this certificate; None where neither attribute is present.

    Raises:
        CmsError: `cms-malformed`, `attribute-repeated`.
    """
    answer = None
    for oid, default in ((ID_SIGNING_CERTIFICATE_V2, "sha256"), (ID_SIGNING_CERTIFICATE, "sha1")):
        value = info.signed_value(oid)
        if value is None:
            continue
        try:
            names = _names if value.end - value.start <= _KEPT else _names.__wrapped__
            if not names(value.raw, default, certificate):
                return False
        except (ValueError, IndexError) as error:
            raise CmsError("cms-malformed") from error
        answer = True
    return answer


@lru_cache(maxsize=256)
def _names(attribute: bytes, default: str, certificate: bytes) -> bool:
    """Say whether a signing-certificate attribute, the same in all that somebody signs, names a certificate."""
    name, digest = _certificate_digest(der.parse(attribute), default)
    return name is not None and digest == hashlib.new(name.replace("-", "_"), certificate).digest()


def _certificate_digest(value: Node, default: str) -> tuple[str | None, bytes]:
    """Return the digest of the first certificate in a signing-certificate attribute, and the algorithm's name."""
    certificate_id = value.children()[0].children()[0].children()
    if certificate_id[0].tag == der.SEQUENCE:
        return DIGESTS_READ.get(certificate_id[0].children()[0].oid()), certificate_id[1].content
    return default, certificate_id[0].content
