"""Stories that stop where they have to wait: generators that yield what they wait for, and go on with what came of it.

A story is told in order, as if nothing took time, and knows neither threads nor an event loop. Whoever tells it
decides how to wait: the relay's loop goes on with others meanwhile, a command simply waits. What is waited for can be
called, which does it by waiting.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any, Final, Generic, Protocol, TypeVar

__all__ = ["PENDING", "Coming", "Ledger", "Story", "Telling", "Wait", "Work", "Written", "tell"]

PENDING: Final = object()
"""What stands for an answer that is not there yet."""

_Told = TypeVar("_Told")


class Work:
    """Something that takes its time, or waits by itself: done in a thread where others must not wait for it.

    Args:
        call: does it.
        is_ours: whether it keeps us busy, rather than waits for somebody else.
        until: when nobody waits for it any more, on the clock of `time.monotonic`; what comes of it later does not
            count.
    """

    __slots__ = ("call", "is_ours", "until")

    def __init__(self, call: Callable[[], Any], *, is_ours: bool = True, until: float = math.inf) -> None:
        self.call = call
        self.is_ours = is_ours
        self.until = until

    def __call__(self) -> Any:
        """Do it."""
        return self.call()


class Coming(Protocol):
    """What comes once, or an error in its place."""

    def done(self) -> bool:
        """Tell whether it has come."""
        ...

    def result(self) -> Any:
        """Wait for it, and return it or raise its error."""
        ...

    def add_done_callback(self, call: Callable[[Any], object], /) -> object:
        """Have something called when it has come, in whichever thread makes it."""
        ...


class Ledger(Protocol):
    """Where something is written down."""

    def hurry(self) -> None:
        """Have written what was begun; whoever waits for several entries may say it once."""
        ...


class Written:
    """Something that is to be written down, and has come when it is on disk.

    Args:
        future: of what is written.
        ledger: where it is written.
    """

    __slots__ = ("future", "ledger")

    def __init__(self, future: Coming, ledger: Ledger) -> None:
        self.future = future
        self.ledger = ledger

    def __call__(self) -> Any:
        """Wait for it."""
        self.ledger.hurry()
        return self.future.result()


Wait = Callable[[], Any]
"""`Work`, `Written`, or an `Exchange` with the next hop."""

Story = Generator[Wait, Any, _Told]


class Telling(Generic[_Told]):
    """A story that is being told: gone on with for as long as what it waits for is there.

    Args:
        story: what is told.
        waiter: gets what the story waits for, or returns `PENDING` and calls `go_on` once it is there.
        end: called with what the story ends with, or with the error that it ends by.
    """

    __slots__ = ("_end", "_story", "_waiter")

    def __init__(self, story: Story[_Told], waiter: Waiter, end: End[_Told]) -> None:
        self._story = story
        self._waiter = waiter
        self._end = end

    def go_on(self, answer: Any = None, failure: BaseException | None = None) -> None:
        """Go on with what was waited for, or with why it does not come."""
        story, waiter = self._story, self._waiter
        while True:
            try:
                wait = story.send(answer) if failure is None else story.throw(failure)
            except StopIteration as end:
                told, error = end.value, None
                break
            except Exception as caught:  # noqa: BLE001 - whoever has it told hears of it, whatever it was
                told, error = None, caught
                break
            failure = None
            try:
                answer = waiter(wait, self)
            except Exception as caught:  # noqa: BLE001 - the story hears of it, whatever it was
                failure = caught
                continue
            if answer is PENDING:
                return
        self._end(told, error)


Waiter = Callable[[Wait, Telling[Any]], Any]

End = Callable[[_Told | None, Exception | None], None]


def tell(story: Story[_Told]) -> _Told:
    """Go through a story by waiting wherever it waits, and return what it ends with."""
    ends: list[tuple[Any, Exception | None]] = []
    Telling(story, lambda wait, _: wait(), lambda *end: ends.append(end)).go_on()
    ((told, error),) = ends
    if error is not None:
        raise error
    result: _Told = told
    return result
