"""What domains vouch for: looked at as a message comes, signed and sealed as it leaves; dkimpy judges by real DNS."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress

import dkim
import dns.resolver
import pytest

from gsign.config import load
from gsign.office.waiting import Waiting
from tests.dns_server import NameServer, name_server
from tests.domain_keys import domain_key, record, written
from tests.drivers import judges_of
from tests.relay.running import THROUGH, Relay, policy, rule
from tests.relay.wire import LETTER
from tests.smtp_sink import Sink
from tests.unit.test_arc import THEIRS, by_dkimpy
from tests.unit.test_dkim import by_dkimpy as signed_by_dkimpy

FROM_US = LETTER.replace(b"Subject: x", b"Subject: =?utf-8?q?V=C4=83n_b=E1=BA=A3n?=\r\nMessage-ID: <[1]>")
AGENCIES = """
[[agency]]
name = "B"
domains = ["b.vn", "h.vn", "*.b.vn"]
dkim_selector = "gsign"
dkim_key = "dkim.pem"
[[agency]]
name = "E"
domains = ["e.vn"]
dkim_selector = "ed"
dkim_domain = "mail.e.vn"
dkim_key = "ed.pem"
"""
POLICY = policy(
    rule("held", "h.vn", require=["a-signed-pdf"], otherwise="hold", then=["dkim-sign"]),
    rule("ours", "b.vn", "e.vn", "other.vn", to="d.vn", then=["dkim-sign"]),
    THROUGH,
)


@pytest.fixture(scope="module")
def zone() -> Iterator[NameServer]:
    with name_server() as running:
        running.texts |= {
            "gsign._domainkey.b.vn": [record(domain_key())],
            "gsign._domainkey.h.vn": [record(domain_key())],
            "ed._domainkey.mail.e.vn": [record(domain_key("ed25519"))],
            "arc._domainkey.relay.vn": [record(domain_key())],
            "sel._domainkey.b.vn": [record(domain_key())],
            f"sel._domainkey.{THEIRS}": [record(domain_key(name="theirs"))],
        }
        yield running


@pytest.fixture(scope="module")
def vouching(_hop: Sink, zone: NameServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    folder = tmp_path_factory.mktemp("vouching")
    written(folder / "dkim.pem", domain_key())
    written(folder / "ed.pem", domain_key("ed25519"))
    settings = {"resolver": zone.address, "arc_domain": "relay.vn", "arc_selector": "arc", "arc_key": "dkim.pem"}
    with Relay(folder, _hop.address, relay=settings, more=AGENCIES, policy=POLICY) as running:
        yield running


class Judge:
    """dkimpy, asking the name server as everybody would."""

    def __init__(self, zone: NameServer) -> None:
        self._stub = dns.resolver.Resolver(configure=False)
        host, _, port = zone.address.rpartition(":")
        self._stub.nameservers, self._stub.port = [host], int(port)

    def dkim(self, message: bytes) -> bool:
        return dkim.verify(message, dnsfunc=self._text)

    def arc(self, message: bytes) -> str:
        return (dkim.arc_verify(message, dnsfunc=self._text)[0] or b"fail").decode()

    def _text(self, name: bytes, timeout: float = 5) -> bytes:
        return b"".join(self._stub.resolve(name.decode(), "TXT")[0].strings)


@pytest.fixture
def judge(zone: NameServer) -> Judge:
    return Judge(zone)


def results_of(message: bytes) -> str:
    """Return our Authentication-Results on one line."""
    found = re.search(rb"^Authentication-Results: (relay\.vn;(?:.*\r\n[\t ])*.*)\r\n", message, re.MULTILINE)
    assert found is not None
    return re.sub(r"\s+", " ", found[1].decode())


def last(relay: Relay, kind: str) -> dict:
    with closing(sqlite3.connect(relay.ledger)) as ledger:
        row = ledger.execute("SELECT body FROM entry WHERE kind = ? ORDER BY rowid DESC LIMIT 1", (kind,)).fetchone()
    found: dict = json.loads(row[0])
    return found


def test_our_mail_leaves_signed_for_its_domain(vouching: Relay, hop: Sink, judge: Judge) -> None:
    assert vouching.sends(FROM_US) == 250
    arrived = hop.delivered[0].content
    assert arrived.endswith(FROM_US)
    assert b"d=b.vn; s=gsign;" in arrived
    assert judge.dkim(arrived)
    assert judge.arc(arrived) == "pass"
    assert not judge.dkim(arrived.replace(b"hello", b"hallo"))
    assert last(vouching, "forwarded")["vouched"] == [
        {"field": "DKIM-Signature", "domain": "b.vn", "selector": "gsign", "algorithm": "rsa-sha256"},
        {"field": "ARC-Seal", "domain": "relay.vn", "selector": "arc", "algorithm": "rsa-sha256", "instance": 1},
    ]


def test_an_agency_may_sign_by_one_domain_for_all(vouching: Relay, hop: Sink, judge: Judge) -> None:
    assert vouching.sends(LETTER.replace(b"a@b.vn", b"a@e.vn"), "a@e.vn") == 250
    assert b"a=ed25519-sha256; d=mail.e.vn; s=ed;" in b" ".join(hop.delivered[0].content.split())
    assert judge.dkim(hop.delivered[0].content)


@pytest.mark.parametrize(
    "content, sender, recipient",
    [
        pytest.param(LETTER, "a@other.vn", "c@d.vn", id="sent by somebody else"),
        pytest.param(LETTER.replace(b"a@b.vn", b"a@e.vn"), "a@b.vn", "c@d.vn", id="in another agency's name"),
        pytest.param(LETTER.replace(b"a@b.vn", b"a@b.vn, x@y.vn"), "a@b.vn", "c@d.vn", id="by several"),
        pytest.param(LETTER.replace(b"From: a@b.vn\r\n", b""), "a@b.vn", "c@d.vn", id="by nobody"),
        pytest.param(LETTER, "x@elsewhere.vn", "c@d.vn", id="by a stranger"),
        pytest.param(b"From: a@b.vn\r\n" + LETTER, "a@b.vn", "c@d.vn", id="by From twice"),
        pytest.param(LETTER, "a@b.vn", "c@elsewhere.vn", id="by a rule that does not say so"),
    ],
)
def test_nobody_elses_mail_is_vouched_for(
    vouching: Relay, hop: Sink, content: bytes, sender: str, recipient: str
) -> None:
    assert vouching.sends(content, sender, recipient) == 250
    assert b"DKIM-Signature" not in hop.delivered[0].content


def test_what_came_is_looked_at_before_it_is_altered(vouching: Relay, hop: Sink, judge: Judge) -> None:
    message = signed_by_dkimpy(by_dkimpy(LETTER))
    assert vouching.sends(message) == 250
    arrived = hop.delivered[0].content
    assert "dkim=pass header.d=b.vn header.s=sel header.a=rsa-sha256; arc=pass;" in results_of(arrived)
    assert b"ARC-Seal: i=2; cv=pass;" in arrived
    assert judge.arc(arrived) == "pass"
    told = last(vouching, "decided")
    assert told["arc"] == {"state": "pass", "sets": 1}
    assert told["dkim"] == [{"result": "pass", "domain": "b.vn", "selector": "sel", "algorithm": "rsa-sha256"}]


def test_what_was_altered_before_is_sealed_as_broken(vouching: Relay, hop: Sink, judge: Judge) -> None:
    assert vouching.sends(signed_by_dkimpy(by_dkimpy(LETTER)).replace(b"hello", b"hallo")) == 250
    arrived = hop.delivered[0].content
    assert "dkim=fail header.d=b.vn" in results_of(arrived)
    assert "arc=fail" in results_of(arrived)
    assert b"ARC-Seal: i=2; cv=fail;" in arrived
    assert last(vouching, "decided")["dkim"][0]["reason"] == "body has been altered"


def test_our_own_results_in_a_sound_chain_stay_and_forged_ones_do_not(vouching: Relay, hop: Sink, judge: Judge) -> None:
    assert vouching.sends(FROM_US) == 250
    first = hop.delivered.pop().content
    assert vouching.sends(first) == 250
    again = hop.delivered.pop().content
    assert again.count(b"ARC-Authentication-Results: i=1; relay.vn;") == 1
    assert again.count(b"\r\nAuthentication-Results: relay.vn;") == 1
    assert judge.arc(again) == "pass"
    forged = b"ARC-Authentication-Results: i=1; relay.vn; smime=pass\r\n" + LETTER
    assert vouching.sends(forged) == 250
    arrived = hop.delivered.pop().content
    assert b"i=1; relay.vn; smime=pass" not in arrived
    assert "arc=fail" in results_of(arrived)


@pytest.mark.parametrize("trouble", ["failing", "silent"])
def test_a_name_server_in_trouble_stops_no_mail(vouching: Relay, hop: Sink, zone: NameServer, trouble: str) -> None:
    name = f"{trouble}._domainkey.b.vn"
    getattr(zone, trouble).add(name)
    message = signed_by_dkimpy(LETTER).replace(b"s=sel", f"s={trouble}".encode())
    assert vouching.sends(message) == 250
    assert f"dkim=temperror header.d=b.vn header.s={trouble}" in results_of(hop.delivered[0].content)


def test_who_judges_strangers_documents_holds_no_key(vouching: Relay) -> None:
    secret = domain_key().private_numbers().p.to_bytes(128, "little")
    judges = judges_of(*vouching.pids())
    assert judges
    assert any(_holds(pid, secret) for pid in vouching.pids())
    assert not any(_holds(pid, secret) for pid in judges)


def _holds(process: int, secret: bytes) -> bool:
    """Look for octets in what a process can write to."""
    with open(f"/proc/{process}/maps", encoding="ascii") as maps, open(f"/proc/{process}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights, *_ = line.split()
            start, _, end = (int(text, 16) if text != "-" else 0 for text in span.partition("-"))
            if rights.startswith("rw"):
                with suppress(OSError, OverflowError):
                    memory.seek(start)
                    if secret in memory.read(end - start):
                        return True
    return False


def test_a_message_without_any(vouching: Relay, hop: Sink) -> None:
    assert vouching.sends(LETTER, "x@elsewhere.vn") == 250
    assert "smime=none; dkim=none; arc=none;" in results_of(hop.delivered[0].content)


def test_what_a_person_releases_is_vouched_for_too(vouching: Relay, hop: Sink, judge: Judge) -> None:
    assert vouching.sends(LETTER.replace(b"a@b.vn", b"a@h.vn"), "a@h.vn") == 250
    waiting = Waiting(load(vouching.configuration))
    (held,) = waiting.held
    assert waiting.release(held.id).code == 250
    arrived = hop.delivered[0].content
    assert judge.dkim(arrived)
    assert judge.arc(arrived) == "pass"
    assert [said["field"] for said in last(vouching, "released")["vouched"]] == ["DKIM-Signature", "ARC-Seal"]


def test_nobody_is_asked_where_no_name_server_is_configured(relay: Relay, hop: Sink, zone: NameServer) -> None:
    zone.asked.clear()
    assert relay.sends(signed_by_dkimpy(LETTER)) == 250
    assert "dkim" not in results_of(hop.delivered[0].content)
    assert zone.asked == []
