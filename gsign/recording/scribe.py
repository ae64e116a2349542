"""What the service does, written down: each act with its own facts; nothing at all where there is no ledger."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gsign.errors import GsignError

if TYPE_CHECKING:
    from gsign.audit.bodies import Prints
    from gsign.protection.encrypting import DecryptedMail, EncryptionRecord
    from gsign.protection.request import MailRecord
    from gsign.recording.recorder import Body, Recorder
    from gsign.result import MailResult, VerificationResult
    from gsign.signer import Decrypter, Signer
    from gsign.signing.output import Entering
    from gsign.signing.request import SigningRecord

__all__ = ["Scribe"]

Mail = Path | bytes


class Scribe:
    """Write down what is signed, encrypted, decrypted and judged.

    The `…ing` methods give what `gsign.pdf.sign_to` and its like call before a file appears; None where nothing is
    written down.

    Args:
        recorder: None where there is no ledger.
    """

    def __init__(self, recorder: Recorder | None) -> None:
        self._recorder = recorder

    @property
    def is_silent(self) -> bool:
        """Whether nothing is written down."""
        return self._recorder is None

    def begin(self) -> None:
        """Open the ledger now, so that nobody enters a PIN for what could not be written down.

        Raises:
            TemporaryError: `ledger-unwritable`.
        """
        if self._recorder is not None:
            self._recorder.begin()

    def close(self) -> None:
        """Let go of the ledger.

        Raises:
            TemporaryError: `ledger-unwritable`: of the last files it is not known there whether they appeared.
        """
        if self._recorder is not None:
            self._recorder.close()

    # ------------------------------------------------------------ what is made

    @contextmanager
    def signing_document(self, source: Mail, signer: Signer) -> Iterator[Entering[SigningRecord] | None]:
        """Write down a signature on a document."""
        if (recorder := self._recorder) is None:
            yield None
            return
        from gsign.audit.bodies import document_signed

        def body(prints: Prints, record: SigningRecord) -> Body:
            return document_signed(record, prints, signer.certificate, recorder.agency(record.signer))

        with recorder.entering("signed", body, prefix=_size(source)) as entering:
            yield entering

    @contextmanager
    def augmenting(self, source: Path, output: Path, level: str) -> Iterator[Entering[None] | None]:
        """Write down that a document's signatures were raised to a level."""
        if (recorder := self._recorder) is None:
            yield None
            return
        from gsign.audit.bodies import augmented

        def body(prints: Prints, _: None) -> Body:
            return augmented(prints, level, source, output)

        with recorder.entering("signed", body, prefix=_size(source)) as entering:
            yield entering

    @contextmanager
    def signing_message(self, source: Mail, signer: Signer) -> Iterator[Entering[MailRecord] | None]:
        """Write down a signature on a message."""
        if (recorder := self._recorder) is None:
            yield None
            return
        from gsign.audit.bodies import message_signed

        octets = _octets(source)

        def body(prints: Prints, record: MailRecord) -> Body:
            agency, id_ = recorder.agency(record.signer), _message_id(octets)
            return message_signed(record, prints._replace(of=_digest(octets)), signer.certificate, agency, id_)

        with recorder.entering("signed", body) as entering:
            yield entering

    @contextmanager
    def encrypting(self, source: Mail) -> Iterator[Entering[EncryptionRecord] | None]:
        """Write down to whom a message was encrypted."""
        if (recorder := self._recorder) is None:
            yield None
            return
        from gsign.audit.bodies import encrypted

        octets = _octets(source)

        def body(prints: Prints, record: EncryptionRecord) -> Body:
            return encrypted(record, prints._replace(of=_digest(octets)), _message_id(octets))

        with recorder.entering("encrypted", body) as entering:
            yield entering

    @contextmanager
    def decrypting(self, source: Mail, decrypter: Decrypter) -> Iterator[Entering[DecryptedMail] | None]:
        """Write down by whose key a message was decrypted."""
        if (recorder := self._recorder) is None:
            yield None
            return
        from gsign.audit.bodies import decrypted

        octets = _octets(source)

        def body(prints: Prints, result: DecryptedMail) -> Body:
            made = prints._replace(of=_digest(octets))
            return decrypted(result, made, _message_id(octets), is_token=decrypter.is_token)

        with recorder.entering("decrypted", body) as entering:
            yield entering

    # ------------------------------------------------------------ what is judged

    def documents(self, results: Iterable[VerificationResult]) -> Iterator[VerificationResult]:
        """Pass verdicts on documents on, once they are written down.

        Raises:
            TemporaryError: `ledger-unwritable`.
        """
        if (recorder := self._recorder) is None:
            return iter(results)
        from gsign.audit.bodies import document_verified

        def body(result: VerificationResult) -> Body:
            signers = [signature.signer for signature in result.signatures]
            return document_verified(result, recorder.agency(signers[0] if signers else None))

        return recorder.passed_on(results, "verified", body)

    def messages(self, judged: Iterable[tuple[Mail, MailResult]]) -> Iterator[MailResult]:
        """Pass verdicts on messages on, once they are written down.

        Raises:
            TemporaryError: `ledger-unwritable`.
        """
        if (recorder := self._recorder) is None:
            return (result for _, result in judged)
        from gsign.audit.bodies import message_verified

        def body(one: tuple[Mail, MailResult]) -> Body:
            source, result = one
            octets = _octets(source)
            return message_verified(result, _digest(octets), _message_id(octets), recorder.agency(result.signer))

        return (result for _, result in recorder.passed_on(judged, "verified", body))


def _size(source: Mail) -> int:
    if isinstance(source, bytes):
        return len(source)
    try:
        return os.stat(source).st_size  # noqa: PTH116 - a path or its name, whatever a caller has
    except OSError:
        return 0  # whoever reads the file says so


def _octets(source: Mail) -> bytes | None:
    if isinstance(source, bytes):
        return source
    try:
        # What is no file can be read once, and not by us.
        return source.read_bytes() if source.is_file() else None
    except OSError:
        return None  # whoever reads the file says so


def _digest(octets: bytes | None) -> str | None:
    return None if octets is None else hashlib.sha256(octets).hexdigest()


def _message_id(octets: bytes | None) -> str:
    """Return what a message is called in its own header; empty where it has no name, or cannot be read."""
    from gsign.mail.headers import fields_of
    from gsign.mime import canonical_lines

    try:
        fields = fields_of(canonical_lines(octets or b""))
    except GsignError:
        return ""
    return next((field.text for field in fields if field.key == "message-id"), "").strip()
