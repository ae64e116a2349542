"""What is sent to a worker of a document: its path and what it looks like from here, or its bytes."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import NamedTuple

from gsign.errors import GsignError, InputError

__all__ = ["Paper", "Source", "paper_of"]

Source = str | os.PathLike[str] | bytes


class Paper(NamedTuple):
    """A document as a worker gets it.

    Args:
        name: as it is called where it was asked for; None for bytes.
        path: absolute, or None where `data` is the document.
        size: in bytes.
        modified: in nanoseconds since 1970, or 0.
        data: the document itself.
    """

    name: str | None
    path: str | None
    size: int
    modified: int
    data: bytes = b""

    def opened(self) -> str | bytes:
        """Return what a worker reads.

        Raises:
            InputError: `input-elsewhere`: another file is there under this name, or none.
        """
        if self.path is None:
            return self.data
        try:
            status = Path(self.path).stat()
            is_same = (status.st_size, status.st_mtime_ns) == (self.size, self.modified)
        except OSError:
            is_same = False
        if not is_same:
            raise InputError("input-elsewhere", file=self.name, worker=socket.gethostname())
        return self.path

    def named_in(self, error: GsignError) -> GsignError:
        """Let an error call the document as those who asked do."""
        if self.name is not None and error.facts.get("file") == self.path:
            error.facts["file"] = self.name
        return error


def paper_of(source: Source, *, most: int | None = None) -> Paper:
    """Describe a document for a worker.

    Args:
        source: path or content.
        most: size up to which a file is sent itself, in bytes; None sends its path.

    Raises:
        InputError: `input-unreadable`, `input-is-folder`, `input-too-large-to-send`.
    """
    if isinstance(source, bytes):
        return Paper(None, None, len(source), 0, source)
    name = os.fspath(source)
    try:
        status = Path(name).stat()
    except (OSError, ValueError) as error:
        cause = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        raise InputError("input-unreadable", file=name, cause=cause) from error
    paper = Paper(name, os.path.abspath(name), status.st_size, status.st_mtime_ns)  # noqa: PTH100 - no link is followed
    return paper if most is None else _sent(paper, most)


def _sent(paper: Paper, most: int) -> Paper:
    from gsign.syntax.source import open_source

    assert paper.path is not None  # noqa: S101 - it was made of one
    if paper.size > most:
        raise InputError("input-too-large-to-send", file=paper.name, size=paper.size, most=most)
    with open_source(Path(str(paper.name))) as opened:
        data = opened.read(0, opened.size)
    return paper._replace(path=None, size=len(data), data=data)
