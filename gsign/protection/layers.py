"""The outermost S/MIME layer of a message (RFC 8551 clauses 3.2 to 3.5): only what stands at the root counts."""

from __future__ import annotations

from typing import Final, NamedTuple

from gsign import der
from gsign.cms.identifiers import ID_AUTH_ENVELOPED_DATA, ID_ENVELOPED_DATA, ID_SIGNED_DATA
from gsign.mime import Part
from gsign.mime.decoding import IDENTITY
from gsign.mime.names import suffix

__all__ = [
    "DETACHED",
    "ENCRYPTED",
    "OPAQUE",
    "Layer",
    "LayerError",
    "find_layer",
    "is_detached",
    "is_enclosing",
    "is_signed_below",
]

DETACHED: Final = "detached"
OPAQUE: Final = "opaque"
ENCRYPTED: Final = "encrypted"

_SIGNATURES: Final = frozenset(("application/pkcs7-signature", "application/x-pkcs7-signature"))
_MIMES: Final = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
_ANY: Final = "application/octet-stream"
# As programs call it, and servers that give names of their own.
_SUFFIXES: Final = frozenset(("", "p7s", "p7m", "p7c", "p7b", "p7", "sig", "cms", "der", "ber", "dat", "bin"))
_ENCODINGS: Final = IDENTITY | {"base64", "quoted-printable"}
_PASSED_OVER: Final = frozenset(("base64-garbage", "base64-after-padding", "quoted-printable-malformed"))
_KINDS: Final = {
    ID_SIGNED_DATA: OPAQUE,
    ID_ENVELOPED_DATA: ENCRYPTED,
    ID_AUTH_ENVELOPED_DATA: ENCRYPTED,
}
_TYPES: Final = {OPAQUE: ("signed-data",), ENCRYPTED: ("enveloped-data", "authenveloped-data")}
_MICALGS: Final = {"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3256", "sha3384", "sha3512"}


class LayerError(ValueError):
    """The root is said to be signed and is not in the form that this takes; `reason` is a stable identifier."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Layer(NamedTuple):
    """What stands at the root.

    Args:
        form: `detached`, `opaque` or `encrypted`.
        cms: the ContentInfo, DER or BER.
        entity: what a detached signature covers.
        micalg: the digest that multipart/signed names, as it is written in `hashlib` without hyphens; None elsewhere.
        warnings: what is off and harmless.
    """

    form: str
    cms: bytes
    entity: Part | None = None
    micalg: str | None = None
    warnings: tuple[str, ...] = ()


def find_layer(message: Part) -> Layer | None:
    """Find the signature or encryption at the root; None where there is neither.

    Raises:
        LayerError: `not-two-parts`, `signature-part-wrong`, `signature-misnamed`, `signature-encoding-odd`,
            `content-missing`, `cms-malformed`.
    """
    kind = message.content_type
    if kind == "multipart/signed":
        return _detached(message) if is_detached(message) else None
    if kind in _SIGNATURES:
        raise LayerError("content-missing")
    return _enclosing(message) if is_enclosing(message) else None


def is_detached(message: Part) -> bool:
    """Whether a multipart/signed is S/MIME: by what it says, else by the signature that it brings."""
    if message.content_type != "multipart/signed":
        return False
    protocol = message.parameters.get("protocol", "").lower()
    return protocol in _SIGNATURES if protocol else bool(message.children) and _is_signature(message.children[-1])


def is_enclosing(part: Part) -> bool:
    """Whether a mail program takes a part for a CMS with content inside (RFC 8551 clauses 3.2 and 3.9)."""
    return part.content_type in _MIMES or (part.content_type == _ANY and _has_suffix(part, "p7m"))


def is_signed_below(message: Part) -> bool:
    """Whether a part below the root is signed: that says nothing of what stands around it."""
    return any(part.content_type == "multipart/signed" or part.content_type in _MIMES for part in message.walk())


def _detached(message: Part) -> Layer:
    if len(message.children) != 2:
        raise LayerError("not-two-parts")
    content, signature = message.children
    if not _is_signature(signature):
        raise LayerError("signature-part-wrong")
    _require_name(signature)
    micalg = message.parameters.get("micalg", "").lower().replace("-", "")
    warnings: tuple[str, ...] = () if message.parameters.get("protocol") else ("protocol-missing",)
    if micalg not in _MICALGS:
        warnings += ("micalg-unknown",)
    return Layer(DETACHED, _octets(signature), content, micalg, warnings)


def _octets(part: Part) -> bytes:
    """Decode a CMS; whatever a decoder would pass over is nothing that belongs there, and nobody signed it."""
    decoded = part.decode()
    if part.encoding not in _ENCODINGS or not _PASSED_OVER.isdisjoint(decoded.faults):
        raise LayerError("signature-encoding-odd")
    return decoded.data


def _is_signature(part: Part) -> bool:
    return part.content_type in _SIGNATURES or (part.content_type == _ANY and _has_suffix(part, "p7s"))


def _has_suffix(part: Part, wanted: str) -> bool:
    return any(suffix(name) == wanted for name in part.filenames)


def _require_name(part: Part) -> None:
    """Refuse a CMS under the name of a document: who does not know S/MIME is shown it as one.

    Nobody signs the name, nor all that a CMS may hold beside the signature: a document, for example.
    """
    if any(suffix(name) not in _SUFFIXES for name in part.filenames):
        raise LayerError("signature-misnamed")


def _enclosing(message: Part) -> Layer | None:
    cms = _octets(message)
    said = message.parameters.get("smime-type", "").lower()
    try:
        form = _KINDS.get(der.parse(cms).expect(der.SEQUENCE).children(2)[0].oid())
    except (der.DerError, IndexError) as error:
        if said in _TYPES[ENCRYPTED]:
            return Layer(ENCRYPTED, cms)
        raise LayerError("cms-malformed") from error
    if form is None or said == "certs-only":
        return None
    if form == OPAQUE:
        _require_name(message)
    return Layer(form, cms, warnings=() if not said or said in _TYPES[form] else ("smime-type-wrong",))
