"""Certificates of authorities that were fetched or given once, so that later paths find them offline.

Nothing is believed for lying here: a certificate is worth what the signature of its issuer is worth, and the path must
still end at an anchor.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.places import certificates_folder
from gsign.trust.writing import write_whole

__all__ = ["KeptCertificates"]

_MAX_FILES: Final = 1024
_MAX_FILE: Final = 64 << 10


class KeptCertificates:
    """A folder of certificates, one DER file each, named by SHA-256.

    Args:
        folder: made when the first one is kept; None, for a user without a home, keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    @classmethod
    def of_user(cls) -> KeptCertificates:
        """Return those of the user who runs the program."""
        return cls(certificates_folder())

    def all(self) -> tuple[Certificate, ...]:
        """List them; what cannot be read is passed over."""
        try:
            files = sorted(self.folder.glob("*.crt")) if self.folder else []
        except OSError:
            return ()
        return tuple(c for c in map(_read, files[:_MAX_FILES]) if c is not None)

    def has(self, sha256: str) -> bool:
        """Tell whether a certificate is at hand."""
        return self.folder is not None and (self.folder / f"{sha256}.crt").is_file()

    def keep(self, certificate: bytes) -> bool:
        """Keep a certificate; a folder that cannot be written, or is full, costs a later fetch and nothing else.

        Returns:
            Whether it is there now.
        """
        facts = Certificate.of(certificate)
        if self.folder is None or len(facts.raw) > _MAX_FILE:
            return False
        if self.has(facts.sha256):
            return True
        try:
            if self.folder.is_dir() and sum(1 for _ in self.folder.iterdir()) >= _MAX_FILES:
                return False
            write_whole(self.folder / f"{facts.sha256}.crt", facts.raw)
        except OSError:
            return False
        return True


def _read(file: Path) -> Certificate | None:
    try:
        with file.open("rb") as opened:
            return Certificate.of(opened.read(_MAX_FILE + 1))
    except (OSError, CertificateError):
        return None
