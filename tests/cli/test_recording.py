"""What the program does is in the ledger before anybody has it; without a ledger nothing changes."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import stat
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.cli.office import Desk
from tests.cli.test_start import loaded_by
from tests.pki import PERSON, Pki
from tests.softhsm import PIN

SIGN = ("--pin-file", "pin", "--trust", "ca.pem", "--offline")
KEYED = ("--key", "k.p12", *SIGN)
ANCHORS = ("--trust", "ca.pem", "--offline")
AGENCY = """
[[agency]]
name = "UBND tỉnh Hưng Yên"
domains = ["hungyen.gov.vn"]
identifiers = []
certificate_emails = ["*@*"]
"""
# The program is killed when its second output is about to appear.
KILLED = """
import os, signal, sys, gsign.signing.output as output
from gsign.cli.main import main
real = output.reveal
def reveal(part, target, *, force):
    if target.name == "b.signed.pdf":
        os.kill(os.getpid(), signal.SIGKILL)
    real(part, target, force=force)
output.reveal = reveal
main(sys.argv[1:])
"""


def keep(desk: Desk, more: str = "") -> None:
    desk.write("gsign.toml", f'[ledger]\nurl = "sqlite:///{desk.folder}/ledger.db"\n{more}')


def entries(desk: Desk, *kinds: str) -> list[dict[str, Any]]:
    with sqlite3.connect(desk.folder / "ledger.db") as connection:
        rows = connection.execute("select writer, number, kind, body from entry order by time").fetchall()
    connection.close()
    found = [{"reference": f"{row[0]}-{row[1]}", "entry": row[2], **json.loads(row[3])} for row in rows]
    return [entry for entry in found if not kinds or entry["entry"] in kinds]


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def test_a_signature_is_written_down_with_what_it_is_on(desk: Desk) -> None:
    desk.token()
    document = desk.document("one-page", "286-QD-UBND.pdf")
    keep(desk, AGENCY)
    run = desk.run("sign", *SIGN, "--level", "B-B", "286-QD-UBND.pdf")
    assert run.code == 0, run.err
    (entry,) = entries(desk, "signed")
    output = desk.folder / "286-QD-UBND.signed.pdf"
    assert (entry["sha256"], entry["of"]) == (digest(output), digest(document))
    assert (entry["size"], entry["file"]) == (output.stat().st_size, output.name)
    told = {name: entry[name] for name in ("act", "key", "role", "level", "kind", "agency")}
    assert told == {
        "act": "sign",
        "key": "token",
        "role": "plain",
        "level": "B-B",
        "kind": "quyet-dinh",
        "agency": "UBND tỉnh Hưng Yên",
    }
    assert entry["signer"]["serial"]
    (appeared,) = entries(desk, "appeared")
    assert appeared["appeared"] == [entry["reference"]]
    text = json.dumps(entries(desk), ensure_ascii=False)
    assert PIN not in text
    assert str(desk.folder) not in text
    assert "pkcs11:" not in text


def test_verdicts_are_written_down_with_what_they_are_about(desk: Desk) -> None:
    good = desk.document("signed-once", "good.pdf")
    for number in range(40):
        (desk.folder / f"{number:02}.pdf").symlink_to("good.pdf")
    (desk.folder / "gone.pdf").symlink_to("nowhere")
    keep(desk)
    names = [f"{number:02}.pdf" for number in range(40)]
    run = desk.run("verify", "--json", *ANCHORS, *names, "gone.pdf")
    assert run.code == 6
    *found, gone = entries(desk, "verified")
    assert [entry["file"] for entry in found] == names
    assert {entry["sha256"] for entry in found} == {digest(good)}
    assert {entry["indication"] for entry in found} == {"TOTAL_PASSED"}
    assert (gone["file"], gone["sha256"], gone["indication"]) == ("gone.pdf", None, "UNREADABLE")


def test_the_number_of_a_document_and_with_it_its_kind_are_written_down(desk: Desk) -> None:
    desk.staff()
    desk.document("one-page", "a.pdf")
    keep(desk)
    leader = ("--key", "pkcs11:token=LD", "--as", "leader", "--image", "signature.png")
    issue = ("--key", "pkcs11:token=VT", "--as", "issue", "--number", "286", "--image", "seal.png")
    assert desk.run("sign", *SIGN, *leader, "a.pdf", "-o", "b.pdf").code == 0
    assert desk.run("sign", *SIGN, *issue, "b.pdf", "-o", "c.pdf").code == 0
    assert desk.run("verify", *ANCHORS, "c.pdf").code == 0
    led, issued, verified = entries(desk, "signed", "verified")
    assert (led["role"], led["number"], led["kind"]) == ("leader", None, None)
    assert (issued["role"], issued["number"], issued["kind"]) == ("issue", "286/QĐ-UBND", "quyet-dinh")
    assert issued["follows"] == led["signer"]["name"]
    assert (verified["number"], verified["kind"]) == ("286/QĐ-UBND", "quyet-dinh")


def test_files_signed_side_by_side_all_have_their_entries(desk: Desk) -> None:
    desk.p12("k.p12")
    names = [desk.document("one-page", f"{number}.pdf").name for number in range(8)]
    keep(desk)
    assert desk.run("sign", *KEYED, "-q", "--jobs", "4", *names).code == 0
    found = {entry["reference"]: entry["sha256"] for entry in entries(desk, "signed")}
    assert sorted(found.values()) == sorted(digest(path) for path in desk.folder.glob("*.signed.pdf"))
    words = [word for entry in entries(desk, "appeared") for word in entry["appeared"]]
    assert sorted(words) == sorted(found)


def test_without_a_ledger_that_can_be_written_nothing_is_signed_and_no_pin_is_asked_for(desk: Desk) -> None:
    desk.p12("k.p12")
    desk.document("one-page", "a.pdf")
    keep(desk)
    (desk.folder / "ledger.db").mkdir()
    run = desk.run("--lang", "en", "sign", *KEYED, "--pin-file", "no-such-file", "a.pdf")
    assert run.code == 7
    assert run.err.startswith("gsign: error: the ledger cannot be written: ")
    run = desk.run("--lang", "en", "sign", *KEYED, "a.pdf")
    assert run.code == 7
    assert not (desk.folder / "a.signed.pdf").exists()
    desk.document("signed-once", "b.pdf")
    run = desk.run("--lang", "en", "verify", *ANCHORS, "b.pdf")
    assert (run.code, run.out) == (7, "")


def test_a_ledger_that_is_full_keeps_the_file_from_appearing(desk: Desk) -> None:
    desk.p12("k.p12")
    names = [desk.document("one-page", f"{number}.pdf").name for number in range(3)]
    keep(desk)
    assert desk.run("sign", *KEYED, *names[:1]).code == 0
    before = desk.names()
    # Whatever is written beyond what there is now does not fit any more.
    with sqlite3.connect(desk.folder / "ledger.db") as connection:
        connection.execute("create trigger full before insert on entry begin select raise(abort, 'disk full'); end")
    connection.close()
    run = desk.run("--lang", "en", "sign", *KEYED, *names[1:])
    assert run.code == 7
    assert run.err.count("the ledger cannot be written") == 2
    assert desk.names() == before


def test_without_a_ledger_nothing_of_it_is_imported(desk: Desk) -> None:
    desk.p12("k.p12")
    desk.document("one-page", "a.pdf")
    desk.write("gsign.toml", "[trust]\nrevocation = 'off'\n")
    code = (
        "import sys; from gsign.cli.main import main; main(sys.argv[1:]);"
        "print(*sorted(n for n in sys.modules if n.startswith(('gsign.audit', 'gsign.recording.re', 'sqlite3'))))"
    )
    done = desk.python(code, "sign", *KEYED, "-q", "a.pdf")
    assert done.out.strip() == ""
    assert (desk.folder / "a.signed.pdf").exists()


def test_with_a_ledger_a_signature_does_without_sqlalchemy(desk: Desk) -> None:
    desk.p12("k.p12")
    desk.document("one-page", "a.pdf")
    keep(desk)
    assert desk.run("sign", *KEYED, "-q", "a.pdf").code == 0
    desk.document("one-page", "b.pdf")
    assert loaded_by(desk, "sign", *KEYED, "-q", "b.pdf") & {"sqlalchemy", "alembic", "pyhanko"} == set()


# ---------------------------------------------------------------- files that never appear


def test_a_file_that_never_appeared_is_seen_to_be_missing(desk: Desk) -> None:
    """The program is killed between entry and output: the entry is there, and no word that its file was."""
    desk.p12("k.p12")
    first, second = (desk.document("one-page", f"{name}.pdf").name for name in "ab")
    keep(desk)
    done = desk.python(KILLED, "sign", *KEYED, "-q", first, second)
    assert done.code == -signal.SIGKILL
    one, other = entries(desk, "signed")
    assert (one["file"], other["file"]) == ("a.signed.pdf", "b.signed.pdf")
    (appeared,) = entries(desk, "appeared")
    assert appeared["appeared"] == [one["reference"]]
    assert (desk.folder / "a.signed.pdf").exists()
    assert not (desk.folder / "b.signed.pdf").exists()
    words = [word for entry in entries(desk) for word in entry.get("appeared", [])]
    assert other["reference"] not in words
    # Signed once more, it appears, and the one that did not stays without a word.
    assert desk.run("sign", *KEYED, "-q", second).code == 0
    last = entries(desk, "signed")[-1]
    assert entries(desk, "appeared")[-1]["appeared"] == [last["reference"]]


def test_a_file_that_somebody_made_meanwhile_is_written_down_as_lost(desk: Desk) -> None:
    desk.p12("k.p12")
    desk.document("one-page", "a.pdf")
    keep(desk)
    code = (
        "import sys, gsign.signing.output as output\n"
        "from gsign.cli.main import main\n"
        "real = output.reveal\n"
        "def reveal(part, target, *, force):\n"
        "    target.write_bytes(b'mine')\n"
        "    real(part, target, force=force)\n"
        "output.reveal = reveal\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = desk.python(code, "sign", *KEYED, "-q", "a.pdf")
    assert done.code == 2
    assert (desk.folder / "a.signed.pdf").read_bytes() == b"mine"
    (entry,) = entries(desk, "signed")
    assert entries(desk, "appeared")[-1]["lost"] == [entry["reference"]]


def test_a_full_disk_is_found_before_the_entry_is_written(desk: Desk) -> None:
    """What is on disk before it is written down is not lost by a disk that turns out to be full."""
    desk.p12("k.p12")
    desk.document("500-pages", "a.pdf")
    keep(desk)
    small = desk.document("one-page", "b.pdf").stat().st_size
    assert desk.run("sign", *KEYED, "-q", "b.pdf").code == 0
    ledger = sum(path.stat().st_size for path in desk.folder.glob("ledger.db*"))
    assert small < ledger < (desk.folder / "a.pdf").stat().st_size
    run = desk.run("sign", *KEYED, "-q", "a.pdf", preexec_fn=lambda: limit_files(ledger * 2))
    assert run.code == 6, run.err
    assert [entry["file"] for entry in entries(desk, "signed")] == ["b.signed.pdf"]


def test_a_disk_that_tells_late_that_it_is_full_is_asked_before_the_entry_is_written(desk: Desk) -> None:
    desk.p12("k.p12")
    desk.document("one-page", "a.pdf")
    keep(desk)
    code = (
        "import errno, os, sys\n"
        "from gsign.cli.main import main\n"
        "def fsync(_): raise OSError(errno.ENOSPC, 'full')\n"
        "os.fsync = fsync\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = desk.python(code, "sign", *KEYED, "-q", "a.pdf")
    assert done.code == 6
    assert entries(desk, "signed") == []


def limit_files(size: int) -> None:
    """Let no file grow beyond so many octets, as on a disk that is full; the next write is told."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


# ---------------------------------------------------------------- pseudonyms


def test_pseudonyms_leave_no_name_in_the_ledger(desk: Desk) -> None:
    desk.p12("Nguyen-Van-An.p12")
    desk.document("one-page", "Bao-cao-cua-Nguyen-Van-An.pdf")
    keep(desk, "pseudonyms = true\n")
    given = ("--key", "Nguyen-Van-An.p12", *SIGN)
    run = desk.run("sign", *given, "--json", "Bao-cao-cua-Nguyen-Van-An.pdf")
    assert run.code == 0, run.err
    assert desk.run("verify", *ANCHORS, "Bao-cao-cua-Nguyen-Van-An.signed.pdf").code == 0
    signer = json.loads(run.out)["signer"]
    octets = b"".join(path.read_bytes() for path in desk.folder.glob("ledger.db*"))
    local, _, domain = signer["email"].partition("@")
    for name in (signer["name"], local, "Nguyen-Van-An", str(desk.folder)):
        assert name.encode() not in octets, name
    assert f"@{domain}".encode() in octets
    signed, verified = entries(desk, "signed", "verified")
    assert signed["signer"] == verified["signatures"][0]["signer"]
    assert (signed["kind"], signed["key"]) == ("bao-cao", "file")
    assert stat.S_IMODE((desk.folder / "ledger.db.pseudonyms").stat().st_mode) == 0o600


def test_a_key_for_pseudonyms_that_cannot_be_used_keeps_everything_from_being_signed(desk: Desk) -> None:
    desk.p12("k.p12")
    desk.document("one-page", "a.pdf")
    keep(desk, "pseudonyms = true\n")
    desk.write("ledger.db.pseudonyms", "").chmod(0o600)
    run = desk.run("--lang", "vi", "sign", *KEYED, "a.pdf")
    assert run.code == 8
    assert "không dùng được khóa bí danh" in run.err
    assert not (desk.folder / "a.signed.pdf").exists()


def test_who_may_not_see_the_ledger_may_not_see_it(desk: Desk) -> None:
    desk.document("signed-once", "a.pdf")
    keep(desk)
    before = os.umask(0o022)
    try:
        assert desk.run("verify", *ANCHORS, "a.pdf").code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((desk.folder / "ledger.db").stat().st_mode) & 0o022 == 0


def test_raising_a_level_is_written_down(desk: Desk, pki: Pki) -> None:
    desk.document("signed-once", "a.pdf")
    keep(desk)
    run = desk.run("augment", "--level", "B-T", "--tsa", pki.tsa_url, "--trust", "ca.pem", "a.pdf", "-o", "b.pdf")
    assert run.code == 0, run.err
    (entry,) = entries(desk, "signed")
    assert (entry["act"], entry["level"], entry["sha256"]) == ("augment", "B-T", digest(desk.folder / "b.pdf"))
    assert entry["of"] == digest(desk.folder / "a.pdf")


# ---------------------------------------------------------------- mail

LETTER = (
    f"From: {PERSON.email}\r\nTo: {PERSON.email}\r\nSubject: Mật\r\nDate: Mon, 23 Nov 2026 08:00:00 +0700\r\n"
    "Message-ID: <7.an@hungyen.gov.vn>\r\n\r\nKính gửi\r\n"
)


def test_what_is_done_with_mail_is_written_down(desk: Desk) -> None:
    leaf = desk.p12("an.p12")
    (desk.folder / "an.pem").write_bytes(leaf.pem)
    desk.write("a.eml", LETTER)
    keep(desk)
    key = ("--key", "an.p12", "--pin-file", "pin")
    for command in (
        ("sign", *key, *ANCHORS, "a.eml"),
        ("verify", *ANCHORS, "a.signed.eml"),
        ("encrypt", "--to", "an.pem", *ANCHORS, "a.signed.eml"),
        ("decrypt", *key, *ANCHORS, "a.signed.encrypted.eml"),
    ):
        run = desk.run("mail", *command)
        assert run.code == 0, run.err
    signed, verified, encrypted, decrypted = entries(desk, "signed", "verified", "encrypted", "decrypted")
    assert [entry["entry"] for entry in (signed, verified, encrypted, decrypted)] == [
        "signed",
        "verified",
        "encrypted",
        "decrypted",
    ]
    assert signed["sha256"] == verified["sha256"] == encrypted["of"] == digest(desk.folder / "a.signed.eml")
    assert encrypted["sha256"] == decrypted["of"] == digest(desk.folder / "a.signed.encrypted.eml")
    assert {entry["message_id"] for entry in (signed, verified, encrypted)} == {"<7.an@hungyen.gov.vn>"}
    assert (verified["smime"], verified["indication"], verified["from"]) == (
        "pass",
        "TOTAL_PASSED",
        PERSON.email,
    )
    assert decrypted["inside"]["indication"] == "TOTAL_PASSED"
    assert decrypted["key"] == "file"
    assert "Kính gửi" not in json.dumps(entries(desk), ensure_ascii=False)


def test_a_message_that_comes_in_by_a_pipe_is_written_down_before_it_goes_out(desk: Desk) -> None:
    desk.p12("an.p12")
    letter = desk.write("a.eml", LETTER)
    keep(desk)
    with letter.open("rb") as stdin:
        run = desk.run("mail", "sign", "--key", "an.p12", *SIGN, "-", stdin=stdin)
    assert run.code == 0, run.err
    (entry,) = entries(desk, "signed")
    assert entry["sha256"] == sha256(run.out.encode().replace(b"\n", b"\r\n")).hexdigest()
    assert entry["file"] is None


# ---------------------------------------------------------------- found again


def found_by(desk: Desk, *arguments: str) -> list[str]:
    run = desk.run("audit", "log", "--json", *arguments)
    assert run.code == 0, run.err
    return [json.loads(line)["kind"] for line in run.out.splitlines()]


@pytest.mark.parametrize("more", ["", "pseudonyms = true\n"], ids=["named", "pseudonyms"])
def test_entries_are_found_by_whom_they_name(desk: Desk, more: str) -> None:
    desk.p12("an.p12")
    desk.write("a.eml", LETTER)
    keep(desk, more)
    assert desk.run("mail", "sign", "--key", "an.p12", *SIGN, "a.eml").code == 0
    assert found_by(desk, "--signer", PERSON.email.upper()) == ["signed"]
    assert found_by(desk, "--signer", PERSON.common_name) == ["signed"]
    assert found_by(desk, "--address", PERSON.email) == ["signed"]
    assert found_by(desk, "--message-id", "7.an@hungyen.gov.vn") == ["signed"]
    assert found_by(desk, "--address", "x" + PERSON.email) == []
    (entry,) = entries(desk, "signed")
    assert found_by(desk, "--signer", entry["signer"]["serial"]) == ["signed"]


def test_files_that_never_appeared_are_listed(desk: Desk) -> None:
    desk.p12("an.p12")
    names = [desk.document("one-page", f"{name}.pdf").name for name in "abc"]
    keep(desk)
    assert desk.python(KILLED, "sign", "--key", "an.p12", *SIGN, "-q", *names[:2]).code == -signal.SIGKILL
    assert desk.run("sign", "--key", "an.p12", *SIGN, "-q", names[2]).code == 0
    run = desk.run("audit", "log", "--unfinished", "--json")
    assert [json.loads(line)["body"]["file"] for line in run.out.splitlines()] == ["b.signed.pdf"]
