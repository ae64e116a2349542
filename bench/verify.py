"""Verifying: beside pyHanko's API and endesive, with the same anchors and without asking anybody for a status.

The limit is one digest of the same bytes: no verdict can do without it.
"""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from bench.desk import LARGE_BYTES, ROOT, Desk
from bench.harness import Case, Comparison, Measure, Race, beside, limit, seconds
from bench.mail_peers import endesive
from gsign import pdf
from gsign.isolation.pool import Settings, VerifierPool

__all__ = ["CASES"]

_MEBIBYTE = 1 << 20
_MEMORY_MB = 80
_FILES = 200
_HASHED = 64


@contextmanager
def one_signature(desk: Desk) -> Iterator[Race]:
    """Verify one signature on one page."""
    data = _signed(desk, "one-page", 1)
    with _race(desk, data, at_most=0.04) as race:
        peer = endesive("endesive.pdf")
        anchors = [desk.anchors.read_bytes()]

        def by_endesive() -> None:
            found, _ = peer.verify(data, anchors)
            if not (found.hashok and found.signatureok):
                raise RuntimeError("endesive does not accept what gsign signed")

        contenders = {**race.contenders, "endesive": seconds(by_endesive)}
        yield Race(contenders, (*race.comparisons, beside("endesive")))


@contextmanager
def five_signatures(desk: Desk) -> Iterator[Race]:
    """Verify five signatures on 500 pages, each made over all before."""
    with _race(desk, _signed(desk, "500-pages", 5), at_most=0.006) as race:
        yield race


@contextmanager
def twenty_signatures(desk: Desk) -> Iterator[Race]:
    """Verify twenty signatures on one page, each made over all before."""
    with _race(desk, _signed(desk, "one-page", 20)) as race:
        yield race


@contextmanager
def many_pages(desk: Desk) -> Iterator[Race]:
    """Verify one signature on 500 pages."""
    with _race(desk, _signed(desk, "500-pages", 1)) as race:
        yield race


@contextmanager
def several_revisions(desk: Desk) -> Iterator[Race]:
    """Verify two signatures for long: validation data and a document timestamp in revisions of their own."""
    data = desk.document("one-page")
    with desk.signer() as signer:
        for _ in range(2):
            data = pdf.sign(data, signer, trust=desk.trust, level="B-LTA", tsa=desk.pki.tsa_url)
    with _race(desk, data) as race:
        yield race


@contextmanager
def large_file(desk: Desk) -> Iterator[Race]:
    """Verify 200 MB, beside reading and hashing them once."""
    with _large(desk) as file:

        def digest_alone() -> bytes:
            digest = hashlib.sha256()
            with file.open("rb", buffering=0) as reader:
                while piece := reader.read(_MEBIBYTE):
                    digest.update(piece)
            return digest.digest()

        contenders = {
            "gsign": seconds(lambda: pdf.verify(file, trust=desk.trust, revocation="off").require()),
            "one digest": seconds(digest_alone),
        }
        yield Race(contenders, (beside("one digest", at_most=1.1),), rounds=11, quick_rounds=3)


@contextmanager
def memory_of_large(desk: Desk) -> Iterator[Race]:
    """Measure the peak of a fresh interpreter that verifies 200 MB."""
    with _large(desk) as file:

        def measure() -> float:
            command = [sys.executable, "-m", "bench.memory", "verify", "", str(file), str(desk.anchors)]
            return float(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout)

        yield Race({"gsign": measure}, (limit("the limit", _MEMORY_MB),), unit="MB", rounds=2, quick_rounds=1)


@contextmanager
def two_cores(desk: Desk) -> Iterator[Race]:
    """Verify many files by two processes over one: does gsign gain what two digests side by side gain over one?"""
    data = _signed(desk, "one-page", 1)
    files = [desk.folder / f"scaling-{number}.pdf" for number in range(_FILES)]
    for file in files:
        file.write_bytes(data)
    settings = Settings(trust=[desk.anchors], revocation="off")
    octets = bytes(_MEBIBYTE)
    with VerifierPool(settings, jobs=1) as one, VerifierPool(settings, jobs=2) as two, ThreadPoolExecutor(2) as threads:
        contenders = {
            "gsign": _rate(_FILES, lambda: _drain(one.verify_all(files))),
            "gsign, two processes": _rate(_FILES, lambda: _drain(two.verify_all(files))),
            "one digest": _rate(_HASHED, lambda: _drain(map(hashlib.sha256, [octets] * _HASHED))),
            "two digests": _rate(_HASHED, lambda: _drain(threads.map(hashlib.sha256, [octets] * _HASHED))),
        }
        comparison = Comparison(
            "two digests",
            lambda r: r["gsign, two processes"] / r["gsign"],
            lambda r: r["two digests"] / r["one digest"],
            at_least=0.9,
        )
        yield Race(contenders, (comparison,), unit="x", rounds=9, quick_rounds=5)


def _rate(count: int, work: Callable[[], object]) -> Measure:
    """Measure how many a second are done."""

    def turn() -> float:
        start = time.perf_counter()
        work()
        return count / (time.perf_counter() - start)

    return turn


def _drain(done: Iterable[object]) -> None:
    for _ in done:
        pass


@contextmanager
def _large(desk: Desk) -> Iterator[Path]:
    file = desk.folder / "large-signed.pdf"
    with desk.signer() as signer:
        pdf.sign_to(desk.large_file, file, signer, trust=desk.trust, force=True)
    try:
        yield file
    finally:
        file.unlink()


def _signed(desk: Desk, name: str, signatures: int) -> bytes:
    data = desk.document(name)
    with desk.signer() as signer:
        for _ in range(signatures):
            data = pdf.sign(data, signer, trust=desk.trust)
    return data


@contextmanager
def _race(desk: Desk, data: bytes, *, at_most: float | None = None) -> Iterator[Race]:
    # It warns of each later revision that is a matter of judgement.
    logging.getLogger("pyhanko").setLevel(logging.ERROR)
    yield Race(
        {
            "gsign": seconds(lambda: pdf.verify(data, trust=desk.trust, revocation="off").require()),
            "pyHanko": seconds(lambda: _pyhanko_verify(desk, data)),
            "one digest": seconds(lambda: hashlib.sha256(data).digest()),
        },
        (beside("pyHanko", at_most=at_most), beside("one digest")),
    )


def _pyhanko_verify(desk: Desk, data: bytes) -> None:
    from pyhanko.keys import load_certs_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    anchors = list(load_certs_from_pemder([desk.anchors]))  # type: ignore[no-untyped-call]
    context = ValidationContext(trust_roots=anchors, allow_fetching=False)
    for signature in PdfFileReader(BytesIO(data)).embedded_regular_signatures:
        if not validate_pdf_signature(signature, context).bottom_line:
            raise RuntimeError("pyHanko does not accept what gsign signed")


CASES = (
    Case("verify-one-page", "verify one page", one_signature),
    Case("verify-five", "verify five signatures on 500 pages", five_signatures),
    Case("verify-twenty", "verify twenty signatures on one page", twenty_signatures),
    Case("verify-500-pages", "verify 500 pages", many_pages),
    Case("verify-revisions", "verify two signatures at B-LTA", several_revisions),
    Case("verify-large-time", f"verify {LARGE_BYTES // 10**6} MB", large_file),
    Case("verify-large-memory", f"verify {LARGE_BYTES // 10**6} MB, peak memory", memory_of_large),
    Case("verify-two-cores", "files verified by two processes over one", two_cores),
)
