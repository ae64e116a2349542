"""Every algorithm by every mechanism that tokens have; each signature is checked by `cryptography`."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from gsign import pkcs11
from gsign.errors import TokenError
from gsign.signer import Algorithm, Digest, Scheme, sign_meanwhile
from gsign.token.client import Driver
from tests.drivers import owners_of
from tests.softhsm import PIN, Item

_HASHES = {
    Digest.SHA256: hashes.SHA256(),
    Digest.SHA384: hashes.SHA384(),
    Digest.SHA512: hashes.SHA512(),
    Digest.SHA3_256: hashes.SHA3_256(),
    Digest.SHA3_384: hashes.SHA3_384(),
    Digest.SHA3_512: hashes.SHA3_512(),
}
_MESSAGE = b"31 0b nothing in particular"


def check(leaf, message, algorithm, signature):
    """Raise where `signature` is not the leaf's over `message`."""
    key, hashed = leaf.key.public_key(), _HASHES[algorithm.digest]
    if isinstance(key, rsa.RSAPublicKey):
        assert len(signature) == key.key_size // 8
        pss = padding.PSS(padding.MGF1(hashed), algorithm.digest.size)
        scheme = pss if algorithm.scheme is Scheme.PSS else padding.PKCS1v15()
        key.verify(signature, message, scheme, hashed)
    else:
        key.verify(signature, message, ec.ECDSA(hashed))


@pytest.mark.parametrize("scheme", [Scheme.PKCS1, Scheme.PSS])
@pytest.mark.parametrize("digest", list(Digest))
def test_rsa_signs_with_every_scheme_and_digest(office, pki, scheme, digest):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        algorithm = signer.algorithm(scheme, digest)
        assert algorithm == Algorithm(scheme, digest)
        check(leaf, _MESSAGE, algorithm, signer.sign(_MESSAGE, algorithm))


@pytest.mark.parametrize("kind", ["p256", "p384", "p521"])
def test_ecdsa_signs_with_every_digest(office, pki, kind):
    leaf = pki.leaf(key=kind)
    office.token(items=[Item(leaf.der, leaf.key)])
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        for digest in Digest:
            algorithm = signer.algorithm(None, digest)
            check(leaf, _MESSAGE, algorithm, signer.sign(_MESSAGE, algorithm))


@pytest.mark.parametrize(
    "kind, expected",
    [
        ("rsa2048", Algorithm(Scheme.PSS, Digest.SHA256)),
        ("p256", Algorithm(Scheme.ECDSA, Digest.SHA256)),
        ("p384", Algorithm(Scheme.ECDSA, Digest.SHA384)),
    ],
)
def test_chooses_the_algorithm_that_fits_the_key(office, pki, kind, expected):
    leaf = pki.leaf(key=kind)
    office.token(items=[Item(leaf.der, leaf.key)])
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        assert signer.algorithm() == expected
        wrong = Scheme.PSS if expected.scheme is Scheme.ECDSA else Scheme.ECDSA
        with pytest.raises(TokenError, match="cannot sign with"):
            signer.algorithm(wrong)


@pytest.mark.parametrize(
    "mechanisms, scheme, digest",
    [
        ("1", Scheme.PKCS1, Digest.SHA256),
        ("1", Scheme.PKCS1, Digest.SHA3_256),
        ("40", Scheme.PKCS1, Digest.SHA256),
        ("42", Scheme.PKCS1, Digest.SHA512),
        ("d", Scheme.PSS, Digest.SHA384),
        ("43", Scheme.PSS, Digest.SHA256),
        ("3", Scheme.PSS, Digest.SHA256),
        ("3", Scheme.PSS, Digest.SHA3_512),
    ],
)
def test_rsa_signs_by_the_only_mechanism_a_token_has(office, shim, pki, mechanisms, scheme, digest):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    shim.control(mechanisms=mechanisms)
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        algorithm = signer.algorithm(scheme, digest)
        check(leaf, _MESSAGE, algorithm, signer.sign(_MESSAGE, algorithm))


@pytest.mark.parametrize(
    "mechanisms, digest, scheme",
    [
        ("1,3,40", Digest.SHA256, Scheme.PKCS1),
        ("1,3,d", Digest.SHA256, Scheme.PSS),
        ("1,43", Digest.SHA256, Scheme.PSS),
        ("1,43", Digest.SHA384, Scheme.PKCS1),
        ("1,d", Digest.SHA3_256, Scheme.PKCS1),
        ("1,3,d", Digest.SHA3_256, Scheme.PSS),
    ],
)
def test_pss_is_taken_where_the_token_is_sure_to_have_it(office, shim, pki, mechanisms, digest, scheme):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    shim.control(mechanisms=mechanisms)
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        algorithm = signer.algorithm(None, digest)
        assert algorithm == Algorithm(scheme, digest)
        check(leaf, _MESSAGE, algorithm, signer.sign(_MESSAGE, algorithm))


def test_a_card_with_bare_rsa_only_says_no_to_pss(office, shim, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    shim.control(mechanisms="1")
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        assert signer.algorithm().scheme is Scheme.PKCS1
        with pytest.raises(TokenError) as caught:
            signer.algorithm(Scheme.PSS)
        assert caught.value.code == "algorithm-unsupported"
        assert "RSA 2048" in str(caught.value)


def test_takes_the_next_way_where_a_listed_mechanism_is_not_taken(office, shim, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    shim.control(refuse="1")
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        algorithm = signer.algorithm(Scheme.PKCS1, Digest.SHA256)
        check(leaf, _MESSAGE, algorithm, signer.sign(_MESSAGE, algorithm))
        with pytest.raises(TokenError) as caught:
            signer.sign(_MESSAGE, Algorithm(Scheme.PKCS1, Digest.SHA3_256))
        assert caught.value.code == "algorithm-unsupported"
        check(leaf, _MESSAGE, algorithm, signer.sign(_MESSAGE, algorithm))


def test_a_mechanism_that_the_binding_does_not_know_is_asked_for_all_the_same(office, shim, pki):
    # CKM_ECDSA_SHA3_256, which SoftHSM does not have either: it says so, and nothing breaks.
    leaf = pki.leaf(key="p256")
    office.token(items=[Item(leaf.der, leaf.key)])
    shim.control(mechanisms="1048")
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        with pytest.raises(TokenError) as caught:
            signer.sign(_MESSAGE, Algorithm(Scheme.ECDSA, Digest.SHA3_256))
        assert caught.value.code == "algorithm-unsupported"
    assert shim.count("C_Sign") == 0


def test_a_key_that_does_not_say_whether_it_signs_is_tried(office, shim, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    shim.control(unsaid="1")
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        for scheme in (Scheme.PKCS1, Scheme.PSS):
            algorithm = signer.algorithm(scheme)
            check(leaf, _MESSAGE, algorithm, signer.sign(_MESSAGE, algorithm))


def test_signs_3072_bits_and_more(office, pki):
    leaf = pki.leaf(key="rsa3072")
    office.token(items=[Item(leaf.der, leaf.key)])
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        for scheme in (Scheme.PKCS1, Scheme.PSS):
            algorithm = signer.algorithm(scheme)
            check(leaf, _MESSAGE, algorithm, signer.sign(_MESSAGE, algorithm))


def test_a_signer_tells_what_it_is(office, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key), Item(leaf.chain[0], label="CA", id=b"\x07")])
    with pkcs11.open_signer("pkcs11:token=VP", pin=PIN, module=office.module) as signer:
        assert signer.is_token
        assert signer.certificate == leaf.der
        assert signer.chain == (leaf.chain[0],)
    with pytest.raises(TokenError) as caught:
        signer.sign(_MESSAGE, Algorithm(Scheme.PKCS1, Digest.SHA256))
    assert caught.value.code == "signer-closed"


def test_a_listed_uri_opens_exactly_that_key(office, pki):
    one, two = pki.leaf(), pki.leaf(key="p256")
    office.token(items=[Item(one.der, one.key, "a", b"\x01"), Item(two.der, two.key, "b", b"\x02")])
    leaves = {"a": one, "b": two}
    for candidate in pkcs11.list_keys(module=office.module):
        leaf = leaves.pop(candidate.label)
        with pkcs11.open_signer(candidate.uri, pin=PIN, module=office.module) as signer:
            assert signer.certificate == leaf.der
            assert signer.uri == candidate.uri
            algorithm = signer.algorithm()
            check(leaf, _MESSAGE, algorithm, signer.sign(_MESSAGE, algorithm))
        with pkcs11.open_signer(signer.uri, pin=PIN, module=office.module) as again:
            assert again.certificate == leaf.der
    assert not leaves


def test_something_else_is_done_while_the_token_signs(office, pki, monkeypatch):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    steps = []
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        algorithm = signer.algorithm()
        signer.sign(_MESSAGE, algorithm)
        received = Driver._receive
        monkeypatch.setattr(Driver, "_receive", lambda driver: [steps.append("answer"), received(driver)][1])
        signature = sign_meanwhile(signer, _MESSAGE, algorithm, lambda: steps.append("meanwhile"))
    check(leaf, _MESSAGE, algorithm, signature)
    assert steps == ["meanwhile", "answer"]


def test_what_goes_wrong_meanwhile_keeps_no_token_from_signing(office, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        algorithm = signer.algorithm()
        signer.sign(_MESSAGE, algorithm)
        drivers = owners_of(os.getpid())
        check(leaf, _MESSAGE, algorithm, sign_meanwhile(signer, _MESSAGE, algorithm, lambda: 1 // 0))
        check(leaf, _MESSAGE, algorithm, signer.sign(_MESSAGE, algorithm))
        # No other one has taken the driver's place; those of signers before may be about to end.
        assert set(owners_of(os.getpid())) <= set(drivers)
