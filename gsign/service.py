"""Open what the configuration names; every signature and verification of the program passes here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gsign.config import Configuration

if TYPE_CHECKING:
    from gsign.isolation.pool import Limits, Settings, VerifierPool
    from gsign.mail.facts import Inspection
    from gsign.pdf import Preview
    from gsign.protection.encrypting import DecryptedMail, EncryptionRecord
    from gsign.protection.request import MailRecord
    from gsign.protection.sources import Source
    from gsign.result import MailResult, VerificationResult
    from gsign.signer import Decrypter, Signer
    from gsign.signing.request import SigningRecord
    from gsign.trust.refresh import Refreshed
    from gsign.trust.revocation import RevocationClient
    from gsign.trust.store import TrustStore
    from gsign.trust.timestamp import TimestampClient

__all__ = ["Service"]

Pin = str | Callable[[], str | None] | None
Recipients = Iterable[str | Path] | None


class Service:
    """Keys, anchors and timestamp authorities of a configuration, with what this run adds to them.

    Args:
        configuration: gsign.toml.
        trust: anchors for this run, beside the pinned and the configured ones.
        tsa: timestamp authorities instead of the configured ones.
        revocation: `require`, `prefer` or `off` instead of the configured one.
        offline: whether nothing is fetched.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        trust: Sequence[Path] = (),
        tsa: Sequence[str] = (),
        revocation: str | None = None,
        offline: bool = False,
    ) -> None:
        self.configuration = configuration
        self._trust = (*configuration.trust.anchors, *trust)
        self._tsa = tuple(tsa) or configuration.timestamp.urls
        self._revocation = revocation or configuration.trust.revocation
        self._offline = offline

    def prepare_to_sign(self, key: str | None = None, module: Path | None = None, **options: Any) -> None:
        """Start the driver that `open_signer` will need, and look at the options while it starts.

        Raises:
            UsageError: options that are off, or contradict each other: nobody needs to enter a PIN for that.
        """
        self._start_driver(key, module)
        _import_ahead(options.get("role"))
        from gsign.signing.request import SignRequest

        SignRequest.of(tsa=self._timestamps, **self._checks, **options)

    def prepare_to_sign_mail(self, key: str | None = None, module: Path | None = None, **options: Any) -> None:
        """Start the driver that `open_signer` will need, and look at the options while it starts.

        Raises:
            UsageError: options that are off.
        """
        self._start_driver(key, module)
        from gsign.protection.request import SignMailRequest

        SignMailRequest.of(**self._checks, **options)

    def _start_driver(self, key: str | None, module: Path | None) -> None:
        key = key or self.configuration.token.uri or "pkcs11:"
        if key.startswith("pkcs11:"):
            from gsign.token.ahead import prepare

            prepare(key, module=module or self.configuration.token.module)

    def open_signer(
        self,
        key: str | None = None,
        *,
        pin: Pin,
        module: Path | None = None,
        workers: int = 1,
        use_last_try: bool = False,
    ) -> Signer:
        """Open the key named here, else the configured one, else the only one there is.

        Raises:
            TokenError: no token, no key or several, or the PIN is wrong.
        """
        key = key or self.configuration.token.uri or "pkcs11:"
        if not key.startswith("pkcs11:"):
            from gsign.pkcs12 import open_signer as open_file

            return open_file(Path(key), pin=pin)
        from gsign.pkcs11 import open_signer

        module = module or self.configuration.token.module
        return open_signer(key, pin=pin, module=module, workers=workers, use_last_try=use_last_try)

    def sign_pdf(self, source: Path, output: Path, signer: Signer, **options: Any) -> SigningRecord:
        """Sign a document into `output`, which appears only when complete."""
        from gsign.pdf import sign_to

        return sign_to(source, output, signer, tsa=self._timestamps, **self._checks, **options)

    def preview_pdf(self, source: Path, certificate: bytes, **options: Any) -> Preview:
        """Draw the pages of a document with the places marked at which `sign_pdf` would show something."""
        from gsign.pdf import preview

        return preview(source, certificate, tsa=self._timestamps, **self._checks, **options)

    def certificate_of(self, key: str | None, *, pin: Pin, module: Path | None = None) -> bytes:
        """Return the certificate of the key that would sign, as a token shows it without a PIN.

        A PKCS#12 file shows nothing without its password, which is `pin`.

        Raises:
            TokenError: as for `open_signer`.
        """
        key = key or self.configuration.token.uri or "pkcs11:"
        if not key.startswith("pkcs11:"):
            with self.open_signer(key, pin=pin) as signer:
                return signer.certificate
        from gsign.pkcs11 import find_certificate

        return find_certificate(key, module=module or self.configuration.token.module)

    def augment_pdf(self, source: Path, output: Path, **options: Any) -> None:
        """Raise the level of a signed document into `output`, which appears only when complete."""
        from gsign.pdf import augment_to

        trust, client = self._named_store, self._client
        augment_to(source, output, tsa=self._timestamps or (), trust=trust, revocation=client, **options)

    def verify_pdf(
        self, source: Path, *, at: datetime | None = None, password: str | None = None
    ) -> VerificationResult:
        """Verify every signature in a document."""
        from gsign.pdf import verify

        return verify(source, at=at, password=password, **self._checks)

    def sign_mail(self, message: bytes, signer: Signer, **options: Any) -> tuple[bytes, MailRecord]:
        """Sign a message."""
        from gsign.smime import sign_recorded

        return sign_recorded(message, signer, **self._checks, **options)

    def sign_mail_to(self, source: Path | bytes, output: Path, signer: Signer, **options: Any) -> MailRecord:
        """Sign a message into `output`, which appears only when complete."""
        from gsign.smime import sign_to

        return sign_to(source, output, signer, **self._checks, **options)

    def encrypt_mail(self, message: bytes, recipients: Recipients, **options: Any) -> tuple[bytes, EncryptionRecord]:
        """Encrypt a message; `recipients` None are those that it names."""
        from gsign.smime import encrypt_recorded

        return encrypt_recorded(message, recipients, **self._found_by(options))

    def encrypt_mail_to(
        self, source: Path | bytes, output: Path, recipients: Recipients, **options: Any
    ) -> EncryptionRecord:
        """Encrypt a message into `output`, which appears only when complete."""
        from gsign.smime import encrypt_to

        return encrypt_to(source, output, recipients, **self._found_by(options))

    def _found_by(self, options: dict[str, Any]) -> dict[str, Any]:
        """Complete options of encrypting with where the configuration says that certificates of recipients are."""
        sources = [*(options.pop("sources", ()) or self._recipients), *self._agencies]
        return {**self._checks, **options, "sources": sources}

    @cached_property
    def _recipients(self) -> tuple[Source, ...]:
        from gsign.protection.encrypting import source_of

        return tuple(map(source_of, self.configuration.recipients.certificates))

    @cached_property
    def _agencies(self) -> tuple[Source, ...]:
        from gsign.mail.agencies import matches
        from gsign.protection.sources import AgencySource

        return tuple(
            AgencySource(agency.encryption_certificate, partial(matches, agency.domains))
            for agency in self.configuration.agency
            if agency.encryption_certificate is not None
        )

    def open_decrypter(
        self, key: str | None = None, *, pin: Pin, module: Path | None = None, use_last_try: bool = False
    ) -> Decrypter:
        """Open the keys of the token named here, else of the configured one, else of all tokens there are.

        Raises:
            TokenError: no token, or no certificate on it; a PKCS#12 file's password.
        """
        key = key or self.configuration.token.uri or "pkcs11:"
        if not key.startswith("pkcs11:"):
            from gsign.pkcs12 import open_decrypter as open_file

            return open_file(Path(key), pin=pin)
        from gsign.pkcs11 import open_decrypter

        module = module or self.configuration.token.module
        return open_decrypter(key, pin=pin, module=module, use_last_try=use_last_try)

    def decrypt_mail(self, source: Path | bytes, decrypter: Decrypter, judges: VerifierPool) -> DecryptedMail:
        """Decrypt a message, and verify the signature inside, in a process of `judges`, opened before the keys were."""
        from gsign.isolation.messages import decrypt_message

        return decrypt_message(judges, source, decrypter)

    def decrypt_mail_to(
        self, source: Path | bytes, output: Path, decrypter: Decrypter, judges: VerifierPool, *, force: bool = False
    ) -> DecryptedMail:
        """Decrypt a message into `output`, which appears only when complete."""
        from gsign.smime import decrypted_to

        return decrypted_to(source, output, partial(self.decrypt_mail, source, decrypter, judges), force=force)

    def verify_mail(self, source: Path | bytes, judges: VerifierPool, *, documents: bool = False) -> MailResult:
        """Verify the signature of a message in a process with limits.

        Args:
            source: the message.
            judges: processes, from `verifiers`: two where documents are to be judged, which takes another one.
            documents: whether the documents in the message are judged too.
        """
        from gsign.isolation.messages import verify_message

        return verify_message(judges, source, documents=judges if documents else None)

    def inspect_mail(self, source: Path | bytes, judges: VerifierPool) -> Inspection:
        """Look into a message in a process of `judges`, of which there are two or more, and judge every document."""
        from gsign.isolation.messages import inspect_message

        return inspect_message(judges, source, judges)

    def verifiers(
        self,
        *,
        jobs: int = 1,
        at: datetime | None = None,
        password: str | None = None,
        limits: Limits | None = None,
        file_digest: bool = False,
        render: bool = False,
    ) -> VerifierPool:
        """Open a pool that verifies documents of strangers in processes with limits.

        Args:
            jobs: how many processes at most.
            at: when to judge what no timestamp dates; None for now.
            password: of encrypted documents.
            limits: on each document.
            file_digest: whether the facts of a result hold the file's SHA-256.
            render: whether pages are drawn and compared, revision by revision.
        """
        from gsign.isolation.pool import VerifierPool

        settings = self.settings(at=at, password=password, file_digest=file_digest, render=render)
        return VerifierPool(settings, jobs=jobs, limits=limits)

    def settings(
        self,
        *,
        at: datetime | None = None,
        password: str | None = None,
        file_digest: bool = False,
        render: bool = False,
    ) -> Settings:
        """Return what `verifiers` judge with; arguments as there."""
        from gsign.isolation.pool import Settings

        return Settings(
            trust=self._trust,
            at=at,
            revocation=self._revocation,
            offline=self._offline,
            archive=self.configuration.trust.archive,
            allow_private_addresses=self.configuration.trust.allow_private_addresses,
            password=password,
            file_digest=file_digest,
            render=render,
            agencies=self._mailboxes,
        )

    def refresh_trust(self, *, timeout: float) -> Iterator[Refreshed]:
        """Fetch certificates and revocation lists of the authorities ahead of need."""
        from gsign.trust.refresh import refresh_all

        anchors = self.configuration.trust.anchors
        return refresh_all(anchors, self._client.archive, datetime.now(UTC), timeout=timeout)

    @property
    def _mailboxes(self) -> Sequence[Sequence[Sequence[str]]]:
        """Whose mailboxes may sign mail for whom."""
        if not self.configuration.agency:
            return ()
        from gsign.mail.agencies import Mailboxes

        return Mailboxes.of_agencies(self.configuration.agency).table

    @property
    def _checks(self) -> dict[str, Any]:
        return {"trust": self._named_store, "revocation": self._client, "offline": self._offline}

    @cached_property
    def _client(self) -> RevocationClient:
        from gsign.trust.clients import revocation_client

        trust = self.configuration.trust
        return revocation_client(
            self._revocation,
            offline=self._offline,
            archive=trust.archive,
            allow_private_addresses=trust.allow_private_addresses,
        )

    @cached_property
    def _named_store(self) -> TrustStore | None:
        """The anchors that somebody named, beside the pinned ones; None where nobody did.

        Whoever names anchors wants a signer that they vouch for; without, a signer unknown to the pinned ones may sign.
        """
        if not self._trust:
            return None
        from gsign.trust.store import TrustStore

        return TrustStore.load(*self._trust)

    @cached_property
    def _timestamps(self) -> TimestampClient | None:
        if not self._tsa:
            return None
        from gsign.trust.timestamp import TimestampClient

        return TimestampClient(self._tsa)


def _import_ahead(role: object) -> None:
    """Import what signing will: beside the driver's start rather than after it."""
    import cryptography.hazmat.primitives.asymmetric.padding
    import cryptography.hazmat.primitives.asymmetric.rsa  # noqa: F401

    import gsign.pdf
    import gsign.pkcs11
    import gsign.trust.signing_certificate
    import gsign.trust.status_sources
    import gsign.verification.orphans

    if role not in (None, "plain"):
        import pypdfium2.raw  # noqa: F401

        import gsign.appearance.drawings
        import gsign.appearance.placement.leader  # noqa: F401
