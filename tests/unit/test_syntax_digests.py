"""One pass gives what hashing each byte range by itself gives, and reads each byte once."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsign.errors import InputError
from gsign.syntax import digests as module
from gsign.syntax.digests import DigestPass
from gsign.syntax.source import CHUNK, BytesSource

SIZE = 3000
DATA = bytes(i * 7 % 251 for i in range(SIZE))


class Counting(BytesSource):
    """Remembers what was read."""

    def __init__(self, data):
        super().__init__(data)
        self.reads = []

    def read(self, offset, length):
        self.reads.append((offset, length))
        return super().read(offset, length)


@st.composite
def ranges(draw):
    start, end, stop = sorted(draw(st.integers(0, SIZE)) for _ in range(3))
    return 0, start, end, stop - end


@given(st.lists(st.tuples(st.sampled_from(["sha256", "sha3-256", "sha512"]), ranges()), max_size=6))
def test_equals_hashing_each_range(wanted):
    digests = DigestPass(BytesSource(DATA))
    handles = [digests.want(name, byte_range) for name, byte_range in wanted]
    digests.run()
    for handle, (name, (_, start, end, rest)) in zip(handles, wanted, strict=True):
        expected = hashlib.new(name.replace("-", "_"), DATA[:start] + DATA[end : end + rest])
        assert handle.digest() == expected.digest()


def test_large_files_are_hashed_beside_the_reader_and_read_once():
    data = bytes(range(256)) * (5 * CHUNK // 256) + b"tail"
    source = Counting(data)
    digests = DigestPass(source)
    first, second = digests.want("sha256", (0, 10, 3 * CHUNK, 99)), digests.want("sha256")
    seen = []
    digests.run(seen.append)
    assert b"".join(seen) == data
    assert first.digest() == hashlib.sha256(data[:10] + data[3 * CHUNK : 3 * CHUNK + 99]).digest()
    assert second.digest() == hashlib.sha256(data).digest()
    assert sum(length for _, length in source.reads) == len(data)
    assert max(length for _, length in source.reads) <= CHUNK


def test_the_hash_of_the_whole_file_can_be_continued():
    digests = DigestPass(BytesSource(DATA))
    handle = digests.want("sha256")
    digests.run()
    running = handle.hash()
    running.update(b"more")
    assert running.digest() == hashlib.sha256(DATA + b"more").digest()
    assert handle.digest() == hashlib.sha256(DATA).digest()


@pytest.mark.parametrize("byte_range", [(1, 2, 3, 4), (0, 5, 4, 1), (0, 1, 2, SIZE), (0, 1, 2, -1), (0, -1, 2, 3)])
def test_odd_ranges_are_refused(byte_range):
    with pytest.raises(ValueError, match="byte range"):
        DigestPass(BytesSource(DATA)).want("sha256", byte_range)


def test_unknown_digests_are_refused():
    with pytest.raises(ValueError, match="hash"):
        DigestPass(BytesSource(DATA)).want("md99", (0, 1, 2, 3))


def test_nothing_is_told_before_the_pass():
    with pytest.raises(RuntimeError):
        DigestPass(BytesSource(DATA)).want("sha256").digest()


def test_a_failing_listener_is_heard_and_a_shrunk_file_is_an_error():
    source = BytesSource(DATA)
    source.size += 1
    with pytest.raises(InputError):
        DigestPass(source).run(lambda _: None)
    assert module.DigestPass is DigestPass
