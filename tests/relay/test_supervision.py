"""The processes of a relay hold together: none is left behind, and none is piled up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.drivers import judges_of
from tests.listeners import free_port
from tests.relay.running import Relay, until
from tests.relay.test_kills import ready
from tests.smtp_sink import Sink

RELOADS = 12
_SCRIBE_THAT_DIES = """
import os, pathlib, signal, sys, time
from gsign.office.processes import Service, supervise

folder = pathlib.Path(sys.argv[1])

def serve(is_ready):
    (folder / str(os.getpid())).touch()
    time.sleep(60)
    return 0

def served():
    return {int(path.name) for path in folder.iterdir()}

def found(what):
    end = time.monotonic() + 20
    while not what():
        if time.monotonic() > end:
            os._exit(1)
        time.sleep(0.01)

def work(is_ready):
    found(served)
    os.kill(next(iter(served())), signal.SIGKILL)
    found(lambda: len(served()) == 2)
    is_ready()
    os.kill(os.getppid(), signal.SIGTERM)
    return 0

def stop():
    for pid in served():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

service = Service(serve, lambda: None, stop)
os._exit(supervise(1, work, [], service=service))
"""


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _held_by(process: int) -> tuple[int, int]:
    """Return how many processes judge for one, and how many files it has open."""
    return len(judges_of(process)), len(list(Path(f"/proc/{process}/fd").iterdir()))


def test_nobody_stays_when_the_first_process_is_killed(hop: Sink, tmp_path: Path) -> None:
    """Nobody could tell those who stayed to stop, and they would have the port."""
    settings = {"processes": 2, "metrics_listen": f"127.0.0.1:{free_port()}"}
    with Relay(tmp_path, hop.address, relay=settings) as relay:
        until(lambda: len(ready(relay)) == 2)
        with relay.wire() as wire:
            wire.envelope()
            assert wire.say("DATA").code == 354
            pids = relay.pids()
            assert relay.process is not None
            os.kill(relay.process.pid, signal.SIGKILL)
            # What has begun is brought to its end.
            assert wire.content(b"Subject: a\r\n\r\nb\r\n").code == 250
        until(lambda: not any(map(_is_running, pids)))
    assert len(hop.delivered) == 1


def test_who_serves_is_started_again_while_the_first_still_starts(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SCRIBE_THAT_DIES, str(tmp_path)]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
    assert len(list(tmp_path.iterdir())) == 2


HASTY = """
import os, signal, sys, time
from gsign.office.processes import supervise

def work(is_ready):
    os.kill(os.getppid(), signal.SIGHUP)
    end = time.monotonic() + 20
    while signal.SIGHUP not in signal.sigpending() and time.monotonic() < end:
        time.sleep(0.01)
    heard = []
    signal.signal(signal.SIGHUP, lambda *_: heard.append(1))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
    return 0 if heard else 1

os._exit(supervise(1, work, []))
"""


def test_what_is_to_be_read_again_before_it_was_read_waits() -> None:
    """Else `systemctl reload` right after a start would end the relay."""
    assert subprocess.run([sys.executable, "-c", HASTY], timeout=60, check=False).returncode == 0


def test_configurations_that_are_read_again_and_again_leave_nothing_behind(hop: Sink, tmp_path: Path) -> None:
    with Relay(tmp_path, hop.address) as relay:
        assert relay.sends() == 250
        (process,) = ready(relay)
        assert relay.process is not None
        before = _held_by(process)
        for number in range(1, RELOADS + 1):
            os.kill(relay.process.pid, signal.SIGHUP)
            until(lambda number=number: relay.log.read_text().count("configuration read again") == number)
            # Nobody hears that there is a new one.
            assert relay.sends() == 250
        until(lambda: _held_by(process)[0] <= before[0] and _held_by(process)[1] <= before[1] + 4)
        # A message that has begun is dealt with by what it began with.
        with relay.wire() as wire:
            wire.envelope()
            os.kill(relay.process.pid, signal.SIGHUP)
            until(lambda: relay.log.read_text().count("configuration read again") == RELOADS + 1)
            assert wire.say("DATA").code == 354
            assert wire.content(b"Subject: a\r\n\r\nb\r\n").code == 250
