"""Delimiters between parts that readers take differently, and what stands outside of all parts."""

from __future__ import annotations

from tests.hiding.kit import HEADER, MIME, TEXT, attached, b64, letter, mixed, part, qp, uu
from tests.hiding.model import way

_B = b"--=_gh78"
_TYPE = b'Content-Type: multipart/mixed; boundary="=_gh78"'


@way("before the first part, where readers without MIME look", ambiguous="preamble-content")
def preamble_part(pdf: bytes) -> bytes:
    return letter(TEXT).replace(b"\r\n\r\n" + _B, b"\r\n\r\n" + part(pdf) + b"\r\n" + _B, 1)


@way("bare base64 before the first part", ambiguous="preamble-content")
def preamble_base64(pdf: bytes) -> bytes:
    return letter(TEXT).replace(b"\r\n\r\n" + _B, b"\r\n\r\n" + b64(pdf) + b"\r\n" + _B, 1)


@way("uuencoded before the first part", ambiguous="preamble-content")
def preamble_uuencode(pdf: bytes) -> bytes:
    return letter(TEXT).replace(b"\r\n\r\n" + _B, b"\r\n\r\n" + uu(pdf) + b"\r\n" + _B, 1)


@way("behind the last part", ambiguous="epilogue-content")
def epilogue_part(pdf: bytes) -> bytes:
    return letter(TEXT) + part(pdf)


@way("uuencoded behind the last part", ambiguous="epilogue-content")
def epilogue_uuencode(pdf: bytes) -> bytes:
    return letter(TEXT) + uu(pdf)


@way("uuencoded behind the last part, with empty lines between", ambiguous="epilogue-content")
def epilogue_uuencode_torn(pdf: bytes) -> bytes:
    return letter(TEXT) + uu(pdf).replace(b"\r\nM", b"\r\n\r\nM")


@way("quoted-printable behind the last part", ambiguous="epilogue-content")
def epilogue_quoted(pdf: bytes) -> bytes:
    return (
        letter(TEXT) + b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + qp(pdf)
    )


@way("a further part behind the closing delimiter", ambiguous="boundary-after-close")
def part_behind_close(pdf: bytes) -> bytes:
    return letter(TEXT) + _B + b"\r\n" + part(pdf) + _B + b"--\r\n"


@way("never closed", ambiguous="boundary-unclosed")
def never_closed(pdf: bytes) -> bytes:
    return attached(pdf).removesuffix(_B + b"--\r\n")


@way("closed in the inner multipart only", ambiguous="boundary-unclosed")
def outer_never_closed(pdf: bytes) -> bytes:
    return (HEADER + MIME + mixed(mixed(part(pdf), boundary=b"inner"), boundary=b"outer")).removesuffix(
        b"--outer--\r\n"
    )


@way("the outer delimiter stands in the inner multipart", ambiguous="boundary-unclosed")
def outer_inside_inner(pdf: bytes) -> bytes:
    return (
        HEADER
        + MIME
        + mixed(
            mixed(TEXT, boundary=b"inner").replace(b"--inner--", b"--outer\r\n" + part(pdf) + b"--inner--"),
            boundary=b"outer",
        )
    )


@way("no boundary given", ambiguous="boundary-missing")
def boundary_not_given(pdf: bytes) -> bytes:
    return attached(pdf).replace(b'; boundary="=_gh78"', b"")


@way("an empty boundary", ambiguous="boundary-missing")
def boundary_empty(pdf: bytes) -> bytes:
    return attached(pdf).replace(b'boundary="=_gh78"', b'boundary=""').replace(_B, b"--")


@way("another boundary given than used", ambiguous="boundary-missing")
def boundary_differs(pdf: bytes) -> bytes:
    return attached(pdf).replace(b'boundary="=_gh78"', b'boundary="=_gh79"')


@way("capitals differ between what is given and used", ambiguous="boundary-missing")
def boundary_case(pdf: bytes) -> bytes:
    return attached(pdf).replace(b'boundary="=_gh78"', b'boundary="=_GH78"')


@way("two boundaries, the unused one first", ambiguous="parameter-repeated")
def boundary_twice(pdf: bytes) -> bytes:
    return attached(pdf).replace(b'boundary="=_gh78"', b'boundary="x"; boundary="=_gh78"')


@way("two boundaries, both used", ambiguous="parameter-repeated")
def boundary_twice_used(pdf: bytes) -> bytes:
    other = mixed(TEXT, boundary=b"x").partition(b"\r\n\r\n")[2]
    return attached(pdf).replace(b'"=_gh78"', b'"x"; boundary="=_gh78"').replace(b"\r\n\r\n", b"\r\n\r\n" + other, 1)


@way("the boundary by RFC 2231 differs from the plain one", ambiguous="parameter-repeated")
def boundary_extended(pdf: bytes) -> bytes:
    return attached(pdf).replace(b'boundary="=_gh78"', b"boundary*=us-ascii''x; boundary=\"=_gh78\"")


@way("the boundary in pieces", ambiguous="boundary-odd")
def boundary_continued(pdf: bytes) -> bytes:
    return attached(pdf).replace(b'boundary="=_gh78"', b'boundary*0="=_";\r\n boundary*1="gh78"')


@way("a boundary that looks like an encoded word, for one who decodes it", ambiguous="boundary-unclosed")
def boundary_encoded_word(pdf: bytes) -> bytes:
    body = b"--x\r\n" + TEXT + b"--x--\r\n\r\n--=?utf-8?q?x?=\r\n" + part(pdf)
    return HEADER + MIME + b'Content-Type: multipart/mixed; boundary="=?utf-8?q?x?="\r\n\r\n' + body


@way("the pieces of the boundary in disorder, one missing", ambiguous="parameter-continuation")
def boundary_continued_wrongly(pdf: bytes) -> bytes:
    return attached(pdf).replace(b'boundary="=_gh78"', b'boundary*0="=_";\r\n boundary*2="gh78"')


@way("the boundary not quoted, though it must be")
def boundary_unquoted(pdf: bytes) -> bytes:
    return attached(pdf).replace(b'boundary="=_gh78"', b"boundary==_gh78")


@way("the boundary not quoted, with what ends it for some", ambiguous="parameter-unquoted")
def boundary_unquoted_brackets(pdf: bytes) -> bytes:
    return letter(TEXT, part(pdf), boundary=b"a<b>").replace(b'"a<b>"', b"a<b>")


@way("a quote that is not closed", ambiguous="parameter-malformed")
def boundary_quote_open(pdf: bytes) -> bytes:
    return attached(pdf).replace(b'boundary="=_gh78"', b'boundary="=_gh78')


@way("spaces around the equals sign", ambiguous="parameter-malformed")
def boundary_spaced(pdf: bytes) -> bytes:
    return attached(pdf).replace(b'boundary="=_gh78"', b'boundary = "=_gh78"')


@way("the boundary ends in a space", ambiguous="boundary-odd")
def boundary_with_space(pdf: bytes) -> bytes:
    return attached(pdf).replace(b'boundary="=_gh78"', b'boundary="=_gh78 "')


@way("a boundary of 200 characters", ambiguous="boundary-odd")
def boundary_long(pdf: bytes) -> bytes:
    return letter(TEXT, part(pdf), boundary=b"x" * 200)


@way("a boundary that is no ASCII", ambiguous="boundary-odd")
def boundary_not_ascii(pdf: bytes) -> bytes:
    return letter(TEXT, part(pdf), boundary="ranh-giới".encode())


@way("delimiters with something behind them", ambiguous="boundary-prefix")
def delimiter_longer(pdf: bytes) -> bytes:
    return letter(TEXT).replace(_B + b"--", _B + b"x\r\n" + part(pdf) + _B + b"--")


@way("a closing delimiter with something behind it", ambiguous="boundary-prefix")
def close_longer(pdf: bytes) -> bytes:
    return letter(TEXT, b"Content-Type: text/plain\r\n\r\n" + _B + b"--x\r\n" + part(pdf))


@way("delimiters followed by spaces", ambiguous="boundary-padded")
def delimiter_padded(pdf: bytes) -> bytes:
    return attached(pdf).replace(_B + b"\r\n", _B + b" \t\r\n")


@way("the same boundary inside and outside", ambiguous="boundary-nested")
def boundary_reused(pdf: bytes) -> bytes:
    return HEADER + MIME + mixed(mixed(TEXT, part(pdf), boundary=b"same"), boundary=b"same")


@way("the outer boundary begins with the inner one", ambiguous="boundary-nested")
def boundary_prefix_of_outer(pdf: bytes) -> bytes:
    return HEADER + MIME + mixed(mixed(TEXT, part(pdf), boundary=b"b"), boundary=b"bb")


@way("the inner boundary begins with the outer one", ambiguous="boundary-nested")
def boundary_prefix_of_inner(pdf: bytes) -> bytes:
    return HEADER + MIME + mixed(mixed(TEXT, part(pdf), boundary=b"bb"), boundary=b"b")


@way("a delimiter that is not at the beginning of its line", ambiguous="boundary-unclosed")
def delimiter_indented(pdf: bytes) -> bytes:
    return attached(pdf).replace(_B, b" " + _B).replace(b" " + _B, _B, 1)


@way("a delimiter behind a bare CR", ambiguous="bare-cr")
def delimiter_behind_cr(pdf: bytes) -> bytes:
    return attached(pdf).replace(b"quan.\r\n\r\n" + _B, b"quan.\r" + _B)


@way("a delimiter behind a bare LF", ambiguous="bare-lf")
def delimiter_behind_lf(pdf: bytes) -> bytes:
    return attached(pdf).replace(b"quan.\r\n\r\n" + _B, b"quan.\n" + _B)


@way("a delimiter cut by NUL", ambiguous="nul")
def delimiter_with_nul(pdf: bytes) -> bytes:
    return attached(pdf).replace(b"\r\n" + _B + b"\r\n", b"\r\n" + _B + b"\0\r\n")


@way("multipart that is encoded as a whole", ambiguous="multipart-encoded")
def multipart_in_base64(pdf: bytes) -> bytes:
    head, _, body = attached(pdf).partition(b"\r\n\r\n")
    return head + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(body)


@way("multipart said to be base64, though it is not", ambiguous="multipart-encoded")
def multipart_called_base64(pdf: bytes) -> bytes:
    return attached(pdf).replace(b"MIME-Version", b"Content-Transfer-Encoding: base64\r\nMIME-Version", 1)


@way("multipart said to be quoted-printable", ambiguous="multipart-encoded")
def multipart_in_quoted_printable(pdf: bytes) -> bytes:
    head, _, body = attached(pdf).partition(b"\r\n\r\n")
    return head + b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + qp(body)


@way("an attachment written out in the text, as a returned message", ambiguous="part-in-text")
def part_in_text(pdf: bytes) -> bytes:
    return letter(TEXT + b"\r\n--x\r\n" + part(pdf) + b"\r\n--x--\r\n")


@way("31 multiparts deep", unreadable="too-deep", finds=False)
def too_deep(pdf: bytes) -> bytes:
    inner = part(pdf)
    for level in range(40):
        inner = mixed(inner, boundary=b"b%d-" % level)
    return HEADER + MIME + inner


@way("more parts than anybody sends", unreadable="too-many-parts", finds=False)
def too_many_parts(pdf: bytes) -> bytes:
    return letter(*[b"\r\n"] * 21_000, part(pdf))
