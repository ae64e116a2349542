"""A message made fit to be signed (RFC 8551 clause 3.1): what a relay might rewrite on its way is encoded beforehand.

Only leaves that need it are encoded anew; every other octet stays where and what it is. What was signed before is never
touched, and what cannot be encoded is refused.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from functools import cache
from struct import Struct
from typing import Final, NamedTuple

from gsign.errors import UsageError
from gsign.mime import Part
from gsign.mime.decoding import IDENTITY, decode
from gsign.mime.lines import after_even_lines, line_faults
from gsign.protection.documents import NEAR, begins_document
from gsign.protection.headers import copy_of, is_authors

__all__ = ["Edit", "apply", "base64_lines", "base64_pieces", "edits_for_transport", "trimmed"]

_LONGEST: Final = 998
"""Octets of a line that every relay passes on (RFC 5321 clause 4.5.3.1.6)."""
_LINE: Final = 78
"""Octets of a line that no relay has a reason to fold (RFC 5322 clause 2.1.1)."""
_BASE64_LINE: Final = 76
_BASE64_LINES: Final = 4096
_BASE64_PIECE: Final = _BASE64_LINE // 4 * 3 * _BASE64_LINES
_ENCODINGS: Final = IDENTITY | {"base64", "quoted-printable"}
# Their bodies must stay as they are (RFC 2045 clause 6.4).
_UNENCODED: Final = ("multipart/", "message/")
_LINE_ENDS: Final = 2
# In base64 there is no blank, however long it is: then there is nothing that anybody rewrites or cuts.
_NOT_OF_ENCODERS: Final = (b"\r", b"\n", b"\0", b" ", b"\t")


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
    search = _Search(root.data, [], strict, root.body_start)
    search.visit_header(root)
    search.visit(root, frozen=False)
    return sorted(search.edits)


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


class _Search(NamedTuple):
    """What has to be encoded, looked for in the tree.

    Args:
        data: the message.
        edits: what was found.
        strict: whether what cannot be made 7-bit is refused.
        start: where its body begins.
    """

    data: bytes
    edits: list[Edit]
    strict: bool
    start: int

    def visit(self, part: Part, *, frozen: bool) -> None:
        """Look at a part and all below it; `frozen` where an earlier signature covers it."""
        if not part.is_root:
            self._require_7bit(part, part.start, part.body_start)
            self.edits.extend([] if frozen else _trimmed_fields(part))
        if not part.children:
            self._visit_leaf(part, frozen=frozen)
            return
        self._check_between(part)
        covers = part.content_type == "multipart/signed"
        for child in part.children:
            self.visit(child, frozen=frozen or covers)
        if part.encoding in ("8bit", "binary") and not frozen:
            self.edits.append(_encoding_field(part, "7bit"))

    def visit_header(self, root: Part) -> None:
        """Look at the fields that are copied or moved into what is signed."""
        for field in root.fields if self.strict else ():
            is_moved = field.key.startswith("content-")
            octets = copy_of(root, field, seven_bit=not is_moved)
            if (is_moved or is_authors(field)) and _fault(octets, 0, len(octets)) == "hard":
                raise UsageError("mail-not-7bit", path="-")

    def _check_between(self, part: Part) -> None:
        """Check what stands between the parts: preamble, delimiters, epilogue."""
        at = part.body_start
        for child in part.children:
            self._require_7bit(part, at, child.start)
            at = child.end
        self._require_7bit(part, at, part.end)

    def _visit_leaf(self, part: Part, *, frozen: bool) -> None:
        fault = _fault(self.data, part.body_start, part.end) or ("soft" if self._begins_document(part) else None)
        if fault is None:
            if part.encoding in ("8bit", "binary") and not frozen:
                self.edits.append(_encoding_field(part, "7bit"))
            return
        encoded = None if frozen or part.content_type.startswith(_UNENCODED) else _encode(part)
        if encoded is not None:
            encoding, body = encoded
            self.edits.extend((_encoding_field(part, encoding), Edit(part.body_start, part.end, body)))
        elif self.strict and fault == "hard":
            raise UsageError("mail-not-7bit", path=part.path or "-")

    def _begins_document(self, part: Part) -> bool:
        """Whether a part makes the message a document to readers of PDF (see `gsign.protection.documents`)."""
        near = self.start + NEAR
        return part.body_start < near and begins_document([self.data[part.body_start : min(part.end, near)]])

    def _require_7bit(self, part: Part, start: int, end: int) -> None:
        if self.strict and _fault(self.data, start, end) == "hard":
            raise UsageError("mail-not-7bit", path=part.path or "-")


def _fault(data: bytes, start: int, end: int) -> str | None:
    """Say whether relays cannot pass octets on as they are (`hard`), or may change them (`soft`).

    Nothing is copied of what is large and in base64.
    """
    even = after_even_lines(data, start, end, longest=_LINE + _LINE_ENDS, without=_NOT_OF_ENCODERS)
    rest = data[even:end]
    if not rest.isascii() or line_faults(rest):
        return "hard"
    behind = _after_fit_lines(data, even, end)
    if behind == end:
        return None
    return "hard" if _has_longer_line(data, behind, end, _LONGEST) else "soft"


def _after_fit_lines(data: bytes, start: int, end: int) -> int:
    """Return the end of the lines that nobody on the way has a reason to change: `end` where that is true of all.

    Relays fold what is long and cut what cannot be seen, mailboxes in mbox format rewrite `From ` (RFC 8551 3.1.2).
    """
    while start < end:
        found = _fit_lines().match(data, start, end)
        start = found.end() if found is not None else start
        if not data.startswith(b"F", start, end) and data.find(b"\n", start, end) >= 0:
            return start
        # One line by itself: the first letter of `From `, or the last one without its end.
        stop = data.find(b"\n", start, end) + 1 or end
        if not _is_fit(data[start:stop].removesuffix(b"\r\n")):
            return start
        start = stop
    return end


def _is_fit(line: bytes) -> bool:
    return len(line) <= _LINE and not line.startswith(b"From ") and not line.endswith((b" ", b"\t"))


@cache
def _fit_lines() -> re.Pattern[bytes]:
    """Return what matches lines that `_is_fit` is true of, but for those that begin with an F, and whole ends."""
    return re.compile(rb"(?:[^F].{0,%d}+(?<![ \t]\r)\n)*+" % _LINE)


def _has_longer_line(data: bytes, start: int, end: int, most: int) -> bool:
    """Tell whether a line is longer than so many octets, its end left out."""
    while end - start > most:
        stop = data.rfind(b"\n", start, min(start + most + _LINE_ENDS, end)) + 1
        if stop <= start:
            return True
        start = stop
    return False


# ---------------------------------------------------------------- fields and leaves


def trimmed(fields: bytes) -> bytes:
    """Cut the spaces at the ends of header lines, which mean nothing; a line of nothing else stays."""
    return b"\r\n".join(line.rstrip(b" \t") or line for line in fields.split(b"\r\n"))


def _trimmed_fields(part: Part) -> Iterator[Edit]:
    """Cut the spaces of a part's fields, but where its encoding is said: that field may be written anew."""
    for field in part.fields:
        octets = part.data[field.start : field.end]
        if field.key != "content-transfer-encoding" and (cut := trimmed(octets)) != octets:
            yield Edit(field.start, field.end, cut)


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
    content, faults = decode(part.body, part.encoding)
    if faults:
        return None
    if part.encoding == "quoted-printable" or (part.encoding in IDENTITY and _reads_as_text(part, content)):
        encoded = _quoted_printable(content)
        if encoded is not None and not begins_document([encoded]):
            return "quoted-printable", encoded
    return "base64", base64_lines(content)


def _reads_as_text(part: Part, content: bytes) -> bool:
    """Whether most of it can still be read where its octets are quoted."""
    return part.content_type.startswith("text/") and len(content.translate(None, _PRINTABLE)) * 4 < len(content)


_PRINTABLE: Final = bytes(range(32, 127)) + b"\t\r\n"


def _quoted_printable(content: bytes) -> bytes | None:
    """Encode lines (RFC 2045 clause 6.7); None where they are none, or do not fit."""
    if line_faults(content):
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
    return b"".join(base64_pieces([content]))


def base64_pieces(content: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Encode pieces that follow each other likewise, many lines at a time: what is large is never held once more."""
    left = b""
    for piece in content:
        view = memoryview(piece)
        fill = min(-len(left) % _BASE64_PIECE, len(view))
        left += view[:fill]
        if 0 < len(left) < _BASE64_PIECE:
            continue
        if left:
            yield _base64_lines(left)
        end = len(view) - (len(view) - fill) % _BASE64_PIECE
        yield from (_base64_lines(view[at : at + _BASE64_PIECE]) for at in range(fill, end, _BASE64_PIECE))
        left = bytes(view[end:])
    if left:
        yield _base64_lines(left)


def _base64_lines(content: bytes | memoryview) -> bytes:
    digits = binascii.b2a_base64(content, newline=False)
    if len(content) == _BASE64_PIECE:
        return b"\r\n".join((*_cutter().unpack(digits), b""))
    lines = [digits[at : at + _BASE64_LINE] for at in range(0, len(digits), _BASE64_LINE)]
    return b"\r\n".join((*lines, b""))


@cache
def _cutter() -> Struct:
    """Return what cuts the digits of a whole piece into lines, at half the cost of cutting one after the other."""
    return Struct(f"{_BASE64_LINE}s" * _BASE64_LINES)
