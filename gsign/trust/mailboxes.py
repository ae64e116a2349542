"""Mailboxes in letters, as certificates name them (RFC 9598), and domains as the DNS has them."""

from __future__ import annotations

from typing import Final

from gsign import der

__all__ = ["OTHER_NAME", "ascii_domain", "utf8_mailbox"]

OTHER_NAME: Final = 0xA0
_SMTP_UTF8_MAILBOX: Final = bytes.fromhex("06082b06010505070809")
_UTF8_STRING: Final = 0x0C


def utf8_mailbox(content: bytes) -> str | None:
    """Read an otherName that is a SmtpUTF8Mailbox (RFC 9598 clause 3).

    What could stand in an rfc822Name counts only there.

    Args:
        content: of the otherName, without its header.
    """
    if not content.startswith(_SMTP_UTF8_MAILBOX):
        return None
    try:
        value = der.parse(content[len(_SMTP_UTF8_MAILBOX) :]).expect(0xA0).children()[0].expect(_UTF8_STRING)
        mailbox = value.content.decode("utf-8")
    except (ValueError, IndexError):
        return None
    return None if mailbox.rpartition("@")[0].isascii() else mailbox


def ascii_domain(domain: str) -> str:
    """Write a domain as the DNS has it (RFC 5890 clause 2.3.2.1): labels are encoded, never mapped onto others."""
    return ".".join(_ascii_label(label) for label in domain.rstrip(".").lower().split("."))


def _ascii_label(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
