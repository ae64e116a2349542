"""Many documents, carried by any `concurrent.futures.Executor`: threads, processes, or the machines of a cluster."""

from __future__ import annotations

from gsign.many.results import Results
from gsign.many.signing import Order, Signed, Wishes, find_holder, sign_all
from gsign.many.verifying import verify_all

__all__ = ["Order", "Results", "Signed", "Wishes", "find_holder", "sign_all", "verify_all"]
