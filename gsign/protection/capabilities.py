"""What a recipient's mail program can decrypt, as far as it ever said so (RFC 8551 2.5.2, RFC 4262)."""

from __future__ import annotations

from typing import Final

from gsign import der
from gsign.cms.content import AES_256_CBC, AES_256_GCM, CIPHERS_READ, ContentCipher
from gsign.cms.transport import RSAES_OAEP

__all__ = ["CAPABILITIES", "choose_cipher", "of_certificate", "read_capabilities", "takes_oaep"]

CAPABILITIES: Final = "1.2.840.113549.1.9.15"
"""SMIMECapabilities, as a signed attribute and as an extension of a certificate."""

_GCM: Final = frozenset(cipher.oid for cipher in CIPHERS_READ.values() if cipher.is_authenticated)


def read_capabilities(value: der.Node) -> frozenset[str]:
    """Read SMIMECapabilities: the identifiers of algorithms.

    Raises:
        ValueError, IndexError: malformed.
    """
    return frozenset(capability.children()[0].oid() for capability in value.expect(der.SEQUENCE).children())


def of_certificate(certificate: bytes) -> frozenset[str] | None:
    """Return what a certificate says of its holder's mail program; None where it says nothing."""
    try:
        fields = der.parse(certificate).children()[0].children()
        extensions = next((f.children()[0].children() for f in fields if f.tag == 0xA3), [])
        for extension in extensions:
            parts = extension.children()
            if parts[0].oid() == CAPABILITIES:
                return read_capabilities(der.parse(parts[-1].octets()))
    except (ValueError, IndexError):
        pass
    return None


def choose_cipher(known: list[frozenset[str] | None]) -> ContentCipher:
    """Choose the cipher that every recipient can decrypt.

    AES-256 in GCM, which nobody can change unseen, unless one of them told that it does not know GCM; of whom nothing
    is known, RFC 8551 2.7.1.2 presumes that it does.

    Args:
        known: what each recipient's program said of itself, None where it said nothing.
    """
    told = [capabilities for capabilities in known if capabilities is not None]
    return AES_256_GCM if all(capabilities & _GCM for capabilities in told) else AES_256_CBC


def takes_oaep(capabilities: frozenset[str] | None) -> bool:
    """Say whether a recipient's RSA key gets its content key by OAEP.

    It does unless the program told what it can and that is neither OAEP nor GCM: programs from before S/MIME 4.0 need
    to know PKCS#1 v1.5 only (RFC 5751 2.3), and many of them do.

    Args:
        capabilities: what the program said of itself, None where it said nothing.
    """
    return capabilities is None or bool(capabilities & (_GCM | {RSAES_OAEP}))
