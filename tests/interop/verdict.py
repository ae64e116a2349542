"""All judges together on one signed file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from tests import judges
from tests.documents import Document
from tests.judges_ades import AdesFacts, assert_baseline
from tests.pdfa import assert_pdfa
from tests.pki import Pki


@dataclass(frozen=True)
class Court:
    """The judges with what they need."""

    pki: Pki
    nss_folder: Path

    def accept(
        self,
        target: Path,
        before: Document,
        *,
        level: str = "B-B",
        last: str | None = None,
        added: int = 1,
        digest: str | None = None,
        field: str | None = None,
        visible: bool = False,
    ) -> list[AdesFacts]:
        """Assert that every judge accepts `target`, which is `before` with `added` more signatures of `level`.

        Args:
            target: the signed file.
            before: the document that was signed.
            level: what each signature reaches; of a document that was signed before, B-B is asked for alone.
            last: level of the signature made last, where that is another.
            added: signatures made, not counting document timestamps.
            digest: the digest algorithm that every signature has to have.
            field: the existing field that was signed, if one was.
            visible: whether pages may look different.
        """
        assert target.read_bytes().startswith(before.data), "the document's own bytes were changed"
        count = before.signatures + added
        if _poppler_can_judge(before, digest, field):
            # The store comes after the signature; a document timestamp covers everything again.
            total = (last or level) != "B-LT"
            judges.assert_pdfsig_accepts(
                target, count, total=total, nss_folder=self.nss_folder, password=before.password
            )
        expired = before.name == "signed-expired-certificate"
        judges.openssl_cms(target, self.pki.root_file, digest=digest, check_time=not expired)
        if not visible:
            source = before.write(target.parent, f"before-{before.name}.pdf")
            judges.same_pages(source, target, password=before.password, pages=3)
        if "damaged" not in before.tags:
            judges.qpdf_check(target, before.password)
        if "archive" in before.tags or before.name == "signed-pdfa":
            assert_pdfa(target)
        if expired:
            return []
        assert_baseline(target, password=before.password)
        wanted = "B-B" if before.signatures else level
        facts = judges.pyhanko_ades(target, self.pki, wanted, password=before.password)
        assert len(facts) == count
        return facts


def _poppler_can_judge(before: Document, digest: str | None, field: str | None) -> bool:
    """Tell what Poppler 22.12 cannot judge, whoever signed.

    NSS knows no SHA-3; a signature in a field whose widget is a kid of its own is not found.
    """
    return not (digest or "").startswith("sha3") and not (before.name == "field-with-kid" and field is not None)


def picture() -> bytes:
    """Return a red ring on a transparent ground, as PNG."""
    image = Image.new("RGBA", (160, 160), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((8, 8, 152, 152), outline=(200, 0, 0, 255), width=10)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
