"""Several signatures on one document, certification, and augmentation: what is there stays valid."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

import gsign.pdf
from gsign.errors import GsignError
from gsign.signer import Signer
from tests import judges
from tests.documents import Library
from tests.interop.verdict import Court, picture

STARTS = ["one-page", "object-streams", "hybrid", "linearized", "pdfa-2b", "aes-256", "signed-adbe"]
LEVELS = ["B-B", "B-T", "B-LT", "B-LTA"]
ORDER = ["rsa2048", "p256", "rsa3072", "p384"]


@pytest.mark.parametrize("name", STARTS)
def test_four_signatures_one_after_another_all_stay_valid(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, name: str
) -> None:
    document = documents[name]
    current = document.write(tmp_path)
    fields = []
    for number, kind in enumerate(ORDER, 1):
        target = tmp_path / f"{number}.pdf"
        place = (1, 115.0 * number, 100.0, 110.0, 40.0)
        record = gsign.pdf.sign_to(
            current,
            target,
            signers[kind],
            at=place,
            trust=court.pki.root_file,
            revocation="off",
            password=document.password,
        )
        fields.append(record.field)
        assert target.read_bytes().startswith(current.read_bytes())
        current = target
    facts = court.accept(current, document, added=len(ORDER), visible=True)
    assert [fact.field for fact in facts[document.signatures :]] == fields
    assert len(set(fields)) == len(ORDER)
    assert {fact.changes for fact in facts} <= {"NONE", "LTA_UPDATES", "FORM_FILLING"}


@pytest.mark.parametrize("first, second", list(itertools.product(LEVELS, repeat=2)))
def test_a_signature_of_any_level_follows_one_of_any_level(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, first: str, second: str
) -> None:
    document = documents["one-page"]
    one, two = tmp_path / "1.pdf", tmp_path / "2.pdf"
    options = {"tsa": court.pki.tsa_url, "trust": court.pki.root_file}
    gsign.pdf.sign_to(document.data, one, signers["rsa2048"], level=first, **options)
    gsign.pdf.sign_to(one, two, signers["p256"], level=second, **options)
    court.accept(two, document, level=LEVELS[min(LEVELS.index(first), LEVELS.index(second))], last=second, added=2)
    facts = judges.pyhanko_ades(two, court.pki, "B-B")
    assert {fact.changes for fact in facts} <= {"NONE", "LTA_UPDATES", "FORM_FILLING"}


@pytest.mark.parametrize("permission", [1, 2, 3])
@pytest.mark.parametrize("name", ["one-page", "object-streams", "field-merged", "pdfa-2b", "aes-256"])
def test_a_certification_says_what_may_follow(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, name: str, permission: int
) -> None:
    document, target = documents[name], tmp_path / "signed.pdf"
    gsign.pdf.sign_to(
        document.data,
        target,
        signers["rsa3072"],
        certify=permission,
        trust=court.pki.root_file,
        revocation="off",
        password=document.password,
    )
    court.accept(target, document)
    with target.open("rb") as file:
        reader = PdfFileReader(file)
        if reader.encrypted:
            reader.decrypt((document.password or "").encode())
        (signature,) = reader.embedded_regular_signatures
        assert signature.docmdp_level is not None
        assert signature.docmdp_level.value == permission
        assert reader.root["/Perms"].raw_get("/DocMDP") == signature.sig_field.raw_get("/V")


def test_nothing_may_follow_a_certification_that_allows_nothing(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path
) -> None:
    certified = gsign.pdf.sign(
        documents["one-page"].data, signers["p256"], certify=1, trust=court.pki.root_file, revocation="off"
    )
    with pytest.raises(GsignError) as caught:
        gsign.pdf.sign_to(certified, tmp_path / "2.pdf", signers["p384"], trust=court.pki.root_file, revocation="off")
    assert caught.value.code == "certified-no-changes"
    assert not (tmp_path / "2.pdf").exists()


@pytest.mark.parametrize("name", ["signed-once", "certified-2"])
def test_only_the_first_signature_certifies(
    court: Court, signers: dict[str, Signer], documents: Library, name: str
) -> None:
    with pytest.raises(GsignError) as caught:
        gsign.pdf.sign(documents[name].data, signers["p256"], certify=2, trust=court.pki.root_file, revocation="off")
    assert caught.value.code == "certify-not-first"


def test_the_office_signs_after_a_certification_as_offices_do(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path
) -> None:
    """The leader certifies with P=2; number, date and seal of the agency follow as further visible signatures."""
    document = documents["one-page"]
    options = {"trust": court.pki.root_file, "revocation": "off"}
    seal = picture()
    current = tmp_path / "0.pdf"
    gsign.pdf.sign_to(document.data, current, signers["rsa2048"], certify=2, at=(1, 380, 220, 140, 60), **options)
    for number, place in enumerate([(1, 60, 690, 140, 40), (1, 400, 690, 140, 40), (1, 230, 230, 140, 60)], 1):
        target = tmp_path / f"{number}.pdf"
        gsign.pdf.sign_to(current, target, signers["rsa3072"], at=place, image=seal, **options)
        current = target
    court.accept(current, document, added=4, visible=True)


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
@pytest.mark.parametrize("name", ["one-page", "object-streams", "pdfa-2b", "aes-256", "hybrid"])
def test_a_signature_is_augmented(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, name: str, level: str
) -> None:
    document = documents[name]
    signed, target = tmp_path / "signed.pdf", tmp_path / "augmented.pdf"
    common = {"tsa": court.pki.tsa_url, "trust": court.pki.root_file, "password": document.password}
    gsign.pdf.sign_to(document.data, signed, signers["rsa2048"], level="B-T", **common)
    gsign.pdf.augment_to(signed, target, level=level, **common)
    assert target.read_bytes().startswith(signed.read_bytes())
    facts = court.accept(target, document, level=level)
    assert facts[0].changes in ("NONE", "LTA_UPDATES")


def test_a_bare_signature_is_augmented_to_the_highest_level(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path
) -> None:
    document = documents["signed-three-times"]
    target = tmp_path / "augmented.pdf"
    gsign.pdf.augment_to(document.data, target, level="B-LTA", tsa=court.pki.tsa_url, trust=court.pki.root_file)
    assert target.read_bytes().startswith(document.data)
    for found in judges.openssl_cms(target, court.pki.root_file):
        assert found.kind in ("ETSI.CAdES.detached", "ETSI.RFC3161")
    # Where no signature timestamp is, pyHanko does not take the document's for one: status and stamp are judged apart.
    facts = judges.ades_facts(target, court.pki, "B-B", stored_status=True)
    assert [(fact.passed, fact.archived, fact.validation_data) for fact in facts] == [(True, True, True)] * 3


def test_an_archive_timestamp_is_renewed(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path
) -> None:
    document = documents["one-page"]
    common = {"tsa": court.pki.tsa_url, "trust": court.pki.root_file}
    current = tmp_path / "0.pdf"
    gsign.pdf.sign_to(document.data, current, signers["p384"], level="B-LTA", **common)
    for number in (1, 2):
        target = tmp_path / f"{number}.pdf"
        gsign.pdf.augment_to(current, target, level="B-LTA", **common)
        current = target
    court.accept(current, document, level="B-LTA")
    stamps = [s for s in judges.cut_signatures(current.read_bytes()) if s.kind == "ETSI.RFC3161"]
    assert len(stamps) == 3
