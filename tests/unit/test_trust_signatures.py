"""Signatures of authorities by every algorithm that is read, and the worth of each at a time."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from gsign import der
from gsign.cms.identifiers import DIGESTS_READ
from gsign.trust.algorithms import Purpose, Worth, judge_digest, judge_key
from gsign.trust.certificate import Certificate
from gsign.trust.signatures import KeyFacts, SignatureAlgorithm, digest_name, is_signed_by, key_facts, read_algorithm
from tests.unit.trust_authorities import DAY, NOW, name

RSA = rsa.generate_private_key(65537, 2048)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def made(key: Key, digest: hashes.HashAlgorithm | None, pss: padding.PSS | None = None) -> Certificate:
    builder = x509.CertificateBuilder(name("A"), name("A"), key.public_key(), 7, NOW - DAY, NOW + DAY)
    signed = builder.sign(key, digest, rsa_padding=pss)  # type: ignore[arg-type]
    return Certificate.of(signed.public_bytes(serialization.Encoding.DER))


def pss(digest: hashes.HashAlgorithm, salt: int) -> padding.PSS:
    return padding.PSS(padding.MGF1(digest), salt)


CASES = [
    (RSA, hashes.SHA256(), None, SignatureAlgorithm("pkcs1", "sha256")),
    (RSA, hashes.SHA384(), None, SignatureAlgorithm("pkcs1", "sha384")),
    (RSA, hashes.SHA512(), None, SignatureAlgorithm("pkcs1", "sha512")),
    (RSA, hashes.SHA3_256(), None, SignatureAlgorithm("pkcs1", "sha3-256")),
    (RSA, hashes.SHA256(), pss(hashes.SHA256(), 32), SignatureAlgorithm("pss", "sha256", 32)),
    (RSA, hashes.SHA384(), pss(hashes.SHA384(), 20), SignatureAlgorithm("pss", "sha384", 20)),
    (ec.generate_private_key(ec.SECP256R1()), hashes.SHA256(), None, SignatureAlgorithm("ecdsa", "sha256")),
    (ec.generate_private_key(ec.SECP384R1()), hashes.SHA384(), None, SignatureAlgorithm("ecdsa", "sha384")),
    (ec.generate_private_key(ec.SECP521R1()), hashes.SHA512(), None, SignatureAlgorithm("ecdsa", "sha512")),
    (ec.generate_private_key(ec.SECP256R1()), hashes.SHA3_256(), None, SignatureAlgorithm("ecdsa", "sha3-256")),
    (ed25519.Ed25519PrivateKey.generate(), None, None, SignatureAlgorithm("eddsa", "sha512")),
]


@pytest.mark.parametrize("key, digest, scheme, algorithm", CASES, ids=[f"{c[3].scheme}-{c[3].digest}" for c in CASES])
def test_each_algorithm_is_read_and_verified(
    key: Key, digest: hashes.HashAlgorithm | None, scheme: padding.PSS | None, algorithm: SignatureAlgorithm
) -> None:
    facts = made(key, digest, scheme)
    assert read_algorithm(facts.signature_algorithm) == algorithm
    assert is_signed_by(facts.spki, facts.signature_algorithm, facts.signature, facts.tbs)
    assert not is_signed_by(facts.spki, facts.signature_algorithm, facts.signature, facts.tbs + b"\x00")
    altered = facts.signature[:-1] + bytes([facts.signature[-1] ^ 1])
    assert not is_signed_by(facts.spki, facts.signature_algorithm, altered, facts.tbs)
    stranger = made(rsa.generate_private_key(65537, 2048), hashes.SHA256())
    assert not is_signed_by(stranger.spki, facts.signature_algorithm, facts.signature, facts.tbs)


@pytest.mark.parametrize(
    "oid, digest", [("1.2.840.113549.1.1.15", hashes.SHA512_224()), ("1.2.840.113549.1.1.16", hashes.SHA512_256())]
)
def test_truncated_digests_of_the_circular_are_verified(oid: str, digest: hashes.HashAlgorithm) -> None:
    # `cryptography` makes no certificates with them.
    spki = RSA.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    identifier = der.sequence(der.oid(oid), der.NULL)
    signature = RSA.sign(b"octets", padding.PKCS1v15(), digest)
    assert is_signed_by(spki, identifier, signature, b"octets")
    assert not is_signed_by(spki, identifier, signature, b"others")


def test_unknown_and_malformed_algorithms_verify_nothing() -> None:
    facts = made(RSA, hashes.SHA256())
    md5 = der.sequence(der.oid("1.2.840.113549.1.1.4"), der.NULL)
    pss_without_parameters = der.sequence(der.oid("1.2.840.113549.1.1.10"))
    for identifier in (md5, pss_without_parameters, b"", b"\x30\x00", der.sequence(der.integer(1))):
        assert not is_signed_by(facts.spki, identifier, facts.signature, facts.tbs)
    assert not is_signed_by(b"no key", facts.signature_algorithm, facts.signature, facts.tbs)


def test_long_lists_are_verified_without_being_kept() -> None:
    data = bytes(1 << 20)
    signature = RSA.sign(data, padding.PKCS1v15(), hashes.SHA256())
    identifier = der.sequence(der.oid("1.2.840.113549.1.1.11"), der.NULL)
    spki = made(RSA, hashes.SHA256()).spki
    assert is_signed_by(spki, identifier, signature, data)
    assert not is_signed_by(spki, identifier, signature, data[:-1])


def test_kind_and_size_of_keys() -> None:
    assert key_facts(made(RSA, hashes.SHA256()).spki) == KeyFacts("rsa", 2048)
    p384 = ec.generate_private_key(ec.SECP384R1())
    assert key_facts(made(p384, hashes.SHA384()).spki) == KeyFacts("ec", 384, "secp384r1")
    assert key_facts(b"no key") == KeyFacts("other", 0)


def year(number: int) -> dt.datetime:
    return dt.datetime(number, 6, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "digest, purpose, at, worth",
    [
        ("sha256", Purpose.SIGNATURE, year(2016), Worth.GOOD),
        ("sha3-512", Purpose.SIGNATURE, year(2040), Worth.GOOD),
        ("sha1", Purpose.SIGNATURE, year(2020), Worth.LEGACY),
        ("sha1", Purpose.SIGNATURE, year(2021), Worth.WEAK),
        ("sha1", Purpose.CERTIFICATE, year(2023), Worth.LEGACY),
        ("sha1", Purpose.CERTIFICATE, year(2024), Worth.WEAK),
        ("sha1", Purpose.IMPRINT, year(2026), Worth.LEGACY),
        ("sha1", Purpose.IMPRINT, year(2031), Worth.WEAK),
        ("sha224", Purpose.SIGNATURE, year(2026), Worth.LEGACY),
        ("sha224", Purpose.CERTIFICATE, year(2031), Worth.WEAK),
        ("sha512-224", Purpose.SIGNATURE, year(2026), Worth.GOOD),
        ("md5", Purpose.SIGNATURE, year(2005), Worth.WEAK),
        ("unheard-of", Purpose.SIGNATURE, year(2026), Worth.WEAK),
    ],
)
def test_a_digest_is_worth_what_it_was_then(digest: str, purpose: Purpose, at: dt.datetime, worth: Worth) -> None:
    assert judge_digest(digest, purpose, at) is worth


def test_every_digest_that_can_be_read_has_its_place_in_the_policy() -> None:
    names = {*DIGESTS_READ.values(), *map(digest_name, DIGESTS_READ)}
    assert None not in names
    assert {name for name in names if judge_digest(str(name), Purpose.SIGNATURE, year(2020)) is Worth.WEAK} == set()
    assert {name for name in names if judge_digest(str(name), Purpose.SIGNATURE, year(2032)) is Worth.WEAK} == {
        "sha1",
        "sha224",
    }


@pytest.mark.parametrize(
    "key, at, worth",
    [
        (KeyFacts("rsa", 2048), year(2026), Worth.GOOD),
        (KeyFacts("rsa", 2047), year(2026), Worth.WEAK),
        (KeyFacts("rsa", 1024), year(2013), Worth.LEGACY),
        (KeyFacts("rsa", 1024), year(2014), Worth.WEAK),
        (KeyFacts("rsa", 512), year(2010), Worth.WEAK),
        (KeyFacts("ec", 256, "secp256r1"), year(2026), Worth.GOOD),
        (KeyFacts("ec", 224, "secp224r1"), year(2026), Worth.WEAK),
        (KeyFacts("ec", 283, "sect283k1"), year(2026), Worth.WEAK),
        (KeyFacts("ed25519", 256), year(2026), Worth.GOOD),
        (KeyFacts("other", 0), year(2026), Worth.WEAK),
    ],
)
def test_a_key_is_worth_what_it_was_then(key: KeyFacts, at: dt.datetime, worth: Worth) -> None:
    assert judge_key(key, at) is worth
