"""What a later revision may do to a field by filling it in (ISO 32000-2 clause 12.8.2.2.2)."""

from __future__ import annotations

from typing import Any, Final

from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document, Field
from gsign.syntax.xref import StreamObject
from gsign.verification.step import FILL, Step, same_rectangle
from gsign.verification.styles import has_picture, inherited
from gsign.verification.widgets import FIELD_USES, appearance_of, differing, is_framed

__all__ = ["fill"]

_FILLED_KEYS: Final = frozenset({"V", "AP", "AS", "I", "M", "RV", "MK", "TI"})
_STYLE_KEYS: Final = frozenset({"DA", "BS"})
"""What readers draw a field by that has no picture; MuPDF spells it anew where it has drawn one."""
_PUSH_BUTTON: Final = 1 << 16
"""Field flag of buttons that keep no value (Table 229)."""


def fill(
    step: Step, old: Field, new: Field, before: dict[Ref, dict[str, Any]], after: dict[Ref, dict[str, Any]]
) -> None:
    """A field is filled in: a value, and what its widgets show within their rectangles."""
    pairs = {new.ref: (old.dictionary, new.dictionary)} | {ref: (before[ref], after[ref]) for ref in after}
    for ref, (one, other) in pairs.items():
        is_in_place = new.kind != "Btn" and _appearance_in_place(step, ref, other.get("AP"))
        if ref.number in step.changed:
            if not _is_filling(step, new, one, other) or not step.serves_as(ref.number, *FIELD_USES):
                step.forbid("form-field-changed", ref.number, new.name)
                continue
            step.claimed.add(ref.number)
            step.claim_new(other.get("AP"))
            step.claim_new(other.get("V"))
        elif not is_in_place:
            continue
        if not is_framed(step.after, other):
            step.forbid("appearance-unbounded", ref.number, new.name)
        drawn = appearance_of(step.after, ref, other, new.name)
        if drawn is not None:
            step.overlays.append(drawn)
    step.note("form-filled", FILL, new.ref.number, new.name)


def _is_filling(step: Step, found: Field, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Say whether a field or widget differs in what filling it in sets."""
    changed = differing(one, other)
    if found.kind == "Btn" and changed & {"AP", "MK"} and not _is_drawn_anew(step, found, one, other):
        return False
    if has_picture(step.after, other):
        changed -= _STYLE_KEYS
    return not changed - _FILLED_KEYS


def _is_drawn_anew(step: Step, found: Field, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Say whether a check box or radio button got new pictures for the states that it had; iText draws it anew.

    MuPDF leaves out what is shown while somebody presses it.
    """
    flags = inherited(step.after, found.dictionary, "Ff") or 0
    is_push_button = type(flags) is not int or bool(flags & _PUSH_BUTTON)
    before, after = _states(step.before, one), _states(step.after, other)
    return not is_push_button and before.get("N") == after.get("N") and after.items() <= before.items()


def _states(document: Document, widget: dict[str, Any]) -> dict[str, frozenset[str]]:
    entries = document.get(widget.get("AP"))
    return {
        key: frozenset(states) if isinstance(states := document.get(value), dict) else frozenset({""})
        for key, value in (entries.items() if isinstance(entries, dict) else ())
    }


def _appearance_in_place(step: Step, widget: Ref, appearance: Any) -> bool:
    """Claim an appearance stream that is replaced, where nothing but this widget draws it; say whether one is."""
    normal = step.after.get(appearance)
    stream = normal.get("N") if isinstance(normal, dict) else None
    if not isinstance(stream, Ref) or stream.number not in step.changed or step.is_new(stream.number):
        return False
    old, new = step.changed[stream.number]
    if isinstance(old, StreamObject) and isinstance(new, StreamObject):
        alike = same_rectangle(old.dictionary.get("BBox"), new.dictionary.get("BBox"))
        if alike and step.owners_before(stream.number) == {widget.number} and step.serves_as(stream.number, "N"):
            step.claimed.add(stream.number)
            step.claim_new(new.dictionary)
            return True
    return False
