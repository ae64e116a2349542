"""`gsign trust` as a person uses it: at a terminal, from a script, and what documents are worth afterwards."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import pty
import select
import sqlite3
import termios
import time
from pathlib import Path

import pytest

from gsign.cli import main as program
from gsign.cli import shared as flags
from gsign.result import shown_day
from gsign.trust import refresh
from gsign.trust.anchors import anchor_of
from gsign.trust.certificate import digest_of
from tests.cli.office import Desk, Run
from tests.pki import Pki
from tests.pki_servers import Fault

_PATIENCE = 60.0


def at_terminal(desk: Desk, answer: str, *arguments: str) -> tuple[Run, str]:
    """Run the program at a terminal of its own, answer its question, and return what it asked there."""
    master, slave = pty.openpty()
    try:

        def take_terminal() -> None:
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        with desk.start("--lang", "en", *arguments, preexec_fn=take_terminal) as process:
            asked = _read_question(master)
            os.write(master, answer.encode() + b"\n")
            out, err = process.communicate(timeout=_PATIENCE)
        return Run(process.returncode, out, err), asked
    finally:
        os.close(slave)
        os.close(master)


def _read_question(master: int) -> str:
    asked, deadline = b"", time.monotonic() + _PATIENCE
    while not asked.endswith(b": "):
        ready, _, _ = select.select([master], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"no question but {asked!r}"
        asked += os.read(master, 4096)
    return asked.decode()


@pytest.fixture
def root_sha256(pki: Pki) -> str:
    return digest_of(pki.root.identity.der)


def signed(desk: Desk) -> None:
    """Lay `a.signed.pdf` on the desk, which carries nothing but its signer's certificate."""
    desk.token()
    desk.document("one-page", "a.pdf")
    assert desk.run("sign", "a.pdf", "--pin-file", "pin", "--offline").code == 0


def verdict(desk: Desk, *arguments: str) -> tuple[int, str | None, list[str]]:
    run = desk.run("verify", "a.signed.pdf", "--json", *arguments)
    (signature,) = json.loads(run.out)["signatures"]
    return run.code, signature["trust_domain"], signature["warnings"]


# ------------------------------------------------------------------------------------------ add, list, remove


def test_an_anchor_that_was_added_is_believed_until_it_is_removed(desk: Desk, pki: Pki, root_sha256: str) -> None:
    desk.token()
    desk.document("one-page", "a.pdf")
    added = desk.run("trust", "add", "root.pem", "--sha256", root_sha256.upper(), "--json")
    assert (added.code, added.err) == (0, "")
    assert added.told() == [
        {"name": added.told()[0]["name"], "sha256": root_sha256, "domain": "local", "outcome": "added"}
    ]
    assert desk.run("trust", "add", "root.pem", "--json").told()[0]["outcome"] == "confirmed"
    listed = [row for row in desk.run("trust", "list", "--json").told() if row["sha256"] == root_sha256]
    (row,) = listed
    assert (row["use"], row["trusted"], row["domain"], row["source"]) == ("anchor", True, "local", "user")
    assert row["origin"] == str(desk.folder / "root.pem")
    # Whoever signs brings along the issuers, which are fetched for a certificate of one's own.
    assert desk.run("sign", "a.pdf", "--pin-file", "pin").code == 0
    assert pki.ca.requests == 1
    assert verdict(desk)[:2] == (0, "local")
    removed = desk.run("trust", "remove", root_sha256[:10])
    assert (removed.code, root_sha256 in removed.out) == (0, True)
    assert desk.run("trust", "remove", root_sha256[:10]).code == 2
    assert verdict(desk)[:2] == (4, None)
    assert all(row["sha256"] != root_sha256 for row in desk.run("trust", "list", "--json").told())


def test_without_a_terminal_nothing_is_added_unless_its_sha256_is_given(desk: Desk, root_sha256: str) -> None:
    for arguments, code, said in (
        ((), 2, root_sha256),
        (("--yes",), 2, root_sha256),
        (("--sha256", "0" * 64), 2, "0" * 64),
        (("--sha256", root_sha256[:40]), 2, "--sha256"),
    ):
        run = desk.run("--lang", "en", "trust", "add", "root.pem", *arguments)
        assert (run.code, run.out) == (code, ""), run.err
        assert said in run.err
        assert "gsign: hint: " in run.err
    assert not any(row["source"] == "user" for row in desk.run("trust", "list", "--json").told())


def test_a_bundle_is_taken_in_as_far_as_it_is_named(desk: Desk, root_sha256: str) -> None:
    run = desk.run("--lang", "en", "trust", "add", "ca.pem", "--sha256", root_sha256, "--json")
    assert run.code == 0
    assert [row["sha256"] for row in run.told()] == [root_sha256]
    assert run.err == "gsign: left out 1 that --sha256 does not name\n"


def test_at_a_terminal_the_beginning_of_the_sha256_is_typed(desk: Desk, pki: Pki, root_sha256: str) -> None:
    printed = ":".join(root_sha256[i : i + 2].upper() for i in range(0, 8, 2))
    run, asked = at_terminal(desk, printed, "trust", "add", "root.pem", "--json")
    assert run.code == 0, run.err
    assert [row["outcome"] for row in run.told()] == ["added"]
    assert "first 8 characters of the SHA-256" in asked
    certificate = pki.root.identity.certificate
    valid = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    assert run.err.splitlines() == [
        f"Subject: {certificate.subject.rfc4514_string()}",
        f"Issuer: {certificate.issuer.rfc4514_string()}",
        f"Certificate valid: {shown_day(valid[0])} – {shown_day(valid[1])}",
        "Trust domain: an anchor added by the user",
        f"SHA-256: {root_sha256}",
    ]


@pytest.mark.parametrize("typed", ["", "00000000", "y", "yes"])
def test_what_is_typed_wrong_adds_nothing(desk: Desk, root_sha256: str, typed: str) -> None:
    for answer in (typed, root_sha256[:7]):
        run, _ = at_terminal(desk, answer, "trust", "add", "root.pem")
        assert (run.code, run.out) == (2, "")
        assert "nothing was added" in run.err
    assert not any(row["source"] == "user" for row in desk.run("trust", "list", "--json").told())


def test_nobody_is_asked_where_a_sha256_or_yes_is_given(desk: Desk, root_sha256: str) -> None:
    master, slave = pty.openpty()
    try:
        for arguments, code in ((("--yes",), 2), (("--sha256", root_sha256), 0)):
            run = desk.run(
                "trust",
                "add",
                "root.pem",
                *arguments,
                preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0),
            )
            assert run.code == code
        assert select.select([master], [], [], 0)[0] == []
    finally:
        os.close(slave)
        os.close(master)


def test_errors_are_said_in_both_languages_with_their_exit_codes(desk: Desk) -> None:
    desk.write("not.pem", "hello")
    for arguments, code in (
        (("add", "missing.pem"), 8),
        (("add", "not.pem"), 8),
        (("add", "http://127.0.0.1:1/ca.crt"), 7),
        (("remove", "abcdef"), 2),
        (("remove", "vgca-root-g2"), 2),
        (("add",), 2),
    ):
        said = {}
        for lang in ("vi", "en"):
            run = desk.run("--lang", lang, "trust", *arguments)
            assert (run.code, run.out) == (code, ""), run.err
            said[lang] = run.err
            assert run.err.startswith("gsign: error: ")
            assert "gsign: hint: " in run.err
        assert said["vi"] != said["en"]


def test_a_damaged_store_is_an_error_for_every_command(desk: Desk, root_sha256: str) -> None:
    signed(desk)
    assert desk.run("trust", "add", "root.pem", "--sha256", root_sha256).code == 0
    (file,) = Path(desk.environment["XDG_CONFIG_HOME"]).rglob("*.pem")
    file.write_bytes((desk.folder / "ca.pem").read_bytes())
    for arguments in (("trust", "list"), ("verify", "a.signed.pdf"), ("sign", "a.pdf", "--pin-file", "pin", "--force")):
        run = desk.run("--lang", "en", *arguments)
        assert run.code == 8, run.err
        assert str(file) in run.err


# ------------------------------------------------------------------------------------------ missing issuers


def test_a_strangers_document_makes_nobody_ask_inside_the_network(desk: Desk, pki: Pki) -> None:
    signed(desk)
    assert verdict(desk, "--trust", "root.pem")[:2] == (4, None)
    assert pki.ca.requests == 0
    desk.write("gsign.toml", "[trust]\nallow_private_addresses = true\n")
    assert verdict(desk, "--trust", "root.pem") == (0, "local", [])
    assert pki.ca.requests == 1
    # What was fetched is kept: the next runs need neither the address nor the network for the path.
    desk.write("gsign.toml", "")
    assert verdict(desk, "--trust", "root.pem", "--offline") == (0, "local", ["revocation-not-checked"])
    assert pki.ca.requests == 1


# ------------------------------------------------------------------------------------------ lists


@pytest.mark.parametrize("configured", [False, True])
def test_lists_that_were_fetched_judge_a_document_offline(desk: Desk, pki: Pki, configured: bool) -> None:
    signed(desk)
    pki.ocsp.fault = Fault.DOWN
    if configured:
        desk.write("gsign.toml", '[trust]\narchive = "lists"\n')
    require = ("--trust", "ca.pem", "--revocation", "require")
    assert verdict(desk, *require, "--offline")[0] == 4
    assert verdict(desk, *require) == (0, "local", [])
    asked = pki.crl.requests
    assert verdict(desk, *require, "--offline") == (0, "local", [])
    assert pki.crl.requests == asked
    folder = desk.folder / "lists" if configured else Path(desk.environment["XDG_DATA_HOME"]) / "gsign" / "crl"
    assert len(list(folder.rglob("*.crl"))) == asked


def test_an_update_says_of_every_address_what_became_of_it(
    pki: Pki, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # The pinned authorities publish on the Internet: this one does so here.
    between = anchor_of(pki.intermediate.identity.der, "vgca")._replace(
        identifier="between", certificate_urls=(f"{pki.url}/ca/intermediate.crt",)
    )
    monkeypatch.setattr(refresh, "pinned_authorities", lambda: (between,))
    monkeypatch.setattr("gsign.trust.store.pinned_authorities", lambda: ())
    monkeypatch.setattr(flags, "language_of_locale", lambda: "en")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = program.main(["--lang", "en", "trust", "update", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    code, out, _ = run("--json")
    (record,) = map(json.loads, out.splitlines())
    assert (code, record["kind"], record["outcome"]) == (0, "certificate", "new")
    assert run()[:2] == (0, f"{between.label}: certificate is at hand\n")
    for url, expected in ((f"{pki.url}/ca/root.crt", 8), (f"{pki.url}/nothing", 7)):
        monkeypatch.setattr(
            refresh, "pinned_authorities", lambda url=url: (between._replace(sha256="0" * 64, certificate_urls=(url,)),)
        )
        code, out, err = run()
        assert (code, out) == (expected, "")
        assert err.startswith("gsign: warning: ")


def test_what_is_trusted_is_written_down_before_it_is(desk: Desk, root_sha256: str) -> None:
    desk.write("gsign.toml", f'[ledger]\nurl = "sqlite:///{desk.folder}/ledger.db"\n')
    assert desk.run("trust", "add", "root.pem", "--sha256", root_sha256).code == 0
    assert desk.run("trust", "remove", root_sha256[:8]).code == 0
    with sqlite3.connect(desk.folder / "ledger.db") as connection:
        rows = connection.execute("select body from entry where kind = 'administered' order by time").fetchall()
    connection.close()
    added, removed = (json.loads(body) for (body,) in rows)
    assert (added["act"], removed["act"]) == ("trust-add", "trust-remove")
    assert added["object"] == removed["object"] == root_sha256
    assert added["before"] == removed["after"] != added["after"] == removed["before"]
    assert added["by"] == getpass.getuser()


def test_nothing_is_trusted_that_cannot_be_written_down(desk: Desk, root_sha256: str) -> None:
    desk.write("gsign.toml", f'[ledger]\nurl = "sqlite:///{desk.folder}/ledger.db"\n')
    (desk.folder / "ledger.db").mkdir()
    assert desk.run("trust", "add", "root.pem", "--sha256", root_sha256).code == 7
    (desk.folder / "gsign.toml").unlink()
    assert root_sha256 not in [record["sha256"] for record in desk.run("trust", "list", "--json").told()]
