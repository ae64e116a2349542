"""`trust update`: what is fetched ahead of need, what of it is taken, and what it is good for later."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from gsign.result import Revocation
from gsign.trust import inventory, refresh
from gsign.trust import store as stores
from gsign.trust.anchors import Anchor, Use, anchor_of
from gsign.trust.archive import CrlArchive, Publisher
from gsign.trust.certificate import Certificate
from gsign.trust.inventory import list_authorities
from gsign.trust.kept import KeptCertificates
from gsign.trust.own_anchors import OwnAnchors
from gsign.trust.refresh import Outcome, Refreshed, refresh_all
from gsign.trust.revocation import RevocationClient
from gsign.trust.store import TrustStore, default_store
from tests.pki import Pki
from tests.pki_servers import Fault
from tests.unit.trust_authorities import DAY, NOW, Holder, issue, root


def present() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def office(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> Pki:
    """The PKI's root and intermediate as pinned facts, as certs/anchors.toml pins the government's."""
    top = anchor_of(pki.root.identity.der, "vgca")._replace(
        certificate=None, identifier="top", crl_urls=(f"{pki.url}/crl/root.crl",)
    )
    between = anchor_of(pki.intermediate.identity.der, "vgca")._replace(
        certificate=None,
        identifier="between",
        issuer="top",
        use=Use.INTERMEDIATE,
        certificate_urls=(f"{pki.url}/ca/intermediate.crt",),
        crl_urls=(f"{pki.url}/crl/intermediate.crl",),
    )
    pin(monkeypatch, top, between)
    return pki


def pin(monkeypatch: pytest.MonkeyPatch, *anchors: Anchor) -> None:
    for module in (inventory, refresh, stores):
        monkeypatch.setattr(module, "pinned_authorities", lambda: anchors)


def update(*configured: Path, archive: CrlArchive | None = None) -> list[Refreshed]:
    return list(refresh_all(configured, archive or CrlArchive.of_user(), present(), timeout=5))


def outcomes(*configured: Path) -> list[tuple[str, str]]:
    return [(done.kind, done.outcome.value) for done in update(*configured)]


# ------------------------------------------------------------------------------------------ the pinned authorities


def test_certificates_and_lists_are_fetched_once_and_lists_looked_at_again(office: Pki) -> None:
    assert outcomes() == [("certificate", "new"), ("crl", "new"), ("crl", "new")]
    assert [c.raw for c in KeptCertificates.of_user().all()] == [office.intermediate.identity.der]
    moment = present()
    office.crl.clock = lambda: moment
    update()
    assert outcomes() == [("certificate", "unchanged"), ("crl", "unchanged"), ("crl", "unchanged")]
    assert office.ca.requests == 1


def test_a_letter_is_judged_offline_with_what_an_update_fetched(office: Pki) -> None:
    leaf = office.leaf()
    update()
    asked = (office.ocsp.requests, office.crl.requests)
    offline = RevocationClient("require", offline=True, archive=CrlArchive.of_user())
    chain = default_store().find_chain(leaf.der, [], present())
    # The kept certificate leads the path on to the root, so that the intermediate's own status is looked at.
    assert len(chain.certificates) == 2
    assert offline.status(chain, present() - dt.timedelta(minutes=1)).status is Revocation.GOOD
    office.revoke(leaf, at=present() - DAY)
    update()
    offline = RevocationClient("require", offline=True, archive=CrlArchive.of_user())
    assert offline.status(chain, present()).status is Revocation.REVOKED
    assert office.ocsp.requests == asked[0]


def test_a_certificate_that_is_not_the_pinned_one_is_not_taken(office: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    top, between = stores.pinned_authorities()
    pin(monkeypatch, top, between._replace(certificate_urls=(f"{office.url}/ca/impostor.crt",)))
    first = update()[0]
    assert first.outcome is Outcome.NOT_THE_PINNED_ONE
    assert first.cause == Certificate.of(office.impostor.identity.der).sha256
    assert KeptCertificates.of_user().all() == ()


@pytest.mark.parametrize(
    "fault, outcome, cause",
    [
        (Fault.DOWN, Outcome.NOT_FETCHED, "no-http-answer"),
        (Fault.HTTP_ERROR, Outcome.NOT_FETCHED, "http-503"),
        (Fault.MALFORMED, Outcome.UNUSABLE, "list-malformed"),
        (Fault.BAD_SIGNATURE, Outcome.UNUSABLE, "signature-not-the-issuers"),
        (Fault.UNRELATED_SIGNER, Outcome.UNUSABLE, "signature-not-the-issuers"),
    ],
)
def test_a_list_that_cannot_be_had_or_is_another_authoritys_is_said(
    office: Pki, fault: Fault, outcome: Outcome, cause: str
) -> None:
    office.crl.fault = fault
    assert {(done.outcome, done.cause) for done in update() if done.kind == "crl"} == {(outcome, cause)}
    archive = CrlArchive.of_user()
    assert archive is not None
    assert list(archive.folder.rglob("*.crl")) == []


def test_a_folder_that_cannot_be_written_is_said(office: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    assert outcomes() == [("certificate", "not-kept"), ("crl", "not-kept"), ("crl", "not-kept")]


# ------------------------------------------------------------------------------------------ the user's own


def test_lists_of_the_users_own_authorities_are_fetched_where_their_addresses_are_known(
    pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(monkeypatch)
    OwnAnchors.of_user().add(pki.root.identity.der, "root.pem", present())
    # A root names no list of its own; what the archive has noted is fetched again.
    assert update() == []
    pki.ocsp.fault = Fault.DOWN
    client = RevocationClient(archive=CrlArchive.of_user())
    leaf = pki.leaf()
    client.status(default_store().find_chain(leaf.der, leaf.chain, present()), present())
    urls = {done.url for done in update()}
    assert urls == {f"{pki.url}/crl/root.crl", f"{pki.url}/crl/intermediate.crl"}
    # So does a certificate at hand: it names the list that it would be on.
    KeptCertificates.of_user().keep(pki.intermediate.identity.der)
    other = CrlArchive(Path(str(CrlArchive.of_user().folder) + "2"))  # type: ignore[union-attr]
    assert [done.url for done in update(archive=other)] == [f"{pki.url}/crl/root.crl"]


def test_the_inventory_says_what_each_counts_for(office: Pki, tmp_path: Path) -> None:
    def told() -> list[tuple[str | None, str, bool, str | None, str]]:
        return [(a.id, a.use, a.trusted, a.domain, a.source) for a in list_authorities([configured], present())]

    configured = tmp_path / "own.pem"
    local, stranger = root("Gốc của tỉnh"), root("Người lạ")
    configured.write_bytes(local.pem)
    OwnAnchors.of_user().add(office.impostor_root.identity.der, "impostor.pem", present())
    kept = KeptCertificates.of_user()
    kept.keep(office.intermediate.identity.der)
    kept.keep(issue("Trung gian", local, ca=True).der)
    kept.keep(stranger.der)
    head, tail = told()[:4], told()[4:]
    assert head == [
        ("top", "anchor", True, "vgca", "pinned"),
        ("between", "intermediate", True, "vgca", "pinned"),
        (None, "anchor", True, "local", "configuration"),
        (None, "anchor", True, "local", "user"),
    ]
    assert sorted(tail, key=str) == [
        (None, "intermediate", False, None, "fetched"),
        (None, "intermediate", True, "local", "fetched"),
    ]


# ------------------------------------------------------------------------------------------ the archive


def revocations(issuer: Holder, made: dt.datetime, url: str | None, *revoked: int) -> bytes:
    """Make a list; with a URL it is only for the certificates that name it (RFC 5280 5.2.5)."""
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, made, made + 7 * DAY)
    if url is not None:
        point = x509.IssuingDistributionPoint(
            [x509.UniformResourceIdentifier(url)], None, False, False, None, False, False
        )
        builder = builder.add_extension(point, critical=True)
    for serial in revoked:
        builder = builder.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, made - DAY).build())
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_lists_of_one_authority_for_different_certificates_do_not_hide_each_other(tmp_path: Path) -> None:
    top = root()
    urls = [f"http://ca.example.vn/{n}.crl" for n in range(3)]
    archive = CrlArchive(tmp_path)
    leaves = []
    for n, url in enumerate(urls):
        points = x509.CRLDistributionPoints(
            [x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)]
        )
        leaf = issue(f"Người ký {n}", top, extensions=((points, False),))
        leaves.append(leaf)
        publisher = Publisher(Certificate.of(top.der).subject, Certificate.of(top.der).spki)
        made = NOW + n * dt.timedelta(hours=1)
        raw = revocations(top, made, url, *([leaf.certificate.serial_number] if n == 1 else []))
        assert archive.keep(raw, publisher, url, made)
    store = TrustStore([top.der])
    client = RevocationClient(offline=True, archive=archive, clock=lambda: NOW + 3 * DAY)
    for n, leaf in enumerate(leaves):
        for moment in (NOW - dt.timedelta(hours=1), NOW + 2 * DAY):
            status = client.status(store.find_chain(leaf.der, [], moment), moment).status
            assert status is (Revocation.REVOKED if n == 1 else Revocation.GOOD)


def test_a_list_that_is_still_good_is_not_fetched_by_every_run(pki: Pki, tmp_path: Path) -> None:
    pki.ocsp.fault = Fault.DOWN
    leaf = pki.leaf()
    chain = TrustStore.load(pki.root_file, pinned=False).find_chain(leaf.der, leaf.chain, present())
    for _ in range(3):
        client = RevocationClient(archive=CrlArchive(tmp_path))
        assert client.status(chain, present()).status is Revocation.GOOD
    assert pki.crl.requests == 2
    # After its nextUpdate it is asked for again.
    later = present() + 30 * DAY
    pki.crl.clock = lambda: later
    assert RevocationClient(archive=CrlArchive(tmp_path), clock=lambda: later).status(chain, later).status is (
        Revocation.GOOD
    )
    assert pki.crl.requests == 4


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"[]",
        b'{"issuer": 1, "key": 2, "latest": 3}',
        b'{"issuer": "MAA=", "key": "", "latest": {"http://x/": "y"}}',
        b'{"issuer": "!", "key": "!", "latest": {}}',
        b"\xff",
    ],
)
def test_a_damaged_note_costs_nothing_but_itself(pki: Pki, tmp_path: Path, note: bytes) -> None:
    pki.ocsp.fault = Fault.DOWN
    leaf = pki.leaf()
    chain = TrustStore.load(pki.root_file, pinned=False).find_chain(leaf.der, leaf.chain, present())
    RevocationClient(archive=CrlArchive(tmp_path)).status(chain, present())
    for file in tmp_path.rglob("authority.json"):
        file.write_bytes(note)
    archive = CrlArchive(tmp_path)
    assert list(archive.publishers()) == []
    assert RevocationClient(archive=archive).status(chain, present()).status is Revocation.GOOD
    assert len(list(archive.publishers())) == 2


def test_a_note_leads_to_no_file_outside_its_folder(pki: Pki, tmp_path: Path) -> None:
    archive = CrlArchive(tmp_path / "crl")
    identity = Certificate.of(pki.root.identity.der)
    publisher = Publisher(identity.subject, identity.spki)
    archive.keep(b"x", publisher, "http://x/", present())
    (tmp_path / "secret").write_bytes(b"secret")
    (note,) = tmp_path.rglob("authority.json")
    content = json.loads(note.read_bytes())
    content["latest"] = {"http://x/": "../../secret"}
    note.write_text(json.dumps(content))
    assert archive.latest(publisher, "http://x/") is None
    # A note in another authority's folder was put there by somebody else.
    assert len(list(archive.publishers())) == 1
    note.parent.rename(tmp_path / "crl" / ("0" * 32))
    assert list(archive.publishers()) == []
