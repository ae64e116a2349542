"""Files embedded in a PDF document (ISO 32000-2 clause 7.11.4): attachments, portfolios, associated files.

Whatever leads to them, every one is a stream that a file specification names under /EF. All objects are looked at,
since a viewer may come to them by ways that differ: name tree, annotations, associated files, collections.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from gsign.errors import GsignError
from gsign.mail.containers.model import ContainerError, Ledger
from gsign.mail.containers.packed import unpack

if TYPE_CHECKING:
    from gsign.syntax.reader import Document
    from gsign.syntax.xref import StreamObject

__all__ = ["read_embedded"]

# /EF, and every way to spell it with the codes of its letters (clause 7.3.5).
_MARKS: Final = re.compile(rb"/(?:E|#45)(?:F|#46)")
_MAX_OBJECTS: Final = 500_000


def read_embedded(data: bytes, ledger: Ledger) -> None:
    """Take out every embedded file of a document.

    A document that is malformed gives none: what judges its signatures says so.

    Raises:
        ContainerError: too much.
    """
    from gsign.syntax.lexer import PdfSyntaxError
    from gsign.syntax.reader import Document
    from gsign.syntax.source import BytesSource

    try:
        document = Document(BytesSource(data))
        document.unlock(None)
        if _MARKS.search(data) or any(_in_object_streams(document)):
            _take_all(document, ledger)
    except PdfSyntaxError:
        return
    except GsignError:
        raise ContainerError("encrypted") from None


def _in_object_streams(document: Document) -> Iterator[bool]:
    from gsign.syntax.objects import Ref
    from gsign.syntax.xref import StreamObject

    containers = {
        entry.offset
        for section in document.sections
        for part in (section, section.hybrid)
        if part is not None and part.is_stream
        for _, entry in part.entries(document.source)
        if entry.kind == "c"
    }
    for number in containers:
        stream = document.get(Ref(number, 0))
        if isinstance(stream, StreamObject):
            text = _decoded(document, stream, 64 << 20)
            yield _MARKS.search(text) is not None


def _take_all(document: Document, ledger: Ledger) -> None:
    from gsign.syntax.xref import StreamObject

    seen: set[int] = set()
    for number in range(min(document.size, _MAX_OBJECTS)):
        for specification in _specifications(document.value_of(number)):
            names = [_text(document.get(specification.get(key))) for key in ("UF", "F")]
            name = next(filter(None, names), "")
            files = document.get(specification.get("EF"))
            for reference in files.values() if isinstance(files, dict) else ():
                stream = document.get(reference)
                if isinstance(stream, StreamObject) and stream.data_offset not in seen:
                    seen.add(stream.data_offset)
                    _take(document, name, stream, ledger)


def _take(document: Document, name: str, stream: StreamObject, ledger: Ledger) -> None:
    try:
        content = _decoded(document, stream, ledger.left)
    except ContainerError as error:
        if str(error) == "too-large":
            raise
        ledger.refuse(name, str(error))
    else:
        ledger.take(name, content)


def _specifications(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield every dictionary with /EF in an object, however deep it stands."""
    from gsign.syntax.xref import StreamObject

    if isinstance(value, StreamObject):
        value = value.dictionary
    if depth > 20:
        return
    if isinstance(value, dict):
        if "EF" in value:
            yield value
        for inner in value.values():
            yield from _specifications(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _specifications(inner, depth + 1)


def _decoded(document: Document, stream: StreamObject, most: int) -> bytes:
    """Return a stream's content.

    Raises:
        ContainerError: `method-unsupported`, `damaged`, `too-large`.
    """
    data = document.stream_bytes(stream)
    filters = document.get(stream.dictionary.get("Filter"))
    if "DecodeParms" in stream.dictionary or "F" in stream.dictionary:
        raise ContainerError("method-unsupported")
    for name in filters if isinstance(filters, list) else [filters] if filters else []:
        match document.get(name):
            case "FlateDecode" | "Fl":
                data, _ = unpack(zlib.decompressobj(), data, most)
            case "ASCIIHexDecode" | "AHx":
                data = _from_hex(data)
            case "ASCII85Decode" | "A85":
                data = _from_85(data)
            case _:
                raise ContainerError("method-unsupported")
    return data


def _from_hex(data: bytes) -> bytes:
    digits = data.partition(b">")[0].translate(None, b"\0\t\n\x0c\r ")
    try:
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    except ValueError as error:
        raise ContainerError("damaged") from error


def _from_85(data: bytes) -> bytes:
    import base64

    try:
        return base64.a85decode(data.strip().removeprefix(b"<~").partition(b"~")[0])
    except ValueError as error:
        raise ContainerError("damaged") from error


def _text(value: Any) -> str:
    from gsign.syntax.reader import decode_text

    return decode_text(value) if isinstance(value, bytes) else ""
