"""Open what the configuration names: keys, anchors, timestamp authorities, and where recipients' certificates are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gsign.config import Configuration

if TYPE_CHECKING:
    from gsign.isolation.pool import Settings
    from gsign.protection.sources import Source
    from gsign.signer import Decrypter, Signer
    from gsign.trust.revocation import RevocationClient
    from gsign.trust.store import TrustStore
    from gsign.trust.timestamp import TimestampClient

__all__ = ["Means", "Pin", "import_ahead"]

Pin = str | Callable[[], str | None] | None


class Means:
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

    def start_driver(self, key: str | None, module: Path | None) -> None:
        """Start the driver that `open_signer` will need."""
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
        timeout_seconds: float = 60.0,
    ) -> Signer:
        """Open the key named here, else the configured one, else the only one there is.

        Args:
            key: `pkcs11:` URI or PKCS#12 file.
            pin: PIN or password, or what asks for it.
            module: PKCS#11 module, where the URI names none.
            workers: processes that sign at the same time.
            use_last_try: send the PIN although a wrong one would lock the token.
            timeout_seconds: time limit of one signature, after which the driver is given up.

        Raises:
            TokenError: no token, no key or several, or the PIN is wrong.
        """
        key = key or self.configuration.token.uri or "pkcs11:"
        if not key.startswith("pkcs11:"):
            from gsign.pkcs12 import open_signer as open_file

            return open_file(Path(key), pin=pin)
        from gsign.pkcs11 import open_signer

        module = module or self.configuration.token.module
        return open_signer(
            key,
            pin=pin,
            module=module,
            workers=workers,
            use_last_try=use_last_try,
            timeout_seconds=timeout_seconds,
        )

    def key_for_mail(self, message: Path | bytes, *, as_agency: bool = False) -> str | None:
        """Return the key of the agency that a message is from; None where none is configured for its sender.

        Args:
            message: its file, or its octets.
            as_agency: whether an agency signs for its people.
        """
        if not any(agency.key for agency in self.configuration.agency):
            return None
        from gsign.mail.agencies import Directory
        from gsign.mime import read
        from gsign.protection.binding import senders
        from gsign.protection.octets import beginning_of

        authors, _ = senders(read(beginning_of(message)))
        directory = Directory(self.configuration.agency)
        keys = {directory.key_for(author.spec, as_agency=as_agency) for author in authors}
        return keys.pop() if len(keys) == 1 else None

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


def import_ahead(role: object) -> None:
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
