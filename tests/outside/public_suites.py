"""Documents of public test suites, judged by gsign beside Poppler's pdfsig; what they disagree on is listed.

The documents are not kept with the project, so this is no part of the test run:

    python -m tests.outside.public_suites FOLDER [--all]

What is compared is what needs no trust: whether a signature holds, what it covers and what came after. docs/suites.md
has the figures of the last run and a word on each disagreement.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from gsign.errors import GsignError
from gsign.isolation.pool import Limits, Settings, VerifierPool
from gsign.result import ChangesAfter, Coverage, Indication, VerificationResult

_VERDICT = re.compile(r"Signature Validation: (.*)")
_UNJUDGED = {"Signature has not yet been verified.", "Unknown Validation Failure."}
_ALARMING = frozenset({"internal-error", "limit-exceeded"})


class Seen(NamedTuple):
    """What came of one document: `ours` and `theirs` are `none`, `holds`, `fails`, `unreadable` or `unknown`."""

    file: Path
    ours: str
    theirs: str
    reasons: tuple[str, ...]
    seconds: float


def main() -> int:
    """Judge a folder; the exit code says whether something went wrong in a way that a document must never cause."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="list every document with a signature")
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    files = sorted(path for path in given.folder.rglob("*") if path.suffix.lower() == ".pdf" and path.is_file())
    seen = list(_judge(files, given.jobs))
    for one in seen:
        if (given.all and one.ours != "none") or one.theirs not in (one.ours, "unknown"):
            place = one.file.relative_to(given.folder)
            _say(f"{one.ours:10} {one.theirs:10} {place} [{', '.join(one.reasons)}]")
    _summarize(seen)
    return int(any(_ALARMING & set(one.reasons) for one in seen))


def _judge(files: Sequence[Path], jobs: int) -> Iterator[Seen]:
    settings = Settings(revocation="off", offline=True)
    with (
        tempfile.TemporaryDirectory() as certificates,
        VerifierPool(settings, jobs=jobs, limits=Limits(seconds=30)) as pool,
    ):
        subprocess.run(["certutil", "-N", "-d", f"sql:{certificates}", "--empty-password"], check=True)
        for file, outcome in pool.verify_all(files):
            theirs = _pdfsig(file, certificates)
            if isinstance(outcome, GsignError):
                yield Seen(file, "unreadable", theirs, (outcome.code,), 0.0)
            else:
                yield Seen(file, _ours(outcome), theirs, _reasons(outcome), float(str(outcome.facts.get("seconds", 0))))


def _ours(result: VerificationResult) -> str:
    if result.indication is Indication.UNREADABLE:
        return "unreadable"
    if result.indication is Indication.NO_SIGNATURE_FOUND:
        return "none"
    holds = not result.reasons and all(
        s.intact and s.coverage is not Coverage.NONE and s.changes_after is not ChangesAfter.FORBIDDEN
        for s in result.signatures
    )
    return "holds" if holds else "fails"


def _reasons(result: VerificationResult) -> tuple[str, ...]:
    found = (*result.reasons, *(reason for signature in result.signatures for reason in signature.reasons))
    return tuple(dict.fromkeys(found))


def _pdfsig(file: Path, certificates: str) -> str:
    command = ["pdfsig", "-nocert", "-nssdir", f"sql:{certificates}", str(file)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return "unreadable"
    said = done.stdout.decode("utf-8", "replace")
    # It judges no document timestamps, and no signature whose digest NSS does not know.
    verdicts = set(_VERDICT.findall(said))
    judged = verdicts - _UNJUDGED
    if not verdicts:
        return "none" if "does not contain any signatures" in said else "unreadable"
    if not judged:
        return "unknown"
    return "holds" if judged == {"Signature is Valid."} else "fails"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _summarize(seen: Sequence[Seen]) -> None:
    _say(f"\n{len(seen)} documents; gsign, pdfsig:")
    for (ours, theirs), count in Counter((one.ours, one.theirs) for one in seen).most_common():
        _say(f"  {count:5} {ours:10} {theirs}")
    _say("reasons of what fails:")
    for reason, count in Counter(reason for one in seen if one.ours == "fails" for reason in one.reasons).most_common():
        _say(f"  {count:5} {reason}")
    slowest = max(seen, key=lambda one: one.seconds, default=None)
    if slowest is not None:
        _say(f"slowest: {slowest.file.name} {slowest.seconds:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
