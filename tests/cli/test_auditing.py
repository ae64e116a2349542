"""`gsign audit` as a person uses it."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gsign.audit.facts import _MAKERS
from gsign.audit.ledger import Ledger
from gsign.audit.rows import MARKS
from gsign.mail.policy import Action
from gsign.result import Indication
from gsign.sentences.ledger_words import WORDS
from tests.cli.office import Desk, Run
from tests.pki import Pki
from tests.postgres import Postgres
from tests.softhsm import PIN
from tests.unit.ledgers import body_of, entries_of, url_of, written

_PATIENCE = 60.0


@pytest.fixture
def ledger(desk: Desk) -> Path:
    desk.write("gsign.toml", '[ledger]\nurl = "sqlite:///kept/ledger.db"\nstation = "k"\n')
    folder = desk.folder / "kept"
    folder.mkdir()
    return written(folder / "ledger.db")


def audit(desk: Desk, *arguments: object, lang: str = "en") -> Run:
    return desk.run("--lang", lang, "audit", *map(str, arguments))


def logged(desk: Desk, *arguments: object) -> list[dict[str, Any]]:
    run = audit(desk, "log", "--json", *arguments)
    assert run.code == 0, run.err
    return run.told()


def test_a_whole_ledger_is_told_so(desk: Desk, ledger: Path) -> None:
    run = audit(desk, "verify")
    assert (run.code, run.err) == (0, "")
    assert run.out == "the ledger is whole: 71 entries in 3 chains, 11 heads compared, 0 things wrong\n"
    assert "sổ nguyên vẹn: 71 mục" in audit(desk, "verify", lang="vi").out
    # What is relative in a configuration is so to its folder, wherever one stands.
    assert desk.run("--config", "../gsign.toml", "-q", "audit", "verify", cwd=ledger.parent).code == 0


def test_a_changed_entry_is_named_and_the_exit_code_says_so(desk: Desk, ledger: Path) -> None:
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("UPDATE entry SET kind = 'forwarded' WHERE writer = 'b.1' AND number = 9")
        connection.commit()
    run = audit(desk, "verify")
    assert run.code == 1
    first, *_, last = run.out.splitlines()
    assert first == "b.1-9: changed: it does not fit its hash"
    assert last.startswith("the ledger is NOT whole: 1 things wrong")
    assert "b.1-9: nội dung đã bị sửa" in audit(desk, "verify", lang="vi").out
    told = json.loads(audit(desk, "verify", "--json").out)
    assert told["whole"] is False
    assert [(found["code"], found["entries"]) for found in told["findings"]] == [("entry-changed", "b.1-9")]


def test_copies_exports_and_segments_are_verified_by_name(desk: Desk, ledger: Path) -> None:
    assert audit(desk, "export", "-o", "x.jsonl.gz").code == 0
    with closing(sqlite3.connect(ledger)) as source, closing(sqlite3.connect(desk.folder / "copy.db")) as copy:
        source.backup(copy)
    (desk.folder / "segments").mkdir()
    sealed = audit(desk, "seal", "--before", datetime.now(UTC).isoformat(), "-o", "segments", "--json")
    assert sealed.code == 0, sealed.err
    segment = json.loads(sealed.out)["file"]
    for file in ("copy.db", segment):
        run = audit(desk, "verify", file)
        assert (run.code, run.out[:45]) == (0, "the ledger is whole: 71 entries in 3 chains, "), run
    assert "71 entries are in sealed segments" in audit(desk, "verify").out
    assert "the ledger is whole: 73 entries" in audit(desk, "verify", "--segments", "segments").out
    (desk.folder / segment).unlink()
    run = audit(desk, "verify", "--segments", "segments")
    assert run.code == 1
    assert Path(segment).name in run.out


def test_an_export_is_taken_over_by_another_ledger(desk: Desk, ledger: Path) -> None:
    assert audit(desk, "export", "-o", "x.jsonl").out == "71 entries written to x.jsonl\n"
    assert not (desk.folder / "x.jsonl").stat().st_mode & 0o007, "an export is not for everybody to read"
    assert audit(desk, "export", "-o", "x.jsonl").code == 2
    for told in ("71 entries taken over from x.jsonl; 0", "0 entries taken over from x.jsonl; 71"):
        run = audit(desk, "import", "x.jsonl", "--ledger", "other.db")
        assert (run.code, run.out) == (0, f"{told} were there already\n"), run
    spoilt = (desk.folder / "x.jsonl").read_text("utf-8").replace('"action":"reject"', '"action":"accept"')
    desk.write("spoilt.jsonl", spoilt)
    run = audit(desk, "import", "spoilt.jsonl", "--ledger", "third.db")
    assert run.code == 6
    assert "spoilt.jsonl is not taken over" in run.err
    assert not (desk.folder / "third.db").exists()


def test_entries_are_found_by_what_they_say(desk: Desk, ledger: Path) -> None:
    assert len(logged(desk)) == 71
    named = ("--kind", "decided", "--kind", "done", "--agency", "laocai.gov.vn", "--result", "accept")
    found = logged(desk, *named, "--rule", "official mail", "--message-id", "102@hungyen.gov.vn")
    assert [entry["body"]["sha256"] for entry in found] == [f"{102:064x}"] * 3
    run = audit(desk, "log", "--digest", f"{102:064X}", "--to", "2100-01-01", "--last", 1)
    assert "decided  accept  official mail  van-thu@hungyen.gov.vn" in run.out


def test_words_of_entries_are_said_in_vietnamese_and_times_in_vietnams_zone(desk: Desk, ledger: Path) -> None:
    run = audit(desk, "log", "--last", "4", lang="vi")
    assert "quyết định về thư [decided]" in run.out
    assert "từ chối [reject]" in run.out
    assert "→ vp@laocai.gov.vn" in run.out
    assert "[decided]" not in audit(desk, "log").out
    for line in logged(desk):
        stored = entries_of(ledger, line["entry"].rpartition("-")[0])[int(line["entry"].rpartition("-")[2]) - 1].time
        assert line["time"].endswith("+07:00")
        assert datetime.fromisoformat(line["time"]) == datetime.fromisoformat(stored)


def test_that_nothing_was_found_is_said_to_who_reads_it(desk: Desk, ledger: Path) -> None:
    run = audit(desk, "log", "--rule", "no such rule")
    assert (run.code, run.out) == (0, "")
    assert "the ledger has no such entry" in run.err
    assert audit(desk, "log", "--rule", "no such rule", "--json").err == ""


def test_every_word_that_is_written_down_can_be_said() -> None:
    words = {f"action-{action.value}" for action in Action} | {f"indication-{each.value}" for each in Indication}
    kinds = {f"kind-{kind}" for kind in (*MARKS, *_MAKERS)}
    assert words | kinds <= WORDS.keys()


def test_what_is_written_from_now_on_is_shown_as_it_comes(desk: Desk, ledger: Path) -> None:
    desk.environment.pop("PYTHONUNBUFFERED", None)
    with desk.start("audit", "log", "--json", "--last", "1", "--follow", "--kind", "decided") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["entry"] == "c.1-24"
        with Ledger(url_of(ledger), station="a") as more:
            more.append("done", {})
            more.append("decided", body_of(5000))
        assert json.loads(process.stdout.readline())["body"]["sha256"] == f"{5000:064x}"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=_PATIENCE)


def test_a_checkpoint_kept_elsewhere_finds_out_a_ledger_written_anew(desk: Desk, ledger: Path, pki: Pki) -> None:
    desk.p12("k.p12")
    key = ("--key", "k.p12", "--pin-file", "pin", "--tsa", pki.tsa_url)
    run = audit(desk, "checkpoint", "-o", "c.p7m", *key)
    assert run.code == 0, run.err
    assert run.out == "checkpoint signed into c.p7m: 3 chains, 71 entries, as the entry k.1-2 says\n"
    good = audit(desk, "verify", "--checkpoint", "c.p7m", "--trust", "ca.pem")
    assert good.code == 0, good
    assert "checkpoint c.p7m: signed by" in good.out
    assert audit(desk, "verify", "--checkpoint", "c.p7m", "--offline").code == 4
    ledger.unlink()
    written(ledger)
    bad = audit(desk, "verify", "--checkpoint", "c.p7m", "--trust", "ca.pem")
    assert bad.code == 1
    assert "b.1-24: c.p7m knows it by another hash" in bad.out
    assert PIN not in run.out + run.err


def test_a_token_signs_a_checkpoint_as_configured(desk: Desk, ledger: Path) -> None:
    desk.token()
    known = (desk.folder / "gsign.toml").read_text("utf-8")
    desk.write("gsign.toml", f'{known}checkpoint_key = "pkcs11:token=VP;object=van-thu"\n[token]\npin_file = "pin"\n')
    run = audit(desk, "checkpoint", "-o", "c.p7m", "--json")
    assert run.code == 0, run.err
    assert json.loads(run.out)["stamped"] is False
    (entry,) = logged(desk, "--kind", "checkpoint")
    assert entry["body"]["key"] == "token"
    assert entry["body"]["heads"]["b.1"][0] == 24


@pytest.mark.parametrize(
    "arguments,code,said",
    [
        (("verify", "--ledger", "none.db"), 6, "there is no ledger at"),
        (("log", "--ledger", "none.db"), 6, "there is no ledger at"),
        (("checkpoint", "--ledger", "none.db", "-o", "c.p7m"), 6, "there is no ledger at"),
        (("seal", "--ledger", "none.db", "--before", "2020-01-01", "-o", "."), 6, "there is no ledger at"),
        (("verify", "gsign.toml"), 6, "gsign.toml is no export of a ledger"),
        (("verify", "none.jsonl"), 6, "none.jsonl cannot be read"),
        (("verify", "--checkpoint", "pin"), 6, "pin is no checkpoint of a ledger"),
        (("verify", "--ledger", "postgresql://127.0.0.1:9/x"), 7, "cannot be read"),
        (("seal", "--before", "2020-01-01", "-o", "."), 6, "there is no entry before 2020-01-01"),
        (("seal", "--before", "2100-01-01", "-o", "."), 2, "that time is still to come"),
        (("log", "--digest", "xyz"), 2, "xyz is no SHA-256"),
        (("log", "--kind", "decision"), 2, "there is no kind of entry decision"),
    ],
)
def test_what_cannot_be_done_is_told_with_advice(
    desk: Desk, ledger: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    run = audit(desk, *arguments)
    assert (run.code, run.out) == (code, "")
    assert said in run.err
    assert "internal error" not in run.err
    assert not (desk.folder / "none.db").exists()


def test_without_a_ledger_in_the_configuration_one_has_to_be_named(desk: Desk) -> None:
    run = audit(desk, "log")
    assert run.code == 8
    assert "ledger.url" in run.err


def test_a_ledger_on_a_server_is_read_as_one_in_a_file(desk: Desk, ledger: Path, postgres: Postgres) -> None:
    url = postgres.database()
    assert audit(desk, "export", "-o", "x.jsonl").code == 0
    assert audit(desk, "import", "x.jsonl", "--ledger", url).code == 0
    assert audit(desk, "verify", "--ledger", url).out == audit(desk, "verify").out
    options = ("--digest", f"{102:064x}", "--rule", "official mail", "--last", 2)
    assert logged(desk, "--ledger", url, *options) == logged(desk, *options)
