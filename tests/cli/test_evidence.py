"""Evidence: made of a real ledger and a real document, and verified where there is neither ledger nor network."""

from __future__ import annotations

import io
import json
import random
import shutil
import sqlite3
import zipfile
from contextlib import suppress
from typing import Any

import pytest

from gsign.audit.entry import Chain, canonical, link_of, next_entry
from gsign.audit.evidence.bundle import bundle_of, read_bundle
from gsign.audit.evidence.checking import check_bundle
from gsign.audit.evidence.proof import follow
from gsign.audit.lines import line_of
from gsign.errors import InputError
from tests.cli.office import Desk, Run
from tests.cli.test_recording import ANCHORS, KEYED, SIGN, digest, entries, keep
from tests.documents import Library
from tests.pki import PERSON, Pki
from tests.postgres import Postgres

ROOT = ("--trust", "ca.pem")
KEY = ("--key", "k.p12", "--pin-file", "pin")
MESSAGE = f"""From: {PERSON.email}
To: b@c.vn
Date: Mon, 23 Nov 2026 08:00:00 +0700
Message-ID: <7.an@b.vn>

Mat-thu
"""


def signed(desk: Desk, pki: Pki, *others: str) -> str:
    """Sign a document, and others after it, and return the SHA-256 of the first."""
    desk.p12("k.p12")
    names = [desk.document("one-page", f"{name}.pdf").name for name in ("a", *others)]
    keep(desk)
    run = desk.run("sign", *KEY, *ROOT, "--level", "B-T", "--tsa", pki.tsa_url, *names)
    assert run.code == 0, run.err
    return digest(desk.folder / "a.signed.pdf")


def made(desk: Desk, *arguments: str) -> dict[str, Any]:
    run = desk.run("audit", "evidence", *ROOT, *arguments, "-o", "bundle.zip", "--force", "--json", "-v")
    assert run.code == 0, run.err
    return json.loads(run.out)


def checked(desk: Desk, *arguments: str) -> tuple[Run, dict[str, Any]]:
    """Verify the bundle where there is nothing but it and the anchors."""
    elsewhere = desk.folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    shutil.copy(desk.folder / "bundle.zip", elsewhere)
    shutil.copy(desk.folder / "ca.pem", elsewhere)
    desk.environment["XDG_DATA_HOME"] = str(elsewhere / "data")
    run = desk.run("audit", "evidence", *ANCHORS, "--check", "bundle.zip", "--json", *arguments, cwd=elsewhere)
    return run, json.loads(run.out) if run.out else {}


def test_evidence_of_a_document_is_whole_far_from_the_ledger(desk: Desk, pki: Pki) -> None:
    sha256 = signed(desk, pki, "b", "c")
    told = made(desk, sha256, "--document", "a.signed.pdf")
    run, found = checked(desk, "--document", str(desk.folder / "a.signed.pdf"))
    assert run.code == 0, run.out + run.err
    assert (found["whole"], found["about"], found["changes"]) == (True, sha256, [])
    # Its own entry, and the one that tells that the file appeared: nobody else's.
    assert [entry["kind"] for entry in found["entries"]] == ["signed", "appeared"]
    assert found["entries"][0]["entry"] == entries(desk, "signed")[0]["reference"]
    assert found["judged_again"]["indication"] == "TOTAL_PASSED"
    # A verdict that says how the status was learnt: from what is in the bundle, since nobody was asked.
    assert found["judged_again"]["signatures"][0]["revocation"] == "good"
    kinds = {name.partition("/")[0] for name in told["parts"]}
    assert kinds >= {"certificates", "status", "timestamps", "signatures", "chains", "report.html", "report.pdf"}


def test_nothing_of_others_and_no_content_is_in_a_bundle(desk: Desk, pki: Pki) -> None:
    sha256 = signed(desk, pki, "other-document")
    made(desk, sha256, "--document", "a.signed.pdf")
    octets = (desk.folder / "bundle.zip").read_bytes()
    assert b"other-document" not in octets
    assert (desk.folder / "a.pdf").read_bytes()[:200] not in octets


def test_evidence_needs_no_more_than_the_file(desk: Desk, pki: Pki) -> None:
    sha256 = signed(desk, pki)
    assert made(desk, "--document", "a.signed.pdf")["about"] == sha256
    run = desk.run("--lang", "en", "audit", "evidence", *ROOT, sha256, "--document", "a.pdf", "-o", "c.zip")
    assert run.code == 0, "the input is named by the entry too"
    desk.document("signed-once", "foreign.pdf")
    run = desk.run("--lang", "en", "audit", "evidence", *ROOT, sha256, "--document", "foreign.pdf", "-o", "d.zip")
    assert (run.code, "is not the document" in run.err) == (2, True)
    run = desk.run("--lang", "en", "audit", "evidence", *ROOT, "0" * 64, "-o", "d.zip")
    assert (run.code, "no entry about" in run.err) == (6, True)
    assert not (desk.folder / "d.zip").exists()


def test_a_verification_is_found_by_its_digest(desk: Desk) -> None:
    desk.document("signed-once", "a.pdf")
    keep(desk)
    assert desk.run("verify", *ANCHORS, "a.pdf").code == 0
    sha256 = digest(desk.folder / "a.pdf")
    made(desk, ":".join(sha256[i : i + 2].upper() for i in range(0, 64, 2)))
    _, found = checked(desk)
    assert [entry["kind"] for entry in found["entries"]] == ["verified"]


# ---------------------------------------------------------------- changed


@pytest.fixture(scope="module")
def octets(session_pki: Pki, documents: Library, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A bundle with everything in it."""
    folder = tmp_path_factory.mktemp("evidence") / "desk"
    folder.mkdir()
    session_pki.reset()
    desk = Desk(folder, session_pki, documents)
    desk.environment |= {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "CACHE", "STATE")}
    made(desk, signed(desk, session_pki), "--document", "a.signed.pdf")
    return (folder / "bundle.zip").read_bytes()


def spoilt(octets: bytes, chance: random.Random) -> bytes:
    """Change, remove, insert or move a few octets."""
    at, many = chance.randrange(len(octets)), chance.choice((1, 1, 1, 7, 300))
    match chance.randrange(4):
        case 0:
            changed = bytes(octet ^ chance.randrange(1, 256) for octet in octets[at : at + many])
            return octets[:at] + changed + octets[at + many :]
        case 1:
            return octets[:at] + octets[at + many :]
        case 2:
            return octets[:at] + chance.randbytes(many) + octets[at:]
        case _:
            return octets[at:] + octets[:at]


def changes_in(octets: bytes) -> list[str]:
    """Verify a bundle, and return what is found, or why it is none."""
    with suppress(InputError):
        return [change.part or change.code for change in check_bundle(octets, "-").changes]
    return ["evidence-not-one"]


def test_whatever_is_changed_in_a_bundle_is_found(octets: bytes) -> None:
    assert changes_in(octets) == []
    chance = random.Random(7)
    for round_ in range(200):
        changed = spoilt(octets, chance)
        assert changed == octets or changes_in(changed), round_


def parts_of(octets: bytes) -> dict[str, tuple[int, int]]:
    """Return where the octets of each part are."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        infos = archive.infolist()
    return {info.filename: (info.header_offset + 30 + len(info.filename), info.file_size) for info in infos}


def test_the_part_that_was_changed_is_named(octets: bytes) -> None:
    for name, (start, size) in parts_of(octets).items():
        at = start + size // 2
        changed = octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]
        assert name in changes_in(changed), name


def remade(octets: bytes, change: Any) -> list[str]:
    """Make the bundle again as somebody would who can make bundles, with parts changed; return what is found."""
    manifest, parts, _ = read_bundle(octets, "-")
    facts = {name: value for name, value in manifest.items() if name != "parts"}
    new_facts, new_parts = change(facts, dict(parts))
    return [found.code for found in check_bundle(bundle_of(new_facts, new_parts), "-").changes]


def test_a_bundle_that_was_made_again_does_not_hold_either(octets: bytes) -> None:
    assert remade(octets, lambda facts, parts: (facts, parts)) == []

    def edited(name: str, old: bytes, new: bytes) -> Any:
        def change(facts: dict[str, Any], parts: dict[str, bytes]) -> Any:
            (found,) = [each for each in parts if each.startswith(name)][:1]
            assert old in parts[found]
            return facts, {**parts, found: parts[found].replace(old, new, 1)}

        return change

    def without(name: str) -> Any:
        return lambda facts, parts: (facts, {n: p for n, p in parts.items() if not n.startswith(name)})

    assert remade(octets, edited("entries", b'"role":"plain"', b'"role":"issue"')) == ["evidence-entry-changed"]
    assert remade(octets, edited("chains", b"signed", b"refused"))[0] == "proof-broken"
    assert set(remade(octets, without("chains"))) == {"evidence-entry-unproved"}
    assert "evidence-part-missing" in remade(octets, without("certificates"))
    assert remade(octets, lambda facts, parts: ({**facts, "about": "0" * 64}, parts))
    assert remade(octets, lambda facts, parts: ({**facts, "documents": []}, parts)) == ["evidence-report-of-others"]
    assert remade(octets, lambda facts, parts: ({**facts, "about": 7, "entries": 7}, parts))


def test_a_ledger_that_was_changed_gives_no_evidence(desk: Desk, pki: Pki) -> None:
    sha256 = signed(desk, pki, "b")
    with sqlite3.connect(desk.folder / "ledger.db") as connection:
        connection.execute("update entry set body = replace(body, '\"plain\"', '\"issue\"') where kind = 'signed'")
    connection.close()
    run = desk.run("--lang", "en", "audit", "evidence", sha256, "-o", "bundle.zip")
    assert (run.code, "cannot be proved" in run.err) == (1, True)
    assert not (desk.folder / "bundle.zip").exists()


# ---------------------------------------------------------------- checkpoints


def test_a_checkpoint_says_that_the_entry_was_there_then(desk: Desk, pki: Pki) -> None:
    sha256 = signed(desk, pki, "b")
    key = (*KEY, *ROOT, "--tsa", pki.tsa_url)
    run = desk.run("audit", "checkpoint", *key, "-o", "checkpoint.p7m")
    assert run.code == 0, run.err
    # What comes later is not needed for the proof.
    assert desk.run("sign", *KEYED, "b.pdf", "-o", "later.pdf").code == 0
    told = made(desk, sha256, "--checkpoint", "checkpoint.p7m")
    (end,) = told["ends"]
    assert end["witness"].startswith("checkpoints/")
    assert end["entry"] < len(entries(desk))
    run, found = checked(desk)
    assert run.code == 0, run.out + run.err
    assert found["checkpoints"][0]["indication"] == "TOTAL_PASSED"
    assert found["checkpoints"][0]["proven"]
    run = desk.run("--lang", "en", "audit", "evidence", *ANCHORS, "--check", "bundle.zip")
    assert f"which {PERSON.common_name} has signed for (TOTAL_PASSED)" in run.out


def test_a_checkpoint_confirms_nothing_that_was_added_behind_it(desk: Desk, pki: Pki) -> None:
    """Whoever has the entries can go on with the chain: that is not what was signed for."""
    sha256 = signed(desk, pki)
    assert desk.run("audit", "checkpoint", *KEY, *ROOT, "--tsa", pki.tsa_url, "-o", "checkpoint.p7m").code == 0
    made(desk, sha256, "--checkpoint", "checkpoint.p7m")
    forged = desk.folder / "bundle.zip"
    manifest, parts, _ = read_bundle(forged.read_bytes(), "bundle.zip")
    ((chain, run),) = [(name, part) for name, part in parts.items() if name.startswith("chains/")]
    told, *links = run.splitlines()
    before = follow(run.splitlines()).run
    added = next_entry(
        Chain(before.writer, before.last, bytes.fromhex(before.hash)), before.writer, "signed", {"sha256": sha256}
    )
    link = link_of(added)
    assert link is not None
    longer = {**json.loads(told), "last": added.number, "hash": added.hash.hex(), "witness": "head"}
    links.append(canonical([added.time, added.kind, link.body_digest.hex()]).encode())
    facts = {name: value for name, value in manifest.items() if name != "parts"}
    facts["entries"] = [*facts["entries"], added.reference]
    new = {
        "entries.jsonl": parts["entries.jsonl"] + line_of(added),
        chain: b"\n".join([canonical(longer).encode(), *links]),
    }
    forged.write_bytes(bundle_of(facts, {**parts, **new}))
    _, found = checked(desk)
    confirmed = {entry["entry"]: len(entry["confirmed_by"]) for entry in found["entries"]}
    assert confirmed.pop(added.reference) == 0
    assert set(confirmed.values()) == {1}
    run_ = desk.run("--lang", "en", "audit", "evidence", *ANCHORS, "--check", "bundle.zip")
    assert f"no checkpoint confirms {added.reference}:" in run_.out
    assert added.hash.hex() in run_.out


def test_a_ledger_written_anew_does_not_fit_the_checkpoint(desk: Desk, pki: Pki) -> None:
    sha256 = signed(desk, pki)
    key = (*KEY, *ROOT)
    assert desk.run("audit", "checkpoint", *key, "-o", "checkpoint.p7m").code == 0
    for file in desk.folder.glob("ledger.db*"):
        file.unlink()
    assert desk.run("verify", *ANCHORS, "a.signed.pdf").code == 0
    assert desk.run("verify", *ANCHORS, "a.signed.pdf", "a.pdf").code == 3
    made(desk, sha256)
    run, found = checked(desk, "--checkpoint", str(desk.folder / "checkpoint.p7m"))
    numbers = [end["last"] for end in found["ends"]]
    assert (run.code, [change["code"] for change in found["changes"]]) == (1, ["evidence-head-differs"]), numbers


# ---------------------------------------------------------------- mail, pseudonyms


@pytest.mark.parametrize("more", ["", "pseudonyms = true\n"], ids=["named", "pseudonyms"])
def test_evidence_of_a_message_is_found_by_its_name(desk: Desk, more: str) -> None:
    desk.p12("an.p12")
    desk.write("a.eml", MESSAGE)
    keep(desk, more)
    assert desk.run("mail", "sign", "--key", "an.p12", *SIGN, "a.eml").code == 0
    assert desk.run("mail", "verify", *ANCHORS, "a.signed.eml").code == 0
    made(desk, "7.an@b.vn" if not more else "<7.an@b.vn>")
    run, found = checked(desk)
    assert run.code == 0, run.out
    assert [entry["kind"] for entry in found["entries"]] == ["signed", "appeared", "verified"]
    assert (b"7.an@b.vn" in (desk.folder / "bundle.zip").read_bytes()) == (not more)


def questions(pki: Pki) -> int:
    """Count what authorities have been asked."""
    return sum(endpoint.requests for endpoint in pki.servers.endpoints.values())


def test_evidence_of_a_message_has_what_its_signature_rests_on(desk: Desk, pki: Pki) -> None:
    desk.p12("an.p12")
    desk.write("a.eml", MESSAGE)
    keep(desk)
    run = desk.run("mail", "sign", "--key", "an.p12", "--pin-file", "pin", *ROOT, "a.eml")
    assert run.code == 0, run.err
    told = made(desk, "--document", "a.signed.eml")
    assert told["about"] == digest(desk.folder / "a.signed.eml")
    assert {"message.json"} | {name.partition("/")[0] for name in told["parts"]} >= {
        "certificates",
        "status",
        "signatures",
    }
    asked = questions(pki)
    run, found = checked(desk, "--document", str(desk.folder / "a.signed.eml"))
    assert run.code == 0, run.out
    again = found["judged_again"]
    assert (again["indication"], again["smime"], again["revocation"]) == ("TOTAL_PASSED", "pass", "good")
    assert questions(pki) == asked
    assert b"Mat-thu" not in (desk.folder / "bundle.zip").read_bytes()


def test_no_part_of_a_bundle_leads_elsewhere(octets: bytes) -> None:
    def with_part(name: str) -> Any:
        return lambda facts, parts: (facts, {**parts, name: b"x"})

    for name in ("../outside", "/etc/outside", "checkpoints/../../outside", "a\\b", "a\0b", ""):
        assert "evidence-part-added" in remade(octets, with_part(name)), name


# ---------------------------------------------------------------- a ledger that stations share


def test_stations_that_share_a_ledger_share_its_evidence(desk: Desk, postgres: Postgres) -> None:
    desk.p12("k.p12")
    desk.document("one-page", "a.pdf")
    url = postgres.database()
    for station in ("van-thu", "lanh-dao"):
        shared = f'[ledger]\nurl = "{url}"\nstation = "{station}"\npseudonyms = true\npseudonym_key = "key"\n'
        desk.write(f"{station}.toml", shared)

    def at(station: str, *arguments: str) -> None:
        run = desk.run("--config", f"{station}.toml", *arguments)
        assert run.code == 0, run.err

    at("van-thu", "sign", *KEYED, "a.pdf")
    at("lanh-dao", "verify", *ANCHORS, "a.signed.pdf")
    at("lanh-dao", "audit", "evidence", *ANCHORS, "--document", "a.signed.pdf", "-o", "bundle.zip")
    run, found = checked(desk)
    assert run.code == 0, run.out
    assert {entry["kind"]: entry["entry"].rpartition("-")[0].rpartition(".")[0] for entry in found["entries"]} == {
        "signed": "van-thu",
        "appeared": "van-thu",
        "verified": "lanh-dao",
    }
    with zipfile.ZipFile(desk.folder / "bundle.zip") as archive:
        assert str(PERSON.common_name) not in archive.read("entries.jsonl").decode()
