"""Whose address a certificate names, and which senders that covers."""

from __future__ import annotations

import pytest
from cryptography import x509

from gsign import smime
from gsign.mime import read
from gsign.mime.addresses import read_addresses
from gsign.protection.binding import addresses_of, is_authority_name, is_same, is_within, senders, signs_for
from gsign.protection.findings import judge_names
from gsign.protection.registries import is_registry
from gsign.protection.verdict import Verdict
from gsign.trust.certificate import Certificate
from gsign.trust.extensions import RFC822, NameConstraints
from gsign.trust.name_constraints import permits
from tests.mailcorpus.kit import fields
from tests.pki import PERSON


@pytest.mark.parametrize(
    "named, sender",
    [
        ("a@hungyen.gov.vn", "a@hungyen.gov.vn"),
        ("a@HUNGYEN.gov.vn", "a@hungyen.GOV.VN"),
        ("a@xn--hngyn-ksa69k.vn", "a@hưngyên.vn"),
        ("a@XN--HNGYN-ksa69k.vn", "a@hưngyên.vn"),
        ("a@hungyen.gov.vn.", "a@hungyen.gov.vn"),
    ],
)
def test_same_mailbox(named, sender):
    assert is_same(named, sender)
    assert is_same(sender, named)


@pytest.mark.parametrize(
    "named, sender",
    [
        ("a@hungyen.gov.vn", "A@hungyen.gov.vn"),
        ("a@hungyen.gov.vn", "a@gov.vn"),
        ("a@hungyen.gov.vn", "a@x.hungyen.gov.vn"),
        ("@hungyen.gov.vn", "@hungyen.gov.vn"),
        ("hungyen.gov.vn", "hungyen.gov.vn"),
        ("a@fass.vn", "a@faß.vn"),
        ("a@b@hungyen.gov.vn", "b@hungyen.gov.vn"),
        ("*@hungyen.gov.vn", "a@hungyen.gov.vn"),
        ("a@hungyen.gov.vn\0.example.com", "a@hungyen.gov.vn"),
        ("", ""),
    ],
)
def test_another_mailbox(named, sender):
    assert not is_same(named, sender)


@pytest.mark.parametrize("domain", ["", ".", "vn", "VN.", "gov.vn", "GOV.VN.", "hanoi.vn", "co.uk", ".gov.vn"])
def test_nobody_is_the_authority_of_a_registry(domain):
    assert not is_authority_name(f"domain-signing-authority@{domain}", f"a@hungyen.{domain}".rstrip("."))
    assert is_registry(domain)


@pytest.mark.parametrize("domain", ["hungyen.gov.vn", "hanoi.gov.vn", "example.vn", "gov.example", "hanoi.com", "x.vn"])
def test_what_is_registered_is_no_registry(domain):
    assert not is_registry(domain)


def test_domains_lie_within_those_above():
    assert is_within("hungyen.gov.vn", "gov.vn")
    assert is_within("gov.vn", "GOV.vn")
    assert not is_within("gov.vn", "hungyen.gov.vn")
    assert not is_within("xgov.vn", "gov.vn")
    assert not is_within("gov.vn", "")


def test_only_the_reserved_name_signs_for_a_domain():
    assert is_authority_name("domain-signing-authority@hungyen.gov.vn", "a@xa.hungyen.gov.vn")
    assert is_authority_name("domain-signing-authority@example.vn", "a@example.vn")
    assert not is_authority_name("domain-signing-authority@hanoi.gov.vn", "a@hungyen.gov.vn")
    assert not is_authority_name("vanthu@hungyen.gov.vn", "a@hungyen.gov.vn")


def test_the_sender_comes_before_the_agency():
    assert signs_for(("a@b.vn",), "a@b.vn", lambda *_: True) == "sender"
    assert signs_for(("x@b.vn",), "a@b.vn", lambda *_: True) == "agency"
    assert signs_for(("x@b.vn",), "a@b.vn", is_authority_name) is None


def test_the_subject_counts_only_where_the_san_names_no_mailbox(kit):
    subject = type(PERSON)("Tuyet", email=None)
    assert addresses_of(kit.named(subject=subject).der) == ()
    assert addresses_of(kit.person.der) == (PERSON.email,)
    both = kit.named(x509.RFC822Name("a@b.vn"), x509.DNSName("hungyen.gov.vn"))
    assert addresses_of(both.der) == ("a@b.vn",)


@pytest.mark.parametrize(
    "value, trouble",
    [(None, "from-missing"), ("", "from-unclear"), (", ".join(f"a{n}@b.vn" for n in range(40)), "from-unclear")],
)
def test_a_from_that_names_nobody_is_told(value, trouble):
    assert senders(read(fields(From=value))) == ((), trouble)


def test_a_certificate_with_endless_names_gives_some_of_them(kit):
    names = [x509.RFC822Name(f"a{n}@b.vn") for n in range(5_000)]
    # Encoding this label for the DNS would take minutes.
    label = "".join(map(chr, range(0x4E00, 0x9000))) * 4
    who = kit.named(x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9"), _utf8(f"a@{label}")), *names)
    named = addresses_of(who.der)
    assert 0 < len(named) <= 256
    assert max(map(len, named)) <= 1_000
    result = smime.verify(kit.detached(kit.cms(who=who)), trust=kit.pki.root_file, revocation="off")
    assert "signer-not-sender" in result.reasons


def _utf8(text: str) -> bytes:
    octets = text.encode()
    size = len(octets).to_bytes(3, "big")
    return b"\x0c\x83" + size + octets


@pytest.mark.parametrize("name", ['"AN@hungyen.gov.vn"', "An", '"An @ UBND, VP@HC"'])
def test_a_name_that_is_no_other_address_is_not_told(name):
    verdict = Verdict()
    judge_names(verdict, read_addresses(f"{name} <an@hungyen.gov.vn>"))
    assert verdict.warnings == []


@pytest.mark.parametrize(
    "base, domain, is_permitted",
    [
        (b"hungyen.gov.vn", "hungyen.gov.vn", True),
        (b"hungyen.gov.vn", "hanoi.gov.vn", False),
        (b".gov.vn", "hungyen.gov.vn", True),
        (b"xn--hngyn-ksa69k.vn", "hưngyên.vn", True),
    ],
)
def test_constraints_on_mailboxes_reach_those_in_letters(kit, base, domain, is_permitted):
    name = f"vănthư@{domain}".encode()
    other = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9"), bytes((0x0C, len(name))) + name)
    facts = Certificate.of(kit.named(other).der)
    assert permits(NameConstraints(((RFC822, base),), ()), facts.subject, facts.extensions) is is_permitted
    assert permits(NameConstraints((), ((RFC822, base),)), facts.subject, facts.extensions) is not is_permitted
