"""The one key is found, or every candidate is named with what speaks against it."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from gsign import pkcs11
from gsign.errors import TokenError
from gsign.token import constants as ck
from tests.pki import LEADER, ORGANISATION
from tests.softhsm import PIN, Item
from tests.unit.test_pkcs11_signing import check


def refuse(uri="pkcs11:", *, module, pin=PIN, **more):
    """Return the error of opening, which must come."""
    with pytest.raises(TokenError) as caught:
        pkcs11.open_signer(uri, pin=pin, module=module, **more)
    return caught.value


def never():
    raise AssertionError("the PIN was asked for")


def test_lists_tokens_with_what_a_person_needs(office, shim):
    office.token("Văn phòng")
    shim.control(set="10000")
    (token,) = pkcs11.list_tokens(shim.module)
    assert (token.label, token.pin, token.pin_pad) == ("Văn phòng", "count-low", False)
    assert token.uri == f"pkcs11:token=V%C4%83n%20ph%C3%B2ng;serial={token.serial}"
    assert json.loads(json.dumps(token.to_dict()))["module"] == shim.module


def test_empty_and_uninitialised_slots_are_passed_over(office, shim, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    shim.control(empty="1")
    assert [token.label for token in pkcs11.list_tokens(shim.module)] == ["VP"]
    pkcs11.open_signer(pin=PIN, module=shim.module).close()


def test_without_any_token_says_so(office):
    error = refuse(module=office.module, pin=never)
    assert (error.code, error.exit_code, error.temporary) == ("no-token", 5, True)
    with pytest.raises(TokenError) as caught:
        pkcs11.list_tokens(office.module)
    assert caught.value.code == "no-token"


def test_a_token_that_is_not_there_is_named_with_those_that_are(office):
    office.token("VP")
    error = refuse("pkcs11:token=other", module=office.module, pin=never)
    assert error.code == "token-not-found"
    assert "pkcs11:token=VP" in error.hint


@pytest.mark.parametrize(
    "variant, reason",
    [
        ("expired", "expired"),
        ("not-yet-valid", "not-yet-valid"),
        ("encryption-only", "key-usage"),
        ("server-authentication", "extended-key-usage"),
        ("authority", "ca-certificate"),
        ("weak-key", "key-too-short"),
    ],
)
def test_a_certificate_that_cannot_sign_is_told_before_any_pin_is_asked(office, shim, pki, variant, reason):
    leaf = pki.leaf(variant=variant)
    office.token(items=[Item(leaf.der, leaf.key)])
    error = refuse(module=shim.module, pin=never)
    assert error.code == "no-signing-key"
    (candidate,) = error.facts["candidates"]
    assert reason in candidate.rejected
    assert candidate.uri in error.advice("vi")
    assert shim.count("C_Login") == 0


@pytest.mark.parametrize("variant", ["non-repudiation-only", "no-key-usage"])
def test_certificates_without_extensions_and_of_2014_may_sign(office, pki, variant):
    leaf = pki.leaf(variant=variant)
    office.token(items=[Item(leaf.der, leaf.key)])
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        assert signer.certificate == leaf.der


def test_the_good_one_among_bad_ones_is_found(office, pki):
    good, old, ca = pki.leaf(), pki.leaf(LEADER, variant="expired"), pki.leaf().chain[0]
    items = [
        Item(old.der, old.key, "old", b"\x01"),
        Item(ca, None, "ca", b"\x02"),
        Item(good.der, good.key, "good", b"\x03"),
    ]
    office.token(items=items)
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        assert signer.certificate == good.der


def test_two_keys_are_not_chosen_between(office, pki):
    one, two = pki.leaf(), pki.leaf(LEADER)
    office.token(items=[Item(one.der, one.key, "a", b"\x01"), Item(two.der, two.key, "b", b"\x02")])
    error = refuse(module=office.module)
    assert (error.code, error.exit_code) == ("several-signing-keys", 5)
    assert all(candidate.uri in error.hint for candidate in error.facts["candidates"])
    for uri, leaf in (("pkcs11:object=a", one), ("pkcs11:id=%02", two)):
        with pkcs11.open_signer(uri, pin=PIN, module=office.module) as signer:
            assert signer.certificate == leaf.der


def test_a_certificate_without_key_and_a_key_without_certificate_are_explained(office, pki):
    one, two = pki.leaf(), pki.leaf(LEADER)
    office.token(items=[Item(one.der, None, "a", b"\x01"), Item(None, two.key, "b", b"\x02")])
    error = refuse(module=office.module)
    assert error.code == "no-signing-key"
    assert {c.label: c.rejected for c in error.facts["candidates"]} == {
        "a": ("no-private-key",),
        "b": ("no-certificate",),
    }
    assert "không có khóa riêng" in error.advice("vi")
    assert "khóa không có chứng thư số" in error.advice("vi")


def test_key_and_certificate_meet_by_public_key_where_their_ids_differ(office, pki):
    for kind in ("rsa2048", "p256"):
        leaf = pki.leaf(key=kind)
        office.token(kind, items=[Item(leaf.der, leaf.key, certificate_id=b"\x99")])
        with pkcs11.open_signer(f"pkcs11:token={kind}", pin=PIN, module=office.module) as signer:
            algorithm = signer.algorithm()
            check(leaf, b"m", algorithm, signer.sign(b"m", algorithm))


def test_labels_may_be_missing(office, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key, label="")])
    (candidate,) = pkcs11.list_keys(module=office.module, pin=PIN)
    assert "object" not in candidate.uri
    pkcs11.open_signer(candidate.uri, pin=PIN, module=office.module).close()


def test_labels_that_are_no_utf8_hide_nothing(office, pki):
    leaf = pki.leaf()

    class Old(Item):
        def objects(self):
            return [{**made, ck.CKA_LABEL: "văn thư".encode("utf-16-le")[:5] + b"\xff"} for made in super().objects()]

    office.token(items=[Old(leaf.der, leaf.key)])
    (candidate,) = pkcs11.list_keys(module=office.module, pin=PIN)
    assert "\N{REPLACEMENT CHARACTER}" in candidate.label
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        algorithm = signer.algorithm()
        check(leaf, b"m", algorithm, signer.sign(b"m", algorithm))


def test_the_label_may_be_the_keys_or_the_certificates(office, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key, label="key", certificate_label="certificate")])
    for label in ("key", "certificate"):
        pkcs11.open_signer(f"pkcs11:object={label}", pin=PIN, module=office.module).close()
    error = refuse("pkcs11:object=other", module=office.module)
    assert [c.rejected for c in error.facts["candidates"]] == [("other-label",)]


def test_a_key_of_another_certificate_with_the_same_id_is_not_taken(office, pki):
    one, two = pki.leaf(), pki.leaf(LEADER)
    office.token(items=[Item(one.der, two.key)])
    error = refuse(module=office.module)
    assert [c.rejected for c in error.facts["candidates"]] == [("key-mismatch",)]


def test_a_wrong_pair_that_hides_its_public_part_is_caught_at_the_first_signature(office, shim, pki):
    one, two = pki.leaf(), pki.leaf(LEADER)
    office.token(items=[Item(one.der, two.key, public=False)])
    shim.control(hide="1")
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer, pytest.raises(TokenError) as caught:
        signer.sign(b"m", signer.algorithm())
    assert caught.value.code == "key-mismatch"


def test_a_right_pair_that_hides_its_public_part_signs(office, shim, pki):
    for kind in ("rsa2048", "p384"):
        leaf = pki.leaf(key=kind)
        office.token(kind, items=[Item(leaf.der, leaf.key, public=False)])
        shim.control(hide="1")
        with pkcs11.open_signer(f"pkcs11:token={kind}", pin=PIN, module=shim.module) as signer:
            algorithm = signer.algorithm()
            check(leaf, b"m", algorithm, signer.sign(b"m", algorithm))


def test_certificates_that_only_a_login_shows_are_found(office, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key, hidden=True)])
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        assert signer.certificate == leaf.der


def test_attributes_are_read_one_by_one_where_a_driver_gives_no_more(office, shim, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    shim.control(single="1")
    pkcs11.open_signer(pin=PIN, module=shim.module).close()


def test_of_two_tokens_of_one_label_the_one_that_can_sign_is_taken(office, shim, pki):
    good, old = pki.leaf(), pki.leaf(LEADER, variant="expired")
    office.token("VP", items=[Item(old.der, old.key)], pin="1111")
    office.token("VP", items=[Item(good.der, good.key)], pin="2222")
    with pkcs11.open_signer("pkcs11:token=VP", pin="2222", module=shim.module) as signer:
        assert signer.certificate == good.der
    assert shim.count("C_Login") == 1


def test_no_pin_goes_to_either_of_two_tokens_that_could_be_meant(office, shim, pki):
    one, two = pki.leaf(), pki.leaf(LEADER)
    office.token("VP", items=[Item(one.der, one.key)])
    office.token("VP", items=[Item(two.der, two.key)])
    error = refuse("pkcs11:token=VP", module=shim.module, pin=never)
    assert error.code == "several-signing-keys"
    uris = [candidate.uri for candidate in error.facts["candidates"]]
    assert len(set(uris)) == 2
    assert shim.count("C_Login") == 0
    pkcs11.open_signer(uris[0], pin=PIN, module=shim.module).close()


def test_no_pin_goes_to_either_of_two_tokens_that_show_nothing(office, shim, pki):
    leaf = pki.leaf()
    for _ in range(2):
        office.token("VP", items=[Item(leaf.der, leaf.key, hidden=True)])
    assert refuse(module=shim.module, pin=never).code == "several-tokens"
    assert shim.count("C_Login") == 0


def test_the_issuer_can_be_asked_for(office, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    issuer = leaf.certificate.issuer.public_bytes()
    pkcs11.open_signer(pin=PIN, module=office.module, issuers=[issuer]).close()
    error = refuse(module=office.module, pin=never, issuers=[leaf.certificate.subject.public_bytes()])
    assert [c.rejected for c in error.facts["candidates"]] == [("other-issuer",)]


def test_the_same_certificate_twice_is_one_key(office, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key), Item(leaf.der, None, "copy", b"\x01")])
    candidates = pkcs11.list_keys(module=office.module)
    assert sorted(c.rejected for c in candidates) == [(), ("duplicate",)]
    pkcs11.open_signer(pin=PIN, module=office.module).close()


def test_a_renewed_certificate_takes_the_place_of_the_old_one(office, pki):
    old, new = pki.leaf(ORGANISATION, from_day=-300), pki.leaf(ORGANISATION, from_day=-2)
    assert old.der != new.der
    office.token(items=[Item(old.der, old.key), Item(new.der, None)])
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        assert signer.certificate == new.der
    assert ("superseded",) in [c.rejected for c in pkcs11.list_keys(module=office.module)]


def test_a_listed_key_is_plain_json(office, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    (without,) = pkcs11.list_keys(module=office.module)
    (with_pin,) = pkcs11.list_keys(module=office.module, pin=PIN)
    listed = json.loads(json.dumps(with_pin.to_dict()))
    assert (without.private_key, listed["private_key"]) == (None, True)
    assert listed["rejected"] == []
    assert listed["serial"] == format(leaf.serial, "X")
    assert datetime.fromisoformat(listed["not_after"]) == leaf.certificate.not_valid_after_utc
    assert listed["not_after"].endswith("+07:00")
    assert PIN not in json.dumps(listed)


def test_every_reason_has_words_in_both_languages(office, pki):
    leaf = pki.leaf(variant="expired")
    office.token(items=[Item(leaf.der, leaf.key)])
    (candidate,) = pkcs11.list_keys(module=office.module)
    assert any("đã hết hạn" in line for line in pkcs11.explain([candidate], "vi"))
    assert any("has expired" in line for line in pkcs11.explain([candidate], "en"))
