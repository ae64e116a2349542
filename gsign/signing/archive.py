"""What PDF/A asks of a signature's appearance (ISO 19005-1 clause 6.4, ISO 19005-2 clause 6.2.10)."""

from __future__ import annotations

import re
from typing import Final

from gsign.syntax.filters import decode
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.reader import Document
from gsign.syntax.xref import StreamObject

__all__ = ["allows_transparency"]

_PART: Final = re.compile(rb"pdfaid:part\s*(?:=\s*[\"']|>)\s*(\d)")
_MAX_METADATA: Final = 4 << 20


def allows_transparency(document: Document) -> bool:
    """Say whether an appearance may be partly transparent and the document stay what it says it is.

    PDF/A-1 has no transparency; later parts need an output intent, or a blending space on each page that has some.
    """
    part = _pdfa_part(document)
    if part is None:
        return True
    return part > 1 and bool(document.get(document.catalog.get("OutputIntents")))


def _pdfa_part(document: Document) -> int | None:
    metadata = document.get(document.catalog.get("Metadata"))
    if not isinstance(metadata, StreamObject):
        return None
    try:
        packet = decode(metadata.dictionary, document.stream_bytes(metadata), _MAX_METADATA)
    except PdfSyntaxError:
        return None
    match = _PART.search(packet)
    return int(match[1]) if match else None
