"""The loop waits for what stories wait for: nobody is let in too early, and whoever waits hears of it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gsign.errors import TemporaryError
from gsign.smtp.client import Connection
from gsign.smtp.exchange import Exchange
from gsign.smtp.pool import NextHop
from gsign.smtp.reply import Reply
from gsign.smtp.story import Story, Work, tell
from gsign.smtp_clerk import Rounds
from gsign.smtp_loop import Room, Teller
from tests.smtp_sink import Sink, sink


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


def within(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(20):
            await work()

    asyncio.run(limited())


# ---------------------------------------------------------------- room


def test_a_large_message_waits_for_those_before_it_and_small_ones_behind_it_do_not_pass() -> None:
    async def work() -> None:
        room = Room(10)
        assert await room.take(6, 1)
        large = asyncio.ensure_future(room.take(100, 20))
        small = asyncio.ensure_future(room.take(1, 20))
        await asyncio.sleep(0)
        assert not large.done()
        assert not small.done()
        room.give_back(6)
        assert await large
        assert not small.done()
        room.give_back(100)
        assert await small

    within(work)


def test_who_gives_up_waiting_for_room_lets_others_in() -> None:
    async def work() -> None:
        room = Room(10)
        assert await room.take(6, 1)
        large = asyncio.ensure_future(room.take(10, 0.01))
        small = asyncio.ensure_future(room.take(4, 20))
        assert not await large
        assert await small
        room.give_back(4)
        room.give_back(6)
        assert await room.take(10, 0.01)

    within(work)


# ---------------------------------------------------------------- stories


def test_a_story_hears_of_what_fails_and_goes_on(threads: ThreadPoolExecutor) -> None:
    def fails() -> None:
        raise TemporaryError("next-hop-lost")

    def story(*, is_ours: bool) -> Story[str]:
        try:
            yield Work(fails, is_ours=is_ours)
        except TemporaryError as error:
            code = error.code
            return (yield Work(lambda: code))
        return "nothing"

    async def work() -> None:
        teller = Teller(threads, threads, threads, Rounds())
        assert await teller.tell(story(is_ours=True)) == "next-hop-lost"
        assert await teller.tell(story(is_ours=False)) == "next-hop-lost"

    within(work)
    assert tell(story(is_ours=True)) == "next-hop-lost"


# ---------------------------------------------------------------- the next hop


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as running:
        yield running


@pytest.fixture
def connection(server: Sink) -> Iterator[Connection]:
    hop = NextHop(server.address, hostname="relay.vn")
    taken = hop.take(time.monotonic() + 20)
    yield taken
    hop.give_back(taken, is_broken=True)
    hop.close()


def spoken(exchange: Exchange) -> Story[list[Reply]]:
    replies: list[Reply] = yield exchange
    return replies


def test_no_thread_waits_for_the_next_hop(server: Sink, connection: Connection) -> None:
    async def work() -> None:
        with ThreadPoolExecutor(1) as none:
            none.shutdown()
            replies = await Teller(none, none, none, Rounds()).tell(
                spoken(Exchange(connection, [b"NOOP\r\nNOOP\r\n"], 2))
            )
            assert [reply.code for reply in replies] == [250, 250]

    within(work)


def test_who_waits_for_a_connection_keeps_nobody_from_going_on_who_has_one(server: Sink) -> None:
    hop = NextHop(server.address, hostname="relay.vn", limit=1)
    taken = hop.take(time.monotonic() + 20)
    # As over TLS, where a thread waits for the replies.
    taken.is_plain = False
    tried = threading.Event()

    def take() -> Connection:
        tried.set()
        return hop.take(time.monotonic() + 20)

    def waiting() -> Story[Connection]:
        connection: Connection = yield Work(take, is_ours=False)
        return connection

    async def work() -> None:
        with ThreadPoolExecutor(1) as openers, ThreadPoolExecutor(1) as speakers:
            teller = Teller(openers, openers, speakers, Rounds())
            coming = asyncio.create_task(teller.tell(waiting()))
            await asyncio.to_thread(tried.wait)
            (reply,) = await teller.tell(spoken(Exchange(taken, [b"NOOP\r\n"], 1)))
            assert reply.code == 250
            taken.is_plain = True
            hop.give_back(taken)
            assert await coming is taken

    within(work)
    hop.give_back(taken, is_broken=True)


def test_a_next_hop_that_says_nothing_is_waited_for_until_time_is_up(
    server: Sink, connection: Connection, threads: ThreadPoolExecutor
) -> None:
    over = threading.Event()

    def silent(line: str) -> str | None:
        over.wait(20)
        return None

    server.answer = silent
    connection.deadline = time.monotonic() + 0.05

    async def work() -> None:
        with pytest.raises(TemporaryError) as failed:
            await Teller(threads, threads, threads, Rounds()).tell(spoken(Exchange(connection, [b"NOOP\r\n"], 1)))
        assert failed.value.code == "next-hop-lost"

    try:
        within(work)
    finally:
        over.set()


def test_replies_that_came_hold_where_time_is_up_before_the_others(
    server: Sink, connection: Connection, threads: ThreadPoolExecutor
) -> None:
    over = threading.Event()
    server.answer = lambda line: "250 ok" if line == "NOOP 1" else str(over.wait(20))
    connection.deadline = time.monotonic() + 2
    exchange = Exchange(connection, [b"NOOP 1\r\nNOOP 2\r\n"], 2, is_content=True)

    async def work() -> None:
        replies = await Teller(threads, threads, threads, Rounds()).tell(spoken(exchange))
        assert [reply.code for reply in replies] == [250, 451]

    try:
        within(work)
    finally:
        over.set()
    assert exchange.is_broken_off


def test_time_goes_on_for_others_where_one_fails(caplog: pytest.LogCaptureFixture) -> None:
    class Failing:
        def look(self, now: float) -> None:
            raise RuntimeError("odd")

    class Looked:
        def __init__(self, done: asyncio.Event) -> None:
            self.times = 0
            self._done = done

        def look(self, now: float) -> None:
            self.times += 1
            if self.times == 2:
                self._done.set()

    async def work() -> None:
        rounds, done = Rounds(), asyncio.Event()
        for timed in (Failing(), Looked(done), Failing()):
            rounds.watch(timed)
        await done.wait()

    within(work)
    assert "a limit on time was not looked at" in caplog.text
