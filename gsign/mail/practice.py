"""What the relay deals with messages by: policy, directory, judge, tools, ledger, and the next hop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from gsign.mail.account import Account
from gsign.mail.agencies import Directory
from gsign.mail.facts import Inspection, SmimeKind
from gsign.mail.held import Held
from gsign.mail.outcome import Tools
from gsign.mail.policy import Policy
from gsign.mail.vouching import Vouching
from gsign.mime.fields import HeaderBlock
from gsign.result import MailResult
from gsign.smtp.pool import NextHop

__all__ = ["Judge", "Observer", "Practice", "Unobserved"]


class Judge(Protocol):
    """Whoever inspects messages; both are done where strangers' bytes can do no harm."""

    def inspect(
        self, message: bytes, deadline: float, *, is_checked: bool = False, header: HeaderBlock | None = None
    ) -> Inspection:
        """Find and verify the documents in a message, which may be known to hold no bare CR or LF and no NUL.

        Its header is not read again where it has been.
        """
        ...

    def glance(self, message: bytes, header: HeaderBlock | None = None) -> Inspection | None:
        """Inspect a message here and now, where that takes next to no time: it is small, and nothing is in it.

        It is known to hold no bare CR or LF and no NUL. None where it has to be inspected properly.
        """
        ...

    def verify_message(self, message: bytes, kind: SmimeKind) -> MailResult:
        """Verify a message's own signature, of the form that its inspection has found."""
        ...


class Observer(Protocol):
    """Whoever counts what was done, for metrics."""

    def decided(self, action: str, documents: Sequence[str]) -> None:
        """Count a decision, and the indications of the documents that it was about."""
        ...

    def delivered(self, sha256: str, recipients: Sequence[str]) -> None:
        """Note that the next hop has taken a message, and count it where it had taken it before."""
        ...

    def replied(self, codes: Sequence[int], seconds: float, octets: int) -> None:
        """Count what a client was told, and how long it waited."""
        ...


class Unobserved:
    """Counts nothing, where nobody asks for metrics."""

    def decided(self, action: str, documents: Sequence[str]) -> None:
        """See `Observer`."""

    def delivered(self, sha256: str, recipients: Sequence[str]) -> None:
        """See `Observer`."""

    def replied(self, codes: Sequence[int], seconds: float, octets: int) -> None:
        """See `Observer`."""


class Practice(NamedTuple):
    """All that a message is dealt with by; when the configuration is read again, a new one takes its place."""

    hostname: str
    policy: Policy
    directory: Directory
    judge: Judge
    tools: Tools
    vouching: Vouching
    ledger: Account
    held: Held | None
    hop: NextHop
    budget_seconds: float
    observer: Observer
    lease: object = None
    """Goes when nobody deals with a message by this any more: what it was opened with can be closed then."""
