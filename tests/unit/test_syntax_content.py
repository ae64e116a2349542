"""Content is decoded as far as readers decode it."""

from __future__ import annotations

import random
import zlib

import pytest

from gsign.syntax.content import decode_content, inflate
from gsign.syntax.lexer import PdfSyntaxError

TEXT = b"BT /F1 12 Tf 50 700 Td (T\xe1\xbb\x9d tr\xc3\xacnh) Tj ET\n" * 400


def in_lzw(data: bytes, early: int = 1) -> bytes:
    """Compress as clause 7.4.4.2 describes it, with codes that grow up to twelve bits."""
    codes, known, before = ["100000000"], {bytes((octet,)): octet for octet in range(256)}, b""
    width = 9
    for octet in data:
        word = before + bytes((octet,))
        if word in known:
            before = word
            continue
        codes.append(f"{known[before]:0{width}b}")
        known[word] = len(known) + 2
        width = (len(known) + 2 + early - 1).bit_length()
        if len(known) + 2 >= 4094:
            codes.append(f"{256:0{width}b}")
            known, width = {bytes((o,)): o for o in range(256)}, 9
        before = bytes((octet,))
    codes += [f"{known[before]:0{width}b}", f"{257:0{width}b}"]
    bits = "".join(codes)
    return bytes(int(bits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(bits), 8))


@pytest.mark.parametrize("early", [0, 1])
@pytest.mark.parametrize("data", [b"a", b"aaaaaaaaaaaa", TEXT, random.Random(1).randbytes(9000)])
def test_lzw(data: bytes, early: int) -> None:
    assert decode_content("LZWDecode", {"EarlyChange": early}, in_lzw(data, early)) == data


def test_runs_and_text() -> None:
    assert decode_content("RunLengthDecode", None, b"\x02abc\xfed\x80zz") == b"abcddd"
    assert decode_content(["ASCIIHexDecode", "FlateDecode"], None, zlib.compress(TEXT).hex().encode() + b">") == TEXT


def test_damaged_data_are_read_up_to_the_damage() -> None:
    whole = zlib.compress(random.Random(1).randbytes(100_000))
    damaged = whole[:50_000] + b"\xff" * 50_000
    found = b"".join(inflate(damaged))
    assert random.Random(1).randbytes(100_000)[:40_000] == found[:40_000]


@pytest.mark.parametrize(
    "filters, parameters",
    [
        ("DCTDecode", None),
        ("Crypt", {"Name": "StdCF"}),
        ("LZWDecode", {"Predictor": 2}),
        ("FlateDecode", {"Predictor": 2}),
    ],
)
def test_what_cannot_be_decoded_is_said(filters: str, parameters: dict[str, object] | None) -> None:
    with pytest.raises(PdfSyntaxError):
        decode_content(filters, parameters, zlib.compress(b"x"))


def test_too_much_is_refused() -> None:
    with pytest.raises(PdfSyntaxError, match="too large"):
        decode_content("FlateDecode", None, zlib.compress(bytes(70 << 20)))
