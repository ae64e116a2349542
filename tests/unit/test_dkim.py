"""DKIM: what we sign dkimpy verifies, what dkimpy signs we verify, and RFC 8463's own example."""

from __future__ import annotations

import base64
import subprocess
import time
from collections.abc import Callable, Mapping

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from gsign.errors import TemporaryError
from gsign.mail.dkim.canonical import RELAXED, SIMPLE, Canonical
from gsign.mail.dkim.keys import DomainKey
from gsign.mail.dkim.signature import Verdict
from gsign.mail.dkim.signing import dkim_signature
from gsign.mail.dkim.verifying import verify_signatures
from tests.domain_keys import domain_key, pem, record

DOMAIN = "b.vn"
NAME = "sel._domainkey.b.vn"
NOW = time.time()
KEY = record(domain_key())
LETTER = (
    b"From: A <a@b.vn>\r\nTo: c@d.vn\r\nSubject: =?utf-8?q?C=C3=B4ng_v=C4=83n?=\r\n"
    b"Date: Sun, 22 Nov 2026 17:00:00 +0700\r\nMessage-ID: <1@b.vn>\r\nMIME-Version: 1.0\r\n"
    b"\r\nhello \t you\r\n\r\n\r\n"
)
MESSAGES = {
    "letter": LETTER,
    "no body": b"From: a@b.vn\r\n",
    "empty body": b"From: a@b.vn\r\n\r\n",
    "body of empty lines": b"From: a@b.vn\r\n\r\n\r\n\r\n",
    "body of blanks": b"From: a@b.vn\r\n\r\n \t \r\n\t\r\n",
    "blanks at both ends of lines": b"From: a@b.vn \t\r\nTo:\t c@d.vn\r\n\r\n  a  b \t\r\n\tc\r\n",
    "folded": b"From:\r\n a@b.vn\r\nSubject: a\r\n\tb\r\n  c\r\n\r\nx\r\n",
    "8 bits": b"From: a@b.vn\r\nSubject: \xc3\xb4\r\n\r\n\xff\xfe \xc3\xb4\r\n",
    "fields twice": b"To: one\r\nFrom: a@b.vn\r\nSubject: 1\r\nTo: two\r\nSubject: 2\r\n\r\nx\r\n",
    "Message-ID that parsers trip over": b"Message-ID: <[abc]>\r\nFrom: a@b.vn\r\n\r\nx\r\n",
    "blank before the colon": b"From : a@b.vn\r\nSubject\t: x\r\n\r\nx\r\n",
    "long field": b"From: a@b.vn\r\nReferences: " + b"<x@y.z>\r\n " * 900 + b"<x@y.z>\r\n\r\nx\r\n",
    "1 MB": b"From: a@b.vn\r\n\r\n" + b"a  b\t \r\n" * 150_000 + b"\r\n" * 1000,
    "no end of line": b"From: a@b.vn\r\n\r\nx",
}


class Zone:
    """A domain name system that knows these records."""

    def __init__(self, texts: Mapping[str, str | Exception]) -> None:
        self._texts = texts

    def texts(self, name: str, deadline: float) -> tuple[bytes, ...]:
        found = self._texts.get(name)
        if isinstance(found, Exception):
            raise found
        return () if found is None else (found.encode(),)


def signed(message: bytes, kind: str = "rsa") -> bytes:
    return dkim_signature(Canonical(message), DomainKey(DOMAIN, "sel", domain_key(kind)), NOW) + message


def by_dkimpy(message: bytes, kind: str = "rsa", **options: object) -> bytes:
    key = domain_key(kind)
    if kind == "ed25519":
        raw = key.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        options = {"privkey": base64.b64encode(raw), "signature_algorithm": b"ed25519-sha256", **options}
    else:
        options = {"privkey": pem(key), **options}
    return dkim.sign(message, b"sel", DOMAIN.encode(), **options) + message


def accepted_by_dkimpy(message: bytes, kind: str = "rsa") -> bool:
    return dkim.verify(message, dnsfunc=lambda name, timeout=5: record(domain_key(kind)).encode())


def verdicts(message: bytes, texts: Mapping[str, str | Exception] | None = None) -> tuple[Verdict, ...]:
    zone = Zone({NAME: record(domain_key())} if texts is None else texts)
    return verify_signatures(Canonical(message), zone, time.monotonic() + 5, NOW)


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
@pytest.mark.parametrize("name", MESSAGES)
def test_dkimpy_verifies_what_we_sign(name: str, kind: str) -> None:
    message = signed(MESSAGES[name], kind)
    assert message.endswith(MESSAGES[name])
    assert max(map(len, message.removesuffix(MESSAGES[name]).split(b"\r\n"))) <= 78
    # dkimpy reads no fields whose names end in a blank.
    assert name == "blank before the colon" or accepted_by_dkimpy(message, kind)
    assert [v.result for v in verdicts(message, {NAME: record(domain_key(kind))})] == ["pass"]


@pytest.mark.parametrize("method", [b"simple/simple", b"relaxed/relaxed", b"simple/relaxed", b"relaxed/simple"])
@pytest.mark.parametrize("name", sorted(MESSAGES.keys() - {"blank before the colon", "no end of line"}))
def test_we_verify_what_dkimpy_signs(name: str, method: bytes) -> None:
    header, _, body = method.partition(b"/")
    message = by_dkimpy(MESSAGES[name], canonicalize=(header, body))
    (verdict,) = verdicts(message)
    assert verdict == Verdict("pass", DOMAIN, "sel", "rsa-sha256")


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(lambda m: m.replace(b"hello", b"hallo"), id="body"),
        pytest.param(lambda m: m + b"more\r\n", id="body that goes on"),
        pytest.param(lambda m: m.replace(b"\r\nTo: c@d.vn", b"\r\nTo: e@d.vn"), id="To"),
        pytest.param(lambda m: b"From: other@b.vn\r\n" + m, id="another From"),
        pytest.param(lambda m: b"Subject: other\r\n" + m, id="another Subject"),
        pytest.param(lambda m: b"Cc: e@d.vn\r\n" + m, id="Cc that was not there"),
        pytest.param(lambda m: b"Content-Type: text/html\r\n" + m, id="type that was not there"),
        pytest.param(lambda m: m.replace(b"\r\n\r\nhello", b"\r\nReply-To: e@d.vn\r\n\r\nhello"), id="Reply-To"),
        pytest.param(lambda m: b"Date: Sun, 22 Nov 2026 18:00:00 +0700\r\n" + m, id="another Date"),
    ],
)
def test_nothing_that_people_see_can_be_altered(alter: Callable[[bytes], bytes]) -> None:
    message = alter(signed(LETTER))
    assert not accepted_by_dkimpy(message)
    assert [v.result for v in verdicts(message)] == ["fail"]


@pytest.mark.parametrize(
    "add",
    [
        b"Received: from a by b; Sun, 22 Nov 2026 18:00:00 +0700\r\n",
        b"Return-Path: <a@b.vn>\r\n",
        b"Authentication-Results: x; y=z\r\n",
        b"DKIM-Signature: v=1\r\n",
    ],
)
def test_servers_on_the_way_may_add_what_is_theirs(add: bytes) -> None:
    assert verdicts(add + signed(LETTER))[-1].passes


def test_the_next_server_may_add_what_is_missing() -> None:
    message = signed(b"From: a@b.vn\r\n\r\nx\r\n")
    assert verdicts(b"Message-ID: <1@b.vn>\r\nDate: Sun, 22 Nov 2026 18:00:00 +0700\r\n" + message)[0].passes


def test_who_repeats_fields_without_end_is_not_vouched_for() -> None:
    message = b"From: a@b.vn\r\n" + b"Subject: x\r\n" * 40_000 + b"\r\nx\r\n"
    assert signed(message) == message


def test_a_body_is_not_digested_again_and_again() -> None:
    signature = signed(LETTER).removesuffix(LETTER)
    lengths = b"".join(signature.replace(b"bh=", b"l=%d; bh=" % n) for n in range(5))
    found = verdicts(lengths + LETTER)
    assert [v.result for v in found] == ["fail"] * 4 + ["permerror"]


@settings(max_examples=300, deadline=None)
@given(
    at=st.integers(0, 600), cut=st.integers(0, 5), put=st.binary(max_size=6), where=st.sampled_from(["field", "record"])
)
def test_whatever_is_written_there_is_a_verdict(at: int, cut: int, put: bytes, where: str) -> None:
    message, text = signed(LETTER), KEY.encode()
    if where == "field":
        put = put.replace(b"\r", b" ").replace(b"\n", b" ")
        at = len(b"DKIM-Signature:") + at % (len(message) - len(LETTER) - 20)
        message = message[:at] + put + message[at + cut :]
    else:
        text = text[: at % len(text)] + put + text[at % len(text) + cut :]
    zone = Zone({NAME: text.decode("latin-1")})
    for verdict in verify_signatures(Canonical(message), zone, time.monotonic() + 5, NOW):
        assert verdict.result in ("pass", "fail", "policy", "permerror", "temperror")


RFC_8463 = b"""\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
""".replace(b"\n", b"\r\n")


def test_the_example_of_rfc_8463() -> None:
    texts = {
        "brisbane._domainkey.football.example.com": (
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        )
    }
    assert verdicts(RFC_8463, texts)[0].passes
    assert verdicts(RFC_8463.replace(b"hungry", b"angry"), texts)[0].result == "fail"


@pytest.mark.parametrize(
    "text, expected",
    [
        pytest.param(None, ("permerror", "no key is published"), id="none"),
        pytest.param("v=DKIM1; p=", ("permerror", "key is revoked"), id="revoked"),
        pytest.param(KEY.replace("k=rsa", "k=ed25519"), ("permerror", "key is of another kind"), id="kind"),
        pytest.param(KEY.replace("k=rsa", "h=sha1"), ("permerror", "key is not for this"), id="digest"),
        pytest.param(KEY.replace("k=rsa", "s=tlsrpt"), ("permerror", "key is not for this"), id="service"),
        pytest.param(KEY.replace("DKIM1", "DKIM2"), ("permerror", "not a key record"), id="version"),
        pytest.param("v=DKIM1; p=AAAA", ("permerror", "key cannot be read"), id="no key"),
        pytest.param("hello", ("permerror", "not a list of tags"), id="no record"),
        pytest.param(record(domain_key(name="other")), ("fail", "signature does not hold"), id="another"),
        pytest.param(TemporaryError("dns-unreachable"), ("temperror", "key cannot be looked up for now"), id="away"),
    ],
)
def test_the_published_key(text: str | Exception | None, expected: tuple[str, str]) -> None:
    (verdict,) = verdicts(signed(LETTER), {} if text is None else {NAME: text})
    assert (verdict.result, verdict.reason) == expected
    assert (verdict.domain, verdict.selector) == (DOMAIN, "sel")


def short_key() -> tuple[bytes, str]:
    """Return a key of 768 bits, and its record."""
    private = subprocess.run(["openssl", "genrsa", "-traditional", "768"], capture_output=True, check=True).stdout
    told = ["openssl", "rsa", "-pubout", "-outform", "DER"]
    public = base64.b64encode(subprocess.run(told, input=private, capture_output=True, check=True).stdout).decode()
    return private, f"v=DKIM1; p={public}"


def test_a_short_key_vouches_for_nothing() -> None:
    private, known = short_key()
    assert verdicts(by_dkimpy(LETTER, privkey=private), {NAME: known})[0].result == "policy"


@pytest.mark.parametrize(
    "options, expected",
    [
        pytest.param({"identity": b"x@sub.b.vn"}, "pass", id="identity below"),
        pytest.param({"length": True}, "pass", id="length"),
    ],
)
def test_tags_that_others_set(options: dict, expected: str) -> None:
    assert verdicts(by_dkimpy(LETTER, **options))[0].result == expected


def test_a_body_that_goes_on_behind_what_is_signed_is_not_vouched_for() -> None:
    message = by_dkimpy(LETTER, length=True) + b"and more\r\n"
    assert accepted_by_dkimpy(message)
    assert verdicts(message)[0].result == "policy"


def test_a_key_may_be_for_its_own_domain_only() -> None:
    texts = {NAME: f"{KEY}; t=s"}
    assert verdicts(signed(LETTER), texts)[0].passes
    assert verdicts(by_dkimpy(LETTER, identity=b"x@sub.b.vn"), texts)[0].result == "permerror"


@pytest.mark.parametrize(
    "old, new, result",
    [
        (b"v=1", b"v=2", "permerror"),
        (b"a=rsa-sha256", b"a=rsa-sha1", "permerror"),
        (b"c=relaxed/relaxed", b"c=loose", "permerror"),
        (b"d=b.vn", b"d=b.vn; i=x@c.vn", "permerror"),
        (b"d=b.vn", b"d=b.vn; q=other", "permerror"),
        (b"d=b.vn", b"d=b.vn; d=b.vn", "permerror"),
        (b"d=b.vn", b"d=b.vn; x=1000", "policy"),
        (b"d=b.vn", b"d=b.vn; x=never", "permerror"),
        (b"d=b.vn", b"d=b.vn; z=altered", "fail"),
        (b"d=b.vn", b"d=<script>", "permerror"),
        (b"h=from:from:", b"h=", "permerror"),
        (b"bh=", b"bh=!", "permerror"),
        (b"s=sel", b"s=sel\xff", "permerror"),
    ],
)
def test_signatures_that_are_off(old: bytes, new: bytes, result: str) -> None:
    message = signed(LETTER)
    assert message.count(old) == 1
    (verdict,) = verdicts(message.replace(old, new))
    assert verdict.result == result
    assert "<" not in verdict.domain


def test_several_signatures_are_told_apart_and_not_without_end() -> None:
    twice = signed(signed(LETTER), "ed25519")
    found = verdicts(twice, {NAME: record(domain_key())})
    assert [v.result for v in found] == ["permerror", "pass"]
    assert len(verdicts(b"DKIM-Signature: v=1\r\n" * 30 + LETTER)) == 5


def test_pieces_do_not_show() -> None:
    body = b"".join(b"%d  \t \r\n" % n for n in range(300_000)) + b"\r\n" * 700_000
    whole = Canonical(b"A: b\r\n\r\n" + body)
    assert whole.body(RELAXED).size == sum(len(b"%d\r\n" % n) for n in range(300_000))
    assert whole.body(SIMPLE).size == len(body) - 2 * 700_000
    assert whole.body(SIMPLE, 10).size == whole.body(SIMPLE).size
    assert whole.body(SIMPLE, 10).sha256 != whole.body(SIMPLE).sha256
