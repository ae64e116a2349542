"""Carry a decision out: sign, encrypt, and write the header fields that tell of it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from gsign.errors import ConfigurationError
from gsign.mail.agencies import Agency, Directory
from gsign.mail.facts import Inspection, SmimeKind
from gsign.mail.policy import Decision

__all__ = ["Outcome", "Tools", "act"]


class Tools(Protocol):
    """What is done with keys and certificates, of which mail itself knows nothing."""

    def sign_message(self, message: bytes, agency: Agency, deadline: float) -> bytes:
        """Sign a message in the name of an agency.

        Raises:
            GsignError: it cannot be done; `temporary` where later it may.
        """
        ...

    def encrypt_message(self, message: bytes, recipients: tuple[str, ...], deadline: float) -> bytes:
        """Encrypt a message to its recipients; see `sign_message`."""
        ...


class Outcome(NamedTuple):
    """The message as it goes on, and what was done with it."""

    message: bytes
    done: tuple[str, ...]
    """`sign-message`, `encrypt-message`."""


def act(
    decision: Decision,
    message: bytes,
    inspection: Inspection,
    *,
    sender: str,
    recipients: tuple[str, ...],
    directory: Directory,
    tools: Tools,
    deadline: float,
) -> Outcome:
    """Do with a message that passes what its rule says.

    Args:
        decision: what was decided.
        message: as it was received.
        inspection: its facts.
        sender: of the envelope; empty for the null sender.
        recipients: of the envelope.
        directory: of the agencies.
        tools: what is done with keys.
        deadline: when to give up, on the clock of `time.monotonic`.

    Raises:
        ConfigurationError: `agency-unknown`, `agency-key-missing`.
        GsignError: of the tools.
    """
    done: list[str] = []
    if "sign-message" in decision.then and inspection.smime is not SmimeKind.ENCRYPTED:
        message = tools.sign_message(message, _agency_with_key(directory, sender, inspection), deadline)
        done.append("sign-message")
    if "encrypt-message" in decision.then and inspection.smime is not SmimeKind.ENCRYPTED:
        message = tools.encrypt_message(message, recipients, deadline)
        done.append("encrypt-message")
    return Outcome(message, tuple(done))


def _agency_with_key(directory: Directory, sender: str, inspection: Inspection) -> Agency:
    address = sender or (inspection.senders[0].spec if inspection.senders else "")
    agency = directory.agency_of(address)
    if agency is None:
        raise ConfigurationError("agency-unknown", address=address or "<>")
    if agency.key is None:
        raise ConfigurationError("agency-key-missing", agency=agency.name)
    return agency
