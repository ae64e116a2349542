"""What Office and Outlook wrap: bodies in packed rich text, packages, pages of OneNote, values of calendars."""

from __future__ import annotations

import base64
import gzip
import struct
import zlib

from tests.hiding.compounds import _PROPERTIES, _attribute, _file, _property, _winmail, compound
from tests.hiding.kit import TEXT, attached, b64, letter, part
from tests.hiding.letters import _letter
from tests.hiding.model import add, way
from tests.hiding.zips import zipped

_RING = 4_096
_BEFORE = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans "
    rb"SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i"
    rb"\u\tab\tx"
)
_ONENOTE = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")
_ON_PAGE = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")


def packed_rich(text: bytes) -> bytes:
    """Pack rich text as Outlook does."""
    tokens: list[bytes] = []
    kinds: list[int] = []
    whole, at = _BEFORE + text, len(_BEFORE)
    while at < len(whole):
        size, place = next(
            (
                (size, found)
                for size in range(min(17, len(whole) - at), 2, -1)
                if (found := whole.rfind(whole[at : at + size], max(0, at - _RING + 20), at)) >= 0
            ),
            (1, -1),
        )
        kinds.append(place >= 0)
        tokens.append(struct.pack(">H", place % _RING << 4 | size - 2) if place >= 0 else whole[at : at + 1])
        at += size
    kinds.append(1)
    tokens.append(struct.pack(">H", at % _RING << 4))
    runs = [
        bytes((sum(kind << bit for bit, kind in enumerate(kinds[n : n + 8])),)) + b"".join(tokens[n : n + 8])
        for n in range(0, len(tokens), 8)
    ]
    packed = b"".join(runs)
    return struct.pack("<II4sI", len(packed) + 12, len(text), b"LZFu", zlib.crc32(packed)) + packed


def unpacked_rich(text: bytes) -> bytes:
    """Write rich text as Outlook does where it does not pack it."""
    return struct.pack("<II4sI", len(text) + 12, len(text), b"MELA", 0) + text


def package(data: bytes, name: bytes = b"vb.pdf") -> bytes:
    """Write what the Packager keeps of a file."""
    path = b"C:\\Users\\an\\" + name + b"\0"
    behind = struct.pack("<I", len(name)) + name.decode().encode("utf-16-le")
    return b"\2\0" + name + b"\0" + path + struct.pack("<HHI", 0, 3, len(path)) + path + _counted(data) + behind


def _counted(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def rich_object(native: bytes, kind: bytes = b"Package") -> bytes:
    """Write rich text with one object in it."""
    written = struct.pack("<II", 0x501, 2) + _counted(kind + b"\0") + bytes(8) + _counted(native)
    return b"{\\rtf1\\ansi Xin ch\\'e0o! {\\object\\objemb{\\*\\objdata " + written.hex().encode() + b"}}\\par }"


def native_stream(data: bytes, name: bytes = b"vb.pdf") -> bytes:
    """Write a compound file that holds a package."""
    return compound(("\1Ole10Native", _counted(package(data, name))))


def _body(rich: bytes) -> bytes:
    return _attribute(_PROPERTIES, struct.pack("<I", 1) + _property(0x102, 0x1009, rich), 1)


def _saved(rich: bytes) -> bytes:
    return attached(compound(("__substg1.0_10090102", rich)), b"thu.msg", b"application/vnd.ms-outlook")


_EMBEDDED = "in an object in the body of a message"
add("tnef-rich-body", _EMBEDDED, lambda d: _winmail(_body(packed_rich(rich_object(d, b"AcroExch.Document")))))
add("tnef-rich-body-unpacked", _EMBEDDED, lambda d: _winmail(_body(unpacked_rich(rich_object(d)))), exact=False)
add("tnef-rich-body-package", _EMBEDDED, lambda d: _winmail(_body(packed_rich(rich_object(package(d))))))
add("msg-rich-body", _EMBEDDED, lambda d: _saved(packed_rich(rich_object(package(d)))))
add("msg-rich-body-unpacked", _EMBEDDED, lambda d: _saved(unpacked_rich(rich_object(package(d)))))


def _behind_what_was_never_written(rich: bytes) -> bytes:
    head = struct.pack("<II4sI", 0, 0, b"LZFu", 0) + b"\0" + rich[:8] + b"\1" + struct.pack(">H", 0x900 << 4)
    return head + rich[8:15] + b"".join(b"\0" + rich[at : at + 8] for at in range(15, len(rich), 8))


add(
    "tnef-rich-body-odd",
    "in an object behind a reference to what was never written",
    lambda d: _winmail(_body(_behind_what_was_never_written(rich_object(package(d))))),
)

_WRAPPED = "packed by itself in a package, which is opened by its name"
add("package-in-rich-text", _WRAPPED, lambda d: attached(rich_object(package(gzip.compress(d), b"vb.gz")), b"vb.rtf"))
add("package-in-word", _WRAPPED, lambda d: attached(native_stream(gzip.compress(d), b"vb.gz"), b"vb.doc"))
add(
    "package-in-new-word",
    _WRAPPED,
    lambda d: attached(
        zipped(
            ("word/document.xml", b"<x/>"),
            ("word/embeddings/oleObject1.bin", native_stream(gzip.compress(d), b"vb.gz")),
        ),
        b"vb.docx",
    ),
)


def _in_octets(data: bytes) -> bytes:
    """Write rich text with the data of its object as they are."""
    written = struct.pack("<II", 0x501, 2) + _counted(b"Package\0") + bytes(8) + _counted(package(data, b"vb.gz"))
    return (
        b"{\\rtf1{\\object\\objemb{\\*\\objdata "
        + written[:7].hex().encode()
        + b"\\bin%d " % len(written[7:])
        + written[7:]
    )


add("package-in-octets", _WRAPPED, lambda d: attached(_in_octets(gzip.compress(d)), b"vb.rtf"))
add(
    "package-behind-its-file",
    "behind the file in a package",
    lambda d: attached(compound(("\1Ole10Native", _counted(package(b"x", b"a.txt") + d))), b"vb.doc"),
    exact=False,
)


def page(data: bytes, size: int | None = None) -> bytes:
    """Write a page of OneNote with one file on it."""
    head = _ON_PAGE + struct.pack("<QIQ", len(data) if size is None else size, 0, 0)
    return _ONENOTE + bytes(1_000) + head + data + bytes(900)


add("on-a-page", "on a page of OneNote", lambda d: attached(page(d), b"vb.one"))
add("on-a-page-packed", "packed by itself on a page of OneNote", lambda d: attached(page(gzip.compress(d)), b"vb.one"))
add(
    "on-a-page-too-long",
    "on a page of OneNote that says it is longer than the page",
    lambda d: attached(page(d, 1 << 40), b"vb.one"),
    ambiguous="pdf-inside",
    exact=False,
)
add("around-a-page", "on a page, where no file is", lambda d: attached(page(b"x") + d, b"vb.one"), exact=False)


def _active(data: bytes) -> bytes:
    return b"ActiveMime\0\0\1\xf0\4\0\0\0".ljust(0x32, b"\0") + zlib.compress(compound(("CONTENTS", data)))


add("active-mime", "in what Word keeps beside a web page", lambda d: attached(_active(d), b"oledata.mso"))
add(
    "active-mime-in-word-xml",
    "in what Word keeps in a document of one XML file",
    lambda d: attached(
        b"<?xml version='1.0'?><w:wordDocument><w:docOleData><w:binData>" + b64(_active(d)) + b"</w:binData>", b"vb.xml"
    ),
)
add(
    "active-mime-damaged",
    "in what Word keeps beside a web page, damaged",
    lambda d: attached(_active(d)[:-20], b"oledata.mso"),
    unreadable="damaged",
    finds=False,
)


def _folded(line: bytes) -> bytes:
    return b"\r\n ".join(line[at : at + 74] for at in range(0, len(line), 74)) + b"\r\n"


def _event(value: bytes, parameters: bytes) -> bytes:
    attach = _folded(b"ATTACH;" + parameters + b":" + base64.b64encode(value))
    return b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + attach + b"END:VEVENT\r\nEND:VCALENDAR\r\n"


def _invitation(event: bytes) -> bytes:
    return letter(TEXT, b"Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n" + event)


add(
    "calendar-packed",
    "packed by itself in an invitation",
    lambda d: _invitation(_event(gzip.compress(d), b'FILENAME="a:b.gz";VALUE=BINARY;ENCODING=BASE64')),
)
add(
    "calendar-inline",
    "in an invitation, behind other parameters",
    lambda d: _invitation(_event(d, b"FMTTYPE=application/pdf;ENCODING=base64;VALUE=BINARY;X-FILENAME=vb.pdf")),
)
add(
    "card-packed",
    "packed by itself as the key in a card of addresses",
    lambda d: attached(
        b"begin:vcard\r\nversion:2.1\r\nKEY;X-A;BASE64:\r\n " + _folded(base64.b64encode(gzip.compress(d)))
        + b"\r\nend:vcard\r\n",
        b"an.vcf",
        b"text/vcard",
    ),
)  # fmt: skip


@way("the mark of a PDF torn apart in a package by rich text", exact=False)
def package_torn(pdf: bytes) -> bytes:
    return attached(rich_object(package(pdf)).replace(b"25504446", b"2550{\\b}4446"), b"vb.rtf")


@_letter("vb.pdf")
def _winmail_with_a_rich_body(pdf: bytes) -> bytes:
    text = b"{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}K\\u237?nh g\\u7917?i! " + b"Xin ch\\'e0o." * 300 + b"}"
    return _winmail(_body(packed_rich(text)), _file(pdf))


@_letter("vb.pdf")
def _card_with_a_picture(pdf: bytes) -> bytes:
    picture = _folded(b"PHOTO;ENCODING=b;TYPE=JPEG:" + base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20))
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Nguy\xe1\xbb\x85n;An\r\n" + picture + b"END:VCARD\r\n"
    return letter(part(pdf), part(card, b"an.vcf", b"text/vcard"))
