"""Genuine documents with several signatures and revisions, as they go through an office."""

from __future__ import annotations

import datetime as dt
from typing import Any

import gsign.pdf
from gsign.syntax.objects import Name, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.certification import fill, note
from tests.corpus.kit import FOOT, Kit, attach, change_catalog, open_document
from tests.corpus.model import genuine
from tests.corpus.two_uses import letter
from tests.documents.encrypted import USER
from tests.documents.signed import pyhanko_sign
from tests.pki import LEADER, now

_NUMBER = (1, 80, 730, 100, 50)
_DATE = (1, 380, 730, 100, 50)
_SEAL = (1, 340, 200, 102, 102)


@genuine("three-signatures", "initials, leader, agency", signatures=3)
def three_signatures(kit: Kit) -> bytes:
    data = kit.sign(kit.plain(), kit.person, at=(1, 450, 300, 100, 50))
    return kit.sign(kit.sign(data, kit.leader, at=FOOT), kit.agency, at=(1, 200, 220, 100, 60))


@genuine("certified-then-issued", "certified with P=2; then number, day and seal, each a signature", signatures=4)
def certified_then_issued(kit: Kit) -> bytes:
    data = kit.sign(kit.plain(), kit.leader, at=FOOT, certify=2)
    for place in (_NUMBER, _DATE, (1, 200, 220, 102, 102)):
        data = kit.sign(data, kit.agency, at=place)
    return data


@genuine(
    "seal-over-signature",
    "the seal stands over a third of the signature",
    signatures=2,
    warning="appearance-overlaps-signature",
)
def seal_over_signature(kit: Kit) -> bytes:
    return kit.sign(kit.signed(), kit.agency, at=_SEAL)


@genuine("certified-3-then-note", "a note where notes are allowed", warning="annotated-after")
def certified_then_note(kit: Kit) -> bytes:
    return kit.revise(kit.sign(kit.plain(), certify=3), note)


@genuine("certified-2-then-filled", "a field is filled in where that is allowed", warning="form-filled-after")
def certified_then_filled(kit: Kit) -> bytes:
    return kit.revise(kit.sign(kit.plain("text-fields"), certify=2), fill)


@genuine("pyhanko-then-gsign", "two programs", signatures=2)
def pyhanko_then_gsign(kit: Kit) -> bytes:
    return kit.sign(pyhanko_sign(kit.plain(), kit.person, "KyNhay"), at=(1, 100, 100, 100, 50))


@genuine("gsign-then-pyhanko", "two programs, the other way round", signatures=2)
def gsign_then_pyhanko(kit: Kit) -> bytes:
    return pyhanko_sign(kit.sign(kit.plain(), at=(1, 100, 100, 100, 50)), kit.person, "KyNhay")


@genuine("pyhanko-three-times", "another program, with pictures it leaves unused", signatures=3)
def pyhanko_three_times(kit: Kit) -> bytes:
    return kit.plain("signed-three-times")


@genuine("on-object-streams-twice", "cross-reference streams throughout", signatures=2)
def on_object_streams_twice(kit: Kit) -> bytes:
    return kit.sign(kit.signed("object-streams"), kit.agency, at=(1, 100, 100, 100, 50))


@genuine("on-hybrid-twice", "word processor, then two signatures", signatures=2)
def on_hybrid_twice(kit: Kit) -> bytes:
    return kit.sign(kit.signed("hybrid"), kit.agency, at=(1, 100, 100, 100, 50))


@genuine("scan-twice", "a large scan, signed twice", signatures=2)
def scan_twice(kit: Kit) -> bytes:
    return kit.sign(kit.sign(kit.revise(kit.plain(), attach), at=FOOT), kit.agency, at=(1, 100, 100, 100, 50))


@genuine("on-shared-annotations-twice", "two pages share their annotations", signatures=2)
def on_shared_annotations_twice(kit: Kit) -> bytes:
    return kit.sign(kit.signed("annots-shared"), kit.agency, at=(1, 100, 100, 100, 50))


@genuine("nested-fields-twice", "both empty fields are signed, one after the other", signatures=2)
def nested_fields_twice(kit: Kit) -> bytes:
    data = kit.sign(kit.plain("fields-nested"), field="phong.lanhdao")
    return kit.sign(data, kit.agency, field="phong.vanthu.dau")


@genuine("encrypted-twice", "two signatures on an encrypted document", signatures=2, password=USER)
def encrypted_twice(kit: Kit) -> bytes:
    password = kit.library["aes-256"].password
    return kit.sign(kit.sign(kit.plain("aes-256"), password=password), kit.agency, password=password)


def _levelled(name: str, why: str, level: str, signatures: int = 1) -> None:
    @genuine(f"level-{name}", why, signatures=signatures)
    def make(kit: Kit) -> bytes:
        return sign_at_level(kit, level)


def sign_at_level(kit: Kit, level: str, data: bytes | None = None) -> bytes:
    """Sign with a timestamp, and what the level asks for beyond."""
    from pathlib import Path

    from gsign.pkcs12 import FileSigner

    who = kit.leader
    signer = FileSigner(Path("key.p12"), who.key, who.der, who.chain)
    return gsign.pdf.sign(
        data or kit.plain(), signer, level=level, tsa=kit.pki.tsa_url, trust=kit.pki.root_file, at=FOOT
    )


_levelled("b-t", "with a timestamp", "B-T")
_levelled("b-lt", "with validation data", "B-LT")
_levelled("b-lta", "with a document timestamp", "B-LTA", signatures=2)


@genuine("archived-then-signed", "a further signature on an archived document", signatures=3)
def archived_then_signed(kit: Kit) -> bytes:
    return kit.sign(sign_at_level(kit, "B-LTA"), kit.agency, at=(1, 100, 100, 100, 50))


@genuine("augmented", "timestamp and validation data were added later", signatures=2)
def augmented(kit: Kit) -> bytes:
    return gsign.pdf.augment(kit.signed(), level="B-LT", tsa=kit.pki.tsa_url, trust=kit.pki.root_file)


@genuine("archived-though-final", "a certification without changes may be archived all the same", signatures=2)
def archived_though_final(kit: Kit) -> bytes:
    data = kit.sign(kit.plain(), certify=1)
    return gsign.pdf.augment(data, level="B-T", tsa=kit.pki.tsa_url, trust=kit.pki.root_file)


@genuine("expired-but-timestamped", "the certificate has expired and was valid when it was timestamped")
def expired_but_timestamped(kit: Kit) -> bytes:
    from tests.corpus.identities import _expired_with_timestamp

    return _expired_with_timestamp(kit, foreign=False)


@genuine("timestamped-twice", "nobody knows the first authority, but the second")
def timestamped_twice(kit: Kit) -> bytes:
    from tests.corpus.identities import _expired_with_timestamp

    return _expired_with_timestamp(kit, foreign=True, also=True)


@genuine("clock-labelled-utc", "local time labelled as UTC: +7 hours", warning="claimed-time-labelled-utc")
def clock_labelled_utc(kit: Kit) -> bytes:
    from gsign import cms
    from gsign.signer import Digest
    from gsign.trust.timestamp import TimestampClient
    from tests.corpus.kit import ALGORITHM

    def contents(digest: bytes) -> bytes:
        moment = now() + dt.timedelta(hours=7)
        attributes = cms.signed_attributes(kit.leader.der, ALGORITHM, digest, signing_time=moment)
        value = kit.raw_signature(attributes.to_sign)
        token = TimestampClient(kit.pki.tsa_url).stamp(Digest.SHA256.new(value).digest(), Digest.SHA256)
        return cms.assemble(attributes, value, chain=kit.leader.chain, timestamp_token=token)

    return kit.custom(kit.plain(), contents, subfilter="adbe.pkcs7.detached", room=12000)


@genuine("leaf-only", "most letters carry the leaf alone: the authority is pinned", signatures=1)
def leaf_only(kit: Kit) -> bytes:
    return kit.sign(kit.plain(), kit.pki.leaf(LEADER, from_root=True), chain=False)


@genuine("information-updated", "a program notes when it touched the file")
def information_updated(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        ref = document.trailer["Info"]
        revision.change(ref, document.load(ref) | {"ModDate": b"D:20260127153922+07'00'"})

    return kit.revise(kit.signed(), edit)


@genuine("metadata-added", "a program describes the file")
def metadata_added(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        metadata = revision.add(Stream({"Type": Name("Metadata"), "Subtype": Name("XML")}, b"<x/>"))
        change_catalog(revision, document, Metadata=metadata)

    return kit.revise(kit.signed(), edit)


@genuine("metadata-replaced", "the description is written once more in its place")
def metadata_replaced(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        stream = Stream({"Type": Name("Metadata"), "Subtype": Name("XML")}, b"<x/>")
        revision.change(document.catalog["Metadata"], stream)

    return kit.revise(kit.signed("pdfa-2b"), edit)


@genuine("extension-announced", "a developer extension is announced")
def extension_announced(kit: Kit) -> bytes:
    extension = {"ESIC": {"BaseVersion": Name("1.7"), "ExtensionLevel": 5}}
    return kit.revise(kit.signed(), lambda d, r: change_catalog(r, d, Extensions=extension))


def _by_hand(kit: Kit, body: Any, comment: bytes = b"", more: int = 0) -> bytes:
    """Append a revision with a table written by hand."""
    data = kit.signed()
    document = open_document(data)
    at = len(data)
    root = document.trailer["Root"].number
    table = body(document)
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\n%sstartxref\n%d\n%%%%EOF\n"
    return data + table + trailer % (document.size + more, root, document.sections[0].offset, comment, at)


@genuine("never-used-freed", "a writer frees a number that was never used, with generation 65534")
def never_used_freed(kit: Kit) -> bytes:
    def table(document: Document) -> bytes:
        return b"xref\n0 1\n0000000000 65535 f \n%d 1\n0000000000 65534 f \n" % document.size

    return _by_hand(kit, table, more=1)


@genuine("comment-before-startxref", "iText writes its name before startxref")
def comment_before_startxref(kit: Kit) -> bytes:
    return _by_hand(kit, lambda _: b"xref\n0 0\n", b"%iText-5.5.6\n")


@genuine("empty-field-added", "a place for the next signature is prepared")
def empty_field_added(kit: Kit) -> bytes:
    from tests.corpus.shadow import _new_field

    return kit.revise(kit.signed(), _new_field)


@genuine(
    "kids-in-an-array-of-their-own", "a part of the form keeps its fields in an array; another joins", signatures=2
)
def kids_in_an_array_of_their_own(kit: Kit) -> bytes:
    data = letter(
        page=b"/Annots[7 0 R]",
        catalog=b"/AcroForm<</Fields[8 0 R]/SigFlags 3>>",
        _7=b"<</Type/Annot/Subtype/Widget/FT/Sig/T(A)/Parent 8 0 R/P 3 0 R/F 132/Rect[50 50 200 100]>>",
        _8=b"<</T(form)/Kids 9 0 R>>",
        _9=b"[7 0 R]",
    )
    return pyhanko_sign(kit.sign(data, field="form.A"), kit.person, "form.B")
