"""What later signatures may add to the tags of a document (ISO 32000-2 clauses 14.7 and 14.8.4.8).

In a tagged document some writers tag the widget of each signature: a structure element of its own, which names nothing
but that widget, hung into the tree, and an entry of the parent tree that leads back to it. Tags are not drawn, but read
aloud and exported, so that nothing else may change in them.
"""

from __future__ import annotations

from typing import Any, Final

from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.reader import MAX_TREE_DEPTH, Document
from gsign.verification.step import Step, added, is_subsequence, same

__all__ = ["judge_tags"]

_ROLES: Final = frozenset({"Form", "Annot"})
_ELEMENT_KEYS: Final = frozenset({"Type", "S", "P", "Pg", "K"})
_REFERENCE_KEYS: Final = frozenset({"Type", "Obj", "Pg"})
_NODE_KEYS: Final = frozenset({"Nums", "Kids", "Limits"})
_ROOT_KEYS: Final = frozenset({"K", "ParentTree", "ParentTreeNextKey"})
_USES: Final = ("K", "P", "Nums", "StructTreeRoot", "SE")
_MAX_ENTRIES: Final = 1 << 18


def judge_tags(step: Step) -> None:
    """Claim what tags the widgets that this revision adds, where nothing else of the tags changes."""
    root = step.after.catalog.get("StructTreeRoot")
    if not step.widgets or not isinstance(root, Ref) or not same(step.before.catalog.get("StructTreeRoot"), root):
        return
    elements = {number for number, _, value in step.unclaimed() if step.is_new(number) and _tags_widget(step, value)}
    if not elements:
        return
    for number, old, new in step.unclaimed():
        if step.is_new(number) or not step.serves_as(number, *_USES):
            continue
        if isinstance(old, list) and isinstance(new, list):
            is_grown = _kids_grew(old, new, elements)
        elif number == root.number:
            is_grown = _root_grew(step, old, new, elements)
        else:
            is_grown = _element_grew(step, old, new, elements)
        if is_grown:
            step.claimed.add(number)
    step.claimed |= elements
    step.claim_new([step.changed[number][1].get("K") for number in elements])


def _tags_widget(step: Step, value: Any) -> bool:
    """Say whether a new object is an element that stands for one of the new widgets and says nothing else."""
    if not isinstance(value, dict) or value.keys() - _ELEMENT_KEYS or value.get("S") not in _ROLES:
        return False
    kids = _kids(step.after, value.get("K"))
    return value.get("Type") in (None, "StructElem") and bool(kids) and all(_names_widget(step, kid) for kid in kids)


def _names_widget(step: Step, kid: Any) -> bool:
    found = step.after.get(kid)
    if not isinstance(found, dict) or found.keys() - _REFERENCE_KEYS or (isinstance(kid, Ref) and not _new(step, kid)):
        return False
    named = found.get("Obj")
    return found.get("Type") == "OBJR" and isinstance(named, Ref) and named.number in step.widgets


def _new(step: Step, ref: Ref) -> bool:
    return step.is_new(ref.number)


# ---------------------------------------------------------------- the tree


def _kids(document: Document, value: Any) -> list[Any]:
    found = document.get(value)
    if found is None:
        return []
    return found if isinstance(found, list) else [value]


def _kids_grew(old: list[Any], new: list[Any], elements: set[int]) -> bool:
    gained = added(old, new)
    return is_subsequence(old, new) and all(isinstance(kid, Ref) and kid.number in elements for kid in gained)


def _element_grew(step: Step, old: Any, new: Any, elements: set[int]) -> bool:
    """Say whether an element of the tree gained some of the new ones and is the same otherwise."""
    if not isinstance(old, dict) or not isinstance(new, dict) or "S" not in old or "P" not in old:
        return False
    return _differing(old, new) <= {"K"} and _list_grew(step, old, new, elements)


def _list_grew(step: Step, old: dict[str, Any], new: dict[str, Any], elements: set[int]) -> bool:
    listed = new.get("K")
    if not _kids_grew(_kids(step.before, old.get("K")), _kids(step.after, listed), elements):
        return False
    if isinstance(listed, Ref) and step.is_new(listed.number):
        step.claimed.add(listed.number)
    return True


def _differing(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    return {key for key in old.keys() | new.keys() if not same(old.get(key), new.get(key))}


def _root_grew(step: Step, old: Any, new: Any, elements: set[int]) -> bool:
    if not isinstance(old, dict) or not isinstance(new, dict) or _differing(old, new) - _ROOT_KEYS:
        return False
    following = new.get("ParentTreeNextKey")
    return (
        (following is None or type(following) is int)
        and _list_grew(step, old, new, elements)
        and _parents_grew(step, old.get("ParentTree"), new.get("ParentTree"), elements)
    )


# ---------------------------------------------------------------- the parent tree


def _parents_grew(step: Step, old: Any, new: Any, elements: set[int]) -> bool:
    """Say whether the parent tree leads to the new elements as well, and claim its nodes.

    Its nodes may be divided anew, and the lists in it be written anew, as long as they say the same.
    """
    before: dict[int, Any] = {}
    after: dict[int, Any] = {}
    nodes: set[int] = set()
    _collect(step.before, old, before, set(), 0)
    _collect(step.after, new, after, nodes, 0)
    gained = {number for key, value in after.items() if key not in before for number in [_number(value)]}
    kept = all(key in after and _leads_alike(step, value, after[key]) for key, value in before.items())
    changed = {number for number in nodes if number in step.changed}
    if not kept or not gained <= elements or not all(_is_node(step, number) for number in changed):
        return False
    step.claimed |= changed
    step.claimed |= {number for value in after.values() if step.is_new(number := _number(value))}
    return True


def _is_node(step: Step, number: int) -> bool:
    value = step.changed[number][1]
    plain = isinstance(value, dict) and not value.keys() - _NODE_KEYS
    if not plain or step.is_new(number):
        return plain
    # A node without a type could be one of the page tree as well.
    return step.serves_as(number, "ParentTree", "Kids") and not step.is_in_page_tree(number)


def _collect(document: Document, node: Any, found: dict[int, Any], nodes: set[int], depth: int) -> None:
    """Gather the entries of a number tree (clause 7.9.7) and the numbers of its nodes."""
    if isinstance(node, Ref):
        nodes.add(node.number)
    value = document.get(node)
    if value is None and not depth:
        return
    if not isinstance(value, dict) or depth > MAX_TREE_DEPTH or len(found) + len(nodes) > _MAX_ENTRIES:
        raise PdfSyntaxError("number tree is off")
    numbers = document.array(value.get("Nums"), "/Nums")
    for key, entry in zip(numbers[::2], numbers[1::2], strict=True):
        if type(key) is not int or key in found:
            raise PdfSyntaxError("number tree is off")
        found[key] = entry
    for kid in document.array(value.get("Kids"), "/Kids"):
        _collect(document, kid, found, nodes, depth + 1)


def _leads_alike(step: Step, old: Any, new: Any) -> bool:
    if same(old, new):
        return True
    before, after = step.before.get(old), step.after.get(new)
    return isinstance(before, list) and isinstance(after, list) and same(before, after)


def _number(value: Any) -> int:
    return value.number if isinstance(value, Ref) else 0
