"""What stands at the begin of a line to one reader, and in the middle of one, or under a longer name, to another."""

from __future__ import annotations

import base64
import gzip

from tests.hiding.kit import HEADER, MIME, TEXT, attached, b64, letter, part, uu
from tests.hiding.letters import _letter
from tests.hiding.model import add

# Boundaries as they are written, and the line that some readers take for the delimiter.
_DELIMITERS = {
    "quoted-pair": (b'"a\\bcd"', b"abcd", b"--a\\bcd"),
    "semicolon": (b'"ab;cd"', b"ab;cd", b"--ab"),
    "single-quotes": (b"'abcd'", b"'abcd'", b"--abcd"),
    "encoded-word": (b'"=?us-ascii?Q?abcd?="', b"=?us-ascii?Q?abcd?=", b"--abcd"),
    "percent": (b'"a%62cd"', b"a%62cd", b"--abcd"),
    "comment": (b'"ab(x)cd"', b"ab(x)cd", b"--abcd"),
    "blanks": (b'"ab  cd"', b"ab  cd", b"--ab cd"),
    "capitals": (b"abcd", b"abcd", b"--ABCD"),
    "indented": (b"abcd", b"abcd", b" --abcd"),
    "hyphens": (b"abcd", b"abcd", b"---abcd"),
    "byte-order-mark": (b"abcd", b"abcd", b"\xef\xbb\xbf--abcd"),
}


def _broken(pdf: bytes, delimiter: bytes) -> bytes:
    """Write a part whose fields stand behind soft line breaks to who takes all for quoted-printable text."""
    digits = b64(gzip.compress(pdf)).rstrip(b"=\r\n")
    return (
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nK=C3=ADnh g=E1=BB=ADi\r\n"
        + delimiter
        + b"\r\nContent-Type: application/gzip; x=\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + digits
        + b"\r\n"
        + delimiter
        + b"--\r\n"
    )


for _name, (_written, _used, _other) in _DELIMITERS.items():
    add(
        f"delimiter-behind-soft-break-{_name}",
        "a delimiter to some, whose fields are the middle of lines to who decodes the text",
        lambda d, written=_written, used=_used, other=_other: (
            HEADER
            + MIME
            + b"Content-Type: multipart/mixed; boundary="
            + written
            + b"\r\n\r\n--"
            + used
            + b"\r\nContent-Type: text/plain\r\n"
            + _broken(d, other)
            + b"\r\n--"
            + used
            + b"--\r\n"
        ),
        ambiguous="part-in-text",
        finds=False,
    )
add(
    "text-with-a-boundary",
    "a boundary of what is no multipart, which some readers cut all the same",
    lambda d: HEADER + MIME + b'Content-Type: text/plain; boundary="abcd"\r\n' + _broken(d, b"--abcd"),
    ambiguous="part-in-text",
    finds=False,
)
add(
    "octets-with-a-boundary",
    "a boundary of a file",
    lambda d: letter(TEXT, b'Content-Type: application/octet-stream; boundary="abcd"\r\n' + _broken(d, b"--abcd")),
    ambiguous="part-in-text",
    finds=False,
)
add(
    "uuencoded-behind-soft-break",
    "uuencoded to who does not decode the text first",
    lambda d: letter(
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nx=\r\n"
        + uu(d).replace(b"=", b"=3D")
    ),
    ambiguous="part-in-text",
    finds=False,
)


def _begun(pdf: bytes, begin: bytes) -> bytes:
    return letter(b"Content-Type: text/plain\r\n\r\n" + begin + b"\r\n" + uu(pdf).partition(b"\r\n")[2])


_BEGINS = {
    "name-long": b"begin 644 " + b"a" * 300 + b".pdf",
    "mode-of-other-digits": b"begin 999 vb.pdf",
    "mode-long": b"begin 0000000000000644 vb.pdf",
    "with-tabs": b"begin\t644\tvb.pdf",
    "name-encoded": b"begin-encoded 644 dmIucGRm",
    "behind-a-tag": b"<pre>begin 644 vb.pdf",
}
for _name, _begin in _BEGINS.items():
    add(
        f"uuencoded-{_name}",
        "a first line that some programs take, and others do not",
        lambda d, begin=_begin: _begun(d, begin),
    )
add(
    "uuencoded-digits-and-name",
    "base64 under a name in base64, as GNU programs write",
    lambda d: letter(
        b"Content-Type: text/plain\r\n\r\nbegin-base64-encoded 644 dmIucGRmLmd6\r\n"
        + b64(gzip.compress(d))
        + b"====\r\n"
    ),
)


def _yenc(data: bytes, begin: bytes) -> bytes:
    octets = ((octet + 42) % 256 for octet in data)
    body = b"".join(b"=%c" % ((o + 64) % 256) if o in b"\0\t\n\r =.&<>" else b"%c" % o for o in octets)
    head = b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return letter(head + begin + b"\r\n" + body + b"\r\n=yend\r\n")


add("yenc-nameless", "yEnc without a name", lambda d: _yenc(d, b"=ybegin line=128 size=1"))
add("yenc-with-tab", "yEnc with a tab", lambda d: _yenc(d, b"=ybegin\tline=128 name=vb.pdf"))


def _packed(data: bytes) -> bytes:
    return base64.b64encode(gzip.compress(data))


add(
    "calendar-binary",
    "a binary value whose encoding is not told: Thunderbird takes it for base64",
    lambda d: attached(
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTACH;VALUE=BINARY:"
        + _packed(d)
        + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"hop.ics",
        b"text/calendar",
    ),
)
add(
    "emlx",
    "a message as Apple Mail keeps it, behind its length",
    lambda d: attached(b"12345  \n" + letter(TEXT, part(d)), b"thu.emlx", b"text/plain"),
)
add(
    "link-very-long-type",
    "a link whose type is longer than anybody's",
    lambda d: attached(
        b'<a href="data:application/gzip;' + b"x=y;" * 2_000 + b"base64," + _packed(d) + b'">', b"vb.html"
    ),
)
for _armour in (b"MESSAGE, PART 1/1", b"ARMORED FILE"):
    add(
        f"pgp-{_armour.decode().lower().replace(' ', '-').replace(',', '').replace('/', '-')}",
        "armour of OpenPGP under another of its names",
        lambda d, armour=_armour: letter(
            b"Content-Type: text/plain\r\n\r\n-----BEGIN PGP %s-----\r\n\r\n%s-----END PGP %s-----\r\n"
            % (armour, b64(gzip.compress(d)), armour)
        ),
        unreadable="encrypted",
        finds=False,
    )
_LINKED = {
    "sum": b"a.href='data:application/gzip;base64,'+b",
    "template": b"a.href=`data:application/gzip;base64,${b}`",
    "pieces": b"a.href='data:'+'application/gzip;base64,'+b",
    "list": b"a.href=['data:application/gzip;base64',b].join(',')",
    "fetched": b"fetch('data:;base64,'.concat(b))",
}
for _name, _made in _LINKED.items():
    add(
        f"script-link-{_name}",
        "a script that puts a link together",
        lambda d, made=_made: attached(
            b"<a id=a download=vb.pdf.gz>x</a><script>b='" + _packed(d) + b"';" + made + b"</script>", b"vb.html"
        ),
        unreadable="script",
        finds=False,
    )
add(
    "script-in-xml",
    "a script in an XML file, under a prefix",
    lambda d: attached(
        b"<x:html xmlns:x='http://www.w3.org/1999/xhtml'><x:script>new Blob(['"
        + _packed(d)
        + b"'])</x:script></x:html>",
        b"vb.xml",
        b"text/xml",
    ),
    unreadable="script",
    finds=False,
)


@_letter("vb.pdf")
def _page_that_speaks_of_data(pdf: bytes) -> bytes:
    page = (
        b'<script type="application/ld+json">{"b":"data:", "data":[]}</script>'
        b"<script>if(u.indexOf('data:')===0)f({data:''+x});log(\"No data:\"+x)</script>"
    )
    return letter(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page + b"\r\n", part(pdf))


@_letter("vb.pdf")
def _fields_and_begins_in_quoted_printable(pdf: bytes) -> bytes:
    return letter(
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nthey =\r\n"
        b"begin 2 days later, K=C3=ADnh g=E1=BB=ADi\r\n-----Original Message-----\r\nSubject: =C3=A1\r\n"
        b"Content-Type: text/plain; charset=3Dutf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nS8OtbmggZ+G7rWk=3D\r\n",
        part(pdf),
    )


@_letter("vb.pdf")
def _invitation_with_a_link(pdf: bytes) -> bytes:
    return letter(
        b"Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"
        b"ATTACH;FILENAME=a.pdf;FMTTYPE=application/pdf:https://drive.example.vn/file/x\r\nEND:VEVENT\r\n"
        b"END:VCALENDAR\r\n",
        part(pdf),
    )
