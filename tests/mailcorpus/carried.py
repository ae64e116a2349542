"""What else a message carries: attributes and certificates of other programs, spoiled and swapped ones, odd layouts."""

from __future__ import annotations

import base64
from types import SimpleNamespace

from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from gsign import der
from tests.mailcorpus.cms import Signing, attribute, signed_data
from tests.mailcorpus.kit import ENTITY, Kit, fields, lines
from tests.mailcorpus.model import invalid, valid
from tests.pki import LEADER, PERSON, Subject

_KEY_IDENTIFIER = "2.5.29.14"
_SENTENCE = b"This is an S/MIME signed message\r\n\r\n"


def _with(*octets: bytes):
    """Add signed attributes, each a type and its value."""
    return lambda attributes: [*attributes, *map(cms.CMSAttribute.load, octets)]


def _attribute(kind: str, value: bytes) -> bytes:
    return der.sequence(der.oid(kind), der.tlv(der.SET, value))


def _twice_extended(certificate: bytes) -> bytes:
    """Spoil a certificate: each of its extensions is there twice."""
    facts, *rest = der.parse(certificate).children()
    *fields_, extensions = facts.children()
    several = extensions.children()[0].content * 2
    whole = der.explicit(3, der.tlv(der.SEQUENCE, several))
    return der.sequence(der.sequence(*(field.raw for field in fields_), whole), *(one.raw for one in rest))


# ---------------------------------------------------------------- certificates beside


@valid("spoiled-certificate-beside", "a certificate with its extensions twice, put there on the way")
def spoiled_certificate_beside(kit: Kit) -> bytes:
    spoiled = _twice_extended(kit.other.der)
    return kit.detached(signed_data(ENTITY, Signing(kit.person, by_key_id=True), extra=[spoiled]))


@invalid("own-certificate-spoiled", "the signer's own, spoiled likewise", "fail", "signer-certificate-missing")
def own_certificate_spoiled(kit: Kit) -> bytes:
    signed = cms.ContentInfo.load(kit.cms(by_key_id=True))["content"]["signer_infos"][0].dump()
    certificates = der.tlv(0xA0, _twice_extended(kit.person.der))
    content, digests = der.sequence(der.oid("1.2.840.113549.1.7.1")), der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
    data = der.sequence(der.integer(3), der.tlv(der.SET, digests), content, certificates, der.tlv(der.SET, signed))
    return kit.detached(der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, data)))


@valid("revocation-list-carried", "the authority's revocation list comes along (RFC 5652 clause 10.2.1)")
def revocation_list_carried(kit: Kit) -> bytes:
    authority = kit.pki.intermediate.identity
    issued = authority.certificate.not_valid_before_utc
    listed = x509.CertificateRevocationListBuilder(authority.certificate.subject, issued, issued.replace(year=2040))
    crl = listed.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER)
    info = cms.ContentInfo.load(kit.cms())
    info["content"]["crls"] = [cms.RevocationInfoChoice.load(crl)]
    return kit.detached(info.dump(force=True))


@invalid("swapped-and-bound", "another certificate of the same key, where the signer named the first", "neutral")
def swapped_and_bound(kit: Kit) -> bytes:
    thief = _same_key(kit)
    return kit.detached(kit.cms(who=thief, bind=kit.person), header=fields(From=LEADER.email))


@invalid("swapped-and-kept", "the same, and the first one beside it: the named one counts", "neutral")
def swapped_and_kept(kit: Kit) -> bytes:
    thief = _same_key(kit)
    signed = signed_data(ENTITY, Signing(thief, bind=kit.person), extra=[kit.person.der])
    return kit.detached(signed, header=fields(From=LEADER.email))


def _same_key(kit: Kit):
    """Certify the sender's key to another address, as an authority may that asks for no proof of possession."""
    mine, subject = kit.person, Subject(PERSON.common_name, units=("khac",), email=LEADER.email)
    other = kit.pki.leaf(subject, pointers=False)
    assert other.key.public_key() == mine.key.public_key()
    return other


@invalid("mail-outside-constraints", "an authority for another domain alone (RFC 5280 4.2.1.10)", "policy")
def mail_outside_constraints(kit: Kit) -> bytes:
    return kit.detached(_below_constrained(kit, "hanoi.gov.vn"))


@valid("mail-inside-constraints", "an authority for the sender's domain alone")
def mail_inside_constraints(kit: Kit) -> bytes:
    return kit.detached(_below_constrained(kit, "hungyen.gov.vn"))


def _below_constrained(kit: Kit, domain: str) -> bytes:
    """Sign below an authority that may certify addresses of one domain."""
    root, person = kit.pki.root.identity, kit.person
    start, end = person.certificate.not_valid_before_utc, person.certificate.not_valid_after_utc
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"CA {domain}")])
    key = kit.other.key
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    between = (
        x509.CertificateBuilder(root.certificate.subject, name, key.public_key(), 7_001 + len(domain), start, end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints([x509.RFC822Name(domain)], None), critical=True)
        .sign(root.key, hashes.SHA256())
    )
    leaf = (
        x509.CertificateBuilder(name, person.certificate.subject, person.key.public_key(), 8_001, start, end)
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(str(PERSON.email))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    ders = [certificate.public_bytes(Encoding.DER) for certificate in (leaf, between)]
    who = SimpleNamespace(der=ders[0], chain=(ders[1], root.der), key=person.key)
    return signed_data(ENTITY, Signing(who))  # type: ignore[arg-type]


# ---------------------------------------------------------------- attributes


@valid("outlooks-attributes", "as Outlook tells, twice, which key answers are to be encrypted to")
def outlooks_attributes(kit: Kit) -> bytes:
    certificate = kit.person.certificate
    names = der.sequence(
        certificate.issuer.public_bytes(), der.integer(certificate.serial_number)
    )  # IssuerAndSerialNumber
    told = _attribute("1.3.6.1.4.1.311.16.4", names), _attribute("1.2.840.113549.1.9.16.2.11", der.tlv(0xA0, names[4:]))
    return kit.detached(kit.cms(change=_with(*told)))


@valid("receipt-requested", "a signed receipt is asked for, and a label of secrecy stands there (RFC 2634)")
def receipt_requested(kit: Kit) -> bytes:
    receipt = der.sequence(der.octet_string(b"286"), der.tlv(0x80, b"\0"), der.sequence())
    label = der.tlv(der.SET, der.oid("1.2.840.113549.1.9.16.3.1"))
    told = _attribute("1.2.840.113549.1.9.16.2.1", receipt), _attribute("1.2.840.113549.1.9.16.2.2", label)
    return kit.detached(kit.cms(change=_with(*told)))


@valid("sorted-otherwise", "attributes in the order of the program's, as it signed them")
def sorted_otherwise(kit: Kit) -> bytes:
    description = cms.CMSAttribute.load(_attribute("1.3.6.1.4.1.55555.2", core.UTF8String("x" * 300).dump()))
    return kit.detached(kit.cms(change=lambda attributes: [description, *reversed(attributes)]))


@valid("two-digests", "two signers with a digest each, both named", warning="micalg-unknown")
def two_digests(kit: Kit) -> bytes:
    both = signed_data(ENTITY, Signing(kit.person), Signing(kit.agency, digest="sha512"))
    return kit.detached(both, parameters='protocol="application/pkcs7-signature"; micalg="sha-256,sha-512"')


# ---------------------------------------------------------------- layouts


@valid("flowed", "format=flowed with its blanks at ends of lines, a quotation and a signature (RFC 3676)")
def flowed(kit: Kit) -> bytes:
    text = "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=no\n\n"
    text += "> Kinh gui \n> Quy co quan\n\nMoi hop \nluc 8 gio. \n From nay ve sau\n\n-- \nVan thu\n"
    return kit.detached(entity=lines(text), preamble=_SENTENCE)


@valid("blanks-around-parameters", "blanks before the semicolons, a tab behind them")
def blanks_around_parameters(kit: Kit) -> bytes:
    message = kit.detached(preamble=_SENTENCE)
    return message.replace(b"multipart/signed; protocol", b"multipart/signed ;\r\n\tprotocol")


@valid("digits-among-blanks", "base64 with empty lines and blanks at its ends")
def digits_among_blanks(kit: Kit) -> bytes:
    digits = base64.encodebytes(kit.cms()).replace(b"\n", b" \t\r\n")
    message = kit.detached(kit.cms())
    start = message.rindex(b"base64\r\n\r\n") + len(b"base64\r\n\r\n")
    return message[:start] + b"\r\n" + digits + b"\r\n\r\n------ky-so--\r\n"


@valid("signature-unnamed", "a signature that bears no name, and is shown in its place")
def signature_unnamed(kit: Kit) -> bytes:
    return kit.detached(signature_type="application/pkcs7-signature\r\nContent-Disposition: inline")


@valid("two-forwarded", "two messages of other people forwarded in one, as attachments")
def two_forwarded(kit: Kit) -> bytes:
    head = b"Content-Type: multipart/mixed; boundary=gui\r\n\r\n--gui\r\n" + ENTITY
    another = b"\r\n--gui\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n"
    messages = (fields(From=LEADER.email) + ENTITY, kit.detached(header=fields(From=LEADER.email)))
    return kit.signed(kit.message(head + b"".join(another + m for m in messages) + b"\r\n--gui--\r\n"))


@valid("footer-below-signature", "a list's footer inside what the list's agency signs again")
def footer_below_signature(kit: Kit) -> bytes:
    inner = kit.detached(header=b"", boundary="trong")
    footer = lines("Content-Type: text/plain\n\n-- \nDanh sach thu\n")
    head = b'Content-Type: multipart/mixed; boundary="ds"\r\n\r\n--ds\r\n'
    return kit.signed(fields() + head + inner + b"\r\n--ds\r\n" + footer + b"\r\n--ds--\r\n")


@valid("folded-at-each-word", "long fields folded at every word, with tabs")
def folded_at_each_word(kit: Kit) -> bytes:
    subject = "\r\n ".join(["=?utf-8?B?TcO0aSBo4buNcA==?="] * 40)
    ancestors = "\r\n ".join(f"<{number}@hungyen.gov.vn>" for number in range(60))
    head, mark, signed = kit.signed(kit.message(Subject=subject, References=ancestors)).partition(b"--gsign-")
    # A server on the way writes the outer ones anew.
    return head.replace(b"\r\n ", b"\r\n\t") + mark + signed


@valid("marks-of-the-way", "what servers write around it: results, seals, classifications, ends of lines kept")
def marks_of_the_way(kit: Kit) -> bytes:
    trace = (
        "ARC-Seal: i=1; a=rsa-sha256; cv=none; d=example.com; s=x; b=AAAA\nX-MS-Exchange-Organization-SCL: -1\n"
        "X-Forefront-Antispam-Report: CIP:10.0.0.1;CTRY:VN;\nThread-Topic: Moi hop\nX-Priority: 3\nImportance: normal\n"
        "List-Id: <van-thu.hungyen.gov.vn>\nAutocrypt: addr=a@b.vn; keydata=AAAA\n"
    )
    return lines(trace) + kit.signed()


@valid("address-in-subject-alone", "an old certificate with the address in its subject, and no alternative names")
def address_in_subject_alone(kit: Kit) -> bytes:
    person, issuer = kit.person, kit.pki.intermediate.identity
    start, end = person.certificate.not_valid_before_utc, person.certificate.not_valid_after_utc
    name = x509.Name([
        x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tuyet"),
        x509.NameAttribute(x509.NameOID.EMAIL_ADDRESS, str(PERSON.email)),
    ])  # fmt: skip
    made = x509.CertificateBuilder(issuer.certificate.subject, name, person.key.public_key(), 9_001, start, end)
    own = made.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)
    who = SimpleNamespace(der=own, chain=(issuer.der, kit.pki.root.identity.der), key=person.key)
    return kit.detached(signed_data(ENTITY, Signing(who)))  # type: ignore[arg-type]


@invalid("attribute-of-content-unsigned", "content type and digest in attributes that nobody signs", "neutral")
def attribute_of_content_unsigned(kit: Kit) -> bytes:
    info = cms.ContentInfo.load(kit.cms(attributes=False))
    told = [attribute("content_type", "data")]
    info["content"]["signer_infos"][0]["unsigned_attrs"] = told
    return kit.detached(info.dump(force=True))
