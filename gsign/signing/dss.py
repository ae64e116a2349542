"""The document security store: certificates and status data for later (ISO 32000-2 clause 12.8.4.3, PAdES B-LT)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any, Protocol

from gsign.syntax.filters import decode
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Name, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from gsign.syntax.xref import StreamObject

__all__ = ["StatusData", "stored", "write_dss"]


class StatusData(Protocol):
    """What is to be stored, as DER."""

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """DER of certificates."""
        ...

    @property
    def ocsps(self) -> tuple[bytes, ...]:
        """DER of OCSP responses."""
        ...

    @property
    def crls(self) -> tuple[bytes, ...]:
        """DER of CRLs."""
        ...


def write_dss(document: Document, data: StatusData) -> bytes | bytearray:
    """Return the revision that stores `data`; empty where the document has all of it already."""
    store = dict(document.dictionary(document.catalog.get("DSS") or {}, "/DSS"))
    revision = Revision(document)
    changed = False
    for key, values in (("Certs", data.certificates), ("OCSPs", data.ocsps), ("CRLs", data.crls)):
        present = stored(document, key)
        missing = [v for v in dict.fromkeys(values) if v not in present]
        if missing:
            store[key] = [*document.array(store.get(key), f"/{key}"), *map(_stream, missing)]
            changed = True
    if not changed:
        return b""
    root = document.trailer["Root"]
    revision.change(root, document.catalog | {"DSS": revision.add(store | {"Type": Name("DSS")})})
    return revision.write()


def stored(document: Document, key: str) -> set[bytes]:
    """Return what the DSS holds under /Certs, /OCSPs or /CRLs; entries that cannot be read are left out."""
    store = document.get(document.catalog.get("DSS"))
    if not isinstance(store, dict):
        return set()
    return set(_readable(document, document.array(store.get(key), f"/{key}")))


def _readable(document: Document, entries: list[Any]) -> Iterable[bytes]:
    for entry in entries:
        stream = document.get(entry)
        if isinstance(stream, StreamObject):
            try:
                yield decode(stream.dictionary, document.stream_bytes(stream))
            except PdfSyntaxError:
                continue


def _stream(value: bytes) -> Stream:
    return Stream({"Filter": Name("FlateDecode")}, zlib.compress(value))
