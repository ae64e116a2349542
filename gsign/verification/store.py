"""What a document brings along for its own verification (ISO 32000-2 clause 12.8.4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gsign.syntax.filters import decode
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.reader import Document
from gsign.syntax.xref import StreamObject
from gsign.trust.evidence import ValidationData

__all__ = ["read_dss"]

_MAX_ENTRIES: Final = 1024
_MAX_SIZE: Final = 32 << 20


def read_dss(document: Document) -> ValidationData:
    """Return the certificates, OCSP responses and CRLs of the DSS; what cannot be read is passed over."""
    store = document.get(document.catalog.get("DSS"))
    if not isinstance(store, dict):
        return ValidationData()
    return ValidationData(
        tuple(_streams(document, store.get("Certs"))),
        tuple(_streams(document, store.get("OCSPs"))),
        tuple(_streams(document, store.get("CRLs"))),
    )


def _streams(document: Document, value: Any) -> Iterator[bytes]:
    try:
        entries = document.array(value, "DSS array")[:_MAX_ENTRIES]
    except PdfSyntaxError:
        return
    for entry in entries:
        try:
            stream = document.get(entry)
            if isinstance(stream, StreamObject):
                yield decode(stream.dictionary, document.stream_bytes(stream), _MAX_SIZE)
        except PdfSyntaxError:
            continue
