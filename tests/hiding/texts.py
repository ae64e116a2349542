"""Files written out in text."""

from __future__ import annotations

import base64
import html
from urllib.parse import quote_from_bytes

from tests.hiding.kit import HEADER, TEXT, b64, letter, part, uu
from tests.hiding.model import add, way
from tests.hiding.sevenzips import sevenzip
from tests.hiding.zips import zipped

_URI = b"data:application/pdf;base64,"


def _html(body: bytes) -> bytes:
    return letter(b"Content-Type: text/html; charset=utf-8\r\n\r\n<html><body>" + body + b"</body></html>\r\n")


def _wrapped(text: bytes) -> bytes:
    return b"\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))


@way("uuencoded in the text")
def uuencoded(pdf: bytes) -> bytes:
    return letter(TEXT + uu(pdf))


@way("uuencoded in a message that is no MIME at all")
def uuencoded_without_mime(pdf: bytes) -> bytes:
    return HEADER + b"\r\nKinh gui\r\n\r\n" + uu(pdf) + b"\r\n"


@way("uuencoded with rights of four digits and a name with spaces")
def uuencoded_oddly(pdf: bytes) -> bytes:
    return letter(TEXT + uu(pdf).replace(b"begin 644 a.pdf", b"begin 0644 cong van so 1.pdf"))


@way("the second of two uuencoded files")
def uuencoded_second(pdf: bytes) -> bytes:
    return letter(TEXT + uu(b"khong co gi", b"a.txt") + b"\r\n" + uu(pdf))


@way("uuencoded under the name of an image")
def uuencoded_as_image(pdf: bytes) -> bytes:
    return letter(TEXT + uu(pdf, b"anh.jpg"))


@way("uuencoded, and never ended", ambiguous="uuencode-malformed")
def uuencoded_unended(pdf: bytes) -> bytes:
    return letter(TEXT + uu(pdf).replace(b"`\r\nend\r\n", b""))


@way("uuencoded, with a line that is too long", ambiguous="uuencode-malformed")
def uuencoded_long_line(pdf: bytes) -> bytes:
    return letter(TEXT + uu(pdf).replace(b"\r\nM", b"x\r\nM", 2))


@way("in base64 as uuencode -m writes it")
def uuencoded_in_base64(pdf: bytes) -> bytes:
    return letter(TEXT + b"begin-base64 644 vb.pdf\r\n" + b64(pdf) + b"====\r\n")


@way("in base64 as uuencode -m writes it, with garbage", ambiguous="base64-garbage", exact=False)
def uuencoded_in_base64_garbage(pdf: bytes) -> bytes:
    return letter(TEXT + b"begin-base64 644 vb.pdf\r\n" + b64(pdf).replace(b"\r\n", b"!\r\n", 3) + b"====\r\n")


@way("in yEnc")
def yenc(pdf: bytes) -> bytes:
    critical = {0, 10, 13, 61}
    coded = b"".join(
        b"=" + bytes(((o + 106) % 256,)) if (o + 42) % 256 in critical else bytes(((o + 42) % 256,)) for o in pdf
    )
    body = b"=ybegin line=128 size=%d name=vb.pdf\r\n" % len(pdf) + coded + b"\r\n=yend size=%d\r\n" % len(pdf)
    return letter(b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body)


@way("bare base64 in the text, to be pasted into a decoder", ambiguous="digits-in-text")
def bare_base64(pdf: bytes) -> bytes:
    return letter(TEXT + b"\r\n" + b64(pdf))


@way("base64 in a script of an HTML text", unreadable="script")
def base64_in_script(pdf: bytes) -> bytes:
    return _html(b"<script>var a=atob('" + base64.b64encode(pdf) + b"')</script>")


_FORMS = {
    "plain": lambda d: b'<a href="' + _URI + base64.b64encode(d) + b'">xem</a>',
    "single-quoted": lambda d: b"<a href='" + _URI + base64.b64encode(d) + b"'>xem</a>",
    "unquoted": lambda d: b"<a href=" + _URI + base64.b64encode(d) + b">xem</a>",
    "capitals": lambda d: b'<a HREF="DATA:Application/PDF;BASE64,' + base64.b64encode(d) + b'">xem</a>',
    "wrapped": lambda d: b'<a href="' + _wrapped(_URI + base64.b64encode(d)) + b'">xem</a>',
    "tabs": lambda d: (
        b'<a href="da\tta:application/pdf;base64,' + base64.b64encode(d).replace(b"V", b"V\t") + b'">x</a>'
    ),
    "percent": lambda d: b'<a href="data:application/pdf,' + quote_from_bytes(d).encode() + b'">xem</a>',
    "percent-in-base64": lambda d: (
        b'<a href="' + _URI + quote_from_bytes(base64.b64encode(d), "").encode() + b'">x</a>'
    ),
    "octet-stream": lambda d: b'<a download="vb.pdf" href="data:;base64,' + base64.b64encode(d) + b'">xem</a>',
    "named": lambda d: b'<a href="data:application/pdf;name=vb.pdf;base64,' + base64.b64encode(d) + b'">xem</a>',
    "object": lambda d: b'<object data="' + _URI + base64.b64encode(d) + b'"></object>',
    "style": lambda d: b'<p style="background:url(' + _URI + base64.b64encode(d) + b')">x</p>',
    "entities": lambda d: b'<a href="' + "".join(f"&#{o};" for o in _URI + base64.b64encode(d)).encode() + b'">x</a>',
    "hex-entities": lambda d: (
        b'<a href="' + "".join(f"&#x{o:x};" for o in _URI + base64.b64encode(d)).encode() + b'">x</a>'
    ),
    "named-entities": lambda d: (
        b'<a href="data&colon;application&sol;pdf;base64&comma;' + base64.b64encode(d) + b'">x</a>'
    ),
    "srcdoc": lambda d: (
        b'<iframe srcdoc="'
        + html.escape('<a href="' + (_URI + base64.b64encode(d)).decode() + '">').encode()
        + b'"></iframe>'
    ),
}
for _name, _make in _FORMS.items():
    add(f"data-uri-{_name}", "a link that holds the file itself", lambda d, m=_make: _html(m(d)))


@way("a link that holds the file, in an attached HTML file")
def data_uri_in_file(pdf: bytes) -> bytes:
    return letter(TEXT, part(b'<a href="' + _URI + base64.b64encode(pdf) + b'">x</a>', b"xem.html", b"text/html"))


@way("a link that holds the file, in an image of vectors")
def data_uri_in_svg(pdf: bytes) -> bytes:
    body = (
        b'<svg xmlns="http://www.w3.org/2000/svg"><a href="'
        + _URI
        + base64.b64encode(pdf)
        + b'"><text>x</text></a></svg>'
    )
    return letter(TEXT, part(body, b"anh.svg", b"image/svg+xml"))


@way("a link that holds the file, in HTML in UTF-16")
def data_uri_in_utf_16_file(pdf: bytes) -> bytes:
    body = '<a href="' + (_URI + base64.b64encode(pdf)).decode() + '">x</a>'
    return letter(TEXT, part(body.encode("utf-16"), b"xem.html", b"text/html"))


@way("embedded in rich text, in hexadecimal digits")
def rtf_object(pdf: bytes) -> bytes:
    digits = _wrapped(pdf.hex().encode())
    return letter(TEXT, part(b"{\\rtf1{\\object\\objemb{\\*\\objdata 0105000002000000" + digits + b"}}}", b"vb.rtf"))


@way("embedded in rich text, in capital digits")
def rtf_object_capitals(pdf: bytes) -> bytes:
    return letter(TEXT, part(b"{\\rtf1{\\object{\\*\\objdata " + pdf.hex().upper().encode() + b"}}}", b"vb.doc"))


@way("in a flat OpenDocument file")
def flat_opendocument(pdf: bytes) -> bytes:
    body = (
        b"<?xml version='1.0'?><office:document><office:binary-data>"
        + b64(pdf)
        + b"</office:binary-data></office:document>"
    )
    return letter(TEXT, part(body, b"vb.fodt"))


@way("in a Word file of one XML part after another")
def flat_word(pdf: bytes) -> bytes:
    body = (
        b"<?xml version='1.0'?><pkg:package><pkg:part><pkg:binaryData>"
        + b64(pdf)
        + b"</pkg:binaryData></pkg:part></pkg:package>"
    )
    return letter(TEXT, part(body, b"vb.xml", b"application/xml"))


@way("in an invitation to a meeting, attached in base64")
def calendar(pdf: bytes) -> bytes:
    body = b"BEGIN:VCALENDAR\r\nATTACH;FMTTYPE=application/pdf;ENCODING=BASE64;VALUE=BINARY:\r\n "
    body += b"\r\n ".join(b64(pdf).split()) + b"\r\nEND:VCALENDAR\r\n"
    return letter(TEXT, b"Content-Type: text/calendar; charset=utf-8\r\n\r\n" + body)


@way("an archive in base64 in a script", unreadable="script")
def archive_in_script(pdf: bytes) -> bytes:
    return _html(b"<script>var a=atob('" + base64.b64encode(zipped(("vb.pdf", pdf))) + b"')</script>")


@way("an archive in base64 in the text", ambiguous="digits-in-text")
def bare_archive(pdf: bytes) -> bytes:
    return letter(TEXT + b"\r\n" + b64(sevenzip(("vb.pdf", pdf))))


@way("embedded in rich text, the digits torn apart by control words and groups")
def rtf_object_torn(pdf: bytes) -> bytes:
    whole = pdf.hex().encode()
    digits = b"{\\b}".join(whole[at : at + 3] for at in range(0, len(whole), 3))
    return letter(TEXT, part(b"{\\rtf1{\\object\\objemb{\\*\\objdata 01050000" + digits + b"}}}", b"vb.rtf"))
