"""What other programs take out of a message, a document or an archive, the inspection found too.

The judges: the standard library's email, ripmime, munpack and uudeview for messages; 7-Zip for archives; tnef for
winmail.dat; pikepdf for what is embedded in documents.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from gsign.isolation.pool import Settings, VerifierPool
from gsign.mail.containers import Opened, Room, open_container
from gsign.mail.facts import Inspection
from gsign.mail.inspection import inspect
from gsign.mime import read
from tests.documents import Library
from tests.hiding import WAYS, Way
from tests.hiding.documents import CARRIERS
from tests.hiding.kit import attached

_TOOLS = {
    "ripmime": ["ripmime", "-i", "{file}", "-d", "{out}"],
    "munpack": ["munpack", "-q", "-f", "-t", "-C", "{out}", "{file}"],
    "uudeview": ["uudeview", "-i", "-a", "-p", "{out}", "{file}"],
}
# What these make of the end of quoted-printable, or of uuencode in lines of 63 octets, is theirs alone.
_INEXACT = {("munpack", "quoted"), ("ripmime", "quoted")}
_BOMBS = ("too-large", "too-many-entries", "too-many-parts")
_PASSWORD = "mat-khau"
_ARCHIVED = ("zip-", "7z-", "tar-", "gz", "archive-", "embedded-", "sevenzip", "tnef", "ole", "bz2", "xz", "lzma")
_ALIKE = ("type-a", "type-v", "name-v", "data-uri-")
# Inside an archive nothing is a matter of how messages are read; and what a type says is all the same to these.
_MESSAGES = [w for w in WAYS.values() if w.unreadable not in _BOMBS and not w.name.startswith((*_ARCHIVED, *_ALIKE))]


@pytest.fixture(scope="module")
def pool() -> Iterator[VerifierPool]:
    with VerifierPool(Settings(offline=True)) as opened:
        yield opened


@pytest.fixture(scope="module")
def document(documents: Library) -> bytes:
    return documents["one-page"].data


def run(*command: str, within: Path) -> None:
    subprocess.run(command, cwd=within, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)


def files_in(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


def taken_out(message: bytes, tool: str, folder: Path) -> list[bytes]:
    """Let a program take the files out of a message."""
    out = folder / tool
    out.mkdir()
    file = folder / "message.eml"
    file.write_bytes(message)
    run(*(word.format(file=file, out=out) for word in _TOOLS[tool]), within=out)
    return files_in(out)


def payloads(message: bytes, policy: email.policy.Policy) -> Iterator[bytes]:
    """Let the standard library do so."""
    for part in email.message_from_bytes(message, policy=policy).walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield payload


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def missed(inspection: Inspection, found: list[bytes]) -> list[int]:
    """Return the sizes of documents that were taken out, but not inspected as they are."""
    known = {inspected.sha256 for inspected in inspection.documents}
    return [len(data) for data in found if data.startswith(b"%PDF-") and digest(data) not in known]


@pytest.mark.parametrize("way", _MESSAGES, ids=lambda way: way.name)
def test_no_program_takes_out_a_document_that_was_not_inspected(
    way: Way, pool: VerifierPool, document: bytes, tmp_path: Path
) -> None:
    message = way.make(document)
    inspection = inspect(message, pool)
    found = {tool: taken_out(message, tool, tmp_path) for tool in _TOOLS}
    found["email"] = list(payloads(message, email.policy.compat32))
    # It drops every CR from what is called text.
    found["munpack"] = [data for data in found["munpack"] if data != document.replace(b"\r", b"")]
    for tool, files in found.items():
        if not missed(inspection, files):
            continue
        # Another reading than ours is allowed only where it is said that there are several.
        is_inexact = (tool, "quoted") in _INEXACT and b"quoted-printable" in message
        assert inspection.documents, tool
        assert is_inexact or not inspection.is_readable, tool


def test_programs_do_take_documents_out(document: bytes, tmp_path: Path) -> None:
    for tool in _TOOLS:
        files = taken_out(attached(document), tool, tmp_path)
        assert digest(document) in map(digest, files), tool


# ---------------------------------------------------------------- archives


def archive(folder: Path, name: str, *options: str, files: dict[str, bytes]) -> bytes:
    """Let 7-Zip write an archive."""
    within = folder / "files"
    for path, data in files.items():
        (within / path).parent.mkdir(parents=True, exist_ok=True)
        (within / path).write_bytes(data)
    run("7z", "a", *options, str(folder / name), ".", within=within)
    return (folder / name).read_bytes()


def members(opened: Opened) -> set[tuple[str, str]]:
    return {(member.name, digest(member.data)) for member in opened.members}


_7Z = {
    "lzma": ["-m0=LZMA"],
    "lzma2": ["-m0=LZMA2"],
    "deflate": ["-m0=Deflate"],
    "bzip2": ["-m0=BZip2"],
    "copy": ["-m0=Copy"],
    "delta": ["-m0=Delta:4", "-m1=LZMA2"],
    "bcj": ["-m0=BCJ", "-m1=LZMA2"],
    "bcj-lzma": ["-m0=BCJ", "-m1=LZMA"],
    "arm": ["-m0=ARM", "-m1=LZMA2"],
    "ultra": ["-mx=9"],
    "fastest": ["-mx=1"],
    "not-solid": ["-ms=off"],
    "plain-header": ["-mhc=off"],
}


@pytest.mark.parametrize("options", _7Z.values(), ids=_7Z)
def test_archives_of_7_zip_are_read(options: list[str], document: bytes, tmp_path: Path) -> None:
    files = {"Công văn.pdf": document, "a/b.txt": b"x" * 100_000, "empty.txt": b"", "c.exe": b"MZ\xe8\1\2\3\4" * 9_999}
    opened = open_container("7z", archive(tmp_path, "a.7z", "-t7z", *options, files=files), Room())
    assert members(opened) == {(name, digest(data)) for name, data in files.items() if data}
    assert opened.refusals == opened.notes == ()


@pytest.mark.parametrize(
    "options,reason",
    [
        (["-m0=PPMd"], "method-unsupported"),
        (["-m0=BCJ2", "-m1=LZMA", "-m2=LZMA", "-m3=LZMA", "-mb0:1", "-mb0s1:2", "-mb0s2:3"], "method-unsupported"),
        ([f"-p{_PASSWORD}"], "encrypted"),
        ([f"-p{_PASSWORD}", "-mhe=on"], "encrypted"),
    ],
    ids=["ppmd", "bcj2", "password", "password-on-names"],
)
def test_what_is_not_read_of_7_zip_is_named(options: list[str], reason: str, document: bytes, tmp_path: Path) -> None:
    opened = open_container("7z", archive(tmp_path, "a.7z", "-t7z", *options, files={"a.pdf": document}), Room())
    assert not opened.members
    assert {refusal.reason for refusal in opened.refusals} == {reason}


_ZIP = {
    "deflate": ["-mm=Deflate"],
    "bzip2": ["-mm=BZip2"],
    "lzma": ["-mm=LZMA"],
    "copy": ["-mm=Copy"],
}


@pytest.mark.parametrize("options", _ZIP.values(), ids=_ZIP)
def test_zip_archives_of_7_zip_are_read(options: list[str], document: bytes, tmp_path: Path) -> None:
    files = {"Công văn.pdf": document, "a/b.txt": b"x" * 100_000}
    opened = open_container("zip", archive(tmp_path, "a.zip", "-tzip", *options, files=files), Room())
    assert members(opened) == {(name, digest(data)) for name, data in files.items()}
    assert opened.refusals == opened.notes == ()


@pytest.mark.parametrize("options", [["-mm=Deflate64"], ["-mm=PPMd"], ["-pX"], ["-pX", "-mem=AES256"]], ids=" ".join)
def test_what_is_not_read_of_zip_is_named(options: list[str], document: bytes, tmp_path: Path) -> None:
    opened = open_container("zip", archive(tmp_path, "a.zip", "-tzip", *options, files={"a.pdf": document}), Room())
    assert not opened.members
    assert [refusal.name for refusal in opened.refusals] == ["a.pdf"]


def test_tar_archives_of_7_zip_are_read(document: bytes, tmp_path: Path) -> None:
    files = {"Công văn.pdf": document, "a/" + "x" * 120 + ".txt": b"x" * 1000}
    opened = open_container("tar", archive(tmp_path, "a.tar", "-ttar", files=files), Room())
    assert members(opened) >= {(name, digest(data)) for name, data in files.items()}
    assert opened.refusals == opened.notes == ()


_ARCHIVES = [way for way in WAYS.values() if way.name.startswith(("zip-", "7z-", "tar-")) and way.finds]


@pytest.mark.parametrize("way", _ARCHIVES, ids=lambda way: way.name)
def test_7_zip_takes_out_no_document_that_was_not_inspected(
    way: Way, pool: VerifierPool, document: bytes, tmp_path: Path
) -> None:
    message = way.make(document)
    inspection = inspect(message, pool)
    (tmp_path / "out").mkdir()
    (tmp_path / "archive").write_bytes(next(read(message).walk()).children[-1].decoded())
    run("7z", "x", "-y", "-aou", "-pX", str(tmp_path / "archive"), within=tmp_path / "out")
    assert missed(inspection, files_in(tmp_path / "out")) == []


# ---------------------------------------------------------------- winmail.dat, documents


@pytest.mark.parametrize("way", [way for way in WAYS.values() if "tnef" in way.name], ids=lambda way: way.name)
def test_tnef_takes_out_no_document_that_was_not_inspected(
    way: Way, pool: VerifierPool, document: bytes, tmp_path: Path
) -> None:
    message = way.make(document)
    (tmp_path / "out").mkdir()
    (tmp_path / "winmail.dat").write_bytes(read(message).children[-1].decoded())
    run("tnef", "--overwrite", "-C", "out", "winmail.dat", within=tmp_path)
    found = files_in(tmp_path / "out")
    assert missed(inspect(message, pool), found) == []
    assert found or way.name not in ("tnef-plain", "tnef-second")


_CARRIED = [f"embedded-{name}" for name in CARRIERS]


@pytest.mark.parametrize("way", [w for w in WAYS.values() if w.name in _CARRIED], ids=lambda way: way.name)
def test_pikepdf_finds_nothing_embedded_that_was_not_inspected(way: Way, pool: VerifierPool, document: bytes) -> None:
    message = way.make(document)
    with pikepdf.open(io.BytesIO(read(message).children[-1].decoded())) as opened:
        streams = [attached.get_file().obj for attached in opened.attachments.values()]
        found = [stream.read_bytes() for stream in streams if way.finds and isinstance(stream, pikepdf.Stream)]
    assert missed(inspect(message, pool), found) == []


def test_pikepdf_embeds_what_is_found(pool: VerifierPool, document: bytes) -> None:
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page()
        made.attachments["vb.pdf"] = pikepdf.AttachedFileSpec(made, document, filename="vb.pdf")
        made.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    paths = [found.path for found in inspect(attached(out.getvalue(), b"bia.pdf"), pool).documents]
    assert paths == ["2/bia.pdf", "2/bia.pdf/vb.pdf"]
