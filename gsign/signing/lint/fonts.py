"""Whether a page shows text in a font whose program is not in the file (ISO 32000-2 clauses 9.4.3 and 9.9).

Being listed is not being used: forms offer fonts to fill fields with, pictures of earlier signatures bring their own,
and some programs list and select a standard font in every document and then set everything in another one.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from gsign.signing.lint.judging import is_missing
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.reader import Document, Page
from gsign.syntax.xref import StreamObject

__all__ = ["shows_missing_font"]

_MAX_PAGES: Final = 200
_MAX_DECODED: Final = 32 << 20
_MAX_DEPTH: Final = 8
_SPACE: Final = rb"[\x00\t\n\x0c\r ]"
_IMAGE: Final = re.compile(rb"(?<![\w/])BI%b" % _SPACE)
_IMAGE_END: Final = re.compile(rb"%bEI(?!\w)" % _SPACE)
# Strings first, so that what they say is not taken for operators; one without an end takes all, in one go.
_STEP: Final = re.compile(
    rb"(?<!\\)\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*+\))*+(?:\)|\\?\Z)|<[0-9A-Fa-f\s]*+>|%%[^\r\n]*+"
    rb"|/(?P<font>[^\x00\t\n\x0c\r ()<>\[\]{}/%%]++)%b++[-+.\d]++%b++Tf\b"
    rb"|(?<![\w/])(?P<operator>Tj|TJ|q|Q|'|\")(?!\w)" % (_SPACE, _SPACE),
    re.DOTALL,
)


def shows_missing_font(document: Document) -> bool:
    """Say whether text is shown in a font that is not embedded, on any page or in a form drawn there.

    Of a long document the first pages are looked at, and what cannot be read is taken to show such text.

    Raises:
        PdfSyntaxError: an object is malformed.
    """
    budget = _Budget()
    return any(_page_shows(document, page, budget) for page in islice(document.pages(), _MAX_PAGES))


class _Budget:
    """How much may still be decoded, and which forms were looked at."""

    def __init__(self) -> None:
        self.left = _MAX_DECODED
        self.seen: set[int] = set()


def _page_shows(document: Document, page: Page, budget: _Budget) -> bool:
    contents = document.get(page.dictionary.get("Contents"))
    parts = contents if isinstance(contents, list) else [contents]
    streams = [value for value in map(document.get, parts) if isinstance(value, StreamObject)]
    return _shows(document, page.get("Resources"), streams, budget, 0)


def _shows(document: Document, resources: Any, streams: list[StreamObject], budget: _Budget, depth: int) -> bool:
    entries = document.get(resources)
    if not isinstance(entries, dict) or depth > _MAX_DEPTH:
        return False
    missing = set(_missing(document, entries.get("Font")))
    if missing and _selects(document, streams, missing, budget):
        return True
    return any(_shows(document, *form, budget, depth + 1) for form in _forms(document, entries, budget))


def _missing(document: Document, listed: Any) -> Iterator[str]:
    """Yield the names of fonts that are not embedded."""
    fonts = document.get(listed)
    for name, value in fonts.items() if isinstance(fonts, dict) else ():
        font = document.get(value)
        if isinstance(font, dict):
            descendants = document.get(font.get("DescendantFonts"))
            found = map(document.get, descendants) if isinstance(descendants, list) else [font]
            if any(isinstance(one, dict) and is_missing(document, one) for one in found):
                yield name


def _forms(document: Document, entries: dict[str, Any], budget: _Budget) -> Iterator[tuple[Any, list[StreamObject]]]:
    drawn = document.get(entries.get("XObject"))
    for form in map(document.get, drawn.values() if isinstance(drawn, dict) else ()):
        if not isinstance(form, StreamObject) or form.data_offset in budget.seen:
            continue
        budget.seen.add(form.data_offset)
        if form.dictionary.get("Subtype") == "Form":
            yield form.dictionary.get("Resources"), [form]


def _selects(document: Document, streams: list[StreamObject], names: set[str], budget: _Budget) -> bool:
    try:
        content = b"\n".join(_decoded(document, stream, budget) for stream in streams)
    except (PdfSyntaxError, ValueError, zlib.error):
        return True
    font: str | None = None
    kept: list[str | None] = []
    text = b""
    for step in _STEP.finditer(_without_images(content)):
        operator = step["operator"]
        if step["font"] is not None:
            font = step["font"].decode("latin-1")
        elif operator == b"q":
            kept.append(font)
        elif operator == b"Q":
            font = kept.pop() if kept else None
        elif operator is not None and font in names and text.strip(b"()<> \t\r\n"):
            return True
        text = text + step[0] if step[0][:1] in (b"(", b"<") else b""
    return False


def _without_images(content: bytes) -> bytes:
    """Leave out images that stand in the content itself: their bytes may look like anything."""
    kept = bytearray()
    at = 0
    while (begins := _IMAGE.search(content, at)) and (ends := _IMAGE_END.search(content, begins.end())):
        kept += content[at : begins.start()]
        at = ends.end()
    return bytes(kept + content[at:])


def _decoded(document: Document, stream: StreamObject, budget: _Budget) -> bytes:
    filters = document.get(stream.dictionary.get("Filter"))
    data = document.stream_bytes(stream)
    for name in filters if isinstance(filters, list) else [filters]:
        if name is not None:
            data = _DECODERS[name](data, budget.left) if name in _DECODERS else _refuse(name)
    budget.left -= len(data)
    return data


def _refuse(name: object) -> bytes:
    raise ValueError(name)


def _inflate(data: bytes, limit: int) -> bytes:
    return zlib.decompressobj().decompress(data, max(1, limit))


def _from_85(data: bytes, _: int) -> bytes:
    return base64.a85decode(data.strip().removeprefix(b"<~").removesuffix(b"~>"))


def _from_hexadecimal(data: bytes, _: int) -> bytes:
    digits = b"".join(data.partition(b">")[0].split())
    return binascii.unhexlify(digits + b"0" * (len(digits) % 2))


_DECODERS: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "FlateDecode": _inflate,
    "ASCII85Decode": _from_85,
    "ASCIIHexDecode": _from_hexadecimal,
}
