"""Paths by RFC 5280 6.1, each verdict also asked of `openssl verify`."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type as name_type
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gsign.trust.store import TrustStore, Usage
from tests.pki import Pki
from tests.unit.trust_authorities import DAY, NOW, Holder, issue, key, name, root

NO_CHAIN = "NO_CERTIFICATE_CHAIN_FOUND"
BROKEN = "CHAIN_CONSTRAINTS_FAILURE"


def verdict(
    leaf: Holder, others: list[Holder], anchors: list[Holder], **changes: object
) -> tuple[str | None, tuple[str, ...]]:
    store = TrustStore([a.der for a in anchors])
    chain = store.find_chain(leaf.der, [o.der for o in others], NOW, **changes)  # type: ignore[arg-type]
    assert chain.is_trusted == (chain.sub_indication is None)
    return chain.sub_indication, chain.reasons


def openssl_accepts(folder: Path, leaf: Holder, others: list[Holder], anchors: list[Holder]) -> bool:
    for label, holders in (("leaf", [leaf]), ("others", others), ("anchors", anchors)):
        (folder / f"{label}.pem").write_bytes(b"".join(h.pem for h in holders) or b"\n")
    command = ["openssl", "verify", "-attime", str(int(NOW.timestamp())), "-no-CApath", "-no-CAstore", "-CAfile"]
    command += [str(folder / "anchors.pem")]
    command += ["-untrusted", str(folder / "others.pem")] if others else []
    done = subprocess.run([*command, str(folder / "leaf.pem")], capture_output=True, check=False, timeout=60)
    return done.returncode == 0


Made = tuple[Holder, list[Holder], list[Holder]]


def three_levels(**intermediate: object) -> Made:
    top = root()
    between = issue("Trung gian", top, **{"ca": True, **intermediate})  # type: ignore[arg-type]
    return issue("Người ký", between, ca=False), [between], [top]


def good() -> Made:
    return three_levels()


def good_without_key_ids() -> Made:
    top = root(key_ids=False)
    between = issue("Trung gian", top, ca=True, key_ids=False)
    return issue("Người ký", between, key_ids=False), [between], [top]


def not_a_ca() -> Made:
    return three_levels(ca=False, usages=("digital_signature", "key_cert_sign"))


def without_basic_constraints() -> Made:
    return three_levels(ca=None, usages=("key_cert_sign",))


def may_not_sign_certificates() -> Made:
    return three_levels(usages=("digital_signature", "crl_sign"))


def path_length_zero_below() -> Made:
    top = root()
    first = issue("Một", top, ca=True, path_length=0)
    second = issue("Hai", first, ca=True)
    return issue("Người ký", second), [second, first], [top]


def path_length_of_root() -> Made:
    top = root(path_length=0)
    between = issue("Trung gian", top, ca=True)
    return issue("Người ký", between), [between], [top]


def path_length_widened_below() -> Made:
    # What one authority allows to another, that one cannot allow itself.
    top = root(path_length=1)
    first = issue("Một", top, ca=True, path_length=5)
    second = issue("Hai", first, ca=True)
    return issue("Người ký", second), [second, first], [top]


def path_length_enough() -> Made:
    top = root(path_length=2)
    first = issue("Một", top, ca=True, path_length=1)
    second = issue("Hai", first, ca=True, path_length=0)
    return issue("Người ký", second), [second, first], [top]


def path_length_spares_self_issued() -> Made:
    # A new key under the same name, signed by the old one, does not use up the path length.
    top = root()
    old = issue("Trung gian", top, ca=True, path_length=0)
    new = issue("Trung gian", old, ca=True)
    return issue("Người ký", new), [new, old], [top]


def unknown_critical_in_leaf() -> Made:
    _leaf, others, anchors = good()
    odd = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.9"), b"\x05\x00"), True)
    between = others[0]
    return issue("Người ký", between, extensions=(odd,)), others, anchors


def unknown_critical_in_ca() -> Made:
    odd = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.9"), b"\x05\x00"), True)
    return three_levels(extensions=(odd,))


def unknown_uncritical() -> Made:
    odd = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.9"), b"\x05\x00"), False)
    return three_levels(extensions=(odd,))


def constrained(
    leaf_name: x509.Name, *mailboxes: str, permitted: list[x509.GeneralName], excluded: list[x509.GeneralName]
) -> Made:
    top = root()
    constraints = x509.NameConstraints(permitted or None, excluded or None)
    between = issue("Trung gian", top, ca=True, extensions=((constraints, True),))
    names = ((x509.SubjectAlternativeName([x509.RFC822Name(m) for m in mailboxes]), False),) if mailboxes else ()
    return issue(leaf_name, between, extensions=names), [between], [top]


PROVINCE = x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "UBND tỉnh Hưng Yên")]))


def directory_permitted() -> Made:
    return constrained(name("A", ORGANIZATION_NAME="UBND tỉnh Hưng Yên"), permitted=[PROVINCE], excluded=[])


def directory_not_permitted() -> Made:
    return constrained(name("A", ORGANIZATION_NAME="UBND tỉnh khác"), permitted=[PROVINCE], excluded=[])


def directory_excluded() -> Made:
    return constrained(name("A", ORGANIZATION_NAME="UBND tỉnh Hưng Yên"), permitted=[], excluded=[PROVINCE])


def mailbox_permitted() -> Made:
    return constrained(name("A"), "a@hungyen.gov.vn", permitted=[x509.RFC822Name("hungyen.gov.vn")], excluded=[])


def mailbox_not_permitted() -> Made:
    return constrained(name("A"), "a@gmail.com", permitted=[x509.RFC822Name("hungyen.gov.vn")], excluded=[])


def one_mailbox_of_two_not_permitted() -> Made:
    permitted: list[x509.GeneralName] = [x509.RFC822Name("hungyen.gov.vn")]
    return constrained(name("A"), "a@hungyen.gov.vn", "a@gmail.com", permitted=permitted, excluded=[])


def address_of_a_kind_that_is_not_compared() -> Made:
    # Written as a mailbox of the domain is, and yet none.
    top = root()
    constraints = x509.NameConstraints([x509.UniformResourceIdentifier("hungyen.gov.vn")], None)
    between = issue("Trung gian", top, ca=True, extensions=((constraints, True),))
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier("a@hungyen.gov.vn")])
    return issue("A", between, extensions=((names, False),)), [between], [top]


def mailbox_below_excluded_domain() -> Made:
    return constrained(name("A"), "a@so.hungyen.gov.vn", permitted=[], excluded=[x509.RFC822Name(".hungyen.gov.vn")])


def host(of: str, *, permitted: str | None = None, excluded: str | None = None) -> Callable[[], Made]:
    def made() -> Made:
        top = root()
        bases = [None if base is None else [x509.DNSName(base)] for base in (permitted, excluded)]
        between = issue("Trung gian", top, ca=True, extensions=((x509.NameConstraints(*bases), True),))
        names = x509.SubjectAlternativeName([x509.DNSName(of)])
        return issue("A", between, extensions=((names, False),)), [between], [top]

    made.__name__ = f"host_{of}_permitted_{permitted}_excluded_{excluded}"
    return made


def expired_leaf() -> Made:
    _leaf, others, anchors = good()
    return issue("Người ký", others[0], end=NOW - DAY), others, anchors


def expired_intermediate() -> Made:
    return three_levels(end=NOW - DAY)


def expired_root() -> Made:
    top = root(end=NOW - DAY)
    return issue("Người ký", top), [], [top]


def early_leaf() -> Made:
    _leaf, others, anchors = good()
    return issue("Người ký", others[0], start=NOW + DAY), others, anchors


def intermediate_missing() -> Made:
    leaf, _, anchors = good()
    return leaf, [], anchors


def impostor_of_root() -> Made:
    leaf, others, _ = good()
    return leaf, others, [root()]


def impostor_brings_his_root() -> Made:
    # The document carries the whole forged path, root included; only the name is the true anchor's.
    leaf, others, anchors = good()
    return leaf, [*others, *anchors], [root()]


def altered_signature() -> Made:
    top = root()
    stranger = root()
    return Holder(issue("Người ký", stranger).certificate, key()), [], [top]


def loop() -> Made:
    one, two = key(), key()
    first = issue("Một", None, ca=True, private_key=one)
    second = issue("Hai", first, ca=True, private_key=two)
    back = issue("Một", second, ca=True, private_key=one)
    return issue("Người ký", back), [back, second], [root()]


def new_key_old_name() -> Made:
    top = root()
    old, new = issue("Trung gian", top, ca=True), issue("Trung gian", top, ca=True)
    return issue("Người ký", new), [old, new], [top]


def one_of_two_paths_is_expired() -> Made:
    shared = key()
    top = root()
    stale = issue("Trung gian", top, ca=True, private_key=shared, end=NOW - DAY)
    fresh = issue("Trung gian", top, ca=True, private_key=shared)
    return issue("Người ký", stale), [stale, fresh], [top]


CASES: list[tuple[Callable[[], Made], str | None, tuple[str, ...]]] = [
    (good, None, ()),
    (good_without_key_ids, None, ()),
    (not_a_ca, BROKEN, ("issuer-not-a-ca",)),
    (without_basic_constraints, BROKEN, ("issuer-not-a-ca",)),
    (may_not_sign_certificates, BROKEN, ("issuer-may-not-sign-certificates",)),
    (path_length_zero_below, BROKEN, ("path-too-long",)),
    (path_length_of_root, BROKEN, ("path-too-long",)),
    (path_length_widened_below, BROKEN, ("path-too-long",)),
    (path_length_enough, None, ()),
    (path_length_spares_self_issued, None, ()),
    (unknown_critical_in_leaf, BROKEN, ("unknown-critical-extension",)),
    (unknown_critical_in_ca, BROKEN, ("unknown-critical-extension",)),
    (unknown_uncritical, None, ()),
    (directory_permitted, None, ()),
    (directory_not_permitted, BROKEN, ("name-not-permitted",)),
    (directory_excluded, BROKEN, ("name-not-permitted",)),
    (mailbox_permitted, None, ()),
    (address_of_a_kind_that_is_not_compared, BROKEN, ("name-not-permitted",)),
    (mailbox_not_permitted, BROKEN, ("name-not-permitted",)),
    (one_mailbox_of_two_not_permitted, BROKEN, ("name-not-permitted",)),
    (mailbox_below_excluded_domain, BROKEN, ("name-not-permitted",)),
    (host("so.hungyen.gov.vn", permitted="hungyen.gov.vn"), None, ()),
    (host("xhungyen.gov.vn", permitted="hungyen.gov.vn"), BROKEN, ("name-not-permitted",)),
    (host("SO.hungyen.gov.vn", excluded="hungyen.gov.vn"), BROKEN, ("name-not-permitted",)),
    # Nothing at the end of a name: every name is within (RFC 5280 clause 4.2.1.10).
    (host("hungyen.gov.vn", permitted=""), None, ()),
    (host("hungyen.gov.vn", excluded=""), BROKEN, ("name-not-permitted",)),
    (expired_leaf, "EXPIRED", ("certificate-expired",)),
    (expired_intermediate, "EXPIRED", ("issuer-certificate-expired",)),
    (expired_root, "EXPIRED", ("anchor-expired",)),
    (early_leaf, "NOT_YET_VALID", ("certificate-not-yet-valid",)),
    (intermediate_missing, NO_CHAIN, ("no-chain-to-anchor",)),
    (impostor_of_root, NO_CHAIN, ("no-chain-to-anchor",)),
    (impostor_brings_his_root, NO_CHAIN, ("no-chain-to-anchor",)),
    (altered_signature, NO_CHAIN, ("no-chain-to-anchor",)),
    (loop, NO_CHAIN, ("no-chain-to-anchor",)),
    (new_key_old_name, None, ()),
    (one_of_two_paths_is_expired, None, ()),
]


@pytest.mark.parametrize("make, sub, reasons", CASES, ids=[c[0].__name__ for c in CASES])
def test_a_path_is_judged_as_openssl_judges_it(
    make: Callable[[], Made], sub: str | None, reasons: tuple[str, ...], tmp_path: Path
) -> None:
    leaf, others, anchors = make()
    assert verdict(leaf, others, anchors) == (sub, reasons)
    assert openssl_accepts(tmp_path, leaf, others, anchors) == (sub is None)


@pytest.mark.parametrize(
    "usages, extended, usage, reasons",
    [
        (("digital_signature",), (), Usage.SIGNATURE, ()),
        (("content_commitment",), (), Usage.SIGNATURE, ()),
        ((), (), Usage.SIGNATURE, ()),
        (("key_encipherment",), (), Usage.SIGNATURE, ("wrong-key-usage",)),
        (("key_encipherment",), (), None, ()),
        (("digital_signature",), ("1.3.6.1.5.5.7.3.1",), Usage.SIGNATURE, ("wrong-extended-key-usage",)),
        (("digital_signature",), ("1.3.6.1.5.5.7.3.8",), Usage.SIGNATURE, ("wrong-extended-key-usage",)),
        (("digital_signature",), ("1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4"), Usage.SIGNATURE, ()),
        (("digital_signature",), (), Usage.TIMESTAMP, ("not-a-timestamp-certificate",)),
        (("digital_signature",), ("1.3.6.1.5.5.7.3.8",), Usage.TIMESTAMP, ()),
        (
            ("digital_signature",),
            ("1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.4"),
            Usage.TIMESTAMP,
            ("not-a-timestamp-certificate",),
        ),
    ],
)
def test_a_leaf_must_be_allowed_to_do_what_it_did(
    usages: tuple[str, ...], extended: tuple[str, ...], usage: Usage | None, reasons: tuple[str, ...]
) -> None:
    top = root()
    purposes = x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in extended]) if extended else None
    leaf = issue("Người ký", top, usages=usages, extensions=((purposes, True),) if purposes else ())
    assert verdict(leaf, [], [top], usage=usage) == (BROKEN if reasons else None, reasons)


@pytest.mark.parametrize("order", [1, -1])
def test_every_issuer_of_a_name_is_tried(order: int) -> None:
    # Two authorities certify the same name and key, and only one of them leads to an anchor. (OpenSSL gives up after
    # the first, so it is not asked.)
    shared = key()
    trusted, unknown = root("Gốc tin cậy"), root("Gốc lạ")
    by_unknown = issue("Trung gian", unknown, ca=True, private_key=shared)
    by_trusted = issue("Trung gian", trusted, ca=True, private_key=shared)
    leaf = issue("Người ký", by_unknown)
    assert verdict(leaf, [by_unknown, by_trusted, unknown][::order], [trusted]) == (None, ())


def test_a_timestamp_usage_that_is_not_critical_does_not_count() -> None:
    top = root()
    purposes = x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.8")])
    leaf = issue("TSA", top, extensions=((purposes, False),))
    assert verdict(leaf, [], [top], usage=Usage.TIMESTAMP) == (BROKEN, ("not-a-timestamp-certificate",))


def test_a_certificate_that_is_an_anchor_itself_needs_no_issuer() -> None:
    alone = issue("Người ký tự cấp", ca=False)
    assert verdict(alone, [], [alone]) == (None, ())
    # Another certificate of the same name does not inherit that.
    assert verdict(issue("Người ký tự cấp", ca=False), [], [alone])[0] == NO_CHAIN


def test_an_anchor_that_is_no_authority_issues_nothing() -> None:
    alone = issue("Người ký tự cấp", ca=False)
    assert verdict(issue("Người khác", alone), [], [alone]) == (BROKEN, ("issuer-not-a-ca",))


def test_a_path_prefers_its_root_to_an_intermediate_that_was_added_too() -> None:
    leaf, (between,), (top,) = good()
    chain = TrustStore([between.der, top.der]).find_chain(leaf.der, [], NOW)
    assert chain.certificates == (leaf.der, between.der)
    assert chain.anchor is not None
    assert chain.anchor.certificate == top.der
    # Alone, the intermediate is an anchor as the user said.
    assert TrustStore([between.der]).find_chain(leaf.der, [], NOW).certificates == (leaf.der,)


def test_a_name_written_in_another_string_type_and_case_is_the_same_name() -> None:
    top = root("Goc")
    printable = name_type.PrintableString
    upper = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "GOC ", printable)])
    same_key = issue(upper, None, ca=True, private_key=top.key)
    assert verdict(issue("Người ký", same_key), [], [top]) == (None, ())


def test_thousands_of_certificates_of_one_name_cost_a_bounded_search() -> None:
    top = root()
    shared = key()
    crowd = [issue("Trung gian", root("Lạ"), ca=True, private_key=shared) for _ in range(30)]
    for _ in range(3):
        crowd += [issue("Trung gian", crowd[0], ca=True) for _ in range(30)]
    leaf = issue("Người ký", crowd[0])
    assert verdict(leaf, crowd, [top]) == (NO_CHAIN, ("no-chain-to-anchor",))


def test_sha1_counts_only_while_nobody_could_forge_it(pki: Pki) -> None:
    old = pki.leaf(variant="sha1", from_day=-5000, to_day=5000)
    store = TrustStore([pki.intermediate.identity.der])
    now = store.find_chain(old.der, [], dt.datetime.now(dt.UTC))
    assert (now.sub_indication, now.reasons) == ("CRYPTO_CONSTRAINTS_FAILURE", ("certificate-algorithm-weak",))
    then = store.find_chain(old.der, [], dt.datetime(2023, 12, 31, tzinfo=dt.UTC))
    assert then.is_trusted
    assert then.warnings == ("legacy-algorithm",)


def test_all_reasons_are_told_and_the_gravest_names_the_sub_indication() -> None:
    top = root()
    leaf = issue("Người ký", top, usages=("key_encipherment",), end=NOW - DAY)
    assert verdict(leaf, [], [top]) == (BROKEN, ("wrong-key-usage", "certificate-expired"))


def test_a_chain_is_no_boolean() -> None:
    leaf, others, anchors = good()
    chain = TrustStore([a.der for a in anchors]).find_chain(leaf.der, [o.der for o in others], NOW)
    with pytest.raises(TypeError, match="is_trusted"):
        bool(chain)


@pytest.mark.parametrize(
    "purposes, trusted",
    [
        ((ExtendedKeyUsageOID.SERVER_AUTH,), False),
        ((ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.TIME_STAMPING), False),
        ((ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION), True),
        ((), True),
    ],
)
def test_an_authority_for_servers_alone_certifies_no_signers(purposes, trusted):
    extensions = ((x509.ExtendedKeyUsage(list(purposes)), False),) if purposes else ()
    top = root("Root")
    between = issue("Between", top, ca=True, extensions=extensions)
    leaf = issue("Leaf", between)
    chain = TrustStore([top.der]).find_chain(leaf.der, [between.der], NOW)
    assert chain.is_trusted is trusted
    assert chain.reasons == (() if trusted else ("wrong-extended-key-usage",))
