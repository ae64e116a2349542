"""Many documents signed by the workers of any executor, each with the key of its own configuration.

No PIN and no key travels: a worker signs as `gsign sign` would on that machine, with the `[token]` of its own
gsign.toml and the PIN from the file named there (ADR 0016). What it makes gets its name here, once it is complete
and written down as done; so a document that two workers had, because one was lost, is still one signed document.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gsign.errors import ConfigurationError, GsignError, InputError, TemporaryError, TokenError
from gsign.isolation.wire import WireError, error_of
from gsign.many.executors import Executors
from gsign.many.failures import error_told
from gsign.many.holding import Holder, Wishes, holder, sign
from gsign.many.papers import Paper, paper_of
from gsign.many.results import Results
from gsign.many.spreading import AT_ONCE, Call, Outcome, Spread
from gsign.signing.output import reveal

__all__ = ["Order", "Signed", "Wishes", "find_holder", "sign_all"]


class Order(NamedTuple):
    """A document to be signed, and where the signed one is to appear."""

    source: str | os.PathLike[str]
    output: str | os.PathLike[str]


class Signed(NamedTuple):
    """What was done to one document."""

    record: Mapping[str, Any]
    """The dictionary of `gsign.signing.request.SigningRecord`."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is worth knowing of it."""
        return tuple(map(str, self.record["warnings"]))

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints."""
        return dict(self.record)


def find_holder(executor: Executors, *, watch: Callable[[], None] = lambda: None) -> Holder:
    """Ask one worker whose key it signs with; it logs in for that, and no other does before.

    Raises:
        TokenError: the worker's token, key or PIN.
        ConfigurationError: `worker-without-pin`, `worker-of-other-version`, `worker-without-gsign`.
        TemporaryError: `worker-lost`, `executor-gone`.
    """
    spread: Spread[str, Holder | GsignError] = Spread(executor, lambda _: _Question(), at_once=1, watch=watch)
    [outcome] = list(spread.run(["key"]))
    found = error_told(outcome.error) if outcome.done is None else outcome.done
    if isinstance(found, GsignError):
        raise found
    return found


def sign_all(
    orders: Iterable[Order],
    *,
    executor: Executors,
    wishes: Wishes,
    force: bool = False,
    at_once: int | Callable[[], int] = AT_ONCE,
    together: int = 1,
    in_order: bool = False,
    most_sent: int | None = None,
    results: Results | None = None,
    watch: Callable[[], None] = lambda: None,
    obstacle: Callable[[Order], GsignError | None] = lambda _: None,
) -> Generator[tuple[Order, Signed | GsignError]]:
    """Sign documents by the workers of an executor; yield each with what was done or its error as it is done.

    A `TokenError` or `ConfigurationError` ends the batch: nothing more is begun, what is under way is still told.

    Args:
        orders: documents and outputs; asked for as they are needed.
        executor: as for `verify_all`.
        wishes: how they are signed; `certificate` of `find_holder`, so that all are signed with one key.
        force: whether an output that exists is replaced.
        at_once: how many tasks are under way.
        together: how many documents make a task.
        in_order: yield in the order given.
        most_sent: None where workers see the same files and may write beside the outputs; else documents are sent to
            them and back, up to this size in bytes.
        results: where it is kept what was done, and looked for: what is done there is not done again.
        watch: called now and then while nothing is done.
        obstacle: says what will make an order fail, of those that are not done yet.

    Raises:
        TemporaryError: `executor-gone`; all that was done has been received, and kept where there are `results`.
    """

    def prepare(order: Order) -> _Signature | Outcome[Order, Signed | GsignError]:
        paper = paper_of(order.source, most=None)
        done = _done_before(order, paper, results, force=force)
        if done is not None:
            return Outcome(order, done)
        if error := obstacle(order):
            raise error
        paper = paper if most_sent is None else paper_of(order.source, most=most_sent)
        return _Signature(wishes, paper, Path(order.output), results, force=force)

    spread: Spread[Order, Signed | GsignError] = Spread(
        executor, prepare, at_once=at_once, together=together, in_order=in_order, watch=watch
    )
    for outcome in spread.run(orders):
        told = error_told(outcome.error) if outcome.done is None else outcome.done
        if isinstance(told, (TokenError, ConfigurationError)):
            # The next document would meet it too, and a wrong PIN must never be tried again.
            spread.end()
        yield outcome.item, told


def _done_before(order: Order, paper: Paper, results: Results | None, *, force: bool) -> Signed | GsignError | None:
    """Return what an earlier run did; where it was stopped just before the output got its name, give it that."""
    known = results.known(paper) if results is not None else None
    output = Path(order.output)
    if known is None or known.get("output") != os.fspath(order.output):
        return None
    if not os.path.lexists(output):
        part = _part(output)
        if not part.exists():
            return None
        _name(part, output, force=force)
    return Signed(known)


def _part(output: Path) -> Path:
    """Return what an output is called until it is complete: the same in every run, so that nothing is left over."""
    name = hashlib.sha256(os.fsencode(output.absolute())).hexdigest()[:24]
    return output.with_name(f".gsign-{name}.part")


def _name(part: Path, output: Path, *, force: bool) -> None:
    try:
        reveal(part, output, force=force)
    finally:
        part.unlink(missing_ok=True)


class _Question:
    def call(self) -> Call:
        from gsign import __version__

        return holder, (__version__,)

    def received(self, answer: dict[str, Any]) -> Holder | GsignError:
        return error_of(answer["error"]) if "error" in answer else Holder(**answer["done"])


class _Signature:
    def __init__(self, wishes: Wishes, paper: Paper, output: Path, results: Results | None, *, force: bool) -> None:
        self._wishes = wishes
        self._paper = paper
        self._output = output
        self._results = results
        self._force = force

    def call(self) -> Call:
        """Return the question."""
        return sign, (self._wishes, self._paper, os.fspath(_part(self._output).absolute()))

    def received(self, answer: dict[str, Any]) -> Signed | GsignError:
        """Write down what was done, and give the output its name: in this order, or a later run would find neither."""
        try:
            if "error" in answer:
                return error_of(answer["error"])
            record = {**answer["done"], "file": self._paper.name, "output": os.fspath(self._output)}
        except (WireError, KeyError, TypeError):
            return TemporaryError("worker-talks-nonsense", file=self._paper.name or "-")
        part = _part(self._output)
        try:
            if "data" in answer:
                _write(part, answer["data"])
            if self._results is not None:
                self._results.keep(self._paper, record)
            _name(part, self._output, force=self._force)
        except GsignError as error:
            return error
        except OSError as error:
            cause = os.strerror(error.errno or 0)
            return InputError("output-unwritable", file=str(self._output), cause=cause)
        return Signed(record)


def _write(part: Path, data: bytes) -> None:
    from gsign.signing.output import complete_file

    with complete_file(part, b"", force=True) as file:
        file.write(data)
