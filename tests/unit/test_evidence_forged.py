"""Evidence that somebody has a hand in who is not its keeper: a sender of mail, or who makes a bundle from nothing."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from gsign.audit.evidence.bundle import bundle_of, read_bundle
from gsign.audit.evidence.checking import check_bundle
from gsign.audit.evidence.gathering import Subject
from gsign.audit.evidence.making import Evidence, make_evidence
from gsign.audit.evidence.whole import Whole
from gsign.audit.ledger import Ledger
from gsign.audit.reading import open_reader
from tests.unit.ledgers import body_of, url_of

SHA256 = body_of(1)["sha256"]


def evidence(url: str) -> Evidence:
    with open_reader(url) as reader:
        return make_evidence(Whole(reader), Subject.of(SHA256), version="1")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return url_of(tmp_path / "ledger.db")


@pytest.fixture
def made(url: str) -> Evidence:
    with Ledger(url, station="a") as ledger:
        first = ledger.append("decided", body_of(1))
        ledger.append("forwarded", {"entry": first.reference, "replies": ["250 2.0.0 taken"]})
    return evidence(url)


@pytest.mark.parametrize("name", ["reference", "digest"])
def test_a_message_id_that_looks_like_something_else_spoils_no_evidence(url: str, made: Evidence, name: str) -> None:
    """A sender chooses the message-id, and is told the reference of an entry."""
    message_id = made.entries[0].reference if name == "reference" else SHA256
    with Ledger(url, station="a") as ledger:
        ledger.append("decided", {**body_of(2), "message_id": message_id})
    again = evidence(url)
    assert again.entries == made.entries
    assert check_bundle(bundle_of(again.facts, again.parts), "bundle.zip").changes == []


def codes(made: Evidence, parts: dict[str, bytes], **facts: Any) -> set[str]:
    octets = bundle_of({**made.facts, **facts}, {**made.parts, **parts})
    return {change.code for change in check_bundle(octets, "bundle.zip").changes}


RUN = '{"writer":%s,"first":1,"previous":"","last":%s,"hash":"","witness":""}\n["a","b",%s]\n'


@pytest.mark.parametrize(
    "run",
    [
        RUN % ('["a"]', "1", '"00"'),
        RUN % ('"\\ud800"', "1", '"00"'),
        RUN % ('"a"', str(10**40), '"00"'),
        RUN % ('"a"', '"x"', '"00"'),
        RUN % ('"abcdefabcdef"', "1", '"\\ud800"'),
        "[" * 100_000,
    ],
)
def test_a_run_of_nonsense_is_told_of(made: Evidence, run: str) -> None:
    assert "proof-malformed" in codes(made, {"chains/x.jsonl": run.encode()})


def test_parts_of_nonsense_are_told_of(made: Evidence) -> None:
    assert codes(made, {}) == set()
    assert codes(made, {"report.json": b"[" * 100_000}) == {"evidence-malformed"}
    assert codes(made, {}, documents=[{"sha256": SHA256, "judged": "2026-01-27T00:00:00"}]) == {"evidence-malformed"}
    for name in ("x", "known", "known/x", "chains", "chains/" + "x" * 300):
        assert "evidence-part-added" in codes(made, {name: b""})


def test_parts_that_share_their_octets_fill_no_memory() -> None:
    """Each part is stored, and holds all that follow it: a small archive whose parts are large together."""
    end, sizes, offset = b"", [], 0
    files: list[tuple[bytes, bytes]] = []
    for number in reversed(range(50)):
        name = b"p%03d" % number
        facts = struct.pack("<HHHHHIIIHH", 20, 0x800, 0, 0, 0x21, zlib.crc32(end), len(end), len(end), len(name), 0)
        end = b"PK\3\4" + facts + name + end
        files.append((name, facts))
        sizes.append(len(end))
    directory = b""
    for (name, facts), size in zip(files, sizes, strict=True):
        offset = len(end) - size
        directory += b"PK\1\2" + struct.pack("<H", 20) + facts + struct.pack("<HHHII", 0, 0, 0, 0, offset) + name
    octets = end + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 50, 50, len(directory), len(end), 0)
    _, parts, changes = read_bundle(octets, "bundle.zip")
    assert sum(map(len, parts.values())) <= len(octets)
    assert "evidence-part-changed" in {change.code for change in changes}
