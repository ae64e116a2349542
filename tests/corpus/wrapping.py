"""Signature wrapping: the signed bytes are all there, but moved apart so that others are read."""

from __future__ import annotations

from tests.corpus.kit import Kit, byte_range, with_byte_range
from tests.corpus.model import forgery


def _wrapped(data: bytes, inserted: bytes) -> bytes:
    """Move the second signed part behind `inserted`; the digest stays right."""
    _, start, end, rest = byte_range(data)
    moved = data[:end] + inserted + data[end:]
    return with_byte_range(moved, b"[0 %d %d %d]" % (start, end + len(inserted), rest))


@forgery("wrapped", "the second part is moved behind something of the attacker's")
def wrapped(kit: Kit) -> bytes:
    return _wrapped(kit.signed(), b" " * 64)


@forgery("wrapped-objects", "objects of the attacker's stand in the widened gap")
def wrapped_objects(kit: Kit) -> bytes:
    evil = b">>\nendobj\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\nxref\n0 0\ntrailer\n<<>>\n"
    return _wrapped(kit.signed(), evil)


@forgery("wrapped-own-xref", "the attacker's cross-reference stands in the gap and is the one that is read")
def wrapped_own_xref(kit: Kit) -> bytes:
    data = kit.signed()
    at = len(data)
    tail = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 9/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return _wrapped(data, tail % at) + tail % at


@forgery("wrapped-comment", "the gap is widened by a comment")
def wrapped_comment(kit: Kit) -> bytes:
    return _wrapped(kit.signed(), b"%" + b"x" * 40 + b"\n")


@forgery(
    "second-part-twice",
    "the second part is appended once more and the first left in place, to be changed at will",
    "byte-range-gap",
)
def second_part_twice(kit: Kit) -> bytes:
    data = kit.signed()
    _, start, end, rest = byte_range(data)
    evil = with_byte_range(data, b"[0 %d %d %d]" % (start, len(data), rest))
    return evil + data[end:]


@forgery("name-taken", "a later field has the name of an earlier one: to some readers both are one", "form-field-added")
def name_taken(kit: Kit) -> bytes:
    return kit.custom(kit.signed(), lambda digest: kit.contents(digest, kit.person), name="Signature1")
