"""Whether every reader sees the same document: revisions whose bytes are all accounted for (ISO 32000-2 clause 7.5).

Readers that meet damage search the bytes for anything that looks like an object and draw what they find. What comes
after a signature must therefore be made of nothing but the objects that its cross-reference section lists, that
section, and its end; then there is nothing to find that was not judged.
"""

from __future__ import annotations

import re
from typing import Any, Final

from gsign.errors import InputError
from gsign.syntax.lexer import WHITE, Lexer, PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.pattern import lazily
from gsign.syntax.reader import Document
from gsign.syntax.source import CHUNK, Source, chunks
from gsign.syntax.xref import MAX_NUMBER, Entry, Section, StreamObject
from gsign.verification.coverage import ReasonError
from gsign.verification.views import as_of, object_stream, parts

__all__ = ["check_file", "check_front", "check_revision", "ends_in_space", "require_one_reading", "revision_end"]

_SPACE: Final = lazily(rb"(?:[\x00\t\n\x0c\r ]+|%[^\r\n]*[\r\n])*")
_OBJECT_END: Final = lazily(rb"[\x00\t\n\x0c\r ]*endobj")
_STREAM_END: Final = lazily(rb"[\x00\t\n\x0c\r ]*endstream[\x00\t\n\x0c\r ]*endobj")
# In later revisions as narrowly as writers write it: readers begin to repair at other spellings than ours.
_EOL: Final = rb" ?(?:\r\n|\r|\n)"
_SECTION_END: Final = lazily(
    _SPACE.pattern + rb"startxref" + _EOL + rb"([1-9]\d{0,10})" + _EOL + rb"%%EOF(?:\r\n|\r|\n)?"
)
_TABLE: Final = lazily(rb"xref" + _EOL)
_SUBSECTION: Final = lazily(rb"(0|[1-9]\d{0,6}) (\d{1,7})" + _EOL)
_TRAILER: Final = lazily(rb"(?:\r\n|\r|\n)?trailer[\t\n\r ]*<<")  # MuPDF leaves a line empty
_WIDTHS: Final = (2, 8, 4)
_MAX_BEHIND: Final = 512
# What a reader that repairs would take for an object, a trailer or a section.
_OBJ: Final = lazily(rb"obj(?<=[\x00\t\n\x0b\x0c\r \x80\xa0\xff]obj)")
_BEFORE_OBJ: Final = lazily(rb"(?:\d|\A)[\x00\t\n\x0b\x0c\r \x80\xa0\xff]+\Z")
_BEGINS_LINE: Final = lazily(rb"[\r\n][\x00\t\x0b\x0c \x80\xa0\xff]*\Z")
_MARKS: Final = (b"trailer", b"startxref", b"%%EOF")
# But for a header, which some writers repeat: readers look for one at the beginning of the file.
_COMMENTED: Final = lazily(rb"obj|trailer|xref|stream|%PDF(?!-[12]\.\d[\r\n])|%EOF")
# A header as short as can be, comments, and the first object's head.
_USUAL_FRONT: Final = lazily(
    rb"%PDF-\d\.\d[\r\n]++(?:%[^\r\n]*+[\r\n]++)*+\d{1,10}[\x00\t\n\x0c\r ]+\d{1,5}[\x00\t\n\x0c\r ]+obj"
)
_CHARSET: Final = lazily(rb"/CharSet[\x00\t\n\x0c\r ]*\((?:[^()\\]|\\[^()\\])*+\)")
_GLUED: Final = lazily(rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]{2}")
_ENTRY: Final = 20
_KIND: Final = 17
_WINDOW: Final = 512
_FRONT: Final = 1024


def check_file(document: Document) -> tuple[str, ...]:
    """Check what decides where a reader begins.

    (1) The header stands at the first byte, since readers count offsets from it; (2) a linearized file that still has
    its stated length is read from its front, so its first section must be the document's newest; (3) a hybrid section
    does not say two things about one object; (4) no older trailer says that the document is encrypted where the newest
    does not: PDFium takes from older ones what that one lacks.
    """
    reasons = [] if document.source.read(0, 5) == b"%PDF-" else ["bytes-before-header"]
    if not _reads_from_front(document, 0, document.source.size):
        reasons.append("linearization-misleads")
    if any(section.hybrid and _contradicts(document.source, section, section.hybrid) for section in document.sections):
        reasons.append("hybrid-contradicts")
    if any(part.trailer.get("Encrypt") not in (None, document.trailer.get("Encrypt")) for _, part in parts(document)):
        reasons.append("encryption-contradicts")
    return tuple(reasons)


def require_one_reading(document: Document) -> None:
    """Refuse to sign what readers begin to read in different places.

    Raises:
        InputError: `input-ambiguous`, naming every reason.
    """
    if reasons := check_file(document):
        raise InputError("input-ambiguous", file=document.source.name or "-", reasons=", ".join(reasons))


def check_front(document: Document, index: int, end: int) -> None:
    """Make sure that a revision was the same from its front when it was the whole file.

    Args:
        document: the whole document.
        index: of the revision's newest section.
        end: where the revision ends.

    Raises:
        ReasonError: `linearization-misleads`.
    """
    if not _reads_from_front(document, index, end):
        raise ReasonError("linearization-misleads")


def _reads_from_front(document: Document, index: int, size: int) -> bool:
    window = document.source.read(0, _FRONT)
    usual = _USUAL_FRONT.match(window)
    if usual is not None and _is_plainly_another(window[usual.end() :]):
        return True
    from gsign.verification.front import reads_from_front  # few documents are linearized

    return reads_from_front(document, index, size)


def _is_plainly_another(text: bytes) -> bool:
    """Say at a glance that the object whose head was passed is not the one that a linearized file begins with.

    Where nothing before `endobj` begins a string or a comment or is spelled as a number, the object does end there.
    """
    text, end, _ = text.partition(b"endobj")
    if not end or b"Linearized" in text or b"#" in text or b"(" in text or b"%" in text or text[-1:] not in b"\n\r >]":
        return False
    rest = text.replace(b"<<", b"").replace(b">>", b"")
    return not (b"<" in rest or b">" in rest) and text.count(b"<<") == text.count(b">>")


def _contradicts(source: Source, table: Section, stream: Section) -> bool:
    for number, entry in stream.entries(source):
        other = table.entry(source, number)
        # Word processors repeat in the stream what the table says.
        if entry.kind != "f" and other is not None and other.kind == "n" and other != entry:
            return True
    return False


def ends_in_space(source: Source, offset: int) -> bool:
    """Say whether nothing but a little white space stands from `offset` to the end of the file.

    Readers look for `startxref` in the last kilobyte, and where they find none for any object in the file.
    """
    if source.size - offset > _MAX_BEHIND:
        return False
    while offset < source.size:
        piece = source.read(offset, CHUNK)
        if not piece or piece.strip(WHITE):
            return False
        offset += len(piece)
    return True


def revision_end(document: Document, index: int) -> int:
    """Return the offset behind the `%%EOF` line of the revision whose newest section is `index`.

    Raises:
        ReasonError: `revision-malformed`.
    """
    section = document.sections[index]
    at = section.end
    if section.is_stream:
        at = _behind_stream(document, StreamObject(section.trailer, section.end))
    match = _SECTION_END.match(document.source.read(at, _WINDOW))
    if match is None or not section.is_named_by(document.source, int(match[1])):
        raise ReasonError("revision-malformed")
    return at + match.end()


def check_revision(document: Document, index: int, start: int) -> int:
    """Account for every byte of a revision that came after a signature, and return its end.

    Args:
        document: the whole document.
        index: the revision's section; it has one only.
        start: where the revision before it ends.

    Raises:
        ReasonError: `hybrid-revision`, `trailer-changed`, `bytes-unaccounted`, `revision-malformed`.
    """
    section = document.sections[index]
    if section.hybrid is not None and not _repeats(document.source, section, section.hybrid):
        raise ReasonError("hybrid-revision")
    _check_trailer(document, index)
    _check_form(document.source, section)
    try:
        found = _objects(document, start, section)
        end = revision_end(document, index)
        _check_entries(document, index, found)
        _check_nothing_else(document, start, section, end, len(found))
    except PdfSyntaxError:
        raise ReasonError("revision-malformed") from None
    return end


def _repeats(source: Source, table: Section, stream: Section) -> bool:
    """Say whether the stream of a hybrid section tells the same as its table, which lists the stream itself."""
    own = table.entry(source, stream.number)
    return (
        own is not None
        and own.offset == stream.offset
        and all(table.entry(source, number) == entry for number, entry in stream.entries(source))
    )


def _check_trailer(document: Document, index: int) -> None:
    """A reader may take any of these from the newest trailer, so that none may change."""
    newer, older = document.sections[index].trailer, document.sections[index + 1].trailer
    if any(newer.get(key) != older.get(key) for key in ("Root", "Encrypt")):
        raise ReasonError("trailer-changed")
    if "Encrypt" in newer and _first(document, newer) != _first(document, older):
        raise ReasonError("trailer-changed")
    size, before = newer.get("Size"), older.get("Size")
    numbers = [first + count for first, count, _ in document.sections[index].ranges]
    if (
        not isinstance(size, int)
        or not isinstance(before, int)
        or not max((before, *numbers)) <= size <= MAX_NUMBER + 1
    ):
        # Readers drop objects whose number is not below /Size, and repair where it is beyond their means.
        raise ReasonError("trailer-changed")
    if "XRefStm" in newer and document.sections[index].hybrid is None:
        raise ReasonError("hybrid-revision")


def _check_form(source: Source, section: Section) -> None:
    """Make sure that the section is spelled as every reader spells it."""
    if section.is_stream:
        if any(width > limit for width, limit in zip(section.widths, _WIDTHS, strict=True)):
            raise ReasonError("revision-malformed")
        return
    at = section.offset + _behind(source, section.offset, _TABLE).end()
    while source.read(at, 1).isdigit():
        match = _behind(source, at, _SUBSECTION)
        at += match.end()
        if match[1] == b"1" and source.read(at, _ENTRY)[_KIND : _KIND + 1] == b"f":
            raise ReasonError("revision-malformed")  # Poppler and PDF.js then count from 0: every entry is another's
        at += int(match[2]) * _ENTRY
    _behind(source, at, _TRAILER)


def _behind(source: Source, at: int, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
    match = pattern.match(source.read(at, _WINDOW))
    if match is None:
        raise ReasonError("revision-malformed")
    return match


def _first(document: Document, trailer: dict[str, Any]) -> Any:
    """Return the first half of /ID, of which the key of an encrypted document is made."""
    identifier = document.get(trailer.get("ID"))
    return identifier[0] if isinstance(identifier, list) and identifier else None


def _objects(document: Document, start: int, section: Section) -> dict[int, tuple[int, int, Any]]:
    """Read the objects from `start` on, one after another up to the section: offset → number, generation, value."""
    found: dict[int, tuple[int, int, Any]] = {}
    at = _skip(document.source, start)
    while at < section.offset:
        number, generation, value, end = document.read_at(at)
        found[at] = (number, generation, value)
        _check_spelling(document.source.read(at, end - at), in_file=True)
        at = _skip(document.source, _behind_object(document, value, end))
    if at != section.offset:
        raise ReasonError("bytes-unaccounted")
    if section.is_stream:
        number, generation, value, _ = document.read_at(at)
        found[at] = (number, generation, value)
    return found


def _check_spelling(text: bytes, *, in_file: bool, objects: int = 1) -> None:
    """Refuse what readers read differently: a value that looks unchanged to one would be another to the next."""
    if b"#" not in text and b"\\" not in text and b"\r" not in text:
        return
    lexer = Lexer(_without_glyph_names(text) if in_file else text, plain=True)
    if in_file:
        lexer.integer()
        lexer.integer()
        lexer.keyword(b"obj")
    for _ in range(objects):
        lexer.value()


def _without_glyph_names(text: bytes) -> bytes:
    """Leave out what a font descriptor names its glyphs by, which is long, broken into lines, and read by nobody."""
    shortened = _CHARSET.sub(b"/CharSet()", text, count=1)
    if shortened == text or text.count(b"/CharSet") != 1 or b"#" in text:
        return text
    lexer = Lexer(shortened)
    lexer.integer()
    lexer.integer()
    lexer.keyword(b"obj")
    value = lexer.value()
    is_descriptor = isinstance(value, dict) and value.get("Type") == "FontDescriptor"
    return shortened if is_descriptor and value.get("CharSet") == b"" else text


def _check_replaced(document: Document, before: Document, listed: dict[int, Entry]) -> None:
    """The same for what is written anew; the information dictionary is not drawn."""
    information = document.trailer.get("Info")
    for number, entry in listed.items():
        old = before.entry(number)
        if old is None or entry.kind == "f" or (isinstance(information, Ref) and information.number == number):
            continue
        _check_spelling(before.text_of(number), in_file=old.kind == "n")


def _behind_object(document: Document, value: Any, end: int) -> int:
    if isinstance(value, StreamObject):
        return _behind_stream(document, value)
    match = _OBJECT_END.match(document.source.read(end, _WINDOW))
    if match is None or (type(value) is int and match[0] == b"endobj"):
        raise ReasonError("revision-malformed")
    return end + match.end()


def _behind_stream(document: Document, stream: StreamObject) -> int:
    length = document.get(stream.dictionary.get("Length"))
    if type(length) is not int or not 0 <= length <= document.source.size:
        raise ReasonError("revision-malformed")
    at = stream.data_offset + length
    match = _STREAM_END.match(document.source.read(at, _WINDOW))
    if match is None:
        raise ReasonError("revision-malformed")
    return at + match.end()


def _skip(source: Source, at: int) -> int:
    """Pass white space and harmless comments."""
    while True:
        window = source.read(at, _WINDOW)
        match = _SPACE.match(window)
        skipped = window[: match.end()] if match else b""
        if _COMMENTED.search(skipped):
            raise ReasonError("bytes-unaccounted")
        at += len(skipped)
        if len(skipped) < _WINDOW:
            return at


def _check_entries(document: Document, index: int, found: dict[int, tuple[int, int, Any]]) -> None:
    """Each object is listed, each entry has its object, and compressed ones lie in a container of the same revision."""
    section = document.sections[index]
    before = as_of(document, index + 1)
    places = {number: at for at, (number, _, _) in found.items()}
    listed: dict[int, Entry] = {}
    for number, entry in section.entries(document.source):
        if number in listed or (not number and entry.kind != "f"):  # Poppler shows an object 0 like others
            raise ReasonError("revision-malformed")
        listed[number] = entry
    _check_replaced(document, before, listed)
    containers = {number for number, _, value in found.values() if _is_container(value)}
    for container_number in containers:
        _check_container(as_of(document, index), container_number, listed)
    for number, entry in listed.items():
        here = found.get(entry.offset) if entry.kind == "n" else None
        if entry.kind == "f" or (here is not None and here[:2] == (number, entry.generation)):
            continue
        container = found.get(places.get(entry.offset, -1)) if entry.kind == "c" else None
        if container is not None and container[0] in containers:
            continue
        if before.entry(number) != entry:
            raise ReasonError("revision-malformed")
    own = listed.get(section.number)
    if section.is_stream and (own is None or own.kind == "f") and _is_free(before, section.number):
        # Some writers do not list the section itself, or as free: nobody else has its number.
        listed[section.number] = Entry("n", section.offset, 0)
    if any(number not in listed or listed[number].offset != at for number, at in places.items()) or len(places) != len(
        found
    ):
        raise ReasonError("bytes-unaccounted")


def _is_free(document: Document, number: int) -> bool:
    entry = document.entry(number)
    return entry is None or entry.kind == "f"


def _check_container(document: Document, number: int, listed: dict[int, Any]) -> None:
    """An object stream holds nothing but what the section lists as being in it."""
    stream, data = object_stream(document, number)
    count, first = stream.dictionary.get("N"), stream.dictionary.get("First")
    if not (type(count) is int and type(first) is int and 0 <= count <= first <= len(data)):
        raise ReasonError("revision-malformed")
    head = Lexer(data[:first])
    places = []
    for index in range(count):
        contained = head.integer()
        places.append(first + head.integer())
        entry = listed.get(contained)
        if entry is None or entry != ("c", number, index):
            raise ReasonError("bytes-unaccounted")
    _check_apart(data, places)
    _check_spelling(data[first:], in_file=False, objects=count)


def _check_apart(data: bytes, places: list[int]) -> None:
    """Each object of a container ends before the next one: Poppler, MuPDF and PDF.js read none further than that."""
    for place, following in zip(places, [*places[1:], len(data)], strict=True):
        lexer = Lexer(data, place)
        lexer.value()
        if lexer.position > following or _GLUED.match(data, following - 1):
            raise ReasonError("revision-malformed")


def _is_container(value: Any) -> bool:
    return isinstance(value, StreamObject) and value.dictionary.get("Type") == "ObjStm"


def _check_nothing_else(document: Document, start: int, section: Section, end: int, objects: int) -> None:
    """Nothing inside strings, comments or streams looks like an object or trailer to a reader that searches."""
    objects_seen = marks_seen = 0
    overlap = b""
    for piece in chunks(document.source, start, end):
        window = overlap + piece
        objects_seen += sum(_is_head(window, o.start()) for o in _OBJ.finditer(window, max(0, len(overlap) - 2)))
        marks_seen += sum(len(_find(window, mark, len(overlap))) for mark in _MARKS)
        overlap = window[-64:]
    if objects_seen != objects or marks_seen != (2 if section.is_stream else 3):
        raise ReasonError("bytes-unaccounted")


def _is_head(window: bytes, at: int) -> bool:
    """Say whether some reader takes the `obj` at a place, behind white space, for the beginning of an object.

    Behind a digit and white space, or so much of it that nobody knows; behind a line end there may be a comment before.
    """
    before = window[max(0, at - 24) : at]
    if _BEFORE_OBJ.search(before) is not None:
        return True
    return _BEGINS_LINE.search(before) is not None and not window[at + 3 : at + 4].isalpha()


def _find(window: bytes, word: bytes, overlap: int) -> list[int]:
    """Return where a word ends behind the overlap with the window before."""
    found = []
    at = window.find(word, max(0, overlap - len(word) + 1))
    while at >= 0:
        found.append(at)
        at = window.find(word, at + 1)
    return found
