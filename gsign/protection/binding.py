"""Whose signature a message may bear: the signer's address is that of From (RFC 8550 clause 3, mail.md C5).

Only the address counts, never the name shown beside it. An agency may sign for its people by RFC 3183.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from gsign.mime import Part
from gsign.mime.addresses import Address, AddressError, read_addresses
from gsign.protection.registries import is_registry
from gsign.trust.certificate import Certificate
from gsign.trust.mailboxes import OTHER_NAME, ascii_domain, utf8_mailbox

__all__ = ["Agencies", "addresses_of", "is_authority_name", "is_same", "is_within", "senders", "signs_for"]

Agencies = Callable[[str, str], bool]
"""Whether the holder of the first address may sign mail from the second, in the place of its author."""

_MAX_SENDERS: Final = 32
_MAX_NAMED: Final = 256
# They turn what stands behind them, the address as well; at a NUL or an end of line, readers stop before the address.
_MISLEADING: Final = re.compile("[\u202d\u202e\0-\x08\x0a-\x1f\x7f-\x9f]")
_LONGEST: Final = 1_000
_AUTHORITY: Final = "domain-signing-authority"


def senders(message: Part) -> tuple[tuple[Address, ...], str | None]:
    """Read the one From field.

    Returns:
        Its addresses; and why there are none: `from-missing`, `from-repeated`, or `from-unclear` where readers differ.
    """
    found = message.get_all("from")
    if len(found) != 1:
        return (), "from-repeated" if found else "from-missing"
    try:
        authors = read_addresses(found[0])
    except AddressError:
        return (), "from-unclear"
    if len(authors) > _MAX_SENDERS or any(_MISLEADING.search(author.name) for author in authors):
        return (), "from-unclear"
    return authors, None


def addresses_of(certificate: bytes) -> tuple[str, ...]:
    """Return the mailboxes that a certificate names: the SAN's, else the subject's (RFC 5280 4.2.1.6, RFC 9598).

    Raises:
        CertificateError: no certificate.
    """
    facts = Certificate.of(certificate)
    extensions = facts.extensions
    named = (*extensions.emails, *(utf8_mailbox(c) for tag, c in extensions.alternative_names if tag == OTHER_NAME))
    found = tuple(dict.fromkeys(address for address in named if address)) or facts.emails
    # Whoever made the certificate may have put anything into it, in any number.
    return tuple(address for address in found[:_MAX_NAMED] if len(address) <= _LONGEST)


def is_same(named: str, sender: str) -> bool:
    """Compare two addresses: the local part exactly, the domain in any case and spelling (RFC 5280 7.5)."""
    local, at, domain = named.rpartition("@")
    other_local, _, other_domain = sender.rpartition("@")
    return bool(at and local) and local == other_local and ascii_domain(domain) == ascii_domain(other_domain)


def is_within(domain: str, above: str) -> bool:
    """Whether a domain is another one, or below it."""
    domain, above = ascii_domain(domain), ascii_domain(above)
    return bool(above) and (domain == above or domain.endswith("." + above))


def is_authority_name(signer: str, sender: str) -> bool:
    """Whether an address is that of an agency's signing authority, above the sender's domain (RFC 3183 3.1.1).

    Nobody's authority is that of a registry, such as `vn` or `gov.vn`: below it everybody has a domain.
    """
    local, _, domain = signer.rpartition("@")
    return local == _AUTHORITY and is_within(sender.rpartition("@")[2], domain) and not is_registry(domain)


def signs_for(named: tuple[str, ...], sender: str, agencies: Agencies) -> str | None:
    """Say in which capacity the holder of `named` addresses signs mail of `sender`.

    Returns:
        `sender`, `agency`, or None where it is none of the holder's business.
    """
    if any(is_same(address, sender) for address in named):
        return "sender"
    return "agency" if any(agencies(address, sender) for address in named) else None
