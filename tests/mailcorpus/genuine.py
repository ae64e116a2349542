"""Messages that must pass: gsign's own, put together by hand as mail programs do, changed on the way as they may be."""

from __future__ import annotations

import base64
import datetime as dt

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.mailcorpus.cms import Signing, signed_data
from tests.mailcorpus.envelopes import streamed
from tests.mailcorpus.kit import ENTITY, Kit, fields, lines
from tests.mailcorpus.model import valid
from tests.pki import ORGANISATION, PERSON, VARIANTS, now

_SENDER = PERSON.email
_ANY_USAGE = x509.ObjectIdentifier("2.5.29.37.0")
_SMTP_UTF8_MAILBOX = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9")


# ---------------------------------------------------------------- gsign's own


@valid("detached", "the usual form")
def detached(kit: Kit) -> bytes:
    return kit.signed()


@valid("detached-pss", "RSA-PSS")
def detached_pss(kit: Kit) -> bytes:
    return kit.signed(scheme="pss")


@valid("detached-ec", "an elliptic curve")
def detached_ec(kit: Kit) -> bytes:
    return kit.signed(who=kit.person_ec)


@valid("detached-p384", "a larger curve with its digest")
def detached_p384(kit: Kit) -> bytes:
    return kit.signed(who=kit.pki.leaf(key="p384", pointers=False))


@valid("detached-sha512", "a longer digest")
def detached_sha512(kit: Kit) -> bytes:
    return kit.signed(digest="sha512")


@valid("detached-sha3", "a digest of the other family")
def detached_sha3(kit: Kit) -> bytes:
    return kit.signed(digest="sha3-256")


@valid("opaque", "everything inside the CMS")
def opaque(kit: Kit) -> bytes:
    return kit.signed(form="opaque")


@valid("opaque-pss", "the same with RSA-PSS")
def opaque_pss(kit: Kit) -> bytes:
    return kit.signed(form="opaque", scheme="pss")


@valid("opaque-ec", "the same with an elliptic curve")
def opaque_ec(kit: Kit) -> bytes:
    return kit.signed(form="opaque", who=kit.person_ec)


@valid("eight-bit", "Vietnamese as it is typed: encoded before it is signed")
def eight_bit(kit: Kit) -> bytes:
    text = lines("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nKính gửi\nFrom đây \n")
    return kit.signed(kit.message(text))


@valid("binary-attachment", "an attachment with every octet there is")
def binary_attachment(kit: Kit) -> bytes:
    head = b"Content-Type: multipart/mixed; boundary=phan\r\n\r\n--phan\r\n" + ENTITY
    attached = b"\r\n--phan\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    return kit.signed(kit.message(head + attached + bytes(range(256)) * 9 + b"\r\n--phan--\r\n"))


@valid("empty-body", "a message without text")
def empty_body(kit: Kit) -> bytes:
    return kit.signed(fields() + b"\r\n")


@valid("agency-over-personal", "the agency's mailbox sends what a person signed")
def agency_over_personal(kit: Kit) -> bytes:
    return kit.signed(kit.detached(header=fields(From=ORGANISATION.email)), who=kit.agency)


@valid("signing-authority", "an agency's signature by the rules of RFC 3183")
def signing_authority(kit: Kit) -> bytes:
    who = kit.named(x509.RFC822Name("domain-signing-authority@hungyen.gov.vn"))
    return kit.signed(who=who, as_agency=True)


@valid("signing-authority-above", "that of a domain above the sender's")
def signing_authority_above(kit: Kit) -> bytes:
    who = kit.named(x509.RFC822Name("domain-signing-authority@hungyen.gov.vn"))
    return kit.detached(kit.cms(who=who), header=fields(From="an@xa.hungyen.gov.vn"))


# ---------------------------------------------------------------- as other programs write


@valid("by-hand", "put together by hand", warning="headers-not-protected")
def by_hand(kit: Kit) -> bytes:
    return kit.detached()


@valid("indefinite-lengths", "BER of indefinite lengths, as programs write that stream")
def indefinite_lengths(kit: Kit) -> bytes:
    return kit.detached(streamed(kit))


@valid("by-hand-opaque", "the same with the content inside")
def by_hand_opaque(kit: Kit) -> bytes:
    return kit.opaque()


@valid("by-hand-ec", "an elliptic curve")
def by_hand_ec(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.person_ec, scheme="ecdsa"))


@valid("by-hand-pss", "RSA-PSS with SHA-512")
def by_hand_pss(kit: Kit) -> bytes:
    return kit.detached(kit.cms(scheme="pss", digest="sha512"), parameters=_parameters("sha-512"))


def _parameters(micalg: str) -> str:
    return f'protocol="application/pkcs7-signature"; micalg={micalg}'


@valid("by-key-identifier", "the signer is named by the key's identifier")
def by_key_identifier(kit: Kit) -> bytes:
    return kit.detached(kit.cms(by_key_id=True))


@valid("bound", "the signing-certificate attribute names the certificate")
def bound(kit: Kit) -> bytes:
    return kit.detached(kit.cms(bind=kit.person))


@valid("no-signing-time", "no signing time is claimed")
def no_signing_time(kit: Kit) -> bytes:
    return kit.detached(kit.cms(time=None))


@valid("old-names", "the types of 1998, with x-")
def old_names(kit: Kit) -> bytes:
    return kit.detached(
        parameters='protocol="application/x-pkcs7-signature"; micalg=sha256',
        signature_type='application/x-pkcs7-signature; name="smime.p7s"',
    )


@valid("old-opaque-name", "the same for the opaque form")
def old_opaque_name(kit: Kit) -> bytes:
    return kit.opaque(content_type='application/x-pkcs7-mime; smime-type=signed-data; name="smime.p7m"')


@valid("octet-stream", "smime.p7m as octets, as a gateway left it")
def octet_stream(kit: Kit) -> bytes:
    disposition = 'Content-Disposition: attachment; filename="smime.p7m"\r\n'
    return kit.opaque(content_type="application/octet-stream", disposition=disposition)


@valid("octet-stream-signature", "smime.p7s as octets")
def octet_stream_signature(kit: Kit) -> bytes:
    return kit.detached(signature_type='application/octet-stream; name="smime.p7s"')


@valid("no-smime-type", "an opaque signature that does not say what it is")
def no_smime_type(kit: Kit) -> bytes:
    return kit.opaque(content_type='application/pkcs7-mime; name="smime.p7m"')


@valid("no-protocol", "multipart/signed without protocol", warning="protocol-missing")
def no_protocol(kit: Kit) -> bytes:
    return kit.detached(parameters='micalg="sha-256"')


@valid("no-micalg", "multipart/signed without micalg", warning="micalg-unknown")
def no_micalg(kit: Kit) -> bytes:
    return kit.detached(parameters='protocol="application/pkcs7-signature"')


@valid("other-micalg", "micalg names another digest", warning="micalg-wrong")
def other_micalg(kit: Kit) -> bytes:
    return kit.detached(parameters=_parameters("sha1"))


@valid("preamble", "a sentence to readers without MIME, as many programs write it")
def preamble(kit: Kit) -> bytes:
    return kit.detached(preamble=b"This is a cryptographically signed message in MIME format.\r\n\r\n")


@valid("lf-file", "a file with LF at the end of its lines")
def lf_file(kit: Kit) -> bytes:
    return kit.detached().replace(b"\r\n", b"\n")


@valid("version-comment", "MIME-Version with a comment")
def version_comment(kit: Kit) -> bytes:
    return kit.detached(header=fields(MIME_Version="1.0 (Mac OS X Mail 16.0)"))


@valid("two-signers", "two keys of one person, for readers old and new")
def two_signers(kit: Kit) -> bytes:
    return kit.detached(signed_data(ENTITY, Signing(kit.person), Signing(kit.person_ec, scheme="ecdsa")))


@valid("second-signer", "somebody else signs as well")
def second_signer(kit: Kit) -> bytes:
    return kit.detached(signed_data(ENTITY, Signing(kit.other), Signing(kit.person)))


@valid("more-certificates", "certificates that belong to nobody here")
def more_certificates(kit: Kit) -> bytes:
    further = [kit.agency.der, kit.pki.impostor.identity.der, kit.other.der]
    return kit.detached(signed_data(ENTITY, Signing(kit.person), extra=further))


@valid("old-header-protection", "copies of the header in a message inside (RFC 8551)")
def old_header_protection(kit: Kit) -> bytes:
    return kit.detached(entity=b"Content-Type: message/rfc822; forwarded=no\r\n\r\n" + fields() + ENTITY)


@valid("draft-header-protection", "copies of the header, marked as drafts of RFC 9788 did")
def draft_header_protection(kit: Kit) -> bytes:
    copies = b"Subject: Moi hop\r\n" + ENTITY.replace(b"utf-8", b'utf-8; protected-headers="v1"')
    return kit.detached(entity=copies)


# ---------------------------------------------------------------- addresses and certificates


@valid("domain-in-capitals", "domains are compared in any case")
def domain_in_capitals(kit: Kit) -> bytes:
    return kit.detached(header=fields(From="nttanhtuyet@HungYen.GOV.VN"))


@valid("quoted-local", "a local part in needless quotes")
def quoted_local(kit: Kit) -> bytes:
    return kit.detached(header=fields(From='"nttanhtuyet"@hungyen.gov.vn'))


@valid("encoded-name", "a name as encoded words")
def encoded_name(kit: Kit) -> bytes:
    return kit.detached(header=fields(From=f"=?utf-8?b?Tmd1eeG7hW4=?= <{_SENDER}>"))


@valid(
    "misleading-name",
    "another's address as a name decides nothing: the address is the signer's",
    warning="from-shows-another",
)
def misleading_name(kit: Kit) -> bytes:
    return kit.detached(header=fields(From=f'"chutich@hungyen.gov.vn" <{_SENDER}>'))


@valid("misleading-name-encoded", "the same, encoded, with a letter that nobody sees", warning="from-shows-another")
def misleading_name_encoded(kit: Kit) -> bytes:
    name = base64.b64encode("Chủ tịch <chutich@hungyen\u200b.gov.vn>".encode()).decode()
    return kit.detached(header=fields(From=f"=?utf-8?B?{name}?= <{_SENDER}>"))


@valid("several-mailboxes", "one of several mailboxes that the certificate names")
def several_mailboxes(kit: Kit) -> bytes:
    names = [x509.RFC822Name(name) for name in ("a@hungyen.gov.vn", str(_SENDER), "c@hungyen.gov.vn")]
    return kit.detached(kit.cms(who=kit.named(*names)))


@valid("two-own-addresses", "From names two addresses, both the signer's")
def two_own_addresses(kit: Kit) -> bytes:
    names = [x509.RFC822Name(name) for name in ("a@hungyen.gov.vn", str(_SENDER))]
    return kit.detached(kit.cms(who=kit.named(*names)), header=fields(From=f"{_SENDER}, a@hungyen.gov.vn"))


@valid("international-domain", "a domain in letters, of which the certificate has the DNS form")
def international_domain(kit: Kit) -> bytes:
    who = kit.named(x509.RFC822Name("vanthu@xn--hngyn-ksa69k.vn"))
    return kit.detached(kit.cms(who=who), header=fields(From="vanthu@hưngyên.vn"))


@valid("international-label-end", "a letter at the end of a label, before the dot")
def international_label_end(kit: Kit) -> bytes:
    who = kit.named(x509.RFC822Name("vanthu@xn--sniv-6y5a8a8b.gov.vn"))
    return kit.detached(kit.cms(who=who), header=fields(From="vanthu@sởnộivụ.gov.vn"))


@valid("international-mailbox", "a mailbox in letters (RFC 9598)")
def international_mailbox(kit: Kit) -> bytes:
    name = "vănthư@hungyen.gov.vn".encode()
    who = kit.named(x509.OtherName(_SMTP_UTF8_MAILBOX, bytes((0x0C, len(name))) + name))
    return kit.detached(kit.cms(who=who), header=fields(From="vănthư@hungyen.gov.vn"))


@valid("any-usage", "an extended key usage that allows anything")
def any_usage(kit: Kit) -> bytes:
    usages = (ExtendedKeyUsageOID.CLIENT_AUTH, _ANY_USAGE)
    return kit.detached(kit.cms(who=kit.pki.leaf(extended_usages=usages, pointers=False)))


@valid("non-repudiation", "a key for signatures of content only, without extended usage")
def non_repudiation(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.pki.leaf(variant="non-repudiation-only", pointers=False)))


@valid("no-usage", "a certificate that says nothing of usage")
def no_usage(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.pki.leaf(variant="no-key-usage", pointers=False)))


@valid("good-status", "the status is asked for and good", revocation="require")
def good_status(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.pki.leaf()))


@valid("timestamped", "a trusted timestamp proves that it was signed before the certificate expired")
def timestamped(kit: Kit) -> bytes:
    who = kit.pki.leaf(**{**VARIANTS["expired"], "pointers": False})
    return kit.detached(kit.timestamped(who, now() - dt.timedelta(days=100)))


# ---------------------------------------------------------------- changed on the way, as may be


@valid("received-added", "relays add their fields")
def received_added(kit: Kit) -> bytes:
    trace = lines(
        "Return-Path: <x@example.com>\nReceived: from a by b; Mon, 1 Jan 2026 00:00:00 +0700\n"
        "Authentication-Results: b; dkim=pass\nDKIM-Signature: v=1; d=example.com\nX-Spam-Score: 0.1\n"
    )
    return trace + kit.signed()


@valid("header-refolded", "a relay folds the outer header anew")
def header_refolded(kit: Kit) -> bytes:
    return kit.signed().replace(b"Anh Tuyet <", b"Anh Tuyet\r\n <", 1)


@valid("subject-changed", "a list puts its name into the subject: named", warning="headers-changed")
def subject_changed(kit: Kit) -> bytes:
    return kit.signed().replace(b"Subject: Moi", b"Subject: [ds] Moi", 1)


@valid("sent-by-another", "a secretary sent it, and the signer says so", warning="sent-by-another")
def sent_by_another(kit: Kit) -> bytes:
    return kit.signed(kit.message(Sender="vanthu@hungyen.gov.vn", Reply_To="vanthu@hungyen.gov.vn"))


@valid("own-reply-to", "answers go where the signer is, unsigned though this is")
def own_reply_to(kit: Kit) -> bytes:
    return kit.detached(header=fields(Sender=_SENDER, Reply_To=f"Tuyet <{_SENDER}>"))


@valid("name-is-own-address", "programs show the address where there is no name, at times in capitals")
def name_is_own_address(kit: Kit) -> bytes:
    return kit.detached(header=fields(From=f'"{_SENDER.upper()}" <{_SENDER}>'))


@valid("name-with-at", "a name with an @ that is no address")
def name_with_at(kit: Kit) -> bytes:
    return kit.detached(header=fields(From=f'"Tuyet @ UBND, VP@HC" <{_SENDER}>'))


@valid("unix-file", "a file with LF, but CRLF in the signed part, as OpenSSL writes it")
def unix_file(kit: Kit) -> bytes:
    entity = ENTITY + b"last line\r\n"
    return kit.detached(entity=entity).replace(b"\r\n", b"\n").replace(entity.replace(b"\r\n", b"\n"), entity)


@valid("date-differs", "the message is dated last week", warning="date-differs")
def date_differs(kit: Kit) -> bytes:
    return kit.detached(kit.cms(time=now() - dt.timedelta(days=7)))
