"""The ledger with a million entries: how fast they are written, verified and reported on, and in how much memory.

python -m bench.ledger fill|verify|report FOLDER       one step, in a process of its own: seconds and megabytes
"""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bench.harness import Case, Comparison, Race, limit
from bench.memory import high_water
from gsign.result import VIETNAM

if TYPE_CHECKING:
    from bench.desk import Desk

__all__ = ["CASES", "fill", "url_in"]

_MANY = 1_000_000
_GROUP = 250
"""Entries of one commit: what a relay under load gathers while the disk writes the commit before."""
_A_SECOND = 2000
_SECONDS = 30
_REPORT_SECONDS = 5
_MEMORY_MB = 150
_ROOT = Path(__file__).parents[1]


def url_in(folder: Path) -> str:
    """Return the URL of the ledger in a folder."""
    return f"sqlite:///{folder / 'ledger.db'}"


def fill(folder: Path, count: int) -> None:
    """Write a ledger as relays do: of each message what was decided, what was done, what the next hop said."""
    from gsign.audit.ledger import Ledger

    with Ledger(url_in(folder), station="bench") as ledger:
        for first in range(0, count, _GROUP):
            ledger.append_all([_happened(n, ledger.writer) for n in range(first, min(first + _GROUP, count))])


def _happened(n: int, writer: str) -> tuple[str, dict[str, Any]]:
    message = n // 3
    digest = hashlib.sha256(str(message).encode()).hexdigest()
    if n % 3 == 1:
        made = hashlib.sha256(digest.encode()).hexdigest()
        return "done", {"entry": f"{writer}-{n}", "sha256": digest, "made": made, "records": []}
    if n % 3 == 2:
        replies = ["250 2.0.0 Ok: queued as 4BkJ2r"]
        return "forwarded", {
            "entry": f"{writer}-{n - 1}",
            "sha256": digest,
            "done": ["sign-message"],
            "replies": replies,
        }
    return "decided", _decided(message, digest)


def _decided(message: int, digest: str) -> dict[str, Any]:
    sender, recipient = f"van-thu{message % 50}@hungyen.gov.vn", f"vp{message % 30}@laocai.gov.vn"
    signer = {"name": "Nguyễn Văn An", "organisation": "UBND tỉnh Hưng Yên", "email": sender, "serial": "54010101"}
    facts = {"domain": "vgca", "level": "B-T", "role": "leader", "indication": "TOTAL_PASSED"}
    document = {"path": "2", "sha256": hashlib.sha256(digest.encode()).hexdigest(), "kind": "cong-van"}
    return {
        "sha256": digest,
        "size": 52_311,
        "message_id": f"<{digest[:20]}@hungyen.gov.vn>",
        "client": "10.0.0.7",
        "identity": None,
        "sender": sender,
        "recipients": [recipient],
        "from": [sender],
        "rule": "official mail between agencies",
        "action": "accept",
        "reasons": [],
        "agencies": {"sender": "UBND tỉnh Hưng Yên", "recipients": ["UBND tỉnh Lào Cai"], "outside": False},
        "smime": {"result": "none", "signer": None, "reasons": []},
        "documents": [{**document, "indication": "TOTAL_PASSED", "signers": [{**signer, **facts}]}],
    }


_measured: dict[str, tuple[float, float]] = {}


def _of_a_million(desk: Desk) -> dict[str, tuple[float, float]]:
    """Write, verify and report once for all cases, each in a fresh interpreter: seconds and megabytes of each."""
    if not _measured:
        with TemporaryDirectory(dir=desk.folder) as folder:
            _measured.update({step: _step(step, Path(folder)) for step in ("fill", "verify", "report")})
    return _measured


def _step(step: str, folder: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "bench.ledger", step, str(folder)]
    done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=True)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


@contextmanager
def rate(desk: Desk) -> Iterator[Race]:
    """Write a million entries."""
    rate = _MANY / _of_a_million(desk)["fill"][0]
    comparison = Comparison(f"{_A_SECOND} a second", lambda r: r["gsign"], lambda _: _A_SECOND, at_least=1)
    yield Race({"gsign": lambda: rate}, (comparison,), unit="entries/s", rounds=1, quick_rounds=1)


@contextmanager
def time_to_verify(desk: Desk) -> Iterator[Race]:
    """Verify them."""
    seconds = _of_a_million(desk)["verify"][0]
    yield Race({"gsign": lambda: seconds}, (limit("the limit", _SECONDS),), unit="s", rounds=1, quick_rounds=1)


@contextmanager
def time_to_report(desk: Desk) -> Iterator[Race]:
    """Report on the year that they are of, as a page."""
    seconds = _of_a_million(desk)["report"][0]
    yield Race({"gsign": lambda: seconds}, (limit("the limit", _REPORT_SECONDS),), unit="s", rounds=1, quick_rounds=1)


@contextmanager
def memory(desk: Desk) -> Iterator[Race]:
    """Tell how much memory any of it took at most."""
    most = max(megabytes for _, megabytes in _of_a_million(desk).values())
    yield Race({"gsign": lambda: most}, (limit("the limit", _MEMORY_MB),), unit="MB", rounds=1, quick_rounds=1)


CASES = (
    Case("ledger-append", f"{_MANY:,} entries written, {_GROUP} a commit", rate),
    Case("ledger-verify", f"{_MANY:,} entries verified", time_to_verify),
    Case("ledger-report", f"{_MANY:,} entries, a report on them as a page", time_to_report),
    Case("ledger-memory", f"{_MANY:,} entries, peak memory", memory),
)


def _report(url: str) -> None:
    from gsign.audit.compliance import account_of
    from gsign.audit.period import Period
    from gsign.audit.reading import open_reader
    from gsign.compliance.render import render

    with open_reader(url) as reader:
        account = account_of(reader, url, Period.parse(f"{datetime.now(VIETNAM).year}"))
    assert account.figures.documents("sent").valid == _MANY // 3
    assert render("html", account, "agency", {}, lang="vi", version="-")


def main() -> None:
    step, folder = sys.argv[1], Path(sys.argv[2])
    begun = time.perf_counter()
    if step == "fill":
        fill(folder, _MANY)
    elif step == "report":
        _report(url_in(folder))
    else:
        from gsign.audit.verifying import verify_ledger

        verified = verify_ledger(url_in(folder))
        assert verified.is_whole
        assert verified.entries == _MANY
    seconds = time.perf_counter() - begun
    # Before it became what it is, this process was a copy of whoever started it: that counts in `ru_maxrss` of its own.
    others = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(seconds, max(high_water(os.getpid()) / 1e6, others))


if __name__ == "__main__":
    main()
