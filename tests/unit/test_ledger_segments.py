"""Segments of old entries: sealed, proved with and without what is left, and taken over."""

from __future__ import annotations

import gzip
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gsign.audit.databases import open_rows
from gsign.audit.derived import TABLES
from gsign.audit.entry import GENESIS, Chain, next_entry
from gsign.audit.importing import import_file
from gsign.audit.ledger import Ledger
from gsign.audit.sealing import seal
from gsign.audit.verifying import verify_file, verify_ledger
from gsign.errors import InputError
from tests.postgres import Postgres
from tests.unit.ledgers import body_of, change, codes, copied, entries_of, exported, rows_of, url_of, verified, written

LATER = datetime.now(UTC) + timedelta(days=1)


def sealed(ledger: Path, before: datetime = LATER) -> Path:
    folder = ledger.with_name("segments")
    folder.mkdir(exist_ok=True)
    return seal(url_of(ledger), before, folder, station="k").file


def moment_of(ledger: Path, writer: str, number: int) -> datetime:
    return datetime.fromisoformat(entries_of(ledger, writer)[number - 1].time)


def test_what_is_sealed_goes_and_what_is_left_is_provable_with_and_without_it(ledger: Path) -> None:
    whole = rows_of(ledger, "entry")
    facts = {table: rows_of(ledger, table) for table in TABLES if table != "mention"}
    segment = sealed(ledger, moment_of(ledger, "b.1", 13))
    kept = rows_of(ledger, "entry")
    assert not {row[:2] for row in kept} >= {("b.1", 12)}
    assert ("b.1", 13) in {row[:2] for row in kept}
    assert {row[:2] for row in rows_of(ledger, "mention")} <= {row[:2] for row in kept}
    # What reports count stays.
    assert {table: rows_of(ledger, table) for table in TABLES if table != "mention"} == facts
    without, with_ = verified(ledger), verified(ledger, segments=segment.parent)
    assert without.is_whole, without.findings
    assert with_.is_whole, with_.findings
    assert (without.sealed, with_.sealed) == (len(whole) - without.entries + 2, 0)
    assert with_.entries == len(whole) + 2
    alone = verify_file(segment)
    assert alone.is_whole, alone.findings
    assert alone.entries == without.sealed


def test_writers_go_on_with_their_chains_behind_what_is_sealed(ledger: Path) -> None:
    first = sealed(ledger)
    with Ledger(url_of(ledger), station="b") as writer:
        assert writer.append("decided", body_of(901)).reference == "b.1-26"
    second = sealed(ledger)
    assert second.name.startswith("segment-0002-")
    assert verified(ledger).is_whole
    assert verified(ledger, segments=first.parent).is_whole
    assert verify_file(second).is_whole


def test_a_segment_holds_what_its_entries_know_of_each_other(ledger: Path) -> None:
    # A station whose clock is years behind has seen the others as they are today.
    seen = entries_of(ledger, "a.1")[19]
    entry = next_entry(
        None, "z.1", "anchored", {"heads": {"a.1": [20, seen.hash.hex()]}}, now=datetime(2020, 1, 1, tzinfo=UTC)
    )
    rows = open_rows(url_of(ledger))
    with rows.transaction() as transaction:
        transaction.add([entry], Chain("z.1", 1, entry.hash))
    rows.close()
    segment = sealed(ledger, datetime(2021, 1, 1, tzinfo=UTC))
    spans = json.loads(gzip.decompress(segment.read_bytes()).splitlines()[0])["chains"]
    assert {writer: span["last"] for writer, span in spans.items()} == {"a.1": 20, "b.1": 18, "c.1": 18, "z.1": 1}
    assert verify_file(segment).is_whole
    assert verified(ledger).is_whole


def test_nothing_is_sealed_twice_and_nothing_of_nothing(ledger: Path) -> None:
    with pytest.raises(InputError) as refused:
        sealed(ledger, datetime(2020, 1, 1, tzinfo=UTC))
    assert refused.value.code == "seal-nothing"
    sealed(ledger, moment_of(ledger, "b.1", 13))
    with pytest.raises(InputError) as refused:
        sealed(ledger, datetime(2020, 1, 1, tzinfo=UTC))
    assert refused.value.code == "seal-nothing"


def test_a_ledger_in_which_something_is_wrong_is_not_sealed(ledger: Path) -> None:
    with change(ledger) as connection:
        connection.execute("UPDATE entry SET kind = 'x' WHERE writer = 'b.1' AND number = 9")
    with pytest.raises(InputError) as refused:
        sealed(ledger)
    assert refused.value.code == "seal-broken-ledger"
    assert list(ledger.with_name("segments").iterdir()) == []


def test_entries_that_were_sealed_have_to_follow_from_those_before_them(ledger: Path) -> None:
    entries = entries_of(ledger, "b.1")
    sealed(ledger, moment_of(ledger, "b.1", 13))
    with change(ledger) as connection:
        connection.execute("DELETE FROM entry WHERE writer = 'b.1' AND number BETWEEN 13 AND 14")
    # Whoever may write entries says that these were sealed, too.
    for previous, is_broken in ((entries[11].hash, False), (entries[10].hash, True)):
        name = f"segment-0002-{is_broken}.jsonl.gz"
        span = {"first": 13, "last": 14, "previous": previous.hex(), "hash": entries[13].hash.hex()}
        claimed = copied(ledger, ledger.with_name(f"{is_broken}.db"))
        with Ledger(url_of(claimed), station="k") as writer:
            segment = {"file": name, "sha256": "0" * 64, "entries": 2, "chains": {"b.1": span}}
            writer.append("sealed", {"by": "x", "segments": [segment]})
        assert ("seal-broken" in codes(verified(claimed))) is is_broken


def test_a_sealing_that_was_interrupted_is_gone_on_with(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    whole = len(rows_of(ledger, "entry"))
    monkeypatch.setattr(Ledger, "remove_sealed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sealed(ledger)
    monkeypatch.undo()
    assert len(rows_of(ledger, "entry")) == whole + 2
    assert verified(ledger).is_whole
    second = sealed(ledger)
    assert verify_file(second).entries == 2
    assert verified(ledger).sealed == whole + 2
    assert verified(ledger, segments=second.parent).is_whole


@pytest.mark.parametrize("removed", [1, 3, 17])
def test_a_sealing_that_was_killed_while_it_removed_leaves_a_provable_ledger(
    ledger: Path, monkeypatch: pytest.MonkeyPatch, removed: int
) -> None:
    remove = Ledger.remove_sealed

    def killed(self: Ledger, writer: str, last: int, *, at_once: int) -> None:
        remove(self, writer, min(last, removed), at_once=at_once)
        with change(ledger) as connection:
            connection.execute("UPDATE chain SET sealed = ? WHERE writer = ?", (last, writer))
        raise KeyboardInterrupt

    monkeypatch.setattr(Ledger, "remove_sealed", killed)
    with pytest.raises(KeyboardInterrupt):
        sealed(ledger)
    monkeypatch.undo()
    assert len(rows_of(ledger, "entry")) == 71 + 2 - removed
    assert verified(ledger).is_whole, verified(ledger).findings
    assert verified(ledger).sealed == removed


def test_entries_left_behind_a_removed_beginning_are_no_less_looked_at(ledger: Path) -> None:
    sealed(ledger, moment_of(ledger, "b.1", 13))
    with change(ledger) as connection:
        connection.execute("DELETE FROM entry WHERE writer = 'b.1' AND number = 13")
    assert "entries-missing" in codes(verified(ledger))


def segment_in(ledger: Path) -> Path:
    return next(ledger.with_name("segments").iterdir())


def rewrite_segment(path: Path, old: bytes, new: bytes) -> None:
    content = gzip.decompress(path.read_bytes())
    assert old in content
    path.write_bytes(gzip.compress(content.replace(old, new)))


@pytest.mark.parametrize("deed", ["removed", "changed", "damaged", "emptied", "swapped"])
def test_a_changed_segment_is_found(ledger: Path, deed: str) -> None:
    path = sealed(ledger)
    match deed:
        case "removed":
            path.unlink()
        case "changed":
            rewrite_segment(path, b'"action":"reject"', b'"action":"accept"')
        case "damaged":
            path.write_bytes(path.read_bytes()[:300])
        case "emptied":
            path.write_bytes(b"")
        case "swapped":
            path.write_bytes(exported(written(ledger.with_name("foreign.db"))).read_bytes())
    named = {finding.code: finding for finding in verified(ledger, segments=path.parent).findings}
    wanted = "segment-missing" if deed == "removed" else "segment-changed"
    assert path.name in named[wanted].detail
    assert verified(ledger).is_whole
    if deed == "changed":
        assert "entry-changed" in named


_SPOILT = {
    "changed": "UPDATE fact_message SET is_own = 1 WHERE writer = 'b.1' AND number = 5",
    "removed": "DELETE FROM fact_document WHERE writer = 'b.1' AND number = 5",
    "added": "INSERT INTO fact_reason VALUES ('b.1', 5, 'x')",
    "retyped": "UPDATE fact_fate SET month = '202607' WHERE writer = 'b.1' AND number IN (2, 3, 4, 5, 6)",
    "moved": "UPDATE fact_document SET number = 1 WHERE writer = 'b.1' AND number = 5",
}


@pytest.mark.parametrize("deed", sorted(_SPOILT))
def test_what_reports_count_of_sealed_entries_is_proved_with_and_without_their_segment(ledger: Path, deed: str) -> None:
    segment = sealed(ledger, moment_of(ledger, "b.1", 13))
    last = json.loads(gzip.decompress(segment.read_bytes()).splitlines()[0])["chains"]["b.1"]["last"]
    with change(ledger) as connection:
        connection.execute(_SPOILT[deed])
    without = verified(ledger)
    assert [(found.code, found.entries) for found in without.findings] == [("sealed-facts-differ", f"b.1-1…{last}")]
    with_ = verified(ledger, segments=segment.parent)
    named = {(found.code, found.entries) for found in with_.findings} - {("sealed-facts-differ", f"b.1-1…{last}")}
    if deed == "moved":
        assert ("derived-differs", "b.1-1") in named
    elif deed != "retyped":
        assert ("derived-differs", "b.1-5") in named
    assert {code for code, _ in named} == {"derived-differs"}


def test_rows_that_nothing_was_sealed_with_are_found(ledger: Path) -> None:
    sealed(ledger, moment_of(ledger, "b.1", 13))
    sealed(ledger)
    with change(ledger) as connection:
        connection.execute("INSERT INTO mention VALUES ('b.1', 5, 7)")
        connection.execute("INSERT INTO fact_reason VALUES ('b.1', 900, 'x')")
    assert {(found.code, found.entries) for found in verified(ledger).findings} == {
        ("derived-extra", "b.1-5"),
        ("derived-extra", "b.1-900"),
    }


def test_a_seal_over_any_numbers_is_looked_at_in_no_time(ledger: Path) -> None:
    span = {"first": 1, "previous": GENESIS.hex(), "last": 2**61, "hash": "00" * 32, "facts": "00" * 32}
    with Ledger(url_of(ledger), station="k") as forger:
        segment = {"file": "x", "sha256": "00", "entries": 9, "chains": {"b.1": span}}
        forger.append("sealed", {"segments": [segment]})
    assert "sealed-facts-differ" in codes(verified(ledger))


def test_a_ledger_made_from_an_export_says_what_its_reports_leave_out(ledger: Path, tmp_path: Path) -> None:
    segment = sealed(ledger, moment_of(ledger, "b.1", 13))
    export, other = exported(ledger), tmp_path / "other.db"
    import_file(url_of(other), export)
    found = verified(other)
    assert (found.is_whole, found.uncounted) == (True, found.sealed), found.findings
    assert verified(other, segments=segment.parent).is_whole
    # With the segment first, it has all.
    whole = tmp_path / "whole.db"
    import_file(url_of(whole), segment)
    import_file(url_of(whole), export)
    assert (verified(whole).is_whole, verified(whole).uncounted) == (True, 0)


def test_a_segment_whose_entry_is_gone_leaves_a_gap(ledger: Path) -> None:
    sealed(ledger, moment_of(ledger, "b.1", 13))
    with change(ledger) as connection:
        for table in ("entry", "chain", *TABLES):
            connection.execute(f"DELETE FROM {table} WHERE writer = 'k.1'")
    assert "entries-missing" in codes(verified(ledger))


def test_a_forged_seal_hides_nothing(ledger: Path) -> None:
    """Somebody removes entries, and writes down that they were sealed, with a hash that does not fit."""
    with change(ledger) as connection:
        for table in ("entry", *TABLES):
            connection.execute(f"DELETE FROM {table} WHERE writer = 'b.1' AND number <= 9")
        connection.execute("UPDATE chain SET sealed = 9 WHERE writer = 'b.1'")
    span = {"first": 1, "previous": GENESIS.hex(), "last": 9, "hash": "00" * 32}
    with Ledger(url_of(ledger), station="k") as forger:
        segment = {"file": "x", "sha256": "00", "entries": 9, "chains": {"b.1": span}}
        forger.append("sealed", {"segments": [segment]})
    named = codes(verified(ledger))
    assert named & {"link-broken", "entry-differs"}


def test_segments_are_taken_over_one_after_the_other(ledger: Path, tmp_path: Path) -> None:
    first = sealed(ledger, moment_of(ledger, "b.1", 13))
    second = sealed(ledger)
    with Ledger(url_of(ledger), station="b") as more:
        more.append("decided", {})
    third = sealed(ledger)
    other = tmp_path / "other.db"
    import_file(url_of(other), first)
    with pytest.raises(InputError) as refused:
        import_file(url_of(other), third)
    assert refused.value.code == "import-gap"
    import_file(url_of(other), second)
    import_file(url_of(other), third)
    assert verified(other).is_whole


def test_a_chain_without_its_place_in_the_list_is_missed_even_where_it_is_sealed(ledger: Path) -> None:
    sealed(ledger)
    with change(ledger) as connection:
        connection.execute("DELETE FROM chain WHERE writer = 'b.1'")
    assert ("chain-unlisted", "b.1") in {(found.code, found.writer) for found in verified(ledger).findings}


def test_writers_do_not_wait_for_a_sealing(ledger: Path, postgres: Postgres) -> None:
    for url in (url_of(ledger), postgres.database()):
        with Ledger(url, station="w") as writer:
            writer.append_all([("decided", body_of(n)) for n in range(1500)])
        told: list[str] = []
        is_over = threading.Event()

        def write(url: str = url, told: list[str] = told, is_over: threading.Event = is_over) -> None:
            with Ledger(url, station="w") as writer:
                while not is_over.is_set():
                    told.append(writer.append("decided", body_of(len(told))).reference)

        thread = threading.Thread(target=write)
        thread.start()
        folder = ledger.with_name(f"segments-{len(url)}")
        folder.mkdir()
        try:
            seal(url, LATER, folder, station="k")
        finally:
            is_over.set()
            thread.join(30)
        assert told
        assert verify_ledger(url).is_whole
        assert verify_ledger(url, segments=folder).is_whole
