"""Facts and words of a verdict: time, level, status, what came after, and failing closed."""

from __future__ import annotations

import datetime as dt

import pytest

import gsign.pdf
import gsign.smime
from gsign.errors import InputError
from gsign.result import ChangesAfter, Coverage, Indication, Kind, Level, Revocation
from gsign.syntax.objects import Stream
from gsign.syntax.source import BytesSource
from gsign.trust.revocation import RevocationClient
from gsign.trust.store import TrustStore
from gsign.verification.verdict import verify_document
from tests.corpus import FORGERIES, GENUINE, Kit
from tests.corpus.genuine_later import sign_at_level
from tests.corpus.kit import change_catalog
from tests.pki import LEADER, now
from tests.pki_servers import Fault


@pytest.fixture(scope="session")
def corpus_kit(session_pki, documents):
    return Kit(session_pki, documents)


@pytest.fixture
def kit(corpus_kit, pki):
    return corpus_kit


def judge(kit, data, **options):
    store = TrustStore.load(kit.pki.root_file, pinned=False)
    return verify_document(BytesSource(data), trust=store, **options)


@pytest.mark.parametrize(
    "level, expected",
    [("B-B", Level.B_B), ("B-T", Level.B_T), ("B-LT", Level.B_LT), ("B-LTA", Level.B_LTA)],
)
def test_the_level_is_what_was_verified(kit, level, expected):
    data = kit.sign(kit.plain()) if level == "B-B" else sign_at_level(kit, level)
    assert judge(kit, data).signatures[0].level is expected


def test_without_its_store_an_archived_signature_is_worth_less(kit):
    # Trusting nobody, nothing of what the store says can be relied upon.
    store = TrustStore.load(kit.pki.impostor_root_file, pinned=False)
    result = verify_document(BytesSource(sign_at_level(kit, "B-LTA")), trust=store)
    assert result.signatures[0].level is Level.B_B
    assert result.signatures[0].proven_time is None


def test_a_timestamp_of_nobody_known_lifts_no_level(kit):
    kit.pki.tsa.signer = kit.pki.timestamping_identity(impostor=True)
    result = judge(kit, kit.sign(kit.plain(), level="B-T", tsa=kit.pki.tsa_url))
    assert result.signatures[0].indication is Indication.TOTAL_PASSED
    assert result.signatures[0].level is Level.B_B


def with_evidence(kit, data, at):
    """Store what the authorities said at a time."""

    def edit(document, revision):
        chain = TrustStore.load(kit.pki.root_file, pinned=False).find_chain(kit.leader.der, kit.leader.chain, now())
        kit.pki.ocsp.clock = kit.pki.crl.clock = lambda: at
        found = RevocationClient("prefer", clock=lambda: at).collect(chain, at=at)
        lists = {"OCSPs": found.ocsps, "CRLs": found.crls, "Certs": found.certificates}
        store = {key: [revision.add(Stream({}, value)) for value in values] for key, values in lists.items()}
        change_catalog(revision, document, DSS=store)

    return kit.revise(data, edit)


def test_evidence_that_came_after_the_archive_timestamp_is_not_archived(kit):
    emptied = kit.revise(sign_at_level(kit, "B-T"), lambda d, r: change_catalog(r, d, DSS={}))
    result = judge(kit, with_evidence(kit, kit.stamped(emptied), now()))
    assert result.indication is Indication.TOTAL_PASSED
    assert result.signatures[0].level is Level.B_LT


def test_evidence_is_judged_at_the_proven_time(kit):
    # Its nextUpdate is long past; what it says of the time of signing is still true.
    kit.pki.tsa.clock = lambda: now() - dt.timedelta(days=10)
    data = sign_at_level(kit, "B-T")
    result = judge(kit, with_evidence(kit, data, now() - dt.timedelta(days=9)))
    assert result.signatures[0].level is Level.B_LT


def test_adbe_has_no_baseline_level(kit):
    assert judge(kit, kit.sign(kit.plain(), subfilter="adbe.pkcs7.detached")).signatures[0].level is None


def test_a_timestamp_proves_the_time(kit):
    result = judge(kit, sign_at_level(kit, "B-T"))
    assert abs(result.signatures[0].proven_time - now()) < dt.timedelta(minutes=5)


def test_a_document_timestamp_proves_the_time_of_what_is_before_it(kit):
    data = gsign.pdf.augment(kit.signed(), level="B-T", tsa=kit.pki.tsa_url, trust=kit.pki.root_file)
    first, stamp = judge(kit, data).signatures
    assert (first.kind, stamp.kind) == (Kind.SIGNATURE, Kind.DOCUMENT_TIMESTAMP)
    assert first.proven_time == stamp.proven_time is not None
    assert first.changes_after is ChangesAfter.PERMITTED
    assert first.level is Level.B_T


def test_a_claim_proves_nothing(kit):
    signature = judge(kit, kit.signed()).signatures[0]
    assert signature.claimed_time is not None
    assert signature.proven_time is None


def test_an_expired_certificate_is_judged_at_the_time_asked_for(kit):
    who = kit.pki.leaf(LEADER, variant="expired")
    data = kit.custom(kit.plain(), lambda digest: kit.contents(digest, who))
    today, then = judge(kit, data), judge(kit, data, at=now() - dt.timedelta(days=30))
    assert today.indication is Indication.INDETERMINATE
    assert today.signatures[0].sub_indication == "OUT_OF_BOUNDS_NO_POE"
    assert then.indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("at", ["2026-01-01", dt.date(2026, 1, 1), 0])
def test_a_time_that_is_none_is_a_callers_mistake_and_no_documents_fault(kit, at):
    with pytest.raises(TypeError, match="is a datetime"):
        gsign.pdf.verify(kit.signed(), at=at)
    with pytest.raises(TypeError, match="is a datetime"):
        gsign.smime.verify(b"From: a@b.vn\r\n\r\n", at=at)


@pytest.mark.parametrize("claimed", [b"D:20990101000000Z", None])
def test_a_claimed_time_proves_nothing_not_even_against_the_signer(kit, claimed):
    who = kit.pki.leaf(LEADER, variant="expired")
    data = kit.custom(kit.plain(), lambda digest: kit.contents(digest, who), {"M": claimed} if claimed else {})
    signature = judge(kit, data).signatures[0]
    assert (signature.indication, signature.sub_indication) == (Indication.INDETERMINATE, "OUT_OF_BOUNDS_NO_POE")


def test_status_is_asked_for(kit):
    signature = judge(kit, kit.signed(), revocation=RevocationClient("prefer")).signatures[0]
    assert signature.revocation is Revocation.GOOD
    assert "revocation-not-checked" not in signature.warnings


def test_status_that_is_required_and_not_to_be_had_is_no_pass(kit):
    data = kit.sign(kit.plain(), kit.pki.leaf(LEADER, variant="no-pointers"))
    client = RevocationClient("require", offline=True)
    result = judge(kit, data, revocation=client)
    assert (result.indication, result.signatures[0].sub_indication) == (Indication.INDETERMINATE, "TRY_LATER")


def test_nothing_checked_is_a_warning(kit):
    assert "revocation-not-checked" in judge(kit, kit.signed()).signatures[0].warnings


def test_no_anchor_no_pass(kit):
    store = TrustStore.load(kit.pki.impostor_root_file, pinned=False)
    result = verify_document(BytesSource(kit.signed()), trust=store)
    signature = result.signatures[0]
    assert (result.indication, signature.sub_indication) == (Indication.INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND")
    assert signature.intact
    assert not signature.trusted


def test_the_signer_is_named(kit):
    signer = judge(kit, kit.signed()).signatures[0].signer
    assert signer.name == LEADER.common_name
    assert signer.not_after > now()


def test_coverage_and_changes_of_each_signature(kit):
    result = judge(kit, GENUINE["three-signatures"].make(kit))
    assert [s.coverage for s in result.signatures] == [Coverage.REVISION, Coverage.REVISION, Coverage.WHOLE_FILE]
    assert [s.changes_after for s in result.signatures] == [
        ChangesAfter.PERMITTED, ChangesAfter.PERMITTED, ChangesAfter.NONE,
    ]  # fmt: skip


def test_changes_are_told_with_their_page(kit):
    result = judge(kit, FORGERIES["annotation-stamp"].make(kit))
    assert result.signatures[0].changes_after is ChangesAfter.FORBIDDEN
    (change,) = result.facts["signatures"][0]["changes"]
    assert (change["code"], change["page"]) == ("annotation-added", 1)


def test_the_worst_signature_is_the_files(kit):
    data = kit.custom(kit.signed(), lambda digest: kit.contents(bytes(32)))
    result = judge(kit, data)
    assert result.indication is Indication.TOTAL_FAILED
    assert "later-signature-broken" in result.signatures[0].reasons


def test_no_signature_is_an_outcome_of_its_own(kit):
    assert judge(kit, kit.plain()).indication is Indication.NO_SIGNATURE_FOUND


@pytest.mark.parametrize(
    "data, reason", [(b"", "file-empty"), (b"hello", "not-a-pdf"), (b"%PDF-1.7\n1 0 obj\n<<>>\n", "file-truncated")]
)
def test_what_is_no_document_is_unreadable(kit, data, reason):
    result = judge(kit, data)
    assert (result.indication, result.reasons) == (Indication.UNREADABLE, (reason,))


def test_garbage_behind_an_unsigned_document_hides_no_signature(kit):
    assert judge(kit, kit.plain()[:-7] + b"junk").indication is not Indication.TOTAL_PASSED


class Failing(BytesSource):
    """Fails on the second look at its end, as nothing that was foreseen."""

    looks = 0

    def read(self, offset, length):
        Failing.looks += 1
        if Failing.looks > 6:
            raise RuntimeError("unforeseen")
        return super().read(offset, length)


def test_what_nobody_foresaw_is_no_pass(kit):
    store = TrustStore.load(kit.pki.root_file, pinned=False)
    result = verify_document(Failing(kit.signed()), trust=store)
    assert (result.indication, result.reasons) == (Indication.TOTAL_FAILED, ("internal-error",))


def test_a_password_is_asked_for(kit):
    with pytest.raises(InputError) as caught:
        judge(kit, GENUINE["encrypted"].make(kit))
    assert caught.value.code == "password-needed"


def test_a_broken_signature_tells_whom_it_names_and_vouches_for_nobody(kit):
    data = bytearray(kit.signed())
    data[data.index(b"%PDF-") + 5] ^= 1
    signature = judge(kit, bytes(data)).signatures[0]
    assert signature.indication is Indication.TOTAL_FAILED
    assert (signature.intact, signature.trusted, signature.trust_domain) == (False, False, None)
    assert signature.signer == judge(kit, kit.signed()).signatures[0].signer
    assert signature.signer.name


@pytest.mark.parametrize("by_list", [False, True])
@pytest.mark.parametrize("reason, is_void", [("key_compromise", True), ("ca_compromise", True), ("superseded", False)])
def test_who_stole_a_stamping_key_can_stamp_any_time(kit, reason, is_void, by_list):
    kit.pki.tsa.clock = lambda: now() - dt.timedelta(days=10)
    data = sign_at_level(kit, "B-T")
    kit.pki.tsa.clock = now
    kit.pki.revoke(kit.pki.tsa_identity, at=now() - dt.timedelta(days=1), reason=reason)
    if by_list:
        kit.pki.ocsp.fault = Fault.MALFORMED
    signature = judge(kit, data, revocation=RevocationClient("prefer", timeout=5)).signatures[0]
    assert (signature.proven_time is None) is is_void
    assert ("timestamp-certificate-revoked" in signature.warnings) is is_void
    assert signature.level is (Level.B_B if is_void else Level.B_T)
