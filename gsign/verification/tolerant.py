"""A second opinion on files that cannot be read strictly, by qpdf in a process of its own.

What strangers send can make a tolerant library take any amount of memory and time; the limits are the process's.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final

from gsign.syntax.source import Source

__all__ = ["holds_signature"]

_SECONDS: Final = 20
_LARGEST: Final = 64 << 20
# 0: readable, no signature; 1: readable, signed; anything else: not readable within the limits.
_PROGRAM: Final = """
import io, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
try:
    import pikepdf
    _KINDS = ("/adbe.pkcs7", "/adbe.x509.", "/ETSI.CAdES", "/ETSI.RFC31")
    with pikepdf.open(io.BytesIO(sys.stdin.buffer.read())) as pdf:
        signed = any(
            isinstance(item, pikepdf.Dictionary)
            and "/Contents" in item
            and ("/ByteRange" in item or str(item.get("/SubFilter", ""))[:11] in _KINDS)
            for item in pdf.objects
        )
except BaseException:
    sys.exit(2)
sys.exit(1 if signed else 0)
"""


def holds_signature(source: Source) -> bool | None:
    """Say whether qpdf finds a signature dictionary; None where it cannot read the file within the limits."""
    if source.size > _LARGEST:
        return None
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _PROGRAM],
            input=source.read(0, source.size),
            timeout=_SECONDS,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {0: False, 1: True}.get(done.returncode)
