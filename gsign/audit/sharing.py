"""Work on a ledger that is done here, or shared by processes that each read the ledger themselves.

What goes between them is what is to be done, and what came of it: pieces of a chain by their numbers, and hashes.
"""

from __future__ import annotations

import gc
import marshal
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Final, Protocol

from gsign.audit.proving import Proved, prove
from gsign.audit.reading import Reader, open_reader
from gsign.errors import GsignError

__all__ = ["Here", "Processes", "Workers", "main"]

_MOST: Final = 8
_AHEAD: Final = 2
"""Pieces for each process that are begun before anybody asks what came of them."""
_ROOT: Final = str(Path(__file__).parents[2])
_START: Final = (
    "import marshal, sys; sys.path[:] = marshal.load(sys.stdin.buffer); from gsign.audit.sharing import main; main()"
)


class Workers(Protocol):
    """Whoever does the work; what was begun first is not always done first."""

    ahead: int
    """How many pieces it pays to begin before the first is asked for."""

    def prove(self, writer: str, after: int, last: int) -> Callable[[], Proved | None]:
        """Begin to prove entries, as `proving.prove`, and return what waits for what came of it."""
        ...

    def damage(self) -> Callable[[], list[str]]:
        """Begin to look for damage, as `Reader.damage`, and return what waits for what came of it."""
        ...


class Here:
    """Work that is done when it is asked for.

    Args:
        reader: of the ledger.
    """

    ahead = 1

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def prove(self, writer: str, after: int, last: int) -> Callable[[], Proved | None]:
        """See `Workers`."""
        return lambda: prove(self._reader, writer, after, last)

    def damage(self) -> Callable[[], list[str]]:
        """See `Workers`."""
        return self._reader.damage


class Processes:
    """Work that is done in processes, each of which does one thing at a time; what one could not do is done here.

    Args:
        url: of the ledger.
        reader: of the same.
    """

    def __init__(self, url: str, reader: Reader) -> None:
        self._here = Here(reader)
        self._idle: SimpleQueue[_Process] = SimpleQueue()
        self._all = [_Process(url) for _ in range(min(len(os.sched_getaffinity(0)), _MOST))]
        for process in self._all:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(len(self._all), "gsign-ledger")
        self.ahead = _AHEAD * len(self._all)

    def prove(self, writer: str, after: int, last: int) -> Callable[[], Proved | None]:
        """See `Workers`."""
        coming = self._begin("prove", writer, after, last)

        def result() -> Proved | None:
            try:
                found = coming.result()
            except _LOST:
                return self._here.prove(writer, after, last)()
            return Proved(*found) if found else None

        return result

    def damage(self) -> Callable[[], list[str]]:
        """See `Workers`."""
        coming = self._begin("damage")

        def result() -> list[str]:
            try:
                return list(coming.result())
            except _LOST:
                return self._here.damage()()

        return result

    def close(self) -> None:
        """End the processes."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._all:
            process.close()
        self._threads.shutdown()

    def _begin(self, task: str, *arguments: Any) -> Future[Any]:
        return self._threads.submit(self._ask, task, arguments)

    def _ask(self, task: str, arguments: tuple[Any, ...]) -> Any:
        process = self._idle.get()
        try:
            return process.ask(task, arguments)
        finally:
            self._idle.put(process)


_LOST: Final = (EOFError, OSError)
"""What is raised where a process has ended."""


class _Process:
    def __init__(self, url: str) -> None:
        command = [sys.executable, "-I", "-S", "-c", _START]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(command, start_new_session=True, **pipes)
        # One that has ended already is found out when it is asked.
        with suppress(OSError):
            _send(self._process.stdin, [*sys.path, _ROOT])
            # Not on the command line: there may be a password in it.
            _send(self._process.stdin, url)

    def ask(self, task: str, arguments: tuple[Any, ...]) -> Any:
        _send(self._process.stdin, (task, arguments))
        return _received(self._process.stdout)

    def close(self) -> None:
        self._process.kill()
        with suppress(OSError), self._process:
            pass


def main() -> None:
    """Do what is asked for on standard input, until it ends."""
    # Nothing that is made here refers to itself, and looking for it takes a fifth of the time.
    gc.disable()
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt, GsignError):
        _serve(_received(sys.stdin.buffer))


def _serve(url: str) -> None:
    with open_reader(url) as reader:
        while True:
            task, arguments = _received(sys.stdin.buffer)
            _send(sys.stdout.buffer, _TASKS[task](reader, *arguments))


def _proved(reader: Reader, writer: str, after: int, last: int) -> tuple[Any, ...]:
    return tuple(prove(reader, writer, after, last) or ())


_TASKS: Final[Mapping[str, Callable[..., Any]]] = {"prove": _proved, "damage": Reader.damage}


def _send(file: IO[bytes] | None, value: Any) -> None:
    assert file is not None  # noqa: S101 - a pipe was asked for
    marshal.dump(value, file)
    file.flush()


def _received(file: IO[bytes] | None) -> Any:
    assert file is not None  # noqa: S101 - a pipe was asked for
    return marshal.load(file)  # noqa: S302 - of our own processes
