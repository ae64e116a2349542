"""Every signature and verification of the program passes here: opened, called, measured, recorded; nothing decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from gsign.config import Configuration
from gsign.means import import_ahead
from gsign.recording.scribe import Scribe
from gsign.vouching import Vouching

if TYPE_CHECKING:
    from gsign.isolation.pool import Limits, Settings, VerifierPool
    from gsign.mail.facts import Inspection
    from gsign.pdf import Preview
    from gsign.protection.encrypting import DecryptedMail, EncryptionRecord
    from gsign.protection.request import MailRecord
    from gsign.recording.recorder import Recorder
    from gsign.result import MailResult, VerificationResult
    from gsign.signer import Decrypter, Signer
    from gsign.signing.request import SigningRecord
    from gsign.trust.refresh import Refreshed

__all__ = ["Service"]

Recipients = Iterable[str | Path] | None


class Service(Vouching):
    """Sign, encrypt, decrypt and judge with what the configuration names, and write it down where it has a ledger.

    Args:
        configuration: gsign.toml.
        trust: anchors for this run, beside the pinned and the configured ones.
        tsa: timestamp authorities instead of the configured ones.
        revocation: `require`, `prefer` or `off` instead of the configured one.
        offline: whether nothing is fetched.
        records: whether it is this that writes down what is done; False for who keeps an account of its own.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        trust: Sequence[Path] = (),
        tsa: Sequence[str] = (),
        revocation: str | None = None,
        offline: bool = False,
        records: bool = True,
    ) -> None:
        super().__init__(configuration, trust=trust, tsa=tsa, revocation=revocation, offline=offline)
        self._scribe = Scribe(_recorder(configuration) if records and configuration.ledger else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the ledger.

        Raises:
            TemporaryError: `ledger-unwritable`: of the last files it is not known there whether they appeared.
        """
        self._scribe.close()

    def settings(
        self,
        *,
        at: datetime | None = None,
        password: str | None = None,
        file_digest: bool = False,
        render: bool = False,
    ) -> Settings:
        """Return what `verifiers` judge with; what is written down has the digest of what was judged."""
        is_named = file_digest or not self._scribe.is_silent
        return super().settings(at=at, password=password, file_digest=is_named, render=render)

    def prepare_to_sign(self, key: str | None = None, module: Path | None = None, **options: Any) -> None:
        """Start the driver that `open_signer` will need, and look at the options while it starts.

        Raises:
            UsageError: options that are off, or contradict each other: nobody needs to enter a PIN for that.
            TemporaryError: `ledger-unwritable`: nor for that.
        """
        self.start_driver(key, module)
        import_ahead(options.get("role"))
        self._scribe.begin()
        from gsign.signing.request import SignRequest

        SignRequest.of(tsa=self._timestamps, **self._checks, **options)

    def prepare_to_sign_mail(self, key: str | None = None, module: Path | None = None, **options: Any) -> None:
        """Start the driver that `open_signer` will need, and look at the options while it starts.

        Raises:
            UsageError: options that are off.
            TemporaryError: `ledger-unwritable`.
        """
        self.start_driver(key, module)
        self._scribe.begin()
        from gsign.protection.request import SignMailRequest

        SignMailRequest.of(**self._mail_options(options))

    def sign_pdf(self, source: Path, output: Path, signer: Signer, **options: Any) -> SigningRecord:
        """Sign a document into `output`, which appears only when complete."""
        from gsign.pdf import sign_to

        with self._scribe.signing_document(source, signer) as entering:
            return sign_to(source, output, signer, entering=entering, tsa=self._timestamps, **self._checks, **options)

    def preview_pdf(self, source: Path, certificate: bytes, **options: Any) -> Preview:
        """Draw the pages of a document with the places marked at which `sign_pdf` would show something."""
        from gsign.pdf import preview

        return preview(source, certificate, tsa=self._timestamps, **self._checks, **options)

    def augment_pdf(self, source: Path, output: Path, *, level: str, **options: Any) -> None:
        """Raise the level of a signed document into `output`, which appears only when complete."""
        from gsign.pdf import augment_to

        means: dict[str, Any] = {"tsa": self._timestamps or (), "trust": self._named_store, "revocation": self._client}
        with self._scribe.augmenting(source, output, level) as entering:
            augment_to(source, output, level=level, entering=entering, **means, **options)

    def verify_pdf(
        self, source: Path, *, at: datetime | None = None, password: str | None = None
    ) -> VerificationResult:
        """Verify every signature in a document."""
        from gsign.pdf import verify

        result = verify(source, at=at, password=password, **self._checks)
        return next(self._scribe.documents([result]))

    def sign_mail(self, message: Path | bytes, signer: Signer, **options: Any) -> tuple[bytes, MailRecord]:
        """Sign a message."""
        from gsign.smime import sign_recorded

        with self._scribe.signing_message(message, signer) as entering:
            signed, record = sign_recorded(message, signer, **self._mail_options(options))
            if entering is not None:
                entering(BytesIO(signed), record)
        return signed, record

    def sign_mail_to(self, source: Path | bytes, output: Path, signer: Signer, **options: Any) -> MailRecord:
        """Sign a message into `output`, which appears only when complete."""
        from gsign.smime import sign_to

        with self._scribe.signing_message(source, signer) as entering:
            return sign_to(source, output, signer, entering=entering, **self._mail_options(options))

    def _mail_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Add to options what the configuration says: also in which form its agencies take mail."""
        if options.get("form") is None:
            from gsign.mail.agencies import Directory

            options["form"] = Directory(self.configuration.agency).form_for
        return {**self._checks, **options}

    def encrypt_mail(
        self, message: Path | bytes, recipients: Recipients, **options: Any
    ) -> tuple[bytes, EncryptionRecord]:
        """Encrypt a message; `recipients` None are those that it names."""
        from gsign.smime import encrypt_recorded

        with self._scribe.encrypting(message) as entering:
            encrypted, record = encrypt_recorded(message, recipients, **self._found_by(options))
            if entering is not None:
                entering(BytesIO(encrypted), record)
        return encrypted, record

    def encrypt_mail_to(
        self, source: Path | bytes, output: Path, recipients: Recipients, **options: Any
    ) -> EncryptionRecord:
        """Encrypt a message into `output`, which appears only when complete."""
        from gsign.smime import encrypt_to

        with self._scribe.encrypting(source) as entering:
            return encrypt_to(source, output, recipients, entering=entering, **self._found_by(options))

    def _found_by(self, options: dict[str, Any]) -> dict[str, Any]:
        """Complete options of encrypting with where the configuration says that certificates of recipients are."""
        sources = [*(options.pop("sources", ()) or self._recipients), *self._agencies]
        return {**self._checks, **options, "sources": sources}

    def decrypt_mail(self, source: Path | bytes, decrypter: Decrypter, judges: VerifierPool) -> DecryptedMail:
        """Decrypt a message, and verify the signature inside, in a process of `judges`, opened before the keys were."""
        from gsign.isolation.messages import decrypt_message

        with self._scribe.decrypting(source, decrypter) as entering:
            result = decrypt_message(judges, source, decrypter)
            if entering is not None:
                entering(BytesIO(result.message), result)
        return result

    def decrypt_mail_to(
        self, source: Path | bytes, output: Path, decrypter: Decrypter, judges: VerifierPool, *, force: bool = False
    ) -> DecryptedMail:
        """Decrypt a message into `output`, which appears only when complete."""
        from gsign.isolation.messages import decrypt_message
        from gsign.smime import decrypted_to

        work = partial(decrypt_message, judges, source, decrypter)
        with self._scribe.decrypting(source, decrypter) as entering:
            return decrypted_to(source, output, work, force=force, entering=entering)

    def told(self, results: Iterable[VerificationResult]) -> Iterator[VerificationResult]:
        """Pass on verdicts of `verifiers`, each once it is written down.

        Raises:
            TemporaryError: `ledger-unwritable`.
        """
        return self._scribe.documents(results)

    def told_of_mail(self, judged: Iterable[tuple[Path | bytes, MailResult]]) -> Iterator[MailResult]:
        """Pass on verdicts of `verify_mail` on messages, each once it is written down.

        Raises:
            TemporaryError: `ledger-unwritable`.
        """
        return self._scribe.messages(judged)

    def verify_mail(self, source: Path | bytes, judges: VerifierPool, *, documents: bool = False) -> MailResult:
        """Verify the signature of a message in a process with limits; `told_of_mail` writes the verdict down.

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
        """Open a pool that verifies documents of strangers in processes with limits; `told` writes verdicts down.

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

    def refresh_trust(self, *, timeout: float) -> Iterator[Refreshed]:
        """Fetch certificates and revocation lists of the authorities ahead of need."""
        from gsign.trust.refresh import refresh_all

        anchors = self.configuration.trust.anchors
        return refresh_all(anchors, self._client.archive, datetime.now(UTC), timeout=timeout)


def _recorder(configuration: Configuration) -> Recorder:
    from gsign.recording.recorder import Recorder

    return Recorder(configuration)
