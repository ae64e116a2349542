"""Roles one after another on one document: what is made, what is refused, what is read back (Decree 30/2020)."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pytest

import gsign.pdf
from gsign import pkcs12
from gsign.errors import GsignError
from gsign.result import Indication, Level, Role
from gsign.syntax.objects import Name
from gsign.syntax.reader import Document
from gsign.syntax.source import BytesSource
from gsign.syntax.writer import Revision
from gsign.trust.revocation import RevocationClient
from tests import judges
from tests.corpus import Kit
from tests.documents import page
from tests.documents.raw import classic, cross_reference_stream
from tests.pki import LEADER, ORGANISATION, now
from tests.unit.role_desk import AS_ISSUE, AS_LEADER, Desk, decision, open_keys, opened, refuse, with_lines


@pytest.fixture(scope="module")
def keys(session_pki, tmp_path_factory):
    return open_keys(session_pki, tmp_path_factory.mktemp("keys"))


@pytest.fixture
def desk(keys, pki):
    return Desk(keys, pki)


@pytest.mark.parametrize("write", [classic, cross_reference_stream], ids=["table", "stream"])
def test_a_dossier_from_the_leader_to_whom_it_reaches(desk, write, tmp_path):
    by_leader = desk.leader(desk.sign(decision(write), "drafter", role="initials", at=(1, 400, 100)))
    issued = desk.issued(by_leader)
    copy = desk.sign(issued, "agency", role="copy", copy_form="sao-luc")
    arrived = desk.sign(copy, "agency", role="incoming", number="77")
    expected = [
        ("Initials1", "initials"),
        ("Leader1", "leader"),
        ("Number1", "issue"),
        ("Day1", "issue"),
        ("Month1", "issue"),
        ("Seal1", "issue"),
        ("Copy1", "copy"),
        ("Incoming1", "incoming"),
    ]
    assert desk.roles(arrived) == expected
    assert arrived.startswith(issued)
    path = tmp_path / "arrived.pdf"
    path.write_bytes(arrived)
    found = judges.assert_pdfsig_accepts(path, len(expected))
    assert [signature.field_name for signature in found] == [name for name, _ in expected]
    judges.qpdf_check(path)


def test_an_annex_bears_number_and_symbol_of_the_document_that_was_issued(desk, tmp_path):
    main = desk.issued()
    record = desk.record(decision(), "agency", tmp_path, role="annex", of=main)
    assert record.number == "286/QĐ-UBND"
    assert record.follows == "Trần Quốc Văn"
    assert desk.roles(tmp_path / "signed.pdf") == [("Annex1", "annex")]


def test_an_annex_bears_no_number_that_somebody_else_claims_to_have_issued(desk, tmp_path, documents, session_pki):
    lines = [(t.replace("Số:        /QĐ-UBND", "Số: 286/QĐ-UBND"), *rest) for t, *rest in page.DECISION]
    main = desk.issued(desk.leader(with_lines(lines)), number=None)
    kit = Kit(session_pki, documents)
    claim = {"GSGN_Role": Name("issue"), "GSGN_Number": "999/QĐ-UBND".encode("utf-16")}
    claimed = kit.custom(main, lambda digest: kit.contents(digest, kit.person), claim)
    assert gsign.pdf.verify(claimed, trust=desk.trust, revocation="off").indication is Indication.TOTAL_PASSED
    assert desk.record(decision(), "agency", tmp_path, role="annex", of=claimed).number == "286/QĐ-UBND"


def test_an_annex_of_a_letter_with_a_printed_number(desk, tmp_path):
    lines = [(t.replace("Số:        /QĐ-UBND", "Số: 286/QĐ-UBND"), *rest) for t, *rest in page.DECISION]
    main = desk.leader(with_lines(lines))
    assert desk.record(decision(), "agency", tmp_path, role="annex", of=main).number == "286/QĐ-UBND"


def test_the_record_tells_each_signature_with_its_place(desk, tmp_path):
    record = desk.record(desk.leader(), "agency", tmp_path, **AS_ISSUE)
    told = record.to_dict()
    assert [(part["shows"], part["field"]) for part in told["parts"]] == [
        ("number", "Number1"),
        ("day", "Day1"),
        ("month", "Month1"),
        ("seal", "Seal1"),
    ]
    assert told["role"] == "issue"
    assert told["number"] == "286/QĐ-UBND"
    assert told["follows"] == "Trần Quốc Văn"
    assert told["place"] == told["parts"][-1]["place"]
    assert told["place"]["page"] == 1
    assert 36 / 25.4 * 72 <= told["place"]["width"] <= 40 / 25.4 * 72  # with a margin for its edges
    assert told["warnings"] == ["revocation-not-checked", "person-status-unknown", "not-a-token"]


def test_issuing_a_certified_document_at_a_level_with_timestamps(desk, pki, tmp_path):
    stamped = {"level": Level.B_LTA, "tsa": pki.tsa_url, "trust": desk.trust}
    leader, agency = opened(pki, LEADER), opened(pki, ORGANISATION)
    issued = gsign.pdf.sign(
        gsign.pdf.sign(decision(), leader, certify=2, **AS_LEADER, **stamped), agency, **AS_ISSUE, **stamped
    )
    result = gsign.pdf.verify(issued, trust=desk.trust).require()
    assert [s.level for s in result.signatures if s.role is Role.ISSUE] == [Level.B_LTA] * 4
    path = tmp_path / "issued.pdf"
    path.write_bytes(issued)
    judges.assert_pdfsig_accepts(path, 5)


def test_a_certification_that_forbids_changes_is_respected(desk):
    certified = desk.leader(certify=1)
    refuse("certified-no-changes", lambda: desk.issued(certified))


def test_the_agency_signs_nothing_that_the_leader_has_not(desk):
    refuse("competent-signature-missing", lambda: desk.issued(decision()), found="-")
    refuse("competent-signature-missing", lambda: desk.sign(decision(), "agency", role="annex", number="1/QĐ-X"))
    refuse(
        "competent-signature-missing",
        lambda: desk.sign(decision(), "agency", role="annex", number="1/QĐ-X", of=decision()),
    )


def test_initials_are_not_the_competent_persons_signature(desk):
    initialled = desk.sign(decision(), "leader", role="initials", at=(1, 400, 100))
    error = refuse("competent-signature-missing", lambda: desk.issued(initialled))
    assert "Trần Quốc Văn (initials): TOTAL_PASSED" in error.facts["found"]


def test_neither_is_another_agencys(desk):
    refuse("competent-signature-missing", lambda: desk.issued(desk.sign(decision(), "agency")))


def test_a_signature_that_nobody_vouches_for_is_not_enough(desk, pki):
    leader = desk.leader()
    trust = [pki.impostor_root_file]
    agency = pki.leaf(ORGANISATION, variant="impostor", pointers=False)
    signer = pkcs12.open_signer(agency.p12(pki.folder / "other-agency", "x"), pin="x")
    call = lambda: gsign.pdf.sign(leader, signer, trust=trust, revocation="off", **AS_ISSUE)  # noqa: E731
    error = refuse("competent-signature-missing", call)
    assert "INDETERMINATE" in error.facts["found"]


def test_a_revoked_signer_stops_agency_and_registry(desk, pki):
    signed = gsign.pdf.sign(decision(), opened(pki, LEADER), trust=desk.trust, revocation="off", **AS_LEADER)
    pki.revoke(pki.leaf(LEADER))
    for options in (AS_ISSUE, {"role": "incoming", "number": "1"}, {"role": "copy"}):
        call = lambda options=options: gsign.pdf.sign(  # noqa: E731
            signed, desk.keys["agency"], trust=desk.trust, revocation=RevocationClient("prefer"), **options
        )
        error = refuse("earlier-signature-failed", call, field="Leader1")
        assert "revoked" in error.facts["reasons"]


def test_a_letter_of_another_program_is_issued_after_any_person(desk):
    issued = desk.issued(desk.sign(decision(), "leader", at=(1, 380, 220)))
    result = gsign.pdf.verify(issued, trust=desk.trust, revocation="off").require()
    assert [s.role for s in result.signatures] == [None, *[Role.ISSUE] * 4]
    # Nothing says that what the seal stands over is the leader's hand.
    assert "appearance-overlaps-signature" in result.signatures[0].warnings


def test_what_is_issued_is_issued(desk):
    issued = desk.issued()
    refuse("already-issued", lambda: desk.issued(issued), role="issue")
    refuse("already-issued", lambda: desk.leader(issued), role="leader")
    refuse("already-issued", lambda: desk.sign(issued, "drafter", role="initials"), role="initials")


def test_an_agencys_key_is_nobodys_hand(desk):
    for role in ("leader", "initials"):
        error = refuse("role-needs-person", lambda role=role: desk.sign(decision(), "agency", role=role), role=role)
        assert error.exit_code == 5


def test_a_persons_key_in_an_agencys_place_is_told(desk, tmp_path):
    record = desk.record(decision(), "drafter", tmp_path, role="incoming", number="5")
    assert "agency-key-expected" in record.warnings
    refuse("refused-by-strict", lambda: desk.sign(decision(), "drafter", role="incoming", number="5", strict=True))


def test_a_plain_signature_of_an_agency_before_any_persons_is_told(desk, tmp_path):
    assert "agency-before-person" in desk.record(decision(), "agency", tmp_path).warnings
    assert "agency-before-person" not in desk.record(desk.leader(), "agency", tmp_path).warnings
    assert "agency-before-person" not in desk.record(decision(), "leader", tmp_path).warnings


def test_what_arrives_may_bear_no_signature(desk):
    assert desk.roles(desk.sign(decision(), "agency", role="incoming", number="9", date="2026-01-05")) == [
        ("Incoming1", "incoming")
    ]


def test_a_role_counts_only_where_the_signature_covers_it(desk):
    signed = desk.leader()
    for old, new in ((b"/GSGN_Role /leader", b"/GSGN_Role /issue "), (b"/GSGN_Role /leader", b"/GSGN_Name /leader")):
        assert signed.count(old) == 1
        result = gsign.pdf.verify(signed.replace(old, new), trust=desk.trust, revocation="off")
        assert result.indication is Indication.TOTAL_FAILED
        assert result.signatures[0].role is None


def test_a_plain_signature_says_nothing_of_a_role(desk):
    assert desk.roles(desk.sign(decision(), "leader")) == [("Signature1", None)]
    assert b"GSGN" not in desk.sign(decision(), "leader")


def test_a_seal_over_the_leaders_signature_is_no_reason_for_a_warning_but_other_pictures_are(desk):
    leader = desk.leader()
    (own,) = gsign.pdf.verify(leader, trust=desk.trust, revocation="off").signatures
    assert own.role is Role.LEADER
    assert desk.roles(desk.issued(leader))[0] == ("Leader1", "leader")
    over_it = desk.sign(leader, "drafter", at=(1, 370, 210, 100, 70))
    first = gsign.pdf.verify(over_it, trust=desk.trust, revocation="off").signatures[0]
    assert {"appearance-overlaps-signature", "appearance-covers-text"} <= set(first.warnings)
    # A seal that hides most of the signature is none by rule.
    hiding = {"seal": (1, 350, 195, 150, 150)}
    issued = gsign.pdf.sign(leader, desk.keys["agency"], trust=desk.trust, revocation="off", **AS_ISSUE, at=hiding)
    first = gsign.pdf.verify(issued, trust=desk.trust, revocation="off").signatures[0]
    assert set(first.warnings) & {"appearance-overlaps-signature", "appearance-covers-signature"}


def test_all_or_nothing(desk, tmp_path, pki):
    # The authority answers the first two of four times.
    answers = iter([now(), now()])
    pki.tsa.clock = lambda: next(answers)
    out = tmp_path / "out.pdf"
    options = {"tsa": pki.tsa_url, "level": "B-T", "trust": desk.trust, "revocation": "off"}
    with pytest.raises(GsignError) as caught:
        gsign.pdf.sign_to(desk.leader(), out, desk.keys["agency"], **AS_ISSUE, **options)
    assert caught.value.temporary
    assert pki.tsa.requests == 3
    assert list(tmp_path.iterdir()) == []


def test_an_encrypted_document_goes_the_same_way(desk, documents):
    locked = documents["aes-256"]
    options = {"password": locked.password}
    issued = desk.issued(desk.leader(locked.data, **options), **options)
    result = gsign.pdf.verify(issued, trust=desk.trust, revocation="off", **options).require()
    assert [s.role for s in result.signatures] == [Role.LEADER, *[Role.ISSUE] * 4]


def test_where_somebody_signs_as_leader_nobody_else_will_do(desk, pki, tmp_path):
    stranger = pki.leaf(LEADER, variant="impostor", pointers=False).p12(tmp_path / "stranger.p12", "x")
    with pkcs12.open_signer(stranger, pin="x") as signer:
        signed = gsign.pdf.sign(desk.sign(decision(), "drafter"), signer, revocation="off", **AS_LEADER)
    error = refuse("competent-signature-missing", lambda: desk.issued(signed))
    assert "Nguyễn Thị Ánh Tuyết (-): TOTAL_PASSED" in error.facts["found"]


def test_a_leader_of_another_organisation_is_told(desk, pki, tmp_path):
    other = replace(LEADER, organisation="UBND TỈNH KHÁC", units=())
    key = pki.leaf(other, variant="no-pointers").p12(tmp_path / "other.p12", "x")
    with pkcs12.open_signer(key, pin="x") as signer:
        signed = gsign.pdf.sign(decision(), signer, trust=desk.trust, revocation="off", **AS_LEADER)
    assert "person-of-another-organisation" in desk.record(signed, "agency", tmp_path, **AS_ISSUE).warnings
    assert "person-of-another-organisation" not in desk.record(desk.leader(), "agency", tmp_path, **AS_ISSUE).warnings


def test_what_was_written_on_the_document_after_the_leader_is_told(desk, tmp_path):
    signed = desk.leader(certify=3)
    told = desk.record(signed, "agency", tmp_path, **AS_ISSUE).warnings
    assert told == ("revocation-not-checked", "person-status-unknown", "not-a-token")
    with pikepdf.open(io.BytesIO(annotated(signed))) as checked:
        assert len(checked.pages[0].Annots) == 2
    record = desk.record(annotated(signed), "agency", tmp_path, **AS_ISSUE)
    assert {"annotated-after", "document-covering-annotation"} <= set(record.warnings)
    refuse("refused-by-strict", lambda: desk.issued(annotated(signed), strict=True))


def annotated(data):
    """Add a note over the text, as a revision that the certification permits."""
    document = Document(BytesSource(data))
    revision = Revision(document)
    first = document.page(0)
    rectangle = {"Rect": [100, 600, 200, 630], "DA": b"0 g", "Contents": b"x"}
    note = revision.add({"Type": Name("Annot"), "Subtype": Name("FreeText"), **rectangle, "P": first.ref})
    revision.change(first.ref, first.dictionary | {"Annots": [*document.array(first.dictionary["Annots"], ""), note]})
    return data + revision.write()


def test_a_number_is_taken_from_a_valid_signature_alone(desk, pki, tmp_path):
    """A stranger says that the document was issued with another number."""
    stranger = pki.leaf(ORGANISATION, variant="impostor", pointers=False).p12(tmp_path / "stranger.p12", "x")
    with pkcs12.open_signer(stranger, pin="x") as signer:
        trust = [pki.impostor_root_file, *desk.trust]
        main = gsign.pdf.sign(desk.leader(), signer, trust=trust, revocation="off", **{**AS_ISSUE, "number": "999"})
    refuse("number-needed", lambda: desk.sign(decision(), "agency", role="annex", of=main))


def test_a_main_document_that_is_damaged_is_named(desk, tmp_path):
    broken = tmp_path / "main.pdf"
    broken.write_bytes(desk.leader()[:-40])
    with pytest.raises(GsignError) as caught:
        desk.sign(decision(), "agency", role="annex", of=broken)
    assert str(broken) in caught.value.sentence()
