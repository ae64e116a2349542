"""Sign and verify PDF documents with keys on PKCS#11 tokens.

Names are imported when they are first used, so that `import gsign` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gsign import errors, pdf, pkcs11, pkcs12, smime
    from gsign.errors import GsignError, VerificationError
    from gsign.result import Indication, Level, MailResult, Role, SignatureResult, VerificationResult
    from gsign.signer import Decrypter, Signer
    from gsign.trust.store import TrustStore

__all__ = [
    "Decrypter",
    "GsignError",
    "Indication",
    "Level",
    "MailResult",
    "Role",
    "SignatureResult",
    "Signer",
    "TrustStore",
    "VerificationError",
    "VerificationResult",
    "errors",
    "pdf",
    "pkcs11",
    "pkcs12",
    "smime",
]

__version__ = "0.1.0"

_MODULES = ("errors", "pdf", "pkcs11", "pkcs12", "smime")
_HOMES = {
    "Decrypter": "gsign.signer",
    "GsignError": "gsign.errors",
    "Indication": "gsign.result",
    "Level": "gsign.result",
    "MailResult": "gsign.result",
    "Role": "gsign.result",
    "SignatureResult": "gsign.result",
    "Signer": "gsign.signer",
    "TrustStore": "gsign.trust.store",
    "VerificationError": "gsign.errors",
    "VerificationResult": "gsign.result",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"gsign.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
