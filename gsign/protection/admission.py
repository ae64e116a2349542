"""Whether a message may be signed, and by this signer: found out before the key is used (mail.md D4, D6)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gsign.cms import CmsError
from gsign.errors import InputError, TokenError, UsageError
from gsign.mime import Part, read
from gsign.protection.binding import addresses_of, is_same, is_within, senders, signs_for
from gsign.protection.clarity import unsignable
from gsign.protection.layers import ENCRYPTED, LayerError, find_layer
from gsign.protection.octets import LARGEST_WRITTEN, Message, octets_of
from gsign.protection.request import SignMailRequest
from gsign.protection.signers import open_signed
from gsign.signer import Signer

if TYPE_CHECKING:
    from gsign.trust.signing_certificate import SignerCheck

__all__ = ["check_certificate", "require_signable", "require_unsigned", "sender_for", "signable"]


def check_certificate(signer: Signer, request: SignMailRequest, now: datetime) -> SignerCheck:
    """Refuse to sign with a certificate that a reader would refuse.

    Raises:
        TokenError: `certificate-…`, naming what does not hold.
        TemporaryError: a status that is required could not be had.
    """
    from gsign.trust.certificate import Certificate
    from gsign.trust.signing_certificate import require_certificate
    from gsign.trust.usage import Usage, usage_problems

    check = require_certificate(signer, request.trust, request.revocation, now)
    if usage_problems(Certificate.of(signer.certificate), Usage.MAIL):
        raise TokenError("certificate-not-for-mail", subject=check.signer.name)
    return check


def signable(source: Message) -> tuple[str | None, Part]:
    """Read a message that is to be signed or encrypted.

    Raises:
        InputError: `input-unreadable`, `mail-too-large`; as `require_signable`.
    """
    file, data = octets_of(source, LARGEST_WRITTEN)
    # Ends of lines are looked at where it is found out what has to be encoded.
    message = read(data, is_checked=True)
    require_signable(message)
    return file, message


def require_signable(message: Part) -> None:
    """Refuse what readers take differently, and pieces of messages (mail.md D6).

    Raises:
        InputError: `mail-unclear`, `mail-partial`.
    """
    if any(part.content_type == "message/partial" for part in message.walk()):
        raise InputError("mail-partial")
    if troubles := unsignable(message):
        raise InputError("mail-unclear", reasons=", ".join(troubles))


def sender_for(message: Part, signer: Signer, request: SignMailRequest) -> tuple[str, bool]:
    """Return the sender, and whether the certificate is an agency's that signs in the sender's place.

    Raises:
        UsageError: `signer-is-not-sender`.
        InputError: `mail-unclear` where From is none that readers read alike.
    """
    authors, trouble = senders(message)
    if trouble is not None:
        raise InputError("mail-unclear", reasons=trouble)
    named = addresses_of(signer.certificate)

    def of_same_domain(agency: str, sender: str) -> bool:
        return request.as_agency and is_within(sender.rpartition("@")[2], agency.rpartition("@")[2])

    sender = ", ".join(author.spec for author in authors)
    capacities = {signs_for(named, author.spec, of_same_domain) for author in authors}
    if None in capacities:
        raise UsageError("signer-is-not-sender", sender=sender, named=", ".join(named) or "-")
    return sender, "agency" in capacities


def require_unsigned(message: Part, signer: Signer) -> None:
    """Refuse to sign twice in one name; another's signature is signed over, and stays as it is.

    Raises:
        UsageError: `mail-already-signed`, `mail-is-encrypted`.
        InputError: `mail-unclear` where the signature there cannot be read.
    """
    try:
        layer = find_layer(message)
        if layer is None:
            return
        if layer.form == ENCRYPTED:
            raise UsageError("mail-is-encrypted")
        earlier = open_signed(layer).signed
    except (LayerError, CmsError) as error:
        raise InputError("mail-unclear", reasons=error.reason) from error
    mine = addresses_of(signer.certificate)
    theirs = (
        address
        for info in earlier.signer_infos
        if (c := earlier.signer_certificate(info))
        for address in addresses_of(c)
    )
    if any(is_same(address, other) for other in theirs for address in mine):
        raise UsageError("mail-already-signed", address=", ".join(mine))
