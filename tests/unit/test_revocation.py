"""Status of certificates, asked of real responders on loopback."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp as made_ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from gsign.errors import InputError, TemporaryError, VerificationError
from gsign.result import Revocation
from gsign.trust import crl, ocsp
from gsign.trust.archive import CrlArchive
from gsign.trust.chain import Chain, Link
from gsign.trust.revocation import Mode, RevocationClient, ValidationData
from gsign.trust.store import TrustStore
from tests.pki import ORGANISATION, Identity, Pki, Subject
from tests.pki_servers import Fault
from tests.unit.trust_authorities import DAY, NOW, Holder, issue, key, root

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


# ------------------------------------------------------------------------------------------ OCSP, piece by piece


def respond(
    about: Holder,
    issuer: Holder,
    signer: Holder,
    *,
    this_update: dt.datetime = NOW,
    next_update: dt.datetime | None = NOW + DAY,
    revoked_at: dt.datetime | None = None,
    carried: tuple[Holder, ...] = (),
    digest: hashes.HashAlgorithm | None = None,
) -> bytes:
    status = made_ocsp.OCSPCertStatus.REVOKED if revoked_at else made_ocsp.OCSPCertStatus.GOOD
    builder = made_ocsp.OCSPResponseBuilder().add_response(
        about.certificate,
        issuer.certificate,
        digest or hashes.SHA1(),
        status,
        this_update,
        next_update,
        revoked_at,
        None,
    )
    builder = builder.responder_id(made_ocsp.OCSPResponderEncoding.NAME, signer.certificate)
    if carried:
        builder = builder.certificates([holder.certificate for holder in carried])
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def link(about: Holder, issuer: Holder) -> Link:
    chain = TrustStore([issuer.der]).find_chain(about.der, [], NOW, None)
    (found,) = chain.links()
    return found


def responder(issuer: Holder, *, purposes: tuple[x509.ObjectIdentifier, ...] | None = None, **changes: Any) -> Holder:
    oids = (ExtendedKeyUsageOID.OCSP_SIGNING,) if purposes is None else purposes
    extensions = ((x509.ExtendedKeyUsage(oids), False),) if oids else ()
    # `cryptography` writes the present into producedAt, so the validity must hold whenever this runs.
    wide = {"start": dt.datetime(2000, 1, 1, tzinfo=dt.UTC), "end": dt.datetime(2090, 1, 1, tzinfo=dt.UTC)}
    return issue("OCSP", issuer, extensions=extensions, **{"usages": ("digital_signature",), **wide, **changes})


@pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA256()])
def test_an_authority_may_answer_itself(digest: hashes.HashAlgorithm) -> None:
    top = root()
    leaf = issue("A", top)
    evidence = ocsp.read_evidence(respond(leaf, top, top, digest=digest), link(leaf, top))
    assert (evidence.status, evidence.responder) == (Revocation.GOOD, None)


def test_an_authority_may_delegate() -> None:
    top = root()
    leaf, delegate = issue("A", top), responder(top)
    evidence = ocsp.read_evidence(respond(leaf, top, delegate, carried=(delegate,)), link(leaf, top))
    assert (evidence.status, evidence.responder) == (Revocation.GOOD, delegate.der)


def a_plain_certificate(top: Holder) -> Holder:
    return responder(top, purposes=())


def for_something_else(top: Holder) -> Holder:
    return responder(top, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))


def delegated_by_a_namesake(_: Holder) -> Holder:
    return responder(root())


def expired_delegate(top: Holder) -> Holder:
    return responder(top, end=dt.datetime(2001, 1, 1, tzinfo=dt.UTC))


def may_not_sign(top: Holder) -> Holder:
    return responder(top, usages=("key_encipherment",))


def delegated_below(top: Holder) -> Holder:
    return responder(issue("Trung gian", top, ca=True))


@pytest.mark.parametrize(
    "delegate",
    [
        a_plain_certificate, for_something_else, delegated_by_a_namesake, expired_delegate, may_not_sign,
        delegated_below,
    ],
)  # fmt: skip
def test_nobody_else_may_answer(delegate: Callable[[Holder], Holder]) -> None:
    top = root()
    leaf, signer = issue("A", top), delegate(top)
    with pytest.raises(ocsp.OcspError, match="somebody else"):
        ocsp.read_evidence(respond(leaf, top, signer, carried=(signer,)), link(leaf, top))


def test_an_answer_about_a_namesakes_certificate_is_none_about_ours() -> None:
    top, namesake = root(), root()
    leaf = issue("A", top)
    with pytest.raises(ocsp.OcspError, match="another certificate"):
        ocsp.read_evidence(respond(leaf, namesake, top), link(leaf, top))


# ------------------------------------------------------------------------------------------ lists, piece by piece


def revocation_list(
    issuer: Holder,
    *extensions: tuple[x509.ExtensionType, bool],
    revoked: Holder | None = None,
    entry: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    signer: Holder | None = None,
    this_update: dt.datetime = NOW - DAY,
) -> bytes:
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, this_update, this_update + 7 * DAY)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    if revoked:
        made = x509.RevokedCertificateBuilder(revoked.certificate.serial_number, NOW - 2 * DAY)
        for value, critical in entry:
            made = made.add_extension(value, critical)
        builder = builder.add_revoked_certificate(made.build())
    return builder.sign((signer or issuer).key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def scope(**limits: Any) -> tuple[x509.ExtensionType, bool]:
    fields = {
        "full_name": None, "relative_name": None, "only_contains_user_certs": False, "only_contains_ca_certs": False,
        "only_some_reasons": None, "indirect_crl": False, "only_contains_attribute_certs": False,
    }  # fmt: skip
    return x509.IssuingDistributionPoint(**{**fields, **limits}), True


POINT = "http://ca.example/a.crl"
OTHER_POINT = "http://ca.example/b.crl"


def pointed(issuer: Holder) -> Holder:
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(POINT)], None, None, None)
    return issue("A", issuer, extensions=((x509.CRLDistributionPoints([point]), False),))


def at_point(url: str) -> tuple[x509.ExtensionType, bool]:
    return scope(full_name=[x509.UniformResourceIdentifier(url)])


@pytest.mark.parametrize(
    "extensions, refusal",
    [
        ((), None),
        ((scope(only_contains_user_certs=True),), None),
        ((scope(only_contains_ca_certs=True),), "does not include"),
        ((scope(indirect_crl=True),), "other authorities"),
        ((scope(only_contains_attribute_certs=True),), "other authorities"),
        ((scope(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})),), "other authorities"),
        ((at_point(POINT),), None),
        ((at_point(OTHER_POINT),), "does not include"),
        (((x509.DeltaCRLIndicator(1), True),), "delta"),
        (((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),), "unknown critical"),
        (((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False),), None),
    ],
)
def test_a_list_counts_for_what_it_is_about(
    extensions: tuple[tuple[x509.ExtensionType, bool], ...], refusal: str | None
) -> None:
    top = root()
    leaf = pointed(top)
    raw = revocation_list(top, *extensions)
    if refusal is None:
        assert crl.read_evidence(raw, link(leaf, top)).status is Revocation.GOOD
    else:
        with pytest.raises(crl.CrlError, match=refusal):
            crl.read_evidence(raw, link(leaf, top))


def test_a_list_of_a_namesake_or_of_an_authority_without_the_right_is_none() -> None:
    top = root()
    leaf = issue("A", top)
    with pytest.raises(crl.CrlError, match="somebody else"):
        crl.read_evidence(revocation_list(top, signer=root()), link(leaf, top))
    with pytest.raises(crl.CrlError, match="another issuer"):
        crl.read_evidence(revocation_list(root("Khác")), link(leaf, top))
    muted = root("Câm", usages=("key_cert_sign",))
    with pytest.raises(crl.CrlError, match="may not sign lists"):
        crl.read_evidence(revocation_list(muted), link(issue("A", muted), muted))


def test_an_entry_counts_from_the_day_the_key_was_lost() -> None:
    top = root()
    leaf = issue("A", top)
    raw = revocation_list(top, revoked=leaf, entry=((x509.InvalidityDate(NOW - 9 * DAY), False),))
    evidence = crl.read_evidence(raw, link(leaf, top))
    assert evidence.revoked_at == NOW - 9 * DAY
    assert evidence.at(NOW - 8 * DAY, NOW + DAY, NOW) is Revocation.REVOKED
    assert evidence.at(NOW - 10 * DAY, NOW + DAY, NOW) is Revocation.GOOD


@pytest.mark.parametrize(
    "entry",
    [
        (x509.CertificateIssuer([x509.DNSName("ca.example")]), True),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),
        (x509.CRLReason(x509.ReasonFlags.remove_from_crl), False),
    ],
)
def test_an_entry_that_cannot_be_understood_makes_the_list_useless(entry: tuple[x509.ExtensionType, bool]) -> None:
    top = root()
    leaf = issue("A", top)
    with pytest.raises(crl.CrlError):
        crl.read_evidence(revocation_list(top, revoked=leaf, entry=(entry,)), link(leaf, top))


# ------------------------------------------------------------------------------------------ what a statement is worth


@pytest.mark.parametrize(
    "this_update, moment, status",
    [
        (NOW - DAY, NOW, Revocation.GOOD),  # covers the moment
        (NOW, NOW - DAY, Revocation.GOOD),  # made later: still good then
        (NOW - 8 * DAY, NOW, Revocation.UNKNOWN),  # ended before the moment
        (NOW + DAY, NOW, Revocation.UNKNOWN),  # from the future
    ],
)
def test_a_statement_counts_for_its_time(this_update: dt.datetime, moment: dt.datetime, status: Revocation) -> None:
    top = root()
    leaf = issue("A", top)
    evidence = crl.read_evidence(revocation_list(top, this_update=this_update), link(leaf, top))
    assert evidence.at(moment, NOW + 99 * DAY, NOW) is status


def test_a_list_made_after_the_certificate_expired_may_have_forgotten_it() -> None:
    top = root()
    leaf = issue("A", top, end=NOW - 2 * DAY)
    evidence = crl.read_evidence(revocation_list(top), link(leaf, top))
    assert evidence.at(NOW - 3 * DAY, NOW - 2 * DAY, NOW) is Revocation.UNKNOWN
    # expiredCertsOnCRL says that it has not.
    since = b"\x18\x0f20200101000000Z"
    kept = revocation_list(top, (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.60"), since), False))
    evidence = crl.read_evidence(kept, link(leaf, top))
    assert evidence.at(NOW - 3 * DAY, NOW - 2 * DAY, NOW) is Revocation.GOOD


def test_octets_that_are_nothing_are_refused_without_a_traceback() -> None:
    top = root()
    leaf = issue("A", top, private_key=key())
    good_list, good_answer = revocation_list(top), respond(leaf, top, top)
    about = link(leaf, top)
    for cut in range(0, len(good_list), 7):
        with pytest.raises(crl.CrlError):
            crl.read_evidence(good_list[:cut], about)
    for cut in range(0, len(good_answer), 7):
        with pytest.raises(ocsp.OcspError):
            ocsp.read_evidence(good_answer[:cut], about)


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
