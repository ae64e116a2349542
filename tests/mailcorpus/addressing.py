"""Attacks on addresses: of From, as readers see them, and of certificates, as they are compared (RFC 5322, 5280)."""

from __future__ import annotations

from cryptography import x509

from tests.mailcorpus.kit import Kit, fields
from tests.mailcorpus.model import invalid, valid
from tests.pki import LEADER, PERSON, Subject

_SENDER = PERSON.email
_OTHER = LEADER.email
_SMTP_UTF8_MAILBOX = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9")


def _from(kit: Kit, text: str, *names: x509.GeneralName) -> bytes:
    """Let the person sign a message with this From, perhaps with other names in the certificate."""
    cms = kit.cms(who=kit.named(*names)) if names else None
    return kit.detached(cms, header=fields(From=text))


# ---------------------------------------------------------------- From


@invalid("encoded-address", "the whole address is an encoded word", "permerror", "from-unclear")
def encoded_address(kit: Kit) -> bytes:
    return _from(kit, "=?utf-8?q?nttanhtuyet=40hungyen=2Egov=2Evn?=")


@invalid("encoded-local", "the local part is an encoded word, which some readers decode", "fail", "signer-not-sender")
def encoded_local(kit: Kit) -> bytes:
    return _from(kit, "Tuyet <=?utf-8?q?nttanhtuyet?=@hungyen.gov.vn>")


@invalid("empty-group-first", "an empty group before the address", "permerror", "from-unclear")
def empty_group_first(kit: Kit) -> bytes:
    return _from(kit, f"nhom:;, {_SENDER}")


@invalid("comment-behind-domain", "a comment that looks like the rest of the domain", "permerror", "from-unclear")
def comment_behind_domain(kit: Kit) -> bytes:
    return _from(kit, f"{_SENDER}(.example.com)")


@invalid("comment-before", "an address in a comment before the address", "permerror", "from-unclear")
def comment_before(kit: Kit) -> bytes:
    return _from(kit, f"({_OTHER}) {_SENDER}")


@invalid("comment-in-angles", "a comment inside the angle brackets", "permerror", "from-unclear")
def comment_in_angles(kit: Kit) -> bytes:
    return _from(kit, f"<{_SENDER} (x)>")


@invalid("quoted-pair", "a local part with an escaped at sign", "permerror", "from-unclear")
def quoted_pair(kit: Kit) -> bytes:
    return _from(kit, '"nttanhtuyet\\@hungyen.gov.vn"@example.com')


@invalid("domain-literal", "the same name at an IP address", "permerror", "from-unclear")
def domain_literal(kit: Kit) -> bytes:
    return _from(kit, "nttanhtuyet@[10.0.0.1]")


@invalid("null-from", "nobody's address", "permerror", "from-unclear")
def null_from(kit: Kit) -> bytes:
    return _from(kit, f"{_SENDER} <>")


@invalid("no-at", "a local part alone", "permerror", "from-unclear")
def no_at(kit: Kit) -> bytes:
    return _from(kit, "nttanhtuyet")


@invalid("two-ats", "an address with two at signs", "permerror", "from-unclear")
def two_ats(kit: Kit) -> bytes:
    return _from(kit, f"{_OTHER}@{_SENDER}")


@invalid("wide-at", "an at sign of another script", "permerror", "from-unclear")
def wide_at(kit: Kit) -> bytes:
    return _from(kit, "nttanhtuyet\uff20hungyen.gov.vn")


@invalid("wide-dots", "dots of another script in the domain", "permerror", "from-unclear")
def wide_dots(kit: Kit) -> bytes:
    return _from(kit, "nttanhtuyet@hungyen\u3002gov\u3002vn")


@invalid("wide-letters", "letters that some programs map onto those of ASCII", "fail", "signer-not-sender")
def wide_letters(kit: Kit) -> bytes:
    return _from(kit, "nttanhtuyet@\uff48ungyen.gov.vn")


@invalid("unseen-letter", "a letter that nobody sees in the domain", "permerror", "from-unclear")
def unseen_letter(kit: Kit) -> bytes:
    return _from(kit, "nttanhtuyet@hungyen\u200b.gov.vn")


@invalid("unseen-letter-in-local", "the same in the local part", "fail", "signer-not-sender")
def unseen_letter_in_local(kit: Kit) -> bytes:
    return _from(kit, "nttanhtuyet\u200b@hungyen.gov.vn")


@invalid("plus-detail", "the name with a detail behind a plus sign is another mailbox", "fail", "signer-not-sender")
def plus_detail(kit: Kit) -> bytes:
    return _from(kit, "nttanhtuyet+mat@hungyen.gov.vn")


@invalid("folded-second-address", "another address first, the signer's on the folded line", "fail", "signer-not-sender")
def folded_second_address(kit: Kit) -> bytes:
    return _from(kit, f"{_OTHER},\r\n {_SENDER}")


@invalid("semicolon-list", "addresses in the way of other programs", "permerror", "from-unclear")
def semicolon_list(kit: Kit) -> bytes:
    return _from(kit, f"{_OTHER}; {_SENDER}")


@invalid("thirty-three-senders", "more senders than anybody writes", "permerror", "from-unclear")
def thirty_three_senders(kit: Kit) -> bytes:
    return _from(kit, ", ".join([str(_SENDER)] * 33))


@invalid("from-in-latin", "letters in no character set that is allowed", "fail", "signer-not-sender")
def from_in_latin(kit: Kit) -> bytes:
    header = fields().replace(b"nttanhtuyet@", b"nttanhtuy\xeat@")
    return kit.detached(header=header)


@invalid("turned-name", "a name that turns the address behind it", "permerror", "from-unclear")
def turned_name(kit: Kit) -> bytes:
    return _from(kit, f"\u202e<{_SENDER}>")


@invalid("turned-name-encoded", "the same in encoded words", "permerror", "from-unclear")
def turned_name_encoded(kit: Kit) -> bytes:
    return _from(kit, f"=?utf-8?B?4oCu?= <{_SENDER}>")


# ---------------------------------------------------------------- certificates


@invalid("nul-in-certificate", "a NUL behind the victim's address", "fail", "signer-not-sender")
def nul_in_certificate(kit: Kit) -> bytes:
    return _from(kit, str(_SENDER), x509.RFC822Name(f"{_SENDER}\0.example.com"))


@invalid("wildcard-certificate", "a certificate for everybody", "fail", "signer-not-sender")
def wildcard_certificate(kit: Kit) -> bytes:
    return _from(kit, str(_SENDER), x509.RFC822Name("*@hungyen.gov.vn"))


@invalid("domain-certificate", "a domain where a mailbox should be", "fail", "signer-not-sender")
def domain_certificate(kit: Kit) -> bytes:
    names = (x509.RFC822Name("hungyen.gov.vn"), x509.RFC822Name(".gov.vn"), x509.DNSName("hungyen.gov.vn"))
    return _from(kit, str(_SENDER), *names)


@invalid("mailto-certificate", "the address as a link", "fail", "signer-not-sender")
def mailto_certificate(kit: Kit) -> bytes:
    return _from(kit, str(_SENDER), x509.UniformResourceIdentifier(f"mailto:{_SENDER}"))


@invalid("spaced-certificate", "the address with a space", "fail", "signer-not-sender")
def spaced_certificate(kit: Kit) -> bytes:
    return _from(kit, str(_SENDER), x509.RFC822Name(f" {_SENDER}"), x509.RFC822Name(f"<{_SENDER}>"))


@invalid("ascii-in-other-name", "an address that needs no other name, where no constraint reaches", "fail")
def ascii_in_other_name(kit: Kit) -> bytes:
    # RFC 9598 clause 3: only for local parts that cannot stand in an rfc822Name, to which constraints apply.
    name = str(_SENDER).encode()
    return _from(kit, str(_SENDER), x509.OtherName(_SMTP_UTF8_MAILBOX, bytes((0x0C, len(name))) + name))


@invalid("other-name-of-another-kind", "the address as one for chat", "fail", "signer-not-sender")
def other_name_of_another_kind(kit: Kit) -> bytes:
    name, chat = "vănthư@hungyen.gov.vn".encode(), x509.ObjectIdentifier("1.3.6.1.5.5.7.8.5")
    return _from(kit, name.decode(), x509.OtherName(chat, bytes((0x0C, len(name))) + name))


@invalid("subject-beside-mailbox", "the subject names the victim, the SAN another mailbox", "fail", "signer-not-sender")
def subject_beside_mailbox(kit: Kit) -> bytes:
    class WithEmail(Subject):
        def name(self) -> x509.Name:
            return x509.Name([*super().name(), x509.NameAttribute(x509.NameOID.EMAIL_ADDRESS, str(_SENDER))])

    who = kit.named(x509.RFC822Name(str(_OTHER)), subject=WithEmail("Tran Quoc Van"))
    return kit.detached(kit.cms(who=who))


# ---------------------------------------------------------------- names that end before the address


@invalid("nul-in-name", "a NUL behind another's address: some readers stop there", "permerror", "from-unclear")
def nul_in_name(kit: Kit) -> bytes:
    return _from(kit, f"=?utf-8?q?chutich=40hanoi=2Egov=2Evn=00?= <{_SENDER}>")


@invalid("line-in-name", "an end of line behind another's name", "permerror", "from-unclear")
def line_in_name(kit: Kit) -> bytes:
    return _from(kit, f"=?utf-8?q?Chu_tich=0D=0ATo=3A_vanthu?= <{_SENDER}>")


@valid("tab-in-name", "a name that was folded with a tab")
def tab_in_name(kit: Kit) -> bytes:
    return _from(kit, f"Nguyen Thi\r\n\tAnh Tuyet\r\n\t<{_SENDER}>")
