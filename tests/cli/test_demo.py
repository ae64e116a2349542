"""The demo signs as a leader, issues as an agency, and leaves documents that others accept."""

from __future__ import annotations

import json

from tests import judges


def test_the_demo_leaves_an_issued_decision(desk):
    run = desk.run("demo", "--out-dir", "out", "--json")
    assert run.code == 0, run.err
    leader, issue, *letters = map(json.loads, run.out.splitlines())
    assert (leader["role"], issue["role"]) == ("leader", "issue")
    assert issue["number"] == "286/QĐ-UBND"
    assert issue["follows"] == leader["signer"]["name"]
    assert leader["warnings"] == ["revocation-not-checked"]
    assert issue["warnings"] == ["revocation-not-checked", "person-status-unknown"]
    verified = issue["verification"]
    assert verified["indication"] == "TOTAL_PASSED"
    assert [signature["role"] for signature in verified["signatures"]] == ["leader", *["issue"] * 4]
    assert {w for signature in verified["signatures"] for w in signature["warnings"]} == {"revocation-not-checked"}
    assert {letter["letter"]: (letter["reply"][:9], letter["arrived"]) for letter in letters} == {
        "signed": ("250 2.0.0", True),
        "unsigned": ("550 5.7.1", False),
        "altered": ("550 5.7.7", False),
        "held": ("250 2.0.0", True),
    }
    judges.assert_pdfsig_accepts(desk.folder / "out" / "quyet-dinh.signed.pdf", 5)
    assert desk.run("verify", "--trust", "out/ca.pem", "--offline", "-q", "out/quyet-dinh.signed.pdf").code == 0
