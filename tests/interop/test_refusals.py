"""What must stop a signature before the key is used, end to end: nothing is written and the error says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import gsign.pdf
import gsign.pkcs12
from gsign.errors import GsignError, TemporaryError, TokenError
from gsign.signer import Signer
from gsign.trust.revocation import RevocationClient
from tests import judges
from tests.documents import Library
from tests.interop.verdict import Court
from tests.pki import LEADER, PERSON, Pki
from tests.pki_servers import Fault


def _p12(pki: Pki, folder: Path, variant: str | None, **changes: Any) -> Signer:
    identity = pki.leaf(LEADER, variant=variant, **changes)
    signer: Signer = gsign.pkcs12.open_signer(identity.p12(folder / "key.p12", "mat-khau"), pin="mat-khau")
    return signer


@pytest.mark.parametrize(
    "variant, code",
    [
        ("expired", "certificate-expired"),
        ("not-yet-valid", "certificate-not-yet-valid"),
        ("encryption-only", "certificate-wrong-usage"),
        ("authority", "certificate-wrong-usage"),
        ("revoked", "certificate-revoked"),
        ("self-signed", "certificate-untrusted"),
        ("impostor", "certificate-untrusted"),
        ("weak-key", "certificate-weak-key"),
    ],
)
def test_a_certificate_that_may_not_sign_signs_nothing(
    pki: Pki, documents: Library, tmp_path: Path, variant: str, code: str
) -> None:
    target = tmp_path / "signed.pdf"
    with _p12(pki, tmp_path, variant) as signer, pytest.raises(TokenError) as caught:
        gsign.pdf.sign_to(documents["one-page"].data, target, signer, trust=pki.root_file)
    assert caught.value.code == code
    assert not target.exists()


@pytest.mark.parametrize("variant", [None, "non-repudiation-only", "no-key-usage", "no-pointers"])
def test_a_certificate_of_an_older_kind_signs(court: Court, documents: Library, tmp_path: Path, variant: str) -> None:
    document, target = documents["one-page"], tmp_path / "signed.pdf"
    with _p12(court.pki, tmp_path, variant) as signer:
        gsign.pdf.sign_to(document.data, target, signer, trust=court.pki.root_file)
    judges.assert_pdfsig_accepts(target, 1)
    judges.openssl_cms(target, court.pki.root_file)


def test_a_certificate_revoked_a_moment_ago_signs_nothing(pki: Pki, documents: Library, tmp_path: Path) -> None:
    target = tmp_path / "signed.pdf"
    pki.revoke(pki.leaf(LEADER, key="p521"))
    with _p12(pki, tmp_path, None, key="p521") as signer, pytest.raises(TokenError) as caught:
        gsign.pdf.sign_to(documents["one-page"].data, target, signer, trust=pki.root_file)
    assert caught.value.code == "certificate-revoked"
    assert not target.exists()


def test_a_crl_alone_is_enough_to_refuse(pki: Pki, documents: Library, tmp_path: Path) -> None:
    pki.ocsp.fault = Fault.HTTP_ERROR
    options = {"trust": pki.root_file, "revocation": RevocationClient("prefer")}
    with _p12(pki, tmp_path, "revoked") as signer, pytest.raises(TokenError) as caught:
        gsign.pdf.sign_to(documents["one-page"].data, tmp_path / "signed.pdf", signer, **options)
    assert caught.value.code == "certificate-revoked"


TSA_FAULTS = [
    Fault.DOWN, Fault.HTTP_ERROR, Fault.MALFORMED, Fault.EMPTY, Fault.UNRELATED_SIGNER, Fault.BAD_SIGNATURE,
    Fault.WRONG_NONCE, Fault.NO_NONCE, Fault.REJECTION, Fault.WRONG_IMPRINT, Fault.NO_CERTIFICATE,
]  # fmt: skip


@pytest.mark.parametrize("fault", TSA_FAULTS)
@pytest.mark.parametrize("level", ["B-T", "B-LTA"])
def test_no_file_appears_where_the_timestamp_is_wrong(
    pki: Pki, signers: dict[str, Signer], documents: Library, tmp_path: Path, level: str, fault: Fault
) -> None:
    pki.tsa.fault = fault
    with pytest.raises(TemporaryError):
        gsign.pdf.sign_to(
            documents["one-page"].data,
            tmp_path / "signed.pdf",
            signers["p256"],
            level=level,
            tsa=pki.tsa_url,
            trust=pki.root_file,
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.MALFORMED, Fault.UNRELATED_SIGNER, Fault.EXPIRED])
def test_there_is_no_long_term_level_without_a_good_status(
    pki: Pki, documents: Library, tmp_path: Path, fault: Fault
) -> None:
    pki.ocsp.fault = pki.crl.fault = fault
    with _p12(pki, tmp_path, None) as signer, pytest.raises(GsignError) as caught:
        gsign.pdf.sign_to(
            documents["one-page"].data,
            tmp_path / "signed.pdf",
            signer,
            level="B-LT",
            tsa=pki.tsa_url,
            trust=pki.root_file,
            revocation=RevocationClient("prefer"),  # a client of its own remembers nothing
        )
    assert caught.value.temporary
    assert not (tmp_path / "signed.pdf").exists()


def test_a_crl_stands_in_where_ocsp_is_down(court: Court, documents: Library, tmp_path: Path) -> None:
    pki, document, target = court.pki, documents["one-page"], tmp_path / "signed.pdf"
    pki.ocsp.fault = Fault.DOWN
    options = {"tsa": pki.tsa_url, "trust": pki.root_file, "revocation": RevocationClient("prefer")}
    with _p12(pki, tmp_path, None) as signer:
        gsign.pdf.sign_to(document.data, target, signer, level="B-LTA", **options)
    court.accept(target, document, level="B-LTA")


def test_a_wrong_password_opens_nothing(
    pki: Pki, signers: dict[str, Signer], documents: Library, tmp_path: Path
) -> None:
    with pytest.raises(GsignError) as caught:
        gsign.pdf.sign_to(
            documents["aes-256"].data,
            tmp_path / "signed.pdf",
            signers["p256"],
            password="sai",
            trust=pki.root_file,
            revocation="off",
        )
    assert caught.value.code == "password-wrong"
    assert list(tmp_path.iterdir()) == []


def test_the_source_is_never_the_output(
    pki: Pki, signers: dict[str, Signer], documents: Library, tmp_path: Path
) -> None:
    document = documents["one-page"]
    source = document.write(tmp_path)
    with pytest.raises(GsignError) as caught:
        gsign.pdf.sign_to(source, source, signers["p256"], trust=pki.root_file, revocation="off", force=True)
    assert caught.value.code == "output-is-input"
    assert source.read_bytes() == document.data


def test_an_output_that_exists_is_kept(
    pki: Pki, signers: dict[str, Signer], documents: Library, tmp_path: Path
) -> None:
    target = tmp_path / "signed.pdf"
    target.write_bytes(b"quan trong")
    with pytest.raises(GsignError) as caught:
        gsign.pdf.sign_to(documents["one-page"].data, target, signers["p256"], trust=pki.root_file, revocation="off")
    assert caught.value.code == "output-exists"
    assert target.read_bytes() == b"quan trong"


@pytest.mark.parametrize("level", ["B-B", "B-LTA"])
def test_a_key_that_knows_only_its_own_certificate_finds_its_issuer(
    court: Court, documents: Library, tmp_path: Path, level: str
) -> None:
    """Most tokens hold the leaf alone; the issuer's address stands in it (RFC 5280, 4.2.2.1)."""
    pki, document, target = court.pki, documents["one-page"], tmp_path / "signed.pdf"
    key = pki.leaf(LEADER).p12(tmp_path / "key.p12", "mat-khau", chain=False)
    options = {"tsa": pki.tsa_url, "trust": pki.root_file, "revocation": RevocationClient("prefer")}
    with gsign.pkcs12.open_signer(key, pin="mat-khau") as signer:
        gsign.pdf.sign_to(document.data, target, signer, level=level, **options)
    court.accept(target, document, level=level)


def test_a_forged_issuer_from_the_network_is_no_issuer(pki: Pki, documents: Library, tmp_path: Path) -> None:
    """What the network serves is no anchor: an impostor's own chain stays untrusted."""
    key = pki.leaf(LEADER, variant="impostor").p12(tmp_path / "key.p12", "mat-khau", chain=False)
    with gsign.pkcs12.open_signer(key, pin="mat-khau") as signer, pytest.raises(TokenError) as caught:
        gsign.pdf.sign_to(documents["one-page"].data, tmp_path / "signed.pdf", signer, trust=pki.root_file)
    assert caught.value.code == "certificate-untrusted"


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.MALFORMED, Fault.EMPTY, Fault.HTTP_ERROR, Fault.HUGE])
def test_an_issuer_that_cannot_be_had_is_an_error_and_no_crash(
    pki: Pki, documents: Library, tmp_path: Path, fault: Fault
) -> None:
    pki.ca.fault = fault
    key = pki.leaf(PERSON, key="p521").p12(tmp_path / "key.p12", "mat-khau", chain=False)
    with gsign.pkcs12.open_signer(key, pin="mat-khau") as signer, pytest.raises(GsignError):
        gsign.pdf.sign_to(
            documents["one-page"].data,
            tmp_path / "signed.pdf",
            signer,
            trust=pki.root_file,
            revocation=RevocationClient("prefer"),
        )
    assert not (tmp_path / "signed.pdf").exists()
