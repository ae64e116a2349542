"""Work spread over an executor: few items under way however many there are, and a lost worker costs nobody else.

A worker that dies takes with it whatever was under way there, and nobody can tell which item it died of; nor whose
fault it is where a task is lost on the way to a worker or back. So each of them is tried once more, alone: the one that
loses a worker again is the one to blame, and is told as such.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from gsign.errors import TemporaryError
from gsign.many.executors import Executors, Opened

__all__ = ["AT_ONCE", "Call", "Outcome", "Spread", "Work", "do_all"]

AT_ONCE: Final = 64
"""Items under way, where nobody says how many."""
_AHEAD: Final = 64
"""In order, how many items for each under way may be done and wait for one before them to be told."""
_LOOK_SECONDS: Final = 5.0
"""How often somebody looks after the executor where nothing is done meanwhile."""

Item = TypeVar("Item")
Done = TypeVar("Done")
Done_co = TypeVar("Done_co", covariant=True)

Call = tuple[Callable[..., Any], tuple[Any, ...]]


class Work(Protocol[Done_co]):
    """What is to be done by a worker for one item."""

    def call(self) -> Call:
        """Return what a worker calls: a function that can be pickled, and its arguments."""
        ...

    def received(self, answer: Any) -> Done_co:
        """Make of a worker's answer what is told; called once, as soon as it is there."""
        ...


class Outcome(NamedTuple, Generic[Item, Done]):
    """What became of an item: `done`, or the `error` that it ended with."""

    item: Item
    done: Done | None = None
    error: BaseException | None = None


class _Begun(NamedTuple, Generic[Item, Done]):
    number: int
    item: Item
    work: Work[Done]


class _Task(Generic[Item, Done]):
    """Items that a worker gets together, or one that is tried once more."""

    def __init__(self, begun: Sequence[_Begun[Item, Done]], *, was_lost: bool = False) -> None:
        self.begun = begun
        self.was_lost = was_lost
        self.was_refused = False


class Spread(Generic[Item, Done]):
    """Have work done by an executor's workers.

    Args:
        executor: an executor, which stays open, or a function that opens one, which is closed at the end.
        prepare: says what is to be done for an item, or what has become of it already, or raises why it cannot be done.
        at_once: how many tasks are under way; at least twice as many as there are workers.
        together: how many items make a task, once so many are under way that each worker has some; where the way to a
            worker is long, one by one costs more than the work.
        in_order: yield in the order of the items; else as they are done.
        watch: called now and then while nothing is done; raises where nothing will be any more.
    """

    def __init__(
        self,
        executor: Executors,
        prepare: Callable[[Item], Work[Done] | Outcome[Item, Done]],
        *,
        at_once: int | Callable[[], int] = AT_ONCE,
        together: int = 1,
        in_order: bool = False,
        watch: Callable[[], None] = lambda: None,
    ) -> None:
        self._executors = Opened(executor)
        self._prepare = prepare
        self._at_once = at_once if callable(at_once) else lambda: at_once
        self._together = together
        self._in_order = in_order
        self._watch = watch
        self._under_way: dict[Future[Any], _Task[Item, Done]] = {}
        self._suspects: deque[_Task[Item, Done]] = deque()
        self._finished: SimpleQueue[Future[Any]] = SimpleQueue()
        self._waiting: dict[int, Outcome[Item, Done]] = {}
        """What is done and not told yet, by its number."""
        self._count = 0
        self._told = 0
        self._is_ending = False

    def end(self) -> None:
        """Begin nothing more; what is under way is still told."""
        self._is_ending = True

    def run(self, items: Iterable[Item]) -> Generator[Outcome[Item, Done]]:
        """Yield what became of each item.

        Raises:
            TemporaryError: `executor-gone`: it takes no more work; what was done has been received.
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
        was_any = False
        room = self._at_once()
        while len(self._under_way) < room and not self._is_too_far_ahead(room) and not self._is_ending:
            chosen = list(islice(numbered, self._size(room)))
            if not chosen:
                return was_any
            was_any = True
            begun = [one for number, item in chosen if (one := self._prepared(number, item)) is not None]
            if begun:
                self._submit(_Task(begun))
            if self._suspects:
                break
        return was_any

    def _size(self, room: int) -> int:
        """Return how many items make the next task: few of few, so that every worker gets some."""
        return min(self._together, 1 + self._count // room)

    def _prepared(self, number: int, item: Item) -> _Begun[Item, Done] | None:
        self._count = number + 1
        try:
            work = self._prepare(item)
        except Exception as error:  # noqa: BLE001 - what becomes of this item, whatever it is
            work = Outcome(item, error=error)
        if isinstance(work, Outcome):
            self._waiting[number] = work
            return None
        return _Begun(number, item, work)

    def _is_too_far_ahead(self, room: int) -> bool:
        return len(self._waiting) >= (_AHEAD * room if self._in_order else room)

    def _submit(self, task: _Task[Item, Done]) -> None:
        try:
            future = self._executors.current().submit(do_all, [begun.work.call() for begun in task.begun])
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
        # What fails as a whole has failed on its way: an item's own fault is among the answers (`do_all`).
        if error is not None and (_is_loss(error) or not task.was_lost):
            self._lose(task, error)
            return
        answers = [(None, error)] * len(task.begun) if error is not None else future.result()
        for begun, (answer, fault) in zip(task.begun, answers, strict=True):
            outcome = (
                Outcome(begun.item, begun.work.received(answer)) if fault is None else Outcome(begun.item, error=fault)
            )
            self._waiting[begun.number] = outcome

    def _lose(self, task: _Task[Item, Done], error: BaseException) -> None:
        if isinstance(error, BrokenExecutor):
            self._executors.give_up()
        if not task.was_lost:
            self._suspects.extend(_Task([begun], was_lost=True) for begun in task.begun)
            return
        for begun in task.begun:
            lost = TemporaryError("worker-lost", file=_name(begun.item))
            self._waiting[begun.number] = Outcome(begun.item, error=lost)

    # ------------------------------------------------------------ telling

    def _tellable(self) -> Iterator[Outcome[Item, Done]]:
        if not self._in_order:
            while self._waiting:
                yield self._waiting.pop(next(iter(self._waiting)))
            return
        while self._told in self._waiting:
            self._told += 1
            yield self._waiting.pop(self._told - 1)


def do_all(calls: Sequence[Call]) -> list[tuple[Any, Exception | None]]:
    """Do what makes a task; called by a worker. What ends with an exception keeps no other from being done."""
    answers: list[tuple[Any, Exception | None]] = []
    for function, arguments in calls:
        try:
            answers.append((function(*arguments), None))
        except Exception as error:  # noqa: BLE001 - told as what became of this one
            answers.append((None, error))
    return answers


def _is_loss(error: BaseException) -> bool:
    """Tell whether a worker died, rather than that the work failed."""
    if isinstance(error, BrokenExecutor):
        return True
    scheduler = sys.modules.get("distributed.scheduler")
    return scheduler is not None and isinstance(error, scheduler.KilledWorker)


def _name(item: object) -> str:
    return "-" if isinstance(item, bytes) else str(item)
