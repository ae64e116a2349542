"""Results are values: they compare, travel between processes, and are neither true nor false."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from gsign.errors import VerificationError
from gsign.result import (
    ChangesAfter,
    Coverage,
    Indication,
    Kind,
    Revocation,
    SignatureResult,
    SignerInfo,
    VerificationResult,
    plain,
    shown_day,
    shown_time,
)

_SIGNATURE = SignatureResult(
    field="Signature1",
    kind=Kind.SIGNATURE,
    indication=Indication.TOTAL_PASSED,
    sub_indication=None,
    intact=True,
    trusted=True,
    coverage=Coverage.WHOLE_FILE,
    changes_after=ChangesAfter.NONE,
    level=None,
    role=None,
    trust_domain="local",
    signer=SignerInfo(name="Nguyễn Thị Ánh Tuyết", not_after=datetime(2027, 1, 1, tzinfo=UTC)),
    claimed_time=None,
    proven_time=None,
    revocation=Revocation.GOOD,
)
_RESULTS = (
    VerificationResult("a.pdf", Indication.NO_SIGNATURE_FOUND),
    VerificationResult("b.pdf", Indication.TOTAL_PASSED, (_SIGNATURE,), facts={"signatures": [{"name": "x"}]}),
)


@pytest.mark.parametrize("result", _RESULTS)
def test_a_result_is_neither_true_nor_false(result: VerificationResult) -> None:
    with pytest.raises(TypeError, match="require"):
        bool(result)


@pytest.mark.parametrize("result", _RESULTS)
def test_a_result_arrives_as_it_was_sent(result: VerificationResult) -> None:
    for arrived in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert arrived == result
        assert type(arrived) is VerificationResult
        assert arrived.to_dict() == result.to_dict()


def test_results_without_facts_do_not_share_a_place_to_write_them_to() -> None:
    with pytest.raises(TypeError):
        _RESULTS[0].facts["seconds"] = 1  # type: ignore[index]
    assert VerificationResult(None, Indication.UNREADABLE).facts == {}


def test_facts_and_signers_are_written_by_name() -> None:
    told = json.loads(json.dumps({**_RESULTS[1].to_dict(), "facts": plain(_RESULTS[0].facts)}))
    assert told["signatures"][0]["signer"]["not_after"] == "2027-01-01T07:00:00+07:00"
    assert set(told["signatures"][0]) == set(SignatureResult._fields)
    assert told["facts"] == {}


def test_a_day_is_the_one_that_it_is_in_vietnam() -> None:
    late = datetime(2026, 1, 27, 17, 0, tzinfo=UTC)
    assert (shown_day(late), shown_time(late)) == ("2026-01-28", "2026-01-28 00:00:00+07:00")
    assert shown_day(late - timedelta(seconds=1)) == "2026-01-27"


def test_what_was_not_passed_is_said_with_its_reasons_or_without() -> None:
    unsigned = VerificationResult("a.pdf", Indication.NO_SIGNATURE_FOUND)
    with pytest.raises(VerificationError) as caught:
        unsigned.require()
    assert caught.value.sentence("en") == "a.pdf: NO_SIGNATURE_FOUND"
    failed = VerificationResult("a.pdf", Indication.TOTAL_FAILED, reasons=("no-chain-to-anchor",))
    with pytest.raises(VerificationError) as caught:
        failed.require()
    assert caught.value.sentence("en").startswith("a.pdf: TOTAL_FAILED (")
    assert caught.value.sentence("en").endswith("[no-chain-to-anchor])")
    assert caught.value.facts["reasons"] == "no-chain-to-anchor"
