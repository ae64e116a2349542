"""Work spread over an executor: few items under way however many there are, and a lost worker costs nobody else.

A worker that dies takes with it whatever was under way there, and nobody can tell which item it died of. So each of
them is tried once more, alone: the one that loses a worker again is the one to blame, and is told as such.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from gsign.errors import TemporaryError

__all__ = ["AT_ONCE", "Executors", "Outcome", "Spread", "Work"]

AT_ONCE: Final = 64
"""Items under way, where nobody says how many."""
_AHEAD: Final = 64
"""In order, how many items for each under way may be done and wait for one before them to be told."""
_LOOK_SECONDS: Final = 5.0
"""How often somebody looks after the executor where nothing is done meanwhile."""

Item = TypeVar("Item")
Done = TypeVar("Done")
Done_co = TypeVar("Done_co", covariant=True)

Executors = Executor | Callable[[], Executor]
"""An executor, or what opens one; the latter is called again where one breaks."""


class Work(Protocol[Done_co]):
    """What is to be done by a worker for one item."""

    def submit(self, executor: Executor) -> Future[Any]:
        """Submit it: a function that can be pickled, with its arguments."""
        ...

    def received(self, answer: Any) -> Done_co:
        """Make of a worker's answer what is told; called once, as soon as it is there."""
        ...


class Outcome(NamedTuple, Generic[Item, Done]):
    """What became of an item: `done`, or the `error` that it ended with."""

    item: Item
    done: Done | None = None
    error: BaseException | None = None


class _Task(Generic[Item, Done]):
    def __init__(self, number: int, item: Item, work: Work[Done]) -> None:
        self.number = number
        self.item = item
        self.work = work
        self.was_lost = False
        self.was_refused = False


class Spread(Generic[Item, Done]):
    """Have work done by an executor's workers.

    Args:
        executor: an executor, which stays open, or a function that opens one, which is closed at the end.
        prepare: says what is to be done for an item, or what has become of it already, or raises why it cannot be done.
        at_once: how many items are under way; at least twice as many as there are workers.
        in_order: yield in the order of the items; else as they are done.
        watch: called now and then while nothing is done; raises where nothing will be any more.
    """

    def __init__(
        self,
        executor: Executors,
        prepare: Callable[[Item], Work[Done] | Outcome[Item, Done]],
        *,
        at_once: int | Callable[[], int] = AT_ONCE,
        in_order: bool = False,
        watch: Callable[[], None] = lambda: None,
    ) -> None:
        self._executors = _Opened(executor)
        self._prepare = prepare
        self._at_once = at_once if callable(at_once) else lambda: at_once
        self._in_order = in_order
        self._watch = watch
        self._under_way: dict[Future[Any], _Task[Item, Done]] = {}
        self._suspects: deque[_Task[Item, Done]] = deque()
        self._finished: SimpleQueue[Future[Any]] = SimpleQueue()
        self._waiting: dict[int, Outcome[Item, Done]] = {}
        """What is done and not told yet, by its number."""
        self._told = 0
        self._is_ending = False

    def end(self) -> None:
        """Begin nothing more; what is under way is still told."""
        self._is_ending = True

    def run(self, items: Iterable[Item]) -> Generator[Outcome[Item, Done]]:
        """Yield what became of each item.

        Raises:
            TemporaryError: `executor-gone`: it takes no more work; what was done has been told.
        """
        numbered = enumerate(items)
        try:
            while self._begin(numbered) or self._under_way:
                if self._under_way:
                    self._await_one()
                yield from self._tellable()
            yield from self._tellable()
        finally:
            for future in self._under_way:
                future.cancel()
            self._executors.close()

    # ------------------------------------------------------------ beginning

    def _begin(self, numbered: Iterator[tuple[int, Item]]) -> bool:
        """Begin what may be begun, and tell whether anything was, or is told without."""
        if self._suspects and not self._under_way:
            self._submit(self._suspects.popleft())
        if self._suspects or any(task.was_lost for task in self._under_way.values()):
            return True
        begun = False
        room = self._at_once()
        while len(self._under_way) < room and not self._is_too_far_ahead(room) and not self._is_ending:
            following = next(numbered, None)
            if following is None:
                return begun
            begun = True
            self._take(*following)
            if self._suspects:
                break
        return begun

    def _take(self, number: int, item: Item) -> None:
        try:
            work = self._prepare(item)
        except Exception as error:  # noqa: BLE001 - what becomes of this item, whatever it is
            work = Outcome(item, error=error)
        if isinstance(work, Outcome):
            self._waiting[number] = work
        else:
            self._submit(_Task(number, item, work))

    def _is_too_far_ahead(self, room: int) -> bool:
        return len(self._waiting) >= (_AHEAD * room if self._in_order else room)

    def _submit(self, task: _Task[Item, Done]) -> None:
        try:
            future = task.work.submit(self._executors.current())
        except BrokenExecutor as error:
            self._refuse(task, error)
            return
        except RuntimeError as error:
            raise TemporaryError("executor-gone", cause=str(error)) from error
        self._under_way[future] = task
        future.add_done_callback(self._finished.put)

    def _refuse(self, task: _Task[Item, Done], error: BrokenExecutor) -> None:
        """Take note of an executor that broke of something else before it took a task, which it is no fault of."""
        if task.was_refused:
            self._lose(task, error)
            return
        task.was_refused = True
        self._executors.give_up()
        self._suspects.append(task)

    # ------------------------------------------------------------ ending

    def _await_one(self) -> None:
        while True:
            try:
                future = self._finished.get(timeout=_LOOK_SECONDS)
            except Empty:
                self._watch()
                continue
            task = self._under_way.pop(future, None)
            if task is not None:
                self._end(task, future)
                return

    def _end(self, task: _Task[Item, Done], future: Future[Any]) -> None:
        if future.cancelled():
            raise TemporaryError("executor-gone", cause="cancelled")
        error = future.exception()
        if error is not None and _is_loss(error):
            self._lose(task, error)
            return
        if error is not None:
            self._waiting[task.number] = Outcome(task.item, error=error)
            return
        self._waiting[task.number] = Outcome(task.item, done=task.work.received(future.result()))

    def _lose(self, task: _Task[Item, Done], error: BaseException) -> None:
        if isinstance(error, BrokenExecutor):
            self._executors.give_up()
        if task.was_lost:
            lost = TemporaryError("worker-lost", file=_name(task.item))
            self._waiting[task.number] = Outcome(task.item, error=lost)
            return
        task.was_lost = True
        self._suspects.append(task)

    # ------------------------------------------------------------ telling

    def _tellable(self) -> Iterator[Outcome[Item, Done]]:
        if not self._in_order:
            while self._waiting:
                yield self._waiting.pop(next(iter(self._waiting)))
            return
        while self._told in self._waiting:
            self._told += 1
            yield self._waiting.pop(self._told - 1)


class _Opened:
    """The executor that work is given to: one that broke gives way to another like it."""

    def __init__(self, given: Executors) -> None:
        self._open: Callable[[], Executor] | None = None if isinstance(given, Executor) else given
        self._current: Executor | None = given if isinstance(given, Executor) else None
        self._is_ours = self._current is None
        self._broken: Executor | None = None

    def current(self) -> Executor:
        if self._current is None:
            self._current = self._opened()
            self._is_ours = True
        return self._current

    def give_up(self) -> None:
        """Take note that it is broken."""
        if self._current is None:
            return
        self._broken, self._current = self._current, None
        if self._is_ours:
            self._broken.shutdown(wait=False)

    def close(self) -> None:
        if self._current is not None and self._is_ours:
            self._current.shutdown(wait=True, cancel_futures=True)

    def _opened(self) -> Executor:
        if self._open is not None:
            return self._open()
        if isinstance(self._broken, ProcessPoolExecutor):
            return _like(self._broken)
        raise TemporaryError("executor-gone", cause=f"{type(self._broken).__name__} is broken")


def _like(broken: ProcessPoolExecutor) -> ProcessPoolExecutor:
    """Open one as somebody opened the one that broke; it has no other way of telling how that was."""
    told = vars(broken)
    return ProcessPoolExecutor(told["_max_workers"], told["_mp_context"], told["_initializer"], told["_initargs"])


def _is_loss(error: BaseException) -> bool:
    """Tell whether a worker died, rather than that the work failed."""
    if isinstance(error, BrokenExecutor):
        return True
    scheduler = sys.modules.get("distributed.scheduler")
    return scheduler is not None and isinstance(error, scheduler.KilledWorker)


def _name(item: object) -> str:
    return "-" if isinstance(item, bytes) else str(item)
