"""A checkpoint that was kept elsewhere shows a ledger that was written anew, and other programs can open it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from gsign.audit.checkpoint import Checkpoint, make_checkpoint, read_checkpoint, write_down
from gsign.audit.ledger import Ledger
from gsign.audit.verifying import verify_ledger
from gsign.errors import InputError, TemporaryError
from gsign.result import Indication
from gsign.signer import Signer
from gsign.trust.certificate import Certificate
from gsign.trust.clients import revocation_client
from gsign.trust.store import TrustStore
from gsign.trust.timestamp import TimestampClient
from tests.pki import Pki
from tests.unit.ledgers import change, entries_of, rewritten, url_of, written


def checkpoint(ledger: Path, signer: Signer, tsa: str | None = None) -> Path:
    path = ledger.with_name("checkpoint.p7m")
    with Ledger(url_of(ledger), station="k") as opened:
        made = make_checkpoint(opened.heads(), signer, TimestampClient(tsa) if tsa else None)
        path.write_bytes(made.content)
        write_down(opened, made, path, signer)
    return path


def opened(path: Path, pki: Pki) -> Checkpoint:
    trust = TrustStore.load(pki.root_file)
    return read_checkpoint(path, trust=trust, revocation=revocation_client("prefer", offline=False))


def known(path: Path, pki: Pki) -> dict[str, dict[str, tuple[int, str]]]:
    return {path.name: dict(opened(path, pki).heads)}


def test_a_checkpoint_holds_where_the_chains_end_and_who_says_so(ledger: Path, file_signer: Signer, pki: Pki) -> None:
    ends = {writer: entries_of(ledger, writer)[-1] for writer in ("a.1", "b.1", "c.1")}
    found = opened(checkpoint(ledger, file_signer, pki.tsa_url), pki)
    assert found.heads == {writer: (entry.number, entry.hash.hex()) for writer, entry in ends.items()}
    assert found.indication is Indication.TOTAL_PASSED, found.reasons
    assert found.signer == Certificate.of(file_signer.certificate).signer_info().name
    assert found.proven is not None
    assert verify_ledger(url_of(ledger), known=known(checkpoint_of(ledger), pki)).is_whole


def checkpoint_of(ledger: Path) -> Path:
    return ledger.with_name("checkpoint.p7m")


def test_openssl_opens_a_checkpoint(ledger: Path, file_signer: Signer, pki: Pki) -> None:
    path = checkpoint(ledger, file_signer, pki.tsa_url)
    command = ["openssl", "cms", "-verify", "-inform", "DER", "-in", path, "-CAfile", pki.root_file, "-purpose", "any"]
    done = subprocess.run([*command, "-certfile", pki.intermediate_file], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["heads"]["b.1"][0] == 24


def test_a_ledger_that_was_written_anew_from_its_first_entry_is_found_out(
    ledger: Path, file_signer: Signer, pki: Pki
) -> None:
    path = checkpoint(ledger, file_signer)
    ledger.unlink()
    forged = written(ledger)
    assert verify_ledger(url_of(forged)).is_whole
    findings = verify_ledger(url_of(forged), known=known(path, pki)).findings
    assert {(f.code, f.entries, f.witness) for f in findings} == {
        ("entry-differs", "a.1-23", path.name),
        ("entry-differs", "b.1-24", path.name),
        ("entry-differs", "c.1-24", path.name),
    }


def test_a_ledger_from_which_entries_and_all_their_witnesses_are_gone_is_found_out(
    ledger: Path, file_signer: Signer, pki: Pki
) -> None:
    path = checkpoint(ledger, file_signer)
    ledger.unlink()
    assert verify_ledger(url_of(written(ledger, rounds=3))).is_whole
    codes = {f.code for f in verify_ledger(url_of(ledger), known=known(path, pki)).findings}
    assert codes == {"chain-cut"}
    ledger.unlink()
    written(ledger, stations=("a", "c"))
    codes = {f.code for f in verify_ledger(url_of(ledger), known=known(path, pki)).findings}
    assert "chain-missing" in codes


def test_the_entry_of_a_checkpoint_is_a_witness_itself(ledger: Path, file_signer: Signer) -> None:
    checkpoint(ledger, file_signer)
    rewritten(ledger, "c.1", 24, {"action": "accept"})
    with change(ledger) as connection:
        connection.execute("DELETE FROM entry WHERE writer = 'k.1' AND kind = 'anchored'")
    findings = verify_ledger(url_of(ledger)).findings
    assert [f.entries for f in findings if f.witness == "k.1-2"] == ["c.1-24"]


def test_sealed_entries_are_held_against_a_checkpoint_from_before(
    ledger: Path, file_signer: Signer, pki: Pki, tmp_path: Path
) -> None:
    from datetime import UTC, datetime, timedelta

    from gsign.audit.sealing import seal

    path = checkpoint(ledger, file_signer)
    seal(url_of(ledger), datetime.now(UTC) + timedelta(days=1), tmp_path, station="k")
    assert verify_ledger(url_of(ledger), known=known(path, pki)).is_whole
    wrong = {path.name: {"b.1": (24, "00" * 32)}}
    assert {f.code for f in verify_ledger(url_of(ledger), known=wrong, segments=tmp_path).findings} == {"entry-differs"}


@pytest.mark.parametrize("deed", ["content", "signature", "cut", "pdf", "empty", "other"])
def test_a_changed_checkpoint_is_none(ledger: Path, file_signer: Signer, pki: Pki, deed: str) -> None:
    path = checkpoint(ledger, file_signer)
    data = path.read_bytes()
    changed = {
        "content": data.replace(b'"b.1":[24', b'"b.1":[23'),
        "signature": data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
        "cut": data[:-50],
        "pdf": b"%PDF-1.7\n",
        "empty": b"",
        "other": data.replace(b"gsign-checkpoint", b"gsign-chequepoint"[:16]),
    }[deed]
    assert changed != data
    path.write_bytes(changed)
    with pytest.raises(InputError) as refused:
        opened(path, pki)
    assert refused.value.code == "checkpoint-not-one"


def test_a_checkpoint_of_somebody_unknown_is_no_pass(ledger: Path, file_signer: Signer) -> None:
    path = checkpoint(ledger, file_signer)
    found = read_checkpoint(path, trust=None, revocation=revocation_client("off", offline=True))
    assert found.indication is Indication.INDETERMINATE
    assert found.reasons


def test_no_timestamp_no_checkpoint(ledger: Path, file_signer: Signer) -> None:
    with pytest.raises(TemporaryError) as failed:
        checkpoint(ledger, file_signer, "http://127.0.0.1:9/")
    assert failed.value.code == "tsa-unreachable"
    with change(ledger) as connection:
        assert connection.execute("SELECT count(*) FROM entry WHERE kind = 'checkpoint'").fetchone() == (0,)
