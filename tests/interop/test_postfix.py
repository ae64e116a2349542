"""The relay between a real Postfix and another, in the three places of the manual, which says how."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.interop.postfix import Postfix, block
from tests.listeners import free_port
from tests.relay.faults import Scene, ledger_that_refuses
from tests.relay.running import Relay, until
from tests.relay.wire import Wire
from tests.smtp_sink import Sink, sink

LETTER = (
    b"From: a@b.vn\r\nTo: c@d.vn\r\nDate: Mon, 02 Nov 2026 08:00:00 +0700\r\nMessage-ID: <1@b.vn>\r\n"
    b"Subject: =?utf-8?q?C=C3=B4ng_v=C4=83n?=\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"K\xc3\xadnh g\xe1\xbb\xadi   \r\n.\r\n..dots\r\nFrom here\r\n"
)


DOCS = Path(__file__).parents[2] / "docs"


class Place(NamedTuple):
    """Servers around a relay."""

    entrance: str
    relay: Relay
    end: Sink
    """Whom the last Postfix delivers to."""
    before: Postfix
    """The one that clients speak to."""
    is_told_at_once: bool
    """Whether a client hears of a refusal itself."""


def _relay(folder: Path, ports: dict[str, int]) -> Relay:
    settings = tomllib.loads(block("gsign.toml"))["relay"]
    settings["next_hop"] = f"127.0.0.1:{ports['10026']}"
    del settings["listen"]
    relay = Relay(folder, settings["next_hop"], relay=settings)
    ports["10025"] = int(relay.address.rpartition(":")[2])
    return relay


def _before_queue(stack: ExitStack, relay: Relay, ports: dict[str, int], end: Sink) -> Postfix:
    return stack.enter_context(Postfix("office", block("before-queue/master.cf"), ports=ports, next_hop=end.address))


def _after_queue(stack: ExitStack, relay: Relay, ports: dict[str, int], end: Sink) -> Postfix:
    services, settings = block("after-queue/master.cf"), block("after-queue/main.cf")
    return stack.enter_context(Postfix("office", services, settings, ports=ports, next_hop=end.address))


def _border(stack: ExitStack, relay: Relay, ports: dict[str, int], end: Sink) -> Postfix:
    stack.enter_context(Postfix("outer", block("border/outer/master.cf"), ports=ports, next_hop=end.address))
    inner, settings = block("border/inner/master.cf"), block("border/inner/main.cf")
    return stack.enter_context(Postfix("inner", inner, settings, ports=ports))


PLACES: dict[str, Callable[[ExitStack, Relay, dict[str, int], Sink], Postfix]] = {
    "before the queue": _before_queue,
    "after the queue": _after_queue,
    "at the border": _border,
}


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    ports = {"25": free_port(), "10026": free_port()}
    with ExitStack() as stack:
        end = stack.enter_context(sink(extensions=("PIPELINING", "8BITMIME", "SIZE 50000000")))
        relay = _relay(tmp_path_factory.mktemp("relay"), ports)
        before = PLACES[request.param](stack, relay, ports, end)
        stack.enter_context(relay)
        yield Place(f"127.0.0.1:{ports['25']}", relay, end, before, request.param == "before the queue")


def _sent(place: Place, sender: str, *recipients: str) -> int:
    place.end.delivered.clear()
    with Wire(place.entrance) as wire:
        return wire.transaction(LETTER, sender, *recipients).code


def test_a_letter_arrives_octet_by_octet(place: Place) -> None:
    assert _sent(place, "a@b.vn", "c@d.vn", "e@f.vn") == 250
    until(lambda: {r for d in place.end.delivered for r in d.recipients} == {"<c@d.vn>", "<e@f.vn>"})
    for delivered in place.end.delivered:
        own, _, rest = delivered.content.partition(b"From: a@b.vn")
        assert b"From: a@b.vn" + rest == LETTER
        assert b"by relay.example.gov.vn (gsign) with ESMTP" in own
        assert b"Authentication-Results: relay.example.gov.vn;" in own
    until(lambda: place.before.queued() == 0)


def test_a_refusal_reaches_the_sender(place: Place) -> None:
    code = _sent(place, "a@r.vn", "c@d.vn")
    if place.is_told_at_once:
        assert code == 550
        assert place.end.delivered == []
        return
    assert code == 250
    until(lambda: bool(place.end.delivered))
    (report,) = place.end.delivered
    assert (report.sender.split(" ")[0], report.recipients) == ("<>", ("<a@r.vn>",))
    assert re.search(rb"Status: 5\.7\.1\r\n", report.content)
    assert b"refused; ref " in b" ".join(report.content.split())


def test_a_held_letter_leaves_the_queue(place: Place) -> None:
    held = len(list(place.relay.held.glob("[!.]*")))
    assert _sent(place, "a@h.vn", "c@d.vn") == 250
    until(lambda: len(list(place.relay.held.glob("[!.]*"))) == held + 1)
    until(lambda: place.before.queued() == 0)
    assert place.end.delivered == []


def test_mail_waits_while_the_relay_is_away_and_goes_on_by_itself(place: Place) -> None:
    place.relay.stop()
    try:
        code = _sent(place, "a@b.vn", "c@d.vn")
        assert code // 100 == (4 if place.is_told_at_once else 2)
    finally:
        place.relay.start()
    if place.is_told_at_once:
        assert _sent(place, "a@b.vn", "c@d.vn") == 250
    until(lambda: len(place.end.delivered) == 1)


def test_a_fault_of_the_relay_s_own_is_no_report_to_the_sender(place: Place) -> None:
    with ledger_that_refuses(Scene(place.relay, place.end)):
        code = _sent(place, "a@b.vn", "c@d.vn")
        if place.is_told_at_once:
            assert code == 451
        else:
            place.before.logs("said: 451")
    if place.is_told_at_once:
        assert _sent(place, "a@b.vn", "c@d.vn") == 250
    until(lambda: len(place.end.delivered) == 1)
    assert place.end.delivered[0].sender.startswith("<a@b.vn>")


def test_other_programs_send_through_it(place: Place) -> None:
    place.end.delivered.clear()
    swaks = [
        "swaks",
        "--server",
        place.entrance,
        "--from",
        "a@b.vn",
        "--to",
        "c@d.vn",
        "--body",
        "Kính gửi",
        "--timeout",
        "60",
    ]
    subprocess.run(swaks, check=True, capture_output=True, timeout=60)
    source = [
        "/usr/sbin/smtp-source",
        "-s",
        "5",
        "-m",
        "30",
        "-l",
        "5000",
        "-f",
        "a@b.vn",
        "-t",
        "c@d.vn",
        f"inet:{place.entrance}",
    ]
    subprocess.run(source, check=True, capture_output=True, timeout=60)
    until(lambda: len(place.end.delivered) == 31)


def test_the_manual_says_the_same_in_both_languages() -> None:
    texts = [(DOCS / name).read_text(encoding="utf-8") for name in ("en/deploy.md", "vi/trien-khai.md")]
    english, vietnamese = (re.findall(r"```[a-z]+\n(.*?)```", text, re.DOTALL) for text in texts)
    assert english == vietnamese
    assert len(english) == 11
