"""Three relays behind a real HAProxy with one PostgreSQL ledger: what falls away is missed by nobody."""

from __future__ import annotations

import os
import re
import signal
import smtplib
import subprocess
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from gsign.audit.reading import open_reader
from gsign.audit.verifying import verify_ledger
from tests.interop.postfix import Postfix
from tests.interop.postfix import block as deployed
from tests.listeners import free_port
from tests.postgres import Postgres
from tests.relay.haproxy import HaProxy, block
from tests.relay.running import POLICY, Relay, until
from tests.relay.test_kills import Senders, numbers_in
from tests.smtp_sink import Sink

STATIONS = ("relay1", "relay2", "relay3")
MESSAGES = 400
_MESSAGE_ID = re.compile(rb"(?mi)^message-id: <(\S+)>")
STRICTER = POLICY.replace('from = ["*"]', 'from = ["b.vn"]').replace('"through"', '"through, but for few"')


class Site(NamedTuple):
    """Relays that share their load and their ledger."""

    relays: list[Relay]
    balancer: HaProxy
    url: str
    """Of the ledger."""


@pytest.fixture(scope="module")
def _site(postgres_server: Postgres, _hop: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    url = postgres_server.database()
    settings = tomllib.loads(block("gsign.toml"))["relay"]
    with ExitStack() as stack:
        relays = []
        for station in STATIONS:
            own = {"next_hop": _hop.address, "metrics_listen": f"127.0.0.1:{free_port()}", "processes": 2}
            given = {name: value for name, value in (settings | own).items() if name != "listen"}
            ledger = f'url = "{url}"\nstation = "{station}"'
            relay = Relay(tmp_path_factory.mktemp(station), _hop.address, relay=given, ledger=ledger)
            relays.append(stack.enter_context(relay))
        balancer = stack.enter_context(HaProxy(tmp_path_factory.mktemp("haproxy"), [r.address for r in relays]))
        yield Site(relays, balancer, url)


@pytest.fixture
def site(_site: Site, postgres: Postgres, hop: Sink) -> Site:
    return _site


def answered_more(senders: Senders, count: int) -> None:
    seen = len(senders.answered)
    until(lambda: len(senders.answered) > seen + count)


def assert_nothing_lost(site: Site, hop: Sink, senders: Senders) -> None:
    arrived = numbers_in([delivered.content for delivered in hop.delivered])
    held = [file.read_bytes() for relay in site.relays for file in relay.held.glob("[!.]*/message.eml")]
    assert senders.answered <= arrived.keys() | numbers_in(held).keys()
    assert set(senders.replies) <= {0, 250, 451, 421}
    verified = verify_ledger(site.url)
    assert verified.is_whole, verified.to_dict()


def decided_by(site: Site) -> dict[str, int]:
    """Count the decisions in the chains of each station."""
    found = dict.fromkeys(STATIONS, 0)
    with open_reader(site.url) as reader:
        for chain in reader.chains():
            station = chain.writer.partition(".")[0]
            found[station] += sum(entry.kind == "decided" for entry in reader.entries(chain.writer))
    return found


def test_one_that_is_killed_under_load_is_missed_by_nobody(site: Site, hop: Sink) -> None:
    killed = site.relays[1]
    with Senders(site.balancer) as senders:
        answered_more(senders, 60)
        killed.kill()
        answered_more(senders, 120)
        before = decided_by(site)["relay2"]
        killed.start()
        # Connections that last stay where they are; new ones go to whom few have.
        until(lambda: _sends(site) == 250 and decided_by(site)["relay2"] > before)
    assert_nothing_lost(site, hop, senders)
    assert all(decided_by(site).values())


def test_the_ledger_started_again_under_load(site: Site, hop: Sink, postgres: Postgres) -> None:
    with Senders(site.balancer) as senders:
        answered_more(senders, 60)
        postgres.kill()
        refused = senders.replies[451]
        until(lambda: senders.replies[451] > refused + 5)
        known = len(senders.answered)
        postgres.start()
        until(lambda: len(senders.answered) > known + 60)
    assert_nothing_lost(site, hop, senders)


def test_who_is_spoken_for_is_known_behind_the_balancer(site: Site, hop: Sink) -> None:
    host, _, port = site.balancer.address.rpartition(":")
    with smtplib.SMTP(host, int(port), source_address=("127.0.0.7", 0)) as client:
        client.sendmail("a@b.vn", ["c@d.vn"], "Subject: x\r\n\r\ny\r\n")
    (delivered,) = hop.delivered
    assert b"[127.0.0.7]" in delivered.content.partition(b"Subject:")[0]


def test_mail_of_a_server_in_front_arrives_though_one_is_killed(site: Site, hop: Sink) -> None:
    ports = {"25": free_port(), "10025": int(site.balancer.address.rpartition(":")[2]), "10026": free_port()}
    services, settings = deployed("after-queue/master.cf"), deployed("after-queue/main.cf")
    source = ["/usr/sbin/smtp-source", "-m", str(MESSAGES), "-s", "8", "-l", "4096", "-f", "a@b.vn", "-t", "c@d.vn"]
    with Postfix("front", services, settings, ports=ports) as front:
        with subprocess.Popen([*source, f"127.0.0.1:{ports['25']}"]) as sending:
            until(lambda: len(hop.delivered) > MESSAGES // 8)
            site.relays[2].kill()
            assert len(hop.delivered) < MESSAGES
            assert sending.wait(60) == 0
        until(lambda: not front.queued())
    site.relays[2].start()
    sent = {_MESSAGE_ID.search(delivered.content)[1] for delivered in hop.delivered}  # type: ignore[index]
    assert len(sent) == MESSAGES
    assert verify_ledger(site.url).is_whole


def digests(site: Site, section: str) -> set[str]:
    """Return what the relays' metrics say of a section of their configuration."""
    found = set()
    for relay in site.relays:
        address = relay._settings["metrics_listen"]
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=60) as answer:
            text = answer.read().decode()
        value = re.search(rf'^gsign_configuration_digest{{section="{section}"}} (\S+)$', text, re.MULTILINE)
        assert value is not None, text
        found.add(value[1])
    return found


def test_policies_that_differ_are_seen_and_new_ones_come_together(site: Site, hop: Sink) -> None:
    assert len(digests(site, "policy")) == len(digests(site, "trust")) == 1
    before = digests(site, "policy")
    for relay in site.relays:
        relay.configure(policy=STRICTER)
    assert digests(site, "policy") == before
    _reload(site.relays[0])
    until(lambda: len(digests(site, "policy")) == 2)
    for relay in site.relays[1:]:
        _reload(relay)
    until(lambda: len(digests(site, "policy")) == 1)
    assert digests(site, "policy") != before
    assert [_sends(site, "x@elsewhere.vn") for _ in range(12)] == [550] * 12
    for relay in site.relays:
        relay.configure(policy=POLICY)
        _reload(relay)
    until(lambda: digests(site, "policy") == before)


def _sends(site: Site, sender: str = "a@b.vn") -> int:
    with site.balancer.wire() as wire:
        return wire.transaction(sender=sender).code


def _reload(relay: Relay) -> None:
    assert relay.process is not None
    os.kill(relay.process.pid, signal.SIGHUP)
