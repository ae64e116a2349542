"""Name constraints of authorities (RFC 5280 4.2.1.10, 6.1.3 b and c)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gsign import der
from gsign.cms.names import EMAIL, Name, parse_name
from gsign.trust.extensions import DIRECTORY, DNS, RFC822, Extensions, NameConstraints
from gsign.trust.mailboxes import OTHER_NAME, ascii_domain, utf8_mailbox

__all__ = ["permits"]

_COMPARED: Final = frozenset({RFC822, DNS, DIRECTORY})


def permits(constraints: NameConstraints, subject: Name, extensions: Extensions) -> bool:
    """Tell whether all names of a certificate are within an authority's constraints.

    A constrained form of name that is not compared here (addresses, URIs, others) is a no where the certificate has
    such a name.
    """
    try:
        return all(_is_permitted(tag, content, constraints) for tag, content in _names(subject, extensions))
    except der.DerError:
        return False


def _names(subject: Name, extensions: Extensions) -> Iterator[tuple[int, bytes]]:
    if subject.rdns:
        yield DIRECTORY, subject.raw
    yield from extensions.alternative_names
    for tag, content in extensions.alternative_names:
        # A mailbox in letters is a mailbox to constraints, by its domain (RFC 9598 clause 6).
        if tag == OTHER_NAME and (mailbox := utf8_mailbox(content)) is not None:
            yield RFC822, f"@{ascii_domain(mailbox.rpartition('@')[2])}".encode()
    if not extensions.emails:
        # Legacy: the mailbox in the subject is constrained too where the SAN has none.
        for mailbox in subject.values(EMAIL):
            yield RFC822, mailbox.encode()


def _is_permitted(tag: int, name: bytes, constraints: NameConstraints) -> bool:
    permitted = [base for kind, base in constraints.permitted if kind == tag]
    excluded = [base for kind, base in constraints.excluded if kind == tag]
    if tag not in _COMPARED:
        return not permitted and not excluded
    if any(_is_within(tag, name, base) for base in excluded):
        return False
    return not permitted or any(_is_within(tag, name, base) for base in permitted)


def _is_within(tag: int, name: bytes, base: bytes) -> bool:
    if tag == DIRECTORY:
        subtree = parse_name(base).normal
        return parse_name(name).normal[: len(subtree)] == subtree
    text, limit = name.decode("utf-8", "replace").lower(), base.decode("utf-8", "replace").lower()
    if tag == DNS:
        return not limit or text == limit.lstrip(".") or text.endswith("." + limit.lstrip("."))
    return _mailbox_within(text, limit)


def _mailbox_within(mailbox: str, limit: str) -> bool:
    host = mailbox.rpartition("@")[2]
    if "@" in limit:
        return mailbox == limit
    if limit.startswith("."):
        return host.endswith(limit)
    return not limit or host == limit
