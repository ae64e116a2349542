"""Reasons that a verdict takes from the certificates, and whose they are."""

from __future__ import annotations

import datetime as dt

import gsign.pdf
from gsign.result import Indication
from gsign.syntax.source import BytesSource
from gsign.trust.anchors import anchor_of
from gsign.trust.store import TrustStore
from gsign.verification.verdict import verify_document
from tests.corpus import Kit
from tests.documents import Library
from tests.pki import Pki


def test_what_is_wrong_with_a_timestamp_is_not_said_of_the_signer(pki: Pki, documents: Library) -> None:
    signed = gsign.pdf.augment(
        Kit(pki, documents).signed(), level="B-T", tsa=pki.tsa_url, trust=[pki.root_file], revocation="off"
    )
    only_signer = TrustStore([], [anchor_of(pki.intermediate.identity.der)._replace(certificate=None, identifier="x")])
    signer, stamp = verify_document(BytesSource(signed), trust=only_signer).signatures
    assert (signer.indication, signer.proven_time, signer.reasons) == (Indication.TOTAL_PASSED, None, ())
    assert (stamp.indication, stamp.reasons) == (Indication.INDETERMINATE, ("no-chain-to-anchor",))
    assert {"timestamp-not-trusted", "timestamp-no-chain-to-anchor"} <= set(stamp.warnings)


def test_a_time_that_was_asked_for_makes_no_algorithm_safer(pki: Pki, documents: Library) -> None:
    kit = Kit(pki, documents)
    who = pki.leaf(variant="sha1", from_day=-5000, to_day=5000)
    data = kit.custom(kit.plain(), lambda digest: kit.contents(digest, who))
    long_ago = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    anchor = anchor_of(pki.intermediate.identity.der)._replace(not_before=long_ago, certificate=None, identifier="x")
    store = TrustStore([], [anchor])
    then = dt.datetime(2020, 6, 1, tzinfo=dt.UTC)
    (asked,) = verify_document(BytesSource(data), trust=store, at=then).signatures
    assert (asked.indication, asked.sub_indication) == (Indication.INDETERMINATE, "CRYPTO_CONSTRAINTS_FAILURE")
    assert "certificate-algorithm-weak" in asked.reasons
