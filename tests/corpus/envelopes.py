"""CMS that does not say what it must: made with a real key, over the real digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from gsign import cms, der
from gsign.cms import SignedAttributes
from gsign.result import Indication
from gsign.signer import Algorithm, Digest, Scheme
from tests.corpus.kit import ALGORITHM, Kit, change_page
from tests.corpus.model import forgery
from tests.pki import Identity

_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_BINDING = "1.2.840.113549.1.9.16.2.47"

Attributes = list[bytes]


def _parts(who: Identity, digest: bytes) -> Attributes:
    """The signed attributes, one by one."""
    return [n.raw for n in der.parse(cms.signed_attributes(who.der, ALGORITHM, digest).to_sign).children()]


def _kind(attribute: bytes) -> str:
    return der.parse(attribute).children()[0].oid()


def _assembled(kit: Kit, parts: Attributes, who: Identity | None = None, **options: object) -> bytes:
    who = who or kit.leader
    attributes = SignedAttributes(who.der, ALGORITHM, der.set_of(parts))
    return cms.assemble(attributes, kit.raw_signature(attributes.to_sign, who), **options)


def _attributes(
    name: str,
    why: str,
    reason: str,
    change: Callable[[Kit, Attributes], Attributes],
    subfilter: str = "ETSI.CAdES.detached",
) -> None:
    @forgery(f"attributes-{name}", why, reason)
    def make(kit: Kit) -> bytes:
        def contents(digest: bytes) -> bytes:
            return _assembled(kit, change(kit, _parts(kit.leader, digest)), chain=kit.leader.chain)

        return kit.custom(kit.plain(), contents, subfilter=subfilter)


def _without(oid: str) -> Callable[[Kit, Attributes], Attributes]:
    return lambda _, parts: [p for p in parts if _kind(p) != oid]


def _with(oid: str, *values: bytes) -> Callable[[Kit, Attributes], Attributes]:
    attribute = der.sequence(der.oid(oid), der.set_of(values))
    return lambda _, parts: [p for p in parts if _kind(p) != oid] + [attribute]


_attributes("no-digest", "no message digest is signed", "message-digest-missing", _without(_MESSAGE_DIGEST))
_attributes("no-type", "no content type is signed", "content-type-wrong", _without(_CONTENT_TYPE))
_attributes(
    "wrong-digest", "the digest is another document's", "message-digest-wrong",
    _with(_MESSAGE_DIGEST, der.octet_string(hashlib.sha256(b"another").digest())),
)  # fmt: skip
_attributes(
    "wrong-type", "the content type is a timestamp's", "content-type-wrong",
    _with(_CONTENT_TYPE, der.oid("1.2.840.113549.1.9.16.1.4")),
)  # fmt: skip
_attributes(
    "two-digests", "two digests: one is right", "attribute-repeated",
    lambda _, parts: [*parts, der.sequence(der.oid(_MESSAGE_DIGEST), der.set_of([der.octet_string(bytes(32))]))],
)  # fmt: skip
_attributes(
    "other-certificate", "the bound certificate is another one", "signing-certificate-wrong",
    lambda kit, parts: [p if _kind(p) != _BINDING else _binding(kit.agency) for p in parts],
)  # fmt: skip


def _binding(who: Identity) -> bytes:
    return next(p for p in _parts(who, bytes(32)) if _kind(p) == _BINDING)


@forgery("content-of-a-timestamp", "a timestamp is signed, as both places say", "content-not-detached")
def content_of_a_timestamp(kit: Kit) -> bytes:
    kind = der.oid("1.2.840.113549.1.9.16.1.4")
    change = _with(_CONTENT_TYPE, kind)

    def contents(digest: bytes) -> bytes:
        made = _assembled(kit, change(kit, _parts(kit.leader, digest)), chain=kit.leader.chain)
        content_type, wrapped = der.parse(made).children()
        fields = [n.raw for n in wrapped.children()[0].children()]
        fields[2] = der.sequence(kind)
        return der.sequence(content_type.raw, der.explicit(0, der.sequence(*fields)))

    return kit.custom(kit.plain(), contents)


@forgery("attributes-unsigned", "no attributes are signed at all", "signed-attributes-missing")
def attributes_unsigned(kit: Kit) -> bytes:
    def contents(digest: bytes) -> bytes:
        whole = kit.contents(digest)
        return _edit_signer(whole, lambda fields: [f for f in fields if f[0] != 0xA0])

    return kit.custom(kit.plain(), contents, subfilter="adbe.pkcs7.detached")


def _edit_signer(data: bytes, change: Callable[[list[bytes]], list[bytes]], times: int = 1) -> bytes:
    """Rebuild a SignedData with its SignerInfo changed, that many times."""
    content_type, wrapped = der.parse(data).children()
    fields = [n.raw for n in wrapped.children()[0].children()]
    signer = der.parse(fields[-1]).children()[0]
    changed = der.sequence(*change([n.raw for n in signer.children()]))
    fields[-1] = der.tlv(der.SET, changed * times)
    return der.sequence(content_type.raw, der.explicit(0, der.sequence(*fields)))


def _edited(name: str, why: str, reason: str, change: Callable[[list[bytes]], list[bytes]], times: int = 1) -> None:
    @forgery(f"signer-{name}", why, reason)
    def make(kit: Kit) -> bytes:
        return kit.custom(kit.plain(), lambda digest: _edit_signer(kit.contents(digest), change, times))


_edited("none", "nobody signs", "not-one-signer", lambda f: f, times=0)
_edited("twice", "two signers: which one counts?", "not-one-signer", lambda f: f, times=2)
_edited(
    "bits-flipped",
    "the signature value is off by a bit",
    "signature-wrong",
    lambda f: [*f[:-1], f[-1][:-1] + bytes([f[-1][-1] ^ 1])],
)
_edited("value-empty", "the signature value is empty", "signature-wrong", lambda f: [*f[:-1], der.octet_string(b"")])
_edited(
    "algorithm-unknown", "the signature algorithm is none", "algorithm-unknown",
    lambda f: [*f[:-2], der.sequence(der.oid("1.2.3.4")), f[-1]],
)  # fmt: skip
_edited(
    "digest-swapped", "the digest algorithm is said to be another one", "algorithms-differ",
    lambda f: [*f[:2], cms.digest_identifier(Digest.SHA512), *f[3:]],
)  # fmt: skip


@forgery("other-key", "signed with a key that is not the certificate's", "signature-wrong")
def other_key(kit: Kit) -> bytes:
    def contents(digest: bytes) -> bytes:
        attributes = cms.signed_attributes(kit.leader.der, ALGORITHM, digest)
        return cms.assemble(attributes, kit.raw_signature(attributes.to_sign, kit.agency))

    return kit.custom(kit.plain(), contents)


@forgery("no-certificate", "no certificate comes along", "signer-certificate-missing")
def no_certificate(kit: Kit) -> bytes:
    def contents(digest: bytes) -> bytes:
        content_type, wrapped = der.parse(kit.contents(digest)).children()
        fields = [n.raw for n in wrapped.children()[0].children() if n.tag != 0xA0]
        return der.sequence(content_type.raw, der.explicit(0, der.sequence(*fields)))

    return kit.custom(kit.plain(), contents)


@forgery("content-inside", "the CMS brings content of its own, and signs that", "content-not-detached")
def content_inside(kit: Kit) -> bytes:
    def contents(digest: bytes) -> bytes:
        content_type, wrapped = der.parse(kit.contents(digest)).children()
        fields = [n.raw for n in wrapped.children()[0].children()]
        fields[2] = der.sequence(der.oid(cms.ID_DATA), der.explicit(0, der.octet_string(b"another document")))
        return der.sequence(content_type.raw, der.explicit(0, der.sequence(*fields)))

    return kit.custom(kit.plain(), contents)


@forgery("subfilter-old", "adbe.pkcs7.sha1 signs a SHA-1 of the document", "subfilter-sha1", Indication.INDETERMINATE)
def subfilter_old(kit: Kit) -> bytes:
    return kit.custom(kit.plain(), kit.contents, subfilter="adbe.pkcs7.sha1")


@forgery("subfilter-x509", "adbe.x509.rsa_sha1 is no CMS", "subfilter-sha1", Indication.INDETERMINATE)
def subfilter_x509(kit: Kit) -> bytes:
    return kit.custom(kit.plain(), kit.contents, subfilter="adbe.x509.rsa_sha1")


@forgery("subfilter-old-resized", "the same, and a page was changed afterwards", "page-changed")
def subfilter_old_resized(kit: Kit) -> bytes:
    return kit.revise(subfilter_old(kit), lambda document, revision: change_page(revision, document, Rotate=90))


@forgery("subfilter-unknown", "nobody knows what this is", "subfilter-unsupported")
def subfilter_unknown(kit: Kit) -> bytes:
    return kit.custom(kit.plain(), kit.contents, subfilter="Evil.detached")


@forgery("timestamp-as-signature", "a signature that says it is a document timestamp", "signature-type-unclear")
def timestamp_as_signature(kit: Kit) -> bytes:
    return kit.custom(kit.plain(), kit.contents, kind="DocTimeStamp")


@forgery("signature-as-timestamp", "a document timestamp without a token", "token-malformed")
def signature_as_timestamp(kit: Kit) -> bytes:
    return kit.custom(kit.plain(), kit.contents, kind="DocTimeStamp", subfilter="ETSI.RFC3161")


@forgery("timestamp-of-another", "a document timestamp over another document", "imprint-wrong")
def timestamp_of_another(kit: Kit) -> bytes:
    from gsign.trust.timestamp import TimestampClient

    token = TimestampClient(kit.pki.tsa_url).stamp(bytes(32), Digest.SHA256)
    return kit.custom(kit.plain(), lambda _: token, kind="DocTimeStamp", subfilter="ETSI.RFC3161")


@forgery("copied-value", "another document's signature value", "message-digest-wrong")
def copied_value(kit: Kit) -> bytes:
    return kit.custom(kit.plain(), lambda _: kit.contents(hashlib.sha256(b"another").digest()))


@forgery("cut-value", "the CMS is cut short", "cms-malformed")
def cut_value(kit: Kit) -> bytes:
    return kit.custom(kit.plain(), lambda digest: kit.contents(digest)[:-400])


@forgery("scheme-mismatch", "an RSA key under an ECDSA algorithm", "key-and-algorithm-differ")
def scheme_mismatch(kit: Kit) -> bytes:
    identifier = cms.signature_identifier(Algorithm(Scheme.ECDSA, Digest.SHA256))

    def contents(digest: bytes) -> bytes:
        parts = [p for p in _parts(kit.leader, digest) if _kind(p) != "1.2.840.113549.1.9.52"]
        whole = _assembled(kit, parts, chain=kit.leader.chain)
        return _edit_signer(whole, lambda f: [*f[:-2], identifier, f[-1]])

    return kit.custom(kit.plain(), contents)
