"""Which resources content draws with: of pictures that bring none of their own, and of pages that share the form's."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from gsign.syntax.filters import decode
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document
from gsign.syntax.xref import StreamObject
from gsign.verification.references import refs_in
from gsign.verification.step import Step, same
from gsign.verification.styles import annotations_of, content_names_any

__all__ = ["claim_shared", "picture_names", "streams"]

_MAX_OBJECTS: Final = 2000


def streams(document: Document, appearance: Any) -> list[StreamObject | None]:
    """Return the streams of an appearance dictionary, of all states; None for what is no stream."""
    entries = document.get(appearance)
    if entries is None:
        return []
    if not isinstance(entries, dict):
        return [None]
    found: list[StreamObject | None] = []
    for value in map(document.get, entries.values()):
        states = map(document.get, value.values()) if isinstance(value, dict) else [value]
        found += [state if isinstance(state, StreamObject) else None for state in states]
    return found


def picture_names(document: Document, picture: StreamObject, names: Collection[str]) -> bool:
    """Say whether a picture that brings no resources of its own names any of these."""
    return "Resources" not in picture.dictionary and _content_names(document, picture, names)


def _content_names(document: Document, stream: StreamObject, names: Collection[str]) -> bool:
    try:
        return content_names_any(decode(stream.dictionary, document.stream_bytes(stream)), names)
    except PdfSyntaxError:
        return True  # nobody knows


def claim_shared(step: Step, resources: Ref, renewed: Collection[tuple[str, str]]) -> None:
    """Claim the form's resources where pages draw with the same object, and none of them with what is new in it.

    LibreOffice lets its form and its pages share one dictionary, which iText writes anew in its place.

    Args:
        step: the revision; what is new in the dictionary is judged already.
        resources: of the form.
        renewed: categories and names of the resources that are new or others.
    """
    names = {name for _, name in renewed}
    old, new = step.changed[resources.number]
    form, root = step.before.catalog.get("AcroForm"), step.after.trailer["Root"].number
    as_form = (form.number, ("DR",)) if isinstance(form, Ref) else (root, ("AcroForm", "DR"))
    whole: list[StreamObject | None] = []
    whole += _within(step.before, old)
    for use in step.references.uses(resources.number, step.section + 1):
        owner = step.before.value_of(use.owner)
        if tuple(use) == as_form:
            continue
        if use.keys == ("Resources",) and isinstance(owner, StreamObject):
            whole.append(owner)
        elif use.keys != ("Resources",) or not isinstance(owner, dict) or owner.get("Type") not in ("Page", "Pages"):
            return
    for page in step.before.pages():
        if same(page.get("Resources"), resources):  # its own, or what it inherits
            contents = _contents(step.before, page.dictionary)
            if _names_across(step.before, contents, names):
                return
            whole += contents
            whole += _annotated(step.before, page.dictionary)
    if any(one is None or _content_names(step.before, one, _awaited(step, one, renewed)) for one in whole):
        return
    step.claimed.add(resources.number)
    step.claim_new(new)


def _awaited(step: Step, stream: StreamObject, renewed: Collection[tuple[str, str]]) -> set[str]:
    """Return the names that content would find in the shared resources: all but pictures that it brings itself.

    Each visible signature of PDFBox and iText draws a frame of its own by the name that the form's newest one has.
    """
    brought = stream.dictionary.get("Resources")
    one, other = _pictures_of(step.before, brought), _pictures_of(step.after, brought)
    kept = {name for name in one if same(one[name], other.get(name)) and _is_stream(step.before, one[name])}
    return {name for category, name in renewed if category != "XObject" or name not in kept}


def _pictures_of(document: Document, resources: Any) -> dict[str, Any]:
    found = document.get(resources)
    pictures = document.get(found.get("XObject")) if isinstance(found, dict) else None
    return pictures if isinstance(pictures, dict) else {}


def _is_stream(document: Document, value: Any) -> bool:
    return isinstance(document.get(value), StreamObject)


def _contents(document: Document, page: dict[str, Any]) -> list[StreamObject | None]:
    found = document.get(page.get("Contents"))
    parts = [document.get(part) for part in (found if isinstance(found, list) else [found])]
    return [part if isinstance(part, StreamObject) else None for part in parts if part is not None]


def _names_across(document: Document, contents: list[StreamObject | None], names: Collection[str]) -> bool:
    """Say whether one of these is named where a page's streams meet: PDF.js reads them as if they were one."""
    try:
        return content_names_any(b"".join(decode(s.dictionary, document.stream_bytes(s)) for s in contents if s), names)
    except PdfSyntaxError:
        return True  # nobody knows


def _annotated(document: Document, page: dict[str, Any]) -> list[StreamObject | None]:
    shown = [annotation.get("AP") for annotation in annotations_of(document, page)]
    direct = [one for appearance in shown for one in streams(document, appearance)]
    return [*direct, *_within(document, *shown)]


def _within(document: Document, *values: Any) -> list[StreamObject | None]:
    """Return what is drawn by way of resources or pictures, however deep; None where nobody knows.

    What a picture's own resources lack PDFium and Poppler look for in those of the page.
    """
    found: list[StreamObject | None] = []
    waiting, seen = [ref for value in values for ref in refs_in(value)], set[int]()
    while waiting:
        ref = waiting.pop()
        if ref.number in seen:
            continue
        seen.add(ref.number)
        value = document.get(ref)
        if len(seen) > _MAX_OBJECTS or (isinstance(value, dict) and "CharProcs" in value):
            return [None]
        if isinstance(value, StreamObject) and (
            value.dictionary.get("Subtype") == "Form" or "PatternType" in value.dictionary
        ):
            found.append(value)
        waiting += refs_in(value)
    return found
