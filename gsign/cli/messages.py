"""Messages named on the command line: files, or `-` for standard input, whose outcome goes to standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gsign.cli.files import Job, obstacle, plan
from gsign.cli.output import say_note, say_warning
from gsign.errors import UsageError

if TYPE_CHECKING:
    from gsign.cli.shared import Shared
    from gsign.errors import GsignError

__all__ = ["is_piped", "is_stdin", "pass_on", "plan_messages", "read_message", "read_stdin", "require_alone"]

_STDIN: Final = Path("-")


def is_stdin(file: Path) -> bool:
    """Whether a message is to be read from standard input."""
    return file == _STDIN


def require_alone(files: Sequence[Path]) -> None:
    """Refuse standard input beside files: its output would have no name.

    Raises:
        UsageError: `stdin-not-alone`.
    """
    if _STDIN in files and len(files) > 1:
        raise UsageError("stdin-not-alone")


def plan_messages(given: Mapping[str, Any], *, done: str = "signed") -> tuple[list[Job], dict[Job, GsignError | None]]:
    """Give every message its output, and tell what will make one fail, as far as names and rights show it.

    Raises:
        UsageError: as `gsign.cli.files.plan`; `stdin-not-alone`.
    """
    require_alone(given["files"])
    jobs = plan(given["files"], given["output"], given["out_dir"], suffix=".eml", done=done)
    force = given["force"]
    return jobs, {
        job: None
        if is_stdin(job.source)
        else obstacle(job, force=force, folder="mail-is-folder", made=given["out_dir"])
        for job in jobs
    }


def is_piped(given: Mapping[str, Any]) -> bool:
    """Whether a message comes in by standard input and goes out by standard output."""
    return bool(given["files"] == (_STDIN,) and given["output"] is None)


def pass_on(message: bytes, warnings: Iterable[str], line: str, shared: Shared) -> None:
    """Write to standard output what became of the message that came in; what is told goes to stderr."""
    from gsign.sentences import reason_sentence

    sys.stdout.buffer.write(message)
    for warning in warnings:
        say_warning(shared, reason_sentence(warning, shared.lang))
    say_note(shared, line)


def read_message(job: Job) -> Path | bytes:
    """Return the octets that come in by standard input, and the path of any other message.

    Raises:
        InputError: `input-unreadable`, `mail-too-large`.
    """
    return read_stdin() if is_stdin(job.source) else job.source


def read_stdin() -> bytes:
    """Read the message that comes in.

    Raises:
        InputError: `input-unreadable`, `mail-too-large`.
    """
    from gsign.protection.octets import read_whole

    return read_whole(sys.stdin.buffer, "-")
