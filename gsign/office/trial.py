"""What would be decided on a message, without a relay: nothing is sent, signed or written down."""

from __future__ import annotations

import time
from collections.abc import Sequence

from gsign.config import Configuration
from gsign.errors import InputError
from gsign.mail.agencies import Directory
from gsign.mail.headers import fields_of, without_forged_results
from gsign.mail.policy import Action, Decision, Facts, Reason, decide
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
    try:
        message = _as_it_goes_on(canonical_lines(message), configuration)
    except InputError as error:
        unreadable = Reason("content-unreadable", details=(str(error.facts.get("reasons", error.code)),))
        return [Decision(Action.REJECT, error.code, (unreadable,))] * len(recipients)
    judge = Judge(service, service.verifiers())
    try:
        inspection = judge.inspect(message, time.monotonic() + _SECONDS)
        smime = judge.verify_message(message, inspection.smime)
    finally:
        judge.close()
    facts = Facts(sender, tuple(recipients), inspection, smime, Directory(configuration.agency))
    return [decide(configuration.policy, facts._replace(recipients=(recipient,))) for recipient in recipients]


def _as_it_goes_on(message: bytes, configuration: Configuration) -> bytes:
    """Take away what a relay takes away before it looks at a message.

    Raises:
        InputError: `mail-unclear`, with which a relay refuses it.
    """
    fields = fields_of(message)
    relay = configuration.relay
    return without_forged_results(message, fields, relay.hostname) if relay is not None else message
