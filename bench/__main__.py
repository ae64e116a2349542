"""Run the cases and print how they compare. Nothing here fails because a machine is slow: exit code 0 says it ran."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from bench import cluster, large, ledger, relay, signing, smime, startup, timestamp, verify, verify_cli, workers
from bench.chart import chart
from bench.desk import Desk
from bench.harness import Case, Outcome, run
from bench.report import HEAD, markdown, rows, summary, table, to_dict

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
    *cluster.CASES,
    *ledger.CASES,
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
    record = to_dict(outcomes, load)
    if given.json:
        given.json.write_text(json.dumps(record, indent=1), encoding="utf-8")
    if given.chart:
        given.chart.write_text(chart(record), encoding="utf-8")
    if given.markdown:
        given.markdown.write_text(markdown(record), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CASE", help="cases whose name contains this (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every figure here")
    parser.add_argument("--chart", type=Path, metavar="FILE.svg", help="also draw a chart")
    parser.add_argument("--markdown", type=Path, metavar="FILE.md", help="also write the table for a manual")
    return parser.parse_args()


if __name__ == "__main__":
    main()
