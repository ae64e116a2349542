"""Where a signed message has copies of its header fields: on its payload, below all layers (RFC 9788 clause 1.1.1).

A layer may be a signature beside what it covers, or around it, or compressed data (RFC 8551 clause 3). Readers take
them off whatever they are worth: so does this, as leniently, since what they show from below must be as it is outside.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

from gsign import der
from gsign.cms.identifiers import ID_SIGNED_DATA
from gsign.mime import Part, canonical_lines, read
from gsign.protection.layers import LayerError, is_enclosing

__all__ = ["protected_part"]

_MOST_LAYERS: Final = 10
_MOST_UNPACKED: Final = 64 << 20
_COMPRESSED_DATA: Final = "1.2.840.113549.1.9.16.1.9"
# However it is written, and whatever its value: some reader may take it for the mark.
_MARK: Final = re.compile(r'(?<![\w-])(?:hp|protected-headers)"?(?:\s|\([^()]*\))*[*=]', re.IGNORECASE)


def protected_part(signed: Part) -> Part | None:
    """Return the part whose fields are signed copies of the message's own; None where there is none.

    It is what is left when the layers around it are taken off. Somebody who signed over another one's signature may
    have added copies further out; the outermost count.

    Raises:
        LayerError: `too-deep`.
    """
    for _ in range(_MOST_LAYERS):
        if any(map(_MARK.search, signed.get_all("content-type"))):
            return signed
        if _stands_for_message(signed):
            # Encoded against RFC 2046 clause 5.2.1, or by RFC 6532 clause 3.7: readers show it decoded.
            return signed.children[0] if signed.children else read(canonical_lines(signed.decoded()))
        below = _below(signed)
        if below is None:
            return None
        signed = below
    raise LayerError("too-deep")


def _stands_for_message(part: Part) -> bool:
    """Whether it is to be shown as the message itself (RFC 8551 clause 3.1): unless it says for everybody otherwise."""
    said = part.media.readings.get("forwarded", ("no",))
    return part.is_message and any(word.lower() != "yes" for word in said)


def _below(part: Part) -> Part | None:
    """Take a layer off; None where there is none, or only its key opens it."""
    if part.content_type == "multipart/signed":
        return part.children[0] if part.children else None
    content = _content(part.decoded()) if is_enclosing(part) else None
    return read(content) if content is not None else None


def _content(cms: bytes) -> bytes | None:
    """Return what a SignedData or CompressedData carries: in both it is the third field."""
    try:
        kind, explicit = der.parse(cms, trailing=True).expect(der.SEQUENCE).children()[:2]
        if kind.oid() not in (ID_SIGNED_DATA, _COMPRESSED_DATA):
            return None
        encapsulated = explicit.children()[0].children()[2].children()
        octets = encapsulated[1].children()[0].octets() if len(encapsulated) > 1 else None
        if octets is None or kind.oid() == ID_SIGNED_DATA:
            return octets
        return zlib.decompressobj().decompress(octets, _MOST_UNPACKED)
    except (ValueError, IndexError, RecursionError, zlib.error):
        return None
