"""What the relay tells whoever watches it: events and facts, never what people write to each other."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.relay.faults import Scene, ledger_that_refuses
from tests.relay.running import Relay, until
from tests.relay.wire import LETTER
from tests.smtp_sink import Sink

ROOT = Path(__file__).parents[2]
SECRET = LETTER.replace(b"Subject: x", b"Subject: mat").replace(b"hello", b"bi mat")
DIGEST = hashlib.sha256(SECRET).hexdigest()


def told(relay: Relay) -> list[dict[str, Any]]:
    return [json.loads(line) for line in relay.log.read_text(encoding="utf-8").splitlines()]


def events(relay: Relay, event: str) -> list[dict[str, Any]]:
    return [line for line in told(relay) if line.get("event") == event]


def test_programs_read_objects(hop: Sink, tmp_path: Path) -> None:
    relay = Relay(tmp_path, hop.address, options=("--json", "-v"))
    with relay:
        assert [relay.sends(SECRET, sender) for sender in ("a@b.vn", "a@r.vn", "a@h.vn")] == [250, 550, 250]
        with ledger_that_refuses(Scene(relay, hop)):
            assert relay.sends(SECRET) == 451
        assert relay.process is not None
        relay.process.send_signal(signal.SIGHUP)
        until(lambda: events(relay, "configuration-read"))
        relay.configuration.write_text("[")
        relay.process.send_signal(signal.SIGHUP)
        until(lambda: events(relay, "configuration-refused"))
        hop.drop_connections()
    assert [(one["action"], one["rule"], one["codes"]) for one in events(relay, "message")] == [
        ("pass", "through", [250]),
        ("reject", "refused", [550]),
        ("hold", "held", [250]),
    ]
    assert {one["sha256"] for one in events(relay, "message")} == {DIGEST}
    assert all(one["entry"] for one in events(relay, "message"))
    (put_off,) = events(relay, "message-put-off")
    assert (put_off["level"], put_off["sha256"], put_off["error"]) == ("warning", DIGEST, "ledger-unwritable")
    assert events(relay, "configuration-refused")[0]["error"] == "config-not-toml"
    assert events(relay, "ready")[0]["listen"] == relay.address
    assert all({"time", "level", "process", "message"} <= set(one) for one in told(relay))
    text = relay.log.read_text(encoding="utf-8")
    assert "bi mat" not in text
    assert "Subject" not in text
    assert "a@b.vn" not in text


def test_people_read_lines_of_what_did_not_pass(hop: Sink, tmp_path: Path) -> None:
    with Relay(tmp_path, hop.address) as relay:
        assert [relay.sends(SECRET, sender) for sender in ("a@b.vn", "a@r.vn")] == [250, 550]
    lines = [line for line in relay.log.read_text(encoding="utf-8").splitlines() if DIGEST in line]
    assert len(lines) == 1
    assert lines[0].startswith(f"gsign: INFO: message {DIGEST}: reject by “refused”, [550]; ref ")


def test_what_contradicts_itself_is_told_at_the_start(hop: Sink, tmp_path: Path) -> None:
    with Relay(tmp_path, hop.address, options=("--json",), more='[trust]\nrevocation = "off"') as relay:
        assert relay.sends() == 250
    (advice,) = events(relay, "configuration-advice")
    assert (advice["advice"], advice["key"], advice["level"]) == (
        "config-revocation-off",
        "trust.revocation",
        "warning",
    )


def test_quiet_is_quiet(hop: Sink, tmp_path: Path) -> None:
    with Relay(tmp_path, hop.address, options=("-q",)) as relay:
        assert relay.sends(SECRET, "a@r.vn") == 550
    assert relay.log.read_text(encoding="utf-8") == ""


ODD = "a\x85b\u2028c\u202ed\nê"
SAYS_IT = f"""
import logging
from gsign.office.logs import begin_log
begin_log(logging.INFO, as_json=True)
logging.getLogger("gsign.test").warning("said", extra={{"facts": {{"said": {ODD!r}}}}})
"""


def test_an_object_is_a_line_for_every_reader() -> None:
    environment = {**os.environ, "PYTHONUTF8": "1"}
    run = subprocess.run([sys.executable, "-c", SAYS_IT], cwd=ROOT, env=environment, capture_output=True, check=True)
    (line,) = run.stderr.decode().splitlines()
    assert line.isprintable()
    assert "ê" in line
    assert json.loads(line)["said"] == ODD
