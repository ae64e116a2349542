"""Faults of the relay's own and of all around it, for as long as a block lasts."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass

from tests.drivers import judges_of, owners_of, scribes_of, stopped
from tests.pki import Pki
from tests.pki_servers import Fault
from tests.relay.running import Relay, until
from tests.shim import Shim
from tests.smtp_sink import Sink
from tests.softhsm import Token

__all__ = ["Scene"]


@dataclass
class Scene:
    """A relay, and what it depends on."""

    relay: Relay
    hop: Sink
    pki: Pki | None = None
    shim: Shim | None = None
    token: Token | None = None


Trouble = Callable[[Scene], AbstractContextManager[None]]


# ---------------------------------------------------------------- the next hop


def hop_says(place: str, said: str) -> Trouble:
    """Let the next hop say something at a place of the conversation; `wait` for nothing at all."""

    @contextmanager
    def trouble(scene: Scene) -> Iterator[None]:
        over = threading.Event()

        def answer(line: str) -> str | None:
            if line.partition(" ")[0] != place:
                return None
            if said == "wait":
                over.wait(60)
                return "drop"
            return said

        scene.hop.drop_connections()
        scene.hop.answer = answer
        try:
            # Where content may go with its size, nobody says DATA.
            with scene.hop.without("CHUNKING") if place == "DATA" else nullcontext():
                yield
        finally:
            over.set()
            scene.hop.answer = lambda _: None
            scene.hop.drop_connections()

    return trouble


def hop_offers(*extensions: str) -> Trouble:
    """Let the next hop offer something else than before."""

    @contextmanager
    def trouble(scene: Scene) -> Iterator[None]:
        before, scene.hop.extensions = scene.hop.extensions, extensions
        scene.hop.drop_connections()
        try:
            yield
        finally:
            scene.hop.extensions = before
            scene.hop.drop_connections()

    return trouble


@contextmanager
def hop_of_a_stranger(scene: Scene) -> Iterator[None]:
    """Let the next hop show a certificate that nobody vouches for."""
    from tests.relay.test_guarding import Papers

    before = scene.hop.tls
    folder = scene.relay.folder / "stranger"
    folder.mkdir(exist_ok=True)
    scene.hop.tls = Papers(folder).server_context()
    scene.hop.drop_connections()
    try:
        yield
    finally:
        scene.hop.tls = before
        scene.hop.drop_connections()


# ---------------------------------------------------------------- disk


@contextmanager
def full_disk(scene: Scene) -> Iterator[None]:
    """Let no file of the relay grow."""
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in scene.relay.pids()}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@contextmanager
def ledger_that_refuses(scene: Scene) -> Iterator[None]:
    """Let the ledger take no entry."""
    with closing(sqlite3.connect(scene.relay.ledger, isolation_level=None)) as ledger:
        ledger.execute("CREATE TRIGGER refuse BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'no'); END")
        try:
            yield
        finally:
            ledger.execute("DROP TRIGGER refuse")


@contextmanager
def ledger_locked(scene: Scene) -> Iterator[None]:
    """Let somebody else keep the ledger to themselves."""
    with closing(sqlite3.connect(scene.relay.ledger, isolation_level=None)) as ledger:
        ledger.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            ledger.execute("ROLLBACK")


@contextmanager
def scribe_killed(scene: Scene) -> Iterator[None]:
    """Kill the process that writes the ledger."""
    (scribe,) = scribes_of(*scene.relay.pids())
    os.kill(scribe, signal.SIGKILL)
    # A busy machine lets it live on for a moment, and hear of what it will never answer.
    until(lambda: scribe not in scribes_of(*scene.relay.pids()))
    yield


@contextmanager
def held_in_the_way(scene: Scene) -> Iterator[None]:
    """Put something else where held messages belong."""
    held = scene.relay.held
    aside = held.with_name("aside")
    moved = held.exists()
    if moved:
        held.rename(aside)
    held.write_bytes(b"")
    try:
        yield
    finally:
        held.unlink()
        if moved:
            aside.rename(held)


@contextmanager
def spool_gone(scene: Scene) -> Iterator[None]:
    """Take the folder of large messages away."""
    spool = scene.relay.folder / "spool"
    spool.rename(spool.with_name("elsewhere"))
    try:
        yield
    finally:
        spool.with_name("elsewhere").rename(spool)


# ---------------------------------------------------------------- keys and authorities


@contextmanager
def token_removed(scene: Scene) -> Iterator[None]:
    """Pull the token out, and put it back."""
    assert scene.token is not None
    scene.token.remove()
    try:
        yield
    finally:
        scene.token.put_back()


@contextmanager
def token_stopped(scene: Scene) -> Iterator[None]:
    """Let the token's driver stand still."""
    with stopped(owners_of(*scene.relay.pids())):
        yield


def token_that(**behaves: str) -> Trouble:
    """Let the token's driver behave so."""

    @contextmanager
    def trouble(scene: Scene) -> Iterator[None]:
        assert scene.shim is not None
        scene.shim.control(**behaves)
        try:
            yield
        finally:
            scene.shim.control()

    return trouble


@contextmanager
def pin_locked(scene: Scene) -> Iterator[None]:
    """Let the token be found locked when it is logged in to again; a person unlocks it, and says so by a reload."""
    assert scene.shim is not None
    scene.shim.control(set="40000")
    for owner in owners_of(*scene.relay.pids()):
        os.kill(owner, signal.SIGKILL)
    try:
        yield
    finally:
        scene.shim.control()
        reload(scene, "configuration read again")


@contextmanager
def authorities_silent(scene: Scene) -> Iterator[None]:
    """Let neither OCSP nor CRLs be had."""
    assert scene.pki is not None
    endpoints = (scene.pki.ocsp, scene.pki.crl)
    for endpoint in endpoints:
        endpoint.fault = Fault.DOWN
    try:
        yield
    finally:
        for endpoint in endpoints:
            endpoint.fault = None


# ---------------------------------------------------------------- the relay itself


@contextmanager
def configuration_unreadable(scene: Scene) -> Iterator[None]:
    """Reload a configuration that is none."""
    configuration = scene.relay.configuration
    before = configuration.read_bytes()
    configuration.write_text("[policy")
    reload(scene, "configuration not read again")
    try:
        yield
    finally:
        configuration.write_bytes(before)
        reload(scene, "configuration read again")


@contextmanager
def judges_killed(scene: Scene) -> Iterator[None]:
    """Kill the processes that judge."""
    judges = judges_of(*scene.relay.pids())
    assert judges
    for judge in judges:
        os.kill(judge, signal.SIGKILL)
    yield


@contextmanager
def judges_stopped(scene: Scene) -> Iterator[None]:
    """Let the processes that judge stand still."""
    with stopped(judges_of(*scene.relay.pids())):
        yield


def reload(scene: Scene, said: str) -> None:
    """Have the configuration read again, and wait for what the relay says of it."""
    assert scene.relay.process is not None
    before = scene.relay.log.read_text(encoding="utf-8").count(said)
    scene.relay.process.send_signal(signal.SIGHUP)
    until(lambda: scene.relay.log.read_text(encoding="utf-8").count(said) > before)
