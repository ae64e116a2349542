"""No way of hiding a document gets past a policy that wants every document signed, and no plain mail is refused by it.

One judge looks at all ways in one test: what is asserted is the count of those missed, with their names.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gsign.config import Policy, Rule
from gsign.isolation.pool import Settings, VerifierPool
from gsign.mail.agencies import Directory
from gsign.mail.inspection import inspect
from gsign.mail.policy import Action, Decision, Facts, decide
from gsign.mail.remembering import Remembering
from gsign.result import Indication, MailResult, Smime
from tests.documents import Library
from tests.hiding import WAYS
from tests.hiding.letters import LETTERS
from tests.pki import Pki

RULE = Rule(name="official mail", from_=("*",), to=("*",), require=("every-pdf-signed",), otherwise="reject", then=())
POLICY = Policy(default="reject", rule=(RULE,))
TWICE_CODED = {"plain-but-base64", "data-uri-percent-in-base64"}
"""Whoever opens what is called a document finds its code, or half of it: refused even where the document is signed."""
NOTED = TWICE_CODED | {"zip-nested", "zip-embedded"}
"""What holds the document is refused as unreadable or ambiguous too, which tells its sender more."""
UNSIGNED = MailResult(None, Indication.NO_SIGNATURE_FOUND, Smime.NONE)


@pytest.fixture(scope="module")
def judge(session_pki: Pki) -> Iterator[Remembering]:
    trust = (session_pki.root_file, session_pki.intermediate_file)
    with VerifierPool(Settings(trust=trust, offline=True)) as pool:
        yield Remembering(pool)


def decided(message: bytes, judge: Remembering) -> Decision:
    inspection = inspect(message, judge)
    return decide(POLICY, Facts("an@hungyen.gov.vn", ("b@hanoi.gov.vn",), inspection, UNSIGNED, Directory(())))


def test_every_hidden_document_is_refused_by_its_code(judge: Remembering, documents: Library) -> None:
    unsigned = documents["one-page"].data
    refused = {name: decided(way.make(unsigned), judge) for name, way in WAYS.items()}
    assert len(refused) >= 150
    assert [name for name, decision in refused.items() if decision.action is not Action.REJECT] == []
    # Whatever readers differ about is said to be that, and what is plainly there is plainly not signed.
    odd = {name: decision.enhanced for name, decision in refused.items() if not WAYS[name].is_plain}
    assert {name: code for name, code in odd.items() if code != "5.6.0"} == {}
    plain = {name: decision for name, decision in refused.items() if WAYS[name].is_plain and WAYS[name].exact}
    assert [name for name, decision in plain.items() if "pdf-not-signed" not in {r.id for r in decision.reasons}] == []
    assert {name: d.enhanced for name, d in plain.items() if d.enhanced != "5.7.1" and name not in NOTED} == {}


def test_a_document_altered_and_sent_plainly_is_refused_by_its_code(judge: Remembering, documents: Library) -> None:
    signed = documents["signed-once"].data
    at = signed.index(b"/MediaBox") + 1
    altered = signed[:at] + b"m" + signed[at + 1 :]
    ways = {name: way for name, way in WAYS.items() if way.is_plain and way.exact}
    refused = {name: decided(way.make(altered), judge) for name, way in ways.items()}
    assert [name for name, decision in refused.items() if decision.action is not Action.REJECT] == []
    assert {name: d.enhanced for name, d in refused.items() if d.enhanced != "5.7.7" and name not in NOTED} == {}


def test_no_twin_is_refused(judge: Remembering, documents: Library) -> None:
    signed = documents["signed-once"].data
    twins = {name: way.make for name, way in WAYS.items() if way.is_plain and way.exact and way.carries}
    twins = {name: make for name, make in twins.items() if name not in TWICE_CODED}
    twins |= {name: letter.make for name, letter in LETTERS.items()}
    assert len(twins) >= 50
    decisions = {name: decided(make(signed), judge) for name, make in twins.items()}
    assert {name: d.reasons for name, d in decisions.items() if d.action is not Action.PASS} == {}
