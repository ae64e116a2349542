"""What is looked for in a text first, to save the longer look, is in everything that the longer look would find."""

from __future__ import annotations

import base64
import random
import time
from contextlib import suppress

import pytest

from gsign.mail.hidden import TooManyError, holds_text
from gsign.mail.texts import find_hidden, makes_files

MAKERS = [
    *(b"createObjectURL", b"msSaveBlob", b"msSaveOrOpenBlob", b"new  Blob(", b"new File(", b"Uint8Array"),
    *(b"DecompressionStream", b"showSaveFilePicker", b"atob(", b"fromCharCode", b"unescape (", b"eval("),
]
LINE = b"#0V%T\n"
FILE = b"\n" + LINE + b"`\nend\n"


@pytest.mark.parametrize("maker", MAKERS, ids=bytes.decode)
def test_every_maker_of_files_is_seen(maker: bytes) -> None:
    assert makes_files(b"<p>a</p><script>" + maker + b"</script>")
    assert not makes_files(b"<p>a</p>" + maker)
    assert not makes_files(b"<script>" + maker[:-3] + b"</script>")


@pytest.mark.parametrize("before", [b"", b"\n", b"a\r\n", b"begin\n", b"x" * 9_000 + b"\n"])
def test_a_file_begins_with_a_line(before: bytes) -> None:
    assert [hidden.data for hidden in find_hidden(before + b"begin 644 a" + FILE)] == [b"Cat"]


@pytest.mark.parametrize("before", [b" ", b"x", b"begin", b"a\r\nb"])
def test_a_file_does_not_begin_within_a_line(before: bytes) -> None:
    assert list(find_hidden(before + b"begin 644 a" + FILE)) == []


@pytest.mark.parametrize("begin", [b"BEGIN:VCARD", b"begin:vcard", b"Begin:Vcalendar"])
def test_cards_and_calendars_begin_in_either_case(begin: bytes) -> None:
    card = b"a\r\n" + begin + b"\r\nPHOTO;ENCODING=B:" + base64.b64encode(b"a photograph") + b"\r\n"
    assert [hidden.data for hidden in find_hidden(card)] == [b"a photograph"]


NOISE = random.Random(1).randbytes(1 << 20)
# Each as short as whoever opens it takes it.
WRITTEN_OUT = {
    "uuencoded": b"begin 644 a\n" + LINE + b"`\nend\n",
    "yEnc": b"=ybegin line=9 size=3 name=a\r\n\x80",
    "base64": base64.b64encode(b"%PDF-1.4\ntrailer<<>>"),
    "base64 between blanks": b"\r\n\t ".join(bytes((octet,)) for octet in base64.b64encode(b"%PDF-1.4\n")),
    "link": b"data:;base64,JVBERi0xLjQKJQ",
    "hexadecimal": b"%PDF-1.4\ntrailer<<>>".hex().encode(),
    "field": b"\nContent-Disposition: a\n\n",
    "armoured": b"-----BEGIN CMS-----\nMIAGCSqGSIb3",
    "BinHex": b"(This file must be converted with BinHex",
}


@pytest.mark.parametrize("written", WRITTEN_OUT.values(), ids=WRITTEN_OUT)
def test_what_is_written_out_among_other_octets_is_looked_for(written: bytes) -> None:
    assert holds_text(b"\0\xff" + NOISE[:5_000] + written + NOISE[5_000:10_000])
    assert holds_text(written)


def test_nothing_is_looked_for_in_what_holds_no_text() -> None:
    assert not holds_text(NOISE)


def test_what_is_looked_for_is_found_among_other_octets() -> None:
    document = b"%PDF-1.4\n1 0 obj"
    found = list(find_hidden(NOISE[:5_000] + base64.b64encode(document) + b"=" + NOISE[5_000:10_000]))
    assert [hidden.data[: len(document)] for hidden in found] == [document]


@pytest.mark.parametrize("begin", [b"<pre>begin 1 ", b"=ybegin ", b"<pre>begin 1\r", b"=ybegin name=\r"])
def test_lines_that_begin_over_and_over_take_no_longer_than_others(begin: bytes) -> None:
    text = begin * 30_000
    started = time.perf_counter()
    with suppress(TooManyError):
        list(find_hidden(text))
    assert time.perf_counter() - started < 2
