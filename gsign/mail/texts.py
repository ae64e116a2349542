"""What hides in text: uuencoded and yEncoded files, values of calendars, data: URIs, blocks of digits."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, zip_longest
from typing import Final
from urllib.parse import unquote_to_bytes

from gsign.mail.hidden import BLANKS, MOST, MOST_MARKUP, Hidden, TooManyError, require_few
from gsign.mail.kinds import PDF_MARK
from gsign.mail.rich import files_in_hex, is_rich, may_hold_hex
from gsign.mime.decoding import decode

__all__ = ["find_hidden", "makes_files"]

_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_\-\s]{8,}={0,2}")
_WORD: Final = re.compile(rb"""[^"'<>)\s]*""")
_BARE: Final = re.compile(rb"[^>\s]*")
_QUOTES: Final = (b'"', b"'", b"`")
_LEADING: Final = 64
"""Blanks before what is read as if they were not there."""
_ESCAPE: Final = re.compile(rb"\x1b(?:[(-/][@-~]|\$[(-/]?[@-~]|[NOno|}~])")
_ENTITY: Final = re.compile(rb"""<!ENTITY\s+([\w.-]{1,255})\s+("[^"]{0,65536}"|'[^']{0,65536}')""")
_MOST_GROWTH: Final = 64 << 10
"""Octets by which a text may grow beyond its double through names of its own, each time that they are put in."""
_NAMED: Final = (b"&#", b"Tab;", b"NewLine;")
"""What names digits, or blanks among them."""
_ROUNDS: Final = 4
"""How often a page may stand in a page, each with its characters named by number."""
_SCRIPTS: Final = (b"<script", b":script", b"javascript:")
_HANDLER: Final = re.compile(rb"(?i)[\s/\"']on[a-z]{3,20}\s*=")
# What makes a file, or a page, of what stands in a script in other words.
_MAKING: Final = re.compile(
    rb"createObjectURL|msSave(?:OrOpen)?Blob|new\s+Blob\b|new\s+File\b|Uint8Array|DecompressionStream|showSaveFilePicker"
    rb"|\batob\b|fromCharCode|\bunescape\s*\(|\beval\s*\("
    # A link that a script puts together.
    rb"|[\"'`](?i:data:)[\w/+.;=-]*(?:,?(?:[\"'`]\s*(?:\+|\.concat\b)|\$\{)|base64,?[\"'`]\s*[,)\]])"
)
_MAKERS: Final = (
    *(b"createObjectURL", b"Blob", b"File", b"Uint8Array", b"DecompressionStream", b"atob", b"fromCharCode"),
    *(b"unescape", b"eval", b"data:", b"DATA:", b"Data:"),
)
"""Words that are found fast, of which none is in most pages."""
_CARD: Final = b"BEGIN:VCA"
# A look for one octet first, of which a text has few.
_CARD_LIKELY: Final = re.compile(rb":[Vv][Cc][Aa]")
_FOLDED: Final = re.compile(rb"\r?\n[ \t]")
# A value of a calendar or a card in base64 (RFC 5545 clause 3.2.7, RFC 2426 clause 5), and what it is called.
_PROPERTY: Final = re.compile(
    rb"(?im)^[A-Z0-9.-]{1,60}(?=[;:])(?=((?:[^\":\r\n]|\"[^\"\r\n]*\")*))\1:([A-Za-z0-9+/= \t]*)"
)
# Thunderbird's reader of calendars asks for the kind of the value alone.
_IN_BASE64: Final = re.compile(rb"(?i);(?:(?:ENCODING=)?\"?(?:B|BASE64)|VALUE=\"?BINARY)\"?(?=[;:]|$)")
_CALLED: Final = re.compile(rb"(?i);(?:X-)?(?:FILENAME|APPLE-FILENAME)=\"?([^\";:]{1,255})")
_BEHIND: Final = 24
"""Octets behind a mark of which it takes some to tell that it is one."""
# At the begin of a line: what is said behind the word is looked at only where the word was found.
# Programs read on however long the name is, take any digits for the mode, and some (UUDeview) look behind a tag.
_BEGIN: Final = re.compile(
    rb"begin(?:(?<![^\n]begin)|(?<=<pre>begin)|(?<=<PRE>begin))(-base64)?(-encoded)?"
    rb"[ \t]+[0-9]+(?!\S)(?:[ \t]+([^\r\n]*))?"
)
_BEGUN: Final = b"begin 644 x\n"
_XX_TO_UU: Final = bytes.maketrans(
    b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", b"`" + bytes(range(33, 96))
)
_YENC: Final = re.compile(rb"=ybegin[ \t]([^\r\n]*)")
_DIGITS: Final = frozenset(bytes((o,)) for o in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_NULS: Final = 1_000
"""Text has no more than one NUL among so many octets; what is compressed has one in 256."""


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
    for magic in (
        *(b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"Rar!\x1a\x07"),
        b"ActiveMime\0",
    )
)
# Most texts lack some of these letters, and each mark has some of them: one octet is found fastest.
_RARE: Final = b"JQFZWYG80RUDB"
_LEAST_ARCHIVE: Final = 100
"""Digits: fewer hold no archive with anything in it."""


def find_hidden(text: bytes, *, is_markup: bool = False) -> Iterator[Hidden]:
    """Yield every file that is written out in a text. Each search begins with a plain `find`, which costs next to none.

    Args:
        text: octets in a character set whose ASCII is ASCII.
        is_markup: whether it is called HTML or the like; else what looks binary is not searched for links.

    Raises:
        TooManyError: there are more than anybody sends.
    """
    seen: set[bytes] = set()
    for hidden in _all_hidden(text, is_markup=is_markup):
        if hidden.data not in seen:
            seen.add(hidden.data)
            yield hidden


def makes_files(markup: bytes) -> bool:
    """Whether a page holds a program that makes something of what stands in it in other words."""
    if not any(word in markup for word in _MAKERS):
        return False
    lower = markup.lower()
    has_program = any(begin in lower for begin in _SCRIPTS) or _HANDLER.search(markup) is not None
    return has_program and _MAKING.search(markup) is not None


def _all_hidden(text: bytes, *, is_markup: bool) -> Iterator[Hidden]:
    if b"begin" in text:
        yield from _uuencoded(text)
        if b"=ybegin" in text:
            yield from _yencoded(text)
    is_text = is_markup or b"\0" not in text or text.count(b"\0") * _NULS < len(text)
    if is_text:
        if _CARD_LIKELY.search(text) and _CARD in text.upper():
            yield from _in_properties(text)
        for form, has_digits in _forms(text):
            if b":" in form:
                yield from _in_links(form)
            if has_digits:
                yield from _in_base64(form)
    else:
        yield from _in_base64(text)
    # Rich text may hold octets as they are.
    if (is_text and may_hold_hex(text)) or is_rich(text):
        yield from files_in_hex(text.lstrip())


def _forms(text: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield a text as it stands, and as it reads once what it names by number or by a name of its own is put in.

    With each form comes whether it may hold digits of base64 that the one before it did not.

    Raises:
        TooManyError: it is longer than any such text.
    """
    if b"\x1b" in text:
        # Which characters follow is told so (ISO 2022); whoever is told that ASCII follows goes on in it.
        text = _ESCAPE.sub(b"", text)
    yield text, True
    if b"&" not in text:
        return
    # One page within another has its characters named twice.
    is_nested = b"<!ENTITY" in text or b"srcdoc" in text.lower()
    for _ in range(_ROUNDS if is_nested else 1):
        if len(text) > MOST_MARKUP:
            raise TooManyError
        before, text = text, _entities(text)
        text = html.unescape(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogatepass")
        if text == before:
            return
        yield text, is_nested or any(named in before for named in _NAMED)


def _entities(text: bytes) -> bytes:
    """Put in what a document names itself (XML 1.0 clause 4.2), once.

    Raises:
        TooManyError: it grows beyond all measure.
    """
    count = text.count(b"<!ENTITY")
    require_few(count)
    values = dict(_ENTITY.findall(text)) if count else {}
    if not values:
        return text
    pieces = re.split(rb"&([\w.-]{1,255});", text)
    size = 0
    for at in range(1, len(pieces), 2):
        pieces[at] = values[pieces[at]][1:-1] if pieces[at] in values else b"&" + pieces[at] + b";"
        size += len(pieces[at])
        if size > len(text) + _MOST_GROWTH:
            raise TooManyError
    return b"".join(pieces)


def _uuencoded(text: bytes) -> Iterator[Hidden]:
    begins = list(islice(_BEGIN.finditer(text), MOST + 1))
    require_few(len(begins))
    for found, following in zip_longest(begins, begins[1:]):
        name = _name_in(found)
        limit = following.start() if following else len(text)
        if found[1]:
            stop = text.find(b"====", found.end(), limit)
            yield Hidden("uuencode", name, *decode(text[found.end() : stop if stop > 0 else limit], "base64"))
            continue
        stop = text.find(b"\nend", found.end(), limit)
        decoded = decode(_BEGUN + text[found.end() : stop + 5 if stop > 0 else limit], "x-uuencode")
        if decoded.faults:
            # The same with another alphabet.
            body = text[found.end() : stop if stop > 0 else limit].translate(_XX_TO_UU)
            other = decode(_BEGUN + body + b"\nend\n", "x-uuencode")
            decoded = decoded if other.faults else other
        if decoded.data:
            yield Hidden("uuencode", name, *decoded)


def _name_in(begun: re.Match[bytes]) -> str:
    """Return what a file is called in the line that begins it; GNU programs may write that in base64."""
    name: bytes = begun[3] or b""
    return (_lenient(name) if begun[2] else name).decode("utf-8", "replace").strip()


def _in_properties(text: bytes) -> Iterator[Hidden]:
    """Find the files in a calendar or a card of addresses."""
    count = 0
    for found in _PROPERTY.finditer(_FOLDED.sub(b"", text)):
        if _IN_BASE64.search(found[1]):
            name = _CALLED.search(found[1])
            yield Hidden("property", name[1].decode("utf-8", "replace") if name else "", _lenient(found[2]))
            count += 1
            require_few(count)


def _yencoded(text: bytes) -> Iterator[Hidden]:
    begins = list(islice(_YENC.finditer(text), MOST + 1))
    require_few(len(begins))
    for found, following in zip_longest(begins, begins[1:]):
        limit = following.start() if following else len(text)
        stop = text.find(b"\n=yend", found.end(), limit)
        body = text[found.end() : stop if stop > 0 else limit].lstrip(b"\r\n")
        if body.startswith(b"=ypart"):
            body = body.partition(b"\n")[2]
        head, *escaped = body.translate(None, b"\r\n").split(b"=")
        octets = head + b"".join(bytes(((piece[0] - 64) % 256,)) + piece[1:] for piece in escaped if piece)
        yield Hidden(
            "yenc", found[1].partition(b"name=")[2].decode("utf-8", "replace").strip(), octets.translate(_YENC_TABLE)
        )


_YENC_TABLE: Final = bytes((octet - 42) % 256 for octet in range(256))


def _in_links(text: bytes) -> Iterator[Hidden]:
    """Find data: URIs (RFC 2397), as browsers read them: without line ends."""
    text = text.translate(None, b"\r\n\t\0")
    lower = text.lower()
    at, count, covered = lower.find(b"data:"), 0, 0
    while at >= 0:
        comma = text.find(b",", at)
        if comma < 0:
            break
        # What looks like the begin of a link may stand within its type, or before it by chance.
        last = lower.rfind(b"data:", at, comma)
        begins = {begin for begin in (at, last) if _is_type(text[begin:comma])}
        if not begins:
            at = lower.find(b"data:", comma + 1)
            continue
        ends: set[int] = set().union(*(_ends(text, begin, comma + 1, covered) for begin in begins))
        is_base64 = any(b"base64" in unquote_to_bytes(lower[begin:comma]) for begin in begins)
        for end in sorted(ends):
            octets = unquote_to_bytes(text[comma + 1 : end])
            yield Hidden("data-uri", "", _lenient(octets) if is_base64 else octets)
        count += 1
        require_few(count)
        covered = max(covered, *ends)
        at = lower.find(b"data:", min(ends))


def _is_type(written: bytes) -> bool:
    return b"<" not in written and b">" not in written


def _ends(text: bytes, at: int, payload: int, covered: int) -> set[int]:
    """Return where a link at `at` may end: at the quotation mark it began with, or at whatever ends a word.

    Within what another link covers, whoever looks into that finds the rest.
    """
    word = _WORD.match(text, payload)
    ends = {word.end() if word else payload}
    before = text[max(0, at - _LEADING) : at].rstrip(b" ")[-1:] if at >= covered else b""
    if before in _QUOTES:
        stop = text.find(before, payload)
        ends.add(stop if stop >= 0 else len(text))
    elif before == b"=":
        bare = _BARE.match(text, payload)
        ends.add(bare.end() if bare else payload)
    return ends


def _in_base64(text: bytes) -> Iterator[Hidden]:
    """Find documents and archives in base64: documents wherever they stand in it, archives where digits begin."""
    missing = bytes([letter for letter in _RARE if letter not in text])
    marks = _marks_possible(missing)
    if not marks:
        return
    # White space may stand anywhere among digits, in the mark too.
    digits = text.translate(None, BLANKS)
    for mark in marks:
        if mark in digits:
            found = _spread(mark).finditer(text)
            yield from _archives(text, found) if mark in _ARCHIVES_IN_BASE64 else _documents(text, mark, found)


@lru_cache(None)
def _spread(mark: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"\s*".join(re.escape(bytes((octet,))) for octet in mark))


def _archives(text: bytes, marks: Iterable[re.Match[bytes]]) -> Iterator[Hidden]:
    stop = count = 0
    for found in marks:
        at = found.start()
        run = _BASE64.match(text, at) if at >= stop and text[at - 1 : at] not in _DIGITS else None
        if run and run.end() - at >= _LEAST_ARCHIVE:
            stop = run.end()
            yield Hidden("base64", "", _lenient(text[at:stop]))
            count += 1
            require_few(count)


def _documents(text: bytes, mark: bytes, marks: Iterable[re.Match[bytes]]) -> Iterator[Hidden]:
    stop = count = 0
    before = _aligned(mark)
    for found in marks:
        at = found.start()
        if at < stop or PDF_MARK not in _lenient(before + text[at : found.end() + _BEHIND])[:16]:
            continue
        run = _BASE64.match(text, at)
        stop = run.end() if run else found.end()
        data = _lenient(before + text[at:stop])
        yield Hidden("base64", "", data[data.find(PDF_MARK) :])
        count += 1
        require_few(count)


@lru_cache(None)
def _marks_possible(missing: bytes) -> tuple[bytes, ...]:
    """Return the marks that may stand in a text without these letters."""
    return tuple(mark for mark in (*_ARCHIVES_IN_BASE64, *_PDF_IN_BASE64) if mark.translate(None, missing) == mark)


def _aligned(mark: bytes) -> bytes:
    """Return digits to stand in front of a mark, so that its first octet begins in the right place of a group."""
    return b"AAA"[: (0, 2, 3)[_PDF_IN_BASE64.index(mark)]]


def _lenient(digits: bytes) -> bytes:
    """Decode base64 up to its padding, in either alphabet."""
    return decode(digits.replace(b"-", b"+").replace(b"_", b"/"), "base64").data
