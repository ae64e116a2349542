"""What would be decided on a message, without a relay: nothing is sent, signed or written down."""

from __future__ import annotations

import time
from collections.abc import Sequence

from gsign.config import Configuration
from gsign.mail.agencies import Directory
from gsign.mail.policy import Decision, Facts, decide
from gsign.mime import canonical_lines
from gsign.office.judge import Judge
from gsign.service import Service

__all__ = ["decide_on"]

_SECONDS = 60


def decide_on(message: bytes, configuration: Configuration, sender: str, recipients: Sequence[str]) -> list[Decision]:
    """Decide on a message for each of its recipients.

    Args:
        message: as a file has it; lines may end in LF.
        configuration: with a policy.
        sender: of the envelope; empty for the null sender.
        recipients: of the envelope.
    """
    assert configuration.policy is not None  # noqa: S101 - the caller looked
    service = Service(configuration, records=False)
    message = canonical_lines(message)
    judge = Judge(service, service.verifiers())
    try:
        inspection = judge.inspect(message, time.monotonic() + _SECONDS)
        smime = judge.verify_message(message, inspection.smime)
    finally:
        judge.close()
    facts = Facts(sender, tuple(recipients), inspection, smime, Directory(configuration.agency))
    return [decide(configuration.policy, facts._replace(recipients=(recipient,))) for recipient in recipients]
