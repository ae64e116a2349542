"""Entries that a scribe writes for others: in order, together, on disk; and never answered when they are not."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from gsign.audit import dictating
from gsign.audit.dictating import Dictation
from gsign.audit.door import Door
from gsign.audit.entry import Entry
from gsign.audit.pseudonyms import Pseudonyms
from gsign.errors import ConfigurationError, TemporaryError
from gsign.smtp.story import Story, Written
from gsign.smtp_clerk import Rounds
from gsign.smtp_loop import Teller
from tests.scribe import Scribe, commits_in, dictation, scribe


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def behind(door: Door) -> Iterator[Scribe]:
    with scribe(door) as running:
        yield running


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder}/ledger.db"


def kept(folder: Path) -> list[Entry]:
    with closing(sqlite3.connect(folder / "ledger.db")) as reader:
        rows = reader.execute("SELECT writer, number, time, kind, body, previous, hash FROM entry ORDER BY number")
        return [Entry(*row) for row in rows]


def test_what_is_dictated_is_on_disk_when_its_answer_comes(tmp_path: Path) -> None:
    with dictation(tmp_path / "ledger.db", station="van-thu") as ledger:
        coming = [ledger.append_soon("decided", {"n": n}, hurries=n % 3 == 0) for n in range(200)]
        ledger.hurry()
        entries = [one.result() for one in coming]
        assert kept(tmp_path) == entries
    assert [json.loads(entry.body)["n"] for entry in entries] == list(range(200))
    assert all(entry.hash == entry.computed_hash() for entry in entries)
    assert [entry.reference for entry in entries[:2]] == ["van-thu.1-1", "van-thu.1-2"]


def test_what_comes_together_is_committed_together(tmp_path: Path) -> None:
    with dictation(tmp_path / "ledger.db") as ledger:
        ledger.append("decided", {})
        before = commits_in(tmp_path / "ledger.db")
        coming = [ledger.append_soon("decided", {"n": n}, hurries=False) for n in range(100)]
        ledger.hurry()
        assert [one.result().number for one in coming] == list(range(2, 102))
        assert commits_in(tmp_path / "ledger.db") == before + 1


def test_all_who_dictate_write_one_chain(tmp_path: Path, door: Door, behind: Scribe) -> None:
    authors = [Dictation(door, url_in(tmp_path)) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        wanted = [threads.submit(authors[n % 4].append, "decided", {"n": n}) for n in range(200)]
        entries = [one.result(20) for one in wanted]
    assert {entry.writer for entry in entries} == {entries[0].writer}
    assert sorted(entry.number for entry in entries) == list(range(1, 201))
    assert sorted(kept(tmp_path)) == sorted(entries)
    for author in authors:
        author.close()


def test_what_is_dictated_last_is_written_before_it_is_closed(tmp_path: Path) -> None:
    with dictation(tmp_path / "ledger.db") as ledger:
        last = [ledger.append_soon("decided", {"n": n}, hurries=False) for n in range(50)][-1]
        ledger.close()
        assert json.loads(last.result().body) == {"n": 49}


def test_nobody_is_named_who_has_a_pseudonym(tmp_path: Path) -> None:
    pseudonyms = Pseudonyms.at(tmp_path / "key")
    with dictation(tmp_path / "ledger.db", pseudonyms=pseudonyms) as ledger:
        ledger.append("decided", {"sender": "an@so.gov.vn"})
    assert json.loads(kept(tmp_path)[-1].body) == {"sender": pseudonyms.of_wanted("AN@so.gov.vn")}


def test_what_json_cannot_hold_fails_for_its_author_alone(tmp_path: Path) -> None:
    with dictation(tmp_path / "ledger.db") as ledger:
        good = ledger.append_soon("decided", {}, hurries=False)
        with pytest.raises(TemporaryError):
            ledger.append_soon("decided", {"odd": object()})
        ledger.hurry()
        assert good.result().number == 1


# ---------------------------------------------------------------- what goes wrong


def test_a_ledger_that_cannot_be_opened_is_told(tmp_path: Path, door: Door, behind: Scribe) -> None:
    with pytest.raises(TemporaryError) as failed:
        Dictation(door, url_in(tmp_path / "nowhere"))
    assert failed.value.code == "ledger-unwritable"
    with sqlite3.connect(tmp_path / "ledger.db") as newer:
        newer.executescript("create table alembic_version (version_num text); insert into alembic_version values ('x')")
    newer.close()
    with pytest.raises(ConfigurationError, match="a later gsign"):
        Dictation(door, url_in(tmp_path))
    # Whoever else dictates is not concerned.
    (tmp_path / "other").mkdir()
    other = Dictation(door, url_in(tmp_path / "other"))
    assert other.append("decided", {}).number == 1
    other.close()


def test_what_cannot_be_written_is_told_and_what_comes_then_is_written(tmp_path: Path) -> None:
    with dictation(tmp_path / "ledger.db") as ledger:
        first = ledger.append("decided", {})
        change(tmp_path, "create trigger full before insert on entry begin select raise(abort, 'disk full'); end")
        with pytest.raises(TemporaryError, match="disk full"):
            ledger.append("decided", {})
        change(tmp_path, "drop trigger full")
        assert ledger.append("decided", {}).number == first.number + 1


def change(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "ledger.db") as other:
        other.execute(statement)
    other.close()


def test_a_scribe_that_dies_has_written_nothing_that_was_not_answered(
    tmp_path: Path, door: Door, behind: Scribe
) -> None:
    ledger = Dictation(door, url_in(tmp_path))
    answered: list[Entry] = []
    for round_ in range(10):
        coming = [ledger.append_soon("decided", {"n": n}) for n in range(40)]
        if round_ % 2:
            answered += [coming[0].result()]
            del coming[0]
        behind.start_again()
        for one in coming:
            with suppress(TemporaryError):
                answered.append(one.result())
        # The next one goes on with the same chain.
        answered.append(ledger.append("decided", {"round": round_}))
    assert {entry.writer for entry in answered} == {answered[0].writer}
    assert set(answered) <= set(kept(tmp_path))
    assert len(answered) >= 20
    ledger.close()


def test_who_knocks_while_nobody_is_there_is_let_in_by_the_next(tmp_path: Path, door: Door, behind: Scribe) -> None:
    ledger = Dictation(door, url_in(tmp_path))
    behind.kill()
    coming = ledger.append_soon("decided", {})
    assert not coming.done()
    behind.start_again()
    assert coming.result().number == 1
    ledger.close()


def test_nobody_waits_for_ever_for_a_scribe_that_stands_still(
    tmp_path: Path, door: Door, behind: Scribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Dictation(door, url_in(tmp_path))
    monkeypatch.setattr(dictating, "_WAITING_SECONDS", 0.2)
    behind.process.send_signal(signal.SIGSTOP)
    try:
        # More than fits between the two: what is left is sent later, and nobody stands still for it.
        coming = [ledger.append_soon("decided", {"n": n, "long": "x" * 10_000}) for n in range(200)]
        assert ledger.is_behind
        for one in (coming[0], coming[-1]):
            with pytest.raises(TemporaryError, match="take too long"):
                one.result()
    finally:
        behind.process.send_signal(signal.SIGCONT)
    monkeypatch.undo()
    assert json.loads(ledger.append("decided", {"after": 1}).body) == {"after": 1}
    ledger.close()


def test_nobody_has_to_wait_for_an_author_who_does_not_listen(tmp_path: Path, door: Door, behind: Scribe) -> None:
    deaf, other = Dictation(door, url_in(tmp_path)), Dictation(door, url_in(tmp_path))
    coming = [deaf.append_soon("decided", {"n": n}) for n in range(6000)]
    assert other.append("decided", {"other": 1}).number > 0
    assert [json.loads(one.result().body)["n"] for one in coming] == list(range(6000))
    deaf.close()
    other.close()


def test_it_ends_when_nobody_is_left_who_could_knock(tmp_path: Path, door: Door, behind: Scribe) -> None:
    ledger = Dictation(door, url_in(tmp_path))
    door.close()
    assert ledger.append("decided", {}).number == 1
    ledger.close()
    assert behind.process.wait(20) == 0
    with pytest.raises(TemporaryError):
        ledger.append("decided", {})


# ---------------------------------------------------------------- in a loop


def told(ledger: Dictation, number: int) -> Story[list[Any]]:
    first = yield Written(ledger.append_soon("decided", {"n": number}, hurries=False), ledger)
    second = yield Written(ledger.append_soon("forwarded", {"n": number}, hurries=False), ledger)
    return [json.loads(entry.body)["n"] for entry in (first, second)]


def in_a_loop(work: Any) -> None:
    async def limited() -> None:
        with ThreadPoolExecutor(4) as threads:
            async with asyncio.timeout(30):
                await work(Teller(threads, threads, threads, Rounds()))

    asyncio.run(limited())


def test_what_many_wait_for_is_written_at_once(tmp_path: Path) -> None:
    with dictation(tmp_path / "ledger.db") as ledger:
        ledger.append("decided", {})
        before = commits_in(tmp_path / "ledger.db")

        async def work(teller: Teller) -> None:
            found = await asyncio.gather(*(teller.tell(told(ledger, number)) for number in range(50)))
            assert found == [[number, number] for number in range(50)]

        in_a_loop(work)
        # Fifty decisions in the first; what comes of each when the one before is answered.
        assert commits_in(tmp_path / "ledger.db") - before <= 5
        assert [entry.kind for entry in kept(tmp_path)].count("forwarded") == 50


def test_a_loop_hears_of_a_scribe_that_died_and_goes_on_with_the_next(
    tmp_path: Path, door: Door, behind: Scribe
) -> None:
    ledger = Dictation(door, url_in(tmp_path))

    async def work(teller: Teller) -> None:
        assert await teller.tell(told(ledger, 1)) == [1, 1]
        behind.process.send_signal(signal.SIGSTOP)
        waiting = asyncio.gather(*(teller.tell(told(ledger, n)) for n in range(20)), return_exceptions=True)
        for _ in range(5):
            # Rounds of the loop, in which it says what is wanted.
            await asyncio.sleep(0)
        behind.start_again()
        assert {getattr(error, "code", error) for error in await waiting} == {"ledger-unwritable"}
        assert await teller.tell(told(ledger, 2)) == [2, 2]

    in_a_loop(work)
    ledger.close()


def test_a_loop_sends_more_than_fits_and_waits_beside_threads(tmp_path: Path) -> None:
    long = "x" * 20_000

    def story(ledger: Dictation, number: int) -> Story[int]:
        entry = yield Written(ledger.append_soon("decided", {"n": number, "long": long}, hurries=False), ledger)
        return int(json.loads(entry.body)["n"])

    with dictation(tmp_path / "ledger.db") as ledger, ThreadPoolExecutor(4) as threads:
        start = threading.Event()
        beside = [threads.submit(lambda: start.wait(20) and ledger.append("verified", {})) for _ in range(4)]

        async def work(teller: Teller) -> None:
            start.set()
            found = await asyncio.gather(*(teller.tell(story(ledger, number)) for number in range(300)))
            assert found == list(range(300))

        in_a_loop(work)
        assert {one.result(20).kind for one in beside} == {"verified"}
