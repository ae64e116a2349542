"""What domains vouch for: found out about a message as it came, and put on top of it as it goes on (mail.md D5).

Whatever is done to a message breaks the signatures that it came with. So they are verified before; what is done is
signed for the domain of the agency in whose name the message goes on, last; and what was found is sealed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol

from gsign.mail.agencies import Agency
from gsign.mail.dkim.canonical import Canonical
from gsign.mail.dkim.keys import DomainKey, Lookup
from gsign.mail.dkim.signature import Verdict
from gsign.mail.dkim.signing import dkim_signature, sealed
from gsign.mail.dkim.verifying import Chain, verify_chain, verify_signatures
from gsign.mail.outcome import DKIM, SIGN
from gsign.mail.policy import Facts

__all__ = ["Arrived", "Vouched", "Vouching"]

_LOOKING: Final = 10.0
"""Seconds that all look-ups for one message may take: what they tell is good to know, not needed."""
_SIGNED: Final = frozenset((SIGN, DKIM))
"""What a rule does with a message that a domain signs in the end."""
_NOBODY: Final = Chain()


class Arrived(NamedTuple):
    """What a message came with; None where nobody looked."""

    signatures: tuple[Verdict, ...] | None = None
    chain: Chain = _NOBODY

    def record(self) -> dict[str, Any]:
        """Return what is written down of it."""
        if self.signatures is None:
            return {}
        said = [{name: text for name, text in verdict._asdict().items() if text} for verdict in self.signatures]
        return {"dkim": said, "arc": {"state": self.chain.state, "sets": self.chain.length}}


_NOTHING_KNOWN: Final = Arrived()


class Vouched(NamedTuple):
    """Fields that go on top of a message, and what is written down of them."""

    fields: bytes = b""
    record: tuple[dict[str, Any], ...] = ()


_NOTHING_SAID: Final = Vouched()


class Keys(Protocol):
    """Whoever has the agencies' domain keys."""

    def key_of(self, agency: Agency, domain: str) -> DomainKey | None:
        """Return the key that signs mail of an agency whose sender is in a domain; None where there is none."""
        ...


class Vouching:
    """Look at what domains say of messages, and say it for one's own.

    Args:
        keys: of agencies.
        lookup: finds the keys of others; None where nobody looks.
        sealer: the key that seals; None where nothing is sealed.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        keys: Keys,
        lookup: Lookup | None = None,
        sealer: DomainKey | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._lookup = lookup
        self._sealer = sealer
        self._clock = clock

    @property
    def looks(self) -> bool:
        """Whether what others vouch for is looked up, which takes its time."""
        return self._lookup is not None

    def vouches(self, then: Sequence[str]) -> bool:
        """Tell whether a message that goes on is signed or sealed, which takes its time."""
        return self._sealer is not None or not _SIGNED.isdisjoint(then)

    def arrived(self, message: bytes, deadline: float) -> Arrived:
        """Verify what a message came with.

        Args:
            message: as it was received, to the last octet.
            deadline: when to give up, on the clock of `time.monotonic`; what is not known then is `temperror`.
        """
        if self._lookup is None:
            return _NOTHING_KNOWN
        canonical, deadline, now = Canonical(message), min(deadline, time.monotonic() + _LOOKING), self._clock()
        signatures = verify_signatures(canonical, self._lookup, deadline, now)
        return Arrived(signatures, verify_chain(canonical, self._lookup, deadline, now))

    def vouched(
        self, message: bytes, on_top: bytes, facts: Facts, then: Sequence[str], arrived: Arrived, results: str
    ) -> Vouched:
        """Sign a message for its sender's domain where its rule says so, and seal it where everything is sealed.

        Args:
            message: as it goes on.
            on_top: fields that go on top of it, below what this returns.
            facts: about it.
            then: what its rule does with it.
            arrived: what it came with.
            results: of authentication, as our own field has them.
        """
        key = None if _SIGNED.isdisjoint(then) else self._key_for(facts)
        if key is None and self._sealer is None:
            return _NOTHING_SAID
        canonical, now, record = Canonical(message), self._clock(), []
        canonical.put_on_top(on_top)
        fields = b""
        if key is not None and (fields := dkim_signature(canonical, key, now)):
            canonical.put_on_top(fields)
            record.append({"field": "DKIM-Signature", **_named(key)})
        if self._sealer is not None and (seal := sealed(canonical, arrived.chain, results, self._sealer, now)):
            fields = seal + fields
            record.append({"field": "ARC-Seal", **_named(self._sealer), "instance": arrived.chain.length + 1})
        return Vouched(fields, tuple(record))

    def _key_for(self, facts: Facts) -> DomainKey | None:
        """Return the key of the agency whose name the message bears, and which sends it."""
        senders = facts.inspection.senders
        if len(senders) != 1:
            return None
        shown = senders[0].spec
        agency = facts.directory.agency_of(shown)
        if agency is None or facts.directory.agency_of(facts.sender or shown) is not agency:
            return None
        return self._keys.key_of(agency, shown.rpartition("@")[2])


def _named(key: DomainKey) -> dict[str, Any]:
    return {"domain": key.domain, "selector": key.selector, "algorithm": key.algorithm}
