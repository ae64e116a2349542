"""What the program says: results to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from gsign.errors import GsignError, InputError

if TYPE_CHECKING:
    from gsign.cli.shared import Shared

__all__ = [
    "StdoutError",
    "clean",
    "hand_on",
    "internal_error",
    "print_json",
    "print_result",
    "say_error",
    "say_note",
    "say_warning",
    "text",
]


def clean(value: object) -> str:
    """Make one printable line of a value that came from a file: no line break, no terminal escape."""
    from gsign.sentences import printable

    return printable(str(value))


def text(shared: Shared, code: str, **facts: object) -> str:
    """Look up a word or sentence of the command line."""
    template = _template(shared.lang, code)
    return template.format_map({name: clean(value) for name, value in facts.items()}) if facts else template


@cache  # of each result a dozen are asked for
def _template(lang: str, code: str) -> str:
    from gsign.sentences.commandline import TEXTS

    sentence = TEXTS[code]
    return sentence.vi if lang == "vi" else sentence.en


class StdoutError(Exception):
    """The result could not be printed; the cause is the system's error."""


def print_result(line: str) -> None:
    """Print a line of the result.

    Raises:
        StdoutError: nobody reads it any more, or the disk is full.
    """
    try:
        # In one piece, so that an interrupt leaves no line without an end.
        sys.stdout.write(f"{line}\n")
    except OSError as error:
        raise StdoutError from error


def hand_on() -> None:
    """Hand on what was printed, so that it is seen now.

    Between results of a batch also for another reason: a buffer that is full when a line comes goes out first, and an
    interrupt at that moment loses the line. One that is empty takes the line whole, and keeps it until it is written.

    Raises:
        StdoutError: as `print_result`.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        raise StdoutError from error


def print_json(record: Mapping[str, object]) -> None:
    """Print a record as one line of JSON."""
    import json

    line = json.dumps(record, ensure_ascii=False, separators=(", ", ": "))
    # Names of files may hold octets that are no text: JSON can spell them, UTF-8 cannot.
    print_result(line.encode("utf-8", "backslashreplace").decode())


def say_error(shared: Shared, error: GsignError, *, file: object = None) -> None:
    """Say what went wrong, and what to do about it."""
    sentence = error.sentence(shared.lang)
    if file is not None and error.facts.get("file") != str(file):
        sentence = f"{clean(file)}: {sentence}"
    _say(f"gsign: error: {sentence}")
    if advice := error.advice(shared.lang):
        _say(f"gsign: hint: {advice}")


def internal_error(error: Exception, shared: Shared) -> InputError:
    """Make an error of what nobody expected: a reference, and the traceback only where `-v` asks for it."""
    if shared.verbose:
        import traceback

        traceback.print_exception(error)
    return InputError("internal", kind=type(error).__name__, reference=os.urandom(4).hex())


def say_warning(shared: Shared, sentence: str) -> None:
    """Say what is worth knowing."""
    if not shared.quiet:
        _say(f"gsign: warning: {sentence}")


def say_note(shared: Shared, sentence: str) -> None:
    """Say what is going on."""
    if not shared.quiet:
        _say(f"gsign: {sentence}")


def _say(line: str) -> None:
    with suppress(OSError):  # said where it belongs, at the end
        sys.stdout.flush()
    with suppress(OSError):  # nobody hears it; the result and its exit code are worth more than what is said beside
        print(clean(line), file=sys.stderr)
