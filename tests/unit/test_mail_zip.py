"""An archive in an archive is ordinary; two archives one after the other are not."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from gsign.mail.containers import Opened, Room, open_container


def packed(*files: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return held.getvalue()


def opened(data: bytes) -> Opened:
    return open_container("zip", data, Room())


INNER = packed(("quyet-dinh.pdf", b"%PDF-1.7 ..."))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("before,after", [([], []), (["a.txt"], []), ([], ["b.txt"])])
def test_an_archive_in_an_archive_reads_one_way(method: int, before: list[str], after: list[str]) -> None:
    files = [*((name, b"x") for name in before), ("van-ban.zip", INNER), *((name, b"y") for name in after)]
    found = opened(packed(*files, method=method))
    assert [member.name for member in found.members] == [name for name, _ in files]
    assert (found.notes, found.refusals) == ((), ())


def test_what_stands_before_an_archive_is_noted_and_taken_out() -> None:
    found = opened(packed(("hidden.pdf", b"%PDF-1.7 ...")) + INNER)
    assert [note.id for note in found.notes] == ["zip-hidden"]
    assert "hidden.pdf" in [member.name for member in found.members]


def named_twice(name: str, other: str) -> bytes:
    """Pack a file that bears another name in the field that some programs read first (APPNOTE 4.6.9)."""
    entry = zipfile.ZipInfo(name)
    field = b"\x01" + struct.pack("<L", zlib.crc32(name.encode())) + other.encode()
    entry.extra = struct.pack("<HH", 0x7075, len(field)) + field
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(entry, b"x")
    return held.getvalue()


def test_a_second_name_of_a_file_is_looked_at_too() -> None:
    # A name beyond ASCII is marked as UTF-8: then nothing else can be its name.
    for name, other, notes in (
        ("quyết định.txt", "quyết định.txt", []),
        ("quyết định.txt", "quyết định.pdf", ["names-conflict"]),
        ("a.txt", "a\u202efdp.txt", ["name-deceptive"]),
    ):
        assert [note.id for note in opened(named_twice(name, other)).notes] == notes
