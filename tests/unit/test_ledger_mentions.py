"""What entries mention is written for many at once; whoever looks for a word finds all that name it all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gsign.audit.derived import MENTIONS, word_of, words_of
from gsign.audit.entry import decoded
from gsign.audit.ledger import Ledger
from gsign.audit.mentions import entries_about
from gsign.audit.reading import open_reader
from gsign.audit.searching import Wanted, search
from gsign.audit.sqlite_file import MENTIONED_AT_ONCE
from gsign.audit.verifying import verify_ledger
from tests.postgres import Postgres
from tests.unit.ledgers import body_of, change, entries_of, rows_of, url_of

MESSAGES = MENTIONED_AT_ONCE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture(params=["in_file", "on_server"])
def url(request: pytest.FixtureRequest, path: Path) -> Iterator[str]:
    if request.param == "in_file":
        yield url_of(path)
    else:
        server: Postgres = request.getfixturevalue("postgres_server")
        if not server.is_running:
            server.start()
        yield server.database()


def write_messages(url: str, first: int = 0, count: int = MESSAGES) -> None:
    """Write of each message what was decided, what was done and what became of it, by a ledger opened for each."""
    for n in range(first, first + count):
        with Ledger(url, station="a") as ledger:
            decided = ledger.append("decided", body_of(n))
            beside = {"entry": decided.reference, "sha256": body_of(n)["sha256"]}
            ledger.append_all(
                [
                    ("done", {**beside, "made": f"{n + 5000:064x}", "records": []}),
                    ("forwarded", {**beside, "done": [], "replies": ["250 Ok"]}),
                ]
            )


def test_entries_are_found_by_what_they_name_wherever_they_stand(url: str) -> None:
    write_messages(url)
    with open_reader(url) as reader:
        for n in range(MESSAGES):
            decided, done, told = list(entries_about(reader, body_of(n)["sha256"]))
            assert (decided.kind, done.kind, told.kind) == ("decided", "done", "forwarded")
            assert [entry.number for entry in entries_about(reader, decided.reference)] == [done.number, told.number]
            assert list(entries_about(reader, f"{n + 5000:064x}")) == [done]
    for n in (0, MESSAGES - 1):
        wanted = (Wanted(digest=body_of(n)["sha256"]), Wanted(message_id=body_of(n)["message_id"]))
        assert [len(list(search(url, each))) for each in wanted] == [3, 1]
    assert verify_ledger(url).is_whole


def test_mentions_stand_for_whole_groups_of_entries(path: Path) -> None:
    write_messages(url_of(path), count=MENTIONED_AT_ONCE - 1)
    entries = entries_of(path, "a.1")
    whole = len(entries) - len(entries) % MENTIONED_AT_ONCE
    assert 0 < whole < len(entries)
    assert {number for _, number, _ in rows_of(path, MENTIONS)} == set(range(1, whole + 1))


def test_what_was_sealed_away_meanwhile_gets_no_mentions(path: Path) -> None:
    with Ledger(url_of(path), station="a") as ledger:
        written = ledger.append_all([("decided", body_of(n)) for n in range(MENTIONED_AT_ONCE - 2)])
        with Ledger(url_of(path), station="b") as other:
            other.remove_sealed("a.1", 5, at_once=2)
        ledger.append_all([("decided", body_of(n)) for n in range(100, 105)])
    assert {number for _, number, _ in rows_of(path, MENTIONS)} == set(range(6, len(written) + 3))


def test_a_ledger_of_the_revision_before_is_brought_up_to_date(path: Path) -> None:
    write_messages(url_of(path))
    with change(path) as connection:
        connection.execute("DELETE FROM mention")
        for entry in entries_of(path, "a.1"):
            for word in {word_of(text) for text in words_of(decoded(entry.body))}:
                connection.execute("INSERT INTO mention VALUES (?, ?, ?)", (entry.writer, entry.number, word))
        connection.execute("UPDATE alembic_version SET version_num = 'r0003'")
    facts = rows_of(path, "fact_fate")
    verified = verify_ledger(url_of(path))
    assert verified.is_whole, verified.findings
    assert rows_of(path, "fact_fate") == facts
    write_messages(url_of(path), MESSAGES)
    assert verify_ledger(url_of(path)).is_whole
    assert len(list(search(url_of(path), Wanted(digest=body_of(3)["sha256"])))) == 3


@pytest.mark.parametrize("query", [
    "INSERT INTO mention SELECT writer, max(number), 7 FROM entry",
    "INSERT INTO mention SELECT writer, max(number) + 1, 7 FROM entry",
    "DELETE FROM mention WHERE number = 2",
    "UPDATE mention SET word = word + 1 WHERE number = 2",
])  # fmt: skip
def test_mentions_that_somebody_has_changed_are_named_and_stop_nobody(path: Path, query: str) -> None:
    write_messages(url_of(path), count=MENTIONED_AT_ONCE - 1)
    with change(path) as connection:
        connection.execute(query)
    findings = verify_ledger(url_of(path)).findings
    assert {(finding.code, finding.detail) for finding in findings} <= {
        ("derived-differs", MENTIONS),
        ("derived-extra", MENTIONS),
    }
    assert findings
    write_messages(url_of(path), 100)
    assert not verify_ledger(url_of(path)).is_whole


def test_a_mention_that_was_written_too_early_stops_nobody(path: Path) -> None:
    with Ledger(url_of(path), station="a") as ledger:
        ledger.append("decided", body_of(1))
        with change(path) as connection:
            connection.execute(f"INSERT INTO mention VALUES ('a.1', 1, {word_of(body_of(1)['sha256'])})")
        ledger.append_all([("decided", body_of(n)) for n in range(2, 2 + MENTIONED_AT_ONCE)])
    assert verify_ledger(url_of(path)).is_whole
