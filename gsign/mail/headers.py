"""The header fields that a relay writes on top, and those that it takes away (mail.md C1, C2; RFC 5321, 8601, 7281).

Nothing is inserted below: the bytes of the message follow as they were received, except for results of authentication
that carry our own name and that we have not written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from email.utils import format_datetime
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

from gsign.errors import InputError
from gsign.mail.facts import Document, Inspection
from gsign.mail.vouching import Arrived
from gsign.mime.fields import Field, HeaderBlock, read_header
from gsign.mime.limits import Limits
from gsign.mime.words import decode_words
from gsign.result import MailResult, Smime
from gsign.smtp.steps import Client

__all__ = [
    "authentication_results",
    "fields_of",
    "header_of",
    "received_count",
    "received_field",
    "results_of",
    "without_forged_results",
]

_AROUND_COMMENTS: Final = re.compile(r"(\\.|[()])", re.DOTALL)
_SEALED: Final = "arc-authentication-results"
_RESULTS: Final = frozenset(
    ("authentication-results", "x-authentication-results", _SEALED, "x-arc-authentication-results")
)
_UNSEALED: Final = _RESULTS - {_SEALED}
_NOBODY_LOOKED: Final = Arrived()
_INSTANCE: Final = re.compile(r"\s*i\s*=\s*\d+\s*;", re.IGNORECASE)
_PLAIN_ADDRESS: Final = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.:\[\]_-]")
_FOLD: Final = "\r\n\t"
_VALUE: Final = 200
"""Characters of one value: every line stays well below the 998 octets of RFC 5322."""
_HEADER: Final = Limits(header=4 << 20, fields=50_000)
_NAME: Final = 255
"""Characters of a host name at most."""
_LEFT_OUT: Final = frozenset(
    "\u00ad\u034f\u1806\u180b\u180c\u180d\u200b\u200c\u200d\u2060\ufeff" + "".join(map(chr, range(0xFE00, 0xFE10)))
)
"""What counts for nothing within a name (RFC 3454 appendix B.1)."""
_PATH: Final = 256
"""Octets of an address (RFC 5321 clause 4.5.3.1.3); a longer one goes on, and is not shown."""
_LEGIBLE: Final = 1 << 16
"""Characters of a field that is looked into at all."""
_LISTED: Final = 50
"""Documents and reasons that are listed; the ledger has all."""


def received_field(client: Client, hostname: str, reference: str, recipients: Sequence[str], now: datetime) -> bytes:
    """Return our Received field (RFC 5321 clause 4.4).

    Args:
        client: whom the message came from.
        hostname: our name.
        reference: of the ledger's entry.
        recipients: named where there is only one, so that none learns of another.
        now: an aware time.
    """
    words = [_way(client, hostname), f"id {reference}"]
    if len(recipients) == 1 and recipients[0].isascii() and len(recipients[0]) <= _PATH:
        words.append(f"for <{recipients[0]}>")
    return f"Received: {_FOLD.join(words)};{_FOLD}{_date(now, now.tzinfo)}\r\n".encode("ascii", "replace")


@lru_cache(1 << 8)
def _way(client: Client, hostname: str) -> str:
    """Return from where and how messages of a client come."""
    tls = f" ({_safe(client.tls.replace(' ', '_'))})" if client.tls else ""
    origin = f"from {_safe(client.hello[:_NAME]) or 'unknown'} ({_literal(client.address)})"
    return f"{origin}{_FOLD}by {hostname} (gsign) with {client.protocol}{tls}"


@lru_cache(1 << 2)
def _date(now: datetime, _zone: tzinfo | None) -> str:
    # Of the many messages of a second, one has its time written out. Two zones' same moment is one to a dictionary.
    return format_datetime(now)


def authentication_results(results: str) -> bytes:
    """Return our Authentication-Results field, of `results_of`."""
    return f"Authentication-Results: {results}\r\n".encode("ascii", "replace")


def results_of(
    hostname: str,
    smime: MailResult,
    inspection: Inspection,
    *,
    action: str,
    rule: str,
    reasons: Sequence[object] = (),
    arrived: Arrived = _NOBODY_LOOKED,
) -> str:
    """Return results of authentication: the message's signature, each document, and what the rule said.

    Args:
        hostname: our name.
        smime: what the message's own signature is worth.
        inspection: the documents.
        action: what became of the message, such as `pass`.
        rule: by which one.
        reasons: why it passed with a warning.
        arrived: what domains vouch for, where somebody looked.
    """
    if inspection.documents or reasons or arrived.signatures is not None or smime.signer is not None:
        results = [*_message_results(smime), *_domain_results(arrived), *_document_results(inspection.documents)]
        return _results(hostname, results, action, rule, reasons)
    return _bare_results(hostname, smime.smime, action, rule)


@lru_cache(1 << 8)
def _bare_results(hostname: str, smime: Smime, action: str, rule: str) -> str:
    """Return what is the same for all messages of which nothing else is to be said, as of most."""
    return _results(hostname, [f"smime={smime.value}"], action, rule, ())


def _results(hostname: str, results: Sequence[str], action: str, rule: str, reasons: Sequence[object]) -> str:
    said = [f"x-gsign-policy={action} x-gsign.rule={_quoted_again(rule)}"]
    said += [f"x-gsign.reason={_quoted(str(reason))}" for reason in reasons[:_LISTED]]
    return f";{_FOLD}".join([hostname, *results, _FOLD.join(said)])


def _message_results(smime: MailResult) -> Iterator[str]:
    said = [f"smime={smime.smime.value}"]
    if smime.signer is not None and smime.signer.email:
        said.append(f"body.smime-identifier={_mailbox(smime.signer.email)}")
    if smime.signer is not None and smime.signer.serial:
        said.append(f"body.smime-serial={_safe(smime.signer.serial[:_VALUE])}")
    yield _FOLD.join(said)


def _domain_results(arrived: Arrived) -> Iterator[str]:
    """Yield what is said of each DKIM signature and of the ARC chain (RFC 8601 clause 2.7.1, RFC 8617 clause 7.1)."""
    if arrived.signatures is None:
        return
    for found in arrived.signatures:
        named = (("d", found.domain), ("s", found.selector), ("a", found.algorithm))
        yield _FOLD.join([f"dkim={found.result}", *(f"header.{tag}={text}" for tag, text in named if text)])
    if not arrived.signatures:
        yield "dkim=none"
    if arrived.chain.state != "temperror":
        # There is no word for what cannot be told for now.
        yield f"arc={arrived.chain.state}"


def _document_results(documents: Sequence[Document]) -> Iterator[str]:
    for document in documents[:_LISTED]:
        indication = document.result.indication.value.lower().replace("_", "-")
        path, digest = _quoted(document.path), document.sha256
        yield f"x-gsign-pdf={indication}{_FOLD}x-gsign.path={path}{_FOLD}x-gsign.sha256={digest}"
    if len(documents) > _LISTED:
        yield f"x-gsign-pdf=more x-gsign.unlisted={len(documents) - _LISTED}"


def fields_of(message: bytes) -> tuple[Field, ...]:
    """Return the fields of a message's own header; see `header_of`."""
    return header_of(message).fields


def header_of(message: bytes) -> HeaderBlock:
    """Return a message's own header.

    Raises:
        InputError: `mail-unclear`: there are more than can be looked at, and among the others could be forged ones.
    """
    block = read_header(message, 0, len(message), _HEADER)
    beyond = [note.id for note in block.notes if note.id in ("header-too-large", "too-many-fields")]
    if beyond:
        raise InputError("mail-unclear", reasons=", ".join(beyond))
    return block


def without_forged_results(
    message: bytes, fields: Sequence[Field], hostname: str, *, is_chain_sound: bool = False
) -> bytes:
    """Return a message without results of authentication that claim to be ours (RFC 8601 clause 5).

    Args:
        message: as it was received.
        fields: of its header.
        hostname: our name.
        is_chain_sound: whether its ARC chain was verified, so that results in it with our name are ours; else whoever
            wrote them may be anybody.
    """
    looked_at = _UNSEALED if is_chain_sound else _RESULTS
    forged = [(f.start, f.end) for f in fields if f.key in looked_at and _claims(f.text, hostname)]
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
    return len(passed), len(list(filter(_own_hop(hostname).search, passed))) if passed else 0


@lru_cache(1 << 4)
def _own_hop(hostname: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|\s)by\s+{re.escape(hostname)}(?:[\s;(]|$)", re.IGNORECASE)


@lru_cache(1 << 4)
def _own_segment(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|;)\s*(?:\d+\s+)?{re.escape(name)}\.*(?![\w.-])")


def _claims(text: str, hostname: str) -> bool:
    """Tell whether a reader, however careless, could take a field for ours: by the first word of any result.

    A field too many taken away is a result less; one too few is a forged seal of approval.
    """
    if len(text) > _LEGIBLE:
        # No server writes so much before its name, nor so much at all.
        return True
    bare = _without_comments(text)
    instance = _INSTANCE.match(bare)
    bare = bare[instance.end() :] if instance else bare
    name = hostname.lower().rstrip(".")
    if _own_segment(name).search(bare.lower()):
        # Filters look for the name and the result behind it, wherever they stand.
        return True
    return any(_begins_with(decode_words(shown), name) for shown in (bare, text.replace("(", " ").replace(")", " ")))


def _without_comments(text: str) -> str:
    """Take comments out, nested ones too (RFC 5322 clause 3.2.2); one without an end goes on to the end."""
    kept, depth = [], 0
    for piece in _AROUND_COMMENTS.split(text):
        if piece == "(":
            depth += 1
        elif piece == ")" and depth:
            depth -= 1
            kept.append(" ")
        elif not depth:
            kept.append(piece)
    return "".join(kept)


def _begins_with(text: str, name: str) -> bool:
    """Tell whether a text begins with a name: blanks and quotation marks within it do not count."""
    before = re.sub(r'["\\]', "", text.partition(";")[0])
    squeezed, first = "".join(before.split()), before.split()[:1]
    own = _own_beginning(name)
    return any(own.match(form) is not None for found in (squeezed, *first) for form in (found.lower(), _folded(found)))


@lru_cache(1 << 4)
def _own_beginning(name: str) -> re.Pattern[str]:
    """Match a name, in letters or in ASCII; behind it a version may stand, or what ends a word for somebody."""
    forms = "|".join(sorted({re.escape(name), re.escape(_folded(_in_letters(name)))}))
    return re.compile(rf"[^\w.-]*(?:{forms})\.?[0-9]*(?![\w.-])")


def _in_letters(name: str) -> str:
    try:
        return name.encode("ascii").decode("idna")
    except UnicodeError:
        return name


def _folded(text: str) -> str:
    """Return a name as one that looks names up would understand it (RFC 3490 clause 3.1), all of it at once."""
    shown = "".join(c for c in text if c not in _LEFT_OUT).replace("\u3002", ".")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", shown).casefold())


@lru_cache(1 << 10)
def _literal(address: str) -> str:
    """Return an address literal (RFC 5321 clause 4.1.3)."""
    try:
        is_long = isinstance(ip_address(address), IPv6Address)
    except ValueError:
        is_long = False
    return f"[{'IPv6:' if is_long else ''}{_safe(address)}]"


def _mailbox(address: str) -> str:
    """Return an address as RFC 7281 shows it; one that would need quotation marks inside them as a quoted string."""
    return address if _PLAIN_ADDRESS.fullmatch(address) and len(address) <= _VALUE else _quoted(address)


def _quoted(text: str) -> str:
    """Return a quoted string in ASCII: Vietnamese keeps its letters without their marks."""
    bare = unicodedata.normalize("NFD", text[: 2 * _VALUE].replace("đ", "d").replace("Đ", "D"))
    letters = (c for c in bare if not unicodedata.combining(c))
    shown = "".join(c if 32 <= ord(c) < 127 and c not in '"\\' else "?" for c in letters)
    return f'"{shown[:_VALUE]}"'


# There are as many rules as the configuration has.
_quoted_again: Final = lru_cache(1 << 8)(_quoted)


def _safe(text: str) -> str:
    return _UNSAFE.sub("?", text)
