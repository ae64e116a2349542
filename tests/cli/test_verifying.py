"""Folders, batches and reports at the command line, among documents that mean harm."""

from __future__ import annotations

import json
import os
import pty
import signal
from pathlib import Path

import pytest

from tests import documents as catalogue
from tests.cli.office import Desk, shown_at
from tests.documents import Expect
from tests.relay.running import until

ANCHORS = ("--trust", "ca.pem", "--offline")


def test_links_that_lead_in_circles_end_and_each_folder_is_read_once(desk: Desk) -> None:
    inner = desk.folder / "outer" / "inner"
    inner.mkdir(parents=True)
    desk.document("signed-once", "outer/inner/a.pdf")
    (inner / "back").symlink_to("..")
    (inner / "self").symlink_to(".")
    (desk.folder / "outer" / "again").symlink_to("inner")
    (desk.folder / "elsewhere").mkdir()
    desk.document("one-page", "elsewhere/b.pdf")
    (inner / "far").symlink_to(desk.folder / "elsewhere")
    run = desk.run("verify", "--recursive", "--json", *ANCHORS, "outer")
    names = [Path(str(record["file"])).name for record in run.told()]
    assert sorted(names) == ["a.pdf", "b.pdf"]


def test_what_is_no_file_is_told_and_never_waited_for(desk: Desk) -> None:
    folder = desk.folder / "folder"
    (folder / "folder.pdf").mkdir(parents=True)
    desk.document("signed-once", "folder/good.pdf")
    desk.document("signed-once", "folder/folder.pdf/inner.pdf")
    (folder / "gone.pdf").symlink_to("nowhere")
    (folder / "loop.pdf").symlink_to("loop.pdf")
    os.mkfifo(folder / "pipe.pdf")
    run = desk.run("verify", "--recursive", "--json", *ANCHORS, "folder")
    told = {str(record["file"]): record["indication"] for record in run.told()}
    assert told == {
        "folder/good.pdf": "TOTAL_PASSED",
        "folder/gone.pdf": "UNREADABLE",
        "folder/loop.pdf": "UNREADABLE",
        "folder/pipe.pdf": "UNREADABLE",
        "folder/folder.pdf/inner.pdf": "TOTAL_PASSED",
    }
    assert run.code == 6


def test_names_that_are_no_text_are_told_in_every_form(desk: Desk) -> None:
    odd = os.fsencode(desk.folder) + b"/folder/a\xff\n\x1b[31m<b>.pdf"
    (desk.folder / "folder").mkdir()
    Path(os.fsdecode(odd)).write_bytes(desk.document("signed-once", "a.pdf").read_bytes())
    run = desk.run("verify", "--recursive", "--json", *ANCHORS, "folder")
    (record,) = run.told()
    assert record["indication"] == "TOTAL_PASSED"
    run = desk.run("verify", "--recursive", *ANCHORS, "folder")
    assert (run.code, run.err) == (0, "")
    assert "\x1b" not in run.out
    for kind in ("html", "pdf", "json"):
        report = desk.folder / f"report.{kind}"
        assert desk.run("verify", "-q", "--recursive", "--report", str(report), *ANCHORS, "folder").code == 0
        assert b"\x1b[31m" not in report.read_bytes()


def test_results_stream_in_the_order_of_the_files(desk: Desk) -> None:
    kinds = ["signed-once", "one-page", "certified-2-then-signed", "not-a-pdf", "500-pages"] * 8
    names = [desk.document(kind, f"{number:02}.pdf").name for number, kind in enumerate(kinds)]
    run = desk.run("verify", "--json", "--jobs", "4", *ANCHORS, *names)
    assert [record["file"] for record in run.told()] == names
    assert run.code == 6


def test_hostile_documents_cost_themselves_alone(desk: Desk) -> None:
    hostile = catalogue.names(expect=Expect.BOUNDED)
    for kind in hostile:
        desk.document(kind, f"{kind}.pdf")
    desk.document("signed-once", "000.pdf")
    desk.document("signed-once", "zzz.pdf")
    run = desk.run("verify", "--recursive", "--json", "--jobs", "2", *ANCHORS, ".")
    told = {Path(str(record["file"])).stem: record["indication"] for record in run.told()}
    assert set(told) == {"000", "zzz", *hostile}
    assert told.pop("000") == told.pop("zzz") == "TOTAL_PASSED"
    assert set(told.values()) <= {"UNREADABLE", "NO_SIGNATURE_FOUND"}
    assert "Traceback" not in run.err


@pytest.mark.parametrize("jobs", ["1", "3"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_workers_too(desk: Desk, jobs: str, number: int) -> None:
    name = desk.document("signed-once", "a.pdf").name
    process = desk.start("verify", "--json", "--jobs", jobs, *ANCHORS, *[name] * 2000)
    with process:
        assert process.stdout
        process.stdout.readline()
        # The first may have judged a document before the last has begun.
        until(lambda: len(children(process.pid)) == int(jobs))
        workers = children(process.pid)
        os.kill(process.pid, number)
        process.communicate(timeout=60)
    assert process.returncode == 128 + number
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_after_an_interrupt_it_is_said_how_far_it_came(desk: Desk, jobs: str) -> None:
    name = desk.document("signed-once", "a.pdf").name
    process = desk.start("verify", "--lang", "en", "--jobs", jobs, *ANCHORS, *[name] * 2000)
    with process:
        assert process.stdout
        lines = [process.stdout.readline()]
        os.kill(process.pid, signal.SIGINT)
        # Not `communicate`, which passes by what this side has read ahead.
        lines += process.stdout.readlines()
        assert process.stderr
        told = process.stderr.read()
    (done,) = [int(line.split()[0]) for line in lines if " files verified in " in line]
    assert 0 < done < 2000
    # The interrupt may come between counting a file and printing it.
    assert sum(line.startswith("a.pdf: ") for line in lines) in (done - 1, done)
    assert [line for line in told.splitlines() if line] == [
        f"gsign: ended: {2000 - done} of 2000 files were not attempted",
        "gsign: interrupted",
    ]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_report_has_a_section_for_each_file(desk: Desk) -> None:
    for kind in ("signed-once", "one-page", "not-a-pdf"):
        desk.document(kind, f"{kind}.pdf")
    names = ["signed-once.pdf", "one-page.pdf", "not-a-pdf.pdf", "nowhere.pdf"]
    assert desk.run("verify", "-q", "--report", "r.json", *ANCHORS, *names).code == 6
    report = json.loads((desk.folder / "r.json").read_text(encoding="utf-8"))
    assert [file["file"] for file in report["files"]] == names
    import hashlib

    for file in report["files"][:3]:
        assert file["facts"]["sha256"] == hashlib.sha256((desk.folder / file["file"]).read_bytes()).hexdigest()
    assert report["conditions"]["anchors"] == ["ca.pem"]
    assert report["conditions"]["offline"] is True


@pytest.mark.parametrize("options", [(), ("-q",), ("--json",)])
def test_at_a_terminal_it_is_said_once_why_a_file_cannot_be_read(desk: Desk, options: tuple[str, ...]) -> None:
    desk.write("a.pdf", "no document")
    terminal, theirs = pty.openpty()
    desk.run("--lang", "en", *options, "verify", "a.pdf", stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = shown_at(terminal)
    assert shown.count(b"the file is no PDF document") == 1
    apart = desk.run("--lang", "en", "verify", "a.pdf")
    assert "the file is no PDF document" in apart.out
    assert "the file is no PDF document" in apart.err


def test_a_report_that_cannot_be_written_is_told_before_anything_is_judged(desk: Desk) -> None:
    desk.document("signed-once", "a.pdf")
    run = desk.run("--lang", "en", "verify", "--report", "none/report.html", *ANCHORS, "a.pdf")
    assert (run.code, run.out) == (6, "")
    assert "none/report.html cannot be written" in run.err


@pytest.mark.parametrize("zone", ["UTC", "Asia/Ho_Chi_Minh", "America/New_York"])
def test_a_time_without_a_zone_is_vietnams_wherever_the_machine_is(desk: Desk, zone: str) -> None:
    desk.environment["TZ"] = zone
    run = desk.run("--lang", "en", "audit", "seal", "--ledger", "none.db", "--before", "2099-01-01", "-o", ".")
    assert "2099-01-01 00:00:00+07:00" in run.err
