"""What a message is judged with: anchors, the time, who tells a certificate's status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gsign.trust.clients import Trusted, trust_store
from gsign.trust.evidence import ValidationData
from gsign.trust.identity import Context
from gsign.trust.store import default_store

if TYPE_CHECKING:
    from gsign.trust.material import Material
    from gsign.trust.revocation import RevocationClient

__all__ = ["context_of"]


def context_of(
    trust: Trusted,
    at: datetime | None,
    client: RevocationClient,
    others: tuple[bytes, ...],
    known: ValidationData | None,
    material: Material | None,
) -> Context:
    """Put together what a signature is judged with.

    Args:
        trust: anchors beside the pinned ones.
        at: when to judge what no timestamp dates; None for now.
        client: asks for the status of certificates.
        others: DER of the certificates that the message brings.
        known: certificates, OCSP responses and CRLs to judge with.
        material: takes what is relied on.
    """
    store = trust_store(trust) or default_store()
    return Context(
        trust=client.completing(store, strangers=True),
        revocation=client,
        at=at.astimezone(UTC) if at is not None else None,
        now=datetime.now(UTC),
        others=others,
        known=known or ValidationData(),
        material=material,
    )
