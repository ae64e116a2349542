"""Zip archives, and what programs take differently about them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from tests.hiding.kit import attached
from tests.hiding.model import Make, add, way

_NAME = b"vb.zip"


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """Make an archive the usual way."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
        archive.comment = comment
    return out.getvalue()


def local(name: bytes, data: bytes, flags: int = 0, method: int = 0) -> bytes:
    """Write a local header with its file."""
    return (
        struct.pack(
            "<4s5H3I2H", b"PK\3\4", 20, flags, method, 0, 0, zlib.crc32(data), len(data), len(data), len(name), 0
        )
        + name
        + data
    )


def _packed(make: Make) -> Make:
    return lambda pdf: attached(make(pdf), _NAME, b"application/zip")


def _zip(name: str, why: str, make: Make, **expected: object) -> None:
    add(f"zip-{name}", why, _packed(make), **expected)


_zip("plain", "packed", lambda d: zipped(("vb.pdf", d)))
_zip("stored", "in an archive without packing", lambda d: zipped(("vb.pdf", d), method=zipfile.ZIP_STORED))
_zip("bzip2", "packed by bzip2", lambda d: zipped(("vb.pdf", d), method=zipfile.ZIP_BZIP2))
_zip("lzma", "packed by lzma", lambda d: zipped(("vb.pdf", d), method=zipfile.ZIP_LZMA))
_zip("folder", "in a folder of the archive", lambda d: zipped(("a/", b""), ("a/b/vb.pdf", d)))
_zip("other-name", "under another name", lambda d: zipped(("anh.jpg", d)))
_zip("no-name", "without a name", lambda d: zipped(("/", b""), ("x", d)))
_zip("many", "among 3,000 files", lambda d: zipped(*((f"{n}.txt", b"x") for n in range(3000)), ("vb.pdf", d)))
_zip("path", "under a path that leads out", lambda d: zipped(("../../vb.pdf", d)))
_zip("nested", "in an archive in an archive", lambda d: zipped(("b.zip", zipped(("vb.pdf", d)))))
_zip("comment", "with a plain comment", lambda d: zipped(("vb.pdf", d), comment=b"van phong"))
_zip("vietnamese", "with a Vietnamese name", lambda d: zipped(("Công văn số 1.pdf", d)))


def _streamed(pdf: bytes) -> bytes:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, piece: object) -> int:
            self.data += bytes(piece)  # type: ignore[call-overload]
            return len(bytes(piece))  # type: ignore[call-overload]

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        archive.writestr("a.txt", b"x")
        archive.writestr("vb.pdf", pdf)
    return pipe.data


_zip("streamed", "written as a stream, with sizes behind the data", _streamed)


def _deep(pdf: bytes) -> bytes:
    for _ in range(30):
        pdf = zipped(("a.zip", pdf), method=zipfile.ZIP_STORED)
    return pdf


_zip("too-deep", "30 archives in each other", _deep, unreadable="too-deep", finds=False)
_zip(
    "bomb",
    "40 MB that pack into little",
    lambda d: zipped(("a.bin", bytes(40 << 20))),
    unreadable="too-large",
    finds=False,
)
_zip(
    "bombs",
    "many bombs",
    lambda d: zipped(*((f"{n}.bin", bytes(8 << 20)) for n in range(10))),
    unreadable="too-large",
    finds=False,
)
_zip(
    "too-many",
    "more entries than are looked at",
    lambda d: zipped(*((f"{n}", b"") for n in range(10_100)), ("vb.pdf", d)),
    unreadable="too-many-entries",
    finds=False,
)


def _encrypted(pdf: bytes) -> bytes:
    data = bytearray(zipped(("vb.pdf", pdf)))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


_zip("encrypted", "with a password", _encrypted, unreadable="encrypted", finds=False)


def _directory_changed(pdf: bytes, offset: int, value: bytes) -> bytes:
    data = bytearray(zipped(("vb.pdf", pdf)))
    at = data.index(b"PK\1\2") + offset
    data[at : at + len(value)] = value
    return bytes(data)


_DIFFERS = "zip-directory-differs"
_zip(
    "renamed-in-directory",
    "the directory has another name",
    lambda d: _directory_changed(d, 46, b"vb.jpg"),
    ambiguous=_DIFFERS,
)
_zip(
    "encrypted-in-directory-only",
    "encrypted says the directory alone",
    lambda d: _directory_changed(d, 8, b"\1\0"),
    unreadable="encrypted",
)
_zip(
    "crc-in-directory",
    "another checksum in the directory",
    lambda d: _directory_changed(d, 16, b"\1\2\3\4"),
    ambiguous=_DIFFERS,
)
_zip(
    "stored-in-directory",
    "not packed says the directory alone",
    lambda d: _directory_changed(d, 10, b"\0\0"),
    ambiguous=_DIFFERS,
)
_zip(
    "method-unknown",
    "packed in a way that is unknown",
    lambda d: zipped(("vb.pdf", d)).replace(b"\x08\0", b"\x63\0"),
    unreadable="method-unsupported",
    finds=False,
)


def _hidden_entry(pdf: bytes) -> bytes:
    """Keep an entry in the file, and leave it out of the directory."""
    return local(b"vb.pdf", pdf) + zipped(("a.txt", b"x"))


_zip("before-archive", "a file before all that the directory knows", _hidden_entry, ambiguous="zip-hidden")


def _shifted(pdf: bytes, between: bytes) -> bytes:
    data = zipped(("a.txt", b"x"))
    at = data.index(b"PK\1\2")
    end = bytearray(data[data.index(b"PK\5\6") :])
    struct.pack_into("<I", end, 16, at + len(between))
    return data[:at] + between + data[at : data.index(b"PK\5\6")] + bytes(end)


_zip(
    "entry-not-in-directory",
    "a file that the directory leaves out",
    lambda d: _shifted(d, local(b"vb.pdf", d)),
    ambiguous="zip-hidden",
)
_zip(
    "document-between",
    "a bare document between entries and directory",
    lambda d: _shifted(d, d),
    ambiguous="zip-hidden",
)
_zip(
    "document-before",
    "a document before the archive: both at once",
    lambda d: d + zipped(("a.txt", b"x")),
    ambiguous="polyglot",
    exact=False,
)
_zip(
    "program-before",
    "a program before the archive, as self-extracting ones have",
    lambda d: b"MZ" + bytes(5000) + b"x" + zipped(("vb.pdf", d)),
    ambiguous="polyglot",
)
_zip(
    "document-behind", "a document behind the archive", lambda d: zipped(("a.txt", b"x")) + d, ambiguous="zip-trailing"
)
_zip(
    "two-archives",
    "two archives joined: which one is opened?",
    lambda d: zipped(("vb.pdf", d)) + zipped(("a.txt", b"x")),
    ambiguous="zip-hidden",
)
_zip(
    "archive-behind",
    "an archive behind, in what the first calls its comment",
    lambda d: zipped(("a.txt", b"x"), comment=zipped(("vb.pdf", d))),
    ambiguous="zip-hidden",
)
_zip(
    "document-in-comment",
    "a document in the comment",
    lambda d: zipped(("a.txt", b"x"), comment=b"\xff" + d[:60_000]),
    ambiguous="zip-comment",
    exact=False,
)
_zip("without-end", "the directory's end cut off", lambda d: zipped(("vb.pdf", d))[:-22], ambiguous="zip-damaged")
_zip(
    "without-directory", "entries only", lambda d: local(b"a.txt", b"x") + local(b"vb.pdf", d), ambiguous="zip-damaged"
)
_zip(
    "streamed-without-directory",
    "a stream cut off before its directory",
    lambda d: _streamed(d).partition(b"PK\1\2")[0],
    ambiguous="zip-damaged",
)


@way("two entries of one name", ambiguous="entry-repeated")
def zip_entry_twice(pdf: bytes) -> bytes:
    archive = zipped(("vb.pdg", b"x"), ("vb.pdf", pdf)).replace(b"vb.pdg", b"vb.pdf")
    return attached(archive, _NAME)


@way("a name that turns the writing direction", ambiguous="name-deceptive")
def zip_name_rtlo(pdf: bytes) -> bytes:
    return attached(zipped(("vb\u202efdp.jpg", pdf)), _NAME)


@way("an archive called an image")
def zip_as_image(pdf: bytes) -> bytes:
    return attached(zipped(("vb.pdf", pdf)), b"anh.jpg", b"image/jpeg")


@way("a Word document with the document embedded")
def docx(pdf: bytes) -> bytes:
    parts = (
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w:document/>"),
        ("word/embeddings/oleObject1.bin", pdf),
    )
    return attached(
        zipped(*parts), b"vb.docx", b"application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    )


@way("an OpenDocument text with the document embedded")
def odt(pdf: bytes) -> bytes:
    parts = (("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<x/>"), ("Object 1", pdf))
    return attached(zipped(*parts), b"vb.odt", b"application/vnd.oasis.opendocument.text")


@way("an electronic book, an installer, a sheet: archives all of them")
def jar(pdf: bytes) -> bytes:
    return attached(zipped(("META-INF/MANIFEST.MF", b"x"), ("vb.pdf", pdf)), b"a.jar")


@way("an archive as a web page's link")
def zip_in_link(pdf: bytes) -> bytes:
    import base64

    from tests.hiding.kit import letter

    link = b'<a href="data:application/zip;base64,' + base64.b64encode(zipped(("vb.pdf", pdf))) + b'">x</a>'
    return letter(b"Content-Type: text/html\r\n\r\n" + link)


@way("an OpenDocument text with a password", unreadable="encrypted", finds=False)
def odt_encrypted(pdf: bytes) -> bytes:
    manifest = b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    parts = (("mimetype", b"x"), ("META-INF/manifest.xml", manifest), ("content.xml", bytes(range(256))))
    return attached(zipped(*parts), b"vb.odt")


@way("1 MB that 500 entries share, as the smallest bombs do", ambiguous="zip-overlap", finds=False)
def zip_shared(pdf: bytes) -> bytes:
    data = zipped(("a.bin", bytes(range(256)) * 4096), method=zipfile.ZIP_STORED)
    at, end = data.index(b"PK\1\2"), data.index(b"PK\5\6")
    directory = data[at:end] * 500
    record = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 500, 500, len(directory), at, 0)
    return attached(data[:at] + directory + record, _NAME)


@way("entries that begin inside each other, as the smallest bombs have them", ambiguous="zip-overlap", finds=False)
def zip_overlapping(pdf: bytes) -> bytes:
    kernel = local(b"a.bin", bytes(256 << 10))
    starts = [local(b"b%02d.bin" % n, bytes(256 << 10))[:37] for n in range(100)]
    body = b"".join(starts) + kernel
    directory, at = b"", 0
    for number, start in enumerate(starts):
        size = len(body) - at - len(start)
        checksum = struct.pack("<I", zlib.crc32(body[at + len(start) :]))
        fields = struct.pack("<4s6H", b"PK\1\2", 20, 20, 0, 0, 0, 0) + checksum
        directory += fields + struct.pack("<2I5H2I", size, size, 7, 0, 0, 0, 0, 0, at) + b"b%02d.bin" % number
        at += len(start)
    record = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 100, 100, len(directory), len(body), 0)
    return attached(body + directory + record, _NAME)
