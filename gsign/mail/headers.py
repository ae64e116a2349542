"""The header fields that a relay writes on top, and those that it takes away (mail.md C1, C2; RFC 5321, 8601, 7281).

Nothing is inserted below: the bytes of the message follow as they were received, except for results of authentication
that carry our own name and that we have not written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from gsign.mail.facts import Inspection
from gsign.mail.policy import Decision
from gsign.mime.fields import Field, read_header
from gsign.mime.limits import Limits
from gsign.result import MailResult
from gsign.smtp.steps import Client

__all__ = ["authentication_results", "fields_of", "received_count", "received_field", "without_forged_results"]

_COMMENT: Final = re.compile(r"\((?:[^()\\]|\\.)*\)")
_RESULTS: Final = ("authentication-results", "x-authentication-results")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.:\[\]_-]")


def received_field(client: Client, hostname: str, reference: str, recipients: Sequence[str], now: datetime) -> bytes:
    """Return our Received field (RFC 5321 clause 4.4).

    Args:
        client: whom the message came from.
        hostname: our name.
        reference: of the ledger's entry.
        recipients: named where there is only one, so that none learns of another.
        now: an aware time.
    """
    tls = f" ({_safe(client.tls.replace(' ', '_'))})" if client.tls else ""
    words = [
        f"from {_safe(client.hello)} ([{_safe(client.address)}])",
        f"by {hostname} (gsign) with {client.protocol}{tls}",
        f"id {reference}",
    ]
    if len(recipients) == 1 and recipients[0].isascii():
        words.append(f"for <{recipients[0]}>")
    return ("Received: " + "\r\n\t".join(words) + f";\r\n\t{format_datetime(now)}\r\n").encode("ascii", "replace")


def authentication_results(hostname: str, smime: MailResult, inspection: Inspection, decision: Decision) -> bytes:
    """Return our Authentication-Results field: the message's signature, each document, and what the rule said."""
    results = [f"smime={smime.smime.value}"]
    if smime.signer is not None and smime.signer.email:
        results[0] += f" body.smime-identifier={_quoted(smime.signer.email)}"
    if smime.signer is not None and smime.signer.serial:
        results[0] += f" body.smime-serial={_safe(smime.signer.serial)}"
    results += [
        f"x-gsign-pdf={document.result.indication.value.lower().replace('_', '-')} "
        f"x-gsign.path={_quoted(document.path)} x-gsign.sha256={document.sha256}"
        for document in inspection.documents
    ]
    warned = "".join(f" x-gsign.reason={_quoted(str(reason))}" for reason in decision.reasons)
    results.append(f"x-gsign-policy={decision.action.value} x-gsign.rule={_quoted(decision.rule)}{warned}")
    return ("Authentication-Results: " + ";\r\n\t".join([hostname, *results]) + "\r\n").encode("ascii", "replace")


def fields_of(message: bytes) -> tuple[Field, ...]:
    """Return the fields of a message's own header."""
    return read_header(message, 0, len(message), Limits()).fields


def without_forged_results(message: bytes, fields: Sequence[Field], hostname: str) -> bytes:
    """Return a message without results of authentication that claim to be ours (RFC 8601 clause 5)."""
    forged = [(f.start, f.end) for f in fields if f.key in _RESULTS and _claims(f.text, hostname)]
    if not forged:
        return message
    kept, at = [], 0
    for start, end in forged:
        kept.append(message[at:start])
        at = end
    return b"".join([*kept, message[at:]])


def received_count(fields: Sequence[Field], hostname: str) -> tuple[int, int]:
    """Return how many relays a message has passed, and how often us (RFC 5321 clause 6.3)."""
    passed = [field.text for field in fields if field.key == "received"]
    own = re.compile(rf"(?:^|\s)by\s+{re.escape(hostname)}(?:[\s;(]|$)", re.IGNORECASE)
    return len(passed), sum(bool(own.search(text)) for text in passed)


def _claims(text: str, hostname: str) -> bool:
    bare = text
    while bare != (bare := _COMMENT.sub(" ", bare)):
        pass
    words = bare.split(";", 1)[0].split()
    return bool(words) and words[0].strip('"').rstrip(".").lower() == hostname.lower()


def _quoted(text: str) -> str:
    cleaned = "".join(c if 32 <= ord(c) < 127 and c not in '"\\' else "?" for c in text)
    return f'"{cleaned}"'


def _safe(text: str) -> str:
    return _UNSAFE.sub("?", text)
