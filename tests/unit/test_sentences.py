"""Whatever the program can say by a code has a sentence in both languages, wherever in the program the code stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gsign
from gsign import errors
from gsign.sentences import _AREAS_OF_REASONS, Sentence, _reasons, error_sentence, reason_sentence
from gsign.sentences import _errors as known_errors
from gsign.sentences.causes import CAUSES

TOP = Path(gsign.__file__).parent
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
# Names of encodings; the beginning of several codes.
NO_CODES = {"latin-1", "appearance-covers"}


def known_reasons() -> dict[str, Sentence]:
    return {code: sentence for area in _AREAS_OF_REASONS for code, sentence in _reasons(area).items()}


def nodes(*folders: str) -> Iterator[tuple[Path, ast.AST]]:
    for folder in folders:
        for file in sorted((TOP / folder).rglob("*.py")):
            yield from ((file, node) for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def raised() -> Iterator[tuple[str, int, str]]:
    """Find every `SomeError("code", …)` of our own errors; codes put together of parts are looked at elsewhere."""
    for file, node in nodes("."):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in errors.__all__:
            for argument in node.args[:1]:
                if not isinstance(argument, ast.JoinedStr):
                    texts = (n.value for n in ast.walk(argument) if isinstance(n, ast.Constant))
                    yield from ((file.name, node.lineno, text) for text in texts if isinstance(text, str))


def test_every_error_has_a_sentence() -> None:
    known = known_errors()
    assert [found for found in raised() if found[2] not in known] == []


def test_every_reason_and_warning_of_a_verification_has_a_sentence() -> None:
    known = {*known_reasons(), *known_errors(), *CAUSES, *NO_CODES}
    found = [
        (file.name, node.lineno, node.value)
        for file, node in nodes("verification")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    ]
    assert [literal for literal in found if literal[2] not in known] == []


@pytest.mark.parametrize("table", [known_errors(), known_reasons()], ids=["errors", "reasons"])
def test_both_languages_have_the_same_blanks_and_say_different_things(table: dict[str, Sentence]) -> None:
    for code, sentence in table.items():
        assert sorted(re.findall(r"{\w+}", sentence.vi)) == sorted(re.findall(r"{\w+}", sentence.en)), code
        assert sentence.vi, code
        assert sentence.en, code
        assert bool(sentence.hint_vi) == bool(sentence.hint_en), code


def test_a_code_without_a_sentence_is_said_as_it_is() -> None:
    assert error_sentence("unheard-of", "vi", {}) == reason_sentence("unheard-of", "en") == "unheard-of"
