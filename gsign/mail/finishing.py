"""A message as it leaves: what was done with it, and on top our trace, what was found, and what domains vouch for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from gsign.mail.headers import authentication_results, received_field, results_of
from gsign.mail.policy import Facts
from gsign.mail.vouching import Arrived, Vouching
from gsign.result import VIETNAM
from gsign.smtp.steps import Client

__all__ = ["Finished", "Passage", "finished"]


class Passage(NamedTuple):
    """How a message came by us, and why it goes on."""

    hostname: str
    client: Client
    reference: str
    """Of the ledger's entry."""
    action: str
    """What became of it, such as `pass`."""
    rule: str
    reasons: Sequence[object]
    then: Sequence[str]
    arrived: Arrived
    """What it came with."""


class Finished(NamedTuple):
    """What stands on top of the message, and what is written down of who vouches for it."""

    on_top: bytes
    vouched: tuple[dict[str, Any], ...]


def finished(message: bytes, passage: Passage, facts: Facts, vouching: Vouching) -> Finished:
    """Make what goes on top of a message; results of authentication above our trace, so that they are found first.

    Args:
        message: with everything done that its rule says.
        passage: how it came, and why it goes on.
        facts: about it as it came.
        vouching: signs and seals for domains, last of all.
    """
    now = _second(int(time.time()))
    trace = received_field(passage.client, passage.hostname, passage.reference, facts.recipients, now)
    results = results_of(
        passage.hostname,
        facts.smime,
        facts.inspection,
        action=passage.action,
        rule=passage.rule,
        reasons=passage.reasons,
        arrived=passage.arrived,
    )
    on_top = authentication_results(results) + trace
    vouched = vouching.vouched(message, on_top, facts, passage.then, passage.arrived, results)
    return Finished(vouched.fields + on_top, vouched.record)


@lru_cache(1 << 2)
def _second(seconds: int) -> datetime:
    """Return a moment as it is written: the same for all messages of a second."""
    return datetime.fromtimestamp(seconds, VIETNAM)
