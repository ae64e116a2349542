"""A message read as a tree of parts, where it lies (RFC 5322, 2045, 2046).

There is one reading, the exact one. Whatever another reader might take differently is noted on the part where it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from gsign.mime.boundaries import cut
from gsign.mime.decoding import ENCODINGS, IDENTITY
from gsign.mime.fields import HeaderBlock, read_header
from gsign.mime.limits import Limits
from gsign.mime.lines import line_faults
from gsign.mime.names import judge_names
from gsign.mime.notes import Note
from gsign.mime.part import Part

__all__ = ["read"]

_INCOMPLETE: Final = {"message/partial": "message-partial", "message/external-body": "external-body"}
_ELSEWHERE: Final = "x-mozilla-external-attachment-url"
"""Where Thunderbird opens a file from, in place of what stands in the message."""
_VERSION: Final = re.compile(r"1\.0(?:\s+\((?:[^()\\]|\\.)*\))?\s*")
# Text in these does not look like text: what reads the octets does not see what a mail program shows.
# Those that Python has are asked; these it has not, or not by all of their names.
_ODD_CHARSETS: Final = (
    *("utf-7", "utf7", "unicode-1", "unicode-2", "csunicode11utf7", "ucs-", "iso-10646", "scsu", "bocu"),
    *("utf-16", "utf-32", "hz", "ebcdic", "cp1047", "ibm1047", "x-ebcdic", "x-ibm", "cp65000"),
)
_PLAIN: Final = bytes(range(32, 127)).translate(None, b"\\~")
"""ASCII, but for the two that Japanese and Korean sets have other signs for."""


def read(
    data: bytes,
    limits: Limits | None = None,
    *,
    is_message: bool = True,
    is_checked: bool = False,
    header: HeaderBlock | None = None,
) -> Part:
    """Read a message.

    Args:
        data: the message with CRLF ends of lines; see `canonical_lines` for files that have LF.
        limits: on its structure.
        is_message: whether it needs a MIME-Version; the content of an S/MIME envelope does not.
        is_checked: whether it is known to hold no bare CR or LF and no NUL: then nobody looks again.
        header: the message's own, where it has been read within limits that did not matter.
    """
    reader = _Reader(data, limits or Limits(), header)
    root = reader.entity("", 0, len(data), default="text/plain")
    if not is_checked:
        root.note(*(Note(fault) for fault in line_faults(data)))
    if is_message:
        root.note(*_version(root))
    return root


class _Reader:
    """Reads the parts of one message within its limits."""

    def __init__(self, data: bytes, limits: Limits, header: HeaderBlock | None) -> None:
        self._data = data
        self._limits = limits
        fits = header is not None and header.body <= limits.header and len(header.fields) <= limits.fields
        self._known = header if fits else None
        self._parts = 0
        self._headers = 0
        self._around: list[bytes] = []
        """Boundaries of the parts that are being read."""

    def entity(
        self, path: str, start: int, end: int, *, default: str, depth: int = 0, is_message: bool = False
    ) -> Part:
        """Read the entity that lies there, and what it is made of; `is_message` where it is a message in a part."""
        self._parts += 1
        header = self._known or read_header(self._data, start, end, self._limits)
        self._known = None
        self._headers += header.end - start
        part = Part(self._data, start, end, header, path, default)
        part.note(*_oddities(part))
        if is_message:
            part.note(*_version(part))
        if is_message and start < part.body_start == end:
            # A notice of delivery often returns no more than the header.
            part.forget("header-unended")
        elif part.is_multipart:
            self._read_multipart(part, depth)
        elif part.is_message:
            self._read_message(part, depth)
        return part

    def _read_multipart(self, part: Part, depth: int) -> None:
        if part.encoding not in IDENTITY:
            # RFC 2045 clause 6.4 forbids it; some readers decode the whole body first.
            part.note(Note("multipart-encoded", part.encoding))
        boundary = _octets(part.parameters.get("boundary", ""))
        if not boundary:
            part.note(Note("boundary-missing"))
            return
        if any(outer.startswith(boundary) or boundary.startswith(outer) for outer in self._around):
            # Where one begins with the other, readers disagree whose a line is.
            part.note(Note("boundary-nested"))
        if depth >= self._limits.depth:
            part.note(Note("too-deep"))
            return
        found = cut(self._data, part.body_start, part.end, boundary, self._limits.parts - self._parts)
        part.note(*found.notes)
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        children = []
        self._around.append(boundary)
        for number, (start, end) in enumerate(found.parts, 1):
            if self._headers > self._limits.headers:
                part.note(Note("too-many-fields"))
                break
            children.append(self.entity(_below(part, number), start, end, default=default, depth=depth + 1))
        self._around.pop()
        part.children = tuple(children)

    def _read_message(self, part: Part, depth: int) -> None:
        if part.encoding not in IDENTITY:
            # RFC 2046 clause 5.2.1 forbids it: some readers decode it, others look at it as it is. These find no field
            # in digits; what else there is may be one message to some, and another one to others.
            if part.encoding != "base64" or part.decode().faults:
                part.note(Note("message-encoded", part.encoding))
            return
        if depth >= self._limits.depth:
            part.note(Note("too-deep"))
            return
        if self._parts >= self._limits.parts:
            part.note(Note("too-many-parts"))
            return
        path, start = _below(part, 1), part.body_start
        below = self.entity(path, start, part.end, default="text/plain", depth=depth + 1, is_message=True)
        part.children = (below,)


def _below(part: Part, number: int) -> str:
    return f"{part.path}/{number}" if part.path else str(number)


def _octets(boundary: str) -> bytes:
    """Return a boundary as it stands in the message: fields that are no UTF-8 were read octet by octet."""
    return boundary.encode("utf-8", "surrogateescape")


def _oddities(part: Part) -> list[Note]:
    """Look at the fields that say how the part is to be read."""
    notes = [*part.media.notes, *part.presentation.notes]
    if part.filenames:
        notes += judge_names(part.filenames)
    if "/" not in part.content_type.strip("/"):
        notes.append(Note("content-type-malformed", part.content_type))
    if part.encoding not in ENCODINGS:
        notes.append(Note("encoding-unknown", part.encoding))
    if part.content_type in _INCOMPLETE:
        notes.append(Note(_INCOMPLETE[part.content_type]))
    if part.has(_ELSEWHERE):
        notes.append(Note("external-body", _ELSEWHERE))
    charset = part.parameters.get("charset", "").lower()
    if charset and _is_odd(charset):
        notes.append(Note("charset-odd", charset))
    return notes


@lru_cache(1 << 8)
def _is_odd(charset: str) -> bool:
    if charset.startswith(_ODD_CHARSETS):
        return True
    try:
        return _PLAIN.decode(charset, "replace") != _PLAIN.decode("ascii")
    except (LookupError, ValueError):  # also what is no character set at all
        return False


def _version(part: Part) -> list[Note]:
    """Judge MIME-Version of a message (RFC 2045 clause 4): without it, readers may take all for text."""
    version = part.get("mime-version")
    if version is None:
        is_mime = any(field.key.startswith("content-") for field in part.fields)
        return [Note("mime-version-missing")] if is_mime else []
    return [] if version == "1.0" or _VERSION.fullmatch(version) else [Note("mime-version-odd", version)]
