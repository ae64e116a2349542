"""Whatever an inspection can say by an identifier has a sentence in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import gsign
from gsign.sentences import reason_advice, reason_sentence

TOP = Path(gsign.__file__).parent
# Called with an identifier as their first or second argument.
SAYING = {"Note", "note", "refuse", "_refuse", "ContainerError", "Refusal"}
FOLDERS = ("mime", "mail/containers")
FILES = ("mail/inspection.py", "mail/message.py")


def said() -> Iterator[str]:
    files = [file for folder in FOLDERS for file in (TOP / folder).glob("*.py")] + [TOP / file for file in FILES]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                texts = [a.value for a in node.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                if name in SAYING and texts:
                    yield texts[0] if name in ("Note", "note", "ContainerError") else texts[-1]


def test_every_identifier_has_sentences_and_advice() -> None:
    identifiers = {found for found in said() if found} | {
        "base64-garbage",
        "base64-after-padding",
        "base64-padding",
        "bare-cr",
        "bare-lf",
        "nul",
    }
    identifiers |= {"quoted-printable-malformed", "uuencode-malformed", "message-partial", "external-body"}
    assert len(identifiers) > 60
    for identifier in sorted(identifiers):
        for lang in ("vi", "en"):
            assert reason_sentence(identifier, lang) != identifier, identifier
            assert reason_advice(identifier, lang), identifier
