"""Issuers that a stranger's certificate names: fetched within limits, from public addresses, kept for later."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from gsign.trust import fetch as fetching
from gsign.trust.addresses import is_public_address
from gsign.trust.certificate import Certificate
from gsign.trust.fetch import FetchError, fetch
from gsign.trust.kept import KeptCertificates
from gsign.trust.revocation import RevocationClient
from gsign.trust.store import TrustStore
from tests.pki import ORGANISATION, Pki
from tests.pki_servers import Fault
from tests.unit.test_trust_fetch import OK, server, to
from tests.unit.trust_authorities import NOW, Holder, issue, root


def present() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def anchors(pki: Pki) -> TrustStore:
    return TrustStore.load(pki.root_file, pinned=False)


def named(*urls: str) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    access = [
        x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(url))
        for url in urls
    ]
    return ((x509.AuthorityInformationAccess(access), False),)


# ------------------------------------------------------------------------------------------ which addresses


@pytest.mark.parametrize("address", ["8.8.8.8", "113.160.0.1", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%lo",
        "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "2002:7f00:1::", "2002:c0a8:101::1", "2001:db8::1", "localhost", "",
    ],
)  # fmt: skip
def test_addresses_inside_a_network(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "127.1", "[::ffff:127.0.0.1]"])
def test_an_address_counts_however_it_is_written(host: str) -> None:
    with server(OK) as (url, heard):
        port = url.rpartition(":")[2]
        with pytest.raises(FetchError, match=r"^(address-not-public|host-unknown)$"):
            fetch(f"http://{host}:{port}/", public_only=True)
        assert heard == []


def test_a_public_server_may_not_send_us_into_this_network(monkeypatch: pytest.MonkeyPatch) -> None:
    # 127.0.0.2 plays the public server; the sockets are real.
    monkeypatch.setattr(fetching, "is_public_address", lambda address: address == "127.0.0.2")
    with server(OK) as (inner, heard):
        for public_only in (True, False):
            with (
                server(to(inner.encode()), address="127.0.0.2") as (outer, _),
                pytest.raises(FetchError, match=r"^address-not-public$"),
            ):
                fetch(outer, public_only=public_only)
        assert heard == []
    with server(to(b"{url}/b"), OK, address="127.0.0.2") as (outer, _):
        assert fetch(outer, public_only=True) == b"hello"
    # Whoever was asked inside the network may send us on inside it.
    with server(to(b"{url}/b"), OK) as (inner, _):
        assert fetch(inner) == b"hello"


# ------------------------------------------------------------------------------------------ a stranger's certificate


def test_a_stranger_cannot_make_us_ask_inside_this_network(pki: Pki) -> None:
    store = RevocationClient().completing(anchors(pki), strangers=True)
    chain = store.find_chain(pki.leaf().der, [], present())
    assert chain.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"
    assert pki.ca.requests == 0


def test_a_missing_issuer_is_fetched_where_private_addresses_are_allowed_and_kept_for_later(
    pki: Pki, tmp_path: Path
) -> None:
    kept = KeptCertificates(tmp_path)
    client = RevocationClient(allow_private_addresses=True, kept=kept)
    for leaf in (pki.leaf(), pki.leaf(ORGANISATION)):
        store = client.completing(anchors(pki), strangers=True)
        assert store.find_chain(leaf.der, [], present()).certificates == (leaf.der, pki.intermediate.identity.der)
    assert pki.ca.requests == 1
    # Another run, without the network.
    offline = RevocationClient(offline=True)
    later = TrustStore.load(pki.root_file, pinned=False)
    assert not offline.completing(later, strangers=True).find_chain(pki.leaf().der, [], present()).is_trusted
    with_kept = TrustStore([pki.root.identity.der], (), kept.all)
    assert offline.completing(with_kept, strangers=True).find_chain(pki.leaf().der, [], present()).is_trusted
    assert pki.ca.requests == 1


def test_nothing_is_fetched_for_a_path_that_is_whole(pki: Pki) -> None:
    store = RevocationClient(allow_private_addresses=True).completing(anchors(pki), strangers=True)
    leaf = pki.leaf()
    assert store.find_chain(leaf.der, leaf.chain, present()).is_trusted
    assert pki.ca.requests == 0


def test_certificates_at_hand_are_listed_once_for_all_documents(pki: Pki) -> None:
    listed: list[int] = []

    def between() -> tuple[Certificate, ...]:
        listed.append(1)
        return (Certificate.of(pki.intermediate.identity.der),)

    store, client = TrustStore([pki.root.identity.der], (), between), RevocationClient()
    for leaf in (pki.leaf(), pki.leaf(ORGANISATION)):
        assert client.completing(store, strangers=True).find_chain(leaf.der, [], present()).is_trusted
    assert listed == [1]


def test_what_leads_nowhere_is_not_kept(pki: Pki, tmp_path: Path) -> None:
    kept = KeptCertificates(tmp_path)
    client = RevocationClient(allow_private_addresses=True, kept=kept)
    leaf = pki.leaf(variant="impostor")
    chain = client.completing(anchors(pki), strangers=True).find_chain(leaf.der, [], present())
    assert chain.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"
    assert pki.ca.requests > 0
    assert kept.all() == ()


@contextmanager
def publisher() -> Iterator[tuple[str, list[Holder], list[int]]]:
    """Publish certificates by their number, which those who ask for are noted."""
    holders: list[Holder] = []
    asked: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    number = int(connection.recv(65536).split()[1][1:])
                    asked.append(number)
                    body = holders[number % len(holders)].der
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", holders, asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_a_document_with_hundreds_of_addresses_costs_a_few_fetches() -> None:
    with publisher() as (url, holders, asked):
        holders.append(root("Không liên quan"))
        store = RevocationClient(allow_private_addresses=True).completing(TrustStore(), strangers=True)
        for number in range(0, 200, 4):
            access = named(*(f"{url}/{number + i}" for i in range(4)))
            leaf = issue(f"Người lạ {number}", root(f"Gốc {number}"), extensions=access)
            assert not store.find_chain(leaf.der, [], NOW).is_trusted
        assert len(asked) == 8


@pytest.mark.parametrize("steps, is_trusted", [(2, True), (4, True), (5, False), (9, False)])
def test_a_ladder_of_issuers_is_climbed_a_few_steps_only(steps: int, is_trusted: bool) -> None:
    top = root("Bậc 0")
    with publisher() as (url, holders, asked):
        step = issue("Bậc 1", top, ca=True)
        for number in range(steps):
            holders.append(step)
            step = issue(f"Bậc {number + 2}", step, ca=number < steps - 1, extensions=named(f"{url}/{number}"))
        store = RevocationClient(allow_private_addresses=True).completing(TrustStore([top.der]), strangers=True)
        assert store.find_chain(step.der, [], NOW).is_trusted is is_trusted
        assert asked == [*reversed(range(steps))][:4]


def test_an_address_that_failed_is_not_asked_again_for_every_document(pki: Pki) -> None:
    pki.ca.fault = Fault.DOWN
    client = RevocationClient(allow_private_addresses=True)
    for _ in range(3):
        assert not client.completing(anchors(pki), strangers=True).find_chain(pki.leaf().der, [], present()).is_trusted
    assert pki.ca.requests == 1
