"""What a message is, and what is decided on it: facts, of exactly the octets that go on, and the decision."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from gsign.errors import InputError
from gsign.mail.facts import Inspection
from gsign.mail.headers import header_of, received_count, without_forged_results
from gsign.mail.policy import Decision, Facts, decide
from gsign.mail.practice import Practice
from gsign.mail.vouching import Arrived
from gsign.mime.fields import Field, HeaderBlock
from gsign.smtp.steps import Received

__all__ = ["LOOP", "Judged", "glance", "judge"]

LOOP: Final = "mail-loop"
_HOPS: Final = 100
"""Received fields beyond which a message runs in circles (RFC 5321 clause 6.3)."""
_OWN_HOPS: Final = 3
"""How often it may pass us: a mailing list may bring it back."""
_GLANCED_AT: Final = 64 << 10
"""Octets of a message that may be looked at while others wait."""


class Judged(NamedTuple):
    """A message as it goes on, without forged results, with what is known of it and what is decided."""

    message: bytes
    facts: Facts
    decision: Decision
    arrived: Arrived
    """What domains vouch for."""


def glance(practice: Practice, received: Received) -> Judged | None:
    """Judge a message while others wait, where that takes next to no time; None where it takes more.

    Raises:
        InputError: as `judge`.
    """
    if len(received.content) > _GLANCED_AT or practice.vouching.looks:
        return None
    return _judged(practice, received, practice.judge.glance, math.inf)


def judge(practice: Practice, received: Received, deadline: float) -> Judged | None:
    """Judge a message; None where its time was over before that began.

    Args:
        practice: all that messages are dealt with by.
        received: the message.
        deadline: when to give up, on the clock of `time.monotonic`.

    Raises:
        InputError: `mail-unclear`, `mail-loop`.
        TemporaryError: of the judge.
    """
    if time.monotonic() > deadline:
        return None

    def inspect(message: bytes, header: HeaderBlock | None) -> Inspection:
        # Whoever received it looked at every line.
        return practice.judge.inspect(message, deadline, is_checked=True, header=header)

    return _judged(practice, received, inspect, deadline)


def _judged(
    practice: Practice,
    received: Received,
    inspect: Callable[[bytes, HeaderBlock | None], Inspection | None],
    deadline: float,
) -> Judged | None:
    received_as = bytes(received.content)
    header = header_of(received_as)
    fields = header.fields
    if _runs_in_circles(fields, practice.hostname):
        raise InputError(LOOP)
    arrived = practice.vouching.arrived(received_as, deadline)
    is_chain_sound = arrived.chain.state == "pass"
    message = without_forged_results(received_as, fields, practice.hostname, is_chain_sound=is_chain_sound)
    inspection = inspect(message, header if message is received_as else None)
    if inspection is None:
        return None
    facts = Facts(
        sender=received.sender.address,
        recipients=tuple([recipient.address for recipient in received.recipients]),
        inspection=inspection,
        smime=practice.judge.verify_message(message, inspection.smime),
        directory=practice.directory,
        identity=received.client.identity,
    )
    return Judged(message, facts, decide(practice.policy, facts), arrived)


def _runs_in_circles(fields: Sequence[Field], hostname: str) -> bool:
    hops, own = received_count(fields, hostname)
    return hops >= _HOPS or own >= _OWN_HOPS
