"""How the relay waits: a loop goes on with others wherever somebody waits, without a thread where that can be done.

Beside `gsign.smtp_relay` this is the only asynchronous file; what is waited for are steps that know no loop.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, Final, TypeVar

from gsign.errors import TemporaryError
from gsign.smtp.client import Connection
from gsign.smtp.exchange import Exchange
from gsign.smtp.reply import Reply
from gsign.smtp.story import Story, Wait, Work, Written

__all__ = ["Room", "Teller"]

_GATHERING_SECONDS: Final = 0.02
"""How long entries of the ledger are gathered at most before they are written, by a loop that has no rest."""
_REST_SECONDS: Final = 0.0001
"""A round of the loop that is over sooner had nothing to do."""

_Result = TypeVar("_Result")


class Room:
    """Let so many octets of messages be dealt with at once; a large one waits until those before it are through."""

    def __init__(self, octets: int) -> None:
        self._free = octets
        self._whole = octets
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, octets: int, seconds: float) -> bool:
        """Wait so long for room, and tell whether there is; more than there is takes all of it."""
        octets = min(octets, self._whole)
        if octets <= self._free and not self._waiting:
            self._free -= octets
            return True
        turn: asyncio.Future[None] = _loop().create_future()
        self._waiting.append((octets, turn))
        await asyncio.wait((turn,), timeout=seconds)
        if not turn.done():
            # Whoever gives back passes over it, and looks who is next.
            turn.cancel()
            self._let_in()
            return False
        return True

    def give_back(self, octets: int) -> None:
        """Give room back, and let in who waits for it."""
        self._free += min(octets, self._whole)
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= self._free):
            octets, turn = self._waiting.popleft()
            if not turn.done():
                self._free -= octets
                turn.set_result(None)


class Clerk:
    """Have written down what conversations wait for: much at once, since a commit costs more than what is in it.

    It is written as soon as the loop has nothing else to do, or after a moment: a loop that has no rest does best to
    spend its time on few commits.
    """

    def __init__(self) -> None:
        self._loop = _loop()
        self._wanted: set[Callable[[], None]] = set()
        self._until = self._last_round = 0.0
        self._is_called = False
        self._settled: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()

    async def written(self, wait: Written) -> Any:
        """Wait until something is on disk, and return what was written."""
        if wait.future.done():
            return wait.future.result()
        done: asyncio.Future[Any] = self._loop.create_future()
        wait.future.add_done_callback(partial(self._settle_soon, done))
        if not self._wanted:
            self._last_round = time.monotonic()
            self._until = self._last_round + _GATHERING_SECONDS
            self._loop.call_soon(self._turn)
        self._wanted.add(wait.hurry)
        return await done

    def _turn(self) -> None:
        """Come by once in a round of the loop."""
        now = time.monotonic()
        if now - self._last_round > _REST_SECONDS and now < self._until:
            self._last_round = now
            self._loop.call_soon(self._turn)
            return
        wanted, self._wanted = self._wanted, set()
        for hurry in wanted:
            hurry()

    def _settle_soon(self, done: asyncio.Future[Any], written: Future[Any]) -> None:
        """Pass on what became of one; called in the thread that writes, which says it for all of a commit at once."""
        self._settled.append((done, written))
        if not self._is_called:
            self._is_called = True
            self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        # Before anything is taken: what is added from now on is called for again.
        self._is_called = False
        while self._settled:
            done, written = self._settled.popleft()
            error = written.exception()
            done.set_result(written.result()) if error is None else done.set_exception(error)


class Teller:
    """Go through stories, waiting for what they wait for.

    Args:
        ours: threads that do what keeps us busy.
        others: threads that wait for somebody else.
    """

    def __init__(self, ours: Executor, others: Executor) -> None:
        self._loop = _loop()
        self._ours = ours
        self._others = others
        self._clerk = Clerk()

    async def tell(self, story: Story[_Result]) -> _Result:
        """Go through a story, and return what it ends with.

        Nothing cancels it: a client that leaves does not undo what has begun, and what becomes of it is written down.
        """
        answer: Any = None
        failure: Exception | None = None
        while True:
            try:
                wait = story.send(answer) if failure is None else story.throw(failure)
            except StopIteration as end:
                told: _Result = end.value
                return told
            failure = None
            try:
                answer = await self._waited(wait)
            except Exception as error:  # noqa: BLE001 - the story hears of it, whatever it was
                failure = error

    async def _waited(self, wait: Wait) -> Any:
        match wait:
            case Written():
                return await self._clerk.written(wait)
            case Exchange() if wait.connection.is_plain:
                return await self._exchanged(wait)
            case Work(is_ours=True):
                working = self._loop.run_in_executor(self._ours, wait.call)
                return await (working if wait.until == math.inf else _in_time(working, wait.until))
        return await self._loop.run_in_executor(self._others, wait)

    async def _exchanged(self, exchange: Exchange) -> list[Reply]:
        """Speak with the next hop without a thread."""
        was_sent = exchange.is_sent
        if not was_sent and not exchange.push():
            await self._until(exchange.push, exchange.connection, self._loop.add_writer, self._loop.remove_writer)
        # What was sent a while ago may have been answered by now.
        if not (was_sent and exchange.pull()):
            await self._until(exchange.pull, exchange.connection, self._loop.add_reader, self._loop.remove_reader)
        return exchange.replies

    async def _until(
        self,
        step: Callable[[], bool],
        connection: Connection,
        watch: Callable[..., None],
        forget: Callable[[int], Any],
    ) -> None:
        """Take a step each time the connection is ready for it, until it says that it was the last."""
        done, number = self._loop.create_future(), connection.fileno()
        seconds = connection.deadline - time.monotonic()
        timer = self._loop.call_later(max(0, seconds), _fail, done, connection)
        watch(number, _go_on, done, step)
        try:
            await done
        finally:
            timer.cancel()
            forget(number)


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


def _go_on(done: asyncio.Future[None], step: Callable[[], bool]) -> None:
    try:
        if step() and not done.done():
            done.set_result(None)
    except Exception as error:  # noqa: BLE001 - whoever waits hears of it
        if not done.done():
            done.set_exception(error)


def _fail(done: asyncio.Future[None], connection: Connection) -> None:
    if not done.done():
        done.set_exception(connection.lost("out of time"))


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
