"""Archives of which one program reads what another does not, and files that hold an archive somewhere."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import tarfile
import zlib

from tests.hiding.compounds import compound
from tests.hiding.kit import attached
from tests.hiding.model import way
from tests.hiding.zips import zipped

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")


def _deflated(data: bytes) -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return machine.compress(data) + machine.flush()


def _local(
    name: bytes, data: bytes, packed: bytes, *, size: int | None = None, extra: bytes = b"", flags: int = 0
) -> bytes:
    sizes = (0, 0, 0) if flags else (zlib.crc32(data), len(packed), len(data) if size is None else size)
    return _LOCAL.pack(b"PK\3\4", 20, flags, 8, 0, 0, *sizes, len(name), len(extra)) + name + extra + packed


def _central(name: bytes, data: bytes, packed: bytes, offset: int, *, size: int | None = None, flags: int = 0) -> bytes:
    sizes = (zlib.crc32(data), len(packed), len(data) if size is None else size)
    return _CENTRAL.pack(b"PK\1\2", 20, 20, flags, 8, 0, 0, *sizes, len(name), 0, 0, 0, 0, 0, offset) + name


def _end(size: int, start: int, comment: int = 0) -> bytes:
    return _END.pack(b"PK\5\6", 0, 0, 1, 1, size, start, comment)


@way("behind what an entry unpacks to, for who reads as it comes", ambiguous="zip-hidden")
def zip_behind_deflated(pdf: bytes) -> bytes:
    plain, hidden = b"xin chao", _deflated(pdf)
    mark = struct.pack("<4s3I", b"PK\7\x08", zlib.crc32(plain), len(_deflated(plain)), len(plain))
    packed = _deflated(plain) + mark + _local(b"vb.pdf", pdf, hidden)
    entry = _local(b"a.txt", plain, packed, flags=8) + mark
    return attached(entry + _central(b"a.txt", plain, packed, 0, flags=8) + _end(51, len(entry)), b"vb.zip")


@way("for who believes the narrow end of an archive", ambiguous="zip-two-ends", exact=False)
def zip_narrow_end(pdf: bytes) -> bytes:
    shown = _local(b"a.txt", b"x", _deflated(b"x"))
    directory = _central(b"a.txt", b"x", _deflated(b"x"), 0)
    at = len(shown) + len(directory) + 56
    hidden = _local(b"vb.pdf", pdf, _deflated(pdf))
    gap = hidden + _central(b"vb.pdf", pdf, _deflated(pdf), at)
    wide = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44 + len(gap), 45, 45, 0, 0, 1, 1, len(directory), len(shown))
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(shown) + len(directory), 1)
    return attached(shown + directory + wide + gap + locator + _end(52, at + len(hidden)), b"vb.zip")


@way("for who takes an end in the comment for the end", ambiguous="zip-comment", finds=False)
def zip_end_in_comment(pdf: bytes) -> bytes:
    hidden = _local(b"vb.pdf", pdf, _deflated(pdf))
    directory = _central(b"vb.pdf", pdf, _deflated(pdf), 39)
    extra = struct.pack("<2H", 0x7777, len(hidden) + len(directory)) + hidden + directory
    entry = _local(b"a.txt", b"x", _deflated(b"x"), extra=extra)
    comment = b"van phong" + _end(len(directory), 39 + len(hidden), 0x7F7F)
    shown = _central(b"a.txt", b"x", _deflated(b"x"), 0)
    return attached(entry + shown + _end(len(shown), len(entry), len(comment)) + comment, b"vb.zip")


@way("as what a folder of the archive holds", ambiguous="zip-checksum")
def zip_folder_with_content(pdf: bytes) -> bytes:
    packed = _deflated(pdf)
    entry = _local(b"vb.pdf/", pdf, packed, size=0)
    directory = _central(b"vb.pdf/", pdf, packed, 0, size=0)
    return attached(entry + directory + _end(len(directory), len(entry)), b"vb.zip")


@way("in an archive in the middle of a notebook")
def zip_in_notebook(pdf: bytes) -> bytes:
    begin = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")
    return attached(begin + bytes(2_000) + zipped(("vb.pdf", pdf)) + bytes(100_000), b"vb.one")


@way("in an archive that begins with another one, in a notebook", ambiguous="zip-hidden")
def zip_behind_decoy_in_notebook(pdf: bytes) -> bytes:
    first = zipped(("a.txt", b"x"))
    entry = _local(b"vb.pdf", pdf, _deflated(pdf))
    directory = _central(b"vb.pdf", pdf, _deflated(pdf), len(first))
    return attached(
        bytes(5_000) + first + entry + directory + _end(len(directory), len(first) + len(entry)) + bytes(70_000),
        b"vb.one",
    )


@way("in an archive in the form of old Macintoshes")
def zip_in_macbinary(pdf: bytes) -> bytes:
    archive = zipped(("vb.pdf", pdf))
    return attached(b"\0\6vb.zip".ljust(128, b"\0") + archive + bytes(70_000), b"vb.bin", b"application/macbinary")


@way("packed by itself by lzma, under another name")
def lzma_renamed(pdf: bytes) -> bytes:
    return attached(lzma.compress(pdf, lzma.FORMAT_ALONE), b"anh.jpg")


@way("packed among the objects of a presentation")
def presentation(pdf: bytes) -> bytes:
    made = compound(("CONTENTS", pdf))
    packed = struct.pack("<I", len(made)) + zlib.compress(made)
    stream = bytes(100) + struct.pack("<HHI", 0x10, 0x1011, len(packed)) + packed + bytes(100)
    return attached(compound(("PowerPoint Document", stream)), b"vb.ppt")


@way("among the objects of a presentation, not packed", exact=False)
def presentation_unpacked(pdf: bytes) -> bytes:
    made = compound(("CONTENTS", pdf))
    stream = bytes(100) + struct.pack("<HHI", 0, 0x1011, len(made)) + made + bytes(100)
    return attached(compound(("PowerPoint Document", stream)), b"vb.ppt")


@way("behind the end that an extended header gives a file", unreadable="damaged", finds=False)
def tar_extended_size(pdf: bytes) -> bytes:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        packed = gzip.compress(pdf)
        member = tarfile.TarInfo("vb.pdf.gz")
        member.size = len(packed)
        archive.addfile(member, io.BytesIO(packed))
    content = b"x" * 512 + inner.getvalue()
    extended, file = tarfile.TarInfo("a"), tarfile.TarInfo("a.txt")
    extended.size, extended.type, file.size = 12, b"x", len(content)
    records = b"12 size=512\n".ljust(512, b"\0")
    headers = [header.tobuf(tarfile.USTAR_FORMAT) for header in (extended, file)]
    return attached(headers[0] + records + headers[1] + content + bytes(1024), b"vb.tar")
