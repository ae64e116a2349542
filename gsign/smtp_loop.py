"""How the relay waits: a loop goes on with others wherever somebody waits, without a thread where that can be done.

What is waited for are steps that know no loop. Whoever waits is called back, without a task or a future in between:
the time that a small message takes is mostly the time that waiting takes.
"""

from __future__ import annotations

import asyncio
import math
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any, TypeVar

from gsign.errors import TemporaryError
from gsign.smtp.client import Connection
from gsign.smtp.exchange import Exchange
from gsign.smtp.reply import Reply
from gsign.smtp.story import PENDING, End, Story, Telling, Wait, Work, Written
from gsign.smtp_clerk import Clerk, Rounds, go_on

__all__ = ["Room", "Teller"]

_Result = TypeVar("_Result")


class Room:
    """Let so many octets of messages be dealt with at once; a large one waits until those before it are through."""

    def __init__(self, octets: int) -> None:
        self._free = octets
        self._whole = octets
        self._waiting: deque[tuple[int, asyncio.Future[bool]]] = deque()

    def take_now(self, octets: int) -> bool:
        """Take room where there is some, and nobody waits for it; more than there is takes all of it."""
        octets = min(octets, self._whole)
        if octets > self._free or self._waiting:
            return False
        self._free -= octets
        return True

    def take(self, octets: int, seconds: float) -> asyncio.Future[bool]:
        """Wait so long for room; what comes says whether there is."""
        octets = min(octets, self._whole)
        turn: asyncio.Future[bool] = _loop().create_future()
        self._waiting.append((octets, turn))
        timer = _loop().call_later(seconds, self._give_up, turn)
        turn.add_done_callback(lambda _: timer.cancel())
        self._let_in()
        return turn

    def give_back(self, octets: int) -> None:
        """Give room back, and let in who waits for it."""
        self._free += min(octets, self._whole)
        if self._waiting:
            self._let_in()

    def _give_up(self, turn: asyncio.Future[bool]) -> None:
        if not turn.done():
            turn.set_result(False)
            self._let_in()

    def _let_in(self) -> None:
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= self._free):
            octets, turn = self._waiting.popleft()
            if not turn.done():
                self._free -= octets
                turn.set_result(True)


class _Line:
    """A connection to the next hop, which the loop watches for as long as it lives: to begin anew each time costs more.

    Args:
        connection: which.
        rounds: where its time is looked at.
        forget: called when it is closed.
    """

    def __init__(self, connection: Connection, rounds: Rounds, forget: Callable[[Connection], object]) -> None:
        self._loop = _loop()
        self._thread = threading.get_ident()
        self._connection = connection
        self._number = connection.fileno()
        self._rounds = rounds
        self._forget = forget
        self._is_watched = False
        self._exchange: Exchange | None = None
        self._telling: Telling[Any] | None = None
        connection.watcher = self
        rounds.watch(self)

    def speak(self, exchange: Exchange, telling: Telling[Any]) -> Any:
        """Say what there is to be said; the replies are the answer."""
        if not self._is_watched:
            self._watch()
        if not exchange.is_sent:
            if not exchange.push():
                self._loop.add_writer(self._number, self._writable)
        elif exchange.pull():
            # What was sent a while ago has been answered meanwhile.
            return exchange.replies
        self._exchange, self._telling = exchange, telling
        return PENDING

    def look(self, now: float) -> None:
        """Give up where time is up."""
        if self._telling is not None and self._connection.deadline <= now:
            exchange = self._exchange
            assert exchange is not None  # noqa: S101 - somebody waits
            try:
                exchange.break_off(self._connection.lost("out of time"))
            except TemporaryError as error:
                self._end(None, error)
            else:
                self._end(exchange.replies, None)

    def close(self, opened: socket.socket) -> None:
        """Watch the connection no more, and close it; called in any thread."""
        if self._loop.is_closed():
            opened.close()
        elif self._thread == threading.get_ident():
            self._unwatch()
            self._rounds.forget(self)
            self._forget(self._connection)
            opened.close()
        else:
            self._loop.call_soon_threadsafe(self.close, opened)

    def _readable(self) -> None:
        exchange = self._exchange
        if exchange is None or not exchange.is_sent:
            # Whoever uses the connection next finds what has come, or that it has ended.
            if not self._connection.fill():
                self._unwatch()
            return
        try:
            if not exchange.pull():
                return
        except Exception as error:  # noqa: BLE001 - whoever waits hears of it
            self._end(None, error)
        else:
            self._end(exchange.replies, None)

    def _writable(self) -> None:
        exchange = self._exchange
        assert exchange is not None  # noqa: S101 - it is watched while something is sent
        try:
            if not exchange.push():
                return
            self._loop.remove_writer(self._number)
            if not self._is_watched:
                self._watch()
            if not exchange.pull():
                return
        except Exception as error:  # noqa: BLE001 - whoever waits hears of it
            self._end(None, error)
        else:
            self._end(exchange.replies, None)

    def _end(self, replies: list[Reply] | None, failure: Exception | None) -> None:
        exchange, telling = self._exchange, self._telling
        assert exchange is not None and telling is not None  # noqa: S101, PT018 - somebody waits
        self._exchange = self._telling = None
        if not exchange.is_sent:
            self._loop.remove_writer(self._number)
        telling.go_on(replies, failure)

    def _watch(self) -> None:
        self._loop.add_reader(self._number, self._readable)
        self._is_watched = True

    def _unwatch(self) -> None:
        if self._is_watched:
            self._loop.remove_reader(self._number)
            self._is_watched = False


class Teller:
    """Go through stories, and on with others while they wait.

    Args:
        ours: threads that do what keeps us busy.
        others: threads that wait for somebody else.
        speakers: threads that speak with the next hop over TLS: those who wait for a connection must not keep those
            from going on who have one.
        rounds: where is looked at what may run out of time.
    """

    def __init__(self, ours: Executor, others: Executor, speakers: Executor, rounds: Rounds) -> None:
        self._loop = _loop()
        self._ours = ours
        self._others = others
        self._speakers = speakers
        self._rounds = rounds
        self._clerk = Clerk(rounds)
        self._lines: dict[Connection, _Line] = {}

    def begin(self, story: Story[_Result], end: End[_Result]) -> None:
        """Go through a story, which may end at once, and call back with what it ends with, or with its error.

        Nothing cancels it: a client that leaves does not undo what has begun, and what becomes of it is written down.
        """
        Telling(story, self._wait, end).go_on()

    async def tell(self, story: Story[_Result]) -> _Result:
        """Go through a story, and return what it ends with."""
        told: asyncio.Future[_Result] = self._loop.create_future()

        def end(result: Any, error: Exception | None) -> None:
            told.set_result(result) if error is None else told.set_exception(error)

        self.begin(story, end)
        return await told

    def _wait(self, wait: Wait | asyncio.Future[Any], telling: Telling[Any]) -> Any:
        if isinstance(wait, Exchange) and wait.connection.is_plain:
            line = self._lines.get(wait.connection)
            if line is None:
                line = self._lines[wait.connection] = _Line(wait.connection, self._rounds, self._lines.pop)
            return line.speak(wait, telling)
        if isinstance(wait, Written):
            return self._clerk.written(wait, telling)
        coming = self._coming(wait)
        if coming.done():
            return coming.result()
        coming.add_done_callback(partial(go_on, telling))
        return PENDING

    def _coming(self, wait: Wait | asyncio.Future[Any]) -> asyncio.Future[Any]:
        """Return the future of what is waited for in a thread, or of what only the relay's own stories wait for."""
        if isinstance(wait, asyncio.Future):
            return wait
        if not isinstance(wait, Work):
            return self._loop.run_in_executor(self._speakers, wait)
        if not wait.is_ours:
            return self._loop.run_in_executor(self._others, wait.call)
        working = self._loop.run_in_executor(self._ours, wait.call)
        return working if wait.until == math.inf else self._loop.create_task(_in_time(working, wait.until))


async def _in_time(working: asyncio.Future[Any], until: float) -> Any:
    """Wait for work until its time is up; it goes on by itself, and nobody hears of it.

    Raises:
        TemporaryError: `out-of-budget`.
    """
    try:
        return await asyncio.wait_for(asyncio.shield(working), max(0.0, until - time.monotonic()))
    except TimeoutError:
        if working.done() and not working.cancelled():
            return working.result()
        working.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        raise TemporaryError("out-of-budget") from None


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
