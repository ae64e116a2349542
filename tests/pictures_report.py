"""The picture of a report for the manual, drawn by poppler: `python -m tests.pictures_report docs/images`."""

from __future__ import annotations

import sys
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageChops

from gsign import __version__, pdf
from gsign.demo_document import SIGNATURE_PLACE, decision
from gsign.isolation.pool import Settings, VerifierPool
from gsign.pkcs12 import FileSigner
from gsign.report.writing import Conditions, render
from gsign.result import Level, VerificationResult
from tests.judges import render_poppler
from tests.pki import LEADER, ORGANISATION, Pki

_SEAL_PLACE = (1, 92.0, 120.0, 150.0, 50.0)
_DPI = 110
_MARGIN = 24


def verified(folder: Path) -> VerificationResult:
    """Sign the sample decision twice at B-T and verify it."""
    pki = Pki(folder)
    try:
        trust = [pki.root_file, pki.intermediate_file]
        data = decision(date(2026, 1, 27), LEADER.common_name, number="286")
        for subject, place, field in ((LEADER, SIGNATURE_PLACE, "LanhDao"), (ORGANISATION, _SEAL_PLACE, "CoQuan")):
            who = pki.leaf(subject)
            signer = FileSigner(Path("key.p12"), who.key, who.der, who.chain)
            data = pdf.sign(data, signer, level=Level.B_T, tsa=pki.tsa_url, trust=trust, at=place, field=field)
        with VerifierPool(Settings(trust=trust, file_digest=True)) as verifiers:
            return verifiers.verify(data)._replace(file="quyet-dinh-286.pdf")
    finally:
        pki.close()


def cropped(page: Image.Image) -> Image.Image:
    """Cut the empty end of a page off."""
    foot = page.height - page.height // 12  # the page's number stands there
    drawn = ImageChops.invert(page.convert("L")).crop((0, 0, page.width, foot)).getbbox() or (0, 0, 0, foot)
    return page.crop((0, 0, page.width, min(foot, drawn[3] + _MARGIN)))


def main(folder: Path) -> None:
    """Write the picture into a folder."""
    with TemporaryDirectory() as made:
        conditions = Conditions(anchors=("ca.pem",), version=__version__)
        report = Path(made, "report.pdf")
        report.write_bytes(render("pdf", [verified(Path(made))], conditions))
        (page,) = render_poppler(report, resolution=_DPI)
        buffer = BytesIO()
        cropped(page).convert("RGB").quantize(32).save(buffer, "PNG", optimize=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.png").write_bytes(buffer.getvalue())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
