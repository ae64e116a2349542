"""How the relay's loop waits for the ledger, and where it looks at what may run out of time."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Protocol

from gsign.audit.dictating import Dictation
from gsign.smtp.story import PENDING, Coming, Telling, Written

__all__ = ["Clerk", "Rounds", "go_on"]

_ROUND_SECONDS: Final = 0.5
"""How late a limit on time may be noticed."""

_log = logging.getLogger("gsign.relay")


class Timed(Protocol):
    """What may run out of time."""

    def look(self, now: float) -> None:
        """See to it, by the clock of `time.monotonic`."""
        ...


class Rounds:
    """Look again and again at what may run out of time: a timer for each wait would cost more than most waits."""

    def __init__(self) -> None:
        self._watched: set[Timed] = set()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, timed: Timed) -> None:
        """Look at something in each round, until it is forgotten."""
        self._watched.add(timed)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_ROUND_SECONDS, self._round)

    def forget(self, timed: Timed) -> None:
        """Look at it no more."""
        self._watched.discard(timed)

    def _round(self) -> None:
        now = time.monotonic()
        # Those who look may add some, or remove some.
        for timed in list(self._watched):
            try:
                timed.look(now)
            except Exception:  # noqa: BLE001 - whatever it was, it is told
                # The others' time passes too.
                _log.exception("a limit on time was not looked at")
        self._timer = asyncio.get_running_loop().call_later(_ROUND_SECONDS, self._round) if self._watched else None


class Clerk:
    """Wait for what the scribe writes down: it hears of it at the end of each round of the loop.

    Args:
        rounds: where is looked at what may run out of time.
    """

    def __init__(self, rounds: Rounds) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._rounds = rounds

    def written(self, wait: Written, telling: Telling[Any]) -> Any:
        """Wait until something is on disk; what was written is the answer."""
        if wait.future.done():
            return wait.future.result()
        wait.future.add_done_callback(partial(self._go_on, telling))
        ledger = wait.ledger
        assert isinstance(ledger, Dictation)  # noqa: S101 - whoever writes in a loop must not wait
        if ledger.watcher is None:
            ledger.be_watched(_Listener(ledger, self._rounds))
            ledger.hurry()
        return PENDING

    def _go_on(self, telling: Telling[Any], written: Coming) -> None:
        if threading.get_ident() == self._thread:
            go_on(telling, written)
        else:
            # Another thread, which waited for something of its own, has taken the answer from the connection.
            self._loop.call_soon_threadsafe(go_on, telling, written)


class _Listener:
    """Watches a connection to the scribe, for as long as it lives: the loop hears of what was written."""

    def __init__(self, dictation: Dictation, rounds: Rounds) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._dictation = dictation
        self._rounds = rounds
        self._number = -1
        self._is_called = self._is_writing = False
        rounds.watch(dictation)

    def rouse(self) -> None:
        """See `Watcher`: what comes in a round of the loop goes together."""
        if not self._is_called:
            self._is_called = True
            self._call(self._hurry)

    def begin(self, connection: socket.socket) -> None:
        """See `Watcher`."""
        self._call(partial(self._begin, connection))

    def end(self, connection: socket.socket) -> None:
        """See `Watcher`."""
        if self._loop.is_closed():
            connection.close()
        else:
            self._call(partial(self._end, connection))

    def _call(self, call: Callable[[], object]) -> None:
        if threading.get_ident() == self._thread:
            self._loop.call_soon(call)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    def _hurry(self) -> None:
        self._is_called = False
        self._dictation.hurry()
        self._look_for_room()

    def _begin(self, connection: socket.socket) -> None:
        self._number = connection.fileno()
        self._loop.add_reader(self._number, self._dictation.receive)
        self._look_for_room()

    def _look_for_room(self) -> None:
        """Watch for room where the scribe is slow to listen."""
        is_behind = self._dictation.is_behind and self._number >= 0
        if is_behind and not self._is_writing:
            self._loop.add_writer(self._number, self._writable)
        elif self._is_writing and not is_behind:
            self._loop.remove_writer(self._number)
        self._is_writing = is_behind

    def _writable(self) -> None:
        self._dictation.send()
        self._look_for_room()

    def _end(self, connection: socket.socket) -> None:
        number = connection.fileno()
        self._loop.remove_reader(number)
        self._loop.remove_writer(number)
        if number == self._number:
            self._number, self._is_writing = -1, False
        connection.close()
        if self._dictation.is_closed:
            self._rounds.forget(self._dictation)


def go_on(telling: Telling[Any], came: Coming) -> None:
    """Go on with a story whose wait is over."""
    answer, failure = None, None
    try:
        answer = came.result()
    except Exception as error:  # noqa: BLE001 - the story hears of it, whatever it was
        failure = error
    telling.go_on(answer, failure)
