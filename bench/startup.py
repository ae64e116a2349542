"""The command line: how soon it answers, and one small file from the shell."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from bench.desk import Desk
from bench.harness import Case, Race, UnmeasuredError, beside, seconds
from bench.names import FIELD, KEY_LABEL, KEY_URI, PIN, TOKEN_LABEL

__all__ = ["CASES"]


@contextmanager
def help_text(desk: Desk) -> Iterator[Race]:
    """Print the help."""
    gsign = [*desk.program("gsign", "gsign"), "--help"]
    contenders = {
        "gsign": seconds(lambda: desk.run(gsign)),
        "the bare interpreter": seconds(lambda: desk.run([sys.executable, "-c", "pass"])),
    }
    yield Race(contenders, (beside("the bare interpreter", at_most=6),), rounds=21, quick_rounds=7)


@contextmanager
def one_file(desk: Desk) -> Iterator[Race]:
    """Sign a file, login included. gsign checks the certificate and its path besides; its status is left out."""
    source, target = desk.folder / "one.pdf", desk.folder / "one-signed.pdf"
    source.write_bytes(desk.document("one-page"))
    ours = [
        *desk.program("gsign", "gsign"), "sign", str(source), "-o", str(target), "--force",
        "--key", KEY_URI, "--module", desk.module, "--pin-file", str(desk.pin_file),
        "--trust", str(desk.anchors), "--offline",
    ]  # fmt: skip
    theirs = _pyhanko(desk, source, target)
    contenders = {"gsign": seconds(lambda: desk.run(ours)), "pyHanko's": seconds(lambda: desk.run(theirs))}
    yield Race(contenders, (beside("pyHanko's", at_most=0.3),), rounds=11, quick_rounds=3)


def _pyhanko(desk: Desk, source: Path, target: Path) -> list[str]:
    """Return pyHanko's command; it reads module and PIN from its configuration."""
    if find_spec("pyhanko.cli") is None:
        raise UnmeasuredError("pip install pyhanko-cli")
    settings = desk.folder / "pyhanko.yml"
    settings.write_text(
        f"""pkcs11-setups:
  office:
    module-path: {desk.module}
    token-criteria:
      label: {TOKEN_LABEL}
    cert-label: {KEY_LABEL}
    user-pin: "{PIN}"
""",
        encoding="utf-8",
    )
    return [
        *desk.program("pyhanko", "pyhanko"), "--config", str(settings), "sign", "addsig",
        "--field", FIELD, "--use-pades", "--prefer-pss", "pkcs11", "--p11-setup", "office", str(source), str(target),
    ]  # fmt: skip


CASES = (
    Case("help", "gsign --help", help_text),
    Case("cli-one-file", "one file by the command line", one_file),
)
