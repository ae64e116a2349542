"""Genuine documents that bear one signature: every kind of file, algorithm and level."""

from __future__ import annotations

from typing import Any

from gsign.syntax.objects import Name
from tests.corpus.kit import FOOT, Kit
from tests.corpus.model import genuine
from tests.documents.encrypted import USER
from tests.documents.signed import pyhanko_sign
from tests.pki import LEADER

_DOCUMENTS = {
    "one-page": "a table, PDF 1.4",
    "object-streams": "object streams and a cross-reference stream",
    "linearized": "linearized before signing",
    "linearized-object-streams": "linearized with object streams",
    "hybrid": "word processors write hybrid-reference files",
    "hybrid-page-tree": "the page tree is hidden from old readers",
    "pdf-2.0": "PDF 2.0",
    "crlf": "lines end in CR LF",
    "cr-only": "lines end in CR",
    "no-final-newline": "nothing stands behind %%EOF",
    "revisions": "revised before it was signed",
    "revisions-by-streams": "revised by cross-reference streams",
    "freed-entries": "objects were freed before signing",
    "reused-number": "a freed number was used again before signing",
    "odd-spelling": "objects spelled in unusual ways",
    "markers-in-data": "the words of the structure stand inside data",
    "indirect-length": "lengths are objects",
    "pdfa-2b": "PDF/A-2b",
    "inherited": "the page inherits its attributes",
    "annots-indirect": "the array of annotations is an object",
    "annots-shared": "two pages share an array of annotations",
    "rotated-90": "a landscape scan",
    "text-fields": "a form",
    "need-appearances": "a form whose fields readers draw",
    "form-indirect": "the form is an object of its own",
}
for _name, _why in _DOCUMENTS.items():

    @genuine(f"file-{_name}", _why)
    def _make(kit: Kit, name: str = _name) -> bytes:
        return kit.sign(kit.plain(name), at=FOOT)


def _option(
    name: str, why: str, warning: str | None = None, leaf: dict[str, Any] | None = None, **options: Any
) -> None:
    @genuine(f"signed-{name}", why, warning=warning)
    def make(kit: Kit) -> bytes:
        return kit.sign(kit.plain(), kit.pki.leaf(LEADER, **(leaf or {})), **options)


_option("adbe", "the kind most published documents have", subfilter="adbe.pkcs7.detached")
_option("pss", "RSASSA-PSS", scheme="pss")
_option("sha384", "SHA-384", digest="sha384")
_option("sha512", "SHA-512", digest="sha512")
_option("sha3", "SHA-3", digest="sha3-256")
_option("p256", "ECDSA on P-256", leaf={"key": "p256"})
_option("p384", "ECDSA on P-384", leaf={"key": "p384"})
_option("rsa3072", "RSA of 3072 bits", leaf={"key": "rsa3072"})
_option("invisible", "nothing is drawn")
_option("certified-1", "certified, no changes allowed", certify=1)
_option("certified-2", "certified, signatures allowed: most first signatures here", certify=2)
_option("non-repudiation", "certificates of 2014 have this usage alone", leaf={"variant": "non-repudiation-only"})
_option("no-usage", "a certificate that limits nothing", leaf={"variant": "no-key-usage"})


@genuine("by-pyhanko", "made by another program")
def by_pyhanko(kit: Kit) -> bytes:
    return pyhanko_sign(kit.plain(), kit.leader, "LanhDao")


@genuine("existing-field", "the letter had an empty field for the signature")
def existing_field(kit: Kit) -> bytes:
    return kit.sign(kit.plain("field-merged"), field="ChuKy1")


@genuine("existing-field-with-kid", "the field's widget is an object of its own")
def existing_field_with_kid(kit: Kit) -> bytes:
    return kit.sign(kit.plain("field-with-kid"), field="ChuKy1")


@genuine("existing-field-nested", "the field has parents")
def existing_field_nested(kit: Kit) -> bytes:
    return kit.sign(kit.plain("fields-nested"), field="phong.lanhdao")


@genuine("encrypted", "a password protects the document", password=USER)
def encrypted(kit: Kit) -> bytes:
    return kit.sign(kit.plain("aes-256"), password=kit.library["aes-256"].password)


@genuine("newline-behind", "a mail program added a line end")
def newline_behind(kit: Kit) -> bytes:
    return kit.signed() + b"\r\n\n"


@genuine("attached-signed-document", "an attachment that is itself signed")
def attached_signed_document(kit: Kit) -> bytes:
    from gsign.syntax.objects import Stream

    def attach(document: Any, revision: Any) -> None:
        root = document.trailer["Root"]
        inner = revision.add(Stream({"Type": Name("EmbeddedFile")}, kit.signed()))
        revision.change(root, document.catalog | {"Evidence": inner})

    return kit.sign(kit.revise(kit.plain(), attach))


@genuine("indefinite-cms", "BER with indefinite lengths")
def indefinite_cms(kit: Kit) -> bytes:
    from gsign import der

    def contents(digest: bytes) -> bytes:
        content_type, wrapped = der.parse(kit.contents(digest)).children()
        inner = wrapped.children()[0]
        return b"\x30\x80" + content_type.raw + b"\xa0\x80\x30\x80" + inner.content + b"\x00\x00" * 3

    return kit.custom(kit.plain(), contents)


@genuine("odd-unsigned-attribute", "an unsigned attribute holds bytes that are no DER")
def odd_unsigned_attribute(kit: Kit) -> bytes:
    from gsign import der
    from tests.corpus.envelopes import _edit_signer

    odd = der.sequence(der.oid("1.2.840.113549.1.9.16.2.10"), der.tlv(der.SET, b"\xff\xfe\xfd"))
    return kit.custom(
        kit.plain(), lambda digest: _edit_signer(kit.contents(digest), lambda f: [*f, der.context(1, odd)])
    )
