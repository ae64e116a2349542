"""The notice to a sender whose held message was refused: a delivery status notification (RFC 3464, RFC 5321 6.1).

It says why in sentences, in Vietnamese and English, and carries the header of the message and none of its content.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final, NamedTuple

from gsign.mail.held import HeldMessage
from gsign.mail.policy import Reason
from gsign.mime.fields import read_header
from gsign.mime.limits import Limits
from gsign.sentences import reason_advice, reason_sentence

__all__ = ["Unserved", "refusal_notice", "wishes_notice"]

_FIELDS: Final = ("from", "to", "cc", "subject", "date", "message-id")
_VI: Final = "Thư của bạn gửi tới {names} đã được xem xét và bị từ chối.\nLý do:\n{why}\nMã tham chiếu: {reference}\n"
_EN: Final = "Your message to {names} was looked at by a person and refused.\nReasons:\n{why}\nReference: {reference}\n"


class Unserved(NamedTuple):
    """A recipient who did not get the message."""

    address: str
    parameters: Mapping[str, str | None]
    """Of RCPT, their names in capitals."""


def wishes_notice(recipient: Unserved) -> bool:
    """Tell whether the sender wants to hear of a failure (RFC 3461 clause 4.1)."""
    notify = recipient.parameters.get("NOTIFY")
    return notify is None or "FAILURE" in notify.upper().split(",")


def refusal_notice(
    message: HeldMessage,
    content: bytes,
    *,
    sender: str,
    recipients: Sequence[Unserved],
    hostname: str,
    envelope_id: str | None,
    note: str,
    now: datetime,
) -> bytes:
    """Write the notice.

    Args:
        message: what is refused.
        content: of it.
        sender: whom the notice goes to; never the null sender.
        recipients: those of whom the sender wants to hear.
        hostname: our name.
        envelope_id: what the sender calls its envelope (RFC 3461), if anything.
        note: what the person who refused it says; may be empty.
        now: an aware time.
    """
    boundary = f"=_gsign-{message.id}"
    head = [
        f"From: Mail relay <postmaster@{hostname}>",
        f"To: <{sender}>",
        f"Subject: {_word('Thư bị từ chối')} / Message refused",
        f"Date: {format_datetime(now)}",
        f"Message-ID: <refused-{message.id}@{hostname}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
    ]
    # Reading aloud what others wrote needs no more than ASCII, whatever servers are on the way.
    parts = [
        ("text/plain; charset=utf-8", _text(message, recipients, note).encode()),
        ("message/delivery-status", _status(message, recipients, hostname, envelope_id)),
        ("text/rfc822-headers", _header_of(content)),
    ]
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), _entity(kind, octets)) for kind, octets in parts)
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body + f"--{boundary}--\r\n".encode()


def _entity(kind: str, content: bytes) -> bytes:
    head = f"Content-Type: {kind}\r\n"
    if content.isascii() and not kind.startswith("text/plain"):
        return head.encode() + b"\r\n" + content
    coded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + coded


def _text(message: HeldMessage, recipients: Sequence[Unserved], note: str) -> str:
    names = ", ".join(recipient.address for recipient in recipients)

    def told(form: str, lang: str) -> str:
        why = [*(_sentence(reason, lang) for reason in message.reasons), *filter(None, [note])]
        return form.format(names=names, why="\n".join(f"  - {line}" for line in why), reference=message.id)

    return f"{told(_VI, 'vi')}\n{told(_EN, 'en')}".replace("\n", "\r\n")


def _sentence(reason: Reason, lang: str) -> str:
    sentence, advice = (f(reason.id, lang, reason.facts) for f in (reason_sentence, reason_advice))
    return f"{sentence}: {advice}" if advice else sentence


def _status(message: HeldMessage, recipients: Sequence[Unserved], hostname: str, envelope_id: str | None) -> bytes:
    lines = [f"Original-Envelope-Id: {envelope_id}"] if envelope_id else []
    lines += [f"Reporting-MTA: dns; {hostname}", f"Arrival-Date: {format_datetime(message.received)}"]
    for recipient in recipients:
        original = recipient.parameters.get("ORCPT")
        lines += ["", *([f"Original-Recipient: {original}"] if original else [])]
        lines += [f"Final-Recipient: {_address(recipient.address)}", "Action: failed", "Status: 5.7.1"]
    return ("\r\n".join(lines) + "\r\n").encode("ascii", "replace")


def _address(address: str) -> str:
    """Return an address with its type; letters beyond ASCII by their numbers (RFC 6533 clause 3)."""
    if address.isascii():
        return f"rfc822; {address}"
    return "utf-8; " + "".join(c if c.isascii() else f"\\x{{{ord(c):X}}}" for c in address)


def _header_of(message: bytes) -> bytes:
    fields = read_header(message, 0, len(message), Limits()).fields
    return b"".join(message[field.start : field.end] for field in fields if field.key in _FIELDS)


def _word(text: str) -> str:
    """Return an encoded word (RFC 2047)."""
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="
