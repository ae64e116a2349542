"""A message made fit to be signed (RFC 8551 clause 3.1): what a relay might rewrite on its way is encoded beforehand.

Only leaves that need it are encoded anew; every other octet stays where and what it is. What was signed before is never
touched, and what cannot be encoded is refused.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Iterator
from functools import cache
from struct import Struct
from typing import Final, NamedTuple

from gsign.errors import UsageError
from gsign.mime import Part
from gsign.mime.decoding import IDENTITY, decode
from gsign.mime.lines import line_faults
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
_ODD_ENDS: Final = frozenset(("bare-cr", "bare-lf", "nul"))
_LINE_ENDS: Final = 2
_PIECE: Final = 64 << 10


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
    whole_ends = _ODD_ENDS.isdisjoint(root.ambiguities)
    search = _Search(root.data, [], strict, is_ascii=root.data.isascii(), whole_ends=whole_ends)
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
    """What has to be encoded, looked for in the tree; what is known of the whole message is not looked for again.

    Args:
        data: the message.
        edits: what was found.
        strict: whether what cannot be made 7-bit is refused.
        is_ascii: whether all of it is 7-bit.
        whole_ends: whether every CR and LF in it is known to be part of a CRLF, and no octet to be NUL.
    """

    data: bytes
    edits: list[Edit]
    strict: bool
    is_ascii: bool
    whole_ends: bool

    def visit(self, part: Part, *, frozen: bool) -> None:
        """Look at a part and all below it; `frozen` where an earlier signature covers it."""
        if part.parent is not None:
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
            if (is_moved or is_authors(field)) and _fault(octets) == "hard":
                raise UsageError("mail-not-7bit", path="-")

    def _check_between(self, part: Part) -> None:
        """Check what stands between the parts: preamble, delimiters, epilogue."""
        at = part.body_start
        for child in part.children:
            self._require_7bit(part, at, child.start)
            at = child.end
        self._require_7bit(part, at, part.end)

    def _visit_leaf(self, part: Part, *, frozen: bool) -> None:
        fault = self._fault(part.body_start, part.end)
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

    def _require_7bit(self, part: Part, start: int, end: int) -> None:
        if self.strict and self._fault(start, end) == "hard":
            raise UsageError("mail-not-7bit", path=part.path or "-")

    def _fault(self, start: int, end: int) -> str | None:
        """Say what relays cannot or may not pass on as it is, as `_fault`, of some of the message."""
        is_clean = (self.is_ascii or self.data[start:end].isascii()) and (
            self.whole_ends or _has_whole_ends(self.data[start:end])
        )
        return _fault_of_lines(self.data, start, end) if is_clean else "hard"


def _fault(octets: bytes) -> str | None:
    """Say whether relays cannot pass these octets on as they are (`hard`), or may change them (`soft`)."""
    is_clean = octets.isascii() and _has_whole_ends(octets)
    return _fault_of_lines(octets, 0, len(octets)) if is_clean else "hard"


def _fault_of_lines(data: bytes, start: int, end: int) -> str | None:
    """Say the same of octets whose ends of lines are whole; nothing of a large message is copied for it."""
    behind_even = _after_even_lines(data, start, end)
    if _has_longer_line(data, behind_even, end, _LINE):
        return "hard" if _has_longer_line(data, behind_even, end, _LONGEST) else "soft"
    return "soft" if _is_fragile(data, start, end) else None


def _is_fragile(data: bytes, start: int, end: int) -> bool:
    """Tell of what mailboxes in mbox format rewrite, and relays that cut what cannot be seen (RFC 8551 3.1.2)."""
    # In base64 there is neither, however long it is: that is found out at a fraction of the cost.
    blanks = [blank for blank in (b" ", b"\t") if data.find(blank, start, end) >= 0]
    if not blanks:
        return False
    if data.startswith(b"From ", start, end) or data.find(b"\r\nFrom ", start, end) >= 0:
        return True
    return any(data.endswith(blank, start, end) or data.find(blank + b"\r\n", start, end) >= 0 for blank in blanks)


def _has_whole_ends(octets: bytes) -> bool:
    """Whether every CR and LF is part of a CRLF, and no octet is NUL."""
    return not line_faults(octets)


def _after_even_lines(data: bytes, start: int, end: int) -> int:
    """Return where lines of one length end that no relay folds; `start` where there are none.

    Encoders write such lines: two strided looks tell so, at a tenth of the cost of looking for each end.
    """
    step = data.find(b"\n", start, end) + 1 - start
    if not _LINE_ENDS < step <= _LINE + _LINE_ENDS:
        return start
    last = start + (end - start) // step * step
    crs, lfs = data[start + step - 2 : last : step], data[start + step - 1 : last : step]
    return last if crs == b"\r" * len(lfs) and lfs == b"\n" * len(lfs) else start


def _has_longer_line(data: bytes, start: int, end: int, most: int) -> bool:
    """Tell whether a line is longer than so many octets, its end left out."""
    while end - start > most:
        stop = data.rfind(b"\n", start, min(start + _PIECE, end)) + 1
        if stop <= start or max(map(len, data[start:stop].split(b"\n"))) > most + 1:
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
        if encoded is not None:
            return "quoted-printable", encoded
    return "base64", base64_lines(content)


def _reads_as_text(part: Part, content: bytes) -> bool:
    """Whether most of it can still be read where its octets are quoted."""
    return part.content_type.startswith("text/") and len(content.translate(None, _PRINTABLE)) * 4 < len(content)


_PRINTABLE: Final = bytes(range(32, 127)) + b"\t\r\n"


def _quoted_printable(content: bytes) -> bytes | None:
    """Encode lines (RFC 2045 clause 6.7); None where they are none, or do not fit."""
    if not _has_whole_ends(content):
        return None
    encoded = binascii.b2a_qp(content, istext=True)
    if b"\n" not in content:
        # Without a line to learn from, the encoder ends its own with LF alone.
        encoded = encoded.replace(b"=\n", b"=\r\n")
    encoded = (b"\r\n" + encoded).replace(b"\r\nFrom ", b"\r\n=46rom ").replace(b"\r\n.\r\n", b"\r\n=2E\r\n")[2:]
    fits = _fault(encoded) is None and binascii.a2b_qp(encoded) == content
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
