"""Messages as callers give them: octets, paths, files and pipes, none of them larger than messages are."""

from __future__ import annotations

import io
import os
import threading

import pytest

from gsign.errors import InputError
from gsign.protection import octets as module
from gsign.protection.octets import octets_of, read_whole

MESSAGE = b"From: a@b.vn\r\n\r\nx\r\n"


def test_a_message_is_read_from_whatever_holds_it(tmp_path):
    path = tmp_path / "thu.eml"
    path.write_bytes(MESSAGE)
    assert octets_of(MESSAGE) == octets_of(memoryview(MESSAGE)) == (None, MESSAGE)
    assert octets_of(path) == octets_of(str(path)) == (str(path), MESSAGE)
    assert octets_of(io.BytesIO(MESSAGE)) == (None, MESSAGE)
    with path.open("rb") as file:
        assert octets_of(file) == (str(path), MESSAGE)


def test_lines_of_a_file_end_as_they_travel(tmp_path):
    path = tmp_path / "thu.eml"
    path.write_bytes(MESSAGE.replace(b"\r\n", b"\n"))
    assert octets_of(path)[1] == MESSAGE


def test_a_pipe_is_read_to_its_end(tmp_path):
    pipe = tmp_path / "ong"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(MESSAGE * 5_000))
    writer.start()
    assert octets_of(pipe) == (str(pipe), MESSAGE * 5_000)
    writer.join()


class Endless(io.RawIOBase):
    """A pipe that never ends; it counts what was taken from it."""

    taken = 0

    def read(self, size=-1):
        self.taken += size
        return b"x" * size


def test_nothing_is_read_of_what_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 3 << 20)
    path = tmp_path / "lon.eml"
    with path.open("wb") as file:
        file.truncate((3 << 20) + 1)
    endless = Endless()
    for read in (lambda: octets_of(path), lambda: read_whole(endless, "-"), lambda: octets_of(bytes((3 << 20) + 1))):
        with pytest.raises(InputError) as raised:
            read()
        assert (raised.value.code, raised.value.facts["most"]) == ("mail-too-large", 3)
    assert endless.taken <= 4 << 20
    with path.open("wb") as file:
        file.write(b"From: a@hungyen.gov.vn\n")
        file.truncate(3 << 20)
    assert len(octets_of(path)[1]) == (3 << 20) + 1
    with pytest.raises(InputError) as raised:
        octets_of(path, 2 << 20)
    assert raised.value.facts["most"] == 2


def test_a_file_that_is_a_document_is_no_message(tmp_path):
    path = tmp_path / "van-ban.pdf"
    path.write_bytes(b"%PDF-1.7\n")
    with pytest.raises(InputError) as raised:
        octets_of(path)
    assert raised.value.code == "mail-is-document"
    # What came by mail is judged, whatever it is.
    assert octets_of(b"%PDF-1.7\r\n") == (None, b"%PDF-1.7\r\n")


def test_what_cannot_be_read_is_said(tmp_path):
    for message, code in {tmp_path: "mail-is-folder", tmp_path / "nowhere": "input-unreadable"}.items():
        with pytest.raises(InputError) as raised:
            octets_of(message)
        assert raised.value.code == code


@pytest.mark.parametrize("nothing", [None, 5])
def test_what_is_no_message_is_told_so(nothing):
    with pytest.raises(TypeError, match="a message is bytes, a path or a binary file"):
        octets_of(nothing)


def test_a_file_of_text_is_unreadable():
    with pytest.raises(InputError) as caught:
        octets_of(io.StringIO("From: a@b.vn"))
    assert caught.value.code == "input-unreadable"
