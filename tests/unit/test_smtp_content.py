"""Content ends at CRLF.CRLF and nowhere else, and what two servers could cut differently is refused."""

from __future__ import annotations

import hashlib
import mmap
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsign.smtp import content as module
from gsign.smtp.content import ContentFault, ContentReader, find_fault

LIMIT = 100_000
KB = 1 << 10


def fed(wire: bytes, size: int, limit: int = LIMIT, **settings: object) -> tuple[ContentReader, bytes]:
    """Feed a reader piece by piece until the end, and return what is left over with what was not fed."""
    reader = ContentReader(limit, **settings)  # type: ignore[arg-type]
    for start in range(0, len(wire), size):
        rest = reader.feed(wire[start : start + size])
        if reader.is_complete:
            return reader, rest + wire[start + size :]
    return reader, b""


def stuffed(message: bytes) -> bytes:
    dotted = message.replace(b"\r\n.", b"\r\n..")
    return (b"." + dotted if message.startswith(b".") else dotted) + b".\r\n"


# What some server somewhere takes for the end of a message (mail.md A1).
FALSE_ENDS = {
    "lf-dot-lf": b"\n.\n",
    "lf-dot-crlf": b"\n.\r\n",
    "crlf-dot-lf": b"\r\n.\n",
    "cr-dot-cr": b"\r.\r",
    "cr-dot-crlf": b"\r.\r\n",
    "crlf-dot-cr": b"\r\n.\r",
    "cr-dot-lf": b"\r.\n",
    "lf-dot-cr": b"\n.\r",
    "nul-before-dot": b"\r\n\x00.\r\n",
    "nul-after-dot": b"\r\n.\x00\r\n",
    "cr-cr-lf": b"\r\r\n.\r\r\n",
    "crlf-dot-cr-crlf": b"\r\n.\r\r\n",
}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 4096])
@pytest.mark.parametrize("end", FALSE_ENDS.values(), ids=list(FALSE_ENDS))
def test_a_false_end_is_a_fault_and_no_end(end: bytes, size: int) -> None:
    wire = b"Subject: a\r\n\r\nfirst" + end + b"MAIL FROM:<a@b.vn>\r\nsecond\r\n.\r\n"
    reader, rest = fed(wire, size)
    assert reader.fault in (ContentFault.BARE_CR, ContentFault.BARE_LF, ContentFault.NUL)
    assert reader.is_complete
    assert rest == b""


@given(
    message=st.lists(st.sampled_from([b".", b"..", b"", b"a", b".a", b" ", b"x" * 998]), max_size=30).map(
        lambda lines: b"".join(line + b"\r\n" for line in lines)
    ),
    size=st.integers(1, 3000),
)
def test_every_message_comes_out_as_it_was(message: bytes, size: int) -> None:
    reader, rest = fed(stuffed(message) + b"QUIT\r\n", size)
    assert (reader.fault, reader.is_complete) == (None, True)
    assert reader.content() == message
    assert reader.sha256 == hashlib.sha256(message).hexdigest()
    assert rest == b"QUIT\r\n"


@given(wire=st.binary(max_size=60), size=st.integers(1, 8))
def test_pieces_do_not_matter(wire: bytes, size: int) -> None:
    whole, rest = fed(wire, 4096)
    cut, rest_of_cut = fed(wire, size)
    assert (whole.is_complete, rest) == (cut.is_complete, rest_of_cut)
    assert (whole.fault is None) == (cut.fault is None)
    if whole.fault is None and whole.is_complete:
        assert whole.content() == cut.content()


@pytest.mark.parametrize("size", [1, 100, 5000])
@pytest.mark.parametrize(
    "length,fault", [(998, None), (999, ContentFault.LINE_TOO_LONG), (2_000_000, ContentFault.LINE_TOO_LONG)]
)
@pytest.mark.parametrize("dot", [b"", b"."])
def test_lines_have_998_octets_at_most(length: int, fault: ContentFault | None, size: int, dot: bytes) -> None:
    message = b"a: b\r\n\r\n" + dot + b"x" * (length - len(dot)) + b"\r\n"
    reader, _ = fed(stuffed(message), max(size, length // 400), limit=4_000_000)
    assert reader.fault is fault
    assert reader.is_complete


def test_an_endless_line_is_not_kept() -> None:
    reader = ContentReader(LIMIT)
    for _ in range(1000):
        reader.feed(b"x" * 10_000)
    assert reader.fault is ContentFault.LINE_TOO_LONG
    assert reader.feed(b"\r\n.\r\nNOOP\r\n") == b"NOOP\r\n"


def test_a_line_that_was_too_long_does_not_become_the_end() -> None:
    reader = ContentReader(LIMIT)
    reader.feed(b"x" * 5000 + b".")
    reader.feed(b"\r\n")
    assert not reader.is_complete


def test_a_message_that_is_too_large_is_dropped_and_its_end_found() -> None:
    line = b"y" * 76 + b"\r\n"
    reader, rest = fed(line * 2000 + b".\r\nNOOP\r\n", 1000, limit=50_000)
    assert reader.fault is ContentFault.TOO_LARGE
    assert rest == b"NOOP\r\n"


def test_a_large_message_goes_to_a_file_that_nobody_sees(tmp_path: Path) -> None:
    message = b"".join(b"%060d\r\n" % number for number in range(5000))
    reader, _ = fed(stuffed(message), 1 << 14, limit=1 << 20, spool_after=1000, folder=tmp_path)
    assert reader.content()[:] == message
    assert list(tmp_path.iterdir()) == []
    reader.close()


def test_a_folder_that_is_not_there_is_our_fault_and_not_the_message_s(tmp_path: Path) -> None:
    reader, _ = fed(stuffed(b"a\r\n" * 1000), 100, spool_after=10, folder=tmp_path / "missing")
    assert reader.fault is ContentFault.STORAGE
    assert reader.is_complete


_FULL = """
import resource, signal
from gsign.smtp import content as module
from gsign.smtp.content import ContentFault, ContentReader

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
reader = ContentReader(1 << 20, spool_after=1000)
for _ in range(60):
    reader.feed(b"x" * 98 + b"\\r\\n")
reader.feed(b".\\r\\n")
assert reader.is_complete
assert reader.fault is ContentFault.STORAGE, reader.fault
reader.close()
"""


def test_a_disk_that_is_full_is_told_before_the_message_is_taken() -> None:
    subprocess.run([sys.executable, "-c", _FULL], check=True, timeout=60)


def test_unfinished_messages_take_so_much_memory_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests' readers were never closed.
    monkeypatch.setattr(module._Memory, "octets", 0)
    monkeypatch.setattr(module, "_MEMORY", 6500)
    monkeypatch.setattr(module, "_EASY", KB)
    readers = [ContentReader(LIMIT, spool_after=1 << 20, folder=tmp_path) for _ in range(6)]
    for reader in readers:
        for _ in range(20):
            reader.feed(b"x" * 98 + b"\r\n")
    in_files = [isinstance(reader.content(), mmap.mmap) for reader in readers]
    assert in_files == [False, False, True, True, True, True]
    for reader in readers:
        assert reader.content()[:] == (b"x" * 98 + b"\r\n") * 20
        reader.close()
    assert module._Memory.octets == 0


def test_small_pieces_take_their_toll(tmp_path: Path) -> None:
    reader = ContentReader(LIMIT, spool_after=10 * KB, folder=tmp_path)
    for number in range(200):
        reader.feed(b"%d\r\n" % (number % 10))
    assert isinstance(reader.content(), mmap.mmap)
    reader.close()


def test_chunks_have_no_dots_and_no_end_of_their_own() -> None:
    reader = ContentReader(LIMIT)
    for chunk in (b"a: b\r\n\r", b"\n.\r", b"\n..x\r\n"):
        reader.feed_chunk(chunk)
    assert not reader.is_complete
    reader.end_chunks()
    assert reader.fault is None
    assert reader.content() == b"a: b\r\n\r\n.\r\n..x\r\n"


def test_chunks_that_do_not_end_a_line_are_refused() -> None:
    reader = ContentReader(LIMIT)
    reader.feed_chunk(b"a: b\r\n\r\nno end")
    reader.end_chunks()
    assert reader.fault is ContentFault.UNENDED


def test_faults_are_found_anywhere_in_lines() -> None:
    good = b"a\r\n" * 1000
    for bad, fault in ((b"\n", ContentFault.BARE_LF), (b"\r", ContentFault.BARE_CR), (b"\0", ContentFault.NUL)):
        for at in (0, 1, 1500, len(good)):
            assert find_fault(good[:at] + bad + good[at:] + b"\r\n") in (fault, ContentFault.BARE_CR)
    assert find_fault(good) is None


@pytest.mark.parametrize("message", [b".a\r\n", b"a\r\n.b\r\n", b"..\r\n", b"a\r\nb.\r\n", b"a.\r\n"])
@pytest.mark.parametrize("size", [1, 3, 4096])
def test_whether_a_line_begins_with_a_dot_is_known_however_it_came(message: bytes, size: int) -> None:
    # What is sent on without them being doubled would end at such a line.
    told = message.startswith(b".") or b"\n." in message
    assert fed(stuffed(message), size)[0].has_dots is told
    for cut in range(len(message)):
        reader = ContentReader(LIMIT)
        reader.feed_chunk(message[:cut])
        reader.feed_chunk(message[cut:])
        reader.end_chunks()
        assert (reader.fault, reader.has_dots) == (None, told)
