"""What is asked for when a message is encrypted, and what is told after encrypting and decrypting one."""

from __future__ import annotations

import enum
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict, Unpack

from gsign.cms.content import AES_256_CBC, AES_256_GCM, ContentCipher
from gsign.errors import InputError, UsageError, VerificationError
from gsign.protection.capabilities import choose_cipher
from gsign.protection.recipients import Recipient
from gsign.protection.sources import Candidate, FileSource, Source
from gsign.result import MailResult, SignerInfo, plain
from gsign.trust.certificate import CertificateError
from gsign.trust.clients import PathName, Trusted, revocation_client, trust_store

if TYPE_CHECKING:
    from gsign.trust.revocation import RevocationClient
    from gsign.trust.store import TrustStore

__all__ = [
    "SENDER_DIFFERS",
    "DecryptedMail",
    "EncryptMailOptions",
    "EncryptMailRequest",
    "EncryptionRecord",
    "Integrity",
    "source_of",
]

SENDER_DIFFERS: Final = "sender-inside-differs"
"""The warning that a message without a signature that holds says inside to be from somebody else than outside."""

_AUTO: Final = "auto"
_CIPHERS: Final = {cipher.name: cipher for cipher in (AES_256_GCM, AES_256_CBC)}
_DIRECTORIES: Final = ("ldap:", "ldaps:")


class EncryptMailOptions(TypedDict, total=False):
    """How a message is to be encrypted; each has the default that `gsign mail encrypt` has."""

    sources: Iterable[PathName | Source]
    """Where the certificates of addresses are looked for: files, folders (certificates and earlier signed `.eml`),
    directories (`ldap://host/base`), or whatever else finds some."""
    cipher: str
    """`auto` (default): AES-256-GCM unless a recipient's program told that it cannot; `aes-256-gcm`, `aes-256-cbc`."""
    trust: Trusted
    """Anchors that the recipients' certificates must lead to, beside the pinned ones."""
    revocation: RevocationClient | str
    """`prefer` (default), `require` or `off`: whether the status of the recipients' certificates is asked for."""
    offline: bool
    """Ask nobody for a certificate's status; directories that are named are asked."""


class EncryptMailRequest(NamedTuple):
    """Options made definite.

    Args:
        addresses: whom somebody named by address; None for those of the message's To and Cc.
        named: certificates that somebody named themselves.
        sources: where the certificates of addresses are looked for.
        cipher: None for what all recipients can decrypt.
    """

    addresses: tuple[str, ...] | None
    named: tuple[Candidate, ...]
    sources: tuple[Source, ...]
    cipher: ContentCipher | None
    trust: TrustStore | None
    revocation: RevocationClient

    @classmethod
    def of(
        cls, recipients: Iterable[PathName | bytes] | None = None, **options: Unpack[EncryptMailOptions]
    ) -> EncryptMailRequest:
        """Make a request of what a caller gave.

        Args:
            recipients: addresses, certificates (octets, PEM or DER), files, or folders with certificates; None for the
                addresses in the message.
            **options: see `EncryptMailOptions`.

        Raises:
            UsageError: `mail-cipher-not-offered`, `ldap-url-invalid`, `revocation-unknown`.
            InputError: `recipients-unreadable`.
            TypeError: there is no such option.
        """
        unknown = options.keys() - EncryptMailOptions.__annotations__.keys()
        if unknown:
            raise TypeError(f"unexpected option: {', '.join(sorted(unknown))}")
        given = None if recipients is None else list(recipients)
        addresses = [str(one) for one in given or [] if isinstance(one, (str, os.PathLike)) and _is_address(one)]
        named = [c for one in given or [] if isinstance(one, bytes) or not _is_address(one) for c in _named(one)]
        name = options.get("cipher", _AUTO)
        if name != _AUTO and name not in _CIPHERS:
            raise UsageError("mail-cipher-not-offered", value=name, known=", ".join((_AUTO, *_CIPHERS)))
        return cls(
            addresses=None if given is None else tuple(addresses),
            named=tuple(named),
            sources=tuple(source_of(one) for one in options.get("sources", ())),
            cipher=_CIPHERS.get(name),
            trust=trust_store(options.get("trust")),
            revocation=revocation_client(options.get("revocation", "prefer"), offline=options.get("offline", False)),
        )

    def cipher_for(self, recipients: Iterable[Recipient]) -> ContentCipher:
        """Return the cipher asked for, else the one that all recipients can decrypt."""
        return self.cipher or choose_cipher([one.capabilities for one in recipients])


def _is_address(given: PathName) -> bool:
    """Whether an address is meant rather than a file, which may have an @ in its name."""
    return "@" in os.fspath(given) and not Path(given).exists()


def _named(given: PathName | bytes) -> list[Candidate]:
    if not isinstance(given, bytes):
        source = FileSource(Path(given))
        found, others = source.all, source.authorities()
        if not found:
            raise InputError("recipients-unreadable", path=os.fspath(given), cause="no-certificate")
        return [one._replace(others=(*one.others, *others)) for one in found]
    from gsign.trust.files import certificates_in

    try:
        first, *beside = certificates_in(given)
    except CertificateError:
        raise InputError("recipients-unreadable", path="-", cause="no-certificate") from None
    return [Candidate(first, "-", tuple(beside))]


def source_of(given: PathName | Source) -> Source:
    """Make a source of what users name one with: a file, a folder, or an LDAP URL.

    Raises:
        UsageError: `ldap-url-invalid`.
    """
    if not isinstance(given, (str, os.PathLike)):
        return given
    if str(given).lower().startswith(_DIRECTORIES):
        from gsign.protection.directory import DirectorySource

        return DirectorySource(str(given))
    return FileSource(Path(given))


class EncryptionRecord(NamedTuple):
    """What was done to one message."""

    file: str | None
    output: str | None
    cipher: str
    recipients: tuple[Recipient, ...]
    is_signed: bool
    uncovered: tuple[str, ...] = ()
    """Addresses in the message that cannot read it."""
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints."""
        return {
            **{name: plain(value) for name, value in self._asdict().items() if name not in ("is_signed", "recipients")},
            "signed": self.is_signed,
            "recipients": [one.to_dict() for one in self.recipients],
        }


class Integrity(enum.StrEnum):
    """What keeps a decrypted content from having been changed by whoever passed it on."""

    AUTHENTICATED = "authenticated"
    """An authenticated cipher: it is what somebody encrypted who had the recipient's certificate."""
    SIGNED = "signed"
    """A signature inside that holds."""
    NONE = "none"
    """Nothing: parts of it may be somebody else's, put there to be shown or to make a program send it away (EFAIL)."""


class DecryptedMail(NamedTuple):
    """A decrypted message, and what is known of it.

    Args:
        file: where it came from.
        output: where it was written to.
        message: what was encrypted as a message: what stood outside and not inside stands before it.
        entity_size: how many octets at its end were encrypted.
        cipher: of the content.
        integrity: what keeps it from having been changed.
        key: whom the certificate names whose key opened it.
        signature: of the signature inside, None where it has none.
        warnings: stable identifiers.
    """

    file: str | None
    output: str | None
    message: bytes
    entity_size: int
    cipher: str
    integrity: Integrity
    key: SignerInfo
    signature: MailResult | None
    warnings: tuple[str, ...] = ()

    @property
    def entity(self) -> bytes:
        """Octet for octet what was encrypted."""
        return self.message[len(self.message) - self.entity_size :]

    def require(self) -> DecryptedMail:
        """Return self where nobody can have changed the content on its way, nor said to be somebody else inside.

        Raises:
            VerificationError: `mail-unprotected`, `mail-sender-differs`; `not-passed` where a signature inside is not
                TOTAL_PASSED.
        """
        if self.signature is not None:
            self.signature.require()
        if self.integrity is Integrity.NONE:
            raise VerificationError("mail-unprotected", cipher=self.cipher)
        if SENDER_DIFFERS in self.warnings:
            raise VerificationError("mail-sender-differs")
        return self

    def __bool__(self) -> bool:
        raise TypeError("a decrypted message is neither true nor false: look at .integrity or call .require()")

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints: no content."""
        left_out = ("entity_size", "message", "signature")
        return {
            **{name: plain(value) for name, value in self._asdict().items() if name not in left_out},
            "signature": self.signature.to_dict() if self.signature is not None else None,
        }
