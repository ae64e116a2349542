"""Genuine messages in the layouts that programs write, and with what travels with them."""

from __future__ import annotations

import base64
import datetime as dt
import textwrap

from asn1crypto import cms, core, tsp
from cryptography import x509

from gsign import smime
from tests.mailcorpus.cms import Signing, attribute, signed_data
from tests.mailcorpus.kit import ENTITY, Kit, fields, lines
from tests.mailcorpus.model import valid
from tests.mailcorpus.signing import in_pieces, with_unsigned
from tests.pki import ORGANISATION, PERSON, now

_SMTP_UTF8_MAILBOX = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9")
_LETTER = lines(
    "Content-Type: multipart/mixed; boundary=trong\n\n--trong\n"
    "Content-Type: multipart/alternative; boundary=trong-nua\n\n--trong-nua\n"
    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nM=E1=BB=9Di h=E1=BB=8Dp\n"
    "--trong-nua\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPHA+TeG7nWk8L3A+\n"
    "--trong-nua--\n\n--trong\n"
    "Content-Type: application/octet-stream; name*=utf-8''gi%E1%BA%A5y.bin\nContent-Transfer-Encoding: base64\n\n"
    "AAECAwQFBgcICQ==\n--trong--\n"
)


def _digits(octets: bytes, width: int = 76) -> bytes:
    digits = base64.b64encode(octets).decode()
    return lines("\n".join(textwrap.wrap(digits, width)) + "\n") if width else digits.encode() + b"\r\n"


def _as_program(kit: Kit, text: str, entity: bytes = _LETTER, **changes: object) -> bytes:
    """Fill a layout: {fields}, {entity} and {digits} stand for what is the message's own."""
    start, middle, end = text.partition("{entity}")[0], *text.partition("{entity}")[2].partition("{digits}")[::2]
    header = fields(MIME_Version=None)
    return header + lines(start) + entity + lines(middle) + _digits(kit.cms(entity, **changes)) + lines(end)


@valid("as-outlook", "as Outlook writes: NextPart, tabs, the digest by an older name, a sentence before")
def as_outlook(kit: Kit) -> bytes:
    return _as_program(
        kit,
        'MIME-Version: 1.0\nContent-Type: multipart/signed;\n\tprotocol="application/x-pkcs7-signature";\n'
        '\tmicalg=SHA256;\n\tboundary="----=_NextPart_000_0091_01DB3C9F.5A3C1B20"\nX-Mailer: Microsoft Outlook 16.0\n'
        "Thread-Index: Adk8n1o8GyA=\nContent-Language: vi\n\nThis is a multipart message in MIME format.\n\n"
        "------=_NextPart_000_0091_01DB3C9F.5A3C1B20\n{entity}\n------=_NextPart_000_0091_01DB3C9F.5A3C1B20\n"
        'Content-Type: application/pkcs7-signature;\n\tname="smime.p7s"\nContent-Transfer-Encoding: base64\n'
        'Content-Disposition: attachment;\n\tfilename="smime.p7s"\n\n{digits}\n'
        "------=_NextPart_000_0091_01DB3C9F.5A3C1B20--\n\n",
    )


@valid("as-thunderbird", "as Thunderbird writes: a description, hyphens and ms")
def as_thunderbird(kit: Kit) -> bytes:
    return _as_program(
        kit,
        'MIME-Version: 1.0\nUser-Agent: Mozilla Thunderbird\nContent-Type: multipart/signed; protocol="application/'
        'pkcs7-signature"; micalg=sha-256; boundary="------------ms060504030201070001020304"\n\n'
        "This is a cryptographically signed message in MIME format.\n\n--------------ms060504030201070001020304\n"
        "{entity}\n--------------ms060504030201070001020304\nContent-Type: application/pkcs7-signature; "
        'name="smime.p7s"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="smime.p7s"\n'
        "Content-Description: S/MIME Cryptographic Signature\n\n{digits}--------------ms060504030201070001020304--\n",
    )


@valid("as-apple", "as Apple Mail writes: a comment in the version, boundary first")
def as_apple(kit: Kit) -> bytes:
    mark = "Apple-Mail=_0C2A7E0B-5E0F-4D0E-9F6A-3B6A0E1D2C3B"
    return _as_program(
        kit,
        f'Content-Type: multipart/signed;\n\tboundary="{mark}";\n\tprotocol="application/pkcs7-signature";\n'
        "\tmicalg=sha-256\nMime-Version: 1.0 (Mac OS X Mail 16.0 \\(3731.700.6\\))\nX-Mailer: Apple Mail (2.3731)\n\n\n"
        f"--{mark}\n{{entity}}\n--{mark}\nContent-Disposition: attachment;\n\tfilename=smime.p7s\nContent-Type: "
        "application/pkcs7-signature;\n\tname=smime.p7s\nContent-Transfer-Encoding: base64\n\n{digits}\n"
        f"--{mark}--\n",
    )


@valid("as-webmail", "as web mail writes: quoted digest, ids on the parts")
def as_webmail(kit: Kit) -> bytes:
    mark = "000000000000f1e2d305f0a1b2c3"
    return _as_program(
        kit,
        f'MIME-Version: 1.0\nContent-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg="sha-256"; '
        f'boundary="{mark}"\n\n--{mark}\n{{entity}}\n--{mark}\nContent-Type: application/pkcs7-signature; '
        'name="smime.p7s"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="smime.p7s"\n'
        f"Content-ID: <p7s@example>\n\n{{digits}}\n--{mark}--\n",
    )


@valid("as-exchange-opaque", "as Exchange passes on: opaque, short lines of digits, all fields folded by tabs")
def as_exchange_opaque(kit: Kit) -> bytes:
    structure = lines(
        'Content-Type: application/x-pkcs7-mime;\n\tname="smime.p7m";\n\tsmime-type=signed-data\n'
        'Content-Transfer-Encoding: base64\nContent-Disposition: attachment;\n\tfilename="smime.p7m"\n\n'
    )
    return fields() + structure + _digits(kit.cms(_LETTER, carry=True), 64)


@valid("as-mutt", "as mutt writes: shown in its place, the older protocol, digest in lower case")
def as_mutt(kit: Kit) -> bytes:
    head = (
        "MIME-Version: 1.0\nContent-Type: multipart/signed; micalg=sha-256;\n\t"
        'protocol="application/x-pkcs7-signature"; boundary="y0ulUmNC+osPPQO6"\n'
        "Content-Disposition: inline\n\n\n--y0ulUmNC+osPPQO6\n{entity}\n"
    )
    tail = (
        "--y0ulUmNC+osPPQO6\nContent-Type: application/x-pkcs7-signature\nContent-Disposition: attachment; "
        'filename="smime.p7s"\nContent-Transfer-Encoding: base64\n\n{digits}\n--y0ulUmNC+osPPQO6--\n'
    )
    return _as_program(kit, head + tail)


@valid("as-openssl", "as a script with OpenSSL writes into a file: LF, a sentence, 64 digits a line")
def as_openssl(kit: Kit) -> bytes:
    mark = "----9A4F7C1E5B2D"
    head = (
        'MIME-Version: 1.0\nContent-Type: multipart/signed; protocol="application/x-pkcs7-signature"; '
        f'micalg="sha-256"; boundary="{mark}"\n\nThis is an S/MIME signed message\n\n--{mark}\n{{entity}}\n--{mark}\n'
    )
    tail = (
        'Content-Type: application/x-pkcs7-signature; name="smime.p7s"\nContent-Transfer-Encoding: base64\n'
        f'Content-Disposition: attachment; filename="smime.p7s"\n\n{{digits}}\n\n--{mark}--\n\n'
    )
    return _as_program(kit, head + tail).replace(b"\r\n", b"\n")


@valid("boundary-of-specials", "a boundary of every character that may stand in one")
def boundary_of_specials(kit: Kit) -> bytes:
    return kit.detached(boundary="=_'()+_,-./:=?0aZ b")


@valid("lf-inside", "content with LF alone inside the signature, as OpenSSL signs with -binary")
def lf_inside(kit: Kit) -> bytes:
    content = ENTITY.replace(b"\r\n", b"\n")
    return kit.opaque(signed_data(content, Signing(kit.person), econtent=content))


@valid("blank-ends", "lines of blanks, lines that end in blanks, and empty ones at the end, signed as they are")
def blank_ends(kit: Kit) -> bytes:
    return kit.detached(entity=ENTITY + b"  \r\n\t\r\nba \t\r\n\r\n\r\n")


@valid("document-attached", "a signed document, with the ranges that it signs in plain sight")
def document_attached(kit: Kit) -> bytes:
    return kit.detached(entity=b"Content-Type: application/pdf\r\n\r\n%PDF-1.7\r\n/ByteRange [0 20 60 30]\r\n%%EOF\r\n")


@valid("types-in-capitals", "types and parameters in capitals")
def types_in_capitals(kit: Kit) -> bytes:
    parameters = 'PROTOCOL="Application/PKCS7-Signature"; MICALG=SHA-256'
    message = kit.detached(parameters=parameters, signature_type='APPLICATION/PKCS7-SIGNATURE; NAME="SMIME.P7S"')
    return message.replace(b"multipart/signed", b"Multipart/Signed", 1)


@valid("without-version", "no MIME-Version, which every reader passes over")
def without_version(kit: Kit) -> bytes:
    return kit.detached(header=fields(MIME_Version=None))


@valid("digits-in-one-line", "base64 without a single end of line")
def digits_in_one_line(kit: Kit) -> bytes:
    message = kit.detached()
    head, mark, digits = message.partition(b"base64\r\n\r\n")
    digits, close, rest = digits.partition(b"------ky-so--")
    return head + mark + digits.replace(b"\r\n", b"") + b"\r\n" + close + rest


@valid("smime-type-wrong", "said to be encrypted, and signed", warning="smime-type-wrong")
def smime_type_wrong(kit: Kit) -> bytes:
    return kit.opaque(content_type="application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m")


# ---------------------------------------------------------------- what others signed as it was


@valid("eight-bit-by-others", "letters that were signed as they are typed")
def eight_bit_by_others(kit: Kit) -> bytes:
    entity = lines("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nMời họp lúc 8 giờ.\n")
    return kit.detached(entity=entity)


@valid("long-lines", "lines of 2,000 octets that were signed")
def long_lines(kit: Kit) -> bytes:
    return kit.detached(entity=b"Content-Type: text/html\r\n\r\n<p>" + b"x" * 2_000 + b"</p>\r\n")


@valid("entity-without-type", "a part without any field")
def entity_without_type(kit: Kit) -> bytes:
    return kit.detached(entity=b"\r\nMoi hop luc 8 gio.\r\n")


@valid("unfolded", "fields of 2,000 octets in one line each")
def unfolded(kit: Kit) -> bytes:
    references = " ".join(f"<{number:08}@hungyen.gov.vn>" for number in range(70))
    return kit.detached(header=fields(References=references))


@valid("hundred-recipients", "a hundred recipients and twenty ancestors, folded, signed along")
def hundred_recipients(kit: Kit) -> bytes:
    to = ",\r\n ".join(f"Phong {number} <phong{number}@hungyen.gov.vn>" for number in range(100))
    references = "\r\n ".join(f"<{number}@hungyen.gov.vn>" for number in range(20))
    return kit.signed(kit.message(To=to, References=references))


@valid("letters-in-header", "a header in letters as they are (RFC 6532), copied as encoded words")
def letters_in_header(kit: Kit) -> bytes:
    name = f"Nguyễn Thị Ánh Tuyết <{PERSON.email}>"
    return kit.signed(kit.message(From=name, Subject="Mời họp Ủy ban", To='"Văn thư" <vanthu@hanoi.gov.vn>'))


@valid("letters-in-header-opaque", "the same, all inside the signature")
def letters_in_header_opaque(kit: Kit) -> bytes:
    return kit.signed(kit.message(Subject="Mời họp Ủy ban"), form="opaque")


@valid("recipients-changed", "a list puts itself into To: named", warning="headers-changed")
def recipients_changed(kit: Kit) -> bytes:
    return kit.signed().replace(b"To: vanthu@hanoi.gov.vn", b"To: ds@hanoi.gov.vn", 1)


@valid("copies-without-from", "copies of the header that leave out From", warning="headers-changed")
def copies_without_from(kit: Kit) -> bytes:
    entity = b"Subject: Moi hop\r\n" + ENTITY.replace(b"utf-8", b'utf-8; hp="clear"')
    return kit.detached(entity=entity)


@valid("copies-deep-inside", "marks of copies on a part that is not the payload", warning="headers-not-protected")
def copies_deep_inside(kit: Kit) -> bytes:
    forwarded = b'Content-Type: text/plain; hp="clear"\r\nFrom: ai-do@example.com\r\n\r\nx\r\n'
    entity = b"Content-Type: multipart/mixed; boundary=trong\r\n\r\n--trong\r\n" + forwarded + b"\r\n--trong--\r\n"
    return kit.detached(entity=entity)


@valid("forwarded-plain", "somebody else's message forwarded, which is no copy", warning="headers-not-protected")
def forwarded_plain(kit: Kit) -> bytes:
    forwarded = fields(From="ai-do@example.com", Subject="Khac") + ENTITY
    head = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nXem thu duoi day.\r\n--x\r\n"
    return kit.detached(entity=head + b"Content-Type: message/rfc822\r\n\r\n" + forwarded + b"\r\n--x--\r\n")


@valid("forwarded-said", "the same by itself, said to be forwarded (RFC 8551 3.1)", warning="headers-not-protected")
def forwarded_said(kit: Kit) -> bytes:
    forwarded = fields(From="ai-do@example.com", Subject="Khac") + ENTITY
    return kit.detached(entity=b"Content-Type: message/rfc822; forwarded=yes\r\n\r\n" + forwarded)


@valid("whole-message-inside", "copies of the header in a message inside, as programs of 2004 write it")
def whole_message_inside(kit: Kit) -> bytes:
    return kit.detached(entity=b"Content-Type: message/rfc822\r\n\r\n" + fields() + ENTITY)


# ---------------------------------------------------------------- agencies


@valid("agency-opaque-over-personal", "the agency's opaque signature around a person's")
def agency_opaque_over_personal(kit: Kit) -> bytes:
    inner = kit.detached(header=b"")
    cms = signed_data(inner, Signing(kit.agency), econtent=inner)
    return kit.opaque(cms, header=fields(From=str(ORGANISATION.email)))


@valid("person-over-agency", "a person passes on what the agency signed, all of it inside")
def person_over_agency(kit: Kit) -> bytes:
    inner = kit.signed(kit.message(From=str(ORGANISATION.email)), kit.agency)
    return kit.signed(fields() + b"Content-Type: message/rfc822\r\n\r\n" + inner)


@valid("around-encrypted", "a signature around something encrypted, as gateways make it", warning="content-encrypted")
def around_encrypted(kit: Kit) -> bytes:
    return kit.detached(entity=_encrypted(kit))


@valid("around-encrypted-opaque", "the same, all inside the signature", warning="content-encrypted")
def around_encrypted_opaque(kit: Kit) -> bytes:
    entity = _encrypted(kit)
    return kit.opaque(kit.cms(entity, carry=True))


def _encrypted(kit: Kit) -> bytes:
    issuer = kit.pki.intermediate.identity.pem
    whole = smime.encrypt(kit.message(), [kit.other.pem + issuer], trust=kit.pki.root_file, revocation="off")
    return whole[whole.index(b"Content-Type: application/pkcs7-mime") :]


# ---------------------------------------------------------------- the CMS


@valid("content-in-pieces", "content in pieces of indefinite lengths, as programs write that stream")
def content_in_pieces(kit: Kit) -> bytes:
    return kit.opaque(in_pieces(kit, ENTITY))


@valid("p521", "the largest curve with its digest")
def p521(kit: Kit) -> bytes:
    who = kit.pki.leaf(key="p521", pointers=False)
    parameters = 'protocol="application/pkcs7-signature"; micalg=sha-512'
    return kit.detached(kit.cms(who=who, scheme="ecdsa", digest="sha512"), parameters=parameters)


@valid("pss-by-key-identifier", "RSA-PSS, the signer named by the key's identifier, opaque")
def pss_by_key_identifier(kit: Kit) -> bytes:
    return kit.opaque(kit.cms(carry=True, scheme="pss", digest="sha384", by_key_id=True))


@valid("old-binding", "the certificate bound by its SHA-1, as programs did before 2007 (RFC 2634)")
def old_binding(kit: Kit) -> bytes:
    import hashlib

    named = tsp.ESSCertID({"cert_hash": hashlib.sha1(kit.person.der, usedforsecurity=False).digest()})
    bound = attribute("signing_certificate", tsp.SigningCertificate({"certs": [named]}))
    return kit.detached(kit.cms(change=lambda found: [*found, bound]))


@valid("unknown-attribute", "a signed attribute that nobody here knows")
def unknown_attribute(kit: Kit) -> bytes:
    return kit.detached(kit.cms(change=lambda found: [*found, attribute("1.2.3.4", core.UTF8String("x"))]))


@valid("generalized-time", "the signing time in the longer form")
def generalized_time(kit: Kit) -> bytes:
    said = attribute("signing_time", cms.Time({"generalized_time": now().astimezone(dt.UTC)}))
    return kit.detached(kit.cms(time=None, change=lambda found: [*found, said]))


@valid("counter-signed", "somebody else signed the signature")
def counter_signed(kit: Kit) -> bytes:
    mine = cms.ContentInfo.load(kit.cms())["content"]["signer_infos"][0]["signature"].native
    theirs = cms.ContentInfo.load(signed_data(mine, Signing(kit.other)))["content"]["signer_infos"][0]
    return kit.detached(with_unsigned(kit, "1.2.840.113549.1.9.6", theirs.dump()))


@valid("spoiled-timestamp", "a timestamp that is none proves nothing", warning="timestamp-invalid")
def spoiled_timestamp(kit: Kit) -> bytes:
    return kit.detached(with_unsigned(kit, "1.2.840.113549.1.9.16.2.14", bytes.fromhex("300b06092a864886f70d010701")))


# ---------------------------------------------------------------- mailboxes in letters


@valid("mailbox-in-letters-and-domain", "a mailbox in letters below a domain in its DNS form (RFC 9598)")
def mailbox_in_letters_and_domain(kit: Kit) -> bytes:
    name = "vănthư@xn--hngyn-ksa69k.vn".encode()
    who = kit.named(x509.OtherName(_SMTP_UTF8_MAILBOX, bytes((0x0C, len(name))) + name))
    return kit.detached(kit.cms(who=who), header=fields(From="Văn thư <vănthư@hưngyên.vn>"))
