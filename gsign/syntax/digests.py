"""Digests of many byte ranges in one pass over a file.

Signatures of one document share their beginning: each covers everything before its own /Contents. One hash per
algorithm therefore runs over the common beginning and is copied where a gap starts; every byte is read once, and
memory holds one piece of the file whatever its size.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Final

from gsign.syntax.source import BytesSource, Source, chunks

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["DigestPass", "RangeDigest"]

_SMALL: Final = 4 << 20
"""Up to here, in bytes, a second thread costs more than it gains."""
_START: Final = 0
_RESUME: Final = 1
_STOP: Final = 2


class RangeDigest:
    """The digest of one byte range, known once the pass has run."""

    __slots__ = ("_digest", "byte_range", "done", "name", "running")

    def __init__(self, name: str, byte_range: tuple[int, int, int, int]) -> None:
        self.name = name
        self.byte_range = byte_range
        self.running: hashlib._Hash | None = None
        """From the gap on: the hash of this range alone."""
        self.done = False
        self._digest = b""

    def take(self, data: bytes) -> None:
        """Compute the digest where the whole file is at hand."""
        _, length, resume, rest = self.byte_range
        view = memoryview(data)
        self.running = hashlib.new(self.name, view[:length], usedforsecurity=True)
        self.running.update(view[resume : resume + rest])
        self.done = True

    def hash(self) -> hashlib._Hash:
        """Return a copy of the hash of the range, to go on with.

        Raises:
            RuntimeError: the pass has not run.
        """
        if self.running is None or not self.done:
            raise RuntimeError("the digest pass has not run")
        return self.running.copy()

    def digest(self) -> bytes:
        """Return the digest.

        Raises:
            RuntimeError: the pass has not run.
        """
        if self.running is None or not self.done:
            raise RuntimeError("the digest pass has not run")
        if not self._digest:
            self._digest = self.running.digest()
        return self._digest


class DigestPass:
    """Collect byte ranges, then read the source once for all of them.

    Args:
        source: the file.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._wanted: dict[tuple[str, tuple[int, int, int, int]], RangeDigest] = {}

    def want(self, name: str, byte_range: tuple[int, int, int, int] | None = None) -> RangeDigest:
        """Ask for a digest.

        Args:
            name: of the digest, as `hashlib` spells it, with hyphens or underscores.
            byte_range: a /ByteRange `(0, a, b, c)`: bytes before `a`, and `c` bytes from `b` on; None for all bytes.

        Raises:
            ValueError: the range does not start at 0, is not ascending, or leaves the file; or the digest is unknown.
        """
        byte_range = byte_range or (0, self.source.size, self.source.size, 0)
        start, length, resume, rest = byte_range
        if start != 0 or not 0 <= length <= resume or rest < 0 or resume + rest > self.source.size:
            raise ValueError("byte range is off")
        key = (name.replace("-", "_"), byte_range)
        _require_known(key[0])
        return self._wanted.setdefault(key, RangeDigest(*key))

    def run(self, sink: Callable[[bytes], object] | None = None) -> None:
        """Read the source from its first byte to its last, or to the last that is wanted where nobody else listens.

        Args:
            sink: is given every byte of the file, in order, in pieces.

        Raises:
            InputError: `input-shrank` where the file ends before its size.
        """
        wanted = [r for r in self._wanted.values() if not r.done]
        if len(wanted) == 1 and type(self.source) is BytesSource:
            wanted[0].take(self.source.data)
            if sink is not None:
                sink(self.source.data)
            return
        running = _Running(wanted)
        end = self.source.size if sink is not None else running.end
        if sink is not None and end > _SMALL:
            self._run_beside(running, end, sink)
        else:
            for piece in chunks(self.source, 0, end):
                running.update(piece)
                if sink is not None:
                    sink(piece)
        running.finish()

    def _run_beside(self, running: _Running, end: int, sink: Callable[[bytes], object]) -> None:
        """Hash one piece in a second thread while this one looks at it and reads the next.

        Reading alone is not worth it: processors that hand each other pieces lose more than a copy takes.
        """
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1, "gsign-digest") as hashing:
            under_way: Future[None] | None = None
            for piece in chunks(self.source, 0, end):
                if under_way is not None:
                    under_way.result()
                under_way = hashing.submit(running.update, piece)
                time.sleep(0)  # lets the other thread begin: hashing does not hold the interpreter, `sink` does
                sink(piece)
            if under_way is not None:
                under_way.result()


class _Running:
    """The hashes under way: one per algorithm over the beginning, one per range behind its gap."""

    def __init__(self, ranges: list[RangeDigest]) -> None:
        events = [(position, kind, r) for r in ranges for position, kind in _events(r.byte_range)]
        # Latest first, so that the next one is at the end; STOP sorts behind RESUME where a part is empty.
        self._events = sorted(events, key=lambda e: e[:2], reverse=True)
        self.end = max((position for position, _, _ in events), default=0)
        self._prefixes = {r.name: hashlib.new(r.name, usedforsecurity=True) for r in ranges}
        self._uses = {name: sum(r.name == name for r in ranges) for name in self._prefixes}
        self._open: list[hashlib._Hash] = []
        self._position = 0

    def update(self, piece: bytes) -> None:
        view = memoryview(piece)
        at = position = self._position
        self._position = end = at + len(piece)
        while position < end:
            self._pass_events(position)
            stop = min(end, self._events[-1][0]) if self._events else end
            part = view[position - at : stop - at]
            for running in self._prefixes.values():
                running.update(part)
            for running in self._open:
                running.update(part)
            position = stop

    def finish(self) -> None:
        self._pass_events(self.end)

    def _pass_events(self, position: int) -> None:
        while self._events and self._events[-1][0] <= position:
            _, kind, wanted = self._events.pop()
            self._pass_event(kind, wanted)

    def _pass_event(self, kind: int, wanted: RangeDigest) -> None:
        if kind == _START:
            self._begin_gap(wanted)
        elif kind == _RESUME and wanted.running is not None:
            self._open.append(wanted.running)
        else:
            # By identity: hash objects do not compare.
            self._open = [h for h in self._open if h is not wanted.running]
            wanted.done = True

    def _begin_gap(self, wanted: RangeDigest) -> None:
        wanted.running = self._prefixes[wanted.name].copy()
        self._uses[wanted.name] -= 1
        if not self._uses[wanted.name]:
            del self._prefixes[wanted.name]


@cache
def _require_known(name: str) -> None:
    hashlib.new(name, usedforsecurity=False)


def _events(byte_range: tuple[int, int, int, int]) -> tuple[tuple[int, int], ...]:
    _, gap, resume, rest = byte_range
    return (gap, _START), (resume, _RESUME), (resume + rest, _STOP)
