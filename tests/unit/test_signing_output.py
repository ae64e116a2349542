"""The output appears when it is complete and never otherwise; nothing else is touched, whatever fails and when."""

from __future__ import annotations

import errno
import io
import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import gsign.pdf
from gsign.errors import GsignError, InputError, TokenError, UsageError
from gsign.signing.output import complete_file
from tests import judges
from tests.documents import ENTRIES, names


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "đi"
    made.mkdir()
    return made


@pytest.fixture
def source(documents, tmp_path):
    return documents["one-page"].write(tmp_path)


def names_in(folder):
    return [p.name for p in folder.iterdir()]


def sign_to(source, output, signer, **options):
    return gsign.pdf.sign_to(source, output, signer, revocation="off", **options)


def refuse(kind, code, call):
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.code == code
    assert caught.value.sentence("vi") != code
    return caught.value


# ---------------------------------------------------------------- the block itself


def test_a_file_appears_when_the_block_ends_and_not_before(folder):
    with complete_file(folder / "a.pdf", b"", force=False) as file:
        file.write(b"half")
        file.flush()
        assert {p.suffix for p in folder.iterdir()} <= {".part"}
        file.write(b" whole")
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {"a.pdf": b"half whole"}


@pytest.mark.parametrize("fault", [ValueError("x"), KeyboardInterrupt(), OSError(errno.EIO, "x"), InputError("x")])
@pytest.mark.parametrize("force", [False, True])
def test_nothing_remains_of_a_block_that_fails(folder, fault, force):
    (folder / "old.pdf").write_bytes(b"old")

    def write() -> None:
        with complete_file(folder / ("old.pdf" if force else "new.pdf"), b"", force=force) as file:
            file.write(b"half")
            raise fault

    with pytest.raises(InputError if isinstance(fault, OSError) else type(fault)):
        write()
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {"old.pdf": b"old"}


def test_somebody_else_who_makes_the_file_meanwhile_is_not_overwritten(folder):
    def write() -> None:
        with complete_file(folder / "a.pdf", b"", force=False) as file:
            file.write(b"ours")
            (folder / "a.pdf").write_bytes(b"theirs")

    refuse(UsageError, "output-exists", write)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {"a.pdf": b"theirs"}


def test_a_fault_that_only_closing_tells(folder, monkeypatch):
    class Delayed(io.BufferedWriter):
        """Tells that the disk was full when it is closed, as network file systems do."""

        def close(self):
            if not self.closed:
                super().close()
                raise OSError(errno.ENOSPC, "x")

    monkeypatch.setattr("gsign.signing.output.open", lambda path, mode: Delayed(io.FileIO(path, mode)), raising=False)

    def write() -> None:
        with complete_file(folder / "a.pdf", b"", force=False) as file:
            file.write(b"x")

    refuse(InputError, "output-unwritable", write)
    assert names_in(folder) == []


_KILLED = """
import os, signal, sys
from pathlib import Path
from gsign.signing.output import complete_file

with complete_file(Path(sys.argv[1]), b"", force=False) as file:
    file.write(bytes(1 << 20))
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_is_left_of_a_program_that_is_killed(folder):
    # Where there are no files without a name, a hidden one is left.
    has_nameless = True
    try:
        os.close(os.open(folder, os.O_WRONLY | os.O_TMPFILE))
    except OSError:
        has_nameless = False
    done = subprocess.run([sys.executable, "-c", _KILLED, str(folder / "a.pdf")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [p.suffix for p in folder.iterdir()] == ([] if has_nameless else [".part"])


def test_a_file_system_without_nameless_files_will_do(folder, monkeypatch):
    monkeypatch.setattr(os, "O_TMPFILE", os.O_DIRECTORY | (1 << 30))
    with complete_file(folder / "a.pdf", b"", force=False) as file:
        file.write(b"whole")
        assert [p.suffix for p in folder.iterdir()] == [".part"]
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {"a.pdf": b"whole"}


@pytest.mark.parametrize("force", [False, True])
def test_a_file_is_on_the_disk_before_it_has_its_name(folder, monkeypatch, force):
    kept, really = [], os.fsync

    def keep(descriptor):
        assert not (folder / "a.pdf").exists()
        kept.append(os.fstat(descriptor).st_size)
        really(descriptor)

    monkeypatch.setattr(os, "fsync", keep)
    with complete_file(folder / "a.pdf", b"", force=force) as file:
        file.write(b"whole")
    assert kept == [5]
    with complete_file(folder / "large.pdf", b"", force=force) as file:
        file.seek(1 << 30)
        file.write(b"x")
    assert kept == [5]
    assert set(names_in(folder)) == {"a.pdf", "large.pdf"}


@pytest.mark.parametrize("cause, made", [(errno.EIO, []), (errno.ENOSPC, []), (errno.ENOSYS, ["a.pdf"])])
def test_what_the_disk_did_not_take_gets_no_name(folder, monkeypatch, cause, made):
    def fail(_):
        raise OSError(cause, os.strerror(cause))

    monkeypatch.setattr(os, "fsync", fail)

    def write():
        with complete_file(folder / "a.pdf", b"", force=False) as file:
            file.write(b"x")

    if made:
        write()
    else:
        refuse(InputError, "output-unwritable", write)
    assert names_in(folder) == made


@pytest.mark.parametrize("letter", ["a", "ữ"])
def test_a_name_as_long_as_the_file_system_allows(folder, letter):
    name = letter * (251 // len(letter.encode())) + ".pdf"
    with complete_file(folder / name, b"", force=False) as file:
        file.write(b"x")
    assert [p.name for p in folder.iterdir()] == [name]


def test_permissions_are_those_of_any_new_file(folder):
    before = os.umask(0o027)
    try:
        with complete_file(folder / "a.pdf", b"", force=False):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "a.pdf").stat().st_mode) == 0o640


# ---------------------------------------------------------------- where it goes


def test_an_existing_file_is_kept_unless_forced(source, folder, file_signer):
    target = folder / "ra.pdf"
    target.write_bytes(b"old")
    refuse(UsageError, "output-exists", lambda: sign_to(source, target, file_signer))
    assert target.read_bytes() == b"old"
    sign_to(source, target, file_signer, force=True)
    judges.assert_pdfsig_accepts(target, 1)
    assert names_in(folder) == ["ra.pdf"]


def test_a_link_is_something_that_exists_even_where_it_leads_nowhere(source, folder, file_signer):
    (folder / "ra.pdf").symlink_to(folder / "nowhere.pdf")
    refuse(UsageError, "output-exists", lambda: sign_to(source, folder / "ra.pdf", file_signer))
    sign_to(source, folder / "ra.pdf", file_signer, force=True)
    assert not (folder / "ra.pdf").is_symlink()
    assert names_in(folder) == ["ra.pdf"]


def _symlink(source, folder):
    (folder / "link.pdf").symlink_to(source)
    return source, folder / "link.pdf"


def _symlinked_source(source, folder):
    (folder / "link.pdf").symlink_to(source)
    return folder / "link.pdf", source


def _hard_link(source, folder):
    os.link(source, folder / "link.pdf")
    return source, folder / "link.pdf"


def _other_spelling(source, folder):
    return source, folder / ".." / source.name


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("by_object", [False, True])
@pytest.mark.parametrize("make", [lambda s, f: (s, s), _symlink, _symlinked_source, _hard_link, _other_spelling])
def test_the_input_is_never_overwritten(source, folder, file_signer, make, by_object, force):
    before = source.read_bytes()
    given, target = make(source, folder)
    with Path(given).open("rb") as file:
        read = file if by_object else str(given)
        refuse(UsageError, "output-is-input", lambda: sign_to(read, target, file_signer, force=force))
    assert source.read_bytes() == before
    assert not list(folder.parent.rglob("*.part"))


def test_folders_that_cannot_be_written_to(source, folder, file_signer):
    for target in (folder / "missing" / "ra.pdf", source / "ra.pdf", Path("/proc/ra.pdf"), folder / "a\0b" / "ra.pdf"):
        refuse(InputError, "output-unwritable", lambda target=target: sign_to(source, target, file_signer))
    assert names_in(folder) == []


def test_what_is_no_file_is_not_replaced_by_one(source, folder, file_signer, monkeypatch):
    os.mkfifo(folder / "pipe")
    monkeypatch.chdir(folder)
    for target in (folder, Path(), Path("/dev/null"), folder / "pipe"):
        refuse(UsageError, "output-exists", lambda target=target: sign_to(source, target, file_signer))
        refuse(InputError, "output-unwritable", lambda target=target: sign_to(source, target, file_signer, force=True))
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert names_in(folder) == ["pipe"]


_FULL = """
import resource, signal, sys
from pathlib import Path
import gsign.pdf
from gsign import pkcs12
from gsign.errors import GsignError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with pkcs12.open_signer(sys.argv[1], pin="mat-khau") as signer:
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    try:
        gsign.pdf.sign_to(sys.argv[2], Path(sys.argv[3]), signer, revocation="off")
    except GsignError as error:
        sys.stdout.write(error.code)
"""


def test_a_full_disk(documents, tmp_path, folder, file_signer):
    # A limit on the size of files fails the very call that a full disk fails, and needs no disk of its own.
    source = documents["500-pages"].write(tmp_path)
    command = [sys.executable, "-c", _FULL, file_signer.uri, str(source), str(folder / "ra.pdf")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "output-unwritable", done.stderr
    assert names_in(folder) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


# ---------------------------------------------------------------- what fails on the way


class Broken:
    """A signer whose token fails when it is to sign."""

    def __init__(self, signer, fault):
        self._signer, self._fault = signer, fault

    def __getattr__(self, name):
        return getattr(self._signer, name)

    def sign(self, message, algorithm):
        raise self._fault


@pytest.mark.parametrize("fault", [TokenError("token-removed"), KeyboardInterrupt(), RuntimeError("bug")])
def test_no_file_remains_when_the_key_fails(source, folder, file_signer, fault):
    with pytest.raises(type(fault)) as caught:
        sign_to(source, folder / "ra.pdf", Broken(file_signer, fault))
    assert caught.value is fault
    assert names_in(folder) == []


@pytest.mark.parametrize("name", names(signable=False))
def test_no_file_remains_of_a_document_that_is_not_signed(documents, tmp_path, folder, file_signer, name):
    source = documents[name].write(tmp_path)
    with pytest.raises(GsignError) as caught:
        sign_to(source, folder / "ra.pdf", file_signer)
    assert caught.value.sentence("en") != caught.value.code, "an error without words"
    assert ENTRIES[name].code in (None, caught.value.code)
    assert names_in(folder) == []


def test_a_source_that_ends_early(documents, folder, file_signer):
    class Shrinking(io.BytesIO):
        """Ends a byte earlier once its structure has been read."""

        def read(self, size=-1):
            data = super().read(size)
            return b"" if size > 100_000 else data

    data = documents["500-pages"].data
    refuse(InputError, "input-shrank", lambda: sign_to(Shrinking(data), folder / "ra.pdf", file_signer))
    assert names_in(folder) == []


def test_a_source_that_fails_is_what_is_named_and_not_the_output(documents, folder, file_signer):
    class Failing(io.BytesIO):
        def read(self, size=-1):
            if size > 100_000:
                raise OSError(errno.EIO, "x")
            return super().read(size)

    data = documents["500-pages"].data
    error = refuse(InputError, "input-unreadable", lambda: sign_to(Failing(data), folder / "ra.pdf", file_signer))
    assert "Input/output" in str(error)
    assert names_in(folder) == []


# ---------------------------------------------------------------- what is written


@pytest.mark.parametrize("size", [0, 5, 100_000])
def test_the_document_is_copied_byte_by_byte_in_front(documents, tmp_path, folder, file_signer, size):
    data = documents["five-pages"].data
    start = data.rindex(b"startxref")
    data = data[:start] + b"%" + b"x" * size + b"\n" + data[start:]
    for source in (data, io.BytesIO(data)):
        target = folder / f"{type(source).__name__}.pdf"
        record = sign_to(source, target, file_signer)
        assert record.output == str(target)
        assert target.read_bytes()[: len(data)] == data
        judges.assert_pdfsig_accepts(target, 1)
    memory = gsign.pdf.sign(data, file_signer, revocation="off")
    assert memory[: len(data)] == data
    assert len(memory) == len(target.read_bytes())
