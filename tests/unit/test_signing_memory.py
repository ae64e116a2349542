"""A large document costs one reading of it and little memory, whatever is done to it."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import gsign.pdf
from tests import documents as collection
from tests import judges

SIZE = 200_000_000
LIMIT = 80 << 20

_SIGN = """
import json, os, resource, sys
import gsign.pdf
from gsign import pkcs12


class Counting:
    '''A file that remembers which bytes were read how often.'''

    def __init__(self, path):
        self._file, self.total, self.largest, self.position = open(path, "rb"), 0, 0, 0
        self.name = path

    def seek(self, offset, whence=os.SEEK_SET):
        return self._file.seek(offset, whence)

    def read(self, size=-1):
        data = self._file.read(size)
        self.total += len(data)
        self.largest = max(self.largest, len(data))
        return data

    def fileno(self):
        return self._file.fileno()


def peak():
    # Of this program alone: ru_maxrss remembers what its parent was before the exec.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))


source, target, key, options = sys.argv[1:]
with pkcs12.open_signer(key, pin="mat-khau") as signer:
    file = Counting(source)
    gsign.pdf.sign_to(file, target, signer, revocation="off", **json.loads(options))
    print(json.dumps({"total": file.total, "largest": file.largest, "peak": peak()}))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return collection.large(tmp_path_factory.mktemp("large") / "large.pdf", SIZE)


def sign(source, target, signer, **options):
    command = [sys.executable, "-c", _SIGN, str(source), str(target), signer.uri, json.dumps(options)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("options", [{}, {"at": [1, 60, 60, 200, 80], "digest": "sha512", "certify": 2}])
def test_a_large_document_is_read_once_in_pieces(source, tmp_path, file_signer, options):
    size = source.stat().st_size
    assert size >= SIZE
    cost = sign(source, tmp_path / "a.pdf", file_signer, **options)
    # Its structure (a table, a catalog, a page) is looked up beside the one pass.
    assert size <= cost["total"] <= size + (1 << 20)
    assert cost["largest"] <= 4 << 20
    assert cost["peak"] < LIMIT, f"{cost['peak'] >> 20} MB"
    (signature,) = _ranges(tmp_path / "a.pdf")
    assert signature[0] == 0
    assert signature[2] + signature[3] == (tmp_path / "a.pdf").stat().st_size


def test_a_second_signature_costs_no_more(source, tmp_path, file_signer):
    sign(source, tmp_path / "a.pdf", file_signer)
    size = (tmp_path / "a.pdf").stat().st_size
    cost = sign(tmp_path / "a.pdf", tmp_path / "b.pdf", file_signer)
    assert size <= cost["total"] <= size + (1 << 20)
    assert cost["peak"] < LIMIT, f"{cost['peak'] >> 20} MB"
    assert [s.intact for s in gsign.pdf.verify(tmp_path / "b.pdf", offline=True).signatures] == [True, True]


def _ranges(path: Path) -> list[list[int]]:
    """Return the ByteRanges that stand in the last bytes of a file."""
    with path.open("rb") as file:
        file.seek(-100_000, 2)
        tail = file.read()
    return [list(map(int, m.groups())) for m in judges._BYTE_RANGE.finditer(tail)]


def test_threads_share_a_signer_and_what_is_drawn(documents, tmp_path, file_signer):
    names = ["one-page", "object-streams", "hybrid", "rotated-90", "field-merged", "aes-256", "signed-once", "pdf-2.0"]
    library = [documents[name] for name in names]

    def one(document) -> bytes:
        return gsign.pdf.sign(
            document.data, file_signer, password=document.password, revocation="off", at=(1, 60, 60, 200, 80)
        )

    with ThreadPoolExecutor(8) as pool:
        signed = list(pool.map(one, library * 4))
    for document, data in zip(library * 4, signed, strict=True):
        result = gsign.pdf.verify(data, offline=True, password=document.password)
        assert len(result.signatures) == document.signatures + 1
        assert all(s.intact for s in result.signatures)
