"""What is told of an item whose work ended with an exception."""

from __future__ import annotations

import os

from gsign.errors import ConfigurationError, GsignError, InputError

__all__ = ["error_told"]


def error_told(error: BaseException | None) -> GsignError:
    """Make an error of ours of what work ended with, whatever it was."""
    if isinstance(error, GsignError):
        return error
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "gsign":
        return ConfigurationError("worker-without-gsign")
    return InputError("internal", kind=type(error).__name__, reference=os.urandom(4).hex())
