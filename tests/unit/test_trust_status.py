"""What OCSP responses and revocation lists say, and whom they count for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp as made_ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from gsign.result import Revocation
from gsign.trust import crl, ocsp
from gsign.trust.chain import Link
from gsign.trust.store import TrustStore
from tests.unit.trust_authorities import DAY, NOW, Holder, issue, key, root

# ------------------------------------------------------------------------------------------ OCSP, piece by piece


def respond(
    about: Holder,
    issuer: Holder,
    signer: Holder,
    *,
    this_update: dt.datetime = NOW,
    next_update: dt.datetime | None = NOW + DAY,
    revoked_at: dt.datetime | None = None,
    carried: tuple[Holder, ...] = (),
    digest: hashes.HashAlgorithm | None = None,
    named: Holder | None = None,
    extension: x509.ExtensionType | None = None,
) -> bytes:
    status = made_ocsp.OCSPCertStatus.REVOKED if revoked_at else made_ocsp.OCSPCertStatus.GOOD
    builder = made_ocsp.OCSPResponseBuilder().add_response(
        about.certificate,
        issuer.certificate,
        digest or hashes.SHA1(),
        status,
        this_update,
        next_update,
        revoked_at,
        None,
    )
    builder = builder.responder_id(made_ocsp.OCSPResponderEncoding.NAME, (named or signer).certificate)
    if extension:
        builder = builder.add_extension(extension, critical=True)
    if carried:
        builder = builder.certificates([holder.certificate for holder in carried])
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def link(about: Holder, issuer: Holder) -> Link:
    chain = TrustStore([issuer.der]).find_chain(about.der, [], NOW, None)
    (found,) = chain.links()
    return found


def responder(issuer: Holder, *, purposes: tuple[x509.ObjectIdentifier, ...] | None = None, **changes: Any) -> Holder:
    oids = (ExtendedKeyUsageOID.OCSP_SIGNING,) if purposes is None else purposes
    extensions = ((x509.ExtendedKeyUsage(oids), False),) if oids else ()
    # `cryptography` writes the present into producedAt, so the validity must hold whenever this runs.
    wide = {"start": dt.datetime(2000, 1, 1, tzinfo=dt.UTC), "end": dt.datetime(2090, 1, 1, tzinfo=dt.UTC)}
    return issue("OCSP", issuer, extensions=extensions, **{"usages": ("digital_signature",), **wide, **changes})


@pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA256()])
def test_an_authority_may_answer_itself(digest: hashes.HashAlgorithm) -> None:
    top = root()
    leaf = issue("A", top)
    evidence = ocsp.read_evidence(respond(leaf, top, top, digest=digest), link(leaf, top))
    assert (evidence.status, evidence.responder) == (Revocation.GOOD, None)


def test_an_authority_may_delegate() -> None:
    top = root()
    leaf, delegate = issue("A", top), responder(top)
    evidence = ocsp.read_evidence(respond(leaf, top, delegate, carried=(delegate,)), link(leaf, top))
    assert (evidence.status, evidence.responder) == (Revocation.GOOD, delegate.der)


def a_plain_certificate(top: Holder) -> Holder:
    return responder(top, purposes=())


def for_something_else(top: Holder) -> Holder:
    return responder(top, purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))


def delegated_by_a_namesake(_: Holder) -> Holder:
    return responder(root())


def expired_delegate(top: Holder) -> Holder:
    return responder(top, end=dt.datetime(2001, 1, 1, tzinfo=dt.UTC))


def may_not_sign(top: Holder) -> Holder:
    return responder(top, usages=("key_encipherment",))


def delegated_below(top: Holder) -> Holder:
    return responder(issue("Trung gian", top, ca=True))


@pytest.mark.parametrize(
    "delegate",
    [
        a_plain_certificate, for_something_else, delegated_by_a_namesake, expired_delegate, may_not_sign,
        delegated_below,
    ],
)  # fmt: skip
def test_nobody_else_may_answer(delegate: Callable[[Holder], Holder]) -> None:
    top = root()
    leaf, signer = issue("A", top), delegate(top)
    with pytest.raises(ocsp.OcspError, match=r"^signature-not-the-issuers$"):
        ocsp.read_evidence(respond(leaf, top, signer, carried=(signer,)), link(leaf, top))


def test_an_answer_in_anothers_name_is_nobodys() -> None:
    top = root()
    leaf, signer = issue("A", top), responder(top)
    answer = respond(leaf, top, signer, carried=(signer,), named=issue("Another", top, private_key=signer.key))
    with pytest.raises(ocsp.OcspError, match=r"^signature-not-the-issuers$"):
        ocsp.read_evidence(answer, link(leaf, top))


def test_an_answer_with_a_condition_that_nobody_knows_says_nothing() -> None:
    top = root()
    leaf = issue("A", top)
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.9"), b"\x05\x00")
    with pytest.raises(ocsp.OcspError, match=r"^unknown-critical-extension$"):
        ocsp.read_evidence(respond(leaf, top, top, extension=odd), link(leaf, top))


def test_an_answer_signed_in_a_way_that_nobody_knows_says_nothing() -> None:
    top = root(private_key=ec.generate_private_key(ec.SECP256R1()))
    leaf = issue("A", top)
    answer, ecdsa = respond(leaf, top, top), bytes.fromhex("06082a8648ce3d040302")
    assert answer.count(ecdsa) == 1
    with pytest.raises(ocsp.OcspError, match=r"^algorithm-weak$"):
        ocsp.read_evidence(answer.replace(ecdsa, ecdsa[:-1] + b"\x7f"), link(leaf, top))


def test_an_answer_about_a_namesakes_certificate_is_none_about_ours() -> None:
    top, namesake = root(), root()
    leaf = issue("A", top)
    with pytest.raises(ocsp.OcspError, match=r"^another-certificate$"):
        ocsp.read_evidence(respond(leaf, namesake, top), link(leaf, top))


# ------------------------------------------------------------------------------------------ lists, piece by piece


def revocation_list(
    issuer: Holder,
    *extensions: tuple[x509.ExtensionType, bool],
    revoked: Holder | None = None,
    entry: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    signer: Holder | None = None,
    this_update: dt.datetime = NOW - DAY,
) -> bytes:
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, this_update, this_update + 7 * DAY)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    if revoked:
        made = x509.RevokedCertificateBuilder(revoked.certificate.serial_number, NOW - 2 * DAY)
        for value, critical in entry:
            made = made.add_extension(value, critical)
        builder = builder.add_revoked_certificate(made.build())
    return builder.sign((signer or issuer).key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def scope(**limits: Any) -> tuple[x509.ExtensionType, bool]:
    fields = {
        "full_name": None, "relative_name": None, "only_contains_user_certs": False, "only_contains_ca_certs": False,
        "only_some_reasons": None, "indirect_crl": False, "only_contains_attribute_certs": False,
    }  # fmt: skip
    return x509.IssuingDistributionPoint(**{**fields, **limits}), True


POINT = "http://ca.example/a.crl"
OTHER_POINT = "http://ca.example/b.crl"


def pointed(issuer: Holder) -> Holder:
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(POINT)], None, None, None)
    return issue("A", issuer, extensions=((x509.CRLDistributionPoints([point]), False),))


def at_point(url: str) -> tuple[x509.ExtensionType, bool]:
    return scope(full_name=[x509.UniformResourceIdentifier(url)])


@pytest.mark.parametrize(
    "extensions, refusal",
    [
        ((), None),
        ((scope(only_contains_user_certs=True),), None),
        ((scope(only_contains_ca_certs=True),), "certificate-not-included"),
        ((scope(indirect_crl=True),), "partial-list"),
        ((scope(only_contains_attribute_certs=True),), "partial-list"),
        ((scope(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})),), "partial-list"),
        ((at_point(POINT),), None),
        ((at_point(OTHER_POINT),), "certificate-not-included"),
        (((x509.DeltaCRLIndicator(1), True),), "delta-list"),
        (
            ((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),),
            "unknown-critical-extension",
        ),
        (((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False),), None),
    ],
)
def test_a_list_counts_for_what_it_is_about(
    extensions: tuple[tuple[x509.ExtensionType, bool], ...], refusal: str | None
) -> None:
    top = root()
    leaf = pointed(top)
    raw = revocation_list(top, *extensions)
    if refusal is None:
        assert crl.read_evidence(raw, link(leaf, top)).status is Revocation.GOOD
    else:
        with pytest.raises(crl.CrlError, match=f"^{refusal}$"):
            crl.read_evidence(raw, link(leaf, top))


def test_a_list_of_a_namesake_or_of_an_authority_without_the_right_is_none() -> None:
    top = root()
    leaf = issue("A", top)
    with pytest.raises(crl.CrlError, match=r"^signature-not-the-issuers$"):
        crl.read_evidence(revocation_list(top, signer=root()), link(leaf, top))
    with pytest.raises(crl.CrlError, match=r"^another-issuer$"):
        crl.read_evidence(revocation_list(root("Khác")), link(leaf, top))
    muted = root("Câm", usages=("key_cert_sign",))
    with pytest.raises(crl.CrlError, match=r"^issuer-may-not-sign-lists$"):
        crl.read_evidence(revocation_list(muted), link(issue("A", muted), muted))


def test_an_entry_counts_from_the_day_the_key_was_lost() -> None:
    top = root()
    leaf = issue("A", top)
    raw = revocation_list(top, revoked=leaf, entry=((x509.InvalidityDate(NOW - 9 * DAY), False),))
    evidence = crl.read_evidence(raw, link(leaf, top))
    assert evidence.revoked_at == NOW - 9 * DAY
    assert evidence.at(NOW - 8 * DAY, NOW + DAY, NOW) is Revocation.REVOKED
    assert evidence.at(NOW - 10 * DAY, NOW + DAY, NOW) is Revocation.GOOD


@pytest.mark.parametrize(
    "entry",
    [
        (x509.CertificateIssuer([x509.DNSName("ca.example")]), True),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),
        (x509.CRLReason(x509.ReasonFlags.remove_from_crl), False),
    ],
)
def test_an_entry_that_cannot_be_understood_makes_the_list_useless(entry: tuple[x509.ExtensionType, bool]) -> None:
    top = root()
    leaf = issue("A", top)
    with pytest.raises(crl.CrlError):
        crl.read_evidence(revocation_list(top, revoked=leaf, entry=(entry,)), link(leaf, top))


# ------------------------------------------------------------------------------------------ what a statement is worth


@pytest.mark.parametrize(
    "this_update, moment, status",
    [
        (NOW - DAY, NOW, Revocation.GOOD),  # covers the moment
        (NOW, NOW - DAY, Revocation.GOOD),  # made later: still good then
        (NOW - 8 * DAY, NOW, Revocation.UNKNOWN),  # ended before the moment
        (NOW + DAY, NOW, Revocation.UNKNOWN),  # from the future
    ],
)
def test_a_statement_counts_for_its_time(this_update: dt.datetime, moment: dt.datetime, status: Revocation) -> None:
    top = root()
    leaf = issue("A", top)
    evidence = crl.read_evidence(revocation_list(top, this_update=this_update), link(leaf, top))
    assert evidence.at(moment, NOW + 99 * DAY, NOW) is status


def test_a_list_made_after_the_certificate_expired_may_have_forgotten_it() -> None:
    top = root()
    leaf = issue("A", top, end=NOW - 2 * DAY)
    evidence = crl.read_evidence(revocation_list(top), link(leaf, top))
    assert evidence.at(NOW - 3 * DAY, NOW - 2 * DAY, NOW) is Revocation.UNKNOWN
    # expiredCertsOnCRL says that it has not.
    since = b"\x18\x0f20200101000000Z"
    kept = revocation_list(top, (x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.60"), since), False))
    evidence = crl.read_evidence(kept, link(leaf, top))
    assert evidence.at(NOW - 3 * DAY, NOW - 2 * DAY, NOW) is Revocation.GOOD


def test_octets_that_are_nothing_are_refused_without_a_traceback() -> None:
    top = root()
    leaf = issue("A", top, private_key=key())
    good_list, good_answer = revocation_list(top), respond(leaf, top, top)
    about = link(leaf, top)
    for cut in range(0, len(good_list), 7):
        with pytest.raises(crl.CrlError):
            crl.read_evidence(good_list[:cut], about)
    for cut in range(0, len(good_answer), 7):
        with pytest.raises(ocsp.OcspError):
            ocsp.read_evidence(good_answer[:cut], about)
