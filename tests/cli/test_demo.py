"""The demo signs as a leader, issues as an agency, and leaves documents that others accept."""

from __future__ import annotations

import json

from tests import judges


def test_the_demo_leaves_an_issued_decision(desk):
    run = desk.run("demo", "--out-dir", "out", "--json")
    assert run.code == 0, run.err
    leader, issue, *letters, filed = map(json.loads, run.out.splitlines())
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
    ledger = ("--ledger", filed["ledger"])
    assert desk.run("audit", "verify", *ledger).code == 0
    page = (desk.folder / filed["report"]).read_text(encoding="utf-8")
    assert "UBND HUYỆN BÌNH MINH" in page
    period = json.loads(desk.run("audit", "log", *ledger, "--json").out.splitlines()[0])["time"][:7]
    report = json.loads(desk.run("audit", "report", *ledger, "--period", period, "--format", "json").out)
    rows = {row["agency"]: row for row in report["rows"]}
    sender, recipient = rows["ỦY BAN NHÂN DÂN TỈNH AN HÒA"], rows["UBND HUYỆN BÌNH MINH"]
    assert (sender["sent"], sender["sent_valid"], sender["mail_sent_signed"], sender["refused"]) == (1, 1, 1, 2)
    # The letter that was held came without a document.
    assert (recipient["received"], recipient["mail_received"], recipient["held"], recipient["released"]) == (1, 2, 1, 1)
    assert report["total"]["officials_using_signed_mail"] == 1
    assert {served["act"] for served in report["services"]} >= {"sign", "verify-document"}
