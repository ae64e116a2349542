"""Signatures over what a ledger is proved by: checkpoints and evidence, with what the configuration names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gsign.means import Means

if TYPE_CHECKING:
    from gsign.audit.checkpoint import Checkpoint, Made
    from gsign.audit.entry import Chain
    from gsign.audit.signature import Judged
    from gsign.signer import Signer

__all__ = ["Vouching"]


class Vouching(Means):
    """Sign and judge what a ledger is proved by."""

    def make_checkpoint(self, chains: list[Chain], signer: Signer) -> Made:
        """Sign where the chains of a ledger end, with a timestamp where an authority is configured."""
        from gsign.audit.checkpoint import make_checkpoint

        return make_checkpoint(chains, signer, self._timestamps)

    def read_checkpoint(self, path: Path) -> Checkpoint:
        """Read a checkpoint of a ledger, and judge its signature."""
        from gsign.audit.checkpoint import read_checkpoint

        return read_checkpoint(path, trust=self._named_store, revocation=self._client)

    def sign_evidence(self, manifest: bytes, signer: Signer) -> bytes:
        """Sign the manifest of evidence, with a timestamp where an authority is configured; DER of a detached CMS."""
        from gsign.audit import signature

        return signature.sign(manifest, signer, self._timestamps, datetime.now(UTC).replace(microsecond=0)).detached()

    def judge_evidence(self, manifest: bytes, signed: bytes) -> Judged:
        """Judge the signature of evidence."""
        from gsign.audit import signature

        return signature.judge(signature.read(signed), manifest, trust=self._named_store, revocation=self._client)
