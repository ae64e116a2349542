"""The notice to a sender whose held message was refused: a delivery status notification (RFC 3464, RFC 5321 6.1)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from gsign.mime.fields import read_header
from gsign.mime.limits import Limits

__all__ = ["refusal_notice"]

_FIELDS: Final = ("from", "to", "cc", "subject", "date", "message-id")


def refusal_notice(
    message: bytes,
    *,
    sender: str,
    recipients: Sequence[str],
    hostname: str,
    reference: str,
    reasons: Sequence[str],
    note: str,
    now: datetime,
) -> bytes:
    """Write the notice, in Vietnamese and English; it carries the header of the message and none of its content.

    Args:
        message: what is refused.
        sender: whom the notice goes to; never the null sender.
        recipients: who did not get the message.
        hostname: our name.
        reference: of the held message.
        reasons: why it was held.
        note: what the person who refused it says; may be empty.
        now: an aware time.
    """
    boundary = f"=_gsign-{reference}"
    head = [
        f"From: Mail relay <postmaster@{hostname}>",
        f"To: <{sender}>",
        f"Subject: {_word('Thư bị từ chối')} / Message refused",
        f"Date: {format_datetime(now)}",
        f"Message-ID: <refused-{reference}@{hostname}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
    ]
    parts = [
        ("text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64", _text(recipients, reference, reasons, note)),
        ("message/delivery-status", _status(recipients, hostname, now)),
        ("text/rfc822-headers", _header_of(message)),
    ]
    body = b"".join(
        f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n".encode() + content + b"\r\n" for kind, content in parts
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body + f"--{boundary}--\r\n".encode()


def _text(recipients: Sequence[str], reference: str, reasons: Sequence[str], note: str) -> bytes:
    why = "\n".join(f"  - {reason}" for reason in (*reasons, *filter(None, [note])))
    names = ", ".join(recipients)
    text = (
        f"Thư của bạn gửi tới {names} đã được xem xét và bị từ chối.\nLý do:\n{why}\nMã tham chiếu: {reference}\n\n"
        f"Your message to {names} was looked at by a person and refused.\nReasons:\n{why}\nReference: {reference}\n"
    )
    return base64.encodebytes(text.replace("\n", "\r\n").encode()).replace(b"\n", b"\r\n")


def _status(recipients: Sequence[str], hostname: str, now: datetime) -> bytes:
    lines = [f"Reporting-MTA: dns; {hostname}", f"Arrival-Date: {format_datetime(now)}", ""]
    for recipient in recipients:
        lines += [f"Final-Recipient: rfc822; {recipient}", "Action: failed", "Status: 5.7.1", ""]
    return "\r\n".join(lines).encode("ascii", "replace")


def _header_of(message: bytes) -> bytes:
    fields = read_header(message, 0, len(message), Limits()).fields
    return b"".join(message[field.start : field.end] for field in fields if field.key in _FIELDS)


def _word(text: str) -> str:
    """Return an encoded word (RFC 2047)."""
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="
