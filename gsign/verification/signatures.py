"""The signatures of a document: found, covered, digested, checked. No trust yet: this much a signer needs as well."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from gsign.cms import CmsError
from gsign.der import DerError
from gsign.result import ROLE_ENTRY, Coverage, Kind, Role
from gsign.syntax.digests import DigestPass
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Name, Ref
from gsign.syntax.reader import Document, Field
from gsign.verification.coverage import Cover, ReasonError, cover, shared
from gsign.verification.envelope import Envelope, open_envelope

__all__ = ["FoundSignature", "find_signatures"]

_DIGITS: Final = 14
_ROLES: Final = frozenset(role.value for role in Role)


class FoundSignature:
    """A signature that a field leads to.

    Between `find_signatures` and `check` the digest pass must run.

    Args:
        field: its field.
        cover: what it covers.
    """

    __slots__ = ("cover", "envelope", "field", "is_intact", "reasons")

    def __init__(self, field: Field, cover: Cover) -> None:
        self.field = field
        self.cover = cover
        self.envelope: Envelope | None = None
        self.reasons: tuple[str, ...] = ()
        """Why it does not hold; empty until `check` for one that may."""
        self.is_intact = False

    @property
    def number(self) -> int:
        """Object number of the signature dictionary, 0 where /V is no reference."""
        return self.field.value.number if isinstance(self.field.value, Ref) else 0

    @property
    def kind(self) -> Kind:
        """What it is, as far as can be said."""
        if self.envelope is not None:
            return self.envelope.kind
        is_timestamp = (self.cover.dictionary or {}).get("Type") == "DocTimeStamp"
        return Kind.DOCUMENT_TIMESTAMP if is_timestamp else Kind.SIGNATURE

    @property
    def role(self) -> Role | None:
        """What the signer says that it stands for; nothing where those words are not among the signed bytes."""
        dictionary = self.cover.dictionary or {}
        if not self.is_intact or self.kind is not Kind.SIGNATURE or self.cover.place[1] > self.cover.end:
            return None
        named = dictionary.get(ROLE_ENTRY)
        return Role(named) if isinstance(named, Name) and named in _ROLES else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is short of the standard in a signature that holds."""
        is_short = self.is_intact and self.envelope is not None and self.envelope.is_short_of_pades
        return ("signing-certificate-missing",) if is_short else ()

    def prepare(self, digests: DigestPass) -> None:
        """Read the CMS and ask for the digest it speaks of."""
        if self.cover.coverage is Coverage.NONE:
            self.reasons = self.cover.reasons
            return
        try:
            self.envelope = open_envelope(self.cover, digests)
        except ReasonError as error:
            self.reasons = (error.reason,)

    def check(self, others: Iterable[bytes] = ()) -> tuple[str, ...]:
        """Say why the signature does not hold; nothing where the covered bytes are those that were signed."""
        if self.envelope is None or self.reasons:
            return self.reasons
        try:
            self.envelope.check(others)
            self.is_intact = True
        except (ReasonError, CmsError) as error:
            self.reasons = (error.reason,)
        except (DerError, ValueError, IndexError, TypeError):
            self.reasons = ("cms-malformed",)
        return self.reasons

    def claimed_time(self, document: Document) -> datetime | None:
        """Return when the signer claims to have signed: the CMS attribute, else /M."""
        if self.kind is Kind.DOCUMENT_TIMESTAMP:
            return None
        claimed = self.envelope.signing_time() if self.envelope is not None else None
        return claimed or self._stated_time(document)

    def _stated_time(self, document: Document) -> datetime | None:
        """Return what /M says: the dictionary as the document has it, since its strings may be encrypted."""
        try:
            # Strings that are encrypted are not what stands in the file.
            dictionary = document.get(self.field.value) if document.is_encrypted else self.cover.dictionary
            return read_date(document.get(dictionary.get("M"))) if isinstance(dictionary, dict) else None
        except PdfSyntaxError:
            return None


def find_signatures(document: Document, digests: DigestPass) -> list[FoundSignature]:
    """Find the signatures that fields hold, in the order in which they were made, and ask for their digests.

    Raises:
        PdfSyntaxError: the form cannot be read.
    """
    fields = [f for f in document.fields() if f.kind == "Sig" and f.value is not None]
    found = [FoundSignature(f, cover(document, f.value)) for f in fields]
    crossing = shared(f.cover for f in found)
    for signature in found:
        if signature.cover.byte_range in crossing:
            signature.cover = Cover(
                Coverage.NONE,
                ("signatures-share-bytes",),
                dictionary=signature.cover.dictionary,
                place=signature.cover.place,
            )
        signature.prepare(digests)
    return sorted(found, key=lambda s: s.cover.end if s.cover.byte_range else document.source.size)


def read_date(value: Any) -> datetime | None:
    """Read a PDF date (ISO 32000-2 clause 7.9.4); a date without a zone is taken as UTC."""
    if not isinstance(value, bytes):
        return None
    text = value.decode("latin-1").replace("'", "")
    digits, zone = text[2:16], text[16:]
    if not (text.startswith("D:") and len(digits) == _DIGITS and digits.isascii() and digits.isdigit()):
        return None
    if digits[8:10] > "23":  # which newer interpreters take for the next day
        return None
    try:
        return datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}{_offset(zone[:5])}")
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _offset(zone: str) -> str:
    """Spell how far a zone is from UTC as ISO 8601 does: some writers go beyond 59 minutes."""
    if zone[:1] not in ("+", "-"):
        return "+00:00"
    hours, minutes = divmod(int(zone[1:3] or 0) * 60 + int(zone[3:5] or 0), 60)
    return f"{zone[0]}{hours:02}:{minutes:02}"
