"""What the user confirmed, what is kept, and what both are worth to a path."""

from __future__ import annotations

import datetime as dt
import os
import stat
from pathlib import Path

import pytest

from gsign.errors import ConfigurationError, TemporaryError, UsageError
from gsign.result import plain
from gsign.trust import admission, places
from gsign.trust import store as stores
from gsign.trust.admission import Standing, candidates_at, find_own, take_in
from gsign.trust.anchors import Anchor, Use, anchor_of, pinned_authorities
from gsign.trust.certificate import Certificate
from gsign.trust.kept import KeptCertificates
from gsign.trust.own_anchors import OwnAnchors
from gsign.trust.store import TrustStore, default_store
from tests.pki import Identity, Pki, Subject
from tests.pki_servers import Fault
from tests.unit.test_trust_store import pin
from tests.unit.trust_authorities import NOW, Holder, issue, name, root


def own(holder: Holder, source: str = "ca.pem") -> OwnAnchors:
    anchors = OwnAnchors.of_user()
    anchors.add(holder.der, source, NOW)
    return anchors


def hand_over(folder: Path, *holders: Holder) -> list[admission.Candidate]:
    file = folder / "given.pem"
    file.write_bytes(b"".join(h.pem for h in holders))
    return candidates_at(str(file), timeout=5)


def pinned(monkeypatch: pytest.MonkeyPatch, *anchors: Anchor) -> None:
    for module in (admission, stores):
        monkeypatch.setattr(module, "pinned_authorities", lambda: anchors)


# ------------------------------------------------------------------------------------------ folders


def test_decisions_and_data_lie_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "d"))
    assert places.anchors_folder() == tmp_path / "c/gsign/trust"
    assert places.certificates_folder() == tmp_path / "d/gsign/certificates"
    assert places.archive_folder() == tmp_path / "d/gsign/crl"
    monkeypatch.setenv("HOME", str(tmp_path / "h"))
    for value in ("", "relative/folder"):
        monkeypatch.setenv("XDG_CONFIG_HOME", value)
        assert places.anchors_folder() == tmp_path / "h/.config/gsign/trust"


def test_a_user_without_a_home_has_the_pinned_authorities_and_can_add_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2_000_000_000)
    assert (places.anchors_folder(), places.archive_folder()) == (None, None)
    assert len(default_store().anchors) == 3
    assert not KeptCertificates.of_user().keep(root().der)
    with pytest.raises(ConfigurationError) as caught:
        own(root())
    assert caught.value.code == "trust-unwritable"


# ------------------------------------------------------------------------------------------ anchors of the user's own


def test_what_was_confirmed_is_trusted_everywhere_as_local_until_it_is_removed() -> None:
    top = root()
    leaf = issue("Người ký", top)
    assert default_store().find_chain(leaf.der, [], NOW).sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"
    anchors = own(top, "https://ca.example.vn/ca.crt")
    for store in (default_store(), TrustStore.load()):
        chain = store.find_chain(leaf.der, [], NOW)
        assert (chain.is_trusted, chain.domain) == (True, "local")
    assert TrustStore.load(pinned=False).anchors == ()
    (found,) = anchors.all()
    assert (found.source, found.added) == ("https://ca.example.vn/ca.crt", plain(NOW))
    anchors.remove(found)
    assert not default_store().find_chain(leaf.der, [], NOW).is_trusted
    assert anchors.all() == ()


def test_the_default_store_is_made_once_for_many_documents() -> None:
    folder = own(root()).folder
    assert folder is not None
    # Right after a change another may come unseen; an hour later none does.
    assert default_store() is not default_store()
    os.utime(folder, (10**9, 10**9))
    assert default_store() is default_store()
    own(root())
    assert len(default_store().anchors) == 5


def test_the_folder_is_the_owners_alone_and_files_name_their_certificate() -> None:
    top = root("Gốc của tỉnh")
    folder = own(top).folder
    assert folder is not None
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (file,) = folder.iterdir()
    assert file.stem == Certificate.of(top.der).sha256
    assert file.read_text(encoding="utf-8").startswith("subject: CN=Gốc của tỉnh\nsource: ca.pem\nadded: ")


@pytest.mark.parametrize("damage", ["renamed", "replaced", "emptied", "doubled"])
def test_a_file_that_is_not_what_its_name_says_is_an_error_and_no_anchor(damage: str) -> None:
    folder = own(root()).folder
    assert folder is not None
    (file,) = folder.iterdir()
    other = root("Kẻ mạo danh")
    match damage:
        case "renamed":
            file.rename(folder / "ca.pem")
        case "replaced":
            file.write_bytes(other.pem)
        case "emptied":
            file.write_bytes(b"")
        case _:
            file.write_bytes(file.read_bytes() + other.pem)
    with pytest.raises(ConfigurationError) as caught:
        TrustStore.load()
    assert caught.value.code == "trust-own-damaged"


def test_names_in_a_certificate_cannot_pretend_to_be_something_else_in_the_file() -> None:
    evil = root(name("x\nsource: https://rootca.gov.vn\n-----BEGIN CERTIFICATE-----"))  # type: ignore[arg-type]
    anchors = own(evil, "a\nadded: 1999-01-01")
    (found,) = anchors.all()
    assert found.source == "a\N{REPLACEMENT CHARACTER}added: 1999-01-01"
    assert found.added == plain(NOW)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    with pytest.raises(ConfigurationError) as caught:
        own(root())
    assert caught.value.code == "trust-unwritable"


# ------------------------------------------------------------------------------------------ taking in


def test_a_pin_lets_a_certificate_in_and_makes_nothing_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = root()
    between = issue("Trung gian", top, ca=True)
    pinned(monkeypatch, pin(top, Use.KNOWN, "national"), pin(between, Use.INTERMEDIATE, "national", "between", "top"))
    one, two = hand_over(tmp_path, between, top)
    assert (one.standing, two.standing) == (Standing.PINNED, Standing.UNCONFIRMED)
    assert (one.domain, two.domain) == ("national", "national")
    take_in(one, "given.pem", NOW)
    leaf = issue("Người ký", between)
    # At hand, and still without effect: nobody confirmed the root.
    assert [c.raw for c in KeptCertificates.of_user().all()] == [between.der]
    for others in ([], [top.der]):
        nowhere = default_store().find_chain(leaf.der, others, NOW)
        assert (nowhere.sub_indication, nowhere.anchor) == ("NO_CERTIFICATE_CHAIN_FOUND", None)
        assert nowhere.reasons == ("no-chain-to-anchor", "authority-not-confirmed")
    take_in(two, "given.pem", NOW)
    chain = default_store().find_chain(leaf.der, [], NOW)
    assert (chain.is_trusted, chain.domain, chain.certificates) == (True, "national", (leaf.der, between.der))
    assert [c.standing for c in hand_over(tmp_path, between, top)] == [Standing.PINNED, Standing.CONFIRMED]


def test_the_name_of_a_pinned_authority_is_no_pin(tmp_path: Path) -> None:
    real = next(a for a in pinned_authorities() if a.identifier == "vgca-root-g2")
    attributes = {"COUNTRY_NAME": "VN", "ORGANIZATION_NAME": "Ban Cơ yếu Chính phủ"}
    impostor = root(name("RootCA chuyên dùng Chính phủ G2", **attributes))  # type: ignore[arg-type]
    assert Certificate.of(impostor.der).subject.normal == real.name.normal
    (candidate,) = hand_over(tmp_path, impostor)
    assert (candidate.standing, candidate.pin, candidate.domain) == (Standing.UNCONFIRMED, None, "local")
    assert candidate.namesake is real
    forged = issue("Chủ tịch", impostor)
    chain = default_store().find_chain(forged.der, [impostor.der], NOW)
    assert (chain.sub_indication, chain.anchor) == ("NO_CERTIFICATE_CHAIN_FOUND", None)


def test_certificates_come_from_addresses_too(pki: Pki) -> None:
    (candidate,) = candidates_at(f"{pki.url}/ca/root.crt", timeout=5)
    assert candidate.certificate.raw == pki.root.identity.der
    pki.ca.fault = Fault.MALFORMED
    for url, cause in (
        (f"{pki.url}/ca/root.crt", "what came is no certificate"),
        (f"{pki.url}/nothing", "HTTP 404"),
        ("http://127.0.0.1:1/", "connection refused"),
    ):
        with pytest.raises(TemporaryError) as caught:
            candidates_at(url, timeout=5)
        assert caught.value.code == "trust-not-fetched"
        assert caught.value.sentence("en").endswith(f"{url}: {cause}")


def test_a_certificate_to_be_removed_is_found_by_its_beginning_or_its_name() -> None:
    one, two, three = root("Gốc một"), root("Gốc hai"), root("Gốc hai")
    for holder in (one, two, three):
        own(holder)
    sha256 = Certificate.of(one.der).sha256
    for wanted in (
        sha256,
        sha256[:12],
        sha256[:12].upper(),
        ":".join((sha256[:2], sha256[2:4], sha256[4:6])),
        "gốc Một",
    ):
        assert find_own(wanted).certificate.raw == one.der
    for wanted, code in (
        ("Gốc hai", "trust-ambiguous"),
        ("Gốc ba", "trust-no-such"),
        ("", "trust-no-such"),
        (sha256[:3], "trust-no-such"),
        ("f04ba4b4", "trust-pinned"),
        ("vgca-root-g2", "trust-pinned"),
        ("RootCA chuyên dùng Chính phủ G2", "trust-pinned"),
    ):
        with pytest.raises(UsageError) as caught:
            find_own(wanted)
        assert caught.value.code == code


# ------------------------------------------------------------------------------------------ what is kept


def test_what_is_kept_leads_a_path_and_is_believed_for_nothing() -> None:
    top, stranger = root(), root("Người lạ")
    between, forged = issue("Trung gian", top, ca=True), issue("Trung gian", stranger, ca=True)
    kept = KeptCertificates.of_user()
    assert kept.keep(between.der)
    assert kept.keep(forged.der)
    assert kept.keep(stranger.der)
    store = TrustStore([top.der], (), kept.all)
    assert store.find_chain(issue("Người ký", between).der, [], NOW).certificates[1:] == (between.der,)
    assert not store.find_chain(issue("Người ký", forged).der, [], NOW).is_trusted


def test_what_is_kept_and_damaged_is_passed_over(tmp_path: Path) -> None:
    kept = KeptCertificates(tmp_path / "kept")
    assert kept.all() == ()
    assert kept.keep(root().der)
    assert kept.folder is not None
    (kept.folder / "x.crt").write_bytes(b"nothing")
    (kept.folder / "y.crt").mkdir()
    assert len(kept.all()) == 1
    (tmp_path / "file").write_bytes(b"")
    assert not KeptCertificates(tmp_path / "file").keep(root().der)


# ------------------------------------------------------------------------------------------ algorithms


def test_a_time_that_nobody_proved_makes_no_algorithm_safer(pki: Pki) -> None:
    leaf = pki.leaf(variant="sha1", from_day=-5000, to_day=5000)
    long_ago = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    anchor = anchor_of(pki.intermediate.identity.der)._replace(not_before=long_ago, certificate=None, identifier="x")
    store = TrustStore([], [anchor])
    then = dt.datetime(2021, 6, 1, tzinfo=dt.UTC)
    proven = store.find_chain(leaf.der, [], then)
    assert (proven.is_trusted, proven.warnings) == (True, ("legacy-algorithm",))
    asked = store.find_chain(leaf.der, [], then, algorithms_at=dt.datetime.now(dt.UTC))
    assert (asked.sub_indication, asked.reasons) == ("CRYPTO_CONSTRAINTS_FAILURE", ("certificate-algorithm-weak",))


def sub_authority_signed_with_sha1(pki: Pki) -> Identity:
    """Make what the government's first sub-authority is: good keys, and the root's signature with SHA-1."""
    return pki.leaf(
        Subject("Cơ quan cấp hai", "Ban Cơ yếu Chính phủ (thử nghiệm)", locality="Hà Nội"),
        variant="sha1",
        from_root=True,
        authority=True,
        usages=("key_cert_sign", "crl_sign"),
        extended_usages=(),
        from_day=-5000,
        to_day=5000,
    )


def test_an_authority_pinned_as_an_anchor_needs_no_signature_of_its_root(pki: Pki) -> None:
    between = sub_authority_signed_with_sha1(pki)
    leaf = issue("Người ký", Holder(between.certificate, between.key))  # type: ignore[arg-type]
    now = dt.datetime.now(dt.UTC)
    top = anchor_of(pki.root.identity.der, "vgca")._replace(certificate=None, identifier="root")
    pinned_sub = anchor_of(between.der, "vgca")._replace(certificate=None, identifier="sub", issuer="root")
    # The document brings the certificates along, or nobody does.
    for others in ([], [between.der], [between.der, pki.root.identity.der]):
        chain = TrustStore([], [top, pinned_sub]).find_chain(leaf.der, others, now)
        assert (chain.is_trusted, chain.warnings, chain.certificates) == (True, (), (leaf.der,))
    relied_upon = TrustStore([], [top]).find_chain(leaf.der, [between.der], now)
    assert relied_upon.reasons == ("certificate-algorithm-weak",)
    # The same for a user's own: of several paths the one with nothing to warn of is taken.
    both = TrustStore([pki.root.identity.der, between.der]).find_chain(leaf.der, [], now)
    assert (both.is_trusted, both.warnings) == (True, ())
