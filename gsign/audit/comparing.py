"""What is kept beside entries, compared with what follows from them: most of the work of a verification.

It asks nothing of the database and of no entry around, so that processes share it. They get entries and rows, and
return what differs.
"""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, Protocol

from gsign.audit.derived import Row, rows_of_ours
from gsign.audit.entry import Entry

__all__ = ["Comparer", "Difference", "Here", "Processes", "differences", "main"]

_MOST: Final = 4
_LENGTH: Final = 8
_ROOT: Final = str(Path(__file__).parents[2])
_START: Final = "import sys; sys.path.append(sys.argv[1]); from gsign.audit.comparing import main; main()"


class Difference(NamedTuple):
    """Rows of an entry that are not those that follow from it."""

    writer: str
    number: int
    table: str
    is_extra: bool
    """Whether there is no such entry."""


class Comparer(Protocol):
    """Whoever compares; what differs is told at some time until `finish` returns."""

    def compare(self, writer: str, entries: list[Entry], changed: set[int], kept: dict[str, list[Row]]) -> None:
        """Compare rows with entries that follow each other in a chain.

        Args:
            writer: whose chain.
            entries: those whose rows are looked at.
            changed: numbers of others, whose rows are of no interest.
            kept: the rows, by table.
        """
        ...

    def finish(self) -> None:
        """Wait until everything has been compared."""
        ...


def differences(
    writer: str, entries: Sequence[Entry], changed: Iterable[int], kept: Mapping[str, list[Row]]
) -> list[Difference]:
    """Compare, as `Comparer.compare`."""
    found: list[Difference] = []
    expected = rows_of_ours(entries)
    for table, rows in kept.items():
        wanted = expected.get(table, [])
        if rows == wanted or _in_order(rows) == _in_order(wanted):
            continue
        there, should = _by_number(rows), _by_number(wanted)
        known = {entry.number for entry in entries}
        numbers = sorted((there.keys() | should.keys()).difference(changed))
        found += [
            Difference(writer, number, table, number not in known)
            for number in numbers
            if there.get(number) != should.get(number)
        ]
    return found


class Here:
    """Compare at once.

    Args:
        tell: takes what differs.
    """

    def __init__(self, tell: Callable[[Difference], object]) -> None:
        self._tell = tell

    def compare(self, writer: str, entries: list[Entry], changed: set[int], kept: dict[str, list[Row]]) -> None:
        """See `Comparer`."""
        for difference in differences(writer, entries, changed, kept):
            self._tell(difference)

    def finish(self) -> None:
        """See `Comparer`."""


class Processes:
    """Compare in several processes, each of which has one piece of work at a time.

    Args:
        tell: takes what differs.
    """

    def __init__(self, tell: Callable[[Difference], object]) -> None:
        self._tell = tell
        self._idle = deque(_started() for _ in range(min(os.cpu_count() or 1, _MOST)))
        self._busy: deque[subprocess.Popen[bytes]] = deque()

    def compare(self, writer: str, entries: list[Entry], changed: set[int], kept: dict[str, list[Row]]) -> None:
        """See `Comparer`."""
        if not self._idle:
            self._collect()
        process = self._idle.popleft()
        # Plain tuples, since it is no work to send these.
        _send(process.stdin, (writer, list(map(tuple, entries)), list(changed), kept))
        self._busy.append(process)

    def finish(self) -> None:
        """See `Comparer`."""
        while self._busy:
            self._collect()

    def close(self) -> None:
        """End the processes."""
        for process in (*self._idle, *self._busy):
            process.kill()
            with process:
                pass

    def _collect(self) -> None:
        process = self._busy.popleft()
        for found in _received(process.stdout):
            self._tell(Difference(*found))
        self._idle.append(process)


def main() -> None:
    """Compare what is sent on standard input, until it ends."""
    with suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while True:
            writer, entries, changed, kept = _received(sys.stdin.buffer)
            found = differences(writer, list(map(Entry._make, entries)), changed, kept)
            _send(sys.stdout.buffer, list(map(tuple, found)))


def _started() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", "-S", "-c", _START, _ROOT]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)


def _send(file: IO[bytes] | None, value: Any) -> None:
    assert file is not None  # noqa: S101 - a pipe was asked for
    data = marshal.dumps(value)
    file.write(len(data).to_bytes(_LENGTH) + data)
    file.flush()


def _received(file: IO[bytes] | None) -> Any:
    assert file is not None  # noqa: S101 - a pipe was asked for
    head = file.read(_LENGTH)
    if len(head) < _LENGTH:
        raise EOFError
    return marshal.loads(file.read(int.from_bytes(head)))  # noqa: S302 - of our own processes


def _in_order(rows: list[Row]) -> list[Row]:
    # In SQLite somebody may have put a value of any type anywhere.
    return sorted(rows, key=repr)


def _by_number(rows: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in _in_order(rows):
        found.setdefault(row[1] if type(row[1]) is int else 0, []).append(row)
    return found
