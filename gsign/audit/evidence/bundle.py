"""The file that evidence is kept in: a ZIP archive of which every octet is told for, by its manifest and its form.

Parts are stored as they are, in the order of their names, with no times and nothing between them, so that a bundle can
be written again from its parts: whatever is different then was changed. The manifest has the SHA-256 of each part; the
archive's comment has that of the manifest.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from gsign.errors import InputError
from gsign.reading import read_at_most

__all__ = [
    "LARGEST",
    "MANIFEST",
    "SIGNATURE",
    "Change",
    "Parts",
    "bundle_of",
    "manifest_in",
    "read_bundle",
    "read_octets",
]

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.p7s"
"""CMS signature over the manifest, and so over all that it lists; the one part that it cannot list."""
_COMMENT: Final = "SHA-256 of manifest.json: "
LARGEST: Final = 1 << 30
"""Octets of a bundle."""
_MOST: Final = 20_000
"""Parts of a bundle that is read."""
_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_LONGEST_NAME: Final = 200
_VERSION: Final = 20
_UTF8: Final = 0x800
_NO_DATE: Final = 0x21
"""The first day there is in such an archive."""

Parts = Mapping[str, bytes]


class Change(NamedTuple):
    """Something in a bundle that is not as it was made."""

    code: str
    """Looked up in `gsign.sentences.recording`."""
    part: str
    """The name of a part; empty for the archive itself."""
    detail: str = ""


def bundle_of(facts: Mapping[str, Any], parts: Parts, sign: Callable[[bytes], bytes] | None = None) -> bytes:
    """Make a bundle.

    Args:
        facts: for the manifest, beside the list of parts.
        parts: by name.
        sign: signs the manifest.
    """
    listed = {name: {"sha256": _digest(part), "size": len(part)} for name, part in sorted(parts.items())}
    manifest = json.dumps({**facts, "parts": listed}, ensure_ascii=False, indent=1).encode() + b"\n"
    signature = {SIGNATURE: sign(manifest)} if sign is not None else {}
    return _archive({**parts, MANIFEST: manifest, **signature})


def manifest_in(octets: bytes) -> bytes:
    """Return the manifest of a bundle in which nothing was changed, as it was signed."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        return archive.read(MANIFEST)


def read_octets(path: Path) -> bytes:
    """Read a file that is to be a bundle.

    Raises:
        InputError: `input-unreadable`.
    """
    try:
        return read_at_most(path, LARGEST)
    except OSError as error:
        raise InputError("input-unreadable", file=str(path), cause=error.strerror) from error


def read_bundle(octets: bytes, name: str) -> tuple[dict[str, Any], Parts, list[Change]]:
    """Read a bundle, and tell what was changed in it.

    Args:
        octets: of the file.
        name: what it is called in an error.

    Returns:
        The manifest, empty where it cannot be read; the parts that can; and each change.

    Raises:
        InputError: `evidence-not-one` for what is no archive at all.
    """
    changes: list[Change] = []
    found, comment = _found(name, octets, changes)
    manifest = _manifest(found, comment, changes)
    listed = manifest.get("parts")
    named = {change.part for change in changes}
    differences = _differences(listed if isinstance(listed, dict) else {}, found)
    changes += [change for change in differences if change.part not in named]
    if not changes:
        made = _archive(found)
        if made != octets:
            at = next((i for i, (a, b) in enumerate(zip(made, octets, strict=False)) if a != b), len(made))
            changes.append(Change("evidence-archive-changed", "", str(at)))
    return manifest, {name: part for name, part in found.items() if name != MANIFEST}, changes


def _archive(parts: Parts) -> bytes:
    """Write a ZIP archive (APPNOTE 6.3) in which nothing is left to chance: no time, no packing."""
    names = sorted(parts, key=lambda name: (name != MANIFEST, name))
    body, directory = bytearray(), bytearray()
    for name in names:
        part, text = parts[name], name.encode()
        common = struct.pack(
            "<HHHHHIIIHH", _VERSION, _UTF8, 0, 0, _NO_DATE, zlib.crc32(part), len(part), len(part), len(text), 0
        )
        directory += b"PK\1\2" + struct.pack("<H", _VERSION) + common
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + text
        body += b"PK\3\4" + common + text + part
    comment = (_COMMENT + _digest(parts.get(MANIFEST, b""))).encode()
    ending = struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(directory), len(body), len(comment))
    return bytes(body) + bytes(directory) + b"PK\5\6" + ending + comment


def _found(name: str, octets: bytes, changes: list[Change]) -> tuple[dict[str, bytes], bytes]:
    """Return the parts that can be read, and the archive's comment."""
    found: dict[str, bytes] = {}
    try:
        archive = zipfile.ZipFile(io.BytesIO(octets))
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
        raise InputError("evidence-not-one", file=name) from error
    with archive:
        left = len(octets)
        for info in archive.infolist()[:_MOST]:
            left -= info.file_size
            # Nothing of ours is packed, or shares its octets: what does may be made to fill the memory.
            if info.compress_type != zipfile.ZIP_STORED or left < 0:
                changes.append(Change("evidence-part-changed", info.filename))
                continue
            try:
                found[info.filename] = archive.read(info)
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, OSError):
                changes.append(Change("evidence-part-changed", info.filename))
        return found, archive.comment


def _manifest(found: Parts, comment: bytes, changes: list[Change]) -> dict[str, Any]:
    manifest = found.get(MANIFEST)
    if manifest is None:
        changes.append(Change("evidence-part-missing", MANIFEST))
        return {}
    if comment != (_COMMENT + _digest(manifest)).encode():
        changes.append(Change("evidence-part-changed", MANIFEST))
    try:
        read = json.loads(manifest)
    except (ValueError, RecursionError):
        read = None
    return read if isinstance(read, dict) else {}


def _differences(listed: Mapping[str, Any], found: Parts) -> Iterator[Change]:
    for name, facts in listed.items():
        part = found.get(name)
        if part is None:
            yield Change("evidence-part-missing", name)
        elif facts != {"sha256": _digest(part), "size": len(part)}:
            yield Change("evidence-part-changed", name)
    for name in found:
        # A name of ours leads nowhere else, wherever parts are laid out.
        if (name not in listed and name not in (MANIFEST, SIGNATURE)) or not _is_plain(name):
            yield Change("evidence-part-added", name)


def _is_plain(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and ".." not in name and len(name) <= _LONGEST_NAME


def _digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()
