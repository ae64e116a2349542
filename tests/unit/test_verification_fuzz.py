"""Whatever is done to a signed file: it passes only while the bytes that were signed are the bytes that are there."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gsign.result import Indication
from gsign.syntax.source import BytesSource
from gsign.trust.store import TrustStore
from gsign.verification.verdict import verify_document
from tests.corpus import GENUINE, Kit

_NAMES = ("file-one-page", "file-object-streams", "three-signatures", "level-b-lta", "certified-2-then-filled")
_WHITE = b"\x00\t\n\x0c\r "
_SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def store(session_pki):
    return TrustStore.load(session_pki.root_file, pinned=False)


class Originals(dict):
    """Documents whose bytes are not printed when an example fails."""

    def __repr__(self):
        return f"<{len(self)} documents>"


@pytest.fixture(scope="module")
def originals(session_pki, documents):
    kit = Kit(session_pki, documents)
    return Originals({name: GENUINE[name].make(kit) for name in _NAMES})


@st.composite
def edits(draw):
    """A few changes, as fractions of the file: overwrite, insert, delete, copy, cut off, append."""
    kind = draw(st.sampled_from(["overwrite", "insert", "delete", "copy", "cut", "append", "swap-digit"]))
    where, other = draw(st.floats(0, 1)), draw(st.floats(0, 1))
    return kind, where, other, draw(st.integers(1, 300)), draw(st.binary(min_size=1, max_size=40))


def _edit(data, edit):
    kind, where, other, length, new = edit
    at, source = int(where * len(data)), int(other * len(data))
    if kind == "overwrite":
        return data[:at] + new + data[at + len(new) :]
    if kind == "insert":
        return data[:at] + new + data[at:]
    if kind == "delete":
        return data[:at] + data[at + length :]
    if kind == "copy":
        return data[:at] + data[source : source + length] + data[at:]
    if kind == "cut":
        return data[:at]
    if kind == "append":
        return data + data[source : source + length]
    digits = [i for i in range(max(0, at - 200), min(len(data), at + 200)) if data[i : i + 1].isdigit()]
    return data[: digits[0]] + b"7" + data[digits[0] + 1 :] if digits else data


def _signed_part(data, result):
    """The bytes that the last signature covers, and what stands behind them."""
    covered = [f["byte_range"] for f in result.facts["signatures"]]
    _, start, end, rest = max(covered, key=lambda r: r[2] + r[3])
    return data[:start] + data[end : end + rest], data[end + rest :]


@_SETTINGS
@given(name=st.sampled_from(_NAMES), changes=st.lists(edits(), min_size=1, max_size=3))
def test_a_mutation_passes_only_if_it_changes_nothing_signed(originals, store, name, changes):
    original = data = originals[name]
    for change in changes:
        data = _edit(data, change)
    result = verify_document(BytesSource(data), trust=store)
    assert "internal-error" not in result.reasons
    if result.indication is Indication.TOTAL_PASSED:
        whole = verify_document(BytesSource(original), trust=store)
        part, behind = _signed_part(data, result)
        # A passing file may be an earlier revision, cut off cleanly, of the one that was signed.
        assert part == _signed_part(original, whole)[0] or original.startswith(data.rstrip(_WHITE))
        assert name == "certified-2-then-filled" or not behind.strip(_WHITE)


@_SETTINGS
# The form that was filled in stands behind the only signature: its bytes are nobody's.
@given(name=st.sampled_from(_NAMES[:-1]), where=st.floats(0, 1), bit=st.integers(0, 7))
def test_no_bit_can_be_flipped_unseen(originals, store, name, where, bit):
    data = bytearray(originals[name])
    at = min(int(where * len(data)), len(data) - 1)
    data[at] ^= 1 << bit
    result = verify_document(BytesSource(bytes(data)), trust=store)
    if result.indication is Indication.TOTAL_PASSED:
        # Inside /Contents: the case of a digit, or what a CMS leaves unprotected.
        assert any(start <= at < end for _, start, end, _ in (f["byte_range"] for f in result.facts["signatures"]))
