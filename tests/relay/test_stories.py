"""Every story comes out as it is written down: the reply, the ledger, and what the next hop got."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import dkim
import pytest

from gsign.config import load
from gsign.office.waiting import Waiting
from gsign.smtp.reply import Reply
from tests.domain_keys import domain_key, record, written
from tests.pki import Pki
from tests.relay.running import Relay
from tests.relay.stories import STORIES, Materials, Story, entries
from tests.smtp_sink import Delivered, Sink
from tests.softhsm import PIN, Item, Office


@pytest.fixture(scope="module")
def materials(session_pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Materials:
    return Materials(session_pki, tmp_path_factory.mktemp("materials"))


@pytest.fixture(scope="module")
def relay_of(
    _hop: Sink, materials: Materials, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Relay]]:
    """Start the relay of a configuration; stories with the same one share it."""
    agency = materials.agency
    office = Office(tmp_path_factory.mktemp("office"))
    office.token("VP", [Item(agency.der, agency.key)])
    running: dict[str, Relay] = {}
    with ExitStack() as started, pytest.MonkeyPatch.context() as patch:
        patch.setenv(*office.setting)

        def start(configuration: str) -> Relay:
            if configuration not in running:
                folder = tmp_path_factory.mktemp("relay")
                (folder / "van-thu.pem").write_bytes(agency.pem)
                written(folder / "dkim.pem", domain_key())
                (folder / "pin").write_text(PIN)
                (folder / "pin").chmod(0o600)
                more = f'[token]\nmodule = "{office.module}"\npin_file = "pin"\n{trusting(materials)}'
                relay = Relay(folder, _hop.address, more=more, policy=configuration)
                running[configuration] = started.enter_context(relay)
            return running[configuration]

        yield start


def trusting(materials: Materials) -> str:
    anchors = ", ".join(f'"{path}"' for path in materials.anchors)
    return f'[trust]\nanchors = [{anchors}]\nrevocation = "off"\n'


def test_there_are_stories() -> None:
    assert len(STORIES) >= 20


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_story(
    story: Story, relay_of: Callable[[str], Relay], materials: Materials, hop: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay, expected = relay_of(story.configuration), story.expected
    before = len(entries(relay.ledger))
    message = story.message(materials)
    with relay.wire() as wire:
        for recipient, reply in zip(expected["to"], wire.envelope(expected["from"], expected["to"])[1:], strict=True):
            assert reply.code == expected.get("recipients", {}).get(recipient, 250), reply
        assert wire.say("DATA").code == 354
        reply = wire.content(message)
    require_reply(reply, expected)
    if "then" in expected:
        assert hop.delivered == []
        act_on_held(relay, reply, expected)
    require_entries(entries(relay.ledger)[before:], message, expected)
    require_delivered(hop.delivered, message, expected, materials)


def require_reply(reply: Reply, expected: dict) -> None:
    assert (reply.code, reply.enhanced) == (expected["reply"], expected["enhanced"]), reply
    text = " ".join(reply.lines)
    for said in expected.get("says", ()):
        assert said in text
    if not reply.is_positive:
        ending, _, reference = reply.lines[-1].partition("; ref ")
        assert ending == f"{expected['enhanced']} {expected['ends']}"
        assert reference


def act_on_held(relay: Relay, reply: Reply, expected: dict) -> None:
    waiting = Waiting(load(relay.configuration))
    (held,) = waiting.held
    assert reply.lines[-1].endswith(held.id)
    if expected["then"] == "release":
        assert waiting.release(held.id).code == 250
    else:
        assert waiting.reject(held.id, "Đã trao đổi qua điện thoại").told == expected.get("told", "")
    assert list(waiting.held) == []


def require_entries(found: list[tuple[str, dict]], message: bytes, expected: dict) -> None:
    kinds = [kind for kind, _ in found if kind not in ("anchored", "administered")]
    assert kinds == expected["ledger"]
    for kind, body in found:
        if kind == "decided":
            assert body["action"] == expected["action"]
            assert sorted({reason[0] for reason in body["reasons"]}) == sorted(expected.get("reasons", []))
        if kind == "done":
            assert [record["action"] for record in body["records"]] == expected["done"]
        # Digests, names and reasons: never what people write to each other.
        assert "Kính gửi" not in str(body)
        assert "Mật" not in str(body)


def require_delivered(delivered: list[Delivered], message: bytes, expected: dict, materials: Materials) -> None:
    if not expected.get("arrives"):
        assert delivered == []
        return
    (found,) = delivered
    assert found.sender.startswith(expected.get("arrives_from", f"<{expected['from']}>"))
    text = found.content.decode("utf-8", "replace")
    for words in expected.get("has", ()):
        assert words in text
    for words in expected.get("lacks", ()):
        assert words not in text
    if expected.get("as_received"):
        assert found.content.endswith(message)
    if "vouched_for_by" in expected:
        zone = {f"{expected['vouched_for_by']}.".encode(): record(domain_key()).encode()}
        assert dkim.verify(found.content, dnsfunc=lambda name, timeout=5: zone[name])
    if "signed_for" in expected:
        result = materials.judged(found.content)
        assert (result.smime.value, result.signer and result.signer.email) == ("pass", expected["signed_for"])


def test_a_header_beyond_all_bounds_is_refused(relay: Relay, hop: Sink) -> None:
    with relay.wire() as wire:
        reply = wire.transaction(b"A: 1\r\n" * 60_000 + b"Authentication-Results: relay.vn; smime=pass\r\n\r\nx\r\n")
    assert (reply.code, reply.enhanced) == (550, "5.6.0")
    assert "too-many-fields" in " ".join(reply.lines)
    assert hop.delivered == []
    assert entries(relay.ledger)[-1][1]["code"] == "mail-unclear"
