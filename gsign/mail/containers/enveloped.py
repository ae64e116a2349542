"""CMS: what an opaque signature or a compressed envelope holds; what is encrypted stays closed (RFC 5652, RFC 3274)."""

from __future__ import annotations

import binascii
import re
import zlib
from typing import Final

from gsign import der
from gsign.mail.containers.model import ContainerError, Ledger
from gsign.mail.containers.packed import unpack

__all__ = ["content_type_of", "from_pem", "read_cms"]

_SIGNED: Final = "1.2.840.113549.1.7.2"
_DATA: Final = "1.2.840.113549.1.7.1"
_COMPRESSED: Final = "1.2.840.113549.1.9.16.1.9"
# Programs pass over blocks of other kinds, such as certificates.
_PEM: Final = re.compile(rb"-----BEGIN (?:PKCS7|CMS|PKCS )[^\r\n-]*-----([^-]*)")
_NAMES: Final = {
    _SIGNED: "signed",
    "1.2.840.113549.1.7.3": "encrypted",
    "1.2.840.113549.1.7.4": "encrypted",
    "1.2.840.113549.1.7.6": "encrypted",
    "1.2.840.113549.1.9.16.1.23": "encrypted",
    _COMPRESSED: "compressed",
    _DATA: "data",
}


def content_type_of(data: bytes) -> str | None:
    """Name what a ContentInfo holds: `signed`, `encrypted`, `compressed`, `data`; None where it is none."""
    try:
        return _NAMES.get(der.parse(data[:64] if data[1:2] == b"\x80" else data, trailing=True).children()[0].oid())
    except (ValueError, IndexError):
        found = [name for oid, name in _NAMES.items() if der.oid(oid) in data[:32]]
        return found[0] if found else None


def from_pem(data: bytes) -> bytes:
    """Return the octets of the first PEM block that is CMS; empty where there is none."""
    block = _PEM.search(data)
    try:
        return binascii.a2b_base64(block[1]) if block else b""
    except binascii.Error:
        return b""


def read_cms(data: bytes, ledger: Ledger) -> None:
    """Take out the content of SignedData or CompressedData.

    Raises:
        ContainerError: `encrypted`, `damaged`, `too-large`.
    """
    kind = content_type_of(data)
    if kind == "encrypted":
        raise ContainerError("encrypted")
    try:
        content = _content(der.parse(data, trailing=True), may_lack=kind == "signed")
    except (ValueError, IndexError, RecursionError) as error:
        raise ContainerError("damaged") from error
    if content is None:
        return
    if kind == "compressed":
        content, _ = unpack(zlib.decompressobj(), content, ledger.left)
    ledger.take("", content)


def _content(info: der.Node, *, may_lack: bool) -> bytes | None:
    """Return the content octets; None where the signature is detached."""
    kind, wrapped = info.expect(der.SEQUENCE).children()[:2]
    inner = wrapped.children()[0]
    if kind.oid() == _DATA:
        return inner.octets()
    for field in inner.expect(der.SEQUENCE).children()[1:]:
        parts = field.children() if field.tag == der.SEQUENCE else []
        if not parts or parts[0].tag != der.OID:
            continue
        if len(parts) > 1 and parts[1].tag == 0xA0:
            return parts[1].children()[0].octets()
        if len(parts) == 1 and may_lack:
            return None
    raise ContainerError("damaged")
