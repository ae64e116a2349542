"""Results of authentication that strangers wrote in our name, and fields of ours that strangers have a say in."""

from __future__ import annotations

from datetime import UTC, datetime
from encodings import idna
from types import SimpleNamespace

import pytest

from gsign.mail.headers import fields_of, received_field, results_of, without_forged_results
from gsign.result import Indication, MailResult, SignerInfo, Smime
from gsign.smtp.steps import Client
from tests.calls import calls_of

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


def test_a_name_in_letters_is_ours_as_well():
    own = "hưngyên.gov.vn"
    message = "Authentication-Results: HƯNG\u00adYÊN\u3002gov.vn; smime=pass\r\n\r\nx\r\n".encode()
    assert b"smime" not in without_forged_results(message, fields_of(message), own.encode("idna").decode())


def test_odd_names_take_next_to_no_time(monkeypatch):
    """A message of a few KB is looked at while all other clients wait; to encode a name takes 0.1 ms."""
    field = "Authentication-Results: " + "ạ" * 60 + "\r\n"
    message = (field * 4_000 + "\r\nx\r\n").encode()
    fields = fields_of(message)
    encoded = calls_of(monkeypatch, idna, "ToASCII")
    assert without_forged_results(message, fields, OWN) == message
    assert len(encoded) < 10


@pytest.mark.parametrize("hello, recipient", [("a" * 2_000, "c@d.vn"), ("client.vn", "c" * 1_900 + "@d.vn")])
def test_our_trace_has_no_line_that_servers_would_refuse(hello, recipient):
    field = received_field(Client("192.0.2.1", hello=hello), OWN, "ref", [recipient], datetime.now(UTC))
    assert max(map(len, field.split(b"\r\n"))) < 400


def test_nor_do_our_results():
    signed = MailResult(None, Indication.INDETERMINATE, Smime.FAIL, signer=SignerInfo(serial="F" * 5_000))
    looked_at = SimpleNamespace(documents=())
    results = results_of(OWN, signed, looked_at, action="pass", rule="all")
    assert max(map(len, results.split("\r\n"))) < 400
