"""What some readers take for a reference, or for the end of a frame, and others do not."""

from __future__ import annotations

import pytest

from gsign.verification.containment import is_balanced
from gsign.verification.odd_references import LONGEST, odd_references


@pytest.mark.parametrize(
    "text",
    [
        b"[7.0 0 R]",
        b"/A 7. 0 R/B",
        b"/A 7 0. R>>",
        b"/A 7- 0 R>>",
        b"/A 7 -0 R>>",
        b"/A 7E0 0 R>>",
        b"/A 7+0 R>>",
        b"/A 7\x800\x80R>>",
        b"/A\xff7 0\xffR\xff",
        b"/A 7.0 %c\n0 R>>",
        b"/A 7 0 % 8 0\nR>>",
        b"/A 4294967303 0 R>>",
        b"/A 7" + b" " * LONGEST + b"0 R>>",
    ],
)
def test_odd_reference_is_found(text):
    assert list(odd_references(text)) == [text.rindex(b"R")]


@pytest.mark.parametrize(
    "text",
    [
        b"[7 0 R 12 0 R\n123456 0 R]",
        b"/A 7 0  R/B 7 12 R/C 1234567 0 R",
        b"/A 7\r\n0\r\nR",
        b"/Font/TeXGyre-Regular 7 0 R",
        b"(Nguyen Van R)",
        b"/R /RGB 1 0 Rx",
    ],
)
def test_reference_as_nearly_all_write_it_is_not_odd(text):
    assert list(odd_references(text)) == []


def test_only_what_is_new_is_looked_at():
    text = b"[7.0 0 R 8.0 0 R]"
    assert list(odd_references(text, 10)) == [text.rindex(b"R")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"q 0 0 1 1 re f Q",
        b"q q Q Q q",
        b"/Tx BMC q BT (Q Q) Tj ET Q EMC",
        b"<51> Tj /Q gs % Q\n",
        b"/Span <</A(Q)>> BDC EMC",
        b"/Tx BMC",
        b"BI /W 1 ID Q EI q Q",
        b"/Tx BMC EMC /Q gs",
    ],
)
def test_balanced(content):
    assert is_balanced(content)


@pytest.mark.parametrize(
    "content",
    [
        b"Q",
        b"q Q Q",
        b"Q q",
        b"qQ Q",
        b"q 1Q",
        b"[q] Q",
        b"] [q q] Q",
        b"<</A q>> DP Q",
        b"(q) Tj Q",
        b"(q \\) q) Tj Q",
        b"((q) q) Tj Q",
        b"%q\nQ",
        b"/q gs Q",
        b"/OC /H BDC",
        b"/OC /H BDC /Tx BMC EMC",
        b"/OC /H 0BDC",
        b"EMC",
        b"/Tx BMC EMC EMC",
        b"BI /W 1 ID x EI Q",
        b"BI /W 1 ID x EI q EI Q",
        b"BI /W 1 Q",
    ],
)
def test_unbalanced(content):
    assert not is_balanced(content)
