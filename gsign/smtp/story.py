"""Stories that stop where they have to wait: generators that yield what they wait for, and go on with what came of it.

A story is told in order, as if nothing took time, and knows neither threads nor an event loop. Whoever tells it
decides how to wait: the relay's loop without a thread wherever that can be done, a command by simply waiting. What is
waited for can be called, which does it by waiting.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Any, TypeVar

__all__ = ["Story", "Wait", "Work", "Written", "tell"]

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


class Written:
    """Something that is to be written down, and is on disk when its future is done.

    Args:
        future: of what is written.
        hurry: says that somebody waits for it; whoever waits for several may say it once.
    """

    __slots__ = ("future", "hurry")

    def __init__(self, future: Future[Any], hurry: Callable[[], None]) -> None:
        self.future = future
        self.hurry = hurry

    def __call__(self) -> Any:
        """Wait for it."""
        self.hurry()
        return self.future.result()


Wait = Callable[[], Any]
"""`Work`, `Written`, or an `Exchange` with the next hop."""

Story = Generator[Wait, Any, _Told]


def tell(story: Story[_Told]) -> _Told:
    """Go through a story by waiting wherever it waits, and return what it ends with."""
    answer: Any = None
    failure: Exception | None = None
    while True:
        try:
            wait = story.send(answer) if failure is None else story.throw(failure)
        except StopIteration as end:
            told: _Told = end.value
            return told
        failure = None
        try:
            answer = wait()
        except Exception as error:  # noqa: BLE001 - the story hears of it, whatever it was
            failure = error
