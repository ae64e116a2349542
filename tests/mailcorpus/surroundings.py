"""Attacks by what stands around the signed part: shown by readers who do not find it, or as a file (RFC 2046 5.1).

Other readers than this were asked: those of Python, Node (mailparser, postal-mime), Ruby and Perl show such text.
"""

from __future__ import annotations

from gsign import der
from tests.mailcorpus.kit import Kit, fields
from tests.mailcorpus.model import invalid, valid
from tests.mailcorpus.signing import with_unsigned

_TEXT = b"Pay this today.\r\n"
_PARAMETERS = 'protocol="application/pkcs7-signature"; micalg="sha-256"'
_SENTENCE = b"This is a cryptographically signed message in MIME format.\r\n\r\n"
_ELSEWHERE = "X-Mozilla-External-Attachment-URL"


# ---------------------------------------------------------------- text before the parts


@invalid("space-of-others-behind-boundary", "a space of another kind behind the boundary", "neutral")
def space_of_others_behind_boundary(kit: Kit) -> bytes:
    message = kit.detached(preamble=_TEXT)
    return message.replace(b'boundary="----ky-so"', 'boundary="----ky-so"\u00a0'.encode())


@invalid("space-of-others-behind-bare", "the same behind one without quotation marks", "neutral", "parameter-malformed")
def space_of_others_behind_bare(kit: Kit) -> bytes:
    return kit.detached().replace(b'boundary="----ky-so"', b"boundary=----ky-so\x1f")


@invalid("space-of-others-before-name", "the same before its name", "neutral", "parameter-malformed")
def space_of_others_before_name(kit: Kit) -> bytes:
    return kit.detached().replace(b"; boundary", ";\u2003boundary".encode())


@invalid("quote-in-name", "a quotation mark in a parameter's name", "neutral", "parameter-malformed")
def quote_in_name(kit: Kit) -> bytes:
    return kit.detached(preamble=_TEXT).replace(b"protocol=", b'protocol"=')


@invalid("boundary-unquoted", "a boundary that some end at a question mark", "neutral", "preamble-content")
def boundary_unquoted(kit: Kit) -> bytes:
    return kit.detached(boundary="a?b=c", preamble=_TEXT).replace(b'"a?b=c"', b"a?b=c")


@invalid("boundary-escaped", "an escaped sign, which some take for two", "neutral", "preamble-content")
def boundary_escaped(kit: Kit) -> bytes:
    return kit.detached(preamble=_TEXT).replace(b'"----ky-so"', b'"----ky\\-so"')


@invalid("line-of-others-in-value", "an end of line of another kind, behind which some read nothing", "neutral")
def line_of_others_in_value(kit: Kit) -> bytes:
    return kit.detached(preamble=_TEXT, parameters=_PARAMETERS.replace("256", "256\u2028"))


@invalid("escaped-end-in-value", "an escaped quotation mark in another value", "neutral", "preamble-content")
def escaped_end_in_value(kit: Kit) -> bytes:
    return kit.detached(preamble=_TEXT, parameters=_PARAMETERS + '; x="\\""')


@invalid("part-in-preamble", "a sentence with a colon, and text below", "neutral", "preamble-content")
def part_in_preamble(kit: Kit) -> bytes:
    return kit.detached(preamble=b"This is a message of kind: MIME\r\n\r\n" + _TEXT)


@valid("boundary-unquoted-alone", "such a boundary, and nothing before the parts")
def boundary_unquoted_alone(kit: Kit) -> bytes:
    return kit.detached(boundary="a?b=c").replace(b'"a?b=c"', b"a?b=c")


@valid("parameters-unquoted", "parameters without quotation marks, and the usual sentence")
def parameters_unquoted(kit: Kit) -> bytes:
    bare = "protocol=application/pkcs7-signature;\r\n\tmicalg=sha-256"
    return kit.detached(parameters=bare, preamble=_SENTENCE).replace(b'"----ky-so"', b"----ky-so")


@valid("digest-by-number", "the digest by its identifier, a semicolon at the end, and the usual sentence")
def digest_by_number(kit: Kit) -> bytes:
    parameters = _PARAMETERS.replace("sha-256", "2.16.840.1.101.3.4.2.1")
    return kit.detached(parameters=parameters, preamble=_SENTENCE).replace(b'"----ky-so"', b'"----ky-so";')


@valid("sentences-with-colon", "a sentence that names a place to read more")
def sentences_with_colon(kit: Kit) -> bytes:
    return kit.detached(preamble=b"Signed message.\r\nRead more: https://hungyen.gov.vn/ky-so\r\n\r\n")


# ---------------------------------------------------------------- the signature as a file


@invalid("signature-named-pdf", "the signature under the name of a document", "neutral", "signature-misnamed")
def signature_named_pdf(kit: Kit) -> bytes:
    cms = with_unsigned(kit, "1.2.3.4", der.octet_string(b"%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF"))
    return kit.detached(cms, signature_type='application/pkcs7-signature; name="phu-luc.pdf"')


@invalid("signature-with-two-names", "a second name, of a page", "neutral", "signature-misnamed")
def signature_with_two_names(kit: Kit) -> bytes:
    disposition = 'Content-Disposition: attachment; filename="xem.html"'
    return kit.detached(signature_type=f'application/pkcs7-signature; name="smime.p7s"\r\n{disposition}')


@invalid("opaque-named-pdf", "all inside, under the name of a document", "neutral", "signature-misnamed")
def opaque_named_pdf(kit: Kit) -> bytes:
    return kit.opaque(content_type='application/pkcs7-mime; smime-type=signed-data; name="van-ban.pdf"')


@valid("signature-named-by-server", "a name that a server gave")
def signature_named_by_server(kit: Kit) -> bytes:
    return kit.detached(signature_type='application/pkcs7-signature; name="ATT00001.dat"')


@invalid("opened-from-elsewhere-by-root", "where it is opened from, said around it", "policy", "content-elsewhere")
def opened_from_elsewhere_by_root(kit: Kit) -> bytes:
    return kit.opaque(header=fields(**{_ELSEWHERE: "https://a.example/vb.pdf"}))


@invalid("opened-from-elsewhere-by-signature", "the same said beside it", "policy", "content-elsewhere")
def opened_from_elsewhere_by_signature(kit: Kit) -> bytes:
    kind = f'application/pkcs7-signature; name="smime.p7s"\r\n{_ELSEWHERE}: https://a.example/vb.pdf'
    return kit.detached(signature_type=kind)


# ---------------------------------------------------------------- From


@invalid("address-in-brackets", "another address in square brackets, which some take for the first", "permerror")
def address_in_brackets(kit: Kit) -> bytes:
    return kit.detached(header=fields(From="[tqvan@hungyen.gov.vn'\"] <nttanhtuyet@hungyen.gov.vn>"))


@valid("brackets-in-name", "square brackets around a word of the name")
def brackets_in_name(kit: Kit) -> bytes:
    return kit.detached(header=fields(From="[UBND] Tuyet <nttanhtuyet@hungyen.gov.vn>"))
