"""The signer's certificate is judged before the key is used."""

from __future__ import annotations

import datetime as dt
import time
from types import SimpleNamespace

import pytest

from gsign.errors import TemporaryError, TokenError
from gsign.trust import signing_certificate
from gsign.trust.revocation import Mode, RevocationClient
from gsign.trust.signing_certificate import SignerCheck, check_signer, check_signing_certificate
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


# ------------------------------------------------------------------------------------------ many signatures in a second


def test_one_answer_serves_the_signatures_of_one_second(pki: Pki) -> None:
    leaf, store, client = pki.leaf(), TrustStore.load(pki.root_file, pinned=False), RevocationClient("off")
    second = dt.datetime.now(dt.UTC).replace(microsecond=0)
    done = check_signer(leaf.der, leaf.chain, store, client, second)
    assert done == check_signing_certificate(leaf.der, leaf.chain, store, client, second)
    assert check_signer(leaf.der, leaf.chain, store, client, second.replace(microsecond=999_999)) is done
    assert check_signer(leaf.der, leaf.chain, store, client, second + dt.timedelta(seconds=1)) is not done


def test_an_answer_serves_only_the_question_that_was_asked(pki: Pki) -> None:
    leaf, other, store, client = pki.leaf(), pki.leaf(ORGANISATION), TrustStore(), RevocationClient("off")
    now = dt.datetime.now(dt.UTC)
    assert check_signer(leaf.der, leaf.chain, store, client, now).warnings[0] == "chain-not-found"
    trusting = TrustStore.load(pki.root_file, pinned=False)
    assert check_signer(leaf.der, leaf.chain, trusting, client, now).path.is_trusted
    assert check_signer(other.der, leaf.chain, trusting, client, now).signer.name == ORGANISATION.common_name
    with pytest.raises(TemporaryError):
        check_signer(leaf.der, leaf.chain, trusting, RevocationClient("require", offline=True), now)


def test_an_answer_ends_with_the_certificate(pki: Pki) -> None:
    leaf, store, client = pki.leaf(), TrustStore.load(pki.root_file, pinned=False), RevocationClient("off")
    last = leaf.certificate.not_valid_after_utc
    check_signer(leaf.der, leaf.chain, store, client, last)
    with pytest.raises(TokenError, match="expired"):
        check_signer(leaf.der, leaf.chain, store, client, last + dt.timedelta(seconds=1))


def test_an_answer_is_old_after_a_second_whatever_the_clock_on_the_wall_says(
    pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaf, store, client = pki.leaf(), TrustStore.load(pki.root_file, pinned=False), RevocationClient("off")
    now, begun = dt.datetime.now(dt.UTC), time.monotonic()
    done = check_signer(leaf.der, leaf.chain, store, client, now)
    later = SimpleNamespace(monotonic=lambda: begun + 2)
    monkeypatch.setattr("gsign.trust.signing_certificate.time", later)
    anew = check_signer(leaf.der, leaf.chain, store, client, now)
    assert anew is not done
    # What is old is not kept for nobody's use either.
    assert not any(check is done for _, check in signing_certificate._kept.values())


def test_a_refusal_is_not_kept(pki: Pki) -> None:
    leaf, store = pki.leaf(), TrustStore.load(pki.root_file, pinned=False)
    client, now = RevocationClient("require"), dt.datetime.now(dt.UTC)
    client.offline = True
    with pytest.raises(TemporaryError):
        check_signer(leaf.der, leaf.chain, store, client, now)
    client.offline = False
    assert check_signer(leaf.der, leaf.chain, store, client, now).warnings == ()
