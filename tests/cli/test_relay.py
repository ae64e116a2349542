"""`gsign policy test`, `gsign held` and `gsign relay`, as an administrator and a clerk run them."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gsign.mail.held import Held
from tests.cli.office import Desk
from tests.relay.stories import entries
from tests.smtp_sink import Sink, sink

POLICY = """
[trust]
anchors = ["ca.pem"]
revocation = "off"
[policy]
default = "reject"
[[policy.rule]]
name = "thư công vụ"
from = ["hungyen.gov.vn"]
to = ["hanam.gov.vn"]
require = ["every-pdf-signed"]
then = ["sign-message"]
[[policy.rule]]
name = "giữ lại"
from = ["hungyen.gov.vn"]
to = ["congdan.vn"]
require = ["a-signed-pdf"]
otherwise = "hold"
"""
FROM = ("--from", "an@hungyen.gov.vn")
HERE = ("--to", "b@hanam.gov.vn")


def letter(document: bytes | None) -> bytes:
    head = b"From: an@hungyen.gov.vn\nTo: b@hanam.gov.vn\nSubject: a\nMIME-Version: 1.0\n"
    if document is None:
        return head + b"\nKinh gui\n"
    coded = base64.encodebytes(document)
    return head + b"Content-Type: application/pdf; name=qd.pdf\nContent-Transfer-Encoding: base64\n\n" + coded


@pytest.fixture
def ruled(desk: Desk) -> Desk:
    """A desk with a policy and three letters."""
    desk.write("gsign.toml", POLICY)
    for name, kind in (("signed", "signed-once"), ("unsigned", "one-page")):
        (desk.folder / f"{name}.eml").write_bytes(letter(desk.document(kind, f"{name}.pdf").read_bytes()))
    (desk.folder / "bare.eml").write_bytes(letter(None))
    return desk


def test_a_policy_is_tried_out(ruled: Desk) -> None:
    before = ruled.names()
    passed = ruled.run("policy", "test", "signed.eml", *FROM, *HERE, "--lang", "en")
    assert (passed.code, passed.err) == (0, "")
    assert passed.out.splitlines() == [
        "signed.eml → b@hanam.gov.vn: passes by the rule “thư công vụ”",
        "  will also be done: sign-message",
    ]
    refused = ruled.run("policy", "test", "unsigned.eml", *FROM, *HERE, "--lang", "en")
    assert refused.code == 1
    assert refused.out.splitlines() == [
        "unsigned.eml → b@hanam.gov.vn: is refused by the rule “thư công vụ”",
        "  - the document is not signed: 1/qd.pdf [pdf-not-signed]",
        "    sign it with the token issued to you and send it again",
    ]
    in_vietnamese = ruled.run("policy", "test", "unsigned.eml", *FROM, *HERE, "--lang", "vi")
    assert "  - văn bản chưa được ký số: 1/qd.pdf [pdf-not-signed]" in in_vietnamese.out
    assert ruled.names() == before


def test_a_policy_is_tried_out_for_each_recipient_and_the_worst_counts(ruled: Desk) -> None:
    everybody = (*HERE, "--to", "a@congdan.vn", "--to", "x@la.vn")
    run = ruled.run("policy", "test", "unsigned.eml", *FROM, *everybody, "--json")
    told = run.told()
    assert [(one["to"], one["action"], one["rule"], one["reply"]) for one in told] == [
        ("b@hanam.gov.vn", "reject", "thư công vụ", "550 5.7.1"),
        ("a@congdan.vn", "hold", "giữ lại", None),
        ("x@la.vn", "reject", "default", "550 5.7.1"),
    ]
    assert told[0]["reasons"] == [{"id": "pdf-not-signed", "path": "1/qd.pdf", "details": []}]
    assert run.code == 1
    from_nobody = ruled.run("policy", "test", "signed.eml", "--from", "<>", *HERE, "--json")
    assert (from_nobody.code, json.loads(from_nobody.out)["rule"]) == (1, "default")


@pytest.mark.parametrize("sender,recipient", [("an", "b@hanam.gov.vn"), ("a@b@c.vn", "b@hanam.gov.vn"), ("<>", "<>")])
def test_an_address_that_no_relay_would_take_is_no_question_to_a_policy(
    ruled: Desk, sender: str, recipient: str
) -> None:
    run = ruled.run("policy", "test", "bare.eml", "--from", sender, "--to", recipient, "--lang", "en")
    assert (run.code, run.out) == (2, "")
    assert run.err.splitlines()[0].endswith(" is wrong: a mail address is needed, such as vanthu@hungyen.gov.vn")
    # In brackets it is the same address.
    assert ruled.run("policy", "test", "signed.eml", "--from", f"<{FROM[1]}>", "--to", f"<{HERE[1]}>").code == 0


def test_what_is_no_message_is_no_question_to_a_policy(ruled: Desk) -> None:
    for name, said in (("signed.pdf", "is a PDF document, not a message"), (".", "is a folder, not a message")):
        run = ruled.run("policy", "test", name, *FROM, *HERE, "--lang", "en")
        assert (run.code, run.out) == (6, "")
        assert run.err.splitlines()[0] == f"gsign: error: {name} {said}"


def test_a_policy_is_tried_out_on_what_the_relay_would_look_at(ruled: Desk) -> None:
    letter_ = (ruled.folder / "signed.eml").read_bytes()
    # Octets that readers take differently, in a field that claims to be the relay's own: it takes the field away.
    (ruled.folder / "forged.eml").write_bytes(b"Authentication-Results: relay.vn; smime=\0\n" + letter_)
    (ruled.folder / "other.eml").write_bytes(b"Authentication-Results: other.vn; smime=\0\n" + letter_)
    (ruled.folder / "endless.eml").write_bytes(b"A: 1\n" * 60_000 + letter_)
    ruled.write(
        "gsign.toml", f'[relay]\nlisten = "127.0.0.1:1"\nnext_hop = "127.0.0.1:2"\nhostname = "relay.vn"\n{POLICY}'
    )
    assert ruled.run("policy", "test", "forged.eml", *FROM, *HERE).code == 0
    assert ruled.run("policy", "test", "other.eml", *FROM, *HERE).code == 1
    endless = ruled.run("policy", "test", "endless.eml", *FROM, *HERE, "--json")
    told = json.loads(endless.out)
    assert (endless.code, told["action"], told["rule"], told["reply"]) == (1, "reject", "mail-unclear", "550 5.6.0")


def test_without_a_policy_there_is_nothing_to_try(desk: Desk) -> None:
    (desk.folder / "a.eml").write_bytes(letter(None))
    run = desk.run("policy", "test", "a.eml", *FROM, *HERE, "--lang", "vi")
    assert (run.code, run.out) == (8, "")
    assert run.err.splitlines()[0] == "gsign: error: cấu hình thiếu mục [policy]"
    missing = desk.run("policy", "test", "none.eml", *FROM, *HERE, "--lang", "en")
    assert missing.code != 0
    assert missing.err.startswith("gsign: error: ")


# ---------------------------------------------------------------- held


@pytest.fixture
def hop() -> Iterator[Sink]:
    with sink() as running:
        yield running


@pytest.fixture
def waiting(ruled: Desk, hop: Sink) -> Desk:
    """A desk at which a message waits, and one from nobody."""
    relay = f'[relay]\nlisten = "127.0.0.1:1"\nnext_hop = "{hop.address}"\nhostname = "relay.vn"\n'
    ruled.write("gsign.toml", f'{relay}[ledger]\nurl = "sqlite:///ledger.db"\n[held]\nfolder = "held"\n{POLICY}')
    held = Held(ruled.folder / "held")
    content = letter(None).replace(b"\n", b"\r\n")
    for id_, sender in (("w-1", "<an@hungyen.gov.vn> SIZE=100"), ("w-2", "<>")):
        envelope = {
            "sender": sender,
            "recipients": ["<a@congdan.vn>"],
            "received": f"2026-11-23T08:0{id_[-1]}:00+07:00",
            "rule": "giữ lại",
            "reasons": [["no-pdf", "", []]],
            "then": [],
            "sha256": hashlib.sha256(content).hexdigest(),
            "subject": "Giấy\x1b[2J mời",
            "origin": "",
            "client": {"address": "1.2.3.4", "hello": "x.vn", "protocol": "ESMTP"},
        }
        held.add(id_, content, envelope)
    return ruled


def test_what_waits_is_listed_and_shown(waiting: Desk) -> None:
    run = waiting.run("held", "list", "--lang", "en")
    first, second = run.out.splitlines()
    assert first.startswith("w-1  2026-11-23 08:01:00+07:00  an@hungyen.gov.vn  Giấy")
    assert second.startswith("w-2  2026-11-23 08:02:00+07:00  <>  ")
    assert "\x1b" not in run.out
    shown = waiting.run("held", "show", "w-1", "--lang", "vi").out
    for words in ("Người gửi: an@hungyen.gov.vn", "Người nhận: a@congdan.vn", "Quy tắc: giữ lại"):
        assert words in shown
    assert "Lý do: thư không có văn bản PDF nào đã ký số" in shown
    record = json.loads(waiting.run("held", "show", "w-1", "--json").out)
    assert record["reasons"] == [{"id": "no-pdf", "path": "", "details": []}]
    assert Path(record["path"]).read_bytes().endswith(b"Kinh gui\r\n")


def test_days_ago_is_told_as_today(waiting: Desk) -> None:
    path = waiting.folder / "held" / "w-2" / "envelope.json"
    path.write_text(path.read_text().replace("2026-11-23", "2025-01-02"))
    lines = waiting.run("held", "list", "--lang", "en").out.splitlines()
    assert lines[0].startswith("w-2  2025-01-02 08:02:00+07:00")
    assert len(lines) == 2


def test_what_is_damaged_is_told_too(waiting: Desk) -> None:
    (waiting.folder / "held" / "w-2" / "envelope.json").write_text("{")
    run = waiting.run("held", "list", "--lang", "en")
    assert run.code == 6
    assert run.out.startswith("w-1  ")
    assert run.err.splitlines()[0].startswith("gsign: error: the envelope of the held message w-2 is damaged")
    told = waiting.run("held", "list", "--json").told()
    assert told[1] == {"id": "w-2", "damaged": True, "path": str(waiting.folder / "held" / "w-2" / "message.eml")}
    assert waiting.run("held", "release", "w-2").code == 6


def test_every_command_speaks_json(waiting: Desk, hop: Sink) -> None:
    first, second = waiting.run("held", "list", "--json").told()
    assert (first["id"], first["sender"], first["recipients"]) == (
        "w-1",
        "<an@hungyen.gov.vn> SIZE=100",
        ["<a@congdan.vn>"],
    )
    assert json.loads(waiting.run("held", "show", "w-2", "--json").out) == second
    released = json.loads(waiting.run("held", "release", "w-1", "--json").out)
    assert released == {"id": "w-1", "outcome": "released", "reply": "250 2.0.0 kept"}
    rejected = json.loads(waiting.run("held", "reject", "w-2", "--json").out)
    assert rejected == {"id": "w-2", "outcome": "rejected", "told": None, "reply": None}
    assert waiting.run("held", "list", "--json").out == ""


def test_what_waits_is_released_once(waiting: Desk, hop: Sink) -> None:
    run = waiting.run("held", "release", "w-1", "--lang", "en")
    assert (run.code, run.out) == (0, "w-1: sent on (250 2.0.0 kept)\n"), run.err
    (arrived,) = hop.delivered
    assert (arrived.sender.split()[0], arrived.recipients) == ("<an@hungyen.gov.vn>", ("<a@congdan.vn>",))
    assert arrived.content.startswith(
        b"Authentication-Results: relay.vn;\r\n\tsmime=none;\r\n\tx-gsign-policy=released"
    )
    assert arrived.content.endswith(letter(None).replace(b"\n", b"\r\n"))
    again = waiting.run("held", "release", "w-1", "--lang", "en")
    assert (again.code, again.err.splitlines()[0]) == (6, "gsign: error: no message w-1 is held")
    kinds = [kind for kind, _ in entries(waiting.folder / "ledger.db")]
    assert kinds.count("releasing") == kinds.count("released") == 1
    assert len(hop.delivered) == 1


def test_what_the_next_hop_does_not_take_still_waits(waiting: Desk, hop: Sink) -> None:
    hop.answer = lambda line: "550 5.1.1 unknown" if line.startswith("RCPT") else None
    run = waiting.run("held", "release", "w-1", "--lang", "en")
    assert run.code == 6
    assert "the next hop does not take a@congdan.vn: 550 5.1.1 unknown" in run.err
    hop.answer = lambda line: "451 4.3.0 later" if line == "." else None
    assert waiting.run("held", "release", "w-1").code == 7
    hop.answer = lambda _: None
    assert waiting.run("held", "release", "w-1").code == 0


def test_who_is_told_of_a_refusal(waiting: Desk, hop: Sink) -> None:
    silent = waiting.run("held", "reject", "w-2", "--lang", "en")
    assert (silent.code, silent.out) == (0, "w-2: refused; there is no sender to tell\n")
    assert hop.delivered == []
    told = waiting.run("held", "reject", "w-1", "--note", "Thiếu chữ ký", "--lang", "vi")
    assert told.out == "w-1: đã từ chối, đã báo cho an@hungyen.gov.vn\n"
    (notice,) = hop.delivered
    assert (notice.sender, notice.recipients) == ("<>", ("<an@hungyen.gov.vn>",))
    assert waiting.run("held", "list", "--lang", "en").out == "no messages are held\n"


def test_who_cannot_be_told_is_refused_all_the_same(waiting: Desk, hop: Sink) -> None:
    hop.answer = lambda line: "451 4.3.0 later" if line.startswith("RCPT") else None
    assert waiting.run("held", "reject", "w-1").code == 7
    hop.answer = lambda line: "550 5.1.1 unknown" if line.startswith("RCPT") else None
    run = waiting.run("held", "reject", "w-1", "--lang", "en")
    assert (run.code, run.out) == (0, "w-1: refused, but its sender could not be told: 550 5.1.1 unknown\n")


# ---------------------------------------------------------------- relay


def test_a_relay_needs_its_configuration(desk: Desk) -> None:
    without = desk.run("relay", "--lang", "en")
    assert (without.code, without.err.splitlines()[0]) == (8, "gsign: error: the configuration has no section [relay]")
    desk.write("gsign.toml", '[relay]\nlisten = "127.0.0.1:1"\nnext_hop = "127.0.0.1:1"\nhostnam = "a"\n')
    misspelt = desk.run("relay", "--lang", "en")
    assert misspelt.code == 8
    assert "hostname" in misspelt.err
    assert "Traceback" not in misspelt.err


def test_a_relay_does_not_start_where_the_port_is_taken(waiting: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        text = (waiting.folder / "gsign.toml").read_text(encoding="utf-8").replace("127.0.0.1:1", address, 1)
        waiting.write("gsign.toml", text.replace('hostname = "relay.vn"', 'hostname = "relay.vn"\nprocesses = 2'))
        run = waiting.run("relay", "--lang", "vi")
    assert run.code == 6
    assert f"gsign: error: không mở được địa chỉ nhận thư {address}" in run.err
    assert "Traceback" not in run.err
