"""A ledger that the scribe writes for us: what is dictated is on disk when its answer comes.

Whoever waits takes the answers from the connection himself, for all who wait. A loop is told when there are some.
"""

from __future__ import annotations

import math
import pickle
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from gsign.audit.coming import Coming
from gsign.audit.door import Door, framed, frames_in
from gsign.audit.entry import Entry
from gsign.audit.ledger import text_of
from gsign.audit.trouble import unwritable
from gsign.errors import TemporaryError

if TYPE_CHECKING:
    from gsign.audit.pseudonyms import Pseudonyms

__all__ = ["Dictation", "Watcher"]

_PIECE: Final = 1 << 16
_WAITING_SECONDS: Final = 30
"""How long nothing is answered before nobody waits any more."""
_LOOK_SECONDS: Final = 1.0
"""After which who waits looks whether the connection is still the same."""


class Watcher(Protocol):
    """A loop that waits for answers."""

    def rouse(self) -> None:
        """Call `Dictation.hurry` soon: something is to be written."""
        ...

    def begin(self, connection: socket.socket) -> None:
        """Call `Dictation.receive` whenever there is something to be read. Called in any thread."""
        ...

    def end(self, connection: socket.socket) -> None:
        """Watch a connection no more, and close it. Called in any thread."""
        ...


class Dictation:
    """Append entries to a ledger by way of the scribe.

    Args:
        door: to the scribe.
        url, station, pseudonyms: see `Ledger`.

    Attributes:
        watcher: the loop that waits for answers; None where there is none, and who waits looks himself.
        is_closed: whether it was let go of.

    Raises:
        TemporaryError: `ledger-unwritable`.
        ConfigurationError: `ledger-newer`.
    """

    def __init__(
        self, door: Door, url: str, *, station: str | None = None, pseudonyms: Pseudonyms | None = None
    ) -> None:
        self.url = url
        self.watcher: Watcher | None = None
        self.is_closed = False
        self._door = door
        self._where = url, station
        self._pseudonyms = pseudonyms
        self._lock = threading.Lock()
        """Held while what follows is changed; never while anybody waits, or is told."""
        self._connection: socket.socket | None = None
        self._wanted: list[tuple[str, str]] = []
        self._unsent = bytearray()
        self._awaited: deque[_Dictated] = deque()
        """Those who wait, in the order in which they are answered."""
        self._heard_at = 0.0
        self._received = bytearray()
        self._hearing = threading.Lock()
        """Held by the one who takes answers from the connection."""
        with self._lock:
            opening = self._begin()
            self._push()
        opening.result()

    def append(self, kind: str, body: Mapping[str, Any]) -> Entry:
        """See `Ledger.append`."""
        return self.append_soon(kind, body).result()

    def append_soon(self, kind: str, body: Mapping[str, Any], *, hurries: bool = True) -> Coming[Entry]:
        """Begin to write an entry, and return at once; the entry, or why there is none, comes when it is on disk.

        For who has something else to do meanwhile. Entries of one thread stand in the order of its calls.

        Args:
            kind: what happened.
            body: see `Ledger.append`.
            hurries: whether the scribe hears of it now, rather than at the next `hurry`; a loop that waits for answers
                hurries by itself.

        Raises:
            TemporaryError: `ledger-unwritable`: the body is none.
        """
        coming = _Dictated(self, kind, text_of(body, self._pseudonyms))
        with self._lock:
            self._wanted.append((kind, coming.body))
            self._awaited.append(coming)
        if hurries:
            self.hurry()
        elif self.watcher is not None:
            self.watcher.rouse()
        return coming

    def hurry(self) -> None:
        """Have written what was begun, and do not wait for it."""
        self._try(self._say)

    def be_watched(self, watcher: Watcher) -> None:
        """Have a loop wait for answers, which calls back in its own thread."""
        with self._lock:
            self.watcher = watcher
            if self._connection is not None:
                watcher.begin(self._connection)

    @property
    def is_behind(self) -> bool:
        """Whether the scribe takes what is dictated more slowly than it comes."""
        return bool(self._unsent)

    def send(self) -> None:
        """Send what is left, for as much as fits now."""
        self._try(self._push)

    def receive(self) -> None:
        """Take what has been answered, if nobody else does just now, and call back who waits for it."""
        if self._hearing.acquire(blocking=False):
            self._hear()

    def look(self, now: float) -> None:
        """Give up where nothing has been answered for too long, by the clock of `time.monotonic`."""
        if self._awaited and now - self._heard_at > _WAITING_SECONDS:
            self._lose(TimeoutError("the entries before take too long"))

    def await_(self, coming: _Dictated, until: float) -> None:
        """Wait until an answer has come, or it is as late as that."""
        while not coming.done() and (left := until - time.monotonic()) > 0:
            if not self._hearing.acquire(timeout=min(left, _LOOK_SECONDS)):
                continue
            connection = self._connection
            if (
                coming.done()
                or connection is None
                or not _is_ready(connection, min(left, _LOOK_SECONDS), writes=self.is_behind)
            ):
                self._hearing.release()
            else:
                self._hear()
                self.send()

    def close(self) -> None:
        """Wait for what was begun, and let go of the ledger."""
        self.hurry()
        with self._lock:
            last = self._awaited[-1] if self._awaited else None
        if last is not None:
            self.await_(last, time.monotonic() + _WAITING_SECONDS)
        self.is_closed = True
        self._lose(ConnectionAbortedError("the ledger was closed"))

    def _try(self, work: Callable[[], None]) -> None:
        try:
            with self._lock:
                work()
        except OSError as error:
            self._lose(error)

    # ------------------------------------------------------------ with the lock held

    def _say(self) -> None:
        if not self._wanted:
            return
        if self._connection is None:
            self._begin()
        is_idle = len(self._awaited) == len(self._wanted)
        if is_idle:
            self._heard_at = time.monotonic()
        said = framed(self._wanted)
        self._wanted.clear()
        self._unsent += said
        try:
            self._push()
        except OSError:
            if not is_idle:
                raise
            # The scribe has ended while nobody waited for it: nothing is lost, and another one is there or comes.
            self._let_go()
            self._begin()
            self._unsent += said
            self._push()

    def _let_go(self) -> None:
        """Forget the connection, and what was half said or half heard."""
        connection, self._connection = self._connection, None
        self._unsent.clear()
        self._received.clear()
        if connection is None:
            return
        if self.watcher is not None:
            self.watcher.end(connection)
        else:
            connection.close()

    def _begin(self) -> _Dictated:
        """Begin a conversation: first of all is said which ledger, and answered whether it can be written."""
        connection = self._door.knock()
        connection.setblocking(False)
        self._connection = connection
        opening = _Dictated(self)
        self._awaited.appendleft(opening)
        self._heard_at = time.monotonic()
        self._unsent += framed(self._where)
        if self.watcher is not None:
            self.watcher.begin(connection)
        return opening

    def _push(self) -> None:
        if self._unsent and self._connection is not None:
            try:
                del self._unsent[: self._connection.send(self._unsent)]
            except BlockingIOError:
                return

    # ------------------------------------------------------------ answers

    def _hear(self) -> None:
        """Take what has come, let others do so, and tell those who waited for it."""
        settled: list[_Dictated] = []
        try:
            try:
                with self._lock:
                    settled += self._answered()
            finally:
                self._hearing.release()
        except OSError as error:
            self._lose(error)
        for coming in settled:
            coming.pass_on()
            if coming.is_opening and coming.error is not None:
                self._lose(coming.error)

    def _answered(self) -> list[_Dictated]:
        if self._connection is None:
            return []
        try:
            came = self._connection.recv(_PIECE)
        except BlockingIOError:
            return []
        if not came:
            raise ConnectionResetError("the process that writes the ledger has ended")
        self._received += came
        self._heard_at = time.monotonic()
        answers = [answer for answers in frames_in(self._received) for answer in answers]
        return [self._awaited.popleft().settled(answer) for answer in answers]

    def _lose(self, error: Exception) -> None:
        """Give up the connection; whoever waits hears that nothing was written, as far as is known."""
        with self._lock:
            self._let_go()
            lost, self._awaited = self._awaited, deque()
            self._wanted.clear()
        why = error if isinstance(error, TemporaryError) else unwritable(error)
        for coming in lost:
            coming.set_exception(why)


class _Dictated(Coming[Any]):
    """An entry that the scribe is to write; or, where it has no kind, its word that it can."""

    __slots__ = ("_dictation", "body", "kind")

    def __init__(self, dictation: Dictation, kind: str = "", body: str = "") -> None:
        super().__init__()
        self._dictation = dictation
        self.kind = kind
        self.body = body

    @property
    def is_opening(self) -> bool:
        return not self.kind

    @property
    def error(self) -> Exception | None:
        return self._error

    def settled(self, answer: Any) -> Self:
        """Let it have come, and tell nobody yet."""
        if isinstance(answer, bytes):
            self._error = pickle.loads(answer)  # noqa: S301 - of our own process
        elif answer is not None:
            writer, number, at, previous, hash_ = answer
            self._made = Entry(writer, number, at, self.kind, self.body, previous, hash_)
        self._is_there = True
        return self

    def result(self) -> Any:
        """Wait for it; nobody waits longer than for anything of the ledger. See `Coming`."""
        if not self.done():
            self._dictation.await_(self, time.monotonic() + _WAITING_SECONDS)
        if not self.done():
            self._dictation.look(math.inf)
        return super().result()


def _is_ready(connection: socket.socket, seconds: float, *, writes: bool) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLIN | (select.POLLOUT if writes else 0))
    return bool(poll.poll(1000 * seconds))
