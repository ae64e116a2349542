"""Verifying: beside pyHanko's API, with the same anchors and without asking anybody for a status."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from bench.desk import Desk
from bench.harness import Case, Race, beside, seconds
from gsign import pdf

__all__ = ["CASES"]


@contextmanager
def one_signature(desk: Desk) -> Iterator[Race]:
    """Verify one signature on one page."""
    with _race(desk, desk.document("one-page"), signatures=1, at_most=0.08) as race:
        yield race


@contextmanager
def five_signatures(desk: Desk) -> Iterator[Race]:
    """Verify five signatures on 500 pages, each made over all before."""
    with _race(desk, desk.document("500-pages"), signatures=5, at_most=0.01) as race:
        yield race


@contextmanager
def _race(desk: Desk, data: bytes, *, signatures: int, at_most: float) -> Iterator[Race]:
    with desk.signer() as signer:
        for _ in range(signatures):
            data = pdf.sign(data, signer, trust=desk.trust)
    yield Race(
        {
            "gsign": seconds(lambda: pdf.verify(data, trust=desk.trust, revocation="off").require()),
            "pyHanko": seconds(lambda: _pyhanko_verify(desk, data)),
        },
        (beside("pyHanko", at_most=at_most),),
    )


def _pyhanko_verify(desk: Desk, data: bytes) -> None:
    from pyhanko.keys import load_certs_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    anchors = list(load_certs_from_pemder([desk.anchors]))  # type: ignore[no-untyped-call]
    context = ValidationContext(trust_roots=anchors, allow_fetching=False)
    for signature in PdfFileReader(BytesIO(data)).embedded_signatures:
        if not validate_pdf_signature(signature, context).bottom_line:
            raise RuntimeError("pyHanko does not accept what gsign signed")


CASES = (
    Case("verify-one-page", "verify one page", one_signature),
    Case("verify-five", "verify five signatures on 500 pages", five_signatures),
)
