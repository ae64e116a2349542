"""The pinned facts against the authorities' own certificates, where somebody has them.

The certificates are not kept with the project, so this is no part of the test run:

    GSIGN_CERTIFICATES=folder pytest tests/outside/real_certificates.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gsign.trust.anchors import Anchor, Use, pinned_authorities
from gsign.trust.certificate import Certificate
from gsign.trust.files import read_certificates
from gsign.trust.signatures import read_algorithm
from gsign.trust.store import TrustStore
from gsign.trust.usage import Usage

CERTIFICATES = {
    facts.sha256: facts
    for raw in read_certificates(Path(os.environ["GSIGN_CERTIFICATES"]))
    for facts in [Certificate.of(raw)]
}
PINNED = {pin.identifier: pin for pin in pinned_authorities()}
NOW = datetime.now(UTC)


def of(identifier: str) -> Certificate:
    return CERTIFICATES[PINNED[identifier].sha256]


@pytest.mark.parametrize("pin", PINNED.values(), ids=str)
def test_every_fact_is_what_the_certificate_says(pin: Anchor) -> None:
    facts = CERTIFICATES[pin.sha256]
    assert facts.subject.normal == pin.name.normal
    assert (facts.spki, facts.serial) == (pin.spki, pin.serial)
    assert (facts.not_before, facts.not_after) == (pin.not_before, pin.not_after)
    assert facts.extensions.path_length == pin.path_length
    assert facts.is_ca
    assert (pin.issuer is None) == facts.is_self_issued
    if pin.issuer is not None:
        assert facts.issuer.normal == PINNED[pin.issuer].name.normal


def test_intermediates_of_the_government_lead_to_its_root() -> None:
    for identifier in ("vgca-state-g2", "vgca-party-g2"):
        chain = TrustStore.load().find_chain(of(identifier).raw, [], NOW, None)
        assert (chain.is_trusted, chain.domain, chain.warnings) == (True, "vgca", ())
        assert chain.anchor is not None
        assert chain.anchor.identifier == "vgca-root-g2"


def test_the_first_sub_authority_does_not_rest_on_sha1() -> None:
    certificate = of("vgca-g1")
    algorithm = read_algorithm(certificate.signature_algorithm)
    assert algorithm is not None
    assert algorithm.digest == "sha1"
    # As a path from the root it would be refused now; what it issues ends at its own key.
    alone = TrustStore([], [PINNED["vgca-root-g1"]]).find_chain(certificate.raw, [], NOW, None)
    assert alone.reasons == ("certificate-algorithm-weak",)
    assert PINNED["vgca-g1"].use == Use.ANCHOR
    chain = TrustStore.load().find_chain(certificate.raw, [of("vgca-root-g1").raw], NOW, None)
    assert (chain.is_trusted, chain.warnings) == (True, ())


def test_the_public_authority_counts_only_once_its_root_is_confirmed(tmp_path: Path) -> None:
    leaf = of("vnpt-ca-sha2").raw
    assert TrustStore.load().find_chain(leaf, [of("national-root").raw], NOW, None).reasons == (
        "no-chain-to-anchor",
        "authority-not-confirmed",
    )
    file = tmp_path / "root.der"
    file.write_bytes(of("national-root").raw)
    environment = os.environ | {"XDG_CONFIG_HOME": str(tmp_path / "c"), "XDG_DATA_HOME": str(tmp_path / "d")}

    def trust(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "gsign", "trust", *arguments, "--json"]
        return subprocess.run(
            program, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60
        )

    assert trust("add", str(file), "--yes").returncode == 2
    added = trust("add", str(file), "--sha256", PINNED["national-root"].sha256)
    assert json.loads(added.stdout)["domain"] == "national"
    rows = {row["id"]: row for row in map(json.loads, trust("list").stdout.splitlines())}
    assert (rows["national-root"]["use"], rows["vnpt-ca-sha2"]["trusted"]) == ("anchor", True)


@pytest.mark.parametrize("identifier", ["vgca-root-g1", "vgca-root-g2", "vgca-state-g2", "vgca-g1"])
def test_an_authority_is_no_signer_of_documents(identifier: str) -> None:
    chain = TrustStore.load().find_chain(of(identifier).raw, [], NOW, Usage.SIGNATURE)
    assert "wrong-key-usage" in chain.reasons
