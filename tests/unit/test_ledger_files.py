"""Ledgers as files: exports, and what is taken over from them."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gsign.audit.databases import open_rows
from gsign.audit.derived import TABLES
from gsign.audit.exporting import export_ledger
from gsign.audit.importing import Imported, import_file
from gsign.audit.ledger import Ledger
from gsign.audit.verifying import verify_file, verify_ledger
from gsign.errors import InputError, TemporaryError
from tests.postgres import Postgres
from tests.unit.ledgers import body_of, change, codes, exported, rewritten, rows_of, url_of, verified

LATER = datetime.now(UTC) + timedelta(days=1)


# ---------------------------------------------------------------- exports


def test_any_program_can_follow_the_chains_of_an_export(ledger: Path) -> None:
    head, *lines = exported(ledger).read_text("utf-8").splitlines()
    chains = json.loads(head)["chains"]
    last: dict[str, str] = {}
    for line in lines:
        entry = json.loads(line)
        body = json.dumps(entry["body"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(body.encode()).hexdigest()
        previous = last.get(entry["writer"], "0" * 64)
        assert entry["previous"] == previous
        covered = [entry["writer"], entry["number"], entry["time"], entry["kind"], digest, previous]
        text = json.dumps(covered, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == entry["hash"]
        last[entry["writer"]] = entry["hash"]
    assert {writer: span["hash"] for writer, span in chains.items()} == last
    assert len(lines) == 71


@pytest.mark.parametrize("name", ["export.jsonl", "export.jsonl.gz"])
def test_an_export_is_verified_as_the_ledger_is(ledger: Path, name: str) -> None:
    path = exported(ledger, name)
    assert (path.read_bytes()[:2] == b"\x1f\x8b") == name.endswith(".gz")
    assert verify_file(path) == verified(ledger)


def lines_of(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def at(lines: list[bytes], writer: str, number: int) -> int:
    return next(n for n, line in enumerate(lines) if f'"writer":"{writer}","number":{number},'.encode() in line)


def changed_export(ledger: Path, deed: str) -> Path:  # noqa: C901 - a list of deeds
    path = exported(ledger)
    lines = lines_of(path)
    place = at(lines, "b.1", 9)
    match deed:
        case "changed":
            lines[place] = lines[place].replace(b'"action":"reject"', b'"action":"accept"')
        case "removed":
            del lines[place]
        case "twice":
            lines.insert(place, lines[place])
        case "swapped":
            lines[place], lines[place + 1] = lines[place + 1], lines[place]
        case "moved":
            lines.append(lines.pop(place))
        case "no-json":
            lines[place] = b"{\n"
        case "no-entry":
            lines[place] = b'{"writer":"b.1","number":9}\n'
        case "cut":
            del lines[-3:]
        case "beginning-cut":
            del lines[at(lines, "a.1", 1) : at(lines, "a.1", 4)]
        case "chain-gone":
            lines = [line for line in lines if b'"writer":"b.1"' not in line]
        case "chain-gone-from-head":
            head = json.loads(lines[0])
            del head["chains"]["b.1"]
            kept = [line for line in lines[1:] if b'"writer":"b.1"' not in line]
            lines = [json.dumps(head).encode() + b"\n", *kept]
        case "half-a-line":
            lines[-1] = lines[-1][:-20]
    assert lines != lines_of(path)
    path.write_bytes(b"".join(lines))
    return path


@pytest.mark.parametrize(
    "deed,code,named",
    [
        ("changed", "entry-changed", "b.1-9"),
        ("removed", "entries-missing", "b.1-9"),
        ("twice", "entry-again", "b.1-9"),
        ("swapped", "entry-again", "b.1-9"),
        ("moved", "entry-out-of-place", "b.1-9"),
        ("no-json", "line-damaged", ""),
        ("no-entry", "line-damaged", ""),
        ("cut", "chain-cut", "c.1-22…24"),
        ("beginning-cut", "entries-missing", "a.1-1…3"),
        ("chain-gone", "chain-cut", "b.1-1…24"),
        ("chain-gone-from-head", "chain-missing", "b.1-1…6"),
        ("half-a-line", "export-cut", ""),
    ],
)
def test_a_changed_export_is_found_out_and_not_taken_over(
    ledger: Path, tmp_path: Path, deed: str, code: str, named: str
) -> None:
    path = changed_export(ledger, deed)
    findings = verify_file(path).findings
    assert (code, named) in {(finding.code, finding.entries) for finding in findings}
    with pytest.raises(InputError) as refused:
        import_file(url_of(tmp_path / "other.db"), path)
    assert refused.value.code == "import-broken"
    assert not (tmp_path / "other.db").exists()


def test_a_gzipped_export_that_ends_in_the_middle_is_found_out(ledger: Path) -> None:
    path = exported(ledger, "export.jsonl.gz")
    path.write_bytes(path.read_bytes()[:-400])
    assert "export-cut" in codes(verify_file(path))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"{}\n", b"[]\n", b"\x1f\x8b\x00", b"\x00" * 2000])
def test_what_is_no_export_is_told_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        verify_file(path)
    assert refused.value.code in ("export-not-one", "export-cut")


def test_an_entry_that_is_no_json_survives_an_export(ledger: Path) -> None:
    with change(ledger) as connection:
        connection.execute("UPDATE entry SET body = '{\"a\": 1}' WHERE writer = 'b.1' AND number = 9")
        connection.execute("UPDATE entry SET body = '\"' WHERE writer = 'b.1' AND number = 10")
    lines = lines_of(exported(ledger))
    assert json.loads(lines[at(lines, "b.1", 9)])["body"] == '{"a": 1}'
    assert {f.entries for f in verify_file(exported(ledger)).findings} == {"b.1-9…10"}


# ---------------------------------------------------------------- taking over


def test_an_export_is_taken_over_whole_and_again(ledger: Path, tmp_path: Path) -> None:
    path, other = exported(ledger), tmp_path / "other.db"
    assert import_file(url_of(other), path) == Imported(71, 0)
    assert import_file(url_of(other), path) == Imported(0, 71)
    assert verified(other) == verified(ledger)
    for table in ("entry", *TABLES):
        assert rows_of(other, table) == rows_of(ledger, table)


def test_what_is_new_in_a_later_export_is_added(ledger: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    import_file(url_of(other), exported(ledger))
    with Ledger(url_of(ledger), station="b") as again:
        again.append("decided", body_of(900))
    assert import_file(url_of(other), exported(ledger, "later.jsonl")) == Imported(2, 71)
    assert verified(other) == verified(ledger)


def test_a_station_goes_on_with_a_chain_that_was_taken_over(ledger: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    import_file(url_of(other), exported(ledger))
    with Ledger(url_of(other), station="b") as again:
        # Before it b.1-25, since another chain has moved.
        assert again.append("decided", {}).reference == "b.1-26"
    assert verified(other).is_whole


def test_a_ledger_that_went_another_way_is_not_taken_over(ledger: Path, tmp_path: Path) -> None:
    path, other = exported(ledger), tmp_path / "other.db"
    import_file(url_of(other), path)
    rewritten(other, "c.1", 24, {"action": "accept"})
    before = rows_of(other, "entry")
    with Ledger(url_of(ledger), station="a") as more:
        more.append("decided", {})
    with pytest.raises(InputError) as refused:
        import_file(url_of(other), exported(ledger, "later.jsonl"))
    assert (refused.value.code, refused.value.facts["entry"]) == ("import-conflict", "c.1-24")
    assert rows_of(other, "entry") == before


def test_a_chain_that_somebody_writes_is_not_added_to(ledger: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with Ledger(url_of(other), station="b"), pytest.raises(TemporaryError) as refused:
        import_file(url_of(other), exported(ledger))
    assert refused.value.code == "chain-in-use"


def test_a_chain_of_another_station_is_taken_over_while_ours_is_written(ledger: Path, tmp_path: Path) -> None:
    url = url_of(tmp_path / "other.db")
    with Ledger(url, station="k") as ours:
        ours.append("decided", {})
        assert import_file(url, exported(ledger)) == Imported(71, 0)
        assert ours.append("decided", {}).number == 2
    assert verified(tmp_path / "other.db").is_whole


def test_nobody_begins_with_a_chain_that_is_being_taken_over(tmp_path: Path) -> None:
    url = url_of(tmp_path / "ledger.db")
    with closing(open_rows(url)) as rows:
        assert rows.hold("a.1")
        assert rows.hold("b.2")
        with Ledger(url, station="a") as one, Ledger(url, station="b") as other:
            assert (one.writer, other.writer) == ("a.2", "b.1")


def test_an_export_moves_between_sqlite_and_postgresql(ledger: Path, tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.database()
    assert import_file(url, exported(ledger)) == Imported(71, 0)
    assert verify_ledger(url) == verified(ledger)
    back = tmp_path / "back.jsonl"
    with open(back, "wb") as file:
        export_ledger(url, file)
    assert back.read_bytes() == exported(ledger).read_bytes()
