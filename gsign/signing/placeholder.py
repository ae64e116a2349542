"""The signature dictionary with room for what is known only later (ISO 32000-2 clause 12.8.1, Table 255)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from gsign.errors import InputError
from gsign.result import VIETNAM
from gsign.syntax.objects import Name, Raw, Ref

__all__ = ["Placeholder", "signature_dictionary"]

_BYTE_RANGE: Final = b"[0 0000000000 0000000000 0000000000]"
_MAX_OFFSET: Final = 10**10 - 1


def signature_dictionary(entries: dict[str, Any], reserved: int) -> dict[str, Any]:
    """Make a signature dictionary with `reserved` bytes of room for /Contents.

    /ByteRange and /Contents stand first, as direct objects: whoever checks them on raw bytes need not look far.
    """
    room = Raw(b"<" + b"0" * (2 * reserved) + b">")
    return {"ByteRange": Raw(_BYTE_RANGE), "Contents": room} | entries


@lru_cache(maxsize=4)  # of a batch, many have the same second
def pdf_date(moment: datetime) -> bytes:
    """Write a date as Vietnam's clocks show it (clause 7.9.4)."""
    return moment.astimezone(VIETNAM).strftime("D:%Y%m%d%H%M%S+07'00'").encode("ascii")


class Placeholder(NamedTuple):
    """Where one signature's /ByteRange and /Contents stand in a revision that has been written."""

    revision: bytearray
    base: int
    """Offset of the revision in the file."""
    range_at: int
    gap: tuple[int, int]
    """From `<` to behind `>`, as offsets in the revision."""

    @classmethod
    def locate(cls, revision: bytearray, base: int, object_at: int) -> Placeholder:
        """Find the placeholder of the signature dictionary whose object begins at `object_at`, and write its range."""
        range_at = revision.index(_BYTE_RANGE, object_at)
        begin = revision.index(b"<", range_at)
        placeholder = cls(revision, base, range_at, (begin, revision.index(b">", begin) + 1))
        placeholder._write_range()
        return placeholder

    @property
    def byte_range(self) -> tuple[int, int, int, int]:
        """The four numbers."""
        resume = self.base + self.gap[1]
        return 0, self.base + self.gap[0], resume, self.base + len(self.revision) - resume

    @property
    def reserved(self) -> int:
        """Room for /Contents, in bytes."""
        return (self.gap[1] - self.gap[0] - 2) // 2

    def _write_range(self) -> None:
        if max(self.byte_range) > _MAX_OFFSET:
            raise InputError("input-too-large")
        text = b"[%d %d %d %d]" % self.byte_range
        self.revision[self.range_at : self.range_at + len(_BYTE_RANGE)] = text.ljust(len(_BYTE_RANGE))

    def covered(self) -> tuple[memoryview, memoryview]:
        """Return the revision's bytes before and behind the gap."""
        view = memoryview(self.revision)
        return view[: self.gap[0]], view[self.gap[1] :]

    def fill(self, contents: bytes) -> None:
        """Put the signature into its room, padded with zeros."""
        digits = contents.hex().encode("ascii")
        self.revision[self.gap[0] + 1 : self.gap[0] + 1 + len(digits)] = digits


def base_entries(subfilter: str, moment: datetime | None, *, kind: str = "Sig") -> dict[str, Any]:
    """Return the entries that every signature dictionary of ours has."""
    entries: dict[str, Any] = {"Type": Name(kind), "Filter": Name("Adobe.PPKLite"), "SubFilter": Name(subfilter)}
    if moment is not None:
        entries["M"] = pdf_date(moment)
    return entries


def references(certify: int | None, lock: dict[str, Any] | None, root: Ref) -> list[Any]:
    """Return the /Reference array that certifies the document, or locks fields once this one is signed."""
    found: list[Any] = []
    if certify is not None:
        found.append(_reference("DocMDP", {"P": certify}))
    if lock is not None:
        kept: dict[str, Any] = {key: lock[key] for key in ("Action", "Fields") if key in lock}
        found.append(_reference("FieldMDP", kept) | {"Data": root})
    return found


def _reference(method: str, parameters: dict[str, Any]) -> dict[str, Any]:
    transform = {"Type": Name("TransformParams"), "V": Name("1.2")} | parameters
    return {"Type": Name("SigRef"), "TransformMethod": Name(method), "TransformParams": transform}
