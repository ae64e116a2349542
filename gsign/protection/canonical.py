"""A message made fit to be signed (RFC 8551 clause 3.1): what a relay might rewrite on its way is encoded beforehand.

Only leaves that need it are encoded anew; every other octet stays where and what it is. What was signed before is never
touched, and what cannot be encoded is refused.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable
from typing import Final, NamedTuple

from gsign.errors import UsageError
from gsign.mime import Part
from gsign.mime.decoding import IDENTITY, decode

__all__ = ["Edit", "apply", "base64_lines", "edits_for_transport"]

_LONGEST: Final = 998
"""Octets of a line that every relay passes on (RFC 5321 clause 4.5.3.1.6)."""
_LINE: Final = 78
"""Octets of a line that no relay has a reason to fold (RFC 5322 clause 2.1.1)."""
_BASE64_LINE: Final = 76
_ENCODINGS: Final = IDENTITY | {"base64", "quoted-printable"}
# Composite types, and those whose body must stay as it is (RFC 2045 clause 6.4, RFC 2046 clause 5.2).
_UNENCODED: Final = ("multipart/", "message/rfc822", "message/global", "message/news", "message/partial")
# Rewritten by mailboxes in mbox format and by relays that cut what cannot be seen (RFC 8551 clause 3.1.2).
_FRAGILE: Final = (b"\r\nFrom ", b" \r\n", b"\t\r\n")


class Edit(NamedTuple):
    """Octets of the message that others take the place of."""

    start: int
    end: int
    octets: bytes


def edits_for_transport(root: Part, *, strict: bool = True) -> list[Edit]:
    """List what has to be encoded so that the message passes relays unchanged, in the order of the message.

    Args:
        root: the message; the edits of its own header fields come first.
        strict: whether what cannot be made 7-bit is refused; not needed where all is carried inside the signature.

    Raises:
        UsageError: `mail-not-7bit`, naming the part.
    """
    edits: list[Edit] = []
    _visit(root, edits, strict=strict, frozen=False)
    return sorted(edits)


def apply(data: bytes, start: int, end: int, edits: Iterable[Edit]) -> list[bytes | memoryview]:
    """Cut `data[start:end]` into pieces, edited; nothing that stays is copied."""
    view = memoryview(data)
    pieces: list[bytes | memoryview] = []
    for edit in edits:
        if start <= edit.start and edit.end <= end:
            pieces += (view[start : edit.start], edit.octets)
            start = edit.end
    pieces.append(view[start:end])
    return [piece for piece in pieces if len(piece)]


# ---------------------------------------------------------------- the tree


def _visit(part: Part, edits: list[Edit], *, strict: bool, frozen: bool) -> None:
    """Look at a part and all below it; `frozen` where an earlier signature covers it."""
    if part.parent is not None and strict:
        _require_7bit(part, part.start, part.body_start)
    if not part.children:
        _visit_leaf(part, edits, strict=strict, frozen=frozen)
        return
    if strict:
        _check_between(part)
    covers = part.content_type == "multipart/signed"
    for child in part.children:
        _visit(child, edits, strict=strict, frozen=frozen or covers)
    if part.encoding in ("8bit", "binary") and not frozen:
        edits.append(_encoding_field(part, "7bit"))


def _check_between(part: Part) -> None:
    """Check what stands between the parts: preamble, delimiters, epilogue."""
    at = part.body_start
    for child in part.children:
        _require_7bit(part, at, child.start)
        at = child.end
    _require_7bit(part, at, part.end)


def _visit_leaf(part: Part, edits: list[Edit], *, strict: bool, frozen: bool) -> None:
    fault = _fault(part.data, part.body_start, part.end)
    if fault is None and part.encoding in ("8bit", "binary") and not frozen:
        edits.append(_encoding_field(part, "7bit"))
    if fault is None:
        return
    encoded = None if frozen or part.content_type.startswith(_UNENCODED) else _encode(part)
    if encoded is not None:
        encoding, body = encoded
        edits += (_encoding_field(part, encoding), Edit(part.body_start, part.end, body))
    elif strict and fault == "hard":
        raise UsageError("mail-not-7bit", path=part.path or "-")


def _require_7bit(part: Part, start: int, end: int) -> None:
    if _fault(part.data, start, end) == "hard":
        raise UsageError("mail-not-7bit", path=part.path or "-")


def _fault(data: bytes, start: int, end: int) -> str | None:
    """Say whether relays cannot pass these octets on as they are (`hard`), or may change them (`soft`)."""
    octets = data[start:end]
    if not octets.isascii() or b"\0" in octets or not _is_of_lines(octets):
        return "hard"
    longest = _longest_line(octets)
    if longest > _LONGEST:
        return "hard"
    return "soft" if longest > _LINE or _is_fragile(octets) else None


def _is_fragile(octets: bytes) -> bool:
    if b" " not in octets and b"\t" not in octets:  # as in base64, however long: looked for at a fraction of the cost
        return False
    return octets.startswith(b"From ") or octets.endswith((b" ", b"\t")) or any(mark in octets for mark in _FRAGILE)


def _is_of_lines(octets: bytes) -> bool:
    """Whether every CR and LF is part of a CRLF."""
    ends = octets.count(b"\n")
    return ends == octets.count(b"\r") and (_even_lines(octets, ends) is not None or ends == octets.count(b"\r\n"))


def _longest_line(octets: bytes) -> int:
    even = _even_lines(octets, octets.count(b"\n"))
    return even if even is not None else max(map(len, octets.split(b"\r\n")))


def _even_lines(octets: bytes, ends: int) -> int | None:
    """Return the longest line's length where all lines but the last have one length, as encoders write them.

    Two strided looks tell that, at a tenth of the cost of looking for each end of a line.
    """
    step = octets.find(b"\n") + 1
    if step < 2:
        return None if ends else len(octets)
    whole, rest = divmod(len(octets), step)
    tail = octets[len(octets) - rest :]
    crs = octets[step - 2 : whole * step : step].count(b"\r")
    lfs = octets[step - 1 : whole * step : step].count(b"\n")
    left = ends - whole
    if not (crs == lfs == whole and (left == 0 or (left == 1 and tail.endswith(b"\r\n")))):
        return None
    return max(step - 2, rest - 2 * left)


# ---------------------------------------------------------------- a leaf


def _encoding_field(part: Part, encoding: str) -> Edit:
    """Say the encoding in the field that says it now, else in a new one behind the others."""
    line = f"Content-Transfer-Encoding: {encoding}\r\n".encode()
    found = next((field for field in part.fields if field.key == "content-transfer-encoding"), None)
    if found is not None:
        return Edit(found.start, found.end, line)
    end = part.start + len(part.header_block)
    return Edit(end, end, line)


def _encode(part: Part) -> tuple[str, bytes] | None:
    """Encode a leaf's content; None where it cannot be told what the content is."""
    if part.encoding not in _ENCODINGS:
        return None
    content, faults = decode(part.data[part.body_start : part.end], part.encoding)
    if faults:
        return None
    if part.encoding == "quoted-printable" or (part.encoding in IDENTITY and _reads_as_text(part, content)):
        encoded = _quoted_printable(content)
        if encoded is not None:
            return "quoted-printable", encoded
    return "base64", base64_lines(content)


def _reads_as_text(part: Part, content: bytes) -> bool:
    """Whether most of it can still be read where its octets are quoted."""
    return part.content_type.startswith("text/") and len(content.translate(None, _PRINTABLE)) * 4 < len(content)


_PRINTABLE: Final = bytes(range(32, 127)) + b"\t\r\n"


def _quoted_printable(content: bytes) -> bytes | None:
    """Encode lines (RFC 2045 clause 6.7); None where they are none, or do not fit."""
    if b"\0" in content or not _is_of_lines(content):
        return None
    encoded = binascii.b2a_qp(content, istext=True)
    if b"\n" not in content:
        # Without a line to learn from, the encoder ends its own with LF alone.
        encoded = encoded.replace(b"=\n", b"=\r\n")
    encoded = (b"\r\n" + encoded).replace(b"\r\nFrom ", b"\r\n=46rom ").replace(b"\r\n.\r\n", b"\r\n=2E\r\n")[2:]
    fits = _fault(encoded, 0, len(encoded)) is None and binascii.a2b_qp(encoded) == content
    return encoded if fits else None


def base64_lines(content: bytes) -> bytes:
    """Encode octets in lines of 76 digits, each ended (RFC 2045 clause 6.8)."""
    digits = binascii.b2a_base64(content, newline=False)
    lines = [digits[at : at + _BASE64_LINE] for at in range(0, len(digits), _BASE64_LINE)]
    return b"\r\n".join(lines) + b"\r\n" if lines else b""
