"""Anchors pinned and added, and what they let pass."""

from __future__ import annotations

import base64
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from gsign.errors import ConfigurationError
from gsign.trust.anchors import Anchor, Use, anchor_of, pinned_authorities
from gsign.trust.certificate import key_hash
from gsign.trust.signatures import key_facts
from gsign.trust.store import TrustStore
from tests.nobody import as_nobody, open_folder
from tests.unit.trust_authorities import DAY, NOW, Holder, issue, root

NO_CHAIN = "NO_CERTIFICATE_CHAIN_FOUND"
TOP = Path(__file__).resolve().parents[2]


# ------------------------------------------------------------------------------------------ the facts file


def test_the_pinned_facts_agree_with_each_other() -> None:
    authorities = {a.identifier: a for a in pinned_authorities()}
    assert {a.domain for a in authorities.values()} == {"vgca", "national"}
    for authority in authorities.values():
        assert key_facts(authority.spki).kind == "rsa"
        assert key_facts(authority.spki).bits in (2048, 4096)
        assert len(bytes.fromhex(authority.sha256)) == 32
        assert authority.not_before < authority.not_after
        assert authority.use in (Use.ANCHOR, Use.INTERMEDIATE, Use.KNOWN)
        assert authority.use != Use.INTERMEDIATE or authorities[authority.issuer or ""].domain == authority.domain
    assert len({a.sha256 for a in authorities.values()}) == len({a.spki for a in authorities.values()}) == 8


def test_the_keys_are_those_that_the_names_and_key_identifiers_belong_to() -> None:
    # Known from elsewhere: key identifiers printed in the certificates that these authorities issue.
    known = {
        "vgca-root-g1": "d9171b51a317b79efc2ddb61fa7900ff58749d5c",
        "vgca-g1": "053140de34beb38fc0db6ec5430e3e12f763c61c",
        "vgca-root-g2": "7779baf7f3bdfb861e131a5e23525caaba6eae54",
        "vgca-state-g2": "50becfa0bdea0f9f4e9128a32aeb7ceef02fc8ba",
        "vgca-party-g2": "58719e16ccd6a7ad12163b62d6a59184c4482def",
        "national-root": "7ef087edb1b89dfb08836fa416fdf1b8ac629b01",
    }
    found = {a.identifier: key_hash(a.spki, "sha1").hex() for a in pinned_authorities()}
    assert {name: found[name] for name in known} == known


def test_only_the_government_authorities_are_trusted_without_the_user() -> None:
    store = TrustStore.load()
    assert {a.identifier for a in store.anchors} == {"vgca-root-g1", "vgca-g1", "vgca-root-g2"}
    assert {a.identifier for a in store.intermediates} == {"vgca-state-g2", "vgca-party-g2"}
    assert TrustStore.load(pinned=False).anchors == ()


def test_no_certificate_is_kept_with_the_facts() -> None:
    text = (TOP / "certs" / "anchors.toml").read_text(encoding="utf-8")
    assert "BEGIN" not in text
    assert all(a.certificate is None for a in pinned_authorities())


def test_the_facts_are_found_in_an_installed_wheel(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-c",
        "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))",
    ]
    made = subprocess.run([*build, str(tmp_path)], cwd=TOP, capture_output=True, text=True, check=True, timeout=120)
    with zipfile.ZipFile(tmp_path / made.stdout.strip().splitlines()[-1]) as wheel:
        wheel.extractall(tmp_path / "site")
    ask = (
        "from gsign.trust.store import TrustStore; import gsign; print(gsign.__file__, len(TrustStore.load().anchors))"
    )
    asked = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    file, count = asked.stdout.split()
    assert (Path(file).parts[-3], count) == ("site", "3")


# ------------------------------------------------------------------------------------------ pinned keys


def pin(holder: Holder, use: str, domain: str = "vgca", identifier: str = "top", issuer: str | None = None) -> Anchor:
    """Pin the facts of a certificate, as certs/anchors.toml does."""
    facts = anchor_of(holder.der, domain)
    return facts._replace(certificate=None, use=use, identifier=identifier, issuer=issuer)


def test_a_pinned_key_stands_in_for_an_intermediate_that_nobody_brought() -> None:
    top = root()
    between = issue("Trung gian", top, ca=True)
    leaf = issue("Người ký", between)
    store = TrustStore([], [pin(top, Use.ANCHOR), pin(between, Use.INTERMEDIATE, identifier="b", issuer="top")])
    alone = store.find_chain(leaf.der, [], NOW)
    assert (alone.is_trusted, alone.domain, alone.certificates) == (True, "vgca", (leaf.der,))
    # Where somebody brings it, the path goes on to the root.
    whole = store.find_chain(leaf.der, [between.der], NOW)
    assert whole.certificates == (leaf.der, between.der)
    assert whole.anchor is not None
    assert whole.anchor.identifier == "top"


def test_a_pinned_intermediate_counts_only_while_its_issuer_is_trusted() -> None:
    top = root()
    between = issue("Trung gian", top, ca=True)
    leaf = issue("Người ký", between)
    pins = [pin(top, Use.KNOWN, "national"), pin(between, Use.INTERMEDIATE, "national", "b", "top")]
    assert TrustStore([], pins).find_chain(leaf.der, [between.der, top.der], NOW).sub_indication == NO_CHAIN
    # The user confirms the root by adding the very certificate: it keeps its domain.
    confirmed = TrustStore([top.der], pins).find_chain(leaf.der, [], NOW)
    assert (confirmed.is_trusted, confirmed.domain) == (True, "national")


def test_a_certificate_with_a_known_authoritys_name_but_another_key_confirms_nothing() -> None:
    top, namesake = root(), root()
    leaf, forged = issue("Người ký", top), issue("Người ký", namesake)
    store = TrustStore([namesake.der], [pin(top, Use.KNOWN, "national")])
    assert store.find_chain(leaf.der, [top.der], NOW).sub_indication == NO_CHAIN
    assert store.find_chain(forged.der, [], NOW).domain == "local"


def test_a_pinned_anchor_is_not_believed_beyond_its_validity() -> None:
    top = root(end=NOW - DAY)
    store = TrustStore([], [pin(top, Use.ANCHOR)])
    chain = store.find_chain(issue("Người ký", top).der, [], NOW)
    assert (chain.is_trusted, chain.sub_indication, chain.reasons) == (False, "EXPIRED", ("anchor-expired",))


def test_a_pinned_path_length_holds() -> None:
    top = root(path_length=0)
    between = issue("Trung gian", top, ca=True)
    store = TrustStore([], [pin(top, Use.ANCHOR)])
    chain = store.find_chain(issue("Người ký", between).der, [between.der], NOW)
    assert (chain.sub_indication, chain.reasons, chain.anchor) == (
        "CHAIN_CONSTRAINTS_FAILURE",
        ("path-too-long",),
        None,
    )


# ------------------------------------------------------------------------------------------ files


def bundle(*holders: Holder, encoding: Encoding = Encoding.DER) -> bytes:
    return pkcs7.serialize_certificates([h.certificate for h in holders], encoding)


def test_anchors_come_as_pem_der_bundles_and_folders(tmp_path: Path) -> None:
    one, two, three, four = (root(f"Gốc {n}") for n in range(4))
    (tmp_path / "a.pem").write_bytes("Gốc của tỉnh\n".encode() + one.pem + b"\r\n" + two.pem)
    (tmp_path / "b.crt").write_bytes(three.der)
    (tmp_path / "c.p7b").write_bytes(bundle(four, encoding=Encoding.PEM))
    (tmp_path / "README.txt").write_text("không phải chứng thư", encoding="utf-8")
    everything = TrustStore.load(tmp_path, pinned=False)
    assert {a.sha256 for a in everything.anchors} == {anchor_of(h.der).sha256 for h in (one, two, three, four)}
    for source in (str(tmp_path / "b.crt"), three.der, three.pem, bundle(three)):
        (anchor,) = TrustStore.load(source, pinned=False).anchors
        assert (anchor.certificate, anchor.domain) == (three.der, "local")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        base64.b64decode("MAA="),
    ],
)
def test_a_file_that_is_no_certificate_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.pem"
    path.write_bytes(content)
    for source in (path, tmp_path):
        with pytest.raises(ConfigurationError) as caught:
            TrustStore.load(source)
        assert (caught.value.code, caught.value.facts["path"]) == ("trust-not-a-certificate", str(path))


def test_what_cannot_be_opened_or_is_empty_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        TrustStore.load(tmp_path / "missing.pem")
    assert caught.value.code == "trust-unreadable"
    with pytest.raises(ConfigurationError) as caught:
        TrustStore.load(tmp_path)
    assert caught.value.code == "trust-empty"


_IMPORTS = """
import sys
from pathlib import Path
from gsign.errors import ConfigurationError
from gsign.trust.files import read_certificates
"""
_READ = """
try:
    read_certificates(Path(sys.argv[1]))
except ConfigurationError as error:
    print(error.code, error.facts["path"], error.facts["cause"])
"""


@pytest.mark.parametrize("mode", [0o000, 0o444], ids=["unlisted", "unentered"])
def test_a_folder_that_may_not_be_read_is_named(mode: int) -> None:
    with open_folder() as around:
        folder = around / "anchors"
        folder.mkdir()
        (folder / "ca.pem").touch()
        folder.chmod(mode)
        said = as_nobody(_IMPORTS, _READ, folder)
    named = folder if mode == 0 else folder / "ca.pem"
    assert said == f"trust-unreadable {named} Permission denied\n"


# ------------------------------------------------------------------------------------------ odd input


def test_what_others_cannot_be_read_is_passed_over() -> None:
    top = root()
    between = issue("Trung gian", top, ca=True)
    leaf = issue("Người ký", between)
    store = TrustStore([top.der])
    assert store.find_chain(leaf.der, [b"", b"\x30\x03abc", leaf.der[:100], between.der], NOW).is_trusted
    chain = store.find_chain(b"no certificate", [], NOW)
    assert (chain.sub_indication, chain.reasons, chain.links()) == (NO_CHAIN, ("certificate-unreadable",), ())


def test_a_search_that_was_kept_is_judged_anew_at_another_time() -> None:
    top = root()
    leaf = issue("Người ký", top)
    store = TrustStore([top.der])
    assert store.find_chain(leaf.der, [], NOW).is_trusted
    assert store.find_chain(leaf.der, [], NOW + 400 * DAY).sub_indication == "EXPIRED"
    assert store.find_chain(leaf.der, [], NOW).is_trusted
