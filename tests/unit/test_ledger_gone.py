"""A ledger whose file is deleted or replaced, or whose disk was full: what is said to be written can be found."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gsign.audit.ledger import Ledger
from gsign.audit.verifying import verify_ledger
from gsign.errors import TemporaryError
from tests.unit.ledgers import entries_of, url_of

ROOT = Path(__file__).parents[2]


def assert_refuses(ledger: Ledger) -> None:
    """Assert that nothing is written, nor at a second try, which opens the file anew."""
    for _ in range(2):
        with pytest.raises(TemporaryError) as failed:
            ledger.append("decided", {})
        assert failed.value.code == "ledger-unwritable"


@pytest.mark.parametrize("gone", [("",), ("-wal",), ("", "-wal", "-shm")], ids=repr)
def test_nothing_is_written_into_files_that_were_deleted(tmp_path: Path, gone: tuple[str, ...]) -> None:
    path, aside = tmp_path / "ledger.db", tmp_path / "aside"
    with Ledger(url_of(path), station="a") as ledger:
        ledger.append("decided", {})
        aside.mkdir()
        for ending in gone:
            Path(f"{path}{ending}").rename(aside / f"{path.name}{ending}")
        if "" in gone:
            assert_refuses(ledger)
            assert not path.exists()
            for kept in aside.iterdir():
                kept.rename(tmp_path / kept.name)
        # Where only what stands beside the file was lost, the chain goes on from what is in it.
        entry = ledger.append("decided", {"n": 1})
    assert entries_of(path, "a.1")[-1] == entry
    assert verify_ledger(url_of(path)).is_whole


def test_a_file_that_takes_the_place_of_the_ledgers_is_gone_on_with(tmp_path: Path) -> None:
    path, earlier = tmp_path / "ledger.db", tmp_path / "earlier.db"
    with Ledger(url_of(path), station="a") as ledger:
        ledger.append("decided", {"n": 1})
    shutil.copyfile(path, earlier)
    with Ledger(url_of(path), station="a") as ledger:
        for number in (2, 3):
            ledger.append("decided", {"n": number})
        for ending in ("-wal", "-shm"):
            Path(f"{path}{ending}").unlink()
        earlier.rename(path)
        assert ledger.append("decided", {"n": 4}).reference == "a.1-2"
    assert len(entries_of(path, "a.1")) == 2
    assert verify_ledger(url_of(path)).is_whole


def test_nothing_is_written_into_a_file_that_was_emptied(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger(url_of(path), station="a") as ledger:
        ledger.append("decided", {"n": 1})
        whole = path.read_bytes()
        os.truncate(path, 0)
        assert_refuses(ledger)
        path.write_bytes(whole)
        entry = ledger.append("decided", {"n": 3})
    assert entries_of(path, "a.1")[-1] == entry
    assert verify_ledger(url_of(path)).is_whole


def test_a_copy_of_what_was_earlier_over_the_file_is_not_gone_on_with(tmp_path: Path) -> None:
    path, earlier = tmp_path / "ledger.db", tmp_path / "earlier.db"
    with Ledger(url_of(path), station="a") as ledger:
        ledger.append("decided", {"n": 1})
    shutil.copyfile(path, earlier)
    with Ledger(url_of(path), station="a") as ledger:
        for _ in range(50):
            ledger.append("decided", {"filling": "x" * 3000})
    with Ledger(url_of(path), station="a") as ledger:
        ledger.append("decided", {"n": 2})
        shutil.copyfile(earlier, path)
        with pytest.raises(TemporaryError):
            ledger.append("decided", {"n": 3})


def test_a_file_that_was_made_shorter_by_sqlite_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger(url_of(path), station="a") as ledger:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("CREATE TABLE aside AS SELECT randomblob(1000000) AS octets")
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            ledger.append("decided", {"n": 1})
            full = path.stat().st_size
            other.execute("DROP TABLE aside")
            other.execute("VACUUM")
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert path.stat().st_size < full
        for number in (2, 3):
            ledger.append("decided", {"n": number})
    assert verify_ledger(url_of(path)).is_whole


ROOM = """
import resource, signal, sys
from pathlib import Path
from gsign.audit.ledger import Ledger
from gsign.errors import TemporaryError

def may_grow_to(octets):
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))

def is_written():
    try:
        ledger.append("decided", {"filling": "x" * 3000})
    except TemporaryError:
        return False
    return True

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
with Ledger(f"sqlite:///{path}", station="a") as ledger:
    assert all([is_written() for _ in range(30)])
    full = path.stat().st_size
    may_grow_to(full)
    assert not is_written()
    may_grow_to(resource.RLIM_INFINITY)
    assert is_written()
    print(path.stat().st_size - full)
"""


def test_room_that_is_there_again_is_first_used_to_copy_what_takes_room_beside_the_ledger(tmp_path: Path) -> None:
    """Else all of it would be taken there: on a small disk none was left for the copy, ever."""
    path = tmp_path / "ledger.db"
    run = subprocess.run([sys.executable, "-c", ROOM, path], cwd=ROOT, capture_output=True, check=True, text=True)
    assert int(run.stdout) > 30 * 3000
