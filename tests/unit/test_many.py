"""Many documents on executors of the standard library: order, bounds, and workers that die."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

from gsign.errors import GsignError, InputError, TemporaryError, UsageError
from gsign.isolation.pool import Settings
from gsign.many import Results, verify_all
from gsign.many.papers import Paper, paper_of
from gsign.many.spreading import Call, Outcome, Spread
from gsign.result import VerificationResult
from tests.documents import Library
from tests.many_work import die_once, echo_or_die, echo_or_stay
from tests.pki import Pki

# Threads of the test PKI; the pools here start processes of their own.
FORKED = get_context("forkserver")


class Task:
    """Has a function done for an item; the answer is told as it is."""

    def __init__(self, function: Callable[[str], object], item: str) -> None:
        self._function, self._item = function, item

    def call(self) -> Call:
        return self._function, (self._item,)

    def received(self, answer: str) -> str:
        return answer


def processes() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(2, mp_context=FORKED)


def spread(executor: object, function: Callable[[str], object] = echo_or_die, **settings: object) -> Spread[str, str]:
    return Spread(executor, partial(Task, function), **settings)  # type: ignore[arg-type]


def lost(outcomes: list[Outcome[str, str]]) -> list[str]:
    return [o.item for o in outcomes if isinstance(o.error, TemporaryError) and o.error.code == "worker-lost"]


@pytest.mark.parametrize("kind, together", [("one that is open", 1), ("what opens one", 4)])
def test_one_that_kills_its_workers_is_named_and_hides_no_other(kind: str, together: int) -> None:
    items = [f"slow {number}" for number in range(10)]
    # Whoever was tried again beside the next one would be blamed for it.
    for number, place in enumerate((1, 3, 5, 8), 1):
        items.insert(place, f"poison {number}")
    items[11:11] = ["odd"]
    executor = processes if kind == "what opens one" else processes()
    outcomes = list(spread(executor, at_once=3, together=together, in_order=True).run(items))
    assert [o.item for o in outcomes] == items
    assert lost(outcomes) == [f"poison {number}" for number in (1, 2, 3, 4)]
    assert [type(o.error) for o in outcomes if o.item == "odd"] == [ValueError]
    assert [o.done for o in outcomes if o.error is None] == [i for i in items if i.startswith("slow")]
    if isinstance(executor, ProcessPoolExecutor):
        executor.shutdown()


@pytest.mark.parametrize("together", [1, 4])
def test_what_is_lost_on_the_way_hides_no_other(together: int) -> None:
    items = [f"stays {number}" if number % 7 == 3 else f"item {number}" for number in range(40)]
    outcomes = list(spread(processes, echo_or_stay, at_once=4, together=together, in_order=True).run(items))
    assert [outcome.item for outcome in outcomes] == items
    assert [outcome.item for outcome in outcomes if outcome.error is not None] == items[3::7]
    assert [outcome.done for outcome in outcomes if outcome.error is None] == [i for i in items if i[0] == "i"]


def test_what_loses_a_worker_by_chance_costs_a_second_try(tmp_path: Path) -> None:
    items = ["a", "b", "weak", "c", "d"]
    outcomes = list(spread(processes, partial(die_once, str(tmp_path)), at_once=3).run(items))
    assert {o.item: o.done for o in outcomes} == {item: item for item in items}


def test_an_executor_that_takes_no_more_work_is_said_to_be_gone_after_what_was_done() -> None:
    executor = ThreadPoolExecutor(1)
    told = spread(executor, at_once=1).run(iter("abc"))
    assert next(told).done == "a"
    executor.shutdown()
    with pytest.raises(TemporaryError) as raised:
        list(told)
    assert raised.value.code == "executor-gone"


@pytest.mark.parametrize("in_order", [True, False])
def test_few_are_under_way_however_many_there_are(in_order: bool) -> None:
    handed_out = itertools.count()
    with ThreadPoolExecutor(2) as executor:
        told = spread(executor, at_once=4, in_order=in_order).run(str(n) for n in handed_out)
        for _ in range(1000):
            next(told)
        assert next(handed_out) <= 1000 + (4 if not in_order else 4 * 64 + 4)
        told.close()


def test_a_slow_one_holds_up_a_bounded_number_in_order() -> None:
    release = threading.Event()
    handed_out = itertools.count()

    def work(item: str) -> str:
        if item == "0":
            release.wait()
        return item

    asked: list[int] = []

    def numbers() -> Iterator[str]:
        for number in handed_out:
            asked.append(number)
            if number == 4 * 64:
                release.set()
            yield str(number)

    with ThreadPoolExecutor(2) as executor:
        told = spread(executor, work, at_once=4, in_order=True).run(numbers())
        assert [next(told).done for _ in range(3)] == ["0", "1", "2"]
        assert len(asked) <= 4 * 64 + 8
        told.close()


def test_as_they_are_done_a_slow_one_holds_up_nobody() -> None:
    release = threading.Event()

    def work(item: str) -> str:
        if item == "0":
            assert release.wait(60)
        return item

    with ThreadPoolExecutor(2) as executor:
        told = spread(executor, work, at_once=4).run(str(n) for n in range(50))
        first = [next(told).done for _ in range(49)]
        assert "0" not in first
        release.set()
        assert [o.done for o in told] == ["0"]


def test_after_the_end_nothing_is_begun_and_what_is_under_way_is_told() -> None:
    with ThreadPoolExecutor(2) as executor:
        carried = spread(executor, at_once=3)
        told = carried.run(str(n) for n in itertools.count())
        next(told)
        carried.end()
        assert len(list(told)) <= 3


# ---------------------------------------------------------------- documents


@pytest.fixture
def files(documents: Library, tmp_path: Path) -> list[Path]:
    kinds = ["signed-once", "one-page", "password-missing", "signed-three-times"] * 5
    return [documents[kind].write(tmp_path, f"{number:02}.pdf") for number, kind in enumerate(kinds)]


def judged(told: VerificationResult | GsignError) -> str:
    return told.code if isinstance(told, GsignError) else str(told.indication)


@pytest.mark.parametrize("make", [processes, partial(ThreadPoolExecutor, 2)], ids=["processes", "threads"])
def test_workers_judge_as_one_machine_does(make: Callable[[], Executor], pki: Pki, files: list[Path]) -> None:
    settings = Settings(trust=[pki.root_file, pki.intermediate_file], offline=True)
    sources: list[Path | bytes] = [*files, files[0].read_bytes(), files[0].parent / "nowhere.pdf"]
    told = list(verify_all(sources, executor=make, settings=settings, in_order=True))
    assert [source for source, _ in told] == sources
    assert Counter(judged(result) for _, result in told) == {
        "TOTAL_PASSED": 11,
        "NO_SIGNATURE_FOUND": 5,
        "password-needed": 5,
        "input-unreadable": 1,
    }


def test_another_file_under_the_same_name_is_not_judged(pki: Pki, files: list[Path]) -> None:
    paper = paper_of(files[0])
    files[0].write_bytes(files[1].read_bytes())
    with pytest.raises(InputError) as raised:
        paper.opened()
    assert raised.value.code == "input-elsewhere"


# ---------------------------------------------------------------- results


def paper(name: str, size: int = 1) -> Paper:
    return Paper(name, f"/a/{name}", size, 7)


def record(indication: str = "TOTAL_PASSED", sub: str | None = None) -> dict[str, object]:
    return {"indication": indication, "signatures": [{"sub_indication": sub}]}


def test_results_are_found_by_name_size_and_time(tmp_path: Path) -> None:
    names = [f"{number}.pdf" for number in range(300)] + ["ký nháy \udcff.pdf"]
    with Results(tmp_path / "r", "verify", 1) as results:
        for name in names:
            results.keep(paper(name), {**record(), "mark": name})
        results.keep(paper("0.pdf"), {**record(), "mark": "the last one counts"})
        results.keep(paper("later.pdf"), record("INDETERMINATE", "TRY_LATER"))
    with Results(tmp_path / "r", "verify", 1) as results:
        assert [(results.known(paper(name)) or {})["mark"] for name in names[1:]] == names[1:]
        assert (results.known(paper("0.pdf")) or {})["mark"] == "the last one counts"
        assert results.known(paper("0.pdf", size=2)) is None
        assert results.known(paper("0.pdf")._replace(modified=8)) is None
        assert results.known(paper("later.pdf")) is None


@pytest.mark.parametrize("torn", [b"", b"{", b'{"file":"/a/x.pdf","size":1', b'{"file":"/a/x.pdf"}'])
def test_a_torn_last_line_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    file = tmp_path / "r"
    with Results(file, "verify", 1) as results:
        results.keep(paper("a.pdf"), record())
    whole = file.read_bytes()
    for end in (whole, whole[:20]):
        file.write_bytes(end + torn)
        with Results(file, "verify", 1) as results:
            results.keep(paper("b.pdf"), record())
        with Results(file, "verify", 1) as results:
            assert (results.known(paper("a.pdf")) is not None) == (end is whole)
            assert results.known(paper("b.pdf"))


def test_results_of_something_else_are_refused(tmp_path: Path) -> None:
    with Results(tmp_path / "r", "verify", 1), pytest.raises(InputError):
        Results(tmp_path / "r", "verify", 1)
    for act, conditions in (("sign", 1), ("verify", 2)):
        with pytest.raises(UsageError) as raised:
            Results(tmp_path / "r", act, conditions)
        assert raised.value.code == "results-of-others"
    for content in (b"%PDF-1.7\n%%EOF\n", b"a note without an end"):
        (tmp_path / "r").write_bytes(content)
        with pytest.raises(InputError) as refused:
            Results(tmp_path / "r", "verify", 1)
        assert refused.value.sentence("vi").endswith("không phải tệp do --results ghi ra")
        assert (tmp_path / "r").read_bytes() == content


def test_results_hold_little_in_memory(tmp_path: Path) -> None:
    with Results(tmp_path / "r", "verify", 1) as results:
        for number in range(2000):
            results.keep(paper(f"{number}.pdf"), {**record(), "filler": "x" * 1000})
    with Results(tmp_path / "r", "verify", 1) as results:
        assert len(results._keys) * results._keys.itemsize + len(results._places) * results._places.itemsize == 32_000
