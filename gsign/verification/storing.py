"""What later revisions may add to the document security store (ISO 32000-2 clause 12.8.4.3).

It may be written anew (EN 319 142-1 clause 5.4.2): nothing in it is drawn.
"""

from __future__ import annotations

import re
from typing import Any, Final

from gsign.syntax.objects import Ref
from gsign.syntax.xref import StreamObject
from gsign.verification.step import ALWAYS, Step, added, same

__all__ = ["judge_store"]

_DSS_ARRAYS: Final = frozenset({"Certs", "OCSPs", "CRLs"})
_VRI_ARRAYS: Final = frozenset({"Cert", "OCSP", "CRL"})
# Upper-case SHA-1 as the standard has it; some writers take another digest.
_VRI_KEY: Final = re.compile(r"[0-9A-Fa-f]{40,128}")


def judge_store(step: Step, old: Any, new: Any) -> None:
    """Claim what belongs to the document security store, where it holds nothing else.

    Args:
        step: the revision.
        old: the catalog's entry before it.
        new: the same after it.
    """
    numbers = {r.number for r in (new,) if isinstance(r, Ref)}
    before = step.before.get(old)
    after = step.after.get(new)
    if after is None and before is None:
        return
    if not isinstance(after, dict) or not isinstance(before, (dict, type(None))):
        step.forbid("dss-changed")
        return
    before = before or {}
    ok = after.keys() <= _DSS_ARRAYS | {"Type", "VRI"}
    grew = not same(before, after)
    for key in _DSS_ARRAYS & after.keys():
        ok &= _array_of_data(step, before.get(key), after[key], numbers)
    ok &= _vri(step, before.get("VRI"), after.get("VRI"), numbers)
    touched = {n for n in numbers if n in step.changed}
    if not grew and not touched:
        return
    if not ok or not all(_is_dss_only(step, n, numbers) for n in touched):
        step.forbid("dss-changed")
        return
    step.claim_new([new, *(step.changed[number][1] for number in touched)])
    step.claimed |= touched
    step.note("validation-data-added", ALWAYS)


def _array_of_data(step: Step, old: Any, new: Any, numbers: set[int]) -> bool:
    if isinstance(new, Ref):
        numbers.add(new.number)
    before, after = step.before.get(old), step.after.get(new)
    if not isinstance(after, list) or not isinstance(before, (list, type(None))):
        return False
    # What is not needed any more may be left out, and the order means nothing.
    return all(_is_data(step, item) for item in added(before or [], after))


def _is_data(step: Step, item: Any) -> bool:
    """A certificate, CRL or OCSP response is a stream of its own; one that was there before may be listed as well."""
    value = step.after.get(item)
    return isinstance(item, Ref) and isinstance(value, StreamObject) and value.dictionary.get("Type") is None


def _vri(step: Step, old: Any, new: Any, numbers: set[int]) -> bool:
    if isinstance(new, Ref):
        numbers.add(new.number)
    before, after = step.before.get(old) or {}, step.after.get(new) or {}
    if not isinstance(before, dict) or not isinstance(after, dict):
        return False
    for key, value in after.items():
        if key == "Type":
            continue
        if isinstance(value, Ref):
            numbers.add(value.number)
        entry, known = step.after.get(value), step.before.get(before.get(key)) or {}
        if not _VRI_KEY.fullmatch(key) or not isinstance(entry, dict) or not isinstance(known, dict):
            return False
        if not entry.keys() <= _VRI_ARRAYS | {"Type", "TU", "TS"}:
            return False
        if not all(_array_of_data(step, known.get(part), entry[part], numbers) for part in _VRI_ARRAYS & entry.keys()):
            return False
    return True


def _is_dss_only(step: Step, number: int, numbers: set[int]) -> bool:
    if step.is_new(number):
        return True
    return step.belongs_to_catalog(number, "DSS", numbers)
