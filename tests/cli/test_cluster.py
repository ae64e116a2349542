"""Archives on a real dask cluster: the same words, order and exit codes, whatever happens to workers and scheduler."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gsign.audit.reading import open_reader
from tests import documents as catalogue
from tests.cli.office import Desk, Run
from tests.dask_cluster import Cluster, tls_files
from tests.documents import Expect
from tests.listeners import free_port
from tests.relay.running import until

ANCHORS = ("--trust", "ca.pem", "--offline")
KINDS = ("signed-once", "one-page", "not-a-pdf", "signed-three-times", "signed-adbe")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster") / "workers"
    folder.mkdir()
    with Cluster(folder) as running:
        yield running


@pytest.fixture
def signing(desk: Desk) -> Iterator[Cluster]:
    """A cluster whose workers have a key: gsign.toml in their folder names it, and the file with its PIN."""
    desk.token()
    module = desk.office.module
    token = f'[token]\nuri = "pkcs11:token=VP"\nmodule = "{module}"\npin_file = "pin"\n'
    desk.write("gsign.toml", f'{token}[ledger]\nurl = "sqlite:///{desk.folder}/ledger.db"\n')
    with Cluster(desk.folder, environment=desk.environment) as running:
        yield running


def verify(desk: Desk, cluster: Cluster, *arguments: str) -> Run:
    return desk.run("verify", "--cluster", cluster.url, *ANCHORS, *arguments)


def archive(desk: Desk, kinds: tuple[str, ...], count: int) -> list[str]:
    (desk.folder / "archive").mkdir()
    names = [f"archive/{number:04}.pdf" for number in range(count)]
    for number, name in enumerate(names):
        desk.document(kinds[number % len(kinds)], name)
    return names


def test_a_cluster_says_what_one_machine_says(desk: Desk, cluster: Cluster) -> None:
    archive(desk, ("signed-once", "one-page", "not-a-pdf", "signed-three-times", "password-missing"), 20)
    (desk.folder / "archive" / "0020.pdf").symlink_to("nowhere")
    (desk.folder / "archive" / "folder.pdf").mkdir()
    (desk.folder / "archive" / "pipe.pdf").symlink_to("/dev/null")
    for options in (("--json", "--recursive", "archive"), ("--lang", "en", "archive/0000.pdf"), ("-q", "ca.pem")):
        here = desk.run("verify", *ANCHORS, *options)
        there = verify(desk, cluster, *options)
        assert (there.code, there.out, there.err) == (here.code, here.out, here.err)


def test_reports_are_the_same(desk: Desk, cluster: Cluster) -> None:
    names = archive(desk, ("signed-once", "one-page"), 4)
    verify(desk, cluster, "--report", "there.json", *names)
    desk.run("verify", *ANCHORS, "--report", "here.json", *names)
    here, there = (json.loads((desk.folder / f"{name}.json").read_text()) for name in ("here", "there"))
    assert without_clock(there["files"]) == without_clock(here["files"])


def without_clock(value: object) -> object:
    """Return what JSON holds without what depends on when it was made."""
    if isinstance(value, dict):
        return {k: without_clock(v) for k, v in value.items() if not k.endswith("_at") and k != "seconds"}
    return [without_clock(item) for item in value] if isinstance(value, list) else value


def test_hostile_documents_cost_themselves_alone(desk: Desk, cluster: Cluster) -> None:
    bad = [desk.document(kind, f"{kind}.pdf").name for kind in catalogue.names(expect=Expect.BOUNDED)]
    good = desk.document("signed-once", "good.pdf").name
    before = cluster.pids()
    said = verify(desk, cluster, "--json", good, *bad, good).told()
    assert [said[0]["indication"], said[-1]["indication"]] == ["TOTAL_PASSED"] * 2
    assert {str(record["indication"]) for record in said[1:-1]} <= {"UNREADABLE", "NO_SIGNATURE_FOUND"}
    assert cluster.pids() == before


def test_workers_killed_in_the_middle_hide_nothing(desk: Desk, cluster: Cluster) -> None:
    archive(desk, KINDS, 300)
    here = desk.run("verify", *ANCHORS, "--json", "--recursive", "archive")
    kept = desk.folder / "kept.jsonl"
    options = (*ANCHORS, "--json", "--results", "kept.jsonl", "--recursive", "archive")
    with (desk.folder / "out").open("wb") as file:
        process = desk.start("verify", "--cluster", cluster.url, *options, stdout=file)
    for done in (20, 120):
        until(lambda done=done: kept.exists() and kept.read_bytes().count(b"\n") > done)
        for pid in cluster.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (here.code, here.err)
    assert (desk.folder / "out").read_text() == here.out
    assert kept.read_bytes().count(b"\n") == 1 + len(here.told())


def test_a_run_goes_on_where_the_scheduler_was_lost(desk: Desk, tmp_path: Path) -> None:
    archive(desk, ("signed-once", "one-page"), 400)
    (tmp_path / "workers").mkdir()
    with Cluster(tmp_path / "workers") as cluster:
        _lose_scheduler(desk, cluster)


def _lose_scheduler(desk: Desk, cluster: Cluster) -> None:
    here = desk.run("verify", *ANCHORS, "--json", "--recursive", "archive")
    kept = desk.folder / "kept.jsonl"
    options = (*ANCHORS, "--json", "--results", "kept.jsonl", "--recursive", "archive")
    with (desk.folder / "out").open("wb") as file:
        process = desk.start("verify", "--cluster", cluster.url, "--lang", "en", *options, stdout=file)
    until(lambda: kept.exists() and kept.read_bytes().count(b"\n") > 100)
    cluster.end_scheduler()
    _, err = process.communicate(timeout=120)
    assert process.returncode == 7
    assert "--results" in err
    done = kept.read_bytes()
    assert 100 < done.count(b"\n") < 400
    # The next one is half written when the machine stops, and what is done is done by nobody again.
    kept.write_bytes(done + b'{"file":"' + os.fsencode(desk.folder))
    again = desk.run("verify", *options)
    assert (again.code, again.out) == (here.code, here.out)
    lines = kept.read_bytes()
    assert lines.startswith(done)
    assert lines.count(b"\n") == 401


def test_results_of_other_conditions_are_not_mixed(desk: Desk, cluster: Cluster) -> None:
    desk.document("signed-once", "a.pdf")
    assert verify(desk, cluster, "--results", "kept.jsonl", "a.pdf").code == 0
    other = desk.run("verify", "--cluster", cluster.url, "--offline", "--results", "kept.jsonl", "a.pdf")
    assert other.code == 2
    # A file that changed is judged again.
    desk.document("one-page", "a.pdf")
    assert verify(desk, cluster, "--results", "kept.jsonl", "a.pdf").code == 3


# ---------------------------------------------------------------- signing


def signed_names(desk: Desk) -> set[str]:
    return {name for name in desk.names() if name.startswith("out/")}


def test_workers_sign_with_the_key_of_their_own_configuration(desk: Desk, signing: Cluster) -> None:
    names = archive(desk, ("one-page",), 12)
    desk.document("not-a-pdf", "archive/0003.pdf")
    asked = ("--out-dir", "out", "--reason", "Lưu trữ", "--lang", "en", "--offline", *names)
    run = desk.run("sign", "--cluster", signing.url, *asked)
    assert run.code == 6
    assert "the cluster signs with the certificate of Nguyễn Thị Ánh Tuyết" in run.err
    assert [line.split()[1].rstrip(":") for line in run.out.splitlines()]
    good = [f"out/{Path(name).name}" for name in names if name != names[3]]
    assert signed_names(desk) == set(good)
    assert desk.run("verify", *ANCHORS, *good).code == 0
    with open_reader(f"sqlite:///{desk.folder}/ledger.db") as ledger:
        bodies = [e.body for c in ledger.chains() for e in ledger.entries(c.writer) if e.kind == "signed"]
    for name in good:
        digest = hashlib.sha256((desk.folder / name).read_bytes()).hexdigest()
        assert sum(digest in body for body in bodies) == 1
    again = desk.run("sign", "--cluster", signing.url, *asked)
    assert again.code == 6
    assert again.err.count("out/0001.pdf") == 1


def test_nothing_of_a_pin_travels(desk: Desk, signing: Cluster) -> None:
    desk.document("one-page", "a.pdf")
    for option in (("--pin-file", "pin"), ("--key", "pkcs11:token=VP"), ("--use-last-try",)):
        assert desk.run("sign", "--cluster", signing.url, *option, "a.pdf").code == 2
    assert desk.run("sign", "--cluster", signing.url, "--offline", "a.pdf").code == 0
    said = signing.log() + signing.log("scheduler")
    assert "271828" not in said


def test_a_wrong_pin_is_tried_once(desk: Desk, signing: Cluster) -> None:
    desk.write("pin", "000000")
    names = archive(desk, ("one-page",), 8)
    for _ in range(4):
        run = desk.run("sign", "--cluster", signing.url, "--out-dir", "out", "--lang", "en", *names)
        assert run.code == 5
    assert not signed_names(desk)
    desk.write("pin", "271828")
    # A token counts wrong PINs, and is locked by the third: each of the two workers has tried once at most.
    assert desk.run("sign", "--pin-file", "pin", "--offline", "-o", "here.pdf", names[0]).code == 0


def test_signing_goes_on_after_workers_were_killed_and_the_run_was_stopped(desk: Desk, signing: Cluster) -> None:
    names = archive(desk, ("one-page",), 120)
    asked = (
        "sign",
        "--cluster",
        signing.url,
        "--results",
        "kept.jsonl",
        "--out-dir",
        "out",
        "--json",
        "--offline",
        *names,
    )
    kept = desk.folder / "kept.jsonl"
    process = desk.start(*asked, stdout=subprocess.DEVNULL)
    until(lambda: kept.exists() and kept.read_bytes().count(b"\n") > 20)
    os.kill(signing.pids()[0], signal.SIGKILL)
    until(lambda: kept.read_bytes().count(b"\n") > 60)
    process.kill()
    process.communicate(timeout=60)
    done = {name: (desk.folder / name).read_bytes() for name in signed_names(desk) if name.endswith("0.pdf")}
    run = desk.run(*asked)
    assert run.code == 0
    told = run.told()
    assert [record["file"] for record in told] == names
    assert [record["output"] for record in told] == [f"out/{Path(name).name}" for name in names]
    assert signed_names(desk) == {str(record["output"]) for record in told}
    assert {name: (desk.folder / name).read_bytes() for name in done} == done
    assert desk.run("verify", *ANCHORS, *sorted(signed_names(desk))).code == 0


# ---------------------------------------------------------------- the wire


def test_without_tls_only_this_machine_is_spoken_with(desk: Desk) -> None:
    desk.document("one-page", "a.pdf")
    for url in ("tcp://192.0.2.1:8786", "192.0.2.1:8786", "http://127.0.0.1:8786", "tcp://127.0.0.1", "tls://:1"):
        assert desk.run("verify", "--cluster", url, "a.pdf").code == 2
    assert desk.run("verify", "--cluster", "tls://127.0.0.1:1", "a.pdf").code == 8


def test_nobody_there_is_an_error_that_passes(desk: Desk) -> None:
    desk.document("one-page", "a.pdf")
    run = desk.run("verify", "--cluster", f"tcp://127.0.0.1:{free_port()}", "--lang", "en", "a.pdf")
    assert run.code == 7
    assert run.err.startswith("gsign: error: the cluster tcp://127.0.0.1:")
    assert "Traceback" not in run.err


def test_tls_with_certificates_of_both_sides(desk: Desk, tmp_path: Path) -> None:
    files = tls_files(tmp_path)
    named = [f"--tls-{what}={files / name}" for what, name in (("ca-file", "ca.pem"), ("cert", "node.pem"))]
    (tmp_path / "workers").mkdir()
    desk.document("signed-once", "a.pdf")
    configuration = '[cluster]\ntls_ca = "{0}/ca.pem"\ntls_certificate = "{0}/{1}.pem"\ntls_key = "{0}/{1}.key"\n'
    with Cluster(tmp_path / "workers", workers=1, tls=[*named, f"--tls-key={files / 'node.key'}"]) as cluster:
        desk.write("gsign.toml", configuration.format(files, "node"))
        assert verify(desk, cluster, "a.pdf").code == 0
        # Somebody else's CA has certified this one; and who comes without TLS is not heard.
        desk.write("gsign.toml", configuration.format(files, "stranger"))
        assert verify(desk, cluster, "a.pdf").code == 7
        plain = cluster.url.replace("tls://", "tcp://")
        assert desk.run("verify", "--cluster", plain, *ANCHORS, "a.pdf").code == 7


def test_documents_are_sent_where_there_is_no_file_system_in_common(desk: Desk, cluster: Cluster) -> None:
    desk.write("gsign.toml", '[cluster]\nfiles = "sent"\nmost_sent_bytes = 60000\n')
    desk.document("signed-once", "a.pdf")
    big = desk.document("signed-once", "big.pdf")
    big.write_bytes(big.read_bytes() + bytes(60000))
    desk.document("not-a-pdf", "c.pdf")
    here = desk.run("verify", *ANCHORS, "--json", "a.pdf", "c.pdf")
    there = verify(desk, cluster, "--json", "a.pdf", "c.pdf")
    assert (there.code, there.out) == (here.code, here.out)
    assert verify(desk, cluster, "--lang", "en", "big.pdf").err.startswith("gsign: error: big.pdf has ")


def test_signed_documents_come_back_where_they_were_sent(desk: Desk, signing: Cluster) -> None:
    with (desk.folder / "gsign.toml").open("a", encoding="utf-8") as file:
        file.write('[cluster]\nfiles = "sent"\n')
    names = archive(desk, ("one-page",), 3)
    assert desk.run("sign", "--cluster", signing.url, "--offline", "--out-dir", "out", *names).code == 0
    assert signed_names(desk) == {f"out/{Path(name).name}" for name in names}
    assert desk.run("verify", *ANCHORS, *signed_names(desk)).code == 0
