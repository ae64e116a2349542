"""An archive in an archive is ordinary; two archives one after the other are not."""

from __future__ import annotations

import io
import zipfile

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
