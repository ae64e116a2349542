"""Threads that work side by side and hand over in order: `concurrent.futures` takes long to import."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from typing import Final, Generic, TypeVar

__all__ = ["side_by_side"]

_AHEAD: Final = 8
"""How many items are under way or waiting to be told, for each thread."""

_LOOK_UP_SECONDS: Final = 0.1

Item = TypeVar("Item")
Done = TypeVar("Done")


def side_by_side(
    work: Callable[[Item], Done], items: Iterable[Item], jobs: int, stop: Callable[[], None]
) -> Generator[tuple[Item, Done]]:
    """Do the work for each item and yield them in order, however many there are.

    Args:
        work: does it, in any of the threads.
        items: asked for as they are needed.
        jobs: how many threads; with one it is done in the caller's.
        stop: called where the caller stops early, so that no work keeps a thread.
    """
    if jobs <= 1:
        for item in items:
            yield item, work(item)
        return
    crew = _Crew(work, jobs)
    waiting: deque[_Task[Item, Done]] = deque()
    try:
        for item in items:
            waiting.append(crew.begin(item))
            if len(waiting) >= _AHEAD * jobs:
                first = waiting.popleft()
                yield first.item, first.result()
        while waiting:
            first = waiting.popleft()
            yield first.item, first.result()
    except BaseException:
        crew.forget()
        stop()
        raise
    finally:
        crew.end()


class _Task(Generic[Item, Done]):
    def __init__(self, item: Item) -> None:
        self.item = item
        self._done: list[Done] = []
        self._error: BaseException | None = None
        self._ready = threading.Lock()
        self._ready.acquire()

    def run(self, work: Callable[[Item], Done]) -> None:
        try:
            self._done.append(work(self.item))
        except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
            self._error = error
        finally:
            self._ready.release()

    def result(self) -> Done:
        # In short steps: a signal that another thread happens to take does not wake up one that waits for a lock.
        while not self._ready.acquire(timeout=_LOOK_UP_SECONDS):
            pass
        if self._error is not None:
            raise self._error
        return self._done[0]


class _Crew(Generic[Item, Done]):
    def __init__(self, work: Callable[[Item], Done], jobs: int) -> None:
        self._work = work
        self._tasks: deque[_Task[Item, Done] | None] = deque()
        self._left = threading.Semaphore(0)
        # Whoever stops early may hold on to the generator, in the traceback of what stopped it (a broken pipe): the
        # crew is not ended then, and a thread that is no daemon would keep the program from ending.
        self._threads = [
            threading.Thread(target=self._serve, name=f"gsign-verify-{n}", daemon=True) for n in range(jobs)
        ]
        for thread in self._threads:
            thread.start()

    def begin(self, item: Item) -> _Task[Item, Done]:
        """Have the work for an item done as soon as a thread is free."""
        task: _Task[Item, Done] = _Task(item)
        self._give(task)
        return task

    def forget(self) -> None:
        """Do not begin what was not begun."""
        self._tasks.clear()

    def end(self) -> None:
        """Wait for the threads."""
        for _ in self._threads:
            self._give(None)
        for thread in self._threads:
            thread.join()

    def _give(self, task: _Task[Item, Done] | None) -> None:
        self._tasks.append(task)
        self._left.release()

    def _serve(self) -> None:
        while True:
            self._left.acquire()
            try:
                task = self._tasks.popleft()
            except IndexError:  # forgotten meanwhile
                continue
            if task is None:
                return
            task.run(self._work)
