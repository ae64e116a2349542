"""Run the cases and print how they compare. Nothing here fails because a machine is slow: exit code 0 says it ran."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from bench import large, relay, signing, smime, startup, timestamp, verify, verify_cli, workers
from bench.desk import Desk
from bench.harness import Case, Outcome, run
from bench.report import HEAD, rows, summary, table, to_dict

CASES: tuple[Case, ...] = (
    *signing.CASES,
    *large.CASES,
    *workers.CASES,
    *smime.CASES,
    *startup.CASES,
    *timestamp.CASES,
    *verify.CASES,
    *verify_cli.CASES,
    *relay.CASES,
)


def main() -> None:
    given = _arguments()
    chosen = [case for case in CASES if not given.names or any(name in case.name for name in given.names)]
    if not chosen:
        sys.exit(f"bench: no such case; there are: {', '.join(case.name for case in CASES)}")
    outcomes: list[Outcome] = []
    load = os.getloadavg()[0]
    with Desk.ready() as desk:
        for case in chosen:
            print(f"bench: {case.name} …", file=sys.stderr, flush=True)
            outcomes.append(run(case, desk, quick=given.quick))
    print()
    print(table([HEAD, *(row for outcome in outcomes for row in rows(outcome))]))
    print(f"\n{summary(outcomes, load)}")
    if given.json:
        given.json.write_text(json.dumps(to_dict(outcomes, load), indent=1), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CASE", help="cases whose name contains this (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every figure here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
