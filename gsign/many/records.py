"""A result as a worker tells it and a file keeps it: the dictionary of `--json`, and the facts beside it."""

from __future__ import annotations

from typing import Any

from gsign.isolation.wire import result_of
from gsign.result import VerificationResult, plain

__all__ = ["record_of", "result_of"]


def record_of(result: VerificationResult) -> dict[str, Any]:
    """Turn a result into what JSON holds; `result_of` makes a result of it again."""
    return {**result.to_dict(), "facts": plain(result.facts)}
