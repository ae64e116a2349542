"""Workers of a real dask cluster that run out of memory or are killed by what they have at hand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from gsign.config import Cluster as Section
from gsign.errors import TemporaryError
from gsign.many.cluster import Cluster as Connection
from gsign.many.cluster import open_cluster
from gsign.many.spreading import Spread
from tests.dask_cluster import Cluster
from tests.many_work import echo_or_die
from tests.unit.test_many import Task, lost


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    folder = tmp_path_factory.mktemp("cluster") / "workers"
    folder.mkdir()
    # A task is given up with the first worker that dies of it; in use dask tries three more.
    settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with (
        Cluster(folder, environment=settings, memory="400MB") as running,
        open_cluster(running.url, Section()) as opened,
    ):
        yield opened


@pytest.mark.parametrize("culprit", ["poison", "bomb"])
def test_what_kills_its_workers_is_named_and_hides_no_other(connection: Connection, culprit: str) -> None:
    items = [f"item {number}" for number in range(40)]
    items.insert(7, culprit)
    spread: Spread[str, str] = Spread(
        connection.executor, partial(Task, echo_or_die), at_once=connection.at_once, in_order=True
    )
    outcomes = list(spread.run(items))
    assert [outcome.item for outcome in outcomes] == items
    assert lost(outcomes) == [culprit]
    assert [outcome.done for outcome in outcomes if outcome.error is None] == [i for i in items if i != culprit]


def test_a_cluster_without_workers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gsign.many.cluster._WITHOUT_WORKERS", 0.1)
    (tmp_path / "workers").mkdir()
    with Cluster(tmp_path / "workers", workers=0) as running, open_cluster(running.url, Section()) as opened:
        spread: Spread[str, str] = Spread(
            opened.executor, partial(Task, echo_or_die), at_once=opened.at_once, watch=opened.watch
        )
        with pytest.raises(TemporaryError) as raised:
            list(spread.run(["a"]))
    assert raised.value.code == "cluster-without-workers"
