"""Signatures that a document bears before it is signed once more: they must hold, and nothing forbidden came after."""

from __future__ import annotations

from gsign.errors import InputError
from gsign.result import Coverage
from gsign.syntax.reader import Document
from gsign.verification.revisions import Before, Revisions
from gsign.verification.signatures import FoundSignature
from gsign.verification.structure import check_file
from gsign.verification.widgets import appearances_of

__all__ = ["before_of", "require_unbroken"]


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


def require_unbroken(document: Document, found: list[FoundSignature]) -> None:
    """Refuse a document whose signatures do not hold; trust is not looked at.

    Args:
        document: the newest revision.
        found: its signatures, after the digest pass has run.

    Raises:
        InputError: `earlier-signature-broken`, naming the field and every reason.
    """
    if not found:
        return
    carried = tuple(c for s in found if s.envelope is not None for c in s.envelope.signed.certificates)
    structure = check_file(document)
    broken = {s.field.name: (*s.check(carried), *structure) for s in found}
    covering = {s.number: before_of(document, s) for s in found if s.cover.coverage is not Coverage.NONE}
    revisions = Revisions(document, covering.values(), {s.number for s in found if s.is_intact}, with_text=False)
    for signature in found:
        if signature.number in covering:
            broken[signature.field.name] += revisions.after(covering[signature.number]).reasons
    for field, reasons in broken.items():
        if reasons:
            raise InputError("earlier-signature-broken", field=field, reasons=", ".join(dict.fromkeys(reasons)))
