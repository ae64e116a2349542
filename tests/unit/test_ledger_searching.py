"""Entries are found by what they say, whichever database they are in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gsign.audit.exporting import export_ledger
from gsign.audit.importing import import_file
from gsign.audit.ledger import Ledger
from gsign.audit.searching import Wanted, followed, search
from tests.postgres import Postgres
from tests.unit.ledgers import body_of, url_of, written


@pytest.fixture(scope="module")
def in_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = written(tmp_path_factory.mktemp("ledger") / "ledger.db")
    with Ledger(url_of(path), station="a") as more:
        signer = {"name": "Nguyễn Văn An", "email": "an@hungyen.gov.vn", "serial": "54010101"}
        more.append("signed", {"sha256": "ab" * 32, "signer": signer, "rule": "100% _sure_"})
    return url_of(path)


@pytest.fixture(scope="module")
def on_server(postgres_server: Postgres, in_file: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("export") / "x.jsonl"
    with open(path, "wb") as file:
        export_ledger(in_file, file)
    if not postgres_server.is_running:
        postgres_server.start()
    url = postgres_server.database()
    import_file(url, path)
    return url


LONG_AGO, FAR_AHEAD = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("place", ["in_file", "on_server"])
@pytest.mark.parametrize(
    "wanted,count",
    [
        ({}, 73),
        ({"kinds": ("decided",)}, 60),
        ({"kinds": ("decided", "anchored")}, 72),
        ({"digest": f"{102:064X}"}, 3),
        ({"digest": f"{1102:064x}"}, 3),
        ({"message_id": "<102@hungyen.gov.vn>"}, 3),
        ({"message_id": "102@hungyen.gov.vn"}, 3),
        ({"message_id": "<102@hungyen.gov.vn>", "digest": f"{103:064x}"}, 0),
        ({"rule": "official mail", "result": "ACCEPT"}, 21),
        ({"result": "TOTAL_PASSED"}, 60),
        ({"rule": "official"}, 0),
        ({"rule": "100% _sure_"}, 1),
        ({"rule": "100% "}, 0),
        ({"agency": "laocai.gov.vn"}, 60),
        ({"agency": "gov.vn"}, 61),
        ({"agency": "ubnd tỉnh lào cai"}, 60),
        ({"agency": "cai.gov.vn"}, 0),
        ({"signer": "NGUYỄN"}, 1),
        ({"signer": "an@"}, 1),
        ({"signer": "5401"}, 1),
        ({"signer": "lào"}, 0),
        ({"until": LONG_AGO}, 0),
        ({"since": FAR_AHEAD}, 0),
        ({"since": LONG_AGO, "until": FAR_AHEAD}, 73),
    ],
)
def test_entries_are_found_by_what_they_say(
    request: pytest.FixtureRequest, place: str, wanted: dict[str, Any], count: int
) -> None:
    found = list(search(request.getfixturevalue(place), Wanted(**wanted)))
    assert len(found) == count
    assert [each.entry.time for each in found] == sorted(each.entry.time for each in found)


def test_the_last_of_those_that_are_found(in_file: str) -> None:
    every = list(search(in_file, Wanted(kinds=("decided",))))
    assert list(search(in_file, Wanted(kinds=("decided",)), last=5)) == every[-5:]


@pytest.mark.parametrize("place", ["file", "server"])
def test_a_ledger_is_followed(place: str, tmp_path: Path, postgres: Postgres) -> None:
    url = url_of(tmp_path / "ledger.db") if place == "file" else postgres.database()
    with Ledger(url, station="a") as one, Ledger(url, station="b") as other:
        one.append("decided", body_of(1))
        coming: Iterator[Any] = followed(url, Wanted(kinds=("decided",)), since={})
        other.append("done", body_of(2))
        other.append("decided", body_of(3))
        assert [next(coming).body["sha256"] for _ in range(2)] == [f"{n:064x}" for n in (1, 3)]
        one.append("decided", body_of(4))
        assert next(coming).body["sha256"] == f"{4:064x}"
        coming.close()
