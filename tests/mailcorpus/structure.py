"""Attacks on the structure: a good signature, and something beside it that a reader might show as signed."""

from __future__ import annotations

from tests.mailcorpus.kit import ENTITY, Kit, fields, lines
from tests.mailcorpus.model import invalid

_PART = lines("Content-Type: text/plain\n\nPay this today.\n")
_PGP = 'protocol="application/pgp-signature"; micalg="pgp-sha256"'


@invalid("plain", "an honest message that nobody signed", "none")
def plain(kit: Kit) -> bytes:
    return kit.message()


@invalid("third-part", "text behind the signature, where some readers show it", "neutral", "not-two-parts")
def third_part(kit: Kit) -> bytes:
    return kit.detached(further=_PART)


@invalid("part-before", "text before the signed part", "neutral", "not-two-parts")
def part_before(kit: Kit) -> bytes:
    mark = b"------ky-so\r\n"
    return kit.detached().replace(mark, mark + _PART + b"\r\n" + mark, 1)


@invalid("one-part", "the signature was cut off", "neutral", "not-two-parts")
def one_part(kit: Kit) -> bytes:
    message = kit.detached()
    at = message.rindex(b"------ky-so\r\n")
    return message[:at] + b"------ky-so--\r\n"


@invalid("signature-first", "the parts changed places", "neutral", "signature-part-wrong")
def signature_first(kit: Kit) -> bytes:
    mark = b"------ky-so"
    head, first, second, tail = kit.detached().split(mark)
    return mark.join((head, second, first, tail))


@invalid("second-part-text", "the second part is no signature", "neutral", "signature-part-wrong")
def second_part_text(kit: Kit) -> bytes:
    return kit.detached(signature_type="text/plain")


@invalid("signature-alone", "a signature without what it signs", "neutral", "content-missing")
def signature_alone(kit: Kit) -> bytes:
    return kit.opaque(kit.cms(), content_type='application/pkcs7-signature; name="smime.p7s"')


@invalid("signed-in-mixed", "a signed message with unsigned text before it", "none", warning="signature-not-at-root")
def signed_in_mixed(kit: Kit) -> bytes:
    inner = kit.detached(header=b"")
    head = fields() + b'Content-Type: multipart/mixed; boundary="outer"\r\n\r\n'
    return head + b"--outer\r\n" + _PART + b"\r\n--outer\r\n" + inner + b"\r\n--outer--\r\n"


@invalid("signed-in-alternative", "what is shown is the other one", "none", warning="signature-not-at-root")
def signed_in_alternative(kit: Kit) -> bytes:
    inner = kit.detached(header=b"")
    head = fields() + b'Content-Type: multipart/alternative; boundary="outer"\r\n\r\n'
    return head + b"--outer\r\n" + inner + b"\r\n--outer\r\n" + _PART + b"\r\n--outer--\r\n"


@invalid("signed-in-related", "hidden behind a reference", "none", warning="signature-not-at-root")
def signed_in_related(kit: Kit) -> bytes:
    html = lines('Content-Type: text/html\n\n<p>Pay.</p><img src="cid:signed">\n')
    inner = b"Content-ID: <signed>\r\n" + kit.detached(header=b"")
    head = fields() + b'Content-Type: multipart/related; boundary="outer"\r\n\r\n'
    return head + b"--outer\r\n" + html + b"\r\n--outer\r\n" + inner + b"\r\n--outer--\r\n"


@invalid("signed-attached", "a signed message is forwarded in an unsigned one", "none", warning="signature-not-at-root")
def signed_attached(kit: Kit) -> bytes:
    head = fields() + b'Content-Type: multipart/mixed; boundary="outer"\r\n\r\n'
    attached = b"Content-Type: message/rfc822\r\n\r\n" + kit.detached()
    return head + b"--outer\r\n" + _PART + b"\r\n--outer\r\n" + attached + b"\r\n--outer--\r\n"


@invalid("forwarded-whole", "the message is nothing but another one, which is signed", "none")
def forwarded_whole(kit: Kit) -> bytes:
    return fields() + b"Content-Type: message/rfc822\r\n\r\n" + kit.detached()


@invalid("opaque-attached", "an opaque signature as an attachment", "none", warning="signature-not-at-root")
def opaque_attached(kit: Kit) -> bytes:
    head = fields() + b'Content-Type: multipart/mixed; boundary="outer"\r\n\r\n'
    return head + b"--outer\r\n" + _PART + b"\r\n--outer\r\n" + kit.opaque(header=b"") + b"\r\n--outer--\r\n"


@invalid("epilogue", "text behind the end", "neutral", "epilogue-content")
def epilogue(kit: Kit) -> bytes:
    return kit.detached(epilogue=b"Pay this today.\r\n")


@invalid("epilogue-reopened", "a further part behind the end", "neutral", "boundary-after-close")
def epilogue_reopened(kit: Kit) -> bytes:
    return kit.detached(epilogue=b"\r\n------ky-so\r\n" + _PART + b"\r\n------ky-so--\r\n")


@invalid("preamble-part", "something like a part before the first delimiter", "neutral", "preamble-content")
def preamble_part(kit: Kit) -> bytes:
    return kit.detached(preamble=b"--other\r\n" + _PART + b"\r\n")


@invalid("boundary-prefix", "a line that some readers take for the delimiter", "neutral", "boundary-prefix")
def boundary_prefix(kit: Kit) -> bytes:
    entity = ENTITY + b"------ky-so-gia\r\n" + _PART
    return kit.detached(entity=entity)


@invalid("unclosed", "the end of the parts was cut off", "neutral", "boundary-unclosed")
def unclosed(kit: Kit) -> bytes:
    return kit.detached().removesuffix(b"------ky-so--\r\n")


@invalid("two-boundaries", "two values of boundary: one reader splits here, another there", "neutral")
def two_boundaries(kit: Kit) -> bytes:
    return kit.detached(parameters='protocol="application/pkcs7-signature"; micalg="sha-256"; boundary="other"')


@invalid("continued-boundary", "a boundary in pieces beside a whole one", "neutral", "parameter-repeated")
def continued_boundary(kit: Kit) -> bytes:
    parameters = 'protocol="application/pkcs7-signature"; micalg="sha-256"; boundary*0="----ky"; boundary*1="-so"'
    return kit.detached(parameters=parameters, boundary="----ky-so").replace(
        b'; boundary="----ky-so"', b'; boundary="x"'
    )


@invalid("boundary-in-pieces", "a boundary that only some readers put together", "neutral", "parameter-continuation")
def boundary_in_pieces(kit: Kit) -> bytes:
    return kit.detached().replace(b'boundary="----ky-so"', b'boundary*0="----ky"; boundary*1="-so"')


@invalid("boundary-in-comment", "a comment that looks like another boundary", "neutral", "comment")
def boundary_in_comment(kit: Kit) -> bytes:
    return kit.detached().replace(b"multipart/signed;", b'multipart/signed (; boundary="x");')


@invalid("boundary-spaced", "a boundary that some readers do not see", "neutral", "parameter-malformed")
def boundary_spaced(kit: Kit) -> bytes:
    return kit.detached().replace(b'boundary="', b'boundary = "')


@invalid("part-behind-signature", "a part for other readers behind the digits", "neutral", "signature-encoding-odd")
def part_behind_signature(kit: Kit) -> bytes:
    hidden = b"--x\r\n" + _PART + b"\r\n--x--\r\n"
    return kit.detached().replace(b"------ky-so--", b"====\r\n" + hidden + b"------ky-so--")


@invalid("part-in-signatures-header", "a part for other readers in the other header", "neutral", "header-malformed")
def part_in_signatures_header(kit: Kit) -> bytes:
    return kit.detached(signature_type='application/pkcs7-signature; name="smime.p7s"\r\n--x')


@invalid("text-behind-opaque", "text behind the digits of an opaque signature", "neutral", "signature-encoding-odd")
def text_behind_opaque(kit: Kit) -> bytes:
    return kit.opaque() + b"==\r\nPay this today.\r\n"


@invalid("uuencoded-signature", "text around a signature in uuencode", "neutral", "signature-encoding-odd")
def uuencoded_signature(kit: Kit) -> bytes:
    before, encoding, behind = kit.detached().rpartition(b"Encoding: base64")
    return before + encoding.replace(b"base64", b"x-uuencode") + behind


@invalid("two-content-types", "signed for one reader, plain for another", "none", warning="field-repeated")
def two_content_types(kit: Kit) -> bytes:
    return kit.detached(header=fields() + b"Content-Type: text/html\r\n")


@invalid("encoded-multipart", "the whole multipart is said to be base64", "neutral", "multipart-encoded")
def encoded_multipart(kit: Kit) -> bytes:
    return kit.detached(header=fields() + b"Content-Transfer-Encoding: base64\r\n")


@invalid("two-subjects", "one is shown, the other was meant", "neutral", "field-repeated")
def two_subjects(kit: Kit) -> bytes:
    return kit.detached(header=fields() + b"Subject: Pay today\r\n")


@invalid("blank-fold", "a header line of spaces, where some readers begin the body", "neutral", "header-blank-fold")
def blank_fold(kit: Kit) -> bytes:
    return kit.detached(header=fields().replace(b"Subject: Moi hop\r\n", b"Subject: Moi hop\r\n \r\n\tPay\r\n"))


@invalid("no-field", "a header line that is no field", "neutral", "header-malformed")
def no_field(kit: Kit) -> bytes:
    return kit.detached(header=b"From vanthu\r\n" + fields())


@invalid("spaced-field-name", "some readers take it for Content-Type", "none", warning="field-name-spaced")
def spaced_field_name(kit: Kit) -> bytes:
    return kit.detached(header=b"Content-Type : text/html\r\n" + fields())


@invalid("bare-lf", "lines that end in LF among those that end in CRLF", "neutral", "bare-lf")
def bare_lf(kit: Kit) -> bytes:
    return kit.detached(header=fields().replace(b"Subject: Moi hop\r\n", b"Subject: Moi hop\n"))


@invalid("bare-cr", "a lone CR, which some readers take for the end of a line", "neutral", "bare-cr")
def bare_cr(kit: Kit) -> bytes:
    return kit.detached(header=fields(Subject="Moi hop\rBcc: x@example.com"))


@invalid("nul", "a NUL, where some readers stop", "neutral", "nul")
def nul(kit: Kit) -> bytes:
    return kit.detached(header=fields(Subject="Moi hop\0 hoan"))


@invalid("too-deep", "more layers than anybody writes", "neutral")
def too_deep(kit: Kit) -> bytes:
    entity = ENTITY
    for depth in range(40):
        mark = f"lop{depth}x".encode()
        head = b'Content-Type: multipart/mixed; boundary="' + mark + b'"\r\n\r\n'
        entity = head + b"--" + mark + b"\r\n" + entity + b"\r\n--" + mark + b"--\r\n"
    # What is inside is signed; the root is cut twice.
    return kit.detached(entity=entity, epilogue=b"x\r\n")


@invalid("pgp", "signed by another standard", "none")
def pgp(kit: Kit) -> bytes:
    return kit.detached(parameters=_PGP, signature_type="application/pgp-signature")


@invalid("pgp-protocol", "said to be PGP, with an S/MIME signature inside", "none")
def pgp_protocol(kit: Kit) -> bytes:
    return kit.detached(parameters=_PGP)


@invalid("opaque-garbage", "no CMS where one should be", "neutral", "cms-malformed")
def opaque_garbage(kit: Kit) -> bytes:
    return kit.opaque(b"this is no CMS")


@invalid("partial", "a piece of a message", "none")
def partial(kit: Kit) -> bytes:
    return fields() + b'Content-Type: message/partial; id="a"; number=1; total=2\r\n\r\n' + kit.detached()


@invalid("empty", "nothing at all", "none")
def empty(kit: Kit) -> bytes:
    return b""
