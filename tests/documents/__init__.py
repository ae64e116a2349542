"""Documents of every kind a signing program meets, made when the tests ask for them.

library["hybrid"].data                   bytes of one document; made once per session
documents.names()                        all names, for parametrisation
documents.names(expect=Expect.REFUSED)   those that must not be signed
documents.names(tag="structure")         by tag: structure, form, signed, page, encrypted, archive, damaged, hostile
"""

from __future__ import annotations

from tests.documents import archive, damaged, encrypted, forms, pages, signed, structure
from tests.documents.model import ENTRIES, Document, Expect
from tests.pki import Pki

__all__ = ["ENTRIES", "Document", "Expect", "Library", "large", "names"]

_MODULES = (structure, pages, forms, signed, encrypted, archive, damaged)

large = structure.large


class Library:
    """Makes each document once and keeps it."""

    def __init__(self, pki: Pki) -> None:
        self._pki = pki
        self._made: dict[str, Document] = {}

    def __getitem__(self, name: str) -> Document:
        """Return the document called `name`."""
        if name not in self._made:
            self._made[name] = ENTRIES[name].document(self._pki)
        return self._made[name]


def names(*, expect: Expect | None = None, signable: bool | None = None, tag: str | None = None) -> list[str]:
    """Name the documents that fit, in the order in which they are written down."""
    return [
        name
        for name, entry in ENTRIES.items()
        if (expect is None or entry.expect is expect)
        and (signable is None or (entry.expect in (Expect.QUICK, Expect.THOROUGH)) is signable)
        and (tag is None or tag in entry.tags)
    ]
