"""Every identifier that trust gives has a sentence and an advice in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from gsign.sentences import error_advice, error_sentence, reason_advice, reason_sentence, trust

HERE = Path(trust.__file__).resolve().parent.parent / "trust"
ERROR_CLASSES = {"ConfigurationError", "InputError", "TemporaryError", "TokenError", "VerificationError"}


def raised_codes() -> set[str]:
    """Collect the first argument of every `SomeError("code", ...)` in the package."""
    found: set[str] = set()
    for file in HERE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERROR_CLASSES:
                texts = [n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant)]
                found |= {text for text in texts if isinstance(text, str)}
    return found


def test_every_error_has_a_sentence_and_every_sentence_an_error() -> None:
    assert raised_codes() == set(trust.ERRORS)


def test_every_reason_of_a_path_has_a_sentence() -> None:
    named = {
        f"{who}-{what}"
        for who in ("certificate", "issuer-certificate", "anchor")
        for what in ("expired", "not-yet-valid")
    }
    assert named <= set(trust.REASONS)
    source = "".join(
        (HERE / f"{name}.py").read_text(encoding="utf-8") for name in ("path", "usage", "store", "revocation")
    )
    literals = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', source))
    known = set(trust.REASONS) | set(trust.ERRORS)
    assert literals - known == {"issuer-certificate"}  # the beginning of two of them


@pytest.mark.parametrize("code", [*trust.ERRORS, *trust.REASONS])
def test_both_languages_say_the_same_facts(code: str) -> None:
    for table in (trust.ERRORS, trust.REASONS):
        if code in table:
            sentence = table[code]
            assert re.findall(r"{\w+}", sentence.vi) == re.findall(r"{\w+}", sentence.en)
            assert all(sentence)
            assert sentence.vi != sentence.en


def test_sentences_are_found_by_their_code() -> None:
    assert error_sentence("tsa-unreachable", "vi", {"causes": "x"}) == "không lấy được dấu thời gian: x"
    assert error_advice("tsa-unreachable", "en", {}).startswith("try again later")
    assert reason_sentence("no-chain-to-anchor", "en") == "no certification path leads to a trusted authority"
    assert "--trust" in reason_advice("no-chain-to-anchor", "vi")
