"""Files in hexadecimal digits, as rich text embeds them, and as scripts and other texts hold them."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Final

from gsign.mail.containers.model import ContainerError
from gsign.mail.containers.objects import native_of, package_of
from gsign.mail.containers.zip_directory import archives_within
from gsign.mail.hidden import BLANKS, MOST_MARKUP, Hidden, TooManyError, require_few
from gsign.mail.kinds import PDF_MARK

__all__ = ["files_in_hex", "is_rich", "may_hold_hex"]

_CONTROL: Final = re.compile(rb"\\(?:[a-zA-Z]+-?[0-9]* ?|[^a-zA-Z])|[{}\s]+")
_BINARY: Final = re.compile(rb"\\bin([0-9]{1,9})(?: |(?![0-9]))")
_HEX: Final = re.compile(rb"[0-9A-Fa-f\s]{10,}")
_LEADING: Final = 64
_RICH: Final = b"{\\rt"
_PDF_IN_HEX: Final = PDF_MARK.hex().encode()
_PDF_HEX: Final = re.compile(_PDF_IN_HEX, re.IGNORECASE)
_FILES_HEX: Final = re.compile(
    b"|".join((_PDF_IN_HEX, b"504b0304", b"d0cf11e0a1b11ae1", b"377abcaf271c", b"526172211a07")), re.IGNORECASE
)
_ZIP: Final = b"PK\x03\x04"
_OBJECT, _OBJECT_MARK = b"\\objdata", b"\x01"


def is_rich(text: bytes) -> bool:
    """Whether this begins like rich text, behind blanks or not."""
    return text[:_LEADING].lstrip().startswith(_RICH)


def may_hold_hex(text: bytes) -> bool:
    """Whether a PDF may be written out in it: all digits of its mark are there, but the last."""
    return b"0" in text and _PDF_IN_HEX[:-1] in text


def files_in_hex(text: bytes) -> Iterator[Hidden]:
    """Find documents in hexadecimal digits; in rich text, which embeds so, archives and compound files too.

    Raises:
        TooManyError: there are more than anybody sends, or rich text with objects is longer than any.
    """
    marks = _PDF_HEX
    if text.startswith(_RICH):
        has_objects = _OBJECT in text
        text, marks = _without_controls(text) if has_objects else text.translate(None, BLANKS), _FILES_HEX
        yield from _objects(text) if has_objects else ()
    stop = count = 0
    for found in marks.finditer(text):
        if found.start() < stop:
            continue
        run = _HEX.match(text, found.start())
        stop = run.end() if run else found.end()
        data = _of_hex(text[found.start() : stop])
        if data.startswith(_ZIP):
            # Behind it stands whatever else the text has in digits, such as the colours of a theme.
            archives = _archives_within(data)
            stop = found.start() + 2 * max((end for _, end in archives), default=len(_ZIP))
            yield from (Hidden("hex", "", data[begin:end]) for begin, end in archives)
        else:
            yield Hidden("hex", "", data)
        count += 1
        require_few(count)


def _without_controls(text: bytes) -> bytes:
    """Return rich text as Word reads the digits of an object, whatever control words, groups and spaces stand in them.

    Raises:
        TooManyError: it is longer than any such text.
    """
    if len(text) > MOST_MARKUP:
        raise TooManyError
    if b"\\bin" in text:
        text = _binary_in_digits(text)
    return _CONTROL.sub(b"", text.replace(_OBJECT, _OBJECT + b" " + _OBJECT_MARK))


def _binary_in_digits(text: bytes) -> bytes:
    """Write what rich text has in octets as digits."""
    pieces: list[bytes] = []
    at = 0
    while found := _BINARY.search(text, at):
        stop = found.end() + int(found[1])
        pieces += [text[at : found.start()], text[found.end() : stop].hex().encode()]
        at = stop
    return b"".join([*pieces, text[at:]])


def _objects(text: bytes) -> Iterator[Hidden]:
    """Find the files that rich text has wrapped as objects."""
    _, *objects = text.split(_OBJECT_MARK)
    require_few(len(objects))
    for written in objects:
        run = _HEX.match(written)
        native = native_of(_of_hex(run[0])) if run else b""
        package = package_of(native)
        if package:
            yield Hidden("object", package.name, package.data)
        elif native:
            yield Hidden("object", "", native)


def _of_hex(run: bytes) -> bytes:
    digits = run.translate(None, BLANKS)
    return binascii.a2b_hex(digits[: len(digits) // 2 * 2])


def _archives_within(data: bytes) -> list[tuple[int, int]]:
    try:
        return list(archives_within(data))
    except ContainerError:
        raise TooManyError from None
