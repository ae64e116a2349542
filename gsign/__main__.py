"""Run the command line as `python -m gsign`."""

from __future__ import annotations

from gsign.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
