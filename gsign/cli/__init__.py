"""The command line: one file for each family of commands."""

import atexit
import gc
import os

# A command imports much and ends soon: collecting again and again while it imports is a part of its start.
gc.set_threshold(50_000)

_codes: list[int] = []


def leave_with(code: int) -> None:
    """Have the process end with this exit code as soon as everything that must be closed at its end is closed.

    What the interpreter would do then, taking all modules and what they hold apart, takes a twentieth of a short
    command's time and serves nobody. Standard output must have been flushed.
    """
    _codes.append(code)


def _leave() -> None:
    if _codes:
        os._exit(_codes[-1])


# Registered before anything else of ours, so that it is called last. Where somebody was there before, such as a tool
# that measures what is run, the end is left to the interpreter.
if not atexit._ncallbacks():  # noqa: SLF001 - there is no other way to ask
    atexit.register(_leave)
