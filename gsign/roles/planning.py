"""What a role makes of a request: what stands there already, and the signatures to be made."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from gsign.errors import UsageError
from gsign.result import SignerInfo
from gsign.roles.parts import Part, Scene, parts_of
from gsign.roles.standing import Standing, standing
from gsign.signing.request import SignRequest
from gsign.signing.revision import FieldPlan
from gsign.syntax.reader import Document
from gsign.syntax.source import Readable, Source

__all__ = ["Plan", "plan_parts"]


class Plan(NamedTuple):
    """The signatures of a role."""

    standing: Standing
    parts: tuple[Part, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know of them."""
        return (*self.standing.warnings, *(warning for part in self.parts for warning in part.warnings))

    @property
    def number(self) -> str | None:
        """Number and symbol that they put on the document."""
        return next((part.number for part in self.parts if part.number), None)

    @property
    def follows(self) -> str | None:
        """Who signed before, as the competent person."""
        return self.standing.follows.signer.name if self.standing.follows is not None else None


def plan_parts(
    readable: Readable,
    source: Source,
    document: Document,
    field: FieldPlan,
    signer: SignerInfo,
    request: SignRequest,
    now: datetime,
) -> Plan:
    """Look at what the role demands of what stands there, and say what it will show where.

    Args:
        readable: the document, to be opened once more by what looks at its text.
        source: the same, opened.
        document: the same, read.
        field: which one is to be signed.
        signer: whom the certificate names.
        request: what is asked for.
        now: the present.

    Raises:
        GsignError: what is asked for is out of order, or a place is not certain.
    """
    before = standing(document, source, signer, request)
    if request.spots and field.existing is not None:
        # It has a place of its own, which cannot be chosen any more.
        raise UsageError("field-has-place", field=field.name)
    return Plan(before, parts_of(Scene(readable, document, signer, request, before, now, field.is_visible)))
