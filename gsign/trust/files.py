"""Certificates read from files and folders: PEM, DER, or PKCS#7 bundles."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import Final

from gsign import cms
from gsign.errors import ConfigurationError
from gsign.trust.certificate import Certificate, CertificateError

__all__ = ["certificates_in", "read_certificates"]

_SUFFIXES: Final = frozenset({".pem", ".crt", ".cer", ".der", ".p7b", ".p7c"})
_MAX_FILE: Final = 16 << 20
_PEM: Final = re.compile(rb"-----BEGIN (CERTIFICATE|TRUSTED CERTIFICATE|PKCS7|CMS)-----([^-]*)-----END \1-----")


def read_certificates(source: Path | str | bytes) -> list[bytes]:
    """Read all certificates of a file, of a folder's files, or of a file's content.

    Raises:
        ConfigurationError: `trust-unreadable`, `trust-not-a-certificate`, or `trust-empty` for a folder without any.
    """
    if isinstance(source, bytes):
        return _parse(source, "-")
    from gsign.reading import read_at_most

    path = Path(source)
    try:
        if not path.is_dir():
            return _parse(read_at_most(path, _MAX_FILE), str(path))
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file())
        found = [certificate for file in files for certificate in _parse(read_at_most(file, _MAX_FILE), str(file))]
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise ConfigurationError("trust-unreadable", path=str(error.filename or path), cause=cause) from error
    if not found:
        raise ConfigurationError("trust-empty", path=str(path))
    return found


def certificates_in(data: bytes) -> list[bytes]:
    """List the certificates in PEM, DER or PKCS#7.

    Raises:
        CertificateError: none, or one that cannot be read.
    """
    blocks = _PEM.findall(data)
    if not blocks:
        return _of_der(data)
    try:
        return [c for _, body in blocks for c in _of_der(base64.b64decode(b"".join(body.split()), validate=True))]
    except binascii.Error as error:
        raise CertificateError("malformed base64") from error


def _of_der(data: bytes) -> list[bytes]:
    try:
        return [Certificate.of(data).raw]
    except CertificateError:
        pass
    try:
        bundle = cms.read(data).certificates
    except cms.CmsError as error:
        raise CertificateError("no certificate") from error
    if not bundle:
        raise CertificateError("bundle without certificates")
    return [Certificate.of(certificate).raw for certificate in bundle]


def _parse(data: bytes, path: str) -> list[bytes]:
    try:
        return certificates_in(data)
    except CertificateError as error:
        raise ConfigurationError("trust-not-a-certificate", path=path) from error
