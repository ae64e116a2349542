"""What is judged is on disk before it is told, and what comes together is written together."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gsign.audit.entry import Entry
from gsign.audit.ledger import Ledger
from gsign.config import Configuration
from gsign.config import Ledger as Section
from gsign.errors import TemporaryError
from gsign.recording.administration import confirmed, digests_of, refreshing
from gsign.recording.recorder import Recorder


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    return Configuration(ledger=Section(url=f"sqlite:///{tmp_path}/ledger.db"))


def written(folder: Path) -> int:
    with sqlite3.connect(folder / "ledger.db") as connection:
        (count,) = connection.execute("select count(*) from entry where kind = 'verified'").fetchone()
    connection.close()
    return int(count)


def body(number: int) -> dict[str, int]:
    return {"n": number}


def test_nothing_is_told_that_is_not_written_down(configuration: Configuration, tmp_path: Path) -> None:
    recorder = Recorder(configuration)
    for number in recorder.passed_on(range(50), "verified", body):
        assert written(tmp_path) > number
    assert written(tmp_path) == 50
    recorder.close()


def test_a_thousand_verdicts_are_written_in_a_few_commits(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    real = Ledger.append_all

    def counting(self: Ledger, wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        commits.append(len(wanted))
        return real(self, wanted)

    monkeypatch.setattr(Ledger, "append_all", counting)
    recorder = Recorder(configuration)
    assert list(recorder.passed_on(range(1000), "verified", body)) == list(range(1000))
    assert sum(commits) == 1000
    assert len(commits) < 50
    recorder.close()


def test_what_cannot_be_written_down_is_not_told(configuration: Configuration, tmp_path: Path) -> None:
    recorder = Recorder(configuration)
    told = recorder.passed_on(iter(range(3)), "verified", body)
    assert next(told) == 0
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("create trigger full before insert on entry begin select raise(abort, 'full'); end")
    connection.close()
    with pytest.raises(TemporaryError):
        list(told)
    recorder.close()


def test_an_act_that_fails_is_written_down_as_such(configuration: Configuration, tmp_path: Path) -> None:
    recorder = Recorder(configuration)
    with pytest.raises(ZeroDivisionError), recorder.administering("trust-add", object="ab"):
        raise ZeroDivisionError
    recorder.close()
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        rows = connection.execute("select body from entry where kind = 'administered' order by number").fetchall()
    connection.close()
    assert len(rows) == 2
    assert '"failed":"ZeroDivisionError"' in rows[1][0]


@pytest.mark.parametrize(
    "one, other",
    [
        ("pkcs11:token=VP;pin-value=1234", "pkcs11:token=VP;pin-value=9999"),
        ("pkcs11:token=VP?pin-value=1&module-name=x", "pkcs11:token=VP?pin-value=22&module-name=x"),
    ],
)
def test_no_pin_can_be_guessed_from_a_digest(one: str, other: str) -> None:
    from gsign.config import Token

    assert digests_of(Configuration(token=Token(uri=one))) == digests_of(Configuration(token=Token(uri=other)))


def test_no_password_of_a_database_can_be_guessed_from_a_digest() -> None:
    urls = [f"postgresql://gsign:{password}@host/ledger" for password in ("a", "b")]
    one, other = (digests_of(Configuration(ledger=Section(url=url))) for url in urls)
    assert one == other
    assert one != digests_of(Configuration(ledger=Section(url="postgresql://gsign:a@elsewhere/ledger")))


def test_whom_the_user_trusts_has_a_digest() -> None:
    assert confirmed() == confirmed(removed="ab") != confirmed(added="ab")
    assert confirmed(added="ab") != confirmed(added="cd")


def test_what_is_fetched_of_authorities_is_written_down(
    configuration: Configuration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for number in range(2):
        with refreshing(configuration, "trust-update") as outcomes:
            outcomes["new" if number else "unchanged"] += 3
            if number:
                (tmp_path / "data" / "gsign" / "crl" / "ab").mkdir(parents=True)
                (tmp_path / "data" / "gsign" / "crl" / "ab" / "1.crl").touch()
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        rows = connection.execute("select body from entry where kind = 'administered' order by number").fetchall()
    connection.close()
    first, second = (json.loads(found) for (found,) in rows)
    assert (first["outcomes"], second["outcomes"]) == ({"unchanged": 3}, {"new": 3})
    assert first["before"] == first["after"] == second["before"] != second["after"]
