"""Extensions of certificates (RFC 5280 4.2) that trust looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from gsign import der

__all__ = ["Extensions", "NameConstraints", "raw_extensions", "read_extensions"]

_KEY_USAGES: Final = (
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
)
_OCSP: Final = "1.3.6.1.5.5.7.48.1"
_CA_ISSUERS: Final = "1.3.6.1.5.5.7.48.2"

# GeneralName tags (RFC 5280 4.2.1.6).
RFC822: Final = 0x81
DNS: Final = 0x82
DIRECTORY: Final = 0xA4
URI: Final = 0x86


class NameConstraints(NamedTuple):
    """Subtrees as (GeneralName tag, content)."""

    permitted: tuple[tuple[int, bytes], ...]
    excluded: tuple[tuple[int, bytes], ...]


class Extensions(NamedTuple):
    """What the extensions say; absent ones keep their default."""

    is_ca: bool = False
    path_length: int | None = None
    key_usage: frozenset[str] | None = None
    extended_key_usage: frozenset[str] | None = None
    extended_key_usage_critical: bool = False
    subject_key_id: bytes | None = None
    authority_key_id: bytes | None = None
    alternative_names: tuple[tuple[int, bytes], ...] = ()
    name_constraints: NameConstraints | None = None
    ocsp_urls: tuple[str, ...] = ()
    issuer_urls: tuple[str, ...] = ()
    crl_urls: tuple[str, ...] = ()
    ocsp_no_check: bool = False
    unknown_critical: tuple[str, ...] = ()

    @property
    def emails(self) -> tuple[str, ...]:
        """Mailboxes of the SAN."""
        return tuple(content.decode("utf-8", "replace") for tag, content in self.alternative_names if tag == RFC822)


def raw_extensions(nodes: Sequence[der.Node]) -> dict[str, tuple[bool, bytes]]:
    """Split extensions into OID → (critical, value).

    Raises:
        gsign.der.DerError: malformed, or one of them stands twice.
    """
    found: dict[str, tuple[bool, bytes]] = {}
    for node in nodes:
        parts = node.expect(der.SEQUENCE).children()
        name = parts[0].oid()
        if len(parts) == 3:
            critical = parts[1].expect(der.BOOLEAN).content != b"\x00"
        elif len(parts) == 2:
            critical = False
        else:
            raise der.DerError("malformed extension")
        if name in found:
            raise der.DerError("extension stands twice")
        found[name] = (critical, parts[-1].expect(der.OCTET_STRING).octets())
    return found


def read_extensions(nodes: Sequence[der.Node]) -> Extensions:
    """Read the extensions of a certificate.

    Policies are collected, not processed: policyConstraints, policyMappings and inhibitAnyPolicy count as unknown, so
    that a certificate which makes them critical is refused (RFC 5280 6.1.5 g fails closed).
    """
    facts: dict[str, Any] = {}
    unknown = []
    for name, (critical, value) in raw_extensions(nodes).items():
        reader = _READERS.get(name)
        if reader is not None:
            facts |= reader(value, critical)
        elif critical:
            unknown.append(name)
    return Extensions(**facts, unknown_critical=tuple(unknown))


def _basic_constraints(value: bytes, _critical: bool) -> Mapping[str, object]:
    parts = der.parse(value).expect(der.SEQUENCE).children()
    is_ca = bool(parts) and parts[0].tag == der.BOOLEAN and parts[0].content != b"\x00"
    length = parts[-1].integer() if parts and parts[-1].tag == der.INTEGER else None
    return {"is_ca": is_ca, "path_length": length}


def _key_usage(value: bytes, _critical: bool) -> Mapping[str, object]:
    bits = der.parse(value).expect(der.BIT_STRING).content[1:]
    return {
        "key_usage": frozenset(
            usage
            for index, usage in enumerate(_KEY_USAGES)
            if index // 8 < len(bits) and bits[index // 8] & 0x80 >> index % 8
        )
    }


def _extended_key_usage(value: bytes, critical: bool) -> Mapping[str, object]:
    usages = frozenset(node.oid() for node in der.parse(value).expect(der.SEQUENCE).children())
    return {"extended_key_usage": usages, "extended_key_usage_critical": critical}


def _subject_key_id(value: bytes, _critical: bool) -> Mapping[str, object]:
    return {"subject_key_id": der.parse(value).expect(der.OCTET_STRING).content}


def _authority_key_id(value: bytes, _critical: bool) -> Mapping[str, object]:
    parts = der.parse(value).expect(der.SEQUENCE).children()
    return {"authority_key_id": next((part.content for part in parts if part.tag == 0x80), None)}


def _alternative_names(value: bytes, _critical: bool) -> Mapping[str, object]:
    return {"alternative_names": tuple((n.tag, n.content) for n in der.parse(value).expect(der.SEQUENCE).children())}


def _name_constraints(value: bytes, _critical: bool) -> Mapping[str, object]:
    subtrees: dict[int, tuple[tuple[int, bytes], ...]] = {}
    for part in der.parse(value).expect(der.SEQUENCE).children():
        subtrees[part.tag] = tuple(_base(tree) for tree in part.children())
    if subtrees.keys() - {0xA0, 0xA1}:
        raise der.DerError("malformed name constraints")
    return {"name_constraints": NameConstraints(subtrees.get(0xA0, ()), subtrees.get(0xA1, ()))}


def _base(tree: der.Node) -> tuple[int, bytes]:
    parts = tree.expect(der.SEQUENCE).children()
    if any(part.content != b"\x00" or part.tag != 0x80 for part in parts[1:]):
        raise der.DerError("name constraint with minimum or maximum")
    return parts[0].tag, parts[0].content


def _authority_information(value: bytes, _critical: bool) -> Mapping[str, object]:
    urls: dict[str, list[str]] = {_OCSP: [], _CA_ISSUERS: []}
    for node in der.parse(value).expect(der.SEQUENCE).children():
        method, location = node.children()
        if location.tag == URI and method.oid() in urls:
            urls[method.oid()].append(location.content.decode("ascii", "replace"))
    return {"ocsp_urls": tuple(urls[_OCSP]), "issuer_urls": tuple(urls[_CA_ISSUERS])}


def _crl_distribution_points(value: bytes, _critical: bool) -> Mapping[str, object]:
    urls = []
    for point in der.parse(value).expect(der.SEQUENCE).children():
        parts = {part.tag: part for part in point.children()}
        # A point that covers some reasons only, or whose CRL another authority signs, gives no full status.
        if 0xA0 in parts and 0x81 not in parts and 0xA2 not in parts:
            urls += uris_of(parts[0xA0])
    return {"crl_urls": tuple(dict.fromkeys(urls))}


def uris_of(point_name: der.Node) -> list[str]:
    """List the URIs of a DistributionPointName (RFC 5280 4.2.1.13)."""
    (choice,) = point_name.children()
    if choice.tag != 0xA0:
        return []
    return [name.content.decode("ascii", "replace") for name in choice.children() if name.tag == URI]


def _ocsp_no_check(_value: bytes, _critical: bool) -> Mapping[str, object]:
    return {"ocsp_no_check": True}


def _nothing(_value: bytes, _critical: bool) -> Mapping[str, object]:
    return {}


_READERS: Final[Mapping[str, Callable[[bytes, bool], Mapping[str, object]]]] = {
    "2.5.29.14": _subject_key_id,
    "2.5.29.15": _key_usage,
    "2.5.29.17": _alternative_names,
    "2.5.29.18": _nothing,
    "2.5.29.19": _basic_constraints,
    "2.5.29.30": _name_constraints,
    "2.5.29.31": _crl_distribution_points,
    # Certificate policies: none is asked for, so that any is right (RFC 5280 clause 6.1.1 d).
    "2.5.29.32": _nothing,
    "2.5.29.35": _authority_key_id,
    "2.5.29.37": _extended_key_usage,
    "1.3.6.1.5.5.7.1.1": _authority_information,
    # qcStatements (RFC 3739) inform and constrain nothing here.
    "1.3.6.1.5.5.7.1.3": _nothing,
    "1.3.6.1.5.5.7.48.1.5": _ocsp_no_check,
}
