"""What a later revision may do to the form: sign, and fill in (ISO 32000-2 clauses 12.7 and 12.8.2.2)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from gsign.syntax.objects import Name, Ref
from gsign.syntax.reader import MAX_TREE_DEPTH, Document, Field
from gsign.verification.filling import fill
from gsign.verification.pictures import claim_shared, picture_names, streams
from gsign.verification.step import (
    ABSENT,
    ALWAYS,
    SIGN,
    Step,
    added,
    is_subsequence,
    same,
)
from gsign.verification.styles import awaits_any, awaits_resources, awaits_style, inherited
from gsign.verification.widgets import FIELD_USES, appearances_of, differing, is_framed, placed, widgets_of

__all__ = ["judge_fields"]

_WIDGET_KEYS: Final = frozenset(
    {
        "Type", "Subtype", "Rect", "P", "F", "AP", "AS", "MK", "BS", "Border", "DA", "Q", "H", "C", "M", "NM",
        "StructParent", "Parent", "FT", "T", "TU", "TM", "Ff", "V", "Lock", "SV", "Kids", "DR",
    }
)  # fmt: skip
_WIDGETS_OWN: Final = frozenset({"Subtype", "Rect", "AP", "AS", "MK", "BS", "Border", "C", "H"})
"""What an annotation has, and a field has not whose widgets are objects of their own."""
_PICTURED_BY: Final = frozenset({"AP", "AS", "MK"})
_SIGNED_KEYS: Final = frozenset({"V", "AP", "AS", "M", "MK", "DA", "F", "Ff", "Lock", "DR"})
"""What signing an empty field that was there may set."""
_FILLABLE: Final = frozenset({"Tx", "Ch", "Btn"})
_NO_ZOOM: Final = 8
_NO_ROTATE: Final = 16
_HIDDEN: Final = 1 | 2 | 32
"""Annotation flags Invisible, Hidden and NoView (Table 167)."""
_OF_FONTS: Final = frozenset({"BaseEncoding", "Differences"})


def judge_fields(step: Step) -> None:
    """Compare the interactive form and all its fields."""
    old, new = step.before.catalog.get("AcroForm"), step.after.catalog.get("AcroForm")
    if old is None and new is None:
        return
    before = {f.ref.number: f for f in step.before.fields()}
    after = {f.ref.number: f for f in step.after.fields()}
    for number in before.keys() - after.keys():
        step.forbid("form-field-removed", number, before[number].name)
    for number, found in after.items():
        if number in before:
            _known_field(step, before[number], found)
        elif not step.names.take(step.after, found):
            # One name is one field to some readers, which show the value of either (clause 12.7.4.2).
            step.forbid("form-field-added", number, found.name)
        else:
            _added_field(step, found)
    while _ancestors(step):
        pass  # one level of the tree at a time, from the leaves up
    _form(step, old, new)


# ---------------------------------------------------------------- the form dictionary


def _form(step: Step, old: Any, new: Any) -> None:
    before, after = step.before.form(), step.after.form()
    ok = _fields_grew(step, before.get("Fields"), after.get("Fields"))
    for key in before.keys() | after.keys():
        one, other = before.get(key), after.get(key)
        is_in_place = key == "DR" and isinstance(other, Ref) and other.number in step.changed
        if key == "Fields" or (same(one, other) and not is_in_place):
            continue
        ok &= _entry_allowed(step, key, one, other)
    if not ok:
        step.forbid("form-changed", new.number if isinstance(new, Ref) else 0)
        return
    if isinstance(new, Ref) and (step.is_new(new.number) or same(old, new)):
        # An existing one was the form before, and only entries changed that mean nothing elsewhere.
        step.claimed.add(new.number)


def _entry_allowed(step: Step, key: str, old: Any, new: Any) -> bool:
    if key == "SigFlags":
        return type(new) is int and new in (1, 2, 3)
    if key == "NeedAppearances":
        return old in (None, False) and new in (None, False)
    if key == "DA":
        return old is None and isinstance(new, bytes) and not awaits_style(step.before)
    if key == "DR":
        return _resources_grew(step, old, new) and not (_lacks_fonts(step, old) and awaits_resources(step.before))
    return False


def _lacks_fonts(step: Step, resources: Any) -> bool:
    return "Font" not in (step.before.get(resources) or {})


def _fields_grew(step: Step, old: Any, new: Any) -> bool:
    before, after = step.before.array(old, "/Fields"), step.after.array(new, "/Fields")
    if not is_subsequence(before, after):
        return False
    for item in added(before, after):
        if not (isinstance(item, Ref) and item.number in step.widgets):
            return False
    if (
        isinstance(new, Ref)
        and new.number in step.changed
        and (step.is_new(new.number) or step.serves_as(new.number, "Fields"))
    ):
        step.claimed.add(new.number)
    return True


def _resources_grew(step: Step, old: Any, new: Any) -> bool:
    """Fonts for fields may be added under names that were not used; nothing that was there may change.

    But for the frames of signatures (`_pictures_renewed`).
    """
    before, after = step.before.get(old) or {}, step.after.get(new)
    if not isinstance(before, dict) or not isinstance(after, dict) or not before.keys() <= after.keys():
        return False
    for category, value in after.items():
        if same(before.get(category), value):
            continue
        known, entries = step.before.get(before.get(category)) or {}, step.after.get(value)
        if category == "XObject" and _pictures_renewed(step, known, entries):
            continue
        if category == "ProcSet" and not known and _are_names(entries):
            continue
        if category not in ("Font", "Encoding") or not isinstance(entries, dict) or not isinstance(known, dict):
            return False
        fresh = entries.keys() - known.keys()
        # The form could be what a page draws with, and its resources a font of it.
        if fresh & _OF_FONTS or any(not same(item, entries.get(name)) for name, item in known.items()):
            return False
        if category == "Font" and (awaits_any(step.before, fresh) or _pictures_name(step.before, fresh)):
            return False
    # Objects that were there are not claimed: a page may use the same fonts.
    step.claim_new(new)
    if isinstance(new, Ref) and same(old, new) and new.number in step.changed:
        claim_shared(step, new, _renewed(step, before, after))
    return True


def _renewed(step: Step, before: dict[str, Any], after: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the categories and names of resources that are new or other ones."""
    found: set[tuple[str, str]] = set()
    for category, value in after.items():
        known, entries = step.before.get(before.get(category)), step.after.get(value)
        if isinstance(entries, dict):
            known = known if isinstance(known, dict) else {}
            found |= {(category, name) for name, item in entries.items() if not same(known.get(name), item)}
    return found


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Name) for item in value)


def _pictures_renewed(step: Step, old: Any, new: Any) -> bool:
    """Say whether the form's pictures changed as some writers do it: the frame of the newest signature stands there.

    Nothing may have to look there for what it draws.
    """
    if not isinstance(old, dict) or not isinstance(new, dict) or not old.keys() <= new.keys():
        return False
    renewed = {name: item for name, item in new.items() if not same(old.get(name), item)}
    if not all(isinstance(item, Ref) and step.is_new(item.number) for item in renewed.values()):
        return False
    return not (awaits_any(step.before, renewed.keys()) or _pictures_name(step.before, renewed.keys()))


def _pictures_name(document: Document, names: Collection[str]) -> bool:
    """Say whether a field's picture may be drawn with resources of these names that are the form's.

    Readers look there for what a picture that brings no resources of its own names.
    """
    widgets = [widget for found in document.fields() for _, widget in widgets_of(document, found)]
    pictures = [picture for widget in widgets for picture in streams(document, widget.get("AP"))]
    return bool(names) and any(picture is None or picture_names(document, picture, names) for picture in pictures)


# ---------------------------------------------------------------- signature fields


def _added_field(step: Step, found: Field) -> None:
    if found.kind != "Sig" or not step.is_new(found.ref.number) or found.dictionary.keys() - _WIDGET_KEYS:
        step.forbid("form-field-added", found.ref.number, found.name)
        return
    widgets = widgets_of(step.after, found)
    is_plain = all(step.is_new(ref.number) and _is_plain_widget(step.after, widget) for ref, widget in widgets)
    if not is_plain or _draws_beside_kids(step.after, found, widgets):
        step.forbid("form-field-added", found.ref.number, found.name)
        return
    step.widgets[found.ref.number] = found.name
    step.widgets.update((ref.number, found.name) for ref, _ in widgets)
    step.claim_new([found.ref, *(ref for ref, _ in widgets)])
    _signed(step, found, widgets)


def _draws_beside_kids(document: Document, found: Field, widgets: list[tuple[Ref, dict[str, Any]]]) -> bool:
    """Say whether a field with widgets apart may be drawn itself, or has such as are no objects of their own."""
    kids = document.array(found.dictionary.get("Kids"), "/Kids")
    return bool(kids) and (len(widgets) != len(kids) or not _WIDGETS_OWN.isdisjoint(found.dictionary))


def _is_plain_widget(document: Document, widget: dict[str, Any]) -> bool:
    """Say whether it is nothing but a widget of a signature.

    Readers draw annotations of other types by themselves, and fields by what the widget says that it belongs to: the
    value of a text field needs no picture.
    """
    return (
        not widget.keys() - _WIDGET_KEYS
        and widget.get("Subtype") in (None, "Widget")
        and inherited(document, widget, "FT") in (None, "Sig")
        and _has_top(document, widget)
    )


def _has_top(document: Document, widget: dict[str, Any]) -> bool:
    """Say whether the field tree ends above a widget: MuPDF draws no page whose fields go in circles."""
    node: Any = widget
    for _ in range(MAX_TREE_DEPTH):
        node = document.get(node.get("Parent"))
        if not isinstance(node, dict):
            return True
    return False


def _signed(step: Step, found: Field, widgets: list[tuple[Ref, dict[str, Any]]]) -> None:
    if found.value is None:
        step.note("signature-field-added", SIGN, found.ref.number, found.name)
        # MuPDF draws a mark of its own where a signature is awaited.
        step.appearances += placed(step.after, found.name, widgets)
        if not all(is_framed(step.after, widget) for _, widget in widgets):
            step.forbid("appearance-unbounded", found.ref.number, found.name)
        if any(_shows(step.after, widget) for _, widget in widgets):
            # What is drawn without a signature is an addition to the page.
            step.forbid("appearance-without-signature", found.ref.number, found.name)
        return
    if not all(is_framed(step.after, widget) and _stays_in_place(step.after, widget) for _, widget in widgets):
        step.forbid("appearance-unbounded", found.ref.number, found.name)
    step.upright |= {ref.number for ref, widget in widgets if _resolved_flags(step.after, widget) & _NO_ROTATE}
    signature = step.after.get(found.value)
    if not isinstance(found.value, Ref) or not isinstance(signature, dict) or not step.is_new(found.value.number):
        step.forbid("signature-changed", found.ref.number, found.name)
        return
    if signature.get("Type") == "DocTimeStamp":
        step.note("document-timestamp-added", ALWAYS, found.value.number, found.name)
        if appearances_of(step.after, found) and any(
            _draws(step.after, widget) or widget.keys() & {"MK", "C"} for _, widget in widgets
        ):
            # A timestamp is to be had by anybody: what it draws nobody has signed (clause 12.8.5).
            step.forbid("appearance-without-signature", found.ref.number, found.name)
        step.appearances += placed(step.after, found.name, widgets)  # where MuPDF draws its mark
    else:
        step.note("signature-added", SIGN, found.value.number, found.name)
        step.appearances += appearances_of(step.after, found)


def _stays_in_place(document: Document, widget: dict[str, Any]) -> bool:
    """Say whether a widget is drawn within its rectangle whatever the page's size on screen."""
    return not (_resolved_flags(document, widget) & _NO_ZOOM and _shows(document, widget))


def _resolved_flags(document: Document, widget: dict[str, Any]) -> int:
    """Return the annotation flags; all of them where they are none."""
    flags = document.get(widget.get("F", 0))
    return flags if type(flags) is int else _NO_ZOOM | _NO_ROTATE


def _shows(document: Document, widget: dict[str, Any]) -> bool:
    """Say whether anything of a widget is seen: its pictures, or a border and background."""
    return _draws(document, widget) or bool(widget.keys() & {"MK", "C"})


def _draws(document: Document, widget: dict[str, Any]) -> bool:
    return any(s is None or document.stream_bytes(s).strip() for s in streams(document, widget.get("AP")))


def _known_field(step: Step, old: Field, new: Field) -> None:
    if old.kind != new.kind or old.name != new.name:
        step.forbid("form-field-changed", new.ref.number, new.name)
        return
    before, after = dict(widgets_of(step.before, old)), dict(widgets_of(step.after, new))
    touched = [ref for ref in (new.ref, *after) if ref.number in step.changed]
    if not touched and same(old.value, new.value):
        return
    if before.keys() != after.keys():
        step.forbid("form-field-changed", new.ref.number, new.name)
    elif new.kind == "Sig":
        _sign_known(step, old, new, before, after)
    elif new.kind in _FILLABLE:
        fill(step, old, new, before, after)


def _sign_known(
    step: Step, old: Field, new: Field, before: dict[Ref, dict[str, Any]], after: dict[Ref, dict[str, Any]]
) -> None:
    """An empty field that was there is signed; widgets that showed anything stay where they were."""
    pairs = [(old.dictionary, new.dictionary), *((before[ref], after[ref]) for ref in after)]
    changed = {key for one, other in pairs for key in differing(one, other)}
    if not any(_shows(step.before, widget) for widget in before.values()):
        changed.discard("Rect")  # nothing stood there yet; PDFBox places the field anew
    is_plain = all(inherited(step.after, widget, "FT") in (None, "Sig") for widget in after.values())
    if new.ref not in after and not _WIDGETS_OWN.isdisjoint(differing(old.dictionary, new.dictionary)):
        is_plain = False  # a field that a page lists beside its widgets is drawn as well
    if old.value is not None or new.value is None or changed - _SIGNED_KEYS or _hides(pairs) or not is_plain:
        step.forbid("signature-changed" if old.value is not None else "form-field-changed", new.ref.number, new.name)
        return
    for ref in (new.ref, *after):
        if ref.number in step.changed and step.serves_as(ref.number, *FIELD_USES):
            step.claimed.add(ref.number)
            step.claim_new(step.changed[ref.number][1])
    if any(_draws(step.before, widget) for widget in before.values()):
        # Whoever signed before saw something there.
        step.note("field-picture-replaced", SIGN, new.ref.number, new.name)
        signature = step.after.get(new.value)
        is_timestamp = isinstance(signature, dict) and signature.get("Type") == "DocTimeStamp"
        if is_timestamp and any(_PICTURED_BY & differing(one, other) for one, other in pairs):
            # Nobody has signed either that it is not to be seen any more.
            step.forbid("appearance-without-signature", new.ref.number, new.name)
    _signed(step, new, list(after.items()))


def _hides(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> bool:
    """Say whether annotation flags begin or cease to hide something."""
    return any((_flags(one) ^ _flags(other)) & _HIDDEN for one, other in pairs)


def _flags(widget: dict[str, Any]) -> int:
    flags = widget.get("F", 0)
    return flags if isinstance(flags, int) else _HIDDEN


# ---------------------------------------------------------------- trees and widgets


def _ancestors(step: Step) -> bool:
    """Claim nodes of the field tree above new signature fields: new ones, or old ones whose /Kids gained them."""
    found = False
    for number, old, new in step.unclaimed():
        if old is ABSENT:
            is_ours = _is_new_node(step, new)
        elif isinstance(new, list):
            is_ours = _is_list_of_kids(step, number, old) and _grew(step, old, new)
        else:
            is_ours = _is_node_that_grew(step, number, old, new)
        if is_ours:
            step.claimed.add(number)
            found = True
            if old is ABSENT:
                step.widgets[number] = ""
    return found


def _is_new_node(step: Step, new: Any) -> bool:
    if not isinstance(new, dict) or not new.keys() >= {"Kids", "T"} or new.keys() - {"T", "TU", "FT", "Kids", "Parent"}:
        return False
    return all(isinstance(k, Ref) and k.number in step.widgets for k in step.after.array(new["Kids"], "/Kids"))


def _is_node_that_grew(step: Step, number: int, old: Any, new: Any) -> bool:
    if not (isinstance(old, dict) and isinstance(new, dict) and new.keys() >= {"Kids", "T"}):
        return False
    differing = {key for key in old.keys() | new.keys() if not same(old.get(key), new.get(key))}
    return differing <= {"Kids"} and _grew(step, old.get("Kids"), new["Kids"]) and not step.is_in_page_tree(number)


def _is_list_of_kids(step: Step, number: int, old: Any) -> bool:
    """Say whether an array is the /Kids of fields, and of nothing else: the page tree has such arrays as well."""
    if not isinstance(old, list) or not step.serves_as(number, "Kids"):
        return False
    for owner in step.owners_before(number):
        node = step.before.get(Ref(owner))
        if not isinstance(node, dict) or "T" not in node or step.is_in_page_tree(owner):
            return False
    return True


def _grew(step: Step, old: Any, new: Any) -> bool:
    """Say whether signature fields alone have come to some /Kids."""
    known, kids = step.before.array(old, "/Kids"), step.after.array(new, "/Kids")
    extra = added(known, kids)
    return is_subsequence(known, kids) and all(isinstance(k, Ref) and k.number in step.widgets for k in extra)
