"""What a verification has relied on, octet for octet: kept with a document, it can be judged again much later.

Circular 41/2017/TT-BTTTT asks that certificates, their status and timestamps are kept with what was signed.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from gsign.result import Kind
from gsign.trust.evidence import ValidationData

if TYPE_CHECKING:
    from gsign.trust.chain import Chain
    from gsign.trust.identity import Identity, ProvenTime
    from gsign.trust.revocation import RevocationFacts
    from gsign.verification.envelope import Envelope

__all__ = ["MATERIAL", "Material"]

MATERIAL: Final = ("certificates", "ocsps", "crls", "timestamps", "signatures")
"""Kinds of it, as the facts of a result name them; each a list of DER in base64."""


class Material:
    """Collects the material of all signatures of a document, each piece once."""

    def __init__(self) -> None:
        self._pieces: dict[str, dict[bytes, None]] = {kind: {} for kind in MATERIAL}

    def take(self, envelope: Envelope | None, identity: Identity, stamp: ProvenTime) -> None:
        """Take what the judgement of one signature has relied on.

        Args:
            envelope: the signature; None where there is none that can be read.
            identity: with the path of its certificate, and the statements on it.
            stamp: with those of its timestamp.
        """
        if envelope is None:
            return
        if envelope.kind is Kind.DOCUMENT_TIMESTAMP:
            self._add("timestamps", [envelope.raw])
        else:
            self._add("signatures", [envelope.raw])
            token = envelope.info.timestamp_token()
            self._add("timestamps", [token] if token is not None else [])
        self._add("certificates", [envelope.certificate] if envelope.certificate is not None else [])
        for chain, status in ((identity.chain, identity.status), (stamp.chain, stamp.status)):
            self._take_path(chain, status)

    def plain(self) -> dict[str, list[str]]:
        """Return it as JSON holds it."""
        return {kind: [base64.b64encode(piece).decode() for piece in pieces] for kind, pieces in self._pieces.items()}

    def _take_path(self, chain: Chain | None, status: RevocationFacts | None) -> None:
        if chain is not None:
            self._add("certificates", chain.certificates)
            if chain.anchor is not None and chain.anchor.certificate is not None:
                self._add("certificates", [chain.anchor.certificate])
        data = status.data if status is not None else ValidationData()
        for kind in ("certificates", "ocsps", "crls"):
            self._add(kind, getattr(data, kind))

    def _add(self, kind: str, pieces: Iterable[bytes]) -> None:
        self._pieces[kind].update(dict.fromkeys(pieces))
