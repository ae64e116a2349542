"""What later revisions may do, rule by rule (ISO 32000-2 clauses 12.8.2.2, 12.8.4; EN 319 142-1 clause 5.4)."""

from __future__ import annotations

import re
from typing import Any, Final

from gsign.syntax.objects import Name, Ref
from gsign.syntax.reader import Document
from gsign.syntax.xref import StreamObject
from gsign.verification.fields import judge_fields
from gsign.verification.reach import reach_of
from gsign.verification.references import refs_in
from gsign.verification.step import (
    ALWAYS,
    ANNOTATE,
    Appearance,
    Step,
    added,
    is_subsequence,
    same,
    same_entry,
    same_rectangle,
)
from gsign.verification.tagging import judge_tags
from gsign.verification.widgets import is_framed

__all__ = ["judge"]

_OWN_STREAMS: Final = frozenset({"ObjStm", "XRef"})
_INFO_KEYS: Final = frozenset(
    {"Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate", "Trapped"}
)
_TRAPPED: Final = frozenset({"True", "False", "Unknown"})
_VERSION: Final = re.compile(r"[12]\.\d")
_EXTENSION_KEYS: Final = frozenset({"Type", "BaseVersion", "ExtensionLevel", "ExtensionRevision", "URL"})
_METADATA_KEYS: Final = frozenset({"Type", "Subtype", "Length", "Filter", "DecodeParms", "DL"})
# Markup annotations (ISO 32000-2 Table 171) that draw nothing but themselves and start nothing.
_MARKUP: Final = frozenset(
    {
        "Text", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline", "Squiggly",
        "StrikeOut", "Caret", "Stamp", "Ink", "Popup",
    }
)  # fmt: skip
_BOXES: Final = frozenset({"MediaBox", "CropBox", "BleedBox", "TrimBox", "ArtBox"})
_INHERITABLE: Final = frozenset({"Resources", "MediaBox", "CropBox", "Rotate"})
_ANNOTATION_USES: Final = ("Annots", "Popup", "Parent", "IRT", "Obj")
_TAB_ORDERS: Final = frozenset({"R", "C", "S", "A", "W"})
_CATALOG_CODES: Final = {
    "OCProperties": "optional-content-changed",
    "OpenAction": "actions-changed",
    "AA": "actions-changed",
    "Names": "actions-changed",
    "Pages": "pages-changed",
}
_TYPE_CODES: Final = {
    "Page": "page-changed",
    "Pages": "pages-changed",
    "Font": "font-changed",
    "FontDescriptor": "font-changed",
    "Encoding": "font-changed",
    "OCG": "optional-content-changed",
    "OCMD": "optional-content-changed",
    "Sig": "signature-changed",
    "DocTimeStamp": "signature-changed",
    "Annot": "annotation-changed",
}


def judge(step: Step) -> None:
    """Look at everything a revision changed: each change is noted with what it takes, or as forbidden."""
    step.find_changes()
    if not step.changed and not step.changes:
        _info(step)
        return
    _own_streams(step)
    _catalog(step)
    _info(step)
    judge_fields(step)
    judge_tags(step)
    _lists(step)
    _annotations(step)
    _rest(step)
    step.appearances = [on for drawn in step.appearances for on in _on_pages(step, drawn)]
    step.overlays = [on for drawn in step.overlays for on in _on_pages(step, drawn)]
    for drawn in step.appearances:
        if drawn.number in step.upright and _is_turned(step, drawn.page):
            step.forbid("appearance-unbounded", drawn.number, drawn.field)


def _on_pages(step: Step, drawn: Appearance) -> list[Appearance]:
    """Return an appearance once for each page that really lists it."""
    pages = step.pages_of(drawn.number)
    return [drawn._replace(page=page) for page in sorted(pages)] if pages else [drawn]


def _is_turned(step: Step, page: int | None) -> bool:
    """Say whether a page is shown turned: what does not turn with it stands beside its rectangle (Table 167)."""
    if page is None:
        return True
    ref = Ref(page)
    own = step.after.dictionary(ref, "page")
    angle = step.after.get(own.get("Rotate", step.after.inherited(ref).get("Rotate", 0)))
    return type(angle) is not int or angle % 360 != 0


def _own_streams(step: Step) -> None:
    """Containers of this revision's own objects, and its cross-reference stream."""
    for number, _, new in step.unclaimed():
        if step.is_new(number) and isinstance(new, StreamObject) and new.dictionary.get("Type") in _OWN_STREAMS:
            step.claimed.add(number)


def _catalog(step: Step) -> None:
    root = step.after.trailer["Root"]
    old, new = step.before.catalog, step.after.catalog
    step.claimed.add(root.number)
    if root.number in step.changed and not step.serves_trailers("Root"):
        step.forbid("catalog-changed", root.number)  # what it gains may be a picture's name
    for key in old.keys() | new.keys():
        one, other = old.get(key), new.get(key)
        if key in ("AcroForm", "DSS", "Perms", "Metadata", "Extensions") or same_entry(key, one, other):
            continue
        if key == "OutputIntents" and _is_set_apart(step, one, other):
            continue
        if key == "PageLabels" and _labels_set_apart(step, one, other):
            continue
        if not (key == "Version" and isinstance(other, Name) and _VERSION.fullmatch(other)):
            step.forbid(_CATALOG_CODES.get(key, "catalog-changed"), root.number)
    _permissions(step, old.get("Perms"), new.get("Perms"))
    _extensions(step, old.get("Extensions"), new.get("Extensions"))
    _metadata(step, old.get("Metadata"), new.get("Metadata"), root.number)
    if "DSS" in old or "DSS" in new:
        from gsign.verification.storing import judge_store  # few documents have a store

        judge_store(step, old.get("DSS"), new.get("DSS"))


def _is_set_apart(step: Step, old: Any, new: Any) -> bool:
    """Say whether the items of an array became objects of their own and say what they said; PDFBox does so."""
    if not isinstance(old, list) or not isinstance(new, list) or len(old) != len(new):
        return False
    for one, other in zip(old, new, strict=True):
        is_apart = isinstance(other, Ref) and step.is_new(other.number)
        if not same(one, step.changed[other.number][1] if is_apart else other):
            return False
    step.claim_new(new)
    return True


def _labels_set_apart(step: Step, old: Any, new: Any) -> bool:
    """Say whether the labels of pages did so, which stand in the catalog itself."""
    if not isinstance(old, dict) or not isinstance(new, dict) or not old.keys() == new.keys() == {"Nums"}:
        return False
    return _is_set_apart(step, old["Nums"], new["Nums"])


def _permissions(step: Step, old: Any, new: Any) -> None:
    """/Perms may gain the certification that this revision makes."""
    before, after = step.before.get(old) or {}, step.after.get(new) or {}
    if same(before, after):
        return
    gained = {key for key in after if key not in before}
    kept = all(same(value, after.get(key)) for key, value in before.items())
    made = after.get("DocMDP")
    is_new = isinstance(made, Ref) and step.is_new(made.number)
    if not kept or gained - {"DocMDP"} or (gained and not is_new):
        step.forbid("permissions-changed")  # no signature becomes a certification afterwards
        return
    step.claim_new(new)
    if isinstance(new, Ref) and new.number in step.changed and step.belongs_to_catalog(new.number, "Perms"):
        step.claimed.add(new.number)


def _extensions(step: Step, old: Any, new: Any) -> None:
    """Developer extensions are announced (clause 7.12); they say versions and nothing else."""
    if same(old, new):
        return
    entries = step.after.get(new)
    is_old = isinstance(new, Ref) and not step.is_new(new.number)
    if is_old or not isinstance(entries, dict) or not all(_is_extension(key, value) for key, value in entries.items()):
        step.forbid("catalog-changed")
    elif isinstance(new, Ref):
        step.claimed.add(new.number)


def _is_extension(key: str, value: Any) -> bool:
    """Say whether an entry announces an extension and could not be used as anything else (Table 49)."""
    if key == "Type":
        return isinstance(value, Name)
    found = value if isinstance(value, list) else [value]
    return all(isinstance(one, dict) and one.keys() <= _EXTENSION_KEYS and not list(refs_in(one)) for one in found)


def _metadata(step: Step, old: Any, new: Any, root: int) -> None:
    if same(old, new) and not (isinstance(new, Ref) and new.number in step.changed):
        return
    stream = step.after.get(new)
    is_metadata = (
        isinstance(stream, StreamObject)
        and stream.dictionary.get("Subtype") == "XML"
        and not _new_keys(step, old, stream) - _METADATA_KEYS
    )
    if not isinstance(new, Ref) or not is_metadata:
        step.forbid("metadata-changed", root)
        return
    if step.is_new(new.number):
        step.claim_new(new)
    elif new.number not in step.changed or step.belongs_to_catalog(new.number, "Metadata"):
        # The same stream must not also be something that is drawn.
        step.claimed.add(new.number)
    step.note("metadata-updated", ALWAYS, new.number)


def _new_keys(step: Step, old: Any, stream: StreamObject) -> set[str]:
    """Return the keys of a description that it had not, or not so; PDFKit's has one of its own that others keep."""
    known = step.before.get(old)
    entries = known.dictionary if isinstance(known, StreamObject) else {}
    return {key for key, value in stream.dictionary.items() if type(value) is not int or entries.get(key) != value}


def _info(step: Step) -> None:
    """The information dictionary may say something else about title, author and dates."""
    ref, known = step.after.trailer.get("Info"), step.before.trailer.get("Info")
    if not same(ref, known):
        step.note("metadata-updated", ALWAYS, ref.number if isinstance(ref, Ref) else 0)
    if not isinstance(ref, Ref) or ref.number not in step.changed:
        return
    old, new = step.changed[ref.number]
    if not isinstance(new, dict):
        return
    if step.is_new(ref.number):
        if not all(isinstance(value, (bytes, Name, Ref)) for value in new.values()):
            return
        step.claim_new(ref)
    elif not isinstance(old, (dict, type(None))) or not _is_said_anew(step, old or {}, new):
        return
    elif not step.serves_trailers("Info"):
        return  # bookmarks have a title too
    step.claimed.add(ref.number)
    if same(ref, known):
        step.note("metadata-updated", ALWAYS, ref.number)


def _is_said_anew(step: Step, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Say whether only texts differ, in what holds nothing else: the same object may have other uses."""
    differing = {key for key in old.keys() | new.keys() if not same(old.get(key), new.get(key))}
    if differing - _INFO_KEYS or not all(_is_told(step.before, value) for value in old.values()):
        return False
    # PDFKit makes each text an object of its own, which the next writer replaces by a text.
    values = [(key, step.before.get(old[key])) for key in differing & old.keys()]
    values += [(key, new[key]) for key in differing & new.keys()]
    return all(
        isinstance(value, bytes) or value is None or (key == "Trapped" and value in _TRAPPED) for key, value in values
    )


def _is_told(before: Document, value: Any) -> bool:
    """Say whether an entry holds nothing but texts: macOS lists the keywords once more, one by one."""
    found = before.get(value)
    if isinstance(found, list):
        return all(isinstance(before.get(item), bytes) for item in found)
    return not isinstance(found, (dict, StreamObject))


# ---------------------------------------------------------------- pages and annotations


def _lists(step: Step) -> None:
    """Pages may gain the widgets of new signatures; so may arrays of annotations that are objects of their own."""
    for number, old, new in step.unclaimed():
        if isinstance(old, list) and isinstance(new, list):
            # Only where what was there are annotations: other arrays mean other things.
            annotations = all(_is_annotation(step.before.get(item)) for item in old)
            if annotations and step.serves_as(number, "Annots") and _annotations_added(step, old, new, number):
                step.claimed.add(number)
        elif isinstance(old, dict) and isinstance(new, dict) and new.get("Type") == old.get("Type") == "Page":
            _page(step, number, old, new)
        elif isinstance(old, dict) and isinstance(new, dict) and new.get("Type") == old.get("Type") == "Pages":
            _page_tree(step, number, old, new)


def _page(step: Step, number: int, old: dict[str, Any], new: dict[str, Any]) -> None:
    differing = {key for key in old.keys() | new.keys() if not same(old.get(key), new.get(key))}
    moved = {k for k in differing if k not in _BOXES or not same_rectangle(old.get(k), new.get(k))}
    if "Tabs" not in old and new.get("Tabs") in _TAB_ORDERS:
        moved.discard("Tabs")  # where the keyboard goes next
    moved = {k for k in moved if k in old or k not in _INHERITABLE or not _is_inherited(step, number, k, new[k])}
    if moved - {"Annots"}:
        return
    before, after = step.before.get(old.get("Annots")), step.after.get(new.get("Annots"))
    if not isinstance(before, (list, type(None))) or not isinstance(after, list):
        return
    if not all(_is_annotation(step.before.get(item)) for item in before or ()):
        return  # an array that means something else as well
    if _annotations_added(step, before or [], after, number):
        step.claimed.add(number)
        listed = new["Annots"]
        if isinstance(listed, Ref) and step.is_new(listed.number):
            step.claimed.add(listed.number)


def _is_inherited(step: Step, number: int, key: str, value: Any) -> bool:
    """Say whether a page has what it inherited before, as iText writes it down with each page.

    Some readers come to a page from the root of the tree, others go up from it: both must have found the same.
    """
    from_root = next((page.inherited for page in step.before.pages() if page.ref.number == number), {})
    return all(
        key in found and (same_rectangle if key in _BOXES else same)(found[key], value)
        for found in (from_root, step.before.inherited(Ref(number)))
    )


def _page_tree(step: Step, number: int, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Claim a node in which iText 2 and iTextSharp 4 left their version, which no reader looks for."""
    differing = {key for key in old.keys() | new.keys() if not same(old.get(key), new.get(key))}
    if differing == {"ITXT"} and isinstance(new.get("ITXT"), bytes):
        step.claimed.add(number)


def _annotations_added(step: Step, old: list[Any], new: list[Any], number: int) -> bool:
    """Note each added annotation that is no signature's; say whether all of it can be explained."""
    gone = added(new, old)
    if gone or not is_subsequence(old, new):
        if all(_is_markup(step.before.get(item)) for item in gone):
            step.note("annotation-removed", ANNOTATE, number)
        else:
            return False
    explained = True
    for item in added(old, new):
        if not isinstance(item, Ref):
            explained = False
            continue
        step.listed.setdefault(item.number, set()).add(number)
        if item.number in step.widgets:
            continue
        if step.is_new(item.number) and _is_markup(step.changed[item.number][1]):
            step.claim_new(item)
            step.note("annotation-added", ANNOTATE, number)
            _overlay(step, item)
        else:
            explained = False
    return explained


def _overlay(step: Step, ref: Ref) -> None:
    annotation = step.changed[ref.number][1]
    if not is_framed(step.after, annotation):
        step.forbid("appearance-unbounded", ref.number)
    drawn = reach_of(step.after, ref, annotation)
    if drawn is not None:
        step.overlays.append(drawn)


def _is_annotation(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and "Subtype" in value and value.get("Type") in (None, "Annot"))


def _is_markup(value: Any) -> bool:
    return isinstance(value, dict) and value.get("Subtype") in _MARKUP and not value.keys() & {"A", "AA", "OC"}


def _annotations(step: Step) -> None:
    """Markup annotations that were there may be changed, with new appearances, where annotating is allowed."""
    for number, old, new in step.unclaimed():
        if _is_markup(old) and _is_markup(new) and step.serves_as(number, *_ANNOTATION_USES):
            step.claimed.add(number)
            step.claim_new(new)
            step.note("annotation-changed", ANNOTATE, number)
            _overlay(step, Ref(number))


# ---------------------------------------------------------------- what is left


def _rest(step: Step) -> None:
    unclaimed = step.unclaimed()
    fresh = {number: step.referrers(number) for number, _, _ in unclaimed if step.is_new(number)}
    # Leftovers of a writer that nothing refers to but other leftovers are never shown.
    shown = {number for number, referrers in fresh.items() if referrers - fresh.keys()}
    while grown := {number for number, referrers in fresh.items() if referrers & shown} - shown:
        shown |= grown
    for number, old, new in unclaimed:
        if number not in fresh:
            step.forbid(_code(old, "object-changed"), number)
        elif number in shown:
            step.forbid(_code(new, "object-added"), number)
    for number in step.claimed:
        if step.is_new(number) and step.was_awaited(number):
            step.forbid("dangling-reference-filled", number)


def _code(value: Any, default: str) -> str:
    dictionary = value.dictionary if isinstance(value, StreamObject) else value
    if not isinstance(dictionary, dict):
        return default
    kind = dictionary.get("Type")
    if kind in _TYPE_CODES and not (kind == "Annot" and dictionary.get("Subtype") == "Widget"):
        return _TYPE_CODES[kind]
    if "FT" in dictionary or dictionary.get("Subtype") == "Widget":
        return "form-field-changed"
    return "content-changed" if isinstance(value, StreamObject) else default
