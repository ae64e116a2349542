"""No forgery passes, and no genuine document is refused."""

from __future__ import annotations

import pytest

from gsign.errors import InputError
from gsign.result import Indication
from gsign.sentences.trust import REASONS as TRUST
from gsign.sentences.verification import REASONS
from gsign.syntax.source import BytesSource
from gsign.trust.revocation import RevocationClient
from gsign.trust.store import TrustStore
from gsign.verification.verdict import verify_document
from tests.corpus import FORGERIES, GENUINE, Kit


@pytest.fixture(scope="session")
def corpus_kit(session_pki, documents):
    return Kit(session_pki, documents)


@pytest.fixture
def kit(corpus_kit, pki):
    return corpus_kit


def judge(kit, case, data=None):
    store = TrustStore.load(kit.pki.root_file, pinned=False)
    client = RevocationClient("prefer", timeout=5)
    source = BytesSource(case.make(kit) if data is None else data)
    return verify_document(source, trust=store, revocation=client, password=case.password)


def reasons_of(result):
    return {*result.reasons, *(r for s in result.signatures for r in s.reasons)}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgery_never_passes(kit, name):
    case = FORGERIES[name]
    result = judge(kit, case)
    assert result.indication is case.indication, (result.indication, reasons_of(result))
    assert case.reason is None or case.reason in reasons_of(result), reasons_of(result)
    assert "internal-error" not in reasons_of(result)
    # Whatever is found is said in words.
    assert reasons_of(result) <= REASONS.keys() | TRUST.keys()


@pytest.mark.parametrize("name", GENUINE)
def test_genuine_document_passes(kit, name):
    case = GENUINE[name]
    result = judge(kit, case)
    facts = [(s.field, s.indication, s.reasons) for s in result.signatures]
    assert result.indication is Indication.TOTAL_PASSED, (result.reasons, facts, result.facts)
    assert len(result.signatures) == case.signatures
    warnings = {w for s in result.signatures for w in s.warnings}
    assert case.warning is None or case.warning in warnings, warnings
    assert warnings <= REASONS.keys() | TRUST.keys()


def test_the_corpus_is_as_large_as_promised():
    assert len(FORGERIES) >= 80
    assert len(GENUINE) >= 40


@pytest.mark.parametrize("name", ["object-hidden", "object-hidden-in-container", "dangling-appearance", "page-covered"])
def test_what_would_break_the_first_signature_is_not_signed(kit, name, monkeypatch):
    monkeypatch.setattr(Kit, "sign_blindly", Kit.sign)
    with pytest.raises(InputError) as refused:
        FORGERIES[name].make(kit)
    assert refused.value.code == "earlier-signature-would-break"
    assert FORGERIES[name].reason in str(refused.value)


def test_what_programs_read_in_two_ways_is_not_signed(kit, monkeypatch):
    monkeypatch.setattr(Kit, "sign_blindly", Kit.sign)
    with pytest.raises(InputError) as refused:
        FORGERIES["encrypted-by-older-trailer"].make(kit)
    assert refused.value.code == "input-ambiguous"
    assert "encryption-contradicts" in str(refused.value)
