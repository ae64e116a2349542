"""Revocation lists kept by their date, so that an old signature can be judged at its time without the network.

Circular 15/2025/TT-BKHCN asks for the list that was newest at the signing time; authorities publish only today's. What
lies in the folder is not believed for lying there: a list is verified again whenever it is used.
"""

from __future__ import annotations

import base64
import hashlib
import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from gsign import der
from gsign.cms.names import Name, parse_name
from gsign.trust import crl
from gsign.trust.chain import Link
from gsign.trust.evidence import Evidence
from gsign.trust.places import archive_folder
from gsign.trust.writing import settled_version, write_whole

__all__ = ["CrlArchive", "Publisher", "evidence_near"]

_STAMP: Final = "%Y%m%dT%H%M%SZ"
_MAX_FILE: Final = 32 << 20
_NOTE: Final = "authority.json"
# An authority may publish several lists under one key, each for some of its certificates.
_TRIED: Final = 8


class Publisher(NamedTuple):
    """An authority that signs lists: its name, its key, and the newest file kept of each address."""

    name: Name
    spki: bytes
    latest: Mapping[str, str] = MappingProxyType({})

    @classmethod
    def of(cls, link: Link) -> Publisher:
        """Return the one that answers for a certificate."""
        return cls(link.certificate.issuer, link.issuer_spki)


class CrlArchive:
    """A folder of lists: one subfolder for each authority, one file for each thisUpdate.

    Args:
        folder: made when the first list is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of_user(cls) -> CrlArchive | None:
        """Return the archive of the user who runs the program; None for a user without a home."""
        folder = archive_folder()
        return cls(folder) if folder is not None else None

    def keep(self, raw: bytes, publisher: Publisher, url: str, this_update: datetime) -> bool:
        """Keep a verified list, and note where it came from; a list that is there already is left alone.

        A folder that cannot be written costs the archive, never the verification.

        Returns:
            Whether it was not there before and is now.
        """
        name = f"{_stamp(this_update)}-{hashlib.sha256(raw).hexdigest()[:16]}.crl"
        folder = self._folder_of(publisher.spki)
        try:
            is_new = not (folder / name).exists()
            if is_new:
                write_whole(folder / name, raw)
            self._note(folder, publisher, url, name)
        except OSError:
            return False
        return is_new

    def publishers(self) -> Iterator[Publisher]:
        """List the authorities whose lists were kept."""
        try:
            notes = sorted(self.folder.glob(f"*/{_NOTE}"))
        except OSError:
            return
        for note in notes:
            found = _read_note(note)
            # A key in another's folder was put there by somebody else.
            if found is not None and self._folder_of(found.spki) == note.parent:
                yield found

    def latest(self, publisher: Publisher, url: str) -> bytes | None:
        """Return the newest list that came from an address."""
        folder = self._folder_of(publisher.spki)
        note = _read_note(folder / _NOTE)
        name = Path(note.latest.get(url, "")).name if note is not None else ""
        return _read(folder / name) if name else None

    def near(self, link: Link, moment: datetime) -> tuple[list[Path], list[Path]]:
        """List what can tell about a time: lists made after it, the first one first; before it, the newest first."""
        folder = self._folder_of(link.issuer_spki)
        try:
            # A list of every day of ten years is not sorted anew for every signature.
            version = settled_version(folder)
            names = _names(folder, version) if version is not None else _names.__wrapped__(folder, None)
        except OSError:
            return [], []
        split = bisect_left(names, _stamp(moment))
        after, before = names[split : split + _TRIED], names[max(0, split - _TRIED) : split]
        return [folder / name for name in after], [folder / name for name in reversed(before)]

    def _note(self, folder: Path, publisher: Publisher, url: str, name: str) -> None:
        import json

        found = _read_note(folder / _NOTE)
        latest = dict(found.latest) if found is not None else {}
        if latest.get(url) != name and _stamp_of(latest.get(url, "")) <= _stamp_of(name):
            latest[url] = name
            names = {"issuer": publisher.name.raw, "key": publisher.spki}
            note = {key: base64.b64encode(value).decode() for key, value in names.items()} | {"latest": latest}
            write_whole(folder / _NOTE, json.dumps(note, indent=1).encode())

    def _folder_of(self, spki: bytes) -> Path:
        # By the key: authorities of one name and different keys have lists of their own.
        return self.folder / hashlib.sha256(spki).hexdigest()[:32]


def evidence_near(archive: CrlArchive, link: Link, moment: datetime) -> Iterator[Evidence]:
    """Read what the archive has about a certificate at a time: the first list made after it and the newest before it.

    What does not verify, or is about other certificates, is passed over; all lists of one second are read.
    """
    for files in archive.near(link, moment):
        found = ""
        for file in files:
            if found and _stamp_of(file.name) != found:
                break
            evidence = _evidence_in(file, link)
            if evidence is not None:
                found = _stamp_of(file.name)
                yield evidence


def _evidence_in(file: Path, link: Link) -> Evidence | None:
    raw = _read(file)
    try:
        return crl.read_evidence(raw, link) if raw is not None else None
    except crl.CrlError:
        return None


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_STAMP)


def _stamp_of(name: str) -> str:
    return name.partition("-")[0]


def _read_note(file: Path) -> Publisher | None:
    import json

    try:
        note = json.loads(file.read_bytes())
        latest = {str(url): str(name) for url, name in note["latest"].items()}
        return Publisher(parse_name(base64.b64decode(note["issuer"])), base64.b64decode(note["key"]), latest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, der.DerError):
        return None


def _read(file: Path) -> bytes | None:
    try:
        # A file of one name never changes, but for a hand that does not belong there.
        facts = file.stat()
        return _content(file, facts.st_mtime_ns, facts.st_size) if facts.st_size <= _MAX_FILE else None
    except OSError:
        return None


@lru_cache(maxsize=64)
def _names(folder: Path, _version: int | None) -> list[str]:
    return sorted(name for name in os.listdir(folder) if name.endswith(".crl"))  # noqa: PTH208 - names are wanted


@lru_cache(maxsize=4)
def _content(file: Path, _modified: int, _size: int) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_MAX_FILE)
