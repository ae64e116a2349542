"""Transcripts: what a person types, what the program answers, and which files are there afterwards.

# a remark
@ document one-page a.pdf      lay a document on the desk (tests.documents)
@ token [variant]              plug in the token VP (a variant of tests.pki)
@ staff                        plug in the leader's token LD and the agency's VT; signature.png and seal.png
@ write NAME TEXT              write a small file
@ mkdir NAME                   make a folder
$ gsign sign a.pdf             run the program; with `--lang en` unless the line has its own
a.pdf → …                      what it prints, stderr and stdout each in order; `…` stands for any text in a line
[5]                            its exit code, where it is not 0
+ a.signed.pdf                 what there is now that was not there before the line `$`; nothing else may be
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.office import Desk

_FOLDER = Path(__file__).parent / "transcripts"


@dataclass
class Step:
    """One command and what is expected of it."""

    line: int
    command: str
    prepare: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    code: int = 0
    appeared: set[str] = field(default_factory=set)


def steps(text: str) -> Iterator[Step]:
    """Read a transcript."""
    prepare: list[str] = []
    step: Step | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("@ "):
            prepare.append(line[2:])
        elif line.startswith("$ "):
            if step:
                yield step
            step = Step(number, line[2:], prepare)
            prepare = []
        elif not line or line.startswith("# "):
            continue
        elif step is None:
            raise ValueError(f"line {number}: nothing was run yet")
        elif line.startswith("+ "):
            step.appeared.add(line[2:])
        elif match := re.fullmatch(r"\[(\d+)\]", line):
            step.code = int(match[1])
        else:
            step.said.append(line)
    assert step
    assert not prepare
    yield step


def _prepare(desk: Desk, order: str) -> None:
    verb, *words = order.split(maxsplit=2)
    actions: dict[str, Callable[..., object]] = {
        "document": desk.document,
        "token": lambda variant=None: desk.token(variant=variant),
        "staff": desk.staff,
        "p12": desk.p12,
        "write": desk.write,
        "mkdir": lambda name: (desk.folder / name).mkdir(),
    }
    actions[verb](*words)


def _matches(pattern: str, line: str) -> bool:
    return bool(re.fullmatch(".*".join(map(re.escape, pattern.split("…"))), line))


def _agree(expected: list[str], said: str) -> bool:
    lines = said.splitlines()
    return len(lines) == len(expected) and all(map(_matches, expected, lines))


@pytest.mark.parametrize("name", sorted(path.stem for path in _FOLDER.glob("*.txt")))
def test_transcript(name: str, desk: Desk) -> None:
    for step in steps((_FOLDER / f"{name}.txt").read_text(encoding="utf-8")):
        for order in step.prepare:
            _prepare(desk, order)
        before = desk.names()
        program, *arguments = shlex.split(step.command)
        assert program == "gsign"
        if "--lang" not in arguments:
            arguments = ["--lang", "en", *arguments]
        run = desk.run(*arguments)
        shown = f"{name}.txt line {step.line}: exit {run.code}\n{run.err}{run.out}"
        assert run.code == step.code, shown
        errors = [line for line in step.said if line.startswith("gsign: ")]
        assert _agree(errors, run.err), shown
        assert _agree([line for line in step.said if line not in errors], run.out), shown
        assert desk.names() - before == step.appeared, shown
        assert not before - desk.names(), shown
