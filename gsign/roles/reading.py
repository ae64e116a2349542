"""A document is read once before it is signed: for its digests, its copy, and whether earlier signatures hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gsign.signer import Digest
from gsign.signing.draft import Draft
from gsign.signing.permissions import signed_fields

if TYPE_CHECKING:
    from gsign.verification.earlier import Earlier

__all__ = ["Sink", "read_once"]

Sink = Callable[[bytes], object]
"""Takes the bytes of a file, in order, in pieces."""


def read_once(draft: Draft, needed: set[Digest], sink: Sink, *others: Sink) -> Earlier | None:
    """Read a document's bytes once, and refuse it where its earlier signatures are broken or were lost.

    Args:
        draft: the document.
        needed: digests that signatures and timestamps will need.
        sink: makes the copy.
        others: look for what they look for; they are told nothing of large files that have few objects.

    Returns:
        The signatures that it bears, None where there are none.

    Raises:
        InputError: `input-ambiguous`, `input-rewritten`; or an earlier signature is broken.
    """
    from gsign.verification.orphans import MarkScanner, marks_of_objects, require_no_orphans
    from gsign.verification.structure import require_one_reading

    require_one_reading(draft.document)
    scanner = MarkScanner()
    marks = marks_of_objects(draft.document)
    # Where a file has few objects those are looked at instead of all its bytes.
    listeners: tuple[Sink, ...] = (sink,) if marks is not None else (sink, scanner, *others)
    draft.expect(needed)
    if not signed_fields(draft.document.fields()):
        draft.digests.run(_to_all(listeners))
        require_no_orphans(draft.document, scanner.hits if marks is None else marks, ())
        return None
    from gsign.verification.earlier import require_unbroken
    from gsign.verification.signatures import find_signatures

    found = find_signatures(draft.document, draft.digests)
    draft.digests.run(_to_all(listeners))
    earlier = require_unbroken(draft.document, found)
    places = (signature.cover.place for signature in found)
    require_no_orphans(draft.document, scanner.hits if marks is None else marks, places)
    return earlier


def _to_all(listeners: Sequence[Sink]) -> Sink:
    def pass_on(piece: bytes) -> None:
        for listener in listeners:
            listener(piece)

    return listeners[0] if len(listeners) == 1 else pass_on
