"""What a verification has relied on, octet for octet: kept with a document, it can be judged again much later.

Circular 41/2017/TT-BTTTT asks that certificates, their status and timestamps are kept with what was signed.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from gsign.trust.evidence import ValidationData

if TYPE_CHECKING:
    from gsign.trust.chain import Chain
    from gsign.trust.revocation import RevocationFacts

__all__ = ["MATERIAL", "Material"]

MATERIAL: Final = ("certificates", "ocsps", "crls", "timestamps", "signatures")
"""Kinds of it, as the facts of a result name them; each a list of DER in base64."""


class Material:
    """Collects what all judgements of a verification have relied on, each piece once."""

    def __init__(self) -> None:
        self._pieces: dict[str, dict[bytes, None]] = {kind: {} for kind in MATERIAL}

    def add(self, kind: str, *pieces: bytes) -> None:
        """Take pieces of a kind, in DER."""
        self._pieces[kind].update(dict.fromkeys(pieces))

    def add_path(self, chain: Chain, status: RevocationFacts | None) -> None:
        """Take a path, and the statements on its certificates."""
        self.add("certificates", *chain.certificates)
        if chain.anchor is not None and chain.anchor.certificate is not None:
            self.add("certificates", chain.anchor.certificate)
        data = status.data if status is not None else ValidationData()
        for kind in ("certificates", "ocsps", "crls"):
            self.add(kind, *getattr(data, kind))

    def plain(self) -> dict[str, list[str]]:
        """Return it as JSON holds it."""
        return {kind: [base64.b64encode(piece).decode() for piece in pieces] for kind, pieces in self._pieces.items()}
