"""The text of a `plain` signature: who, with which mailbox, of which agency, when."""

from __future__ import annotations

from datetime import datetime

from gsign.result import SignerInfo

__all__ = ["plain_lines"]


def plain_lines(
    signer: SignerInfo, moment: datetime, *, reason: str | None = None, location: str | None = None
) -> tuple[str, ...]:
    """Return the lines in the order and words of the tool that clerks know; what a certificate lacks is left out.

    Args:
        signer: who signs.
        moment: when, in the zone that is to be shown.
        reason: why, if said.
        location: where, if said.
    """
    said = (
        ("Người ký", signer.name),
        ("Email", signer.email),
        ("Cơ quan", signer.organisation),
        ("Lý do", reason),
        ("Nơi ký", location),
        ("Thời gian ký", moment.isoformat(timespec="seconds")),
    )
    return tuple(f"{label}: {value}" for label, value in said if value)
