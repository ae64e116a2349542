"""Content-Transfer-Encoding (RFC 2045 clause 6): the octets, and every other reading where the encoding is off."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from io import BytesIO
from typing import Final, NamedTuple

__all__ = ["ENCODINGS", "IDENTITY", "Decoded", "decode", "every_reading"]

IDENTITY: Final = frozenset(("7bit", "8bit", "binary"))
_UUENCODE: Final = frozenset(("x-uuencode", "uuencode", "x-uue", "uue"))
ENCODINGS: Final = IDENTITY | _UUENCODE | {"base64", "quoted-printable"}
_UNENCODED: Final = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r?\n)")
"""What some readers of quoted-printable leave out, and others with the two octets behind it."""
_UNENCODED_GROUP: Final = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r?\n)[^\r\n]{0,2}")
_LINE_ENDS: Final = b"\r\n"
_PIECE: Final = 1 << 17
"""Octets that are decoded at a time: what a processor has at hand is read again at once."""
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_GARBAGE: Final = bytes(set(range(256)) - set(_ALPHABET) - {ord("=")})
_UU_DIGITS: Final = bytes(range(32, 97))
_UU_TO_BASE64: Final = bytes(_ALPHABET[(octet - 32) & 63] for octet in range(256))
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


class Decoded(NamedTuple):
    """What a body means.

    Args:
        data: the octets as the common reading has them.
        faults: what readers take differently: `base64-garbage`, `base64-padding`, `quoted-printable-malformed`, …
    """

    data: bytes
    faults: tuple[str, ...] = ()


def decode(body: bytes | memoryview, encoding: str) -> Decoded:
    """Decode a body by its encoding, strictly where that can be told; an encoding that is unknown changes nothing."""
    if encoding == "base64":
        return _base64(body)
    octets = bytes(body)
    if encoding == "quoted-printable":
        return _quoted_printable(octets)
    if encoding in _UUENCODE:
        return _uuencode(octets)
    return Decoded(octets)


def every_reading(body: bytes) -> tuple[bytes, ...]:
    """Return what the body means to readers that believe in one encoding or another, each reading once."""
    readers: tuple[Callable[[bytes], bytes], ...] = (
        bytes,
        _until_padding,
        _through_padding,
        _each_padded,
        lambda b: _until_padding(b.translate(_URL_SAFE)),
        binascii.a2b_qp,
        lambda b: binascii.a2b_qp(_UNENCODED.sub(b"", b)),
        lambda b: binascii.a2b_qp(_UNENCODED_GROUP.sub(b"", b)),
        lambda b: _uuencode(b).data,
    )
    return tuple(dict.fromkeys(read(body) for read in readers))


# ---------------------------------------------------------------- base64


def _base64(body: bytes | memoryview) -> Decoded:
    """Decode piece by piece, so that what is large is not held once more without its ends of lines."""
    view, whole, digits, stop = memoryview(body), BytesIO(), b"", 0
    for at in range(0, len(view), _PIECE):
        digits = digits[stop:] + bytes(view[at : at + _PIECE]).translate(None, _LINE_ENDS)
        is_last = at + _PIECE >= len(view)
        stop = len(digits) if is_last else len(digits) // 4 * 4
        try:
            whole.write(binascii.a2b_base64(digits[:stop], strict_mode=True))
        except binascii.Error:
            return _base64_at_once(bytes(body))
        if not is_last and b"=" in digits:
            # Padding should be the end; behind it may be ends of lines, or something odd.
            return _base64_at_once(bytes(body))
    return Decoded(whole.getvalue(), ("base64-padding",) if digits.endswith(b"===") else ())


def _base64_at_once(body: bytes) -> Decoded:
    lines = body.translate(None, _LINE_ENDS)
    try:
        data = binascii.a2b_base64(lines, strict_mode=True)
    except binascii.Error:
        return Decoded(_until_padding(body), tuple(_base64_faults(lines)))
    return Decoded(data, ("base64-padding",) if lines.endswith(b"===") else ())


def _base64_faults(lines: bytes) -> list[str]:
    """Name what is off, in the order in which a reader comes upon it."""
    clean = lines.translate(None, _GARBAGE)
    faults = []
    # White space is skipped by every reader (RFC 2045 clause 6.8).
    if len(clean) != len(lines.translate(None, b" \t")):
        faults.append("base64-garbage")
    digits = clean.rstrip(b"=")
    if b"=" in digits:
        faults.append("base64-after-padding")
    elif (len(digits) + len(clean) - len(digits)) % 4 or len(clean) - len(digits) > 2:
        faults.append("base64-padding")
    return faults


def _until_padding(body: bytes) -> bytes:
    """Read up to the first padding, as most readers do, passing over what is no digit."""
    digits = body.translate(None, _GARBAGE).partition(b"=")[0]
    return _of_digits(digits)


def _through_padding(body: bytes) -> bytes:
    """Read on as if padding were not there."""
    return _of_digits(body.translate(None, _GARBAGE + b"="))


def _each_padded(body: bytes) -> bytes:
    """Begin anew behind each padding."""
    return b"".join(map(_of_digits, body.translate(None, _GARBAGE).split(b"=")))


def _of_digits(digits: bytes) -> bytes:
    whole = digits[: len(digits) - 1] if len(digits) % 4 == 1 else digits
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


# ---------------------------------------------------------------- quoted-printable


def _quoted_printable(body: bytes) -> Decoded:
    data = binascii.a2b_qp(body)
    # What is malformed is left as it stands: then there are more equals signs than were encoded.
    left = data.count(b"=") - body.count(b"=3D")
    # Nearly everybody writes capitals, as RFC 2045 asks for.
    is_malformed = left != 0 and left != body.count(b"=3d")
    return Decoded(data, ("quoted-printable-malformed",) if is_malformed else ())


# ---------------------------------------------------------------- uuencode


def _uuencode(body: bytes) -> Decoded:
    """Decode the first file of a uuencoded body, from its `begin` line to its `end` line."""
    begin = 0 if body.startswith(b"begin ") else body.find(b"\nbegin ") + 1
    if not begin and not body.startswith(b"begin "):
        return Decoded(b"", ("uuencode-malformed",))
    decoded: list[bytes] = []
    is_exact = True
    for line in body[begin:].split(b"\n")[1:]:
        text = line.rstrip(b"\r")
        if text == b"end":
            return Decoded(b"".join(decoded), () if is_exact else ("uuencode-malformed",))
        if text:
            data, as_written = _uuencoded_line(text)
            decoded.append(data)
            is_exact &= as_written
    return Decoded(b"".join(decoded), ("uuencode-malformed",))


def _uuencoded_line(text: bytes) -> tuple[bytes, bool]:
    """Decode a line as lenient readers do, and say whether it is as encoders write it."""
    count = (text[0] - 32) & 63
    digits = text[1 : 1 - (-count // 3) * 4]
    is_exact = len(digits) + 1 == len(text) and not len(digits) % 4 and not digits.translate(None, _UU_DIGITS)
    whole = digits.translate(_UU_TO_BASE64).ljust(-(-count // 3) * 4, b"A")
    return binascii.a2b_base64(whole)[:count], is_exact
