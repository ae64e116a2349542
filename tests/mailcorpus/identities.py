"""Attacks on who seems to have written (mail.md C4, C5): a good signature of somebody else, a changed header."""

from __future__ import annotations

from cryptography import x509

from tests.mailcorpus.cms import Signing, attribute, signed_data
from tests.mailcorpus.kit import ENTITY, Kit, fields
from tests.mailcorpus.model import invalid
from tests.pki import LEADER, ORGANISATION, PERSON, Subject

_SENDER = PERSON.email
_OTHER = LEADER.email


def _by_other(kit: Kit, **changes: str | None) -> bytes:
    """Let somebody else, who has a good certificate, sign a message with this header."""
    return kit.detached(kit.cms(who=kit.other), header=fields(**changes))


@invalid("from-another", "a colleague signs in the sender's name", "fail", "signer-not-sender")
def from_another(kit: Kit) -> bytes:
    return _by_other(kit)


@invalid("name-is-signer", "the name shown is the signer's address, the address is not", "fail", "signer-not-sender")
def name_is_signer(kit: Kit) -> bytes:
    return _by_other(kit, From=f'"{_OTHER}" <{_SENDER}>')


@invalid("address-in-name", "two addresses in angle brackets", "permerror", "from-unclear")
def address_in_name(kit: Kit) -> bytes:
    return _by_other(kit, From=f"<{_OTHER}> <{_SENDER}>")


@invalid("sender-is-signer", "Sender is the signer, From is not", "fail", "signer-not-sender")
def sender_is_signer(kit: Kit) -> bytes:
    return _by_other(kit, Sender=_OTHER)


@invalid("reply-to-is-signer", "Reply-To is the signer, From is not", "fail", "signer-not-sender")
def reply_to_is_signer(kit: Kit) -> bytes:
    return _by_other(kit, Reply_To=_OTHER)


@invalid("sender-unsigned", "somebody else is shown as having sent it, unsigned", "policy", "sender-not-signed")
def sender_unsigned(kit: Kit) -> bytes:
    return kit.detached(header=fields(Sender=_OTHER))


@invalid("reply-to-unsigned", "answers would go to somebody else, unsigned", "policy", "reply-to-not-signed")
def reply_to_unsigned(kit: Kit) -> bytes:
    return kit.detached(header=fields(Reply_To=f"{_SENDER}, {_OTHER}"))


@invalid("reply-to-added", "the same, added to a message whose header is protected", "policy", "reply-to-not-signed")
def reply_to_added(kit: Kit) -> bytes:
    return b"Reply-To: someone@example.com\r\n" + kit.signed()


@invalid("sender-added", "a Sender added likewise", "policy", "sender-not-signed")
def sender_added(kit: Kit) -> bytes:
    return b"Sender: someone@example.com\r\n" + kit.signed()


@invalid("reply-to-unclear", "a Reply-To that readers take differently", "policy", "reply-to-not-signed")
def reply_to_unclear(kit: Kit) -> bytes:
    return kit.detached(header=fields(Reply_To=f"<{_SENDER}> <{_OTHER}>"))


@invalid("two-addresses", "From names the victim first, then the signer", "fail", "signer-not-sender")
def two_addresses(kit: Kit) -> bytes:
    return _by_other(kit, From=f"{_SENDER}, {_OTHER}")


@invalid("two-addresses-turned", "From names the signer first, then the victim", "fail", "signer-not-sender")
def two_addresses_turned(kit: Kit) -> bytes:
    return _by_other(kit, From=f"{_OTHER}, {_SENDER}")


@invalid("two-froms", "two From fields, the victim's first", "permerror", "from-repeated")
def two_froms(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.other), header=fields() + f"From: {_OTHER}\r\n".encode())


@invalid("two-froms-turned", "two From fields, the signer's first", "permerror", "from-repeated")
def two_froms_turned(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.other), header=f"From: {_OTHER}\r\n".encode() + fields())


@invalid("no-from", "no From at all", "permerror", "from-missing")
def no_from(kit: Kit) -> bytes:
    return kit.detached(header=fields(From=None))


@invalid("empty-from", "an empty From", "permerror", "from-unclear")
def empty_from(kit: Kit) -> bytes:
    return kit.detached(header=fields(From=""))


@invalid("name-only", "a From with a name only", "permerror", "from-unclear")
def name_only(kit: Kit) -> bytes:
    return kit.detached(header=fields(From="Chu tich UBND tinh"))


@invalid("group", "a From that is a group", "permerror", "from-unclear")
def group(kit: Kit) -> bytes:
    return kit.detached(header=fields(From=f"Lanh dao: {_SENDER};"))


@invalid("comment", "an address in a comment: some readers show it", "permerror", "from-unclear")
def comment(kit: Kit) -> bytes:
    return kit.detached(header=fields(From=f"{_SENDER} (chutich@hungyen.gov.vn)"))


@invalid("route", "an address with a route, of which readers show either end", "permerror", "from-unclear")
def route(kit: Kit) -> bytes:
    return kit.detached(header=fields(From=f"<@chutich.gov.vn:{_SENDER}>"))


@invalid("quoted-at", "a quoted local part with an at sign", "permerror", "from-unclear")
def quoted_at(kit: Kit) -> bytes:
    return kit.detached(header=fields(From=f'"{_SENDER}"@example.com'))


@invalid("other-local-case", "local parts are compared exactly (RFC 5280 7.5)", "fail", "signer-not-sender")
def other_local_case(kit: Kit) -> bytes:
    return kit.detached(header=fields(From="NTTANHTUYET@hungyen.gov.vn"))


@invalid("subdomain", "the same name in a domain below", "fail", "signer-not-sender")
def subdomain(kit: Kit) -> bytes:
    return kit.detached(header=fields(From="nttanhtuyet@mail.hungyen.gov.vn"))


@invalid("domain-suffix", "the same name in a domain that ends alike", "fail", "signer-not-sender")
def domain_suffix(kit: Kit) -> bytes:
    return kit.detached(header=fields(From="nttanhtuyet@xhungyen.gov.vn"))


@invalid("homoglyph", "a Cyrillic letter in the domain", "fail", "signer-not-sender")
def homoglyph(kit: Kit) -> bytes:
    return kit.detached(header=fields(From="nttanhtuyet@hungy\u0435n.gov.vn"))


@invalid("sharp-s", "a letter that older rules for domains map onto two others", "fail", "signer-not-sender")
def sharp_s(kit: Kit) -> bytes:
    who = kit.named(x509.RFC822Name("ai@fass.vn"))
    return kit.detached(kit.cms(who=who), header=fields(From="ai@faß.vn"))


@invalid("no-address", "a certificate that names no mailbox", "fail", "signer-not-sender")
def no_address(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.named()))


@invalid("address-in-common-name", "the address is in the CN only", "fail", "signer-not-sender")
def address_in_common_name(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.named(subject=Subject(str(_SENDER)))))


@invalid("subject-beside-san", "the subject names the victim, the SAN somebody else", "fail", "signer-not-sender")
def subject_beside_san(kit: Kit) -> bytes:
    victim = x509.RelativeDistinguishedName([x509.NameAttribute(x509.NameOID.EMAIL_ADDRESS, str(_SENDER))])
    directory = x509.DirectoryName(x509.Name([victim]))
    return kit.detached(kit.cms(who=kit.named(x509.RFC822Name(str(_OTHER)), directory)))


# ---------------------------------------------------------------- agencies


@invalid("agency-unknown", "an agency's signature, of an agency that nobody named", "policy", "agency-unknown")
def agency_unknown(kit: Kit) -> bytes:
    return kit.signed(who=kit.agency, as_agency=True)


@invalid("agency-not-said", "the agency's certificate, without saying so", "fail", "signer-not-sender")
def agency_not_said(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.agency))


@invalid("colleague-as-agency", "a colleague claims to be the agency", "policy", "agency-unknown")
def colleague_as_agency(kit: Kit) -> bytes:
    from asn1crypto import core

    class Oids(core.SequenceOf):
        _child_spec = core.ObjectIdentifier

    said = attribute("1.2.840.113549.1.9.16.2.28", Oids(["1.2.840.113549.1.9.16.9.2"]))
    return kit.detached(kit.cms(who=kit.other, change=lambda found: [*found, said]))


@invalid("authority-of-another-domain", "the signing authority of another domain", "fail", "signer-not-sender")
def authority_of_another_domain(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.named(x509.RFC822Name("domain-signing-authority@hanoi.gov.vn"))))


@invalid("authority-below", "the authority of a domain below signs for the one above", "fail", "signer-not-sender")
def authority_below(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.named(x509.RFC822Name("domain-signing-authority@xa.hungyen.gov.vn"))))


@invalid("authority-of-everybody", "a signing authority of all domains of a country", "fail", "signer-not-sender")
def authority_of_everybody(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.named(x509.RFC822Name("domain-signing-authority@vn"))))


@invalid("authority-of-a-registry", "the same for all agencies of the state", "fail", "signer-not-sender")
def authority_of_a_registry(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.named(x509.RFC822Name("domain-signing-authority@gov.vn"))))


@invalid("inner-signed", "another agency signs over a good personal signature", "fail", "signer-not-sender")
def inner_signed(kit: Kit) -> bytes:
    inner = kit.detached(header=b"")
    return kit.detached(signed_data(inner, Signing(kit.other)), entity=inner, boundary="outer-x")


# ---------------------------------------------------------------- the header, changed after signing


@invalid("from-changed", "From was changed to another address", "fail", "sender-changed")
def from_changed(kit: Kit) -> bytes:
    return kit.signed().replace(f"<{_SENDER}>".encode(), f"<{ORGANISATION.email}>".encode(), 1)


@invalid("name-changed", "the name shown was changed, the address was not", "fail", "sender-changed")
def name_changed(kit: Kit) -> bytes:
    return kit.signed().replace(b"From: Nguyen Thi Anh Tuyet", b"From: Chu tich UBND tinh", 1)


@invalid("name-removed", "the name shown was removed", "fail", "sender-changed")
def name_removed(kit: Kit) -> bytes:
    return kit.signed().replace(
        b"From: Nguyen Thi Anh Tuyet <" + str(_SENDER).encode() + b">", f"From: {_SENDER}".encode(), 1
    )


@invalid("from-removed", "the outer From was removed", "permerror", "from-missing")
def from_removed(kit: Kit) -> bytes:
    message = kit.signed()
    return message[message.index(b"To:") :]


@invalid("inner-from-another", "the signed From is another one than the shown", "fail", "sender-changed")
def inner_from_another(kit: Kit) -> bytes:
    entity = f"From: {_OTHER}\r\n".encode() + ENTITY.replace(b"utf-8", b'utf-8; hp="clear"')
    return kit.detached(entity=entity)


@invalid("two-inner-froms", "two signed From fields, one of them as shown", "fail", "sender-changed")
def two_inner_froms(kit: Kit) -> bytes:
    copies = f"From: {_OTHER}\r\nFrom: Nguyen Thi Anh Tuyet <{_SENDER}>\r\n".encode()
    return kit.detached(entity=copies + ENTITY.replace(b"utf-8", b'utf-8; hp="clear"'))


@invalid("inner-message-from", "the message inside (older form) is from somebody else", "fail", "sender-changed")
def inner_message_from(kit: Kit) -> bytes:
    inner = b"Content-Type: message/rfc822; forwarded=no\r\n\r\n" + fields(From=_OTHER) + ENTITY
    return kit.detached(entity=inner)
