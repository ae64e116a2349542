"""Revocation lists kept by their date, so that an old signature can be judged at its time without the network.

Circular 15/2025/TT-BKHCN asks for the list that was newest at the signing time; authorities publish only today's. What
lies in the folder is not believed for lying there: a list is verified again whenever it is used.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gsign.trust import crl
from gsign.trust.chain import Link
from gsign.trust.evidence import Evidence

__all__ = ["CrlArchive", "evidence_near"]

_STAMP: Final = "%Y%m%dT%H%M%SZ"
_MAX_FILE: Final = 32 << 20


class CrlArchive:
    """A folder of lists: one subfolder for each authority, one file for each thisUpdate.

    Args:
        folder: made when the first list is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, raw: bytes, link: Link, this_update: datetime) -> None:
        """Keep a verified list of a certificate's issuer; a list that is there already is left alone.

        A folder that cannot be written costs the archive, never the verification.
        """
        stamp = this_update.astimezone(UTC).strftime(_STAMP)
        place = self._folder_of(link) / f"{stamp}-{hashlib.sha256(raw).hexdigest()[:16]}.crl"
        try:
            if not place.exists():
                _write(place, raw)
        except OSError:
            return

    def near(self, link: Link, moment: datetime) -> Iterator[bytes]:
        """List what can tell about a time: the first list made after it, then the newest made before it."""
        files = self._files(link)
        stamp = moment.astimezone(UTC).strftime(_STAMP)
        after = [file for file in files if file.name[: len(stamp)] >= stamp]
        before = [file for file in files if file.name[: len(stamp)] < stamp]
        for file in (*after[:1], *before[-1:]):
            raw = _read(file)
            if raw is not None:
                yield raw

    def _files(self, link: Link) -> list[Path]:
        try:
            return sorted(self._folder_of(link).glob("*.crl"))
        except OSError:
            return []

    def _folder_of(self, link: Link) -> Path:
        # By the key: authorities of one name and different keys have lists of their own.
        return self.folder / hashlib.sha256(link.issuer_spki).hexdigest()[:32]


def evidence_near(archive: CrlArchive, link: Link, moment: datetime) -> Iterator[Evidence]:
    """Read what the archive has about a certificate at a time; what does not verify is passed over."""
    for raw in archive.near(link, moment):
        try:
            yield crl.read_evidence(raw, link)
        except crl.CrlError:
            continue


def _read(file: Path) -> bytes | None:
    try:
        with file.open("rb") as opened:
            raw = opened.read(_MAX_FILE + 1)
    except OSError:
        return None
    return raw if len(raw) <= _MAX_FILE else None


def _write(place: Path, raw: bytes) -> None:
    """Write a file that appears only when it is complete."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        Path(name).replace(place)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
