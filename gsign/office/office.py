"""The relay's office: all that conversations share, opened from gsign.toml and opened anew when it is read again."""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gsign.config import Configuration, load
from gsign.config import Relay as RelaySection
from gsign.errors import ConfigurationError, GsignError, TemporaryError
from gsign.isolation.limits import Limits
from gsign.mail.agencies import Directory
from gsign.mail.held import Held
from gsign.mail.practice import Practice, Unobserved
from gsign.mail.relaying import Errand
from gsign.office.accounts import Accounts
from gsign.office.admission import Admission
from gsign.office.domain_keys import vouching_of
from gsign.office.hop import next_hop
from gsign.office.judge import Judge
from gsign.office.keys import AgencyKeys
from gsign.office.metrics import Metrics
from gsign.office.tls import is_next_hop_known, server_context
from gsign.recording.administration import configured, digests_of, last_configured
from gsign.recording.opening import dictate
from gsign.recording.recorder import user
from gsign.service import Service
from gsign.smtp.pool import GROWTH, NextHop
from gsign.smtp.reply import Reply
from gsign.smtp.steps import Client, SessionRules

if TYPE_CHECKING:
    from gsign.audit.dictating import Dictation
    from gsign.audit.door import Door

__all__ = ["Office"]

_THREADS: Final = 32
"""Messages that are dealt with at once."""
_DOORKEEPERS: Final = 4
"""Passwords that are looked at at once: each takes as much memory as its hash says, 64 MiB as a rule."""
_ASKING_SECONDS: Final = 10
_RETIRING: Final = timedelta(minutes=15)
"""How long at most what an old configuration opened is kept for messages that are still dealt with by it."""

_log = logging.getLogger("gsign.relay")


class _Lease:
    """See `Practice.lease`."""


class Office:
    """All that conversations share.

    Args:
        path: gsign.toml; None where it is found.
        door: to the scribe, who writes the ledger.
        jobs: processes that judge documents.

    Attributes:
        relay: what gsign.toml says of it.
        rules: what sessions offer and allow.
        executor: the threads in which messages are dealt with.
        callers: those that wait for a connection to the next hop: where it takes its time, they do, and keep nobody
            from inspecting.
        speakers: those that speak with it over TLS.
        doorkeepers: those that look at passwords: who guesses some keeps only others from logging in.
        tls: for STARTTLS or from the start; None for neither.

    Raises:
        ConfigurationError: gsign.toml, or a file that it names.
        TokenError: an agency's key cannot be opened.
        TemporaryError: `ledger-unwritable`.
    """

    def __init__(self, path: Path | None, door: Door, *, jobs: int = 2) -> None:
        self._path = path
        self._door = door
        self._jobs = jobs
        self.executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="gsign-relay")
        self.callers = ThreadPoolExecutor(_THREADS, thread_name_prefix="gsign-next-hop")
        self.speakers = ThreadPoolExecutor(_THREADS, thread_name_prefix="gsign-next-hop-tls")
        self.doorkeepers = ThreadPoolExecutor(_DOORKEEPERS, thread_name_prefix="gsign-login")
        self._lock = threading.Lock()
        self._reloading = threading.Lock()
        self._is_reload_wanted = False
        self._reloader = ThreadPoolExecutor(1, thread_name_prefix="gsign-reload")
        self._asking: Future[None] | None = None
        self._admission = Admission()
        self._metrics = Metrics()
        self._sections: Mapping[str, str] | None = None
        self._open(load(path))

    # ------------------------------------------------------------ what conversations ask

    def admit(self, address: str) -> Reply | None:
        """Count a connection in; a reply refuses it."""
        return self._admission.admit(address)

    def leave(self, address: str) -> None:
        """Count a connection out."""
        self._admission.leave(address)

    def is_trusted(self, address: str) -> bool:
        """Tell whether a peer may speak for others."""
        return self._admission.is_trusted(address)

    def authenticate(self, name: str, password: str) -> str | None:
        """Return the address of an account; None where the password is not its own."""
        return self._accounts.identity(name, password) if self._accounts else None

    def may_send(self, address: str) -> bool:
        """Count a message of a peer, and tell whether it may send it now."""
        return self._admission.may_send(address)

    @property
    def knows_next_hop(self) -> bool:
        """Whether the next hop has said what it offers."""
        return self._practice.hop.extensions is not None

    def ask_next_hop(self) -> Future[None]:
        """Ask the next hop what it offers, in a thread; one is asked at a time, whoever wants to know."""
        with self._lock:
            if self._asking is None or self._asking.done():
                self._asking = self.callers.submit(_ask, self._practice.hop)
            return self._asking

    def errand(self, client: Client) -> Errand:
        """Begin what a transaction needs done."""
        return Errand(self._practice, client)

    # ------------------------------------------------------------ opening

    def reload_soon(self) -> None:
        """Read the configuration again, in a thread; what is asked for before that begins is asked for once."""
        self._is_reload_wanted = True
        self._reloader.submit(self._reload_as_wanted)

    def _reload_as_wanted(self) -> None:
        if self._is_reload_wanted:
            self._is_reload_wanted = False
            self.reload()

    def reload(self) -> Exception | None:
        """Read the configuration again; a bad one changes nothing, and is told.

        Messages that are being dealt with go on with what they began with.
        """
        try:
            configuration = load(self._path)
            with self._reloading:
                old, lease = self._opened, weakref.ref(self._practice.lease)
                self._open(configuration)
        except Exception as error:  # noqa: BLE001 - whatever it was, the old one goes on
            code = getattr(error, "code", type(error).__name__)
            facts = {"facts": {"event": "configuration-refused", "error": code}}
            is_odd = not isinstance(error, GsignError)
            _log.error("configuration not read again: %s", error, exc_info=is_odd, extra=facts)
            self._write_down_refused(error)
            return error
        _log.info("configuration read again", extra={"facts": {"event": "configuration-read"}})
        self._retire(old, lease())
        return None

    def _retire(self, opened: ExitStack, lease: object) -> None:
        """Close what an old configuration opened once no message needs it; many may follow each other closely."""
        timer = threading.Timer(_RETIRING.total_seconds(), opened.close)
        timer.daemon = True
        timer.start()

        def close() -> None:
            timer.cancel()
            threading.Thread(target=opened.close, daemon=True).start()

        if lease is None:
            close()
        else:
            weakref.finalize(lease, close).atexit = False

    def close(self) -> None:
        """End what is being dealt with, and let go of everything."""
        self._reloader.shutdown(wait=True, cancel_futures=True)
        self.doorkeepers.shutdown(wait=True, cancel_futures=True)
        self.executor.shutdown(wait=True)
        self.callers.shutdown(wait=True)
        self.speakers.shutdown(wait=True)
        self._opened.close()

    def _open(self, configuration: Configuration) -> None:
        relay, policy = configuration.relay, configuration.policy
        for name in ("relay", "policy", "ledger"):
            if getattr(configuration, name) is None:
                raise ConfigurationError("config-missing-key", file=str(configuration.file), key=name)
        assert relay is not None and policy is not None and configuration.ledger is not None  # noqa: S101, PT018
        with ExitStack() as opened:
            service = Service(configuration, records=False)
            limits = Limits(seconds=min(Limits().seconds, relay.budget_seconds))
            # First of all: a process that judges strangers' documents may be a copy of this one, and holds no key.
            judge = Judge(service, service.verifiers(jobs=self._jobs, limits=limits))
            opened.callback(judge.close)
            vouching = vouching_of(configuration)
            keys = AgencyKeys(service, relay.budget_seconds)
            opened.callback(keys.close)
            keys.open_all(configuration.agency)
            hop = next_hop(relay)
            opened.callback(hop.close)
            ledger = dictate(configuration.ledger, self._door)
            opened.callback(ledger.close)
            practice = Practice(
                hostname=relay.hostname,
                policy=policy,
                directory=Directory(configuration.agency),
                judge=judge,
                tools=keys,
                vouching=vouching,
                ledger=ledger,
                held=Held(configuration.held.folder) if configuration.held else None,
                hop=hop,
                budget_seconds=relay.budget_seconds,
                observer=self._metrics if relay.metrics_listen else Unobserved(),
                lease=_Lease(),
            )
            accounts = Accounts(relay.accounts) if relay.accounts else None
            tls = server_context(relay)
            if self._sections is not None:
                # Clients are there already: none is to hear that nobody knows what the next hop offers.
                _ask(hop)
            self._write_down(configuration, relay, ledger)
            # Nothing can fail any more: the old gives way to the new at once.
            self.relay, self._practice, self._ledger = relay, practice, ledger
            self._accounts, self.tls = accounts, tls
            self._admission.limit(
                total=relay.max_connections,
                each=relay.max_connections_per_peer,
                rate=relay.max_messages_per_minute,
                trusted=relay.trusted_peers,
            )
            self.rules = _rules(relay, hop)
            self._opened = opened.pop_all()

    def _write_down(self, configuration: Configuration, relay: RelaySection, ledger: Dictation) -> None:
        """Write down by what messages are dealt with from now on, and what of it has changed."""
        is_first = self._sections is None
        before = last_configured(ledger.url, relay.hostname) if is_first else self._sections
        after = digests_of(configuration)
        act = "relay-start" if is_first else "relay-reload"
        ledger.append("administered", configured(act, relay.hostname, before, after))
        self._sections = after
        self._metrics.configured(after, greets=relay.tls != "implicit" and not relay.proxy_protocol)

    def _write_down_refused(self, error: Exception) -> None:
        body = {"act": "relay-reload", "by": user(), "object": self._practice.hostname}
        with suppress(TemporaryError):
            code = getattr(error, "code", type(error).__name__)
            self._ledger.append("administered", {**body, "failed": code})


def _ask(hop: NextHop) -> None:
    try:
        hop.ask(time.monotonic() + _ASKING_SECONDS)
    except TemporaryError as error:
        _log.warning("next hop not asked: %s", error, extra={"facts": {"event": "next-hop-away", "error": error.code}})


def _passed_on(hop: NextHop, *, is_known: bool) -> Mapping[str, str] | None:
    """Return what the next hop offers, but for a promise that cannot be kept towards a server that may be anybody."""
    found = hop.extensions
    if found is None or is_known or "REQUIRETLS" not in found:
        return found
    return {name: parameters for name, parameters in found.items() if name != "REQUIRETLS"}


def _rules(relay: RelaySection, hop: NextHop) -> SessionRules:
    is_known = is_next_hop_known(relay)
    return SessionRules(
        hostname=relay.hostname,
        max_message_bytes=relay.max_message_bytes,
        max_recipients=relay.max_recipients,
        extensions=lambda: _passed_on(hop, is_known=is_known),
        growth=GROWTH,
        is_lmtp=relay.protocol == "lmtp",
        has_tls=relay.tls in ("starttls", "required"),
        requires_tls=relay.tls == "required",
        has_accounts=relay.accounts is not None,
        requires_account=relay.accounts is not None,
        message_seconds=relay.max_message_seconds,
        session_seconds=relay.max_session_seconds,
        spool_folder=relay.spool,
    )
