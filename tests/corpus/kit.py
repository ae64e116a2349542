"""Tools to make signed documents, and to tamper with them."""

from __future__ import annotations

import hashlib
import io
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import gsign.pdf
from gsign import cms
from gsign.pkcs12 import FileSigner
from gsign.signer import Algorithm, Digest, Scheme
from gsign.signing.placeholder import base_entries
from gsign.signing.revision import FieldPlan, write_signature
from gsign.syntax.objects import Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.source import BytesSource
from gsign.syntax.writer import Revision
from gsign.trust.timestamp import TimestampClient
from gsign.verification import structure
from gsign.verification.earlier import Earlier
from tests import documents
from tests.pki import LEADER, ORGANISATION, PERSON, Identity, Pki

_RANGE = re.compile(rb"/ByteRange ?(\[[^\]]*\] *)")
_CONTENTS = re.compile(rb"/Contents ?(<[0-9a-fA-F]*>)")
FOOT = (1, 380, 220, 140, 60)
ALGORITHM = Algorithm(Scheme.PKCS1, Digest.SHA256)

Edit = Callable[[Document, Revision], None]


class Kit:
    """Documents, identities, signing and tampering."""

    def __init__(self, pki: Pki, library: documents.Library) -> None:
        self.pki = pki
        self.library = library
        self._signed: dict[str, bytes] = {}

    # ------------------------------------------------------------ signing

    @property
    def person(self) -> Identity:
        """Who initials."""
        return self.pki.leaf(PERSON)

    @property
    def leader(self) -> Identity:
        """Who signs."""
        return self.pki.leaf(LEADER)

    @property
    def agency(self) -> Identity:
        """Whose seal it is."""
        return self.pki.leaf(ORGANISATION)

    def plain(self, name: str = "one-page") -> bytes:
        """Return an unsigned document of the library."""
        return self.library[name].data

    def sign(self, data: bytes, who: Identity | None = None, *, chain: bool = True, **options: Any) -> bytes:
        """Sign with gsign itself."""
        who = who or self.leader
        signer = FileSigner(Path("key.p12"), who.key, who.der, who.chain if chain else ())
        return gsign.pdf.sign(data, signer, revocation="off", **options)

    def sign_blindly(self, data: bytes, who: Identity | None = None, **options: Any) -> bytes:
        """Sign as a program does that asks neither what readers read nor whether signatures before are kept."""
        with patch.object(Earlier, "require_kept"), patch.object(structure, "require_one_reading"):
            return self.sign(data, who, **options)

    def signed(self, name: str = "one-page") -> bytes:
        """Return a document of the library, visibly signed by the leader."""
        if name not in self._signed:
            self._signed[name] = self.sign(self.plain(name), at=FOOT)
        return self._signed[name]

    def custom(
        self,
        data: bytes,
        make: Callable[[bytes], bytes],
        entries: dict[str, Any] | None = None,
        *,
        name: str = "Forged",
        room: int = 6000,
        subfilter: str = "ETSI.CAdES.detached",
        kind: str = "Sig",
        certify: int | None = None,
    ) -> bytes:
        """Append a signature whose /Contents `make` makes of the SHA-256 of the covered bytes."""
        document = Document(BytesSource(data))
        found = base_entries(subfilter, None, kind=kind) | (entries or {})
        placeholder = write_signature(document, FieldPlan(name, None), found, room, certify=certify)
        running = hashlib.sha256(data)
        for part in placeholder.covered():
            running.update(part)
        placeholder.fill(make(running.digest()))
        return data + bytes(placeholder.revision)

    def stamped(self, data: bytes, **options: Any) -> bytes:
        """Append a document timestamp."""
        client = TimestampClient(self.pki.tsa_url)
        described = {"name": "Stamp", "subfilter": "ETSI.RFC3161", "kind": "DocTimeStamp", "room": 12000}
        return self.custom(data, lambda digest: client.stamp(digest, Digest.SHA256), **described | options)

    def contents(self, digest: bytes, who: Identity | None = None) -> bytes:
        """Return a right CMS over a digest."""
        who = who or self.leader
        attributes = cms.signed_attributes(who.der, ALGORITHM, digest)
        return cms.assemble(attributes, self.raw_signature(attributes.to_sign, who), chain=who.chain)

    def raw_signature(self, message: bytes, who: Identity | None = None) -> bytes:
        """Sign bytes with somebody's key."""
        who = who or self.leader
        return FileSigner(Path("key.p12"), who.key, who.der, ()).sign(message, ALGORITHM)

    def signed_again(self, data: bytes) -> bytes:
        """Fill the last signature's value anew, after bytes that it covers were changed."""
        _, start, end, rest = byte_range(data)
        value = self.contents(hashlib.sha256(data[:start] + data[end : end + rest]).digest()).hex().encode()
        return data[: start + 1] + value.ljust(end - start - 2, b"0") + data[end - 1 :]

    # ------------------------------------------------------------ tampering

    def revise(self, data: bytes, edit: Edit) -> bytes:
        """Append a well-formed revision."""
        document = Document(BytesSource(data))
        revision = Revision(document)
        edit(document, revision)
        return data + revision.write()


def attach(document: Document, revision: Revision) -> None:
    """Make a document large, with few objects, as scans are."""
    blob = revision.add(Stream({}, random.Random(1).randbytes(4_000_000)))
    change_catalog(revision, document, Evidence=blob)


def open_document(data: bytes) -> Document:
    """Read a document."""
    return Document(BytesSource(data))


def page_of(document: Document, index: int = 0) -> tuple[Ref, dict[str, Any]]:
    """Return a page's reference and dictionary."""
    page = document.page(index)
    return page.ref, page.dictionary


def change_page(revision: Revision, document: Document, index: int = 0, **entries: Any) -> None:
    """Change entries of a page."""
    ref, dictionary = page_of(document, index)
    revision.change(ref, dictionary | entries)


def change_catalog(revision: Revision, document: Document, **entries: Any) -> None:
    """Change entries of the catalog."""
    revision.change(document.trailer["Root"], document.catalog | entries)


def byte_range(data: bytes) -> tuple[int, int, int, int]:
    """Return the last signature's /ByteRange."""
    found = _RANGE.findall(data)[-1]
    first, start, end, rest = map(int, found.strip(b"[] ").split())
    return first, start, end, rest


def with_byte_range(data: bytes, text: bytes, index: int = -1) -> bytes:
    """Overwrite a signature's /ByteRange array, keeping the length of the file."""
    match = list(_RANGE.finditer(data))[index]
    room = match.end(1) - match.start(1)
    assert len(text) <= room, (text, room)
    return data[: match.start(1)] + text.ljust(room) + data[match.end(1) :]


def contents_at(data: bytes, index: int = -1) -> tuple[int, int]:
    """Return where a signature's /Contents token begins and ends."""
    match = list(_CONTENTS.finditer(data))[index]
    return match.start(1), match.end(1)


def with_contents(data: bytes, token: bytes, index: int = -1) -> bytes:
    """Overwrite a signature's /Contents token, keeping the length of the file."""
    start, end = contents_at(data, index)
    assert len(token) <= end - start
    return data[:start] + token.ljust(end - start) + data[end:]


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    """Replace bytes that stand there once or more by as many others."""
    assert old in data, old
    assert len(old) == len(new), (old, new)
    return data.replace(old, new)


def resaved(data: bytes, **options: Any) -> bytes:
    """Save with qpdf, as programs that optimise or merge do."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(out, **options)
    return out.getvalue()
