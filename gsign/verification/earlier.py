"""Signatures that a document bears before it is signed once more.

They must hold, with nothing forbidden after them; and they must still do so with what is added.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gsign.errors import InputError
from gsign.result import Coverage
from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document
from gsign.verification.revisions import Before, Revisions
from gsign.verification.signatures import FoundSignature
from gsign.verification.widgets import appearances_of

__all__ = ["Earlier", "before_of", "require_unbroken"]

_MOST_SEARCHED: Final = 16 << 20
"""Octets of a file that is searched once more for what a revision would break: a large one is read once only."""


class Earlier:
    """Signatures that hold in a document to which something is to be added.

    Args:
        document: as it is before.
        signatures: what they cover.
    """

    def __init__(self, document: Document, signatures: Iterable[Before]) -> None:
        self._sections = len(document.sections)
        self._signatures = tuple(signatures)

    def require_kept(self, document: Document) -> None:
        """Make sure that what was added breaks none of them.

        In some documents any revision would: readers would not agree any more on what the first one shows. In large
        ones that is found when they are verified.

        Args:
            document: with all that was added, all of it by this program.

        Raises:
            InputError: `earlier-signature-would-break`, naming the field and every reason.
        """
        if document.source.size > _MOST_SEARCHED:
            return
        added = len(document.sections) - self._sections
        signatures = [signature._replace(section=signature.section + added) for signature in self._signatures]
        own = {field.value.number for field in document.fields() if isinstance(field.value, Ref)}
        revisions = Revisions(document, signatures, own, with_text=False)
        for signature in signatures:
            if reasons := revisions.after(signature).reasons:
                raise InputError("earlier-signature-would-break", field=signature.field, reasons=", ".join(reasons))


def before_of(document: Document, signature: FoundSignature, *, is_alone: bool = False) -> Before:
    """Return what the judgement of later revisions needs to know of a signature.

    Args:
        document: the newest revision.
        signature: one that covers a revision.
        is_alone: whether there is no other, so that nobody asks where it is drawn.
    """
    lock = document.get(signature.field.dictionary.get("Lock"))
    return Before(
        section=signature.cover.section,
        end=signature.cover.end,
        number=signature.number,
        field=signature.field.name,
        dictionary=signature.cover.dictionary or {},
        lock=lock if isinstance(lock, dict) else None,
        appearances=() if is_alone else tuple(appearances_of(document, signature.field)),
        role=signature.role,
    )


def require_unbroken(document: Document, found: list[FoundSignature]) -> Earlier:
    """Refuse a document whose signatures do not hold; trust is not looked at.

    Args:
        document: the newest revision.
        found: its signatures, after the digest pass has run.

    Returns:
        What is to be asked once something was added.

    Raises:
        InputError: `earlier-signature-broken`, naming the field and every reason.
    """
    carried = tuple(c for s in found if s.envelope is not None for c in s.envelope.signed.certificates)
    broken = {s.field.name: s.check(carried) for s in found}
    covering = {s.number: before_of(document, s) for s in found if s.cover.coverage is not Coverage.NONE}
    revisions = Revisions(document, covering.values(), {s.number for s in found if s.is_intact}, with_text=False)
    for signature in found:
        if signature.number in covering:
            broken[signature.field.name] += revisions.after(covering[signature.number]).reasons
    for field, reasons in broken.items():
        if reasons:
            raise InputError("earlier-signature-broken", field=field, reasons=", ".join(dict.fromkeys(reasons)))
    return Earlier(document, covering.values())
