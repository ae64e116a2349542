"""What is found on a message whose signature could be read: whose it is, its header, its certificate."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from gsign.mime import Part, read
from gsign.mime.addresses import Address, AddressError, read_addresses
from gsign.mime.dates import read_date
from gsign.mime.lines import line_faults
from gsign.protection.binding import Agencies, addresses_of, is_same, signs_for
from gsign.protection.headers import compare
from gsign.protection.layers import ENCRYPTED, Layer, LayerError, find_layer, is_signed_below
from gsign.protection.signers import CheckedSigner, Content
from gsign.protection.verdict import Verdict
from gsign.result import Indication
from gsign.trust.certificate import CertificateError
from gsign.trust.identity import Context, judge_identity, signature_timestamp
from gsign.trust.usage import Usage

__all__ = ["bind_signer", "compare_header", "compare_micalg", "judge_names", "judge_signer", "judge_unsigned"]

_FAR: Final = timedelta(days=1)
_SHOWN_BESIDE_FROM: Final = ("Sender", "Reply-To")
_SPECIAL: Final = r"\s<>\"'(),;:@\[\]"
_ADDRESS: Final = re.compile(rf"[^{_SPECIAL}]+\s*@\s*[^{_SPECIAL}]+\.[^{_SPECIAL}]+")


def bind_signer(
    verdict: Verdict, signers: list[CheckedSigner], authors: tuple[Address, ...], agencies: Agencies
) -> CheckedSigner:
    """Choose the signer whose certificate names every sender; say so where there is none."""
    claims_agency = False
    for signer in signers:
        if signer.certificate is None:
            continue
        try:
            named = addresses_of(signer.certificate)
        except CertificateError:
            continue
        capacities = {signs_for(named, author.spec, agencies) for author in authors}
        if capacities and None not in capacities:
            verdict.by_agency = "agency" in capacities
            return signer
        claims_agency |= signer.is_agency
    if authors and claims_agency:
        verdict.lower(Indication.INDETERMINATE, "SIG_CONSTRAINTS_FAILURE", "agency-unknown")
    elif authors:
        verdict.fail("signer-not-sender")
    return signers[0]


def judge_unsigned(verdict: Verdict, message: Part, layer: Layer | None) -> None:
    """Tell of a message without a signature at its root what somebody may take for one."""
    if layer is not None:
        verdict.warnings.append("mail-encrypted")
    elif is_signed_below(message):
        verdict.warnings.append("signature-not-at-root")


def judge_names(verdict: Verdict, authors: tuple[Address, ...]) -> None:
    """Tell of a name that is another address: it decides nothing, but many readers show the name alone."""
    for author in authors:
        letters = (c for c in unicodedata.normalize("NFKC", author.name) if unicodedata.category(c) != "Cf")
        shown = _ADDRESS.findall("".join(letters).replace("\u3002", "."))
        if any("".join(found.split()).strip(".").lower() != author.spec.lower() for found in shown):
            verdict.warnings.append("from-shows-another")


def compare_micalg(verdict: Verdict, layer: Layer, signers: list[CheckedSigner]) -> None:
    """Warn where multipart/signed names another digest than the signature uses (RFC 8551 clause 3.5.3.2)."""
    used = {signer.info.digest.replace("-", "") for signer in signers}
    if layer.micalg is not None and layer.micalg not in used:
        verdict.warnings.append("micalg-wrong")


def compare_header(verdict: Verdict, message: Part, layer: Layer, content: Content) -> None:
    """Hold the outer header fields against those that were signed."""
    signed = layer.entity if layer.entity is not None else read(bytes(content.octets))
    _compare_copies(verdict, message, signed)
    _judge_reading(verdict, signed, is_inside=layer.entity is None)
    if _is_encrypted(signed):
        verdict.warnings.append("content-encrypted")
    _judge_elsewhere(verdict, message, signed)
    for name in _SHOWN_BESIDE_FROM:
        _judge_shown(verdict, message, name)


def _compare_copies(verdict: Verdict, message: Part, signed: Part) -> None:
    try:
        verdict.header = compare(message, signed)
    except LayerError as error:
        verdict.fail(error.reason)
    if not verdict.header.is_protected:
        verdict.warnings.append("headers-not-protected")
    if "From" in verdict.header.changed:
        verdict.fail("sender-changed")
    elif verdict.header.changed:
        verdict.warnings.append("headers-changed")


def _judge_reading(verdict: Verdict, signed: Part, *, is_inside: bool) -> None:
    """Judge whether what was signed is one thing to all readers, by its header."""
    if is_inside and "bare-cr" in line_faults(bytes(signed.header_block)):
        # What was written around it cannot be odd; what comes out of it can, and readers part it at other places.
        verdict.fail("bare-cr")
    if len(signed.get_all("content-type")) > 1:
        # To one reader it may be a letter, to another somebody else's message.
        verdict.fail("field-repeated")


def _judge_elsewhere(verdict: Verdict, message: Part, signed: Part) -> None:
    """Judge what would be fetched, or opened, from a place that nobody signed."""
    if any("external-body" in part.ambiguities for part in chain(message.walk(), signed.walk())):
        verdict.lower(Indication.INDETERMINATE, "SIG_CONSTRAINTS_FAILURE", "content-elsewhere")
    if message.get("content-base") is not None or message.get("content-location") is not None:
        # Where the links in it lead from (RFC 2557 clause 5): nobody signs what stands outside.
        verdict.lower(Indication.INDETERMINATE, "SIG_CONSTRAINTS_FAILURE", "base-not-signed")


def _is_encrypted(signed: Part) -> bool:
    """Whether what is signed is something encrypted: anybody can take it from another message and sign it."""
    with suppress(LayerError):
        layer = find_layer(signed)
        return layer is not None and layer.form == ENCRYPTED
    return False


def _judge_shown(verdict: Verdict, message: Part, name: str) -> None:
    """Judge an address that readers show or answer to in the place of From: the signer's own, or one that is signed."""
    if not message.get_all(name) or _is_own(verdict, message, name):
        return
    if verdict.header.is_protected and name not in verdict.header.changed:
        verdict.warnings += ["sent-by-another"] if name == "Sender" else []
        return
    verdict.lower(Indication.INDETERMINATE, "SIG_CONSTRAINTS_FAILURE", f"{name.lower()}-not-signed")


def _is_own(verdict: Verdict, message: Part, name: str) -> bool:
    certificate = verdict.signer.certificate if verdict.signer is not None else None
    try:
        named = addresses_of(certificate) if certificate is not None else ()
        shown = [address for text in message.get_all(name) for address in read_addresses(text)]
    except (AddressError, CertificateError):
        return False
    return all(any(is_same(own, address.spec) for own in named) for address in shown)


def judge_signer(verdict: Verdict, signer: CheckedSigner, message: Part, context: Context) -> None:
    """Judge the certificate of a signature that holds, at the proven time, else now (EN 319 102-1 clause 5.2)."""
    stamp = signature_timestamp(signer, context)
    verdict.warnings += stamp.warnings
    if stamp.pending:
        verdict.lower(Indication.INDETERMINATE, "TRY_LATER", "timestamp-revocation-unavailable")
    verdict.proven = stamp.time
    verdict.identity = judge_identity(signer, stamp.time, signer.signing_time, context, Usage.MAIL)
    if _is_far(message.get("date"), signer.signing_time):
        verdict.warnings.append("date-differs")


def _is_far(date: str | None, signing_time: datetime | None) -> bool:
    """Whether the message's date is not the day of the signature, as far as both are told."""
    if date is None or signing_time is None:
        return False
    sent = read_date(date)
    return sent is None or abs(sent - signing_time) > _FAR
