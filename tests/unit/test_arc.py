"""ARC: chains that we seal dkimpy verifies and goes on with, chains of dkimpy we verify and go on with."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsign.errors import TemporaryError
from gsign.mail.dkim.canonical import Canonical
from gsign.mail.dkim.keys import DomainKey
from gsign.mail.dkim.signing import dkim_signature, sealed
from gsign.mail.dkim.verifying import Chain, verify_chain
from gsign.mail.vouching import Keys, Vouching
from tests.domain_keys import domain_key, pem, record
from tests.unit.test_dkim import LETTER, NOW, Zone, short_key

OURS, THEIRS = "relay.vn", "list.vn"
TEXTS = {f"sel._domainkey.{OURS}": record(domain_key()), f"sel._domainkey.{THEIRS}": record(domain_key(name="theirs"))}


def chain_of(message: bytes, texts: dict | None = None) -> Chain:
    return verify_chain(Canonical(message), Zone(TEXTS if texts is None else texts), time.monotonic() + 5, NOW)


def by_us(message: bytes, kind: str = "rsa", alter: Callable[[bytes], bytes] = lambda m: m) -> bytes:
    chain, message = chain_of(message), alter(message)
    key = DomainKey(OURS, "sel", domain_key(kind))
    return sealed(Canonical(message), chain, f"{OURS};\r\n\tsmime=none", key, NOW) + message


def by_dkimpy(message: bytes) -> bytes:
    found = f"Authentication-Results: {THEIRS}; arc={as_dkimpy_has_it(message) or 'none'}\r\n"
    message = found.encode() + message
    made = dkim.arc_sign(message, b"sel", THEIRS.encode(), pem(domain_key(name="theirs")), THEIRS.encode())
    return b"".join(made) + message


def _dns(texts: dict | None = None) -> Callable[..., bytes | None]:
    known = TEXTS if texts is None else texts
    return lambda name, timeout=5: known[name.decode().rstrip(".")].encode()


def as_dkimpy_has_it(message: bytes) -> str:
    return (dkim.arc_verify(message, dnsfunc=_dns())[0] or b"").decode()


@pytest.mark.parametrize(
    "sealer, then, takes_time", [(None, (), False), (OURS, (), True), (None, ("dkim-sign",), True)]
)
def test_what_takes_its_time_is_known_beforehand(sealer: str | None, then: tuple[str, ...], takes_time: bool) -> None:
    key = None if sealer is None else DomainKey(sealer, "sel", domain_key())
    assert Vouching(cast(Keys, None), sealer=key).vouches(then) is takes_time


def test_a_seal_by_a_short_key_breaks_the_chain() -> None:
    """Of all sets but the last, nothing but the seal is looked at."""
    private, known = short_key()
    found = f"Authentication-Results: {THEIRS}; arc=none\r\n".encode()
    first = b"".join(dkim.arc_sign(found + LETTER, b"sel", THEIRS.encode(), private, THEIRS.encode())) + found + LETTER
    texts = TEXTS | {f"sel._domainkey.{THEIRS}": known}
    chain = chain_of(first, texts)
    assert chain.state == "fail"
    # Whoever goes on with it says that it held.
    key = DomainKey(OURS, "sel", domain_key())
    second = sealed(Canonical(first), chain._replace(state="pass"), f"{OURS};\r\n\tsmime=none", key, NOW) + first
    told = chain_of(second, texts)
    assert (told.state, told.length, told.reason) == ("fail", 2, "seal 1: key is too short")


def test_a_message_without_sets() -> None:
    assert chain_of(LETTER) == Chain()


@pytest.mark.parametrize("makers", [(by_us,), (by_dkimpy,), (by_us, by_dkimpy), (by_dkimpy, by_us), (by_us,) * 5])
def test_chains_hold_whoever_has_made_them(makers: tuple[Callable[[bytes], bytes], ...]) -> None:
    message = LETTER
    for make in makers:
        message = make(message)
    assert as_dkimpy_has_it(message) == "pass"
    chain = chain_of(message)
    assert (chain.state, chain.length, chain.reason) == ("pass", len(makers), "")


def test_a_seal_by_the_other_kind_of_key() -> None:
    message = by_us(LETTER, "ed25519")
    texts = {f"sel._domainkey.{OURS}": record(domain_key("ed25519"))}
    assert chain_of(message, texts).state == "pass"


def test_what_is_altered_after_the_chain_was_looked_at_is_sealed_as_it_leaves() -> None:
    message = by_us(by_dkimpy(LETTER), alter=lambda m: m.replace(b"hello", b"signed hello"))
    assert b"signed hello" in message
    assert chain_of(message).state == as_dkimpy_has_it(message) == "pass"


def test_the_domains_own_signature_is_sealed_too() -> None:
    canonical = Canonical(LETTER)
    fields = dkim_signature(canonical, DomainKey("b.vn", "sel", domain_key()), NOW)
    canonical.put_on_top(fields)
    seal = sealed(canonical, Chain(), OURS, DomainKey(OURS, "sel", domain_key()), NOW)
    assert chain_of(seal + fields + LETTER).state == "pass"
    assert chain_of(seal + fields.replace(b"d=b.vn", b"d=c.vn") + LETTER).state == "fail"
    assert as_dkimpy_has_it(seal + fields + LETTER) == "pass"


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(lambda m: m.replace(b"hello", b"hallo"), id="body"),
        pytest.param(lambda m: m.replace(b"smime=none", b"smime=pass"), id="results"),
        pytest.param(lambda m: m.replace(b"cv=none", b"cv=pass"), id="first of a chain that says there are others"),
        pytest.param(lambda m: m.replace(b"cv=pass", b"cv=none"), id="second that says there are none"),
        pytest.param(lambda m: m.replace(b"i=1;", b"i=3;"), id="gap"),
        pytest.param(lambda m: m.replace(b"i=1;", b"i=2;"), id="twice the same"),
        pytest.param(lambda m: m.replace(b"i=2;", b"i=51;"), id="too many"),
        pytest.param(lambda m: m.replace(b"i=2;", b"i=x;"), id="no number"),
        pytest.param(lambda m: m.replace(b"i=2;", b"i=0;"), id="zero"),
        pytest.param(lambda m: m.replace(b"ARC-Message-Signature: i=1", b"X-Other: i=1"), id="incomplete"),
        pytest.param(lambda m: m.replace(b"ARC-Seal: i=2", b"ARC-Seal: h=from; i=2"), id="seal that names fields"),
        pytest.param(lambda m: m.replace(b"d=list.vn", b"d=nobody.vn"), id="key that is not there"),
        pytest.param(lambda m: m.replace(b"ARC-Seal: i=2", b"ARC-Seal: i=2; i=2"), id="tags twice"),
    ],
)
def test_chains_that_do_not_hold(alter: Callable[[bytes], bytes]) -> None:
    whole = by_us(by_dkimpy(LETTER))
    message = alter(whole)
    assert message != whole
    chain = chain_of(message)
    assert chain.state == "fail"
    assert chain.reason


def test_a_key_that_cannot_be_looked_up_leaves_it_open_and_nothing_is_sealed() -> None:
    message = by_dkimpy(LETTER)
    texts = {f"sel._domainkey.{THEIRS}": TemporaryError("dns-unreachable")}
    chain = chain_of(message, texts)
    assert chain.state == "temperror"
    assert sealed(Canonical(message), chain, OURS, DomainKey(OURS, "sel", domain_key()), NOW) == b""


def test_a_broken_chain_is_sealed_once_as_broken_and_never_again() -> None:
    broken = by_us(by_dkimpy(LETTER).replace(b"hello", b"hallo"))
    assert b"cv=fail" in broken
    assert as_dkimpy_has_it(broken) != "pass"
    chain = chain_of(broken)
    assert (chain.state, chain.is_closed) == ("fail", True)
    assert by_us(broken) == broken


def test_a_chain_has_an_end() -> None:
    key = DomainKey(OURS, "sel", domain_key())
    for length, is_sealed in ((49, True), (50, False), (51, False)):
        assert bool(sealed(Canonical(LETTER), Chain("pass", (), length), OURS, key, NOW)) == is_sealed


WHOLE = by_us(by_dkimpy(LETTER))


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, 3000), cut=st.integers(0, 8), put=st.binary(max_size=6))
def test_whatever_is_written_there_is_a_state_and_never_a_sound_chain(at: int, cut: int, put: bytes) -> None:
    at %= WHOLE.index(b"\r\nAuthentication-Results: ") - 8
    message = WHOLE[:at] + put.replace(b"\r", b"").replace(b"\n", b"") + WHOLE[at + cut :]
    chain = chain_of(message)
    assert chain.state in ("none", "fail", "pass")
    if chain.state == "pass":
        # As where only blanks or the case of a name were touched; or others find the same.
        assert _squeezed(message) == _squeezed(WHOLE) or as_dkimpy_has_it(message) == "pass"


def _squeezed(message: bytes) -> bytes:
    return b"".join(message.split()).lower()
