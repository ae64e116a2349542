"""The test PKI itself, judged by OpenSSL: a fixture that is wrong makes every test after it worthless."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.pki import ORGANISATION, Identity, Pki
from tests.pki_servers import Fault


def _openssl(*arguments: str | Path) -> str:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _verify(pki: Pki, leaf: Identity, tmp_path: Path, *options: str) -> str:
    (tmp_path / "leaf.pem").write_bytes(leaf.pem)
    arguments: list[str | Path] = [
        "-CAfile",
        pki.root_file,
        "-untrusted",
        pki.intermediate_file,
        *options,
        tmp_path / "leaf.pem",
    ]
    return _openssl("verify", *arguments)


def _ocsp(pki: Pki, leaf: Identity, tmp_path: Path) -> str:
    (tmp_path / "leaf.pem").write_bytes(leaf.pem)
    (tmp_path / "cas.pem").write_bytes(pki.root.identity.pem + pki.intermediate.identity.pem)
    files: list[str | Path] = [
        "-issuer",
        pki.intermediate_file,
        "-cert",
        tmp_path / "leaf.pem",
        "-CAfile",
        tmp_path / "cas.pem",
    ]
    return _openssl("ocsp", *files, "-url", f"{pki.url}/ocsp")


def _stamp(pki: Pki, tmp_path: Path, digest: str = "-sha256") -> str:
    (tmp_path / "data").write_bytes(b"data")
    _openssl("ts", "-query", "-data", tmp_path / "data", digest, "-cert", "-out", tmp_path / "query")
    request = urllib.request.Request(pki.tsa_url, (tmp_path / "query").read_bytes())
    (tmp_path / "reply").write_bytes(urllib.request.urlopen(request).read())
    files: list[str | Path] = ["-in", tmp_path / "reply", "-queryfile", tmp_path / "query", "-CAfile", pki.root_file]
    return _openssl("ts", "-verify", *files)


@pytest.mark.parametrize("key", ["rsa2048", "rsa3072", "p256", "p384"])
def test_leaf_of_every_key_kind_chains_to_the_root(pki: Pki, tmp_path: Path, key: str) -> None:
    assert _verify(pki, pki.leaf(ORGANISATION, key=key), tmp_path, "-x509_strict").endswith("leaf.pem: OK\n")


@pytest.mark.parametrize(
    "variant, complaint",
    [
        ("expired", "certificate has expired"),
        ("not-yet-valid", "certificate is not yet valid"),
        ("impostor", "signature failure"),
        ("self-signed", "self-signed certificate"),
        ("unknown-critical", "unhandled critical extension"),
    ],
)
def test_variant_is_wrong_in_the_way_it_says(pki: Pki, tmp_path: Path, variant: str, complaint: str) -> None:
    # An impostor's issuer has the right name and the wrong key: without key identifiers to go by it fails by signature.
    leaf = pki.leaf(variant=variant)
    said = _verify(pki, leaf, tmp_path)
    expected = "unable to get local issuer certificate" if variant == "impostor" else complaint
    assert expected in said


def test_sha1_variant_is_signed_with_sha1(pki: Pki, tmp_path: Path) -> None:
    assert _verify(pki, pki.leaf(variant="sha1"), tmp_path, "-auth_level", "0").endswith(": OK\n")
    text = _openssl("x509", "-in", tmp_path / "leaf.pem", "-noout", "-text")
    assert text.count("Signature Algorithm: sha1WithRSAEncryption") == 2


def test_ocsp_says_good_then_revoked(pki: Pki, tmp_path: Path) -> None:
    leaf = pki.leaf()
    assert "leaf.pem: good" in _ocsp(pki, leaf, tmp_path)
    pki.revoke(leaf)
    said = _ocsp(pki, leaf, tmp_path)
    assert "Response verify OK" in said
    assert "leaf.pem: revoked" in said
    assert pki.ocsp.requests == 2


@pytest.mark.parametrize(
    "fault, complaint",
    [
        (Fault.DOWN, "failed reading data"),
        (Fault.HTTP_ERROR, "503"),
        (Fault.MALFORMED, "Error querying OCSP responder"),
        (Fault.EMPTY, "Error querying OCSP responder"),
        (Fault.UNRELATED_SIGNER, "Response Verify Failure"),
        (Fault.BAD_SIGNATURE, "Response Verify Failure"),
        (Fault.EXPIRED, "status expired"),
        (Fault.WRONG_NONCE, "Nonce Verify error"),
        (Fault.NO_NONCE, "no nonce in response"),
        (Fault.TRY_LATER, "trylater"),
        (Fault.UNKNOWN, "leaf.pem: unknown"),
        (Fault.OTHER_CERTIFICATE, "No Status found"),
    ],
)
def test_ocsp_fault_is_seen_by_openssl(pki: Pki, tmp_path: Path, fault: Fault, complaint: str) -> None:
    pki.ocsp.fault = fault
    assert complaint in _ocsp(pki, pki.leaf(), tmp_path)


def test_crl_lists_what_is_revoked(pki: Pki, tmp_path: Path) -> None:
    leaf = pki.leaf(variant="revoked")
    (tmp_path / "crl").write_bytes(urllib.request.urlopen(f"{pki.url}/crl/intermediate.crl").read())
    text = _openssl(
        "crl", "-inform", "DER", "-in", tmp_path / "crl", "-text", "-noout", "-CAfile", pki.intermediate_file
    )
    assert "verify OK" in text
    assert f"Serial Number: {leaf.serial:X}" in text


def test_ca_certificate_is_served(pki: Pki) -> None:
    served = urllib.request.urlopen(f"{pki.url}/ca/intermediate.crt").read()
    assert served == pki.intermediate.identity.der


@pytest.mark.parametrize("digest", ["-sha256", "-sha384", "-sha512"])
def test_timestamp_verifies(pki: Pki, tmp_path: Path, digest: str) -> None:
    assert "Verification: OK" in _stamp(pki, tmp_path, digest)


@pytest.mark.parametrize(
    "fault, complaint",
    [
        (Fault.MALFORMED, "FAILED"),
        (Fault.UNRELATED_SIGNER, "certificate verify error"),
        (Fault.BAD_SIGNATURE, "signature failure"),
        (Fault.WRONG_NONCE, "nonce mismatch"),
        (Fault.NO_NONCE, "nonce not returned"),
        (Fault.REJECTION, "status code: rejection"),
        (Fault.WRONG_IMPRINT, "imprint mismatch"),
        (Fault.NO_CERTIFICATE, "signer certificate not found"),
    ],
)
def test_timestamp_fault_is_seen_by_openssl(pki: Pki, tmp_path: Path, fault: Fault, complaint: str) -> None:
    pki.tsa.fault = fault
    assert complaint in _stamp(pki, tmp_path)


def test_slow_endpoint_answers_nothing_until_released(pki: Pki) -> None:
    pki.tsa.fault = Fault.SLOW
    with pytest.raises(TimeoutError):
        urllib.request.urlopen(pki.tsa_url, b"x", timeout=0.05)
    assert pki.tsa.arrived.wait(5)


def test_reset_takes_everything_back(pki: Pki, tmp_path: Path) -> None:
    leaf = pki.leaf()
    pki.revoke(leaf)
    pki.ocsp.fault = Fault.TRY_LATER
    pki.tsa.fault = Fault.HTTP_ERROR
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(pki.tsa_url, b"x")
    pki.reset()
    assert "leaf.pem: good" in _ocsp(pki, leaf, tmp_path)
    assert pki.tsa.requests == 0
