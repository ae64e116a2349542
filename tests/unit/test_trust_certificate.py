"""Facts read off certificates, held against what `cryptography` reads."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from gsign.cms.names import parse_name
from gsign.trust.certificate import Certificate, CertificateError
from tests.pki import ORGANISATION, PERSON, VARIANTS, Pki
from tests.unit.trust_authorities import issue, name, root


@pytest.mark.parametrize("variant", [None, *VARIANTS])
def test_the_facts_are_what_an_independent_reader_reads(pki: Pki, variant: str | None) -> None:
    identity = pki.leaf(variant=variant)
    facts, other = Certificate.of(identity.der), identity.certificate
    assert facts.tbs == other.tbs_certificate_bytes
    assert facts.signature == other.signature
    assert facts.serial == other.serial_number
    assert facts.issuer.raw == other.issuer.public_bytes()
    assert facts.subject.raw == other.subject.public_bytes()
    assert str(facts.subject) == other.subject.rfc4514_string({x509.NameOID.EMAIL_ADDRESS: "E"})
    assert (facts.not_before, facts.not_after) == (other.not_valid_before_utc, other.not_valid_after_utc)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    assert facts.spki == other.public_key().public_bytes(serialization.Encoding.DER, form)
    assert facts.key_id == x509.SubjectKeyIdentifier.from_public_key(other.public_key()).digest
    read = {type(e.value): e for e in other.extensions}
    assert facts.is_ca == read[x509.BasicConstraints].value.ca
    usage = read.get(x509.KeyUsage)
    assert (facts.extensions.key_usage is None) == (usage is None)
    if usage is not None:
        assert facts.allows("digitalSignature") == usage.value.digital_signature
        assert facts.allows("keyCertSign") == usage.value.key_cert_sign
        assert facts.allows("cRLSign") == usage.value.crl_sign
        assert facts.allows("nonRepudiation") == usage.value.content_commitment
    extended = read.get(x509.ExtendedKeyUsage)
    assert facts.extensions.extended_key_usage == (extended and {o.dotted_string for o in extended.value})
    unknown = [e.oid.dotted_string for e in other.extensions if isinstance(e.value, x509.UnrecognizedExtension)]
    assert facts.extensions.unknown_critical == tuple(unknown)


def test_addresses_of_status_and_issuer(pki: Pki) -> None:
    extensions = Certificate.of(pki.leaf().der).extensions
    assert extensions.ocsp_urls == (f"{pki.url}/ocsp",)
    assert extensions.crl_urls == (f"{pki.url}/crl/intermediate.crl",)
    assert extensions.issuer_urls == (f"{pki.url}/ca/intermediate.crt",)


def test_a_person_is_told_as_the_government_authority_writes_one(pki: Pki) -> None:
    identity = pki.leaf(PERSON)
    info = Certificate.of(identity.der).signer_info()
    assert info.name == "Nguyễn Thị Ánh Tuyết"
    assert info.organisation == "UBND TỈNH HƯNG YÊN"
    assert info.unit == "Sở Nội vụ, Văn phòng"
    assert info.email == "nttanhtuyet@hungyen.gov.vn"
    assert info.serial == f"{identity.serial:X}"
    assert info.issuer == "CA phục vụ các cơ quan Nhà nước (thử nghiệm)"
    assert info.identifiers == ("CCCD:033180000123",)
    assert info.not_before == identity.certificate.not_valid_before_utc


def test_an_agency_has_its_parent_body_as_organisation_and_several_identifiers(pki: Pki) -> None:
    info = Certificate.of(pki.leaf(ORGANISATION).der).signer_info()
    assert (info.name, info.unit) == ("VĂN PHÒNG ỦY BAN NHÂN DÂN TỈNH", None)
    assert info.organisation == "UBND TỈNH HƯNG YÊN"
    assert info.identifiers == ("MNS:1032158", "MST:0102357802")


def test_an_issuer_without_a_common_name_is_told_in_full() -> None:
    nameless = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Ban, Cơ yếu")])
    facts = Certificate.of(issue("A", root(nameless)).der)
    assert facts.signer_info().issuer == "O=Ban\\, Cơ yếu"


def test_the_mailbox_of_the_subject_counts_where_the_san_has_none() -> None:
    subject = name("A", EMAIL_ADDRESS="a@tinh.gov.vn")
    assert Certificate.of(issue(subject).der).emails == ("a@tinh.gov.vn",)
    san = x509.SubjectAlternativeName([x509.RFC822Name("b@tinh.gov.vn"), x509.DNSName("tinh.gov.vn")])
    both = Certificate.of(issue(subject, extensions=((san, False),)).der)
    assert both.emails == ("b@tinh.gov.vn", "a@tinh.gov.vn")


@pytest.mark.parametrize("text", ["Sở Nội vụ", " đầu", "cuối ", "#1", 'a"b', "a+b,c;d<e>f\\g", "x\u0000y"])
def test_names_are_escaped_as_rfc_4514_says(text: str) -> None:
    made = x509.Name(
        [x509.NameAttribute(x509.NameOID.COMMON_NAME, text), x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "VN")]
    )
    assert str(parse_name(made.public_bytes())) == made.rfc4514_string()


def test_an_extension_that_stands_twice_is_refused() -> None:
    der = issue(
        "A", extensions=((x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.99"), b"\x05\x00"), False),)
    ).der
    # keyUsage's own identifier in the place of the unknown one.
    with pytest.raises(CertificateError, match="twice"):
        Certificate.of(der.replace(b"\x55\x1d\x63", b"\x55\x1d\x0f"))


def test_two_signature_algorithms_are_refused() -> None:
    der = issue("A").der
    ecdsa_with_sha256, ecdsa_with_sha384 = bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d040303")
    assert der.count(ecdsa_with_sha256) == 2
    with pytest.raises(CertificateError, match="two signature algorithms"):
        Certificate.of(der.replace(ecdsa_with_sha256, ecdsa_with_sha384, 1))


BASE = issue("A", root(), ca=True).der


@given(st.integers(0, len(BASE) - 1), st.integers(1, 255))
def test_a_changed_certificate_is_read_or_refused_and_nothing_else(place: int, change: int) -> None:
    changed = BASE[:place] + bytes([BASE[place] ^ change]) + BASE[place + 1 :]
    try:
        facts = Certificate.of(changed)
    except CertificateError:
        return
    assert facts.raw == changed


@given(st.binary(max_size=200))
def test_any_octets_are_refused_with_one_kind_of_error(data: bytes) -> None:
    with pytest.raises(CertificateError):
        Certificate.of(data)
