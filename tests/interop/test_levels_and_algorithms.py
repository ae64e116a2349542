"""Levels B-B to B-LTA and every algorithm that the law allows, on keys of a token."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from asn1crypto import cms

import gsign.pdf
from gsign.signer import Signer
from tests import judges
from tests.documents import Library
from tests.interop.verdict import Court

DIGESTS = ["sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512"]
# A document of every kind that writes its revision differently.
KINDS = [
    "one-page", "object-streams", "linearized", "hybrid", "pdf-2.0", "pdfa-2b", "aes-256", "aes-256-object-streams",
    "rc4-128", "field-with-kid", "certified-2", "signed-three-times", "revisions-by-streams",
]  # fmt: skip


@pytest.mark.parametrize("level", ["B-T", "B-LT", "B-LTA"])
@pytest.mark.parametrize("name", KINDS)
def test_a_level_is_what_it_says(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, name: str, level: str
) -> None:
    document, target = documents[name], tmp_path / "signed.pdf"
    gsign.pdf.sign_to(
        document.write(tmp_path),
        target,
        signers["rsa3072"],
        level=level,
        tsa=court.pki.tsa_url,
        trust=court.pki.root_file,
        password=document.password,
    )
    facts = court.accept(target, document, level=level)
    ours = facts[-1]
    assert ours.timestamped
    assert ours.validation_data is (level != "B-T")
    assert ours.archived is (level == "B-LTA")


@pytest.mark.parametrize("level", ["B-T", "B-LT", "B-LTA"])
@pytest.mark.parametrize("kind", ["rsa2048", "p256", "p384"])
def test_levels_with_other_keys(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, kind: str, level: str
) -> None:
    document, target = documents["one-page"], tmp_path / "signed.pdf"
    gsign.pdf.sign_to(
        document.data, target, signers[kind], level=level, tsa=court.pki.tsa_url, trust=court.pki.root_file
    )
    assert court.accept(target, document, level=level)[0].level == level


@pytest.mark.parametrize(
    "kind, scheme, digest",
    [
        *itertools.product(["rsa2048", "rsa3072"], ["pkcs1", "pss"], DIGESTS),
        *itertools.product(["p256", "p384"], ["auto"], DIGESTS),
    ],
)
def test_an_algorithm_is_used_and_accepted(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, kind: str, scheme: str, digest: str
) -> None:
    document, target = documents["one-page"], tmp_path / "signed.pdf"
    gsign.pdf.sign_to(
        document.data,
        target,
        signers[kind],
        scheme=scheme,
        digest=digest,
        trust=court.pki.root_file,
        revocation="off",
    )
    court.accept(target, document, digest=digest)
    assert _scheme(target) == {"pkcs1": "pkcs1", "pss": "pss", "auto": "ecdsa"}[scheme]


def _scheme(path: Path) -> str:
    """Name the scheme that the SignerInfo says, RSA's PKCS #1 v1.5 by whichever identifier."""
    (signature,) = judges.cut_signatures(path.read_bytes())
    info = cms.ContentInfo.load(signature.contents)["content"]["signer_infos"][0]
    identifier: str = info["signature_algorithm"]["algorithm"].dotted
    if identifier == "1.2.840.113549.1.1.10":
        parameters = info["signature_algorithm"]["parameters"].native
        digest = info["digest_algorithm"]["algorithm"].native
        assert parameters["hash_algorithm"]["algorithm"] == digest
        assert parameters["mask_gen_algorithm"]["parameters"]["algorithm"] == digest
        return "pss"
    ecdsa = ("1.2.840.10045.4.", "2.16.840.1.101.3.4.3.9", "2.16.840.1.101.3.4.3.10", "2.16.840.1.101.3.4.3.11",
             "2.16.840.1.101.3.4.3.12")  # fmt: skip
    return "ecdsa" if identifier.startswith(ecdsa[0]) or identifier in ecdsa else "pkcs1"


@pytest.mark.parametrize("name", ["one-page", "object-streams", "aes-128"])
def test_the_older_subfilter_is_made_on_request(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path, name: str
) -> None:
    document, target = documents[name], tmp_path / "signed.pdf"
    gsign.pdf.sign_to(
        document.data,
        target,
        signers["rsa2048"],
        subfilter="adbe.pkcs7.detached",
        trust=court.pki.root_file,
        revocation="off",
        password=document.password,
    )
    court.accept(target, document)
    assert b"/SubFilter /adbe.pkcs7.detached" in target.read_bytes().replace(b"/SubFilter/", b"/SubFilter /")


def test_the_second_timestamp_authority_stands_in(
    court: Court, signers: dict[str, Signer], documents: Library, tmp_path: Path
) -> None:
    from tests.pki_servers import Fault

    pki, document, target = court.pki, documents["one-page"], tmp_path / "signed.pdf"
    pki.tsa.fault = Fault.HTTP_ERROR
    urls = [pki.tsa_url, pki.tsa2_url]
    gsign.pdf.sign_to(document.data, target, signers["p256"], level="B-LTA", tsa=urls, trust=pki.root_file)
    court.accept(target, document, level="B-LTA")
    assert pki.tsa2.requests == 2
