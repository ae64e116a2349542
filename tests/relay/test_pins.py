"""A wrong PIN is sent once, however many processes there are and however often they start: a few lock a token."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.pki import Pki
from tests.relay.faults import Scene, reload
from tests.relay.official import SIGNED, official
from tests.relay.running import until
from tests.relay.test_kills import ready
from tests.relay.wire import LETTER
from tests.smtp_sink import Sink
from tests.softhsm import PIN

PROCESSES = 3
LETTER_TO_SIGN = LETTER.replace(b"a@b.vn", SIGNED.encode())
SENT = "C_Login 1 pin"
WRONG = "is wrong"


@pytest.fixture(scope="module")
def scene(_hop: Sink, session_pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with ExitStack() as running:
        made = official(tmp_path_factory.mktemp("pins"), session_pki, _hop, running, processes=PROCESSES)
        until(lambda: len(ready(made.relay)) == PROCESSES)
        yield made


def test_a_pin_that_was_changed_is_tried_once_by_all_processes_together(scene: Scene) -> None:
    relay, shim, pin = scene.relay, scene.shim, scene.relay.folder / "pin"
    assert shim is not None
    assert relay.sends(LETTER_TO_SIGN, SIGNED) == 250
    pin.write_text("99999999")
    before = shim.count(SENT)
    reload(scene, WRONG)
    # Who has a PIN that is right sends no other.
    assert shim.count(SENT) == before
    assert relay.sends(LETTER_TO_SIGN, SIGNED) == 250
    told = _count(relay.log, WRONG)
    for process in ready(relay):
        os.kill(process, signal.SIGKILL)
    until(lambda: _count(relay.log, WRONG) >= told + PROCESSES + 1)
    assert shim.count(SENT) == before + 1
    pin.write_text(PIN)
    until(lambda: len(ready(relay)) == PROCESSES)
    assert relay.sends(LETTER_TO_SIGN, SIGNED) == 250


def _count(log: Path, what: str) -> int:
    return log.read_text(encoding="utf-8").count(what)
