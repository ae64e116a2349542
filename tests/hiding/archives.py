"""Tar archives, packed files, and archives of kinds that are not read."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib

from tests.hiding.kit import attached
from tests.hiding.model import Make, add

_FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def tarred(*files: tuple[str, bytes], kind: int = tarfile.PAX_FORMAT) -> bytes:
    """Make an archive the usual way."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, data in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _add(name: str, file: bytes, why: str, make: Make, **expected: object) -> None:
    add(name, why, lambda pdf: attached(make(pdf), file), **expected)


for _name, _kind in _FORMATS.items():
    _add(f"tar-{_name}", b"vb.tar", "in a tar archive", lambda d, k=_kind: tarred(("a/vb.pdf", d), kind=k))
_add(
    "tar-long-name",
    b"vb.tar",
    "under a name too long for the header",
    lambda d: tarred(("x" * 300 + ".pdf", d), kind=tarfile.GNU_FORMAT),
)
_add("tar-other-name", b"vb.dat", "a tar archive under another name", lambda d: tarred(("anh.jpg", d)))
_add("tar-second", b"vb.tar", "behind another file", lambda d: tarred(("a.txt", b"x" * 1000), ("vb.pdf", d)))
_add("tar-gz", b"vb.tar.gz", "in a packed tar archive", lambda d: gzip.compress(tarred(("vb.pdf", d))))
_add("tgz", b"vb.tgz", "in a packed tar archive", lambda d: gzip.compress(tarred(("vb.pdf", d))))
_add("tar-bz2", b"vb.tar.bz2", "in a packed tar archive", lambda d: bz2.compress(tarred(("vb.pdf", d))))
_add("tar-xz", b"vb.tar.xz", "in a packed tar archive", lambda d: lzma.compress(tarred(("vb.pdf", d))))
_add("gz", b"vb.pdf.gz", "packed by itself", gzip.compress)
_add("gz-renamed", b"vb.jpg", "packed by itself, called an image", gzip.compress)
_add("bz2", b"vb.pdf.bz2", "packed by itself", bz2.compress)
_add("xz", b"vb.pdf.xz", "packed by itself", lzma.compress)
_add("lzma", b"vb.pdf.lzma", "packed by itself", lambda d: lzma.compress(d, lzma.FORMAT_ALONE))
_add("gz-twice", b"vb.pdf.gz.gz", "packed twice", lambda d: gzip.compress(gzip.compress(d)))
_add(
    "gz-joined",
    b"vb.pdf.gz",
    "two packed files joined",
    lambda d: gzip.compress(b"x") + gzip.compress(d),
    ambiguous="packed-twice",
    exact=False,
)
_add(
    "gz-joined-first",
    b"vb.pdf.gz",
    "two packed files joined, the document first",
    lambda d: gzip.compress(d) + gzip.compress(b"x"),
    ambiguous="packed-twice",
)
_add("gz-trailing", b"a.gz", "behind a packed file", lambda d: gzip.compress(b"x") + d, ambiguous="packed-trailing")
_add(
    "gz-cut",
    b"vb.pdf.gz",
    "packed, the end missing",
    lambda d: gzip.compress(d)[:-20],
    unreadable="damaged",
    finds=False,
)
_add(
    "gz-bomb",
    b"a.gz",
    "40 MB that pack into little",
    lambda d: gzip.compress(bytes(40 << 20), 1),
    unreadable="too-large",
    finds=False,
)
_add(
    "tar-trailing",
    b"a.tar",
    "behind the end of a tar archive",
    lambda d: tarred(("a.txt", b"x")) + d,
    ambiguous="tar-trailing",
)
_add(
    "tar-twice",
    b"a.tar",
    "two files of one name",
    lambda d: tarred(("vb.pdf", b"x"), ("vb.pdf", d)),
    ambiguous="entry-repeated",
)
_add(
    "tar-damaged",
    b"a.tar",
    "a wrong checksum",
    lambda d: (
        tarred(("vb.pdf", d)).replace(b"ustar", b"ustaR", 1)
        and tarred(("vb.pdf", d))[:148] + b"0000000\0" + tarred(("vb.pdf", d))[156:]
    ),
    unreadable="damaged",
    finds=False,
)

_UNREAD = {
    "rar": b"Rar!\x1a\x07\x01\x00",
    "rar4": b"Rar!\x1a\x07\x00",
    "zstd": b"\x28\xb5\x2f\xfd",
    "compress": b"\x1f\x9d\x90",
    "cab": b"MSCF\0\0\0\0",
    "arj": b"\x60\xea\x2b\0",
    "lzh": b"\x22\x11-lh5-",
    "lzip": b"LZIP\1",
    "lz4": b"\x04\x22\x4d\x18",
    "applesingle": b"\0\x05\x16\0\0\2",
    "vhd": b"conectix",
    "xar": b"xar!\0\x1c",
    "cpio": b"070701" + b"0" * 104,
    "ar": b"!<arch>\n",
    "ace": b"\0" * 7 + b"**ACE**",
    "iso": bytes(32_769) + b"CD001",
    "binhex": b"(This file must be converted with BinHex 4.0)\r\n",
    "egg": b"EGGA\0\1",
    "alz": b"ALZ\x01",
    "lrzip": b"LRZI\0\6",
    "rpm": b"\xed\xab\xee\xdb\3\0",
    "squashfs": b"hsqs",
    "vmdk": b"KDMV\1\0\0\0",
    "qcow": b"QFI\xfb\0\0\0\3",
    "vdi": b"<<< Oracle VM VirtualBox Disk Image >>>\n",
    "zstd-skipped": b"\x53\x2a\x4d\x18\4\0\0\0abcd\x28\xb5\x2f\xfd",
    "lz4-legacy": b"\x02\x21\x4c\x18",
    "snappy": b"\xff\6\0\0sNaPpY",
    "szdd": b"SZDD\x88\xf0\x27\x33A\0",
    "kwaj": b"KWAJ\x88\xf0\x27\xd1",
    "stuffit": b"SIT!\0\1",
    "stuffit5": b"StuffIt (c)1997-2002 Aladdin Systems, Inc.",
    "freearc": b"ArC\x01",
    "zpaq": b"7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0\xd3zPQ",
    "wim-piped": b"WLPWM\0\0\0",
    "udf": bytes(32_768) + b"\0BEA01\1",
    "fat": b"\xeb\x3c\x90MSDOS5.0" + bytes(43) + b"FAT12   ",
    "ntfs": b"\xeb\x52\x90NTFS    ",
    "cpio-old": b"070707" + b"0" * 70,
    "zoo": b"ZOO 2.10 Archive.\x1a\0\0\xdc\xa7\xc4\xfd",
}
for _name, _magic in _UNREAD.items():
    _add(
        f"archive-{_name}",
        b"vb." + _name.encode(),
        "an archive of a kind that is not read",
        lambda d, m=_magic: m + bytes(range(256)) * 8,
        unreadable="container-unsupported",
        finds=False,
    )
    _add(
        f"archive-{_name}-renamed",
        b"anh.jpg",
        "such an archive called an image",
        lambda d, m=_magic: m + bytes(range(256)) * 8,
        unreadable="container-unsupported",
        finds=False,
    )
_add(
    "archive-vhd-fixed",
    b"vb.vhd",
    "a disk that says so at its end only",
    lambda d: bytes(range(256)) * 8 + b"conectix" + bytes(504),
    unreadable="container-unsupported",
    finds=False,
)
_add(
    "archive-dmg",
    b"vb.dmg",
    "an image of a disk, which is told by its last block",
    lambda d: zlib.compress(d) + b"koly" + bytes(508),
    unreadable="container-unsupported",
    finds=False,
)
