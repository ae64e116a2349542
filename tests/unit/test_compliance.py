"""Reports against a count by hand: 100,000 entries, in SQLite and in PostgreSQL, and the edges of periods."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gsign.audit.compliance import Account, account_of
from gsign.audit.entry import Entry, next_entry
from gsign.audit.exporting import export_ledger
from gsign.audit.importing import import_file
from gsign.audit.period import Period
from gsign.audit.reading import open_reader
from gsign.audit.sealing import seal
from gsign.compliance.rows import record
from gsign.errors import InputError, UsageError
from tests.ledger_count import count_by_hand, moment
from tests.ledger_year import entries_of, fill
from tests.postgres import Postgres

_MANY = 100_000
_PERIODS = {
    "2026": ("2026-01-01", "2027-01-01"),
    "2026-Q4": ("2026-10-01", "2027-01-01"),
}


@pytest.fixture(scope="module")
def year() -> list[Entry]:
    return list(entries_of(_MANY))


@pytest.fixture(scope="module")
def in_file(year: list[Entry], tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('year')}/ledger.db"
    fill(url, year)
    return url


@pytest.fixture(scope="module")
def on_server(year: list[Entry], postgres_server: Postgres) -> str:
    if not postgres_server.is_running:
        postgres_server.start()
    url = postgres_server.database()
    fill(url, year)
    return url


def account(url: str, period: str) -> Account:
    with open_reader(url) as reader:
        return account_of(reader, url, Period.parse(period))


def reported(url: str, period: str, by: str = "agency") -> dict[str, Any]:
    return record(account(url, period), by, {}, "1")


@pytest.fixture(scope="module")
def by_hand(year: list[Entry]) -> Callable[[str], dict[str, Any]]:
    return cache(lambda period: count_by_hand(year, *map(moment, _PERIODS[period])))


def assert_as_counted(url: str, period: str, hand: dict[str, Any]) -> None:
    counted_there = account(url, period)
    for by in ("month", "kind", "agency"):
        found = record(counted_there, by, {}, "1")
        for row in found["rows"]:
            counted = hand[by].get(row[by], {})
            assert {name: row[name] for name in counted} == dict(counted), row[by]
            assert all(row[name] == 0 for name in ("sent", "received", "internal") if name not in counted)
        assert hand[by].keys() <= {row[by] for row in found["rows"]}
    total = found["total"]
    assert {name: total[name] for name in hand["total"][""]} == dict(hand["total"][""])
    for fate in ("refused", "deferred", "held", "released", "rejected"):
        assert total[fate] == hand["all"].get(fate, 0), fate
    for row in found["rows"]:
        agency = row["agency"]
        for direction in ("sent", "received"):
            mail = row[f"mail_{direction}"], row[f"mail_{direction}_signed"]
            assert mail == hand["mail"].get((agency, direction), (0, 0))
        for fate in ("refused", "deferred", "held", "released", "rejected"):
            assert row[fate] == hand["fates"].get((fate, agency), 0)
        officials = row["officials_using_mail"], row["officials_using_signed_mail"]
        assert officials == hand["people"].get(agency, (0, 0))
    for fate in ("refused", "held"):
        counted = {reason: number for (its, reason), number in hand["reasons"].items() if its == fate}
        assert {each["reason"]: each["messages"] for each in found[fate]} == counted
    strength = {
        (each["direction"], each["domain"], each["level"]): each["documents"] for each in found["valid_signatures"]
    }
    assert strength == hand["strength"]
    assert {tuple(s.values())[:4]: s["times"] for s in found["services"]} == hand["services"]
    assert (found["elsewhere"], found["waiting"]) == (hand["elsewhere"], hand["waiting"])
    assert list(found["release"].values()) == pytest.approx(hand["waited"])


@pytest.mark.parametrize("period", ["2026", "2026-Q4"])
def test_what_is_reported_of_a_file_was_counted(
    by_hand: Callable[[str], dict[str, Any]], in_file: str, period: str
) -> None:
    assert_as_counted(in_file, period, by_hand(period))


@pytest.mark.parametrize("period", ["2026", "2026-Q4"])
def test_what_is_reported_of_a_server_was_counted(
    by_hand: Callable[[str], dict[str, Any]], on_server: str, period: str
) -> None:
    assert_as_counted(on_server, period, by_hand(period))


def test_the_source_is_named_by_entries_and_heads(year: list[Entry], in_file: str) -> None:
    source = reported(in_file, "2026-Q4")["source"]
    begin, end = (moment(day).isoformat(timespec="microseconds") for day in _PERIODS["2026-Q4"])
    assert len(source["chains"]) == source["all_chains"] == 3
    for chain in source["chains"]:
        own = [entry for entry in year if entry.writer == chain["writer"]]
        of_period = [entry.number for entry in own if begin <= entry.time < end]
        assert (chain["first"], chain["last"]) == (of_period[0], of_period[-1])
        assert (chain["number"], chain["hash"]) == (own[-1].number, own[-1].hash.hex())


# ---------------------------------------------------------------- small ledgers


class Small:
    """A ledger of one chain, written entry by entry."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/small.db"
        self._entries: list[Entry] = []

    def write(self, kind: str, time: datetime, **body: Any) -> str:
        before = self._entries[-1] if self._entries else None
        entry = next_entry(before, "van-thu.1", kind, body, now=time)
        self._entries.append(entry)
        fill(self.url, [entry])
        return entry.reference

    def send(self, time: datetime, *, reply: str = "250 2.0.0 taken", **body: Any) -> None:
        whole = {**MESSAGE, **body}
        decided = self.write("decided", time, **whole)
        self.write("forwarded", time, entry=decided, sha256=whole["sha256"], done=[], replies=[reply])


DOCUMENT = {
    "path": "2",
    "sha256": "d" * 64,
    "kind": "bao-cao",
    "indication": "TOTAL_PASSED",
    "signers": [{"kind": "signature", "domain": "vgca", "level": "B-T", "indication": "TOTAL_PASSED"}],
}
MESSAGE: dict[str, Any] = {
    "sha256": "a" * 64,
    "message_id": "<1@a.example>",
    "sender": "lan@a.example",
    "agencies": {"sender": "A", "recipients": ["B"], "outside": False},
    "action": "pass",
    "reasons": [],
    "smime": {"result": "none"},
    "documents": [DOCUMENT],
}


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path)


def test_a_period_begins_and_ends_at_midnight_in_vietnam(small: Small) -> None:
    begin = datetime(2026, 6, 30, 17, tzinfo=UTC)
    for number, time in enumerate((begin - timedelta(microseconds=1), begin)):
        document = {**DOCUMENT, "sha256": f"{number}" * 64}
        small.send(time, message_id=f"<{number}@a.example>", documents=[document, {**document, "sha256": "e" * 64}])
    first, second = reported(small.url, "2026-H1"), reported(small.url, "2026-H2")
    assert (first["total"]["sent"], second["total"]["sent"]) == (2, 2)
    assert first["period"] == {
        "name": "2026-H1",
        "begin": "2026-01-01T00:00:00+07:00",
        "end": "2026-07-01T00:00:00+07:00",
    }
    assert [row["sent"] for row in reported(small.url, "2026", "month")["rows"]] == [0] * 5 + [2, 1] + [0] * 5
    assert second["previous"]["total"] == first["total"]
    assert [(chain["first"], chain["last"]) for chain in second["source"]["chains"]] == [(3, 4)]


def test_a_message_that_is_tried_again_counts_once_and_when_it_got_there(small: Small) -> None:
    late = datetime(2026, 6, 30, 16, 50, tzinfo=UTC)
    small.send(late, reply="451 4.3.0 later")
    small.write("decided", late + timedelta(minutes=5), **MESSAGE)  # the next hop was gone
    small.send(late + timedelta(minutes=30))
    small.send(late + timedelta(minutes=31))  # its client had not heard the 250
    june, july = (reported(small.url, period)["total"] for period in ("2026-06", "2026-07"))
    assert (june["sent"], june["mail_sent"], june["deferred"]) == (0, 0, 1)
    assert (july["sent"], july["mail_sent"], july["deferred"]) == (1, 1, 0)
    assert (july["received"], july["mail_received"]) == (1, 1)


def test_what_is_told_again_behind_midnight_counts_in_the_period_before(small: Small) -> None:
    late = datetime(2026, 6, 30, 16, 59, 58, tzinfo=UTC)
    again = late + timedelta(minutes=10)
    other = {"message_id": "<2@a.example>", "documents": [{**DOCUMENT, "sha256": "e" * 64}]}
    for time in (late, again):
        small.send(time)  # its client has not heard the 250
        small.send(time, reply="550 5.1.1 nobody", **other)
    held = {**MESSAGE, "message_id": "<3@a.example>", "action": "hold", "reasons": [["pdf-not-signed", "2", []]]}
    for time in (late, again):
        decided = small.write("decided", time, **held)
        small.write("held", time, entry=decided)
        small.write("released", time + timedelta(seconds=1), entry=decided, replies=["250 2.0.0 taken"])
    # Three weeks later it is sent once more on purpose.
    small.send(late + timedelta(days=21))
    june, july = (reported(small.url, period) for period in ("2026-06", "2026-H2"))
    counted = ("sent", "mail_sent", "refused", "held", "released")
    assert [june["total"][name] for name in counted] == [1, 2, 1, 1, 1]
    assert [july["total"][name] for name in counted] == [1, 1, 0, 0, 0]
    assert (july["refused"], july["held"], july["release"]["seconds_longest"]) == ([], [], 0)
    # Months of one period go by when it got there first.
    year = reported(small.url, "2026", "month")
    assert [row["sent"] for row in year["rows"]] == [0] * 5 + [1] + [0] * 6
    assert year["total"]["mail_sent"] == 2


def test_what_was_held_or_released_twice_has_waited_once(small: Small) -> None:
    """Whoever is killed behind an entry, and goes on, writes it down again."""
    time = datetime(2026, 6, 1, 3, tzinfo=UTC)
    for number, hours in enumerate((1, 10)):
        held = small.write("decided", time, **{**MESSAGE, "message_id": f"<{number}@a.example>", "action": "hold"})
        for again in (0, 1) if number == 0 else (0,):
            small.write("held", time + timedelta(minutes=again), entry=held)
            small.write("released", time + timedelta(hours=hours, minutes=again), entry=held)
    release = account(small.url, "2026-06").figures.release
    assert release == (2, 5.5 * 3600, 10 * 3600)


def test_a_document_that_goes_several_ways_counts_once_for_each_agency(small: Small) -> None:
    time = datetime(2026, 9, 1, tzinfo=UTC)
    ways = (["B"], ["C"], ["A", "B"], ["C", "D"])
    for number, recipients in enumerate(ways):
        agencies = {"sender": "A", "recipients": recipients, "outside": number == 3}
        small.send(time, message_id=f"<{number}@a.example>", agencies=agencies)
    rows = {row["agency"]: row for row in reported(small.url, "2026-09")["rows"]}
    counted = {name: (row["sent"], row["received"], row["internal"]) for name, row in rows.items()}
    assert counted == {"A": (1, 0, 1), "B": (0, 1, 0), "C": (0, 1, 0), "D": (0, 1, 0)}
    assert (rows["A"]["mail_sent"], rows["B"]["mail_received"], rows["C"]["mail_received"]) == (4, 2, 2)


def test_two_relays_that_share_a_ledger_tell_of_one_message(small: Small) -> None:
    time = datetime(2026, 9, 1, tzinfo=UTC)
    small.send(time)
    small.send(time + timedelta(seconds=1), sha256="b" * 64)  # signed, and with one more Received
    total = reported(small.url, "2026-09")["total"]
    assert (total["mail_sent"], total["mail_received"], total["sent"]) == (1, 1, 1)


def test_a_timestamp_alone_is_no_signature(small: Small) -> None:
    stamp = {"kind": "document-timestamp", "domain": "vgca", "level": "B-LTA", "indication": "TOTAL_PASSED"}
    small.send(datetime(2026, 9, 1, tzinfo=UTC), documents=[{**DOCUMENT, "signers": [stamp]}])
    found = reported(small.url, "2026-09")
    assert (found["total"]["sent"], found["total"]["sent_signed"]) == (1, 0)
    assert found["valid_signatures"] == []
    assert found["total"]["officials_using_signed_mail"] == 0


def in_three_months(small: Small) -> None:
    for month in (3, 4, 5):
        # The same document in each, and one of its own.
        own = {**DOCUMENT, "sha256": f"{month}" * 64}
        small.send(datetime(2026, month, 9, tzinfo=UTC), message_id=f"<{month}@a.example>", documents=[DOCUMENT, own])
    small.write("signed", datetime(2026, 6, 1, tzinfo=UTC), act="sign", key="token", level="B-T")


@pytest.mark.parametrize("period", ["2026", "2026-Q1", "2026-Q2", "2026-05"])
def test_a_report_is_the_same_before_and_after_its_entries_were_sealed(
    small: Small, tmp_path: Path, period: str
) -> None:
    in_three_months(small)
    before = reported(small.url, period)
    for month in (4, 5, 6, 7):
        sealed = seal(small.url, datetime(2026, month, 1, tzinfo=UTC), tmp_path)
        after = reported(small.url, period)
        told = {name: value for name, value in before.items() if name not in ("made", "source")}
        assert {name: after[name] for name in told} == told
        chains = [
            [(c["writer"], c["last"]) for c in found["source"]["chains"] if c["writer"] == "van-thu.1"]
            for found in (before, after)
        ]
        assert chains[0] == chains[1]
        assert after["source"]["uncounted"] == []
    named = [segment["file"] for segment in after["source"]["segments"]]
    assert (sealed.file.name in named) == (period in ("2026", "2026-Q2"))
    assert len(named) == {"2026": 4, "2026-Q1": 1, "2026-Q2": 3, "2026-05": 1}[period]


def test_a_ledger_without_what_was_sealed_says_what_it_leaves_out(small: Small, tmp_path: Path) -> None:
    in_three_months(small)
    seal(small.url, datetime(2026, 4, 1, tzinfo=UTC), tmp_path)
    with open(tmp_path / "export.jsonl", "wb") as export:
        export_ledger(small.url, export)
    other = f"sqlite:///{tmp_path}/other.db"
    import_file(other, tmp_path / "export.jsonl")
    assert reported(other, "2026")["total"]["sent"] == reported(small.url, "2026")["total"]["sent"] - 1
    assert reported(other, "2026")["source"]["uncounted"] == ["van-thu.1"]
    # What is compared with is short as well.
    assert reported(other, "2026-Q2")["source"]["uncounted"] == ["van-thu.1"]
    assert reported(other, "2026-06")["source"]["uncounted"] == []


def test_memory_does_not_grow_with_the_number_of_entries(
    year: list[Entry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gsign.audit.compliance._AT_ONCE", 1000)

    def most_of(count: int) -> int:
        url = f"sqlite:///{tmp_path}/{count}.db"
        fill(url, year[30_000 : 30_000 + count])
        gc.collect()
        tracemalloc.start()
        reported(url, "2026")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    most_of(1000)  # what is loaded once
    # Their facts alone would be several megabytes.
    assert most_of(20_000) < most_of(5000) + 1_000_000


@pytest.mark.parametrize(
    "period, error, code",
    [
        ("2026-13", UsageError, "period-unknown"),
        ("2026-H3", UsageError, "period-unknown"),
        ("2026-9", UsageError, "period-unknown"),
        ("26", UsageError, "period-unknown"),
        ("", UsageError, "period-unknown"),
        ("٢٠٢٦", UsageError, "period-unknown"),
        ("2031", InputError, "period-empty"),
    ],
)
def test_what_is_no_period_or_empty_is_said(small: Small, period: str, error: type[Exception], code: str) -> None:
    small.send(datetime(2026, 9, 1, tzinfo=UTC))
    with pytest.raises(error) as raised:
        reported(small.url, period)
    assert raised.value.code == code  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text, previous, months",
    [
        ("2026", "2025", 12),
        ("2026-H1", "2025-H2", 6),
        ("2026-h2", "2026-H1", 6),
        ("2026-Q1", "2025-Q4", 3),
        ("2026-Q3", "2026-Q2", 3),
        ("2026-01", "2025-12", 1),
        ("2026-10", "2026-09", 1),
    ],
)
def test_a_period_knows_the_one_before(text: str, previous: str, months: int) -> None:
    period = Period.parse(text)
    assert (str(period), str(period.previous), len(period.months)) == (text.upper(), previous, months)
    assert period.previous.end == period.begin
    assert (period.end - period.begin).days in {1: (28, 29, 30, 31), 3: (90, 91, 92), 6: (181, 184), 12: (365,)}[months]
