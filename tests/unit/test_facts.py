"""Facts of entries: from any body whatever, within what both databases hold, and the same each time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String

from gsign.audit.entry import Entry
from gsign.audit.fact_tables import FACTS
from gsign.audit.facts import TABLES, Parties, facts_of

_KINDS = ["decided", "refused", "forwarded", "held", "released", "rejected", "signed", "verified", "opened"]
_NAMES = [
    *("agencies", "sender", "recipients", "outside", "message_id", "sha256", "documents", "signers", "kind", "action"),
    *(
        "reasons",
        "smime",
        "result",
        "entry",
        "replies",
        "done",
        "code",
        "indication",
        "level",
        "domain",
        "agency",
        "act",
    ),
]
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=300)
    | st.sampled_from(["a-1", "x-9" * 40, "TOTAL_PASSED"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=5),
    max_leaves=20,
)


def entry_of(kind: str, body: Any, time: str = "2026-06-30T16:59:59.999999+00:00") -> Entry:
    return Entry("van-thu.1", 7, time, kind, json.dumps(body), b"", b"")


@given(kind=st.sampled_from(_KINDS), body=st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=12) | _VALUES)
def test_any_body_has_facts_that_both_databases_hold(kind: str, body: Any) -> None:
    entry = entry_of(kind, body)
    found = facts_of(entry)
    assert found == facts_of(entry)
    for table, rows in zip(FACTS, found, strict=True):
        assert len({row[: len(table.primary_key)] for row in rows}) == len(rows)
        for row in rows:
            assert row[:2] == ("van-thu.1", 7)
            assert len(row) == len(table.columns)
            for column, value in zip(table.columns, row, strict=True):
                if isinstance(column.type, String):
                    assert isinstance(value, str)
                    assert len(value) <= (column.type.length or 1 << 30)
                    assert "\0" not in value
                else:
                    assert -(2**63) <= value < 2**63


@given(sender=st.text(max_size=9), recipients=st.lists(st.text(max_size=9), max_size=4), is_outside=st.booleans())
def test_parties_are_read_as_they_are_written(sender: str, recipients: list[str], is_outside: bool) -> None:
    parties = Parties(sender, tuple(sorted(set(recipients))), is_outside)
    assert Parties.of(parties.text) == parties


@pytest.mark.parametrize(
    "parties, directions",
    [
        (Parties("A", ("B",), False), {("A", "sent"), ("B", "received")}),
        (Parties("A", ("A",), False), {("A", "internal")}),
        (Parties("A", ("A",), True), {("A", "sent"), ("A", "internal")}),
        (Parties("A", (), True), {("A", "sent")}),
        (Parties("", ("A", "B"), True), {("A", "received"), ("B", "received")}),
        (Parties("A", ("A", "B"), False), {("A", "sent"), ("A", "internal"), ("B", "received")}),
        (Parties("", (), True), set()),
    ],
)
def test_a_message_has_a_direction_for_each_agency(parties: Parties, directions: set[tuple[str, str]]) -> None:
    assert set(parties.directions) == directions
    assert len(parties.directions) == len(directions)


@pytest.mark.parametrize("kind", ["refused", "decided", "signed"])
def test_no_text_has_what_postgresql_cannot_hold(kind: str) -> None:
    odd = "a\0b" * 100
    named = dict.fromkeys(("code", "kind", "key", "role", "level", "act", "agency", "entry"), odd)
    found = facts_of(entry_of(kind, {**named, "reasons": [[odd]], "agencies": {"sender": odd, "recipients": [odd]}}))
    texts = [value for rows in found for row in rows for value in row if isinstance(value, str)]
    assert len(texts) > 2
    assert not [text for text in texts if "\0" in text]


def test_a_time_that_is_none_is_said() -> None:
    with pytest.raises(ValueError, match="isoformat"):
        facts_of(entry_of("forwarded", {"entry": "a-1"}, time="yesterday"))


def test_the_tables_are_those_of_the_rows() -> None:
    assert tuple(table.name for table in FACTS) == TABLES
