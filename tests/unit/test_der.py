"""DER written and BER read: judged by asn1crypto and, for whole values, by round trips."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from asn1crypto import core
from hypothesis import given, settings
from hypothesis import strategies as st

from gsign import der

FEW = settings(max_examples=60, deadline=None)


@FEW
@given(st.integers(min_value=-(1 << 200), max_value=1 << 200))
def test_integer_is_what_another_reader_reads(value):
    assert core.Integer.load(der.integer(value), strict=True).native == value
    assert core.Integer(value).dump() == der.integer(value)
    assert der.parse(der.integer(value)).integer() == value


@pytest.mark.parametrize("value", [-129, -128, -127, -1, 0, 1, 127, 128, 255, 256, 32767, 32768])
def test_integer_has_no_octet_too_many(value):
    assert der.integer(value) == core.Integer(value).dump()


@FEW
@given(st.integers(0, 2), st.lists(st.integers(0, 1 << 64), max_size=8), st.integers(0, 39))
def test_object_identifier_is_what_another_reader_reads(first, rest, second):
    dotted = ".".join(map(str, (first, second, *rest)))
    assert core.ObjectIdentifier(dotted).dump() == der.oid(dotted)
    assert der.parse(der.oid(dotted)).oid() == dotted


def test_second_arc_may_be_large_below_two():
    assert der.parse(der.oid("2.999.3")).oid() == "2.999.3"


@pytest.mark.parametrize("length", [0, 1, 127, 128, 255, 256, 65535, 65536, 1 << 20])
def test_length_octets(length):
    made = der.octet_string(bytes(length))
    assert core.OctetString(bytes(length)).dump() == made
    assert der.parse(made).octets() == bytes(length)


@FEW
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_set_is_sorted_whatever_the_order(parts):
    values = [der.octet_string(p) for p in parts]
    made = der.set_of(values)
    assert made == der.set_of(reversed(values))
    assert [n.raw for n in der.parse(made).children()] == sorted(values)


_NODES = st.recursive(
    st.builds(der.octet_string, st.binary(max_size=12)) | st.builds(der.integer, st.integers()),
    lambda inner: (
        st.builds(lambda parts: der.sequence(*parts), st.lists(inner, max_size=4))
        | st.builds(der.explicit, st.integers(0, 3), inner)
    ),
    max_leaves=12,
)


def _indefinite(node: der.Node) -> bytes:
    """Write a value again with indefinite lengths wherever that is possible, octet strings in pieces."""
    if node.is_constructed:
        return bytes((node.tag, 0x80)) + b"".join(map(_indefinite, node.children())) + b"\0\0"
    if node.tag == der.OCTET_STRING:
        half = len(node.content) // 2
        pieces = der.octet_string(node.content[:half]) + der.octet_string(node.content[half:])
        return b"\x24\x80" + pieces + b"\0\0"
    return node.raw


def _tree(node: der.Node) -> object:
    if node.tag & 0x1F == der.OCTET_STRING and not node.tag & 0xC0:
        return node.octets()
    return (node.tag, [_tree(c) for c in node.children()] if node.is_constructed else node.content)


@FEW
@given(_NODES)
def test_indefinite_lengths_read_as_the_definite_ones_do(made):
    node = der.parse(made)
    spelt = _indefinite(node)
    assert _tree(der.parse(spelt)) == _tree(node)
    assert der.parse(spelt).raw == spelt
    assert der.parse(spelt + b"\0" * 9, trailing=True).end == len(spelt)


@FEW
@given(_NODES, st.data())
def test_a_cut_value_is_an_error(made, data):
    cut = data.draw(st.integers(0, len(made) - 1))
    with pytest.raises(der.DerError):
        der.parse(made[:cut])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_in_one_kind_of_error(data):
    def walk(node: der.Node) -> None:
        if node.is_constructed:
            for child in node.children():
                walk(child)

    try:
        walk(der.parse(data, trailing=True))
    except der.DerError:
        return


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "nothing"),
        (b"\x30", "no length"),
        (b"\x30\x03\x02\x01", "shorter than its length"),
        (b"\x1f\x81\x01\x00", "a tag of several octets"),
        (b"\x04\x80\x00\x00", "a primitive value of indefinite length"),
        (b"\x30\x80\x02\x01\x05", "no end of contents"),
        (b"\x30\x80\x00", "half an end of contents"),
        (b"\x30\x89" + b"\x01" * 9, "nine octets of length"),
        (b"\x30\x00\x00", "something behind it"),
        (b"\x30\x03\x04\x05\x00", "a part that leaves the whole"),
    ],
)
def test_malformed(data, why):
    with pytest.raises(der.DerError):
        der.parse(data).children()


def test_nesting_is_bounded_in_both_forms():
    definite = b""
    for _ in range(der.MAX_DEPTH + 10):
        definite = der.sequence(definite)

    def innermost(node: der.Node) -> der.Node:
        return innermost(node.children()[0])

    with pytest.raises(der.DerError, match="deep"):
        innermost(der.parse(definite))
    with pytest.raises(der.DerError, match="deep"):
        der.parse(b"\x30\x80" * 100_000)
    with pytest.raises(der.DerError, match="deep"):
        der.parse(b"\x24\x80" * 50 + b"\x24\x80" * 50 + b"\0\0" * 100).octets()


def test_octets_in_pieces_are_octets_in_every_piece():
    assert der.parse(der.tlv(0x24, der.octet_string(b"a") + der.octet_string(b"b"))).octets() == b"ab"
    with pytest.raises(der.DerError, match="another kind"):
        der.parse(der.tlv(0x24, der.octet_string(b"a") + der.sequence())).octets()


@pytest.mark.parametrize("body", [b"", b"\x80", b"\x2a\x86"])
def test_truncated_object_identifier(body):
    with pytest.raises(der.DerError):
        der.parse(der.tlv(der.OID, body)).oid()


def test_accessors_insist_on_their_tag():
    for read in (der.Node.oid, der.Node.integer):
        with pytest.raises(der.DerError, match="tag"):
            read(der.parse(der.octet_string(b"x")))
    with pytest.raises(der.DerError, match="empty"):
        der.parse(b"\x02\x00").integer()
    with pytest.raises(der.DerError):
        der.parse(der.integer(5)).children()


@pytest.mark.parametrize("year", [1950, 1999, 2000, 2026, 2049])
def test_utc_time_through_2049(year):
    moment = datetime(year, 2, 28, 23, 59, 59, tzinfo=UTC)
    made = der.utc_time(moment)
    assert made[0] == der.UTC_TIME
    assert core.UTCTime.load(made).native == moment
    assert der.read_time(der.parse(made)) == moment


def test_generalized_time_from_2050():
    moment = datetime(2050, 1, 1, tzinfo=UTC)
    assert der.utc_time(moment) == core.GeneralizedTime(moment).dump()
    assert der.read_time(der.parse(der.utc_time(moment))) == moment


def test_times_are_written_in_utc_whatever_the_zone():
    moment = datetime(2026, 1, 1, 3, 0, tzinfo=timezone(timedelta(hours=7)))
    assert der.parse(der.utc_time(moment)).content == b"251231200000Z"
    assert der.parse(der.generalized_time(moment)).content == b"20251231200000Z"


@pytest.mark.parametrize(
    "text, microsecond",
    [("20260127083922.5Z", 500_000), ("20260127083922.123456789Z", 123_456), ("20260127083922.007Z", 7_000)],
)
def test_fractions_of_a_second_as_authorities_write_them(text, microsecond):
    moment = der.read_time(der.parse(der.tlv(der.GENERALIZED_TIME, text.encode())))
    assert moment == datetime(2026, 1, 27, 8, 39, 22, microsecond, tzinfo=UTC)


@pytest.mark.parametrize(
    "tag, text",
    [
        (der.GENERALIZED_TIME, "20260127083922"),
        (der.GENERALIZED_TIME, "20260127083922.Z"),
        (der.GENERALIZED_TIME, "20260127083922.5+0700"),
        (der.GENERALIZED_TIME, "20261327083922Z"),
        (der.UTC_TIME, "260127083922+0700"),
        (der.UTC_TIME, "2601270839Z"),
        (der.UTC_TIME, "\N{ARABIC-INDIC DIGIT TWO}60127083922Z"),
        (der.OCTET_STRING, "260127083922Z"),
    ],
)
def test_times_that_der_does_not_have_are_refused(tag, text):
    with pytest.raises(der.DerError):
        der.read_time(der.parse(der.tlv(tag, text.encode())))


@pytest.mark.parametrize(
    "tag, text",
    [
        (der.GENERALIZED_TIME, "20260127153922+0700"),
        (der.UTC_TIME, "260127153922+0700"),
        (der.UTC_TIME, "260127033922-0500"),
    ],
)
def test_times_with_a_zone_are_read_where_that_is_asked_for(tag, text):
    moment = der.read_time(der.parse(der.tlv(tag, text.encode())), zones=True)
    assert moment == datetime(2026, 1, 27, 8, 39, 22, tzinfo=UTC)


@pytest.mark.parametrize("text", ["00010101000000+0700", "20260127153922+07:0", "+0700", "20260127153922Z+0700"])
def test_times_with_an_impossible_zone_are_refused(text):
    with pytest.raises(der.DerError):
        der.read_time(der.parse(der.tlv(der.GENERALIZED_TIME, text.encode())), zones=True)


def test_parts_are_counted():
    value = der.parse(der.tlv(der.SEQUENCE, der.NULL * 10))
    assert len(value.children(10)) == 10
    with pytest.raises(der.DerError, match="too many parts"):
        value.children(9)


def test_an_indefinite_value_is_passed_over_once_and_not_without_end():
    def nested(parts: int) -> bytes:
        return b"\x30\x80" * 5 + der.NULL * parts + b"\x00\x00" * 5

    value = der.parse(nested(1_000))
    for _ in range(4):
        (value,) = value.children()
    assert len(value.children()) == 1_000
    with pytest.raises(der.DerError, match="too many parts"):
        der.parse(nested(der.MAX_PASSED))


@pytest.mark.parametrize("octets", ["30800480", "3080048000000000", "30801f80", "3080308000", "308030800000", "3080"])
def test_an_odd_value_of_indefinite_length_is_none(octets):
    with pytest.raises(der.DerError):
        der.parse(bytes.fromhex(octets))
