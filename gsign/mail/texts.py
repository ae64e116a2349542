"""What hides in text: uuencoded and yEncoded files, data: URIs, blocks of base64 or hexadecimal digits."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, zip_longest
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from gsign.mail.kinds import PDF_MARK
from gsign.mime.decoding import decode

__all__ = ["Hidden", "TooManyError", "find_hidden"]

_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_\-\s]{8,}={0,2}")
_CONTROL: Final = re.compile(rb"\\(?:[a-zA-Z]+-?[0-9]* ?|[^a-zA-Z])|[{}\s]+")
_HEX: Final = re.compile(rb"[0-9A-Fa-f\s]{10,}")
_PAYLOAD: Final = re.compile(rb"""[^"'<>)\s]*""")
_LONGEST_TYPE: Final = 300
_BEGIN: Final = re.compile(rb"(?:^|\n)begin(?:-base64)?[ \t]+[0-7]{1,6}[ \t]+([^\r\n]{1,255})\r?\n")
_YENC: Final = re.compile(rb"=ybegin [^\r\n]*name=([^\r\n]*)\r?\n")
_DIGITS: Final = frozenset(bytes((o,)) for o in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_NULS: Final = 1_000
"""Text has no more than one NUL among so many octets; what is compressed has one in 256."""
_MOST: Final = 1_000
"""Files of one kind in one text."""


_MOST_MARKUP: Final = 8 << 20
"""Octets of markup in which characters are named by number, or of rich text."""


class TooManyError(ValueError):
    """A text holds more files of one kind than are looked at."""


def _marks_in_base64(mark: bytes) -> tuple[bytes, ...]:
    """Return how octets look in base64 at each of the three places where they may begin in a group."""
    marks = []
    for before in range(3):
        text = base64.b64encode(bytes(before) + mark)
        # The digits at both ends also depend on what stands beside the mark.
        first = (0, 2, 3)[before]
        whole = (before + len(mark)) * 8 // 6
        marks.append(text[first:whole])
    return tuple(marks)


_PDF_IN_BASE64: Final = _marks_in_base64(PDF_MARK)
# Archives begin where their digits begin.
_ARCHIVES_IN_BASE64: Final = tuple(
    base64.b64encode(magic)[: len(magic) * 8 // 6]
    for magic in (b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"Rar!\x1a\x07")
)
# Most texts lack some of these letters, and each mark has some of them: one octet is found fastest.
_RARE: Final = b"JQFZWYG80RUDB"
_LEAST_ARCHIVE: Final = 100
"""Digits: fewer hold no archive with anything in it."""
_RICH: Final = b"{\\rt"
_PDF_IN_HEX: Final = PDF_MARK.hex().encode()


class Hidden(NamedTuple):
    """A file found in text.

    Args:
        kind: how it stood there: `uuencode`, `yenc`, `data-uri`, `base64`, `hex`.
        name: what it is called, empty where it has no name.
        data: its octets.
        faults: what readers take differently about its encoding.
    """

    kind: str
    name: str
    data: bytes
    faults: tuple[str, ...] = ()

    @property
    def is_digits(self) -> bool:
        """Whether nothing but the digits themselves says that there is a file."""
        return self.kind in ("base64", "hex")


def find_hidden(text: bytes, *, is_markup: bool = False) -> Iterator[Hidden]:
    """Yield every file that is written out in a text. Each search begins with a plain `find`, which costs next to none.

    Args:
        text: octets in a character set whose ASCII is ASCII.
        is_markup: whether it is called HTML or the like; else what looks binary is not searched for links.

    Raises:
        TooManyError: there are more than anybody sends.
    """
    if b"begin" in text:
        yield from _uuencoded(text)
        if b"=ybegin " in text:
            yield from _yencoded(text)
    missing = bytes([letter for letter in _RARE if letter not in text])
    if is_markup or b"\0" not in text or text.count(b"\0") * _NULS < len(text):
        if b":" in text or b"&" in text:
            yield from _in_links(text)
        if (b"0" not in missing and _PDF_IN_HEX[:-1] in text) or text.startswith(_RICH):  # all digits but the last
            yield from _in_hex(text)
    marks = _marks_possible(missing)
    if marks and any(mark in text for mark in marks):
        yield from _in_base64(text)


def _uuencoded(text: bytes) -> Iterator[Hidden]:
    begins = list(islice(_BEGIN.finditer(text), _MOST + 1))
    _require_few(len(begins))
    for found, following in zip_longest(begins, begins[1:]):
        name = found[1].decode("utf-8", "replace").strip()
        start = found.start() + found[0].startswith(b"\n")
        limit = following.start() if following else len(text)
        if found[0].lstrip(b"\n").startswith(b"begin-base64"):
            stop = text.find(b"====", found.end(), limit)
            yield Hidden("uuencode", name, *decode(text[found.end() : stop if stop > 0 else limit], "base64"))
            continue
        stop = text.find(b"\nend", start, limit)
        decoded = decode(text[start : stop + 5 if stop > 0 else limit], "x-uuencode")
        if decoded.data:
            yield Hidden("uuencode", name, *decoded)


def _yencoded(text: bytes) -> Iterator[Hidden]:
    begins = list(islice(_YENC.finditer(text), _MOST + 1))
    _require_few(len(begins))
    for found, following in zip_longest(begins, begins[1:]):
        limit = following.start() if following else len(text)
        stop = text.find(b"\n=yend", found.end(), limit)
        body = text[found.end() : stop if stop > 0 else limit]
        if body.startswith(b"=ypart"):
            body = body.partition(b"\n")[2]
        head, *escaped = body.translate(None, b"\r\n").split(b"=")
        octets = head + b"".join(bytes(((piece[0] - 64) % 256,)) + piece[1:] for piece in escaped if piece)
        yield Hidden("yenc", found[1].decode("utf-8", "replace").strip(), octets.translate(_YENC_TABLE))


def _require_few(count: int) -> None:
    if count > _MOST:
        raise TooManyError


_YENC_TABLE: Final = bytes((octet - 42) % 256 for octet in range(256))


def _in_links(text: bytes) -> Iterator[Hidden]:
    """Find data: URIs (RFC 2397), as browsers read them: without line ends, with characters named by number."""
    plain = text.translate(None, b"\r\n\t\0")
    forms = [plain] if b":" in plain else []
    if b"&" in plain:
        if len(plain) > _MOST_MARKUP:
            raise TooManyError
        forms.append(html.unescape(plain.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogatepass"))
    for form in forms:
        if b"data:" in form.lower():
            yield from _data_uris(form)


def _data_uris(text: bytes) -> Iterator[Hidden]:
    lower = text.lower()
    at, count = lower.find(b"data:"), 0
    while at >= 0:
        comma = text.find(b",", at, at + _LONGEST_TYPE)
        kind = text[at + 5 : max(comma, at)]
        if comma < 0 or kind.translate(None, b"\"'<>") != kind:
            at = lower.find(b"data:", at + 5)
            continue
        payload = _PAYLOAD.match(text, comma + 1)
        end = payload.end() if payload else comma + 1
        octets = unquote_to_bytes(text[comma + 1 : end])
        yield Hidden("data-uri", "", _lenient(octets) if b"base64" in unquote_to_bytes(kind).lower() else octets)
        count += 1
        _require_few(count)
        at = lower.find(b"data:", end)


def _in_base64(text: bytes) -> Iterator[Hidden]:
    """Find documents and archives in base64: documents wherever they stand in it, archives where digits begin."""
    for mark in _ARCHIVES_IN_BASE64:
        at = text.find(mark)
        count = 0
        while at >= 0:
            end = at + len(mark)
            if text[at - 1 : at] not in _DIGITS:
                run = _BASE64.match(text, at)
                end = run.end() if run else end
                if end - at >= _LEAST_ARCHIVE:
                    yield Hidden("base64", "", _lenient(text[at:end]))
                    count += 1
                    _require_few(count)
            at = text.find(mark, end)
    for mark in _PDF_IN_BASE64:
        at = text.find(mark)
        count = 0
        while at >= 0:
            before = _aligned(mark)
            if PDF_MARK not in _lenient(before + text[at : at + 24])[:16]:
                at = text.find(mark, at + 1)
                continue
            run = _BASE64.match(text, at)
            end = run.end() if run else at + len(mark)
            data = _lenient(before + text[at:end])
            yield Hidden("base64", "", data[data.find(PDF_MARK) :])
            count += 1
            _require_few(count)
            at = text.find(mark, end)


@lru_cache(None)
def _marks_possible(missing: bytes) -> tuple[bytes, ...]:
    """Return the marks that may stand in a text without these letters."""
    return tuple(mark for mark in (*_ARCHIVES_IN_BASE64, *_PDF_IN_BASE64) if mark.translate(None, missing) == mark)


def _in_hex(text: bytes) -> Iterator[Hidden]:
    """Find documents in hexadecimal digits, as RTF writes what is embedded."""
    if text.startswith(_RICH):
        if len(text) > _MOST_MARKUP:
            raise TooManyError
        # Word reads the digits of an object with whatever control words, groups and spaces stand among them.
        text = _CONTROL.sub(b"", text)
    if _PDF_IN_HEX[:-1] not in text:  # all digits but the last
        return
    lower = text.lower()
    at, count = lower.find(_PDF_IN_HEX), 0
    while at >= 0:
        run = _HEX.match(text, at)
        end = run.end() if run else at + len(_PDF_IN_HEX)
        digits = text[at:end].translate(None, b" \t\r\n\x0b\x0c")
        yield Hidden("hex", "", binascii.a2b_hex(digits[: len(digits) // 2 * 2]))
        count += 1
        _require_few(count)
        at = lower.find(_PDF_IN_HEX, end)


def _aligned(mark: bytes) -> bytes:
    """Return digits to stand in front of a mark, so that its first octet begins in the right place of a group."""
    return b"AAA"[: (0, 2, 3)[_PDF_IN_BASE64.index(mark)]]


def _lenient(digits: bytes) -> bytes:
    """Decode base64 up to its padding, in either alphabet."""
    return decode(digits.replace(b"-", b"+").replace(b"_", b"/"), "base64").data
