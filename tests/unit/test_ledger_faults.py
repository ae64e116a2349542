"""A disk that is full, a folder that may not be written, files that others hold, processes that die badly."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gsign.audit import ledger as ledger_module
from gsign.audit import sqlite as sqlite_module
from gsign.audit import sqlite_file
from gsign.audit.ledger import Ledger
from gsign.audit.locking import LockFile
from gsign.audit.migrating import open_engine
from gsign.audit.sealing import seal
from gsign.audit.verifying import verify_ledger
from gsign.errors import ConfigurationError, TemporaryError
from tests.nobody import open_folder
from tests.unit.ledgers import body_of, change, entries_of, rows_of, url_of, written


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


# ---------------------------------------------------------------- rights

UNDER_UMASK = """
import os, sys
from gsign.audit.ledger import Ledger
from gsign.audit.pseudonyms import Pseudonyms
from pathlib import Path

os.umask(int(sys.argv[2], 8))
folder = Path(sys.argv[3])
Pseudonyms.at(folder / "pseudonyms.key")
with Ledger(sys.argv[1], station="a") as ledger:
    ledger.append("decided", {})
    for path in sorted(folder.iterdir()):
        print(path.name, format(path.stat().st_mode & 0o777, "o"))
"""


@pytest.mark.parametrize("umask,mode", [("000", "640"), ("022", "640"), ("077", "600")])
def test_a_ledger_is_not_for_everybody_to_read(tmp_path: Path, umask: str, mode: str) -> None:
    url = url_of(tmp_path / "ledger.db")
    told = python(UNDER_UMASK, url, umask, tmp_path).communicate(timeout=60)[0].split()
    beside = dict.fromkeys(("ledger.db", "ledger.db-shm", "ledger.db-wal", "ledger.db.lock"), mode)
    assert dict(zip(told[::2], told[1::2], strict=True)) == {**beside, "pseudonyms.key": "600"}


def test_a_ledger_behind_a_link_is_not_for_everybody_to_read(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").symlink_to(tmp_path / "far.db")
    Ledger(url_of(tmp_path / "ledger.db")).close()
    assert (tmp_path / "far.db").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("umask,mode", [(0o000, 0o640), (0o077, 0o600)])
def test_segments_are_not_for_everybody_to_read(tmp_path: Path, umask: int, mode: int) -> None:
    path = written(tmp_path / "ledger.db", rounds=1)
    before = os.umask(umask)
    try:
        sealed = seal(url_of(path), datetime.now(UTC), tmp_path)
    finally:
        os.umask(before)
    assert sealed.file.stat().st_mode & 0o777 == mode


# ---------------------------------------------------------------- disks

FULL = """
import resource, signal, sys
from gsign.audit.ledger import Ledger
from gsign.errors import TemporaryError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Ledger(sys.argv[1], station="a") as ledger:
    ledger.append("decided", {"n": 0})
    size = max(path.stat().st_size for path in __import__("pathlib").Path(sys.argv[2]).iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, resource.RLIM_INFINITY))
    told = failed = 0
    while failed < 3:
        try:
            ledger.append("decided", {"n": told + 1, "filling": "x" * 3000})
            told += 1
        except TemporaryError as error:
            assert error.code == "ledger-unwritable"
            failed += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(told, ledger.append("decided", {"n": -1}).number)
"""


def test_a_full_disk_is_trouble_that_passes(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    process = python(FULL, url_of(path), tmp_path)
    told, last = map(int, process.communicate(timeout=60)[0].split())
    assert process.returncode == 0
    assert told
    entries = entries_of(path, "a.1")
    assert len(entries) == last == told + 2
    assert verify_ledger(url_of(path)).is_whole


READ_ONLY = """
import os, sys
import gsign.audit.searching, gsign.audit.sqlite, gsign.sentences.relay, urllib.parse
from gsign.audit.ledger import Ledger
from gsign.audit.verifying import verify_ledger
from gsign.errors import TemporaryError

if os.geteuid() == 0:
    os.setuid(65534)
try:
    with Ledger(sys.argv[1]) as ledger:
        ledger.append("decided", {})
except TemporaryError as error:
    print(error.code, verify_ledger(sys.argv[1]).entries)
"""


@pytest.fixture
def folder_of_all() -> Iterator[Path]:
    """A folder that another user may look into."""
    with open_folder() as made:
        yield made


def test_a_folder_that_may_not_be_written_is_read_all_the_same(folder_of_all: Path) -> None:
    path = written(folder_of_all / "ledger.db")
    path.chmod(0o444)
    Path(f"{path}.lock").chmod(0o444)
    folder_of_all.chmod(0o555)
    assert python(READ_ONLY, url_of(path)).communicate(timeout=60)[0].split() == ["ledger-unwritable", "71"]


READ = """
import os, sys
import gsign.audit.verifying, gsign.audit.sqlite, urllib.parse
from gsign.errors import InputError

if os.geteuid() == 0:
    os.setuid(65534)
try:
    print(gsign.audit.verifying.verify_ledger(sys.argv[1]).entries)
except InputError as error:
    print(error.code)
"""


def test_what_stands_beside_the_file_is_not_left_out_in_silence(folder_of_all: Path, tmp_path: Path) -> None:
    """What a writer that was killed has written last is beside the file: without it, the rest looks whole."""
    path = tmp_path / "ledger.db"
    copy = folder_of_all / "ledger.db"
    with Ledger(url_of(path), station="a") as ledger:
        ledger.append("decided", {})
    with Ledger(url_of(path), station="a") as ledger:
        ledger.append("decided", {})
        for ending in ("", "-wal"):
            shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
    folder_of_all.chmod(0o555)
    assert python(READ, url_of(copy)).communicate(timeout=60)[0].split() == ["ledger-unreadable"]


def test_a_ledger_whose_file_is_none_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"%PDF-1.7\n" * 1000)
    with pytest.raises(TemporaryError) as failed:
        Ledger(url_of(path))
    assert failed.value.code == "ledger-unwritable"


# ---------------------------------------------------------------- locks


def test_a_file_that_another_program_holds_is_trouble_that_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.2)
    path = tmp_path / "ledger.db"
    with Ledger(url_of(path), station="a") as ledger:
        ledger.append("decided", {})
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            ledger._rows._drop()
            with pytest.raises(TemporaryError) as failed:
                ledger.append("decided", {})
            assert "locked" in failed.value.sentence("en")
        assert ledger.append("decided", {}).reference == "a.1-2"


HOLDING = """
import sys
from gsign.audit.locking import LockFile

lock = LockFile(sys.argv[1])
lock.take_turn(5)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_process_that_hangs_in_its_turn_holds_others_up_no_longer_than_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_module, "BUSY_SECONDS", 0.2)
    path = tmp_path / "ledger.db"
    with Ledger(url_of(path), station="a") as ledger:
        ledger.append("decided", {})
        hanging = python(HOLDING, f"{path}.lock")
        assert hanging.stdout is not None
        assert hanging.stdout.readline() == "held\n"
        for _ in range(2):
            with pytest.raises(TemporaryError) as failed:
                ledger.append("decided", {})
            assert "turn" in failed.value.sentence("en")
        hanging.kill()
        hanging.communicate()
        assert ledger.append("decided", {}).reference == "a.1-2"
    assert len(entries_of(path, "a.1")) == 2


def test_whoever_gave_up_waiting_does_not_keep_the_turn(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    one, other, third = LockFile(path), LockFile(path), LockFile(path)
    one.take_turn(1)
    with pytest.raises(TimeoutError):
        other.take_turn(0.05)
    one.give_turn()
    third.take_turn(5)
    third.give_turn()
    other.take_turn(5)
    with pytest.raises(TimeoutError):
        one.take_turn(0.05)
    for each in (one, other, third):
        each.close()


def test_chains_are_free_again_when_their_holder_has_died(tmp_path: Path) -> None:
    url = url_of(tmp_path / "ledger.db")
    code = "import sys; from gsign.audit.ledger import Ledger; l = Ledger(sys.argv[1], station='a'); l.append('x', {})"
    process = python(f"{code}; print(l.writer, flush=True); sys.stdin.read()", url)
    assert process.stdout is not None
    assert process.stdout.readline() == "a.1\n"
    with Ledger(url, station="a") as beside:
        assert beside.writer == "a.2"
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        with Ledger(url, station="a") as again:
            assert again.writer == "a.1"
            assert again.append("x", {}).number == 2


def test_entries_that_were_given_up_are_not_written_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "_WAITING_SECONDS", 0.1)
    path = tmp_path / "ledger.db"
    with Ledger(url_of(path), station="a") as ledger:
        with ledger._writing, pytest.raises(TemporaryError):
            ledger.append("decided", {"n": "given up"})
        ledger.append("decided", {"n": 1})
    assert [entry.body for entry in entries_of(path, "a.1")] == ['{"n":1}']


# ---------------------------------------------------------------- the worst time

DYING = """
import os, signal, sqlite3, sys
from gsign.audit import sqlite as module
from gsign.audit.ledger import Ledger

class Dying:
    def __init__(self, connection): self._connection = connection
    def __getattr__(self, name): return getattr(self._connection, name)
    def execute(self, query, *values):
        if query == "COMMIT" and armed and sys.argv[2] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = self._connection.execute(query, *values)
        if query == "COMMIT" and armed:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

armed = False
real = module.connect
module.connect = lambda path: Dying(real(path))
ledger = Ledger(sys.argv[1], station="a")
print(ledger.append("decided", {"n": 1}).reference, flush=True)
armed = True
ledger.append_all([("decided", {"n": n}) for n in range(2, 12)])
"""


@pytest.mark.parametrize("when,kept", [("before", 1), ("behind", 11)])
def test_a_commit_is_there_whole_or_not_at_all(tmp_path: Path, when: str, kept: int) -> None:
    path = tmp_path / "ledger.db"
    process = python(DYING, url_of(path), when)
    assert process.communicate(timeout=60)[0] == "a.1-1\n"
    assert process.returncode == -signal.SIGKILL
    with Ledger(url_of(path), station="a") as ledger:
        assert ledger.append("decided", {"n": 99}).number == kept + 1
    assert verify_ledger(url_of(path)).is_whole


def test_what_was_not_synced_when_the_power_failed_leaves_a_whole_ledger(tmp_path: Path) -> None:
    """The write-ahead log is cut at every length, as a disk may have kept it: the entries are a beginning of all."""
    path = tmp_path / "ledger.db"
    writer = Ledger(url_of(path), station="a")
    for n in range(6):
        writer.append("decided", body_of(n))
    database, log = path.read_bytes(), Path(f"{path}-wal").read_bytes()
    writer.close()
    seen = set()
    for size in (*range(0, len(log), 1500), len(log)):
        lost = tmp_path / f"{size}.db"
        lost.write_bytes(database)
        Path(f"{lost}-wal").write_bytes(log[:size])
        with Ledger(url_of(lost), station="a") as ledger:
            seen.add(ledger.append("decided", {}).number)
        assert verify_ledger(url_of(lost)).is_whole
    assert seen == {1, 2, 3, 4, 5, 6, 7}


def test_an_answer_of_the_disk_that_was_lost_is_not_written_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.db"
    with Ledger(url_of(path), station="a") as ledger:
        ledger.append("decided", {"n": 1})
        real = sqlite_module.connect
        ledger._rows._drop()

        class Losing:
            def __init__(self, connection: sqlite3.Connection) -> None:
                self._connection = connection

            def __getattr__(self, name: str) -> object:
                return getattr(self._connection, name)

            def execute(self, query: str, *values: object) -> object:
                result = self._connection.execute(query, *values)  # type: ignore[arg-type]
                if query == "COMMIT":
                    monkeypatch.undo()
                    raise sqlite3.OperationalError("disk I/O error")
                return result

        monkeypatch.setattr(sqlite_module, "connect", lambda path: Losing(real(path)))
        assert ledger.append("decided", {"n": 2}).reference == "a.1-2"
    assert [entry.number for entry in entries_of(path, "a.1")] == [1, 2]


def test_readers_see_one_moment_while_writers_go_on(tmp_path: Path) -> None:
    path = written(tmp_path / "ledger.db")
    is_over = threading.Event()

    def write() -> None:
        with Ledger(url_of(path), station="w") as ledger:
            while not is_over.is_set():
                ledger.append("decided", body_of(int(time.monotonic() * 1e6)))

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        results = [verify_ledger(url_of(path)) for _ in range(5)]
    finally:
        is_over.set()
        for thread in threads:
            thread.join(30)
    assert all(result.is_whole for result in results), [result.findings for result in results]
    assert len({result.entries for result in results}) > 1


# ---------------------------------------------------------------- older and newer forms


def first_form(path: Path) -> None:
    """Make a ledger as the first form did: a chain for each opening, no revision."""
    from gsign.audit.entry import next_entry

    with change(path) as connection:
        connection.execute(
            "CREATE TABLE entry (writer VARCHAR(64) NOT NULL, number BIGINT NOT NULL, time VARCHAR(32) NOT NULL,"
            " kind VARCHAR(32) NOT NULL, body TEXT NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL,"
            " PRIMARY KEY (writer, number))"
        )
        connection.execute("CREATE INDEX ix_entry_time ON entry (time)")
        heads: dict[str, list[object]] = {}
        for opening in range(5):
            writer = f"{opening:012x}"
            head = next_entry(None, writer, "opened", {"heads": heads})
            entries = [head]
            for n in range(3):
                head = next_entry(head, writer, "decided", body_of(10 * opening + n))
                entries.append(head)
            connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", entries)
            heads[writer] = [head.number, head.hash.hex()]


def test_a_ledger_of_the_first_form_is_brought_up_to_date_in_place(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    first_form(path)
    before = rows_of(path, "entry")
    assert verify_ledger(url_of(path)).is_whole
    assert rows_of(path, "entry") == before
    assert len(rows_of(path, "fact_document")) == 15
    for number in (2, 3):
        with Ledger(url_of(path), station="a") as ledger:
            assert ledger.append("decided", {}).reference == f"a.1-{number}"
    result = verify_ledger(url_of(path))
    assert result.is_whole
    assert (result.chains, result.entries) == (6, 23)
    with change(path) as connection:
        connection.execute("DELETE FROM entry WHERE writer = '000000000004'")
        connection.execute("DELETE FROM chain WHERE writer = '000000000004'")
    assert "chain-missing" in {finding.code for finding in verify_ledger(url_of(path)).findings}


def test_a_spoilt_entry_does_not_keep_a_ledger_from_being_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    first_form(path)
    with change(path) as connection:
        connection.execute("UPDATE entry SET body = '0' WHERE writer = '000000000003' AND number = 2")
    assert "000000000003-2" in {finding.entries for finding in verify_ledger(url_of(path)).findings}


def test_many_processes_may_be_the_first(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    first_form(path)
    code = "import sys; from gsign.audit.ledger import Ledger; Ledger(sys.argv[1]).append('x', {})"
    processes = [python(code, url_of(path)) for _ in range(4)]
    for process in processes:
        process.communicate(timeout=60)
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert verify_ledger(url_of(path)).is_whole


def test_a_ledger_of_a_later_gsign_is_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "ledger.db")
    with change(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r9999'")
    with pytest.raises(ConfigurationError) as failed:
        Ledger(url_of(path))
    assert failed.value.code == "ledger-newer"


def test_the_tables_are_those_that_reports_are_written_for(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    import gsign.audit.fact_tables
    from gsign.audit.schema import METADATA

    assert gsign.audit.fact_tables.FACTS
    engine = open_engine(url_of(written(tmp_path / "ledger.db")))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_an_opening_imports_nothing_heavy(tmp_path: Path) -> None:
    path = written(tmp_path / "ledger.db")
    code = (
        "import sys; from gsign.audit.ledger import Ledger; Ledger(sys.argv[1]).append('x', {});"
        "print(sorted({'sqlalchemy', 'alembic', 'psycopg'} & set(sys.modules)))"
    )
    assert python(code, url_of(path)).communicate(timeout=60)[0] == "[]\n"
