"""One later revision: the objects it changes, and which of them some permitted purpose accounts for.

Denied by default. Each rule that knows a purpose (a signature field, the DSS, metadata, a form that is filled in)
claims the objects that serve it; what nobody claims is a forbidden change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Name, Ref
from gsign.syntax.reader import MAX_TREE_DEPTH, Document
from gsign.syntax.xref import Entry, StreamObject
from gsign.verification.references import References, refs_in

if TYPE_CHECKING:
    from gsign.verification.naming import FieldNames  # which looks at widgets, and they at steps

__all__ = [
    "ABSENT",
    "ALWAYS",
    "ANNOTATE",
    "FILL",
    "NEVER",
    "SIGN",
    "Appearance",
    "Change",
    "Rectangle",
    "Step",
    "is_subsequence",
    "same",
    "same_entry",
    "same_rectangle",
]

ALWAYS: Final = 0
"""Validation data, document timestamps, metadata: whatever a certification says."""
SIGN: Final = 1
"""A further signature: unless a certification forbids all changes."""
FILL: Final = 2
"""Forms filled in: where a certification allows it."""
ANNOTATE: Final = 3
"""Annotations: where a certification allows them."""
NEVER: Final = 4


_DRAWN_WITH: Final = frozenset(
    {"Resources", "Font", "XObject", "ExtGState", "ColorSpace", "Pattern", "Shading", "Properties", "CharProcs"}
)


class _Absent:
    """No object: null, but one that a later revision may bring into being."""


ABSENT: Final = _Absent()


class Change(NamedTuple):
    """Something that a revision did: a reason's identifier and what it takes to be permitted."""

    code: str
    needs: int
    number: int = 0
    """Object number; of the signature dictionary where a signature was added."""
    field: str | None = None


_ROUNDED: Final = 0.001
"""Points, far less than any device shows; numbers of single precision are as exact as that."""

_MEASURES: Final = frozenset({"Rect", "BBox", "Matrix", "Border", "C", "D", "Dest", "OpenAction", "QuadPoints"})
"""Entries in which readers take integers and real numbers alike."""

Rectangle = tuple[float, float, float, float]


class Appearance(NamedTuple):
    """Where a field or an annotation is drawn."""

    page: int | None
    """Object number of the page, None where it cannot be told."""
    rectangle: Rectangle
    field: str
    number: int
    """Object number of the widget."""


class Step:
    """A revision beside the one before it.

    Args:
        before: the older revision.
        after: the newer one.
        section: index of the newer revision's section in the whole document.
        start: where the older revision ends.
        end: where the newer one does.
        references: who refers to whom.
        names: of fields.
    """

    def __init__(
        self,
        before: Document,
        after: Document,
        section: int,
        start: int,
        end: int,
        references: References,
        names: FieldNames,
    ) -> None:
        self.before = before
        self.after = after
        self.section = section
        self.start = start
        self.end = end
        self.references = references
        self.names = names
        self.changed: dict[int, tuple[Any, Any]] = {}
        """Each object that differs, by its number: what it was and what it is."""
        self.claimed: set[int] = set()
        """Those that some rule accounts for; grows while rules look at them."""
        self.changes: list[Change] = []
        self.widgets: dict[int, str] = {}
        """Widgets and fields of signatures that this revision adds, with the field's name."""
        self.listed: dict[int, set[int]] = {}
        """Annotations that this revision adds, with the pages and arrays that list them."""
        self.appearances: list[Appearance] = []
        """Where signatures of this revision are drawn."""
        self.upright: set[int] = set()
        """Widgets among these that readers do not turn with their page."""
        self.overlays: list[Appearance] = []
        """Where other annotations and fields are, which this revision adds or changes."""

    def find_changes(self) -> None:
        """Collect every object of the newer section whose value differs."""
        section = self.after.sections[0]
        for number, entry in section.entries(self.after.source):
            if number and _place(self.before, number) != _place(self.after, number):
                self._compare(number, entry)

    def _compare(self, number: int, entry: Entry) -> None:
        known = self.before.entry(number)
        was_used = _place(self.before, number) is not None
        ref = Ref(number, _generation(entry))
        if entry.kind == "f" or (was_used and _generation(known) != ref.generation):
            # Some writers free numbers that were never used.
            if was_used:
                self.forbid("object-removed", number)
        elif not was_used:
            self.changed[number] = (ABSENT, self.after.load(ref))
        else:
            old, new = self.before.load(ref), self.after.load(ref)
            if not self._same_object(old, new):
                self.changed[number] = (old, new)

    def _same_object(self, old: Any, new: Any) -> bool:
        if isinstance(old, StreamObject) and isinstance(new, StreamObject):
            return same(_without_length(old), _without_length(new)) and self.before.stream_bytes(
                old
            ) == self.after.stream_bytes(new)
        return same(old, new)

    # ------------------------------------------------------------ what rules do

    def forbid(self, code: str, number: int = 0, field: str | None = None) -> None:
        """Note a change that nothing permits."""
        self.changes.append(Change(code, NEVER, number, field))

    def note(self, code: str, needs: int, number: int = 0, field: str | None = None) -> None:
        """Note a change that is permitted where `needs` is granted."""
        self.changes.append(Change(code, needs, number, field))

    def is_new(self, number: int) -> bool:
        """Say whether this revision brings the object into being."""
        return number in self.changed and self.changed[number][0] is ABSENT

    def claim_new(self, value: Any) -> None:
        """Claim all new objects that `value` leads to, not passing through what was there before."""
        waiting = [value]
        while waiting:
            for ref in refs_in(waiting.pop()):
                if self.is_new(ref.number) and ref.number not in self.claimed:
                    self.claimed.add(ref.number)
                    waiting.append(self.changed[ref.number][1])

    def unclaimed(self) -> list[tuple[int, Any, Any]]:
        """List what no rule has claimed yet: number, old value, new value."""
        return [(n, old, new) for n, (old, new) in self.changed.items() if n not in self.claimed]

    def owners_before(self, number: int) -> frozenset[int]:
        """Return which objects of the older revision refer to an object; 0 stands for the trailer."""
        return self.references.to(number, self.section + 1)

    def serves_as(self, number: int, *keys: str) -> bool:
        """Say whether the older revision refers to an object under these keys alone.

        What a rule lets change may at the same time be something that pages draw with: a field that is also a page's
        dictionary of fonts.
        """
        waiting, seen = [number], {number}
        while waiting:
            for use in self.references.uses(waiting.pop(), self.section + 1):
                if not use.keys and use.owner not in seen:  # an array: what that is counts
                    seen.add(use.owner)
                    waiting.append(use.owner)
                elif use.keys and (use.keys[-1] not in keys or _DRAWN_WITH.intersection(use.keys)):
                    return False
        return True

    def serves_trailers(self, key: str) -> bool:
        """Say whether the older revision refers to its catalog, or its information, from trailers alone."""
        return self.references.serves_trailers(self.after.trailer[key].number, key, self.section + 1, self.start)

    def belongs_to_catalog(self, number: int, key: str, others: Collection[int] = ()) -> bool:
        """Say whether only this entry of the catalog leads to an object, or else some of `others`."""
        root = self.after.trailer["Root"].number
        return all(
            use.owner in others or (use.owner == root and use.keys[:1] == (key,))
            for use in self.references.uses(number, self.section + 1)
        )

    def is_in_page_tree(self, number: int) -> bool:
        """Say whether an object is the page tree's root or a node with others below it."""
        waiting: list[tuple[Any, int]] = [(self.before.catalog.get("Pages"), 0)]
        while waiting:
            item, depth = waiting.pop()
            if isinstance(item, Ref) and item.number == number:
                return True
            node = self.before.get(item)
            if isinstance(node, dict) and "Kids" in node:
                if depth > MAX_TREE_DEPTH:
                    raise PdfSyntaxError("page tree too deep")
                waiting += [(kid, depth + 1) for kid in self.before.array(node["Kids"], "/Kids")]
        return False

    def referrers(self, number: int) -> frozenset[int]:
        """Return which objects of the newer revision refer to a new object; 0 stands for the trailer."""
        return self.references.to_fresh(number, self.section, self.end)

    def was_awaited(self, number: int) -> bool:
        """Say whether something in the older revision already referred to a new object."""
        return bool(self.references.to_fresh(number, self.section + 1, self.start))

    def leads_astray(self, absent: Mapping[int, Entry]) -> bool:
        """Say whether something that changed refers anew to an object that stands elsewhere or nowhere.

        Poppler and MuPDF begin to search the bytes for objects as soon as they need one that is not where it is listed,
        or has another generation.

        Args:
            absent: entries of the signed revision's objects that are not there.
        """
        changed = [(old, new) for old, new in self.changed.values()]
        changed.append((self.before.trailer.get("Info"), self.after.trailer.get("Info")))
        for old, new in changed:
            known = set(refs_in(old))
            for ref in set(refs_in(new)) - known:
                entry = self.after.entry(ref.number)
                if entry is None or entry.kind == "f":
                    continue
                if _generation(entry) != ref.generation or absent.get(ref.number) == entry:
                    return True
        return False

    # ------------------------------------------------------------ where things are shown

    def pages_of(self, number: int) -> frozenset[int]:
        """Return the pages whose annotations list a widget, whatever its own /P says.

        Raises:
            PdfSyntaxError: the objects of the revision cannot all be read.
        """
        holders = self.listed.get(number, ()) if self.is_new(number) else self.owners_before(number)
        found: set[int] = set()
        for holder in holders:
            value = self.after.value_of(holder)
            if isinstance(value, dict) and "Annots" in value:
                found.add(holder)
            elif isinstance(value, list):
                owners = {n: self.after.value_of(n) for n in self.owners_before(holder)}
                found.update(n for n, owner in owners.items() if isinstance(owner, dict) and "Annots" in owner)
        return frozenset(found)


def _place(document: Document, number: int) -> tuple[Entry, Entry | None] | None:
    """Return where an object is, None where there is none: a compressed one is where its container is."""
    entry = document.entry(number)
    if entry is None or entry.kind == "f":
        return None
    if entry.kind == "n":
        return entry, None
    container = document.entry(entry.offset)
    return (entry, container) if container is not None and container.kind == "n" else None


def _generation(entry: Entry | None) -> int:
    return entry.generation if entry is not None and entry.kind == "n" else 0


def _without_length(stream: StreamObject) -> dict[str, Any]:
    return {key: value for key, value in stream.dictionary.items() if key != "Length"}


_ALIKE: Final = frozenset({Ref, Name, int, bytes})
"""What is the same where it is equal, as most values are."""


def same(one: Any, other: Any) -> bool:
    """Compare two values as readers tell them apart: true is not 1, a name is not a string."""
    if one is other:  # an object that both revisions have is read once
        return True
    if type(one) in _ALIKE and type(one) is type(other):
        return bool(one == other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_entry(key, value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, (bool, str, bytes)) or isinstance(other, (bool, str, bytes)):
        return type(one) is type(other) and bool(one == other)
    # Where 65 stands for a character, 65.0 stands for none to some readers.
    return bool(one == other) and isinstance(one, float) is isinstance(other, float)


def same_entry(key: str, one: Any, other: Any) -> bool:
    """Compare two values of one key; some writers print places and lengths that are whole anew as integers."""
    if key not in _MEASURES or not isinstance(one, list) or not isinstance(other, list) or len(one) != len(other):
        return same(one, other)
    pairs = zip(one, other, strict=True)
    return all(a == b if isinstance(a, float) or isinstance(b, float) else same(a, b) for a, b in pairs)


def same_rectangle(one: Any, other: Any) -> bool:
    """Compare two rectangles; some writers print the numbers of what they write anew with fewer digits."""
    if not isinstance(one, list) or not isinstance(other, list):
        return same(one, other)
    numbers = [v for v in (*one, *other) if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if len(one) != len(other) or len(numbers) != len(one) + len(other):
        return same(one, other)
    return all(abs(a - b) <= _ROUNDED for a, b in zip(one, other, strict=True))


def is_subsequence(shorter: list[Any], longer: list[Any]) -> bool:
    """Say whether `longer` has all of `shorter`, in the same order."""
    rest = iter(longer)
    return all(any(same(item, other) for other in rest) for item in shorter)


def added(old: Iterable[Any], new: Iterable[Any]) -> list[Any]:
    """Return what `new` has beyond `old`."""
    left = list(old)
    extra = []
    for item in new:
        if item in left:
            left.remove(item)
        else:
            extra.append(item)
    return extra
