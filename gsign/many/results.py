"""Results kept in a file, a line each as soon as it is there: a run that was stopped goes on where it was.

JSON lines. The first says what was done with which conditions; each of the others names a document by its absolute
path, its size and the time it was last modified, and holds its result. A last line without an end was written when
the program was killed: it is cut off, and that document done again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from array import array
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from gsign.errors import InputError, UsageError
from gsign.many.papers import Paper

__all__ = ["Results"]

_FORM: Final = 1
_MARK: Final = b'{"gsign-results"'
_AGAIN: Final = "TRY_LATER"
"""Sub-indication of a signature whose status could not be had: it is asked for again."""


class Results:
    """A file of results, for one program at a time and one thread of it.

    For each result of an earlier run 16 bytes are held in memory, not the result.

    Args:
        path: the file; made where there is none.
        act: what is done, such as `verify`.
        conditions: all that a result depends on beside the document.

    Raises:
        UsageError: `results-of-others`: the file holds results of something else, or under other conditions.
        InputError: `results-unusable`: it cannot be read or written, or is no such file.
    """

    def __init__(self, path: Path, act: str, conditions: object) -> None:
        self.path = path
        self._head = {"gsign-results": _FORM, "act": act, "conditions": _digest(repr(conditions).encode())}
        self._keys = array("Q")
        self._places = array("Q")
        try:
            self._file: BinaryIO = open(path, "a+b", buffering=0)  # noqa: SIM115 - open as long as the run
        except OSError as error:
            raise self._unusable(error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._read()
        except OSError as error:
            self._file.close()
            raise self._unusable(error) from error
        except BaseException:
            self._file.close()
            raise

    def known(self, paper: Paper) -> dict[str, Any] | None:
        """Return the result of this very document; None where there is none, or one that is worth trying again."""
        if paper.path is None and paper.name is None:
            return None
        key = _key(paper)
        at = bisect_right(self._keys, key)
        while at and self._keys[at - 1] == key:
            at -= 1
            line = json.loads(self._line(self._places[at]))
            if _identity(line) == _names(paper):
                result: dict[str, Any] = line["result"]
                return None if _AGAIN in _sub_indications(result) else {**result, "file": paper.name}
        return None

    def keep(self, paper: Paper, result: Mapping[str, Any]) -> None:
        """Write a result down.

        Raises:
            InputError: `results-unusable`: the disk is full.
        """
        file, size, modified = _names(paper)
        line = json.dumps({"file": file, "size": size, "modified": modified, "result": result}, separators=(",", ":"))
        try:
            _write(self._file, line.encode("ascii") + b"\n")
        except OSError as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """See to it that all is on disk, and let go of the file."""
        if self._file.closed:
            return
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._unusable(error) from error
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # ------------------------------------------------------------ what is there already

    def _read(self) -> None:
        """Look through an earlier run's results, and take away what was only half written."""
        self._file.seek(0)
        keys, places, end = array("Q"), array("Q"), 0
        with open(self._file.fileno(), "rb", closefd=False) as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                key = self._key_of(line, end)
                if key is not None:
                    keys.append(key)
                    places.append(end)
                end += len(line)
        if not end:
            self._require_no_other()
        self._file.truncate(end)
        if not end:
            _write(self._file, self._first_line)
        # Of several results for one document the last one counts, and is found first.
        order = sorted(range(len(keys)), key=keys.__getitem__)
        self._keys.extend(keys[i] for i in order)
        self._places.extend(places[i] for i in order)

    def _key_of(self, line: bytes, place: int) -> int | None:
        """Return what a result is found by; None for the first line, which must be that of a run like this one."""
        try:
            record = json.loads(line)
            if place:
                return _hash(*_identity(record))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                "results-unusable", file=str(self.path), cause=f"byte {place}" if place else "not-results"
            ) from error
        if not isinstance(record, dict) or "gsign-results" not in record:
            raise InputError("results-unusable", file=str(self.path), cause="not-results")
        if record != self._head:
            raise UsageError("results-of-others", file=str(self.path))
        return None

    def _require_no_other(self) -> None:
        """Refuse to cut off what is no beginning of such a file."""
        beginning = os.pread(self._file.fileno(), len(_MARK), 0)
        if not _MARK.startswith(beginning):
            raise InputError("results-unusable", file=str(self.path), cause="not-results")

    @property
    def _first_line(self) -> bytes:
        return json.dumps(self._head).encode("ascii") + b"\n"

    def _line(self, place: int) -> bytes:
        data = b""
        while not data.endswith(b"\n"):
            piece = os.pread(self._file.fileno(), 1 << 16, place + len(data))
            head, newline, _ = piece.partition(b"\n")
            data += head + newline
        return data

    def _unusable(self, error: OSError) -> InputError:
        cause = "results-in-use" if isinstance(error, BlockingIOError) else error.strerror
        return InputError("results-unusable", file=str(self.path), cause=cause)


def _write(file: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _names(paper: Paper) -> tuple[str, int, int]:
    # A file that is sent has a name here all the same.
    return os.path.abspath(paper.path or str(paper.name)), paper.size, paper.modified  # noqa: PTH100


def _identity(record: Mapping[str, Any]) -> tuple[str, int, int]:
    return record["file"], record["size"], record["modified"]


def _key(paper: Paper) -> int:
    return _hash(*_names(paper))


def _hash(file: str, size: int, modified: int) -> int:
    text = f"{file}\0{size}\0{modified}".encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sub_indications(result: Mapping[str, Any]) -> set[str]:
    return {signature.get("sub_indication") for signature in result.get("signatures", ())}
