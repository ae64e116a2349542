"""The way of a dossier through an office, with keys on tokens: leader, issue with an annex, copy, arrival."""

from __future__ import annotations

import json

from tests import judges

_SIGN = ("sign", "--pin-file", "pin", "--trust", "ca.pem", "--offline", "--json", "-q")
_LEADER = ("--key", "pkcs11:token=LD")
_AGENCY = ("--key", "pkcs11:token=VT")


def test_a_dossier_from_leader_to_registry(desk):
    desk.staff()
    desk.document("one-page", "decision.pdf")
    desk.document("five-pages", "annex.pdf")
    done(desk, *_LEADER, "decision.pdf", "--as", "leader", "--image", "signature.png", "-o", "signed.pdf")
    issue = ("--as", "issue", "--number", "286", "--image", "seal.png", "--annex", "annex.pdf", "--out-dir", "out")
    main, annex = done(desk, *_AGENCY, "signed.pdf", *issue)
    (copy,) = done(desk, *_AGENCY, "out/signed.pdf", "--as", "copy", "-o", "copy.pdf")
    arrival = ("--as", "incoming", "--number", "77", "--date", "2026-02-24")
    (arrived,) = done(desk, *_AGENCY, "copy.pdf", *arrival, "-o", "arrived.pdf")
    assert [record["role"] for record in (main, annex, copy, arrived)] == ["issue", "annex", "copy", "incoming"]
    assert [part["shows"] for part in main["parts"]] == ["number", "day", "month", "seal"]
    assert main["number"] == annex["number"] == "286/QĐ-UBND"
    assert all(record["place"]["page"] == 1 for record in (main, annex, copy, arrived))
    assert all(record["warnings"] == ["revocation-not-checked"] for record in (copy, arrived))
    unknown = ["revocation-not-checked", "person-status-unknown"]
    assert main["warnings"] == annex["warnings"] == unknown
    run = desk.run("verify", "--trust", "ca.pem", "--offline", "--json", "arrived.pdf", "out/annex.pdf")
    assert run.code == 0, run.out
    verdicts = run.told()
    roles = [[signature["role"] for signature in verdict["signatures"]] for verdict in verdicts]
    assert roles == [["leader", "issue", "issue", "issue", "issue", "copy", "incoming"], ["annex"]]
    judges.assert_pdfsig_accepts(desk.folder / "arrived.pdf", 7)
    judges.assert_pdfsig_accepts(desk.folder / "out" / "annex.pdf", 1)


def test_a_preview_asks_for_no_pin_and_signs_nothing(desk):
    desk.staff()
    desk.document("one-page", "decision.pdf")
    before = desk.names()
    given = ("--as", "leader", "--image", "signature.png", "--preview", "place.png")
    run = desk.run("sign", *_LEADER, "decision.pdf", *given, "--json")
    assert run.code == 0, run.err
    told = json.loads(run.out)
    assert told["parts"][0]["shows"] == "leader"
    assert desk.names() - before == {"place.png"}
    # What is told can be handed over as it is.
    place = ",".join(str(told["parts"][0]["place"][name]) for name in ("page", "x", "y", "width", "height"))
    (record,) = done(desk, *_LEADER, "decision.pdf", *given[:4], "--at", place)
    assert record["place"] == told["parts"][0]["place"]


def done(desk, *arguments):
    """Run the program, and return its records, one for each file."""
    run = desk.run(*_SIGN, *arguments)
    assert run.code == 0, run.err
    return run.told()
