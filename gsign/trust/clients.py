"""Anchors, status and timestamps by what users name them with: files, modes, addresses."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from gsign.errors import UsageError
from gsign.trust.places import archive_folder

if TYPE_CHECKING:
    from gsign.trust.revocation import Mode, RevocationClient
    from gsign.trust.store import TrustStore
    from gsign.trust.timestamp import TimestampClient

__all__ = [
    "PathName",
    "Trusted",
    "judging_time",
    "revocation_client",
    "status_client",
    "timestamp_client",
    "trust_store",
]

PathName = str | os.PathLike[str]
Trusted: TypeAlias = "TrustStore | PathName | bytes | Iterable[PathName | bytes] | None"


def trust_store(trust: Trusted) -> TrustStore | None:
    """Make a store of anchors given as files, folders, PEM or DER, beside the pinned ones; None stays None."""
    from gsign.trust.store import TrustStore

    if trust is None or isinstance(trust, TrustStore):
        return trust
    sources = [trust] if isinstance(trust, (str, bytes, os.PathLike)) else list(trust)
    return TrustStore.load(*(s if isinstance(s, bytes) else Path(s) for s in sources))


def judging_time(at: datetime | None) -> datetime | None:
    """Return the time to judge at, in UTC.

    Raises:
        TypeError: it is no datetime. Later that would be taken for the fault of what is judged, and fail it.
    """
    if at is None:
        return None
    if not isinstance(at, datetime):
        raise TypeError(f"the time to judge at is a datetime, not {at!r}")
    return at.astimezone(UTC)


def revocation_client(
    revocation: RevocationClient | str,
    *,
    offline: bool,
    archive: PathName | None = None,
    allow_private_addresses: bool = False,
) -> RevocationClient:
    """Return a client for a mode; one is shared by all calls, so that a status is asked for once.

    Args:
        revocation: `prefer`, `require` or `off`; or a client, which is returned.
        offline: ask nobody.
        archive: folder in which revocation lists are kept by their date; None for the user's own.
        allow_private_addresses: whether a stranger's certificate may name an issuer inside this network.

    Raises:
        UsageError: `revocation-unknown`.
    """
    if not isinstance(revocation, str):
        return revocation
    if revocation not in ("prefer", "require", "off"):
        raise UsageError("revocation-unknown", revocation=revocation)
    folder = Path(archive) if archive is not None else archive_folder()
    return _shared_client(cast("Mode", revocation), offline, folder, allow_private_addresses)


def status_client(revocation: RevocationClient | str, *, offline: bool) -> RevocationClient:
    """Return a client as `revocation_client` does, which collects nothing: where it does not look, it needs no archive.

    Raises:
        UsageError: `revocation-unknown`.
    """
    if revocation == "off":
        return _shared_client("off", offline, None, False)
    return revocation_client(revocation, offline=offline)


@cache
def _shared_client(mode: Mode, offline: bool, folder: Path | None, allow_private_addresses: bool) -> RevocationClient:
    from gsign.trust.archive import CrlArchive
    from gsign.trust.kept import KeptCertificates
    from gsign.trust.revocation import RevocationClient

    return RevocationClient(
        mode,
        offline=offline,
        archive=CrlArchive(folder) if folder is not None else None,
        kept=KeptCertificates.of_user(),
        allow_private_addresses=allow_private_addresses,
    )


def timestamp_client(tsa: TimestampClient | str | Iterable[str] | None) -> TimestampClient | None:
    """Make a client of one URL or several."""
    if tsa is None:
        return None
    from gsign.trust.timestamp import TimestampClient

    if isinstance(tsa, TimestampClient):
        return tsa
    urls = (tsa,) if isinstance(tsa, str) else tuple(tsa)
    return TimestampClient(urls) if urls else None
