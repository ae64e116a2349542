"""Links that hold a file, written so that a browser follows them and a search does not see them."""

from __future__ import annotations

import base64
import html
from urllib.parse import quote_from_bytes

from tests.hiding.kit import TEXT, letter, part
from tests.hiding.model import add, way

_URI = b"data:application/pdf;base64,"


def _html(body: bytes, charset: bytes = b"utf-8") -> bytes:
    return letter(b"Content-Type: text/html; charset=" + charset + b"\r\n\r\n<html>" + body + b"</html>\r\n")


def _torn(pdf: bytes, by: bytes, width: int = 5) -> bytes:
    digits = base64.b64encode(pdf)
    return by.join(digits[at : at + width] for at in range(0, len(digits), width))


def _numbered(text: bytes) -> str:
    return "".join(f"&#{octet};" for octet in text)


_TORN = {
    "spaces": lambda d: b'<a href="' + _URI + _torn(d, b" ") + b'">x</a>',
    "quotes-in-type": lambda d: b'<a href=\'data:application/pdf;name="a";base64,' + _torn(d, b"\t") + b"'>x</a>",
    "quotes-in-plain-type": lambda d: (
        b'<a href=\'data:application/pdf;name="a",' + quote_from_bytes(d).encode() + b"'>x</a>"
    ),
    "long-type": lambda d: (
        b"<a href='data:application/pdf;x=" + b"A" * 900 + b";base64," + _torn(d, b"\t") + b"'>x</a>"
    ),
    "type-like-link": lambda d: b'<a href="data:application/pdf;x=data:;base64,' + _torn(d, b" ") + b'">x</a>',
    "behind-open-quote": lambda d: b'<!-- "data:, --><a href="' + _URI + _torn(d, b" ") + b'">x</a>',
    "named-tabs": lambda d: b'<a href="da&Tab;ta:application/pdf;base64,' + _torn(d, b"&Tab;") + b'">x</a>',
    "numbered-lines": lambda d: b'<a href="da&#10;ta:application/pdf;base64,' + _torn(d, b"&#x0a;") + b'">x</a>',
    "page-in-page-in-page": lambda d: (
        b'<iframe srcdoc="'
        + html.escape(
            '<iframe srcdoc="' + html.escape(f'<a href="{_numbered(_URI + base64.b64encode(d))}">') + '">'
        ).encode()
        + b'"></iframe>'
    ),
}
for _name, _make in _TORN.items():
    add(f"link-{_name}", "a link that a browser puts together", lambda d, m=_make: _html(m(d)))
for _name, _sign in {"bracket": b")", "quote": b"'", "angle": b"<"}.items():
    add(
        f"link-behind-{_name}",
        "a link with a sign that ends others",
        lambda d, s=_sign: _html(b'<a href="data:application/pdf,' + s + quote_from_bytes(d).encode() + b'">x</a>'),
        exact=False,
    )


@way("a link torn apart by what says that ASCII follows")
def link_in_iso_2022(pdf: bytes) -> bytes:
    link = b'<a href="da\x1b(Bta:application/pdf;base64,' + _torn(pdf, b"\x1b(B") + b'">x</a>'
    return _html(link, b"iso-2022-jp")


@way("the same in a file that says so itself")
def link_in_iso_2022_file(pdf: bytes) -> bytes:
    link = b'<meta charset=iso-2022-jp><a href="da\x1b(Bta:application/pdf;base64,' + _torn(pdf, b"\x1b(B") + b'">x'
    return letter(TEXT, part(link, b"xem.html", b"text/html"))


@way("a link torn apart by NULs, in a style sheet full of them")
def link_with_nuls(pdf: bytes) -> bytes:
    page = b'<a href="da\0ta:application/pdf;base64,' + _torn(pdf, b"\0") + b'">x</a>' + bytes(9_000)
    return letter(TEXT, part(page, b"xem.xsl"))


@way("a link in an image of vectors, of pieces that the image names")
def link_of_entities(pdf: bytes) -> bytes:
    image = (
        b"<!DOCTYPE svg [<!ENTITY a 'data:applic'><!ENTITY b \"ation/pdf;base64,JV\">]>"
        b"<svg xmlns='http://www.w3.org/2000/svg'><a href='&a;&b;" + base64.b64encode(pdf)[2:] + b"'/></svg>"
    )
    return letter(TEXT, part(image, b"anh.svg", b"image/svg+xml"))


@way("the names of an image that grow beyond all measure", unreadable="too-many-entries", finds=False)
def link_of_too_many_entities(pdf: bytes) -> bytes:
    names = b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n + 1) * 60) for n in range(8))
    return letter(TEXT, part(b"<!DOCTYPE svg [" + names + b"]><svg>&a0;</svg>", b"anh.svg", b"image/svg+xml"))


for _set in ("cp875", "cp424", "utf-32"):
    add(
        f"link-in-{_set}",
        "a text in which letters have other numbers",
        lambda d, c=_set: letter(
            b"Content-Type: text/html; charset="
            + c.encode()
            + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes((_URI + base64.b64encode(d)).decode().encode(c)).replace(b"\n", b"\r\n")
        ),
        ambiguous="charset-odd",
    )
for _set in ("unicode-2-0-utf-7", "csUnicode11UTF7", "cp65000"):
    add(
        f"link-in-{_set}",
        "a text in UTF-7 under a name that few know",
        lambda d, c=_set: _html(
            b'<a href="+'
            + base64.b64encode((_URI + base64.b64encode(d)).decode().encode("utf-16-be")).rstrip(b"=")
            + b'-">',
            c.encode(),
        ),
        ambiguous="charset-odd",
        finds=False,
    )
