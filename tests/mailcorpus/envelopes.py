"""Attacks on the CMS (mail.md E3), and on what it covers."""

from __future__ import annotations

import base64
import hashlib

from asn1crypto import cms, core

from tests.mailcorpus.cms import Attributes, Signing, attribute, signed_data
from tests.mailcorpus.kit import ENTITY, Kit, lines
from tests.mailcorpus.model import invalid
from tests.pki import now

_OTHER = lines("Content-Type: text/plain\n\nPay this today.\n")


def _without(kind: str):
    def change(attributes: Attributes) -> Attributes:
        return [a for a in attributes if a["type"].native != kind]

    return change


def _with(*further: cms.CMSAttribute):
    return lambda attributes: [*attributes, *further]


# ---------------------------------------------------------------- what was signed


@invalid("body-changed", "one octet of the text is another", "fail", "message-digest-wrong")
def body_changed(kit: Kit) -> bytes:
    return kit.signed().replace(b"8 gi", b"9 gi")


@invalid("charset-changed", "a parameter in the signed part's own header", "fail", "message-digest-wrong")
def charset_changed(kit: Kit) -> bytes:
    return kit.detached().replace(b"charset=utf-8", b"charset=utf-7")


@invalid("encoding-changed", "the signed part's encoding", "fail", "message-digest-wrong")
def encoding_changed(kit: Kit) -> bytes:
    return kit.detached().replace(b"quoted-printable", b"base64", 1)


@invalid("line-added", "an empty line at the end of the signed part", "fail", "message-digest-wrong")
def line_added(kit: Kit) -> bytes:
    return kit.detached().replace(b".\r\n\r\n------ky-so", b".\r\n\r\n\r\n------ky-so")


@invalid("line-removed", "the empty line at the end was cut off", "fail", "message-digest-wrong")
def line_removed(kit: Kit) -> bytes:
    return kit.detached().replace(b".\r\n\r\n------ky-so", b".\r\n------ky-so")


@invalid("spaces-cut", "a relay that cuts spaces at ends of lines", "fail", "message-digest-wrong")
def spaces_cut(kit: Kit) -> bytes:
    entity = ENTITY + b"spaces here   \r\n"
    return kit.detached(entity=entity).replace(b"here   \r\n", b"here\r\n")


@invalid("decoded", "a relay that decodes quoted-printable", "fail", "message-digest-wrong")
def decoded(kit: Kit) -> bytes:
    return kit.detached().replace(b"K=C3=ADnh", "Kính".encode())


@invalid("refolded", "a relay that folds the signed part's header anew", "fail", "message-digest-wrong")
def refolded(kit: Kit) -> bytes:
    return kit.detached().replace(b"text/plain; charset", b"text/plain;\r\n charset")


@invalid("another-message", "a good signature of another message by the same person", "fail", "message-digest-wrong")
def another_message(kit: Kit) -> bytes:
    return kit.detached(kit.cms(_OTHER))


@invalid("parts-swapped", "the attachments inside the signed part changed places", "fail", "message-digest-wrong")
def parts_swapped(kit: Kit) -> bytes:
    first, second = b"--inner\r\n\r\nfirst\r\n", b"--inner\r\n\r\nsecond\r\n"
    head = b"Content-Type: multipart/mixed; boundary=inner\r\n\r\n"
    message = kit.detached(entity=head + first + second + b"--inner--\r\n")
    return message.replace(first + second, second + first)


@invalid("part-added-inside", "an attachment more inside the signed part", "fail", "message-digest-wrong")
def part_added_inside(kit: Kit) -> bytes:
    entity = b"Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\n\r\nfirst\r\n--inner--\r\n"
    return kit.detached(entity=entity).replace(b"--inner--", b"--inner\r\n\r\nsecond\r\n--inner--")


@invalid("opaque-changed", "an octet of the content inside the CMS", "fail", "message-digest-wrong")
def opaque_changed(kit: Kit) -> bytes:
    return kit.opaque(signed_data(ENTITY, Signing(kit.person), econtent=ENTITY.replace(b"8 gi", b"9 gi")))


# ---------------------------------------------------------------- signers


@invalid("no-signers", "a SignedData that nobody signed", "neutral", "no-signer")
def no_signers(kit: Kit) -> bytes:
    return kit.detached(signed_data(ENTITY, certificates=[kit.person]))


@invalid("no-signers-opaque", "the same with the content inside", "neutral", "no-signer")
def no_signers_opaque(kit: Kit) -> bytes:
    return kit.opaque(signed_data(ENTITY, certificates=[kit.person], econtent=ENTITY))


@invalid("good-then-bad", "the attacker's good signature, then the sender's that does not hold", "fail")
def good_then_bad(kit: Kit) -> bytes:
    return kit.detached(signed_data(ENTITY, Signing(kit.other), Signing(kit.person, spoil=True)))


@invalid("bad-then-good", "the sender's signature that does not hold, then the attacker's", "fail", "signature-wrong")
def bad_then_good(kit: Kit) -> bytes:
    return kit.detached(signed_data(ENTITY, Signing(kit.person, spoil=True), Signing(kit.other)))


@invalid("own-good-other-bad", "the sender's own holds, and beside it is one that does not", "fail", "signature-wrong")
def own_good_other_bad(kit: Kit) -> bytes:
    return kit.detached(signed_data(ENTITY, Signing(kit.person), Signing(kit.other, spoil=True)))


@invalid("too-many-signers", "work for hours", "neutral", "too-many-signers")
def too_many_signers(kit: Kit) -> bytes:
    return kit.detached(signed_data(ENTITY, *[Signing(kit.person)] * 9))


@invalid("signature-spoiled", "a turned bit in the signature", "fail", "signature-wrong")
def signature_spoiled(kit: Kit) -> bytes:
    return kit.detached(kit.cms(spoil=True))


@invalid("no-certificate", "the signer's certificate is missing", "fail", "signer-certificate-missing")
def no_certificate(kit: Kit) -> bytes:
    return kit.detached(signed_data(ENTITY, Signing(kit.person), certificates=[]))


@invalid("named-another", "the signer is named by the certificate of somebody else", "fail", "signature-wrong")
def named_another(kit: Kit) -> bytes:
    victim, attacker = kit.person, kit.other
    forged = type(victim)(victim.certificate, attacker.key, victim.issuers)
    return kit.detached(signed_data(ENTITY, Signing(forged)))


@invalid("bound-to-another", "the signing-certificate attribute names another one", "neutral")
def bound_to_another(kit: Kit) -> bytes:
    return kit.detached(kit.cms(bind=kit.other))


# ---------------------------------------------------------------- content


@invalid("content-inside-too", "a detached signature that brings the content again", "neutral", "content-not-detached")
def content_inside_too(kit: Kit) -> bytes:
    return kit.detached(kit.cms(carry=True))


@invalid("other-content-inside", "good over what is inside, while something else is shown", "neutral")
def other_content_inside(kit: Kit) -> bytes:
    return kit.detached(kit.cms(_OTHER, carry=True))


@invalid("opaque-without-content", "an opaque signature of nothing", "neutral", "content-missing")
def opaque_without_content(kit: Kit) -> bytes:
    return kit.opaque(kit.cms())


@invalid("other-content-type", "the CMS is about something encrypted", "neutral", "content-type-wrong")
def other_content_type(kit: Kit) -> bytes:
    data, encrypted = (bytes.fromhex(f"06092a864886f70d01070{last}") for last in (1, 6))
    return kit.opaque(kit.cms(content_type="encrypted_data", carry=True).replace(data, encrypted, 1))


# ---------------------------------------------------------------- attributes


@invalid("no-attributes", "nothing but the content is signed", "neutral", "signed-attributes-missing")
def no_attributes(kit: Kit) -> bytes:
    return kit.detached(kit.cms(attributes=False))


@invalid("attributes-as-content", "signed attributes, shown as if they were the content", "neutral")
def attributes_as_content(kit: Kit) -> bytes:
    signed = cms.CMSAttributes([
        attribute("content_type", "data"),
        attribute("message_digest", hashlib.sha256(ENTITY).digest()),
    ]).dump()  # fmt: skip
    return kit.opaque(signed_data(signed, Signing(kit.person, attributes=False), econtent=signed))


@invalid("no-message-digest", "the attributes do not say what was signed", "neutral", "message-digest-missing")
def no_message_digest(kit: Kit) -> bytes:
    return kit.detached(kit.cms(change=_without("message_digest")))


@invalid("two-message-digests", "one of this message, one of another", "neutral", "attribute-repeated")
def two_message_digests(kit: Kit) -> bytes:
    other = attribute("message_digest", hashlib.sha256(_OTHER).digest())
    return kit.detached(kit.cms(change=_with(other)))


@invalid("two-values-of-digest", "the same in one attribute", "neutral", "attribute-repeated")
def two_values_of_digest(kit: Kit) -> bytes:
    both = attribute("message_digest", *(hashlib.sha256(x).digest() for x in (ENTITY, _OTHER)))
    return kit.detached(kit.cms(change=lambda found: [*_without("message_digest")(found), both]))


@invalid("no-content-type", "the attributes do not say what kind was signed", "neutral", "content-type-wrong")
def no_content_type(kit: Kit) -> bytes:
    return kit.detached(kit.cms(change=_without("content_type")))


@invalid("content-type-of-another", "signed as a timestamp", "neutral", "content-type-wrong")
def content_type_of_another(kit: Kit) -> bytes:
    return kit.detached(kit.cms(content_type="tst_info"))


@invalid("two-signing-times", "two times to choose from", "neutral", "attribute-repeated")
def two_signing_times(kit: Kit) -> bytes:
    return kit.detached(kit.cms(change=_with(attribute("signing_time", cms.Time({"utc_time": now()})))))


@invalid("signing-time-is-text", "a signing time that is none", "neutral", "cms-malformed")
def signing_time_is_text(kit: Kit) -> bytes:
    odd = cms.CMSAttribute.load(bytes.fromhex("301a06092a864886f70d010905310d0c0b") + b"hom qua roi")
    return kit.detached(kit.cms(change=lambda found: [*_without("signing_time")(found), odd]))


# ---------------------------------------------------------------- algorithms


@invalid("sha1", "a digest that can be collided", "policy", "signature-algorithm-weak")
def sha1(kit: Kit) -> bytes:
    return kit.detached(kit.cms(digest="sha1"))


@invalid("md5", "a digest that anybody collides", "neutral", "algorithm-unknown")
def md5(kit: Kit) -> bytes:
    return kit.detached(kit.cms(digest="md5"))


@invalid("digest-named-wrong", "another digest is named than was used", "neutral", "algorithms-differ")
def digest_named_wrong(kit: Kit) -> bytes:
    data = cms.ContentInfo.load(kit.cms())
    data["content"]["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha512"}
    return kit.detached(data.dump(force=True))


@invalid("pss-weak-mask", "PSS that says another mask, by SHA-1, than was used", "fail", "signature-wrong")
def pss_weak_mask(kit: Kit) -> bytes:
    mask = {"mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": "sha1"}}}
    return kit.detached(kit.cms(scheme="pss", pss=mask))


@invalid("pss-other-hash", "PSS parameters for another digest", "neutral", "algorithms-differ")
def pss_other_hash(kit: Kit) -> bytes:
    return kit.detached(kit.cms(scheme="pss", pss={"hash_algorithm": {"algorithm": "sha512"}}))


@invalid("pss-salt", "a salt of another length than was used", "fail", "signature-wrong")
def pss_salt(kit: Kit) -> bytes:
    return kit.detached(kit.cms(scheme="pss", pss={"salt_length": 20}))


@invalid("scheme-of-another-key", "an elliptic curve's algorithm with an RSA key", "neutral")
def scheme_of_another_key(kit: Kit) -> bytes:
    return kit.detached(kit.cms(said_scheme="ecdsa"))


@invalid("protected-algorithm", "the protected algorithm is another (RFC 6211)", "neutral", "algorithms-differ")
def protected_algorithm(kit: Kit) -> bytes:
    said = cms.CMSAlgorithmProtection({
        "digest_algorithm": {"algorithm": "sha512"},
        "signature_algorithm": {"algorithm": "sha512_rsa"},
    })  # fmt: skip
    return kit.detached(kit.cms(change=_with(attribute("cms_algorithm_protection", said))))


# ---------------------------------------------------------------- encoding


@invalid("octets-behind", "something behind the CMS", "neutral", "cms-malformed")
def octets_behind(kit: Kit) -> bytes:
    return kit.detached(kit.cms() + b"\x04\x01x")


@invalid("cut-short", "the end of the CMS is missing", "neutral", "cms-malformed")
def cut_short(kit: Kit) -> bytes:
    return kit.detached(kit.cms()[:-20])


@invalid("endless-depth", "values within values without end", "neutral", "cms-malformed")
def endless_depth(kit: Kit) -> bytes:
    return kit.detached(b"\x30\x80" * 5_000)


@invalid("deep-octets", "content of strings within strings", "neutral", "cms-malformed")
def deep_octets(kit: Kit) -> bytes:
    data = core.OctetString(ENTITY).dump()
    for _ in range(200):
        data = b"\x24\x80" + data + b"\x00\x00"
    head = bytes.fromhex("308006092a864886f70d010702a08030800201013100308006092a864886f70d010701a080")
    return kit.opaque(head + data + b"\x00\x00" * 2 + bytes.fromhex("3100") + b"\x00\x00" * 3)


@invalid("huge-length", "a length that nobody has memory for", "neutral", "cms-malformed")
def huge_length(kit: Kit) -> bytes:
    return kit.detached(bytes.fromhex("3088ffffffffffffff00") + kit.cms())


_PLACES = (b"fields", b"certificates", b"signers")


def streamed(kit: Kit, before: bytes = b"", octets: bytes = b"") -> bytes:
    """Put octets behind the beginning of a value in a SignedData of indefinite lengths."""
    data = cms.ContentInfo.load(kit.cms())["content"]
    open_, end = b"\x80", b"\0\0"
    kind = core.ObjectIdentifier("1.2.840.113549.1.7.2").dump()
    inside = data["version"].dump() + data["digest_algorithms"].dump() + data["encap_content_info"].dump()
    certificates = (
        b"\xa0" + open_ + (octets if before == b"certificates" else b"") + data["certificates"].contents + end
    )
    signers = b"\x31" + open_ + (octets if before == b"signers" else b"") + data["signer_infos"].contents + end
    more = octets if before == b"fields" else b""
    return b"\x30" + open_ + kind + b"\xa0" + open_ + b"\x30" + open_ + inside + more + certificates + signers + end * 3


@invalid("million-certificates", "a million empty certificates", "neutral", "cms-malformed")
def million_certificates(kit: Kit) -> bytes:
    return kit.detached(streamed(kit, b"certificates", b"\x30\0" * 1_000_000))


@invalid("million-signers", "a million empty signers", "neutral", "cms-malformed")
def million_signers(kit: Kit) -> bytes:
    return kit.detached(streamed(kit, b"signers", b"\x30\0" * 1_000_000))


@invalid("million-fields", "a million empty fields", "neutral", "cms-malformed")
def million_fields(kit: Kit) -> bytes:
    return kit.detached(streamed(kit, b"fields", b"\x04\0" * 1_000_000))


@invalid("signature-text", "the signature is text in the part", "neutral", "cms-malformed")
def signature_text(kit: Kit) -> bytes:
    return kit.detached(base64.b64encode(kit.cms()))
