"""What the relay writes on top of a message, and what it takes away."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from gsign.errors import InputError
from gsign.mail.facts import Document, Inspection, SmimeKind
from gsign.mail.headers import (
    authentication_results,
    fields_of,
    received_count,
    received_field,
    results_of,
    without_forged_results,
)
from gsign.mail.policy import Reason
from gsign.result import VIETNAM, Indication, MailResult, SignerInfo, Smime, VerificationResult
from gsign.smtp.steps import Client

NAME = "relay.hungyen.gov.vn"
BODY = b"From: a@b.vn\r\n\r\nrelay.hungyen.gov.vn; smime=pass\r\nAuthentication-Results: relay.hungyen.gov.vn; x\r\n"
OURS = [
    b"Authentication-Results: relay.hungyen.gov.vn; smime=pass",
    b"authentication-RESULTS:relay.hungyen.gov.vn;smime=pass",
    b"Authentication-Results : relay.hungyen.gov.vn; smime=pass",
    b"Authentication-Results: RELAY.HungYen.gov.vn; smime=pass",
    b"Authentication-Results: relay.hungyen.gov.vn 1; smime=pass",
    b"Authentication-Results: relay.hungyen.gov.vn/1; smime=pass",
    b"Authentication-Results: relay.hungyen.gov.vn.; smime=pass",
    b"Authentication-Results: relay.hungyen.gov.vn",
    b"Authentication-Results: relay.hungyen.gov.vn none",
    b'Authentication-Results: "relay.hungyen.gov.vn"; smime=pass',
    b'Authentication-Results: "relay.hungyen\\.gov.vn"; smime=pass',
    b"Authentication-Results: (mx.vn;) relay.hungyen.gov.vn; smime=pass",
    b"Authentication-Results: (a(b)c\\)) relay.hungyen.gov.vn (d); smime=pass",
    b"Authentication-Results: relay(a).hungyen(b).gov.vn; smime=pass",
    b"Authentication-Results: relay . hungyen . gov . vn; smime=pass",
    b"Authentication-Results: (relay.hungyen.gov.vn; smime=pass",
    b"Authentication-Results:\r\n\trelay.hungyen.gov.vn\r\n ;\r\n smime=pass",
    b"Authentication-Results: \r\n \r\n relay.hungyen.gov.vn; smime=pass",
    b"X-Authentication-Results: relay.hungyen.gov.vn; smime=pass",
    b"Authentication-Results: ; relay.hungyen.gov.vn; smime=pass",
    b"Authentication-Results: none; relay.hungyen.gov.vn; smime=pass",
    b"Authentication-Results: 1 relay.hungyen.gov.vn; smime=pass",
    b"Authentication-Results: mx.vn (a); (b) Relay.hungyen.gov.vn; smime=pass",
    b"Authentication-Results: relay.hungyen.gov.vn..; smime=pass",
    b"ARC-Authentication-Results: i=1; i=2; relay.hungyen.gov.vn; smime=pass",
    b"Authentication-Results: =?utf-8?q?relay=2Ehungyen=2Egov=2Evn?=; smime=pass",
    b"Authentication-Results: =?us-ascii?B?cmVsYXkuaHVuZ3llbg==?=.gov.vn; smime=pass",
    b"ARC-Authentication-Results: i=1; relay.hungyen.gov.vn; smime=pass",
    b"ARC-Authentication-Results: (x) I = 12 ;\r\n relay.hungyen.gov.vn; smime=pass",
]
OTHERS = [
    b"Authentication-Results: mx.hungyen.gov.vn; smime=pass",
    b"Authentication-Results: relay.hungyen.gov.vn.xa.vn; smime=pass",
    b"Authentication-Results: xrelay.hungyen.gov.vn; smime=pass",
    b"Authentication-Results: mx.vn (relay.hungyen.gov.vn); smime=pass",
    b'Authentication-Results: mx.vn; smime=pass reason="relay.hungyen.gov.vn"',
    b"ARC-Authentication-Results: i=1; mx.vn; smime=pass",
    b"X-Original-Authentication-Results: relay.hungyen.gov.vn; smime=pass",
    b"Subject: relay.hungyen.gov.vn; smime=pass",
    b"Received: by relay.hungyen.gov.vn; now",
]


def stripped(message: bytes, name: str = NAME) -> bytes:
    return without_forged_results(message, fields_of(message), name)


@pytest.mark.parametrize("field", OURS)
def test_what_claims_to_be_ours_is_taken_away(field: bytes) -> None:
    assert stripped(b"A: 1\r\n" + field + b"\r\nB: 2\r\n" + BODY) == b"A: 1\r\nB: 2\r\n" + BODY


@pytest.mark.parametrize("field", OTHERS)
def test_what_is_of_others_stays(field: bytes) -> None:
    message = b"A: 1\r\n" + field + b"\r\nB: 2\r\n" + BODY
    assert stripped(message) is message


def test_all_are_taken_away_however_many_fields_stand_before() -> None:
    rest = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 100) for n in range(5_000))
    forged = b"".join(field + b"\r\n" for field in OURS)
    assert stripped(forged + rest + forged + BODY) == rest + BODY


@pytest.mark.parametrize("deep", [b"(" * 30_000 + b")" * 30_000, b"(" * 60_000, b"\\(" * 30_000, b"x(" * 1_000_000])
def test_comments_however_deep_are_read_in_one_go(deep: bytes) -> None:
    """Taking the innermost comment out again and again would take as long as the square of their depth."""
    field = b"Authentication-Results: " + deep + b" relay.hungyen.gov.vn; smime=pass\r\n"
    assert stripped(field + BODY) in (BODY, field + BODY)
    assert stripped(b"Authentication-Results: " + b"(" * 30_000 + b")" * 30_000 + OURS[0][23:] + b"\r\n" + BODY) == BODY


@pytest.mark.parametrize("header", [b"A: 1\r\n" * 60_000, b"A: " + b"x" * (5 << 20) + b"\r\n"], ids=["many", "large"])
def test_a_header_beyond_all_bounds_is_not_looked_into_by_half(header: bytes) -> None:
    with pytest.raises(InputError) as caught:
        fields_of(header + OURS[0] + b"\r\n" + BODY)
    assert caught.value.code == "mail-unclear"


def test_a_name_in_two_forms_is_one() -> None:
    message = "Authentication-Results: hưngyên.vn; smime=pass\r\n".encode() + BODY
    assert stripped(message, "hưngyên.vn".encode("idna").decode()) == BODY


def inspection(*documents: Document) -> Inspection:
    return Inspection((), None, (), "", "", "", SmimeKind.NONE, (), documents, (), ())


def document(path: str, indication: Indication = Indication.TOTAL_PASSED) -> Document:
    return Document("a.pdf", path, "ab" * 32, 1, VerificationResult(path, indication))


def results(smime: MailResult, *documents: Document, reasons: tuple[Reason, ...] = (), rule: str = "rule") -> bytes:
    found = results_of(NAME, smime, inspection(*documents), action="warn", rule=rule, reasons=reasons)
    return authentication_results(found)


def parsed(field: str) -> list[tuple[str, dict[str, str]]]:
    """Read the field by the grammar of RFC 8601 clause 2.2: results, each with its properties."""
    word, key = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", r"[A-Za-z0-9-]+"
    value = r'(?:"[ !#-\[\]-~]*"|[A-Za-z0-9._+@-]+)'
    assert field.startswith("Authentication-Results: ")
    text = re.sub(r"\r\n(?=\t)", "", field.removeprefix("Authentication-Results: ")).removesuffix("\r\n")
    read = []
    for part in re.findall(r'(?:[^;"]|"[^"]*")+', text):
        first, *rest = re.findall(rf"{word}\.{key}={value}|\S+", part)
        pairs = [re.fullmatch(rf"({word}\.{key})=({value})", found) for found in rest]
        assert all(pairs), part
        read.append((first, {pair[1]: pair[2] for pair in pairs if pair}))
    return read


def test_results_follow_the_grammar() -> None:
    signer = SignerInfo(name="Nguyễn", email="van@hungyen.gov.vn", serial="0A1B")
    field = results(
        MailResult(None, Indication.TOTAL_PASSED, Smime.PASS, signer=signer),
        document("2/Quyết định “số 1”.pdf"),
        document('3/x"; smime=fail', Indication.TOTAL_FAILED),
        reasons=(Reason("pdf-broken", "3/x", ("hash-differs",)),),
        rule="thư công vụ",
    ).decode("ascii")
    name, *read = parsed(field)
    assert name == (NAME, {})
    assert [result for result, _ in read] == [
        "smime=pass",
        "x-gsign-pdf=total-passed",
        "x-gsign-pdf=total-failed",
        "x-gsign-policy=warn",
    ]
    assert read[0][1] == {"body.smime-identifier": "van@hungyen.gov.vn", "body.smime-serial": "0A1B"}
    assert read[1][1] == {"x-gsign.path": '"2/Quyet dinh ?so 1?.pdf"', "x-gsign.sha256": "ab" * 32}
    assert read[2][1]["x-gsign.path"] == '"3/x?; smime=fail"'
    assert read[3][1] == {"x-gsign.rule": '"thu cong vu"', "x-gsign.reason": '"pdf-broken 3/x (hash-differs)"'}


def test_lines_stay_short_however_much_there_is_to_say() -> None:
    documents = [document("1/" + "dài" * 5_000 + str(n)) for n in range(2_000)]
    reasons = tuple(Reason("pdf-not-signed", d.path, ("x" * 5_000,)) for d in documents)
    none = MailResult(None, Indication.NO_SIGNATURE_FOUND, Smime.NONE)
    field = results(none, *documents, reasons=reasons, rule="r" * 5_000)
    assert max(map(len, field.split(b"\r\n"))) < 998
    assert len(field) < 65_536
    assert b"x-gsign.unlisted=1950" in field
    assert all(line.startswith(b"\t") for line in field.split(b"\r\n")[1:-1])


MOMENT = datetime(2026, 11, 23, 8, 0, tzinfo=VIETNAM)


def test_the_trace_tells_who_it_came_from_and_names_one_recipient_only() -> None:
    client = Client("2001:db8::1", hello="mx.vn (by relay.x)\n", protocol="ESMTPS", tls="TLSv1.3 TLS_AES")
    field = received_field(client, NAME, "ref-1", ["a@b.vn"], MOMENT)
    assert field == (
        b"Received: from mx.vn??by?relay.x?? ([IPv6:2001:db8::1])\r\n\tby relay.hungyen.gov.vn (gsign) with ESMTPS"
        b" (TLSv1.3_TLS_AES)\r\n\tid ref-1\r\n\tfor <a@b.vn>;\r\n\tMon, 23 Nov 2026 08:00:00 +0700\r\n"
    )
    assert b"for" not in received_field(Client("1.2.3.4", hello="x"), NAME, "r", ["a@b.vn", "kin@b.vn"], MOMENT)
    assert b"from x ([1.2.3.4])" in received_field(Client("1.2.3.4", hello="x"), NAME, "r", [], MOMENT)


def test_passing_is_counted_by_what_relays_wrote() -> None:
    own = received_field(Client("1.2.3.4", hello="relay.hungyen.gov.vn"), NAME, "r", [], MOMENT)
    other = received_field(Client("1.2.3.4", hello="x"), "mx.vn", "r", [], MOMENT)
    message = own + other + b"Received: from x by RELAY.hungyen.gov.vn; now\r\nReceived: by relay.hungyen.gov.vn.xa; x"
    assert received_count(fields_of(message + b"\r\n\r\nReceived: by relay.hungyen.gov.vn; x\r\n"), NAME) == (4, 2)
