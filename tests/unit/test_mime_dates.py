"""Dates of messages are read as RFC 5322 has them, and nothing else is."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsign.mime.dates import read_date


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone is drawn
    st.integers(-14 * 4, 14 * 4),
)
def test_what_mail_programs_write_is_read(moment, quarters):
    moment = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    assert read_date(email.utils.format_datetime(moment)) == moment


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 26 Jan 2026 14:38:03 +0700 (ICT)",
        "26 Jan 2026 14:38:03 +0700",
        "mon,  26  JAN 2026  07:38:03  GMT",
        " Mon, 26 Jan 2026 07:38:03 -0000",
    ],
)
def test_variants_are_read(text):
    assert read_date(text) == datetime(2026, 1, 26, 7, 38, 3, tzinfo=UTC)


def test_seconds_may_be_missing():
    assert read_date("26 Jan 2026 14:38 +0700") == datetime(2026, 1, 26, 7, 38, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Mon, 26 Jan 2026",
        "Mon, 26 Foo 2026 14:38:03 +0700",
        "Mon, 32 Jan 2026 14:38:03 +0700",
        "Mon, 26 Jan 2026 25:38:03 +0700",
        "Mon, 26 Jan 2026 14:38:03 0700",
        "Mon, 26 Jan 2026 14:38:03 +9900",
        "Mon, 26 Jan 2026 14:38:03 +07:00",
        "Mon, 26 Jan 2026 14:38:03:04:05 +0700",
        "Mon, 26 Jan 2026 14:38:03 +0700 more",
        "Mon, 26 Jan 99999 14:38:03 +0700",
        "2026-01-26T14:38:03+07:00",
    ],
)
def test_anything_else_is_none(text):
    assert read_date(text) is None
