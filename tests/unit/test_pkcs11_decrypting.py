"""Tokens open what was encrypted to their keys, in every way that tokens have, and ask for the PIN only then."""

from __future__ import annotations

import os
import pickle

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from gsign import pkcs11
from gsign.cms.content import AES_256_CBC, AES_256_GCM
from gsign.cms.enveloped import Addressee, envelop
from gsign.cms.identifiers import CmsError
from gsign.cms.opening import open_read, read_enveloped
from gsign.errors import TokenError
from gsign.signer import Oaep
from gsign.token.unpadding import oaep_key, pkcs1_key
from tests.softhsm import PIN, Item, Office

_CONTENT = "Content-Type: text/plain\r\n\r\nMật: giấy mời họp\r\n".encode()
_RSA_PKCS, _RSA_X_509, _RSA_OAEP = "1", "3", "9"
_KEY = bytes(range(32))


def opened(leaf, decrypter, cipher=AES_256_GCM):
    message = b"".join(envelop([_CONTENT], [Addressee(leaf.der)], cipher))
    return open_read(read_enveloped(message), decrypter, bytes)


def failure(leaf, decrypter):
    with pytest.raises(TokenError) as caught:
        opened(leaf, decrypter)
    return caught.value


def encrypted(leaf, way):
    public = leaf.key.public_key()
    if way is None:
        return public.encrypt(_KEY, padding.PKCS1v15())
    named = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512()}
    scheme = padding.OAEP(padding.MGF1(named[way.mask_digest]), named[way.digest], way.label or None)
    return public.encrypt(_KEY, scheme)


@pytest.fixture(scope="module")
def ready(session_pki, tmp_path_factory):
    """An office with one token, made once: decrypting changes nothing on it."""
    made = Office(tmp_path_factory.mktemp("ready") / "office")
    leaf = session_pki.leaf()
    made.token(items=[Item(leaf.der, leaf.key)])
    return made


@pytest.fixture
def leaf(ready, office, pki, monkeypatch):
    """The certificate on that token, which is there to be found instead of this test's own office."""
    monkeypatch.setenv(*ready.setting)
    return pki.leaf()


@pytest.mark.parametrize("kind", ["rsa2048", "rsa3072", "p256", "p384", "p521"])
def test_a_token_opens_what_is_for_its_key(office, pki, kind):
    leaf = pki.leaf(key=kind)
    office.token(items=[Item(leaf.der, leaf.key)])
    with pkcs11.open_decrypter(pin=PIN, module=office.module) as decrypter:
        for cipher in (AES_256_GCM, AES_256_CBC, AES_256_GCM):
            assert opened(leaf, decrypter, cipher) == (_CONTENT, leaf.der)


def test_the_message_says_which_of_several_keys_and_tokens_it_is_for(office, pki):
    leaves = [pki.leaf(key=kind) for kind in ("rsa2048", "rsa3072", "p256", "p384")]
    for label, pair in (("VP", leaves[:2]), ("SNV", leaves[2:])):
        office.token(label, [Item(one.der, one.key, f"k{n}", bytes([n])) for n, one in enumerate(pair, 1)])
    for mine in (leaves[:2], leaves[2:]):
        with pkcs11.open_decrypter(pin=PIN, module=office.module) as decrypter:
            assert set(decrypter.certificates) == {one.der for one in leaves}
            for leaf in mine:
                assert opened(leaf, decrypter) == (_CONTENT, leaf.der)
    with pkcs11.open_decrypter("pkcs11:token=SNV", pin=PIN, module=office.module) as decrypter:
        assert set(decrypter.certificates) == {one.der for one in leaves[2:]}


def test_a_pin_goes_to_one_token_and_is_no_guess_at_another(shim, office, pki):
    one, two = pki.leaf(), pki.leaf(key="p256")
    office.token("VP", [Item(one.der, one.key)])
    office.token("SNV", [Item(two.der, two.key)], pin="161803")
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        opened(one, decrypter)
        error = failure(two, decrypter)
        assert (error.code, error.exit_code) == ("several-tokens", 5)
        assert "SNV" in error.advice("en")
        opened(one, decrypter)
    assert shim.count("C_Login") == 1


def test_who_brings_another_pin_does_not_use_the_login_of_somebody_else(shim, leaf):
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        opened(leaf, decrypter)
        with pkcs11.open_decrypter(pin="0000", module=shim.module) as other:
            assert failure(leaf, other).code == "pin-incorrect"
        opened(leaf, decrypter)
    assert shim.count("C_Login") == 1


def test_a_key_that_signs_no_more_still_opens_old_mail(office, pki):
    leaf = pki.leaf(variant="expired")
    office.token(items=[Item(leaf.der, leaf.key)])
    with pkcs11.open_decrypter(pin=PIN, module=office.module) as decrypter:
        assert opened(leaf, decrypter)[0] == _CONTENT


def test_the_object_of_a_signing_key_does_not_keep_another_key_from_opening(office, pki):
    signing, receiving = pki.leaf(), pki.leaf(variant="encryption-only")
    office.token(items=[Item(signing.der, signing.key, "ky"), Item(receiving.der, receiving.key, "nhan", b"\2")])
    with pkcs11.open_decrypter("pkcs11:token=VP;object=ky", pin=PIN, module=office.module) as decrypter:
        assert opened(receiving, decrypter)[0] == _CONTENT


def test_nobody_is_asked_for_a_pin_where_the_message_is_for_somebody_else(shim, leaf, pki):
    def never():
        raise AssertionError("asked for a PIN that opens nothing")

    with (
        pkcs11.open_decrypter(pin=never, module=shim.module) as decrypter,
        pytest.raises(CmsError, match="no-key-for-message"),
    ):
        opened(pki.leaf(key="p256"), decrypter)
    assert shim.count("C_Login") == 0


def test_one_login_serves_many_messages(shim, leaf):
    asked = []

    def ask():
        asked.append(1)
        return PIN

    with pkcs11.open_decrypter(pin=ask, module=shim.module) as decrypter:
        for _ in range(3):
            opened(leaf, decrypter)
    assert len(asked) == 1
    assert shim.count("C_Login") == 1


@pytest.mark.parametrize("as_text", [True, False])
def test_a_wrong_pin_is_sent_and_asked_for_once(shim, leaf, as_text):
    asked = []

    def ask():
        asked.append(1)
        return "0000"

    with pkcs11.open_decrypter(pin="0000" if as_text else ask, module=shim.module) as decrypter:
        for _ in range(3):
            error = failure(leaf, decrypter)
            assert (error.code, error.temporary, error.exit_code) == ("pin-incorrect", False, 5)
    assert shim.count("C_Login") == 1
    assert len(asked) == (0 if as_text else 1)


@pytest.mark.parametrize("flags, code", [("40000", "pin-locked"), ("20000", "pin-final-try")])
def test_a_token_near_or_past_its_last_try_is_not_tried(shim, leaf, flags, code):
    shim.control(set=flags)
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        assert failure(leaf, decrypter).code == code
    assert shim.count("C_Login") == 0
    if code == "pin-final-try":
        with pkcs11.open_decrypter(pin=PIN, module=shim.module, use_last_try=True) as decrypter:
            assert opened(leaf, decrypter)[0] == _CONTENT


def test_certificates_that_are_hidden_are_looked_for_behind_the_login(office, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key, hidden=True)])
    with pkcs11.open_decrypter(pin=PIN, module=office.module) as decrypter:
        assert opened(leaf, decrypter)[0] == _CONTENT
    with pytest.raises(TokenError) as caught:
        pkcs11.open_decrypter(pin="0000", module=office.module)
    assert caught.value.code == "pin-incorrect"


def test_a_token_without_certificates_or_without_the_key_says_so(office, pki):
    office.token("empty")
    with pytest.raises(TokenError) as caught:
        pkcs11.open_decrypter("pkcs11:token=empty", pin=PIN, module=office.module)
    assert caught.value.code == "no-decryption-key"
    leaf = pki.leaf()
    office.token("half", [Item(leaf.der)])
    with pkcs11.open_decrypter("pkcs11:token=half", pin=PIN, module=office.module) as decrypter:
        assert failure(leaf, decrypter).code == "no-decryption-key"


def test_rsa_opens_by_what_the_token_has(shim, leaf):
    for mechanisms, way in (
        (_RSA_PKCS, None),
        (_RSA_X_509, None),
        (_RSA_OAEP, Oaep("sha1", "sha1")),
        (_RSA_X_509, Oaep("sha1", "sha1", b"label")),
        (_RSA_X_509, Oaep("sha256", "sha256")),
        # SoftHSM lists OAEP and takes SHA-1 only, as cards do.
        (f"{_RSA_OAEP},{_RSA_X_509}", Oaep("sha256", "sha256")),
        (_RSA_X_509, Oaep("sha512", "sha1")),
    ):
        shim.control(mechanisms=mechanisms)
        with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
            assert decrypter.unwrap(leaf.der, encrypted(leaf, way), way, 32) == _KEY


def test_a_token_that_has_no_way_says_so(shim, leaf):
    for mechanisms, way in ((_RSA_OAEP, Oaep()), (_RSA_PKCS, Oaep()), (_RSA_OAEP, None), ("40", None)):
        shim.control(mechanisms=mechanisms)
        with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter, pytest.raises(TokenError) as caught:
            decrypter.unwrap(leaf.der, encrypted(leaf, way), way, 32)
        assert caught.value.code == "decryption-unsupported"
        assert "RSA 2048" in str(caught.value)


@pytest.mark.parametrize("refused", [_RSA_PKCS, _RSA_X_509])
def test_takes_the_next_way_where_a_listed_mechanism_is_not_taken(shim, leaf, refused):
    shim.control(refuse=refused)
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        assert decrypter.unwrap(leaf.der, encrypted(leaf, None), None, 32) == _KEY


@pytest.mark.parametrize("way", [None, Oaep("sha1", "sha1")], ids=["v1.5", "oaep"])
def test_whatever_a_token_says_of_the_padding_is_one_answer(shim, leaf, way):
    mine = _RSA_PKCS if way is None else _RSA_OAEP
    shim.control(mechanisms=mine)
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        for refused in ("40", "41", "20", "21", "6", "5"):
            shim.control(padding=refused, mechanisms=mine)
            refuses_what_is_forged(shim, leaf, decrypter, way)
    shim.control(mechanisms=_RSA_X_509)
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        refuses_what_is_forged(shim, leaf, decrypter, way)


@pytest.mark.parametrize("way", [None, Oaep("sha1", "sha1")], ids=["v1.5", "oaep"])
def test_a_token_is_not_asked_what_it_thinks_of_padding_where_it_need_not_be(shim, leaf, way):
    # If it refused anything, that would be an error.
    shim.control(padding="30")
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        right = encrypted(leaf, way)
        for form in (bytes(256), b"\1", encrypted(leaf, Oaep("sha512", "sha256")), right):
            before = shim.count("C_Decrypt")
            assert (decrypter.unwrap(leaf.der, form, way, 32) == _KEY) == (form is right)
            assert shim.count("C_Decrypt") == before + 1


def refuses_what_is_forged(shim, leaf, decrypter, way):
    """A key by chance each time, for one decryption and no error."""
    for forged in (os.urandom(255), b"\1", bytes(256), os.urandom(300), encrypted(leaf, Oaep("sha512", "sha256"))):
        before = shim.count("C_Decrypt")
        found = {decrypter.unwrap(leaf.der, forged, way, 32) for _ in range(2)}
        assert len(found) == 2
        assert {len(key) for key in found} == {32}
        assert shim.count("C_Decrypt") == before + 2
    assert decrypter.unwrap(leaf.der, encrypted(leaf, way), way, 24) != _KEY[:24]
    assert decrypter.unwrap(leaf.der, encrypted(leaf, way), way, 32) == _KEY


def test_a_key_that_asks_for_the_pin_each_time_gets_it(shim, leaf):
    shim.control(always="1", pin=PIN)
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        for _ in range(2):
            assert opened(leaf, decrypter)[0] == _CONTENT
    assert shim.count("C_Login 2 pin") == 2


def test_a_pin_refused_in_mid_decryption_is_never_sent_again(shim, leaf):
    shim.control(always="1", pin="other")
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        for _ in range(3):
            assert failure(leaf, decrypter).code == "pin-incorrect"
    assert shim.count("C_Login 2 pin") == 1


def test_a_pin_pad_asks_for_each_decryption_by_itself(shim, leaf):
    shim.control(set="100", pad=PIN, always="1", pin=PIN)
    with pkcs11.open_decrypter(module=shim.module) as decrypter:
        assert opened(leaf, decrypter)[0] == _CONTENT
        assert decrypter.unwrap(leaf.der, encrypted(leaf, None), None, 32) == _KEY
    assert shim.count("C_Login 1 pad") == 1
    assert shim.count("C_Login 2 pin") == 0


@pytest.mark.parametrize("kind", ["rsa2048", "p256"])
def test_a_key_that_does_not_say_what_it_does_is_tried(office, shim, pki, kind):
    leaf = pki.leaf(key=kind)
    office.token(items=[Item(leaf.der, leaf.key)])
    shim.control(unsaid="1")
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        assert opened(leaf, decrypter)[0] == _CONTENT
        if kind == "rsa2048":
            sha1 = Oaep("sha1", "sha1", b"")
            assert decrypter.unwrap(leaf.der, encrypted(leaf, sha1), sha1, 32) == _KEY


@pytest.mark.parametrize("unsaid", [{}, {"unsaid": "1"}], ids=["said", "unsaid"])
def test_a_point_is_given_in_the_form_that_the_token_takes(office, shim, pki, unsaid):
    leaf = pki.leaf(key="p256")
    office.token(items=[Item(leaf.der, leaf.key)])
    for form, calls in (("bare", 1), ("wrapped", 2)):
        shim.control(point=form, **unsaid)
        before = shim.count("C_DeriveKey")
        with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
            assert opened(leaf, decrypter)[0] == _CONTENT
        assert shim.count("C_DeriveKey") == before + calls


def test_a_point_off_the_curve_never_reaches_the_token(office, shim, pki):
    leaf = pki.leaf(key="p256")
    office.token(items=[Item(leaf.der, leaf.key)])
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        for point in (b"", b"\4" + bytes(64), b"\4" + b"\1" * 64, b"\2" + bytes(32), bytes(65)):
            assert decrypter.agree(leaf.der, point) != decrypter.agree(leaf.der, point)
    assert shim.count("C_DeriveKey") == 0


def test_a_token_that_was_pulled_out_says_so_and_opens_again_once_it_is_back(office, pki):
    leaf = pki.leaf()
    token = office.token(items=[Item(leaf.der, leaf.key)])
    with pkcs11.open_decrypter(pin=PIN, module=office.module) as decrypter:
        opened(leaf, decrypter)
        token.remove()
        error = failure(leaf, decrypter)
        assert (error.code, error.temporary) == ("token-removed", True)
        token.put_back()
        assert opened(leaf, decrypter)[0] == _CONTENT


def test_a_device_that_fails_is_tried_afresh_once(shim, leaf):
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        for fault, code in (("30", "token-failed"), ("32", "token-removed"), ("E0", "token-removed")):
            opened(leaf, decrypter)
            shim.control(fail=f"C_Decrypt:{fault}")
            before = shim.count("C_Decrypt")
            error = failure(leaf, decrypter)
            assert (error.code, error.temporary) == (code, True)
            assert shim.count("C_Decrypt") == before + 2
            shim.control()
            assert opened(leaf, decrypter)[0] == _CONTENT


def test_a_driver_that_crashes_hurts_nobody(shim, leaf):
    with pkcs11.open_decrypter(pin=PIN, module=shim.module) as decrypter:
        shim.control(abort="C_Decrypt")
        assert failure(leaf, decrypter).code == "token-driver-crashed"
        shim.control()
        assert opened(leaf, decrypter)[0] == _CONTENT


def test_a_decrypter_is_not_pickled_and_says_when_it_is_closed(leaf, office):
    with pkcs11.open_decrypter(pin=PIN, module=office.module) as decrypter:
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(decrypter)
        assert decrypter.is_token
        assert PIN not in repr(decrypter)
    assert failure(leaf, decrypter).code == "signer-closed"


def test_padding_taken_off_here_is_that_of_the_standard(pki):
    leaf = pki.leaf()
    numbers = leaf.key.private_numbers()
    for way in (None, Oaep("sha1", "sha1"), Oaep("sha256", "sha1", b"label"), Oaep("sha512", "sha512")):
        number = pow(int.from_bytes(encrypted(leaf, way), "big"), numbers.d, numbers.public_numbers.n)
        block = number.to_bytes(256, "big")

        def taken(block, size=32, way=way):
            return pkcs1_key(block, size) if way is None else oaep_key(block, way, size)

        assert taken(block) == _KEY
        assert taken(block, 16) is None
        assert taken(block, 24) is None
        assert taken(block, 33) is None
        for place in range(256 - (32 if way is None else 0)):
            changed = bytearray(block)
            changed[place] = 0 if block[place] else 7
            # Any filling but zero will do in version 1.5.
            assert taken(bytes(changed)) is None, place
