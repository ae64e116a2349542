"""From addresses to certificates: every recipient gets one that holds, or is named with what was rejected and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from gsign.errors import DecisionNeededError, GsignError, TemporaryError
from gsign.mime import Part
from gsign.mime.addresses import AddressError, read_addresses
from gsign.protection.binding import addresses_of, is_same
from gsign.protection.capabilities import of_certificate
from gsign.protection.sources import Candidate, Source
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.recipient import RecipientCheck

__all__ = ["Lacking", "Recipient", "Rejected", "addressees", "choose_recipients", "uncovered"]

Check = Callable[[bytes, tuple[bytes, ...]], RecipientCheck]
"""Judges a certificate, given those that may stand above it."""


class Recipient(NamedTuple):
    """A certificate that mail is encrypted to.

    Args:
        address: whose it is to be; None where somebody named the certificate itself.
        certificate: DER.
        origin: where it was found.
        capabilities: what the recipient's program said of itself, None where it said nothing.
        warnings: of its judgement.
        stands_in: whether it is an agency's, for one of its people.
    """

    address: str | None
    certificate: bytes
    origin: str
    capabilities: frozenset[str] | None
    warnings: tuple[str, ...]
    stands_in: bool = False

    @property
    def name(self) -> str:
        """Whom the certificate names."""
        return Certificate.of(self.certificate).label

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints."""
        facts = Certificate.of(self.certificate)
        return {
            "address": self.address,
            "name": facts.label,
            "serial": f"{facts.serial:X}",
            "issuer": facts.signer_info().issuer,
            "not_after": facts.not_after.isoformat(timespec="seconds"),
            "origin": self.origin,
        }


class Rejected(NamedTuple):
    """A certificate that was found and not taken."""

    subject: str
    origin: str
    reasons: tuple[str, ...]


class Lacking(dict[str, tuple[Rejected, ...]]):
    """Recipients without a certificate, as a fact of an error: `{recipients:vi}` lists them with reasons in words."""

    def __format__(self, lang: str) -> str:
        from gsign.sentences import reason_sentence

        def one(rejected: Rejected) -> str:
            reasons = ", ".join(reason_sentence(reason, lang) for reason in rejected.reasons)
            return f"{rejected.subject} [{rejected.origin}]: {reasons}"

        nothing = "không tìm thấy chứng thư số nào" if lang == "vi" else "no certificate was found"
        return "; ".join(f"{who} ({'; '.join(map(one, found)) or nothing})" for who, found in self.items())


def addressees(message: Part) -> tuple[str, ...]:
    """Return the addresses of To and Cc, each once.

    Raises:
        DecisionNeededError: `recipients-unclear` where readers would take them differently; `recipients-missing`.
    """
    try:
        fields = (*message.get_all("to"), *message.get_all("cc"))
        found = dict.fromkeys(address.spec for field in fields for address in read_addresses(field))
    except AddressError:
        raise DecisionNeededError("recipients-unclear") from None
    if not found:
        raise DecisionNeededError("recipients-missing")
    return tuple(found)


def choose_recipients(
    addresses: Sequence[str], named: Iterable[Candidate], sources: Sequence[Source], check: Check
) -> list[Recipient]:
    """Choose a certificate for each address, and judge those that somebody named.

    Of several that hold, one's own is taken before an agency's, and then the one that was issued last; its source does
    not matter.

    Args:
        addresses: who is to read the message.
        named: certificates to take whatever address they name.
        sources: where certificates are looked for by address.
        check: judges a certificate.

    Raises:
        DecisionNeededError: `recipients-without-certificate`, naming every recipient without one, and why each
            certificate found was rejected.
        TemporaryError: the same where trying again later may help; a directory did not answer.
    """
    chosen, lacking, temporary = [], Lacking(), True
    silent: list[TemporaryError] = []
    above = tuple(certificate for source in sources for certificate in source.authorities())
    questions: list[tuple[str | None, list[Candidate]]] = [(None, [candidate]) for candidate in named]
    questions += [(address, _candidates(address, sources, silent)) for address in addresses]
    for address, candidates in questions:
        fit, rejected, later = _judge(address, [c._replace(others=(*c.others, *above)) for c in candidates], check)
        if fit:
            chosen.append(max(fit, key=_preference))
        else:
            who = address or rejected[0].subject
            lacking[who] = (*lacking.get(who, ()), *rejected)
            temporary &= later
    if lacking and silent:
        raise silent[0]
    if lacking:
        kind: type[GsignError] = TemporaryError if temporary else DecisionNeededError
        raise kind("recipients-without-certificate", recipients=lacking)
    return chosen


def _candidates(address: str, sources: Sequence[Source], silent: list[TemporaryError]) -> list[Candidate]:
    """Ask every source; one that does not answer matters only where no other has a certificate that holds."""
    found: list[Candidate] = []
    for source in sources:
        try:
            found += source.candidates(address)
        except TemporaryError as error:
            silent.append(error)
    return found


def uncovered(message: Part, recipients: Iterable[Recipient]) -> tuple[str, ...]:
    """List the addresses of To, Cc and Bcc that none of the recipients' certificates names."""
    named = [address for one in recipients for address in (*addresses_of(one.certificate), one.address or "")]
    found: dict[str, None] = {}
    for field in (text for name in ("to", "cc", "bcc") for text in message.get_all(name)):
        try:
            found |= dict.fromkeys(address.spec for address in read_addresses(field))
        except AddressError:
            found[field] = None
    return tuple(address for address in found if not any(is_same(one, address) for one in named))


def _judge(
    address: str | None, candidates: Iterable[Candidate], check: Check
) -> tuple[list[Recipient], list[Rejected], bool]:
    """Judge the certificates found for an address; tell also whether one that failed may hold later."""
    fit, rejected, later = [], [], False
    for candidate in {one.certificate: one for one in candidates}.values():
        judged = check(candidate.certificate, candidate.others)
        is_named = address is None or candidate.stands_in or _names(candidate.certificate, address)
        if not judged.reasons and not is_named:
            judged = RecipientCheck(("other-address",))
        if not judged.reasons:
            fit.append(_recipient(address, candidate, judged))
        else:
            rejected.append(Rejected(_subject(candidate.certificate), candidate.origin, judged.reasons))
            later |= judged.is_temporary
    return fit, rejected, later


def _recipient(address: str | None, candidate: Candidate, judged: RecipientCheck) -> Recipient:
    said = candidate.capabilities
    told = said if said is not None else of_certificate(candidate.certificate)
    return Recipient(address, candidate.certificate, candidate.origin, told, judged.warnings, candidate.stands_in)


def _preference(recipient: Recipient) -> tuple[bool, datetime]:
    return not recipient.stands_in, Certificate.of(recipient.certificate).not_before


def _names(certificate: bytes, address: str) -> bool:
    return any(is_same(named, address) for named in addresses_of(certificate))


def _subject(certificate: bytes) -> str:
    try:
        return Certificate.of(certificate).label
    except CertificateError:
        return "-"
