"""Every identifier that trust gives has a sentence and an advice in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gsign.sentences import (
    Sentence,
    error_advice,
    error_sentence,
    mail,
    mail_encryption,
    reason_advice,
    reason_sentence,
    timestamps,
    trust,
    trust_command,
    verification,
)
from gsign.sentences.causes import CAUSES, say_causes
from gsign.trust.admission import Standing
from gsign.trust.refresh import Outcome

TOP = Path(trust.__file__).resolve().parent.parent
OURS = {"ConfigurationError", "InputError", "TemporaryError", "TokenError", "UsageError", "VerificationError"}
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
# What looks like a code and is none: names of digests and encodings, the beginning of two reasons.
# What reads signatures; what opens encrypted content has sentences of its own.
SIGNED = [f"cms/{name}.py" for name in ("building", "checking", "identifiers", "keys", "reading")]
NO_CODES = re.compile(r"sha3?-?\d.*|utf-.*|latin-1|issuer-certificate")


def trees(*places: str) -> Iterator[ast.Module]:
    for place in places:
        path = TOP / place
        for file in [path] if path.suffix else path.glob("*.py"):
            yield ast.parse(file.read_text(encoding="utf-8"))


def first_arguments(classes: set[str], *places: str) -> set[str]:
    """Collect the texts in the first argument of every `SomeError("code", ...)`."""
    found: set[str] = set()
    for tree in trees(*places):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes and node.args:
                texts = [n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str)}
    return found


def literals(*places: str) -> set[str]:
    """Collect every text that looks like a code."""
    nodes = (node for tree in trees(*places) for node in ast.walk(tree))
    texts = (n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return {text for text in texts if CODE.fullmatch(text) and not NO_CODES.fullmatch(text)}


def test_every_error_has_a_sentence_and_every_sentence_an_error() -> None:
    assert first_arguments(OURS, "trust") == set(trust.ERRORS)
    assert first_arguments({*OURS, "DecisionNeededError"}, "cli/trust.py") == set(trust_command.ERRORS)


def test_every_cause_of_a_failed_attempt_is_said_in_words() -> None:
    kinds = {"FetchError", "OcspError", "CrlError", "TimestampError", "CmsError"}
    given = {code for code in first_arguments(kinds, "trust", *SIGNED) if not code.startswith("http-")}
    # A name stands for a table of codes, or for a function that returns one.
    assert given <= set(CAUSES)
    assert literals("trust/fetch.py", "trust/crl.py", "trust/ocsp.py", "trust/status_sources.py") - set(CAUSES) == set()
    known = set(CAUSES) | set(trust.REASONS) | set(trust.ERRORS)
    assert {text for text in literals("trust/timestamp.py") if "/" not in text} <= known


def test_every_cause_that_stands_beside_an_error_is_said_in_words() -> None:
    folders = sorted(str(file.relative_to(TOP)) for file in TOP.rglob("*.py"))
    given = {
        word.value.value
        for tree in trees(*folders)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "cause" and isinstance(word.value, ast.Constant) and CODE.fullmatch(word.value.value)
    }
    assert given
    assert given <= set(CAUSES)


def test_every_reason_that_trust_can_give_has_a_sentence() -> None:
    named = {
        f"{who}-{what}"
        for who in ("certificate", "issuer-certificate", "anchor")
        for what in ("expired", "not-yet-valid")
    }
    assert named <= set(trust.REASONS)
    known = set(trust.REASONS) | set(trust.ERRORS) | set(CAUSES) | {outcome.value for outcome in Outcome}
    # Whose signature it is, and who may be encrypted to, is judged for documents and messages alike.
    for area in (verification, timestamps, mail, mail_encryption):
        known |= set(area.REASONS)
    assert literals("trust") - known == set()
    given = literals("trust/path.py", "trust/usage.py", "trust/store.py", "trust/judgement.py", "trust/revocation.py")
    assert given <= set(trust.REASONS) | set(trust.ERRORS) | set(mail.REASONS)


def test_every_reason_of_a_timestamp_has_a_sentence_of_its_own() -> None:
    answers = {"nonce-wrong", "response-malformed"}  # of a question that was asked, never of a token in a document
    token = first_arguments({"TimestampError"}, "trust/timestamp.py") - answers
    signed = first_arguments({"CmsError"}, *SIGNED)
    path = {code for code in literals("trust/path.py", "trust/usage.py", "trust/store.py") if code in trust.REASONS}
    path |= {code for code in trust.REASONS if code.startswith(("anchor-", "issuer-", "certificate-"))}
    never = {"wrong-extended-key-usage", "certificate-revoked", "issuer-certificate-revoked"}
    named = {f"timestamp-{code}" for code in (token | signed | path | {"key-too-weak"}) - never}
    assert named <= set(timestamps.REASONS)


def test_every_outcome_of_a_command_has_a_sentence() -> None:
    told = {name.removeprefix("refresh-") for name in trust_command.TEXTS if name.startswith("refresh-")}
    fine = {f"{kind}-{outcome}" for kind in ("certificate", "crl") for outcome in (Outcome.NEW, Outcome.UNCHANGED)}
    assert told == fine | (set(Outcome) - {Outcome.NEW, Outcome.UNCHANGED})
    done = {"added" if standing is Standing.UNCONFIRMED else standing.value for standing in Standing}
    assert {f"trust-{outcome}" for outcome in done} <= set(trust_command.TEXTS)


def tables() -> Iterator[tuple[str, Sentence]]:
    for table in (trust.ERRORS, trust.REASONS, trust_command.ERRORS):
        yield from table.items()


@pytest.mark.parametrize("code, sentence", [*tables()])
def test_both_languages_say_the_same_facts(code: str, sentence: Sentence) -> None:
    assert re.findall(r"{\w+}", sentence.vi) == re.findall(r"{\w+}", sentence.en)
    assert all(sentence), code
    assert sentence.vi != sentence.en


@pytest.mark.parametrize("code", trust_command.TEXTS)
def test_both_languages_have_the_same_blanks(code: str) -> None:
    sentence = trust_command.TEXTS[code]
    assert sorted(re.findall(r"{\w+}", sentence.vi)) == sorted(re.findall(r"{\w+}", sentence.en))


def test_sentences_are_found_by_their_code() -> None:
    assert error_sentence("tsa-unreachable", "vi", {"causes": "x"}) == "không lấy được dấu thời gian: x"
    assert error_advice("tsa-unreachable", "en", {}).startswith("try again later")
    assert reason_sentence("no-chain-to-anchor", "en") == "no certification path leads to a trusted authority"
    assert "gsign trust add" in reason_advice("no-chain-to-anchor", "vi")


def test_causes_are_said_in_the_language_of_the_sentence() -> None:
    causes = "http://a.vn:8080/x-y: timed-out; http://b.vn/: http-503; http://c.vn: Some system's words"
    assert say_causes(causes, "vi") == (
        "http://a.vn:8080/x-y: quá thời gian chờ; http://b.vn/: HTTP 503; http://c.vn: Some system's words"
    )
    assert say_causes("offline", "en") == "offline"
    assert error_sentence("revocation-unavailable", "vi", {"subject": "A", "causes": "offline"}).endswith(
        ": đang làm việc không dùng mạng"
    )
