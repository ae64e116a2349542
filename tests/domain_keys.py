"""Keys of domains, made at run time, and what their domains publish."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

__all__ = ["domain_key", "pem", "record", "written"]

Private = RSAPrivateKey | Ed25519PrivateKey


def domain_key(kind: str = "rsa", bits: int = 2048, name: str = "") -> Private:
    """Return a key, always the same of a name."""
    return _made(kind, bits, name)


@cache
def _made(kind: str, bits: int, name: str) -> Private:
    return Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65537, bits)


def record(key: Private) -> str:
    """Return the TXT record of a key."""
    public = key.public_key()
    if isinstance(key, Ed25519PrivateKey):
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def pem(key: Private) -> bytes:
    """Return a key as its file has it."""
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def written(path: Path, key: Private, mode: int = 0o600) -> Path:
    """Write a key's file."""
    path.write_bytes(pem(key))
    path.chmod(mode)
    return path
