"""Sign or verify one file in this fresh process and print the most memory that it and its children held, in MB.

The kernel's high-water mark of each process is asked for directly: `ru_maxrss` of a child begins with its parent's.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench.names import KEY_URI, PIN

__all__ = ["main"]


def main() -> None:
    program, module, source, target = sys.argv[1:]
    {"gsign": _gsign, "pyhanko": _pyhanko, "verify": _verify}[program](module, Path(source), Path(target))


def _verify(_: str, source: Path, anchors: Path) -> None:
    from gsign import pdf

    pdf.verify(source, trust=anchors, revocation="off").require()
    print(_peak_megabytes())


def _gsign(module: str, source: Path, target: Path) -> None:
    from gsign import pdf, pkcs11

    with pkcs11.open_signer(KEY_URI, pin=PIN, module=module) as signer:
        pdf.sign_to(source, target, signer, offline=True, force=True)
        print(_peak_megabytes())


def _pyhanko(module: str, source: Path, target: Path) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    from bench.peers import bare_key, pdf_signer

    with bare_key(module) as key, source.open("rb") as reader, target.open("w+b") as writer:
        pdf_signer(key).sign_pdf(IncrementalPdfFileWriter(reader), output=writer)
        print(_peak_megabytes())


def _peak_megabytes() -> float:
    children = [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]
    return sum(high_water(pid) for pid in [str(os.getpid()), *children]) / 1e6


def high_water(pid: int | str) -> int:
    """Return the most memory that a process has had, in octets: since it became what it is, not what it was before."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith("VmHWM:")))


if __name__ == "__main__":
    main()
