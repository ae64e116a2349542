"""A document to which revisions are being added: they grow in memory behind a source that is read once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from gsign.signer import Digest
from gsign.signing.dss import StatusData, write_dss
from gsign.signing.geometry import Place
from gsign.signing.permissions import signed_fields
from gsign.signing.placeholder import Placeholder, base_entries
from gsign.signing.revision import Draw, FieldPlan, plan_field, write_document_timestamp, write_signature
from gsign.signing.seed_values import Offer
from gsign.syntax.digests import DigestPass
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.reader import Document
from gsign.syntax.source import ExtendedSource, Source

__all__ = ["Draft", "MakeContents", "SignatureSpec"]

MakeContents = Callable[[bytes], bytes]
"""Make /Contents from the digest of the covered bytes."""

_MORE_ROOM: Final = 1024


class SignatureSpec(NamedTuple):
    """How one signature stands in the document."""

    entries: dict[str, Any]
    """Entries of the signature dictionary, as `placeholder.base_entries` makes them."""
    digest: Digest
    room: int
    """Bytes to reserve for /Contents at first."""
    place: Place | None
    draw: Draw
    certify: int | None


class Draft:
    """Add revisions behind a document.

    Args:
        source: the document.
        password: user or owner password; an encrypted document that opens without one needs none.

    Raises:
        PdfSyntaxError: its structure is damaged.
        InputError: `password-needed`, `password-wrong`, `encryption-unsupported`.
    """

    def __init__(self, source: Source, password: str | None) -> None:
        self.source = source
        if source.read(0, 5) != b"%PDF-":
            # Readers disagree on whether offsets then count from the header or from the first byte.
            raise PdfSyntaxError("bytes before the header", 0)
        document = Document(source)
        document.unlock(password)
        self._security = document.security
        self._document: Document | None = document
        self.digests = DigestPass(source)
        self._whole: dict[Digest, Any] = {}
        self._asked: tuple[Document, str | None, Offer, str] | None = None
        self._tail = b""

    @property
    def document(self) -> Document:
        """The document with what has been added; it is read again only where more is to come."""
        if self._document is None:
            self._document = Document(ExtendedSource(self.source, self._tail), security=self._security)
        return self._document

    def expect(self, digests: Iterable[Digest]) -> None:
        """Say which digests signatures and timestamps will need, before the pass is run."""
        self._whole = {d: self.digests.want(d.value) for d in digests}

    def plan(self, field: str | None, offer: Offer, fresh: str = "Signature") -> FieldPlan:
        """Choose the field; see `revision.plan_field`."""
        asked = (self.document, field, offer, fresh)
        if asked != self._asked:
            self._asked, self._plan = asked, plan_field(self.document, field, offer, fresh)
        return self._plan

    def signatures(self) -> list[bytes]:
        """Return /Contents of every signature and document timestamp that a field holds."""
        dictionaries = [self.document.dictionary(f.value, "signature") for f in signed_fields(self.document.fields())]
        return [d["Contents"] for d in dictionaries if isinstance(d.get("Contents"), bytes)]

    def add_signature(self, spec: SignatureSpec, make: MakeContents) -> bytes:
        """Add a signature in the planned field, and return its CMS.

        A second one is made where the first needs more room than was reserved.
        """

        def write(room: int) -> Placeholder:
            return write_signature(
                self.document, self._plan, spec.entries, room, place=spec.place, draw=spec.draw, certify=spec.certify
            )

        return self._fill(write, spec.digest, make, spec.room)

    def add_store(self, data: StatusData) -> None:
        """Add certificates and status data to the document security store."""
        self._append(write_dss(self.document, data))

    def add_timestamp(self, digest: Digest, make: MakeContents, room: int) -> bytes:
        """Add a document timestamp, and return its token."""
        entries = base_entries("ETSI.RFC3161", None, kind="DocTimeStamp")
        return self._fill(lambda size: write_document_timestamp(self.document, entries, size), digest, make, room)

    def tail(self) -> bytes:
        """Return what has been added."""
        return self._tail

    def _fill(self, write: Callable[[int], Placeholder], digest: Digest, make: MakeContents, room: int) -> bytes:
        placeholder = write(room)
        contents = make(self._digest(placeholder, digest))
        while len(contents) > placeholder.reserved:
            # By half more: an authority whose answers grow is soon at the limit of their size.
            placeholder = write(len(contents) * 3 // 2 + _MORE_ROOM)
            contents = make(self._digest(placeholder, digest))
        placeholder.fill(contents)
        self._append(placeholder.revision)
        return contents

    def _digest(self, placeholder: Placeholder, digest: Digest) -> bytes:
        running: hashlib._Hash = self._whole[digest].hash()
        running.update(self._tail)
        for part in placeholder.covered():
            running.update(part)
        return running.digest()

    def _append(self, revision: bytes | bytearray) -> None:
        if revision:
            self._tail += revision
            self._document = None
