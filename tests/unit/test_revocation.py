"""Status of certificates, asked of real responders on loopback."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ocsp as made_ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from gsign.errors import InputError, TemporaryError, VerificationError
from gsign.result import Revocation
from gsign.trust.archive import CrlArchive
from gsign.trust.chain import Chain
from gsign.trust.revocation import Mode, RevocationClient, ValidationData
from gsign.trust.store import TrustStore
from tests.pki import ORGANISATION, Identity, Pki, Subject
from tests.pki_servers import Fault
from tests.unit.trust_authorities import DAY

HOUR = dt.timedelta(hours=1)


def present() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def chain_of(pki: Pki, leaf: Identity, at: dt.datetime | None = None) -> Chain:
    store = TrustStore.load(pki.root_file, pinned=False)
    return store.find_chain(leaf.der, leaf.chain, at or present(), None)


# ------------------------------------------------------------------------------------------ asking


def test_the_whole_path_is_asked_for_and_a_batch_asks_once(pki: Pki) -> None:
    chain, client = chain_of(pki, pki.leaf()), RevocationClient()
    for _ in range(5):
        facts = client.status(chain, present())
        assert (facts.status, facts.warnings, facts.reasons) == (Revocation.GOOD, (), ())
    # Leaf and intermediate, not the anchor.
    assert (pki.ocsp.requests, pki.crl.requests) == (2, 0)
    assert len(facts.data.ocsps) == 2


def test_of_a_signer_who_is_an_anchor_nobody_is_asked_and_nothing_is_claimed(pki: Pki) -> None:
    leaf = pki.leaf()
    chain = TrustStore([leaf.der]).find_chain(leaf.der, [], present(), None)
    facts = RevocationClient().status(chain, present())
    assert (facts.status, facts.warnings) == (Revocation.UNKNOWN, ("revocation-not-checked",))
    assert RevocationClient("require").status(chain, present()).sub_indication == "TRY_LATER"
    assert (pki.ocsp.requests, pki.crl.requests) == (0, 0)


def test_eight_threads_ask_once_too(pki: Pki) -> None:
    chain, client = chain_of(pki, pki.leaf()), RevocationClient()
    start = threading.Barrier(8)

    def ask(_: int) -> Revocation:
        start.wait()
        return client.status(chain, present()).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {Revocation.GOOD}
    assert pki.ocsp.requests == 2


def test_what_was_learnt_is_asked_for_again_after_its_next_update(pki: Pki) -> None:
    moment = present()
    client = RevocationClient(clock=lambda: moment)
    leaf = pki.leaf()
    client.status(chain_of(pki, leaf), moment)
    moment += 2 * DAY
    pki.ocsp.clock = lambda: moment
    pki.revoke(leaf, at=moment - HOUR)
    facts = client.status(chain_of(pki, leaf, moment), moment)
    assert facts.status is Revocation.REVOKED
    assert pki.ocsp.requests == 3


def test_a_revoked_leaf(pki: Pki) -> None:
    leaf = pki.leaf()
    pki.revoke(leaf, at=present() - HOUR)
    facts = RevocationClient().status(chain_of(pki, leaf), present())
    assert (facts.status, facts.sub_indication, facts.reasons) == (
        Revocation.REVOKED,
        "REVOKED",
        ("certificate-revoked",),
    )
    assert facts.revoked_at is not None
    assert abs(facts.revoked_at - (present() - HOUR)) < dt.timedelta(minutes=1)


def test_a_revoked_intermediate(pki: Pki) -> None:
    pki.revoke(pki.intermediate.identity)
    facts = RevocationClient().status(chain_of(pki, pki.leaf()), present())
    assert (facts.status, facts.reasons) == (Revocation.REVOKED, ("issuer-certificate-revoked",))


@pytest.mark.parametrize("fault", [None, Fault.DOWN])
def test_what_was_revoked_after_the_judged_time_was_good_then(pki: Pki, fault: Fault | None) -> None:
    leaf = pki.leaf()
    pki.revoke(leaf, at=present() - HOUR)
    pki.ocsp.fault = fault  # then the list says the same
    chain, client = chain_of(pki, leaf), RevocationClient()
    assert client.status(chain, present() - 2 * HOUR).status is Revocation.GOOD
    assert client.status(chain, present()).status is Revocation.REVOKED


USELESS_OCSP = [
    Fault.DOWN, Fault.HTTP_ERROR, Fault.MALFORMED, Fault.EMPTY, Fault.UNRELATED_SIGNER, Fault.BAD_SIGNATURE,
    Fault.EXPIRED, Fault.WRONG_NONCE, Fault.TRY_LATER, Fault.UNKNOWN, Fault.OTHER_CERTIFICATE,
]  # fmt: skip


@pytest.mark.parametrize("fault", USELESS_OCSP)
def test_the_list_answers_where_the_responder_does_not(pki: Pki, fault: Fault) -> None:
    good, revoked = pki.leaf(), pki.leaf(variant="revoked")
    pki.ocsp.fault = fault
    client = RevocationClient()
    facts = client.status(chain_of(pki, good), present())
    assert facts.status is Revocation.GOOD
    assert (facts.data.ocsps, len(facts.data.crls)) == ((), 2)
    assert client.status(chain_of(pki, revoked), present()).status is Revocation.REVOKED
    # One list of each authority, whoever is asked about.
    assert pki.crl.requests == 2


@pytest.mark.parametrize("fault", [Fault.SLOW, Fault.DRIP, Fault.HUGE])
def test_a_responder_that_never_ends_is_left_at_the_deadline(pki: Pki, fault: Fault) -> None:
    pki.ocsp.fault = fault
    facts = RevocationClient(timeout=0.3).status(chain_of(pki, pki.leaf()), present())
    assert facts.status is Revocation.GOOD
    assert facts.data.ocsps == ()


USELESS_CRL = [
    Fault.DOWN, Fault.HTTP_ERROR, Fault.MALFORMED, Fault.EMPTY, Fault.UNRELATED_SIGNER, Fault.BAD_SIGNATURE,
    Fault.EXPIRED,
]  # fmt: skip


@pytest.mark.parametrize("fault", USELESS_CRL)
def test_without_any_answer_prefer_warns_and_require_says_try_later(pki: Pki, fault: Fault) -> None:
    chain = chain_of(pki, pki.leaf())
    pki.ocsp.fault, pki.crl.fault = Fault.DOWN, fault
    preferred = RevocationClient("prefer").status(chain, present())
    assert (preferred.status, preferred.sub_indication) == (Revocation.UNKNOWN, None)
    assert (preferred.warnings, preferred.reasons) == (("revocation-not-checked",), ())
    assert any("/ocsp: " in failure for failure in preferred.failures)
    assert any("/crl/intermediate.crl: " in failure for failure in preferred.failures)
    required = RevocationClient("require").status(chain, present())
    assert (required.status, required.sub_indication) == (Revocation.UNKNOWN, "TRY_LATER")
    assert (required.warnings, required.reasons) == ((), ("revocation-unavailable",))


def test_a_failure_is_not_repeated_for_every_file(pki: Pki) -> None:
    pki.ocsp.fault = pki.crl.fault = Fault.DOWN
    chain, client = chain_of(pki, pki.leaf()), RevocationClient()
    for _ in range(3):
        assert client.status(chain, present()).status is Revocation.UNKNOWN
    assert (pki.ocsp.requests, pki.crl.requests) == (2, 2)


@pytest.mark.parametrize("mode, offline", [("off", False), ("prefer", True)])
def test_nobody_is_asked(pki: Pki, mode: Mode, offline: bool) -> None:
    chain = chain_of(pki, pki.leaf(variant="revoked"))
    facts = RevocationClient(mode, offline=offline).status(chain, present())
    assert (facts.status, facts.warnings) == (Revocation.UNKNOWN, ("revocation-not-checked",))
    assert (pki.ocsp.requests, pki.crl.requests) == (0, 0)


def test_a_strangers_addresses_are_not_asked(pki: Pki) -> None:
    facts = RevocationClient("require").status(chain_of(pki, pki.leaf(variant="impostor")), present())
    assert facts.sub_indication == "TRY_LATER"
    assert (pki.ocsp.requests, pki.crl.requests) == (0, 0)


# ------------------------------------------------------------------------------------------ what came along


def test_what_a_document_brought_is_enough_offline(pki: Pki) -> None:
    chain = chain_of(pki, pki.leaf())
    brought = RevocationClient().collect(chain)
    offline = RevocationClient("require", offline=True)
    assert offline.status(chain, present()).sub_indication == "TRY_LATER"
    facts = offline.status(chain, present(), brought)
    assert (facts.status, facts.warnings) == (Revocation.GOOD, ())


def test_a_later_statement_is_asked_for_where_an_older_one_was_brought(pki: Pki) -> None:
    leaf = pki.leaf()
    chain = chain_of(pki, leaf)
    brought = RevocationClient().collect(chain)
    pki.revoke(leaf, at=present())
    later = present() + dt.timedelta(minutes=1)
    assert RevocationClient(offline=True).status(chain, later, brought).status is Revocation.GOOD
    assert RevocationClient().status(chain, later, brought).status is Revocation.REVOKED


def test_of_contradicting_statements_that_were_brought_revoked_counts(pki: Pki) -> None:
    leaf = pki.leaf()
    chain = chain_of(pki, leaf)
    before = RevocationClient().collect(chain)
    pki.revoke(leaf, at=present())
    pki.ocsp.fault = Fault.DOWN
    after = RevocationClient().status(chain, present()).data
    later = present() + dt.timedelta(minutes=1)
    for brought in (before + after, after + before):
        assert RevocationClient(offline=True).status(chain, later, brought).status is Revocation.REVOKED


# ------------------------------------------------------------------------------------------ collecting


@pytest.mark.parametrize("fault", [None, Fault.DOWN])
def test_long_term_data_covers_every_certificate_below_the_anchor(pki: Pki, fault: Fault | None) -> None:
    signer, tsa = pki.leaf(), pki.tsa_identity
    pki.ocsp.fault = fault
    data = RevocationClient().collect(chain_of(pki, signer), chain_of(pki, tsa))
    answered = set()
    for raw in data.ocsps:
        answered.add(made_ocsp.load_der_ocsp_response(raw).serial_number)
    issuers = {x509.load_der_x509_crl(raw).issuer for raw in data.crls}
    certificates = [x509.load_der_x509_certificate(raw) for raw in data.certificates]
    root_name = pki.root.identity.certificate.subject
    for certificate in certificates:
        is_responder = any(isinstance(e.value, x509.OCSPNoCheck) for e in certificate.extensions)
        covered = certificate.serial_number in answered or certificate.issuer in issuers
        assert covered or is_responder or certificate.subject == root_name
    assert {signer.der, tsa.der, *signer.chain} <= set(data.certificates)


def test_long_term_data_that_cannot_be_had_is_a_temporary_error_that_names_the_causes(pki: Pki) -> None:
    pki.ocsp.fault = pki.crl.fault = Fault.HTTP_ERROR
    with pytest.raises(TemporaryError) as caught:
        RevocationClient().collect(chain_of(pki, pki.leaf()))
    assert (caught.value.code, caught.value.temporary) == ("revocation-unavailable", True)
    assert "/ocsp: HTTP 503; " in str(caught.value)


def test_a_certificate_without_any_source_will_not_get_one_by_waiting(pki: Pki) -> None:
    with pytest.raises(TemporaryError) as caught:
        RevocationClient().collect(chain_of(pki, pki.leaf(variant="no-pointers")))
    assert (caught.value.code, caught.value.temporary) == ("revocation-no-source", False)


def test_long_term_data_of_a_revoked_or_unknown_path_is_refused(pki: Pki) -> None:
    with pytest.raises(VerificationError, match="was revoked"):
        RevocationClient().collect(chain_of(pki, pki.leaf(variant="revoked")))
    with pytest.raises(InputError) as caught:
        RevocationClient().collect(chain_of(pki, pki.leaf(variant="impostor")))
    assert caught.value.code == "chain-not-found"


# ------------------------------------------------------------------------------------------ responders' own status


@pytest.fixture
def checked_responder(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> Identity:
    """Let the intermediate answer by a responder whose own status must be looked up."""
    found = pki.leaf(
        Subject("OCSP cần kiểm tra"),
        usages=("digital_signature",),
        extended_usages=(ExtendedKeyUsageOID.OCSP_SIGNING,),
    )
    monkeypatch.setattr(pki.intermediate, "responder", found)
    return found


def test_long_term_data_covers_a_responder_that_nothing_spares(pki: Pki, checked_responder: Identity) -> None:
    chain = chain_of(pki, pki.leaf())
    data = RevocationClient().collect(chain)
    assert checked_responder.der in data.certificates
    assert (len(data.ocsps), len(data.crls)) == (2, 1)
    offline = RevocationClient("require", offline=True)
    assert offline.status(chain, present(), data).status is Revocation.GOOD
    # Without the list nobody vouches for the responder.
    without = ValidationData(data.certificates, data.ocsps, ())
    assert offline.status(chain, present(), without).sub_indication == "TRY_LATER"


def test_a_revoked_responder_says_nothing(pki: Pki, checked_responder: Identity) -> None:
    pki.revoke(checked_responder)
    facts = RevocationClient().status(chain_of(pki, pki.leaf()), present())
    assert facts.status is Revocation.GOOD
    assert (len(facts.data.ocsps), len(facts.data.crls)) == (1, 1)  # the intermediate's answer, the leaf's list
    brought = RevocationClient().collect(chain_of(pki, pki.leaf()))
    assert checked_responder.der not in brought.certificates


# ------------------------------------------------------------------------------------------ the archive


def test_an_archive_answers_for_a_past_time_without_the_network(pki: Pki, tmp_path: Path) -> None:
    leaf = pki.leaf()
    pki.ocsp.fault = Fault.DOWN
    for days, status in ((40, Revocation.GOOD), (20, Revocation.REVOKED)):
        then = present() - days * DAY
        pki.crl.clock = lambda then=then: then  # type: ignore[misc]
        client = RevocationClient(clock=lambda then=then: then, archive=CrlArchive(tmp_path))  # type: ignore[misc]
        assert client.status(chain_of(pki, leaf, then), then).status is status
        # A good path has the root's list kept as well.
        assert client.status(chain_of(pki, pki.leaf(ORGANISATION), then), then).status is Revocation.GOOD
        pki.revoke(leaf, at=present() - 30 * DAY)
    asked = pki.crl.requests
    offline = RevocationClient("require", offline=True, archive=CrlArchive(tmp_path))
    for days, status in ((41, Revocation.GOOD), (35, Revocation.GOOD), (25, Revocation.REVOKED)):
        then = present() - days * DAY
        assert offline.status(chain_of(pki, leaf, then), then).status is status
    # The newest list is too old for today.
    assert RevocationClient(offline=True, archive=CrlArchive(tmp_path)).status(
        chain_of(pki, pki.intermediate.identity), present()
    ).warnings == ("revocation-not-checked",)
    assert pki.crl.requests == asked
    assert len(list(tmp_path.rglob("*.crl"))) == 4
    assert list(tmp_path.rglob("*.part")) == []


def test_what_lies_in_the_archive_is_not_believed_for_lying_there(pki: Pki, tmp_path: Path) -> None:
    leaf = pki.leaf()
    pki.ocsp.fault = Fault.DOWN
    chain = chain_of(pki, leaf)
    RevocationClient(archive=CrlArchive(tmp_path)).status(chain, present())
    for file in tmp_path.rglob("*.crl"):
        raw = file.read_bytes()
        file.write_bytes(raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:])
    offline = RevocationClient("require", offline=True, archive=CrlArchive(tmp_path))
    assert offline.status(chain, present()).sub_indication == "TRY_LATER"


def test_an_archive_that_cannot_be_written_costs_no_verification(pki: Pki, tmp_path: Path) -> None:
    pki.ocsp.fault = Fault.DOWN
    (tmp_path / "file").write_bytes(b"")
    client = RevocationClient(archive=CrlArchive(tmp_path / "file"))
    assert client.status(chain_of(pki, pki.leaf()), present()).status is Revocation.GOOD
