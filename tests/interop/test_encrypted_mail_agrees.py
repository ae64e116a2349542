"""OpenSSL and NSS open each message that gsign encrypts, as far as they know its algorithms, and gsign opens theirs."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from gsign import der, pkcs12, smime
from gsign.cms.opening import open_read, read_enveloped
from tests.judges_encryption import Nss, openssl_decrypt, openssl_encrypt
from tests.judges_mail import openssl_verify
from tests.mailcorpus.kit import ENTITY, fields
from tests.pki import LEADER, PERSON

KINDS = ["rsa2048", "rsa3072", "p256", "p384", "p521"]
CIPHERS = ["aes-256-gcm", "aes-256-cbc"]
_OLD = x509.UnrecognizedExtension(
    ObjectIdentifier("1.2.840.113549.1.9.15"), der.sequence(der.sequence(der.oid("2.16.840.1.101.3.4.1.42")))
)
LETTER = fields() + ENTITY


def receiver(pki, kind, **changes):
    """A certificate to encrypt to, as its kind of key has it."""
    usage = "key_encipherment" if kind.startswith("rsa") else "key_agreement"
    return pki.leaf(LEADER, key=kind, usages=("digital_signature", usage), pointers=False, **changes)


def opened(leaf, message, folder, pki):
    decrypter = pkcs12.open_decrypter(leaf.p12(folder / "k.p12", "x"), pin="x")
    return smime.decrypt(message, decrypter, trust=pki.root_file, revocation="off")


def encrypted(pki, leaves, message=LETTER, **options):
    certificates = [leaf.pem + pki.intermediate.identity.pem for leaf in leaves]
    return smime.encrypt(message, certificates, trust=pki.root_file, revocation="off", **options)


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("kind", KINDS)
def test_openssl_opens_each_output(session_pki, tmp_path, kind, cipher):
    leaf = receiver(session_pki, kind)
    message = encrypted(session_pki, [leaf, session_pki.leaf(PERSON, pointers=False)], cipher=cipher)
    assert openssl_decrypt(message, leaf) == opened(leaf, message, tmp_path, session_pki).entity


@pytest.mark.parametrize("cipher", CIPHERS)
def test_openssl_opens_and_then_verifies_what_was_signed_first(session_pki, tmp_path, cipher):
    leaf, author = receiver(session_pki, "rsa2048"), session_pki.leaf(PERSON, pointers=False)
    with pkcs12.open_signer(author.p12(tmp_path / "s.p12", "x"), pin="x") as key:
        message = encrypted(session_pki, [leaf], cipher=cipher, signer=key)
    entity = openssl_decrypt(message, leaf)
    assert openssl_verify(entity, session_pki.root_file).endswith(b"\r\n")
    assert opened(leaf, message, tmp_path, session_pki).entity == entity


def test_nss_opens_what_is_made_for_programs_of_its_age(session_pki, tmp_path):
    # NSS 3.87 knows neither GCM nor OAEP nor elliptic curves: what such a program says of itself is heeded.
    leaf = receiver(session_pki, "rsa2048", extra=((_OLD, False),))
    nss = Nss(tmp_path / "nss", session_pki.root_file, leaf)
    message = encrypted(session_pki, [leaf])
    assert nss.decrypt(message) == opened(leaf, message, tmp_path, session_pki).entity


def test_what_nss_makes_is_opened(session_pki, tmp_path):
    leaf = receiver(session_pki, "rsa2048")
    nss = Nss(tmp_path / "nss", session_pki.root_file, leaf)
    decrypter = pkcs12.open_decrypter(leaf.p12(tmp_path / "k.p12", "x"), pin="x")
    read = read_enveloped(nss.encrypt(ENTITY))
    assert open_read(read, decrypter, bytes) == (ENTITY, leaf.der)


_OAEP = ("-keyopt", "rsa_padding_mode:oaep")


@pytest.mark.parametrize(
    "kind, options",
    [
        ("rsa2048", ("-aes-256-cbc",)),
        ("rsa2048", ("-aes-128-cbc", "-keyid")),
        ("rsa2048", ("-aes-256-gcm",)),
        ("rsa2048", ("-aes-128-gcm", "-stream")),
        ("rsa3072", ("-aes-256-cbc", "-stream", *_OAEP)),
        ("rsa2048", ("-aes-256-gcm", *_OAEP, "-keyopt", "rsa_oaep_md:sha256")),
        ("rsa2048", ("-aes-192-cbc", *_OAEP, "-keyopt", "rsa_oaep_md:sha512", "-keyopt", "rsa_mgf1_md:sha256")),
        ("rsa2048", ("-des3",)),
        ("p256", ("-aes-256-cbc",)),
        ("p256", ("-aes-256-gcm", "-keyopt", "ecdh_kdf_md:sha256")),
        ("p256", ("-aes-128-cbc", "-keyid", "-keyopt", "ecdh_cofactor_mode:1", "-keyopt", "ecdh_kdf_md:sha384")),
        ("p384", ("-aes-256-gcm", "-stream", "-keyopt", "ecdh_kdf_md:sha384")),
        ("p521", ("-aes-256-cbc", "-keyopt", "ecdh_kdf_md:sha512")),
    ],
)
def test_what_openssl_makes_is_opened(session_pki, tmp_path, kind, options):
    leaf = receiver(session_pki, kind)
    other = receiver(session_pki, "rsa3072" if kind == "rsa2048" else "rsa2048")
    message = fields() + openssl_encrypt(ENTITY, [other, leaf], *options).replace(b"\n", b"\r\n")
    result = opened(leaf, message, tmp_path, session_pki)
    assert result.entity == ENTITY
    assert result.integrity == ("authenticated" if "gcm" in options[0] else "none")
    assert ("cipher-weak" in result.warnings) == ("-des3" in options)


@pytest.mark.parametrize("cipher", ["-rc2", "-des"])
def test_ciphers_that_anybody_breaks_are_refused(session_pki, tmp_path, cipher):
    from gsign.errors import InputError

    leaf = receiver(session_pki, "rsa2048")
    made = openssl_encrypt(ENTITY, [leaf], cipher, "-provider", "legacy", "-provider", "default")
    with pytest.raises(InputError) as caught:
        opened(leaf, fields() + made.replace(b"\n", b"\r\n"), tmp_path, session_pki)
    assert caught.value.code == "mail-cipher-unknown"
