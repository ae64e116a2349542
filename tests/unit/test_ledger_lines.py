"""Files of entries that say other things to other programs, or do not fit the ledger; what a kill left behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gsign.audit.derived import SEALED_WITH, TABLES
from gsign.audit.findings import Verification
from gsign.audit.importing import import_file
from gsign.audit.ledger import Ledger
from gsign.audit.lines import Form, Span, header_line, line_of
from gsign.audit.sealing import seal
from gsign.audit.verifying import verify_file, verify_ledger
from gsign.errors import InputError
from tests.unit.ledgers import body_of, change, entries_of, put, url_of

LATER = datetime.now(UTC) + timedelta(days=1)


def made(path: Path, count: int, first: int = 0) -> Path:
    with Ledger(url_of(path), station="a") as ledger:
        ledger.append_all([("decided", body_of(first + n)) for n in range(count)])
    return path


def file_of(
    ledger: Path, form: Form, since: int = 1, change: Callable[[bytes], bytes] = bytes, span: Span | None = None
) -> Path:
    entries = entries_of(ledger, "a.1")[since - 1 :]
    told = span or Span(since, entries[0].previous.hex(), entries[-1].number, entries[-1].hash.hex())
    path = ledger.with_suffix(".jsonl")
    path.write_bytes(header_line(form, {"a.1": told}) + b"".join(change(line_of(entry)) for entry in entries))
    return path


def found(verified: Verification) -> list[tuple[str, str]]:
    return [(finding.code, finding.entries) for finding in verified.findings]


@pytest.mark.parametrize(
    "old,new",
    [
        (b'"body":{', b'"body":{"action":"release"},"body":{'),
        (b'"action":', b'"action":"release","action":'),
        (b'"writer":', b'"note":"approved","writer":'),
        (b'"number":3,', b'"number":3.7,'),
        (b'"number":3,', b'"number":"3",'),
        (b'"number":3,', b'"number":1e999,'),
        (b'"hash":"', b'"hash":" '),
    ],
)
def test_a_line_that_says_more_than_its_entry_was_changed(tmp_path: Path, old: bytes, new: bytes) -> None:
    """Which of two values of one name counts, each program decides for itself."""
    path = made(tmp_path / "ledger.db", 5)
    assert verify_file(file_of(path, Form.EXPORT)).is_whole
    spoilt = file_of(path, Form.EXPORT, change=lambda line: line.replace(old, new))
    assert "line-damaged" in dict(found(verify_file(spoilt)))


def test_a_first_line_that_names_another_beginning_is_found(tmp_path: Path) -> None:
    path = made(tmp_path / "ledger.db", 5)
    last = entries_of(path, "a.1")[-1]
    for first, previous in ((2, bytes(32)), (1, bytes([1] * 32))):
        told = Span(first, previous.hex(), last.number, last.hash.hex())
        verified = verify_file(file_of(path, Form.EXPORT, span=told))
        assert found(verified) == [("chain-begins-elsewhere", "a.1-1")]


def test_a_segment_alone_may_begin_behind_what_was_sealed_before(tmp_path: Path) -> None:
    path = made(tmp_path / "ledger.db", 5)
    assert verify_file(file_of(path, Form.SEGMENT, 3)).is_whole
    assert found(verify_file(file_of(path, Form.EXPORT, 3))) == [("entries-missing", "a.1-1…2")]


def test_a_segment_of_another_ledger_is_not_added_behind_a_chain(tmp_path: Path) -> None:
    """Of two ledgers of one station, each has entries 1 to 5; entry 6 of one does not follow 5 of the other."""
    one, other = made(tmp_path / "one.db", 10), made(tmp_path / "other.db", 5, first=100)
    with pytest.raises(InputError) as refused:
        import_file(url_of(other), file_of(one, Form.SEGMENT, 6))
    assert (refused.value.code, refused.value.facts["entry"]) == ("import-conflict", "a.1-6")
    assert verify_ledger(url_of(other)).is_whole
    same = made(tmp_path / "same.db", 5)
    with change(same) as connection:
        for entry in entries_of(one, "a.1")[:5]:
            put(connection, entry)
        connection.execute("UPDATE chain SET hash = ?", (entries_of(one, "a.1")[4].hash,))
        for table in TABLES:
            connection.execute(f"DELETE FROM {table}")
    assert import_file(url_of(same), file_of(one, Form.SEGMENT, 6)).entries == 5


# ---------------------------------------------------------------- sealed, and not removed yet


@pytest.fixture
def interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger whose sealing was killed before it removed anything."""
    path = made(tmp_path / "ledger.db", 10)

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "remove_sealed", die)
        with pytest.raises(SystemExit):
            seal(url_of(path), LATER, tmp_path, station="b")
    return path


def drop(ledger: Path, condition: str) -> None:
    with change(ledger) as connection:
        for table in ("entry", *SEALED_WITH):
            connection.execute(f"DELETE FROM {table} WHERE writer = 'a.1' AND number {condition}")


@pytest.mark.parametrize("removed", [0, 4, 9])
def test_what_a_killed_sealing_left_is_whole_beside_its_segment(interrupted: Path, removed: int) -> None:
    drop(interrupted, f"<= {removed}")
    verified = verify_ledger(url_of(interrupted), segments=interrupted.parent)
    assert verified.is_whole, verified.findings


def test_what_a_killed_sealing_left_is_looked_at_no_less(interrupted: Path) -> None:
    entry = entries_of(interrupted, "a.1")[5]
    forged = entry._replace(body='{"action":"release"}')
    with change(interrupted) as connection:
        put(connection, forged._replace(hash=forged.computed_hash()))
    told = found(verify_ledger(url_of(interrupted), segments=interrupted.parent))
    assert ("entry-again", "a.1-7") in told


def test_the_end_of_what_a_killed_sealing_left_is_missed(interrupted: Path) -> None:
    """Without it, nothing says that those before are the ones that were sealed."""
    drop(interrupted, ">= 8")
    told = found(verify_ledger(url_of(interrupted), segments=interrupted.parent))
    assert ("entries-missing", "a.1-8") in told
