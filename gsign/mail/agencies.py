"""The directory of agencies: whose an address is, and whose a certificate is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol, Self

from gsign.protection.binding import is_authority_name
from gsign.protection.layers import DETACHED
from gsign.result import SignerInfo

__all__ = ["Agency", "Directory", "Mailboxes", "matches"]


class Agency(Protocol):
    """An agency, as the configuration has it."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def domains(self) -> tuple[str, ...]:
        """Patterns of its mail domains."""
        ...

    @property
    def certificate_emails(self) -> tuple[str, ...]:
        """Addresses in certificates that count as its own; `*` stands for anything."""
        ...

    @property
    def identifiers(self) -> tuple[str, ...]:
        """Identifiers in certificates, such as `MST:0123456789`."""
        ...

    @property
    def key(self) -> str | None:
        """The key that signs its mail."""
        ...

    @property
    def encryption_certificate(self) -> Path | None:
        """The certificate that mail to it is encrypted to."""
        ...

    @property
    def mail_form(self) -> str:
        """In which form mail to it is signed: `detached` or `opaque`."""
        ...


class Directory:
    """Tell agencies apart.

    Args:
        agencies: in the order of the configuration; the first that fits counts.
    """

    def __init__(self, agencies: Sequence[Agency]) -> None:
        self.agencies = tuple(agencies)
        # The same people write to each other every day.
        self._found = lru_cache(1 << 12)(self._find)

    def agency_of(self, address: str) -> Agency | None:
        """Return the agency whose domain an address is in; None for the null sender and for strangers."""
        return self._found(address) if address else None

    def _find(self, address: str) -> Agency | None:
        return next((agency for agency in self.agencies if matches(agency.domains, address)), None)

    def form_for(self, recipients: Iterable[str]) -> str:
        """Return the form in which mail to these is signed: opaque where all of them ask for it (mail.md D2).

        Whoever reads it without S/MIME can read the other one only.
        """
        asked = {agency.mail_form if (agency := self.agency_of(address)) else DETACHED for address in recipients}
        return asked.pop() if len(asked) == 1 else DETACHED

    def key_for(self, sender: str, *, as_agency: bool) -> str | None:
        """Return the agency's key that signs mail of a sender; None where that is the sender's own business.

        Args:
            sender: an address.
            as_agency: whether the agency is to sign for whoever is of its domain, rather than for its mailbox alone.
        """
        agency = self.agency_of(sender)
        if agency is None:
            return None
        is_its_own = sender.lower() in (mailbox.lower() for mailbox in agency.certificate_emails)
        return agency.key if as_agency or is_its_own else None

    def owns(self, agency: Agency, signer: SignerInfo) -> bool:
        """Tell whether a certificate is the agency's, or one of its people's."""
        if set(agency.identifiers) & set(signer.identifiers):
            return True
        email = (signer.email or "").lower()
        if not email or "@" not in email:
            return False
        # An address in a certificate may be an internal one that differs from the mail domain: hence the table.
        listed = any(fnmatchcase(email, pattern.lower()) for pattern in agency.certificate_emails)
        return listed or matches(agency.domains, email)


class Mailboxes(NamedTuple):
    """The mailboxes that stand for agencies, as plain values: a process that judges messages is told them.

    Args:
        table: patterns of an agency's domains and the mailboxes of its certificates, in the order of the configuration.
    """

    table: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, table: Iterable[Iterable[Iterable[str]]]) -> Self:
        """Make it of what `table` is in JSON."""
        return cls(tuple((tuple(map(str, domains)), tuple(map(str, boxes))) for domains, boxes in table))

    @classmethod
    def of_agencies(cls, agencies: Iterable[Agency]) -> Self:
        """Make it of the configuration.

        A pattern in `certificate_emails` is no such mailbox: with it, every colleague could sign in everybody's name.
        """
        return cls(
            tuple(
                (agency.domains, tuple(box for box in agency.certificate_emails if "*" not in box and "?" not in box))
                for agency in agencies
            )
        )

    def sign_for(self, signer: str, sender: str) -> bool:
        """Tell whether an address may sign for a sender: the agency's mailbox, or the name that RFC 3183 reserves."""
        mailboxes = next((boxes for domains, boxes in self.table if sender and matches(domains, sender)), ())
        return signer.lower() in {box.lower() for box in mailboxes} or is_authority_name(signer, sender)


def matches(patterns: Iterable[str], address: str) -> bool:
    """Tell whether an address (empty: the null sender) fits one of `*`, a domain, `*.domain`, an address."""
    return _matches(tuple(patterns), address)


@lru_cache(1 << 12)
def _matches(patterns: tuple[str, ...], address: str) -> bool:
    # The same people write to each other every day.
    local, at, domain = _folded(address).rpartition("@")
    domain = _in_ascii(domain.rstrip("."))
    address = f"{local}{at}{domain}"
    return any(_fits(_folded(pattern), address, domain) for pattern in patterns)


def _folded(text: str) -> str:
    """Return an address or a pattern in one case, and Vietnamese letters in one form (RFC 6532 clause 3.1)."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.lower())


def _in_ascii(domain: str) -> str:
    """Return a domain as patterns have it: one name in two forms must not find two rules (RFC 5890)."""
    if domain.isascii():
        return domain
    try:
        # What has come to stand for a letter since Python's tables for names were made (2002).
        return unicodedata.normalize("NFKC", domain).lower().encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _fits(pattern: str, address: str, domain: str) -> bool:
    if pattern == "*":
        return True
    if not address:
        return False
    if "@" in pattern:
        return address == pattern
    if pattern.startswith("*."):
        return domain.endswith(pattern[1:])
    return domain == pattern
