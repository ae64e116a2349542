"""Ends of lines and delimiters found at the speed of memory are those that a plain look at each octet finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsign.mime import decoding
from gsign.mime import lines as module
from gsign.mime.boundaries import _find_line
from gsign.mime.fields import _find_body
from gsign.mime.limits import Limits
from gsign.mime.lines import line_faults
from gsign.protection.canonical import _fault

ODD = (b"\r", b"\n", b"\0", b"\r\n", b"\n\r", b"-", b"x", b" \r\n", b"\t\r\n", b"\r\nFrom ")
PIECES = st.lists(
    st.one_of(
        # Runs of even lines, as encoders write them, long and short.
        st.builds(lambda step, rows: (b"A" * step + b"\r\n") * rows, st.integers(0, 100), st.integers(0, 60)),
        st.builds(lambda step, rows: (b"A" * step + b"\n") * rows, st.integers(28, 40), st.integers(0, 60)),
        st.sampled_from(ODD),
        st.binary(max_size=40),
    ),
    max_size=8,
)
CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.sampled_from(ODD)), max_size=3)


@st.composite
def messages(draw):
    """Lines, mostly even, with a few octets put in the place of others wherever they fall."""
    data = bytearray(b"".join(draw(PIECES)))
    for where, octets in draw(CHANGES):
        at = int(where * len(data))
        data[at : at + len(octets)] = octets
    return bytes(data)


def plain_faults(data):
    found = {
        "bare-cr": re.search(rb"\r(?!\n)", data),
        "bare-lf": re.search(rb"(?<!\r)\n", data),
        "nul": b"\0" in data,
    }
    return [name for name, is_there in found.items() if is_there]


@pytest.mark.parametrize("piece", [256, 1000, 128 << 10])
def test_faults_of_lines_are_those_that_a_plain_look_finds(monkeypatch, piece):
    monkeypatch.setattr(module, "_PIECE", piece)
    monkeypatch.setattr(module, "_SMALLEST_PIECE", min(piece, 64))
    monkeypatch.setattr(module, "_LONGEST", min(piece, 1000))
    monkeypatch.setattr(module, "_SMALL", 0 if piece < 1000 else module._SMALL)

    @given(messages())
    def check(data):
        assert line_faults(data) == plain_faults(data)

    check()


@pytest.mark.parametrize("odd", [b"\r", b"\n", b"\0"])
def test_one_odd_octet_is_found_wherever_it_stands_in_a_large_message(odd):
    clean = (b"A" * 76 + b"\r\n") * 5000
    assert line_faults(clean) == []
    fault = {b"\r": "bare-cr", b"\n": "bare-lf", b"\0": "nul"}[odd]
    for at in (0, 40, 75, 78 * 1680 + 3, (128 << 10) - 1, 128 << 10, (128 << 10) + 1, len(clean) - 3):
        assert line_faults(clean[:at] + odd + clean[at + 1 :]) == [fault], at
    for at in (76, 77, 78 * 1680 + 76, len(clean) - 1):
        assert line_faults(clean[:at] + b"A" + clean[at + 1 :]) == ["bare-lf" if at % 78 == 76 else "bare-cr"], at


@given(messages(), st.sampled_from([b"--x", b"--AAAA", b"--"]), st.data())
def test_a_delimiter_is_found_where_a_plain_search_finds_it(data, mark, more):
    for at in more.draw(st.lists(st.integers(0, len(data)), max_size=3)):
        data = data[:at] + b"\n" + mark + data[at:]
    start = more.draw(st.integers(0, len(data)))
    assert _find_line(data, mark, start, len(data)) == data.find(b"\n" + mark, start) + 1


def test_a_delimiter_is_found_behind_many_hyphens():
    data = b"- " * 50_000 + b"\r\n--x\r\n" + b"a" * 50_000
    assert _find_line(data, b"--x", 0, len(data)) == data.index(b"--x")
    assert _find_line(data, b"--y", 0, len(data)) == 0
    for around in range(16_378, 16_390):
        data = b"-" + b"a" * around + b"\n--x"
        assert _find_line(data, b"--x", 0, len(data)) == around + 2


@given(st.lists(st.sampled_from([b"\n", b"\r\n", b"A: b", b"\r"]), max_size=12).map(b"".join))
def test_a_header_ends_at_its_first_empty_line(data):
    _, body, _ = _find_body(data, 0, len(data), Limits())
    empty = re.search(rb"\A\r?\n|\n\r?\n", data)
    assert body == (empty.end() if empty else len(data))


@given(messages())
def test_what_relays_may_change_is_what_a_plain_look_finds(data):
    whole = data.split(b"\r\n")
    longest = max(map(len, whole))
    if plain_faults(data) or not data.isascii() or longest > 998:
        assert _fault(data, 0, len(data)) == "hard"
    else:
        is_fragile = data.startswith(b"From ") or any(line.endswith((b" ", b"\t")) for line in whole)
        is_fragile |= any(line.startswith(b"From ") for line in whole[1:])
        assert _fault(data, 0, len(data)) == ("soft" if longest > 78 or is_fragile else None)


@given(st.lists(st.sampled_from([b"QUJD", b"Q", b"=", b"\r\n", b"+/x", b" ", b"-"]), max_size=40).map(b"".join))
def test_base64_in_pieces_is_that_of_the_whole(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "_PIECE", 16)
        assert decoding.decode(data, "base64") == decoding._base64_at_once(data)
