"""No forged message passes, and no genuine one is refused."""

from __future__ import annotations

import pytest

from gsign import smime
from gsign.mail.facts import SmimeKind
from gsign.mail.message import smime_kind
from gsign.mime import canonical_lines, read
from gsign.sentences import _reason
from gsign.trust.revocation import RevocationClient
from gsign.trust.store import TrustStore
from tests.mailcorpus import INVALID, VALID


def judge(kit, case):
    store = TrustStore.load(kit.pki.root_file, pinned=False)
    client = RevocationClient(case.revocation, timeout=5)
    return smime.verify(case.make(kit), trust=store, revocation=client)


def has_words(codes):
    return all(_reason(code).en != code and _reason(code).vi != code for code in codes)


@pytest.mark.parametrize("name", INVALID)
def test_invalid_message_never_passes(kit, name):
    case = INVALID[name]
    result = judge(kit, case)
    assert result.smime == case.smime, result
    assert case.reason is None or case.reason in result.reasons, result
    assert case.warning is None or case.warning in result.warnings, result
    assert bool(result.reasons) != (case.smime == "none"), result
    assert "internal-error" not in result.reasons
    assert has_words((*result.reasons, *result.warnings)), result


@pytest.mark.parametrize("name", VALID)
def test_genuine_message_passes(kit, name):
    case = VALID[name]
    result = judge(kit, case)
    assert result.smime == "pass", result
    assert result.intact
    assert result.trusted
    assert result.reasons == ()
    assert case.warning is None or case.warning in result.warnings, result
    assert has_words(result.warnings), result


@pytest.mark.parametrize("name", VALID)
def test_what_passes_is_found_to_be_signed_by_whoever_inspects_it(kit, name):
    """A relay verifies what its inspection takes for signed."""
    root = read(canonical_lines(VALID[name].make(kit)))
    assert smime_kind(root) in (SmimeKind.DETACHED, SmimeKind.OPAQUE)


def test_the_corpus_is_as_large_as_promised():
    assert len(INVALID) >= 60
    assert len(VALID) >= 30


@pytest.mark.parametrize(
    "name", ["detached", "opaque", "draft-header-protection", "old-header-protection", "agency-over-personal"]
)
def test_copies_of_the_header_are_found_in_every_form(kit, name):
    result = judge(kit, VALID[name])
    assert result.headers_protected
    assert "headers-not-protected" not in result.warnings
