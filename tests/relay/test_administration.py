"""What whoever runs a relay does is in its ledger, and no names of persons where they are not to be."""

from __future__ import annotations

import getpass
import json
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from gsign.audit.evidence.bundle import bundle_of
from gsign.audit.evidence.checking import check_bundle
from gsign.audit.evidence.gathering import Subject
from gsign.audit.evidence.making import make_evidence
from gsign.audit.evidence.whole import Whole
from gsign.audit.pseudonyms import Pseudonyms
from gsign.audit.reading import open_reader
from gsign.config import load
from gsign.errors import InputError, TemporaryError
from gsign.office.waiting import Waiting
from tests.relay.running import POLICY, Relay, until
from tests.relay.wire import LETTER
from tests.smtp_sink import Sink


def bodies(relay: Relay, kind: str) -> list[dict[str, Any]]:
    with sqlite3.connect(relay.ledger) as connection:
        rows = connection.execute("select body from entry where kind = ? order by time", (kind,)).fetchall()
    connection.close()
    return [json.loads(body) for (body,) in rows]


def reread(relay: Relay) -> None:
    assert relay.process is not None
    before = len(bodies(relay, "administered"))
    relay.process.send_signal(signal.SIGHUP)
    until(lambda: len(bodies(relay, "administered")) > before)


def test_what_changes_in_a_configuration_is_written_down(hop: Sink, tmp_path: Path) -> None:
    relay = Relay(tmp_path, hop.address)
    with relay:
        (start,) = bodies(relay, "administered")
        assert (start["act"], start["object"], start["by"]) == ("relay-start", "relay.vn", getpass.getuser())
        assert (start["before"], start["changed"]) == (None, None)
        relay._policy = POLICY.replace('default = "reject"', 'default = "accept"')
        relay.configure()
        reread(relay)
        read = bodies(relay, "administered")[-1]
        assert (read["act"], read["changed"]) == ("relay-reload", ["policy"])
        assert read["before"] == start["after"] != read["after"]
        relay.configuration.write_text("[relay", encoding="utf-8")
        reread(relay)
        failed = bodies(relay, "administered")[-1]
        assert (failed["act"], failed["failed"]) == ("relay-reload", "config-not-toml")
    relay.configure(budget_seconds=21)
    before = len(bodies(relay, "administered"))
    with relay:
        until(lambda: len(bodies(relay, "administered")) > before)
        again = bodies(relay, "administered")[-1]
        assert (again["act"], again["changed"]) == ("relay-start", ["relay"])
        assert again["before"] == again["after"] == read["after"]


def test_who_lets_go_what_was_held_is_written_down(relay: Relay, hop: Sink) -> None:
    for then in ("release", "reject"):
        assert relay.sends(sender="a@h.vn") == 250
        waiting = Waiting(load(relay.configuration))
        (held,) = waiting.held
        getattr(waiting, then)(held.id)
    for kind in ("released", "rejected"):
        (body,) = bodies(relay, kind)
        assert body["by"] == getpass.getuser()
        assert 0 <= body["waited_seconds"] < 600


def test_a_relay_names_nobody_where_pseudonyms_are_asked_for(hop: Sink, tmp_path: Path) -> None:
    relay = Relay(tmp_path, hop.address)
    text = relay.configuration.read_text(encoding="utf-8")
    relay.configuration.write_text(text.replace("[ledger]\n", "[ledger]\npseudonyms = true\n"), encoding="utf-8")
    letter = (
        b"From: trinh.hoai@b.vn\r\nTo: quang.phuc@d.vn\r\nSubject: x\r\nMessage-ID: <1.trinh.hoai@b.vn>\r\n"
        b"MIME-Version: 1.0\r\n\r\nhello\r\n"
    )
    with relay:
        assert relay.sends(letter, "trinh.hoai@b.vn", "quang.phuc@d.vn") == 250
        assert relay.sends(letter, "trinh.hoai@r.vn", "quang.phuc@d.vn") == 550
        assert relay.sends(letter, "trinh.hoai@h.vn", "quang.phuc@d.vn") == 250
        waiting = Waiting(load(relay.configuration))
        (held,) = waiting.held
        waiting.reject(held.id, "Ông trinh.hoai@b.vn đã biết")
    octets = b"".join(path.read_bytes() for path in relay.ledger.parent.iterdir() if path.suffix != ".pseudonyms")
    for person in (b"trinh", b"hoai", b"quang", b"phuc"):
        assert person not in octets.lower()
    pseudonyms = Pseudonyms.at(relay.ledger.with_name("ledger.db.pseudonyms"))
    senders = [body["sender"] for body in bodies(relay, "decided")]
    assert senders == [pseudonyms.of_wanted(f"Trinh.Hoai@{domain}.vn").lower() for domain in "brh"]


def test_what_became_of_a_message_is_its_evidence(relay: Relay, hop: Sink) -> None:
    letter = b"From: a@b.vn\r\nTo: c@d.vn\r\nSubject: x\r\nMessage-ID: <%s@b.vn>\r\nMIME-Version: 1.0\r\n\r\nhello\r\n"
    assert relay.sends(letter % b"through") == 250
    assert relay.sends(letter % b"refused", "a@r.vn") == 550
    assert relay.sends(letter % b"held", "a@h.vn") == 250
    waiting = Waiting(load(relay.configuration))
    waiting.release(next(iter(waiting.held)).id)
    assert kinds_about(relay, "<through@b.vn>") == ["decided", "forwarded"]
    assert kinds_about(relay, "refused@b.vn") == ["decided"]
    assert kinds_about(relay, "<held@b.vn>") == ["decided", "held", "releasing", "released"]


def test_a_held_message_that_somebody_has_altered_goes_no_further(relay: Relay, hop: Sink) -> None:
    assert relay.sends(LETTER.replace(b"hello", b"to be altered"), "a@h.vn") == 250
    waiting = Waiting(load(relay.configuration))
    (held,) = [message for message in waiting.held if b"to be altered" in message.content()]
    received = held.content()
    held.path.write_bytes(received.replace(b"altered", b"changed"))
    with pytest.raises(InputError) as refused:
        waiting.release(held.id)
    assert refused.value.code == "held-altered"
    assert hop.delivered == []
    held.path.write_bytes(received)
    assert waiting.release(held.id).code == 250
    assert b"to be altered" in hop.delivered[0].content


def test_a_next_hop_that_wants_tls_first_takes_no_sender_the_notice(relay: Relay, hop: Sink) -> None:
    """Whoever is not to be found is not told; but here nobody has looked for them."""
    assert relay.sends(sender="a@h.vn") == 250
    waiting = Waiting(load(relay.configuration))
    (held,) = waiting.held
    hop.answer = lambda line: "530 5.7.0 STARTTLS first" if line.startswith("MAIL") else None
    with pytest.raises(TemporaryError):
        waiting.reject(held.id)
    hop.answer = lambda line: None
    assert waiting.reject(held.id).told == "a@h.vn"


def kinds_about(relay: Relay, message_id: str) -> list[str]:
    """Make evidence of a message, verify it, and return the kinds of its entries."""
    with open_reader(f"sqlite:///{relay.ledger}") as reader:
        made = make_evidence(Whole(reader), Subject.of(message_id), version="0")
    checked = check_bundle(bundle_of(made.facts, made.parts), "-")
    assert checked.changes == []
    assert "hello" not in str(checked.parts)
    return [entry.kind for entry in checked.entries]
