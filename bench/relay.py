"""The relay beside aiosmtpd's own forwarding handler and beside Postfix, which look at nothing and write nothing down.

All pass messages on to the same next hop, over loopback. Postfix does so in two ways: as it keeps its promise, with
each message in its queue on disk before its client is answered, and as before a filter, with nothing kept. The relay
has a policy that asks for signed documents, its ledger, and verification; signed documents are all different, so none
is judged from memory. Figures are messages a second, until the next hop has them all, and messages that each server
gets through in a second of processor time: those who send and the next hop take theirs from the same processors.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import NamedTuple

from bench.desk import Desk
from bench.harness import Case, Comparison, Measure, Race, UnmeasuredError, beside
from bench.relay_load import Sent, send
from bench.relay_servers import Server, gsign_relay, held_to, postfix, sink, stock
from gsign import pdf

__all__ = ["CASES"]

_HEAD = b"From: a@hungyen.gov.vn\r\nTo: c@d.vn\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
_STOCK, _POSTFIX, _WITHOUT_QUEUE = "aiosmtpd's Proxy", "Postfix", "Postfix, nothing queued"
_OF_CPU = " by CPU time"
_SHARE = 0.25

Messages = Callable[[int], list[bytes]]
"""Make so many messages."""


class Load(NamedTuple):
    """What is sent in a turn."""

    sessions: int
    each: int
    """Messages of each session."""
    messages: Messages

    def send(self, server: Server) -> Sent:
        """Send it."""
        try:
            return send(server.port, self.sessions, self.messages(self.sessions * self.each))
        except OSError as error:
            raise UnmeasuredError(f"a message was not taken: {error}") from error


def _plain(octets: int) -> Messages:
    message = _HEAD + b"\r\n" + (b"x" * 74 + b"\r\n") * (octets // 76) + b".\r\n"
    return lambda count: [message] * count


def _with_document(desk: Desk, octets: int) -> Messages:
    signer = desk.signer()
    bulk = desk.folder / "bulk.pdf"
    if not bulk.exists():
        from tests.documents import large

        large(bulk, octets)

    def make(count: int) -> list[bytes]:
        return [_attached(pdf.sign(bulk, signer, trust=desk.trust)) for _ in range(count)]

    return make


def _attached(document: bytes) -> bytes:
    lines = base64.encodebytes(document).replace(b"\n", b"\r\n")
    kind = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return _HEAD + kind + lines + b".\r\n"


# ---------------------------------------------------------------- figures


class _Turns:
    """Turns of one server: each gives a rate, and then what the server itself took for it."""

    def __init__(self, server: Server, load: Load) -> None:
        self._server = server
        self._load = load
        self._of_cpu = 0.0

    def rate(self) -> float:
        """Send the load, and return messages a second."""
        before = self._server.cpu()
        sent = self._load.send(self._server)
        answered = time.perf_counter()
        self._server.hand_on()
        seconds = sent.seconds + time.perf_counter() - answered
        count = len(sent.delays)
        self._of_cpu = count / (self._server.cpu() - before)
        return count / seconds

    def of_cpu(self) -> float:
        """Return messages for a second of processor time, of the turn before."""
        return self._of_cpu


def _raced(servers: Mapping[str, Server], load: Load) -> dict[str, Measure]:
    contenders: dict[str, Measure] = {}
    for name, server in servers.items():
        turns = _Turns(server, load)
        contenders[name] = turns.rate
        contenders[name + _OF_CPU] = turns.of_cpu
    return contenders


def _beside_both(peer: str, at_least: float | None) -> tuple[Comparison, Comparison]:
    by_cpu = peer + _OF_CPU
    return beside(peer, at_least=at_least), Comparison(by_cpu, lambda r: r["gsign" + _OF_CPU], lambda r: r[by_cpu])


# ---------------------------------------------------------------- cases


@contextmanager
def _race(
    desk: Desk, load: Callable[[Desk], Load], *, stock_at_least: float | None, postfix_at_least: float | None
) -> Iterator[Race]:
    with ExitStack() as running:
        next_hop = running.enter_context(sink()).port
        sent = load(desk)
        servers = {"gsign": running.enter_context(gsign_relay(desk, next_hop))}
        comparisons: list[Comparison] = []
        if stock_at_least is not None:
            servers[_STOCK] = running.enter_context(stock(next_hop))
            comparisons += _beside_both(_STOCK, stock_at_least)
        if postfix_at_least is not None:
            servers[_POSTFIX] = running.enter_context(postfix(next_hop, queues=True))
            servers[_WITHOUT_QUEUE] = running.enter_context(postfix(next_hop, queues=False))
            comparisons += _beside_both(_POSTFIX, postfix_at_least) + _beside_both(_WITHOUT_QUEUE, None)
        yield Race(_raced(servers, sent), tuple(comparisons), unit="/s", rounds=9, quick_rounds=5)


@contextmanager
def _processes(desk: Desk, load: Callable[[Desk], Load], share: float | None = None) -> Iterator[Race]:
    """Compare two processes with one. Those who send and the next hop need processors as well.

    Where there are no more than two processors, two processes cannot be faster than one by more than what one leaves
    idle: the figure by CPU time then says what the second one costs, and the rate what it brings on this machine. Where
    each has a share of a processor, there is enough for all, and the rate says whether one waits for another.
    """
    with ExitStack() as running:
        next_hop = running.enter_context(sink()).port
        sent = load(desk)
        servers = {
            "gsign": running.enter_context(gsign_relay(desk, next_hop, 2)),
            "one process": running.enter_context(gsign_relay(desk, next_hop, 1)),
        }
        if share is not None:
            for server in servers.values():
                running.enter_context(held_to(server, share))
        target = 1.6 if share is not None or (os.cpu_count() or 1) >= 4 else None
        yield Race(_raced(servers, sent), _beside_both("one process", target), unit="/s", rounds=9, quick_rounds=5)


@contextmanager
def _delay(desk: Desk) -> Iterator[Race]:
    """Compare the slowest hundredth through the relay with the slowest hundredth of the next hop itself."""

    def slowest(server: Server, load: Load) -> float:
        delays = sorted(load.send(server).delays)
        return 1000 * delays[len(delays) * 99 // 100]

    with ExitStack() as running:
        hop = running.enter_context(sink())
        relay = running.enter_context(gsign_relay(desk, hop.port))
        load = Load(20, 25, _plain(10_000))
        comparison = Comparison("the next hop", lambda r: r["gsign"], lambda r: r["the next hop"])
        contenders: dict[str, Measure] = {
            "gsign": partial(slowest, relay, load),
            "the next hop": partial(slowest, hop, load),
        }
        yield Race(contenders, (comparison,), rounds=5, quick_rounds=3)


def _case(
    name: str, title: str, load: Callable[[Desk], Load], stock: float | None = None, postfix: float | None = None
) -> Case:
    return Case(name, title, partial(_race, load=load, stock_at_least=stock, postfix_at_least=postfix))


CASES = (
    _case("relay-10k-20", "relay 10 kB, 20 sessions", lambda _: Load(20, 40, _plain(10_000)), 4, 1),
    _case("relay-10k-1", "relay 10 kB, 1 session", lambda _: Load(1, 100, _plain(10_000)), 1, 1),
    _case("relay-2k-20", "relay 2 kB, 20 sessions", lambda _: Load(20, 40, _plain(2_000)), 4, 1),
    _case("relay-300k", "relay 300 kB, 20 sessions", lambda _: Load(20, 10, _plain(300_000)), 1, 1),
    _case("relay-1m", "relay 1 MB, 20 sessions", lambda _: Load(20, 4, _plain(1_000_000)), 4, 0.7),
    _case("relay-5m", "relay 5 MB, 20 sessions", lambda _: Load(20, 1, _plain(5_000_000)), 4, 0.7),
    _case("relay-pdf-1", "relay 1 MB signed PDF", lambda d: Load(1, 10, _with_document(d, 1_000_000)), 2),
    _case("relay-pdf-20", "relay 1 MB signed PDF, 20", lambda d: Load(20, 2, _with_document(d, 1_000_000)), 4),
    Case(
        "relay-processes",
        "relay 2 processes, 10 kB",
        partial(_processes, load=lambda _: Load(20, 40, _plain(10_000))),
    ),
    Case(
        "relay-processes-pdf",
        "relay 2 processes, signed PDF",
        partial(_processes, load=lambda d: Load(20, 2, _with_document(d, 1_000_000))),
    ),
    Case(
        "relay-processes-held",
        f"relay 2 processes, 10 kB, each {_SHARE:.0%} of a core",
        partial(_processes, load=lambda _: Load(40, 20, _plain(10_000)), share=_SHARE),
    ),
    Case("relay-p99", "relay p99 of 10 kB, 20 sessions", _delay),
)
