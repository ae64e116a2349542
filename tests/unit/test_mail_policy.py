"""What is decided on which facts: a table, without messages, keys or processes."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from gsign.config import Agency, Policy, Rule
from gsign.mail.agencies import Directory, matches
from gsign.mail.facts import Ambiguity, Document, Inspection, SmimeKind, Unreadable
from gsign.mail.policy import Action, Facts, decide, rule_for
from gsign.mime.addresses import Address
from gsign.result import (
    ChangesAfter,
    Coverage,
    Indication,
    Kind,
    MailResult,
    Revocation,
    SignatureResult,
    SignerInfo,
    Smime,
    VerificationResult,
)

OWN = SignerInfo(name="Trần Quốc Văn", email="tqvan@hungyen.gov.vn")
BY_NUMBER = SignerInfo(name="VĂN PHÒNG", email="vp@lgsp.noibo", identifiers=("MST:0102357802",))
FOREIGN = SignerInfo(name="Lê Văn Xa", email="lvxa@hanam.gov.vn")
AGENCY = Agency(
    name="UBND tỉnh Hưng Yên",
    domains=("hungyen.gov.vn", "*.hungyen.gov.vn"),
    certificate_emails=("*@lgsp.hungyen",),
    identifiers=("MST:0102357802",),
)
OTHER = Agency(name="UBND tỉnh Hà Nam", domains=("hanam.gov.vn",))
SENDER = "an@hungyen.gov.vn"


def signature(
    indication: Indication = Indication.TOTAL_PASSED, signer: SignerInfo = OWN, sub: str | None = None, *reasons: str
) -> SignatureResult:
    return SignatureResult(
        field="S",
        kind=Kind.SIGNATURE,
        indication=indication,
        sub_indication=sub,
        intact=True,
        trusted=True,
        coverage=Coverage.WHOLE_FILE,
        changes_after=ChangesAfter.NONE,
        level=None,
        role=None,
        trust_domain="vgca",
        signer=signer,
        claimed_time=None,
        proven_time=None,
        revocation=Revocation.GOOD,
        reasons=reasons,
    )


def document(
    indication: Indication, *signatures: SignatureResult, path: str = "2/a.pdf", reasons: Any = ()
) -> Document:
    result = VerificationResult(path, indication, signatures, reasons)
    return Document("a.pdf", path, "00", 1, result)


PASSED = document(Indication.TOTAL_PASSED, signature())
UNSIGNED = document(Indication.NO_SIGNATURE_FOUND, path="2/b.pdf")
BROKEN = document(
    Indication.TOTAL_FAILED, signature(Indication.TOTAL_FAILED, OWN, "HASH_FAILURE", "hash-differs"), path="2/c.pdf"
)
UNCERTAIN = document(
    Indication.INDETERMINATE,
    signature(Indication.INDETERMINATE, OWN, "NO_CERTIFICATE_CHAIN_FOUND", "chain-not-found"),
    path="2/d.pdf",
)
UNREADABLE = document(Indication.UNREADABLE, path="2/e.pdf", reasons=("file-truncated",))
LATER = document(Indication.INDETERMINATE, signature(Indication.INDETERMINATE, OWN, "TRY_LATER"), path="2/f.pdf")
LATER_BUT_BROKEN = document(
    Indication.TOTAL_FAILED,
    signature(Indication.INDETERMINATE, OWN, "TRY_LATER"),
    signature(Indication.TOTAL_FAILED, OWN, "HASH_FAILURE"),
    path="2/g.pdf",
)
OUR_FAULT = document(Indication.TOTAL_FAILED, path="2/h.pdf", reasons=("internal-error",))
BY_OTHERS = document(Indication.TOTAL_PASSED, signature(signer=FOREIGN), path="2/i.pdf")
BY_BOTH = document(Indication.TOTAL_PASSED, signature(signer=FOREIGN), signature(signer=BY_NUMBER), path="2/j.pdf")
STAMPED = document(Indication.TOTAL_PASSED, signature()._replace(kind=Kind.DOCUMENT_TIMESTAMP), path="2/k.pdf")
LOCKED = Unreadable("3/a.zip", "encrypted")
UNTIMELY = Unreadable("3/b.zip", "out-of-time")
TWOFOLD = Ambiguity("", "field-repeated", "from")


def facts(*found: Any, smime: MailResult | None = None, **changes: Any) -> Facts:
    shown = changes.pop("shown", SENDER)
    senders = tuple(Address("", *address.split("@")) for address in ([shown] if isinstance(shown, str) else shown))
    inspection = Inspection(
        senders=senders,
        sender=changes.pop("sender_field", None),
        recipients=(),
        subject="",
        date="",
        message_id="",
        smime=SmimeKind.NONE,
        parts=(),
        documents=tuple(f for f in found if isinstance(f, Document)),
        unreadables=tuple(f for f in found if isinstance(f, Unreadable)),
        ambiguities=tuple(f for f in found if isinstance(f, Ambiguity)),
    )
    smime = MailResult(None, Indication.NO_SIGNATURE_FOUND, Smime.NONE) if smime is None else smime
    made = Facts(SENDER, ("b@hanoi.gov.vn",), inspection, smime, Directory((AGENCY, OTHER)))
    return made._replace(**changes)


def policy(*require: str, otherwise: str = "reject", then: tuple[str, ...] = (), from_: str = "*") -> Policy:
    rule = Rule(name="rule", from_=(from_,), to=("*",), require=require, otherwise=otherwise, then=then)
    return Policy(default="reject", rule=(rule,))


EVERY, ANY, OWNER = "every-pdf-signed", "a-signed-pdf", "pdf-signer-is-sender"
SIGNED, READABLE = "message-signed", "everything-readable"
TABLE: list[tuple[str, tuple[str, ...], Facts, str, str, list[str]]] = [
    ("nothing required", (), facts(UNSIGNED, LOCKED, TWOFOLD), "pass", "", []),
    ("no documents", (EVERY,), facts(), "pass", "", []),
    ("signed", (EVERY,), facts(PASSED, BY_OTHERS), "pass", "", []),
    ("one unsigned of two", (EVERY,), facts(PASSED, UNSIGNED), "reject", "5.7.1", ["pdf-not-signed"]),
    ("broken", (EVERY,), facts(PASSED, BROKEN), "reject", "5.7.7", ["pdf-broken"]),
    ("uncertain", (EVERY,), facts(UNCERTAIN), "reject", "5.7.1", ["pdf-not-passed"]),
    ("unreadable", (EVERY,), facts(UNREADABLE), "reject", "5.6.0", ["pdf-unreadable"]),
    ("locked archive", (EVERY,), facts(PASSED, LOCKED), "reject", "5.6.0", ["content-unreadable"]),
    ("twofold", (EVERY,), facts(PASSED, TWOFOLD), "reject", "5.6.0", ["content-ambiguous"]),
    (
        "all at once",
        (EVERY, SIGNED),
        facts(UNSIGNED, BROKEN, TWOFOLD),
        "reject",
        "5.6.0",
        ["content-ambiguous", "message-not-signed", "pdf-broken", "pdf-not-signed"],
    ),
    ("not told for now", (EVERY,), facts(PASSED, LATER), "defer", "", ["pdf-not-passed"]),
    (
        "not told, but unsigned too",
        (EVERY,),
        facts(LATER, UNSIGNED),
        "reject",
        "5.7.1",
        ["pdf-not-passed", "pdf-not-signed"],
    ),
    ("not told, but broken", (EVERY,), facts(LATER_BUT_BROKEN), "reject", "5.7.7", ["pdf-broken"]),
    ("a fault of ours", (EVERY,), facts(OUR_FAULT), "defer", "", ["pdf-broken"]),
    ("one is enough", (ANY,), facts(UNSIGNED, PASSED, LOCKED), "pass", "", []),
    ("none is not", (ANY,), facts(), "reject", "5.7.1", ["no-pdf"]),
    ("none that is signed", (ANY,), facts(UNSIGNED), "reject", "5.7.1", ["pdf-not-signed"]),
    ("one may be", (ANY,), facts(UNSIGNED, LATER), "defer", "", ["pdf-not-passed", "pdf-not-signed"]),
    # Anybody can have a timestamp of whatever there is.
    ("stamped by nobody", (EVERY,), facts(PASSED, STAMPED), "reject", "5.7.1", ["pdf-not-signed"]),
    ("none but stamped", (ANY,), facts(STAMPED), "reject", "5.7.1", ["pdf-not-signed"]),
    ("stamped by one's own", (OWNER,), facts(STAMPED), "reject", "5.7.1", ["pdf-not-signed"]),
    ("own", (OWNER,), facts(PASSED), "pass", "", []),
    ("nobody's, beside an own one", (OWNER,), facts(PASSED, UNSIGNED), "pass", "", []),
    ("by number", (OWNER,), facts(BY_BOTH), "pass", "", []),
    ("foreign", (OWNER,), facts(BY_OTHERS), "reject", "5.7.1", ["pdf-signer-is-not-sender"]),
    ("foreign beside own", (OWNER,), facts(PASSED, BY_OTHERS), "reject", "5.7.1", ["pdf-signer-is-not-sender"]),
    ("signed by nobody", (OWNER,), facts(UNSIGNED), "reject", "5.7.1", ["pdf-not-signed"]),
    ("told once", (EVERY, OWNER), facts(UNSIGNED), "reject", "5.7.1", ["pdf-not-signed"]),
    ("no documents, no owner", (OWNER,), facts(sender="x@la.vn", shown="x@la.vn"), "pass", "", []),
    ("unknown agency", (OWNER,), facts(PASSED, sender="x@la.vn"), "reject", "5.7.1", ["sender-agency-unknown"]),
    (
        "another's From",
        (OWNER,),
        facts(PASSED, shown="x@hanam.gov.vn"),
        "reject",
        "5.7.1",
        ["from-is-not-sender"],
    ),
    (
        "several in From",
        (OWNER,),
        facts(PASSED, shown=[SENDER, "x@hanam.gov.vn"]),
        "reject",
        "5.7.1",
        ["from-is-not-sender"],
    ),
    ("null sender, From counts", (OWNER,), facts(PASSED, sender=""), "pass", "", []),
    (
        "null sender, foreign From",
        (OWNER,),
        facts(PASSED, sender="", shown="x@hanam.gov.vn"),
        "reject",
        "5.7.1",
        ["pdf-signer-is-not-sender"],
    ),
    (
        "null sender, no From",
        (OWNER,),
        facts(PASSED, sender="", shown=[]),
        "reject",
        "5.7.1",
        ["sender-agency-unknown"],
    ),
    ("null sender is no way out", (EVERY,), facts(UNSIGNED, sender=""), "reject", "5.7.1", ["pdf-not-signed"]),
    (
        "message signed",
        (SIGNED,),
        facts(smime=MailResult(None, Indication.TOTAL_PASSED, Smime.PASS)),
        "pass",
        "",
        [],
    ),
    (
        "message broken",
        (SIGNED,),
        facts(smime=MailResult(None, Indication.TOTAL_FAILED, Smime.FAIL, reasons=("hash-differs",))),
        "reject",
        "5.7.7",
        ["message-broken"],
    ),
    (
        "message of unknown chain",
        (SIGNED,),
        facts(smime=MailResult(None, Indication.INDETERMINATE, Smime.NEUTRAL)),
        "reject",
        "5.7.1",
        ["message-not-passed"],
    ),
    (
        "message not told for now",
        (SIGNED,),
        facts(smime=MailResult(None, Indication.INDETERMINATE, Smime.TEMPERROR)),
        "defer",
        "",
        ["message-not-judged"],
    ),
    (
        "our fault with the message",
        (SIGNED,),
        facts(smime=MailResult(None, Indication.TOTAL_FAILED, Smime.PERMERROR, reasons=("internal-error",))),
        "defer",
        "",
        ["message-not-judged"],
    ),
    ("readable", (READABLE,), facts(UNSIGNED, BROKEN), "pass", "", []),
    ("not readable", (READABLE,), facts(LOCKED), "reject", "5.6.0", ["content-unreadable"]),
    ("not read in time", (READABLE,), facts(UNTIMELY), "defer", "", ["content-unreadable"]),
    ("not read in time, all else signed", (EVERY,), facts(PASSED, UNTIMELY), "defer", "", ["content-unreadable"]),
    ("not read in time, and locked", (READABLE,), facts(UNTIMELY, LOCKED), "reject", "5.6.0", ["content-unreadable"]),
    ("own account", (), facts(identity="An@hungyen.gov.vn"), "pass", "", []),
    ("another's account", (), facts(identity="b@hungyen.gov.vn"), "reject", "5.7.1", ["from-is-not-account"]),
    ("account without From", (), facts(identity=SENDER, shown=[]), "reject", "5.7.1", ["from-is-not-account"]),
    (
        "account with another Sender",
        (),
        facts(identity=SENDER, sender_field=Address("", "b", "hungyen.gov.vn")),
        "reject",
        "5.7.1",
        ["from-is-not-account"],
    ),
]


ROWS = {row[0]: row[1:] for row in TABLE}


def test_no_row_hides_another() -> None:
    assert len(ROWS) == len(TABLE)


@pytest.mark.parametrize("name", ROWS)
def test_decision(name: str) -> None:
    require, found, action, enhanced, reasons = ROWS[name]
    decision = decide(policy(*require), found)
    assert (decision.action.value, sorted({reason.id for reason in decision.reasons})) == (action, reasons)
    if action == "reject":
        assert decision.enhanced == enhanced


@pytest.mark.parametrize("otherwise", ["reject", "hold", "warn"])
def test_otherwise(otherwise: str) -> None:
    then = ("sign-message",)
    asked = policy(EVERY, otherwise=otherwise, then=then)
    refused, passed, later = (decide(asked, facts(document)) for document in (UNSIGNED, PASSED, LATER))
    assert (refused.action.value, [reason.id for reason in refused.reasons]) == (otherwise, ["pdf-not-signed"])
    # What is refused is not signed; what a person lets go on, or passes with a warning, is.
    assert refused.then == (() if otherwise == "reject" else then)
    assert (passed.action, passed.then, passed.reasons) == (Action.PASS, then, ())
    # Who tries the rules out delays no mail.
    assert later.action is (Action.WARN if otherwise == "warn" else Action.DEFER)


@pytest.mark.parametrize("default", ["accept", "reject", "hold", "warn"])
def test_default(default: str) -> None:
    decision = decide(Policy(default=default, rule=()), facts(UNSIGNED))
    assert decision.action.value == ("pass" if default == "accept" else default)
    assert decision.rule == "default"
    assert [reason.id for reason in decision.reasons] == ([] if default == "accept" else ["no-rule-matches"])


def test_the_first_rule_that_matches_decides() -> None:
    first = Rule(name="first", from_=("hungyen.gov.vn",), to=("hanoi.gov.vn",), require=(EVERY,))
    second = Rule(name="second", from_=("*",), to=("*",), require=())
    both = Policy(default="reject", rule=(first, second))
    assert rule_for(both, SENDER, "b@HANOI.gov.vn") is first
    assert rule_for(both, SENDER, "b@hanam.gov.vn") is second
    assert rule_for(both, "", "b@hanoi.gov.vn") is second
    assert decide(both, facts(UNSIGNED)).rule == "first"


MATCHES = [
    ("*", "", True),
    ("*", "a@b.vn", True),
    ("b.vn", "a@B.VN", True),
    ("b.vn", "a@b.vn.", True),
    ("b.vn", "a@c.b.vn", False),
    ("b.vn", "a@xb.vn", False),
    ("b.vn", "", False),
    ("*.b.vn", "a@c.b.vn", True),
    ("b.vn", "a@\U0001f131.vn", True),
    ("*.b.vn", "a@d.c.b.vn", True),
    ("*.b.vn", "a@b.vn", False),
    ("*.b.vn", "a@xb.vn", False),
    ("a@b.vn", "A@b.vn", True),
    ("a@b.vn", "a@b.vn.", True),
    ("a@b.vn", "aa@b.vn", False),
    ("b.vn", '"x@b.vn"@c.vn', False),
    ("hưngyên.vn".encode("idna").decode(), "a@HƯNGYÊN.vn", True),
    ("văn-thư@b.vn", unicodedata.normalize("NFD", "Văn-Thư@b.vn"), True),
    (unicodedata.normalize("NFD", "văn-thư@b.vn"), "văn-thư@b.vn", True),
]


@pytest.mark.parametrize("pattern, address, fits", MATCHES)
def test_pattern(pattern: str, address: str, fits: bool) -> None:
    assert matches((pattern,), address) is fits


OWNERS = [
    (OWN, True),
    (FOREIGN, False),
    (BY_NUMBER, True),
    (SignerInfo(email="van@lgsp.hungyen"), True),
    (SignerInfo(email="VAN@LGSP.hungyen"), True),
    (SignerInfo(email="van@so.hungyen.gov.vn"), True),
    (SignerInfo(email="van@hungyen.gov.vn.xa.vn"), False),
    (SignerInfo(name="UBND tỉnh Hưng Yên", organisation="UBND tỉnh Hưng Yên"), False),
    (SignerInfo(identifiers=("MST:010235780",)), False),
    (SignerInfo(email="hungyen.gov.vn"), False),
]


@pytest.mark.parametrize("signer, is_own", OWNERS)
def test_whose_a_certificate_is(signer: SignerInfo, is_own: bool) -> None:
    assert Directory((AGENCY,)).owns(AGENCY, signer) is is_own


@pytest.mark.parametrize(
    "sender, for_all, for_itself",
    [
        ("VanThu@hungyen.gov.vn", "pkcs11:a", "pkcs11:a"),
        ("an@hungyen.gov.vn", "pkcs11:a", None),
        ("an@so.hungyen.gov.vn", "pkcs11:a", None),
        ("b@hanam.gov.vn", None, None),
        ("x@la.vn", None, None),
        ("", None, None),
    ],
)
def test_whose_mail_an_agency_signs(sender: str, for_all: str | None, for_itself: str | None) -> None:
    mailboxes = ("*@lgsp.hungyen", "vanthu@hungyen.gov.vn")
    agency = Agency(name=AGENCY.name, domains=AGENCY.domains, certificate_emails=mailboxes, key="pkcs11:a")
    directory = Directory((agency, OTHER))
    assert directory.key_for(sender, as_agency=True) == for_all
    assert directory.key_for(sender, as_agency=False) == for_itself
