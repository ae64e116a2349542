from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsign.token.wire import WireError, decode, encode

_PLAIN = st.none() | st.booleans() | st.integers(0, 2**64 - 1) | st.binary() | st.text(st.characters(codec="utf-8"))
_VALUES = st.recursive(
    _PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.integers(0, 9) | st.text(max_size=3), inner)
)


@given(_VALUES)
def test_what_was_sent_arrives(value):
    assert decode(encode(value)) == value


@given(st.binary())
def test_octets_of_any_kind_are_read_or_refused(octets):
    try:
        value = decode(octets)
    except WireError:
        return
    assert encode(value) == octets or isinstance(value, dict)


@pytest.mark.parametrize("value", [1.5, object(), {1, 2}, [b"", [object()]]])
def test_nothing_but_plain_values_travels(value):
    with pytest.raises(WireError):
        encode(value)
