"""All judges together on one signed file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
        self, target: Path, before: Document, *, level: str = "B-B", added: int = 1, digest: str | None = None, visible: bool = False
    ) -> list[AdesFacts]:
        """Assert that every judge accepts `target`, which is `before` with `added` more signatures of `level`.

        Args:
            target: the signed file.
            before: the document that was signed.
            level: what pyHanko has to find of a document that bore no signature before; else each is B-B at least.
            added: signatures made, not counting document timestamps.
            digest: the digest algorithm that every signature has to have.
            visible: whether pages may look different.
        """
        count = before.signatures + added
        self._bytes(target, before)
        if digest is None or not digest.startswith("sha3"):  # NSS knows no SHA-3
            total = level in ("B-B", "B-T")
            judges.assert_pdfsig_accepts(
                target, count, total=total, nss_folder=self.nss_folder, password=before.password
            )
        judges.openssl_cms(
            target, self.pki.root_file, digest=digest, check_time=before.name != "signed-expired-certificate"
        )
        if not visible:
            source = before.write(target.parent, f"before-{before.name}.pdf")
            judges.same_pages(source, target, password=before.password, pages=3)
        return self._structure(target, before, level, count)

    def _bytes(self, target: Path, before: Document) -> None:
        data = target.read_bytes()
        assert data.startswith(before.data), "the document's own bytes were changed: not an incremental update"

    def _structure(self, target: Path, before: Document, level: str, count: int) -> list[AdesFacts]:
        if before.name == "leading-garbage-counted":
            return []  # neither qpdf nor pyHanko reads such a file without repair, signed or not
        if "damaged" not in before.tags:
            judges.qpdf_check(target, before.password)
        if "archive" in before.tags or before.name == "signed-pdfa":
            assert_pdfa(target)
        if before.name == "signed-expired-certificate":
            return []
        assert_baseline(target, password=before.password)
        facts = judges.pyhanko_ades(target, self.pki, level if not before.signatures else "B-B", password=before.password)
        assert len(facts) == count
        return facts
