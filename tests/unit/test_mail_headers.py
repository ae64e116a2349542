"""Results of authentication that strangers wrote in our name."""

from __future__ import annotations

import pytest

from gsign.mail.headers import fields_of, without_forged_results

OWN = "relay.example.gov.vn"


def is_taken_away(value):
    message = b"Authentication-Results: " + value + b"; smime=pass\r\nFrom: an@a.vn\r\n\r\nx\r\n"
    return b"smime" not in without_forged_results(message, fields_of(message), OWN)


@pytest.mark.parametrize(
    "value",
    [
        b"relay.example.gov.vn",
        b"RELAY.example.gov.vn. 1",
        b"(a (b) c) relay.example.gov.vn",
        b'"relay\\.example.gov.vn"',
        b'"relay.example.\r\n gov.vn"',
        b"relay.example.gov.vn/1",
        b"relay.example.gov.vn, x",
        b"relay.example.gov.vn: x",
        b"<relay.example.gov.vn>",
        b"relay.example.gov.vn=1",
    ],
)
def test_what_some_reader_takes_for_ours_is_taken_away(value):
    assert is_taken_away(value)


@pytest.mark.parametrize("value", [b"mx.example.com", b"relay.example.gov.vn.example.com", b"a.relay.example.gov.vn"])
def test_what_others_wrote_stays(value):
    assert not is_taken_away(value)
