"""One of the signatures that a role is made of, added to a document."""

from __future__ import annotations

from datetime import datetime

from gsign.result import NUMBER_ENTRY, ROLE_ENTRY, Role, SignerInfo
from gsign.roles.parts import Part
from gsign.signing.archive import allows_transparency
from gsign.signing.draft import Draft, SignatureSpec
from gsign.signing.placeholder import base_entries
from gsign.signing.request import SignedPart, SignRequest
from gsign.signing.seal import Seal
from gsign.signing.seed_values import Offer
from gsign.syntax.objects import Name, text_string

__all__ = ["make_part"]


def make_part(
    draft: Draft, part: Part, offer: Offer, seal: Seal, who: SignerInfo, request: SignRequest, now: datetime
) -> tuple[SignedPart, bytes]:
    """Add one signature, and return what it is with its CMS.

    Raises:
        GsignError: as `Draft.plan` for its field, and as `Seal.make`.
    """
    field = draft.plan(request.field, offer, part.field_stem).name
    contents = draft.add_signature(_spec(draft, part, seal, who, request, now), seal.make)
    return SignedPart(part.shows, field, part.place), contents


def _spec(draft: Draft, part: Part, seal: Seal, who: SignerInfo, request: SignRequest, now: datetime) -> SignatureSpec:
    entries = base_entries(request.subfilter, now)
    if request.role is not Role.PLAIN:
        entries[ROLE_ENTRY] = Name(request.role.value)
    texts = (
        ("Name", who.name),
        ("Reason", request.reason),
        ("Location", request.location),
        (NUMBER_ENTRY, part.number),
    )
    for key, text in texts:
        if text:
            entries[key] = text_string(text)
    return SignatureSpec(
        entries=entries,
        digest=seal.algorithm.digest,
        room=seal.room,
        place=part.place,
        draw=lambda width, height: part.draw(width, height, soft_mask=allows_transparency(draft.document)),
        certify=request.certify,
    )
