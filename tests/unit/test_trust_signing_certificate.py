"""The signer's certificate is judged before the key is used."""

from __future__ import annotations

import datetime as dt

import pytest

from gsign.errors import TemporaryError, TokenError
from gsign.trust.revocation import Mode, RevocationClient
from gsign.trust.signing_certificate import SignerCheck, check_signing_certificate
from gsign.trust.store import TrustStore
from tests.pki import ORGANISATION, Identity, Pki
from tests.pki_servers import Fault


def check(pki: Pki, who: Identity, client: RevocationClient | None = None, *, others: bool = True) -> SignerCheck:
    store = TrustStore.load(pki.root_file, pinned=False)
    asked = client or RevocationClient()
    return check_signing_certificate(who.der, who.chain if others else (), store, asked, dt.datetime.now(dt.UTC))


@pytest.mark.parametrize("variant", [None, "non-repudiation-only", "no-key-usage"])
def test_a_good_certificate_may_sign(pki: Pki, variant: str | None) -> None:
    leaf = pki.leaf(variant=variant)
    done = check(pki, leaf)
    assert done.warnings == ()
    assert done.signer.name == "Nguyễn Thị Ánh Tuyết"
    assert done.path.is_trusted
    # The signature carries the intermediate and leaves the anchor out.
    assert done.chain == (pki.intermediate.identity.der,)


@pytest.mark.parametrize(
    "variant, code",
    [
        ("expired", "certificate-expired"),
        ("not-yet-valid", "certificate-not-yet-valid"),
        ("encryption-only", "certificate-wrong-usage"),
        ("server-authentication", "certificate-wrong-usage"),
        ("authority", "certificate-wrong-usage"),
        ("weak-key", "certificate-weak-key"),
        ("revoked", "certificate-revoked"),
        ("unknown-critical", "certificate-chain-invalid"),
        ("sha1", "certificate-chain-invalid"),
    ],
)
def test_a_certificate_that_a_reader_would_refuse_may_not(pki: Pki, variant: str, code: str) -> None:
    with pytest.raises(TokenError) as caught:
        check(pki, pki.leaf(variant=variant))
    assert caught.value.code == code
    for lang in ("vi", "en"):
        assert "Nguyễn Thị Ánh Tuyết" in caught.value.sentence(lang)
        assert "?" not in caught.value.sentence(lang)
        assert caught.value.advice(lang)


def test_a_revoked_intermediate_is_named(pki: Pki) -> None:
    pki.revoke(pki.intermediate.identity)
    with pytest.raises(TokenError, match=r"CA phục vụ các cơ quan Nhà nước .* was revoked"):
        check(pki, pki.leaf())


def test_validity_and_usage_are_judged_without_a_store_too(pki: Pki) -> None:
    now = dt.datetime.now(dt.UTC)
    with pytest.raises(TokenError, match="expired"):
        check_signing_certificate(pki.leaf(variant="expired").der, (), None, None, now)
    leaf = pki.leaf()
    done = check_signing_certificate(leaf.der, leaf.chain, None, None, now)
    assert done.warnings == ("chain-not-checked", "revocation-not-checked")
    assert pki.intermediate.identity.der in done.chain
    assert pki.ocsp.requests == 0


@pytest.mark.parametrize("variant", ["impostor", "self-signed"])
def test_an_unknown_authority_is_a_warning_unless_the_status_is_required(pki: Pki, variant: str) -> None:
    leaf = pki.leaf(variant=variant)
    assert check(pki, leaf).warnings == ("chain-not-found", "revocation-not-checked")
    with pytest.raises(TokenError) as caught:
        check(pki, leaf, RevocationClient("require"))
    assert caught.value.code == "certificate-untrusted"
    assert str(caught.value.facts["issuer"]) in caught.value.sentence("vi")


@pytest.mark.parametrize("mode, offline", [("prefer", False), ("prefer", True), ("off", False)])
def test_a_status_that_cannot_be_had_is_a_warning(pki: Pki, mode: Mode, offline: bool) -> None:
    pki.ocsp.fault = pki.crl.fault = Fault.DOWN
    client = RevocationClient(mode, offline=offline)
    assert check(pki, pki.leaf(), client).warnings == ("revocation-not-checked",)
    assert (pki.ocsp.requests == 0) == (offline or mode == "off")


def test_a_status_that_is_required_and_cannot_be_had_is_a_temporary_error(pki: Pki) -> None:
    pki.ocsp.fault = pki.crl.fault = Fault.DOWN
    with pytest.raises(TemporaryError) as caught:
        check(pki, pki.leaf(), RevocationClient("require"))
    assert (caught.value.code, caught.value.temporary) == ("revocation-unavailable", True)


# ------------------------------------------------------------------------------------------ missing issuers


def test_a_missing_issuer_is_fetched_from_where_the_certificate_says(pki: Pki) -> None:
    done = check(pki, pki.leaf(), others=False)
    assert done.path.is_trusted
    assert done.chain == (pki.intermediate.identity.der,)
    assert pki.ca.requests == 1


def test_a_batch_fetches_a_missing_issuer_once_and_does_not_repeat_a_failure(pki: Pki) -> None:
    client = RevocationClient()
    for leaf in (pki.leaf(), pki.leaf(ORGANISATION), pki.leaf()):
        assert check(pki, leaf, client, others=False).path.is_trusted
    assert pki.ca.requests == 1
    pki.ca.fault, failing = Fault.DOWN, RevocationClient()
    for _ in range(3):
        assert "chain-not-found" in check(pki, pki.leaf(), failing, others=False).warnings
    assert pki.ca.requests == 2


@pytest.mark.parametrize("client", [RevocationClient(offline=True), RevocationClient("off")])
def test_nothing_is_fetched_where_the_network_is_not_wanted(pki: Pki, client: RevocationClient) -> None:
    assert "chain-not-found" in check(pki, pki.leaf(), client, others=False).warnings
    assert pki.ca.requests == 0


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.HTTP_ERROR, Fault.MALFORMED, Fault.HUGE])
def test_an_issuer_that_cannot_be_fetched_stays_missing(pki: Pki, fault: Fault) -> None:
    pki.ca.fault = fault
    assert "chain-not-found" in check(pki, pki.leaf(), others=False).warnings
