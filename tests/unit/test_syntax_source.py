"""Bytes in pieces, whatever they come from, and one kind of error for whatever goes wrong."""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsign.errors import InputError
from gsign.syntax.source import CHUNK, BytesSource, ExtendedSource, chunks, open_source, window

DATA = bytes(range(256)) * 20


def refuse(source, code="input-unreadable"):
    with pytest.raises(InputError) as caught, open_source(source) as opened:
        opened.read(0, 10)
    assert caught.value.code == code
    return caught.value


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "văn bản.pdf"
    made.write_bytes(DATA)
    return made


@pytest.mark.parametrize("kind", ["path", "string", "bytes", "bytearray", "memoryview", "file", "unbuffered", "memory"])
def test_every_kind_of_source_reads_the_same(path, kind):
    with path.open("rb") as file, path.open("rb", buffering=0) as raw:
        source = {
            "path": path,
            "string": str(path),
            "bytes": DATA,
            "bytearray": bytearray(DATA),
            "memoryview": memoryview(DATA),
            "file": file,
            "unbuffered": raw,
            "memory": io.BytesIO(DATA),
        }[kind]
        with open_source(source) as opened:
            assert opened.size == len(DATA)
            assert opened.read(0, 5) == DATA[:5]
            assert opened.read(len(DATA) - 3, 100) == DATA[-3:]
            assert opened.read(len(DATA) + 5, 100) == b""
            assert opened.read(100, 0) == b""
            assert b"".join(chunks(opened, 7, 300)) == DATA[7:300]
            assert opened.name == (str(path) if kind in ("path", "string", "file", "unbuffered") else None)


def test_a_file_object_may_stand_anywhere_and_stays_open(path):
    with path.open("rb") as file:
        file.seek(1000)
        with open_source(file) as opened:
            assert opened.read(0, 4) == DATA[:4]
        assert not file.closed


class Meagre(io.BytesIO):
    """Returns less than asked for, as an unbuffered file may."""

    def read(self, size=-1):
        return super().read(min(size, 7))


def test_short_reads_are_made_up_for():
    with open_source(Meagre(DATA)) as opened:
        assert opened.read(3, 1000) == DATA[3:1003]
        assert b"".join(chunks(opened)) == DATA


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=30), st.binary(max_size=30), st.integers(0, 70), st.integers(0, 70))
def test_an_extended_source_is_the_bytes_one_after_another(base, tail, offset, length):
    extended = ExtendedSource(BytesSource(base), tail)
    assert extended.size == len(base + tail)
    assert extended.read(offset, length) == (base + tail)[offset : offset + length]


def test_pieces_are_no_larger_than_a_chunk(tmp_path):
    source = BytesSource(bytes(2 * CHUNK + 5))
    assert [len(piece) for piece in chunks(source)] == [CHUNK, CHUNK, 5]
    assert list(chunks(source, 10, 10)) == []


def test_paths_that_cannot_be_read(tmp_path):
    assert "No such file" in str(refuse(tmp_path / "missing.pdf"))
    refuse(tmp_path, "input-is-folder")
    refuse(str(tmp_path / "a\0b"))
    refuse("", "input-is-folder")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    refuse(tmp_path / "loop")
    refuse("/dev/null")
    refuse("/dev/zero")


def test_a_pipe_is_refused_at_once_and_not_waited_for(tmp_path):
    pipe = tmp_path / "pipe.pdf"
    os.mkfifo(pipe)
    assert "regular" in str(refuse(pipe))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        refuse(tmp_path / "socket")


def test_file_objects_that_cannot_be_read(path):
    closed = io.BytesIO(DATA)
    closed.close()
    refuse(closed)
    with path.open("r", encoding="latin-1") as text:
        refuse(text)
    with (path.parent / "w").open("wb") as write_only:
        refuse(write_only)
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe:
        os.close(writing)
        refuse(pipe)


def test_a_file_closed_meanwhile(path):
    with path.open("rb") as file, open_source(file) as opened:
        opened.read(0, 5)
        file.close()
        with pytest.raises(InputError) as caught:
            opened.read(0, 5)
    assert caught.value.code == "input-unreadable"


def _cut(path):
    os.truncate(path, 100)


def _extended(path):
    with path.open("ab") as file:
        file.write(b"more")


def _overwritten(path):
    with path.open("r+b") as file:
        file.write(b"x")
    os.utime(path, ns=(0, 0))  # whatever the resolution of the clock


@pytest.fixture
def long(path):
    path.write_bytes(DATA * 1000)
    return path


@pytest.mark.parametrize("change", [_cut, _extended, _overwritten])
def test_a_long_file_that_changes_meanwhile(long, change):
    with open_source(long) as opened:
        opened.read(0, 10)
        change(long)
        with pytest.raises(InputError) as caught:
            b"".join(chunks(opened))
    assert caught.value.code == "input-changed"


@pytest.mark.parametrize("change", [_cut, _extended, _overwritten])
def test_a_short_file_stays_what_it_was_when_it_was_opened(path, change):
    with open_source(path) as opened:
        change(path)
        assert b"".join(chunks(opened)) == DATA


def test_what_is_looked_at_is_not_copied_from_memory(long):
    assert window(BytesSource(DATA), 5, 10) == (DATA, 0)
    with open_source(long) as opened:
        assert window(opened, 5, 10) == (DATA[5:15], 5)


def test_a_file_that_is_replaced_meanwhile_is_read_as_it_was(path):
    with open_source(path) as opened:
        (path.parent / "other").write_bytes(b"other")
        (path.parent / "other").replace(path)
        assert b"".join(chunks(opened)) == DATA


def test_a_file_object_that_ends_early():
    class Shorter(io.BytesIO):
        def read(self, size=-1):
            return super().read(size)[:0] if self.tell() > 100 else super().read(size)

    with open_source(Shorter(DATA)) as opened, pytest.raises(InputError) as caught:
        b"".join(chunks(opened, 0, 200)) + b"".join(chunks(opened, 200))
    assert caught.value.code == "input-shrank"


def test_descriptors_are_given_back(path):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        with open_source(path):
            pass
        refuse(path.parent, "input-is-folder")
        refuse("/dev/null")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("source", [None, 3, ["a.pdf"]])
def test_what_is_no_source_is_a_callers_mistake(source):
    with pytest.raises(TypeError, match="a path, bytes or a binary file"), open_source(source):
        pass
