"""What a certificate's key may be used for (RFC 5280 4.2.1.3, 4.2.1.12)."""

from __future__ import annotations

import enum
from typing import Final

from gsign.trust.certificate import Certificate
from gsign.trust.signatures import key_facts

__all__ = ["OCSP_SIGNING", "TIME_STAMPING", "Usage", "issuer_problems", "usage_problems"]

_EMAIL_PROTECTION: Final = "1.3.6.1.5.5.7.3.4"
_ANY_USAGE: Final = "2.5.29.37.0"
TIME_STAMPING: Final = "1.3.6.1.5.5.7.3.8"
OCSP_SIGNING: Final = "1.3.6.1.5.5.7.3.9"
# A certificate with nothing but these is not meant for documents. A document-signing usage is not demanded:
# certificates of the Government CA carry clientAuth, emailProtection and smartcardLogon, or no extended usage at all.
_NEVER_DOCUMENTS: Final = frozenset({"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.3", TIME_STAMPING, OCSP_SIGNING})


class Usage(enum.StrEnum):
    """What a leaf is asked to do."""

    SIGNATURE = "signature"
    MAIL = "mail"
    ENCRYPTION = "encryption"
    """Mail is encrypted to it."""
    TIMESTAMP = "timestamp"


_OF_MAIL: Final = (Usage.MAIL, Usage.ENCRYPTION)


def usage_problems(certificate: Certificate, usage: Usage | None) -> list[str]:
    """List what forbids this use."""
    problems = []
    if usage is not None and not certificate.allows(*_key_usages(certificate, usage)):
        problems.append("not-an-encryption-key" if usage is Usage.ENCRYPTION else "wrong-key-usage")
    extended = certificate.extensions.extended_key_usage
    if usage is Usage.TIMESTAMP:
        # RFC 3161 2.3: this usage alone, and critical.
        if extended != frozenset((TIME_STAMPING,)) or not certificate.extensions.extended_key_usage_critical:
            problems.append("not-a-timestamp-certificate")
    elif usage in _OF_MAIL and extended is not None and not extended & {_EMAIL_PROTECTION, _ANY_USAGE}:
        # RFC 8550 4.4.4: where there is an extended usage, it is this one or any.
        problems.append("not-a-mail-certificate")
    elif usage is Usage.SIGNATURE and extended and extended <= _NEVER_DOCUMENTS:
        problems.append("wrong-extended-key-usage")
    return problems


def issuer_problems(issuer: Certificate, usage: Usage | None) -> list[str]:
    """List what keeps an authority from certifying keys for this use: it may be there for servers or programs alone.

    RFC 5280 leaves open what an extended usage means in an authority's certificate; authorities and browsers have it
    limit what stands below.
    """
    extended = issuer.extensions.extended_key_usage
    limited = usage is Usage.SIGNATURE and extended and extended <= _NEVER_DOCUMENTS
    return ["wrong-extended-key-usage"] if limited else []


def _key_usages(certificate: Certificate, usage: Usage) -> tuple[str, ...]:
    """List the key usages of which one is needed."""
    if usage is not Usage.ENCRYPTION:
        return ("digitalSignature", "nonRepudiation")
    # RFC 8550 4.4.2, RFC 5480 3: RSA encrypts content keys, elliptic curves agree on what encrypts them.
    return ("keyEncipherment",) if key_facts(certificate.spki).kind == "rsa" else ("keyAgreement",)
