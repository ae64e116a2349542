"""What the relay counts, and where it is read: Prometheus text at /metrics, and /health for whoever watches over it.

Relay processes count into files of one folder; a process of its own adds them up when it is asked.
"""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from gsign.mail.held import Held
from gsign.smtp.client import split_address

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

__all__ = ["Metrics", "prepare_metrics", "serve_metrics"]

_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_GREETS: Final = "gsign_greets_first"
_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_HEALTH_SECONDS: Final = 5
_REMEMBERED: Final = 20_000
"""Messages by which one that is delivered again is known."""
_ASKING: Final = 32
"""How many may ask at once; another one takes the place of who has asked longest."""

_KINDS: Final = ("counter", "gauge_mostrecent", "histogram")
_ROOM: Final = 1 << 16
"""Octets of a file that a process counts into: more than it needs, and as many as the library begins with."""

_log = logging.getLogger("gsign.relay")


def prepare_metrics() -> tempfile.TemporaryDirectory[str]:
    """Make the folder into which processes count; to be called before the first of them begins."""
    folder = tempfile.TemporaryDirectory(prefix="gsign-metrics-")
    os.environ[_FOLDER] = folder.name
    return folder


def _make_room() -> None:
    """Have room for what this process counts, or count for nobody: a page that a full disk lacks would end it."""
    folder = os.environ.get(_FOLDER)
    if folder is None:
        return
    files = [Path(folder, f"{kind}_{os.getpid()}.db") for kind in _KINDS]
    try:
        for path in files:
            with path.open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, _ROOM)
    except OSError as error:
        _log.error("nothing is counted by process %d: %s", os.getpid(), error.strerror)
        del os.environ[_FOLDER]
        for path in files:
            path.unlink(missing_ok=True)


class Metrics:
    """Count what was done."""

    def __init__(self) -> None:
        _make_room()
        # It looks for the folder when it is imported.
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        # A registry of its own: a configuration that is read again counts on in the same files.
        registry = CollectorRegistry()
        self._decisions = Counter("gsign_decisions", "Decisions on messages", ["action"], registry=registry)
        self._documents = Counter("gsign_documents", "Documents in messages", ["indication"], registry=registry)
        self._replies = Counter("gsign_replies", "Replies to messages", ["code"], registry=registry)
        self._duplicates = Counter("gsign_duplicates", "Messages delivered once more", registry=registry)
        self._delivered: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()
        self._octets = Counter("gsign_message_bytes", "Octets of messages received", registry=registry)
        self._seconds = Histogram(
            "gsign_message_seconds", "Time from the end of a message to its reply", buckets=_SECONDS, registry=registry
        )
        self._configuration = Gauge(
            "gsign_configuration_digest",
            "Beginning of the SHA-256 of a section in force; relays that go by the same have the same",
            ["section"],
            registry=registry,
            multiprocess_mode="mostrecent",
        )

        self._greets = Gauge(
            _GREETS,
            "Whether a client is greeted before it says anything",
            registry=registry,
            multiprocess_mode="mostrecent",
        )

    def configured(self, sections: Mapping[str, str], *, greets: bool) -> None:
        """Show by which configuration messages are dealt with; a number holds the first 48 bits of each digest.

        Args:
            sections: name and SHA-256 of each.
            greets: whether who connects is greeted at once: neither before TLS nor before a PROXY header.
        """
        self._greets.set(greets)
        for name, digest in sections.items():
            self._configuration.labels(name).set(int(digest[:12], 16))

    def decided(self, action: str, documents: Sequence[str]) -> None:
        """Count a decision, and the indications of the documents that it was about."""
        self._decisions.labels(action).inc()
        for indication in documents:
            self._documents.labels(indication).inc()

    def delivered(self, sha256: str, recipients: Sequence[str]) -> None:
        """Count a message that the next hop has taken before, as far as this process remembers; the ledger has all."""
        key = hashlib.sha256("\0".join([sha256, *sorted(recipients)]).encode()).digest()
        with self._lock:
            is_known = key in self._delivered
            self._delivered[key] = None
            self._delivered.move_to_end(key)
            if len(self._delivered) > _REMEMBERED:
                self._delivered.popitem(last=False)
        if is_known:
            self._duplicates.inc()

    def replied(self, codes: Sequence[int], seconds: float, octets: int) -> None:
        """Count what a client was told, and how long it waited."""
        for code in codes:
            self._replies.labels(str(code)).inc()
        self._seconds.observe(seconds)
        self._octets.inc(octets)


def serve_metrics(address: str, *, relay: str, held: Held | None, is_ready: Callable[[], None]) -> None:
    """Answer for /metrics and /health until the process is told to stop.

    Args:
        address: `host:port`.
        relay: where mail is taken, to see whether it is.
        held: messages that wait, to be counted.
        is_ready: called when questions are taken.
    """
    host, port = split_address(address)

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path == "/metrics":
            body, status, kind = _collected(held), "200 OK", "text/plain; version=0.0.4; charset=utf-8"
        elif path == "/health":
            is_well = _takes_mail(relay)
            body = b"ok\n" if is_well else b"no mail is taken\n"
            status, kind = "200 OK" if is_well else "503 Service Unavailable", "text/plain"
        else:
            body, status, kind = b"/metrics or /health\n", "404 Not Found", "text/plain"
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    # What it goes by of a configuration that is read again, the others tell.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with make_server(host, port, answer, server_class=_Server, handler_class=_Quiet) as server:
        is_ready()
        server.serve_forever()


class _Server(ThreadingMixIn, WSGIServer):
    """Answers several at once: who is slow to ask keeps nobody from hearing whether all is well."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._asking: OrderedDict[int, socket.socket] = OrderedDict()
        self._changing = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changing:
            self._asking[id(request)] = request
            oldest = next(iter(self._asking.values())) if len(self._asking) > _ASKING else None
            if oldest is not None:
                # Its thread ends by that.
                with suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)
                self._asking.popitem(last=False)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._changing:
            self._asking.pop(id(request), None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say in a line what the library would print a page about: most often somebody has left."""
        error = sys.exception()
        is_odd = not isinstance(error, OSError)
        _log.log(logging.ERROR if is_odd else logging.DEBUG, "metrics not told: %r", error, exc_info=is_odd)


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: who asks is no news."""


def _collected(held: Held | None) -> bytes:
    from prometheus_client import generate_latest
    from prometheus_client.core import GaugeMetricFamily

    class Waiting:
        def collect(self) -> Iterator[GaugeMetricFamily]:
            count = sum(1 for _ in held) if held is not None else 0
            damaged = len(held.damaged()) if held is not None else 0
            yield GaugeMetricFamily("gsign_held_messages", "Messages that wait for a person", value=count)
            yield GaugeMetricFamily("gsign_held_damaged", "Held messages that cannot be read", value=damaged)

    registry = _counted()
    registry.register(Waiting())
    return generate_latest(registry)


def _counted() -> CollectorRegistry:
    """Return what all processes have counted."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=os.environ[_FOLDER])  # type: ignore[no-untyped-call]
    return registry


def _takes_mail(relay: str) -> bool:
    # As it was read last, which is not for this process to know: a new configuration may have been refused.
    greets = _counted().get_sample_value(_GREETS)
    try:
        with socket.create_connection(split_address(relay), timeout=_HEALTH_SECONDS) as opened:
            return not greets or opened.recv(4) == b"220 "
    except OSError:
        return False
