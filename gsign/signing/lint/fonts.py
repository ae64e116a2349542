"""Fonts that are not embedded and need not be told: no page is set in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gsign.signing.permissions import signed_fields
from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document
from gsign.syntax.xref import StreamObject

__all__ = ["form_fonts", "signature_fonts"]

_MAX_DEPTH: Final = 6
"""Forms within forms: programs that sign build an appearance of three layers."""


def form_fonts(document: Document) -> Iterator[int]:
    """Yield objects with fonts that the form offers to fill fields with: programs that make forms never embed those.

    Raises:
        PdfSyntaxError: the form is malformed.
    """
    form = document.form()
    reference = document.catalog.get("AcroForm")
    yield (reference if isinstance(reference, Ref) else document.trailer["Root"]).number
    resources = form.get("DR")
    yield from _numbers([resources])
    yield from _fonts(document, resources)


def signature_fonts(document: Document) -> Iterator[int]:
    """Yield objects with fonts that pictures of earlier signatures are drawn with: nobody can mend those any more.

    Raises:
        PdfSyntaxError: the form is malformed.
    """
    for field in signed_fields(document.fields()):
        kids = document.array(field.dictionary.get("Kids"), "/Kids")
        for widget in kids or [field.ref]:
            annotation = document.get(widget)
            appearance = document.get(annotation.get("AP")) if isinstance(annotation, dict) else None
            if isinstance(appearance, dict):
                yield from _drawn_with(document, appearance.get("N"), 0)


def _drawn_with(document: Document, value: Any, depth: int) -> Iterator[int]:
    form = document.get(value)
    if not isinstance(form, StreamObject) or depth > _MAX_DEPTH:
        return
    yield from _numbers([value])
    resources = document.get(form.dictionary.get("Resources"))
    yield from _numbers([form.dictionary.get("Resources")])
    yield from _fonts(document, resources)
    inner = document.get(resources.get("XObject")) if isinstance(resources, dict) else None
    for below in inner.values() if isinstance(inner, dict) else ():
        yield from _drawn_with(document, below, depth + 1)


def _fonts(document: Document, resources: Any) -> Iterator[int]:
    entries = document.get(resources)
    listed = entries.get("Font") if isinstance(entries, dict) else None
    fonts = document.get(listed)
    yield from _numbers([listed, *(fonts.values() if isinstance(fonts, dict) else ())])


def _numbers(values: list[Any]) -> Iterator[int]:
    return (value.number for value in values if isinstance(value, Ref))
