"""Header fields that readers take differently, so that one sees a document where another sees text."""

from __future__ import annotations

from tests.hiding.kit import HEADER, MIME, TEXT, attached, b64, letter, mixed, part
from tests.hiding.model import add, way

_CT = b"Content-Type: application/octet-stream"
_ROOT = b"Content-Type: multipart/mixed"


def _changed(old: bytes, new: bytes, pdf: bytes) -> bytes:
    made = attached(pdf)
    assert old in made
    return made.replace(old, new, 1)


@way("two types of the message, text first", ambiguous="field-repeated")
def root_type_twice(pdf: bytes) -> bytes:
    return _changed(_ROOT, b"Content-Type: text/plain\r\n" + _ROOT, pdf)


@way("two types of the message, text last", ambiguous="field-repeated")
def root_type_twice_last(pdf: bytes) -> bytes:
    return _changed(b'"=_gh78"\r\n', b'"=_gh78"\r\nContent-Type: text/plain\r\n', pdf)


@way("two types of the message, with different boundaries, both used", ambiguous="field-repeated")
def root_type_two_boundaries(pdf: bytes) -> bytes:
    first = mixed(TEXT, boundary=b"x")
    head, _, body = first.partition(b"\r\n\r\n")
    return HEADER + MIME + head + b"\r\n" + mixed(TEXT, part(pdf)).replace(b"\r\n\r\n", b"\r\n\r\n" + body, 1)


@way("two types of the part", ambiguous="field-repeated")
def part_type_twice(pdf: bytes) -> bytes:
    return attached(pdf, more=b"Content-Type: text/plain\r\n")


@way("two dispositions of the part", ambiguous="field-repeated")
def disposition_twice(pdf: bytes) -> bytes:
    return attached(pdf, more=b"Content-Disposition: inline\r\n")


@way("a part without header, whose first line is no field", ambiguous="header-malformed")
def header_missing_empty_line(pdf: bytes) -> bytes:
    return letter(TEXT, b"Content-Transfer-Encoding: base64\r\n" + b64(pdf))


@way("a line among the fields that is none, behind which some readers begin the body", ambiguous="header-malformed")
def line_among_fields(pdf: bytes) -> bytes:
    return _changed(_CT, b"day khong phai truong\r\n" + _CT, pdf)


@way("such a line in the header of the message", ambiguous="header-malformed")
def line_among_root_fields(pdf: bytes) -> bytes:
    return _changed(_ROOT, b"day khong phai truong\r\n" + _ROOT, pdf)


@way("a line of spaces in the header, which some take for empty", ambiguous="header-blank-fold")
def blank_fold(pdf: bytes) -> bytes:
    return _changed(_CT, b"X-A: b\r\n \t\r\n" + _CT, pdf)


@way("a line of spaces in the header of the message", ambiguous="header-blank-fold")
def blank_fold_at_root(pdf: bytes) -> bytes:
    return _changed(_ROOT, b"X-A: b\r\n \r\n" + _ROOT, pdf)


@way("a line of other blanks in the header, which some take for empty", ambiguous="header-blank-fold")
def other_blank_fold(pdf: bytes) -> bytes:
    return _changed(_CT, b"X-A: b\r\n \x0b\r\n" + _CT, pdf)


@way("a line of controls in the header of the message, which some take for empty", ambiguous="header-blank-fold")
def control_fold_at_root(pdf: bytes) -> bytes:
    return _changed(_ROOT, b"X-A: b\r\n\t\x0c\x1f\r\n" + _ROOT, pdf)


@way("spaces before the colon", ambiguous="field-name-spaced")
def space_before_colon(pdf: bytes) -> bytes:
    return _changed(_ROOT, b"Content-Type : multipart/mixed", pdf)


@way("spaces before the colon of the encoding", ambiguous="field-name-spaced")
def space_before_colon_of_encoding(pdf: bytes) -> bytes:
    return _changed(b"Encoding: base64", b"Encoding : base64", pdf)


@way("the first line of the header is folded", ambiguous="header-malformed")
def first_line_folded(pdf: bytes) -> bytes:
    return b" " + attached(pdf)


@way("folded within a word", ambiguous="field-malformed")
def folded_in_type(pdf: bytes) -> bytes:
    return _changed(b"multipart/mixed", b"multipart/\r\n mixed", pdf)


@way("a comment in the type", ambiguous="comment")
def comment_in_type(pdf: bytes) -> bytes:
    return _changed(b"multipart/mixed", b"multipart/(x)mixed", pdf)


@way("a comment around the boundary", ambiguous="comment")
def comment_at_boundary(pdf: bytes) -> bytes:
    return _changed(b'; boundary="=_gh78"', b'; (boundary="x") boundary="=_gh78"', pdf)


@way("a comment before the type", ambiguous="comment")
def comment_before_type(pdf: bytes) -> bytes:
    return _changed(b"multipart/mixed", b"(x) multipart/mixed", pdf)


@way("no MIME-Version: readers may take all for text", ambiguous="mime-version-missing")
def version_missing(pdf: bytes) -> bytes:
    return _changed(MIME, b"", pdf)


@way("another MIME-Version", ambiguous="mime-version-odd")
def version_odd(pdf: bytes) -> bytes:
    return _changed(MIME, b"MIME-Version: 2.0\r\n", pdf)


@way("a comment in MIME-Version", ambiguous="mime-version-odd")
def version_with_comment(pdf: bytes) -> bytes:
    return _changed(MIME, b"MIME-Version: 1.(x)0\r\n", pdf)


for _name, _type in {
    "quoted": b'"multipart/mixed"',
    "no-subtype": b"multipart",
    "spaced": b"multipart / mixed",
    "comma": b"multipart/mixed,",
    "two": b"text/plain, multipart/mixed",
    "prefixed": b"=multipart/mixed x",
}.items():
    add(
        f"root-type-{_name}",
        "a type that is malformed, and read in different ways",
        lambda d, t=_type: _changed(b"multipart/mixed", t, d),
        ambiguous="field-malformed" if b"/" in _type else "content-type-malformed",
    )


@way("an empty type", ambiguous="field-malformed")
def type_empty(pdf: bytes) -> bytes:
    return _changed(_CT, b"Content-Type:", pdf)


@way("colons for semicolons", ambiguous="field-malformed")
def colon_for_semicolon(pdf: bytes) -> bytes:
    return _changed(b"mixed; boundary", b"mixed boundary", pdf)


@way("parameters without semicolons between them", ambiguous="parameter-malformed")
def semicolon_missing(pdf: bytes) -> bytes:
    return _changed(b'; boundary="=_gh78"', b'; charset="x" boundary="=_gh78"', pdf)


@way("octets that are no UTF-8 in the boundary's field", ambiguous="header-8bit")
def octets_in_type(pdf: bytes) -> bytes:
    return _changed(b"; boundary", b'; x="\xe9\xff"; boundary', pdf)


@way("the name of the field is no ASCII", ambiguous="header-malformed")
def field_name_not_ascii(pdf: bytes) -> bytes:
    return _changed(_ROOT, b"Content-T\xc3\xbdpe: x\r\n" + _ROOT, pdf)


@way("a NUL in the field of the type", ambiguous="nul")
def nul_in_type(pdf: bytes) -> bytes:
    return _changed(b"multipart/mixed", b"multipart/mixed\0", pdf)


@way("a bare CR in the header hides the type", ambiguous="bare-cr")
def cr_in_header(pdf: bytes) -> bytes:
    return _changed(b"\r\n" + _ROOT, b"\rContent-Type: text/plain\r\n" + _ROOT, pdf)


@way("a bare CR ends the header for some", ambiguous="bare-cr")
def cr_ends_header(pdf: bytes) -> bytes:
    return _changed(MIME, b"X: y\r\r" + MIME, pdf)


@way("a bare LF ends a field", ambiguous="bare-lf")
def lf_in_header(pdf: bytes) -> bytes:
    return _changed(b"\r\n" + _ROOT, b"\n" + _ROOT, pdf)


@way("an mbox line before the header", ambiguous="header-malformed")
def mbox_line(pdf: bytes) -> bytes:
    return b"From an@hungyen.gov.vn Mon Nov 23 08:00:00 2026\r\n" + attached(pdf)


@way("a header larger than readers take", unreadable="header-too-large")
def header_too_large(pdf: bytes) -> bytes:
    return b"X-A: " + b"b" * 300_000 + b"\r\n" + attached(pdf)


@way("more fields than readers take", unreadable="too-many-fields")
def too_many_fields(pdf: bytes) -> bytes:
    return b"X-A: b\r\n" * 3_000 + attached(pdf)


@way("the type only in a field with another name")
def type_in_other_field(pdf: bytes) -> bytes:
    return letter(TEXT, part(pdf).replace(b"Content-Type", b"X-Content-Type"))


@way("Content-Type of multipart, in a part said to be plain text by default", ambiguous="header-unended")
def header_to_the_end(pdf: bytes) -> bytes:
    folded = b"\r\n ".join(b64(pdf).split(b"\r\n")).rstrip()
    return letter(TEXT, b"Content-Type: text/plain\r\nX-Data:" + folded)
