"""Every kind of document, signed with a key on a token and judged by programs that are not ours; or refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import gsign.pdf
from gsign.errors import GsignError
from gsign.signer import Signer
from tests import documents as collection
from tests import judges
from tests.documents import Expect, Library
from tests.interop.verdict import Court
from tests.pki import LEADER, Pki


@pytest.mark.parametrize("name", collection.names(signable=True))
def test_a_document_is_signed_and_every_judge_accepts(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, name: str
) -> None:
    document = documents[name]
    target = tmp_path / "signed.pdf"
    gsign.pdf.sign_to(
        document.write(tmp_path),
        target,
        signers["rsa2048"],
        trust=court.pki.root_file,
        revocation="off",
        password=document.password,
    )
    court.accept(target, document)


@pytest.mark.parametrize("name", collection.names(expect=Expect.REFUSED))
def test_a_document_is_refused_with_its_code_and_leaves_no_output(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, name: str
) -> None:
    document = documents[name]
    source = document.write(tmp_path)
    with pytest.raises(GsignError) as caught:
        gsign.pdf.sign_to(
            source, tmp_path / "signed.pdf", signers["rsa2048"], trust=court.pki.root_file, revocation="off"
        )
    assert caught.value.code == document.code
    assert list(tmp_path.iterdir()) == [source]
    assert source.read_bytes() == document.data


# Sign one file with a PKCS#12 key, or refuse to, and tell the most memory that was used, in MB.
_BOUNDED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
import gsign.pdf, gsign.pkcs12
from gsign.errors import GsignError
source, key, trust, target = sys.argv[1:]
with gsign.pkcs12.open_signer(key, pin="mat-khau") as signer:
    try:
        gsign.pdf.sign_to(source, target, signer, trust=trust, revocation="off")
    except GsignError as error:
        print("refused", error.code)
    else:
        print("signed")
print(next(int(line.split()[1]) // 1000 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.parametrize("name", collection.names(expect=Expect.BOUNDED))
def test_a_hostile_document_costs_little_and_ends_without_a_traceback(
    court: Court, pki: Pki, documents: Library, tmp_path: Path, name: str
) -> None:
    document = documents[name]
    source, target = document.write(tmp_path), tmp_path / "signed.pdf"
    key = pki.leaf(LEADER).p12(tmp_path / "key.p12", "mat-khau")
    arguments = [str(source), str(key), str(pki.root_file), str(target)]
    done = subprocess.run([sys.executable, "-c", _BOUNDED, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("signed") == target.exists()
    assert int(done.stdout.split()[-1]) < 300
    if target.exists():
        court.accept(target, document)


@pytest.mark.parametrize("file", ["Quyết định số 286.pdf", "công văn (bản 2) #1%20.PDF", "-o.pdf", "báo cáo.pdf"])
def test_file_names_of_offices_are_taken(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, file: str
) -> None:
    document = documents["one-page"]
    target = tmp_path / f"đã ký {file}"
    record = gsign.pdf.sign_to(
        document.write(tmp_path, file), target, signers["p256"], trust=court.pki.root_file, revocation="off"
    )
    assert record.output == str(target)
    court.accept(target, document)


def test_bytes_a_path_and_an_open_file_are_all_sources(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path
) -> None:
    document = documents["five-pages"]
    path = document.write(tmp_path)
    with path.open("rb") as file:
        for index, source in enumerate((document.data, path, str(path), file)):
            target = tmp_path / f"{index}.pdf"
            target.write_bytes(gsign.pdf.sign(source, signers["p256"], trust=court.pki.root_file, revocation="off"))
            court.accept(target, document)


def test_a_large_document_is_never_loaded_whole(court: Court, pki: Pki, tmp_path: Path) -> None:
    source, target = collection.large(tmp_path / "large.pdf", 200_000_000), tmp_path / "signed.pdf"
    key = pki.leaf(LEADER).p12(tmp_path / "key.p12", "mat-khau")
    arguments = [str(source), str(key), str(pki.root_file), str(target)]
    done = subprocess.run([sys.executable, "-c", _BOUNDED, *arguments], capture_output=True, text=True, check=False)
    outcome, megabytes = done.stdout.split()
    assert (outcome, done.stderr) == ("signed", "")
    assert int(megabytes) < 80
    judges.assert_pdfsig_accepts(target, 1, nss_folder=court.nss_folder)
    judges.qpdf_check(target)
