"""Outlook's winmail.dat, and compound files: older Office documents, embedded objects, .msg messages."""

from __future__ import annotations

import struct

from tests.hiding.kit import attached
from tests.hiding.model import way
from tests.hiding.zips import zipped

_RENDER, _TITLE, _DATA, _ATTACHMENT, _PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005, 0x00069003


def _attribute(kind: int, value: bytes, level: int = 2) -> bytes:
    return struct.pack("<BII", level, kind, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def _property(kind: int, tag: int, value: bytes) -> bytes:
    return struct.pack("<HHII", kind, tag, 1, len(value)) + value + b"\0" * (-len(value) % 4)


def tnef(*attributes: bytes) -> bytes:
    """Write a TNEF stream."""
    return struct.pack("<IH", 0x223E9F78, 1) + _attribute(0x00089006, b"\0\0\1\0", 1) + b"".join(attributes)


def _file(data: bytes, name: bytes = b"vb.pdf") -> bytes:
    return _attribute(_RENDER, b"\1\0" + bytes(12)) + _attribute(_TITLE, name + b"\0") + _attribute(_DATA, data)


def _winmail(*attributes: bytes, name: bytes = b"winmail.dat") -> bytes:
    return attached(tnef(*attributes), name, b"application/ms-tnef")


@way("in winmail.dat")
def tnef_plain(pdf: bytes) -> bytes:
    return _winmail(_file(pdf))


@way("in winmail.dat under another name")
def tnef_renamed(pdf: bytes) -> bytes:
    return attached(tnef(_file(pdf)), b"anh.png", b"image/png")


@way("the second file in winmail.dat, behind a text")
def tnef_second(pdf: bytes) -> bytes:
    return _winmail(_file(b"x", b"a.txt"), _file(pdf))


@way("in winmail.dat, content and long name as properties")
def tnef_properties(pdf: bytes) -> bytes:
    name = "Công văn số 1.pdf".encode("utf-16-le") + b"\0\0"
    properties = struct.pack("<I", 2) + _property(0x1F, 0x3707, name) + _property(0x102, 0x3701, pdf)
    return _winmail(_attribute(_RENDER, bytes(14)) + _attribute(_ATTACHMENT, properties))


@way("in winmail.dat, behind a named property")
def tnef_named_property(pdf: bytes) -> bytes:
    label = "ten".encode("utf-16-le") + b"\0\0"
    named = struct.pack("<HH", 3, 0x8001) + bytes(16) + struct.pack("<II", 1, len(label)) + label + struct.pack("<I", 7)
    properties = struct.pack("<I", 2) + named + _property(0x102, 0x3701, pdf)
    return _winmail(_attribute(_RENDER, bytes(14)) + _attribute(_ATTACHMENT, properties))


@way("in a message embedded in winmail.dat")
def tnef_in_tnef(pdf: bytes) -> bytes:
    properties = struct.pack("<I", 1) + _property(0x0D, 0x3701, bytes(16) + tnef(_file(pdf)))
    return _winmail(_attribute(_RENDER, bytes(14)) + _attribute(_TITLE, b"thu\0") + _attribute(_ATTACHMENT, properties))


@way("in an archive in winmail.dat")
def zip_in_tnef(pdf: bytes) -> bytes:
    return _winmail(_file(zipped(("vb.pdf", pdf)), b"vb.zip"))


@way("in winmail.dat without what should begin an attachment")
def tnef_without_rendering(pdf: bytes) -> bytes:
    return _winmail(_attribute(_TITLE, b"vb.pdf\0"), _attribute(_DATA, pdf))


@way("in winmail.dat with a wrong checksum", ambiguous="tnef-checksum")
def tnef_checksum(pdf: bytes) -> bytes:
    return attached(tnef(_file(pdf))[:-1] + b"\x77", b"winmail.dat")


@way("behind the end of winmail.dat", ambiguous="tnef-trailing", exact=False)
def tnef_trailing(pdf: bytes) -> bytes:
    return (
        attached(tnef(_file(b"x", b"a.txt")) + pdf[:8], b"winmail.dat")
        if len(pdf) < 8
        else attached(tnef(_file(pdf)) + b"%PDF-", b"winmail.dat")
    )


@way("winmail.dat, cut off", unreadable="damaged", finds=False)
def tnef_cut(pdf: bytes) -> bytes:
    return attached(tnef(_file(pdf))[:-50], b"winmail.dat")


# ---------------------------------------------------------------- compound files


def compound(*streams: tuple[str, bytes]) -> bytes:
    """Write a compound file with sectors of 512 octets, all streams in the root."""
    end, free, table = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    mini, mini_fat, starts = b"", [], []
    big: list[bytes] = []
    for _, data in streams:
        if len(data) < 4096:
            count = -(-len(data) // 64)
            starts.append(len(mini) // 64)
            mini_fat += [*range(len(mini_fat) + 1, len(mini_fat) + count), end] if count else []
            mini += data.ljust(count * 64, b"\0")
        else:
            starts.append(-len(big) - 1)
            big.append(data)
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(data: bytes) -> int:
        first, count = len(sectors), -(-len(data) // 512)
        sectors.extend(data[at : at + 512].ljust(512, b"\0") for at in range(0, len(data), 512))
        fat.extend([*range(first + 1, first + count), end] if count else [])
        return first if count else end

    places = [put(data) for data in big]
    root = put(mini)
    mini_start = put(struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(-(-len(mini_fat) // 128) * 512, b"\xff"))
    entries = [_entry("Root Entry", 5, root, len(mini), 1 if streams else free)]
    for number, (name, data) in enumerate(streams):
        start = starts[number] if starts[number] >= 0 else places[-starts[number] - 1]
        entries.append(_entry(name, 2, start, len(data), number + 2 if number + 1 < len(streams) else free))
    directory = put(b"".join(entries).ljust(-(-len(entries) // 4) * 512, b"\0"))
    fat_count = 1
    while (len(fat) + fat_count) > fat_count * 128:
        fat_count += 1
    fat_sectors = list(range(len(sectors), len(sectors) + fat_count))
    fat += [table] * fat_count
    sectors.append(struct.pack(f"<{len(fat)}I", *fat).ljust(fat_count * 512, b"\xff"))
    difat = struct.pack(f"<{len(fat_sectors)}I", *fat_sectors).ljust(436, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, fat_count, directory, 0, 4096, mini_start, len(mini_fat) and 1, end, 0)
    return head + difat + b"".join(sectors)


def _entry(name: str, kind: int, start: int, size: int, right: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    left, child = 0xFFFFFFFF, (right if kind == 5 else 0xFFFFFFFF)
    right = 0xFFFFFFFF if kind == 5 else right
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text), kind, 1, left, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


@way("embedded in an older Word document, as an object")
def ole_contents(pdf: bytes) -> bytes:
    return attached(compound(("WordDocument", b"x" * 5000), ("CONTENTS", pdf)), b"vb.doc", b"application/msword")


@way("a small object in small sectors")
def ole_small(pdf: bytes) -> bytes:
    return attached(compound(("CONTENTS", pdf)), b"vb.doc")


@way("packed as a native object", exact=False)
def ole_native(pdf: bytes) -> bytes:
    head = struct.pack("<I", len(pdf) + 40) + b"\2\0vb.pdf\0C:\\vb.pdf\0" + bytes(8) + struct.pack("<I", len(pdf))
    return attached(compound(("\1Ole10Native", head + pdf)), b"vb.xls")


@way("attached to an Outlook message saved as .msg")
def msg(pdf: bytes) -> bytes:
    name = "vb.pdf".encode("utf-16-le")
    return attached(
        compound(("__substg1.0_3707001F", name), ("__substg1.0_37010102", pdf)),
        b"thu.msg",
        b"application/vnd.ms-outlook",
    )


@way("in an object in a Word document")
def docx_with_object(pdf: bytes) -> bytes:
    parts = (("[Content_Types].xml", b"<Types/>"), ("word/embeddings/oleObject1.bin", compound(("CONTENTS", pdf))))
    return attached(zipped(*parts), b"vb.docx")


@way("a Word document with a password", unreadable="encrypted", finds=False)
def ole_encrypted(pdf: bytes) -> bytes:
    return attached(compound(("EncryptionInfo", b"x" * 100), ("EncryptedPackage", pdf[:50])), b"vb.docx")


@way("a compound file that leads in circles", unreadable="damaged", finds=False)
def ole_circle(pdf: bytes) -> bytes:
    made = bytearray(compound(("CONTENTS", pdf.ljust(5000, b" "))))
    fat = (struct.unpack_from("<I", made, 76)[0] + 1) * 512
    struct.pack_into("<I", made, fat, 0)
    return attached(bytes(made), b"vb.doc")
