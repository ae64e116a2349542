"""Carry a decision out: sign, encrypt, and write the header fields that tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from gsign.errors import ConfigurationError, UsageError
from gsign.mail.agencies import Agency
from gsign.mail.facts import Inspection, SmimeKind
from gsign.mail.policy import Facts
from gsign.result import Smime

__all__ = ["Done", "Outcome", "Tools", "act"]

SIGN: Final = "sign-message"
ENCRYPT: Final = "encrypt-message"
DKIM: Final = "dkim-sign"
"""Done last, to the message as it leaves: see `gsign.mail.vouching`."""


class Done(NamedTuple):
    """A message that was signed or encrypted, and what is written down of that."""

    message: bytes
    record: Mapping[str, Any]
    """Facts that JSON can hold: key, certificate, algorithms; never content."""


class Tools(Protocol):
    """What is done with keys and certificates, of which mail itself knows nothing."""

    def sign_message(self, message: bytes, agency: Agency, deadline: float, *, form: str) -> Done:
        """Sign a message in the name of an agency, in a form of `gsign.smime.sign`.

        Raises:
            GsignError: it cannot be done; `mail-already-signed` where that agency has signed it before.
        """
        ...

    def encrypt_message(self, message: bytes, recipients: tuple[str, ...], deadline: float) -> Done:
        """Encrypt a message to its recipients; see `sign_message`."""
        ...


class Outcome(NamedTuple):
    """The message as it goes on, and what was done with it."""

    message: bytes
    done: tuple[str, ...] = ()
    """`sign-message`, `encrypt-message`."""
    records: tuple[Mapping[str, Any], ...] = ()
    """Of each, what is written down."""


def act(then: Sequence[str], message: bytes, facts: Facts, tools: Tools, deadline: float) -> Outcome:
    """Do with a message that goes on what its rule says.

    Args:
        then: `sign-message`, `encrypt-message`.
        message: as it goes on.
        facts: about it.
        tools: what is done with keys.
        deadline: when to give up, on the clock of `time.monotonic`.

    Raises:
        ConfigurationError: `agency-unknown`, `agency-key-missing`.
        UsageError: `mail-is-encrypted`: it is to leave signed, and nobody signs what cannot be read.
        GsignError: of the tools.
    """
    outcome = Outcome(message)
    is_encrypted = facts.inspection.smime is SmimeKind.ENCRYPTED
    if SIGN in then:
        if is_encrypted:
            raise UsageError("mail-is-encrypted")
        outcome = _signed(outcome, facts, tools, deadline)
    if ENCRYPT in then and not is_encrypted:
        made = tools.encrypt_message(outcome.message, facts.recipients, deadline)
        outcome = _with(outcome, ENCRYPT, made)
    return outcome


def _signed(outcome: Outcome, facts: Facts, tools: Tools, deadline: float) -> Outcome:
    agency = _agency_with_key(facts)
    form = facts.directory.form_for(facts.recipients)
    try:
        return _with(outcome, SIGN, tools.sign_message(outcome.message, agency, deadline, form=form))
    except UsageError as error:
        # Not twice (mail.md D6); but a signature of ours that does not hold any more is none.
        if error.code == "mail-already-signed" and facts.smime.smime is Smime.PASS:
            return outcome
        raise


def _with(outcome: Outcome, name: str, made: Done) -> Outcome:
    return Outcome(made.message, (*outcome.done, name), (*outcome.records, made.record))


def _agency_with_key(facts: Facts) -> Agency:
    address = facts.sender or _shown(facts.inspection)
    agency = facts.directory.agency_of(address)
    if agency is None:
        raise ConfigurationError("agency-unknown", address=address or "<>")
    if agency.key is None:
        raise ConfigurationError("agency-key-missing", agency=agency.name)
    return agency


def _shown(inspection: Inspection) -> str:
    return inspection.senders[0].spec if inspection.senders else ""
