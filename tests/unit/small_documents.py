"""The smallest document there is, with whatever a test of the reader adds to it."""

from __future__ import annotations

from gsign.syntax.reader import Document
from gsign.syntax.source import BytesSource
from tests.documents.raw import Draft


def opened(data: bytes) -> Document:
    return Document(BytesSource(data))


def small(objects: dict[int, bytes]) -> Draft:
    """Draft a document of a catalog, a page tree and a page, with changes."""
    return Draft(
        {
            1: b"<</Type /Catalog /Pages 2 0 R>>",
            2: b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
            3: b"<</Type /Page /Parent 2 0 R /Resources <<>> /MediaBox [0 0 595 842]>>",
        }
        | objects
    )
