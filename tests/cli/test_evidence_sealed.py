"""Evidence of entries that were sealed away, and evidence that is signed."""

from __future__ import annotations

import gzip
import json
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gsign.audit.evidence.bundle import SIGNATURE, bundle_of, read_bundle
from gsign.audit.evidence.gathering import Subject, gather
from gsign.audit.evidence.whole import Whole
from gsign.audit.ledger import Ledger
from gsign.audit.reading import open_reader
from gsign.audit.sealing import seal
from tests.cli.office import Desk
from tests.cli.test_evidence import KEY, ROOT, checked, made, signed
from tests.pki import PERSON, Pki
from tests.unit.ledgers import body_of, url_of


def sealed(url: str, folder: Path) -> Path:
    """Seal all that there is, and return the segment."""
    folder.mkdir(exist_ok=True)
    return seal(url, datetime.now(UTC) + timedelta(minutes=1), folder, station="keeper").file


# ---------------------------------------------------------------- sealed


def test_evidence_of_sealed_entries_is_that_of_before(desk: Desk, pki: Pki) -> None:
    sha256 = signed(desk, pki, "b")
    before = made(desk, sha256)
    sealed(url_of(desk.folder / "ledger.db"), desk.folder / "segments")
    run = desk.run("--lang", "en", "audit", "evidence", sha256, "-o", "c.zip")
    assert (run.code, "were not looked at" in run.err, "--segments" in run.err) == (6, True, True)
    after = made(desk, sha256, "--segments", "segments")
    assert after["entries"] == before["entries"]
    assert after["ends"][0]["entry"] == before["ends"][0]["entry"]
    run, found = checked(desk)
    assert (run.code, found["whole"], found["unseen"]) == (0, True, [])
    assert [entry["kind"] for entry in found["entries"]] == ["signed", "appeared"]


def test_what_goes_on_behind_a_segment_is_found_from_either_side(tmp_path: Path) -> None:
    url, folder = url_of(tmp_path / "ledger.db"), tmp_path / "segments"
    with Ledger(url, station="a") as ledger:
        ledger.append_all([("decided", body_of(n)) for n in range(3)])
        held = ledger.append("decided", body_of(7))
        ledger.append("held", {"entry": held.reference})
    sealed(url, folder)
    with Ledger(url, station="b") as ledger:
        released = ledger.append("released", {"entry": held.reference, "replies": ["250 taken"]})
        ledger.append("appeared", {"appeared": [released.reference]})
    sealed(url, folder)
    with Ledger(url, station="a") as ledger:
        ledger.append("decided", {**body_of(9), "message_id": body_of(7)["message_id"]})
    subject = Subject.of(body_of(7)["message_id"])
    with open_reader(url) as reader:
        found = gather(Whole(reader, folder), subject)
        assert [entry.kind for entry in found] == ["decided", "held", "released", "appeared", "decided"]
        assert [entry.kind for entry in gather(Whole(reader), subject)] == ["decided"]
        whole = Whole(reader, folder)
        assert [entry.number for entry in whole.entries("a.1", 2)] == list(range(2, whole.chains()[0].number + 1))


@pytest.mark.parametrize("deed", ["removed", "changed"])
def test_a_segment_that_is_not_what_was_sealed_is_no_evidence(desk: Desk, pki: Pki, deed: str) -> None:
    sha256 = signed(desk, pki)
    path = sealed(url_of(desk.folder / "ledger.db"), desk.folder / "segments")
    if deed == "removed":
        path.unlink()
    else:
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b'"plain"', b'"issue"')))
    run = desk.run("--lang", "en", "audit", "evidence", sha256, "--segments", "segments", "-o", "c.zip")
    assert (run.code, path.name in run.err) == (6, True)
    assert not (desk.folder / "c.zip").exists()


def test_what_was_not_looked_into_is_said_in_the_bundle(desk: Desk, pki: Pki) -> None:
    signed(desk, pki)
    path = sealed(url_of(desk.folder / "ledger.db"), desk.folder / "segments")
    (desk.folder / "a.signed.pdf").unlink()
    later = signed(desk, pki)
    told = made(desk, later)
    assert [segment["file"] for segment in told["unseen"]] == [path.name]
    _, found = checked(desk)
    assert [segment["file"] for segment in found["unseen"]] == [path.name]
    run = desk.run("--lang", "en", "audit", "evidence", "--check", "bundle.zip")
    assert path.name in run.out


def test_evidence_has_no_end_at_ten_thousand_entries(tmp_path: Path) -> None:
    url = url_of(tmp_path / "ledger.db")
    document = {"path": "2", "sha256": "ab" * 32}
    with Ledger(url, station="a") as ledger:
        for first in range(0, 10_200, 600):
            ledger.append_all([("decided", {"documents": [document], "n": first + n}) for n in range(600)])
    with open_reader(url) as reader:
        assert len(gather(Whole(reader), Subject.of("ab" * 32))) == 10_200


# ---------------------------------------------------------------- signed


@pytest.fixture
def bundle(desk: Desk, pki: Pki) -> Path:
    """Evidence signed by a person, with a timestamp."""
    sha256 = signed(desk, pki)
    made(desk, sha256, *KEY, "--tsa", pki.tsa_url)
    return desk.folder / "bundle.zip"


def test_a_signed_bundle_says_who_has_made_it_and_when(desk: Desk, bundle: Path, tmp_path: Path) -> None:
    run, found = checked(desk)
    assert run.code == 0, run.out + run.err
    assert (found["signed"]["signer"], found["signed"]["indication"]) == (PERSON.common_name, "TOTAL_PASSED")
    assert found["signed"]["proven"].endswith("+07:00")
    run = desk.run("--lang", "en", "audit", "evidence", *ROOT, "--check", "bundle.zip")
    assert f"signed by {PERSON.common_name} (TOTAL_PASSED)" in run.out
    # Any CMS tool can say so.
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path, ["manifest.json", SIGNATURE])
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", SIGNATURE]
    command += ["-content", "manifest.json", "-CAfile", str(desk.folder / "ca.pem"), "-purpose", "any", "-out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_who_is_not_believed_leaves_the_bundle_indeterminate(desk: Desk, bundle: Path) -> None:
    assert bundle.exists()
    run = desk.run("audit", "evidence", "--check", "bundle.zip", "--offline", "--json")
    found = json.loads(run.out)
    assert (run.code, found["whole"], found["signed"]["indication"]) == (4, True, "INDETERMINATE")


def test_a_bundle_without_a_key_says_that_nobody_signed_it(desk: Desk, pki: Pki) -> None:
    made(desk, signed(desk, pki))
    run, found = checked(desk)
    assert (run.code, found["signed"]) == (0, None)
    run = desk.run("audit", "evidence", "--check", "bundle.zip")
    assert "không được ký" in run.out


def remade(path: Path, deed: str) -> bytes:
    manifest, parts, _ = read_bundle(path.read_bytes(), "-")
    facts: dict[str, Any] = {name: value for name, value in manifest.items() if name != "parts"}
    signature = parts[SIGNATURE]
    rest = {name: part for name, part in parts.items() if name != SIGNATURE}
    match deed:
        case "taken off":
            return bundle_of(facts, rest)
        case "of another manifest":
            return bundle_of({**facts, "made": "2020-01-01T00:00:00+07:00"}, rest, lambda _: signature)
        case "nonsense":
            return bundle_of(facts, rest, lambda _: b"0")
        case "put on":
            return bundle_of({**facts, "certificate": None}, rest, lambda _: signature)
        case "of somebody else":
            return bundle_of({**facts, "certificate": "00" * 32}, rest, lambda _: signature)
    raise AssertionError(deed)


@pytest.mark.parametrize("deed", ["taken off", "of another manifest", "nonsense", "put on", "of somebody else"])
def test_a_signature_that_is_not_over_this_bundle_is_found(desk: Desk, bundle: Path, deed: str) -> None:
    bundle.write_bytes(remade(bundle, deed))
    run, found = checked(desk)
    assert run.code == 1, run.out
    assert {change["part"] for change in found["changes"]} == {SIGNATURE}


@pytest.mark.parametrize("more", [("--key", "k.p12"), ("-o", "x.zip"), ("--segments", "."), ("ab" * 32,)])
def test_a_check_makes_nothing(desk: Desk, more: tuple[str, ...]) -> None:
    run = desk.run("--lang", "en", "audit", "evidence", "--check", "bundle.zip", *more)
    assert (run.code, "does not go together" in run.err) == (2, True)
