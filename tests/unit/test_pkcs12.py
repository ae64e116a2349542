from __future__ import annotations

import os
import pickle

import pytest

from gsign import pkcs12
from gsign.errors import InputError, TokenError
from gsign.signer import Algorithm, Digest, Scheme
from tests.unit.test_pkcs11_signing import check

_PASSWORD = "mật khẩu"


@pytest.fixture
def file(pki, tmp_path):
    return pki.leaf().p12(tmp_path / "k.p12", _PASSWORD)


def refuse(kind, path, pin=None):
    with pytest.raises(kind) as caught:
        pkcs12.open_signer(path, pin=pin)
    return caught.value


@pytest.mark.parametrize("scheme", [Scheme.PKCS1, Scheme.PSS])
@pytest.mark.parametrize("digest", list(Digest))
def test_rsa_signs_with_every_scheme_and_digest(pki, file, scheme, digest):
    with pkcs12.open_signer(file, pin=_PASSWORD) as signer:
        algorithm = signer.algorithm(scheme, digest)
        check(pki.leaf(), b"m", algorithm, signer.sign(b"m", algorithm))


@pytest.mark.parametrize("kind, digest", [("p256", Digest.SHA256), ("p384", Digest.SHA384)])
def test_ecdsa_signs_with_the_digest_of_the_curve(pki, tmp_path, kind, digest):
    leaf = pki.leaf(key=kind)
    with pkcs12.open_signer(leaf.p12(tmp_path / "k.p12", _PASSWORD), pin=_PASSWORD) as signer:
        algorithm = signer.algorithm()
        assert algorithm == Algorithm(Scheme.ECDSA, digest)
        check(leaf, b"m", algorithm, signer.sign(b"m", algorithm))
        for scheme in (Scheme.PKCS1, Scheme.PSS):
            with pytest.raises(TokenError) as caught:
                signer.algorithm(scheme)
            assert caught.value.code == "algorithm-unsupported"


def test_rsa_signs_pss_where_nothing_is_asked(pki, file):
    with pkcs12.open_signer(file, pin=_PASSWORD) as signer:
        assert signer.algorithm() == Algorithm(Scheme.PSS, Digest.SHA256)


def test_a_file_is_not_a_token_and_brings_its_chain(pki, file):
    leaf = pki.leaf()
    with pkcs12.open_signer(file, pin=_PASSWORD) as signer:
        assert not signer.is_token
        assert (signer.certificate, signer.uri) == (leaf.der, str(file))
        assert set(signer.chain) == set(leaf.chain)
    with pytest.raises(TokenError) as caught:
        signer.sign(b"m", Algorithm(Scheme.PKCS1, Digest.SHA256))
    assert caught.value.code == "signer-closed"


def test_the_password_may_be_asked_for_once(file):
    asked = []

    def ask():
        asked.append(1)
        return _PASSWORD

    pkcs12.open_signer(file, pin=ask).close()
    assert len(asked) == 1


def test_a_wrong_password_is_told(file):
    for pin in ("wrong", None, ""):
        error = refuse(TokenError, file, pin)
        assert (error.code, error.exit_code, error.temporary) == ("pkcs12-password-incorrect", 5, False)
        assert str(file) in str(error)


@pytest.mark.parametrize("content", [b"", b"no PKCS#12\n", b"0\x82\x01\x00abc", b"%PDF-1.7\n"])
def test_a_file_that_is_none_is_told(tmp_path, content):
    (tmp_path / "k.p12").write_bytes(content)
    error = refuse(InputError, tmp_path / "k.p12", _PASSWORD)
    assert (error.code, error.exit_code) == ("pkcs12-unreadable", 6)


def test_a_truncated_file_is_told(file):
    file.write_bytes(file.read_bytes()[:-100])
    assert refuse(InputError, file, _PASSWORD).code == "pkcs12-unreadable"


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    missing = refuse(TokenError, tmp_path / "none.p12", _PASSWORD)
    assert (missing.code, missing.exit_code) == ("key-file-missing", 5)
    folder = refuse(InputError, tmp_path, _PASSWORD)
    assert (folder.code, folder.facts) == ("input-unreadable", {"file": str(tmp_path), "cause": "Is a directory"})


def test_nobody_is_asked_for_the_password_of_what_is_no_such_file(tmp_path):
    def never():
        raise AssertionError("asked")

    (tmp_path / "k.p12").write_bytes(b"%PDF")
    assert refuse(InputError, tmp_path / "k.p12", never).code == "pkcs12-unreadable"


def test_a_file_without_a_key_is_told(pki, tmp_path):
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
    from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

    bag = serialize_key_and_certificates(None, None, None, [pki.leaf().certificate], BestAvailableEncryption(b"x"))
    (tmp_path / "k.p12").write_bytes(bag)
    assert refuse(TokenError, tmp_path / "k.p12", "x").code == "pkcs12-incomplete"


def test_a_key_that_is_too_short_is_refused(pki, tmp_path):
    file = pki.leaf(variant="weak-key").p12(tmp_path / "k.p12", _PASSWORD)
    with pkcs12.open_signer(file, pin=_PASSWORD) as signer, pytest.raises(TokenError) as caught:
        signer.algorithm()
    assert caught.value.code == "algorithm-unsupported"


def test_neither_password_nor_key_is_shown_or_pickled(file):
    with pkcs12.open_signer(file, pin=_PASSWORD) as signer:
        assert _PASSWORD not in repr(signer)
        with pytest.raises(TypeError):
            pickle.dumps(signer)
    error = refuse(TokenError, file, "a wrong one")
    assert "a wrong one" not in str(error) + repr(error.facts) + error.hint


def test_the_key_is_read_once(pki, file):
    with pkcs12.open_signer(os.fspath(file), pin=_PASSWORD) as signer:
        file.unlink()
        algorithm = signer.algorithm()
        check(pki.leaf(), b"m", algorithm, signer.sign(b"m", algorithm))
