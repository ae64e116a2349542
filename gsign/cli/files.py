"""Which output belongs to which input, and what can be known to fail before a PIN is asked for."""

from __future__ import annotations

import errno
import os
import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from gsign.errors import GsignError, InputError, UsageError

__all__ = ["Job", "folder_obstacle", "make_folder", "obstacle", "plan", "read_first_line"]


_LONGEST_PASSWORD: Final = 4096
"""No password is longer; what has no end of a line, such as a device, would be read for ever."""


class Job(NamedTuple):
    """One input and its output."""

    source: Path
    output: Path


def plan(
    sources: Sequence[Path], output: Path | None, folder: Path | None, *, suffix: str = ".pdf", done: str = "signed"
) -> list[Job]:
    """Give every input its output: `-o`, the same name in `--out-dir`, or NAME.signed.pdf beside it.

    Args:
        sources: the inputs.
        output: what `-o` names.
        folder: what `--out-dir` names.
        suffix: of an output beside an input that has none.
        done: what is done, as the name of an output beside its input tells.

    Raises:
        UsageError: `output-for-one`, `output-and-folder`, `stdout-not-taken`, or `outputs-collide` where two inputs
            have one output.
    """
    if output and folder:
        raise UsageError("output-and-folder")
    if output and len(sources) > 1:
        raise UsageError("output-for-one", count=len(sources))
    if output == Path("-"):
        raise UsageError("stdout-not-taken")
    jobs = [Job(source, output or _output_of(source, folder, suffix, done)) for source in sources]
    outputs = Counter(job.output.absolute() for job in jobs)
    if twice := next((path for path, count in outputs.items() if count > 1), None):
        raise UsageError("outputs-collide", output=str(twice))
    return jobs


def _output_of(source: Path, folder: Path | None, suffix: str, done: str) -> Path:
    if folder:
        return folder / source.name
    name = f"{source.stem}.{done}{source.suffix or suffix}"
    # Only folders have no name (`.`, `/`, an empty word of a script); whoever looks at the input says so.
    return source.with_name(name) if source.name else source / name


def obstacle(job: Job, *, force: bool, folder: str = "input-is-folder", made: Path | None = None) -> GsignError | None:
    """Return what will make this job fail, as far as a look at names and rights can tell.

    Args:
        job: an input and its output.
        force: whether an existing output is replaced.
        folder: what is said of an input that is a folder.
        made: a folder that will be made where it is missing.
    """
    source, output = job.source, job.output
    try:
        if stat.S_ISDIR(source.stat().st_mode):
            return InputError(folder, file=str(source))
        if not os.access(source, os.R_OK):
            return _unreadable(source, errno.EACCES)
    except OSError as error:
        return _unreadable(source, error.errno)
    if os.path.lexists(output):
        if _exists(output) and output.samefile(source):
            return UsageError("output-is-input", file=str(output))
        if not force:
            return UsageError("output-exists", file=str(output))
    return None if output.parent == made and not _exists(made) else folder_obstacle(output)


def _exists(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises where a name is too long


def folder_obstacle(output: Path) -> InputError | None:
    """Return what will keep an output from appearing in its folder, as far as a look at the folder can tell."""
    try:
        output.parent.stat()
    except OSError as error:
        number = error.errno or errno.ENOENT
    else:
        if os.access(output.parent, os.W_OK | os.X_OK):
            return None
        number = errno.EACCES
    return InputError("output-unwritable", file=str(output), cause=os.strerror(number))


def _unreadable(source: Path, number: int | None) -> InputError:
    return InputError("input-unreadable", file=str(source), cause=os.strerror(number or 0))


def make_folder(folder: Path | None) -> None:
    """Make the folder of the outputs, where one is named and it is not there.

    Raises:
        InputError: `output-unwritable`.
    """
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("output-unwritable", file=str(folder), cause=os.strerror(error.errno or 0)) from error


def read_first_line(file: Path) -> str:
    """Read a password from the first line of a file.

    Raises:
        InputError: `password-file-unreadable`.
    """
    try:
        with file.open(encoding="utf-8") as opened:
            return opened.readline(_LONGEST_PASSWORD).removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise InputError("password-file-unreadable", file=str(file), cause=error.strerror) from None
    except UnicodeDecodeError:
        raise InputError("password-file-unreadable", file=str(file), cause="UTF-8") from None
