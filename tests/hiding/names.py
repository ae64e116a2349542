"""Names that deceive who reads them; the document is found whatever it is called."""

from __future__ import annotations

from tests.hiding.kit import TEXT, b64, letter
from tests.hiding.model import add, way

_RTLO = "\u202e".encode()
_HEAD = b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment"


def _named(parameters: bytes, pdf: bytes, kind: bytes = b"application/octet-stream") -> bytes:
    return letter(TEXT, b"Content-Type: " + kind + b"\r\n" + _HEAD + parameters + b"\r\n\r\n" + b64(pdf))


_DECEPTIVE = {
    "rtlo": b'; filename="vb' + _RTLO + b'fdp.jpg"',
    "rtlo-extended": b"; filename*=utf-8''vb%E2%80%AEfdp.jpg",
    "rtlo-encoded-word": b'; filename="=?utf-8?q?vb=E2=80=AEfdp.jpg?="',
    "zero-width": b"; filename*=utf-8''vb.p%E2%80%8Bdf",
    "isolate": b"; filename*=utf-8''vb%E2%81%A7fdp.jpg",
    "nul": b"; filename*=utf-8''vb.txt%00.pdf",
    "newline": b"; filename*=utf-8''vb.txt%0A.pdf",
    "escape": b"; filename*=utf-8''vb%1B[2J.pdf",
    "soft-hyphen": b"; filename*=utf-8''vb.p%C2%ADdf",
}
for _name, _parameters in _DECEPTIVE.items():
    add(
        f"name-with-{_name}",
        "the name is shown as another than it is",
        lambda d, p=_parameters: _named(p, d),
        ambiguous="name-deceptive",
    )

_CONFLICTS = {
    "type-and-disposition": b'; filename="vb.txt"',
    "plain-and-extended": b"; filename=\"vb.txt\"; filename*=utf-8''vb.pdf",
    "encoded-word": b"; filename=\"=?utf-8?q?vb=2Etxt?=\"; filename*=utf-8''vb.pdf",
}
for _name, _parameters in _CONFLICTS.items():
    add(
        f"names-conflict-{_name}",
        "two names of different kinds",
        lambda d, p=_parameters: _named(p, d, b'application/octet-stream; name="vb.pdf"'),
        ambiguous="names-conflict",
    )


@way("the name in pieces, each in its own form")
def name_in_pieces(pdf: bytes) -> bytes:
    return _named(b"; filename*0*=utf-8''c%C3%B4ng;\r\n filename*1=\" v\";\r\n filename*2*=%C4%83n.pdf", pdf)


@way("pieces of the name that repeat", ambiguous="parameter-repeated")
def name_pieces_repeat(pdf: bytes) -> bytes:
    return _named(b'; filename*0="vb.txt"; filename*0="vb.pdf"', pdf)


@way("pieces of the name with a gap", ambiguous="parameter-continuation")
def name_pieces_gap(pdf: bytes) -> bytes:
    return _named(b'; filename*0="vb.p"; filename*7="df"', pdf)


@way("pieces numbered with leading zeros", ambiguous="parameter-continuation")
def name_pieces_zeros(pdf: bytes) -> bytes:
    return _named(b'; filename*00="vb.p"; filename*01="df"', pdf)


@way("the name twice", ambiguous="parameter-repeated")
def name_twice(pdf: bytes) -> bytes:
    return _named(b'; filename="vb.txt"; filename="vb.pdf"', pdf)


@way("a character set that is unknown", ambiguous="parameter-charset")
def name_charset_unknown(pdf: bytes) -> bytes:
    return _named(b"; filename*=x-gsign''vb%FF.pdf", pdf)


@way("no character set where one must be", ambiguous="parameter-charset")
def name_charset_missing(pdf: bytes) -> bytes:
    return _named(b"; filename*=vb.pdf", pdf)


@way("a quote that never closes", ambiguous="parameter-malformed")
def name_quote_open(pdf: bytes) -> bytes:
    return _named(b'; filename="vb.pdf', pdf)


@way("not quoted, with spaces", ambiguous="parameter-malformed")
def name_unquoted(pdf: bytes) -> bytes:
    return _named(b"; filename=cong van.pdf", pdf)


@way("a path for a name")
def name_is_path(pdf: bytes) -> bytes:
    return _named(b'; filename="../../etc/vb.pdf"', pdf)


@way("a name of 60,000 characters")
def name_long(pdf: bytes) -> bytes:
    return _named(b'; filename="' + b"\r\n ".join([b"x" * 900] * 60) + b'.pdf"', pdf)


@way("letters of another script that look like pdf")
def name_lookalike(pdf: bytes) -> bytes:
    return _named(b"; filename*=utf-8''vb.%D1%80df", pdf)


@way("full-width letters, which systems fold to pdf", exact=False)
def name_full_width(pdf: bytes) -> bytes:
    return _named(b"; filename*=utf-8''vb.%EF%BD%90%EF%BD%84%EF%BD%86", pdf.replace(b"%PDF-", b"%XDF-"))
