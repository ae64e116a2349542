"""Anchors of the user's own: certificates whose SHA-256 a person confirmed, one file each.

A file is named by the SHA-256 of its certificate and opens with where it came from and when (RFC 7468 2 allows such
text). A file that is not what its name says is an error, never a certificate less or more in silence.
"""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from gsign.errors import ConfigurationError
from gsign.result import plain
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.files import certificates_in
from gsign.trust.places import anchors_folder
from gsign.trust.writing import settled_version, write_whole

__all__ = ["OwnAnchor", "OwnAnchors"]


class OwnAnchor(NamedTuple):
    """A certificate that the user confirmed."""

    certificate: Certificate
    source: str
    """File or URL it came from; empty where the file does not say."""
    added: str
    """ISO 8601 time; empty where the file does not say."""


class OwnAnchors:
    """A folder of confirmed certificates.

    Args:
        folder: made when the first one is added; None, for a user without a home, holds none.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    @classmethod
    def of_user(cls) -> OwnAnchors:
        """Return those of the user who runs the program."""
        return cls(anchors_folder())

    def all(self) -> tuple[OwnAnchor, ...]:
        """List them by SHA-256.

        Raises:
            ConfigurationError: `trust-unreadable`, or `trust-own-damaged` for a file that is not what its name says.
        """
        if self.folder is None or not self.folder.is_dir():
            return ()
        return tuple(_read(file) for file in sorted(self.folder.glob("*.pem")))

    def version(self) -> int | None:
        """Return what changes whenever a file comes or goes, 0 without a folder; None while it may change unseen."""
        try:
            return settled_version(self.folder) if self.folder else 0
        except OSError:
            return 0

    def add(self, certificate: bytes, source: str, now: datetime) -> None:
        """Add a certificate that a person confirmed.

        Raises:
            ConfigurationError: `trust-unwritable`.
        """
        facts = Certificate.of(certificate)
        if self.folder is None:
            raise ConfigurationError("trust-unwritable", path="~", cause="HOME?")
        file = self._file(facts)
        try:
            write_whole(file, _text(facts, source, now).encode())
        except OSError as error:
            raise _unwritable(file, error) from error

    def remove(self, anchor: OwnAnchor) -> None:
        """Remove one.

        Raises:
            ConfigurationError: `trust-unwritable`.
        """
        file = self._file(anchor.certificate)
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(file, error) from error

    def _file(self, certificate: Certificate) -> Path:
        return (self.folder or Path()) / f"{certificate.sha256}.pem"


def _unwritable(file: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError("trust-unwritable", path=str(file), cause=error.strerror or type(error).__name__)


def _text(certificate: Certificate, source: str, now: datetime) -> str:
    import textwrap

    def line(value: object) -> str:
        # What comes from a certificate or an address could otherwise pretend to be the next line.
        return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value)).replace("-----", "")

    body = textwrap.fill(base64.b64encode(certificate.raw).decode(), 64)
    return (
        f"subject: {line(certificate.subject)}\nsource: {line(source)}\nadded: {plain(now)}\n"
        f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    )


def _read(file: Path) -> OwnAnchor:
    try:
        content = file.read_bytes()
        (raw,) = certificates_in(content)
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise ConfigurationError("trust-unreadable", path=str(file), cause=cause) from error
    except (CertificateError, ValueError) as error:
        raise ConfigurationError("trust-own-damaged", path=str(file)) from error
    certificate = Certificate.of(raw)
    if file.stem != certificate.sha256:
        raise ConfigurationError("trust-own-damaged", path=str(file))
    head = content.decode("utf-8", "replace").partition("-----")[0]
    notes = dict(line.partition(": ")[::2] for line in head.splitlines())
    return OwnAnchor(certificate, notes.get("source", ""), notes.get("added", ""))
